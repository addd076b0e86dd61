/* SPDX-License-Identifier: Apache-2.0 */
/* YamlWrite: YAML for people, from a tree of text, lists and maps, that reads back as what it was. */
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "common/base/guid.h"
#include "common/base/visible.h"
#include "config/yaml_write.h"

enum {
        INDENT = 2,
        KEY_MAX = 1000, /* code points; libyaml looks no further than 1024 for the colon of a key */
        ESCAPE_MAX = 10, /* `\U0010FFFF` */
        BYTE_ORDER_MARK = 0xFEFF,
        NONCHARACTERS = 0xFFFE, /* the last two of each plane */
};

/* --- the tree ----------------------------------------------------------------------------------------------------- */

static YamlOut *new_node(Mem *parent, YamlType type) {
        YamlOut *node = mem_new(parent, YamlOut);

        node->type = type;
        return node;
}

YamlOut *yaml_out_text(Mem *parent, const char *text) {
        YamlOut *node = new_node(parent, YAML_TEXT);

        node->text = mem_strdup(node, text);
        return node;
}

YamlOut *yaml_out_word(Mem *parent, const char *word) {
        YamlOut *node = yaml_out_text(parent, word);

        node->is_word = true;
        return node;
}

YamlOut *yaml_out_list(Mem *parent) {
        return new_node(parent, YAML_LIST);
}

YamlOut *yaml_out_map(Mem *parent) {
        return new_node(parent, YAML_MAP);
}

YamlOut *yaml_out_add(YamlOut *list, YamlOut *item) {
        assert(list->type == YAML_LIST);
        *mem_push(list, list->items, list->n) = item;
        return item;
}

YamlOut *yaml_out_set(YamlOut *map, const char *key, YamlOut *item) {
        assert(map->type == YAML_MAP);
        *mem_push(map, map->keys, map->n_keys) = mem_strdup(map, key);
        *mem_push(map, map->items, map->n) = item;
        return item;
}

void yaml_out_comment(YamlOut *node, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        *mem_push(node, node->comments, node->n_comments) = mem_vprintf(node, format, arguments);
        va_end(arguments);
}

/* --- scalars ------------------------------------------------------------------------------------------------------ */

/* Words that some reader of YAML takes for something else than text. */
static bool is_taken(const char *scalar) {
        static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (strcasecmp(words[i], scalar) == 0)
                        return true;
        return false;
}

static bool is_object_id(const char *scalar) {
        Guid id;

        return strlen(scalar) == GUID_TEXT_SIZE - 1 && scalar[8] == '-' && guid_parse(&id, scalar) == 0;
}

static bool stands_as_it_is(uint32_t c) {
        return visible_is(c) && c != BYTE_ORDER_MARK && (c & NONCHARACTERS) != NONCHARACTERS;
}

static bool is_plain_at(const char *at, const char *begin, uint32_t c) {
        if (c >= 0x80)
                return stands_as_it_is(c);
        if (c == ':') /* of an address */
                return at[1] == '/' && at[2] == '/';
        if (c == ' ')
                return at > begin && at[1] && at[1] != ' ';
        return isalnum((int)c) || (c && strchr("-_./@+()", (int)c));
}

/* It begins with a letter, so it is no number and no sign of YAML's, and has nothing that could be one. */
static bool is_plain(const char *scalar) {
        size_t n = strlen(scalar);

        if (is_object_id(scalar))
                return true;
        if (!isalpha((unsigned char)*scalar) && (unsigned char)*scalar < 0x80)
                return false;
        for (size_t at = 0, length = 0; at < n; at += length)
                if (!is_plain_at(scalar + at, scalar, text_code_point(scalar + at, n - at, &length)))
                        return false;
        return !is_taken(scalar);
}

static void append_escaped(Text *text, uint32_t c) {
        if (c == '\n')
                text_append(text, "\\n");
        else if (c == '\t')
                text_append(text, "\\t");
        else
                text_appendf(text, c < 0x100 ? "\\x%02X" : c < 0x10000 ? "\\u%04X" : "\\U%08X", c);
}

/* The text with what cannot stand in a file escaped; quoted: quotes and backslashes too. */
static void append_safe(Text *text, const char *scalar, const char *escaped) {
        size_t n = strlen(scalar);

        for (size_t at = 0, length = 0; at < n; at += length) {
                uint32_t c = text_code_point(scalar + at, n - at, &length);

                if (c < 0x80 && strchr(escaped, (int)c))
                        text_append(text, "\\");
                if (stands_as_it_is(c))
                        text_append_bytes(text, scalar + at, length);
                else
                        append_escaped(text, c);
        }
}

static void append_quoted(Text *text, const char *scalar) {
        text_append(text, "\"");
        append_safe(text, scalar, "\"\\");
        text_append(text, "\"");
}

void yaml_write_text(Text *text, const char *scalar) {
        if (is_plain(scalar))
                text_append(text, scalar);
        else
                append_quoted(text, scalar);
}

static size_t columns(const char *piece) {
        size_t n = strlen(piece), count = 0;

        for (size_t at = 0, length = 0; at < n; at += length, count++)
                (void)text_code_point(piece + at, n - at, &length);
        return count;
}

/* Of the line that is being written. */
static size_t column(const Text *text) {
        size_t line = text->n;

        while (line > 0 && text->data[line - 1] != '\n')
                line--;
        return columns(text->data + line);
}

/* --- in one line -------------------------------------------------------------------------------------------------- */

static void append_flow(Text *text, const YamlOut *node);

static void append_flow_items(Text *text, const YamlOut *node) {
        for (size_t i = 0; i < node->n; i++) {
                if (i > 0)
                        text_append(text, ", ");
                if (node->type == YAML_MAP) {
                        yaml_write_text(text, node->keys[i]);
                        text_append(text, ": ");
                }
                append_flow(text, node->items[i]);
        }
}

static void append_flow(Text *text, const YamlOut *node) {
        bool is_map = node->type == YAML_MAP;

        if (node->type == YAML_TEXT && node->is_word) {
                text_append(text, node->text);
        } else if (node->type == YAML_TEXT) {
                yaml_write_text(text, node->text);
        } else if (node->n == 0) {
                text_append(text, is_map ? "{}" : "[]");
        } else {
                text_append(text, is_map ? "{ " : "[");
                append_flow_items(text, node);
                text_append(text, is_map ? " }" : "]");
        }
}

static bool is_long_key(const char *key) {
        Text text;
        size_t n;

        if (strlen(key) * ESCAPE_MAX < KEY_MAX)
                return false;
        text_init(&text, NULL);
        yaml_write_text(&text, key);
        n = columns(text.data);
        text_deinit(&text);
        return n > KEY_MAX;
}

static bool can_flow(const YamlOut *node) {
        if (node->type == YAML_TEXT || node->n == 0)
                return true;
        if (node->style == YAML_WRITE_BLOCK)
                return false;
        for (size_t i = 0; i < node->n; i++) {
                const YamlOut *item = node->items[i];

                if (item->n_comments > 0 || item->remark || item->is_apart || !can_flow(item) ||
                    (node->type == YAML_MAP && is_long_key(node->keys[i])))
                        return false;
        }
        return true;
}

/* The node behind what the line has already; false, and nothing: it does not fit. */
static bool append_short(Text *text, const YamlOut *node) {
        size_t before = text->n;

        if (!can_flow(node))
                return false;
        text_append(text, " ");
        append_flow(text, node);
        if (node->type == YAML_TEXT || node->n == 0 || column(text) <= YAML_WRITE_WIDTH)
                return true;
        text->n = before;
        text->data[before] = '\0';
        return false;
}

static void append_indent(Text *text, size_t indent) {
        for (size_t i = 0; i < indent; i++)
                text_append(text, " ");
}

/* Bytes up to the end of the next piece that is not broken: behind a comma that stands in no quotes. */
static size_t piece_length(const char *flow) {
        bool is_quoted = false;
        size_t n = 0;

        while (flow[n] && (is_quoted || n == 0 || flow[n - 1] != ',')) {
                if (is_quoted && flow[n] == '\\')
                        n++;
                else if (flow[n] == '"')
                        is_quoted = !is_quoted;
                n++;
        }
        return n;
}

/* What does not fit into one line, broken where items end. */
static bool append_filled(Text *text, const YamlOut *node, size_t indent) {
        Text flow;

        if (node->style != YAML_WRITE_FILL || !can_flow(node))
                return false;
        text_init(&flow, NULL);
        append_flow(&flow, node);
        for (const char *at = flow.data; *at;) {
                size_t n = piece_length(at);
                char *piece = mem_strndup(NULL, at, n);

                if (at > flow.data && column(text) + 1 + columns(piece) > YAML_WRITE_WIDTH) {
                        text_append(text, "\n");
                        append_indent(text, indent);
                } else {
                        text_append(text, " ");
                }
                text_append(text, piece);
                mem_free(piece);
                at += n + (at[n] == ' ');
        }
        text_deinit(&flow);
        return true;
}

/* --- in lines ----------------------------------------------------------------------------------------------------- */

static void append_comments(Text *text, const YamlOut *node, size_t indent) {
        if (node->is_apart)
                text_append(text, "\n");
        for (size_t i = 0; i < node->n_comments; i++) {
                append_indent(text, indent);
                text_append(text, node->comments[i][0] ? "# " : "#");
                append_safe(text, node->comments[i], "");
                text_append(text, "\n");
        }
}

static void end_line(Text *text, const YamlOut *node) {
        if (node->remark) {
                text_append(text, "  # ");
                append_safe(text, node->remark, "");
        }
        text_append(text, "\n");
}

static void append_block(Text *text, const YamlOut *node, size_t indent);

static void append_value(Text *text, const YamlOut *node, size_t indent) {
        bool fits = append_short(text, node) || append_filled(text, node, indent);

        end_line(text, node);
        if (!fits)
                append_block(text, node, indent);
}

static void append_entry(Text *text, const char *key, const YamlOut *node, size_t indent) {
        if (is_long_key(key)) {
                text_append(text, "? ");
                yaml_write_text(text, key);
                text_append(text, "\n");
                append_indent(text, indent);
        } else {
                yaml_write_text(text, key);
        }
        text_append(text, ":");
        append_value(text, node, indent + INDENT);
}

static void append_item(Text *text, const YamlOut *node, size_t indent) {
        bool begins_here = node->type == YAML_MAP && node->n > 0 && node->items[0]->n_comments == 0 && !node->remark;

        text_append(text, "-");
        if (!begins_here || can_flow(node)) {
                if (append_short(text, node) || append_filled(text, node, indent + 2 * INDENT)) {
                        end_line(text, node);
                        return;
                }
                if (!begins_here) {
                        end_line(text, node);
                        append_block(text, node, indent + INDENT);
                        return;
                }
        }
        text_append(text, " ");
        for (size_t i = 0; i < node->n; i++) {
                if (i > 0) {
                        append_comments(text, node->items[i], indent + INDENT);
                        append_indent(text, indent + INDENT);
                }
                append_entry(text, node->keys[i], node->items[i], indent + INDENT);
        }
}

static void append_block(Text *text, const YamlOut *node, size_t indent) {
        for (size_t i = 0; i < node->n; i++) {
                append_comments(text, node->items[i], indent);
                append_indent(text, indent);
                if (node->type == YAML_MAP)
                        append_entry(text, node->keys[i], node->items[i], indent);
                else
                        append_item(text, node->items[i], indent);
        }
}

void yaml_write(const YamlOut *root, Text *text) {
        append_comments(text, root, 0);
        if (root->type == YAML_TEXT || root->n == 0) {
                append_flow(text, root);
                end_line(text, root);
                return;
        }
        append_block(text, root, 0);
}

size_t yaml_write_lines(const YamlOut *root) {
        size_t n = 0;
        Text text;

        text_init(&text, NULL);
        yaml_write(root, &text);
        for (size_t i = 0; i < text.n; i++)
                n += text.data[i] == '\n';
        text_deinit(&text);
        return n;
}

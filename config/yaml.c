/* SPDX-License-Identifier: Apache-2.0 */
/* Yaml: a tree of text, lists and maps, each with its place. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "config/yaml.h"

typedef struct Anchor {
        const char *name;
        const YamlNode *node; /* NULL while it is being read */
} Anchor;

typedef struct Reader {
        yaml_parser_t parser;
        Arena *arena;
        DiagList *diags;
        const char *file;
        const char *bytes;
        size_t n_bytes;
        Anchor *anchors;
        size_t n_anchors;
        size_t n_nodes;
        Mem *scratch;
} Reader;

typedef struct NodeVector {
        YamlNode **items;
        size_t n;
} NodeVector;

static YamlNode *read_node(Reader *reader, yaml_event_t *event, int depth);

static Place place_of(const Reader *reader, const yaml_mark_t *mark) {
        return (Place){reader->file, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
}

static void complain(Reader *reader, Place place, const char *message) {
        diag_add(reader->diags, place, DIAG_ERROR, "%s", message);
}

/* The bytes of a line, counted from 0, up to its end. */
static const char *find_line(const Reader *reader, size_t line, size_t *np) {
        const char *at = reader->bytes;
        const char *end = reader->bytes + reader->n_bytes;
        const char *stop = NULL;

        for (; line > 0 && at < end; line--) {
                while (at < end && *at != '\n' && *at != '\r')
                        at++;
                at += end - at > 1 && at[0] == '\r' && at[1] == '\n' ? 2 : at < end;
        }
        for (stop = at; stop < end && *stop != '\n' && *stop != '\r';)
                stop++;
        *np = (size_t)(stop - at);
        return at;
}

/* What most often is behind a syntax error on that line; "" when nothing is seen. */
static const char *syntax_hint(const Reader *reader, const yaml_mark_t *mark) {
        size_t n = 0;
        const char *line = find_line(reader, mark->line, &n);

        for (size_t i = 0; i < n; i++) {
                if (line[i] == '\t')
                        return "; a tab stands on this line: YAML is indented with spaces";
                if (line[i] != ' ')
                        break;
        }
        for (size_t i = 0; i + 1 < n; i++) {
                bool quoted = i > 0 && (line[i - 1] == '"' || line[i - 1] == '\'');

                if (line[i] == '\t')
                        return "; a tab stands on this line: YAML is indented with spaces";
                if (line[i] == '{' && islower((unsigned char)line[i + 1]) && !quoted)
                        return "; text with a variable is quoted: \"{team}\"";
        }
        return "";
}

/* What the parser was at, and where that began when not on the same line. */
static void append_context(const yaml_parser_t *parser, Text *text) {
        if (!parser->context)
                return;
        text_appendf(text, " %s", parser->context);
        if (parser->context_mark.line < parser->problem_mark.line)
                text_appendf(text, " that began at line %zu, column %zu", parser->context_mark.line + 1,
                             parser->context_mark.column + 1);
}

static int syntax_error(Reader *reader) {
        const yaml_parser_t *parser = &reader->parser;
        const char *hint = syntax_hint(reader, &parser->problem_mark);
        Text message;

        if (!*hint && parser->context)
                hint = syntax_hint(reader, &parser->context_mark);
        if (!*hint && parser->context && strstr(parser->context, "block "))
                hint = "; what belongs together begins in the same column";
        text_init(&message, NULL);
        text_append(&message, parser->problem ? parser->problem : "not YAML");
        append_context(parser, &message);
        diag_add(reader->diags, place_of(reader, &parser->problem_mark), DIAG_ERROR,
                 "%s%s; the rest of this file is not read", message.data, hint);
        text_deinit(&message);
        return -EBADMSG;
}

static bool next_event(Reader *reader, yaml_event_t *event) {
        if (yaml_parser_parse(&reader->parser, event))
                return true;
        if (reader->parser.error == YAML_MEMORY_ERROR)
                mem_exhausted();
        (void)syntax_error(reader);
        return false;
}

static bool stop_reading(Reader *reader, Place place, const char *message) {
        diag_add(reader->diags, place, DIAG_ERROR, "%s; the rest of this file is not read",
                 message);
        return false;
}

/* Counts what a node stands for. */
static bool count_nodes(Reader *reader, Place place, size_t n) {
        reader->n_nodes += n;
        return reader->n_nodes <= YAML_NODES_MAX ||
               stop_reading(reader, place, "more than 500000 values, aliases expanded");
}

static YamlNode *new_node(Reader *reader, const yaml_event_t *event, YamlType type) {
        YamlNode *node = arena_new_object(reader->arena, YamlNode);

        node->place = place_of(reader, &event->start_mark);
        node->type = type;
        node->n_nodes = 1;
        return node;
}

static void refuse_tag(Reader *reader, const yaml_event_t *event, const yaml_char_t *tag) {
        if (tag)
                diag_add(reader->diags, place_of(reader, &event->start_mark), DIAG_ERROR,
                         "the tag %s: tags are not allowed", (const char *)tag);
}

/* Remembers a name for the node about to be read. */
static bool open_anchor(Reader *reader, const yaml_event_t *event, const yaml_char_t *name,
                        size_t *indexp) {
        *indexp = SIZE_MAX;
        if (!name)
                return true;
        if (reader->n_anchors == YAML_ANCHORS_MAX)
                return stop_reading(reader, place_of(reader, &event->start_mark),
                                    "more than 1000 anchors");
        *indexp = reader->n_anchors;
        *mem_push(reader->scratch, reader->anchors, reader->n_anchors) =
                (Anchor){.name = arena_strdup(reader->arena, (const char *)name)};
        return true;
}

static void close_anchor(Reader *reader, size_t index, const YamlNode *node) {
        if (index != SIZE_MAX)
                reader->anchors[index].node = node;
}

static bool is_null(const char *text) {
        static const char *const words[] = {"", "~", "null", "Null", "NULL"};

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
                if (strcmp(words[i], text) == 0)
                        return true;
        }
        return false;
}

static YamlNode *read_scalar(Reader *reader, const yaml_event_t *event) {
        const char *value = (const char *)event->data.scalar.value;
        YamlNode *node = new_node(reader, event, YAML_TEXT);
        size_t anchor = 0;

        node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        if (memchr(value, '\0', event->data.scalar.length)) {
                complain(reader, node->place, "text with a NUL character");
                value = "?";
        }
        node->text = arena_strdup(reader->arena, value);
        if (node->plain && is_null(value))
                node->type = YAML_NULL;
        refuse_tag(reader, event, event->data.scalar.tag);
        if (!open_anchor(reader, event, event->data.scalar.anchor, &anchor))
                return NULL;
        close_anchor(reader, anchor, node);
        return count_nodes(reader, node->place, 1) ? node : NULL;
}

static YamlNode *read_alias(Reader *reader, const yaml_event_t *event) {
        const char *name = (const char *)event->data.alias.anchor;
        Place place = place_of(reader, &event->start_mark);

        for (size_t i = reader->n_anchors; i-- > 0;) {
                const Anchor *anchor = &reader->anchors[i];

                if (strcmp(anchor->name, name) != 0)
                        continue;
                if (!anchor->node) {
                        (void)stop_reading(reader, place, "an alias within what it stands for");
                        return NULL;
                }
                return count_nodes(reader, place, anchor->node->n_nodes) ? (YamlNode *)anchor->node
                                                                         : NULL;
        }
        (void)stop_reading(reader, place, "an alias without its anchor before it");
        return NULL;
}

static void keep(Reader *reader, YamlNode *node, const NodeVector *items, const NodeVector *keys) {
        node->n = (uint32_t)items->n;
        node->items = arena_memdup(reader->arena, items->items, items->n * sizeof(*items->items));
        if (keys)
                node->keys =
                        arena_memdup(reader->arena, keys->items, keys->n * sizeof(*keys->items));
        for (size_t i = 0; i < items->n; i++)
                node->n_nodes += items->items[i]->n_nodes;
        mem_free(items->items);
        if (keys)
                mem_free(keys->items);
}

static YamlNode *read_list(Reader *reader, const yaml_event_t *start, int depth) {
        YamlNode *node = new_node(reader, start, YAML_LIST);
        NodeVector items = {0};
        size_t anchor = 0;

        refuse_tag(reader, start, start->data.sequence_start.tag);
        if (!open_anchor(reader, start, start->data.sequence_start.anchor, &anchor) ||
            !count_nodes(reader, node->place, 1))
                return NULL;
        for (;;) {
                yaml_event_t event;
                YamlNode *item = NULL;
                bool end = false;

                if (!next_event(reader, &event))
                        return NULL;
                end = event.type == YAML_SEQUENCE_END_EVENT;
                if (!end)
                        item = read_node(reader, &event, depth);
                yaml_event_delete(&event);
                if (end)
                        break;
                if (!item)
                        return NULL;
                *mem_push(reader->scratch, items.items, items.n) = item;
        }
        keep(reader, node, &items, NULL);
        close_anchor(reader, anchor, node);
        return node;
}

static int compare_key_texts(const void *x, const void *y) {
        const YamlNode *const *a = x;
        const YamlNode *const *b = y;
        int r = strcmp((*a)->text, (*b)->text);

        if (r == 0 && (*a)->place.line != (*b)->place.line)
                r = (*a)->place.line < (*b)->place.line ? -1 : 1;
        return r ? r : (*a)->place.column < (*b)->place.column ? -1 : 1;
}

static void check_duplicates(Reader *reader, const YamlNode *map) {
        YamlNode **sorted = NULL;

        if (map->n < 2)
                return;
        sorted = mem_memdup(reader->scratch, map->keys, map->n * sizeof(*sorted));
        qsort(sorted, map->n, sizeof(*sorted), compare_key_texts);
        for (size_t i = 1; i < map->n; i++) {
                if (strcmp(sorted[i - 1]->text, sorted[i]->text) == 0)
                        diag_add(reader->diags, sorted[i]->place, DIAG_ERROR,
                                 "the key `%s` stands twice; first at line %u", sorted[i]->text,
                                 sorted[i - 1]->place.line);
        }
        mem_free(sorted);
}

/* A key is text; what is none is told and read on as one. */
static YamlNode *check_key(Reader *reader, YamlNode *key) {
        YamlNode *spare = NULL;

        if (key->type == YAML_TEXT || (key->type == YAML_NULL && *key->text)) {
                if (key->plain && strcmp(key->text, "<<") == 0)
                        complain(reader, key->place, "merge keys `<<` are not allowed");
                return key;
        }
        complain(reader, key->place,
                 key->type == YAML_NULL ? "a key is missing before `:`" : "a key must be text");
        spare = arena_new_object(reader->arena, YamlNode);
        *spare = (YamlNode){.place = key->place, .type = YAML_TEXT, .n_nodes = 1, .text = "?"};
        return spare;
}

static YamlNode *read_map(Reader *reader, const yaml_event_t *start, int depth) {
        YamlNode *node = new_node(reader, start, YAML_MAP);
        NodeVector keys = {0};
        NodeVector items = {0};
        size_t anchor = 0;

        refuse_tag(reader, start, start->data.mapping_start.tag);
        if (!open_anchor(reader, start, start->data.mapping_start.anchor, &anchor) ||
            !count_nodes(reader, node->place, 1))
                return NULL;
        for (;;) {
                yaml_event_t event;
                YamlNode *child = NULL;
                bool end = false;

                if (!next_event(reader, &event))
                        return NULL;
                end = event.type == YAML_MAPPING_END_EVENT;
                if (!end)
                        child = read_node(reader, &event, depth);
                yaml_event_delete(&event);
                if (end)
                        break;
                if (!child)
                        return NULL;
                if (keys.n == items.n)
                        *mem_push(reader->scratch, keys.items, keys.n) = check_key(reader, child);
                else
                        *mem_push(reader->scratch, items.items, items.n) = child;
        }
        assert(keys.n == items.n);
        keep(reader, node, &items, &keys);
        check_duplicates(reader, node);
        close_anchor(reader, anchor, node);
        return node;
}

static YamlNode *read_node(Reader *reader, yaml_event_t *event, int depth) {
        if (depth == YAML_DEPTH_MAX) {
                (void)stop_reading(reader, place_of(reader, &event->start_mark), "nested too deep");
                return NULL;
        }
        switch (event->type) {
        case YAML_SCALAR_EVENT:
                return read_scalar(reader, event);
        case YAML_ALIAS_EVENT:
                return read_alias(reader, event);
        case YAML_SEQUENCE_START_EVENT:
                return read_list(reader, event, depth + 1);
        case YAML_MAPPING_START_EVENT:
                return read_map(reader, event, depth + 1);
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
        case YAML_DOCUMENT_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
                break;
        }
        assert(!"an event that begins no value");
        return NULL;
}

/* The event after the stream's or document's start; its deletion is the caller's. */
static bool read_document(Reader *reader, yaml_event_t *event, YamlNode **nodep) {
        const yaml_event_t *start = event;
        YamlNode *node = NULL;
        yaml_event_t value;

        if (start->data.document_start.tag_directives.start !=
            start->data.document_start.tag_directives.end)
                complain(reader, place_of(reader, &start->start_mark), "tags are not allowed");
        if (!next_event(reader, &value))
                return false;
        node = read_node(reader, &value, 0);
        yaml_event_delete(&value);
        *nodep = node;
        if (!node || !next_event(reader, &value)) /* the document's end */
                return false;
        yaml_event_delete(&value);
        return true;
}

static int read_stream(Reader *reader, YamlNode **nodep) {
        int n_documents = 0;

        *nodep = NULL;
        for (;;) {
                yaml_event_t event;
                bool fine = true;
                bool end = false;

                if (!next_event(reader, &event))
                        return -EBADMSG;
                end = event.type == YAML_STREAM_END_EVENT;
                if (event.type == YAML_DOCUMENT_START_EVENT && n_documents++ == 1) {
                        fine = stop_reading(reader, place_of(reader, &event.start_mark),
                                            "a second document in one file");
                        end = true;
                }
                if (!end && event.type == YAML_DOCUMENT_START_EVENT)
                        fine = read_document(reader, &event, nodep);
                yaml_event_delete(&event);
                if (!fine)
                        return -EBADMSG;
                if (end)
                        break;
        }
        if (!*nodep || (*nodep)->type == YAML_NULL) {
                complain(reader, (Place){reader->file, 1, 1}, "the file is empty");
                return -EBADMSG;
        }
        return 0;
}

/* What no editor shows: told with its place before libyaml, which would tell it without. */
static int check_bytes(Reader *reader) {
        Place place = {reader->file, 1, 1};
        const char *end = reader->bytes + reader->n_bytes;

        for (const char *at = reader->bytes; at < end;) {
                size_t length = 0;
                uint32_t c = text_code_point(at, (size_t)(end - at), &length);

                if (c == 0xFFFD && length == 1) {
                        (void)stop_reading(reader, place, "not UTF-8");
                        return -EBADMSG;
                }
                if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
                    (c >= 0x7F && c < 0xA0 && c != 0x85)) {
                        diag_add(reader->diags, place, DIAG_ERROR,
                                 "the control character U+%04X; the rest of this file is not read",
                                 c);
                        return -EBADMSG;
                }
                at += length;
                if (c == '\n' || (c == '\r' && (at == end || *at != '\n'))) {
                        place.line++;
                        place.column = 1;
                } else if (c != '\r') {
                        place.column++;
                }
        }
        return 0;
}

int yaml_parse(Mem *parent, const char *bytes, size_t n, const char *name, DiagList *diags,
               YamlNode **nodep) {
        Reader reader = {.diags = diags, .file = name, .bytes = bytes, .n_bytes = n};
        int r = 0;

        *nodep = NULL;
        if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
                reader.bytes += 3;
                reader.n_bytes -= 3;
        }
        reader.arena = arena_new(parent);
        reader.scratch = mem_new(NULL, char);
        r = check_bytes(&reader);
        if (r == 0) {
                if (!yaml_parser_initialize(&reader.parser))
                        mem_exhausted();
                yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
                yaml_parser_set_input_string(&reader.parser, (const unsigned char *)reader.bytes,
                                             reader.n_bytes);
                r = read_stream(&reader, nodep);
                yaml_parser_delete(&reader.parser);
        }
        mem_free(reader.scratch);
        if (r < 0) {
                mem_free(reader.arena);
                *nodep = NULL;
        }
        return r;
}

const YamlNode *yaml_get(const YamlNode *map, const char *key) {
        if (!map || map->type != YAML_MAP)
                return NULL;
        for (size_t i = 0; i < map->n; i++) {
                if (strcmp(map->keys[i]->text, key) == 0)
                        return map->items[i];
        }
        return NULL;
}

const char *yaml_type_words(const YamlNode *node) {
        switch (node->type) {
        case YAML_NULL:
                return "nothing";
        case YAML_TEXT:
                return "text";
        case YAML_LIST:
                return "a list";
        case YAML_MAP:
                return "a mapping";
        }
        assert(!"no such type");
        return "";
}

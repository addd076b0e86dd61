/* SPDX-License-Identifier: Apache-2.0 */
/* Bind: mappings of a file laid over structs by tables, one key a row. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/bind.h"
#include "config/url.h"

enum {
        KEYS_MAX = 64, /* of one table with what it includes */
};

void bind_error(Binder *binder, Place place, const char *format, ...) {
        va_list arguments;
        char *message = NULL;

        va_start(arguments, format);
        message = mem_vprintf(NULL, format, arguments);
        va_end(arguments);
        diag_add(binder->diags, place, DIAG_ERROR, "%s", message);
        mem_free(message);
}

void bind_url_error(Binder *binder, Place place, const char *url, const char *reason) {
        char *shown = url_without_secret(NULL, url);

        bind_error(binder, place, "`%s`: %s", shown, reason);
        mem_free(shown);
}

void bind_unknown(Binder *binder, Place place, const char *what, const char *word,
                  const char *const *candidates, size_t n_candidates) {
        const char *nearest = text_nearest(word, candidates, n_candidates);
        Text known;

        if (nearest) {
                bind_error(binder, place, "%s `%s`; did you mean `%s`?", what, word, nearest);
                return;
        }
        text_init(&known, NULL);
        for (size_t i = 0; i < n_candidates; i++)
                text_appendf(&known, "%s%s", i ? ", " : "; known here: ", candidates[i]);
        bind_error(binder, place, "%s `%s`%s", what, word, known.data);
        text_deinit(&known);
}

/* `{team}` without quotes is a mapping with one key that has no value. */
static const char *unquoted_variable(const YamlNode *node) {
        if (node->type != YAML_MAP || node->n != 1 || node->items[0]->type != YAML_NULL ||
            *node->items[0]->text)
                return NULL;
        return node->keys[0]->text;
}

bool bind_expect(Binder *binder, const YamlNode *node, YamlType type) {
        const YamlNode wanted = {.type = type};
        const char *variable = unquoted_variable(node);

        if (node->type == type)
                return true;
        if (variable && type != YAML_MAP)
                bind_error(binder, node->place,
                           "%s expected; text with a variable is quoted: \"{%s}\"",
                           yaml_type_words(&wanted), variable);
        else if (node->type == YAML_NULL)
                bind_error(binder, node->place, "%s expected, found nothing%s",
                           yaml_type_words(&wanted),
                           type == YAML_MAP    ? "; an empty one is written {}"
                           : type == YAML_LIST ? "; an empty one is written []"
                                               : "");
        else if (type == YAML_LIST && node->type == YAML_TEXT)
                bind_error(binder, node->place,
                           "a list expected, found text; one thing is written [%s]", node->text);
        else
                bind_error(binder, node->place, "%s expected, found %s", yaml_type_words(&wanted),
                           yaml_type_words(node));
        return false;
}

/* A short file with long variables stands for a lot of text. */
static bool is_within_bounds(Binder *binder, const YamlNode *node) {
        if (!binder->n_text || *binder->n_text <= BIND_TEXT_MAX)
                return true;
        bind_error(binder, node->place, "all text with variables filled in is longer than 64 MiB");
        return false;
}

const char *bind_text(Binder *binder, const YamlNode *node) {
        const char *text = NULL;

        if (!bind_expect(binder, node, YAML_TEXT) || !is_within_bounds(binder, node))
                return NULL;
        text = node->text;
        if (binder->variables)
                text = variables_expand(binder->arena, binder->variables, text, node->place,
                                        binder->diags);
        else
                text = arena_strdup(binder->arena, text);
        if (text && !*text) {
                bind_error(binder, node->place, "empty text");
                return NULL;
        }
        if (text && binder->n_text)
                *binder->n_text += strlen(text);
        return text;
}

int bind_choice(Binder *binder, const YamlNode *node, const char *const *choices) {
        size_t n = 0;

        if (!bind_expect(binder, node, YAML_TEXT))
                return -1;
        for (; choices[n]; n++) {
                if (strcmp(choices[n], node->text) == 0)
                        return (int)n;
        }
        bind_unknown(binder, node->place, "no such value", node->text, choices, n);
        return -1;
}

bool bind_bool(Binder *binder, const YamlNode *node, bool *valuep) {
        if (node->type == YAML_TEXT && node->plain &&
            (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)) {
                *valuep = node->text[0] == 't';
                return true;
        }
        if (node->type == YAML_TEXT)
                bind_error(binder, node->place,
                           "true or false expected, without quotes; found `%s`", node->text);
        else
                bind_error(binder, node->place, "true or false expected, found %s",
                           yaml_type_words(node));
        return false;
}

typedef struct Unit {
        const char *suffix;
        int64_t factor;
} Unit;

/* Of each unit's table the largest comes first, for writing limits. */
static const Unit integer_units[] = {{"", 1}, {NULL, 0}};
static const Unit duration_units[] = {
        {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {NULL, 0},
};
static const Unit size_units[] = {
        {"TiB", INT64_C(1) << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20},
        {"KiB", 1 << 10},          {"", 1},          {NULL, 0},
};
static const Unit percent_units[] = {{"%", 1}, {NULL, 0}};

static const struct {
        const Unit *units;
        const char *example;
} numbers[] = {
        [BIND_INTEGER] = {integer_units, "a whole number, without quotes"},
        [BIND_DURATION] = {duration_units, "a duration as 30s, 5m, 24h or 400d"},
        [BIND_SIZE] = {size_units, "a size as 64KiB, 64MiB or 4GiB"},
        [BIND_PERCENT] = {percent_units, "a percentage as 25%"},
};

static const char *write_number(const Unit *units, int64_t value, char text[static 32]) {
        for (; units->suffix; units++) {
                if (value % units->factor == 0 && (value >= units->factor || !units[1].suffix)) {
                        (void)snprintf(text, 32, "%lld%s", (long long)(value / units->factor),
                                       units->suffix);
                        return text;
                }
        }
        return "0";
}

static bool read_number(const Unit *units, const char *text, int64_t *valuep) {
        size_t n_digits = strspn(text, "0123456789");
        int64_t value = 0;

        if (n_digits == 0)
                return false;
        for (size_t i = 0; i < n_digits; i++) {
                if (__builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, text[i] - '0', &value))
                        return false;
        }
        for (; units->suffix; units++) {
                if (strcmp(units->suffix, text + n_digits) == 0)
                        return !__builtin_mul_overflow(value, units->factor, valuep);
        }
        return false;
}

bool bind_read_duration(const char *text, int64_t *msp) {
        return read_number(duration_units, text, msp);
}

static void bind_number(Binder *binder, void *target, const YamlNode *node, const BindRow *row) {
        const Unit *units = numbers[row->type].units;
        char low[32];
        char high[32];
        int64_t value = 0;

        if (!bind_expect(binder, node, YAML_TEXT))
                return;
        if (row->flags & BIND_OR_NONE && strcmp(node->text, "none") == 0) {
                *(int64_t *)target = -1;
                return;
        }
        if ((row->type == BIND_INTEGER && !node->plain) ||
            !read_number(units, node->text, &value)) {
                bind_error(binder, node->place, "%s expected%s, found `%s`",
                           numbers[row->type].example, row->flags & BIND_OR_NONE ? ", or none" : "",
                           node->text);
                return;
        }
        if (value < row->min || value > row->max) {
                bind_error(binder, node->place, "`%s` is out of range: %s to %s", node->text,
                           write_number(units, row->min, low), write_number(units, row->max, high));
                return;
        }
        *(int64_t *)target = value;
}

static void bind_text_row(Binder *binder, void *target, const YamlNode *node, const BindRow *row) {
        const char *text = bind_text(binder, node);

        if (!text)
                return;
        if (row->flags & BIND_OR_NONE && strcmp(text, "none") == 0)
                text = NULL;
        *(const char **)target = text;
}

static void bind_choice_row(Binder *binder, void *target, const YamlNode *node,
                            const BindRow *row) {
        int index = bind_choice(binder, node, row->choices);

        if (index >= 0)
                *(int *)target = index + (int)row->min;
}

static void bind_value(Binder *binder, void *target, const YamlNode *node, const BindRow *row) {
        void *at = (char *)target + row->offset;

        switch (row->type) {
        case BIND_TEXT:
                bind_text_row(binder, at, node, row);
                return;
        case BIND_BOOL:
                (void)bind_bool(binder, node, at);
                return;
        case BIND_CHOICE:
                bind_choice_row(binder, at, node, row);
                return;
        case BIND_INTEGER:
        case BIND_DURATION:
        case BIND_SIZE:
        case BIND_PERCENT:
                bind_number(binder, at, node, row);
                return;
        case BIND_NODE:
                *(const YamlNode **)at = node;
                return;
        case BIND_MAP:
                (void)bind_map(binder, node, row->table, at);
                return;
        case BIND_CALL:
                row->take(binder, at, node, row);
                return;
        case BIND_REFUSED:
        case BIND_INCLUDE:
                break;
        }
        assert(!"no row for a value");
}

typedef struct FoundRow {
        const BindRow *row;
        size_t offset; /* of the struct that the row's table describes */
} FoundRow;

static FoundRow find_row(const BindTable *table, const char *key, size_t offset) {
        for (size_t i = 0; i < table->n; i++) {
                const BindRow *row = &table->rows[i];

                if (row->type == BIND_INCLUDE) {
                        FoundRow found = find_row(row->table, key, offset + row->offset);

                        if (found.row)
                                return found;
                } else if (strcmp(row->key, key) == 0) {
                        return (FoundRow){row, offset};
                }
        }
        return (FoundRow){0};
}

/* Those that may be written. */
static size_t collect_keys(const BindTable *table, const char **keys, size_t n) {
        for (size_t i = 0; i < table->n; i++) {
                const BindRow *row = &table->rows[i];

                if (row->type == BIND_INCLUDE) {
                        n = collect_keys(row->table, keys, n);
                } else if (row->type != BIND_REFUSED) {
                        assert(n < KEYS_MAX);
                        keys[n++] = row->key;
                }
        }
        return n;
}

static void tell_unknown_key(Binder *binder, const YamlNode *key, const BindTable *table) {
        const char *keys[KEYS_MAX];

        bind_unknown(binder, key->place, "unknown key", key->text, keys,
                     collect_keys(table, keys, 0));
}

static void check_required(Binder *binder, const YamlNode *map, const BindTable *table) {
        for (size_t i = 0; i < table->n; i++) {
                const BindRow *row = &table->rows[i];

                if (row->type == BIND_INCLUDE)
                        check_required(binder, map, row->table);
                else if (row->flags & BIND_REQUIRED && !yaml_get(map, row->key))
                        bind_error(binder, map->place, "`%s` is missing", row->key);
        }
}

static void refuse_key(Binder *binder, const YamlNode *key, const BindRow *row) {
        bind_error(binder, key->place, "`%s` %s", key->text, row->why ? row->why : "is not supported yet");
}

/* A variable where a mapping may stand: told as what it is, not as an unknown key. */
static bool is_variable(const Binder *binder, const YamlNode *map, const BindTable *table) {
        const char *variable = unquoted_variable(map);

        return variable && !find_row(table, variable, 0).row && variables_have(binder->variables, variable);
}

typedef struct Seen {
        const BindRow *rows[KEYS_MAX];
        size_t n;
} Seen;

static bool is_first(Seen *seen, const BindRow *row) {
        for (size_t i = 0; i < seen->n; i++)
                if (seen->rows[i] == row)
                        return false;
        assert(seen->n < KEYS_MAX);
        seen->rows[seen->n++] = row;
        return true;
}

bool bind_map(Binder *binder, const YamlNode *map, const BindTable *table, void *target) {
        Seen seen = {0};

        if (!bind_expect(binder, map, YAML_MAP))
                return false;
        if (is_variable(binder, map, table)) {
                bind_error(binder, map->place, "text with a variable is quoted: \"{%s}\"", map->keys[0]->text);
                return false;
        }
        for (size_t i = 0; i < map->n; i++) {
                const YamlNode *key = map->keys[i];
                FoundRow found = find_row(table, key->text, 0);

                if (!found.row)
                        tell_unknown_key(binder, key, table);
                else if (!is_first(&seen, found.row))
                        continue; /* that it stands twice was told when it was read */
                else if (found.row->type == BIND_REFUSED)
                        refuse_key(binder, key, found.row);
                else
                        bind_value(binder, (char *)target + found.offset, map->items[i], found.row);
        }
        check_required(binder, map, table);
        return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Variables: what `{name}` in a text stands for. */
#include <string.h>

#include "config/variables.h"

enum {
        NAMES_MAX = 64, /* compared for the nearest one */
};

bool variables_name_is_free(const char *name) {
        static const char *const taken[] = {"team", "project", "organization"};

        if (*name < 'a' || *name > 'z')
                return false;
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
                if (strcmp(taken[i], name) == 0)
                        return false;
        return name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

static const Variable *find(const Variables *variables, const char *name, size_t n, bool *openp) {
        *openp = false;
        for (const Variables *at = variables; at; at = at->outer) {
                *openp = *openp || at->open;
                for (size_t i = 0; i < at->n; i++) {
                        const Variable *item = &at->items[i];

                        if (strlen(item->name) == n && memcmp(item->name, name, n) == 0)
                                return item;
                }
        }
        return NULL;
}

bool variables_have(const Variables *variables, const char *name) {
        bool open;

        return find(variables, name, strlen(name), &open) != NULL;
}

static void tell_unknown(const Variables *variables, const char *name, Place place,
                         DiagList *diags) {
        const char *names[NAMES_MAX];
        const char *nearest = NULL;
        size_t n = 0;

        for (const Variables *at = variables; at; at = at->outer) {
                for (size_t i = 0; i < at->n && n < NAMES_MAX; i++)
                        names[n++] = at->items[i].name;
        }
        nearest = text_nearest(name, names, n);
        if (nearest)
                diag_add(diags, place, DIAG_ERROR, "unknown variable {%s}; did you mean {%s}?",
                         name, nearest);
        else
                diag_add(diags, place, DIAG_ERROR,
                         "unknown variable {%s}; a brace that begins no variable is written {{",
                         name);
}

/* What stands between the brace at `at` and the next closing one; NULL with a diagnostic. */
static const char *expand_one(Arena *arena, const Variables *variables, const char *at, size_t n,
                              Place place, DiagList *diags) {
        bool open = false;
        const Variable *found = find(variables, at, n, &open);
        const char *name = arena_strndup(arena, at, n);

        if (found && found->value)
                return found->value;
        if (found) {
                diag_add(diags, place, DIAG_ERROR, "{%s} is empty here: no letter and no digit is left of the name", name);
                return NULL;
        }
        if (open)
                return name;
        tell_unknown(variables, name, place, diags);
        return NULL;
}

const char *variables_expand(Arena *arena, const Variables *variables, const char *text,
                             Place place, DiagList *diags) {
        const char *result = NULL;
        bool fine = true;
        Text expanded;

        if (!strchr(text, '{'))
                return arena_strdup(arena, text);
        text_init(&expanded, NULL);
        for (const char *at = text; *at && fine;) {
                size_t n_plain = strcspn(at, "{");
                const char *close = NULL;
                const char *value = NULL;

                text_append_bytes(&expanded, at, n_plain);
                at += n_plain;
                if (!*at)
                        break;
                if (at[1] == '{') {
                        text_append(&expanded, "{");
                        at += 2;
                        continue;
                }
                close = strchr(at, '}');
                if (!close) {
                        diag_add(diags, place, DIAG_ERROR,
                                 "a brace without its `}`; a literal one is written {{");
                        fine = false;
                        break;
                }
                value = expand_one(arena, variables, at + 1, (size_t)(close - at - 1), place,
                                   diags);
                fine = value != NULL;
                text_append(&expanded, value ? value : "");
                if (expanded.n > VARIABLES_TEXT_MAX) {
                        diag_add(diags, place, DIAG_ERROR,
                                 "longer than %d bytes, variables filled in", VARIABLES_TEXT_MAX);
                        fine = false;
                }
                at = close + 1;
        }
        if (fine)
                result = arena_strdup(arena, expanded.data);
        text_deinit(&expanded);
        return result;
}

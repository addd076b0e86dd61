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

static bool is_within_bounds(const Text *expanded, Place place, DiagList *diags) {
        if (expanded->n <= VARIABLES_TEXT_MAX)
                return true;
        diag_add(diags, place, DIAG_ERROR, "longer than %d bytes, variables filled in", VARIABLES_TEXT_MAX);
        return false;
}

/* Appends the plain text at the front with the brace or variable behind it; NULL with a diagnostic, else what
 * follows. */
static const char *expand_piece(Arena *arena, const Variables *variables, const char *at, Place place,
                                DiagList *diags, Text *expanded) {
        size_t n_plain = strcspn(at, "{");
        const char *close, *value;

        text_append_bytes(expanded, at, n_plain);
        at += n_plain;
        if (!*at)
                return at;
        if (at[1] == '{') {
                text_append(expanded, "{");
                return at + 2;
        }
        close = strchr(at, '}');
        if (!close) {
                diag_add(diags, place, DIAG_ERROR, "a brace without its `}`; a literal one is written {{");
                return NULL;
        }
        value = expand_one(arena, variables, at + 1, (size_t)(close - at - 1), place, diags);
        if (!value)
                return NULL;
        text_append(expanded, value);
        return close + 1;
}

const char *variables_expand(Arena *arena, const Variables *variables, const char *text, Place place,
                             DiagList *diags) {
        const char *result = NULL, *at = text;
        Text expanded;

        if (!strchr(text, '{'))
                return arena_strdup(arena, text);
        text_init(&expanded, NULL);
        while (at && *at) {
                at = expand_piece(arena, variables, at, place, diags, &expanded);
                if (at && !is_within_bounds(&expanded, place, diags))
                        at = NULL;
        }
        if (at)
                result = arena_strdup(arena, expanded.data);
        text_deinit(&expanded);
        return result;
}

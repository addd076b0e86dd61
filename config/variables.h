/* SPDX-License-Identifier: Apache-2.0 */
/* Variables: what `{name}` in a text stands for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/diag.h"

enum {
        VARIABLES_TEXT_MAX = 4096, /* bytes of a text after expansion */
};

typedef struct Variable {
        const char *name;
        const char *value; /* NULL: known, but nothing is left of it here (a slug) */
} Variable;

/* Names are looked up here, then outside. */
typedef struct Variables {
        const struct Variables *outer;
        const Variable *items;
        size_t n;
        bool open; /* a kit that nobody uses: names not found stand for themselves */
} Variables;

/* True for what `vars` and `with` may name; else VARIABLES_NAME_RULE says what is wrong. */
bool variables_name_is_free(const char *name);
#define VARIABLES_NAME_RULE                                                                                            \
        "cannot name a variable: a lower-case letter, then those, digits, `_` and `-`; none of team, project, "      \
        "organization"
/* variables may be NULL. */
bool variables_have(const Variables *variables, const char *name);
/* The text with each `{name}` replaced and `{{` as a brace; NULL with a diagnostic. */
const char *variables_expand(Arena *arena, const Variables *variables, const char *text,
                             Place place, DiagList *diags);

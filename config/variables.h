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

/* True for what may stand between braces: lower-case letters, digits, `_`, `-`; a letter first. */
bool variables_name_is_valid(const char *name);
/* The text with each `{name}` replaced and `{{` as a brace; NULL with a diagnostic. */
const char *variables_expand(Arena *arena, const Variables *variables, const char *text,
                             Place place, DiagList *diags);

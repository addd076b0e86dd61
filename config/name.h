/* SPDX-License-Identifier: Apache-2.0 */
/* Name: what the service lets a thing be called (facts §9). */
#pragma once

#include <stdbool.h>

#include "common/base/arena.h"
#include "common/model/kind.h"

/* What is wrong with a name (of nested kinds: a path with /, or "/"), as the end of a sentence;
 * NULL when nothing is. */
const char *name_problem(Arena *arena, Kind kind, const char *name);
/* A nested name in one spelling: `\` as `/`, one leading separator dropped; "/" is the root. */
const char *name_normalise_path(Arena *arena, const char *name);
/* A group every project has by itself (facts §5.4); charter.md: additive by default. */
bool name_is_builtin_group(const char *project, const char *name);
/* An administrators' group of a project or of the organisation (product.md, Brakes). */
bool name_is_administrators_group(const char *name);
/* `user@domain`; of Active Directory also `DOMAIN\user`. */
bool name_is_user(const char *name);

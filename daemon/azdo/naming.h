/* SPDX-License-Identifier: Apache-2.0 */
/* Naming: the body by which a thing is made that needs a name alone. */
#pragma once

#include "common/base/mem.h"

/* `{"name": "..."}`, below parent. */
char *naming_body(Mem *parent, const char *name);
/* The part of a path behind its last /. */
const char *naming_leaf(const char *path);
/* The path above, below parent; NULL at the top. */
char *naming_above(Mem *parent, const char *path);

/* SPDX-License-Identifier: Apache-2.0 */
/* Commit: the git commit a charter was read from. */
#pragma once

#include "common/base/mem.h"

enum {
        COMMIT_FOLDERS_MAX = 64, /* looked at from the charter's folder upwards */
};

/* The commit checked out in the work tree a file or folder lies in, links followed; below parent. NULL: it lies in none,
 * or what git keeps there cannot be read. */
char *commit_of(Mem *parent, const char *path);

/* SPDX-License-Identifier: Apache-2.0 */
/* File: the bytes of a file an operator wrote. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/diag.h"
#include "common/base/mem.h"

enum {
        FILE_SIZE_MAX = 4 * 1024 * 1024,
};

/* Reads a regular file whole; a terminator follows the bytes. 0, or negative with a diagnostic. */
int file_read(Mem *parent, const char *path, DiagList *diags, char **bytesp, size_t *np);
/* `path` as seen from the folder of `from`, unless it is absolute. */
char *file_path_beside(Mem *parent, const char *from, const char *path);
/* `path` as seen from the root, from the folder the process is in; links stay links. */
char *file_path_absolute(Mem *parent, const char *path);
/* Both name the same file, or are the same words. */
bool file_is_same(const char *a, const char *b);

/* SPDX-License-Identifier: Apache-2.0 */
/* File: the bytes of a file an operator wrote. */
#pragma once

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

/* SPDX-License-Identifier: Apache-2.0 */
/* Folder: a place for the files of one test. */
#pragma once

#include <stddef.h>

#include "common/base/mem.h"

/* A new empty folder that is removed, with its files, when it is freed. */
char *folder_new(Mem *parent);
/* The bytes of a file, terminated; NULL when there is none. */
char *folder_read(Mem *parent, const char *folder, const char *name, size_t *np);
void folder_write(const char *folder, const char *name, const char *bytes, size_t n);

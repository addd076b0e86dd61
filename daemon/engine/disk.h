/* SPDX-License-Identifier: Apache-2.0 */
/* Disk: what files of the state directory need to be there for good. */
#pragma once

#include <stddef.h>

/* All of it, however often it takes. 0 or a negative errno; -ENOSPC when nothing more is taken. */
int disk_write(int file, const char *bytes, size_t n);
/* What was written to the file lasts from now on. 0 or a negative errno. */
int disk_sync_file(const char *path);
/* What was made, renamed or removed in the folder lasts from now on. 0 or a negative errno. */
int disk_sync_folder(const char *folder);

/* SPDX-License-Identifier: Apache-2.0 */
/* AccessFiles: where access over time is kept in a state directory.
 *
 * `access/ORGANISATION/PROJECT-ID/PASS.jsonl`: a whole record, then records of changes, of the passes from PASS on
 * until the next file.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"

enum {
        ACCESS_FILE_NAME_SIZE = 64,
        ACCESS_FILE_MODE = 0640,
        ACCESS_DIRECTORY_MODE = 0750,
};

#define ACCESS_FOLDER "access"
#define ACCESS_FILE_NEW ".new" /* behind the name of one that is not whole yet */

typedef struct AccessFile {
        char name[ACCESS_FILE_NAME_SIZE];
        int64_t began; /* when the pass of its first record began, wall ms */
} AccessFile;

/* The folder of an organisation; below parent. */
char *access_folder_of(Mem *parent, const char *state_directory, const char *organization);
/* The names of the folders in it, sorted: ids of projects. 0, also when there is none; or a negative errno. */
int access_folders_list(Mem *parent, const char *folder, char ***namesp, size_t *np);
/* Those of a project's folder, oldest first. 0, also when there is none; or a negative errno. */
int access_files_list(Mem *parent, const char *folder, AccessFile **filesp, size_t *np);
/* The name of the file that a pass begins behind the last one (NULL: there is none), also when the clock was set back.
 */
char *access_file_name(Mem *parent, const char *pass, const char *last);

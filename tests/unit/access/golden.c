/* SPDX-License-Identifier: Apache-2.0 */
/* Golden: files of expected text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **golden_list(Mem *parent, const char *file, size_t *np) {
        DIR *folder = opendir(FIXTURES);
        const char **names = NULL;
        struct dirent *entry = NULL;

        *np = 0;
        assert_non_null(folder);
        while ((entry = readdir(folder)))
                if (entry->d_name[0] != '.' &&
                    access(mem_printf(parent, FIXTURES "/%s/%s", entry->d_name, file), R_OK) == 0)
                        *mem_push(parent, names, *np) =
                                mem_printf(parent, FIXTURES "/%s", entry->d_name);
        closedir(folder);
        assert_true(*np > 0);
        qsort(names, *np, sizeof(*names), compare_names);
        return names;
}

void golden_compare(const char *path, const char *text) {
        Mem *mem = mem_alloc_zero(NULL, 1, "golden");

        if (getenv("UPDATE_GOLDEN")) {
                FILE *file = fopen(path, "wb");

                assert_non_null(file);
                assert_true(fputs(text, file) >= 0);
                assert_int_equal(fclose(file), 0);
        } else if (strcmp(live_file(mem, path, NULL), text) != 0) {
                fail_msg("%s differs; what came:\n%s", path, text);
        }
        mem_free(mem);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Fixture: files of tests/fixtures/config, with the text expected of each beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/config/fixture.h"

void fixture_enter(void) {
        if (chdir(FIXTURES) < 0) {
                (void)fprintf(stderr, "%s: %s\n", FIXTURES, strerror(errno));
                exit(EXIT_FAILURE);
        }
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **fixture_list(Mem *parent, const char *folder, const char *suffix, size_t *np) {
        DIR *open_folder = opendir(folder);
        const char **names = NULL;
        const struct dirent *entry;

        *np = 0;
        if (!open_folder)
                fail_msg("%s: %s", folder, strerror(errno));
        while ((entry = readdir(open_folder))) {
                size_t n = strlen(entry->d_name), n_suffix = strlen(suffix);

                if (entry->d_name[0] != '.' && n > n_suffix && strcmp(entry->d_name + n - n_suffix, suffix) == 0)
                        *mem_push(parent, names, *np) = mem_strndup(parent, entry->d_name, n - n_suffix);
        }
        closedir(open_folder);
        assert_true(*np > 0);
        qsort(names, *np, sizeof *names, compare_names);
        return names;
}

char *fixture_read(Mem *parent, const char *path, size_t *np) {
        FILE *file = fopen(path, "rb");
        Text text;
        int c;

        if (!file)
                fail_msg("%s: %s", path, strerror(errno));
        text_init(&text, parent);
        while ((c = fgetc(file)) != EOF) {
                char byte = (char)c;

                text_append_bytes(&text, &byte, 1);
        }
        assert_int_equal(fclose(file), 0);
        *np = text.n;
        return text.data;
}

void fixture_compare(const char *path, const char *text) {
        size_t n;
        char *expected;

        if (getenv("UPDATE_GOLDEN")) {
                FILE *file = fopen(path, "wb");

                assert_non_null(file);
                assert_true(fputs(text, file) >= 0);
                assert_int_equal(fclose(file), 0);
                return;
        }
        expected = fixture_read(NULL, path, &n);
        if (strcmp(expected, text) != 0)
                fail_msg("%s differs; what came:\n%s", path, text);
        mem_free(expected);
}

void fixture_print_diags(DiagList *diags, Text *text) {
        diag_list_sort(diags);
        diag_list_print(diags, text);
}

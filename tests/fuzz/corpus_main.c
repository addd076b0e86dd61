/* SPDX-License-Identifier: Apache-2.0 */
/* CorpusMain: gives every file of a folder to a fuzz target, so that old findings are ordinary
 * tests. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/target.h"

enum {
        FILE_SIZE_MAX = 16 * 1024 * 1024
};

static int is_file(const struct dirent *entry) {
        return entry->d_name[0] != '.';
}

static int run_file(const char *folder, const char *name) {
        char *path = NULL;
        uint8_t *bytes = NULL;
        FILE *file = NULL;
        size_t n = 0;

        if (asprintf(&path, "%s/%s", folder, name) < 0)
                abort();
        file = fopen(path, "rb");
        bytes = malloc(FILE_SIZE_MAX);
        if (!file || !bytes) {
                (void)fprintf(stderr, "%s cannot be read\n", path);
                return -1;
        }
        n = fread(bytes, 1, FILE_SIZE_MAX, file);
        (void)fclose(file);
        printf("%s: %zu bytes\n", name, n);
        (void)fflush(stdout); /* the one that ends the process is the last one named */
        /* Of its own size, so that a step beyond its end is seen. */
        bytes = realloc(bytes, n ? n : 1);
        if (!bytes)
                abort();
        (void)LLVMFuzzerTestOneInput(bytes, n);
        free(bytes);
        free(path);
        return 0;
}

int main(int n_arguments, char **arguments) {
        struct dirent **entries = NULL;
        int n = 0;
        int result = 0;

        if (n_arguments != 2) {
                (void)fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
                return 64;
        }
        n = scandir(arguments[1], &entries, is_file, alphasort);
        if (n <= 0) {
                (void)fprintf(stderr, "%s holds no file\n", arguments[1]);
                return 1;
        }
        (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
        for (int i = 0; i < n; i++) {
                if (run_file(arguments[1], entries[i]->d_name) < 0)
                        result = 1;
                free(entries[i]);
        }
        free(entries);
        return result;
}

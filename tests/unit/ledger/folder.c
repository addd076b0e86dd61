/* SPDX-License-Identifier: Apache-2.0 */
/* Folder: a place for the files of one test. */
#include <assert.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ledger/folder.h"

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at) {
        return remove(path);
}

static int folder_destroy(void *object) {
        nftw(object, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        return 0;
}

char *folder_new(Mem *parent) {
        const char *above = getenv("TMPDIR");
        char *path = mem_printf(parent, "%s/charterd-test-XXXXXX", above && *above ? above : "/tmp");
        char *made = mkdtemp(path);

        assert(made);
        mem_on_free(path, folder_destroy);
        return path;
}

char *folder_read(Mem *parent, const char *folder, const char *name, size_t *np) {
        char *path = mem_printf(NULL, "%s/%s", folder, name);
        FILE *file = fopen(path, "r");
        char *bytes = NULL;
        long n = 0;

        mem_free(path);
        if (!file)
                return NULL;
        fseek(file, 0, SEEK_END);
        n = ftell(file);
        rewind(file);
        bytes = mem_alloc_zero(parent, (size_t)n + 1, "file");
        *np = fread(bytes, 1, (size_t)n, file);
        assert(*np == (size_t)n);
        fclose(file);
        return bytes;
}

void folder_write(const char *folder, const char *name, const char *bytes, size_t n) {
        char *path = mem_printf(NULL, "%s/%s", folder, name);
        FILE *file = fopen(path, "w");
        size_t written = 0;

        assert(file);
        written = fwrite(bytes, 1, n, file);
        assert(written == n);
        fclose(file);
        mem_free(path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Commit: the git commit a charter was read from. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/commit.h"

enum {
        LINE_SIZE = 4096,
        COMMIT_LENGTH_MIN = 40, /* SHA-1; 64 with SHA-256 */
        COMMIT_LENGTH_MAX = 64,
};

/* The first line that ends with `ending` (NULL: the first), without its end; NULL when there is none. */
static char *read_line(Mem *parent, const char *path, const char *ending) {
        FILE *file = fopen(path, "re");
        char line[LINE_SIZE];
        char *found = NULL;

        while (file && !found && fgets(line, sizeof line, file)) {
                size_t n = strcspn(line, "\r\n"), n_ending = ending ? strlen(ending) : 0;

                line[n] = 0;
                if (n >= n_ending && (!ending || strcmp(line + n - n_ending, ending) == 0))
                        found = mem_strdup(parent, line);
        }
        if (file)
                fclose(file);
        return found;
}

static bool is_commit(const char *text) {
        size_t n = 0;

        while (text && isxdigit((unsigned char)text[n]))
                n++;
        return text && !text[n] && n >= COMMIT_LENGTH_MIN && n <= COMMIT_LENGTH_MAX;
}

static char *after(Mem *parent, const char *line, const char *prefix) {
        size_t n = strlen(prefix);

        return line && strncmp(line, prefix, n) == 0 ? mem_strdup(parent, line + n) : NULL;
}

/* A work tree's `.git` is a folder, or a file that names one. */
static char *find_git_folder(Mem *scratch, const char *folder) {
        char *git = mem_printf(scratch, "%s/.git", folder), *named;
        struct stat status;

        if (stat(git, &status) < 0)
                return NULL;
        if (S_ISDIR(status.st_mode))
                return git;
        named = after(scratch, read_line(scratch, git, NULL), "gitdir: ");
        if (!named)
                return NULL;
        return named[0] == '/' ? named : mem_printf(scratch, "%s/%s", folder, named);
}

/* Further work trees share the branches of the first. */
static char *find_shared_folder(Mem *scratch, const char *git) {
        const char *shared = read_line(scratch, mem_printf(scratch, "%s/commondir", git), NULL);

        if (!shared)
                return mem_strdup(scratch, git);
        return shared[0] == '/' ? mem_strdup(scratch, shared) : mem_printf(scratch, "%s/%s", git, shared);
}

static char *read_branch(Mem *scratch, const char *git, const char *branch) {
        const char *shared = find_shared_folder(scratch, git);
        char *commit = read_line(scratch, mem_printf(scratch, "%s/%s", shared, branch), NULL), *packed;

        if (is_commit(commit))
                return commit;
        packed = read_line(scratch, mem_printf(scratch, "%s/packed-refs", shared), mem_printf(scratch, " %s", branch));
        if (packed)
                packed[strcspn(packed, " ")] = 0;
        return packed;
}

static char *read_head(Mem *scratch, const char *git) {
        char *head = read_line(scratch, mem_printf(scratch, "%s/HEAD", git), NULL);
        char *branch = after(scratch, head, "ref: ");

        return branch ? read_branch(scratch, git, branch) : head;
}

char *commit_of(Mem *parent, const char *path) {
        Mem *scratch = mem_new(NULL, char);
        char *real = realpath(path, NULL), *commit = NULL, *git = NULL;

        for (unsigned i = 0; real && real[0] && !git && i < COMMIT_FOLDERS_MAX; i++) {
                char *slash = strrchr(real, '/');

                git = find_git_folder(scratch, real);
                if (!slash)
                        break;
                *slash = 0;
        }
        if (git)
                commit = read_head(scratch, git);
        commit = is_commit(commit) ? mem_strdup(parent, commit) : NULL;
        free(real);
        mem_free(scratch);
        return commit;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* AccessFiles: where access over time is kept in a state directory. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "daemon/engine/access_files.h"

#define FILE_END ".jsonl"

enum {
        PASS_LENGTH = 16,      /* hex digits of a pass's id */
        PASS_TIME_LENGTH = 11, /* of them, of when it began */
        DIGEST_LENGTH = 8,     /* of an organisation's address, behind its readable name */
        READABLE_MAX = 80,
};

/* `dev.azure.com_contoso-1a2b3c4d`: what can be read of the address; the digest tells apart what looks alike. */
char *access_folder_of(Mem *parent, const char *state_directory, const char *organization) {
        const char *rest = strstr(organization, "://");
        char digest[DIGEST_TEXT_SIZE];
        char readable[READABLE_MAX + 1];
        char *lower = mem_strdup(NULL, organization);
        char *folder = NULL;
        size_t n = 0;

        for (char *at = lower; *at; at++)
                *at = (char)tolower((unsigned char)*at);
        digest_sha256(lower, strlen(lower), digest);
        for (const char *at = lower + (rest ? rest + 3 - organization : 0); *at && n < READABLE_MAX; at++, n++)
                readable[n] = isalnum((unsigned char)*at) || (*at == '.' && n > 0) || *at == '-' ? *at : '_';
        readable[n] = '\0';
        folder = mem_printf(parent, "%s/" ACCESS_FOLDER "/%s-%.*s", state_directory, readable, DIGEST_LENGTH, digest);
        mem_free(lower);
        return folder;
}

char *access_file_name(Mem *parent, const char *pass, const char *last) {
        if (!last || strncmp(pass, last, PASS_LENGTH) > 0)
                return mem_printf(parent, "%s" FILE_END, pass);
        return mem_printf(parent, "%0*" PRIx64 FILE_END, PASS_LENGTH, (uint64_t)strtoull(last, NULL, 16) + 1);
}

static bool read_name(const char *name, AccessFile *file) {
        char time[PASS_TIME_LENGTH + 1] = {0};

        if (strlen(name) != PASS_LENGTH + strlen(FILE_END) || strcmp(name + PASS_LENGTH, FILE_END) != 0)
                return false;
        for (size_t i = 0; i < PASS_LENGTH; i++)
                if (!isxdigit((unsigned char)name[i]))
                        return false;
        memcpy(time, name, PASS_TIME_LENGTH);
        memcpy(file->name, name, strlen(name) + 1);
        file->began = (int64_t)strtoull(time, NULL, 16);
        return true;
}

static int compare_files(const void *a, const void *b) {
        return strcmp(((const AccessFile *)a)->name, ((const AccessFile *)b)->name);
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef void (*EntryFn)(void *context, const char *name);

static int each_entry(const char *folder, EntryFn fn, void *context) {
        DIR *directory = opendir(folder);
        struct dirent *entry = NULL;
        int r = 0;

        if (!directory)
                return errno == ENOENT ? 0 : -errno;
        for (errno = 0; (entry = readdir(directory)); errno = 0)
                if (entry->d_name[0] != '.')
                        fn(context, entry->d_name);
        r = -errno;
        closedir(directory);
        return r;
}

typedef struct Listing {
        Mem *parent;
        AccessFile *files;
        char **names;
        size_t n;
} Listing;

static void add_file(void *context, const char *name) {
        Listing *listing = context;
        AccessFile file;

        if (read_name(name, &file))
                *mem_push(listing->parent, listing->files, listing->n) = file;
}

static void add_name(void *context, const char *name) {
        Listing *listing = context;

        *mem_push(listing->parent, listing->names, listing->n) = mem_strdup(listing->parent, name);
}

int access_files_list(Mem *parent, const char *folder, AccessFile **filesp, size_t *np) {
        Listing listing = {.parent = parent};
        int r = each_entry(folder, add_file, &listing);

        if (listing.n > 1)
                qsort(listing.files, listing.n, sizeof *listing.files, compare_files);
        *filesp = listing.files;
        *np = listing.n;
        return r;
}

int access_folders_list(Mem *parent, const char *folder, char ***namesp, size_t *np) {
        Listing listing = {.parent = parent};
        int r = each_entry(folder, add_name, &listing);

        if (listing.n > 1)
                qsort(listing.names, listing.n, sizeof *listing.names, compare_names);
        *namesp = listing.names;
        *np = listing.n;
        return r;
}

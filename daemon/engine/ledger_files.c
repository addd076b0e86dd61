/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerFiles: the files that make up the ledger of a state directory, oldest first. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/json.h"
#include "daemon/engine/chain.h"
#include "daemon/engine/ledger_files.h"
#include "daemon/engine/line_reader.h"

#define ROTATED_START "ledger-"
#define ROTATED_END ".jsonl"

enum {
        LOOKS_MAX = 100, /* until a folder is the same twice */
        PATH_SIZE = 4096,
};

const char *ledger_files_name(uint64_t first_seq, char name[static LEDGER_FILE_NAME_SIZE]) {
        snprintf(name, LEDGER_FILE_NAME_SIZE, ROTATED_START "%012" PRIu64 ROTATED_END, first_seq);
        return name;
}

/* --- names --- */

/* The number in `ledger-N.jsonl`; 0: the name has another form. */
static uint64_t rotated_number(const char *name) {
        char *end = NULL;
        uint64_t number = 0;

        if (strncmp(name, ROTATED_START, sizeof ROTATED_START - 1) != 0)
                return 0;
        name += sizeof ROTATED_START - 1;
        if (!isdigit((unsigned char)*name))
                return 0;
        errno = 0;
        number = strtoull(name, &end, 10);
        return errno == 0 && strcmp(end, ROTATED_END) == 0 ? number : 0;
}

/* What logrotate makes of the name: a number, or a date with or without the time. */
static bool is_moved_name(const char *name) {
        size_t n = sizeof LEDGER_FILE - 1;

        if (strncmp(name, LEDGER_FILE, n) != 0 || (name[n] != '.' && name[n] != '-'))
                return false;
        name += n + 1;
        return isdigit((unsigned char)*name) && name[strspn(name, "0123456789-")] == '\0';
}

static bool read_name(const char *name, LedgerFile *file) {
        if (strlen(name) >= sizeof file->name)
                return false;
        *file = (LedgerFile){.file = -1, .first_seq = rotated_number(name)};
        snprintf(file->name, sizeof file->name, "%s", name);
        if (strcmp(name, LEDGER_FILE) == 0)
                file->origin = LEDGER_FILE_CURRENT;
        else if (file->first_seq > 0)
                file->origin = LEDGER_FILE_ROTATED;
        else if (is_moved_name(name))
                file->origin = LEDGER_FILE_MOVED;
        else
                return false;
        return true;
}

/* --- looking --- */

static int files_destroy(void *object) {
        LedgerFiles *files = object;

        for (size_t i = 0; i < files->n; i++)
                if (files->items[i].file >= 0)
                        close(files->items[i].file);
        return 0;
}

static int compare_names(const void *a_, const void *b_) {
        const LedgerFile *a = a_, *b = b_;

        return strcmp(a->name, b->name);
}

/* Their names, in the order of names. */
static int list_names(Mem *parent, const char *directory, LedgerFiles **filesp) {
        LedgerFiles *files = mem_new(parent, LedgerFiles);
        DIR *folder = opendir(directory);
        LedgerFile file;
        int r = 0;

        mem_on_free(files, files_destroy);
        *filesp = files;
        if (!folder)
                return errno == ENOENT ? 0 : -errno;
        for (;;) {
                const struct dirent *entry = NULL;

                errno = 0;
                entry = readdir(folder);
                if (!entry)
                        break;
                if (read_name(entry->d_name, &file))
                        *mem_push(files, files->items, files->n) = file;
        }
        r = -errno;
        closedir(folder);
        if (files->n > 1)
                qsort(files->items, files->n, sizeof *files->items, compare_names);
        return r;
}

static bool is_same(const LedgerFiles *a, const LedgerFiles *b) {
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (strcmp(a->items[i].name, b->items[i].name) != 0)
                        return false;
        return true;
}

/* 1: one of them is not there any more. */
static int open_each(LedgerFiles *files, const char *directory) {
        char path[PATH_SIZE];

        for (size_t i = 0; i < files->n; i++) {
                LedgerFile *file = &files->items[i];

                if (snprintf(path, sizeof path, "%s/%s", directory, file->name) >= (int)sizeof path)
                        return -ENAMETOOLONG;
                file->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
                if (file->file < 0)
                        return errno == ENOENT ? 1 : -errno;
        }
        return 0;
}

/* 1: it changed meanwhile: a file goes by another name, or is gone. */
static int look(Mem *parent, const char *directory, LedgerFiles **filesp) {
        LedgerFiles *after = NULL;
        int r = list_names(parent, directory, filesp);

        if (r == 0)
                r = open_each(*filesp, directory);
        if (r == 0) {
                r = list_names(parent, directory, &after);
                if (r == 0)
                        r = !is_same(*filesp, after);
                mem_free(after);
        }
        if (r != 0)
                *filesp = mem_free(*filesp);
        return r;
}

/* --- their order --- */

/* The first record that can be read tells where the file belongs. */
static int read_start(LedgerFiles *files, LedgerFile *file) {
        LineReader reader;
        JsonNode *record = NULL;
        const char *reason = NULL;
        struct stat info;
        char *line = NULL;
        size_t n_line = 0;
        uint64_t seq = 0;
        int r = 0;

        if (fstat(file->file, &info) < 0)
                return -errno;
        if (!S_ISREG(info.st_mode))
                return -EINVAL;
        line_reader_init(&reader, file->file, CHAIN_LINE_SIZE_MAX);
        while (seq == 0 && (r = line_reader_next(&reader, &line, &n_line)) > 0)
                seq = chain_line_seq(line, n_line);
        if (seq > 0) {
                Mem *mem = mem_new(NULL, char);

                if (file->origin != LEDGER_FILE_ROTATED)
                        file->first_seq = seq;
                file->first_time = chain_line_time(line, n_line);
                if (json_parse(mem, line, n_line, &record, &reason) == 0)
                        file->previous = mem_strdup(files, json_get_text(record, "previous"));
                mem_free(mem);
        }
        line_reader_deinit(&reader);
        if (r < 0 && r != -EFBIG) /* a line that is too long is told by who reads it */
                return r;
        return lseek(file->file, 0, SEEK_SET) < 0 ? -errno : 0;
}

static int compare_starts(const void *a_, const void *b_) {
        const LedgerFile *a = a_, *b = b_;
        int order = (a->origin == LEDGER_FILE_CURRENT) - (b->origin == LEDGER_FILE_CURRENT);

        if (order == 0)
                order = (a->first_seq > b->first_seq) - (a->first_seq < b->first_seq);
        return order ? order : strcmp(a->name, b->name);
}

int ledger_files_open(Mem *parent, const char *directory, LedgerFiles **filesp,
                      const char **reasonp) {
        const char *name = "";
        int r = 1;

        *filesp = NULL;
        for (int i = 0; r > 0 && i < LOOKS_MAX; i++)
                r = look(parent, directory, filesp);
        if (r > 0)
                r = -EAGAIN;
        for (size_t i = 0; r == 0 && i < (*filesp)->n; i++) {
                name = (*filesp)->items[i].name;
                r = read_start(*filesp, &(*filesp)->items[i]);
        }
        if (r < 0) {
                *reasonp = mem_printf(parent, "%s/%s: %s", directory, name, strerror(-r));
                *filesp = mem_free(*filesp);
                return r;
        }
        if ((*filesp)->n > 1)
                qsort((*filesp)->items, (*filesp)->n, sizeof *(*filesp)->items, compare_starts);
        return 0;
}

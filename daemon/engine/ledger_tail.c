/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerTail: the last records of a ledger, without reading all of it. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/engine/ledger_files.h"
#include "daemon/engine/ledger_tail.h"

/* What there is of so many bytes; or a negative errno. */
static ssize_t read_at(int file, off_t offset, char *bytes, size_t size) {
        size_t n = 0;

        while (n < size) {
                ssize_t more = pread(file, bytes + n, size - n, offset + (off_t)n);

                if (more < 0 && errno == EINTR)
                        continue;
                if (more < 0)
                        return -errno;
                if (more == 0)
                        break;
                n += (size_t)more;
        }
        return (ssize_t)n;
}

/* Whole lines alone: the first of a file that is not read from its beginning is not, unless the byte before ends one. */
static void append_whole(Text *text, const char *bytes, size_t n, bool is_cut) {
        const char *begin = bytes, *end = bytes + n;

        if (is_cut) {
                begin = memchr(bytes, '\n', n);
                begin = begin ? begin + 1 : end;
        }
        while (end > begin && end[-1] != '\n')
                end--;
        text_append_bytes(text, begin, (size_t)(end - begin));
}

static int append_end(int file, off_t file_size, size_t size, Text *text) {
        bool is_cut = (off_t)size < file_size;
        off_t offset = is_cut ? file_size - (off_t)size - 1 : 0;
        char *bytes = mem_alloc_array(NULL, 1, size + 1, "ledger tail");
        ssize_t n = read_at(file, offset, bytes, is_cut ? size + 1 : size);

        if (n > 0)
                append_whole(text, bytes, (size_t)n, is_cut);
        mem_free(bytes);
        return n < 0 ? (int)n : 0;
}

/* From the last one back: the first file that is needed, and how much of its end. */
static int find_first(const LedgerFiles *files, size_t size, size_t *firstp, size_t *sizep) {
        struct stat info;

        *firstp = files->n;
        for (size_t i = files->n; i-- > 0 && size > 0;) {
                if (fstat(files->items[i].file, &info) < 0)
                        return -errno;
                *firstp = i;
                *sizep = size;
                size = (off_t)size > info.st_size ? size - (size_t)info.st_size : 0;
        }
        return 0;
}

static int append_files(const LedgerFiles *files, size_t size, Text *text) {
        size_t first = 0, n_first = 0;
        struct stat info;
        int r = find_first(files, size, &first, &n_first);

        for (size_t i = first; r == 0 && i < files->n; i++) {
                if (fstat(files->items[i].file, &info) < 0)
                        return -errno;
                r = append_end(files->items[i].file, info.st_size,
                               i == first && (off_t)n_first < info.st_size ? n_first : (size_t)info.st_size, text);
        }
        return r;
}

int ledger_tail(Mem *parent, const char *directory, size_t size, Text *text, const char **reasonp) {
        LedgerFiles *files = NULL;
        int r;

        *reasonp = NULL;
        r = ledger_files_open(parent, directory, &files, reasonp);
        if (r == 0)
                r = append_files(files, size, text);
        if (r < 0 && !*reasonp)
                *reasonp = mem_printf(parent, "%s: the ledger cannot be read: %s", directory, strerror(-r));
        mem_free(files);
        return r;
}

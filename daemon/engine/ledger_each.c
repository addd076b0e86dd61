/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerEach: the records of a ledger, one after the other, over all its files. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/ledger_files.h"
#include "daemon/engine/line_reader.h"

enum {
        READ_SIZE = 16 * 1024,
};

typedef struct EachLine {
        const LedgerFilter *filter;
        LedgerPlaceFn fn;
        void *context;
} EachLine;

/* One that is called without the place. */
typedef struct Placeless {
        LedgerFn fn;
        void *context;
} Placeless;

static bool filter_passes(const LedgerFilter *filter, const JsonNode *record) {
        const char *time = json_get_text(record, "time");
        const char *project = json_get_text(record, "project");
        int64_t wall = 0;

        if (!filter)
                return true;
        if (filter->since && (!time || clock_parse(&wall, time) < 0 || wall < filter->since))
                return false;
        return !filter->project || !project || text_equal(project, filter->project);
}

static int give_line(const EachLine *each, const char *line, const LedgerPlace *place, const char **reasonp) {
        Mem *mem = mem_alloc_zero(NULL, 1, "line");
        JsonNode *record = NULL;
        int r = json_parse(mem, line, place->n, &record, reasonp);

        if (r == 0 && chain_record_seq(record) == 0) {
                *reasonp = "it is not a record";
                r = -EBADMSG;
        }
        if (r == 0 && filter_passes(each->filter, record))
                r = each->fn(each->context, record, line, place);
        mem_free(mem);
        return r;
}

/* Negative with *reasonp a constant sentence and *linep its line, or with the errno alone. */
static int give_file(const EachLine *each, const LedgerFiles *files, size_t file, uint64_t *linep,
                     const char **reasonp) {
        LineReader reader;
        char *line = NULL;
        size_t n_line = 0;
        int r = 0;

        line_reader_init(&reader, files->items[file].file, LEDGER_LINE_SIZE_MAX);
        *linep = 0;
        while ((r = line_reader_next(&reader, &line, &n_line)) > 0) {
                LedgerPlace place = {
                        .file = file, .offset = reader.offset - (off_t)n_line - 1, .n = n_line};

                ++*linep;
                r = give_line(each, line, &place, reasonp);
                if (r < 0)
                        break;
        }
        if (r == -EFBIG && !*reasonp) {
                ++*linep;
                *reasonp = "it is too long";
        }
        line_reader_deinit(&reader);
        return r;
}

int ledger_each_file(Mem *parent, const char *directory, const LedgerFiles *files,
                     const LedgerEach *spec, const char **reasonp) {
        const EachLine each = {.filter = spec->filter, .fn = spec->fn, .context = spec->context};
        int r = 0;

        *reasonp = NULL;
        for (size_t i = 0; r == 0 && i < files->n; i++) {
                const char *reason = NULL;
                uint64_t line = 0;

                r = give_file(&each, files, i, &line, &reason);
                if (reason)
                        *reasonp = mem_printf(parent,
                                              "%s/%s:%" PRIu64 ": the ledger is damaged: %s; see "
                                              "`charterd history --verify`",
                                              directory, files->items[i].name, line, reason);
        }
        return r;
}

int ledger_read_line(const LedgerFiles *files, const LedgerPlace *place, Text *text) {
        size_t n = 0;

        text->n = 0;
        while (n < place->n) {
                char bytes[READ_SIZE];
                size_t wanted = place->n - n < sizeof bytes ? place->n - n : sizeof bytes;
                ssize_t n_read = pread(files->items[place->file].file, bytes, wanted, place->offset + (off_t)n);

                if (n_read < 0 && errno == EINTR)
                        continue;
                if (n_read <= 0)
                        return n_read < 0 ? -errno : -EIO;
                text_append_bytes(text, bytes, (size_t)n_read);
                n += (size_t)n_read;
        }
        return 0;
}

static int give_placeless(void *context, const JsonNode *record, const char *line, const LedgerPlace *place) {
        const Placeless *self = context;

        return self->fn(self->context, record, line);
}

int ledger_each(Mem *parent, const char *directory, const LedgerFilter *filter, LedgerFn fn,
                void *context, const char **reasonp) {
        Placeless self = {.fn = fn, .context = context};
        LedgerFiles *files = NULL;
        int r = 0;

        *reasonp = NULL;
        r = ledger_files_open(parent, directory, &files, reasonp);
        if (r == 0)
                r = ledger_each_file(parent, directory, files,
                                     &(LedgerEach){.filter = filter, .fn = give_placeless, .context = &self},
                                     reasonp);
        mem_free(files);
        return r;
}

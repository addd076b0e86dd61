/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerEach: the records of a ledger, one after the other, over all its files. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/ledger_files.h"
#include "daemon/engine/line_reader.h"

typedef struct EachLine {
        const LedgerFilter *filter;
        LedgerFn fn;
        void *context;
} EachLine;

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

static int give_line(const EachLine *each, const char *line, size_t n_line, const char **reasonp) {
        Mem *mem = mem_alloc_zero(NULL, 1, "line");
        JsonNode *record = NULL;
        int r = json_parse(mem, line, n_line, &record, reasonp);

        if (r == 0 && chain_record_seq(record) == 0) {
                *reasonp = "it is not a record";
                r = -EBADMSG;
        }
        if (r == 0 && filter_passes(each->filter, record))
                r = each->fn(each->context, record, line);
        mem_free(mem);
        return r;
}

/* Negative with *reasonp a constant sentence and *linep its line, or with the errno alone. */
static int give_file(const EachLine *each, const LedgerFile *file, uint64_t *linep,
                     const char **reasonp) {
        LineReader reader;
        char *line = NULL;
        size_t n_line = 0;
        int r = 0;

        line_reader_init(&reader, file->file, LEDGER_LINE_SIZE_MAX);
        *linep = 0;
        while ((r = line_reader_next(&reader, &line, &n_line)) > 0) {
                ++*linep;
                r = give_line(each, line, n_line, reasonp);
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

int ledger_each(Mem *parent, const char *directory, const LedgerFilter *filter, LedgerFn fn,
                void *context, const char **reasonp) {
        const EachLine each = {.filter = filter, .fn = fn, .context = context};
        LedgerFiles *files = NULL;
        int r = 0;

        *reasonp = NULL;
        r = ledger_files_open(parent, directory, &files, reasonp);
        for (size_t i = 0; r == 0 && i < files->n; i++) {
                const char *name = files->items[i].name, *reason = NULL;
                uint64_t line = 0;

                r = give_file(&each, &files->items[i], &line, &reason);
                if (reason)
                        *reasonp = mem_printf(parent,
                                              "%s/%s:%" PRIu64 ": the ledger is damaged: %s; see "
                                              "`charterd history --verify`",
                                              directory, name, line, reason);
        }
        mem_free(files);
        return r;
}

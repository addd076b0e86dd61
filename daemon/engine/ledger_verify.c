/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerVerify: whether the chain of a ledger is whole, over all its files. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "common/base/clock.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/ledger_event.h"
#include "daemon/engine/ledger_files.h"
#include "daemon/engine/line_reader.h"

enum {
        /* A line that is being written is whole soon; one that a crash tore stays as it is. */
        WRITING_MS = 2 * 1000, /* so lately the file was written to */
        WRITING_LOOKS_MAX = 10,
        WRITING_PAUSE_NS = 20 * 1000 * 1000,
        MS_PER_SECOND = 1000,
};

/* Records that are not here, before the first line of a file. */
typedef struct Gap {
        const LedgerFile *file;
        uint64_t last; /* the number of the last of them */
        char *head;    /* and its hash, as the next one names it */
} Gap;

typedef struct Removal {
        uint64_t last;
        char *head;
} Removal;

typedef struct Verifying {
        Mem *mem;    /* goes at the end */
        Mem *parent; /* of what the verdict says */
        const char *expected;
        LedgerVerdict *verdict;
        ChainEnd end;
        const LedgerFile *file;
        uint64_t line;      /* of the file */
        uint64_t line_last; /* of the line that is the end, with its file */
        const LedgerFile *file_last;
        Gap *gaps;
        size_t n_gaps;
        Removal *removals;
        size_t n_removals;
} Verifying;

/* 1 */
static int found_bad(Verifying *self, const LedgerFile *file, uint64_t line, const char *reason) {
        LedgerVerdict *verdict = self->verdict;

        verdict->bad_file = mem_strdup(self->parent, file->name);
        verdict->bad_line = line;
        verdict->reason = reason;
        return 1;
}

static void found_expected(Verifying *self, const char *file, uint64_t line) {
        self->verdict->expected_file = mem_strdup(self->parent, file);
        self->verdict->expected_line = line;
}

static bool is_expected(const Verifying *self, const char *head) {
        return self->expected && head && strcasecmp(self->expected, head) == 0;
}

/* --- lines --- */

/* What came before a file may be elsewhere: a full one was removed by `ledger_keep`, which a later record tells, or
 * another program moved it away, which the file's first line tells. */
static void note_gap(Verifying *self, uint64_t seq, const JsonNode *record, const LedgerEvent *event) {
        LedgerVerdict *verdict = self->verdict;

        if (event->kind == LEDGER_EVENT_REOPENED) {
                verdict->moved_last = seq - 1;
                verdict->moved_file = mem_strdup(self->parent, event->file);
                return;
        }
        *mem_push(self->mem, self->gaps, self->n_gaps) =
                (Gap){self->file, seq - 1, mem_strdup(self->mem, json_get_text(record, "previous"))};
}

static void note_removal(Verifying *self, const LedgerEvent *event) {
        if (!event->head || event->last == 0)
                return;
        *mem_push(self->mem, self->removals, self->n_removals) =
                (Removal){event->last, mem_strdup(self->mem, event->head)};
        if (is_expected(self, event->head))
                found_expected(self, event->file ? event->file : "", event->last - event->first + 1);
}

/* Nothing that is here says how the chain stood before this line. */
static bool begins_anew(const Verifying *self, uint64_t seq) {
        return self->line == 1 && seq > self->end.seq + 1;
}

/* NULL, or why the line does not fit. */
static const char *take_record(Verifying *self, const JsonNode *record, bool *is_beforep) {
        uint64_t seq = chain_record_seq(record);
        LedgerEvent event;
        const char *reason = NULL;
        bool is_event = ledger_event_read(record, &event);

        if (self->line == 1 && self->file->origin == LEDGER_FILE_ROTATED && seq != self->file->first_seq)
                return "it is not the record that the file's name tells";
        if (begins_anew(self, seq)) {
                self->end = (ChainEnd){0};
                note_gap(self, seq, record, &event);
        }
        reason = chain_check(&self->end, record);
        /* Its number follows: it is the one before that is not what it was. */
        *is_beforep = reason && self->end.seq > 0 && seq == self->end.seq + 1;
        if (!reason && is_event && event.kind == LEDGER_EVENT_REMOVED)
                note_removal(self, &event);
        return reason;
}

static int take_line(Verifying *self, const char *line, size_t n_line) {
        Mem *mem = mem_alloc_zero(NULL, 1, "line");
        JsonNode *record = NULL;
        const char *reason = NULL;
        bool is_before = false;
        uint64_t seq = 0;

        self->line++;
        if (chain_line_seq(line, n_line) == 0 || json_parse(mem, line, n_line, &record, &reason) < 0)
                reason = "it is not a record";
        else
                reason = take_record(self, record, &is_before);
        seq = chain_record_seq(record);
        mem_free(mem);
        if (reason && is_before)
                return found_bad(self, self->file_last, self->line_last, reason);
        if (reason)
                return found_bad(self, self->file, self->line, reason);
        chain_end_at(&self->end, seq, line, n_line);
        self->file_last = self->file;
        self->line_last = self->line;
        self->verdict->n_lines++;
        memcpy(self->verdict->head, self->end.head, sizeof self->end.head);
        if (is_expected(self, self->end.head))
                found_expected(self, self->file->name, self->line);
        return 0;
}

/* --- files --- */

static bool may_be_written(const LedgerFile *file) {
        struct stat info;

        return file->origin == LEDGER_FILE_CURRENT && fstat(file->file, &info) == 0 &&
               clock_wall_ms() - (int64_t)info.st_mtime * MS_PER_SECOND <= WRITING_MS;
}

/* The next line, or 0 at the end; what is being written there is waited for. */
static int next_line(Verifying *self, LineReader *reader, char **linep, size_t *n_linep) {
        const struct timespec pause = {.tv_nsec = WRITING_PAUSE_NS};
        int r = line_reader_next(reader, linep, n_linep);

        if (r != 0 || line_reader_rest(reader) == 0 || !may_be_written(self->file))
                return r;
        for (int i = 0; r == 0 && line_reader_rest(reader) > 0 && i < WRITING_LOOKS_MAX; i++) {
                nanosleep(&pause, NULL);
                r = line_reader_next(reader, linep, n_linep);
        }
        return r;
}

/* 0, 1 bad, or a negative errno. */
static int take_file(Verifying *self, const LedgerFile *file) {
        LineReader reader;
        char *line = NULL;
        size_t n_line = 0;
        int r = 0;

        self->file = file;
        self->line = 0;
        line_reader_init(&reader, file->file, LEDGER_LINE_SIZE_MAX);
        while ((r = next_line(self, &reader, &line, &n_line)) > 0) {
                r = take_line(self, line, n_line);
                if (r != 0)
                        break;
        }
        if (r == -EFBIG)
                r = found_bad(self, file, self->line + 1, "it is too long");
        else if (r == 0 && line_reader_rest(&reader) > 0)
                r = found_bad(self, file, self->line + 1,
                              "it is not whole: cut off, or a crash tore it (the next start keeps it aside)");
        line_reader_deinit(&reader);
        return r;
}

/* Each gap is told by a record of what was removed. */
static int check_gaps(Verifying *self) {
        for (size_t i = 0; i < self->n_gaps; i++) {
                const Gap *gap = &self->gaps[i];
                bool is_told = false;

                for (size_t k = 0; k < self->n_removals && !is_told; k++)
                        is_told = self->removals[k].last == gap->last && gap->head &&
                                  strcmp(self->removals[k].head, gap->head) == 0;
                if (!is_told)
                        return found_bad(self, gap->file, 1,
                                         "the records before it are missing, and no record tells that they were "
                                         "removed");
                if (gap->last > self->verdict->removed_last)
                        self->verdict->removed_last = gap->last;
        }
        return 0;
}

static int verify(Verifying *self, const LedgerFiles *files) {
        LedgerVerdict *verdict = self->verdict;
        int r = 0;

        for (size_t i = 0; r == 0 && i < files->n; i++)
                r = take_file(self, &files->items[i]);
        if (r == 0)
                r = check_gaps(self);
        if (r == 0 && self->expected && !verdict->expected_file) {
                verdict->reason = "no record has the expected hash: the ledger was cut or replaced";
                if (self->file_last) {
                        verdict->end_file = mem_strdup(self->parent, self->file_last->name);
                        verdict->end_line = self->line_last;
                }
                r = 1;
        }
        return r;
}

int ledger_verify(Mem *parent, const char *directory, const char *expected, LedgerVerdict *verdict,
                  const char **reasonp) {
        Verifying self = {.mem = mem_new(NULL, char), .parent = parent, .expected = expected, .verdict = verdict};
        LedgerFiles *files = NULL;
        int r = 0;

        *verdict = (LedgerVerdict){0};
        *reasonp = NULL;
        r = ledger_files_open(parent, directory, &files, reasonp);
        if (r == 0 && files->n == 0) {
                *reasonp = mem_printf(parent, "%s: there is no ledger", directory);
                r = -ENOENT;
        }
        if (r == 0) {
                r = verify(&self, files);
                if (r < 0)
                        *reasonp = mem_printf(parent, "%s/%s: %s", directory, self.file->name, strerror(-r));
        }
        mem_free(files);
        mem_free(self.mem);
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzLedger: whatever lies where the ledger is, it is read or refused with a sentence, and a chain
 * that is whole stays whole when it is written to. */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/engine/history.h"
#include "daemon/engine/ledger.h"
#include "tests/fuzz/target.h"
#include "tests/unit/ledger/folder.h"

enum {
        PART_END = 0x1e, /* stands between the files of a ledger; in JSON it is refused */
        PARTS_MAX = 4,
        EVENTS_MAX = 2, /* that the ledger records of itself, before what is appended */
};

#define URL "https://dev.azure.com/contoso"
#define PROJECT "MLOps"

static char *folder;

static void remove_folder(void) {
        folder = mem_free(folder);
}

static int count_record(void *context, const JsonNode *record, const char *line) {
        assert(json_is_object(record) && line);
        (*(uint64_t *)context)++;
        return 0;
}

static uint64_t count_records(Mem *mem, const LedgerFilter *filter, int *resultp) {
        const char *reason = NULL;
        uint64_t n = 0;

        *resultp = ledger_each(mem, folder, filter, count_record, &n, &reason);
        assert((*resultp < 0) == (reason != NULL));
        return n;
}

static void check_history(Mem *mem, int result) {
        const char *reason = NULL;
        EngineHistory history;
        int r = engine_history_read(mem, folder, URL, /* known= */ NULL, &history, &reason);

        assert((r < 0) == (result < 0) && (r < 0) == (reason != NULL));
        for (size_t i = 0; i < history.n_intents; i++)
                assert(history.intents[i].allow_after >= -1 && history.intents[i].deny_after >= -1);
        for (size_t i = 0; i < history.n_releases; i++)
                assert(strlen(history.releases[i].step_id) < sizeof history.releases[i].step_id);
        assert(history.n_charter_projects == 0 || history.charter_teams >= 0);
}

/* --- the parts as files --------------------------------------------------------------------- */

typedef struct Parts {
        char names[PARTS_MAX][LEDGER_FILE_NAME_SIZE];
        size_t n;
} Parts;

/* Full files are named by their first number, moved ones by whoever moved them. */
static void name_part(const uint8_t *bytes, size_t n, size_t i,
                      char name[static LEDGER_FILE_NAME_SIZE]) {
        const uint8_t *end = n > 0 ? memchr(bytes, '\n', n) : NULL;
        uint64_t seq = end ? chain_line_seq((const char *)bytes, (size_t)(end - bytes)) : 0;

        if (seq > 0 && i % 2 == 0)
                (void)ledger_files_name(seq, name);
        else
                (void)snprintf(name, LEDGER_FILE_NAME_SIZE, LEDGER_FILE ".%zu", i + 1);
}

/* Nobody is writing to it. */
static void write_part(const char *name, const uint8_t *bytes, size_t n) {
        static const struct timespec long_ago[2];
        int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        folder_write(folder, name, (const char *)bytes, n);
        assert(directory >= 0 && utimensat(directory, name, long_ago, 0) == 0);
        close(directory);
}

/* The last is the one that is written to. */
static void write_parts(Parts *parts, const uint8_t *bytes, size_t n) {
        const uint8_t *end = bytes + n;

        for (;;) {
                const uint8_t *stop = parts->n + 1 < PARTS_MAX && bytes < end
                                              ? memchr(bytes, PART_END, (size_t)(end - bytes))
                                              : NULL;
                char *name = parts->names[parts->n];
                size_t n_part = (size_t)((stop ? stop : end) - bytes);

                if (stop)
                        name_part(bytes, n_part, parts->n, name);
                else
                        (void)snprintf(name, LEDGER_FILE_NAME_SIZE, LEDGER_FILE);
                write_part(name, bytes, n_part);
                parts->n++;
                if (!stop)
                        return;
                bytes = stop + 1;
        }
}

static void remove_parts(Mem *mem, const Parts *parts) {
        for (size_t i = 0; i < parts->n; i++)
                (void)unlink(mem_printf(mem, "%s/%s", folder, parts->names[i]));
}

/* --- what holds ------------------------------------------------------------------------------ */

/* 0 and the number of lines; 1: the chain is broken somewhere. */
static int verify(Mem *mem, LedgerVerdict *verdict) {
        const char *reason = NULL;
        int r = ledger_verify(mem, folder, NULL, verdict, &reason);

        assert(r == 0 || r == 1);
        assert((r == 1) == (verdict->reason != NULL) && (r == 1) == (verdict->bad_line > 0));
        if (r == 0 && verdict->n_lines > 0)
                assert(ledger_verify(mem, folder, verdict->head, verdict, &reason) == 0);
        return r;
}

/* True when it could be opened, then there is one record more, behind what the ledger tells of
 * itself. */
static bool append(Mem *mem) {
        const char *reason = NULL;
        Ledger *ledger = NULL;
        uint64_t seq = 0;

        if (ledger_open(mem, folder, &ledger, &reason) < 0) {
                assert(reason);
                return false;
        }
        seq = ledger_last_seq(ledger);
        assert((seq == 0) == (*ledger_head(ledger) == '\0'));
        assert(ledger_append(ledger, "{\"record\":\"finding\"}\n") == 0);
        ledger_finish(ledger, ledger_sync(ledger));
        assert(ledger_last_seq(ledger) > seq && ledger_last_seq(ledger) <= seq + 1 + EVENTS_MAX);
        if (ledger_torn_file(ledger))
                (void)unlink(ledger_torn_file(ledger));
        ledger_close(ledger);
        return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        LedgerVerdict before, after;
        Parts parts = {.n = 0};
        uint64_t n_records = 0;
        int result = 0, narrowed = 0;
        bool was_whole = false;

        if (!folder) {
                folder = folder_new(NULL);
                atexit(remove_folder);
        }
        write_parts(&parts, bytes, n);
        was_whole = verify(mem, &before) == 0;
        n_records = count_records(mem, NULL, &result);
        assert(!was_whole || (result == 0 && n_records == before.n_lines));
        assert(count_records(mem, &(LedgerFilter){.since = 1, .project = PROJECT}, &narrowed) <=
               n_records);
        check_history(mem, result);
        if (append(mem) && was_whole)
                assert(verify(mem, &after) == 0 && after.n_lines > before.n_lines &&
                       after.n_lines <= before.n_lines + 1 + EVENTS_MAX);
        remove_parts(mem, &parts);
        mem_free(mem);
        return 0;
}

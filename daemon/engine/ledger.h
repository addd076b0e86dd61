/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: the append-only record of what charterd did, each line chained to the one before. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/json.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "daemon/engine/chain.h"
#include "daemon/engine/ledger_files.h"

enum {
        LEDGER_LINE_SIZE_MAX = CHAIN_LINE_SIZE_MAX,
        LEDGER_TORN_SIZE_MAX = 2 * LEDGER_LINE_SIZE_MAX, /* of an end that is cut off by itself */
        LEDGER_FILE_SIZE = 64 * 1024 * 1024,             /* a file that would grow larger is full */
        LEDGER_RESERVE_SIZE = 1024 * 1024,               /* kept ready for outcomes */
        LEDGER_KEEP_PARTS = 8,                           /* a file is ended after this part of what is kept, */
        LEDGER_KEEP_CHECK_MS = 24 * 60 * 60 * 1000,      /* so often old files are looked at */
        LEDGER_FILE_MODE = 0640,
        LEDGER_DIRECTORY_MODE = 0750,
};

/* or earlier: what a file holds beyond `ledger_keep` is no older than that. */
#define LEDGER_FILE_AGE_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

#define LEDGER_LOCK_FILE "lock"

typedef struct Ledger Ledger;

/* --- writing: one process per state directory --- */

/* Opens, and makes what is missing of, the ledger of a state directory, which stays locked until it
 * is closed. An end without a whole line (a crash in the middle of a write) is cut off and kept
 * aside, see ledger_torn_file(), and a record tells so. 0; -EWOULDBLOCK: another process works
 * there; another negative: it cannot be used; then *reasonp (below parent) says why. */
int ledger_open(Mem *parent, const char *directory, Ledger **ledgerp, const char **reasonp);
Ledger *ledger_close(Ledger *ledger);

typedef struct LedgerLimits {
        int64_t file_size; /* of one file, bytes; 0: LEDGER_FILE_SIZE */
        int64_t keep_ms;   /* ended files whose records are all older are removed; 0: never */
        int64_t age_ms;    /* a file whose first record is older is ended; 0: none for that */
} LedgerLimits;
/* From the next append on; without it, none is removed. */
void ledger_set_limits(Ledger *ledger, const LedgerLimits *limits);

/* JSON objects, one a line, each gets `seq`, `time` and `previous` in front. Room for the outcomes
 * that follow is kept beside them: it is refused (-ENOSPC) when there is none, and only lines that
 * all are outcomes may take it. 0; -EMSGSIZE: a line is too long; another negative errno; then none
 * is written, but outcomes are kept in memory and written before anything else. Durable only after
 * ledger_sync(). No lines: what is owed is written, and whether there is room is told. */
int ledger_append(Ledger *ledger, const char *lines);
/* May be called on another thread while nothing but ledger_reopen() is called. 0 or a negative
 * errno; either way ledger_finish() must be told. */
int ledger_sync(Ledger *ledger);
/* What ledger_sync() said: on failure all that was appended since it last went well is taken back,
 * but outcomes are owed again. */
void ledger_finish(Ledger *ledger, int result);
/* Before the next append the file is opened by its name again (SIGUSR2, after it was moved away);
 * the chain goes on in the new file. */
void ledger_reopen(Ledger *ledger);

/* SHA-256 of the last line that is durable; "" when there is none. */
const char *ledger_head(const Ledger *ledger);
/* Its number; 0 when there is none. */
uint64_t ledger_last_seq(const Ledger *ledger);
/* Where the cut end is kept, or NULL. */
const char *ledger_torn_file(const Ledger *ledger);
/* Why it cannot be written (that outcomes still find room does not count): a negative errno, or 0. */
int ledger_error(const Ledger *ledger);

/* --- reading: takes no lock, a line that is being written is not seen --- */

typedef struct LedgerFilter {
        int64_t since;       /* wall ms; 0: from the beginning */
        const char *project; /* or NULL; records that name no project (outcomes: see their intent)
                                pass */
} LedgerFilter;

/* `line` without its end; both live during the call. Negative stops the reading. */
typedef int (*LedgerFn)(void *context, const JsonNode *record, const char *line);

/* Each record of all files, oldest first. 0 (also when there is no ledger yet), what fn said, or a
 * negative errno with *reasonp (below parent). */
int ledger_each(Mem *parent, const char *directory, const LedgerFilter *filter, LedgerFn fn,
                void *context, const char **reasonp);

/* Where a line stands in the files of a ledger. */
typedef struct LedgerPlace {
        size_t file;  /* of LedgerFiles */
        off_t offset; /* of its first byte */
        size_t n;     /* bytes, without its end */
} LedgerPlace;

typedef int (*LedgerPlaceFn)(void *context, const JsonNode *record, const char *line,
                             const LedgerPlace *place);
typedef struct LedgerEach {
        const LedgerFilter *filter; /* or NULL */
        LedgerPlaceFn fn;
        void *context;
} LedgerEach;

/* The same of files that are open, each at its beginning: they can be looked into again. */
int ledger_each_file(Mem *parent, const char *directory, const LedgerFiles *files,
                     const LedgerEach *spec, const char **reasonp);
/* The line takes the place of what the text holds. 0 or a negative errno. */
int ledger_read_line(const LedgerFiles *files, const LedgerPlace *place, Text *text);

/* Texts live below the parent that was given. Lines are counted from 1 in their file. */
typedef struct LedgerVerdict {
        uint64_t n_lines;            /* that fit, in all files */
        char head[DIGEST_TEXT_SIZE]; /* of the last of them; "" without any */
        const char *bad_file;        /* with the first line that does not fit; NULL: all do */
        uint64_t bad_line;
        const char *reason; /* why it does not, a constant sentence */
        /* the line that hashes to what was expected; NULL: none. It may be the last of a file that
         * was removed for its age. */
        const char *expected_file;
        uint64_t expected_line;
        const char *end_file; /* nothing hashes to what was expected: where the ledger ends */
        uint64_t end_line;
        uint64_t removed_last;  /* up to this number records were removed by `ledger_keep`; 0: none */
        uint64_t moved_last;    /* up to this one another program moved them away; 0: none */
        const char *moved_file; /* what the file was called; NULL: unknown */
} LedgerVerdict;

/* Whether the chain is whole. expected: a head told earlier, or NULL. 0: whole, and `expected` is
 * the hash of one of its lines; 1: not; negative: cannot be read, with *reasonp. */
int ledger_verify(Mem *parent, const char *directory, const char *expected, LedgerVerdict *verdict,
                  const char **reasonp);

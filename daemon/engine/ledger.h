/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: the append-only record of what charterd did, each line chained to the one before. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "common/base/json.h"
#include "common/base/mem.h"

enum {
        LEDGER_LINE_SIZE_MAX = 1024 * 1024,
        LEDGER_TORN_SIZE_MAX = 2 * LEDGER_LINE_SIZE_MAX, /* of an end that is cut off by itself */
        LEDGER_FILE_MODE = 0640,
        LEDGER_DIRECTORY_MODE = 0750,
};

#define LEDGER_FILE "ledger.jsonl"
#define LEDGER_LOCK_FILE "lock"

typedef struct Ledger Ledger;

/* --- writing: one process per state directory --- */

/* Opens, and makes what is missing of, the ledger of a state directory, which stays locked until it
 * is closed. An end without a whole line (a crash in the middle of a write) is cut off and kept
 * aside, see ledger_torn_file(). 0; -EWOULDBLOCK: another process works there; another negative: it
 * cannot be used; then *reasonp (below parent) says why. */
int ledger_open(Mem *parent, const char *directory, Ledger **ledgerp, const char **reasonp);
Ledger *ledger_close(Ledger *ledger);

/* JSON objects, one a line, each gets `seq`, `time` and `previous` in front. 0; or a negative errno
 * and none of them is written. Durable only after ledger_sync(). */
int ledger_append(Ledger *ledger, const char *lines);
/* May be called on another thread while nothing but ledger_reopen() is called. 0 or a negative
 * errno; either way ledger_finish() must be told. */
int ledger_sync(Ledger *ledger);
/* What ledger_sync() said: on failure all that was appended since it last went well is taken back.
 */
void ledger_finish(Ledger *ledger, int result);
/* Before the next append the file is opened by its name again (SIGUSR2, after it was moved away);
 * the chain goes on in the new file. */
void ledger_reopen(Ledger *ledger);

/* SHA-256 of the last line that is written; "" when there is none. */
const char *ledger_head(const Ledger *ledger);
/* Its number; 0 when there is none. */
uint64_t ledger_last_seq(const Ledger *ledger);
/* Where the cut end is kept, or NULL. */
const char *ledger_torn_file(const Ledger *ledger);
/* The lines of intents without an outcome when the ledger was opened, oldest first. */
const char *const *ledger_open_intents(const Ledger *ledger, size_t *np);

/* --- reading: takes no lock, a line that is being written is not seen --- */

typedef struct LedgerFilter {
        int64_t since;       /* wall ms; 0: from the beginning */
        const char *project; /* or NULL; records that name no project (outcomes: see their intent)
                                pass */
} LedgerFilter;

/* `line` without its end; both live during the call. Negative stops the reading. */
typedef int (*LedgerFn)(void *context, const JsonNode *record, const char *line);

/* Each record, oldest first. 0 (also when there is no ledger yet), what fn said, or a negative
 * errno with *reasonp (below parent). */
int ledger_each(Mem *parent, const char *directory, const LedgerFilter *filter, LedgerFn fn,
                void *context, const char **reasonp);

typedef struct LedgerVerdict {
        uint64_t n_lines;
        char head[DIGEST_TEXT_SIZE]; /* of the last line; "" without any */
        uint64_t expected_line;      /* the line that hashes to what was expected; 0: none */
        uint64_t bad_line;           /* the first that does not fit; 0: all do */
        const char *reason;          /* why it does not, a constant sentence */
} LedgerVerdict;

/* Whether the chain is whole. expected: a head told earlier, or NULL. 0: whole, and `expected` is
 * the hash of one of its lines; 1: not; negative: cannot be read, with *reasonp. */
int ledger_verify(Mem *parent, const char *directory, const char *expected, LedgerVerdict *verdict,
                  const char **reasonp);

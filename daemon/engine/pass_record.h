/* SPDX-License-Identifier: Apache-2.0 */
/* PassRecord: what the ledger is told of a pass that ended. */
#pragma once

#include "daemon/engine/engine.h"

enum {
        PASS_RECORD_HELD_MAX = 1000,   /* held steps in one line; more stand in lines of their own before it */
        PASS_RECORD_REPEATED_MAX = 50, /* so many are told with each pass; more only when they changed */
        PASS_RECORD_REPEAT_MS = 24 * 60 * 60 * 1000, /* and once in this time */
};

typedef struct PassRecord {
        const char *pass_id;
        const char *organization;
        const char *project; /* the one whose turn it was, or NULL */
        const char *reason;
        Mode mode;
        const char *charter_sha256, *charter_commit;
        const char *undo;  /* the change that it took back, or NULL: then nothing is told of the charter's plan */
        const char *error; /* or NULL */
        size_t n_done, n_not_done, n_steps;
        const char *plan_id; /* or NULL */
        bool applied;
        uint64_t n_requests; /* of this pass alone */
        const EngineHistory *history; /* held, the charter's size */
        const Plan *plan;             /* its last one, or NULL */
        const AccessWitness *access;  /* what it stored of access over time */
        size_t n_access;
        int64_t begin;                /* wall ms */
        int64_t wall;                 /* now */
} PassRecord;

/* The held steps that the ledger was last told; zero: none yet. */
typedef struct PassRecordHeld {
        uint64_t hash;
        int64_t wall;
} PassRecordHeld;

/* Adds lines for the ledger: that of the pass, and before it lines `held` when there are many steps. A line without
 * `held` leaves what was told last, which `told` remembers. */
void pass_record_write(const PassRecord *record, PassRecordHeld *told, Text *text);

/* SPDX-License-Identifier: Apache-2.0 */
/* Round: one plan carried out, rank by rank: checked, recorded, sent, read back, recorded. */
#pragma once

#include "daemon/engine/change.h"
#include "daemon/engine/memory.h"
#include "daemon/flow/batch.h"
#include "daemon/flow/progress.h"

enum {
        ROUND_STALE_MS = 60 * 1000,      /* what was read longer ago is read again before a write */
        ROUND_CONFIRM_FIRST_MS = 100,    /* between readings back; doubles */
        ROUND_CONFIRM_MAX_MS = 5 * 1000,
};

typedef struct Round Round;

typedef struct RoundSpec {
        Port *port;
        Throttle *throttle;
        const Desired *desired;
        Organisation *live;       /* the plan's; read again in place */
        const Plan *plan;
        Memory *memory;
        const Sights *sights; /* or NULL */
        Progress *progress;   /* or NULL */
        const char *pass_id;
        uint64_t pass;            /* its number */
        unsigned number;          /* of the round */
        int64_t settle_ms;
        int64_t surveyed_at;      /* when reading began */
        int64_t oldest_ms;        /* what was read longer ago nothing is written from; 0: no bound */
        Mode mode;                /* the settings' */
        /* Whether the step belongs to this round (a later round binds what the first plan had). */
        bool (*is_allowed)(void *context, const Step *step);
        void (*on_change)(void *context, const Change *change); /* ended; for the log */
        void (*on_done)(void *context, Round *round);
        void *context;
} RoundSpec;

Round *round_start(Mem *parent, const RoundSpec *spec);
const Change *round_changes(const Round *round, size_t *np);
/* No new write. False: none is under way, and the round may be freed; true: on_done follows. */
bool round_halt(Round *round);
/* NULL, or why the round stopped before its end: a reading or the ledger failed. */
const char *round_error(const Round *round);

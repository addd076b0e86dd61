/* SPDX-License-Identifier: Apache-2.0 */
/* Making: the creations of a round, parents before what lies below them. */
#pragma once

#include "daemon/engine/change.h"
#include "daemon/engine/memory.h"
#include "daemon/flow/batch.h"
#include "daemon/flow/progress.h"

enum {
        MAKING_POLL_MS = 500,              /* between questions after a project that is being made */
        MAKING_POLLS_MAX = 600,            /* of a project that is being made */
};

typedef struct Making Making;

typedef struct MakingSpec {
        Port *port;
        Throttle *throttle;
        Organisation *live;
        const Desired *desired;
        Memory *memory;
        Progress *progress; /* or NULL */
        uint64_t pass;
        int64_t deadline;  /* port's clock; 0: none: what could not leave before is DROPPED */
        int64_t settle_ms; /* how long a creation whose answer was lost may take to show */
        Change **changes;
        size_t n_changes;
        void (*on_done)(void *context, Making *making);
        void *context;
} MakingSpec;

/* Afterwards each change is DONE (the service's own answer says so, or its name is seen), NOT_DONE (`already exists`, in
 * the recycle bin), DROPPED, FAILED, UNKNOWN or UNCONFIRMED. */
Making *making_start(Mem *parent, const MakingSpec *spec);
/* No new creation; on_done follows when those under way have ended. */
void making_stop(Making *making);

/* SPDX-License-Identifier: Apache-2.0 */
/* Making: the creations of a round, parents before what lies below them. */
#pragma once

#include "daemon/engine/change.h"
#include "daemon/engine/memory.h"
#include "daemon/flow/batch.h"

enum {
        MAKING_POLL_MS = 500,              /* between questions after a project that is being made */
        MAKING_POLLS_MAX = 600,
};

typedef struct Making Making;

typedef struct MakingSpec {
        Port *port;
        Throttle *throttle;
        Organisation *live;
        const Desired *desired;
        Memory *memory;
        uint64_t pass;
        Change **changes;
        size_t n_changes;
        void (*on_done)(void *context, Making *making);
        void *context;
} MakingSpec;

/* Afterwards each change is DONE (the service's own answer says so), NOT_DONE (`already exists`, in the recycle bin),
 * FAILED or UNKNOWN. */
Making *making_start(Mem *parent, const MakingSpec *spec);

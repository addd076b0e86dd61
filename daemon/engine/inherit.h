/* SPDX-License-Identifier: Apache-2.0 */
/* InheritSwitch: the inherit flag of one token set without losing anybody's entry. */
#pragma once

#include "daemon/engine/change.h"
#include "daemon/flow/batch.h"

enum {
        INHERIT_AGREEING_TRIES = 6, /* readings until two in a row agree */
        INHERIT_WATCH_PAUSE_MS = 20, /* between readings while a post is under way; doubles */
        INHERIT_WATCH_PAUSE_MAX_MS = 1000,
};

typedef struct InheritSwitch InheritSwitch;

typedef struct InheritSpec {
        Port *port;
        Throttle *throttle;
        Organisation *live;
        Change *change; /* of a STEP_SET_INHERIT */
        int64_t oldest_ms; /* the post waits no longer after the last look; 0: no bound */
        void (*on_done)(void *context, InheritSwitch *operation);
        void *context;
} InheritSpec;

InheritSwitch *inherit_new(Mem *parent, const InheritSpec *spec);
/* Reads until two readings in a row agree. Then change->list is the list to be posted, or the change is DROPPED or
 * NOT_DONE with its message. */
void inherit_prepare(InheritSwitch *operation);
/* Looks once more, posts flag with all entries, reading on meanwhile; an entry somebody else wrote in that time and the
 * post undid is restored, which the change's remark says. Then the change is SENT, FAILED or UNKNOWN; DROPPED or
 * NOT_DONE when nothing was posted. */
void inherit_commit(InheritSwitch *operation);
/* From now on `on_done` is told; answers the operation. */
InheritSwitch *inherit_retarget(InheritSwitch *operation, void (*on_done)(void *, InheritSwitch *),
                                void *context);

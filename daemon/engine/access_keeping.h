/* SPDX-License-Identifier: Apache-2.0 */
/* AccessKeeping: who can do what in an organisation, stored when a pass sees it changed. */
#pragma once

#include "daemon/engine/access_shelf.h"
#include "daemon/engine/known.h"
#include "daemon/flow/port.h"
#include "daemon/plan/plan.h"

enum {
        ACCESS_KEEPING_SLICE =
                300 * 1000,         /* principals at things that are looked at in one turn of the loop: some 10 ms */
        ACCESS_KEEPING_LINE = 1000, /* what a line costs, in those */
};

/* What may wait for the disk, on another thread. */
typedef struct EngineWork {
        int (*work)(void *job); /* touches the job alone; 0 or a negative errno */
        void (*done)(void *context, void *job, int result);
        void *context;
        Mem *job; /* taken over, freed after done */
} EngineWork;

typedef struct AccessKeepingSpec {
        Port *port;
        const char *state_directory;
        const char *organization; /* its url */
        Mem *(*work)(void *context, Mem *owner,
                     const EngineWork *work);      /* freeing what it answers: done is not called */
        int64_t (*keep_ms)(void *context);         /* of the settings; 0: for ever */
        const char *(*ledger_head)(void *context); /* or NULL */
        void *context;
} AccessKeepingSpec;

typedef struct AccessKeeping AccessKeeping;

AccessKeeping *access_keeping_new(Mem *parent, const AccessKeepingSpec *spec);

/* A plan just made, before anything is done. */
typedef struct AccessSighting {
        const char *pass;
        const Plan *plan;
        const Organisation *live;
        const Known *known; /* or NULL */
        void (*on_done)(void *context);
        void *context;
} AccessSighting;

/* Of each project that was read completely. False: nothing that access rests on has changed since the last one, and
 * on_done is not called. True: it is called once what changed is on the disk, or could not be written, which is logged
 * and stops nothing. What the sighting points to stays as it is until then. */
bool access_keeping_look(AccessKeeping *keeping, const AccessSighting *sighting);
/* A record that is on the disk, for the ledger. */
typedef struct AccessWitness {
        const char *project;
        char digest[DIGEST_TEXT_SIZE];
} AccessWitness;
/* Those of a pass, when it was the last one to look; until the next one. */
const AccessWitness *access_keeping_stored(const AccessKeeping *keeping, const char *pass, size_t *np);
/* on_done is not called any more; what was not whole is not kept. */
void access_keeping_stop(AccessKeeping *keeping);

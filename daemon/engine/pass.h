/* SPDX-License-Identifier: Apache-2.0 */
/* Pass: survey, plan, apply, read back. */
#pragma once

#include "daemon/engine/round.h"
#include "daemon/engine/survey.h"

enum {
        PASS_ROUNDS_MAX = 6,
        PASS_OLDEST_MS = 10 * 60 * 1000, /* what was read longer ago is planned from no more (product.md, Cost) */
        PASS_SURVEYS_MAX = 3,            /* in a row that were too old when they ended */
};

typedef enum PassPurpose {
        PASS_PLAN,  /* reads and plans; nothing is written anywhere */
        PASS_APPLY, /* carries out what the mode allows */
} PassPurpose;

typedef struct Pass Pass;

/* What changes from one planning to the next is asked for when it is needed. */
typedef struct PassHost {
        /* Fills released and what the brakes need to know; called for each plan, after its survey. */
        void (*prepare)(void *context, Pass *pass, const Organisation *live, PlanSpec *spec);
        void (*on_base)(void *context, Base base, const char *url); /* NULL: the service has none that is trusted */
        void (*on_held)(void *context, const Plan *plan);                   /* after each plan */
        void (*on_plan)(void *context, Pass *pass, const Plan *plan);       /* the first plan */
        /* After it, before anything is done: true when that waits until pass_go_on() is called, from the loop. */
        bool (*has_to_wait)(void *context, Pass *pass);
        void (*on_change)(void *context, Pass *pass, const Change *change); /* one has ended */
        void (*on_done)(void *context, Pass *pass);
        void *context;
} PassHost;

typedef struct PassSpec {
        Port *port;
        Throttle *throttle;
        const Desired *desired;
        Memory *memory;
        const Known *known; /* or NULL */
        const Sights *sights; /* or NULL */
        Progress *progress;   /* or NULL */
        SurveyGuess guess;
        PassHost host;
        PassPurpose purpose;
        Mode mode; /* the settings' */
        PlanLimits limits;
        const char *only_project; /* or NULL: all of the charter */
        const UndoRecord *undo;   /* what is planned is the reverse of that change, in only_project; or NULL */
        int64_t oldest_ms;        /* what was read longer ago is read again before it is planned from; 0: any age will do */
        const char *id;  /* of the pass, in the ledger */
        uint64_t number; /* counts the passes of this process */
        int64_t settle_ms;
        int64_t areas_keep_ms;
} PassSpec;

Pass *pass_start(Mem *parent, const PassSpec *spec);

/* After on_done: */
const Plan *pass_plan(const Pass *pass);         /* the last plan, NULL when the organisation could not be read */
const char *pass_error(const Pass *pass);        /* organisation-level, or NULL */
FaultKind pass_fault(const Pass *pass);
size_t pass_count(const Pass *pass, ChangeState state); /* changes that ended so, over all rounds */
/* Steps done, and steps that were attempted and are not done. */
size_t pass_n_done(const Pass *pass);
size_t pass_n_not_done(const Pass *pass);
/* See survey_n_requests(); of the last survey. */
size_t pass_n_requests(const Pass *pass, const DesiredProject *project);
const Organisation *pass_live(const Pass *pass);     /* NULL once it rests */
const PassSpec *pass_spec(const Pass *pass);

/* After on_done, off its stack: what is left is what status and metrics say of its plan; the organisation as it was read
 * is gone. */
void pass_rest(Pass *pass);

/* What it waited for has come. */
void pass_go_on(Pass *pass);
/* No new request. False: nothing of it was being written, and it may be freed at once; true: on_done follows. */
bool pass_stop(Pass *pass);

/* SPDX-License-Identifier: Apache-2.0 */
/* Engine: the keeper of one organisation: its charter, its passes, what is held and what was found. */
#pragma once

#include "common/base/log.h"
#include "common/base/text.h"
#include "daemon/engine/access_keeping.h"
#include "daemon/engine/fight.h"
#include "daemon/engine/known.h"
#include "daemon/engine/pass.h"
#include "daemon/engine/rotation.h"
#include "daemon/flow/progress.h"

enum {
        ENGINE_PASSES_MAX = 10,                      /* of one order, until in sync */
        ENGINE_RELEASE_MS = 24 * 60 * 60 * 1000,     /* a release is good for that long */
};

typedef struct Engine Engine;

/* A step let go by a person, from the ledger. */
typedef struct Release {
        char step_id[13];
        int64_t wall; /* when, ms since 1970 */
} Release;

/* When a project was last surveyed. */
typedef struct Turned {
        const char *project;
        int64_t wall; /* ms since 1970 */
} Turned;

/* What the ledger tells of an organisation when the process starts. */
typedef struct EngineHistory {
        bool has_applied; /* an applied or released pass */
        Release *releases;
        size_t n_releases;
        HeldBefore *held; /* by counted brakes, in the last plan */
        size_t n_held;
        const char **charter_projects; /* of the last pass, lower the brake on a charter that shrank; NULL: none */
        size_t n_charter_projects;
        int64_t charter_teams; /* -1: no pass yet */
        Turned *turned;        /* projects by name */
        size_t n_turned;
        struct OpenIntent *intents;
        size_t n_intents;
        struct MadeBefore *made; /* until known.json says so too */
        size_t n_made;
        Fights *fights; /* NULL: nothing is known of earlier repairs */
        Sights *sights; /* NULL: nothing was seen before */
        struct KnownFinding *findings; /* that were told */
        size_t n_findings;
        struct Sought **owed; /* intents of drifts whose author an ended process did not find, below what was read into */
        size_t n_owed;
} EngineHistory;

/* A creation whose outcome is `done`. */
typedef struct MadeBefore {
        const char *project;
        Kind kind;
        const char *name;
        int64_t wall; /* when it was begun, ms since 1970 */
} MadeBefore;

/* An intent without an outcome: the process ended in between. */
typedef struct OpenIntent {
        Mem *texts; /* what the texts of one that was read hang below */
        const char *change_id;
        const char *pass;
        const char *verb;
        const char *project;
        const char *kind; /* key of the charter */
        const char *name;
        const char *token;
        const char *namespace;
        const char *storage_key;
        const char *container_key;
        int64_t allow_before, deny_before, allow_after, deny_after; /* -1: none */
        Tristate inherit_after; /* unset: not a switch */
        int64_t wall;           /* when, ms since 1970 */
        bool is_repair;
        Repair repair; /* its wall is set when it is done */
} OpenIntent;

typedef struct EngineSpec {
        Port *port;
        const char *url;
        Mode mode;
        PlanLimits limits;
        bool may_create, may_administrators, may_organization;
        bool holds_first_pass; /* run with first_pass: hold */
        unsigned requests_in_flight;
        int64_t requests_per_5_minutes; /* 0: none */
        int64_t settle_ms;
        int64_t areas_keep_ms; /* INT64_MAX / 4: each team once per process */
        Known *known;          /* shared by all organisations of the process; NULL: plan alone, nothing remembered */
        EngineHistory history;
        void (*on_base)(void *context, Base base, const char *url);
        void (*on_known)(void *context); /* known.json is to be written */
        const char *(*ledger_head)(void *context); /* for the log: the hash of its last line, or NULL; may be NULL */
        /* Where access over time is stored; NULL: it is not. Then the two after it are not asked for either. */
        const char *state_directory;
        Mem *(*work)(void *context, Mem *owner, const EngineWork *work); /* see AccessKeepingSpec */
        int64_t (*keep_ms)(void *context);
        void *context;
} EngineSpec;

/* What an order does when a survey of all projects would exceed the budget (product.md, Cost). */
typedef enum EngineTurns {
        ENGINE_TURNS_ALL,  /* all projects, one after another */
        ENGINE_TURN_FIRST, /* a new cycle of turns begins: its first one */
        ENGINE_TURN_NEXT,  /* the next one of the cycle under way, or of a new one */
        ENGINE_AT_ONCE,    /* one survey of all, whatever time it takes: for showing alone */
} EngineTurns;

typedef struct EngineOrder {
        PassPurpose purpose;
        EngineTurns turns;
        const char *only_project;
        const UndoRecord *undo;      /* the reverse of that change, in only_project, in one pass; outlives the order */
        bool until_in_sync;          /* passes until in sync or nothing moves any more; else one */
        const char *reason;          /* for the log: interval, signal, charter, command */
        void (*on_done)(void *context, Engine *engine);
        void *context;
} EngineOrder;

/* Of surveys, for people and metrics. */
typedef struct EngineBudget {
        int64_t limit;            /* requests in five minutes; 0: none */
        int64_t used;             /* of them */
        int64_t wait_ms;          /* until the next turn, or without turns the next request, has room; 0: it has */
        int64_t survey_cost;      /* requests of a survey of all projects, as far as can be told; 0: no charter */
        bool is_rotating;         /* projects take turns */
        size_t n_due;             /* turns that are left in this cycle */
        const char *next_project; /* whose turn is next, or NULL */
} EngineBudget;

/* Over the life of the engine, for metrics. */
typedef struct EngineCounts {
        uint64_t n_passes, n_failed_passes;
        uint64_t n_credential_failures; /* passes that failed for it */
        int64_t passes_ms, last_pass_ms;
        uint64_t n_steps[CHANGE_STATES]; /* as they ended, see pass_count() */
        uint64_t n_drift_repaired;   /* steps done after the organisation was once as the charter in force wants it */
        int64_t last_survey;         /* wall ms: since then every project was read whole; 0: not yet */
        int64_t last_success;        /* wall ms: nothing had failed, was unread or waited after a pass; 0: not yet */
} EngineCounts;

Engine *engine_new(Mem *parent, const EngineSpec *spec);
/* Takes the charter into force (moved below the engine) from the next pass on; the running pass keeps its own. */
void engine_set_charter(Engine *engine, Desired *desired);
bool engine_has_charter(const Engine *engine);
bool engine_is_busy(const Engine *engine);
/* How long a turn (FIRST, NEXT) has to wait until the budget has room for all of it; 0: it may begin. Nothing is to be
 * running. */
int64_t engine_turn_delay(Engine *engine);
/* True when the last order ended with turns left in its cycle; what stops them ends the cycle. */
bool engine_has_turns_left(const Engine *engine);
/* Starts; must not be busy and must have a charter. */
void engine_order(Engine *engine, const EngineOrder *order);
/* No new request. What only reads is dropped at once; writes under way are waited for, then on_done is called.
 * Afterwards engine_is_busy() tells which. */
void engine_stop(Engine *engine);
void engine_add_release(Engine *engine, const char *step_id, int64_t wall);

/* Of the last undo, until the next order; nothing of it shows in what the engine tells of its passes. */
typedef struct EngineUndone {
        const Plan *plan; /* without the steps that were done; NULL: the organisation could not be read, or there was no undo */
        const char *error;
        size_t n_done, n_not_done; /* steps */
} EngineUndone;
EngineUndone engine_undone(const Engine *engine);
/* As `plan` (lenient), and 1 when something was attempted and is not done. */
int engine_undone_exit_code(const Engine *engine);

/* Of the last pass that ended, with turns: of each project's last one; NULL before. It has live views unless projects
 * take turns. */
const Plan *engine_plan(const Engine *engine);
EngineBudget engine_budget(const Engine *engine);
/* How long a cycle of turns takes at most by the budget; 0: there are no turns. */
int64_t engine_cycle_ms(const Engine *engine);
/* Why the organisation could not be read or written, or NULL. */
const char *engine_error(const Engine *engine);
FaultKind engine_fault(const Engine *engine);
const Throttle *engine_throttle(const Engine *engine);
/* To be called now and then while it is busy: that the service does not answer is said in the log, once. */
void engine_look(Engine *engine);
/* How far the running order is; PROGRESS_NONE: there is none. */
const Progress *engine_progress(const Engine *engine);
const EngineSpec *engine_spec(const Engine *engine);
const Desired *engine_desired(const Engine *engine);
int64_t engine_last_pass(const Engine *engine); /* wall ms, 0 never */
const EngineCounts *engine_counts(const Engine *engine);
/* Of the last order, over all its passes: steps done; steps attempted by the last pass (of each project) and not done. */
size_t engine_n_done(const Engine *engine);
size_t engine_n_not_done(const Engine *engine);
/* As `plan` (lenient), and 1 when something was attempted and is not done. */
int engine_exit_code(const Engine *engine, PlanStrictness strictness);

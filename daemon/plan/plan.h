/* SPDX-License-Identifier: Apache-2.0 */
/* Plan: the ordered steps that would make live equal to the charter, with what is held, waits or
 * was found. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/access/matrix.h"
#include "common/access/people.h"
#include "common/base/json.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/model/desired.h"
#include "common/model/organisation.h"
#include "daemon/plan/author.h"
#include "daemon/plan/step.h"
#include "daemon/plan/undo.h"

/* Counted brakes; -1: none (switched off). */
typedef struct PlanLimits {
        int64_t changes;
        int64_t removals_percent;
        int64_t removals_floor;
        int64_t people_losing; /* people who lose all access to something */
} PlanLimits;

/* What charterd remembers of a governed thing (known.json), product.md "What it remembers". */
typedef enum KnownState {
        KNOWN_PRESENT,
        KNOWN_VANISHED, /* gone, confirmed by a direct read */
        KNOWN_RENAMED,  /* its id lives under `live_name` */
} KnownState;

typedef struct KnownThing {
        Kind kind; /* an artefact, KIND_TEAM, KIND_GROUP, KIND_PROJECT */
        const char *project;
        const char *name; /* as the charter names it */
        const char *id;
        const char *live_name; /* KNOWN_RENAMED */
        KnownState state;
        bool is_made_by_us; /* charterd made it */
} KnownThing;

/* A step that a counted brake held in an earlier plan: it stays held until it is released or gone,
 * though what charterd gave meanwhile made the share smaller. */
typedef struct HeldBefore {
        char id[13];
        Brake brake; /* BRAKE_CHANGES or BRAKE_REMOVALS */
        const char *project;
} HeldBefore;

/* Something that charterd repairs again and again, because somebody undoes it. */
typedef struct PlanFight {
        const char *project;
        const char *what;   /* `[Shop]\Red at repository red` */
        const char *detail; /* how often, since when, against which values */
} PlanFight;

typedef struct PlanSpec {
        const Desired *desired;
        const Organisation *live; /* after sealing */
        PlanLimits limits;
        Mode mode; /* the settings': observe never writes */
        int64_t wall_ms; /* the time, for suspensions */
        bool may_create;
        bool may_administrators; /* may.administrators */
        bool may_organization;
        bool hold_first_pass;
        const char *charter_shrank; /* sentence, or NULL */
        const KnownThing *known;
        size_t n_known;
        /* Whether this pass made the thing or the principal of a step; or NULL. */
        bool (*is_made_by_pass)(void *context, const Step *step);
        void *context;
        const HeldBefore *held_before;
        size_t n_held_before;
        const PlanFight *fights;
        size_t n_fights;
        const Authors *authors; /* what is told of who did it; outlives the plan; or NULL */
        const char *const *released; /* step ids, sorted */
        size_t n_released;
        const char *only_project; /* or NULL */
        const UndoRecord *undo;   /* the reverse of that change is planned, and nothing else; or NULL */
} PlanSpec;

typedef enum FindingLevel {
        FINDING_INFO,
        FINDING_WARNING,
        FINDING_ALARM,
} FindingLevel;

typedef struct Finding {
        const char *kind; /* vanished, renamed, surplus, unlisted, missing, leak, assertion,
                             not_known, identity, fight, … */
        FindingLevel level;
        const char *project;
        const char *message;
        const char *detail;      /* what may change while it is the same finding, or NULL */
        const char *const *path; /* entry, group by group; n_path may be 0 */
        size_t n_path;
        /* Of a leak: whom the path goes through, identities of the organisation, to the entry at `token`; not kept. */
        const Index *chain;
        size_t n_chain;
        int space;
        const char *token;
        Place place;
} Finding;

/* By which it is the same as in another plan. */
static inline Finding finding_without_detail(const Finding *finding) {
        Finding same = *finding;

        same.detail = NULL;
        return same;
}

typedef enum PlanState {
        PLAN_IN_SYNC,
        PLAN_PENDING,
        PLAN_HELD,
        PLAN_WAITING,
        PLAN_FAILED,
        PLAN_UNREAD, /* its turn has not come yet */
} PlanState;

typedef struct PlanProject {
        const char *name;
        PlanState state;
        const char *error; /* PLAN_FAILED */
        size_t n_broken;   /* assertions or confinements that are open */
} PlanProject;

typedef struct Plan {
        const Desired *desired;
        const Organisation *live; /* NULL in one that was kept */
        PermissionTable permissions; /* the live ones: for words */
        const char *only_project; /* what it was narrowed to, or NULL */
        const char *undoes;       /* the change that it takes back; NULL: the charter's own plan */
        Mode mode;                /* the settings': observe never writes */
        char plan_id[13];         /* "" when nothing is held */
        Step *steps;              /* by rank, project, kind, name, principal */
        size_t n_steps;
        Finding *findings; /* by project, kind, message */
        size_t n_findings;
        PlanProject *projects; /* the charter's order */
        size_t n_projects;
        size_t n_broken;           /* of all projects */
        const char *shrank;        /* the charter shrank, held until it is released; or NULL */
        char shrank_id[13];        /* what a release of that names */
        AccessView *current;       /* the organisation as it is */
        AccessNames current_names; /* principals and things of the charter in that view, renamed
                                      ones too */
        AccessView *wanted;        /* the organisation as the plan would leave it */
        AccessNames wanted_names;
        People *people; /* who gains and loses by the steps; owners are the charter's projects. NULL: no step */
        int64_t people_losing;     /* the limit; -1: none */
        const char *losing_reason; /* why BRAKE_PEOPLE_LOSING holds, when it does */
        struct ExemptEntry *exempt; /* entries on owned artefacts that are never changed; not kept */
        size_t n_exempt;
        const Authors *authors; /* of steps and findings that drifted; or NULL */
        struct Draft *
                *drafts; /* by the charter's projects; NULL: not planned. Of daemon/plan alone */
} Plan;

/* Never fails; what cannot be planned is in the projects' states. Pure: equal inputs, equal plan.
 */
Plan *plan_new(Mem *parent, const PlanSpec *spec);
/* What can be printed of a plan, once its organisation and its views are gone; steps have no places in them any
 * more. The charter stays where it is. */
Plan *plan_keep(Mem *parent, const Plan *plan);
/* 0, 1, 2, 3 or 4 as product.md's exit codes: the first of 1, 3, 4 (strict), 2 that applies. */
typedef enum PlanStrictness {
        PLAN_LENIENT,
        PLAN_STRICT,
} PlanStrictness;
int plan_exit_code(const Plan *plan, PlanStrictness strictness);

/* Of a charter of which nothing was read yet: every project is PLAN_UNREAD. As one that was kept. */
Plan *plan_new_unread(Mem *parent, const Desired *desired, Mode mode);
/* `newer` for the projects it is about, `older` for the others, as one that was kept. Both of the same charter. */
Plan *plan_merge(Mem *parent, const Plan *older, const Plan *newer);
/* Of a merged plan: the project could not be read in its turn. What was planned for it before is no longer shown. */
void plan_fail_project(Plan *plan, const char *project, const char *error);
/* Steps that are not to be told any more; the projects' states follow from what is left. */
void plan_drop_steps(Plan *plan, bool (*is_dropped)(void *context, const Step *step), void *context);
/* Projects whose turn has not come yet. */
size_t plan_n_unread(const Plan *plan);
/* Every project of the charter was looked at. */
bool plan_is_whole(const Plan *plan);

/* Entries on owned artefacts that are never changed, with why, in words below parent; of a plan with its organisation. */
AccessRemarks plan_tell_exempt(Mem *parent, const Plan *plan);

/* `in_sync`, `pending`, … */
const char *plan_state_word(PlanState state);

/* Why something is held, with the number of steps; a charter that shrank may hold none. */
typedef struct HeldReason {
        const char *words;
        size_t n_steps;
} HeldReason;
enum {
        PLAN_REASONS_MAX = BRAKE_FIRST_PASS + 1,
};
/* What lets the held steps of the plan go, as people write it; below parent. */
char *plan_release_command(Mem *parent, const Plan *plan);
/* Each once; their number. */
size_t plan_held_reasons(const Plan *plan, HeldReason reasons[static PLAN_REASONS_MAX]);

typedef enum PrintColour {
        PRINT_PLAIN,
        PRINT_COLOUR,
} PrintColour;
/* For people: by project and team, permission words, before -> after, why. */
void plan_print_text(const Plan *plan, PrintColour colour, Text *text);
/* product.md, "Formats that programs may rely on". */
void plan_print_json(const Plan *plan, Text *text);
void step_write_json(const Plan *plan, const Step *step, Text *text);
/* `reasons`: why something is held, as text. No plan: none. */
void plan_write_reasons(const Plan *plan, JsonWriter *writer);
/* `people`: who gains and loses by it, `people_losing_all`, `people_not_compared`. No plan: nobody. */
void plan_write_people(const Plan *plan, JsonWriter *writer);
/* One object of `findings`. */
void finding_write_json(const Finding *finding, Text *text);
/* The same with who brought it about. */
void plan_write_finding(const Plan *plan, const Finding *finding, Text *text);
/* Who brought it about; NULL: it is no drift. */
const Author *plan_author_of_step(const Plan *plan, const Step *step);
const Author *plan_author_of_finding(const Plan *plan, const Finding *finding);
/* One line: verb, thing, principal, words before -> after. */
void step_describe(const Plan *plan, const Step *step, Text *text);
/* Whose and at what, whatever is done there: `[Shop]\Red at repository red`. */
void step_describe_what(const Step *step, Text *text);

/* SPDX-License-Identifier: Apache-2.0 */
/* Step: one change that would bring the live organisation nearer to its charter. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"
#include "common/model/desired.h"
#include "common/model/kind.h"
#include "common/model/organisation.h"

/* architecture.md, Ranks of writes; 4 and 9 are readings back and hold no step. */
typedef enum Rank {
        RANK_CREATE = 1,
        RANK_ADD_MEMBER = 2,
        RANK_GIVE = 3,
        RANK_DENY = 5,
        RANK_TAKE = 6,
        RANK_REMOVE_MEMBER = 7,
        RANK_TEAM_SETTINGS = 8,
} Rank;

typedef enum StepVerb {
        STEP_CREATE,
        STEP_ADD_MEMBER,
        STEP_REMOVE_MEMBER,
        STEP_SET_ENTRY,
        STEP_REMOVE_ENTRY,
        STEP_SET_INHERIT,
        STEP_SET_ROLE,
        STEP_REMOVE_ROLE,
        STEP_SET_AREAS,
        STEP_SET_ADMIN,
        STEP_REMOVE_ADMIN,
        STEP_SET_PIPELINES, /* which may use a thing with roles; the rank says whether they are let in or out */
} StepVerb;

typedef enum StepState {
        STEP_PENDING,
        STEP_HELD,    /* by `brake`, released by a person */
        STEP_WAITING, /* for `waits_for`; ends when its cause does */
} StepState;

typedef enum Brake {
        BRAKE_NONE,
        BRAKE_CHANGES,
        BRAKE_REMOVALS,
        BRAKE_PEOPLE_LOSING,
        BRAKE_BUILTIN_EMPTIED, /* a built-in group left without any bit at a project-level root */
        BRAKE_LAST_ADMINISTRATOR,
        BRAKE_OWN_RIGHTS,
        BRAKE_OWN_ASSERTION, /* the charter breaks its own assertion: holds the project's plan */
        BRAKE_CHARTER_SHRANK,
        BRAKE_VANISHED,
        BRAKE_FIRST_PASS,
} Brake;

/* A principal of a step: live, or one that a creation of this plan will give. */
typedef struct StepPrincipal {
        Index identity;      /* INDEX_NONE: symbolic */
        const char *name;    /* account name: `Data Science A`, `ana@contoso.com` */
        const char *display; /* `[MLOps]\Data Science A` */
} StepPrincipal;

typedef struct Step {
        char id[13]; /* first 12 hex digits of the SHA-256 of what it is (kind, project, names,
                        before, after) */
        Rank rank;
        StepVerb verb;
        StepState state;
        Brake brake;
        bool released;         /* a person let it go */
        const char *waits_for; /* STEP_WAITING: a missing right, an unresolved same_as, an
                                  unconfirmed addition */
        bool after_creation;   /* its thing or principal is made by an earlier step of this plan, or
                                  was by this pass */

        Index project; /* live, INDEX_NONE when the project itself is to be created */
        const char *project_name;
        Kind kind; /* of the thing it is at; KIND_TEAM or KIND_GROUP for members and areas */
        const char
                *name; /* of the thing: path, repository, group; "" at a project or a kind's root */
        bool at_root;  /* the kind's project-level root */
        Index entity;  /* live artefact, or INDEX_NONE */

        StepPrincipal principal; /* whose entry; the member of a membership; the team of areas and
                                    admins */
        StepPrincipal container; /* the group of a membership */

        int space;         /* NamespaceIndex of an entry or a flag, -1 otherwise */
        const char *token; /* NULL while its thing is symbolic */
        const char *below; /* what of it goes beyond the artefact's own token: a branch, a sub-area;
                              or NULL */
        bool entry_before_exists;
        bool entry_after_exists; /* false: the whole entry goes */
        uint32_t allow_before, deny_before, allow_after, deny_after;
        const char *role_before; /* of kinds with roles: that the entry is, NULL: none, or it is no role */
        const char *role_after;  /* STEP_SET_ROLE: that it is to be */
        bool inherit_before, inherit_after;

        const TeamArea *areas; /* STEP_SET_AREAS: what is wanted, the default first */
        size_t n_areas;
        bool all_pipelines;        /* STEP_SET_PIPELINES: all of them at once, too */
        const uint32_t *pipelines; /* STEP_SET_PIPELINES: ids that are let in or out */
        size_t n_pipelines;
        const char *list_before, *list_after; /* areas or pipelines, for people */

        bool is_own_trace; /* cleans up what the service gave charterd itself for creating something
                            */
        bool observed;     /* `mode: observe` there: shown, never written */
        const Suspension *suspended; /* shown, not written before that day; or NULL */
        const char *undoes; /* the change that it takes back; NULL: the charter wants it */
        bool frees_leak;   /* closes a leak of a confined team: waits for no other principal */
        Place why;         /* the charter's line that wants it */
        const char *cause; /* for people: `not what the charter gives`, `not in the charter`,
                              `missing` … */
} Step;

/* What is no permission, in words: a flag, a list of areas, a membership; NULL of the others. */
typedef struct StepStates {
        const char *before;
        const char *after;
} StepStates;
StepStates step_states(const Step *step);
/* It changes somebody's entry, as masks or as a role. */
bool step_is_entry(const Step *step);
/* False: it makes something, takes back what the service gave charterd for that, or undoes a change. */
bool step_is_repair(const Step *step);
/* Where it is at nothing is written now. */
static inline bool step_is_only_shown(const Step *step) {
        return step->observed || step->suspended;
}
/* `set_entry`: as programs know it. */
const char *step_verb_word(StepVerb verb);
/* The team that owns the thing, else the one whose principal it is about; NULL: none of the charter's. */
const char *step_team(const DesiredProject *project, const Step *step);
/* Why a step is held, for people. */
const char *brake_word(Brake brake);

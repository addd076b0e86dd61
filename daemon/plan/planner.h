/* SPDX-License-Identifier: Apache-2.0 */
/* Planner: what the files that make a plan work on together. Only daemon/plan includes this. */
#pragma once

#include "common/base/arena.h"
#include "common/model/identity.h"
#include "common/model/table.h"
#include "daemon/plan/plan.h"

enum {
        PLAN_NAMES_MAX = 10,    /* of one message; the rest is counted */
        PLAN_ENTRIES_MAX = 500, /* of a list whose inherit flag is switched (architecture.md) */
};

/* Somebody a step is about: live, or made by a step of this plan. */
typedef struct Actor {
        Index index; /* in the wanted view; INDEX_NONE: neither there nor to be made */
        StepPrincipal principal;
} Actor;

/* A team or group of the charter as the organisation has it, or will have. */
typedef struct Party {
        const DesiredPrincipal *desired;
        Actor actor;
        Index identity; /* live, or INDEX_NONE */
        Index team;     /* live entity, or INDEX_NONE */
        uint32_t spaces; /* in which it is held to what the charter gives */
        bool is_at_organization; /* a rule of its is about the organisation, where it is held to them too */
        bool is_new;    /* a step of this plan, or the making of its project, makes it */
        bool vanished;
        bool is_unserved;      /* the plan gives it something: it does not have all it is to have */
        const char *waits_for; /* its making does */
        enum {
                PARTY_WAITING,
                PARTY_OPEN,
                PARTY_DONE
        } state; /* of its wanted entries */
} Party;

/* A place where entries stand: a kind's root in a project, or an artefact the charter names. */
typedef struct Spot {
        Kind kind;
        const char *name; /* as the charter writes it; "" a root */
        uint32_t number;  /* in its draft */
        int space;        /* -1: a kind without permissions */
        bool is_root;
        bool is_new; /* a step of this plan makes it */
        bool vanished;
        bool resolved;
        bool is_unserved;      /* its owner does not have all it is to have there */
        const char *waits_for; /* its making does */
        Index entity;          /* live, or INDEX_NONE */
        Index acl;             /* the live list of exactly its token, or INDEX_NONE */
        const char *token;     /* live, or NULL */
        const char
                *view_token; /* in the wanted view; NULL: it does not exist and nothing makes it */
        const OwnedArtefact *owned;    /* what `owns` or a key of the project says, or NULL */
        const DesiredPrincipal *owner; /* NULL: nobody */
} Spot;

/* A live entry of a governed principal. */
typedef struct Holding {
        uint32_t party;
        uint32_t spot; /* its number, UINT32_MAX: at a token the charter does not name */
        Index acl;
        AccessControlEntry entry;
} Holding;

/* A live entry of somebody the charter does not list, on or below an owned artefact. */
typedef struct Stranger {
        const Spot *spot; /* the artefact */
        bool is_below;
        Index acl;
        AccessControlEntry entry;
} Stranger;

/* An entry on an owned artefact that is never changed. */
typedef struct ExemptEntry {
        const struct Draft *draft;
        const Spot *spot;
        AccessControlEntry entry;
        const char *why;
} ExemptEntry;

/* What the charter itself gives somebody at a place, whatever is live there. */
typedef struct Given {
        uint8_t space;
        const char *view_token;
        AccessControlEntry entry; /* by the rows of the wanted view */
} Given;

/* A membership that the charter wants. */
typedef struct Edge {
        Actor container;
        Actor member;
        Place why;
} Edge;

typedef struct Masks {
        uint32_t allow;
        uint32_t deny;
} Masks;

/* A project being planned; lives with the plan, for the names of its things. */
typedef struct Draft {
        struct Planner *planner;
        const DesiredProject *desired;
        Index project;      /* live, or INDEX_NONE: to be made */
        uint32_t spaces;    /* the namespaces that its charter governs */
        const Project *row; /* live, or NULL */
        Party *parties;     /* one for each principal of the charter's project, in its order */
        Spot **spots;
        size_t n_spots;
        Table spot_names;
        Table spot_tokens;   /* of spots that have a live token */
        Table entity_tokens; /* of all live artefacts of the project */
        Actor *extras; /* groups of a project to be made that come with it, and are not declared */
        size_t n_extras;
        /* while planning: */
        Holding *holdings;
        size_t n_holdings;
        Stranger *strangers;
        size_t n_strangers;
        Edge *edges; /* by container, member */
        size_t n_edges;
        bool vanished;         /* the project itself */
        const char *waits_for; /* its making does */
        bool breaks_assertion; /* the charter breaks its own */
        size_t n_base; /* live entries and memberships of listed principals, and entries on owned
                          artefacts */
} Draft;

typedef struct Planner {
        Plan *plan;
        const PlanSpec *spec;
        const Organisation *live;
        Arena *arena; /* of the plan */
        Mem *scratch; /* freed when the plan is made */
        AccessView *live_view;
        AccessView *wanted_view;
        Index *party_of; /* of each live identity the party of the draft at work, INDEX_NONE: none
                          */
        Table known;     /* of spec->known */
        Actor *entra;    /* groups of Entra that this plan brings in */
        size_t n_entra;
        Actor *later_groups; /* of the organisation, made by a plan of it that this is not */
        size_t n_later_groups;
        Actor *news; /* of the wanted view beyond the live identities, in its order */
        size_t n_news;
        Given *givens;
        size_t n_givens;
        AccessSubject *self_live; /* charterd itself; NULL: not known who that is */
        AccessSubject *self_wanted;
} Planner;

/* --- names.c ---------------------------------------------------------------------------------- */
Spot *draft_find_spot(const Draft *draft, Kind kind, const char *name);
/* The party of that name, or NULL. */
Party *draft_find_party(const Draft *draft, const char *name);
Spot *draft_find_spot_at(const Draft *draft, uint8_t space, const char *token);
/* The nearest spot with an owned artefact at or above a token, or NULL. */
const Spot *draft_find_owned_above(const Draft *draft, uint8_t space, const char *token);
/* Says of a step what its live token is: an artefact, perhaps what is below it (`refs/heads/main`).
 */
void draft_describe_token(const Draft *draft, uint8_t space, const char *token, Step *step);
Actor actor_of_identity(const Planner *planner, Index identity);
/* Somebody a plan makes, with its row of the wanted view. */
Actor planner_add_actor(Planner *planner, Index project, const char *name, const char *display);
/* Whoever a list names; INDEX_NONE when there is nobody, which is a finding. */
Actor draft_find_actor(Draft *draft, const PrincipalName *name);
typedef enum GroupScope {
        GROUP_OF_PROJECT,
        GROUP_OF_ORGANIZATION,
} GroupScope;
/* A group by its name; no finding. */
Actor draft_find_group(Draft *draft, GroupScope scope, const char *name);
/* The name of a live group or team that is most like it; NULL: none is. */
const char *draft_nearest_group(const Draft *draft, GroupScope scope, const char *name);
/* A group of the organisation that this plan makes: its draft comes before those of projects. NULL: none. */
const Party *planner_find_new_group(const Planner *planner, const char *name);
/* Declared in any project of the charter, or among the organisation's groups. */
const DesiredPrincipal *planner_find_listed(const Planner *planner, Index identity);
const KnownThing *planner_find_known(const Planner *planner, Kind kind, const char *project,
                                     const char *name);
void planner_index_known(Planner *planner);
/* By the charter's projects: whose the step is. */
size_t planner_find_draft(const Planner *planner, const Step *step);
/* By `except` of the project, or of that team or group (or NULL). */
bool draft_is_excepted(const Draft *draft, const DesiredPrincipal *principal, Index identity);
/* Why unlisted handling never changes it, `except` of the project and of that team or group (or NULL) counted in. */
const char *draft_exemption(const Draft *draft, const DesiredPrincipal *principal, Index identity);

/* --- draft.c: what exists, what is to be made ------------------------------------------------- */
Draft *draft_new(Planner *planner, const DesiredProject *desired, Index project);
/* The place of that kind and name, made when it is not there. */
Spot *draft_add_spot(Draft *draft, Kind kind, const char *name);
/* Says what a place's live token is. */
void draft_note_token(Draft *draft, Spot *spot, const char *token);
/* Looks for a place among what is live, or plans to make it. for_artefact: what `owns` says of it, or of what lies
 * below; NULL: it is only mentioned. */
Spot *draft_resolve(Draft *draft, Spot *spot, const OwnedArtefact *for_artefact, Place place);
/* --- mention.c: places that only rules name ---------------------------------------------------- */
void draft_resolve_mentioned(Draft *draft);
/* A branch of a repository, or NULL. */
Spot *draft_find_branch(const Draft *draft, const char *repository, const char *branch);

/* --- step.c ----------------------------------------------------------------------------------- */
/* A step of the project with nothing in it: no identities, no namespace. */
Step step_begin(const Draft *draft, StepVerb verb, Rank rank);
/* What a `mode` or a suspension there does to it; NULL: nothing. */
void draft_restrain(const Draft *draft, Step *step, const Policies *policies);
Step *draft_add_step(Draft *draft, const Step *step);
/* Why something is given, denied or taken. */
typedef struct Reason {
        const char *cause;
        Place why;
} Reason;
typedef struct EntryReasons {
        Reason gives;
        Reason denies;
        Reason takes;
} EntryReasons;
/* One entry from `before` to `after`, as up to three steps (architecture.md, Ranks of writes).
 * `base` has who and where. */
void draft_add_entry_steps(Draft *draft, const Step *base, Masks before, Masks after,
                           const EntryReasons *reasons);
/* rule.c: the places of the wanted view that a rule of a principal is about; items in scratch. */
typedef struct Places {
        const Spot **items;
        size_t n;
} Places;
Places draft_places_of(Draft *draft, const DesiredPrincipal *principal, const At *at);
/* A word at a place; one of the organisation is of one of its namespaces. 0: not known there. */
uint32_t draft_bit_at(const Draft *draft, const Spot *spot, const char *word);
/* One bit of an entry of the wanted view, allowed (ACCESS_OPEN) or denied. */
typedef struct PlannedBit {
        uint8_t space;
        const char *token;
        uint32_t bit;
        AccessAnswer answer;
} PlannedBit;
/* The rule of the principal that says so, rather by its own words than by `same_as`; NULL: none. */
const Rule *draft_find_rule(Draft *draft, const DesiredPrincipal *principal,
                            const PlannedBit *bit);
/* The roles of a place; none where it has permissions. */
RoleTable draft_roles_at(const Draft *draft, Kind kind, bool at_root);
/* What is missing for writing in that namespace of the project, with what to grant; or NULL. */
const char *draft_missing_right(const Draft *draft, Index project, int space);
const char *draft_missing_organization_right(const Draft *draft, int space);
bool step_is_removal(const Step *step); /* ranks 6 and 7 */
bool step_is_same_place(const Step *a, const Step *b);
int step_compare(const void *a, const void *b); /* by rank, project, kind, name, principal */
void plan_sort_steps(Plan *plan);
/* --- describe.c ------------------------------------------------------------------------------- */
const char *brake_key(Brake brake); /* as programs know it */
void step_describe_place(const Step *step,
                         Text *text); /* `repository data-science-a`, `the root of areas` */

/* --- finding.c -------------------------------------------------------------------------------- */
Finding *planner_add_finding(Planner *planner, const char *kind, FindingLevel level,
                             const char *project, Place place, const char *format, ...)
        __attribute__((format(printf, 6, 7)));
void plan_sort_findings(Plan *plan);
/* `a, b and 3 more`, for messages. */
typedef struct NameList {
        Text text;
        size_t n;
} NameList;
void name_list_init(NameList *list, Mem *parent);
void name_list_add(NameList *list, const char *name);
const char *name_list_end(NameList *list);

/* --- the parts of a plan ---------------------------------------------------------------------- */
void draft_collect_entries(Draft *draft);  /* holding.c */
/* The lists of the project in the namespaces of governed kinds with permissions. */
void draft_walk_lists(Draft *draft, void (*visit)(void *context, Index acl), void *context);
void draft_plan_memberships(Draft *draft); /* membership.c */
/* Memberships of listed principals, for the brake on removals. */
void draft_count_memberships(Draft *draft);
Step draft_membership_step(Draft *draft, StepVerb verb, const Actor *container, const Actor *member);
/* What the settings do not let anybody be given by being in that group, or NULL. */
const char *draft_refuse_member(const Draft *draft, const Actor *container);
void draft_plan_inheritance(Draft *draft); /* inherit.c */
/* Why the switch cannot be made by one write that keeps everybody's entry (architecture.md), or NULL. acl: the live list. */
const char *draft_inherit_obstacle(const Draft *draft, Kind kind, int space, Index acl);
void draft_plan_entries(Draft *draft);     /* want.c */
Masks entry_target(const PermissionNamespace *space, GrantsPolicy policy, Masks before,
                   Masks wanted);
void draft_plan_strangers(Draft *draft);         /* unlisted.c */
void draft_plan_admins(Draft *draft);            /* admin.c */
void draft_tell_released(Draft *draft);          /* released.c */
void draft_tell_fights(Draft *draft);            /* fight.c */
/* Adds the step that takes back what is still as a change of areas left it: 0; 1: nothing is; negative with *reasonp. */
int draft_undo_areas(Draft *draft, Step step, const UndoRecord *record, const TeamAreas *live, const char **reasonp);
/* The same of a change of who may use a thing. */
int draft_undo_pipelines(Draft *draft, Step step, const UndoRecord *record, const PipelineUsers *live);
/* Why the change is not undone, or NULL. */
const char *draft_plan_undo(Draft *draft, const UndoRecord *record); /* undo.c */
/* suspend.c */
bool planner_is_suspended(const Planner *planner, const Policies *policies);
void draft_tell_suspensions(Draft *draft);
void draft_plan_areas(Draft *draft);             /* area.c */
void draft_plan_pipelines(Draft *draft);         /* pipelines.c */
void planner_take_back_traces(Planner *planner); /* trace.c */
void planner_work_out_self(Planner *planner);    /* in the wanted view as it is now */
void planner_judge(Planner *planner);            /* judge.c */
void planner_brake(Planner *planner);            /* brake.c */
/* What this pass made was let go with its making. */
bool planner_is_of_made(const Planner *planner, const Step *step);
void planner_find_people(Planner *planner); /* people.c */
/* More people of that project lose all access to something than the limit lets pass, or it is not known. */
bool plan_loses_too_many(const Plan *plan, uint32_t owner);
/* people_words.c: one row as a sentence, without an end */
void people_describe(const Plan *plan, const PeopleRow *row, Text *text);
/* Why steps are held by BRAKE_PEOPLE_LOSING; below the plan. */
const char *people_losing_reason(Plan *plan);
/* id.c; `text` is room to work in */
void step_identify(Step *step, Text *text);
void sentence_identify(const char *sentence, char id[static 13]);
void plan_identify(Plan *plan);

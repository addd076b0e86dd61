/* SPDX-License-Identifier: Apache-2.0 */
/* Draft: a plan in the making; what its parts share. Only daemon/plan includes this. */
#pragma once

#include "common/access/confine.h"
#include "common/model/table.h"
#include "daemon/plan/plan.h"

/* A team or group of the charter, as live has it or as the plan will make it. */
typedef struct Holder {
        const DesiredPrincipal *desired;
        const char *name;    /* the live one where there is one */
        const char *display; /* `[MLOps]\Data Science A` */
        Index identity;      /* live; INDEX_NONE: it is to be made, or cannot be */
        Index entity;        /* live */
        Index viewed;        /* in the wanted view; INDEX_NONE: there is none and none will be made */
        bool is_wanted;      /* its wants are laid */
        bool is_open;        /* they are being worked out */
} Holder;

/* A thing that entries stand at: the project, a kind's root, an artefact. */
typedef struct Spot {
        Kind kind;
        const char *name; /* "" the project or a kind's root */
        bool at_root;
        bool is_new;  /* to be made by this plan: the token is a placeholder of the view */
        Index entity; /* live artefact */
        int space;    /* NamespaceIndex; -1: none */
        const char *token;
        const char *below; /* what of an entry's token goes beyond the artefact's, or NULL */
} Spot;

/* What one principal of the charter is to have at one thing. */
typedef struct Want {
        size_t holder;
        Spot spot;
        uint32_t allow, deny; /* what rules give */
        uint32_t kept;        /* neither given nor taken: what the rule says of them is not known */
        Place why;
        const char *waits_for; /* a same_as that cannot be resolved */
        bool is_met;           /* a live entry stands there; see entries.c */
} Want;

/* A live entry of a holder whose permissions are governed. */
typedef struct HolderEntry {
        uint32_t holder;
        Index acl;
        AccessControlEntry entry;
} HolderEntry;

typedef struct Draft {
        Mem *mem; /* the plan */
        const PlanSpec *spec;
        const Organisation *live;
        Plan *plan;
        AccessView *current; /* live */
        AccessView *wanted;  /* live as the plan would leave it */
        /* of the project at hand */
        const DesiredProject *project;
        Index live_project; /* INDEX_NONE: it is to be made */
        PlanProject *row;
        Holder *holders; /* by the order of project->principals */
        size_t n_holders;
        Want *wants;
        size_t n_wants;
        Table want_table;      /* by token, identity of the view */
        struct LikenessKept *kept; /* of want.c: what same_as said before */
        size_t n_kept;
        HolderEntry *entries; /* live entries of governed holders, by holder */
        size_t n_entries;
        uint32_t *holder_of;   /* by live identity: its holder, UINT32_MAX: none */
        Table entity_table;    /* entities of the project by token */
        Table known_table;     /* what is known of the project's things, by kind and name */
        bool breaks_itself;    /* the charter breaks one of its own assertions */
        size_t n_base;         /* entries and memberships that removals are a share of */
        size_t first_step;     /* of the project */
} Draft;

#define HOLDER_NONE UINT32_MAX

/* --- draft.c --- */
/* A zeroed step of the project at hand, its indexes set to INDEX_NONE; valid until the next one is added. */
Step *draft_add_step(Draft *draft, Rank rank, StepVerb verb);
void draft_set_spot(Step *step, const Spot *spot);
void draft_set_principal(const Draft *draft, Step *step, Index viewed);
void draft_find(Draft *draft, const char *kind, FindingLevel level, Place place, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
const PermissionNamespace *draft_space(const Draft *draft, int space);
void draft_index_known(Draft *draft);
/* What charterd knows of a governed thing, or NULL. */
const KnownThing *draft_known(const Draft *draft, Kind kind, const char *name);
/* Permission words of a mask, below the plan: `Read, Contribute`. */
const char *draft_words(const Draft *draft, int space, uint32_t bits);

/* --- holder.c --- */
void draft_make_holders(Draft *draft);
size_t draft_find_holder(const Draft *draft, const char *name); /* HOLDER_NONE */
/* HOLDER_NONE for an identity that the charter does not declare. */
static inline uint32_t draft_holder_of(const Draft *draft, Index identity) {
        return identity < draft->live->n_identities ? draft->holder_of[identity] : HOLDER_NONE;
}
/* charterd made it: what the service gave charterd for that is taken back. */
bool draft_is_made_by_us(const Draft *draft, const Holder *holder);
/* The live identity a name of a list stands for, or the new principal of the view. INDEX_NONE: not there (yet). */
Index draft_find_name(Draft *draft, const PrincipalName *name);

/* --- spot.c --- */
/* False: there is no such thing and the plan does not make it. */
bool draft_find_spot(Draft *draft, Kind kind, const char *name, Spot *spot);
bool draft_find_root(const Draft *draft, Kind kind, Spot *spot);
/* Where the list of a live token stands. */
Spot draft_spot_of_acl(const Draft *draft, const AccessControlList *acl);
/* The things an `at` is about. owner: whose `own` is meant. */
Spot *draft_spots_of_at(Draft *draft, const At *at, const DesiredPrincipal *owner, size_t *np);
Index draft_find_entity(const Draft *draft, Kind kind, const char *name);
/* True when this plan makes the missing artefact. */
bool draft_will_make(const Draft *draft, Kind kind, const char *name);

/* --- the parts of a project's plan, in this order --- */
void draft_memberships(Draft *draft); /* members.c; lays edges over the wanted view */
void draft_creations(Draft *draft);   /* creations.c */
void draft_wants(Draft *draft);       /* want.c; lays entries over the wanted view */
void draft_entries(Draft *draft);     /* entries.c */
void draft_unlisted(Draft *draft);    /* unlisted.c */
void draft_admins(Draft *draft);      /* admins.c */
void draft_flags(Draft *draft);       /* flags.c: inheritance of artefacts */
void draft_team_areas(Draft *draft);  /* team_areas.c */
void draft_verdicts(Draft *draft);    /* verdicts.c */
AccessNames draft_wanted_names(Draft *draft);
void draft_brakes(Draft *draft);      /* brake.c */

/* want.c */
Want *draft_find_want(const Draft *draft, int space, const char *token, Index viewed);
/* The masks after the plan of an entry that has `before`; want NULL: no rule gives anything there. */
typedef struct WantedMasks {
        uint32_t allow, deny;
} WantedMasks;
WantedMasks draft_wanted_masks(const Draft *draft, const Holder *holder, int space, const Want *want,
                               AccessControlEntry before);

/* entries.c: the steps from one state of an entry to another, rank by rank. */
typedef struct EntryChange {
        Spot spot;
        Index viewed; /* whose */
        bool exists;
        uint32_t allow_before, deny_before, allow_after, deny_after;
        Place why;
        const char *cause;
        const char *waits_for;
        bool is_own_trace;
        bool frees_leak;
        bool after_creation;
} EntryChange;
void draft_change_entry(Draft *draft, const EntryChange *change);
/* True when charterd's rights at a token hold though one of its entries there goes (§ exempt, own traces). */
bool draft_self_keeps_rights(const Draft *draft, int space, const char *token, Index without);
/* Never changed by unlisted handling: administrators' groups, the service's own identities, what is unresolved. */
bool draft_is_exempt(const Draft *draft, Index identity);

/* step.c */
void step_make_id(const Draft *draft, Step *step);
int step_compare(const void *a, const void *b);

/* SPDX-License-Identifier: Apache-2.0 */
/* Remembrance: what is known of the charter's things from before, held against what is live now. */
#pragma once

#include "common/model/desired.h"
#include "daemon/engine/change.h"
#include "daemon/engine/known.h"
#include "daemon/plan/plan.h"

/* A thing of the charter that a direct read, long enough after it was last seen or written, did not find. */
typedef struct Gone {
        Kind kind;
        const char *project; /* "" for projects themselves */
        const char *name;
} Gone;

typedef struct GoneList {
        Gone *items;
        size_t n;
} GoneList;

/* The things that a project of the charter governs: itself, its teams and groups, what they own, what stands under its
 * kinds' keys. */
typedef struct GovernedThing {
        const DesiredProject *project;
        Kind kind;
        const char *name;
        const char *was; /* what the charter says it was called before, or NULL */
} GovernedThing;
void remembrance_each(const DesiredProject *project, void (*visit)(void *context, const GovernedThing *thing),
                      void *context);

/* By its name, or by the one it had; NULL: nothing is known of it. */
const KnownEntry *remembrance_find(const Known *known, const Desired *desired, const GovernedThing *thing);
/* The live thing: by its name, by the one it had, or by the id it is known by. INDEX_NONE: it is not seen. */
Index remembrance_find_live(const Known *known, const Desired *desired, const Organisation *live, Index project,
                            const GovernedThing *thing);
/* The live project of a project of the charter: by its name, or by the id it is known by. */
Index remembrance_find_project(const Known *known, const Desired *desired, const Organisation *live,
                               const DesiredProject *project);

/* The charter has a thing of that kind and name. */
bool remembrance_is_governed(const Desired *desired, const KnownKey *key);

/* Fills spec->known: everything that is known of the organisation. */
void remembrance_fill(Mem *parent, const Known *known, const Desired *desired, const Organisation *live,
                      const GoneList *gone, PlanSpec *spec);

typedef enum RemembranceScope {
        REMEMBRANCE_SEEN_ALONE, /* what is no longer in the charter stays known */
        REMEMBRANCE_ALL,        /* it is forgotten */
} RemembranceScope;
/* Notes what sealed projects show. only_project, or NULL: what left another project that the charter still has is known
 * on until that one is read. True when known.json is to be written. */
bool remembrance_note_seen(Known *known, const Desired *desired, const Organisation *live, int64_t wall,
                           RemembranceScope scope, const char *only_project);
/* Notes that charterd made a thing, when it is seen. False: it is not. */
bool remembrance_note_written(Known *known, const Desired *desired, const Organisation *live,
                              const GovernedThing *thing, int64_t wall);
/* Notes what a creation gave. */
void remembrance_note_made(Known *known, const Desired *desired, const Organisation *live, const Change *change,
                           int64_t wall);

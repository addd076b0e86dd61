/* SPDX-License-Identifier: Apache-2.0 */
/* Confine: what a team can reach of what other teams own, and whether assertions hold (charter.md,
 * confined, asserts). */
#pragma once

#include "common/access/evaluate.h"
#include "common/model/desired.h"

/* Where a thing of the charter lives in a view: live, or where a plan will make it. NULL token: it
 * does not exist and nothing will make it. */
typedef struct AccessPlace {
        uint8_t space;
        const char *token;
} AccessPlace;
/* How a plan or a matrix names principals and places of the charter. The name "" of an artefact is
 * its kind's project-level root (of KIND_PROJECT: the project). Tokens live as long as the view. */
typedef struct AccessNames {
        Index (*principal)(void *context, const DesiredProject *project,
                           const char *name); /* INDEX_NONE: unknown */
        AccessPlace (*artefact)(void *context, const DesiredProject *project, Kind kind,
                                const char *name);
        void *context;
} AccessNames;

/* Where a thing lives whatever its kind: a branch (by BRANCH_NAME_FORMAT) at its repository, one that is named by its
 * id at its kind's root. What is put together lives below parent. */
AccessPlace access_place_of(Mem *parent, const AccessNames *names, const DesiredProject *project, Kind kind,
                            const char *name);

/* Names as the live organisation has them. */
AccessNames access_names_of(const Organisation *live);

/* One answer: a principal at a thing. */
typedef struct AccessVerdict {
        AccessAnswer answer;
        const char *principal; /* for people */
        Kind kind;
        const char *name;       /* of the artefact; "" a kind's root or the project */
        const char *permission; /* word */
        const char *message;    /* one sentence: who can do what where, or why it is not known */
        const char *const *path;
        size_t n_path;
        Place place;    /* of the assertion, or of the team */
        bool is_member; /* a known member's own path, not the team's */
        /* of a confinement: whom the path goes through, rows of the view; to the entry at `token`, or n_chain is 0 */
        const Index *chain;
        size_t n_chain;
        /* of an assertion: who was judged (INDEX_NONE: nobody), at what bit of which token */
        Index subject;
        uint8_t space;
        const char *asked;
        uint32_t bit;
        /* and the entry that decides; INDEX_NONE when none does */
        Index holder;
        const char *token;
} AccessVerdict;

typedef struct AccessVerdicts {
        AccessVerdict *items;
        size_t n;
} AccessVerdicts;

enum {
        ACCESS_ALIKE_MAX = 10, /* verdicts of one team that rest on the same entry; the last says
                                  how many more */
        ACCESS_PERSONS_MAX = 10000, /* members of one team that are looked at */
        ACCESS_GROUNDS_MAX = 10,    /* entries that one member's ways rest on and that are told */
};

/* The open and unknown answers about a confined team, judged as a principal: nothing at all (no
 * bit) on what other teams of the project own of kinds with permissions, nor on anything below that
 * (branches, sub-areas); of kinds with roles nothing beyond what Project Valid Users has there. One
 * verdict an artefact, up to ACCESS_ALIKE_MAX. That everything in a project that is not private is
 * not known is one verdict with the name "" (KIND_PROJECT). Members' own paths, as far as they are
 * known, come as is_member, one for each entry they rest on.
 */
AccessVerdicts access_confine(Mem *parent, AccessView *view, const DesiredProject *project,
                              const DesiredPrincipal *team, const AccessNames *names);
/* The broken (ACCESS_OPEN for `cannot`, ACCESS_CLOSED for `can`) and unknown answers of one
 * assertion. */
AccessVerdicts access_assert(Mem *parent, AccessView *view, const DesiredProject *project,
                             const DesiredAssert *assertion, const AccessNames *names);
/* True when the verdict (of an assertion) breaks it. */
bool access_verdict_breaks(const DesiredAssert *assertion, const AccessVerdict *verdict);

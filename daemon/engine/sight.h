/* SPDX-License-Identifier: Apache-2.0 */
/* Sight: since when the steps that are not done yet are seen, and what brought them. */
#pragma once

#include "common/base/json.h"
#include "daemon/plan/plan.h"

enum {
        SIGHTS_MAX = 4096,     /* steps that are remembered from one pass to the next */
        SIGHTS_LINE_MAX = 500, /* of them in one line of the ledger */
};

typedef enum SightOrigin {
        SIGHT_UNKNOWN, /* there were more than can be remembered */
        SIGHT_CHARTER, /* it came with the charter, or follows from what the charter had made */
        SIGHT_DRIFT,   /* it came while the charter stayed as it was */
} SightOrigin;

typedef struct Sight {
        int64_t seen; /* wall ms: the first survey that showed it; 0: unknown */
        SightOrigin origin;
} Sight;

/* Of one organisation. */
typedef struct Sights Sights;

Sights *sights_new(Mem *parent);

/* When the reading that the next plan follows from began, wall ms. */
void sights_begin(Sights *sights, int64_t begun);
/* The first plan of a pass: what is new in it is seen from now on; what is gone from a project that was planned is
 * forgotten. A project that was planned by this same charter before has drifted. */
void sights_take_plan(Sights *sights, const Plan *plan, int64_t wall);
/* Of a step of that plan, or one that follows from it. */
Sight sights_find(const Sights *sights, const Step *step);
/* When the reading began after which what is new in the project came, wall ms; 0: unknown. */
int64_t sights_since(const Sights *sights, const char *project);
/* What is new in the project is a drift. */
bool sights_has_drifted(const Sights *sights, const char *project);
/* It was done: it is no longer seen. */
void sights_note_done(Sights *sights, const Step *step);
/* NULL: it is not told. */
const char *sight_origin_word(SightOrigin origin);

/* Lines `sight` for the ledger about what came and what went since they were last recorded. */
typedef struct SightsRecord {
        const char *pass_id;
        const char *organization;
        const Plan *plan; /* the last one of the pass */
} SightsRecord;
void sights_write(Sights *sights, const SightsRecord *record, Text *text);
/* Whether those lines are in the ledger now. */
void sights_end_record(Sights *sights, bool is_recorded);

/* A record of the ledger, oldest first: what an earlier process saw. */
void sights_restore(Sights *sights, const JsonNode *record);

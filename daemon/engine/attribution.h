/* SPDX-License-Identifier: Apache-2.0 */
/* Attribution: who brought about the drifts of an organisation, asked of its audit log beside the passes. */
#pragma once

#include "daemon/engine/change.h"
#include "daemon/engine/sight.h"
#include "daemon/engine/sought.h"
#include "daemon/flow/batch.h"
#include "daemon/plan/author.h"

enum {
        ATTRIBUTION_PAGES_MAX = 5,                  /* of one asking */
        ATTRIBUTION_SOUGHT_MAX = 128,               /* drifts at a time; of more the author is not known */
        ATTRIBUTION_OLD_MAX = 32,                   /* of them, of earlier plans: the others give way to what is new */
        ATTRIBUTION_FINDINGS_MAX = 4096,            /* that are known from one plan to the next */
        ATTRIBUTION_KEEP_MS = 60 * 60 * 1000,       /* so long after it was seen a drift's author is looked for */
        ATTRIBUTION_FIRST_MS = 5 * 1000,            /* until it is asked again; grows by half */
        ATTRIBUTION_LAST_MS = 10 * 60 * 1000,
        ATTRIBUTION_PATIENCE_MS = 10 * 1000,        /* of one asking */
        ATTRIBUTION_UNKNOWN_SINCE_MS = 60 * 60 * 1000, /* how far it looks back where no earlier pass is known */
};

typedef struct Attribution Attribution;

/* A finding of a plan before, whether it was asked for or not. */
typedef struct KnownFinding {
        AuthorKey key;
        uint64_t project; /* hash of its name */
} KnownFinding;

typedef struct AttributionSpec {
        Port *port;
        Throttle *throttle; /* the organisation's: its audit log counts against the same identity (facts §7.1) */
        const char *url;
        Authors *authors; /* where the answers go */
        void (*on_idle)(void *context); /* what was asked is answered and recorded; never from inside a call */
        void *context;
} AttributionSpec;

Attribution *attribution_new(Mem *parent, const AttributionSpec *spec);
/* Findings that the ledger knows are not new. */
void attribution_set_known(Attribution *attribution, const KnownFinding *findings, size_t n);
/* What an ended process did not find (taken over): it is asked for with the next plan that is recorded. */
void attribution_add_owed(Attribution *attribution, Sought *const *rows, size_t n);
/* Whether the service has an audit log at an address that is trusted. */
void attribution_set_place(Attribution *attribution, bool has_place);

typedef enum AttributionUse {
        ATTRIBUTION_SHOWN, /* asked once; nothing is written anywhere */
        ATTRIBUTION_RECORDED,
} AttributionUse;

/* The first plan of a pass: what drifted since the pass before is asked for. Returns at once. */
typedef struct AttributionPlan {
        const Plan *plan; /* with its organisation */
        const Sights *sights;
        int64_t begun; /* wall ms, of its survey */
        int64_t wall;  /* of the plan */
        AttributionUse use;
} AttributionPlan;
void attribution_take_plan(Attribution *attribution, const AttributionPlan *plan);
/* What became of a step of that plan, or is under way: the records name the change. */
void attribution_note_change(Attribution *attribution, const Change *change);
/* An asking, or a record of what it gave, is under way. */
bool attribution_is_busy(const Attribution *attribution);

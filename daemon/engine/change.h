/* SPDX-License-Identifier: Apache-2.0 */
/* Change: a step being carried out, from intent to outcome. */
#pragma once

#include "common/base/text.h"
#include "daemon/flow/batch.h"
#include "daemon/engine/sight.h"
#include "daemon/plan/plan.h"

enum { CHANGE_ID_SIZE = 40 };

/* The message of one that is DROPPED because it could not leave in time. */
#define CHANGE_TOO_OLD "what it was planned from became too old while the service asked to wait; planned anew"

typedef enum ChangeState {
        CHANGE_OPEN,        /* not yet sent */
        CHANGE_SENT,        /* answered well; not yet read back */
        CHANGE_DONE,        /* read back */
        CHANGE_NOT_DONE,    /* the service certainly did not do it: `already exists`, refused before */
        CHANGE_FAILED,      /* refused, with `message` */
        CHANGE_UNKNOWN,     /* the answer was lost and reading back tells nothing */
        CHANGE_UNCONFIRMED, /* not seen within settle */
        CHANGE_DROPPED,     /* live is not what the plan saw: planned anew, nothing was sent */
        CHANGE_WAITING,     /* for an addition that is not confirmed */
} ChangeState;

enum {
        CHANGE_STATES = CHANGE_WAITING + 1,
};

typedef struct Change {
        const Step *step;
        ChangeState state;
        char id[CHANGE_ID_SIZE];
        bool has_intent;
        const char *message;     /* why not, or the remark */
        const char *remark;      /* what is told of a change that is done, or NULL */
        const char *activity_id; /* of its last answer */
        Index made;              /* entity or identity a creation gave */
        size_t batch_number;
        const AccessControlList *list; /* the whole list of an inherit switch, for the intent */
} Change;

/* True for the states in which access was to be given and is not known to be. */
static inline bool change_is_missing(const Change *change) {
        return change->state != CHANGE_DONE;
}
/* The result of an outcome record (product.md, Formats). */
const char *change_result(ChangeState state);

/* The team a step of that plan is about, see step_team(); NULL: none. */
const char *change_team(const Plan *plan, const Step *step);

/* Live as the plan saw it: the step may be sent. After a fresh reading. */
bool change_still_holds(const Step *step, const Organisation *live);
/* Live as the step wants it. After a fresh reading. */
typedef enum ChangeExactness {
        CHANGE_EXACT,    /* the whole entry is the charter's */
        CHANGE_ADDITIVE, /* only what is given counts */
} ChangeExactness;
bool change_is_seen(const Step *step, ChangeExactness exactness, const Organisation *live);

/* One line each for the ledger, ending in a newline. */
typedef struct ChangeRecord {
        const Plan *plan;
        const char *pass_id;
        const char *organization;
        const Sights *sights; /* or NULL */
} ChangeRecord;
void change_write_intent(const ChangeRecord *record, const Change *change, Text *text);
void change_write_outcome(const ChangeRecord *record, const Change *change, Text *text);

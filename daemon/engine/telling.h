/* SPDX-License-Identifier: Apache-2.0 */
/* Telling: what the log and the ledger are told of a plan, once until it changes. */
#pragma once

#include "common/base/text.h"
#include "daemon/plan/plan.h"

enum {
        TELLING_ALARM_MS = 60 * 60 * 1000, /* an alarm that lasts is logged again so often */
};

/* Of one organisation, while the process lives. */
typedef struct Telling Telling;

Telling *telling_new(Mem *parent, const char *url);
/* Findings that are new go to the log and, as lines, into `ledger`. */
void telling_tell_findings(Telling *telling, const Plan *plan, int64_t wall, Text *ledger);
/* They could not be recorded: the next time they are new again. */
void telling_forget(Telling *telling);
/* Held steps go to the log, a line for each brake, when they are others than before. */
void telling_tell_held(Telling *telling, const Plan *plan);

/* SPDX-License-Identifier: Apache-2.0 */
/* Closing: intents that an ended process left without an outcome, settled by what is seen now. */
#pragma once

#include "common/base/text.h"
#include "common/model/desired.h"
#include "common/model/organisation.h"
#include "daemon/engine/engine.h"

typedef struct ClosingSpec {
        const Desired *desired;
        const Organisation *live; /* sealed */
        int64_t wall;             /* now, ms since 1970 */
        int64_t settle_ms;        /* so long what was done may not show: not seen is then not known */
} ClosingSpec;

/* `done`: seen as it was meant; `not done`: seen as it was before, settle after the intent; `unknown`: neither. Appends
 * one outcome each, a line of the ledger; an intent in a project that could not be read whole stays in the list. The
 * number settled. */
size_t closing_settle(const ClosingSpec *spec, EngineHistory *history, Text *text);

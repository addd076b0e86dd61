/* SPDX-License-Identifier: Apache-2.0 */
/* Closing: what an ended process left open, settled by what is seen now. */
#pragma once

#include "common/base/text.h"
#include "common/model/desired.h"
#include "common/model/organisation.h"
#include "daemon/engine/engine.h"

typedef struct ClosingSpec {
        const Desired *desired;
        const Organisation *live; /* sealed */
        const char *only_project; /* what it was narrowed to, or NULL: of others nothing is told */
        int64_t wall;             /* now, ms since 1970 */
        int64_t settle_ms;        /* so long what was done may not show: not seen is then not known */
} ClosingSpec;

/* `done`: seen as it was meant; `not done`: seen as it was before, settle after the intent; `unknown`: neither. Appends
 * one outcome each, a line of the ledger; an intent in a project that could not be read whole stays in the list. The
 * number settled. */
size_t closing_settle(const ClosingSpec *spec, EngineHistory *history, Text *text);

/* What the ended process made is known as made by charterd: so its ledger says, or an open intent whose thing is seen.
 * What cannot be told yet stays in the list. True when known.json is to be written. */
bool closing_note_made(const ClosingSpec *spec, EngineHistory *history, Known *known);

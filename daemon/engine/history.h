/* SPDX-License-Identifier: Apache-2.0 */
/* History: what the ledger tells of one organisation when a process starts. */
#pragma once

#include "daemon/engine/engine.h"
#include "daemon/engine/known.h"

/* Of an organisation that no ledger tells of. */
EngineHistory engine_history_none(Mem *parent);
/* Reads the ledger of a state directory; takes no lock. 0 (also when there is no ledger yet), or negative with *reasonp
 * (below parent). What is read lives below parent; it does not grow with what the ledger tells of ended changes.
 * Creations that are known (NULL: nothing is) as written by charterd are left out. */
int engine_history_read(Mem *parent, const char *directory, const char *url, const Known *known,
                        EngineHistory *history, const char **reasonp);

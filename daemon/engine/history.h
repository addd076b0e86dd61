/* SPDX-License-Identifier: Apache-2.0 */
/* History: what the ledger tells of one organisation when a process starts. */
#pragma once

#include "daemon/engine/engine.h"

/* Reads the ledger of a state directory; takes no lock. 0 (also when there is no ledger yet), or negative with *reasonp
 * (below parent). What is read lives below parent. */
int engine_history_read(Mem *parent, const char *directory, const char *url, EngineHistory *history,
                        const char **reasonp);

/* SPDX-License-Identifier: Apache-2.0 */
/* UndoRecord: a change that is to be undone, as the ledger tells it. */
#pragma once

#include "common/model/desired.h"
#include "daemon/plan/undo.h"

/* By its id, or the beginning of one. 0; negative with *reasonp (below parent): there is none, there are several, it was
 * not done, or the ledger cannot be read. Reads the whole ledger: not for the loop. */
int undo_record_find(Mem *parent, const char *directory, const char *change_id, UndoRecord **recordp,
                     const char **reasonp);
/* Why it cannot be read where the change was made, below parent; NULL: it can. */
const char *undo_record_obstacle(Mem *parent, const UndoRecord *record, const Desired *desired);

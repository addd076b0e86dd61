/* SPDX-License-Identifier: Apache-2.0 */
/* AccessLedger: what the ledger says of stored access: whether it is what the pass stored, and who looked at it since.
 */
#pragma once

#include "daemon/engine/access_store.h"

/* Fills what the passes up to `wall` say of what was found of an organisation. What the ledger does not have (files
 * that are elsewhere, a pass that did not end) says nothing. 0, or a negative errno with *reasonp (below parent). */
int access_ledger_ask(Mem *parent, const AccessStoreQuery *query, int64_t wall, AccessFound *found, size_t n,
                      const char **reasonp);

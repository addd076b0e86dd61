/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerTail: the last records of a ledger, without reading all of it. */
#pragma once

#include "common/base/text.h"

enum {
        LEDGER_TAIL_SIZE_MAX = 512 * 1024,
};

/* Appends its last whole lines, at most `size` bytes of them, oldest first. What is being written is not seen. 0, also
 * when there is no ledger yet; or a negative errno with *reasonp (below parent). */
int ledger_tail(Mem *parent, const char *directory, size_t size, Text *text, const char **reasonp);

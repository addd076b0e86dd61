/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerEvent: what the ledger records of itself: `{"record":"ledger","event":…}`. */
#pragma once

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/engine/chain.h"

typedef enum LedgerEventKind {
        LEDGER_EVENT_ROTATED,  /* the first line of a file: the one before was full */
        LEDGER_EVENT_REOPENED, /* the first line of a file: the one before was moved away */
        LEDGER_EVENT_TORN,     /* an end without a whole line was cut off and kept aside */
        LEDGER_EVENT_REMOVED,  /* an old file, older than `ledger_keep`, with its records */
        _LEDGER_EVENT_N,
} LedgerEventKind;

typedef struct LedgerEvent {
        LedgerEventKind kind;
        const char *file;     /* the one before, the one kept aside, the removed one; its name alone */
        int64_t bytes;        /* torn */
        uint64_t first, last; /* removed: the numbers of its records */
        const char *head;     /* removed: the SHA-256 of the last of them */
} LedgerEvent;

/* Adds its line, without number, time and hash. */
void ledger_event_write(const LedgerEvent *event, Text *text);
/* False: the record is none, or of a kind that is not known. The texts are the record's. */
bool ledger_event_read(const JsonNode *record, LedgerEvent *event);

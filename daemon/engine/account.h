/* SPDX-License-Identifier: Apache-2.0 */
/* Account: the changes of a ledger, each put together of its intent, its outcome and its attribution while it is read. */
#pragma once

#include "daemon/engine/ledger.h"

enum {
        ACCOUNT_WAITING_MAX = 256 * 1024, /* changes that wait for a record that completes them */
        /* So long after an intent who caused the drift may still be found, by the ledger's times. */
        ACCOUNT_ATTRIBUTION_MS = 2 * 60 * 60 * 1000,
};

typedef struct AccountChange {
        const JsonNode *intent;
        const JsonNode *outcome;     /* NULL: it is open */
        const JsonNode *attribution; /* NULL: there is no such record */
        const char *line;            /* of the intent */
        const char *outcome_line, *attribution_line; /* or NULL */
} AccountChange;

/* What they are given lives during the call. Negative stops the reading. */
typedef struct AccountSpec {
        const char *directory;
        const LedgerFilter *filter; /* or NULL */
        int (*on_change)(void *context, const AccountChange *change); /* in the order of their intents */
        int (*on_record)(void *context, const JsonNode *record);      /* every record, as it comes; or NULL */
        void *context;
} AccountSpec;

/* 0 (also when there is no ledger yet), what was called said, or a negative errno with *reasonp (below parent).
 * *n_earlyp changes were given as they stood, for more waited than can. */
int account_read(Mem *parent, const AccountSpec *spec, uint64_t *n_earlyp, const char **reasonp);

/* SPDX-License-Identifier: Apache-2.0 */
/* ReleaseRecord: what the ledger is told of held steps that a person lets go. */
#pragma once

#include "common/base/text.h"

enum {
        RELEASE_RECORD_STEPS_MAX = 10 * 1000, /* in one line */
};

typedef struct ReleaseRecord {
        const char *organization;
        const char *plan_id;
        const char *reason;
        char *const *steps; /* their ids */
        size_t n_steps;
        bool is_partial; /* not every project was read */
} ReleaseRecord;

/* Adds a line for the ledger, or several when there are many steps: each lets its own go. */
void release_record_write(const ReleaseRecord *record, Text *text);

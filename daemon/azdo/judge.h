/* SPDX-License-Identifier: Apache-2.0 */
/* Judge: what a reply means: done, again later, or failed. Pure. */
#pragma once

#include "daemon/flow/batch.h"

enum {
        JUDGE_TRIES_MAX = 8,           /* of one page */
        JUDGE_BACKOFF_FIRST_MS = 500,  /* doubles, half of it jitter */
        JUDGE_BACKOFF_MAX_MS = 30 * 1000,
        JUDGE_RETRY_AFTER_MAX_MS = 10 * 60 * 1000, /* longer is a failure that says so */
};

/* A JudgeFn. Success is 2xx and Content-Type application/json, or an empty body where that is fine; all of facts §2.7
 * is told apart; error bodies as facts §1.8 (BOM, wrapper, text/plain, HTML). */
Verdict judge_reply(Mem *parent, const Request *request, const Reply *reply, unsigned tries, int64_t now,
                    uint64_t random);

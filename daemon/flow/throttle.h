/* SPDX-License-Identifier: Apache-2.0 */
/* Throttle: how fast one organisation may be asked. Pure: time comes in as an argument. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/flow/request.h"

enum {
        THROTTLE_WINDOW_MS = 5 * 60 * 1000,
        THROTTLE_SLICES = 60, /* the window slides in steps of 5 s */
};

/* Shared by all passes of one organisation; outlives them. */
typedef struct Throttle {
        unsigned in_flight;
        unsigned in_flight_max;      /* limits.requests_in_flight */
        int64_t survey_budget;       /* limits.requests_per_5_minutes, 0: none */
        int64_t not_before;          /* nothing leaves before; port's clock */
        uint32_t slices[THROTTLE_SLICES];
        int64_t slice_start;
        uint64_t n_requests, n_throttled, bytes_in, bytes_out;
        int64_t rate_limit_remaining, rate_limit_limit; /* last seen, -1 never */
} Throttle;

void throttle_init(Throttle *throttle, unsigned in_flight_max, int64_t survey_budget);
/* 0: may leave now; positive: ms until it may be asked again; INT64_MAX: when something in flight has ended. */
int64_t throttle_delay(Throttle *throttle, const Request *request, int64_t now);
void throttle_note_sent(Throttle *throttle, const Request *request, int64_t now);
/* Obeys Retry-After and X-RateLimit-* of every answer, 200 included (facts §7.1). */
void throttle_note_reply(Throttle *throttle, const Request *request, const Reply *reply, int64_t now);
/* Requests of surveys in the sliding window. */
int64_t throttle_used(Throttle *throttle, int64_t now);

/* SPDX-License-Identifier: Apache-2.0 */
/* Throttle: how fast one organisation may be asked. Pure: time comes in as an argument. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/flow/request.h"
#include "daemon/flow/tally.h"

enum {
        THROTTLE_WINDOW_MS = 5 * 60 * 1000,
        THROTTLE_SLICE_MS = 5 * 1000, /* the window slides in steps of that */
        /* One more than the window has: what left at the end of a slice counts until the window is over for it too. */
        THROTTLE_SLICES = THROTTLE_WINDOW_MS / THROTTLE_SLICE_MS + 1,
        THROTTLE_LOW_PERCENT = 25,      /* of X-RateLimit-Limit; with less left requests leave one by one */
        THROTTLE_GAP_MAX_MS = 30 * 1000, /* between two of those; the service's own longest delay (facts §7.1) */
        THROTTLE_SILENT_MS = 5 * 1000,   /* without any answer to what is in flight: worth a word */
        THROTTLE_PAUSE_MS = 1000,        /* shorter pauses are not */
};

typedef enum ThrottleWaitFor {
        THROTTLE_WAIT_NOTHING,
        THROTTLE_WAIT_NO_ANSWER, /* requests end without one, and are made again */
        THROTTLE_WAIT_DISORDER,  /* the answer is that the service is out of order; asked again */
        THROTTLE_WAIT_ASKED,     /* the service asked to wait */
        THROTTLE_WAIT_GAP,       /* near the service's limit requests leave one by one */
        THROTTLE_WAIT_BUDGET,    /* limits.requests_per_5_minutes is used up */
        THROTTLE_WAIT_SILENCE,   /* what is in flight is not answered */
} ThrottleWaitFor;

/* What requests of a survey wait for, for people. */
typedef struct ThrottleWait {
        ThrottleWaitFor what;
        int64_t ms; /* how long it lasts: NO_ANSWER, DISORDER, SILENCE; how long it will: ASKED, BUDGET; between two: GAP */
        int status; /* DISORDER */
} ThrottleWait;

/* Shared by all passes of one organisation; outlives them. */
typedef struct Throttle {
        unsigned in_flight;
        unsigned in_flight_max;      /* limits.requests_in_flight */
        int64_t survey_budget;       /* limits.requests_per_5_minutes, 0: none */
        int64_t not_before;          /* nothing leaves before; port's clock */
        uint32_t slices[THROTTLE_SLICES];
        int64_t slice_start;
        int64_t gap_ms, gap_until;   /* until then so long between two requests; 0: none */
        int64_t last_sent;
        uint64_t n_requests, n_throttled;
        Tally tally; /* of those that ended */
        int64_t rate_limit_remaining, rate_limit_limit; /* last seen, -1 never */
        int64_t heard_at;   /* the last answer, or when the first request left that was not answered since */
        int64_t trouble_at; /* since then no request went well */
        bool is_in_trouble;
        int trouble_status; /* of the last that did not; 0: it was not answered */
} Throttle;

void throttle_init(Throttle *throttle, unsigned in_flight_max, int64_t survey_budget);
/* 0: may leave now; positive: ms until it may be asked again; INT64_MAX: when something in flight has ended. */
int64_t throttle_delay(Throttle *throttle, const Request *request, int64_t now);
void throttle_note_sent(Throttle *throttle, const Request *request, int64_t now);
/* Obeys Retry-After and X-RateLimit-* of every answer, 200 included (facts §7.1). */
void throttle_note_reply(Throttle *throttle, const Request *request, const Reply *reply, int64_t now);
/* Nobody waits for its answer any more. */
void throttle_note_cancelled(Throttle *throttle, const Request *request);
/* How long until so many requests of a survey may leave at once, or as many as the whole budget; 0: now. */
int64_t throttle_room_delay(Throttle *throttle, int64_t n, int64_t now);
/* Requests of surveys in the sliding window. */
int64_t throttle_used(Throttle *throttle, int64_t now);
/* The one thing that it waits for most. */
ThrottleWait throttle_wait(const Throttle *throttle, int64_t now);

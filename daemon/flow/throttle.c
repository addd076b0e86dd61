/* SPDX-License-Identifier: Apache-2.0 */
/* Throttle: how fast one organisation may be asked. Pure: time comes in as an argument. */
#include "daemon/flow/throttle.h"

void throttle_init(Throttle *throttle, unsigned in_flight_max, int64_t survey_budget) {
        *throttle = (Throttle){
                .in_flight_max = in_flight_max > 0 ? in_flight_max : 1,
                .survey_budget = survey_budget,
                .not_before = INT64_MIN,
                .gap_until = INT64_MIN,
                .last_sent = INT64_MIN / 2,
                .rate_limit_remaining = -1,
                .rate_limit_limit = -1,
        };
}

/* slices[0] is the slice of slice_start; what is older than the window falls out at the end. */
static void slide(Throttle *throttle, int64_t now) {
        int64_t passed = (now - throttle->slice_start) / THROTTLE_SLICE_MS;

        if (passed <= 0)
                return;
        for (int i = THROTTLE_SLICES - 1; i >= 0; i--)
                throttle->slices[i] = i >= passed ? throttle->slices[i - passed] : 0;
        throttle->slice_start += passed * THROTTLE_SLICE_MS;
}

int64_t throttle_used(Throttle *throttle, int64_t now) {
        int64_t used = 0;

        slide(throttle, now);
        for (size_t i = 0; i < THROTTLE_SLICES; i++)
                used += throttle->slices[i];
        return used;
}

/* When so much of the window has fallen out that so many more fit. */
static int64_t budget_delay(Throttle *throttle, int64_t n, int64_t now) {
        int64_t surplus = throttle_used(throttle, now) + n - throttle->survey_budget;
        int64_t freed = 0;

        if (throttle->survey_budget == 0 || surplus <= 0)
                return 0;
        for (int i = THROTTLE_SLICES - 1; i >= 0; i--) {
                freed += throttle->slices[i];
                if (freed >= surplus)
                        return throttle->slice_start + (int64_t)(THROTTLE_SLICES - i) * THROTTLE_SLICE_MS - now;
        }
        return THROTTLE_SLICE_MS;
}

static int64_t at_least_0(int64_t delay) {
        return delay > 0 ? delay : 0;
}

int64_t throttle_room_delay(Throttle *throttle, int64_t n, int64_t now) {
        int64_t most = n > throttle->survey_budget ? throttle->survey_budget : n;
        int64_t budget = at_least_0(budget_delay(throttle, most, now));

        return throttle->not_before > now + budget ? throttle->not_before - now : budget;
}

/* Nearly used up, the rest is made to last until usage has fallen. */
static int64_t gap_delay(const Throttle *throttle, int64_t now) {
        int64_t next = throttle->last_sent + throttle->gap_ms;

        if (throttle->gap_ms == 0 || now >= throttle->gap_until)
                return 0;
        return at_least_0((next < throttle->gap_until ? next : throttle->gap_until) - now);
}

int64_t throttle_delay(Throttle *throttle, const Request *request, int64_t now) {
        int64_t gap = gap_delay(throttle, now);

        if (throttle->not_before > now)
                return throttle->not_before - now;
        if (gap > 0)
                return gap;
        if (throttle->in_flight >= throttle->in_flight_max)
                return INT64_MAX;
        return request->is_survey ? at_least_0(budget_delay(throttle, /* n= */ 1, now)) : 0;
}

void throttle_note_sent(Throttle *throttle, const Request *request, int64_t now) {
        slide(throttle, now);
        if (throttle->in_flight == 0)
                throttle->heard_at = now;
        throttle->in_flight++;
        throttle->n_requests++;
        throttle->last_sent = now;
        if (request->is_survey)
                throttle->slices[0]++;
}

/* Near its limit the service delays each request (facts §7.1): nothing more leaves until the counted usage has had time
 * to fall, at most the window long. */
static int64_t pause_of(const Reply *reply) {
        int64_t pause = reply->retry_after_ms;

        if (reply->rate_limit_delay_ms > pause)
                pause = reply->rate_limit_delay_ms;
        return pause < 0 ? 0 : pause;
}

/* What is left has to last until usage has fallen to nothing; answers that say nothing of it change nothing. */
static void note_rate_limit(Throttle *throttle, const Reply *reply, int64_t now) {
        int64_t left = reply->rate_limit_reset_ms, n = reply->rate_limit_remaining;

        if (n >= 0)
                throttle->rate_limit_remaining = n;
        if (reply->rate_limit_limit >= 0)
                throttle->rate_limit_limit = reply->rate_limit_limit;
        if (n < 0 || throttle->rate_limit_limit <= 0)
                return;
        throttle->gap_ms = 0;
        if (n * 100 >= throttle->rate_limit_limit * THROTTLE_LOW_PERCENT)
                return;
        if (left < 0 || left > THROTTLE_WINDOW_MS)
                left = THROTTLE_WINDOW_MS;
        throttle->gap_ms = left / (n > 0 ? n : 1);
        if (throttle->gap_ms > THROTTLE_GAP_MAX_MS)
                throttle->gap_ms = THROTTLE_GAP_MAX_MS;
        throttle->gap_until = now + left;
}

/* That it answers, and with what it was made for. What was given up by charterd itself says nothing of the service. */
static void note_order(Throttle *throttle, const Reply *reply, int64_t now) {
        enum { STATUS_OUT_OF_ORDER = 500 };
        bool is_answered = reply->failure == REPLY_ANSWERED;
        bool is_trouble = is_answered ? reply->status >= STATUS_OUT_OF_ORDER
                                      : reply->failure == REPLY_NO_CONNECTION || reply->failure == REPLY_BROKEN ||
                                                reply->failure == REPLY_TIMEOUT;

        if (is_answered)
                throttle->heard_at = now;
        if (is_trouble && !throttle->is_in_trouble)
                throttle->trouble_at = now;
        throttle->is_in_trouble = is_trouble;
        throttle->trouble_status = is_answered ? reply->status : 0;
}

void throttle_note_reply(Throttle *throttle, const Request *request, const Reply *reply, int64_t now) {
        int64_t pause = pause_of(reply);

        if (throttle->in_flight > 0)
                throttle->in_flight--;
        note_order(throttle, reply, now);
        note_rate_limit(throttle, reply, now);
        if (pause == 0)
                return;
        throttle->n_throttled++;
        if (now + pause > throttle->not_before)
                throttle->not_before = now + pause;
}

void throttle_note_cancelled(Throttle *throttle, const Request *request) {
        if (throttle->in_flight > 0)
                throttle->in_flight--;
        tally_note(&throttle->tally, request, REQUEST_CANCELLED);
}

/* --- for people ------------------------------------------------------------------------------------------------------ */

ThrottleWait throttle_wait(const Throttle *throttle, int64_t now) {
        Throttle copy = *throttle; /* the window slides in it alone */
        int64_t budget = budget_delay(&copy, /* n= */ 1, now);
        int64_t silent = now - throttle->heard_at;

        if (throttle->is_in_trouble && now - throttle->trouble_at > THROTTLE_PAUSE_MS)
                return (ThrottleWait){.what = throttle->trouble_status ? THROTTLE_WAIT_DISORDER : THROTTLE_WAIT_NO_ANSWER,
                                      .ms = now - throttle->trouble_at,
                                      .status = throttle->trouble_status};
        if (throttle->not_before > now + THROTTLE_PAUSE_MS)
                return (ThrottleWait){.what = THROTTLE_WAIT_ASKED, .ms = throttle->not_before - now};
        if (throttle->gap_ms > THROTTLE_PAUSE_MS && now < throttle->gap_until)
                return (ThrottleWait){.what = THROTTLE_WAIT_GAP, .ms = throttle->gap_ms};
        if (throttle->in_flight == 0 && budget > THROTTLE_PAUSE_MS)
                return (ThrottleWait){.what = THROTTLE_WAIT_BUDGET, .ms = budget};
        if (throttle->in_flight > 0 && silent >= THROTTLE_SILENT_MS)
                return (ThrottleWait){.what = THROTTLE_WAIT_SILENCE, .ms = silent};
        return (ThrottleWait){.what = THROTTLE_WAIT_NOTHING};
}

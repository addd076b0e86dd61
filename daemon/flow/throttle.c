/* SPDX-License-Identifier: Apache-2.0 */
/* Throttle: how fast one organisation may be asked. Pure: time comes in as an argument. */
#include "daemon/flow/throttle.h"

enum {
        SLICE_MS = THROTTLE_WINDOW_MS / THROTTLE_SLICES,
};

void throttle_init(Throttle *throttle, unsigned in_flight_max, int64_t survey_budget) {
        *throttle = (Throttle){
                .in_flight_max = in_flight_max > 0 ? in_flight_max : 1,
                .survey_budget = survey_budget,
                .not_before = INT64_MIN,
                .rate_limit_remaining = -1,
                .rate_limit_limit = -1,
        };
}

/* slices[0] is the slice of slice_start; what is older than the window falls out at the end. */
static void slide(Throttle *throttle, int64_t now) {
        int64_t passed = (now - throttle->slice_start) / SLICE_MS;

        if (passed <= 0)
                return;
        for (int i = THROTTLE_SLICES - 1; i >= 0; i--)
                throttle->slices[i] = i >= passed ? throttle->slices[i - passed] : 0;
        throttle->slice_start += passed * SLICE_MS;
}

int64_t throttle_used(Throttle *throttle, int64_t now) {
        int64_t used = 0;

        slide(throttle, now);
        for (size_t i = 0; i < THROTTLE_SLICES; i++)
                used += throttle->slices[i];
        return used;
}

/* When so much of the window has fallen out that one more fits. */
static int64_t budget_delay(Throttle *throttle, int64_t now) {
        int64_t surplus = throttle_used(throttle, now) + 1 - throttle->survey_budget;
        int64_t freed = 0;

        if (throttle->survey_budget == 0 || surplus <= 0)
                return 0;
        for (int i = THROTTLE_SLICES - 1; i >= 0; i--) {
                freed += throttle->slices[i];
                if (freed >= surplus)
                        return throttle->slice_start + (int64_t)(THROTTLE_SLICES - i) * SLICE_MS - now;
        }
        return SLICE_MS;
}

int64_t throttle_delay(Throttle *throttle, const Request *request, int64_t now) {
        int64_t budget;

        if (throttle->not_before > now)
                return throttle->not_before - now;
        if (throttle->in_flight >= throttle->in_flight_max)
                return INT64_MAX;
        budget = request->is_survey ? budget_delay(throttle, now) : 0;
        return budget > 0 ? budget : 0;
}

void throttle_note_sent(Throttle *throttle, const Request *request, int64_t now) {
        slide(throttle, now);
        throttle->in_flight++;
        throttle->n_requests++;
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

void throttle_note_reply(Throttle *throttle, const Request *request, const Reply *reply, int64_t now) {
        int64_t pause = pause_of(reply);

        if (throttle->in_flight > 0)
                throttle->in_flight--;
        if (reply->rate_limit_remaining >= 0)
                throttle->rate_limit_remaining = reply->rate_limit_remaining;
        if (reply->rate_limit_limit >= 0)
                throttle->rate_limit_limit = reply->rate_limit_limit;
        if (pause == 0)
                return;
        throttle->n_throttled++;
        if (now + pause > throttle->not_before)
                throttle->not_before = now + pause;
}

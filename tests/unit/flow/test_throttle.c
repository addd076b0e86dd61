/* SPDX-License-Identifier: Apache-2.0 */
/* Throttle: what an answer makes wait, the bound in flight, the sliding budget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/flow/throttle.h"

static const Request survey = {.path = "/_apis/a", .is_survey = true};
static const Request other = {.path = "/_apis/b"};

static Reply reply_with(int64_t retry_after_ms, int64_t delay_ms) {
        return (Reply){.status = 200,
                       .retry_after_ms = retry_after_ms,
                       .rate_limit_delay_ms = delay_ms,
                       .rate_limit_reset_ms = -1,
                       .rate_limit_remaining = -1,
                       .rate_limit_limit = -1};
}

static void test_answers(void **state) {
        static const struct {
                int64_t retry_after, delay, pause;
        } rows[] = {
                {-1, -1, 0}, {0, -1, 0}, {1500, -1, 1500}, {-1, 300, 300}, {1000, 2000, 2000}, {2000, 1000, 2000},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Throttle throttle;
                Reply reply = reply_with(rows[i].retry_after, rows[i].delay);

                throttle_init(&throttle, /* in_flight_max= */ 8, /* survey_budget= */ 0);
                throttle_note_sent(&throttle, &other, 100);
                throttle_note_reply(&throttle, &other, &reply, 200);
                assert_int_equal(throttle_delay(&throttle, &other, 200), rows[i].pause);
                assert_int_equal(throttle_delay(&throttle, &other, 200 + rows[i].pause), 0);
                assert_int_equal(throttle.n_throttled, rows[i].pause > 0);
        }
}

static void test_a_shorter_pause_never_shortens(void **state) {
        Throttle throttle;
        Reply first = reply_with(10000, -1), second = reply_with(1000, -1);

        throttle_init(&throttle, 8, 0);
        throttle_note_reply(&throttle, &other, &first, 0);
        throttle_note_reply(&throttle, &other, &second, 10);
        assert_int_equal(throttle_delay(&throttle, &other, 10), 9990);
}

static void test_in_flight(void **state) {
        Throttle throttle;
        Reply reply = reply_with(-1, -1);

        throttle_init(&throttle, /* in_flight_max= */ 2, 0);
        throttle_note_sent(&throttle, &other, 0);
        assert_int_equal(throttle_delay(&throttle, &other, 0), 0);
        throttle_note_sent(&throttle, &other, 0);
        assert_true(throttle_delay(&throttle, &other, 0) == INT64_MAX);
        throttle_note_reply(&throttle, &other, &reply, 5);
        assert_int_equal(throttle_delay(&throttle, &other, 5), 0);
}

/* One request a second: the 301st waits until the first falls out of the window, a slice at a time. */
static void test_budget_slides(void **state) {
        Throttle throttle;
        Reply reply = reply_with(-1, -1);
        int64_t delay;

        throttle_init(&throttle, 8, /* survey_budget= */ 100);
        for (int64_t i = 0; i < 100; i++) {
                assert_int_equal(throttle_delay(&throttle, &survey, i * 1000), 0);
                throttle_note_sent(&throttle, &survey, i * 1000);
                throttle_note_reply(&throttle, &survey, &reply, i * 1000);
        }
        assert_int_equal(throttle_used(&throttle, 100 * 1000), 100);
        delay = throttle_delay(&throttle, &survey, 100 * 1000);
        assert_in_range(delay, 195 * 1000, 205 * 1000);
        assert_int_equal(throttle_delay(&throttle, &other, 100 * 1000), 0);
        assert_int_equal(throttle_delay(&throttle, &survey, 100 * 1000 + delay), 0);
        assert_in_range(throttle_used(&throttle, 100 * 1000 + delay), 94, 99);
        assert_int_equal(throttle_used(&throttle, 1000 * 1000), 0);
}

/* Whatever moment the window begins at: what left at the end of a slice counts for the whole five minutes. */
static void test_no_window_has_more(void **state) {
        enum { BUDGET = 7, N = 200 };
        Throttle throttle;
        Reply reply = reply_with(-1, -1);
        int64_t sent[N], now = 4999;

        throttle_init(&throttle, 8, BUDGET);
        for (size_t i = 0; i < N; i++) {
                int64_t delay;

                while ((delay = throttle_delay(&throttle, &survey, now)) > 0)
                        now += delay;
                sent[i] = now;
                throttle_note_sent(&throttle, &survey, now);
                throttle_note_reply(&throttle, &survey, &reply, now);
                now += (int64_t)(i * 7919 % 60000);
        }
        for (size_t i = BUDGET; i < N; i++)
                assert_true(sent[i] - sent[i - BUDGET] >= THROTTLE_WINDOW_MS);
}

static void test_room_for_many(void **state) {
        Throttle throttle;
        Reply reply = reply_with(-1, -1), pause = reply_with(400 * 1000, -1);

        throttle_init(&throttle, 8, /* survey_budget= */ 100);
        assert_int_equal(throttle_room_delay(&throttle, 100, 0), 0);
        assert_int_equal(throttle_room_delay(&throttle, 1000, 0), 0); /* as many as there can be */
        for (int64_t i = 0; i < 60; i++) {
                throttle_note_sent(&throttle, &survey, i * 1000);
                throttle_note_reply(&throttle, &survey, &reply, i * 1000);
        }
        assert_int_equal(throttle_room_delay(&throttle, 40, 60 * 1000), 0);
        assert_int_equal(throttle_room_delay(&throttle, 41, 60 * 1000), THROTTLE_WINDOW_MS + THROTTLE_SLICE_MS - 60 * 1000);
        assert_true(throttle_room_delay(&throttle, 100, 60 * 1000) <= THROTTLE_WINDOW_MS + THROTTLE_SLICE_MS);
        throttle_note_reply(&throttle, &survey, &pause, 60 * 1000);
        assert_int_equal(throttle_room_delay(&throttle, 1, 60 * 1000), 400 * 1000);
        throttle_init(&throttle, 8, /* survey_budget= */ 0);
        assert_int_equal(throttle_room_delay(&throttle, 1000, 0), 0);
}

/* Less than a quarter of the limit is left: it lasts until usage has fallen to nothing. */
static void test_what_is_left_lasts(void **state) {
        static const struct {
                int64_t remaining, limit, reset_ms, gap;
        } rows[] = {
                {50, 200, 100000, 0},      {49, 200, 98000, 2000},  {0, 200, 100000, 30000}, {1, 200, 300000, 30000},
                {10, 200, -1, 30000},      {20, 200, -1, 15000},    {20, -1, 100000, 0},     {-1, 200, 100000, 0},
                {20, 200, 86400000, 15000}, {0, 200, 1000, 1000},   {0, 0, 1000, 0},         {40, 200, 0, 0},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Throttle throttle;
                Reply reply = reply_with(-1, -1), silent = reply_with(-1, -1);

                reply.rate_limit_remaining = rows[i].remaining;
                reply.rate_limit_limit = rows[i].limit;
                reply.rate_limit_reset_ms = rows[i].reset_ms;
                throttle_init(&throttle, 8, 0);
                throttle_note_sent(&throttle, &other, 500);
                throttle_note_reply(&throttle, &other, &reply, 500);
                throttle_note_reply(&throttle, &other, &silent, 500); /* says nothing of it */
                assert_int_equal(throttle_delay(&throttle, &other, 500), rows[i].gap);
                assert_int_equal(throttle_delay(&throttle, &survey, 500 + rows[i].gap), 0);
                throttle_note_sent(&throttle, &other, 500 + rows[i].gap);
                assert_int_equal(throttle_delay(&throttle, &other, 500 + THROTTLE_WINDOW_MS), 0);
        }
}

static void check_wait(const Throttle *throttle, int64_t now, ThrottleWaitFor what, int64_t ms) {
        ThrottleWait wait = throttle_wait(throttle, now);

        assert_int_equal(wait.what, what);
        assert_int_equal(wait.ms, ms);
}

/* For people: what is out of order comes before what is only slow. */
static void test_waiting_is_told(void **state) {
        Throttle throttle;
        Reply fine = reply_with(-1, -1), pause = reply_with(30 * 1000, -1), refused = {.failure = REPLY_NO_CONNECTION},
              disorder = reply_with(-1, -1), given_up = {.failure = REPLY_CANCELLED};

        disorder.status = 503;
        throttle_init(&throttle, 8, /* survey_budget= */ 2);
        check_wait(&throttle, 1000 * 1000, THROTTLE_WAIT_NOTHING, 0);
        throttle_note_sent(&throttle, &survey, 1000);
        check_wait(&throttle, 1000 + THROTTLE_SILENT_MS - 1, THROTTLE_WAIT_NOTHING, 0);
        check_wait(&throttle, 9000, THROTTLE_WAIT_SILENCE, 8000);
        throttle_note_reply(&throttle, &survey, &refused, 10 * 1000);
        check_wait(&throttle, 11 * 1000, THROTTLE_WAIT_NOTHING, 0); /* that may pass unseen */
        throttle_note_reply(&throttle, &survey, &refused, 13 * 1000);
        check_wait(&throttle, 14 * 1000, THROTTLE_WAIT_NO_ANSWER, 4000);
        throttle_note_reply(&throttle, &survey, &disorder, 15 * 1000);
        check_wait(&throttle, 16 * 1000, THROTTLE_WAIT_DISORDER, 6000);
        assert_int_equal(throttle_wait(&throttle, 16 * 1000).status, 503);
        throttle_note_reply(&throttle, &survey, &given_up, 17 * 1000);
        check_wait(&throttle, 30 * 1000, THROTTLE_WAIT_NOTHING, 0);
        throttle_note_sent(&throttle, &survey, 40 * 1000); /* idle before, it was not silent */
        check_wait(&throttle, 41 * 1000, THROTTLE_WAIT_NOTHING, 0);
        throttle_note_reply(&throttle, &survey, &fine, 42 * 1000);
        check_wait(&throttle, 43 * 1000, THROTTLE_WAIT_BUDGET, THROTTLE_WINDOW_MS + THROTTLE_SLICE_MS - 43 * 1000);
        throttle_note_reply(&throttle, &survey, &pause, 44 * 1000);
        check_wait(&throttle, 45 * 1000, THROTTLE_WAIT_ASKED, 29 * 1000);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answers),
                cmocka_unit_test(test_a_shorter_pause_never_shortens),
                cmocka_unit_test(test_in_flight),
                cmocka_unit_test(test_budget_slides),
                cmocka_unit_test(test_no_window_has_more),
                cmocka_unit_test(test_room_for_many),
                cmocka_unit_test(test_what_is_left_lasts),
                cmocka_unit_test(test_waiting_is_told),
        };

        return cmocka_run_group_tests_name("throttle", tests, NULL, NULL);
}

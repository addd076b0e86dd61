/* SPDX-License-Identifier: Apache-2.0 */
/* Batch: when it calls back, what its owner may do meanwhile, what freeing it leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/flow/batch.h"
#include "tests/replay/script_port.h"

typedef struct Fixture {
        Mem *mem;
        ScriptPort *script;
        Throttle throttle;
        Batch *batch;
        bool is_in_call; /* a function of the batch is running */
        size_t n_done, n_calls, n_taken;
        const char *refusal;
        int statuses[8]; /* what each further try is answered */
        size_t n_statuses;
} Fixture;

static Fixture fixture;

static bool answer(void *context, Mem *mem, const Request *request, Reply *reply, int64_t *delay_ms) {
        *reply = script_json("{}");
        *delay_ms = 10;
        return true;
}

/* 500: again in a second; anything else is done. The verdict to try again names no fault. */
static Verdict judge(Mem *parent, const Request *request, const Reply *reply, unsigned tries, int64_t now,
                     uint64_t random) {
        if (reply->status == 500)
                return (Verdict){.kind = VERDICT_AGAIN, .delay_ms = 1000};
        return (Verdict){.kind = VERDICT_DONE};
}

static void on_done(void *context, Batch *batch) {
        assert_false(fixture.is_in_call);
        fixture.n_done++;
}

static void on_call(void *context, Call *call) {
        assert_true(call->ended);
        fixture.n_calls++;
}

static int take(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        assert_false(fixture.is_in_call);
        fixture.n_taken++;
        if (!fixture.refusal)
                return 0;
        *reasonp = fixture.refusal;
        return -1;
}

static int setup(void **state) {
        fixture = (Fixture){.mem = mem_new(NULL, char)};
        fixture.script = script_port_new(fixture.mem);
        script_on_request(fixture.script, answer, NULL);
        throttle_init(&fixture.throttle, 8, 0);
        fixture.batch = batch_new(fixture.mem, &(BatchSpec){.port = script_port(fixture.script),
                                                            .throttle = &fixture.throttle,
                                                            .judge = judge,
                                                            .on_done = on_done,
                                                            .on_call = on_call});
        return 0;
}

static int teardown(void **state) {
        mem_free(fixture.mem);
        return 0;
}

static Call *add(const char *path, TakeFn fn) {
        return batch_add(fixture.batch, &(Request){.path = path}, fn, NULL);
}

static void start(void) {
        fixture.is_in_call = true;
        batch_start(fixture.batch);
        fixture.is_in_call = false;
}

static void test_empty_is_done_at_the_next_turn(void **state) {
        start();
        assert_int_equal(fixture.n_done, 0);
        script_pass(fixture.script, 0);
        assert_int_equal(fixture.n_done, 1);
}

static void test_done_after_the_last(void **state) {
        Call *a = add("/a", take), *b = add("/b", take);
        size_t n;

        start();
        script_pass(fixture.script, 9);
        script_events(fixture.script, &n);
        assert_int_equal(n, 2);
        assert_int_equal(fixture.n_done, 0);
        script_pass(fixture.script, 1);
        assert_int_equal(fixture.n_done, 1);
        assert_int_equal(fixture.n_taken, 2);
        assert_int_equal(fixture.n_calls, 2);
        assert_int_equal(a->fault.kind, FAULT_NONE);
        assert_int_equal(b->fault.kind, FAULT_NONE);
}

static int take_and_add(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        add("/more", take);
        return 0;
}

static void test_more_may_be_added_while_it_runs(void **state) {
        add("/a", take_and_add);
        start();
        script_pass(fixture.script, 10);
        assert_int_equal(fixture.n_done, 0);
        script_pass(fixture.script, 10);
        assert_int_equal(fixture.n_done, 1);
        assert_int_equal(fixture.n_taken, 1);
}

static void test_malformed(void **state) {
        Call *call = add("/a", take);

        fixture.refusal = "it has no `value`";
        start();
        script_pass(fixture.script, 10);
        assert_int_equal(call->fault.kind, FAULT_MALFORMED);
        assert_string_equal(call->fault.message, "GET /a: it has no `value`");
}

static void test_freed_in_flight(void **state) {
        add("/a", take);
        add("/b", take);
        start();
        script_pass(fixture.script, 5);
        assert_int_equal(fixture.throttle.in_flight, 2);
        fixture.batch = mem_free(fixture.batch);
        assert_int_equal(fixture.throttle.in_flight, 0);
        assert_int_equal(fixture.throttle.tally.n[REQUEST_READ][REQUEST_CANCELLED], 2);
        script_pass(fixture.script, 1000);
        assert_int_equal(fixture.n_taken + fixture.n_calls + fixture.n_done, 0);
}

static bool answer_500(void *context, Mem *mem, const Request *request, Reply *reply, int64_t *delay_ms) {
        *reply = script_json("{}");
        reply->status = 500;
        return true;
}

/* A call that is given up between two tries is a failure, whatever its last verdict said. */
static void test_given_up_is_no_success(void **state) {
        Call *call = add("/a", take);

        script_on_request(fixture.script, answer_500, NULL);
        start();
        script_pass(fixture.script, 500);
        batch_stop(fixture.batch);
        script_pass(fixture.script, 0);
        assert_int_equal(fixture.n_done, 1);
        assert_int_equal(fixture.n_taken, 0);
        assert_int_equal(call->fault.kind, FAULT_NETWORK);
        assert_non_null(call->fault.message);
}

/* Eight calls, of which /lost never has an answer; the others have one when the service is there. */
static bool answer_all_but_lost(void *context, Mem *mem, const Request *request, Reply *reply, int64_t *delay_ms) {
        const bool *is_there = context;

        *reply = script_json("{}");
        *delay_ms = 10;
        if (!*is_there || strcmp(request->path, "/lost") == 0)
                *reply = (Reply){.failure = REPLY_TIMEOUT};
        return true;
}

static Verdict judge_timeout(Mem *parent, const Request *request, const Reply *reply, unsigned tries, int64_t now,
                             uint64_t random) {
        if (reply->failure == REPLY_ANSWERED)
                return (Verdict){.kind = VERDICT_DONE};
        if (tries < 3)
                return (Verdict){.kind = VERDICT_AGAIN, .delay_ms = 100};
        return (Verdict){.kind = VERDICT_FAIL, .fault = {.kind = FAULT_NETWORK, .message = "no answer"}};
}

static size_t send_to(bool is_there) {
        static bool is_there_now;
        size_t n;

        is_there_now = is_there;
        script_on_request(fixture.script, answer_all_but_lost, &is_there_now);
        fixture.throttle.in_flight_max = 1;
        fixture.batch = batch_new(fixture.mem, &(BatchSpec){.port = script_port(fixture.script),
                                                            .throttle = &fixture.throttle,
                                                            .judge = judge_timeout,
                                                            .on_done = on_done,
                                                            .on_call = on_call,
                                                            .ends_unanswered = true});
        add("/lost", take);
        for (size_t i = 0; i < 30; i++)
                add("/other", take);
        start();
        script_pass(fixture.script, 60 * 1000);
        assert_int_equal(fixture.n_done, 1);
        assert_int_equal(fixture.n_calls, 31);
        script_events(fixture.script, &n);
        return n;
}

/* One call's tries without an answer to any call: the others are not waited for one after the other. */
static void test_a_service_that_answers_nothing_is_left(void **state) {
        size_t n;
        Call *const *calls;

        assert_true(send_to(/* is_there= */ false) < 31 * 2);
        assert_true(batch_is_unanswered(fixture.batch));
        calls = batch_calls(fixture.batch, &n);
        for (size_t i = 0; i < n; i++)
                assert_int_equal(calls[i]->fault.kind, FAULT_NETWORK);
        assert_non_null(strstr(calls[n - 1]->fault.message, "the service answers nothing"));
}

static void test_one_lost_call_says_nothing_of_the_others(void **state) {
        size_t n;
        Call *const *calls;

        send_to(/* is_there= */ true);
        assert_false(batch_is_unanswered(fixture.batch));
        calls = batch_calls(fixture.batch, &n);
        assert_int_equal(calls[0]->fault.kind, FAULT_NETWORK);
        for (size_t i = 1; i < n; i++)
                assert_int_equal(calls[i]->fault.kind, FAULT_NONE);
}

/* Two batches of one organisation share the bound; the second goes on by itself. */
static void test_two_batches_share_the_slots(void **state) {
        Batch *second = batch_new(fixture.mem, &(BatchSpec){.port = script_port(fixture.script),
                                                            .throttle = &fixture.throttle,
                                                            .judge = judge,
                                                            .on_done = on_done});
        size_t n;

        fixture.throttle.in_flight_max = 1;
        add("/a", take);
        batch_add(second, &(Request){.path = "/b"}, take, NULL);
        start();
        batch_start(second);
        script_pass(fixture.script, 5);
        script_events(fixture.script, &n);
        assert_int_equal(n, 1);
        script_pass(fixture.script, 20);
        script_events(fixture.script, &n);
        assert_int_equal(n, 2);
        script_pass(fixture.script, 20);
        assert_int_equal(fixture.n_done, 2);
}

#define test_of(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                test_of(test_empty_is_done_at_the_next_turn),
                test_of(test_done_after_the_last),
                test_of(test_more_may_be_added_while_it_runs),
                test_of(test_malformed),
                test_of(test_freed_in_flight),
                test_of(test_given_up_is_no_success),
                test_of(test_a_service_that_answers_nothing_is_left),
                test_of(test_one_lost_call_says_nothing_of_the_others),
                test_of(test_two_batches_share_the_slots),
        };

        return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}

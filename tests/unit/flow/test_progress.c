/* SPDX-License-Identifier: Apache-2.0 */
/* Progress: percentages that never fall within a work and never say that it has ended, stages that are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/flow/progress.h"

static const ProgressPass alone = {.project = "MLOps", .n_projects = 1};
static const ProgressPass all = {.n_projects = 3};
static const ProgressGuess guess = {.weights = {1 * PROGRESS_WEIGHT, 6 * PROGRESS_WEIGHT, 3 * PROGRESS_WEIGHT},
                                    .n_stages = 3,
                                    .n_steady = 2};

typedef struct Told {
        ProgressStage stages[8];
        size_t n;
} Told;

static void on_stage(void *context, const ProgressStage *stage) {
        Told *told = context;

        assert_true(told->n < sizeof told->stages / sizeof *told->stages);
        told->stages[told->n++] = *stage;
}

static void run_stage(Progress *progress, size_t stage, size_t n, int64_t now) {
        static const char *const names[] = {"first", "second", "third"};

        progress_enter(progress, stage, names[stage], now);
        progress_add(progress, n);
        progress_done(progress, n);
}

static void test_nobody_looks(void **state) {
        progress_begin_pass(NULL, &alone, 0);
        progress_begin_reading(NULL, &guess, 0);
        progress_enter(NULL, 1, "x", 0);
        progress_add(NULL, 1);
        progress_done(NULL, 1);
        progress_begin(NULL, PROGRESS_NONE, 0);
        assert_int_equal(progress_percent(NULL), -1);
}

static void test_stages_add_up(void **state) {
        Progress progress = {0};

        progress_begin_pass(&progress, &alone, 100);
        assert_int_equal(progress_percent(&progress), -1);
        progress_begin_reading(&progress, &guess, 100);
        assert_int_equal(progress_percent(&progress), 0);
        progress_enter(&progress, 0, "first", 100);
        progress_add(&progress, 2);
        assert_int_equal(progress_percent(&progress), 0);
        progress_done(&progress, 1);
        assert_int_equal(progress_percent(&progress), 5);
        progress_done(&progress, 1);
        assert_int_equal(progress_percent(&progress), 10);
        progress_enter(&progress, 1, "second", 200);
        assert_int_equal(progress_percent(&progress), 10);
        progress_add(&progress, 6);
        progress_done(&progress, 3);
        assert_int_equal(progress_percent(&progress), 40);
        progress_begin(&progress, PROGRESS_PLANNING, 300);
        assert_int_equal(progress_percent(&progress), -1);
}

/* What an answer leads to is asked for when it has come; a wave follows a wave. */
static void test_it_never_falls(void **state) {
        Progress progress = {0};
        int last = 0;

        progress_begin_pass(&progress, &alone, 0);
        progress_begin_reading(&progress, &guess, 0);
        for (size_t stage = 0; stage < 3; stage++)
                for (size_t wave = 0; wave < 3; wave++) {
                        progress_enter(&progress, stage, "a", 0);
                        progress_add(&progress, 1);
                        for (size_t i = 0; i < 50; i++) {
                                int percent = progress_percent(&progress);

                                assert_true(percent >= last && percent <= PROGRESS_PERCENT_MAX);
                                last = percent;
                                progress_done(&progress, 1);
                                progress_add(&progress, i % 7 == 0 ? 3 : 1);
                        }
                        progress_done(&progress, progress.n_known - progress.n_done);
                }
        assert_int_equal(progress_percent(&progress), PROGRESS_PERCENT_MAX); /* it has not ended */
}

/* Another work begins at its own beginning. */
static void test_changes(void **state) {
        Progress progress = {0};

        progress_begin_pass(&progress, &alone, 0);
        progress_begin_reading(&progress, &guess, 0);
        run_stage(&progress, 2, 5, 0);
        progress_begin(&progress, PROGRESS_PLANNING, 0);
        progress_begin(&progress, PROGRESS_CHANGING, 0);
        progress_add(&progress, 12);
        assert_int_equal(progress_percent(&progress), 0);
        progress_done(&progress, 6); /* sent, not seen */
        assert_int_equal(progress_percent(&progress), 25);
        assert_int_equal(progress_n_done(&progress), 3);
        assert_int_equal(progress_n_known(&progress), 12);
        progress_set_done(&progress, 6);
        assert_int_equal(progress_percent(&progress), 50);
        progress_set_done(&progress, 5); /* what was thought to be done is not: it does not fall */
        assert_int_equal(progress_percent(&progress), 50);
        progress_set_done(&progress, 12);
        assert_int_equal(progress_percent(&progress), PROGRESS_PERCENT_MAX);
}

static void read_all(Progress *progress, const ProgressPass *pass, ProgressWork next) {
        progress_begin_pass(progress, pass, 0);
        progress_begin_reading(progress, &guess, 0);
        run_stage(progress, 0, 2, 0);
        run_stage(progress, 1, 12, 0);
        run_stage(progress, 2, 1, 0);
        progress_begin(progress, next, 0);
        progress_begin(progress, PROGRESS_NONE, 0);
}

/* How far it is when the first of its three stages has ended. */
static int after_the_first(Progress *progress, const ProgressPass *pass) {
        int percent;

        progress_begin_pass(progress, pass, 0);
        progress_begin_reading(progress, &guess, 0);
        run_stage(progress, 0, 2, 0);
        percent = progress_percent(progress);
        progress_begin(progress, PROGRESS_NONE, 0);
        return percent;
}

/* The last stage is not steady: it is guessed each time. */
static void test_what_was_counted_is_believed(void **state) {
        Progress progress = {0};

        read_all(&progress, &alone, PROGRESS_NONE); /* it failed */
        assert_int_equal(after_the_first(&progress, &alone), 10);
        read_all(&progress, &alone, PROGRESS_PLANNING);
        assert_int_equal(after_the_first(&progress, &alone), 100 * 2 / (2 + 12 + 3));
        assert_int_equal(after_the_first(&progress, &all), 10); /* of others nothing is known */
        read_all(&progress, &all, PROGRESS_PLANNING);
        assert_int_equal(after_the_first(&progress, &all), 100 * 2 / (2 + 12 + 3));
}

static void test_stages_are_told(void **state) {
        Told told = {0};
        Progress progress = {.on_stage = on_stage, .context = &told};

        progress_begin_pass(&progress, &alone, 1000);
        progress_begin_reading(&progress, &guess, 1000);
        run_stage(&progress, 0, 2, 1000);
        progress_enter(&progress, 1, "second", 1500); /* has nothing to do */
        run_stage(&progress, 2, 4, 1500);
        progress_begin(&progress, PROGRESS_PLANNING, 4000);
        progress_begin(&progress, PROGRESS_NONE, 4001);
        assert_int_equal(told.n, 2);
        assert_string_equal(told.stages[0].name, "first");
        assert_int_equal(told.stages[0].work, PROGRESS_READING);
        assert_int_equal(told.stages[0].n_done, 2);
        assert_int_equal(told.stages[0].took_ms, 500);
        assert_int_equal(told.stages[0].percent, 10);
        assert_string_equal(told.stages[1].name, "third");
        assert_int_equal(told.stages[1].took_ms, 2500);
        assert_int_equal(told.stages[1].pass_ms, 3000);
        assert_int_equal(told.stages[1].percent, PROGRESS_PERCENT_MAX);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_nobody_looks),
                cmocka_unit_test(test_stages_add_up),
                cmocka_unit_test(test_it_never_falls),
                cmocka_unit_test(test_changes),
                cmocka_unit_test(test_what_was_counted_is_believed),
                cmocka_unit_test(test_stages_are_told),
        };

        return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ProgressLine: what people read of a pass: how far it is, of what, and what it waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/progress_line.h"

static const ProgressGuess guess = {.weights = {PROGRESS_WEIGHT, PROGRESS_WEIGHT}, .n_stages = 2};

static void check(const Progress *progress, ThrottleWait wait, const char *brief, const char *full) {
        const char *const wanted[] = {[PROGRESS_BRIEF] = brief, [PROGRESS_FULL] = full};

        for (int detail = PROGRESS_BRIEF; detail <= PROGRESS_FULL; detail++) {
                ProgressLine line = {.progress = progress, .wait = wait, .detail = (ProgressDetail)detail};
                Text text;

                text_init(&text, NULL);
                progress_line_write(&line, &text);
                assert_string_equal(text.data, wanted[detail]);
                text_deinit(&text);
        }
}

static void begin(Progress *progress, const char *project, size_t n_projects) {
        progress_begin_pass(progress, &(ProgressPass){project, n_projects}, 0);
        progress_begin_reading(progress, &guess, 0);
        progress_enter(progress, 1, "members of groups", 0);
        progress_add(progress, 4);
        progress_done(progress, 1);
}

static void test_works(void **state) {
        Progress progress = {0};

        check(&progress, (ThrottleWait){0}, "", "");
        begin(&progress, "MLOps", 1);
        check(&progress, (ThrottleWait){0}, "reading MLOps, 62 %", "reading MLOps, 62 % (members of groups, 1 of 4)");
        progress_begin(&progress, PROGRESS_PLANNING, 0);
        check(&progress, (ThrottleWait){0}, "planning MLOps", "planning MLOps");
        progress_begin(&progress, PROGRESS_CHANGING, 0);
        progress_add(&progress, 12);
        progress_done(&progress, 6);
        check(&progress, (ThrottleWait){0}, "changing MLOps, 25 %", "changing MLOps, 25 % (3 of 12)");
        progress_begin(&progress, PROGRESS_RECORDING, 0);
        check(&progress, (ThrottleWait){.what = THROTTLE_WAIT_SILENCE}, "writing the ledger", "writing the ledger");
}

static void test_projects(void **state) {
        static const struct {
                const char *project;
                size_t n;
                const char *brief, *full;
        } rows[] = {
                {NULL, 3, "reading 3 projects, 62 %", "reading 3 projects, 62 % (members of groups, 1 of 4)"},
                {NULL, 0, "reading the organization, 62 %", "reading the organization, 62 % (members of groups, 1 of 4)"},
                {"", 1, "reading the organization, 62 %", "reading the organization, 62 % (members of groups, 1 of 4)"},
                {"a\x1b[2J", 1, "reading a\\x1b[2J, 62 %", "reading a\\x1b[2J, 62 % (members of groups, 1 of 4)"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Progress progress = {0};

                begin(&progress, rows[i].project, rows[i].n);
                check(&progress, (ThrottleWait){0}, rows[i].brief, rows[i].full);
        }
}

static void test_waits(void **state) {
        static const struct {
                ThrottleWait wait;
                const char *words;
        } rows[] = {
                {{THROTTLE_WAIT_NO_ANSWER, 3200, 0}, "; the service is asked again, without an answer for 4 s"},
                {{THROTTLE_WAIT_DISORDER, 31 * 1000, 503}, "; the service is asked again, with answer 503 for 35 s"},
                {{THROTTLE_WAIT_ASKED, 119 * 1000, 0}, "; the service asked to wait another 120 s"},
                {{THROTTLE_WAIT_ASKED, 121 * 1000, 0}, "; the service asked to wait another 3 min"},
                {{THROTTLE_WAIT_GAP, 5000, 0}, "; near the service's limit, a request every 5 s"},
                {{THROTTLE_WAIT_BUDGET, 11 * 1000, 0}, "; requests_per_5_minutes is used up for another 15 s"},
                {{THROTTLE_WAIT_SILENCE, 9001, 0}, "; no answer for 10 s"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Mem *mem = mem_new(NULL, char);
                Progress progress = {0};

                begin(&progress, "MLOps", 1);
                check(&progress, rows[i].wait, mem_printf(mem, "reading MLOps, 62 %%%s", rows[i].words),
                      mem_printf(mem, "reading MLOps, 62 %% (members of groups, 1 of 4)%s", rows[i].words));
                mem_free(mem);
        }
}

static void test_room(void **state) {
        Progress progress = {0};
        Text text;

        progress_begin_pass(&progress, &(ProgressPass){"MLOps", 9}, 0);
        progress_begin(&progress, PROGRESS_ROOM, 0);
        text_init(&text, NULL);
        progress_line_write(&(ProgressLine){.progress = &progress, .room_ms = 200 * 1000}, &text);
        assert_string_equal(text.data, "waiting for room in requests_per_5_minutes to read MLOps, another 4 min");
        text_deinit(&text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_works),
                cmocka_unit_test(test_projects),
                cmocka_unit_test(test_waits),
                cmocka_unit_test(test_room),
        };

        return cmocka_run_group_tests_name("progress_line", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* PassRecord: however many steps are held or let go, the next process knows them all, and no line is too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/history.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/pass_record.h"
#include "daemon/engine/release_record.h"
#include "tests/unit/ledger/folder.h"

#define URL "https://dev.azure.com/contoso"

enum {
        NOW = 1000 * 1000,
        MANY = 17 * 1000,
        SMALL = 2 * 1000, /* bytes of a line that repeats nothing */
};

static Mem *mem;
static char *folder;
static EngineHistory history;
static PassRecordHeld told;
static char project[64 + 1]; /* the longest name, of what takes most room in JSON */

static int setup(void **state) {
        mem = mem_new(NULL, char);
        folder = folder_new(mem);
        history = (EngineHistory){.charter_teams = 7};
        told = (PassRecordHeld){0};
        memset(project, '\x01', sizeof project - 1);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

/* The bytes that were added. */
static size_t record_lines(const char *lines) {
        const char *reason = NULL;
        Ledger *ledger = NULL;

        assert_int_equal(ledger_open(mem, folder, &ledger, &reason), 0);
        assert_int_equal(ledger_append(ledger, lines), 0);
        ledger_finish(ledger, ledger_sync(ledger));
        ledger_close(ledger);
        return strlen(lines);
}

static void hold(size_t n, Brake brake) {
        history.n_held = n;
        history.held = mem_new_array(mem, HeldBefore, n + 1);
        for (size_t i = 0; i < n; i++) {
                history.held[i] = (HeldBefore){.brake = brake, .project = project};
                snprintf(history.held[i].id, sizeof history.held[i].id, "%012x", (unsigned)i);
        }
}

static PassRecord pass_record(const char *id, int64_t wall) {
        return (PassRecord){.pass_id = id,
                            .organization = URL,
                            .reason = "interval",
                            .mode = MODE_ENFORCE,
                            .history = &history,
                            .wall = wall};
}

static size_t record_pass(const char *id, int64_t wall) {
        PassRecord record = pass_record(id, wall);
        Text text;

        text_init(&text, mem);
        pass_record_write(&record, &told, &text);
        return record_lines(text.data);
}

static EngineHistory read_history(void) {
        const char *reason = NULL;
        EngineHistory found;

        if (engine_history_read(mem, folder, URL, NULL, &found, &reason) < 0)
                fail_msg("%s", reason);
        return found;
}

static void check_held(void) {
        EngineHistory found = read_history();

        assert_int_equal(found.n_held, history.n_held);
        for (size_t i = 0; i < found.n_held; i++) {
                assert_string_equal(found.held[i].id, history.held[i].id);
                assert_string_equal(found.held[i].project, history.held[i].project);
                assert_int_equal(found.held[i].brake, history.held[i].brake);
        }
        assert_int_equal(found.charter_teams, 7);
}

static void test_held_steps_come_back(void **state) {
        static const size_t counts[] = {0, 1, PASS_RECORD_REPEATED_MAX, PASS_RECORD_REPEATED_MAX + 1,
                                        PASS_RECORD_HELD_MAX, PASS_RECORD_HELD_MAX + 1, MANY, 3, 0};

        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
                hold(counts[i], i % 2 ? BRAKE_CHANGES : BRAKE_REMOVALS);
                record_pass(mem_printf(mem, "%zu", i), NOW);
                check_held();
        }
}

static void test_what_is_held_still_is_not_repeated(void **state) {
        hold(MANY, BRAKE_CHANGES);
        assert_true(record_pass("a", NOW) > MANY);
        assert_true(record_pass("b", NOW + 1) < SMALL);
        check_held();
        hold(MANY, BRAKE_REMOVALS);
        assert_true(record_pass("c", NOW + 2) > MANY);
        check_held();
        /* Once a day all the same: the files that told it are removed some time. */
        assert_true(record_pass("d", NOW + 1 + PASS_RECORD_REPEAT_MS) < SMALL);
        assert_true(record_pass("e", NOW + 2 + PASS_RECORD_REPEAT_MS) > MANY);
        check_held();
        /* A clock that was set back. */
        assert_true(record_pass("f", NOW) > MANY);
}

/* A crash in the middle of many lines: what was told before stands. */
static void test_lines_without_their_pass(void **state) {
        PassRecord record = pass_record("b", NOW);
        char *last = NULL;
        Text text;

        hold(2, BRAKE_CHANGES);
        record_pass("a", NOW);
        hold(2 * PASS_RECORD_HELD_MAX, BRAKE_REMOVALS);
        text_init(&text, mem);
        pass_record_write(&record, &told, &text);
        text.data[text.n - 1] = '\0';
        last = strrchr(text.data, '\n');
        last[1] = '\0';
        record_lines(text.data);
        hold(2, BRAKE_CHANGES);
        check_held();
        /* The first of two lines is lost too. */
        record_lines(mem_printf(mem, "%s{\"record\": \"pass\", \"pass\": \"c\", \"organization\": \"" URL
                                     "\", \"held_lines\": 2}\n",
                                "{\"record\": \"held\", \"pass\": \"c\", \"organization\": \"" URL "\", \"held\": []}\n"));
        check_held();
}

static void test_many_steps_let_go(void **state) {
        char **steps = mem_new_array(mem, char *, MANY);
        EngineHistory found;
        Text text;

        for (size_t i = 0; i < MANY; i++)
                steps[i] = mem_printf(steps, "%012x", (unsigned)i);
        text_init(&text, mem);
        release_record_write(&(ReleaseRecord){URL, "0123456789ab", "looked at", steps, MANY, false}, &text);
        release_record_write(&(ReleaseRecord){URL, "0123456789ab", "looked at", steps, 0, false}, &text);
        record_lines(text.data);
        found = read_history();
        assert_int_equal(found.n_releases, MANY);
        for (size_t i = 0; i < MANY; i++)
                assert_string_equal(found.releases[i].step_id, steps[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_held_steps_come_back, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_is_held_still_is_not_repeated, setup, teardown),
                cmocka_unit_test_setup_teardown(test_lines_without_their_pass, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_steps_let_go, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

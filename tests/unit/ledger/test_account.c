/* SPDX-License-Identifier: Apache-2.0 */
/* Account: intents, outcomes and attributions that lie far apart come together, in order, in bounded memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "daemon/engine/account.h"
#include "tests/unit/ledger/folder.h"

#define MINUTE INT64_C(60000)
#define BEGIN INT64_C(1775034000000) /* 2026-04-01T09:00:00Z */
#define AN_HOUR 60
#define TOO_LATE (AN_HOUR + (int)(ACCOUNT_ATTRIBUTION_MS / MINUTE))

static Mem *mem;
static char *folder;
static Text lines;
static unsigned seq;
static Text seen;
static uint64_t n_early;

static int setup(void **state) {
        mem = mem_new(NULL, char);
        folder = folder_new(mem);
        text_init(&lines, mem);
        text_init(&seen, mem);
        seq = 0;
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static void add(int minute, const char *record, const char *id, const char *more) {
        char time[CLOCK_TEXT_SIZE];

        text_appendf(&lines, "{\"seq\":%u,\"time\":\"%s\",\"record\":\"%s\",\"change_id\":\"%s\"%s}\n", ++seq,
                     clock_format(BEGIN + minute * MINUTE, time), record, id, more);
}

static void end_file(const char *name) {
        folder_write(folder, name, lines.data, lines.n);
        text_deinit(&lines);
        text_init(&lines, mem);
}

static int on_change(void *context, const AccountChange *change) {
        const char *result = json_get_text(change->outcome, "result"), *actor = json_get_text(change->attribution, "actor");

        assert_non_null(strstr(change->line, json_get_text(change->intent, "change_id")));
        text_appendf(&seen, "%s %s %s\n", json_get_text(change->intent, "change_id"), result ? result : "open",
                     actor ? actor : "-");
        return context ? -1 : 0;
}

static int read_all(const LedgerFilter *filter, void *context) {
        const char *reason = NULL;

        return account_read(mem, &(AccountSpec){folder, filter, on_change, NULL, context}, &n_early, &reason);
}

static void assert_changes(const LedgerFilter *filter, const char *wanted) {
        assert_int_equal(read_all(filter, NULL), 0);
        assert_string_equal(seen.data, wanted);
        assert_int_equal(n_early, 0);
}

#define DRIFT ",\"origin\":\"drift\""
#define DONE ",\"result\":\"done\""
#define FAILED ",\"result\":\"failed\""

static void test_no_ledger(void **state) {
        assert_changes(NULL, "");
}

/* Over two files; an outcome of nothing, and one that an attribution comes after. */
static void test_order(void **state) {
        add(0, "intent", "a", "");
        add(0, "intent", "b", DRIFT);
        add(0, "intent", "c", "");
        add(0, "outcome", "c", DONE);
        add(0, "outcome", "nobody", DONE);
        end_file("ledger-000000000001.jsonl");
        add(1, "outcome", "b", DONE);
        add(2, "intent", "d", "");
        add(AN_HOUR, "attribution", "b", ",\"actor\":\"zoe\"");
        add(AN_HOUR, "outcome", "d", FAILED);
        end_file(LEDGER_FILE);
        assert_changes(NULL, "a open -\nb done zoe\nc done -\nd failed -\n");
}

static void test_filters(void **state) {
        add(0, "intent", "a", ",\"project\":\"Shop\"");
        add(5, "intent", "b", ",\"project\":\"Shop\"");
        add(5, "intent", "c", ",\"project\":\"MLOps\"");
        add(6, "outcome", "a", DONE);
        add(6, "outcome", "b", DONE);
        add(6, "outcome", "c", DONE);
        end_file(LEDGER_FILE);
        assert_changes(&(LedgerFilter){.since = BEGIN + 5 * MINUTE, .project = "shop"}, "b done -\n");
}

/* Nobody waits for ever for who did it; then it is not shown beside the change. */
static void test_an_attribution_that_comes_too_late(void **state) {
        add(0, "intent", "a", DRIFT);
        add(0, "outcome", "a", DONE);
        add(TOO_LATE, "intent", "b", DRIFT);
        add(TOO_LATE, "outcome", "b", DONE);
        add(TOO_LATE, "attribution", "a", ",\"actor\":\"zoe\"");
        add(TOO_LATE, "attribution", "b", ",\"actor\":\"ana\"");
        end_file(LEDGER_FILE);
        assert_changes(NULL, "a done -\nb done ana\n");
}

static void test_a_group_is_settled_in_another_order(void **state) {
        enum { N = 3000 };
        char id[16];
        Text wanted;

        text_init(&wanted, mem);
        for (int i = 0; i < N; i++) {
                snprintf(id, sizeof id, "c%d", i);
                add(0, "intent", id, "");
                text_appendf(&wanted, "%s %s -\n", id, i % 7 ? "done" : "failed");
        }
        for (int i = 0; i < N; i++) {
                int k = (i * 1009) % N;

                snprintf(id, sizeof id, "c%d", k);
                add(1, "outcome", id, k % 7 ? DONE : FAILED);
        }
        end_file(LEDGER_FILE);
        assert_changes(NULL, wanted.data);
}

/* What waits beyond the limit is given as it stands, in its order, and counted. */
static void test_too_many_wait(void **state) {
        enum { BEYOND = 5 };
        char id[16];

        for (int i = 0; i < ACCOUNT_WAITING_MAX + BEYOND; i++) {
                snprintf(id, sizeof id, "c%d", i);
                add(0, "intent", id, "");
        }
        add(1, "outcome", "c0", DONE);
        snprintf(id, sizeof id, "c%d", BEYOND + 1);
        add(1, "outcome", id, DONE);
        end_file(LEDGER_FILE);
        assert_int_equal(read_all(NULL, NULL), 0);
        assert_int_equal(n_early, BEYOND + 1);
        assert_int_equal(strncmp(seen.data, "c0 open -\nc1 open -\n", 20), 0);
        assert_non_null(strstr(seen.data, "\nc6 done -\n"));
}

static void test_who_is_called_may_stop(void **state) {
        add(0, "intent", "a", "");
        add(0, "outcome", "a", DONE);
        add(0, "intent", "b", "");
        end_file(LEDGER_FILE);
        assert_int_equal(read_all(NULL, mem), -1);
        assert_string_equal(seen.data, "a done -\n");
}

static void test_damage_is_told(void **state) {
        const char *reason = NULL;

        add(0, "intent", "a", "");
        text_append(&lines, "{\"seq\":\n");
        end_file(LEDGER_FILE);
        assert_true(account_read(mem, &(AccountSpec){folder, NULL, on_change, NULL, NULL}, &n_early, &reason) < 0);
        assert_non_null(strstr(reason, LEDGER_FILE ":2: the ledger is damaged"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_no_ledger, setup, teardown),
                cmocka_unit_test_setup_teardown(test_order, setup, teardown),
                cmocka_unit_test_setup_teardown(test_filters, setup, teardown),
                cmocka_unit_test_setup_teardown(test_an_attribution_that_comes_too_late, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_group_is_settled_in_another_order, setup, teardown),
                cmocka_unit_test_setup_teardown(test_too_many_wait, setup, teardown),
                cmocka_unit_test_setup_teardown(test_who_is_called_may_stop, setup, teardown),
                cmocka_unit_test_setup_teardown(test_damage_is_told, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

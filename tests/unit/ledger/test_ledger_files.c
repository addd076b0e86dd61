/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerFiles: one chain over many files: full ones, moved ones, removed ones; the room kept for outcomes. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/ledger_tail.h"
#include "tests/unit/ledger/folder.h"

enum {
        FILE_SIZE = 2000,
        BLOCK_SIZE = 512, /* of st_blocks */
};

static Mem *mem;
static char *folder;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        folder = folder_new(mem);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static Ledger *opened(void) {
        Ledger *ledger = NULL;
        const char *reason = NULL;

        if (ledger_open(mem, folder, &ledger, &reason) < 0)
                fail_msg("%s", reason);
        ledger_set_limits(ledger, &(LedgerLimits){.file_size = FILE_SIZE});
        return ledger;
}

static void recorded(Ledger *ledger, const char *lines) {
        assert_int_equal(ledger_append(ledger, lines), 0);
        assert_int_equal(ledger_sync(ledger), 0);
        ledger_finish(ledger, 0);
}

static void record_many(Ledger *ledger, unsigned n) {
        for (unsigned i = 0; i < n; i++)
                recorded(ledger, mem_printf(mem, "{\"record\":\"pass\",\"x\":\"%0300u\"}\n", i));
}

static char *path_of(const char *name) {
        return mem_printf(mem, "%s/%s", folder, name);
}

static void move(const char *from, const char *to) {
        assert_int_equal(rename(path_of(from), path_of(to)), 0);
}

static bool is_there(const char *name) {
        return access(path_of(name), F_OK) == 0;
}

static LedgerVerdict verdict_of(const char *expected, int wanted) {
        LedgerVerdict verdict;
        const char *reason = NULL;
        int r = ledger_verify(mem, folder, expected, &verdict, &reason);

        if (r != wanted)
                fail_msg("expected %d, got %d: %s:%llu: %s", wanted, r, verdict.bad_file ? verdict.bad_file : "",
                         (unsigned long long)verdict.bad_line, reason ? reason : verdict.reason);
        return verdict;
}

static int count_seq(void *context, const JsonNode *record, const char *line) {
        uint64_t *n = context;
        int64_t seq = 0;

        assert_int_equal(json_get_int(record, "seq", 1, INT64_MAX, &seq), 0);
        assert_int_equal(seq, ++*n);
        return 0;
}

/* That they are there from number 1 on without a gap. */
static uint64_t count_records(void) {
        const char *reason = NULL;
        uint64_t n = 0;

        assert_int_equal(ledger_each(mem, folder, NULL, count_seq, &n, &reason), 0);
        return n;
}

static void test_a_full_file_is_followed_by_another(void **state) {
        Ledger *ledger = opened();
        LedgerVerdict verdict;
        struct stat info;
        char *head = NULL, *bytes = NULL;
        size_t n = 0;

        record_many(ledger, 20);
        head = mem_strdup(mem, ledger_head(ledger));
        assert_true(is_there("ledger-000000000001.jsonl"));
        assert_false(is_there("ledger.next"));
        assert_int_equal(stat(path_of("ledger-000000000001.jsonl"), &info), 0);
        assert_true(info.st_size <= FILE_SIZE);
        assert_true(info.st_blocks * BLOCK_SIZE < LEDGER_RESERVE_SIZE); /* the room behind it is given back */
        bytes = folder_read(mem, folder, LEDGER_FILE, &n);
        assert_non_null(strstr(bytes, ",\"record\": \"ledger\", \"event\": \"rotated\", \"file\": \"ledger-"));
        assert_true(strstr(bytes, "\"rotated\"") < strchr(bytes, '\n')); /* its first line */
        verdict = verdict_of(head, 0);
        assert_int_equal(verdict.n_lines, ledger_last_seq(ledger));
        assert_string_equal(verdict.expected_file, LEDGER_FILE);
        assert_int_equal(count_records(), verdict.n_lines);
        ledger_close(ledger);
        ledger = opened();
        assert_string_equal(ledger_head(ledger), head);
        ledger_close(ledger);
}

static void test_damage_in_an_old_file(void **state) {
        Ledger *ledger = opened();
        LedgerVerdict verdict;
        char *bytes = NULL, *second = NULL, *name = NULL;
        size_t n = 0;
        unsigned n_first = 0;

        record_many(ledger, 30);
        ledger_close(ledger);
        bytes = folder_read(mem, folder, "ledger-000000000001.jsonl", &n);
        for (const char *at = bytes; (at = strchr(at, '\n')); at++)
                n_first++;
        name = mem_printf(mem, "ledger-%012u.jsonl", n_first + 1);
        assert_true(is_there(name));
        /* The last line of a file is compared with what the next file's first one names. */
        bytes[n - 5] ^= 1;
        folder_write(folder, "ledger-000000000001.jsonl", bytes, n);
        verdict = verdict_of(NULL, 1);
        assert_string_equal(verdict.bad_file, "ledger-000000000001.jsonl");
        assert_int_equal(verdict.bad_line, n_first);
        bytes[n - 5] ^= 1;
        /* Cut in its last line, or before it. */
        folder_write(folder, "ledger-000000000001.jsonl", bytes, n - 5);
        verdict = verdict_of(NULL, 1);
        assert_string_equal(verdict.bad_file, "ledger-000000000001.jsonl");
        assert_int_equal(verdict.bad_line, n_first);
        second = strchr(bytes, '\n') + 1;
        folder_write(folder, "ledger-000000000001.jsonl", bytes, (size_t)(second - bytes));
        verdict = verdict_of(NULL, 1);
        assert_string_equal(verdict.bad_file, name);
        assert_int_equal(verdict.bad_line, 1);
        /* Its beginning is gone. */
        folder_write(folder, "ledger-000000000001.jsonl", second, n - (size_t)(second - bytes));
        verdict = verdict_of(NULL, 1);
        assert_string_equal(verdict.bad_file, "ledger-000000000001.jsonl");
        assert_int_equal(verdict.bad_line, 1);
        /* A whole file is gone. */
        unlink(path_of("ledger-000000000001.jsonl"));
        verdict = verdict_of(NULL, 1);
        assert_string_equal(verdict.bad_file, name);
        assert_int_equal(verdict.bad_line, 1);
}

static void test_a_file_that_was_moved_away(void **state) {
        Ledger *ledger = opened();
        LedgerVerdict verdict;

        recorded(ledger, "{\"a\":1}\n{\"a\":2}\n");
        ledger_reopen(ledger); /* it was not moved: nothing happens */
        recorded(ledger, "{\"a\":3}\n");
        move(LEDGER_FILE, "ledger.jsonl.1");
        recorded(ledger, "{\"a\":4}\n"); /* before the signal it goes into the file that is open */
        ledger_reopen(ledger);
        recorded(ledger, "{\"a\":5}\n");
        verdict = verdict_of(ledger_head(ledger), 0);
        assert_int_equal(verdict.n_lines, 6); /* with the one that tells of it */
        assert_int_equal(verdict.moved_last, 0);
        assert_int_equal(count_records(), 6);
        ledger_close(ledger);
        ledger = opened();
        assert_int_equal(ledger_last_seq(ledger), 6);
        /* To another place, or compressed: what is here is a chain still, and says what is not. */
        assert_int_equal(unlink(path_of("ledger.jsonl.1")), 0);
        verdict = verdict_of(ledger_head(ledger), 0);
        assert_int_equal(verdict.n_lines, 2);
        assert_int_equal(verdict.moved_last, 4);
        assert_string_equal(verdict.moved_file, "ledger.jsonl.1");
        ledger_close(ledger);
}

static void test_moved_away_while_nobody_wrote(void **state) {
        Ledger *ledger = opened();

        recorded(ledger, "{\"a\":1}\n");
        ledger_close(ledger);
        move(LEDGER_FILE, "ledger.jsonl-20260401");
        ledger = opened();
        assert_int_equal(ledger_last_seq(ledger), 1);
        recorded(ledger, "{\"a\":2}\n");
        ledger_close(ledger);
        assert_int_equal(verdict_of(NULL, 0).n_lines, 3);
}

static void test_what_others_do_to_the_file(void **state) {
        Ledger *ledger = opened();
        LedgerVerdict verdict;
        char *bytes = NULL;
        size_t n = 0;

        /* Removed: what was in it is gone, but nothing more. */
        recorded(ledger, "{\"a\":1}\n");
        assert_int_equal(unlink(path_of(LEDGER_FILE)), 0);
        recorded(ledger, "{\"a\":2}\n");
        verdict = verdict_of(NULL, 0);
        assert_int_equal(verdict.moved_last, 1);
        assert_null(verdict.moved_file);
        /* Copied and emptied. */
        bytes = folder_read(mem, folder, LEDGER_FILE, &n);
        folder_write(folder, "ledger.jsonl.1", bytes, n);
        assert_int_equal(truncate(path_of(LEDGER_FILE), 0), 0);
        recorded(ledger, "{\"a\":3}\n");
        verdict_of(NULL, 0);
        /* Written to: nothing is added until it is as it was. */
        bytes = folder_read(mem, folder, LEDGER_FILE, &n);
        folder_write(folder, LEDGER_FILE, mem_printf(mem, "%s{}\n", bytes), n + 3);
        assert_int_equal(ledger_append(ledger, "{\"a\":4}\n"), -ESTALE);
        assert_int_equal(ledger_error(ledger), -ESTALE);
        folder_write(folder, LEDGER_FILE, bytes, n);
        recorded(ledger, "{\"a\":4}\n");
        assert_int_equal(ledger_error(ledger), 0);
        /* Moved away, and another one in its place that is not empty. */
        move(LEDGER_FILE, "ledger.jsonl.2");
        folder_write(folder, LEDGER_FILE, "{}\n", 3);
        ledger_reopen(ledger);
        assert_int_equal(ledger_append(ledger, "{\"a\":5}\n"), -EEXIST);
        assert_int_equal(unlink(path_of(LEDGER_FILE)), 0);
        recorded(ledger, "{\"a\":5}\n");
        ledger_close(ledger);
        verdict_of(NULL, 0);
}

enum { PER_FILE = 2 };
#define DAY (INT64_C(24) * 60 * 60 * 1000)
#define LONG_AGO INT64_C(1577836800000) /* 2020-01-01 */

/* Files of a day each, chained anew; what they hold is repeated when there are not enough. */
static void write_old_files(unsigned n_files, int64_t first_day, const char *const *objects, size_t n_objects) {
        ChainEnd end = {0};
        char name[LEDGER_FILE_NAME_SIZE], time[CLOCK_TEXT_SIZE];
        size_t at = 0;

        for (unsigned i = 0; i < n_files; i++) {
                Text text;

                text_init(&text, mem);
                ledger_files_name(end.seq + 1, name);
                clock_format(first_day + i * DAY, time);
                for (int k = 0; k < PER_FILE; k++, at++)
                        assert_int_equal(chain_add(&end, objects[at % n_objects], strlen(objects[at % n_objects]), time, &text), 0);
                folder_write(folder, i + 1 < n_files ? name : LEDGER_FILE, text.data, text.n);
        }
}

static const char *const passes[] = {"{\"record\":\"pass\"}"};

static void test_old_files_are_removed_and_the_chain_says_so(void **state) {
        Ledger *ledger = NULL;
        LedgerVerdict verdict;
        char *bytes = NULL;
        size_t n = 0;

        write_old_files(4, LONG_AGO, passes, 1); /* the current one is of the 4th day */
        ledger = opened();
        ledger_set_limits(ledger, &(LedgerLimits){.keep_ms = 30 * DAY});
        recorded(ledger, "{\"record\":\"pass\"}\n");
        /* By the last record's clock all are young: a clock that jumped removes nothing at once. */
        assert_true(is_there("ledger-000000000001.jsonl"));
        ledger_set_limits(ledger, &(LedgerLimits){.keep_ms = 30 * DAY});
        recorded(ledger, "{\"record\": \"outcome\",\"change_id\":\"a\"}\n");
        assert_true(is_there("ledger-000000000001.jsonl")); /* outcomes do not wait for it */
        recorded(ledger, "{\"record\":\"pass\"}\n"); /* looked into */
        assert_true(is_there("ledger-000000000001.jsonl"));
        recorded(ledger, "{\"record\":\"pass\"}\n"); /* one at a time */
        assert_false(is_there("ledger-000000000001.jsonl"));
        assert_true(is_there("ledger-000000000003.jsonl"));
        verdict = verdict_of(NULL, 0);
        assert_int_equal(verdict.removed_last, 2);
        record_many(ledger, 4);
        assert_false(is_there("ledger-000000000003.jsonl"));
        assert_false(is_there("ledger-000000000005.jsonl"));
        verdict = verdict_of(NULL, 0);
        assert_int_equal(verdict.removed_last, 6);
        bytes = folder_read(mem, folder, LEDGER_FILE, &n);
        assert_non_null(strstr(bytes, "\"record\": \"ledger\", \"event\": \"removed\", "
                                      "\"file\": \"ledger-000000000005.jsonl\", \"first\": 5, \"last\": 6, "
                                      "\"head\": \""));
        ledger_close(ledger);
}

static void test_young_files_stay(void **state) {
        Ledger *ledger = NULL;
        LedgerVerdict verdict;

        write_old_files(4, clock_wall_ms() - 4 * DAY, passes, 1);
        ledger = opened();
        /* The first one ended when the second one began, three days ago. */
        recorded(ledger, "{\"record\":\"pass\"}\n");
        ledger_set_limits(ledger, &(LedgerLimits){.keep_ms = 2 * DAY + DAY / 2});
        record_many(ledger, 10);
        assert_false(is_there("ledger-000000000001.jsonl"));
        assert_true(is_there("ledger-000000000003.jsonl"));
        verdict = verdict_of(NULL, 0);
        assert_int_equal(verdict.removed_last, 2);
        /* Removed by anybody else, it is missed. */
        assert_int_equal(unlink(path_of("ledger-000000000003.jsonl")), 0);
        verdict = verdict_of(NULL, 1);
        assert_string_equal(verdict.bad_file, "ledger-000000000005.jsonl");
        ledger_close(ledger);
}

static void test_a_change_that_has_not_ended_keeps_its_file(void **state) {
        static const char *const objects[] = {
                "{\"record\": \"intent\",\"change_id\": \"a\"}", "{\"record\": \"intent\",\"change_id\": \"b\"}",
                "{\"record\": \"outcome\",\"change_id\": \"b\"}", "{\"record\":\"intent\",\"change_id\":\"c\"}",
                "{\"record\": \"pass\"}", "{\"record\": \"outcome\",\"change_id\": \"a\"}",
                "{\"record\": \"pass\"}", "{\"record\": \"pass\"}",
        };
        Ledger *ledger = NULL;

        write_old_files(4, LONG_AGO, objects, sizeof objects / sizeof *objects);
        ledger = opened();
        ledger_set_limits(ledger, &(LedgerLimits){.keep_ms = 30 * DAY});
        recorded(ledger, "{\"record\":\"pass\"}\n");
        ledger_set_limits(ledger, &(LedgerLimits){.keep_ms = 30 * DAY});
        record_many(ledger, 10);
        assert_false(is_there("ledger-000000000001.jsonl")); /* its outcomes are in the next ones */
        assert_true(is_there("ledger-000000000003.jsonl"));
        assert_true(is_there("ledger-000000000005.jsonl"));
        recorded(ledger, "{\"record\": \"outcome\",\"change_id\": \"c\"}\n");
        ledger_set_limits(ledger, &(LedgerLimits){.keep_ms = 30 * DAY});
        record_many(ledger, 10);
        assert_false(is_there("ledger-000000000003.jsonl"));
        assert_false(is_there("ledger-000000000005.jsonl"));
        assert_int_equal(verdict_of(NULL, 0).removed_last, 6);
        ledger_close(ledger);
}

/* Or what it holds of people would stay as long as it has room. */
static void test_an_old_file_is_followed_by_another(void **state) {
        const LedgerLimits limits = {.age_ms = 30 * DAY};
        Ledger *ledger = NULL;
        char *bytes = NULL;
        size_t n = 0;

        write_old_files(1, LONG_AGO, passes, 1);
        ledger = opened();
        ledger_set_limits(ledger, &limits);
        recorded(ledger, "{\"record\": \"outcome\",\"change_id\":\"a\"}\n");
        assert_false(is_there("ledger-000000000001.jsonl")); /* outcomes do not wait for it */
        record_many(ledger, 5);
        assert_true(is_there("ledger-000000000001.jsonl"));
        assert_false(is_there("ledger-000000000004.jsonl")); /* the new one is young */
        bytes = folder_read(mem, folder, LEDGER_FILE, &n);
        assert_non_null(strstr(bytes, "\"event\": \"rotated\", \"file\": \"ledger-000000000001.jsonl\""));
        verdict_of(NULL, 0);
        ledger_close(ledger);
        /* How old it is does not hang on who opened it. */
        write_old_files(1, clock_wall_ms() - 31 * DAY, passes, 1);
        assert_int_equal(unlink(path_of("ledger-000000000001.jsonl")), 0);
        ledger = opened();
        ledger_set_limits(ledger, &limits);
        record_many(ledger, 1);
        assert_true(is_there("ledger-000000000001.jsonl"));
        ledger_close(ledger);
}

static void test_room_is_kept_for_outcomes(void **state) {
        Ledger *ledger = opened();
        struct stat info;

        recorded(ledger, "{\"record\": \"intent\",\"change_id\":\"a\"}\n");
        assert_int_equal(stat(path_of(LEDGER_FILE), &info), 0);
        if (info.st_blocks * BLOCK_SIZE < info.st_size + LEDGER_RESERVE_SIZE)
                fail_msg("%lld bytes on disk", (long long)info.st_blocks * BLOCK_SIZE);
        ledger_close(ledger);
        /* It stays for the outcomes that the next process finds by reading. */
        assert_int_equal(stat(path_of(LEDGER_FILE), &info), 0);
        assert_true(info.st_blocks * BLOCK_SIZE >= info.st_size + LEDGER_RESERVE_SIZE);
}

static void test_outcomes_that_are_taken_back_are_owed(void **state) {
        Ledger *ledger = opened();
        char *bytes = NULL;
        size_t n = 0;

        recorded(ledger, "{\"record\": \"intent\",\"change_id\":\"a\"}\n");
        assert_int_equal(ledger_append(ledger, "{\"record\": \"outcome\",\"change_id\":\"a\"}\n"), 0);
        assert_int_equal(ledger_append(ledger, "{\"record\":\"pass\"}\n"), 0);
        ledger_finish(ledger, -EIO);
        assert_int_equal(ledger_last_seq(ledger), 1);
        recorded(ledger, "{\"record\":\"finding\"}\n");
        assert_int_equal(ledger_last_seq(ledger), 3);
        bytes = folder_read(mem, folder, LEDGER_FILE, &n);
        assert_non_null(strstr(bytes, "\"outcome\""));
        assert_true(strstr(bytes, "\"outcome\"") < strstr(bytes, "\"finding\""));
        assert_null(strstr(bytes, "\"pass\"")); /* its writer was told */
        /* At the end too. */
        assert_int_equal(ledger_append(ledger, "{\"record\": \"outcome\",\"change_id\":\"b\"}\n"), 0);
        ledger_finish(ledger, -EIO);
        ledger_close(ledger);
        assert_int_equal(verdict_of(NULL, 0).n_lines, 4);
}

/* Not even what is refused after them keeps them from the disk. */
static void test_what_is_owed_is_durable_before_all_else(void **state) {
        Ledger *ledger = opened();
        struct rlimit before, limit;
        struct stat info;

        recorded(ledger, "{\"record\": \"intent\", \"change_id\": \"a\"}\n");
        assert_int_equal(ledger_append(ledger, "{\"record\": \"outcome\", \"change_id\": \"a\"}\n"), 0);
        ledger_finish(ledger, -EIO);
        assert_int_equal(stat(path_of(LEDGER_FILE), &info), 0);
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        limit = before;
        limit.rlim_cur = (rlim_t)info.st_size + 300;
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_int_equal(ledger_append(ledger, mem_printf(mem, "{\"record\": \"pass\", \"x\": \"%0500u\"}\n", 7)), -EFBIG);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(ledger_last_seq(ledger), 2);
        assert_int_equal(ledger_error(ledger), -EFBIG);
        assert_int_equal(verdict_of(NULL, 0).n_lines, 2);
        ledger_close(ledger);
}

static int add_line(void *context, const JsonNode *record, const char *line) {
        text_append(context, line);
        text_append(context, "\n");
        return 0;
}

/* The longest end of whole lines that fits. */
static const char *wanted_tail(const Text *all, size_t size) {
        const char *from = all->n > size ? all->data + all->n - size : all->data;

        while (from > all->data && *from && from[-1] != '\n')
                from++;
        return from;
}

static void test_the_end_alone(void **state) {
        const char *reason = NULL;
        Ledger *ledger;
        Text all, tail;

        text_init(&all, mem);
        text_init(&tail, mem);
        assert_int_equal(ledger_tail(mem, folder, FILE_SIZE, &tail, &reason), 0);
        assert_string_equal(tail.data, "");
        ledger = opened();
        record_many(ledger, 12);
        ledger_close(ledger);
        assert_int_equal(ledger_each(mem, folder, NULL, add_line, &all, &reason), 0);
        assert_true(all.n > 2 * FILE_SIZE);
        for (size_t size = 0; size <= all.n + 1; size++) {
                tail.n = 0;
                tail.data[0] = '\0';
                assert_int_equal(ledger_tail(mem, folder, size, &tail, &reason), 0);
                assert_string_equal(tail.data, wanted_tail(&all, size));
        }
}

static void test_the_end_while_a_line_is_written(void **state) {
        const char *reason = NULL;
        FILE *file = fopen(path_of(LEDGER_FILE), "w");
        Text tail;

        assert_non_null(file);
        fputs("{\"seq\":1}\n{\"seq\":2}\n{\"seq\":", file);
        fclose(file);
        text_init(&tail, mem);
        assert_int_equal(ledger_tail(mem, folder, FILE_SIZE, &tail, &reason), 0);
        assert_string_equal(tail.data, "{\"seq\":1}\n{\"seq\":2}\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_full_file_is_followed_by_another, setup, teardown),
                cmocka_unit_test_setup_teardown(test_damage_in_an_old_file, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_file_that_was_moved_away, setup, teardown),
                cmocka_unit_test_setup_teardown(test_moved_away_while_nobody_wrote, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_others_do_to_the_file, setup, teardown),
                cmocka_unit_test_setup_teardown(test_old_files_are_removed_and_the_chain_says_so, setup, teardown),
                cmocka_unit_test_setup_teardown(test_young_files_stay, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_change_that_has_not_ended_keeps_its_file, setup, teardown),
                cmocka_unit_test_setup_teardown(test_an_old_file_is_followed_by_another, setup, teardown),
                cmocka_unit_test_setup_teardown(test_room_is_kept_for_outcomes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_outcomes_that_are_taken_back_are_owed, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_is_owed_is_durable_before_all_else, setup, teardown),
                cmocka_unit_test_setup_teardown(test_the_end_alone, setup, teardown),
                cmocka_unit_test_setup_teardown(test_the_end_while_a_line_is_written, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: what it writes, what it survives, what it notices. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/engine/ledger.h"
#include "tests/unit/ledger/folder.h"

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
        return ledger;
}

static void recorded(Ledger *ledger, const char *lines) {
        assert_int_equal(ledger_append(ledger, lines), 0);
        assert_int_equal(ledger_sync(ledger), 0);
        ledger_finish(ledger, 0);
}

static char *file_bytes(size_t *np) {
        char *bytes = folder_read(mem, folder, LEDGER_FILE, np);

        assert_non_null(bytes);
        return bytes;
}

static int verify(const char *expected, LedgerVerdict *verdict) {
        const char *reason = NULL;

        return ledger_verify(mem, folder, expected, verdict, &reason);
}

static void test_lines_are_chained(void **state) {
        Ledger *ledger = opened();
        char hash[DIGEST_TEXT_SIZE];
        LedgerVerdict verdict;
        struct stat info;
        char *second = NULL, *third = NULL, *bytes = NULL;
        size_t n = 0;

        assert_string_equal(ledger_head(ledger), "");
        assert_int_equal(ledger_last_seq(ledger), 0);
        recorded(ledger, "{\"record\":\"pass\"}\n{\"record\":\"finding\",\"x\":1}\n");
        recorded(ledger, "{}");
        bytes = file_bytes(&n);
        assert_memory_equal(bytes, "{\"seq\":1,\"time\":\"2", 18);
        second = strchr(bytes, '\n');
        *second++ = '\0';
        assert_non_null(strstr(bytes, "Z\",\"previous\":null,\"record\":\"pass\"}"));
        third = strchr(second, '\n');
        *third++ = '\0';
        assert_non_null(strstr(second, mem_printf(mem,
                                                  ",\"previous\":\"%s\",\"record\":\"finding\","
                                                  "\"x\":1}",
                                                  digest_sha256(bytes, strlen(bytes), hash))));
        assert_memory_equal(third, "{\"seq\":3,", 9);
        assert_non_null(strstr(third, mem_printf(mem, ",\"previous\":\"%s\"}\n",
                                                 digest_sha256(second, strlen(second), hash))));
        assert_string_equal(ledger_head(ledger), digest_sha256(third, strlen(third) - 1, hash));
        assert_int_equal(ledger_last_seq(ledger), 3);
        assert_int_equal(verify(ledger_head(ledger), &verdict), 0);
        assert_int_equal(verdict.n_lines, 3);
        assert_int_equal(verdict.expected_line, 3);
        assert_int_equal(stat(mem_printf(mem, "%s/ledger.jsonl", folder), &info), 0);
        assert_int_equal(info.st_mode & 0777 & ~(unsigned)0640, 0);
        ledger_close(ledger);
}

static void test_it_goes_on_where_it_ended(void **state) {
        Ledger *ledger = opened();
        LedgerVerdict verdict;
        char *head = NULL;

        recorded(ledger, "{\"a\":1}\n{\"a\":2}\n");
        head = mem_strdup(mem, ledger_head(ledger));
        ledger_close(ledger);
        ledger = opened();
        assert_string_equal(ledger_head(ledger), head);
        assert_int_equal(ledger_last_seq(ledger), 2);
        assert_null(ledger_torn_file(ledger));
        recorded(ledger, "{\"a\":3}\n");
        ledger_close(ledger);
        assert_int_equal(verify(NULL, &verdict), 0);
        assert_int_equal(verdict.n_lines, 3);
}

/* Cut at every byte of its last line, and with what a lost page leaves. */
static void test_a_torn_end_is_cut_and_kept(void **state) {
        Ledger *ledger = opened();
        LedgerVerdict verdict;
        char *bytes = NULL, *torn = NULL;
        size_t n = 0, n_whole = 0, n_torn = 0;

        recorded(ledger, "{\"a\":1}\n");
        ledger_close(ledger);
        file_bytes(&n_whole);
        ledger = opened();
        recorded(ledger, "{\"a\":\"two\"}\n");
        ledger_close(ledger);
        bytes = file_bytes(&n);
        for (size_t cut = n_whole + 1; cut < n; cut++) {
                char *kept = mem_printf(mem, "ledger.torn-%zu", cut - n_whole);

                folder_write(folder, LEDGER_FILE, bytes, cut);
                if (cut == n_whole + 1 || cut == n - 1) { /* it waits a moment for who may be writing */
                        assert_int_equal(verify(NULL, &verdict), 1);
                        assert_string_equal(verdict.bad_file, LEDGER_FILE);
                        assert_int_equal(verdict.bad_line, 2);
                }
                ledger = opened();
                assert_int_equal(ledger_last_seq(ledger), 2); /* a record tells of it */
                assert_string_equal(ledger_torn_file(ledger),
                                    mem_printf(mem, "%s/%s", folder, kept));
                torn = folder_read(mem, folder, kept, &n_torn);
                assert_int_equal(n_torn, cut - n_whole);
                assert_memory_equal(torn, bytes + n_whole, n_torn);
                recorded(ledger, "{\"a\":\"again\"}\n");
                ledger_close(ledger);
                assert_int_equal(verify(NULL, &verdict), 0);
                assert_int_equal(verdict.n_lines, 3);
                torn = mem_printf(mem, "\"record\": \"ledger\", \"event\": \"torn\", \"file\": \"%s\", \"bytes\": %zu}", kept,
                                  n_torn);
                assert_non_null(strstr(file_bytes(&n_torn), torn));
        }
        memset(bytes + n_whole, '\0', n - n_whole);
        bytes[n - 5] = '\n';
        folder_write(folder, LEDGER_FILE, bytes, n);
        ledger = opened();
        assert_int_equal(ledger_last_seq(ledger), 2);
        assert_non_null(ledger_torn_file(ledger));
        ledger_close(ledger);
        assert_int_equal(verify(NULL, &verdict), 0);
}

static void test_much_that_is_no_record_is_not_cut(void **state) {
        Ledger *ledger = opened();
        const char *reason = NULL;
        char *bytes = NULL;
        size_t n = 0;
        const size_t n_bad = LEDGER_TORN_SIZE_MAX + 1;

        recorded(ledger, "{\"a\":1}\n");
        ledger_close(ledger);
        bytes = file_bytes(&n);
        bytes = mem_resize_array(mem, bytes, 1, n + n_bad);
        for (size_t i = n; i < n + n_bad; i++)
                bytes[i] = i % 100 == 0 ? '\n' : 'x';
        folder_write(folder, LEDGER_FILE, bytes, n + n_bad);
        assert_true(ledger_open(mem, folder, &ledger, &reason) < 0);
        assert_non_null(strstr(reason, "is damaged: what follows record 1 is not a record"));
        memset(bytes + n, 'x', n_bad);
        folder_write(folder, LEDGER_FILE, bytes, n + n_bad);
        assert_true(ledger_open(mem, folder, &ledger, &reason) < 0);
        assert_non_null(strstr(reason, "is damaged: what follows record 1 is not a record"));
        bytes = file_bytes(&n);
        assert_int_equal(n, strlen(bytes)); /* as it was */
        assert_true(n > n_bad);
}

/* The place that is named, `file:line`, or "" when the chain is whole. */
static const char *damage(const char *head, const char *bytes, size_t n) {
        LedgerVerdict verdict;

        folder_write(folder, LEDGER_FILE, bytes, n);
        if (verify(head, &verdict) == 0)
                return "";
        if (verdict.bad_file)
                return mem_printf(mem, "%s:%llu", verdict.bad_file, (unsigned long long)verdict.bad_line);
        return mem_printf(mem, "%s:%llu, the end", verdict.end_file, (unsigned long long)verdict.end_line);
}

static void test_every_change_is_noticed(void **state) {
        Ledger *ledger = opened();
        char *bytes = NULL, *head = NULL;
        size_t n = 0;

        recorded(ledger, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
        head = mem_strdup(mem, ledger_head(ledger));
        ledger_close(ledger);
        bytes = file_bytes(&n);
        for (size_t i = 0; i < n; i++) {
                bytes[i] ^= 1;
                assert_string_not_equal(damage(head, bytes, n), "");
                bytes[i] ^= 1;
        }
        assert_string_equal(damage(head, bytes, n), "");
}

static void test_damage_is_told_with_its_place(void **state) {
        Ledger *ledger = opened();
        char *bytes = NULL, *head = NULL, *lines[5] = {0};
        size_t n = 0, n_line = 0;

        recorded(ledger, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n");
        head = mem_strdup(mem, ledger_head(ledger));
        ledger_close(ledger);
        bytes = file_bytes(&n);
        for (int i = 0; i < 5; i++)
                lines[i] = i == 0 ? bytes : strchr(lines[i - 1], '\n') + 1;
        n_line = (size_t)(lines[2] - lines[1]);
        assert_int_equal(lines[3] - lines[2], n_line);

        /* A changed byte: of the text, of the number, of the hash. */
        lines[2][-3] = '7';
        assert_string_equal(damage(NULL, bytes, n), "ledger.jsonl:2");
        lines[2][-3] = '2';
        lines[1][7] = '9';
        assert_string_equal(damage(NULL, bytes, n), "ledger.jsonl:2");
        lines[1][7] = '2';
        lines[1][0] = '[';
        assert_string_equal(damage(NULL, bytes, n), "ledger.jsonl:2");
        lines[1][0] = '{';
        /* The last one: only who knows the head can tell. */
        lines[4][-3] = '7';
        assert_string_equal(damage(NULL, bytes, n), "");
        assert_string_equal(damage(head, bytes, n), "ledger.jsonl:4, the end");
        lines[4][-3] = '4';
        /* Removed: the first, one in the middle, the last. */
        assert_string_equal(damage(NULL, lines[1], n - (size_t)(lines[1] - bytes)), "ledger.jsonl:1");
        assert_string_equal(damage(head, bytes, (size_t)(lines[3] - bytes)), "ledger.jsonl:3, the end");
        assert_string_equal(damage(NULL, bytes, (size_t)(lines[3] - bytes) + 9), "ledger.jsonl:4");
        {
                char *without = mem_memdup(mem, bytes, n);

                memmove(without + (lines[1] - bytes), lines[2], n - (size_t)(lines[2] - bytes));
                assert_string_equal(damage(NULL, without, n - n_line), "ledger.jsonl:2");
        }
        /* Swapped. */
        for (size_t i = 0; i < n_line; i++) {
                char byte = lines[1][i];

                lines[1][i] = lines[2][i];
                lines[2][i] = byte;
        }
        assert_string_equal(damage(NULL, bytes, n), "ledger.jsonl:2");
}

static void test_a_full_disk_counts_as_nothing_written(void **state) {
        Ledger *ledger = opened();
        struct rlimit before, limit;
        LedgerVerdict verdict;
        size_t n = 0, n_after = 0;
        char *lines = mem_printf(mem, "{\"a\":\"%0500d\"}\n", 7);

        recorded(ledger, "{\"a\":1}\n");
        file_bytes(&n);
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        limit = before;
        limit.rlim_cur = n + 100; /* the line is written in part */
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_int_equal(ledger_append(ledger, lines), -EFBIG);
        setrlimit(RLIMIT_FSIZE, &before);
        file_bytes(&n_after);
        assert_int_equal(n_after, n);
        assert_int_equal(ledger_last_seq(ledger), 1);
        recorded(ledger, lines);
        assert_int_equal(ledger_last_seq(ledger), 2);
        ledger_close(ledger);
        assert_int_equal(verify(NULL, &verdict), 0);
}

static void test_a_failed_sync_takes_back(void **state) {
        Ledger *ledger = opened();
        LedgerVerdict verdict;
        char *head = NULL;

        recorded(ledger, "{\"a\":1}\n");
        head = mem_strdup(mem, ledger_head(ledger));
        assert_int_equal(ledger_append(ledger, "{\"a\":2}\n"), 0);
        assert_int_equal(ledger_append(ledger, "{\"a\":3}\n"), 0);
        assert_int_equal(ledger_last_seq(ledger), 1); /* what is durable */
        ledger_finish(ledger, -EIO);
        assert_int_equal(ledger_error(ledger), -EIO);
        assert_int_equal(ledger_last_seq(ledger), 1);
        assert_string_equal(ledger_head(ledger), head);
        recorded(ledger, "{\"a\":4}\n");
        ledger_close(ledger);
        assert_int_equal(verify(NULL, &verdict), 0);
        assert_int_equal(verdict.n_lines, 2);
}

static void test_one_process_at_a_time(void **state) {
        Ledger *ledger = opened();
        Ledger *other = NULL;
        const char *reason = NULL;
        int status = 0;
        pid_t child = 0;

        fflush(NULL);
        child = fork();
        if (child == 0) {
                int r = ledger_open(mem, folder, &other, &reason);
                char *expected = mem_printf(
                        mem, "another charterd (process %ld) works on %s: only one may at a time",
                        (long)getppid(), folder);

                _exit(r == -EWOULDBLOCK && strcmp(reason, expected) == 0 ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        ledger_close(ledger);
        ledger_close(opened());
}

static void test_lines_that_are_too_long(void **state) {
        Ledger *ledger = opened();
        char *line = mem_printf(mem, "{\"a\":\"%0*d\"}\n", LEDGER_LINE_SIZE_MAX, 7);

        assert_int_equal(ledger_append(ledger, line), -EMSGSIZE);
        line = mem_printf(mem, "{\"a\":\"%0*d\"}\n", LEDGER_LINE_SIZE_MAX / 2, 7);
        recorded(ledger, line);
        ledger_close(ledger);
        ledger = opened();
        assert_int_equal(ledger_last_seq(ledger), 1);
        assert_null(ledger_torn_file(ledger));
        ledger_close(ledger);
}

typedef struct Seen {
        unsigned n;
        int64_t last;
        int result;
} Seen;

static int see(void *context, const JsonNode *record, const char *line) {
        Seen *seen = context;

        seen->n++;
        assert_int_equal(json_get_int(record, "seq", 0, 100, &seen->last), 0);
        assert_int_equal(line[0], '{');
        return seen->result;
}

static void test_reading(void **state) {
        const char *reason = NULL;
        Seen seen = {0};
        Ledger *ledger = NULL;
        char *bytes = NULL;
        size_t n = 0;

        assert_int_equal(ledger_each(mem, folder, NULL, see, &seen, &reason), 0);
        assert_int_equal(seen.n, 0);
        ledger = opened();
        recorded(ledger,
                 "{\"project\":\"One\"}\n{\"project\":\"Two\"}\n{\"record\":\"outcome\"}\n");
        assert_int_equal(ledger_each(mem, folder, NULL, see, &seen, &reason), 0);
        assert_int_equal(seen.n, 3);
        seen.n = 0;
        assert_int_equal(
                ledger_each(mem, folder, &(LedgerFilter){.project = "two"}, see, &seen, &reason),
                0);
        assert_int_equal(seen.n, 2);
        seen.n = 0;
        assert_int_equal(
                ledger_each(mem, folder, &(LedgerFilter){.since = INT64_MAX}, see, &seen, &reason),
                0);
        assert_int_equal(seen.n, 0);
        seen.result = -7;
        assert_int_equal(ledger_each(mem, folder, NULL, see, &seen, &reason), -7);
        assert_int_equal(seen.n, 1);
        ledger_close(ledger);
        bytes = file_bytes(&n);
        strchr(bytes, '\n')[1] = 'x';
        folder_write(folder, LEDGER_FILE, bytes, n);
        seen = (Seen){0};
        assert_int_equal(ledger_each(mem, folder, NULL, see, &seen, &reason), -EBADMSG);
        assert_non_null(strstr(reason, "/ledger.jsonl:2: the ledger is damaged: "));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_lines_are_chained, setup, teardown),
                cmocka_unit_test_setup_teardown(test_it_goes_on_where_it_ended, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_torn_end_is_cut_and_kept, setup, teardown),
                cmocka_unit_test_setup_teardown(test_much_that_is_no_record_is_not_cut, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_every_change_is_noticed, setup, teardown),
                cmocka_unit_test_setup_teardown(test_damage_is_told_with_its_place, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_full_disk_counts_as_nothing_written, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_a_failed_sync_takes_back, setup, teardown),
                cmocka_unit_test_setup_teardown(test_one_process_at_a_time, setup, teardown),
                cmocka_unit_test_setup_teardown(test_lines_that_are_too_long, setup, teardown),
                cmocka_unit_test_setup_teardown(test_reading, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

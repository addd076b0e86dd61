/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerCrash: the process ends at each call that changes a file; what was durable stays, and the chain goes on. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/engine/ledger.h"
#include "tests/unit/ledger/folder.h"

enum {
        GROUPS = 7,
        FILE_SIZE = 700, /* a few lines */
        CALLS_MAX = 10 * 1000,
};

/* --- the process that ends ------------------------------------------------------------------------------------------ */

static bool is_counting;
static unsigned n_calls, last_call;
static bool is_torn; /* it ends when half of what the last call was to write is written */

static bool is_last_call(void) {
        return is_counting && ++n_calls == last_call;
}

static void end_here(void) {
        if (is_last_call())
                raise(SIGKILL);
}

#define WRAPPED(type, name, parameters, arguments)                                                                     \
        type __real_##name parameters;                                                                                 \
        type __wrap_##name parameters;                                                                                 \
        type __wrap_##name parameters {                                                                                \
                end_here();                                                                                            \
                return __real_##name arguments;                                                                        \
        }

WRAPPED(int, rename, (const char *from, const char *to), (from, to))
WRAPPED(int, unlink, (const char *path), (path))
WRAPPED(int, fsync, (int file), (file))
WRAPPED(int, fdatasync, (int file), (file))
WRAPPED(int, ftruncate64, (int file, off_t size), (file, size))
WRAPPED(int, fallocate64, (int file, int mode, off_t from, off_t n), (file, mode, from, n))
WRAPPED(int, open64, (const char *path, int flags, unsigned mode), (path, flags, mode))

ssize_t __real_write(int file, const void *bytes, size_t n);
ssize_t __wrap_write(int file, const void *bytes, size_t n);
ssize_t __wrap_write(int file, const void *bytes, size_t n) {
        if (is_last_call()) {
                if (is_torn && __real_write(file, bytes, n / 2) < 0)
                        abort();
                raise(SIGKILL);
        }
        return __real_write(file, bytes, n);
}

typedef struct Run {
        const char *folder;
        int64_t keep_ms;
        int told; /* what is durable is told here, a byte each */
} Run;

static void record_group(const Run *run, Ledger *ledger, unsigned group) {
        char lines[256];
        unsigned char byte = (unsigned char)group;

        /* Old files are looked at each time, not once a day. */
        ledger_set_limits(ledger, &(LedgerLimits){.file_size = FILE_SIZE, .keep_ms = run->keep_ms});
        snprintf(lines, sizeof lines,
                 "{\"record\": \"%s\",\"group\":%u}\n{\"record\": \"%s\",\"change_id\":\"%u\",\"group\":%u,\"x\":\"%0100d\"}\n",
                 group % 2 ? "intent" : "outcome", group, group % 2 ? "intent" : "outcome", (group + 1) / 2, group, 0);
        if (ledger_append(ledger, lines) < 0)
                abort();
        ledger_finish(ledger, ledger_sync(ledger));
        if (__real_write(run->told, &byte, 1) != 1)
                abort();
        usleep(2 * 1000); /* their ages differ by more than keep_ms */
}

static void run_child(const Run *run) {
        const char *reason = NULL;
        Ledger *ledger = NULL;
        Mem *mem = mem_new(NULL, char);

        is_counting = true;
        if (ledger_open(mem, run->folder, &ledger, &reason) < 0)
                abort();
        for (unsigned group = 1; group <= GROUPS; group++)
                record_group(run, ledger, group);
        ledger_close(ledger);
        _exit(0);
}

/* --- what is found afterwards --------------------------------------------------------------------------------------- */

typedef struct Found {
        unsigned n_of[GROUPS + 1]; /* records of each group */
        uint64_t first_seq;
} Found;

static int find_group(void *context, const JsonNode *record, const char *line) {
        Found *found = context;
        int64_t group = 0, seq = 0;

        assert_int_equal(json_get_int(record, "seq", 1, INT64_MAX, &seq), 0);
        if (found->first_seq == 0)
                found->first_seq = (uint64_t)seq;
        if (json_get_int(record, "group", 1, GROUPS, &group) == 0)
                found->n_of[group]++;
        return 0;
}

/* The next process opens it, and records one thing more. */
static void go_on(Mem *mem, const char *folder) {
        const char *reason = NULL;
        Ledger *ledger = NULL;

        if (ledger_open(mem, folder, &ledger, &reason) < 0)
                fail_msg("%s", reason);
        assert_int_equal(ledger_append(ledger, "{\"record\":\"pass\"}\n"), 0);
        ledger_finish(ledger, ledger_sync(ledger));
        ledger_close(ledger);
}

static void check(const Run *run, unsigned n_told, const char *where) {
        Mem *mem = mem_new(NULL, char);
        const char *reason = NULL;
        LedgerVerdict verdict;
        Found found = {0};

        go_on(mem, run->folder);
        if (ledger_verify(mem, run->folder, NULL, &verdict, &reason) != 0)
                fail_msg("%s: %s:%llu: %s", where, verdict.bad_file, (unsigned long long)verdict.bad_line,
                         reason ? reason : verdict.reason);
        assert_int_equal(ledger_each(mem, run->folder, NULL, find_group, &found, &reason), 0);
        assert_int_equal(verdict.removed_last, found.first_seq - 1);
        for (unsigned group = 1; group <= GROUPS; group++) {
                bool may_be_removed = run->keep_ms > 0 && group < n_told;

                if (group <= n_told ? found.n_of[group] != 2 && !(may_be_removed && found.n_of[group] == 0)
                                    : found.n_of[group] > 2)
                        fail_msg("%s: %u records of group %u, %u groups were durable", where, found.n_of[group], group,
                                 n_told);
        }
        mem_free(mem);
}

/* Ends at that call; false: it came to its end before. */
static bool run_and_end(unsigned call, int64_t keep_ms, const char *where) {
        Mem *mem = mem_new(NULL, char);
        Run run = {.folder = folder_new(mem), .keep_ms = keep_ms};
        unsigned char byte = 0, n_told = 0;
        int status = 0, ends[2];
        pid_t child = 0;

        assert_int_equal(pipe(ends), 0);
        fflush(NULL);
        last_call = call;
        child = fork();
        run.told = ends[1];
        if (child == 0)
                run_child(&run);
        close(ends[1]);
        while (read(ends[0], &byte, 1) == 1)
                n_told = byte;
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
        check(&run, n_told, where);
        mem_free(mem);
        return WIFSIGNALED(status);
}

static unsigned end_at_each(int64_t keep_ms) {
        char where[64];
        unsigned call = 1;

        for (; call < CALLS_MAX; call++) {
                snprintf(where, sizeof where, "ended at call %u%s", call, is_torn ? ", torn" : "");
                if (!run_and_end(call, keep_ms, where))
                        break;
        }
        print_message("ended at each of %u calls\n", call - 1);
        return call - 1;
}

static unsigned n_calls_without_removal;

static void test_ended_at_each_call(void **state) {
        is_torn = false;
        n_calls_without_removal = end_at_each(/* keep_ms= */ 0);
        assert_true(n_calls_without_removal > 2 * GROUPS);
}

static void test_torn_at_each_write(void **state) {
        is_torn = true;
        assert_true(end_at_each(/* keep_ms= */ 0) > 2 * GROUPS);
}

static void test_ended_while_old_files_go(void **state) {
        is_torn = false;
        assert_true(end_at_each(/* keep_ms= */ 1) > n_calls_without_removal);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ended_at_each_call),
                cmocka_unit_test(test_torn_at_each_write),
                cmocka_unit_test(test_ended_while_old_files_go),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

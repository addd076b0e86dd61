/* SPDX-License-Identifier: Apache-2.0 */
/* NetPort: alarms, records and signals on the loop. */
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/engine/ledger.h"
#include "daemon/net/port.h"
#include "tests/unit/ledger/folder.h"

enum {
        HANG_MS = 20 * 1000,
        LONG_ALARM_MS = 24 * 60 * 60 * 1000,
};

static Mem *mem, *owner;
static Loop *loop;
static LoopTicket *guard;
static Text said;

static void on_hang(void *context) {
        fail_msg("%s", "the test hangs");
}

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        loop = loop_new(mem);
        owner = mem_alloc_zero(mem, 1, "owner");
        guard = loop_alarm(loop, mem, HANG_MS, on_hang, NULL);
        text_init(&said, mem);
        return 0;
}

static int teardown(void **state) {
        mem_free(owner);
        mem_free(guard);
        loop_free(loop);
        mem = mem_free(mem);
        return 0;
}

static void run(void) {
        loop_run(loop);
}

static void stop(void *context) {
        loop_stop(loop);
}

static void say(void *context) {
        text_append(&said, context);
}

static void never(void *context) {
        fail_msg("%s", "called although cancelled");
}

/* --- turns --- */

enum {
        SLEEP_MS = 60,
        BURN_MS = 40,
        WAIT_MS = 300,
        US_PER_MS = 1000,
};

static void sleep_awhile(void *context) {
        usleep(SLEEP_MS * US_PER_MS);
}

static void burn(void *context) {
        struct timespec time;

        do
                clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        while (time.tv_sec * 1000 + time.tv_nsec / 1000000 < *(int64_t *)context);
}

/* Waiting is not blocking; the longest turn is remembered. */
static void test_turns_are_measured(void **state) {
        int64_t until = 0;
        struct timespec time;
        LoopTurn longest;

        loop_alarm(loop, owner, WAIT_MS, stop, NULL);
        run();
        longest = loop_longest_turn(loop);
        assert_true(longest.cpu_us < BURN_MS * US_PER_MS);
        loop_alarm(loop, owner, 1, sleep_awhile, NULL);
        loop_alarm(loop, owner, 2 * SLEEP_MS, stop, NULL);
        run();
        longest = loop_longest_turn(loop);
        assert_true(longest.wall_us >= SLEEP_MS * US_PER_MS);
        assert_true(longest.cpu_us < BURN_MS * US_PER_MS);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        until = time.tv_sec * 1000 + time.tv_nsec / 1000000 + BURN_MS + 1;
        loop_defer(loop, owner, burn, &until);
        loop_alarm(loop, owner, 2 * BURN_MS, stop, NULL);
        run();
        assert_true(loop_longest_turn(loop).cpu_us >= BURN_MS * US_PER_MS);
        assert_true(loop_longest_turn(loop).wall_us >= longest.wall_us);
}

/* --- alarms --- */

static void test_alarms_ring_in_their_order(void **state) {
        Port *port = net_port_new(owner, &(NetPortSpec){.loop = loop});
        int64_t start = port_now(port);

        port_alarm(port, owner, 30, say, (void *)"c");
        port_alarm(port, owner, 10, say, (void *)"b");
        port_alarm(port, owner, 1, say, (void *)"a");
        port_alarm(port, owner, 50, stop, NULL);
        assert_string_equal(said.data, ""); /* never from inside */
        run();
        assert_string_equal(said.data, "abc");
        assert_true(port_now(port) - start >= 50);
        assert_true(llabs(port_wall(port) - clock_wall_ms()) < 1000);
        assert_true(port_random(port) != port_random(port));
}

/* Time that was spent computing does not shorten an alarm. */
static void test_an_alarm_counts_from_when_it_was_set(void **state) {
        int64_t start = clock_monotonic_ms();
        int64_t set_at = 0;

        while (clock_monotonic_ms() < start + 30)
                ;
        set_at = clock_monotonic_ms();
        loop_alarm(loop, owner, 20, stop, NULL);
        run();
        assert_true(clock_monotonic_ms() - set_at >= 19);
}

static void test_cancelled_alarms_are_silent(void **state) {
        Mem *gone = mem_alloc_zero(owner, 1, "gone");

        loop_alarm(loop, gone, 1, never, NULL);
        loop_defer(loop, gone, never, NULL);
        mem_free(loop_alarm(loop, owner, 1, never, NULL));
        mem_free(loop_defer(loop, owner, never, NULL));
        mem_free(gone);
        loop_alarm(loop, owner, 10, stop, NULL);
        run();
}

static Mem *victim;

static void free_victim(void *context) {
        victim = mem_free(victim);
}

static void test_one_call_may_cancel_the_next(void **state) {
        victim = mem_alloc_zero(owner, 1, "victim");
        loop_defer(loop, owner, free_victim, NULL);
        loop_defer(loop, victim, never, NULL);
        loop_alarm(loop, owner, 10, stop, NULL);
        run();
        assert_null(victim);
        victim = mem_alloc_zero(owner, 1, "victim");
        loop_alarm(loop, owner, 1, free_victim, NULL);
        loop_alarm(loop, victim, 1, never, NULL);
        loop_alarm(loop, owner, 10, stop, NULL);
        run();
        assert_null(victim);
        /* itself, by its owner */
        victim = mem_alloc_zero(owner, 1, "victim");
        loop_alarm(loop, victim, 1, free_victim, NULL);
        loop_alarm(loop, owner, 10, stop, NULL);
        run();
        assert_null(victim);
}

static unsigned n_turns;

static void again(void *context) {
        n_turns++;
        loop_defer(loop, owner, again, NULL);
}

/* What is always deferred anew does not keep the loop from the rest. */
static void test_deferring_leaves_room(void **state) {
        n_turns = 0;
        loop_defer(loop, owner, again, NULL);
        loop_alarm(loop, owner, 20, stop, NULL);
        run();
        assert_true(n_turns > 1);
        owner = mem_free(owner);
}

/* --- signals --- */

static int signals[8];
static int n_signals;

static void on_signal(void *context, int number) {
        signals[n_signals++] = number;
        if (n_signals == 5)
                loop_stop(loop);
}

static void test_signals_come_as_calls(void **state) {
        n_signals = 0;
        loop_take_signals(loop, on_signal, NULL);
        raise(SIGTERM);
        raise(SIGINT);
        raise(SIGHUP);
        raise(SIGUSR1);
        raise(SIGUSR2);
        raise(SIGPIPE);
        run();
        assert_int_equal(n_signals, 5);
}

/* --- work --- */

typedef struct Job {
        int value;
} Job;

static int work(void *job) {
        return ((Job *)job)->value;
}

static void on_done(void *context, void *job, int result) {
        *(int *)context = result;
        assert_int_equal(((Job *)job)->value, result);
        loop_stop(loop);
}

static void on_done_never(void *context, void *job, int result) {
        fail_msg("%s", "called although cancelled");
}

static void test_work_on_the_pool(void **state) {
        Job *job = mem_new(NULL, Job);
        int result = 0;

        job->value = -5;
        loop_work(loop, owner,
                  &(LoopWork){.work = work, .done = on_done, .context = &result, .job = job});
        assert_int_equal(result, 0);
        run();
        assert_int_equal(result, -5);
        mem_free(loop_work(
                loop, owner,
                &(LoopWork){.work = work, .done = on_done_never, .job = mem_new(NULL, Job)}));
}

/* --- records --- */

typedef struct Writer {
        Text appended;
        unsigned n_synced, n_finished;
        atomic_bool is_syncing;
        int append_result, sync_result;
        bool waits; /* in sync, for `go` */
        sem_t go;
} Writer;

static int writer_append(void *context, const char *lines) {
        Writer *writer = context;

        assert_false(atomic_load(&writer->is_syncing));
        if (writer->append_result == 0)
                text_append(&writer->appended, lines);
        return writer->append_result;
}

static int writer_sync(void *context) {
        Writer *writer = context;

        assert_false(atomic_exchange(&writer->is_syncing, true));
        writer->n_synced++;
        if (writer->waits)
                sem_wait(&writer->go);
        atomic_store(&writer->is_syncing, false);
        return writer->sync_result;
}

static void writer_finish(void *context, int result) {
        Writer *writer = context;

        assert_int_equal(result, writer->sync_result);
        writer->n_finished++;
}

static Writer writer;
static Port *recording;
static unsigned n_recorded;
static int last_result;

static void open_journal(void) {
        Journal *journal = NULL;

        writer = (Writer){0};
        text_init(&writer.appended, mem);
        n_recorded = 0;
        journal = journal_new(owner, &(JournalSpec){.loop = loop,
                                                    .writer = &writer,
                                                    .append = writer_append,
                                                    .sync = writer_sync,
                                                    .finish = writer_finish});
        recording = net_port_new(owner, &(NetPortSpec){.loop = loop, .journal = journal});
}

static void on_recorded(void *context, int result) {
        unsigned *n_expected = context;

        last_result = result;
        if (++n_recorded == *n_expected)
                loop_stop(loop);
}

static void on_recorded_once_more(void *context, int result) {
        assert_int_equal(result, 0);
        n_recorded++;
        port_record(recording, owner, "late\n", on_recorded, context);
}

static void on_never(void *context, int result) {
        fail_msg("%s", "called although cancelled");
}

static void test_records_go_in_groups(void **state) {
        unsigned n_expected = 4;

        open_journal();
        port_record(recording, owner, "a\n", on_recorded_once_more, &n_expected);
        port_record(recording, owner, "b\n", on_recorded, &n_expected);
        mem_free(port_record(recording, owner, "cancelled\n", on_never, NULL));
        port_record(recording, owner, "c\n", on_recorded, &n_expected);
        assert_int_equal(n_recorded, 0);
        assert_string_equal(writer.appended.data, "");
        run();
        assert_string_equal(writer.appended.data, "a\nb\nc\nlate\n");
        assert_int_equal(writer.n_synced, 2);
        assert_int_equal(writer.n_finished, 2);
        assert_int_equal(last_result, 0);
}

static void test_failures_are_told(void **state) {
        unsigned n_expected = 2;

        open_journal();
        writer.append_result = -ENOSPC;
        port_record(recording, owner, "a\n", on_recorded, &n_expected);
        port_record(recording, owner, "b\n", on_recorded, &n_expected);
        run();
        assert_int_equal(last_result, -ENOSPC);
        assert_int_equal(writer.n_synced, 0);
        writer.append_result = 0;
        writer.sync_result = -EIO;
        n_expected = 3;
        port_record(recording, owner, "c\n", on_recorded, &n_expected);
        run();
        assert_int_equal(last_result, -EIO);
        assert_int_equal(writer.n_finished, 1);
        writer.sync_result = 0;
        n_expected = 4;
        port_record(recording, owner, "d\n", on_recorded, &n_expected);
        run();
        assert_int_equal(last_result, 0);
}

static void free_owner(void *context, int result) {
        victim = mem_free(victim);
        loop_alarm(loop, owner, 10, stop, NULL);
}

static void test_one_record_may_cancel_the_next(void **state) {
        open_journal();
        victim = mem_alloc_zero(owner, 1, "victim");
        port_record(recording, victim, "a\n", free_owner, NULL);
        port_record(recording, victim, "b\n", on_never, NULL);
        run();
        assert_string_equal(writer.appended.data, "a\nb\n");
        assert_null(victim);
}

static void test_without_a_journal_nothing_is_recorded(void **state) {
        Port *port = net_port_new(owner, &(NetPortSpec){.loop = loop});
        unsigned n_expected = 1;

        n_recorded = 0;
        mem_free(port_record(port, owner, "x\n", on_never, NULL));
        port_record(port, owner, "x\n", on_recorded, &n_expected);
        assert_int_equal(n_recorded, 0);
        run();
        assert_int_equal(last_result, -EROFS);
}

static int do_nothing(void *job) {
        return 0;
}

static void on_nothing(void *context, void *job, int result) {
        loop_stop(loop);
}

/* What is under way is counted, and late only when its own deadline is long past. */
static void test_what_is_late(void **state) {
        Port *port = net_port_new(mem, &(NetPortSpec){.loop = loop});
        int64_t now = clock_monotonic_ms();
        PortTicket *alarm = port_alarm(port, owner, LONG_ALARM_MS, never, NULL);
        PortTicket *record = port_record(port, owner, "x\n", on_never, NULL);

        assert_int_equal(net_port_n_open(port), 2);
        assert_null(net_port_late(port, now));
        assert_null(net_port_late(port, now + NET_PORT_RECORD_MS));
        assert_string_equal(net_port_late(port, now + NET_PORT_RECORD_MS + 2 * NET_PORT_GRACE_MS), "a record");
        mem_free(record);
        assert_int_equal(net_port_n_open(port), 1);
        assert_null(net_port_late(port, now + LONG_ALARM_MS));
        assert_string_equal(net_port_late(port, now + LONG_ALARM_MS + 2 * NET_PORT_GRACE_MS), "an alarm");
        mem_free(alarm);
        assert_int_equal(net_port_n_open(port), 0);
        assert_null(net_port_late(port, INT64_MAX));
        net_port_await_work(port, loop_work(loop, owner, &(LoopWork){.work = do_nothing, .done = on_nothing, .job = mem_new(NULL, int)}));
        assert_int_equal(net_port_n_open(port), 1);
        assert_string_equal(net_port_late(port, INT64_MAX), "work");
        run();
        assert_int_equal(net_port_n_open(port), 0);
        mem_free(port);
}

/* Leaving while the disk is at work: the loop waits for it, nobody is called. */
static void test_leaving_in_the_middle(void **state) {
        open_journal();
        writer.waits = true;
        sem_init(&writer.go, /* pshared= */ 0, 0);
        port_record(recording, owner, "a\n", on_never, NULL);
        loop_defer(loop, owner, stop, NULL);
        run();
        owner = mem_free(owner);
        sem_post(&writer.go);
        mem_free(guard);
        guard = NULL;
        loop = loop_free(loop);
        assert_int_equal(writer.n_synced, 1);
        assert_int_equal(writer.n_finished, 0);
        sem_destroy(&writer.go);
}

/* --- the ledger behind it --- */

static int append(void *context, const char *lines) {
        return ledger_append(context, lines);
}

static int sync_ledger(void *context) {
        return ledger_sync(context);
}

static void finish(void *context, int result) {
        ledger_finish(context, result);
}

static void test_a_ledger_behind_it(void **state) {
        char *folder = folder_new(mem);
        Ledger *ledger = NULL;
        LedgerVerdict verdict;
        const char *reason = NULL;
        struct rlimit before, limit;
        unsigned n_expected = 3;
        Journal *journal = NULL;

        assert_int_equal(ledger_open(mem, folder, &ledger, &reason), 0);
        journal = journal_new(owner, &(JournalSpec){.loop = loop,
                                                    .writer = ledger,
                                                    .append = append,
                                                    .sync = sync_ledger,
                                                    .finish = finish});
        recording = net_port_new(owner, &(NetPortSpec){.loop = loop, .journal = journal});
        n_recorded = 0;
        for (int i = 0; i < 3; i++)
                port_record(recording, owner, "{\"a\":1}\n{\"a\":2}\n", on_recorded, &n_expected);
        run();
        assert_int_equal(last_result, 0);
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        limit = before;
        limit.rlim_cur = 1;
        setrlimit(RLIMIT_FSIZE, &limit);
        n_expected = 4;
        port_record(recording, owner, "{\"a\":3}\n", on_recorded, &n_expected);
        run();
        setrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(last_result, -EFBIG);
        n_expected = 5;
        port_record(recording, owner, "{\"a\":4}\n", on_recorded, &n_expected);
        run();
        assert_int_equal(last_result, 0);
        assert_int_equal(ledger_last_seq(ledger), 7);
        ledger_close(ledger);
        assert_int_equal(ledger_verify(mem, folder, NULL, &verdict, &reason), 0);
        assert_int_equal(verdict.n_lines, 7);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_turns_are_measured, setup, teardown),
                cmocka_unit_test_setup_teardown(test_alarms_ring_in_their_order, setup, teardown),
                cmocka_unit_test_setup_teardown(test_an_alarm_counts_from_when_it_was_set, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_cancelled_alarms_are_silent, setup, teardown),
                cmocka_unit_test_setup_teardown(test_one_call_may_cancel_the_next, setup, teardown),
                cmocka_unit_test_setup_teardown(test_deferring_leaves_room, setup, teardown),
                cmocka_unit_test_setup_teardown(test_signals_come_as_calls, setup, teardown),
                cmocka_unit_test_setup_teardown(test_work_on_the_pool, setup, teardown),
                cmocka_unit_test_setup_teardown(test_records_go_in_groups, setup, teardown),
                cmocka_unit_test_setup_teardown(test_failures_are_told, setup, teardown),
                cmocka_unit_test_setup_teardown(test_one_record_may_cancel_the_next, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_without_a_journal_nothing_is_recorded, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_what_is_late, setup, teardown),
                cmocka_unit_test_setup_teardown(test_leaving_in_the_middle, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_ledger_behind_it, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

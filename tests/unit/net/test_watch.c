/* SPDX-License-Identifier: Apache-2.0 */
/* Watch: the ways in which a charter changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "daemon/net/watch.h"
#include "tests/unit/ledger/folder.h"

enum {
        HANG_MS = 20 * 1000,
        QUIET_MS = 60,
        NO_POLL_MS = 1000 * 1000,
        UNCHANGED_MS = 4 * QUIET_MS,
};

static Mem *mem;
static Loop *loop;
static char *folder;
static LoopTicket *guard;
static Watch *watch;
static unsigned n_changes;

static void on_hang(void *context) {
        fail_msg("%s", "the test hangs");
}

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        loop = loop_new(mem);
        folder = folder_new(mem);
        n_changes = 0;
        return 0;
}

static int teardown(void **state) {
        watch = watch_free(watch);
        mem_free(guard);
        loop_free(loop);
        mem = mem_free(mem);
        return 0;
}

static void on_change(void *context) {
        n_changes++;
        loop_stop(loop);
}

static char *in(const char *name) {
        return mem_printf(mem, "%s/%s", folder, name);
}

static void put(const char *name, const char *text) {
        folder_write(folder, name, text, strlen(text));
}

static void watch_path(const char *path, int64_t poll_ms) {
        watch = watch_new(mem, &(WatchSpec){.loop = loop,
                                            .path = path,
                                            .quiet_ms = QUIET_MS,
                                            .poll_ms = poll_ms,
                                            .on_change = on_change});
}

/* What was done is noticed, as one change. */
static void expect_change(void) {
        unsigned before = n_changes;

        guard = loop_alarm(loop, mem, HANG_MS, on_hang, NULL);
        loop_run(loop);
        guard = mem_free(guard);
        assert_int_equal(n_changes, before + 1);
}

/* Nothing comes within several times the quiet. */
static void expect_no_change(void) {
        unsigned before = n_changes;

        loop_alarm(loop, mem, UNCHANGED_MS, (LoopFn)loop_stop, loop);
        loop_run(loop);
        assert_int_equal(n_changes, before);
}

static void test_a_file(void **state) {
        put("charter.yaml", "a: 1\n");
        watch_path(in("charter.yaml"), NO_POLL_MS);
        expect_no_change();
        put("charter.yaml", "a: 2\n"); /* in place, the same size */
        expect_change();
        put("new", "a: 3\n");
        assert_int_equal(rename(in("new"), in("charter.yaml")), 0);
        expect_change();
        assert_int_equal(unlink(in("charter.yaml")), 0);
        expect_change();
        put("charter.yaml", "a: 3\n");
        expect_change();
        put("charter.yaml", "a: 3\n"); /* written again as it was */
        expect_no_change();
        put("other.yaml", "a: 1\n");
        expect_no_change();
}

static void test_a_folder(void **state) {
        put("a.yaml", "a: 1\n");
        watch_path(folder, NO_POLL_MS);
        put("b.yaml", "b: 1\n");
        expect_change();
        put("a.yaml", "a: 2\n");
        expect_change();
        assert_int_equal(rename(in("a.yaml"), in("c.yaml")), 0);
        expect_change();
        assert_int_equal(unlink(in("b.yaml")), 0);
        expect_change();
        put("notes.txt", "x");
        put(".hidden.yaml", "x");
        expect_no_change();
}

/* git-sync: a link to a folder of another name each time. */
static void test_a_link_that_is_swapped(void **state) {
        assert_int_equal(mkdir(in("one"), 0755), 0);
        assert_int_equal(mkdir(in("two"), 0755), 0);
        put("one/charter.yaml", "a: 1\n");
        put("two/charter.yaml", "a: 2\n");
        assert_int_equal(symlink("one", in("current")), 0);
        watch_path(in("current/charter.yaml"), NO_POLL_MS);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(symlink(i % 2 ? "one" : "two", in("next")), 0);
                assert_int_equal(rename(in("next"), in("current")), 0);
                expect_change();
        }
        put("two/charter.yaml", "a: 3\n"); /* where it leads now */
        expect_change();
        put("one/charter.yaml", "a: 4\n");
        expect_no_change();
}

/* Kubernetes: charter.yaml -> ..data/charter.yaml, ..data -> ..2026_1. */
static void swap_volume(const char *name, const char *text) {
        assert_int_equal(mkdir(in(mem_printf(mem, "volume/%s", name)), 0755), 0);
        put(mem_printf(mem, "volume/%s/charter.yaml", name), text);
        assert_int_equal(symlink(name, in("volume/..data_tmp")), 0);
        assert_int_equal(rename(in("volume/..data_tmp"), in("volume/..data")), 0);
}

static void test_a_volume_of_kubernetes(void **state) {
        static const char *const paths[] = {"volume", "volume/charter.yaml"};

        assert_int_equal(mkdir(in("volume"), 0755), 0);
        assert_int_equal(symlink("..data/charter.yaml", in("volume/charter.yaml")), 0);
        for (int i = 0; i < 2; i++) {
                swap_volume(mem_printf(mem, "..first_%d", i), "a: 1\n");
                watch_path(in(paths[i]), NO_POLL_MS);
                swap_volume(mem_printf(mem, "..second_%d", i), "a: 2\n");
                expect_change();
                swap_volume(mem_printf(mem, "..third_%d", i), "a: 3\n");
                expect_change();
                swap_volume(mem_printf(mem, "..same_%d", i), "a: 3\n");
                expect_no_change();
                watch = watch_free(watch);
        }
}

static unsigned n_written;

static void write_more(void *context) {
        put("charter.yaml", mem_printf(mem, "a: %u\n", n_written));
        if (++n_written < 10)
                loop_alarm(loop, mem, QUIET_MS / 3, write_more, NULL);
}

/* A writer that takes its time is waited for. */
static void test_it_waits_for_quiet(void **state) {
        int64_t start = 0;

        put("charter.yaml", "a: 1\n");
        watch_path(in("charter.yaml"), NO_POLL_MS);
        n_written = 0;
        start = clock_monotonic_ms();
        write_more(NULL);
        expect_change();
        assert_int_equal(n_written, 10);
        assert_true(clock_monotonic_ms() - start >= 9 * (QUIET_MS / 3) + QUIET_MS);
        expect_no_change();
}

/* The folder of the charter comes into being, or is moved away as a whole: the poll sees it. */
static void test_what_the_kernel_does_not_tell(void **state) {
        assert_int_equal(mkdir(in("a"), 0755), 0);
        watch_path(in("a/b/charter.yaml"), /* poll_ms= */ 20);
        assert_int_equal(mkdir(in("a/b"), 0755), 0);
        put("a/b/charter.yaml", "a: 1\n");
        expect_change();
        assert_int_equal(rename(in("a"), in("away")), 0);
        expect_change();
        expect_no_change();
}

static void test_links_in_a_circle(void **state) {
        assert_int_equal(symlink("b", in("a")), 0);
        assert_int_equal(symlink("a", in("b")), 0);
        watch_path(in("a/charter.yaml"), NO_POLL_MS);
        unlink(in("a"));
        assert_int_equal(mkdir(in("a"), 0755), 0);
        put("a/charter.yaml", "a: 1\n");
        expect_change();
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_file, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_folder, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_link_that_is_swapped, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_volume_of_kubernetes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_it_waits_for_quiet, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_the_kernel_does_not_tell, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_links_in_a_circle, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the memory tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

static int n_freed;

static int count_free(void *object) {
        n_freed++;
        return 0;
}

static void test_freeing_a_parent_frees_what_is_below(void **state) {
        int *parent = mem_new(NULL, int);
        int *child = mem_new(parent, int);
        int *grandchild = mem_new(child, int);

        n_freed = 0;
        assert_int_equal(*grandchild, 0);
        mem_on_free(parent, count_free);
        mem_on_free(child, count_free);
        mem_on_free(grandchild, count_free);
        mem_move(parent, grandchild);
        assert_null(mem_free(child));
        assert_int_equal(n_freed, 1);
        assert_null(mem_free(parent));
        assert_int_equal(n_freed, 3);
        assert_null(mem_free(NULL));
}

static void test_vectors_grow_and_are_zeroed(void **state) {
        char *parent = mem_new(NULL, char);
        uint64_t *items = NULL;
        size_t n = 0;

        for (uint64_t i = 0; i < 1000; i++) {
                uint64_t *slot = mem_push(parent, items, n);

                assert_int_equal(*slot, 0);
                *slot = i;
        }
        assert_int_equal(n, 1000);
        for (uint64_t i = 0; i < n; i++)
                assert_int_equal(items[i], i);
        assert_true(mem_total(parent) >= 8000);
        mem_free(parent);
}

static void test_copies_are_terminated(void **state) {
        char *parent = mem_new(NULL, char);

        assert_string_equal(mem_strndup(parent, "abcdef", 3), "abc");
        assert_string_equal(mem_printf(parent, "%s-%d", "a", 7), "a-7");
        assert_null(mem_strdup(parent, NULL));
        assert_memory_equal(mem_memdup(parent, "a\0b", 3), "a\0b", 3);
        mem_free(parent);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_freeing_a_parent_frees_what_is_below),
                cmocka_unit_test(test_vectors_grow_and_are_zeroed),
                cmocka_unit_test(test_copies_are_terminated),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

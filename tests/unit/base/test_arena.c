/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of packed allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/arena.h"

static void test_pieces_do_not_overlap(void **state) {
        Arena *arena = arena_new(NULL);
        char *texts[5000];

        for (size_t i = 0; i < 5000; i++) {
                texts[i] = arena_printf(arena, "text %zu", i);
                if (i % 7 == 0) {
                        max_align_t *object = arena_new_object(arena, max_align_t);

                        assert_int_equal((uintptr_t)object % _Alignof(max_align_t), 0);
                        memset(object, 0xAA, sizeof(*object));
                }
        }
        for (size_t i = 0; i < 5000; i++) {
                char wanted[32];

                snprintf(wanted, sizeof(wanted), "text %zu", i);
                assert_string_equal(texts[i], wanted);
        }
        mem_free(arena);
}

static void test_large_pieces_and_copies(void **state) {
        Arena *arena = arena_new(NULL);
        char *small = arena_strdup(arena, "small");
        char *large = arena_alloc(arena, 1000000);

        memset(large, 'x', 1000000);
        assert_string_equal(small, "small");
        assert_string_equal(arena_strndup(arena, "abcdef", 3), "abc");
        assert_memory_equal(arena_memdup(arena, "a\0b", 3), "a\0b", 3);
        assert_null(arena_strdup(arena, NULL));
        mem_free(arena);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pieces_do_not_overlap),
                cmocka_unit_test(test_large_pieces_and_copies),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

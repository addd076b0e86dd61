/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the order in which mistakes are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/diag.h"

static void test_sorted_by_place_without_repetitions(void **state) {
        DiagList list;
        char *told;
        Text text;

        diag_list_init(&list, NULL);
        text_init(&text, NULL);
        diag_add(&list, (Place){"b.yaml", 1, 1}, DIAG_ERROR, "last");
        diag_add(&list, (Place){"a.yaml", 10, 2}, DIAG_ERROR, "third");
        diag_add(&list, (Place){"a.yaml", 2, 3}, DIAG_UNKNOWN_WORD, "second");
        diag_add(&list, (Place){"a.yaml", 2, 1}, DIAG_WARNING, "first %s", "of all");
        diag_add(&list, (Place){"a.yaml", 10, 2}, DIAG_ERROR, "third");
        diag_add(&list, (Place){NULL, 0, 0}, DIAG_ERROR, "nowhere");
        diag_add(&list, (Place){"c.yaml", 0, 0}, DIAG_ERROR, "no such file");
        assert_int_equal(list.n_errors, 5);
        diag_list_sort(&list);
        assert_int_equal(list.n_errors, 4);
        told = diag_list_tell(NULL, &list);
        assert_string_equal(told, "nowhere; and 3 more, see `charterd check`");
        mem_free(told);
        diag_list_print(&list, &text);
        assert_string_equal(text.data, "error: nowhere\n"
                                       "a.yaml:2:1: warning: first of all\n"
                                       "a.yaml:2:3: error: second\n"
                                       "a.yaml:10:2: error: third\n"
                                       "b.yaml:1:1: error: last\n"
                                       "c.yaml: error: no such file\n");
        text_deinit(&text);
        diag_list_deinit(&list);
}

static void test_told_in_a_line(void **state) {
        static const struct {
                Place place;
                DiagLevel level;
                const char *line;
        } rows[] = {
                {{"a.yaml", 2, 3}, DIAG_ERROR, "a.yaml:2:3: bad\\x1b"},
                {{"a.yaml", 0, 0}, DIAG_ERROR, "a.yaml: bad\\x1b"},
                {{NULL, 0, 0}, DIAG_ERROR, "bad\\x1b"},
                {{"a.yaml", 2, 3}, DIAG_WARNING, NULL},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                DiagList list;
                char *told;

                diag_list_init(&list, NULL);
                diag_add(&list, rows[i].place, rows[i].level, "bad\x1b");
                told = diag_list_tell(NULL, &list);
                if (rows[i].line)
                        assert_string_equal(told, rows[i].line);
                else
                        assert_null(told);
                mem_free(told);
                diag_list_deinit(&list);
        }
}

static void test_a_flood_is_bounded(void **state) {
        DiagList list;

        diag_list_init(&list, NULL);
        for (unsigned i = 0; i < DIAG_LIST_MAX + 5; i++)
                diag_add(&list, (Place){"a", i + 1, 1}, DIAG_ERROR, "wrong");
        assert_int_equal(list.n, DIAG_LIST_MAX);
        assert_int_equal(list.n_errors, DIAG_LIST_MAX + 5);
        diag_list_deinit(&list);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sorted_by_place_without_repetitions),
                cmocka_unit_test(test_told_in_a_line),
                cmocka_unit_test(test_a_flood_is_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

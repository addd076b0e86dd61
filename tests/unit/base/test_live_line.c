/* SPDX-License-Identifier: Apache-2.0 */
/* LiveLine: what fits into the columns of a terminal, whatever signs it is written in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/live_line.h"

static void test_cut(void **state) {
        static const struct {
                const char *line;
                size_t n_columns;
                const char *shown;
        } rows[] = {
                {"", 0, ""},
                {"", 5, ""},
                {"reading", 0, ""},
                {"reading", 7, "reading"},
                {"reading", 8, "reading"},
                {"reading", 6, "readi\xe2\x80\xa6"},
                {"reading", 1, "\xe2\x80\xa6"},
                {"\xc3\xa4\xc3\xb6\xc3\xbc", 3, "\xc3\xa4\xc3\xb6\xc3\xbc"},
                {"\xc3\xa4\xc3\xb6\xc3\xbc", 2, "\xc3\xa4\xe2\x80\xa6"},
                {"\xe6\x97\xa5\xe6\x9c\xac", 4, "\xe6\x97\xa5\xe6\x9c\xac"}, /* two columns each */
                {"\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5\xe2\x80\xa6"},
                {"\xe6\x97\xa5\xe6\x9c\xac", 2, "\xe2\x80\xa6"},
                {"e\xcc\x81z", 2, "e\xcc\x81z"}, /* a mark joins the letter before it */
                {"e\xcc\x81zz", 2, "e\xcc\x81\xe2\x80\xa6"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Text text;

                text_init(&text, NULL);
                live_line_cut(rows[i].line, rows[i].n_columns, &text);
                assert_string_equal(text.data, rows[i].shown);
                text_deinit(&text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut)};

        return cmocka_run_group_tests_name("live_line", tests, NULL, NULL);
}

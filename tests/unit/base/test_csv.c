/* SPDX-License-Identifier: Apache-2.0 */
/* Csv: what a spreadsheet is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/csv.h"

typedef struct CsvCase {
        const char *fields[3];
        const char *line;
} CsvCase;

static const CsvCase cases[] = {
        {{"a", "b", "c"}, "a,b,c\r\n"},
        {{"", "", ""}, "\"\",,\r\n"},
        {{"a b", "a,b", "say \"b\""}, "a b,\"a,b\",\"say \"\"b\"\"\"\r\n"},
        {{"=1+1", "-1", "@x"}, "\"'=1+1\",\"'-1\",\"'@x\"\r\n"},
        {{"+1", "\tx", "a=b"}, "\"'+1\",\"'\\x09x\",a=b\r\n"},
        {{"line\nline", "\033[1m", "\u00e9"}, "line\\x0aline,\\x1b[1m,\u00e9\r\n"},
};

static void test_lines(void **state) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                Text text;

                text_init(&text, NULL);
                for (size_t k = 0; k < 3; k++)
                        csv_add(&text, cases[i].fields[k]);
                csv_end_line(&text);
                assert_string_equal(text.data, cases[i].line);
                csv_add(&text, "next");
                assert_string_equal(text.data + text.n - sizeof "next", "\nnext");
                text_deinit(&text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};

        return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}

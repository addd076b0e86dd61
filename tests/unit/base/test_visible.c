/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what of a text is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/visible.h"

static void test_what_is_shown_in_its_place(void **state) {
        static const struct {
                const char *text;
                const char *shown;
        } rows[] = {
                {"", ""},
                {"[MLOps]\\Data Science \xc3\xa4 \xe6\x97\xa5\xe6\x9c\xac",
                 "[MLOps]\\Data Science \xc3\xa4 \xe6\x97\xa5\xe6\x9c\xac"},
                {"a\x1b[31mb\x1b]0;title\x07", "a\\x1b[31mb\\x1b]0;title\\x07"},
                {"a\nheld: none\r\tb\x7f", "a\\x0aheld: none\\x0d\\x09b\\x7f"},
                {"\xc2\x9b"
                 "31m",
                 "\\u009b31m"},
                {"nimda\xe2\x80\xae", "nimda\\u202e"},
                {"a\xe2\x81\xa6"
                 "b\xe2\x81\xa9",
                 "a\\u2066b\\u2069"},
                {"a\xe2\x80\xa8"
                 "b\xe2\x80\xa9"
                 "c\xe2\x80\x8b\xef\xbb\xbf",
                 "a\\u2028b\\u2029c\\u200b\\ufeff"},
                {"\xf3\xa0\x81\x81", "\\U000e0041"},
                {"\xff\xc3", "\\xff\\xc3"},
                {"\xc0\x80", "\\xc0\\x80"},
                /* Woman, joiner, microscope; Persian with a non-joiner. */
                {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac \xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae",
                 "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac \xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae"},
                {"\xef\xbf\xbd", "\xef\xbf\xbd"}, /* a real U+FFFD */
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Text text;

                text_init(&text, NULL);
                visible_append(&text, rows[i].text);
                assert_string_equal(text.data, rows[i].shown);
                text_deinit(&text);
        }
}

static void test_a_format_is_shown_like_its_arguments(void **state) {
        Text text;

        text_init(&text, NULL);
        visible_appendf(&text, "%s:%d", "a\nb", 3);
        visible_append_line(&text, " %s", "\x1b");
        assert_string_equal(text.data, "a\\x0ab:3 \\x1b\n");
        text_deinit(&text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_shown_in_its_place),
                cmocka_unit_test(test_a_format_is_shown_like_its_arguments),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of writing HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/html.h"

static Text text;
static HtmlWriter writer;

static int begin(void **state) {
        text_init(&text, NULL);
        html_writer_init(&writer, &text);
        return 0;
}

static int end(void **state) {
        text_deinit(&text);
        return 0;
}

static void test_elements(void **state) {
        html_write_doctype(&writer);
        html_open(&writer, "p");
        html_attribute(&writer, "class", "held");
        html_attribute(&writer, "title", NULL);
        html_attributef(&writer, "data-n", "%d", 3);
        html_text(&writer, "one");
        html_open(&writer, "br");
        html_close(&writer);
        html_textf(&writer, "%s", "two");
        html_element(&writer, "b", "three");
        html_element(&writer, "i", NULL);
        html_raw(&writer, "<wbr>");
        html_close(&writer);
        html_open(&writer, "circle");
        html_attribute(&writer, "r", "1");
        html_close(&writer);
        assert_string_equal(text.data, "<!DOCTYPE html>\n<p class=\"held\" data-n=\"3\">one<br>two<b>three</b><i></i>"
                                       "<wbr></p><circle r=\"1\"></circle>");
        assert_int_equal(writer.depth, 0);
}

static void test_what_comes_from_outside(void **state) {
        static const char hostile[] = "</p><script>alert('a')</script>\" onload=\"x&amp;\n\x1b[2J\xe2\x80\xae\xff";

        html_open(&writer, "p");
        html_attribute(&writer, "title", hostile);
        html_text(&writer, hostile);
        html_close(&writer);
        assert_string_equal(
                text.data,
                "<p title=\"&lt;/p&gt;&lt;script&gt;alert(&#39;a&#39;)&lt;/script&gt;&quot; onload=&quot;x&amp;amp;\\x0a"
                "\\x1b[2J\\u202e\\xff\">&lt;/p&gt;&lt;script&gt;alert(&#39;a&#39;)&lt;/script&gt;&quot; "
                "onload=&quot;x&amp;amp;\\x0a\\x1b[2J\\u202e\\xff</p>");
}

static void test_style_source(void **state) {
        html_append_style_source(&text, "abc");
        assert_string_equal(text.data, "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_elements, begin, end),
                cmocka_unit_test_setup_teardown(test_what_comes_from_outside, begin, end),
                cmocka_unit_test_setup_teardown(test_style_source, begin, end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of YAML trees: each file of fixtures/config/yaml with its tree or what is told of it; what no file shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/yaml.h"
#include "tests/unit/config/dump.h"
#include "tests/unit/config/fixture.h"

/* What is told, then the tree. */
static char *read_tree(Mem *frame, const char *bytes, size_t n) {
        YamlNode *root;
        DiagList diags;
        Text text;
        int r;

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        r = yaml_parse(frame, bytes, n, "t.yaml", &diags, &root);
        assert_int_equal(r == 0, root != NULL);
        if (r < 0)
                assert_true(diags.n_errors > 0);
        fixture_print_diags(&diags, &text);
        if (root)
                dump_yaml(root, &text);
        return text.data;
}

static void test_each_file(void **state) {
        Mem *frame = mem_new(NULL, char);
        size_t n;
        const char **names = fixture_list(frame, "yaml", ".yaml", &n);

        for (size_t i = 0; i < n; i++) {
                size_t n_bytes;
                const char *bytes = fixture_read(frame, mem_printf(frame, "yaml/%s.yaml", names[i]), &n_bytes);

                fixture_compare(mem_printf(frame, "yaml/%s.txt", names[i]), read_tree(frame, bytes, n_bytes));
        }
        mem_free(frame);
}

/* What editors do not show, and what may not be changed when a file is checked out. */
static void test_bytes(void **state) {
        static const struct {
                const char *bytes;
                size_t n;
                const char *expected;
        } rows[] = {
#define ROW(bytes_, expected_) {bytes_, sizeof(bytes_) - 1, expected_}
                ROW("", "t.yaml:1:1: error: the file is empty\n"),
                ROW("\xEF\xBB\xBF", "t.yaml:1:1: error: the file is empty\n"),
                ROW("\xEF\xBB\xBF"
                    "a: 1\n",
                    "root 1:1 a mapping of 1, 2 nodes\n  1:1 `a` = 1:4 plain `1`\n"),
                ROW("a: 1\r\nb:\r\n  - 2\r\n", "root 1:1 a mapping of 2, 4 nodes\n  1:1 `a` = 1:4 plain `1`\n"
                                               "  2:1 `b` = 3:3 a list of 1, 2 nodes\n    - 3:5 plain `2`\n"),
                ROW("a: 1\rb: 2\r", "root 1:1 a mapping of 2, 3 nodes\n  1:1 `a` = 1:4 plain `1`\n"
                                    "  2:1 `b` = 2:4 plain `2`\n"),
                ROW("a: 1\nb: \xFF\n", "t.yaml:2:4: error: not UTF-8; the rest of this file is not read\n"),
                ROW("a: \xC0\x80\n", "t.yaml:1:4: error: not UTF-8; the rest of this file is not read\n"),
                ROW("a: \xED\xA0\x80\n", "t.yaml:1:4: error: not UTF-8; the rest of this file is not read\n"),
                ROW("\xFF\xFE"
                    "a\0:\0",
                    "t.yaml:1:1: error: not UTF-8; the rest of this file is not read\n"),
                ROW("a: 1\n\0b: 2\n",
                    "t.yaml:2:1: error: the control character U+0000; the rest of this file is not read\n"),
                ROW("a: \x1B[31m\n",
                    "t.yaml:1:4: error: the control character U+001B; the rest of this file is not read\n"),
                ROW("a: \"\\0\"\n", "t.yaml:1:4: error: text with a NUL character\n"
                                    "root 1:1 a mapping of 1, 2 nodes\n  1:1 `a` = 1:4 quoted `?`\n"),
#undef ROW
        };
        Mem *frame = mem_new(NULL, char);

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                assert_string_equal(read_tree(frame, rows[i].bytes, rows[i].n), rows[i].expected);
        mem_free(frame);
}

/* --- bounds --------------------------------------------------------------------------------------------------------- */

static void assert_refused(Mem *frame, const Text *text, const char *expected) {
        const char *told = read_tree(frame, text->data, text->n);

        if (strncmp(told, expected, strlen(expected)) != 0)
                fail_msg("expected %s, came: %.200s", expected, told);
}

static void test_depth(void **state) {
        Mem *frame = mem_new(NULL, char);
        Text text;

        text_init(&text, frame);
        for (int i = 0; i < YAML_DEPTH_MAX - 1; i++)
                text_append(&text, "[");
        text_append(&text, "x");
        for (int i = 0; i < YAML_DEPTH_MAX - 1; i++)
                text_append(&text, "]");
        assert_refused(frame, &text, "root 1:1 a list");
        text_deinit(&text);
        text_init(&text, frame);
        for (int i = 0; i < 100000; i++)
                text_append(&text, "[");
        assert_refused(frame, &text, "t.yaml:1:25: error: nested too deep; the rest of this file is not read\n");
        text_deinit(&text);
        text_init(&text, frame);
        for (int i = 0; i < 100000; i++)
                text_append(&text, "- ");
        assert_refused(frame, &text, "t.yaml:1:49: error: nested too deep; the rest of this file is not read\n");
        mem_free(frame);
}

static void test_a_million_values(void **state) {
        Mem *frame = mem_new(NULL, char);
        Text text;

        text_init(&text, frame);
        for (int i = 0; i < 1000000; i++)
                text_append(&text, "- 1\n");
        assert_refused(frame, &text,
                       "t.yaml:500000:3: error: more than 500000 values, aliases expanded; the rest of this file is "
                       "not read\n");
        mem_free(frame);
}

/* Ten lines that stand for ten thousand million values. */
static void test_aliases_of_aliases(void **state) {
        Mem *frame = mem_new(NULL, char);
        Text text;

        text_init(&text, frame);
        text_append(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++)
                text_appendf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
                             i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
        assert_refused(frame, &text, "t.yaml:6:");
        assert_non_null(strstr(read_tree(frame, text.data, text.n), "more than 500000 values, aliases expanded"));
        mem_free(frame);
}

static void test_anchors(void **state) {
        Mem *frame = mem_new(NULL, char);
        Text text;

        text_init(&text, frame);
        for (int i = 0; i <= YAML_ANCHORS_MAX; i++)
                text_appendf(&text, "- &a%d x\n", i);
        assert_refused(frame, &text,
                       "t.yaml:1001:3: error: more than 1000 anchors; the rest of this file is not read\n");
        mem_free(frame);
}

static void test_a_long_text(void **state) {
        Mem *frame = mem_new(NULL, char);
        YamlNode *root;
        DiagList diags;
        Text text;

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        text_append(&text, "a: ");
        for (int i = 0; i < 100000; i++)
                text_append(&text, "0123456789");
        assert_int_equal(yaml_parse(frame, text.data, text.n, "t.yaml", &diags, &root), 0);
        assert_int_equal(strlen(yaml_get(root, "a")->text), 1000000);
        assert_null(yaml_get(root, "b"));
        assert_null(yaml_get(yaml_get(root, "a"), "a"));
        mem_free(frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_file),
                cmocka_unit_test(test_bytes),
                cmocka_unit_test(test_depth),
                cmocka_unit_test(test_a_million_values),
                cmocka_unit_test(test_aliases_of_aliases),
                cmocka_unit_test(test_anchors),
                cmocka_unit_test(test_a_long_text),
        };

        fixture_enter();
        return cmocka_run_group_tests(tests, NULL, NULL);
}

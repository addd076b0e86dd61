/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of strict JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/json.h"

static int parse(Mem *parent, const char *text, size_t n, JsonNode **nodep) {
        const char *reason = NULL;
        /* An exact copy, so that a read beyond the end is seen by the sanitizer. */
        char *copy = mem_memdup(NULL, text, n);
        int r = json_parse(parent, copy, n, nodep, &reason);

        mem_free(copy);
        if (r < 0)
                assert_non_null(reason);
        else
                assert_null(reason);
        return r;
}

static void test_what_is_not_json_is_refused(void **state) {
        static const char *const bad[] = {
                "",
                " ",
                "{",
                "[1,]",
                "[1 2]",
                "{\"a\":1,}",
                "{\"a\" 1}",
                "{a:1}",
                "{} x",
                "{}{}",
                "01",
                "1.",
                ".5",
                "+1",
                "-",
                "1e",
                "nul",
                "True",
                "NaN",
                "'a'",
                "\"a",
                "\"a\tb\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u0000\"",
                "\"\\ud800\"",
                "\"\\udc00\"",
                "\"\\ud800\\u0041\"",
                "\"\xFF\"",
                "\"\xC0\x80\"",
                "[1]\x01",
                "\x0B[1]",
                "{\"a\":1,\"a\":2}",
                "[{\"b\":{\"a\":1,\"c\":0,\"a\":2}}]",
                "1111111111111111111111111111111111111111111111111111111111111111111111",
                "<html></html>",
        };
        char *parent = mem_new(NULL, char);

        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
                JsonNode *node = NULL;

                if (parse(parent, bad[i], strlen(bad[i]), &node) == 0)
                        fail_msg("accepted: %s", bad[i]);
        }
        JsonNode *node = NULL;
        assert_true(parse(parent, "[1]\0", 4, &node) < 0);
        assert_true(parse(parent, "\"a\0b\"", 5, &node) < 0);
        assert_int_equal(mem_total(parent), 1); /* nothing is left behind */
        mem_free(parent);
}

static void test_depth_has_a_limit(void **state) {
        char text[2 * JSON_DEPTH_MAX + 3];
        JsonNode *node = NULL;
        char *parent = mem_new(NULL, char);

        memset(text, '[', JSON_DEPTH_MAX);
        memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
        assert_int_equal(parse(parent, text, 2 * JSON_DEPTH_MAX, &node), 0);
        memset(text, '[', JSON_DEPTH_MAX + 1);
        memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
        assert_true(parse(parent, text, 2 * JSON_DEPTH_MAX + 2, &node) < 0);
        mem_free(parent);
}

static void test_reading(void **state) {
        static const char text[] =
                "\xEF\xBB\xBF {\"value\":[{\"Name\":\"gr\\u00fcn \\ud83d\\ude00\",\"n\":-7,"
                "\"f\":1.5,\"big\":1e300,\"yes\":true,\"no\":false,\"x\":null}],"
                "\"name\":\"\"} \r\n";
        char *parent = mem_new(NULL, char);
        JsonNode *node = NULL;
        const JsonNode *item = NULL;
        int64_t number = 0;
        bool flag = false;

        assert_int_equal(parse(parent, text, sizeof(text) - 1, &node), 0);
        assert_true(json_is_object(node));
        item = json_first(json_get(node, "value"));
        assert_string_equal(json_get_text(item, "Name"), "grün \xF0\x9F\x98\x80");
        assert_null(json_get(item, "name")); /* keys are case-sensitive */
        assert_int_equal(json_get_int(item, "n", -10, 10, &number), 0);
        assert_int_equal(number, -7);
        assert_true(json_get_int(item, "n", 0, 10, &number) < 0);
        assert_true(json_get_int(item, "f", -10, 10, &number) < 0);
        assert_true(json_get_int(item, "big", INT64_MIN, INT64_MAX, &number) < 0);
        assert_true(json_get_int(item, "Name", -10, 10, &number) < 0);
        assert_true(json_get_int(item, "absent", -10, 10, &number) < 0);
        assert_int_equal(json_get_bool(item, "yes", &flag), 0);
        assert_true(flag);
        assert_int_equal(json_get_bool(item, "no", &flag), 0);
        assert_false(flag);
        assert_true(json_get_bool(item, "x", &flag) < 0);
        assert_null(json_get(NULL, "x"));
        assert_null(json_first(item ? json_get(item, "n") : NULL));
        assert_int_equal(json_count(item), 7);
        json_each(member, item) assert_non_null(json_key(member));
        mem_free(parent);
}

static void test_writing_and_reading_back(void **state) {
        char *parent = mem_new(NULL, char);
        JsonNode *node = NULL;
        JsonWriter writer;
        Text text;

        text_init(&text, parent);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "te\"xt", "a\"b\\c\n\x01 é \x7F");
        json_write_text(&writer, "none", NULL);
        json_write_int(&writer, "int", -5);
        json_write_double(&writer, "double", 0.25);
        json_write_bool(&writer, "bool", true);
        json_write_array(&writer, "array");
        json_write_int(&writer, NULL, 1);
        json_write_raw(&writer, NULL, "{\"a\": 2}");
        json_write_array(&writer, NULL);
        json_write_array_end(&writer);
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        assert_string_equal(text.data, "{\"te\\\"xt\": \"a\\\"b\\\\c\\n\\u0001 é \\u007f\", "
                                       "\"none\": null, \"int\": -5, \"double\": 0.25, "
                                       "\"bool\": true, \"array\": [1, {\"a\": 2}, []]}");
        assert_int_equal(parse(parent, text.data, text.n, &node), 0);
        assert_string_equal(json_get_text(node, "te\"xt"), "a\"b\\c\n\x01 é \x7F");
        mem_free(parent);
}

static void test_writing_with_indent(void **state) {
        JsonWriter writer;
        Text text;

        text_init(&text, NULL);
        json_writer_init(&writer, &text, /* indent= */ 2);
        json_write_object(&writer, NULL);
        json_write_array(&writer, "a");
        json_write_int(&writer, NULL, 1);
        json_write_text(&writer, NULL, "bad \xFF byte");
        json_write_array_end(&writer);
        json_write_object(&writer, "empty");
        json_write_object_end(&writer);
        json_write_object_end(&writer);
        assert_string_equal(text.data,
                            "{\n  \"a\": [\n    1,\n    \"bad \xEF\xBF\xBD byte\"\n  ],\n"
                            "  \"empty\": {}\n}");
        text_deinit(&text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_is_not_json_is_refused),
                cmocka_unit_test(test_depth_has_a_limit),
                cmocka_unit_test(test_reading),
                cmocka_unit_test(test_writing_and_reading_back),
                cmocka_unit_test(test_writing_with_indent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

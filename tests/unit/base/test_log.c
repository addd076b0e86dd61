/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of log lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/json.h"
#include "common/base/log.h"

/* What one event writes to stderr. */
static size_t capture(LogFormat format, LogLevel limit, char *line, size_t size) {
        FILE *file = tmpfile();
        int saved = dup(STDERR_FILENO);
        size_t n = 0;

        assert_non_null(file);
        assert_true(saved >= 0);
        assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
        log_setup(format, limit);
        log_info("entry was set", LOG_TEXT("project", "ML\nOps \x1b[31m\"x\""),
                 LOG_TEXT("group", "[A]\\B\" level=\"x\xc2\x9b\xe2\x80\xae\\"),
                 LOG_NUMBER("bits", 5));
        assert_true(dup2(saved, STDERR_FILENO) >= 0);
        close(saved);
        rewind(file);
        n = fread(line, 1, size - 1, file);
        line[n] = '\0';
        fclose(file);
        return n;
}

static void test_json_is_one_object_a_line(void **state) {
        char line[1024];
        size_t n = capture(LOG_FORMAT_JSON, LOG_LEVEL_INFO, line, sizeof(line));
        char *parent = mem_new(NULL, char);
        JsonNode *node = NULL;
        const char *reason = NULL;
        int64_t bits = 0;

        assert_ptr_equal(strchr(line, '\n'), line + n - 1);
        assert_int_equal(json_parse(parent, line, n, &node, &reason), 0);
        assert_string_equal(json_get_text(node, "message"), "entry was set");
        assert_string_equal(json_get_text(node, "level"), "info");
        assert_string_equal(json_get_text(node, "project"), "ML\nOps \x1b[31m\"x\"");
        assert_string_equal(json_get_text(node, "group"),
                            "[A]\\B\" level=\"x\xc2\x9b\xe2\x80\xae\\");
        assert_non_null(
                strstr(line, "x\\u009b\\u202e")); /* a container's log is read on terminals */
        assert_int_equal(json_get_int(node, "bits", 0, 10, &bits), 0);
        assert_int_equal(bits, 5);
        mem_free(parent);
}

static void test_text_stays_one_line_without_control_characters(void **state) {
        char line[1024];
        size_t n = capture(LOG_FORMAT_TEXT, LOG_LEVEL_INFO, line, sizeof(line));

        assert_non_null(
                strstr(line, " info: entry was set project=\"ML\\x0aOps \\x1b[31m\\\"x\\\"\" "));
        assert_non_null(strstr(line, " group=\"[A]\\\\B\\\" level=\\\"x\\u009b\\u202e\\\\\" "));
        assert_non_null(strstr(line, " bits=5\n"));
        assert_ptr_equal(strchr(line, '\n'), line + n - 1);
        assert_null(strchr(line, '\x1b'));
}

static void test_what_is_below_the_level_is_not_written(void **state) {
        char line[1024];

        assert_int_equal(capture(LOG_FORMAT_TEXT, LOG_LEVEL_WARNING, line, sizeof(line)), 0);
}

static void test_auto_is_json_for_a_file(void **state) {
        char line[1024];

        assert_true(capture(LOG_FORMAT_AUTO, LOG_LEVEL_DEBUG, line, sizeof(line)) > 0);
        assert_int_equal(line[0], '{');
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_json_is_one_object_a_line),
                cmocka_unit_test(test_text_stays_one_line_without_control_characters),
                cmocka_unit_test(test_what_is_below_the_level_is_not_written),
                cmocka_unit_test(test_auto_is_json_for_a_file),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

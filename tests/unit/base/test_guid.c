/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of GUIDs as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/guid.h"

static void test_all_spellings_are_one(void **state) {
        static const char *const spellings[] = {
                "52d39943-cb85-4d7f-8fa8-c6baac873819",
                "52D39943-CB85-4D7F-8FA8-C6BAAC873819",
                "{52d39943-cb85-4d7f-8fa8-c6baac873819}",
                "52d39943cb854d7f8fa8c6baac873819",
        };
        char text[GUID_TEXT_SIZE];

        for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
                Guid guid;

                assert_int_equal(guid_parse(&guid, spellings[i]), 0);
                assert_string_equal(guid_format(guid, text), spellings[0]);
                assert_false(guid_is_null(guid));
        }
}

static void test_what_is_no_guid_is_refused(void **state) {
        static const char *const bad[] = {
                "",
                "52d39943-cb85-4d7f-8fa8-c6baac87381",
                "52d39943-cb85-4d7f-8fa8-c6baac87381g",
                "52d39943-cb85-4d7f-8fa8-c6baac8738199",
                "52d39943-cb854-d7f-8fa8-c6baac873819",
                "{52d39943-cb85-4d7f-8fa8-c6baac873819",
                "--------------------------------",
        };
        Guid guid = {{7}};

        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
                assert_true(guid_parse(&guid, bad[i]) < 0);
        assert_true(guid_parse(&guid, NULL) < 0);
        assert_int_equal(guid.bytes[0], 7);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_spellings_are_one),
                cmocka_unit_test(test_what_is_no_guid_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

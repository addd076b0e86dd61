/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of moments as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"

static void test_written_and_read(void **state) {
        static const struct {
                const char *text;
                int64_t ms;
                const char *again;
        } rows[] = {
                {"1970-01-01", 0, "1970-01-01T00:00:00.000Z"},
                {"2026-04-01T09:16:51.93Z", 1775035011930, "2026-04-01T09:16:51.930Z"},
                {"2026-04-01T09:16:51.9301234567Z", 1775035011930, "2026-04-01T09:16:51.930Z"},
                {"2024-02-29T23:59:59Z", 1709251199000, "2024-02-29T23:59:59.000Z"},
                {"2026-04-01T11:16:51+02:00", 1775035011000, "2026-04-01T09:16:51.000Z"},
                {"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
                {"0001-01-01T00:00:00Z", -62135596800000, "0001-01-01T00:00:00.000Z"},
                {"9999-12-31T23:59:59.9999999Z", 253402300799999, "9999-12-31T23:59:59.999Z"},
        };
        char text[CLOCK_TEXT_SIZE];

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                int64_t ms = 7;

                assert_int_equal(clock_parse(&ms, rows[i].text), 0);
                assert_int_equal(ms, rows[i].ms);
                assert_string_equal(clock_format(ms, text), rows[i].again);
        }
        assert_string_equal(clock_format(INT64_MAX, text), "9999-12-31T23:59:59.999Z");
        assert_string_equal(clock_format(INT64_MIN, text), "0000-01-01T00:00:00.000Z");
}

static void test_what_is_no_moment_is_refused(void **state) {
        static const char *const bad[] = {
                "",
                "2026",
                "2026-13-01",
                "2026-02-29",
                "2026-4-1",
                "2026-04-01T",
                "2026-04-01T25:00:00Z",
                "2026-04-01T09:16:51",
                "2026-04-01T09:16:51.Z",
                "2026-04-01T09:16:51Zx",
                "2026-04-01 09:16:51Z",
        };
        int64_t ms = 0;

        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
                assert_true(clock_parse(&ms, bad[i]) < 0);
}

static void test_clocks_run(void **state) {
        int64_t before = clock_monotonic_ms();

        assert_true(clock_wall_ms() > INT64_C(1700000000000));
        assert_true(clock_monotonic_ms() >= before);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_written_and_read),
                cmocka_unit_test(test_what_is_no_moment_is_refused),
                cmocka_unit_test(test_clocks_run),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Since: days, moments and how long ago. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/since.h"

#define NOW INT64_C(1775034000000) /* 2026-04-01T09:00:00Z */
#define HOUR INT64_C(3600000)

static void test_forms(void **state) {
        static const struct {
                const char *text;
                int64_t wall;
        } rows[] = {
                {"2026-04-01T09:00:00Z", NOW},
                {"2026-04-01T11:00:00+02:00", NOW},
                {"2026-04-01T09:00:00.250Z", NOW + 250},
                {"2026-04-01", NOW - 9 * HOUR},
                {"2999-01-01", INT64_C(32472144000000)},
                {"0s", NOW},
                {"90s", NOW - 90000},
                {"90m", NOW - 90 * 60000},
                {"24h", NOW - 24 * HOUR},
                {"7d", NOW - 7 * 24 * HOUR},
                /* Before all that can be recorded: from the beginning. */
                {"1960-01-01", 0},
                {"30000d", 0},
                {"100000000000d", 0},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                int64_t wall = -1;

                assert_int_equal(since_parse(rows[i].text, NOW, &wall), 0);
                assert_int_equal(wall, rows[i].wall);
        }
}

static void test_refused(void **state) {
        static const char *const texts[] = {
                "", "yesterday", "24", "h", "-24h", "+24h", " 24h", "24h ", "24 h", "1h30m", "1.5h",
                "2026-13-01", "2026-02-30", "2026-04-01T09:00", "2026-04-01 09:00:00Z",
                "99999999999999999999d", "9223372036854775807d",
        };

        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
                int64_t wall = 7;

                assert_int_equal(since_parse(texts[i], NOW, &wall), -EINVAL);
                assert_int_equal(wall, 7);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_forms),
                cmocka_unit_test(test_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Header: what lines before a body say of waiting, whatever they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/net/header.h"

#define WALL_MS INT64_C(1767225600000) /* 2026-01-01 */
#define MOST ((int64_t)HEADER_SECONDS_MAX * 1000)

static void test_how_long_to_wait(void **state) {
        static const struct {
                const char *line;
                int64_t ms;
        } rows[] = {
                {"Retry-After: 5\r\n", 5000},
                {"retry-after:\t1.5 \r\n", 1500},
                {"Retry-After: 0", 0},
                {"Retry-After: -1", -1},
                {"Retry-After: soon", -1},
                {"Retry-After: 99999999999999999999999999999999", MOST},
                {"Retry-After: 1.99999999999999999999999999999999", 1999},
                {"Retry-After: Thu, 01 Jan 2026 00:00:07 GMT", 7000},
                {"Retry-After: Wed, 31 Dec 2025 23:59:59 GMT", 0},
                {"Retry-After: Thu, 01 Jan 1970 00:00:00 GMT", 0},
                {"Retry-After: Fri, 01 Jan 2027 00:00:00 GMT", INT64_C(365) * 24 * 60 * 60 * 1000},
                {"Retry-After: Fri, 01 Jan 294800000 00:00:00 GMT", MOST},
                {"Retry-After: Fri, 01 Jan 2034455555 00:00:00 GMT", MOST},
                {"Retry-After: \xff", -1},
                {"Retry-After", -1},
                {"Retry-Afterwards: 5", -1},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "test");
                Reply reply;

                header_reset(&reply);
                header_take(mem, &reply, rows[i].line, strlen(rows[i].line), WALL_MS);
                if (reply.retry_after_ms != rows[i].ms)
                        fail_msg("%s: %lld", rows[i].line, (long long)reply.retry_after_ms);
                mem_free(mem);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_how_long_to_wait),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

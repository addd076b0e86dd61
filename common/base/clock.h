/* SPDX-License-Identifier: Apache-2.0 */
/* Clock: milliseconds, and how they are written. */
#pragma once

#include <stdint.h>

enum {
        CLOCK_TEXT_SIZE = 64,
        CLOCK_DAY_LENGTH = 10, /* of 2026-04-01 */
};

/* Since 1970 in UTC, and since some fixed moment: the effects of this file (fenced in clock.c). */
int64_t clock_wall_ms(void);
int64_t clock_monotonic_ms(void);
/* 14:05, in the time zone of this machine. */
const char *clock_format_minute(int64_t wall_ms, char text[static CLOCK_TEXT_SIZE]);
/* 2026-04-01T09:16:51.930Z; beyond the years 0 to 9999: the nearest moment within. */
const char *clock_format(int64_t wall_ms, char text[static CLOCK_TEXT_SIZE]);
/* ISO 8601 in UTC with any number of fraction digits, or a date alone; 0, or -EINVAL. */
int clock_parse(int64_t *wall_msp, const char *text);

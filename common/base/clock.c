/* SPDX-License-Identifier: Apache-2.0 */
/* Clock: the effects of reading it. */
#include <assert.h>
#include <time.h>

#include "common/base/clock.h"

static int64_t read_clock(clockid_t clock) {
        struct timespec now;
        int r = clock_gettime(clock, &now);

        assert(r == 0);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void) {
        return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void) {
        return read_clock(CLOCK_MONOTONIC);
}

const char *clock_format_minute(int64_t wall_ms, char text[static CLOCK_TEXT_SIZE]) {
        time_t seconds = (time_t)(wall_ms / 1000);
        struct tm local = {0};

        localtime_r(&seconds, &local);
        strftime(text, CLOCK_TEXT_SIZE, "%H:%M", &local);
        return text;
}

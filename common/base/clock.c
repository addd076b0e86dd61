/* SPDX-License-Identifier: Apache-2.0 */
/* Clock: the two effects of reading it. */
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Since: the times that people give on the command line. */
#include <errno.h>

#include "common/base/clock.h"
#include "config/bind.h"
#include "daemon/since.h"

int since_parse(const char *text, int64_t now, int64_t *wallp) {
        int64_t wall = 0;
        int64_t ago = 0;

        if (clock_parse(&wall, text) < 0) {
                if (!bind_read_duration(text, &ago))
                        return -EINVAL;
                wall = ago < now ? now - ago : 0;
        }
        *wallp = wall > 0 ? wall : 0;
        return 0;
}

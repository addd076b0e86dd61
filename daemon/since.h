/* SPDX-License-Identifier: Apache-2.0 */
/* Since: the times that people give on the command line. */
#pragma once

#include <stdint.h>

/* What since_parse() takes, for the message that tells so. */
#define SINCE_FORMS "2026-04-01, 2026-04-01T09:00:00Z or how long ago, as 24h or 7d"

/* A day, a moment, or how long before `now`; wall ms, not before 1970. 0 or -EINVAL. */
int since_parse(const char *text, int64_t now, int64_t *wallp);

/* SPDX-License-Identifier: Apache-2.0 */
/* Header: the lines before a body, as far as a Reply tells of them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "daemon/flow/request.h"

enum {
        HEADER_SECONDS_MAX = 1000 * 1000 * 1000, /* of anything that is told in seconds */
};

/* Forgets what an earlier block (100 Continue) told. */
void header_reset(Reply *reply);
/* Takes one line as it came, line end included; strings are kept below parent. wall_ms: for dates.
 * Facts §1.7, §7.1, §7.4. */
void header_take(Mem *parent, Reply *reply, const char *line, size_t n, int64_t wall_ms);
/* The rule of facts §2.7 as far as headers go: 2xx and application/json. */
bool header_is_json_success(const Reply *reply);

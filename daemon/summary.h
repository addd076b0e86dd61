/* SPDX-License-Identifier: Apache-2.0 */
/* Summary: a running daemon in one line, for `systemctl status`. */
#pragma once

#include "common/base/text.h"
#include "daemon/standing.h"

enum {
        SUMMARY_ROWS_MAX = 4, /* organisations that are named; of more the first that are not in sync */
        SUMMARY_PASS_MS = 1000, /* of a pass that takes longer it is told how far it is */
};

/* `contoso: in sync, 2 findings; next pass 14:05`, or `contoso: in sync; reading MLOps, 45 %`. */
void summary_write(const Standing *standing, Text *text);

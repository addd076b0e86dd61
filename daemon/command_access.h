/* SPDX-License-Identifier: Apache-2.0 */
/* CommandAccess: what the two ways of answering `charterd access` share. */
#pragma once

#include "common/model/kind.h"
#include "daemon/command.h"

/* What `--at` names. */
typedef struct AccessAt {
        Kind kind;
        const char *name; /* NULL: everything */
} AccessAt;

/* --when, --since: from the state directory, without a request. */
int command_access_stored(const Cli *cli, const AccessAt *at);

/* SPDX-License-Identifier: Apache-2.0 */
/* Standing: how the organisations of a running daemon are at one moment. */
#pragma once

#include "daemon/keeper.h"
#include "daemon/net/loop.h"

enum {
        STANDING_FRESH_MS = 15 * 60 * 1000, /* beside the interval: so long may a pass take, one may fail */
};

typedef struct StandingRow {
        const OrganizationSettings *settings;
        const Keeper *keeper; /* NULL: it cannot be kept, `error` says why */
        int64_t next_pass;    /* wall ms; 0: none is due */
        const char *error;
} StandingRow;

typedef struct Standing {
        const Settings *settings; /* in force */
        const char *settings_error; /* of newer ones that were not taken; or NULL */
        const Ledger *ledger;
        const char *state_directory;
        LoopTurn longest_turn;
        const StandingRow *rows;
        size_t n_rows;
        bool is_stopping; /* the process is */
        int64_t started, now; /* wall ms */
        size_t memory; /* bytes the daemon holds, without what its libraries hold for themselves */
} Standing;

/* NULL: the charter is valid, charterd is authenticated, the last complete survey is fresh. Else what is not so: a
 * constant sentence that names nobody. */
const char *standing_obstacle(const Standing *standing, const StandingRow *row);

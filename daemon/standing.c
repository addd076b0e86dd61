/* SPDX-License-Identifier: Apache-2.0 */
/* Standing: how the organisations of a running daemon are at one moment. */
#include "daemon/standing.h"

/* Where projects take turns, the oldest reading is as old as their cycle is long. */
static bool is_fresh(const Standing *standing, int64_t survey, int64_t cycle_ms) {
        const Settings *settings = standing->settings;
        int64_t jitter = settings->interval / 100 * settings->jitter_percent;

        return standing->now - survey <= settings->interval + jitter + cycle_ms + STANDING_FRESH_MS;
}

const char *standing_obstacle(const Standing *standing, const StandingRow *row) {
        const Engine *engine;
        int64_t survey;

        if (!row->keeper)
                return "the organisation cannot be kept; see the log";
        engine = keeper_engine(row->keeper);
        if (!engine_has_charter(engine))
                return "there is no valid charter; see the log or `charterd status`";
        if (keeper_charter_error(row->keeper))
                return "the charter is not valid, the old one stays in force; see the log or `charterd status`";
        if (engine_fault(engine) == FAULT_AUTHENTICATION)
                return "the credential is not accepted; see the log or `charterd status`";
        survey = engine_counts(engine)->last_survey;
        if (survey == 0)
                return "there was no complete survey yet; see the log or `charterd status`";
        return is_fresh(standing, survey, engine_cycle_ms(engine)) ? NULL : "the last complete survey is too old; see the log or `charterd status`";
}

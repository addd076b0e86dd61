/* SPDX-License-Identifier: Apache-2.0 */
/* Summary: a running daemon in one line. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/visible.h"
#include "daemon/progress_line.h"
#include "daemon/status.h"
#include "daemon/summary.h"

static const struct {
        const char *state;
        const char *words;
} state_rows[] = {
        {"in_sync", "in sync"},   {"pending", "steps pending"}, {"held", "steps held"},
        {"failed", "failed"},     {"starting", "starting"},     {"no_charter", "no valid charter"},
};

static const char *state_words(const StandingRow *row) {
        const char *state = row->keeper ? status_organization_state(row->keeper) : "failed";

        for (size_t i = 0; i < sizeof state_rows / sizeof *state_rows; i++)
                if (strcmp(state_rows[i].state, state) == 0)
                        return state_rows[i].words;
        return state;
}

static void separate(Text *text) {
        if (text->n > 0)
                text_append(text, " | ");
}

static bool is_in_sync(const StandingRow *row) {
        return row->keeper && strcmp(status_organization_state(row->keeper), "in_sync") == 0;
}

/* A pass that is long enough for somebody to wonder. */
static bool is_long(const StandingRow *row) {
        const Engine *engine = row->keeper ? keeper_engine(row->keeper) : NULL;

        return engine && engine_is_busy(engine) && engine_progress(engine)->work != PROGRESS_NONE &&
               port_now(engine_spec(engine)->port) - engine_progress(engine)->began_at >= SUMMARY_PASS_MS;
}

static void write_progress(const StandingRow *row, Text *text) {
        ProgressLine line = progress_line_of(keeper_engine(row->keeper), PROGRESS_BRIEF);

        progress_line_write(&line, text);
}

static void write_row(const StandingRow *row, Text *text) {
        const Plan *plan = row->keeper ? engine_plan(keeper_engine(row->keeper)) : NULL;
        char minute[CLOCK_TEXT_SIZE];
        const char *name;
        int n = (int)text_last_segment(row->settings->url, &name);

        separate(text);
        visible_appendf(text, "%.*s: ", n, name);
        if (is_long(row) && !plan) { /* of the first one nothing else can be said */
                write_progress(row, text);
                return;
        }
        text_append(text, state_words(row));
        if (plan && plan->n_findings > 0)
                text_appendf(text, ", %zu finding%s", plan->n_findings, plan->n_findings == 1 ? "" : "s");
        if (row->keeper && keeper_charter_error(row->keeper))
                text_append(text, ", the new charter is not valid");
        if (is_long(row)) {
                text_append(text, "; ");
                write_progress(row, text);
        } else if (row->keeper && engine_is_busy(keeper_engine(row->keeper))) {
                text_append(text, ", a pass is running");
        } else if (row->next_pass > 0) {
                text_appendf(text, "; next pass %s", clock_format_minute(row->next_pass, minute));
        }
}

void summary_write(const Standing *standing, Text *text) {
        size_t n_in_sync = 0, n_named = 0;

        if (standing->settings_error)
                text_append(text, "the new settings are not valid");
        for (size_t i = 0; i < standing->n_rows; i++) {
                const StandingRow *row = &standing->rows[i];

                n_in_sync += is_in_sync(row);
                if (n_named == SUMMARY_ROWS_MAX || (standing->n_rows > SUMMARY_ROWS_MAX && is_in_sync(row)))
                        continue;
                write_row(row, text);
                n_named++;
        }
        if (standing->n_rows <= SUMMARY_ROWS_MAX)
                return;
        separate(text);
        text_appendf(text, "%zu of %zu organisations in sync", n_in_sync, standing->n_rows);
}

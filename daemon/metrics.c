/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: a standing as Prometheus reads it. */
#include <math.h>
#include <string.h>

#include "daemon/metrics.h"

enum {
        MS_PER_SECOND = 1000,
        US_PER_SECOND = 1000 * 1000,
};

/* What the value of an organisation is taken from. */
typedef struct Source {
        const Standing *standing;
        const StandingRow *row;
        const Keeper *keeper;
        const Engine *engine;
        const EngineCounts *counts;
        const Throttle *throttle;
        const Plan *plan; /* of the last pass, or NULL */
        EngineBudget budget;
} Source;

static double seconds(int64_t ms) {
        return (double)ms / MS_PER_SECOND;
}

/* Of something that may not be known yet: NAN is left out. */
static double known(int64_t value) {
        return value < 0 ? NAN : (double)value;
}

static double moment(int64_t wall) {
        return wall > 0 ? seconds(wall) : NAN;
}

static double count_steps(const Source *source, StepState state) {
        size_t n = 0;

        if (!source->plan)
                return NAN;
        for (size_t i = 0; i < source->plan->n_steps; i++)
                n += source->plan->steps[i].state == state;
        return (double)n;
}

static double charter_valid(const Source *source) {
        return engine_has_charter(source->engine) && !keeper_charter_error(source->keeper);
}

static double ready(const Source *source) {
        return !standing_obstacle(source->standing, source->row);
}

static double passes(const Source *source) {
        return (double)source->counts->n_passes;
}

static double failed_passes(const Source *source) {
        return (double)source->counts->n_failed_passes;
}

static double pass_seconds(const Source *source) {
        return seconds(source->counts->passes_ms);
}

static double last_pass_seconds(const Source *source) {
        return source->counts->n_passes > 0 ? seconds(source->counts->last_pass_ms) : NAN;
}

static double last_pass(const Source *source) {
        return moment(engine_last_pass(source->engine));
}

static double last_survey(const Source *source) {
        return moment(source->counts->last_survey);
}

static double next_pass(const Source *source) {
        return moment(source->row->next_pass);
}

static double done(const Source *source) {
        return (double)source->counts->n_done;
}

static double not_done(const Source *source) {
        return (double)source->counts->n_not_done;
}

static double drift(const Source *source) {
        return (double)source->counts->n_drift_repaired;
}

static double pending(const Source *source) {
        return count_steps(source, STEP_PENDING);
}

static double held(const Source *source) {
        return count_steps(source, STEP_HELD);
}

static double waiting(const Source *source) {
        return count_steps(source, STEP_WAITING);
}

/* It may hold no step and still want a release. */
static double shrank(const Source *source) {
        return source->plan ? (double)(source->plan->shrank != NULL) : NAN;
}

static double broken(const Source *source) {
        return source->plan ? (double)source->plan->n_broken : NAN;
}

static double fights(const Source *source) {
        size_t n = 0;

        if (!source->plan)
                return NAN;
        for (size_t i = 0; i < source->plan->n_findings; i++)
                n += strcmp(source->plan->findings[i].kind, "fight") == 0;
        return (double)n;
}

static double requests(const Source *source) {
        return (double)source->throttle->n_requests;
}

static double throttled(const Source *source) {
        return (double)source->throttle->n_throttled;
}

static double in_flight(const Source *source) {
        return source->throttle->in_flight;
}

static double bytes_in(const Source *source) {
        return (double)keeper_statistics(source->keeper)->bytes_in;
}

static double bytes_out(const Source *source) {
        return (double)keeper_statistics(source->keeper)->bytes_out;
}

static double budget_used(const Source *source) {
        return (double)source->budget.used;
}

static double budget_limit(const Source *source) {
        return source->budget.limit > 0 ? (double)source->budget.limit : NAN;
}

static double budget_wait(const Source *source) {
        return seconds(source->budget.wait_ms);
}

static double survey_cost(const Source *source) {
        return source->budget.survey_cost > 0 ? (double)source->budget.survey_cost : NAN;
}

static double projects_due(const Source *source) {
        return source->budget.is_rotating ? (double)source->budget.n_due : NAN;
}

static double rate_limit_remaining(const Source *source) {
        return known(source->throttle->rate_limit_remaining);
}

static double rate_limit(const Source *source) {
        return known(source->throttle->rate_limit_limit);
}

static double credential_failures(const Source *source) {
        return (double)source->counts->n_credential_failures;
}

#define GAUGE "gauge"
#define COUNTER "counter"

/* Of each organisation. Rows of one name stand together. */
static const struct {
        const char *name, *type, *help;
        double (*value)(const Source *source);
        const char *label; /* beside the organisation's, or NULL */
} rows[] = {
        {"charterd_charter_valid", GAUGE, "1 when the charter as it was last read is in force.", charter_valid},
        {"charterd_ready", GAUGE, "1 when this organisation does not keep /readyz from 200.", ready},
        {"charterd_passes_total", COUNTER, "Passes that ended.", passes},
        {"charterd_pass_failures_total", COUNTER, "Passes in which the organisation could not be read or written.",
         failed_passes},
        {"charterd_pass_seconds_total", COUNTER, "Time spent in passes.", pass_seconds},
        {"charterd_last_pass_seconds", GAUGE, "Time the last pass took.", last_pass_seconds},
        {"charterd_last_pass_timestamp_seconds", GAUGE, "When the last pass ended.", last_pass},
        {"charterd_last_complete_survey_timestamp_seconds", GAUGE,
         "When every project of the charter was last read whole.", last_survey},
        {"charterd_next_pass_timestamp_seconds", GAUGE, "When the next pass is due.", next_pass},
        {"charterd_steps_done_total", COUNTER, "Steps carried out.", done},
        {"charterd_steps_failed_total", COUNTER, "Steps attempted and not done.", not_done},
        {"charterd_drift_repaired_total", COUNTER,
         "Steps carried out after the organisation was once as the charter in force wants it.", drift},
        {"charterd_steps", GAUGE, "Steps of the last plan that are left.", pending, "state=\"pending\""},
        {"charterd_steps", GAUGE, NULL, held, "state=\"held\""},
        {"charterd_steps", GAUGE, NULL, waiting, "state=\"waiting\""},
        {"charterd_charter_shrank", GAUGE, "1 while a charter that shrank is held.", shrank},
        {"charterd_fights", GAUGE, "What charterd repairs again and again, because somebody undoes it.", fights},
        {"charterd_broken_assertions", GAUGE, "Assertions and confinements that are open.", broken},
        {"charterd_requests_total", COUNTER, "Requests sent.", requests},
        {"charterd_requests_in_flight", GAUGE, "Requests that are not answered yet.", in_flight},
        {"charterd_throttled_answers_total", COUNTER, "Answers that asked for a pause.", throttled},
        {"charterd_received_bytes_total", COUNTER, "Bytes of answers as on the wire, without headers.", bytes_in},
        {"charterd_sent_bytes_total", COUNTER, "Bytes of requests as on the wire, without headers.", bytes_out},
        {"charterd_survey_requests_used", GAUGE, "Requests of surveys in the last five minutes.",
         budget_used},
        {"charterd_survey_requests_limit", GAUGE, "limits.requests_per_5_minutes.", budget_limit},
        {"charterd_survey_requests_wait_seconds", GAUGE, "Until the budget has room for the next reading.", budget_wait},
        {"charterd_survey_requests_needed", GAUGE, "What a survey of all projects takes, as far as can be told.",
         survey_cost},
        {"charterd_projects_due", GAUGE, "Projects whose turn is still to come, where they take turns.", projects_due},
        {"charterd_rate_limit_remaining", GAUGE, "X-RateLimit-Remaining as last seen.", rate_limit_remaining},
        {"charterd_rate_limit", GAUGE, "X-RateLimit-Limit as last seen.", rate_limit},
        {"charterd_credential_failures_total", COUNTER, "Passes in which the credential was not accepted.",
         credential_failures},
};

enum {
        N_ROWS = sizeof rows / sizeof *rows
};

static void write_head(Text *text, const char *name, const char *type, const char *help) {
        text_appendf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* name="value" with what the format wants escaped. */
static void write_label(Text *text, const char *name, const char *value) {
        text_appendf(text, "%s=\"", name);
        for (; *value; value++) {
                if (*value == '\n')
                        text_append(text, "\\n");
                else if (*value == '"' || *value == '\\')
                        text_appendf(text, "\\%c", *value);
                else
                        text_append_bytes(text, value, 1);
        }
        text_append(text, "\"");
}

static void write_row(size_t i, const Source *sources, size_t n_sources, Text *text) {
        if (i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0)
                write_head(text, rows[i].name, rows[i].type, rows[i].help);
        for (size_t k = 0; k < n_sources; k++) {
                double value = rows[i].value(&sources[k]);

                if (isnan(value))
                        continue;
                text_appendf(text, "%s{", rows[i].name);
                write_label(text, "organization", sources[k].row->settings->url);
                text_appendf(text, "%s%s} %.15g\n", rows[i].label ? "," : "", rows[i].label ? rows[i].label : "",
                             value);
        }
}

/* --- what is not one number an organisation ------------------------------------------------------------------------- */

typedef struct KindCount {
        const char *kind;
        size_t n;
} KindCount;

static KindCount *find_kind(KindCount *counts, size_t n, const char *kind) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(counts[i].kind, kind) == 0)
                        return &counts[i];
        return NULL;
}

static void write_findings_of(const Source *source, Text *text) {
        const Plan *plan = source->plan;
        Mem *frame = mem_new(NULL, char);
        KindCount *counts = NULL;
        size_t n = 0;

        for (size_t i = 0; plan && i < plan->n_findings; i++) {
                KindCount *count = find_kind(counts, n, plan->findings[i].kind);

                if (!count) {
                        count = mem_push(frame, counts, n);
                        count->kind = plan->findings[i].kind;
                }
                count->n++;
        }
        for (size_t i = 0; i < n; i++) {
                text_append(text, "charterd_findings{");
                write_label(text, "organization", source->row->settings->url);
                text_append(text, ",");
                write_label(text, "kind", counts[i].kind);
                text_appendf(text, "} %zu\n", counts[i].n);
        }
        mem_free(frame);
}

/* Whose turn is next. */
static void write_next_project(const Source *source, Text *text) {
        if (!source->budget.next_project)
                return;
        text_append(text, "charterd_next_project_info{");
        write_label(text, "organization", source->row->settings->url);
        text_append(text, ",");
        write_label(text, "project", source->budget.next_project);
        text_append(text, "} 1\n");
}

static void write_process(const Standing *standing, Text *text) {
        write_head(text, "charterd_build_info", GAUGE, "The version.");
        text_append(text, "charterd_build_info{");
        write_label(text, "version", CHARTERD_VERSION);
        text_append(text, "} 1\n");
        write_head(text, "charterd_settings_valid", GAUGE, "1 when the settings as they were last read are in force.");
        text_appendf(text, "charterd_settings_valid %d\n", !standing->settings_error);
        write_head(text, "charterd_memory_bytes", GAUGE,
                   "Memory that is held for organisations and whoever asks; what libraries hold is not counted.");
        text_appendf(text, "charterd_memory_bytes %zu\n", standing->memory);
        write_head(text, "charterd_organizations", GAUGE, "Organisations of the settings, by whether they are kept.");
        for (int is_kept = 0; is_kept <= 1; is_kept++) {
                size_t n = 0;

                for (size_t i = 0; i < standing->n_rows; i++)
                        n += (standing->rows[i].keeper != NULL) == is_kept;
                text_appendf(text, "charterd_organizations{kept=\"%s\"} %zu\n", is_kept ? "yes" : "no", n);
        }
        write_head(text, "charterd_ledger_info", GAUGE, "The SHA-256 of the ledger's last line.");
        text_append(text, "charterd_ledger_info{");
        write_label(text, "head", ledger_head(standing->ledger));
        text_append(text, "} 1\n");
        write_head(text, "charterd_ledger_writable", GAUGE,
                   "0 while the ledger cannot be written, a full disk for example: nothing is changed then.");
        text_appendf(text, "charterd_ledger_writable %d\n", ledger_error(standing->ledger) == 0);
        write_head(text, "charterd_ledger_lines", GAUGE, "The number of the ledger's last record.");
        text_appendf(text, "charterd_ledger_lines %llu\n", (unsigned long long)ledger_last_seq(standing->ledger));
        write_head(text, "charterd_loop_blocked_seconds_max", GAUGE,
                   "The longest time in which nothing new was served: since the start.");
        text_appendf(text, "charterd_loop_blocked_seconds_max %.6f\n",
                     (double)standing->longest_turn.wall_us / US_PER_SECOND);
        write_head(text, "charterd_loop_blocked_cpu_seconds_max", GAUGE,
                   "The same in processor time: what others on the machine do is not in it.");
        text_appendf(text, "charterd_loop_blocked_cpu_seconds_max %.6f\n",
                     (double)standing->longest_turn.cpu_us / US_PER_SECOND);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

void metrics_write(const Standing *standing, Text *text) {
        Source *sources = mem_new_array(NULL, Source, standing->n_rows + 1);
        size_t n = 0;

        for (size_t i = 0; i < standing->n_rows; i++) {
                const StandingRow *row = &standing->rows[i];
                const Engine *engine = row->keeper ? keeper_engine(row->keeper) : NULL;

                if (engine)
                        sources[n++] = (Source){standing, row, row->keeper, engine, engine_counts(engine),
                                                engine_throttle(engine), engine_plan(engine),
                                                engine_budget(engine)};
        }
        write_process(standing, text);
        for (size_t i = 0; i < N_ROWS; i++)
                write_row(i, sources, n, text);
        write_head(text, "charterd_findings", GAUGE, "Findings of the last plan.");
        for (size_t i = 0; i < n; i++)
                write_findings_of(&sources[i], text);
        write_head(text, "charterd_next_project_info", GAUGE, "Whose turn is next, where projects take turns.");
        for (size_t i = 0; i < n; i++)
                write_next_project(&sources[i], text);
        mem_free(sources);
}

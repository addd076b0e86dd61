/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: a standing as Prometheus reads it. */
#include <math.h>
#include <string.h>

#include "daemon/exposition.h"
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

static double charter_valid(const Source *source) {
        return engine_has_charter(source->engine) && !keeper_charter_error(source->keeper);
}

static double enforcing(const Source *source) {
        return source->row->settings->mode == MODE_ENFORCE;
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

static double last_success(const Source *source) {
        return moment(source->counts->last_success);
}

static double last_survey(const Source *source) {
        return moment(source->counts->last_survey);
}

static double next_pass(const Source *source) {
        return moment(source->row->next_pass);
}

static double drift(const Source *source) {
        return (double)source->counts->n_drift_repaired;
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

/* --- several numbers an organisation -------------------------------------------------------------------------------- */

static void write_number(const Source *source, Text *text, const char *name, Label label, double value) {
        exposition_write_sample(text, name, (Label[EXPOSITION_LABELS_MAX]){{"organization", source->row->settings->url}, label},
                                value);
}

static void write_steps(const Source *source, const char *name, Text *text) {
        static const struct {
                StepState state;
                const char *word;
        } rows[] = {{STEP_PENDING, "pending"}, {STEP_HELD, "held"}, {STEP_WAITING, "waiting"}};

        for (size_t i = 0; source->plan && i < sizeof rows / sizeof *rows; i++) {
                size_t n = 0;

                for (size_t k = 0; k < source->plan->n_steps; k++)
                        n += source->plan->steps[k].state == rows[i].state;
                write_number(source, text, name, (Label){"state", rows[i].word}, (double)n);
        }
}

static void write_outcomes(const Source *source, const char *name, Text *text) {
        static const struct {
                const char *word;
                ChangeState states[3]; /* CHANGE_OPEN, nothing was tried: no more of them */
        } rows[] = {
                {"done", {CHANGE_DONE}},
                {"not_done", {CHANGE_NOT_DONE, CHANGE_DROPPED, CHANGE_WAITING}},
                {"failed", {CHANGE_FAILED}},
                {"unconfirmed", {CHANGE_UNCONFIRMED, CHANGE_SENT}},
                {"unknown", {CHANGE_UNKNOWN}},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                uint64_t n = 0;

                for (size_t k = 0; k < sizeof rows->states / sizeof *rows->states; k++)
                        if (rows[i].states[k] != CHANGE_OPEN)
                                n += source->counts->n_steps[rows[i].states[k]];
                write_number(source, text, name, (Label){"outcome", rows[i].word}, (double)n);
        }
}

static void write_requests(const Source *source, const char *name, Text *text) {
        for (int class = 0; class < _REQUEST_CLASS_N; class++)
                for (int end = 0; end < _REQUEST_END_N; end++)
                        exposition_write_sample(text, name,
                                                (Label[EXPOSITION_LABELS_MAX]){
                                                        {"organization", source->row->settings->url},
                                                        {"kind", request_class_word((RequestClass)class)},
                                                        {"outcome", request_end_word((RequestEnd)end)},
                                                },
                                                (double)source->throttle->tally.n[class][end]);
}

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

static void write_findings(const Source *source, const char *name, Text *text) {
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
        for (size_t i = 0; i < n; i++)
                write_number(source, text, name, (Label){"kind", counts[i].kind}, (double)counts[i].n);
        mem_free(frame);
}

/* Whose turn is next. */
static void write_next_project(const Source *source, const char *name, Text *text) {
        if (source->budget.next_project)
                write_number(source, text, name, (Label){"project", source->budget.next_project}, 1);
}

static void write_charter(const Source *source, const char *name, Text *text) {
        const Desired *desired = engine_desired(source->engine);

        if (desired)
                exposition_write_sample(text, name,
                                        (Label[EXPOSITION_LABELS_MAX]){
                                                {"organization", source->row->settings->url},
                                                {"sha256", desired->sha256},
                                                {"commit", desired->commit ? desired->commit : ""},
                                        },
                                        1);
}

/* --- of the process ------------------------------------------------------------------------------------------------- */

static double started(const Standing *standing) {
        return moment(standing->started);
}

static double settings_valid(const Standing *standing) {
        return !standing->settings_error;
}

static double memory(const Standing *standing) {
        return (double)standing->memory;
}

static double ledger_writable(const Standing *standing) {
        return ledger_error(standing->ledger) == 0;
}

static double ledger_lines(const Standing *standing) {
        return (double)ledger_last_seq(standing->ledger);
}

static double loop_blocked(const Standing *standing) {
        return (double)standing->longest_turn.wall_us / US_PER_SECOND;
}

static double loop_blocked_cpu(const Standing *standing) {
        return (double)standing->longest_turn.cpu_us / US_PER_SECOND;
}

static void write_build(const Standing *standing, const char *name, Text *text) {
        exposition_write_sample(text, name, (Label[EXPOSITION_LABELS_MAX]){{"version", CHARTERD_VERSION}}, 1);
}

static void write_head(const Standing *standing, const char *name, Text *text) {
        exposition_write_sample(text, name, (Label[EXPOSITION_LABELS_MAX]){{"head", ledger_head(standing->ledger)}}, 1);
}

static void write_organizations(const Standing *standing, const char *name, Text *text) {
        for (int is_kept = 0; is_kept <= 1; is_kept++) {
                size_t n = 0;

                for (size_t i = 0; i < standing->n_rows; i++)
                        n += (standing->rows[i].keeper != NULL) == is_kept;
                exposition_write_sample(text, name, (Label[EXPOSITION_LABELS_MAX]){{"kept", is_kept ? "yes" : "no"}}, (double)n);
        }
}

/* --- the table ------------------------------------------------------------------------------------------------------ */

#define GAUGE "gauge"
#define COUNTER "counter"

/* Of the process, or of each organisation: one number, or what writes several. */
typedef struct Family {
        const char *name, *type, *labels, *help; /* labels: beside `organization`, between commas; or NULL */
        double (*value)(const Source *source);
        void (*samples)(const Source *source, const char *name, Text *text);
        double (*process_value)(const Standing *standing);
        void (*process_samples)(const Standing *standing, const char *name, Text *text);
} Family;

static const Family families[] = {
        {"charterd_build_info", GAUGE, "version", "The version.", .process_samples = write_build},
        {"charterd_start_timestamp_seconds", GAUGE, NULL, "When the daemon was started.", .process_value = started},
        {"charterd_settings_valid", GAUGE, NULL, "1 when the settings as they were last read are in force.",
         .process_value = settings_valid},
        {"charterd_organizations", GAUGE, "kept", "Organisations of the settings, by whether they are kept.",
         .process_samples = write_organizations},
        {"charterd_memory_bytes", GAUGE, NULL,
         "Memory that is held for organisations and whoever asks; what libraries hold is not counted.",
         .process_value = memory},
        {"charterd_loop_blocked_seconds_max", GAUGE, NULL,
         "The longest time in which nothing new was served: since the start.", .process_value = loop_blocked},
        {"charterd_loop_blocked_cpu_seconds_max", GAUGE, NULL,
         "The same in processor time: what others on the machine do is not in it.", .process_value = loop_blocked_cpu},
        {"charterd_ledger_info", GAUGE, "head", "The SHA-256 of the ledger's last line.", .process_samples = write_head},
        {"charterd_ledger_writable", GAUGE, NULL,
         "0 while the ledger cannot be written, a full disk for example: nothing is changed then.",
         .process_value = ledger_writable},
        {"charterd_ledger_lines", GAUGE, NULL, "The number of the ledger's last record.", .process_value = ledger_lines},

        {"charterd_charter_valid", GAUGE, NULL, "1 when the charter as it was last read is in force.", charter_valid},
        {"charterd_charter_info", GAUGE, "sha256, commit",
         "The charter in force, by the SHA-256 of its bytes and the git commit it was read from, when it is in one.",
         .samples = write_charter},
        {"charterd_charter_shrank", GAUGE, NULL, "1 while a charter that shrank is held.", shrank},
        {"charterd_enforcing", GAUGE, NULL, "1 with `mode: enforce`, 0 when nothing is ever written.", enforcing},
        {"charterd_ready", GAUGE, NULL, "1 when this organisation does not keep /readyz from 200.", ready},

        {"charterd_passes_total", COUNTER, NULL, "Passes that ended.", passes},
        {"charterd_pass_failures_total", COUNTER, NULL,
         "Passes in which the organisation could not be read or written.", failed_passes},
        {"charterd_credential_failures_total", COUNTER, NULL, "Passes in which the credential was not accepted.",
         credential_failures},
        {"charterd_pass_seconds_total", COUNTER, NULL, "Time spent in passes.", pass_seconds},
        {"charterd_last_pass_seconds", GAUGE, NULL, "Time the last pass took.", last_pass_seconds},
        {"charterd_last_pass_timestamp_seconds", GAUGE, NULL, "When the last pass ended.", last_pass},
        {"charterd_last_success_timestamp_seconds", GAUGE, NULL,
         "When a pass last ended with nothing failed, unread, unconfirmed or waiting: what is pending in `mode: observe` "
         "or held counts as success.",
         last_success},
        {"charterd_last_complete_survey_timestamp_seconds", GAUGE, NULL,
         "When every project of the charter was last read whole.", last_survey},
        {"charterd_next_pass_timestamp_seconds", GAUGE, NULL, "When the next pass is due.", next_pass},

        {"charterd_steps", GAUGE, "state", "Steps of the last plan that are left.", .samples = write_steps},
        {"charterd_step_outcomes_total", COUNTER, "outcome", "Steps that were to be carried out, by the ledger's `result`.",
         .samples = write_outcomes},
        {"charterd_drift_repaired_total", COUNTER, NULL,
         "Steps carried out after the organisation was once as the charter in force wants it.", drift},
        {"charterd_findings", GAUGE, "kind", "Findings of the last plan.", .samples = write_findings},
        {"charterd_fights", GAUGE, NULL, "What charterd repairs again and again, because somebody undoes it.", fights},
        {"charterd_broken_assertions", GAUGE, NULL, "Assertions and confinements that are open.", broken},

        {"charterd_requests_total", COUNTER, "kind, outcome",
         "Requests that ended, each try by itself: reads and writes, and how.", .samples = write_requests},
        {"charterd_requests_in_flight", GAUGE, NULL, "Requests that are not answered yet.", in_flight},
        {"charterd_throttled_answers_total", COUNTER, NULL, "Answers, whatever else they said, that asked for a pause.",
         throttled},
        {"charterd_received_bytes_total", COUNTER, NULL, "Bytes of answers as on the wire, without headers.", bytes_in},
        {"charterd_sent_bytes_total", COUNTER, NULL, "Bytes of requests as on the wire, without headers.", bytes_out},
        {"charterd_survey_requests_used", GAUGE, NULL, "Requests of surveys in the last five minutes.", budget_used},
        {"charterd_survey_requests_limit", GAUGE, NULL, "limits.requests_per_5_minutes.", budget_limit},
        {"charterd_survey_requests_wait_seconds", GAUGE, NULL, "Until the budget has room for the next reading.",
         budget_wait},
        {"charterd_survey_requests_needed", GAUGE, NULL, "What a survey of all projects takes, as far as can be told.",
         survey_cost},
        {"charterd_projects_due", GAUGE, NULL, "Projects whose turn is still to come, where they take turns.",
         projects_due},
        {"charterd_next_project_info", GAUGE, "project", "Whose turn is next, where projects take turns.",
         .samples = write_next_project},
        {"charterd_rate_limit_remaining", GAUGE, NULL, "X-RateLimit-Remaining as last seen.", rate_limit_remaining},
        {"charterd_rate_limit", GAUGE, NULL, "X-RateLimit-Limit as last seen.", rate_limit},
};

enum {
        N_FAMILIES = sizeof families / sizeof *families
};

static bool is_of_process(const Family *family) {
        return family->process_value || family->process_samples;
}

static void write_process(const Family *family, const Standing *standing, Text *text) {
        if (family->process_value)
                exposition_write_sample(text, family->name, (Label[EXPOSITION_LABELS_MAX]){{NULL}},
                                        family->process_value(standing));
        else
                family->process_samples(standing, family->name, text);
}

static void write_organization(const Family *family, const Source *source, Text *text) {
        if (family->value)
                write_number(source, text, family->name, (Label){NULL}, family->value(source));
        else
                family->samples(source, family->name, text);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static size_t find_sources(const Standing *standing, Source *sources) {
        size_t n = 0;

        for (size_t i = 0; i < standing->n_rows; i++) {
                const StandingRow *row = &standing->rows[i];
                const Engine *engine = row->keeper ? keeper_engine(row->keeper) : NULL;

                if (engine)
                        sources[n++] = (Source){standing, row, row->keeper, engine, engine_counts(engine),
                                                engine_throttle(engine), engine_plan(engine),
                                                engine_budget(engine)};
        }
        return n;
}

void metrics_write(const Standing *standing, Text *text) {
        Source *sources = mem_new_array(NULL, Source, standing->n_rows + 1);
        size_t n = find_sources(standing, sources);

        for (size_t i = 0; i < N_FAMILIES; i++) {
                exposition_write_head(text, families[i].name, families[i].type, families[i].help);
                if (is_of_process(&families[i]))
                        write_process(&families[i], standing, text);
                for (size_t k = 0; k < n && !is_of_process(&families[i]); k++)
                        write_organization(&families[i], &sources[k], text);
        }
        mem_free(sources);
}

void metrics_print(Text *text) {
        text_append(text, "What /metrics serves: name, type and labels of each.\n");
        for (size_t i = 0; i < N_FAMILIES; i++) {
                const char *own = is_of_process(&families[i]) ? NULL : "organization";
                const char *labels = families[i].labels;

                text_appendf(text, "\n  %s %s", families[i].name, families[i].type);
                if (own || labels)
                        text_appendf(text, " (%s%s%s)", own ? own : "", own && labels ? ", " : "", labels ? labels : "");
                text_appendf(text, "\n      %s\n", families[i].help);
        }
}

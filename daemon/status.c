/* SPDX-License-Identifier: Apache-2.0 */
/* Status: how the organisations of a running daemon are, as JSON for programs, from it as text for people. */
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/visible.h"
#include "common/model/desired.h"
#include "config/file.h"
#include "daemon/command.h"
#include "daemon/progress_line.h"
#include "daemon/recent.h"
#include "daemon/status.h"

enum {
        MS_PER_SECOND = 1000,
        CHANGES_PRINTED = 5,
};

const char *status_organization_state(const Keeper *keeper) {
        const Engine *engine = keeper_engine(keeper);

        if (!engine_has_charter(engine))
                return "no_charter";
        if (!engine_error(engine) && (!engine_plan(engine) || plan_n_unread(engine_plan(engine)) > 0))
                return "starting";
        switch (engine_exit_code(engine, PLAN_LENIENT)) {
        case EXIT_IN_SYNC:
                return "in_sync";
        case EXIT_PENDING:
                return "pending";
        case EXIT_HELD:
                return "held";
        default:
                return "failed";
        }
}

static void write_time(JsonWriter *writer, const char *key, int64_t wall) {
        char text[CLOCK_TEXT_SIZE];

        json_write_text(writer, key, wall > 0 ? clock_format(wall, text) : NULL);
}

static size_t at_most(StatusScope scope, size_t n, size_t most) {
        return scope == STATUS_EXCERPT && n > most ? most : n;
}

/* --- projects ------------------------------------------------------------------------------------------------------- */

/* Where people look first. */
static const int urgencies[] = {
        [PLAN_FAILED] = 0, [PLAN_HELD] = 1, [PLAN_WAITING] = 2, [PLAN_PENDING] = 3, [PLAN_UNREAD] = 4, [PLAN_IN_SYNC] = 5,
};

static int compare_projects(const void *a_, const void *b_) {
        const PlanProject *a = *(const PlanProject *const *)a_, *b = *(const PlanProject *const *)b_;
        int order = urgencies[a->state] - urgencies[b->state];

        return order ? order : (a > b) - (a < b);
}

static void write_project(JsonWriter *writer, const PlanProject *project) {
        json_write_object(writer, NULL);
        json_write_text(writer, "name", project->name);
        json_write_text(writer, "state", plan_state_word(project->state));
        json_write_text(writer, "error", project->error);
        json_write_object_end(writer);
}

static void write_projects(JsonWriter *writer, const Plan *plan, StatusScope scope) {
        size_t n = plan ? plan->n_projects : 0;
        const PlanProject **projects = mem_new_array(NULL, const PlanProject *, n + 1);

        for (size_t i = 0; i < n; i++)
                projects[i] = &plan->projects[i];
        if (scope == STATUS_EXCERPT && n > 1)
                qsort(projects, n, sizeof *projects, compare_projects);
        json_write_int(writer, "n_projects", (int64_t)n);
        json_write_array(writer, "projects");
        for (size_t i = 0; i < at_most(scope, n, STATUS_EXCERPT_PROJECTS); i++)
                write_project(writer, projects[i]);
        json_write_array_end(writer);
        mem_free(projects);
}

/* --- held steps, findings ------------------------------------------------------------------------------------------- */

static size_t count_held(const Plan *plan) {
        size_t n = 0;

        for (size_t i = 0; plan && i < plan->n_steps; i++)
                n += plan->steps[i].state == STEP_HELD;
        return n;
}

static void write_held(JsonWriter *writer, const Plan *plan, StatusScope scope) {
        size_t n = count_held(plan), n_left = at_most(scope, n, STATUS_EXCERPT_HELD);

        json_write_int(writer, "n_held", (int64_t)n);
        json_write_array(writer, "held");
        for (size_t i = 0; n_left > 0; i++) {
                Text inner;

                if (plan->steps[i].state != STEP_HELD)
                        continue;
                n_left--;
                text_init(&inner, NULL);
                step_write_json(plan, &plan->steps[i], &inner);
                json_write_raw(writer, NULL, inner.data);
                text_deinit(&inner);
        }
        json_write_array_end(writer);
}

static int compare_findings(const void *a_, const void *b_) {
        const Finding *a = *(const Finding *const *)a_, *b = *(const Finding *const *)b_;
        int order = (int)b->level - (int)a->level;

        return order ? order : (a > b) - (a < b);
}

static void write_findings(JsonWriter *writer, const Plan *plan, StatusScope scope) {
        size_t n = plan ? plan->n_findings : 0;
        const Finding **findings = mem_new_array(NULL, const Finding *, n + 1);

        for (size_t i = 0; i < n; i++)
                findings[i] = &plan->findings[i];
        if (scope == STATUS_EXCERPT && n > 1)
                qsort(findings, n, sizeof *findings, compare_findings);
        json_write_int(writer, "n_findings", (int64_t)n);
        json_write_array(writer, "findings");
        for (size_t i = 0; i < at_most(scope, n, STATUS_EXCERPT_FINDINGS); i++) {
                Text inner;

                text_init(&inner, NULL);
                plan_write_finding(plan, findings[i], &inner);
                json_write_raw(writer, NULL, inner.data);
                text_deinit(&inner);
        }
        json_write_array_end(writer);
        mem_free(findings);
}

/* --- an organisation ------------------------------------------------------------------------------------------------ */

static void write_budget(JsonWriter *writer, const Engine *engine) {
        const Throttle *throttle = engine_throttle(engine);
        EngineBudget budget = engine_budget(engine);

        json_write_object(writer, "budget");
        json_write_int(writer, "requests_per_5_minutes", budget.limit);
        json_write_int(writer, "used", budget.used);
        json_write_int(writer, "waiting_ms", budget.wait_ms);
        json_write_int(writer, "survey_requests", budget.survey_cost);
        json_write_bool(writer, "rotating", budget.is_rotating);
        json_write_int(writer, "projects_due", (int64_t)budget.n_due);
        json_write_text(writer, "next_project", budget.next_project);
        json_write_int(writer, "requests", (int64_t)throttle->n_requests);
        json_write_int(writer, "throttled", (int64_t)throttle->n_throttled);
        json_write_int(writer, "in_flight", throttle->in_flight);
        json_write_int(writer, "rate_limit_remaining", throttle->rate_limit_remaining);
        json_write_int(writer, "rate_limit_limit", throttle->rate_limit_limit);
        json_write_object_end(writer);
}

/* What a pass is at, for people. */
static void write_doing(JsonWriter *writer, const Engine *engine) {
        ProgressLine line = progress_line_of(engine, PROGRESS_BRIEF);
        Text text;

        text_init(&text, NULL);
        progress_line_write(&line, &text);
        json_write_text(writer, "doing", text.n > 0 ? text.data : NULL);
        text_deinit(&text);
}

static void write_engine(JsonWriter *writer, const StandingRow *row, StatusScope scope) {
        const Engine *engine = keeper_engine(row->keeper);
        const Plan *plan = engine_plan(engine);

        json_write_text(writer, "state", status_organization_state(row->keeper));
        json_write_bool(writer, "busy", engine_is_busy(engine));
        write_doing(writer, engine);
        json_write_text(writer, "error", engine_error(engine));
        json_write_text(writer, "charter_error", keeper_charter_error(row->keeper));
        write_time(writer, "last_pass", engine_last_pass(engine));
        write_time(writer, "last_survey", engine_counts(engine)->last_survey);
        write_time(writer, "next_pass", row->next_pass);
        json_write_text(writer, "plan_id", plan && plan->plan_id[0] ? plan->plan_id : NULL);
        write_projects(writer, plan, scope);
        write_held(writer, plan, scope);
        plan_write_reasons(plan, writer);
        if (scope != STATUS_EXCERPT)
                plan_write_people(plan, writer);
        write_findings(writer, plan, scope);
        write_budget(writer, engine);
}

static void write_unkept(JsonWriter *writer, const StandingRow *row, StatusScope scope) {
        json_write_text(writer, "state", "failed");
        json_write_bool(writer, "busy", false);
        json_write_text(writer, "doing", NULL);
        json_write_text(writer, "error", row->error);
        json_write_text(writer, "charter_error", NULL);
        write_time(writer, "last_pass", 0);
        write_time(writer, "last_survey", 0);
        write_time(writer, "next_pass", 0);
        write_projects(writer, NULL, scope);
        write_held(writer, NULL, scope);
        plan_write_reasons(NULL, writer);
        if (scope != STATUS_EXCERPT)
                plan_write_people(NULL, writer);
        write_findings(writer, NULL, scope);
}

static void write_organization(JsonWriter *writer, const Standing *standing, const StandingRow *row,
                               StatusScope scope) {
        const char *obstacle = standing_obstacle(standing, row);

        json_write_object(writer, NULL);
        json_write_text(writer, "url", row->settings->url);
        json_write_text(writer, "mode", settings_mode_word(row->settings->mode));
        json_write_text(writer, "charter", row->settings->charter);
        json_write_bool(writer, "ready", !obstacle);
        json_write_text(writer, "not_ready", obstacle);
        if (row->keeper)
                write_engine(writer, row, scope);
        else
                write_unkept(writer, row, scope);
        json_write_object_end(writer);
}

/* By which a client tells whether this is the daemon it looks for. */
static void write_settings(JsonWriter *writer, const Standing *standing) {
        char *path = file_path_absolute(NULL, standing->settings->path);

        json_write_text(writer, "settings", path);
        json_write_text(writer, "settings_error", standing->settings_error);
        mem_free(path);
}

void status_write(const Standing *standing, StatusScope scope, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "version", CHARTERD_VERSION);
        write_time(&writer, "time", standing->now);
        write_settings(&writer, standing);
        json_write_text(&writer, "ledger_error", ledger_error(standing->ledger) < 0
                                                         ? strerror(-ledger_error(standing->ledger))
                                                         : NULL);
        json_write_int(&writer, "n_organizations", (int64_t)standing->n_rows);
        json_write_array(&writer, "organizations");
        for (size_t i = 0; i < at_most(scope, standing->n_rows, STATUS_EXCERPT_ORGANIZATIONS); i++)
                write_organization(&writer, standing, &standing->rows[i], scope);
        json_write_array_end(&writer);
        recent_write(&writer, standing->state_directory);
        json_write_object_end(&writer);
}

int status_exit_code(const Standing *standing) {
        int code = standing->settings_error ? EXIT_ERROR : EXIT_IN_SYNC;

        for (size_t i = 0; i < standing->n_rows; i++) {
                const Keeper *keeper = standing->rows[i].keeper;

                if (keeper)
                        code = exit_code_unite(code, engine_exit_code(keeper_engine(keeper), PLAN_STRICT));
                if (!keeper || keeper_charter_error(keeper))
                        code = exit_code_unite(code, EXIT_ERROR);
        }
        return code;
}

/* --- reading it again ----------------------------------------------------------------------------------------------- */

/* "in_sync" -> "in sync". Formats for programs have the word, people read words. */
static void append_state(Text *text, const JsonNode *object) {
        const char *word = json_get_text(object, "state");

        for (const char *at = word ? word : ""; *at; at++)
                text_appendf(text, "%c", *at == '_' ? ' ' : *at);
}

static void print_line(Text *text, const char *label, const JsonNode *object, const char *key) {
        const char *value = json_get_text(object, key);

        if (value)
                visible_append_line(text, "  %-14s %s", label, value);
}

static void print_finding(const JsonNode *finding, Text *text) {
        const char *detail = json_get_text(finding, "detail");

        const char *project = json_get_text(finding, "project"), *kind = json_get_text(finding, "kind");

        visible_append_line(text, "  finding: %s%s%s: %s", project ? desired_label(project) : "", project ? ": " : "", kind,
                            json_get_text(finding, "message"));
        if (detail)
                visible_append_line(text, "           %s", detail);
}

static void print_held(const JsonNode *organization, Text *text) {
        const char *plan_id = json_get_text(organization, "plan_id"), *comma = "";
        size_t n = json_count(json_get(organization, "held"));

        if (!plan_id)
                return;
        text_appendf(text, "  held: %s: %zu step%s: ", plan_id, n, n == 1 ? "" : "s");
        json_each(reason, json_get(organization, "reasons")) {
                visible_appendf(text, "%s%s", comma, json_value_text(reason));
                comma = ", ";
        }
        text_appendf(text, "; charterd release %s --reason \"...\"\n", plan_id);
}

static long long number(const JsonNode *object, const char *key) {
        int64_t value = 0;

        json_get_int(object, key, 0, INT64_MAX / 2, &value);
        return value;
}

static void print_budget(const JsonNode *budget, Text *text) {
        long long wait_s = (number(budget, "waiting_ms") + MS_PER_SECOND - 1) / MS_PER_SECOND;
        bool is_rotating = false;

        json_get_bool(budget, "rotating", &is_rotating);
        if (number(budget, "requests_per_5_minutes") == 0)
                return;
        text_appendf(text, "  %-14s %lld of %lld survey requests in 5 minutes", "budget", number(budget, "used"),
                     number(budget, "requests_per_5_minutes"));
        if (is_rotating)
                text_appendf(text, "; a survey of all takes %lld, so projects take turns: %lld left",
                             number(budget, "survey_requests"), number(budget, "projects_due"));
        if (json_get_text(budget, "next_project"))
                visible_appendf(text, ", next %s", json_get_text(budget, "next_project"));
        if (wait_s > 0)
                text_appendf(text, "; waits %lld s for room", wait_s);
        text_append(text, "\n");
}

static void print_organization(const JsonNode *organization, Text *text) {
        bool is_busy = false;

        json_get_bool(organization, "busy", &is_busy);
        text_appendf(text, "%s: ", json_get_text(organization, "url"));
        append_state(text, organization);
        text_append(text, is_busy ? ", a pass is running\n" : "\n");
        print_line(text, "pass", organization, "doing");
        print_line(text, "mode", organization, "mode");
        print_line(text, "error", organization, "error");
        print_line(text, "charter", organization, "charter");
        print_line(text, "charter error", organization, "charter_error");
        print_line(text, "not ready", organization, "not_ready");
        print_line(text, "last pass", organization, "last_pass");
        print_line(text, "next pass", organization, "next_pass");
        json_each(project, json_get(organization, "projects")) {
                const char *error = json_get_text(project, "error"), *name = json_get_text(project, "name");

                if (!name)
                        continue;
                visible_appendf(text, "  %s%s: ", name[0] ? "project " : "", desired_label(name));
                append_state(text, project);
                visible_append_line(text, "%s%s", error ? ": " : "", error ? error : "");
        }
        json_each(finding, json_get(organization, "findings"))
                print_finding(finding, text);
        print_held(organization, text);
        print_budget(json_get(organization, "budget"), text);
}

static void print_changes(const JsonNode *status, Text *text) {
        size_t n = 0;

        json_each(change, json_get(status, "changes")) {
                const char *time = json_get_text(change, "time"), *what = json_get_text(change, "what");
                const char *result = json_get_text(change, "result"), *cause = json_get_text(change, "cause");

                if (!time || !what || n == CHANGES_PRINTED)
                        return;
                if (n++ == 0)
                        text_append(text, "last changes:\n");
                visible_append_line(text, "  %s  %s: %s%s%s", time, what, result ? result : "open",
                                    cause ? "; " : "", cause ? cause : "");
        }
}

void status_print(const JsonNode *status, Text *text) {
        text_appendf(text, "charterd %s\n", json_get_text(status, "version"));
        print_line(text, "settings error", status, "settings_error");
        print_line(text, "ledger error", status, "ledger_error");
        json_each(organization, json_get(status, "organizations"))
                print_organization(organization, text);
        print_line(text, "changes error", status, "changes_error");
        print_changes(status, text);
}

bool status_is_ready(const JsonNode *status) {
        json_each(organization, json_get(status, "organizations")) {
                bool is_ready = false;

                json_get_bool(organization, "ready", &is_ready);
                if (!is_ready)
                        return false;
        }
        return json_count(json_get(status, "organizations")) > 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Telling: what the log and the ledger are told of a plan, once until it changes. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/log.h"
#include "daemon/engine/telling.h"

/* A finding that lasts. */
typedef struct Told {
        char *line;   /* of the ledger, without what may change */
        int64_t wall; /* when the log was told */
} Told;

struct Telling {
        const char *url;
        Told *told; /* of the plan before, by line */
        size_t n_told;
        char plan_id[sizeof((Plan *)NULL)->plan_id]; /* of the held steps that were told */
};

Telling *telling_new(Mem *parent, const char *url) {
        Telling *telling = mem_new(parent, Telling);

        telling->url = mem_strdup(telling, url);
        return telling;
}

/* --- findings ------------------------------------------------------------------------------------------------------- */

static char *finding_line(Mem *parent, const char *url, const Finding *finding) {
        JsonWriter writer;
        Text text;

        text_init(&text, parent);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "record", "finding");
        json_write_text(&writer, "organization", url);
        json_write_text(&writer, "project", finding->project);
        json_write_text(&writer, "kind", finding->kind);
        json_write_text(&writer, "message", finding->message);
        if (finding->detail)
                json_write_text(&writer, "detail", finding->detail);
        json_write_array(&writer, "path");
        for (size_t i = 0; i < finding->n_path; i++)
                json_write_text(&writer, NULL, finding->path[i]);
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        text_append(&text, "\n");
        return text.data;
}

static int compare_told(const void *a_, const void *b_) {
        const Told *a = a_, *b = b_;

        return strcmp(a->line, b->line);
}

static const Told *find_told(const Telling *telling, const Told *one) {
        if (telling->n_told == 0)
                return NULL;
        return bsearch(one, telling->told, telling->n_told, sizeof *one, compare_told);
}

static LogLevel finding_level(FindingLevel level) {
        switch (level) {
        case FINDING_INFO:
                return LOG_LEVEL_INFO;
        case FINDING_WARNING:
                return LOG_LEVEL_WARNING;
        case FINDING_ALARM:
                return LOG_LEVEL_ERROR;
        }
        assert(!"a level of a finding without a level of the log");
        return LOG_LEVEL_ERROR;
}

static void log_finding(const Telling *telling, const Finding *finding) {
        log_event(finding_level(finding->level), "finding",
                  log_fields(LOG_TEXT("organization", telling->url), LOG_TEXT("project", finding->project),
                             LOG_TEXT("kind", finding->kind), LOG_TEXT("detail", finding->message),
                             LOG_TEXT("more", finding->detail)));
}

static bool is_alarm_due(const Finding *finding, const Told *before, int64_t wall) {
        return finding->level == FINDING_ALARM && wall - before->wall >= TELLING_ALARM_MS;
}

void telling_forget(Telling *telling) {
        for (size_t i = 0; i < telling->n_told; i++)
                mem_free(telling->told[i].line);
        telling->told = mem_free(telling->told);
        telling->n_told = 0;
}

static void write_ledger(const Telling *telling, const Finding *finding, Text *ledger) {
        char *line = finding_line(NULL, telling->url, finding);

        text_append(ledger, line);
        mem_free(line);
}

void telling_tell_findings(Telling *telling, const Plan *plan, int64_t wall, Text *ledger) {
        Told *told = NULL;
        size_t n = 0;

        for (size_t i = 0; i < plan->n_findings; i++) {
                const Finding *finding = &plan->findings[i];
                Finding same = finding_without_detail(finding);
                Told one = {finding_line(telling, telling->url, &same), wall};
                const Told *before = find_told(telling, &one);

                if (!before)
                        write_ledger(telling, finding, ledger);
                if (!before || is_alarm_due(finding, before, wall))
                        log_finding(telling, finding);
                else
                        one.wall = before->wall;
                *mem_push(telling, told, n) = one;
        }
        telling_forget(telling);
        if (n > 1)
                qsort(told, n, sizeof *told, compare_told);
        telling->told = told;
        telling->n_told = n;
}

/* --- held steps ----------------------------------------------------------------------------------------------------- */

static void log_held(const Telling *telling, const Plan *plan, const HeldReason *reason) {
        Mem *frame = mem_new(NULL, char);

        log_warning("steps are held", LOG_TEXT("organization", telling->url),
                    LOG_NUMBER("held", (int64_t)reason->n_steps), LOG_TEXT("brake", reason->words),
                    LOG_TEXT("plan_id", plan->plan_id),
                    LOG_TEXT("release",
                             mem_printf(frame, "charterd release %s --reason \"...\"", plan->plan_id)));
        mem_free(frame);
}

void telling_tell_held(Telling *telling, const Plan *plan) {
        HeldReason reasons[PLAN_REASONS_MAX];
        size_t n;

        if (strcmp(telling->plan_id, plan->plan_id) == 0)
                return;
        memcpy(telling->plan_id, plan->plan_id, sizeof telling->plan_id);
        n = plan_held_reasons(plan, reasons);
        for (size_t i = 0; i < n; i++)
                log_held(telling, plan, &reasons[i]);
}

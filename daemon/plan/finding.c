/* SPDX-License-Identifier: Apache-2.0 */
/* Finding: something a person should know that a plan does not repair. */
#include <stdlib.h>
#include <string.h>

#include "daemon/plan/planner.h"

Finding *planner_add_finding(Planner *planner, const char *kind, FindingLevel level,
                             const char *project, Place place, const char *format, ...) {
        Plan *plan = planner->plan;
        Finding *finding = mem_push(plan, plan->findings, plan->n_findings);
        va_list arguments;
        char *message;

        va_start(arguments, format);
        message = mem_vprintf(planner->scratch, format, arguments);
        va_end(arguments);
        *finding = (Finding){
                .kind = kind,
                .level = level,
                .project = project,
                .message = arena_strdup(planner->arena, message),
                .place = place,
        };
        mem_free(message);
        return finding;
}

static int compare_findings(const void *a_, const void *b_) {
        const Finding *a = a_, *b = b_;
        int r = text_compare(a->project ? a->project : "", b->project ? b->project : "");

        if (r == 0)
                r = (int)b->level - (int)a->level; /* alarms first */
        if (r == 0)
                r = strcmp(a->kind, b->kind);
        if (r == 0)
                r = text_compare(a->message, b->message);
        return r != 0 ? r : strcmp(a->message, b->message);
}

void plan_sort_findings(Plan *plan) {
        size_t n = 0;

        if (plan->n_findings > 1)
                qsort(plan->findings, plan->n_findings, sizeof *plan->findings, compare_findings);
        for (size_t i = 0; i < plan->n_findings; i++)
                if (n == 0 || compare_findings(&plan->findings[n - 1], &plan->findings[i]) != 0)
                        plan->findings[n++] = plan->findings[i];
        plan->n_findings = n;
}

/* Most lists stay empty, and each team has some: room is taken with the first name. */
void name_list_init(NameList *list, Mem *parent) {
        *list = (NameList){.text.parent = parent};
}

void name_list_add(NameList *list, const char *name) {
        if (list->n == 0)
                text_init(&list->text, list->text.parent);
        if (list->n++ < PLAN_NAMES_MAX)
                text_appendf(&list->text, "%s%s", list->n > 1 ? ", " : "", name);
}

const char *name_list_end(NameList *list) {
        if (list->n > PLAN_NAMES_MAX)
                text_appendf(&list->text, " and %zu more", list->n - PLAN_NAMES_MAX);
        return list->text.data ? list->text.data : "";
}

const Author *plan_author_of_step(const Plan *plan, const Step *step) {
        return plan->authors ? authors_find(plan->authors, author_key_of_step(step->id)) : NULL;
}

const Author *plan_author_of_finding(const Plan *plan, const Finding *finding) {
        return plan->authors ? authors_find(plan->authors,
                                            author_key_of_finding(finding->project, finding->kind, finding->message))
                             : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Plan: the ordered steps that would make live equal to the charter, with what is held, waits or was found. */
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/plan/draft.h"

/* --- one project ---------------------------------------------------------------------------------------------------- */

static void fail(Draft *draft, const char *error) {
        draft->row->state = PLAN_FAILED;
        draft->row->error = error;
}

/* Complete, or to be made: only then there is a plan. */
static bool may_be_planned(Draft *draft) {
        const Project *live;

        if (draft->live_project == INDEX_NONE) {
                if (draft->project->create_project)
                        return true;
                fail(draft, mem_printf(draft->mem,
                                       "the project is not seen (%s:%u): it is not there, or only hidden from charterd; "
                                       "grant charterd \"View project-level information\" there, or say "
                                       "`create_project`",
                                       draft->project->place.file, draft->project->place.line));
                return false;
        }
        live = &draft->live->projects[draft->live_project];
        if (live->state == PROJECT_SEALED)
                return true;
        fail(draft, live->error ? live->error : "it was not read whole");
        return false;
}

static void index_entities(Draft *draft) {
        table_init(&draft->entity_table, draft->mem);
        for (Index i = 0; i < draft->live->n_entities; i++) {
                const Entity *entity = &draft->live->entities[i];
                int space = organisation_namespace_of_kind(entity->kind);

                if (entity->project == draft->live_project && entity->token && space >= 0)
                        table_add(&draft->entity_table, token_hash(entity->token, draft_space(draft, space)->separator),
                                  i);
        }
}

static void (*const parts[])(Draft *draft) = {
        draft_memberships, draft_creations, draft_wants,      draft_entries,  draft_unlisted,
        draft_admins,      draft_flags,     draft_team_areas, draft_verdicts, draft_brakes,
};

static void settle_state(Draft *draft) {
        PlanState state = PLAN_IN_SYNC;

        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++) {
                static const PlanState of_step[] = {
                        [STEP_PENDING] = PLAN_PENDING, [STEP_HELD] = PLAN_HELD, [STEP_WAITING] = PLAN_WAITING};
                PlanState one = of_step[draft->plan->steps[i].state];

                if (one > state)
                        state = one;
        }
        draft->row->state = state;
}

static void plan_project(Draft *draft) {
        draft->first_step = draft->plan->n_steps;
        if (!may_be_planned(draft))
                return;
        table_init(&draft->want_table, draft->mem);
        index_entities(draft);
        draft_index_known(draft);
        draft_make_holders(draft);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
                parts[i](draft);
        if (draft->live_project == INDEX_NONE)
                draft_find(draft, "missing", FINDING_INFO, draft->project->place,
                           "permissions follow when the project is there");
        settle_state(draft);
}

/* --- names over all projects ---------------------------------------------------------------------------------------- */

typedef struct Drafts {
        Draft **items;
        size_t n;
} Drafts;

static Draft *draft_of(const Drafts *drafts, const DesiredProject *project) {
        for (size_t i = 0; i < drafts->n; i++)
                if (drafts->items[i]->project == project && drafts->items[i]->row->state != PLAN_FAILED)
                        return drafts->items[i];
        return NULL;
}

static Index name_principal(void *context, const DesiredProject *project, const char *name) {
        Draft *draft = draft_of(context, project);
        AccessNames names;

        if (!draft)
                return INDEX_NONE;
        names = draft_wanted_names(draft);
        return names.principal(names.context, project, name);
}

static AccessPlace name_artefact(void *context, const DesiredProject *project, Kind kind, const char *name) {
        Draft *draft = draft_of(context, project);
        AccessNames names;

        if (!draft)
                return (AccessPlace){0};
        names = draft_wanted_names(draft);
        return names.artefact(names.context, project, kind, name);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static void note_shrinking(Plan *plan, const PlanSpec *spec) {
        char digest[DIGEST_TEXT_SIZE];

        if (!spec->charter_shrank)
                return;
        digest_sha256(spec->charter_shrank, strlen(spec->charter_shrank), digest);
        memcpy(plan->shrank_id, digest, sizeof plan->shrank_id - 1);
        for (size_t i = 0; i < spec->n_released; i++)
                if (strcmp(spec->released[i], plan->shrank_id) == 0)
                        return;
        plan->shrank = mem_strdup(plan, spec->charter_shrank);
}

static int compare_ids(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first twelve digits of the digest of what is held. */
static void make_plan_id(Plan *plan) {
        char digest[DIGEST_TEXT_SIZE];
        const char **ids = NULL;
        Mem *frame = mem_new(NULL, char);
        size_t n = 0;
        Text all;

        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state == STEP_HELD)
                        *mem_push(frame, ids, n) = plan->steps[i].id;
        if (plan->shrank)
                *mem_push(frame, ids, n) = plan->shrank_id;
        if (n > 0) {
                qsort(ids, n, sizeof *ids, compare_ids);
                text_init(&all, frame);
                for (size_t i = 0; i < n; i++)
                        text_appendf(&all, "%s\n", ids[i]);
                digest_sha256(all.data, all.n, digest);
                memcpy(plan->plan_id, digest, sizeof plan->plan_id - 1);
        }
        mem_free(frame);
}

static int compare_findings(const void *x, const void *y) {
        const Finding *a = x, *b = y;
        int r = text_compare(a->project ? a->project : "", b->project ? b->project : "");

        if (r == 0)
                r = (int)b->level - (int)a->level;
        if (r == 0)
                r = strcmp(a->kind, b->kind);
        return r != 0 ? r : strcmp(a->message, b->message);
}

static bool is_same_finding(const Finding *a, const Finding *b) {
        return compare_findings(a, b) == 0;
}

static void sort_findings(Plan *plan) {
        size_t n = 0;

        if (plan->n_findings > 1)
                qsort(plan->findings, plan->n_findings, sizeof *plan->findings, compare_findings);
        for (size_t i = 0; i < plan->n_findings; i++)
                if (n == 0 || !is_same_finding(&plan->findings[n - 1], &plan->findings[i]))
                        plan->findings[n++] = plan->findings[i];
        plan->n_findings = n;
}

Plan *plan_new(Mem *parent, const PlanSpec *spec) {
        Plan *plan = mem_new(parent, Plan);
        Drafts *drafts = mem_new(plan, Drafts);
        AccessView *current = access_view_new(plan, spec->live);

        plan->desired = spec->desired;
        plan->live = spec->live;
        plan->only_project = mem_strdup(plan, spec->only_project);
        plan->wanted = access_view_new(plan, spec->live);
        plan->wanted_names = (AccessNames){name_principal, name_artefact, drafts};
        plan->projects = mem_new_array(plan, PlanProject, spec->desired->n_projects + 1);
        note_shrinking(plan, spec);
        for (size_t i = 0; i < spec->desired->n_projects; i++) {
                const DesiredProject *project = &spec->desired->projects[i];
                Draft *draft;

                if (spec->only_project && !text_equal(spec->only_project, project->name))
                        continue;
                draft = mem_new(plan, Draft);
                *draft = (Draft){.mem = plan,
                                 .spec = spec,
                                 .live = spec->live,
                                 .plan = plan,
                                 .current = current,
                                 .wanted = plan->wanted,
                                 .project = project,
                                 .live_project = organisation_find_project(spec->live, project->name),
                                 .row = &plan->projects[plan->n_projects++]};
                draft->row->name = project->name;
                plan_project(draft);
                *mem_push(plan, drafts->items, drafts->n) = draft;
        }
        make_plan_id(plan);
        if (plan->n_steps > 1)
                qsort(plan->steps, plan->n_steps, sizeof *plan->steps, step_compare);
        sort_findings(plan);
        return plan;
}

int plan_exit_code(const Plan *plan, PlanStrictness strictness) {
        bool is_pending = false, is_held = plan->plan_id[0] != 0;

        for (size_t i = 0; i < plan->n_projects; i++)
                if (plan->projects[i].state == PLAN_FAILED)
                        return 1;
        for (size_t i = 0; i < plan->n_steps; i++) {
                if (plan->steps[i].state == STEP_WAITING)
                        return 1;
                is_pending |= plan->steps[i].state == STEP_PENDING;
        }
        if (is_held)
                return 3;
        if (strictness == PLAN_STRICT && plan->n_broken > 0)
                return 4;
        return is_pending ? 2 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Merge: plans of single projects, made one after another, as one plan for showing. */
#include <string.h>

#include "daemon/plan/planner.h"

static const PlanProject *find_project(const Plan *plan, const char *name) {
        for (size_t i = 0; i < plan->n_projects; i++)
                if (text_equal(plan->projects[i].name, name))
                        return &plan->projects[i];
        return NULL;
}

/* What belongs to no project is as it was last seen. */
static bool is_replaced(const Plan *newer, const char *project) {
        return !project || find_project(newer, project);
}

Plan *plan_new_unread(Mem *parent, const Desired *desired, Mode mode) {
        Plan *plan = mem_new(parent, Plan);

        plan->desired = desired;
        plan->mode = mode;
        for (size_t i = 0; i < desired->n_projects; i++)
                *mem_push(plan, plan->projects, plan->n_projects) =
                        (PlanProject){.name = mem_strdup(plan, desired->projects[i].name), .state = PLAN_UNREAD};
        return plan;
}

/* Rows of both, their texts where they are. */
static void gather(Mem *scratch, Plan *plan, const Plan *older, const Plan *newer) {
        for (size_t i = 0; i < older->n_projects; i++) {
                const PlanProject *other = find_project(newer, older->projects[i].name);

                *mem_push(scratch, plan->projects, plan->n_projects) = other ? *other : older->projects[i];
        }
        for (size_t i = 0; i < older->n_steps; i++)
                if (!is_replaced(newer, older->steps[i].project_name))
                        *mem_push(scratch, plan->steps, plan->n_steps) = older->steps[i];
        for (size_t i = 0; i < newer->n_steps; i++)
                *mem_push(scratch, plan->steps, plan->n_steps) = newer->steps[i];
        for (size_t i = 0; i < older->n_findings; i++)
                if (!is_replaced(newer, older->findings[i].project))
                        *mem_push(scratch, plan->findings, plan->n_findings) = older->findings[i];
        for (size_t i = 0; i < newer->n_findings; i++)
                *mem_push(scratch, plan->findings, plan->n_findings) = newer->findings[i];
}

/* Of the older plan what the newer one says nothing of. */
static void gather_people_of(People *people, const Plan *from, const Plan *newer) {
        const DesiredProject *projects = from->desired->projects;

        for (size_t i = 0; from->people && i < from->people->n_rows; i++)
                if (is_replaced(newer, projects[from->people->rows[i].owner].name) == (from == newer))
                        *mem_push(people, people->rows, people->n_rows) = from->people->rows[i];
        for (size_t i = 0; from->people && i < from->desired->n_projects; i++)
                if (is_replaced(newer, projects[i].name) == (from == newer)) {
                        people->n_left_out[i] = from->people->n_left_out[i];
                        people->losing[i] = from->people->losing[i];
                }
}

static void gather_people(Mem *scratch, Plan *plan, const Plan *older, const Plan *newer) {
        People *people;

        if (!older->people && !newer->people)
                return;
        people = plan->people = mem_new(scratch, People);
        people->n_left_out = mem_new_array(people, uint32_t, plan->desired->n_projects + 1);
        people->losing = mem_new_array(people, PeopleLosing, plan->desired->n_projects + 1);
        gather_people_of(people, older, newer);
        gather_people_of(people, newer, newer);
        if (newer->people) {
                people->n_untold = newer->people->n_untold;
                people->n_uncompared = newer->people->n_uncompared;
        }
        people_sort(people);
}

/* What follows from the rows. */
static void settle(Plan *plan) {
        plan->n_broken = 0;
        for (size_t i = 0; i < plan->n_projects; i++)
                plan->n_broken += plan->projects[i].n_broken;
        plan->plan_id[0] = '\0';
        plan_identify(plan);
        plan->losing_reason = people_losing_reason(plan);
}

Plan *plan_merge(Mem *parent, const Plan *older, const Plan *newer) {
        Mem *scratch = mem_new(NULL, char);
        Plan gathered = {
                .desired = newer->desired,
                .mode = newer->mode,
                .authors = newer->authors,
                .permissions = newer->permissions.n > 0 ? newer->permissions : older->permissions,
                .shrank = newer->shrank,
                .people_losing = newer->people_losing,
        };
        Plan *plan;

        memcpy(gathered.shrank_id, newer->shrank_id, sizeof gathered.shrank_id);
        gather(scratch, &gathered, older, newer);
        gather_people(scratch, &gathered, older, newer);
        plan = plan_keep(parent, &gathered);
        mem_free(scratch);
        plan_sort_steps(plan);
        plan_sort_findings(plan);
        settle(plan);
        return plan;
}

static void forget_people(Plan *plan, const char *project) {
        People *people = plan->people;
        size_t n = 0;

        if (!people)
                return;
        for (size_t i = 0; i < people->n_rows; i++)
                if (!text_equal(plan->desired->projects[people->rows[i].owner].name, project))
                        people->rows[n++] = people->rows[i];
        people->n_rows = n;
        for (size_t i = 0; i < plan->desired->n_projects; i++)
                if (text_equal(plan->desired->projects[i].name, project)) {
                        people->n_left_out[i] = 0;
                        people->losing[i] = (PeopleLosing){0};
                }
}

void plan_fail_project(Plan *plan, const char *project, const char *error) {
        size_t n_steps = 0, n_findings = 0;

        for (size_t i = 0; i < plan->n_projects; i++)
                if (text_equal(plan->projects[i].name, project))
                        plan->projects[i] = (PlanProject){.name = plan->projects[i].name,
                                                          .state = PLAN_FAILED,
                                                          .error = mem_strdup(plan, error)};
        for (size_t i = 0; i < plan->n_steps; i++)
                if (!text_equal(plan->steps[i].project_name, project))
                        plan->steps[n_steps++] = plan->steps[i];
        for (size_t i = 0; i < plan->n_findings; i++)
                if (!plan->findings[i].project || !text_equal(plan->findings[i].project, project))
                        plan->findings[n_findings++] = plan->findings[i];
        forget_people(plan, project);
        plan->n_steps = n_steps;
        plan->n_findings = n_findings;
        settle(plan);
}

size_t plan_n_unread(const Plan *plan) {
        size_t n = 0;

        for (size_t i = 0; i < plan->n_projects; i++)
                n += plan->projects[i].state == PLAN_UNREAD;
        return n;
}

bool plan_is_whole(const Plan *plan) {
        return !plan->only_project && plan_n_unread(plan) == 0;
}

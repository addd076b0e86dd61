/* SPDX-License-Identifier: Apache-2.0 */
/* Keep: a plan that outlives the organisation it was made from. */
#include "common/base/arena.h"
#include "daemon/plan/plan.h"

/* Of steps: only the namespaces of this program's kinds are named by them. */
static PermissionTable keep_permissions(Arena *arena, const PermissionTable *table) {
        PermissionNamespace *items =
                arena_memdup(arena, table->items, _NAMESPACE_N * sizeof *items);

        for (size_t i = 0; i < _NAMESPACE_N; i++) {
                PermissionNamespace *space = &items[i];
                Permission *permissions = arena_memdup(arena, space->permissions,
                                                       space->n_permissions * sizeof *permissions);

                for (size_t k = 0; k < space->n_permissions; k++) {
                        permissions[k].name = arena_strdup(arena, permissions[k].name);
                        permissions[k].display = arena_strdup(arena, permissions[k].display);
                }
                space->name = arena_strdup(arena, space->name);
                space->permissions = permissions;
        }
        return (PermissionTable){items, _NAMESPACE_N};
}

static StepPrincipal keep_principal(Arena *arena, StepPrincipal principal) {
        return (StepPrincipal){INDEX_NONE, arena_strdup(arena, principal.name),
                               arena_strdup(arena, principal.display)};
}

static const TeamArea *keep_areas(Arena *arena, const TeamArea *areas, size_t n) {
        TeamArea *kept = n ? arena_memdup(arena, areas, n * sizeof *kept) : NULL;

        for (size_t i = 0; i < n; i++)
                kept[i].path = arena_strdup(arena, kept[i].path);
        return kept;
}

static void keep_step(Arena *arena, Step *step) {
        const char **const texts[] = {
                &step->waits_for,   &step->project_name, &step->name,       &step->token,
                &step->below,       &step->list_before,  &step->list_after, &step->cause,
                &step->role_before, &step->role_after,   &step->undoes,
        };

        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
                *texts[i] = arena_strdup(arena, *texts[i]);
        step->principal = keep_principal(arena, step->principal);
        step->container = keep_principal(arena, step->container);
        step->areas = keep_areas(arena, step->areas, step->n_areas);
        step->pipelines = step->n_pipelines
                                  ? arena_memdup(arena, step->pipelines,
                                                 step->n_pipelines * sizeof *step->pipelines)
                                  : NULL;
        step->project = step->entity = INDEX_NONE;
}

static void keep_finding(Arena *arena, Finding *finding) {
        const char **path =
                finding->n_path ? arena_memdup(arena, finding->path, finding->n_path * sizeof *path)
                                : NULL;

        for (size_t i = 0; i < finding->n_path; i++)
                path[i] = arena_strdup(arena, path[i]);
        finding->kind = arena_strdup(arena, finding->kind);
        finding->project = arena_strdup(arena, finding->project);
        finding->message = arena_strdup(arena, finding->message);
        finding->detail = arena_strdup(arena, finding->detail);
        finding->path = path;
        finding->chain = NULL;
        finding->n_chain = 0;
        finding->token = NULL;
}

static void keep_project(Arena *arena, PlanProject *project) {
        project->name = arena_strdup(arena, project->name);
        project->error = arena_strdup(arena, project->error);
}

static const char **keep_names(Arena *arena, const char *const *names, size_t n) {
        const char **kept = n ? arena_memdup(arena, names, n * sizeof *kept) : NULL;

        for (size_t i = 0; i < n; i++)
                kept[i] = arena_strdup(arena, names[i]);
        return kept;
}

static People *keep_people(Mem *parent, Arena *arena, const People *people, size_t n_owners) {
        People *kept;

        if (!people)
                return NULL;
        kept = mem_memdup(parent, people, sizeof *people);
        kept->rows = mem_memdup(kept, people->rows, people->n_rows * sizeof *people->rows);
        for (size_t i = 0; i < people->n_rows; i++) {
                PeopleRow *row = &kept->rows[i];

                row->known = keep_names(arena, row->known, row->n_known_named);
                row->everyone = keep_names(arena, row->everyone, row->n_everyone_named);
                row->things = keep_names(arena, row->things, row->n_things_named);
        }
        kept->n_left_out = mem_memdup(kept, people->n_left_out, n_owners * sizeof *people->n_left_out);
        kept->losing = mem_memdup(kept, people->losing, n_owners * sizeof *people->losing);
        for (size_t i = 0; i < n_owners; i++)
                kept->losing[i].everyone =
                        keep_names(arena, kept->losing[i].everyone, kept->losing[i].n_everyone_named);
        return kept;
}

Plan *plan_keep(Mem *parent, const Plan *plan) {
        Plan *kept = mem_new(parent, Plan);
        Arena *arena = arena_new(kept);

        *kept = *plan;
        kept->live = NULL;
        kept->current = kept->wanted = NULL;
        kept->current_names = kept->wanted_names = (AccessNames){0};
        kept->drafts = NULL;
        kept->exempt = NULL;
        kept->n_exempt = 0;
        kept->only_project = arena_strdup(arena, plan->only_project);
        kept->undoes = arena_strdup(arena, plan->undoes);
        kept->shrank = arena_strdup(arena, plan->shrank);
        kept->losing_reason = arena_strdup(arena, plan->losing_reason);
        kept->people = keep_people(kept, arena, plan->people, plan->desired->n_projects);
        if (plan->n_steps > 0)
                kept->permissions = keep_permissions(arena, &plan->permissions);
        else
                kept->permissions = (PermissionTable){0};
        kept->steps = mem_memdup(kept, plan->steps, plan->n_steps * sizeof *plan->steps);
        for (size_t i = 0; i < plan->n_steps; i++)
                keep_step(arena, &kept->steps[i]);
        kept->findings =
                mem_memdup(kept, plan->findings, plan->n_findings * sizeof *plan->findings);
        for (size_t i = 0; i < plan->n_findings; i++)
                keep_finding(arena, &kept->findings[i]);
        kept->projects =
                mem_memdup(kept, plan->projects, plan->n_projects * sizeof *plan->projects);
        for (size_t i = 0; i < plan->n_projects; i++)
                keep_project(arena, &kept->projects[i]);
        return kept;
}

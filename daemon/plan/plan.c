/* SPDX-License-Identifier: Apache-2.0 */
/* Plan: the ordered steps that would make live equal to the charter. */
#include <assert.h>
#include <string.h>

#include "daemon/plan/planner.h"

/* --- whose and where things are, live and as wanted ------------------------------------------- */

static const Draft *draft_of(const Plan *plan, const DesiredProject *project) {
        const DesiredProject *found = desired_find_project(plan->desired, project->name);

        return found ? plan->drafts[found - plan->desired->projects] : NULL;
}

static Index find_current_principal(void *context, const DesiredProject *project,
                                    const char *name) {
        const Plan *plan = context;
        const Draft *draft = draft_of(plan, project);
        const Party *party = draft ? draft_find_party(draft, name) : NULL;
        AccessNames names = access_names_of(plan->live);

        return party ? party->identity : names.principal(names.context, project, name);
}

static AccessPlace find_current_artefact(void *context, const DesiredProject *project, Kind kind,
                                         const char *name) {
        const Plan *plan = context;
        const Draft *draft = draft_of(plan, project);
        const Spot *spot = draft ? draft_find_spot(draft, kind, name) : NULL;
        AccessNames names = access_names_of(plan->live);

        if (!spot || spot->space < 0)
                return names.artefact(names.context, project, kind, name);
        return (AccessPlace){(uint8_t)spot->space, spot->is_new ? NULL : spot->token};
}

static Index find_wanted_principal(void *context, const DesiredProject *project, const char *name) {
        const Plan *plan = context;
        const Draft *draft = draft_of(plan, project);
        const Party *party = draft ? draft_find_party(draft, name) : NULL;

        if (party)
                return party->actor.index;
        for (size_t i = 0; draft && i < draft->n_extras; i++)
                if (text_equal(draft->extras[i].principal.name, name))
                        return draft->extras[i].index;
        return find_current_principal(context, project, name);
}

static AccessPlace find_wanted_artefact(void *context, const DesiredProject *project, Kind kind,
                                        const char *name) {
        const Draft *draft = draft_of(context, project);
        const Spot *spot = draft ? draft_find_spot(draft, kind, name) : NULL;

        if (!spot || spot->space < 0)
                return find_current_artefact(context, project, kind, name);
        return (AccessPlace){(uint8_t)spot->space, spot->view_token};
}

/* --- which projects can be planned ------------------------------------------------------------ */

static bool is_meant(const PlanSpec *spec, const DesiredProject *project) {
        return !spec->only_project || text_equal(spec->only_project, project->name);
}

static Index find_project(const Planner *planner, const DesiredProject *desired) {
        const KnownThing *known = planner_find_known(planner, KIND_PROJECT, "", desired->name);
        const char *name =
                known && known->state == KNOWN_RENAMED ? known->live_name : desired->name;
        Index found = organisation_find_project(planner->live, name);

        if (found != INDEX_NONE && planner->live->projects[found].state == PROJECT_ABSENT)
                return INDEX_NONE;
        return found;
}

/* Why there is no plan for the project, or NULL. */
static const char *obstacle(const Planner *planner, const DesiredProject *desired, Index project) {
        const Project *row;

        if (planner->live->error)
                return planner->live->error;
        if (project == INDEX_NONE && !desired->create_project)
                return arena_printf(
                        planner->arena,
                        "project %s is not seen: it does not exist, or it is only hidden from charterd, whose "
                        "identity then needs \"View project-level information\" there; `create_project` would "
                        "make it",
                        desired->name);
        if (project == INDEX_NONE && !planner->spec->may_create)
                return arena_printf(
                        planner->arena,
                        "project %s is not seen, and `may: { create: false }` in the settings lets nobody make "
                        "it",
                        desired->name);
        if (project == INDEX_NONE)
                return NULL;
        row = &planner->live->projects[project];
        if (row->state == PROJECT_SEALED)
                return NULL;
        return row->error ? row->error : "it could not be read to its end";
}

static void tell_renamed_project(Planner *planner, const DesiredProject *desired,
                                 const Project *row) {
        if (!text_equal(desired->name, row->name))
                planner_add_finding(
                        planner, "renamed", FINDING_WARNING, desired->name, desired->place,
                        "project %s is now called %s; it is governed on under that name: rename it back, or "
                        "write the new name in the charter",
                        desired->name, row->name);
}

/* --- one project ------------------------------------------------------------------------------ */

static void clear_parties(Planner *planner, const Draft *draft) {
        for (size_t i = 0; i < draft->desired->n_principals; i++)
                if (draft->parties[i].identity != INDEX_NONE)
                        planner->party_of[draft->parties[i].identity] = INDEX_NONE;
}

static Draft *plan_project(Planner *planner, const DesiredProject *desired, Index project) {
        Draft *draft = draft_new(planner, desired, project);

        if (draft->row)
                tell_renamed_project(planner, desired, draft->row);
        draft_collect_entries(draft);
        draft_plan_memberships(draft);
        draft_plan_inheritance(draft);
        draft_plan_strangers(draft);
        draft_plan_entries(draft); /* a `same_as` counts what is left */
        draft_plan_admins(draft);
        draft_plan_areas(draft);
        draft_plan_pipelines(draft);
        draft_tell_released(draft);
        draft_tell_fights(draft);
        draft_tell_suspensions(draft);
        clear_parties(planner, draft);
        return draft;
}

/* What exists is found as for the charter; of what that would change nothing is kept. */
static const char *plan_undo(Planner *planner, const DesiredProject *desired, Index project) {
        Plan *plan = planner->plan;
        Draft *draft = draft_new(planner, desired, project);
        const char *refusal;

        draft_collect_entries(draft);
        draft_count_memberships(draft);
        plan->n_steps = 0;
        plan->n_findings = 0;
        refusal = draft_plan_undo(draft, planner->spec->undo);
        clear_parties(planner, draft);
        plan->drafts[desired - planner->spec->desired->projects] = draft;
        return refusal;
}

static void plan_projects(Planner *planner) {
        const Desired *desired = planner->spec->desired;
        Plan *plan = planner->plan;

        for (size_t i = 0; i < desired->n_projects; i++) {
                const DesiredProject *one = &desired->projects[i];
                PlanProject *row;
                Index project;

                if (!is_meant(planner->spec, one))
                        continue;
                row = mem_push(plan, plan->projects, plan->n_projects);
                row->name = one->name;
                project = find_project(planner, one);
                row->error = obstacle(planner, one, project);
                if (!row->error && planner->spec->undo)
                        row->error = project == INDEX_NONE ? "there is no such project, so there is nothing to undo"
                                                           : plan_undo(planner, one, project);
                else if (!row->error)
                        plan->drafts[i] = plan_project(planner, one, project);
                if (row->error)
                        row->state = PLAN_FAILED;
        }
}

/* --- states ----------------------------------------------------------------------------------- */

static const PlanState state_of_step[] = {
        [STEP_PENDING] = PLAN_PENDING,
        [STEP_HELD] = PLAN_HELD,
        [STEP_WAITING] = PLAN_WAITING,
};

static void settle_states(Planner *planner) {
        Plan *plan = planner->plan;
        PlanState *states =
                mem_new_array(planner->scratch, PlanState, planner->spec->desired->n_projects + 1);

        for (size_t i = 0; i < plan->n_steps; i++) {
                PlanState *state = &states[planner_find_draft(planner, &plan->steps[i])];

                if (state_of_step[plan->steps[i].state] > *state)
                        *state = state_of_step[plan->steps[i].state];
        }
        for (size_t i = 0; i < plan->n_projects; i++) {
                const DesiredProject *project =
                        desired_find_project(planner->spec->desired, plan->projects[i].name);

                if (plan->projects[i].state != PLAN_FAILED)
                        plan->projects[i].state =
                                states[project - planner->spec->desired->projects];
        }
}

size_t planner_find_draft(const Planner *planner, const Step *step) {
        const Desired *desired = planner->spec->desired;
        const DesiredProject *project = desired_find_project(desired, step->project_name);

        assert(project);
        return (size_t)(project - desired->projects);
}

int plan_exit_code(const Plan *plan, PlanStrictness strictness) {
        bool has[PLAN_UNREAD + 1] = {false};

        for (size_t i = 0; i < plan->n_projects; i++)
                has[plan->projects[i].state] = true;
        for (size_t i = 0; i < plan->n_steps; i++)
                has[state_of_step[plan->steps[i].state]] = true;
        if (has[PLAN_FAILED] || has[PLAN_UNREAD] || has[PLAN_WAITING])
                return 1;
        if (has[PLAN_HELD] || plan->shrank)
                return 3;
        if (strictness == PLAN_STRICT && plan->n_broken > 0)
                return 4;
        return has[PLAN_PENDING] ? 2 : 0;
}

/* All are judged before any moves. */
void plan_drop_steps(Plan *plan, bool (*is_dropped)(void *context, const Step *step), void *context) {
        bool *dropped = mem_new_array(NULL, bool, plan->n_steps + 1);
        size_t n = 0;

        for (size_t i = 0; i < plan->n_steps; i++)
                dropped[i] = is_dropped(context, &plan->steps[i]);
        for (size_t i = 0; i < plan->n_projects; i++)
                if (plan->projects[i].state != PLAN_FAILED)
                        plan->projects[i].state = PLAN_IN_SYNC;
        for (size_t i = 0; i < plan->n_steps; i++) {
                if (dropped[i])
                        continue;
                for (size_t k = 0; k < plan->n_projects; k++)
                        if (text_equal(plan->projects[k].name, plan->steps[i].project_name) &&
                            state_of_step[plan->steps[i].state] > plan->projects[k].state)
                                plan->projects[k].state = state_of_step[plan->steps[i].state];
                plan->steps[n++] = plan->steps[i];
        }
        plan->n_steps = n;
        if (n == 0) /* nobody gains or loses by what is left */
                plan->people = mem_free(plan->people);
        mem_free(dropped);
}

/* --- the whole -------------------------------------------------------------------------------- */

static Planner *planner_new(Plan *plan, const PlanSpec *spec) {
        Planner *planner = mem_new(plan, Planner);
        const Organisation *live = spec->live;

        planner->plan = plan;
        planner->spec = spec;
        planner->live = live;
        planner->arena = arena_new(plan);
        planner->scratch = planner;
        planner->live_view = plan->current;
        planner->wanted_view = plan->wanted;
        planner->party_of = mem_new_array(planner, Index, live->n_identities + 1);
        for (size_t i = 0; i < live->n_identities; i++)
                planner->party_of[i] = INDEX_NONE;
        if (live->self_identity != INDEX_NONE)
                planner->self_live =
                        access_subject_new(planner, planner->live_view, live->self_identity);
        planner_index_known(planner);
        return planner;
}

Plan *plan_new(Mem *parent, const PlanSpec *spec) {
        Plan *plan = mem_new(parent, Plan);
        Planner *planner;

        plan->desired = spec->desired;
        plan->live = spec->live;
        plan->permissions = spec->live->permissions;
        plan->only_project = mem_strdup(plan, spec->only_project);
        plan->undoes = spec->undo ? mem_strdup(plan, spec->undo->change_id) : NULL;
        plan->mode = spec->mode;
        plan->people_losing = spec->limits.people_losing;
        plan->authors = spec->authors;
        plan->drafts = mem_new_array(plan, Draft *, spec->desired->n_projects + 1);
        plan->current = access_view_new(plan, spec->live);
        plan->current_names = (AccessNames){find_current_principal, find_current_artefact, plan};
        plan->wanted = access_view_new(plan, spec->live);
        plan->wanted_names = (AccessNames){find_wanted_principal, find_wanted_artefact, plan};
        planner = planner_new(plan, spec);
        plan_projects(planner);
        if (!spec->undo) {
                planner_take_back_traces(planner);
                planner_judge(planner);
        } else if (planner->self_live) {
                planner_work_out_self(planner);
        }
        planner_find_people(planner);
        planner_brake(planner);
        plan_sort_steps(plan);
        plan_sort_findings(plan);
        settle_states(planner);
        plan_identify(plan);
        for (size_t i = 0; i < spec->desired->n_projects; i++)
                if (plan->drafts[i])
                        plan->drafts[i]->planner = NULL; /* what is left of a draft are its names */
        mem_free(planner);
        return plan;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Brake: what holds steps until a person releases them, and what makes them wait (product.md, Brakes). */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/plan/draft.h"

static const char *const brake_words[] = {
        [BRAKE_NONE] = "none",
        [BRAKE_CHANGES] = "changes",
        [BRAKE_REMOVALS] = "removals",
        [BRAKE_BUILTIN_EMPTIED] = "a built-in group would be left without any permission at a project-level root",
        [BRAKE_LAST_ADMINISTRATOR] = "the last member of an administrators' group",
        [BRAKE_OWN_RIGHTS] = "charterd's own rights",
        [BRAKE_OWN_ASSERTION] = "the charter breaks its own assertion",
        [BRAKE_CHARTER_SHRANK] = "the charter shrank",
        [BRAKE_VANISHED] = "something vanished",
        [BRAKE_FIRST_PASS] = "first pass",
};

const char *brake_word(Brake brake) {
        return brake_words[brake];
}

static bool is_removal(const Step *step) {
        return (step->rank == RANK_TAKE || step->rank == RANK_REMOVE_MEMBER) && !step->is_own_trace;
}

/* Removals and denies: what a trip of the removals brake holds. */
static bool takes_something(const Step *step) {
        return (step->rank == RANK_DENY || step->rank == RANK_TAKE || step->rank == RANK_REMOVE_MEMBER) &&
               !step->is_own_trace;
}

static bool is_pending(const Step *step) {
        return step->state == STEP_PENDING;
}

static void hold(Step *step, Brake brake) {
        if (step->brake == BRAKE_NONE)
                step->brake = brake;
}

typedef bool (*StepTest)(const Step *step);

static size_t hold_all(Draft *draft, Brake brake, StepTest test) {
        size_t n = 0;

        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++)
                if (is_pending(&draft->plan->steps[i]) && test(&draft->plan->steps[i])) {
                        hold(&draft->plan->steps[i], brake);
                        n++;
                }
        return n;
}

static size_t count(const Draft *draft, StepTest test) {
        size_t n = 0;

        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++)
                n += is_pending(&draft->plan->steps[i]) && test(&draft->plan->steps[i]);
        return n;
}

static bool is_any(const Step *step) {
        return true;
}

/* Everything but creations and what belongs to them. */
static bool is_change(const Step *step) {
        return step->verb != STEP_CREATE && !step->after_creation && !step->is_own_trace;
}

/* --- counted -------------------------------------------------------------------------------------------------------- */

static void brake_changes(Draft *draft) {
        int64_t limit = draft->spec->limits.changes;

        if (limit >= 0 && (int64_t)count(draft, is_change) > limit)
                hold_all(draft, BRAKE_CHANGES, is_any);
}

static void brake_removals(Draft *draft) {
        const PlanLimits *limits = &draft->spec->limits;
        int64_t n = (int64_t)count(draft, is_removal);
        int64_t floor = limits->removals_floor < 0 ? 0 : limits->removals_floor;

        if (limits->removals_percent < 0 || n <= floor)
                return;
        if (n * 100 > limits->removals_percent * (int64_t)draft->n_base)
                hold_all(draft, BRAKE_REMOVALS, takes_something);
}

/* --- held always ---------------------------------------------------------------------------------------------------- */

static bool is_builtin(const Draft *draft, Index identity) {
        return identity != INDEX_NONE && draft->live->identities[identity].role != IDENTITY_ROLE_NONE;
}

static void brake_builtin(Draft *draft, Step *step) {
        bool at_top = step->at_root || step->kind == KIND_PROJECT;

        if (step->space >= 0 && at_top && !step->below && step->entry_before_exists && !step->entry_after_exists &&
            is_builtin(draft, step->principal.identity))
                hold(step, BRAKE_BUILTIN_EMPTIED);
}

static bool is_administrators(const Draft *draft, Index identity) {
        IdentityRole role = identity == INDEX_NONE ? IDENTITY_ROLE_NONE : draft->live->identities[identity].role;

        return role == IDENTITY_ROLE_ADMINISTRATORS || role == IDENTITY_ROLE_KIND_ADMINISTRATORS;
}

static void brake_administrators(Draft *draft, Step *step) {
        size_t n;
        bool is_known;

        if (step->verb != STEP_REMOVE_MEMBER || !is_administrators(draft, step->container.identity))
                return;
        access_view_members(draft->wanted, step->container.identity, &n, &is_known);
        if (n == 0 || !is_known)
                hold(step, BRAKE_LAST_ADMINISTRATOR);
}

/* charterd's rights at the roots of what is governed, with the step done and without. */
static bool costs_own_rights(const Draft *draft, const Step *step) {
        AccessView *view = access_view_new(draft->mem, draft->live);
        const Project *project = &draft->live->projects[draft->live_project];
        Index self = draft->live->self_identity;
        bool costs = false;

        if (step->verb == STEP_REMOVE_MEMBER)
                access_view_remove_member(view, step->container.identity, step->principal.identity);
        else if (step->verb == STEP_SET_INHERIT)
                access_view_set_inherit(view, (uint8_t)step->space, step->token, step->inherit_after);
        else
                access_view_set_entry(view, (uint8_t)step->space, step->token,
                                      (AccessControlEntry){step->principal.identity, step->allow_after,
                                                           step->deny_after});
        AccessSubject *before = access_subject_new(view, draft->current, self);
        AccessSubject *after = access_subject_new(view, view, self);
        for (int space = 0; space < _NAMESPACE_N && !costs; space++) {
                const PermissionNamespace *names = draft_space(draft, space);
                uint32_t needed = names->read_permission | names->write_permission;
                const char *token = step->space == space && step->token ? step->token : project->root_token[space];
                uint32_t had;

                if (!token)
                        continue;
                had = access_evaluate(draft->current, before, (uint8_t)space, token).allow & needed;
                costs = (access_evaluate(view, after, (uint8_t)space, token).allow & had) != had;
        }
        mem_free(view);
        return costs;
}

/* Only what concerns charterd itself or a group it is in can cost it anything. */
static void brake_own_rights(Draft *draft, Step *step, const AccessSubject *self) {
        bool concerns = step->verb == STEP_SET_INHERIT && !step->inherit_after;

        if (!takes_something(step) || draft->live_project == INDEX_NONE || (step->space >= 0 && !step->token))
                return;
        for (size_t i = 0; i < self->n && !concerns; i++)
                concerns = self->items[i] == step->principal.identity;
        if (concerns && costs_own_rights(draft, step))
                hold(step, BRAKE_OWN_RIGHTS);
}

static void brake_always(Draft *draft) {
        AccessSubject *self = draft->live->self_identity == INDEX_NONE
                                      ? NULL
                                      : access_subject_new(draft->mem, draft->current, draft->live->self_identity);

        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++) {
                Step *step = &draft->plan->steps[i];

                if (!is_pending(step))
                        continue;
                brake_builtin(draft, step);
                brake_administrators(draft, step);
                if (self)
                        brake_own_rights(draft, step, self);
        }
        mem_free(self);
        if (draft->breaks_itself)
                hold_all(draft, BRAKE_OWN_ASSERTION, is_any);
        if (draft->plan->shrank)
                hold_all(draft, BRAKE_CHARTER_SHRANK, is_any);
        if (draft->spec->hold_first_pass)
                hold_all(draft, BRAKE_FIRST_PASS, is_any);
}

/* --- waiting -------------------------------------------------------------------------------------------------------- */

/* charterd lacks what the service asks for writing there. */
static void wait_for_rights(Draft *draft) {
        const Project *project;

        if (draft->live_project == INDEX_NONE)
                return;
        project = &draft->live->projects[draft->live_project];
        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++) {
                Step *step = &draft->plan->steps[i];

                if (!is_pending(step) || step->space < 0 || (project->rights.may_write & (1u << step->space)))
                        continue;
                step->state = STEP_WAITING;
                step->waits_for = mem_printf(draft->mem,
                                             "charterd lacks \"%s\" of %s at the root of project %s; grant it to "
                                             "charterd's identity",
                                             draft_words(draft, step->space,
                                                         draft_space(draft, step->space)->write_permission),
                                             draft_space(draft, step->space)->name, project->name);
        }
}

/* --- releases ------------------------------------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b) {
        return strcmp(a, *(const char *const *)b);
}

static bool is_released(const Draft *draft, const char *id) {
        return draft->spec->n_released > 0 && bsearch(id, draft->spec->released, draft->spec->n_released,
                                                      sizeof *draft->spec->released, compare_ids);
}

static void hold_as_before(const Draft *draft, Step *step) {
        for (size_t i = 0; i < draft->spec->n_held_before; i++)
                if (strcmp(draft->spec->held_before[i].id, step->id) == 0)
                        hold(step, draft->spec->held_before[i].brake);
}

static void settle(Draft *draft) {
        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++) {
                Step *step = &draft->plan->steps[i];

                step_make_id(draft, step);
                hold_as_before(draft, step);
                if (!is_pending(step) || step->brake == BRAKE_NONE)
                        continue;
                step->released = is_released(draft, step->id);
                if (!step->released)
                        step->state = STEP_HELD;
        }
}

/* What belongs to a creation of an earlier round is no change either: the count is over the whole pass. */
static void note_creations(Draft *draft) {
        for (size_t i = draft->first_step; draft->spec->is_made_by_pass && i < draft->plan->n_steps; i++)
                draft->plan->steps[i].after_creation |=
                        draft->spec->is_made_by_pass(draft->spec->context, &draft->plan->steps[i]);
}

void draft_brakes(Draft *draft) {
        note_creations(draft);
        wait_for_rights(draft);
        brake_always(draft);
        brake_changes(draft);
        brake_removals(draft);
        settle(draft);
}

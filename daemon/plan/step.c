/* SPDX-License-Identifier: Apache-2.0 */
/* Step: the steps of a plan as they come, and their order. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/plan/planner.h"

Step step_begin(const Draft *draft, StepVerb verb, Rank rank) {
        return (Step){
                .rank = rank,
                .verb = verb,
                .project = draft->project,
                .project_name = draft->desired->name,
                .name = "",
                .entity = INDEX_NONE,
                .principal = {.identity = INDEX_NONE},
                .container = {.identity = INDEX_NONE},
                .space = -1,
                .inherit_before = true,
                .inherit_after = true,
        };
}

void draft_restrain(const Draft *draft, Step *step, const Policies *policies) {
        if (!policies)
                return;
        step->observed |= policies->mode == MODE_OBSERVE;
        if (!step->suspended && planner_is_suspended(draft->planner, policies))
                step->suspended = policies->suspend;
}

Step *draft_add_step(Draft *draft, const Step *step) {
        Plan *plan = draft->planner->plan;
        Step *added = mem_push(plan, plan->steps, plan->n_steps);

        *added = *step;
        if (added->waits_for)
                added->state = STEP_WAITING;
        return added;
}

static Masks step_before(const Step *step) {
        return (Masks){step->allow_before, step->deny_before};
}

RoleTable draft_roles_at(const Draft *draft, Kind kind, bool at_root) {
        return draft->planner->live->roles[kind][at_root ? ROLE_OF_ROOT : ROLE_OF_ARTEFACT];
}

/* Of an entry on a thing with roles: what role it is and is to be. The step sets or takes a role
 * where it is one afterwards, or was one and is nothing; else it stays one of the entry.
 * `role_after` may name the role that is meant, of several that are the same. */
static void name_roles(const Draft *draft, Step *step) {
        RoleTable roles = draft_roles_at(draft, step->kind, step->at_root);
        const RoleDefinition *before, *after, *meant;

        if (roles.n == 0 || step->below)
                return;
        before = role_of_masks(roles, step->allow_before, step->deny_before);
        after = role_of_masks(roles, step->allow_after, step->deny_after);
        meant = step->role_after ? role_find(roles, step->role_after) : NULL;
        if (after && meant && meant->allow == after->allow && meant->deny == after->deny)
                after = meant;
        step->role_before = before ? before->name : NULL;
        step->role_after = after ? after->name : NULL;
        if (after)
                step->verb = STEP_SET_ROLE;
        else if (before && !step->entry_after_exists)
                step->verb = STEP_REMOVE_ROLE;
}

static void set_masks(Step *step, Masks before, Masks after) {
        step->allow_before = before.allow;
        step->deny_before = before.deny;
        step->allow_after = after.allow;
        step->deny_after = after.deny;
        step->entry_before_exists = before.allow | before.deny;
        step->entry_after_exists = after.allow | after.deny;
        if (step->verb == STEP_SET_ENTRY && !step->entry_after_exists)
                step->verb = STEP_REMOVE_ENTRY;
}

static void add_entry_step(Draft *draft, Step step, Masks before, Masks after) {
        set_masks(&step, before, after);
        draft_add_step(draft, &step);
}

/* A role is set as a whole, so what it gives and takes is one step; true when it is one. */
static bool add_role_step(Draft *draft, Step step, Masks before, Masks after,
                          const EntryReasons *reasons) {
        const Reason changes = {"not what the charter gives", reasons->gives.why};
        const Reason *reason = &reasons->gives;

        set_masks(&step, before, after);
        name_roles(draft, &step);
        if (step.verb != STEP_SET_ROLE && step.verb != STEP_REMOVE_ROLE)
                return false;
        step.rank = RANK_GIVE;
        if (before.allow & ~after.allow) {
                step.rank = RANK_TAKE;
                reason = after.allow & ~before.allow ? &changes : &reasons->takes;
        } else if (after.deny & ~before.deny) {
                step.rank = RANK_DENY;
                reason = &reasons->denies;
        }
        step.cause = reason->cause;
        step.why = reason->why;
        draft_add_step(draft, &step);
        return true;
}

static bool masks_equal(Masks a, Masks b) {
        return a.allow == b.allow && a.deny == b.deny;
}

/* Given first (what is allowed besides, Denies lifted), then denied, then taken. */
void draft_add_entry_steps(Draft *draft, const Step *base, Masks before, Masks after,
                           const EntryReasons *reasons) {
        Masks given = {before.allow | after.allow, before.deny & after.deny};
        Masks denied = {given.allow & ~after.deny, after.deny};
        Step step = *base;

        if (add_role_step(draft, step, before, after, reasons))
                return;
        step.role_after = NULL;
        if (!masks_equal(before, given)) {
                step.rank = RANK_GIVE;
                step.cause = reasons->gives.cause;
                step.why = reasons->gives.why;
                add_entry_step(draft, step, before, given);
        }
        if (!masks_equal(given, denied)) {
                step.rank = RANK_DENY;
                step.cause = reasons->denies.cause;
                step.why = reasons->denies.why;
                add_entry_step(draft, step, given, denied);
        }
        if (!masks_equal(denied, after)) {
                step.rank = RANK_TAKE;
                step.cause = reasons->takes.cause;
                step.why = reasons->takes.why;
                add_entry_step(draft, step, denied, after);
        }
}

static const char *missing_right(const Draft *draft, int space, const char *where) {
        Planner *planner = draft->planner;
        const PermissionNamespace *permissions = &planner->live->permissions.items[space];
        const char *who = "charterd's identity";

        if (planner->self_live)
                who = access_view_display(planner->live_view, planner->self_live->principal);
        return arena_printf(
                planner->arena, "charterd lacks \"%s\" at the root of %s in %s; grant it to %s",
                permission_word(planner->scratch, permissions,
                                permissions->write_permission & -permissions->write_permission),
                permissions->name, where, who);
}

const char *draft_missing_right(const Draft *draft, Index project, int space) {
        const Organisation *live = draft->planner->live;

        if (space < 0 || project == INDEX_NONE || live->projects[project].state != PROJECT_SEALED ||
            live->projects[project].rights.may_write & (1u << space))
                return NULL;
        return missing_right(
                draft, space,
                arena_printf(draft->planner->arena, "project %s", live->projects[project].name));
}

const char *draft_missing_organization_right(const Draft *draft, int space) {
        const Organisation *live = draft->planner->live;

        return live->rights.may_write & (1u << space)
                       ? NULL
                       : missing_right(draft, space,
                                       arena_printf(draft->planner->arena, "organisation %s", live->name));
}

static const char *role_word(const char *role, bool has_entry) {
        return role ? role : has_entry ? "permissions that are no role" : "no role";
}

StepStates step_states(const Step *step) {
        switch (step->verb) {
        case STEP_SET_INHERIT:
                return (StepStates){step->inherit_before ? "inherits" : "does not inherit",
                                    step->inherit_after ? "inherits" : "does not inherit"};
        case STEP_SET_AREAS:
        case STEP_SET_PIPELINES:
                return (StepStates){step->list_before, step->list_after};
        case STEP_CREATE:
                return (StepStates){"absent", "present"};
        case STEP_ADD_MEMBER:
        case STEP_SET_ADMIN:
                return (StepStates){"not a member", "member"};
        case STEP_REMOVE_MEMBER:
        case STEP_REMOVE_ADMIN:
                return (StepStates){"member", "not a member"};
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
                return (StepStates){role_word(step->role_before, step->entry_before_exists),
                                    role_word(step->role_after, step->entry_after_exists)};
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
                return (StepStates){NULL, NULL};
        }
        assert(!"a verb without states");
        return (StepStates){NULL, NULL};
}

bool step_is_entry(const Step *step) {
        return step->verb == STEP_SET_ENTRY || step->verb == STEP_REMOVE_ENTRY ||
               step->verb == STEP_SET_ROLE || step->verb == STEP_REMOVE_ROLE;
}

bool step_is_repair(const Step *step) {
        return step->verb != STEP_CREATE && !step->is_own_trace && !step->undoes;
}

bool step_is_removal(const Step *step) {
        return step->rank == RANK_TAKE || step->rank == RANK_REMOVE_MEMBER;
}

bool step_is_same_place(const Step *a, const Step *b) {
        return a->space == b->space && a->kind == b->kind &&
               text_equal(a->project_name, b->project_name) && text_equal(a->name, b->name);
}

static const char *name_or_none(const StepPrincipal *principal) {
        return principal->display ? principal->display : "";
}

/* By rank, project, kind, name, principal; the rest makes equal inputs give equal plans. */
int step_compare(const void *a_, const void *b_) {
        const Step *a = a_, *b = b_;
        Masks before_a = step_before(a), before_b = step_before(b);
        int r;

        if (a->rank != b->rank)
                return a->rank < b->rank ? -1 : 1;
        r = text_compare(a->project_name, b->project_name);
        if (r == 0 && a->kind != b->kind)
                r = a->kind < b->kind ? -1 : 1;
        if (r == 0)
                r = text_compare(a->name, b->name);
        if (r == 0)
                r = text_compare(a->below ? a->below : "", b->below ? b->below : "");
        if (r == 0)
                r = text_compare(name_or_none(&a->principal), name_or_none(&b->principal));
        if (r == 0)
                r = text_compare(name_or_none(&a->container), name_or_none(&b->container));
        if (r == 0 && a->verb != b->verb)
                r = a->verb < b->verb ? -1 : 1;
        if (r == 0 && a->space != b->space)
                r = a->space < b->space ? -1 : 1;
        if (r == 0 && a->token && b->token)
                r = strcmp(a->token, b->token);
        return r != 0 ? r : memcmp(&before_a, &before_b, sizeof before_a);
}

void plan_sort_steps(Plan *plan) {
        if (plan->n_steps > 1)
                qsort(plan->steps, plan->n_steps, sizeof *plan->steps, step_compare);
}

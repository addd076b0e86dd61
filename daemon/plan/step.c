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

static void add_entry_step(Draft *draft, Step step, Masks before, Masks after) {
        step.allow_before = before.allow;
        step.deny_before = before.deny;
        step.allow_after = after.allow;
        step.deny_after = after.deny;
        step.entry_before_exists = before.allow | before.deny;
        step.entry_after_exists = after.allow | after.deny;
        if (step.verb == STEP_SET_ENTRY && !step.entry_after_exists)
                step.verb = STEP_REMOVE_ENTRY;
        draft_add_step(draft, &step);
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

const char *draft_missing_right(const Draft *draft, Index project, int space) {
        Planner *planner = draft->planner;
        const Organisation *live = planner->live;
        const PermissionNamespace *permissions;
        const char *who = "charterd's identity";

        if (space < 0 || project == INDEX_NONE || live->projects[project].state != PROJECT_SEALED ||
            live->projects[project].rights.may_write & (1u << space))
                return NULL;
        permissions = &live->permissions.items[space];
        if (planner->self_live)
                who = access_view_display(planner->live_view, planner->self_live->principal);
        return arena_printf(
                planner->arena,
                "charterd lacks \"%s\" at the root of %s in project %s; grant it to %s",
                permission_word(planner->scratch, permissions,
                                permissions->write_permission & -permissions->write_permission),
                permissions->name, live->projects[project].name, who);
}

StepStates step_states(const Step *step) {
        switch (step->verb) {
        case STEP_SET_INHERIT:
                return (StepStates){step->inherit_before ? "inherits" : "does not inherit",
                                    step->inherit_after ? "inherits" : "does not inherit"};
        case STEP_SET_AREAS:
                return (StepStates){step->areas_before, step->areas_after};
        case STEP_CREATE:
                return (StepStates){"absent", "present"};
        case STEP_ADD_MEMBER:
        case STEP_SET_ADMIN:
                return (StepStates){"not a member", "member"};
        case STEP_REMOVE_MEMBER:
        case STEP_REMOVE_ADMIN:
                return (StepStates){"member", "not a member"};
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
                return (StepStates){NULL, NULL};
        }
        assert(!"a verb without states");
        return (StepStates){NULL, NULL};
}

bool step_is_repair(const Step *step) {
        return step->verb != STEP_CREATE && !step->is_own_trace;
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

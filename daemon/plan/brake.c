/* SPDX-License-Identifier: Apache-2.0 */
/* Brake: what holds steps until a person lets them go (product.md, Brakes). */
#include <stdlib.h>
#include <string.h>

#include "daemon/plan/planner.h"

/* What is counted of one project. */
typedef struct Count {
        const Draft *draft;
        size_t n_changes;
        size_t n_removals;
        bool holds_changes;
        bool holds_removals;
        bool holds_people;
} Count;

/* A step that may touch what charterd's rights hang on. */
static bool is_of_self(const AccessSubject *self, Index identity) {
        size_t low = 0, high = self ? self->n : 0;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (self->items[middle] == identity)
                        return true;
                if (self->items[middle] < identity)
                        low = middle + 1;
                else
                        high = middle;
        }
        return false;
}

/* What is suspended is not written anyway. */
static void hold(Step *step, Brake brake) {
        if (step->brake == BRAKE_NONE && !step->suspended)
                step->brake = brake;
}

/* What belongs to it is not counted again. */
bool planner_is_of_made(const Planner *planner, const Step *step) {
        const PlanSpec *spec = planner->spec;

        return spec->is_made_by_pass && spec->is_made_by_pass(spec->context, step);
}

static bool is_counted(const Planner *planner, const Step *step) {
        return step->verb != STEP_CREATE && !step->after_creation && !step->is_own_trace && !step->suspended &&
               !planner_is_of_made(planner, step);
}

/* --- held always ------------------------------------------------------------------------------ */

static void hold_emptied(const Planner *planner, Step *step) {
        if (step_is_entry(step) && step->at_root && step->principal.identity != INDEX_NONE &&
            planner->live->identities[step->principal.identity].role != IDENTITY_ROLE_NONE &&
            step->allow_before && !step->allow_after)
                hold(step, BRAKE_BUILTIN_EMPTIED);
}

typedef struct Emptying {
        Index group;
        size_t n; /* members taken by the plan */
} Emptying;

/* Additions do not count: they may fail, and the next plan sees those that did not. */
static void hold_last_administrators(Planner *planner) {
        Plan *plan = planner->plan;
        Emptying *emptyings = NULL;
        size_t n_emptyings = 0;

        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];
                size_t at = 0;

                if (step->verb != STEP_REMOVE_MEMBER || step->container.identity == INDEX_NONE ||
                    !identity_is_administrators(
                            &planner->live->identities[step->container.identity]))
                        continue;
                while (at < n_emptyings && emptyings[at].group != step->container.identity)
                        at++;
                if (at == n_emptyings)
                        *mem_push(planner->scratch, emptyings, n_emptyings) =
                                (Emptying){step->container.identity, 0};
                emptyings[at].n++;
        }
        for (size_t at = 0; at < n_emptyings; at++) {
                size_t n;

                organisation_members(planner->live, emptyings[at].group, &n);
                for (size_t i = 0; n <= emptyings[at].n && i < plan->n_steps; i++)
                        if (plan->steps[i].verb == STEP_REMOVE_MEMBER &&
                            plan->steps[i].container.identity == emptyings[at].group)
                                hold(&plan->steps[i], BRAKE_LAST_ADMINISTRATOR);
        }
}

/* True when charterd holds read or write there now and would not any more. */
static bool loses_rights(const Planner *planner, int space, const char *token) {
        const PermissionNamespace *permissions = &planner->live->permissions.items[space];
        uint32_t needed = permissions->read_permission | permissions->write_permission;
        AccessMasks now =
                access_evaluate(planner->live_view, planner->self_live, (uint8_t)space, token);
        AccessMasks then =
                access_evaluate(planner->wanted_view, planner->self_wanted, (uint8_t)space, token);

        return now.allow & needed & ~then.allow;
}

/* Each project's roots at which charterd would lose something, one bit a namespace. */
static uint32_t lost_roots(const Planner *planner, const Project *row) {
        uint32_t lost = 0;

        for (int space = 0; space < _NAMESPACE_N; space++)
                if (row->root_token[space] && loses_rights(planner, space, row->root_token[space]))
                        lost |= 1u << space;
        return lost;
}

/* Not at the roots alone: a list that inherits nothing may know charterd by one group. */
static bool loses_below(const Planner *planner, Index project) {
        const Organisation *live = planner->live;

        for (size_t i = 0; i < live->n_acl_order; i++) {
                const AccessControlList *list = &live->acls[live->acl_order[i]];

                for (size_t k = 0; list->project == project && k < list->n_entries; k++)
                        if (is_of_self(planner->self_live, list->entries[k].identity)) {
                                if (loses_rights(planner, list->namespace, list->token))
                                        return true;
                                break;
                        }
        }
        return false;
}

/* Steps by which charterd leaves a group, or a group of its does. */
static bool leaves_group(const Planner *planner, const Step *step) {
        return step->verb == STEP_REMOVE_MEMBER && !step->is_own_trace &&
               is_of_self(planner->self_live, step->principal.identity) &&
               is_of_self(planner->self_live, step->container.identity);
}

/* What a plan would take from charterd itself in one project. */
typedef struct OwnLoss {
        uint32_t roots; /* see lost_roots() */
        enum {
                BELOW_UNKNOWN,
                BELOW_KEPT,
                BELOW_LOST,
        } below; /* see loses_below(), which looks at every list: once a project, when a step asks for it */
} OwnLoss;

static bool loses_anywhere(const Planner *planner, const Step *step, OwnLoss *loss) {
        if (!loss->roots && loss->below == BELOW_UNKNOWN)
                loss->below = loses_below(planner, step->project) ? BELOW_LOST : BELOW_KEPT;
        return loss->roots || loss->below == BELOW_LOST;
}

static bool touches_own_rights(const Planner *planner, const Step *step, OwnLoss *loss) {
        bool takes = step->rank >= RANK_DENY && step->rank <= RANK_REMOVE_MEMBER;

        if (!takes || step->is_own_trace)
                return false;
        if (step->verb == STEP_REMOVE_MEMBER)
                return leaves_group(planner, step) && loses_anywhere(planner, step, loss);
        if (step->space < 0 || !step->token)
                return false;
        if (step->verb != STEP_SET_INHERIT &&
            !is_of_self(planner->self_live, step->principal.identity))
                return false;
        return (loss->roots & (1u << step->space) && step->at_root) ||
               loses_rights(planner, step->space, step->token);
}

static void hold_own_rights(Planner *planner) {
        size_t n = planner->spec->desired->n_projects;
        OwnLoss *losses;

        if (!planner->self_live || !planner->self_wanted)
                return;
        losses = mem_new_array(planner->scratch, OwnLoss, n + 1);
        for (size_t i = 0; i < n; i++)
                if (planner->plan->drafts[i] && planner->plan->drafts[i]->row)
                        losses[i].roots = lost_roots(planner, planner->plan->drafts[i]->row);
        for (size_t i = 0; i < planner->plan->n_steps; i++) {
                Step *step = &planner->plan->steps[i];

                if (touches_own_rights(planner, step, &losses[planner_find_draft(planner, step)]))
                        hold(step, BRAKE_OWN_RIGHTS);
        }
}

/* --- counted ---------------------------------------------------------------------------------- */

static void count(const Planner *planner, Count *counts) {
        const PlanLimits *limits = &planner->spec->limits;

        for (size_t i = 0; i < planner->plan->n_steps; i++) {
                const Step *step = &planner->plan->steps[i];
                Count *one = &counts[planner_find_draft(planner, step)];

                if (!is_counted(planner, step))
                        continue;
                one->n_changes++;
                one->n_removals += step_is_removal(step);
        }
        for (size_t i = 0; i < planner->spec->desired->n_projects; i++) {
                Count *one = &counts[i];

                if (!one->draft)
                        continue;
                one->holds_changes =
                        limits->changes >= 0 && one->n_changes > (uint64_t)limits->changes;
                one->holds_removals = limits->removals_percent >= 0 &&
                                      (limits->removals_floor < 0 ||
                                       one->n_removals > (uint64_t)limits->removals_floor) &&
                                      one->n_removals * 100 > (uint64_t)limits->removals_percent *
                                                                      one->draft->n_base;
                one->holds_people = plan_loses_too_many(planner->plan, (uint32_t)i);
        }
}

static void hold_counted(const Planner *planner, const Count *counts) {
        const PlanSpec *spec = planner->spec;

        for (size_t i = 0; i < planner->plan->n_steps; i++) {
                Step *step = &planner->plan->steps[i];
                const Count *of = &counts[planner_find_draft(planner, step)];
                bool is_made = step->is_own_trace || planner_is_of_made(planner, step);

                if (of->draft->breaks_assertion)
                        hold(step, BRAKE_OWN_ASSERTION);
                if (planner->plan->shrank)
                        hold(step, BRAKE_CHARTER_SHRANK);
                if (of->holds_removals && !is_made &&
                    (step_is_removal(step) || step->rank == RANK_DENY))
                        hold(step, BRAKE_REMOVALS);
                if (of->holds_people && !is_made && step->rank >= RANK_DENY && step->rank <= RANK_REMOVE_MEMBER)
                        hold(step, BRAKE_PEOPLE_LOSING);
                if (of->holds_changes && !is_made)
                        hold(step, BRAKE_CHANGES);
                if (spec->hold_first_pass && !planner_is_of_made(planner, step))
                        hold(step, BRAKE_FIRST_PASS);
        }
}

/* --- as before -------------------------------------------------------------------------------- */

static uint64_t hash_id(const char *id) {
        return text_hash(id);
}

static void hold_as_before(Planner *planner) {
        const PlanSpec *spec = planner->spec;
        Table table;

        table_init(&table, planner->scratch);
        for (size_t i = 0; i < spec->n_held_before; i++)
                table_add(&table, hash_id(spec->held_before[i].id), (uint32_t)i);
        for (size_t i = 0; spec->n_held_before > 0 && i < planner->plan->n_steps; i++) {
                Step *step = &planner->plan->steps[i];
                TableCursor cursor = table_find(&table, hash_id(step->id));
                uint32_t row;

                while ((row = table_next(&table, &cursor)) != TABLE_NONE)
                        if (strcmp(spec->held_before[row].id, step->id) == 0)
                                hold(step, spec->held_before[row].brake);
        }
}

/* --- all -------------------------------------------------------------------------------------- */

/* What hangs on a creation that is held so is held with it; on one that waits, waits. */
static void follow_creations(Planner *planner, Step *step) {
        const Draft *draft = planner->plan->drafts[planner_find_draft(planner, step)];
        const Spot *spot = draft_find_spot(draft, step->kind, step->name);
        const Party *party =
                step->principal.name ? draft_find_party(draft, step->principal.name) : NULL;
        const Party *container =
                step->container.name ? draft_find_party(draft, step->container.name) : NULL;

        if (!step->after_creation)
                return;
        if (!container && step->container.name && step->container.identity == INDEX_NONE)
                container = planner_find_new_group(planner, step->container.name);
        if ((spot && spot->vanished) || (party && party->vanished) ||
            (container && container->vanished) || draft->vanished)
                hold(step, BRAKE_VANISHED);
        if (!step->waits_for)
                step->waits_for = spot && spot->waits_for             ? spot->waits_for
                                  : party && party->waits_for         ? party->waits_for
                                  : container && container->waits_for ? container->waits_for
                                                                      : draft->waits_for;
}

static bool is_released(const PlanSpec *spec, const char *id) {
        size_t low = 0, high = spec->n_released;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int r = strcmp(spec->released[middle], id);

                if (r == 0)
                        return true;
                if (r < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return false;
}

static void settle(const Planner *planner, Step *step) {
        if (step->waits_for) {
                step->state = STEP_WAITING;
                step->brake = BRAKE_NONE;
                return;
        }
        if (step->brake == BRAKE_NONE)
                return;
        if (is_released(planner->spec, step->id)) {
                step->released = true;
                step->brake = BRAKE_NONE;
                return;
        }
        step->state = STEP_HELD;
}

void planner_brake(Planner *planner) {
        Plan *plan = planner->plan;
        Count *counts =
                mem_new_array(planner->scratch, Count, planner->spec->desired->n_projects + 1);
        Text text;

        for (size_t i = 0; i < planner->spec->desired->n_projects; i++)
                counts[i].draft = plan->drafts[i];
        if (planner->spec->charter_shrank) {
                sentence_identify(planner->spec->charter_shrank, plan->shrank_id);
                if (!is_released(planner->spec, plan->shrank_id))
                        plan->shrank = planner->spec->charter_shrank;
        }
        text_init(&text, planner->scratch);
        for (size_t i = 0; i < plan->n_steps; i++) {
                step_identify(&plan->steps[i], &text);
                hold_emptied(planner, &plan->steps[i]);
                follow_creations(planner, &plan->steps[i]);
        }
        hold_last_administrators(planner);
        hold_own_rights(planner);
        count(planner, counts);
        hold_counted(planner, counts);
        hold_as_before(planner);
        for (size_t i = 0; i < plan->n_steps; i++)
                settle(planner, &plan->steps[i]);
        plan->losing_reason = people_losing_reason(plan);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Inherit: the inheritance switch of artefacts where the charter says it. */
#include "daemon/plan/planner.h"

const char *draft_inherit_obstacle(const Draft *draft, Kind kind, int space, Index acl) {
        const Organisation *live = draft->planner->live;
        const AccessControlList *list = acl == INDEX_NONE ? NULL : &live->acls[acl];
        uint32_t reserved = live->permissions.items[space].system_mask;

        if (kind_has(kind, KIND_HAS_ROLES)) /* switched by itself */
                return NULL;
        if (list && list->n_entries > PLAN_ENTRIES_MAX)
                return arena_printf(
                        draft->planner->arena,
                        "its list has %zu entries, and above %d the switch is not made; switch it by hand",
                        list->n_entries, PLAN_ENTRIES_MAX);
        for (size_t i = 0; list && i < list->n_entries; i++)
                if ((list->entries[i].allow | list->entries[i].deny) & reserved)
                        return "an entry there has a bit the service reserves, which cannot be written back; switch "
                               "it by hand";
        return NULL;
}

static void plan_flag(Draft *draft, const Spot *spot) {
        const Organisation *live = draft->planner->live;
        bool wanted = spot->owned->inherit == TRISTATE_TRUE;
        bool now = spot->acl == INDEX_NONE || live->acls[spot->acl].inherit;
        Step step;

        if (wanted == now || !spot->view_token)
                return;
        step = step_begin(draft, STEP_SET_INHERIT, wanted ? RANK_GIVE : RANK_TAKE);
        step.kind = spot->kind;
        step.name = spot->name;
        step.entity = spot->entity;
        step.space = spot->space;
        step.token = spot->is_new ? NULL : spot->token;
        step.inherit_before = now;
        step.inherit_after = wanted;
        step.after_creation = spot->is_new;
        draft_restrain(draft, &step, &spot->owned->policies);
        step.why = spot->owned->place;
        step.cause =
                wanted ? "the charter says `inherit: true`" : "the charter says `inherit: false`";
        step.waits_for = draft_missing_right(draft, draft->project, spot->space);
        if (!step.waits_for && !spot->is_new)
                step.waits_for = draft_inherit_obstacle(draft, spot->kind, spot->space, spot->acl);
        draft_add_step(draft, &step);
        access_view_set_inherit(draft->planner->wanted_view, (uint8_t)spot->space, spot->view_token,
                                wanted);
}

void draft_plan_inheritance(Draft *draft) {
        for (size_t i = 0; i < draft->n_spots; i++) {
                const Spot *spot = draft->spots[i];

                if (!spot->owned || spot->owned->inherit == TRISTATE_UNSET || spot->space < 0)
                        continue;
                if (spot->is_root)
                        planner_add_finding(
                                draft->planner, "inherit", FINDING_WARNING, draft->desired->name,
                                spot->owned->place,
                                "the inheritance of a project-level root is never switched");
                else
                        plan_flag(draft, spot);
        }
}

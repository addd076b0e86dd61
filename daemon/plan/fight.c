/* SPDX-License-Identifier: Apache-2.0 */
/* Fight: what somebody undoes again and again, as findings. */
#include "daemon/plan/planner.h"

void draft_tell_fights(Draft *draft) {
        const PlanSpec *spec = draft->planner->spec;

        for (size_t i = 0; i < spec->n_fights; i++) {
                const PlanFight *fight = &spec->fights[i];
                Finding *finding;

                if (!text_equal(fight->project, draft->desired->name))
                        continue;
                finding = planner_add_finding(draft->planner, "fight", FINDING_ALARM,
                                              draft->desired->name, (Place){0},
                                              "somebody undoes again and again what charterd repairs: %s",
                                              fight->what);
                finding->detail = arena_strdup(draft->planner->arena, fight->detail);
        }
}

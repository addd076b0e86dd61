/* SPDX-License-Identifier: Apache-2.0 */
/* Suspend: what is not written for a while, told on every pass (charter.md, Keys). */
#include <string.h>

#include "daemon/plan/planner.h"

bool planner_is_suspended(const Planner *planner, const Policies *policies) {
        return policies->suspend && planner->spec->wall_ms < policies->suspend->until_ms;
}

/* One suspension with what it is of; the nearest mention stands in the policies of many. */
typedef struct Suspended {
        const Suspension *suspension;
        NameList names;
} Suspended;

typedef struct Telling {
        Draft *draft;
        Suspended *items;
        size_t n;
} Telling;

static void note(Telling *telling, const Policies *policies, const char *name) {
        Planner *planner = telling->draft->planner;
        Suspended *found = NULL;

        if (!planner_is_suspended(planner, policies))
                return;
        for (size_t i = 0; i < telling->n; i++)
                if (telling->items[i].suspension == policies->suspend)
                        found = &telling->items[i];
        if (!found) {
                found = mem_push(planner->scratch, telling->items, telling->n);
                found->suspension = policies->suspend;
                name_list_init(&found->names, planner->scratch);
        }
        name_list_add(&found->names, name);
}

static const char *name_of(const Planner *planner, Kind kind, const char *name) {
        return mem_printf(planner->scratch, "%s %s", kind_row(kind)->noun, name);
}

/* Where the whole project is, nothing in it is named by itself. */
static void note_parts(Telling *telling) {
        const DesiredProject *desired = telling->draft->desired;
        const Planner *planner = telling->draft->planner;
        const Suspension *outer = desired->policies.suspend;

        for (size_t i = 0; i < desired->n_principals; i++) {
                const DesiredPrincipal *principal = &desired->principals[i];
                const Suspension *around = principal->policies.suspend;

                if (around != outer)
                        note(telling, &principal->policies,
                             name_of(planner, principal->is_team ? KIND_TEAM : KIND_GROUP, principal->name));
                for (size_t k = 0; k < principal->n_owns; k++)
                        if (principal->owns[k].policies.suspend != around)
                                note(telling, &principal->owns[k].policies,
                                     name_of(planner, principal->owns[k].kind, principal->owns[k].name));
        }
        for (size_t i = 0; i < desired->n_artefacts; i++)
                if (desired->artefacts[i].policies.suspend != outer)
                        note(telling, &desired->artefacts[i].policies,
                             name_of(planner, desired->artefacts[i].kind, desired->artefacts[i].name));
}

void draft_tell_suspensions(Draft *draft) {
        Telling telling = {.draft = draft};

        note(&telling, &draft->desired->policies, "the whole project");
        note_parts(&telling);
        for (size_t i = 0; i < telling.n; i++) {
                Suspended *one = &telling.items[i];

                planner_add_finding(draft->planner, "suspended", FINDING_INFO, draft->desired->name,
                                    one->suspension->place, "nothing is written before %s in %s: %s",
                                    one->suspension->day, name_list_end(&one->names), one->suspension->reason);
        }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Flags: whether a thing of the charter inherits from above. */
#include <string.h>

#include "daemon/plan/draft.h"

static void compare_flag(Draft *draft, const OwnedArtefact *owned) {
        bool wanted = owned->inherit == TRISTATE_TRUE;
        bool live = true; /* a token without a list inherits */
        Index acl;
        Step *step;
        Spot spot;

        if (owned->inherit == TRISTATE_UNSET || strcmp(owned->name, "/") == 0 ||
            !draft_find_spot(draft, owned->kind, owned->name, &spot))
                return;
        if (!spot.is_new) {
                acl = organisation_find_acl(draft->live, (uint8_t)spot.space, spot.token);
                live = acl == INDEX_NONE || draft->live->acls[acl].inherit;
        }
        access_view_set_inherit(draft->wanted, (uint8_t)spot.space, spot.token, wanted);
        if (live == wanted)
                return;
        step = draft_add_step(draft, wanted ? RANK_GIVE : RANK_TAKE, STEP_SET_INHERIT);
        draft_set_spot(step, &spot);
        step->inherit_before = live;
        step->inherit_after = wanted;
        step->why = owned->place;
        step->cause = wanted ? "inheritance is off" : "inheritance is on";
}

void draft_flags(Draft *draft) {
        for (size_t i = 0; i < draft->n_holders; i++)
                for (size_t k = 0; k < draft->holders[i].desired->n_owns; k++)
                        compare_flag(draft, &draft->holders[i].desired->owns[k]);
        for (size_t i = 0; i < draft->project->n_artefacts; i++)
                compare_flag(draft, &draft->project->artefacts[i]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Creations: what the charter names and the organisation does not have. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/plan/draft.h"

static bool is_planned(const Draft *draft, Kind kind, const char *name) {
        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++) {
                const Step *step = &draft->plan->steps[i];

                if (step->verb == STEP_CREATE && step->kind == kind && step->name && text_equal(step->name, name))
                        return true;
        }
        return false;
}

/* A thing known before and now gone is never silently made again: it would be empty, and its entries lost. */
static void make(Draft *draft, Kind kind, const char *name, Place why) {
        const KnownThing *known = draft_known(draft, kind, name);
        Step *step = draft_add_step(draft, RANK_CREATE, STEP_CREATE);

        step->kind = kind;
        step->name = name;
        step->why = why;
        step->cause = "missing";
        if (known && known->state == KNOWN_PRESENT) {
                /* Seen or made a moment ago: not seen now is not yet gone. */
                step->state = STEP_WAITING;
                step->waits_for = "it was there and is not seen now; waits until a direct reading tells whether it is gone";
                return;
        }
        if (!known || known->state != KNOWN_VANISHED)
                return;
        step->brake = BRAKE_VANISHED;
        step->cause = "vanished";
        draft_find(draft, "vanished", FINDING_ALARM, why,
                   "the %s `%s` (id %s) was there and is gone; making it anew is held until somebody releases it",
                   kind_row(kind)->noun, name, known->id ? known->id : "none");
}

static void make_or_tell(Draft *draft, Kind kind, const char *name, bool is_to_be_made, Place why) {
        bool is_made_by_us = kind == KIND_TEAM || kind == KIND_GROUP || kind_has(kind, KIND_IS_CREATED);

        if (is_to_be_made && draft->spec->may_create && is_made_by_us)
                make(draft, kind, name, why);
        else
                draft_find(draft, "missing", FINDING_WARNING, why, "the %s `%s` is not there%s", kind_row(kind)->noun,
                           name, is_made_by_us ? ", and is not to be made" : "; charterd makes none");
}

/* An area is made below one that is there. */
static void make_parents(Draft *draft, const OwnedArtefact *owned) {
        for (const char *at = strchr(owned->name, '/'); at; at = strchr(at + 1, '/')) {
                const char *above = mem_strndup(draft->mem, owned->name, (size_t)(at - owned->name));

                if (draft_find_entity(draft, KIND_AREA, above) == INDEX_NONE && !is_planned(draft, KIND_AREA, above))
                        make(draft, KIND_AREA, above, owned->place);
        }
}

static void create_owned(Draft *draft, const OwnedArtefact *owned) {
        bool is_root = strcmp(owned->name, "/") == 0;

        if (is_root || draft_find_entity(draft, owned->kind, owned->name) != INDEX_NONE ||
            is_planned(draft, owned->kind, owned->name))
                return;
        if (owned->kind == KIND_AREA && owned->policies.create && draft->spec->may_create)
                make_parents(draft, owned);
        make_or_tell(draft, owned->kind, owned->name, owned->policies.create, owned->place);
}

static void create_holder(Draft *draft, const Holder *holder) {
        const DesiredPrincipal *desired = holder->desired;
        bool is_missing = holder->identity == INDEX_NONE;

        if (is_missing)
                make_or_tell(draft, desired->is_team ? KIND_TEAM : KIND_GROUP, desired->name, desired->policies.create,
                             desired->place);
}

static void create_project(Draft *draft) {
        Step *step = draft_add_step(draft, RANK_CREATE, STEP_CREATE);

        step->kind = KIND_PROJECT;
        step->name = draft->project->name;
        step->why = draft->project->place;
        step->cause = "missing";
}

void draft_creations(Draft *draft) {
        if (draft->live_project == INDEX_NONE)
                create_project(draft);
        for (size_t i = 0; i < draft->n_holders; i++) {
                create_holder(draft, &draft->holders[i]);
                for (size_t k = 0; k < draft->holders[i].desired->n_owns; k++)
                        create_owned(draft, &draft->holders[i].desired->owns[k]);
        }
        for (size_t i = 0; i < draft->project->n_artefacts; i++) {
                const DesiredArtefact *artefact = &draft->project->artefacts[i];

                if (draft_find_entity(draft, artefact->kind, artefact->name) == INDEX_NONE)
                        draft_find(draft, "missing", FINDING_WARNING, artefact->place,
                                   "the %s `%s` is not there, and nobody owns it, so it is not made",
                                   kind_row(artefact->kind)->noun, artefact->name);
        }
}

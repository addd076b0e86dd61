/* SPDX-License-Identifier: Apache-2.0 */
/* Released: what has left the charter, told once with the rights it still has (charter.md,
 * retired). */
#include "daemon/plan/planner.h"

/* A team or group that is governed no more, and what it keeps. */
typedef struct Keeping {
        Draft *draft;
        Index identity;
        NameList places;
} Keeping;

static void note_list(void *context, Index acl) {
        Keeping *keeping = context;
        Draft *draft = keeping->draft;
        const AccessControlList *list = &draft->planner->live->acls[acl];
        const AccessControlEntry *entry = acl_find_entry(list, keeping->identity);
        Step step = step_begin(draft, STEP_SET_ENTRY, RANK_TAKE);
        Text text;

        if (!entry || (entry->allow == 0 && entry->deny == 0))
                return;
        text_init(&text, draft->planner->scratch);
        draft_describe_token(draft, list->namespace, list->token, &step);
        step_describe_place(&step, &text);
        name_list_add(&keeping->places, text.data);
}

static const char *tell_groups(const Draft *draft, Index identity) {
        NameList groups;
        size_t n;
        const Membership *containers = organisation_containers(draft->planner->live, identity, &n);

        name_list_init(&groups, draft->planner->scratch);
        for (size_t i = 0; i < n; i++)
                if (draft->planner->live->identities[containers[i].container].role !=
                    IDENTITY_ROLE_VALID_USERS)
                        name_list_add(&groups,
                                      actor_of_identity(draft->planner, containers[i].container)
                                              .principal.display);
        return groups.n > 0 ? name_list_end(&groups) : NULL;
}

static void tell_principal(Draft *draft, const KnownThing *known, Index identity) {
        Keeping keeping = {.draft = draft, .identity = identity};
        Planner *planner = draft->planner;
        const char *groups;

        name_list_init(&keeping.places, planner->scratch);
        draft_walk_lists(draft, note_list, &keeping);
        groups = tell_groups(draft, identity);
        if (keeping.places.n == 0 && !groups)
                return; /* as one that was retired leaves */
        planner_add_finding(
                planner, "released", FINDING_WARNING, draft->desired->name, draft->desired->place,
                "%s %s has left the charter and is governed no more; it keeps its entries "
                "at %s, and is in %s",
                kind_row(known->kind)->noun, known->name,
                keeping.places.n > 0 ? name_list_end(&keeping.places) : "no place",
                groups ? groups : "no group");
}

/* Under the name the charter has for it now. */
static bool is_governed(const Draft *draft, Index entity) {
        const Organisation *live = draft->planner->live;
        Index identity = live->entities[entity].identity;

        for (size_t i = 0; i < draft->n_spots; i++)
                if (draft->spots[i]->owned && draft->spots[i]->entity == entity)
                        return true;
        if (identity == INDEX_NONE)
                return false;
        return draft->planner->party_of[organisation_canonical_identity(live, identity)] != INDEX_NONE;
}

static void tell(Draft *draft, const KnownThing *known) {
        const Organisation *live = draft->planner->live;
        bool is_principal = known->kind == KIND_TEAM || known->kind == KIND_GROUP;
        Index entity =
                known->id ? organisation_find_entity_id(live, known->kind, known->id) : INDEX_NONE;

        if (entity == INDEX_NONE)
                entity = organisation_find_entity(live, draft->project, known->kind, known->name);
        if (entity == INDEX_NONE || is_governed(draft, entity))
                return; /* gone with what it had; or governed on under another name */
        if (is_principal && live->entities[entity].identity != INDEX_NONE)
                tell_principal(
                        draft, known,
                        organisation_canonical_identity(live, live->entities[entity].identity));
        else
                planner_add_finding(
                        draft->planner, "released", FINDING_WARNING, draft->desired->name,
                        draft->desired->place,
                        "%s %s has left the charter: entries there are governed no more",
                        kind_row(known->kind)->noun, known->name);
}

static bool is_in_charter(const DesiredProject *project, const KnownThing *known) {
        if (known->kind == KIND_TEAM || known->kind == KIND_GROUP)
                return desired_find_principal(project, known->name);
        return desired_find_owner(project, known->kind, known->name, NULL) ||
               desired_find_artefact(project, known->kind, known->name);
}

/* Things of a project that the charter has no more, which is read no more either. */
static size_t count_of(const PlanSpec *spec, const char *project) {
        size_t n = 0;

        for (size_t i = 0; i < spec->n_known; i++)
                n += spec->known[i].kind != KIND_PROJECT && spec->known[i].project &&
                     text_equal(spec->known[i].project, project);
        return n;
}

/* Told with the first project of the charter, so that each is told once however many turns there are. */
static void tell_projects(Draft *draft) {
        const PlanSpec *spec = draft->planner->spec;

        for (size_t i = 0; i < spec->n_known; i++) {
                const KnownThing *known = &spec->known[i];

                if (known->kind == KIND_PROJECT && !desired_find_project(spec->desired, known->name))
                        planner_add_finding(
                                draft->planner, "released", FINDING_WARNING, draft->desired->name,
                                draft->desired->place,
                                "project %s has left the charter with %zu things that were governed there; it "
                                "is read no more, and what teams and groups have there stays as it is",
                                known->name, count_of(spec, known->name));
        }
}

void draft_tell_released(Draft *draft) {
        const PlanSpec *spec = draft->planner->spec;

        if (draft->desired == spec->desired->projects)
                tell_projects(draft);

        for (size_t i = 0; draft->row && i < spec->n_known; i++) {
                const KnownThing *known = &spec->known[i];

                if (known->kind != KIND_PROJECT && known->project &&
                    text_equal(known->project, draft->desired->name) &&
                    !is_in_charter(draft->desired, known))
                        tell(draft, known);
        }
}

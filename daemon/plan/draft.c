/* SPDX-License-Identifier: Apache-2.0 */
/* Draft: what of a project's charter is live already and what a plan makes. */
#include <string.h>

#include "common/model/governed.h"
#include "common/model/identity.h"
#include "common/model/organisation_lookup.h"
#include "common/model/token.h"
#include "daemon/plan/planner.h"

static const struct {
        const char *name;
        enum {
                COMES_WITH_PROJECT,
                COMES_LATER
        } when;
} builtin_groups[] = {
        {"Build Administrators", COMES_WITH_PROJECT},
        {"Contributors", COMES_WITH_PROJECT},
        {"Project Administrators", COMES_WITH_PROJECT},
        {"Project Valid Users", COMES_WITH_PROJECT},
        {"Readers", COMES_WITH_PROJECT},
        {"Deployment Group Administrators", COMES_LATER},
        {"Endpoint Administrators", COMES_LATER},
        {"Endpoint Creators", COMES_LATER},
        {"Release Administrators", COMES_LATER},
};
enum {
        N_BUILTIN = sizeof builtin_groups / sizeof *builtin_groups
};

static bool comes_with_project(const Draft *draft, const DesiredPrincipal *principal) {
        if (draft->project != INDEX_NONE)
                return false;
        for (size_t i = 0; i < N_BUILTIN && !principal->is_team; i++)
                if (text_equal(builtin_groups[i].name, principal->name))
                        return builtin_groups[i].when == COMES_WITH_PROJECT;
        return principal->is_team &&
               text_equal(principal->name,
                          arena_printf(draft->planner->arena, "%s Team", draft->desired->name));
}

static bool is_builtin(const Draft *draft, const DesiredPrincipal *principal) {
        if (desired_is_organization(draft->desired))
                return group_is_builtin_of_organisation(principal->name);
        for (size_t i = 0; i < N_BUILTIN && !principal->is_team; i++)
                if (text_equal(builtin_groups[i].name, principal->name))
                        return true;
        return false;
}

static const char *project_name(const Draft *draft) {
        if (desired_is_organization(draft->desired))
                return draft->planner->live->name;
        return draft->row ? draft->row->name : draft->desired->name;
}

/* --- what is remembered of a name ------------------------------------------------------------- */

typedef struct Remembered {
        const char *live_name; /* to look for */
        bool vanished;
        const char *waits_for; /* it was there, and that it is gone is not confirmed yet */
} Remembered;

static Remembered remember(const Draft *draft, Kind kind, const char *name, const char *was) {
        const KnownThing *known =
                planner_find_known(draft->planner, kind, draft->desired->name, name);

        /* What was in a project that is not there went with it: it hangs on the making of the project. */
        if (!draft->row)
                return (Remembered){.live_name = name};
        if (!known && was)
                known = planner_find_known(draft->planner, kind, draft->desired->name, was);
        if (!known)
                return (Remembered){.live_name = name};
        switch (known->state) {
        case KNOWN_RENAMED:
                return (Remembered){.live_name = known->live_name};
        case KNOWN_VANISHED:
                return (Remembered){.live_name = name, .vanished = true};
        case KNOWN_PRESENT:
                break;
        }
        return (Remembered){
                .live_name = name,
                .waits_for =
                        "it was there before, and that it is gone is not confirmed yet; nothing is made twice",
        };
}

/* Another name than the charter's, or a second thing that has the name it had. */
static void tell_name(const Draft *draft, Kind kind, const char *name, const char *was, const char *live_name,
                      Place place) {
        const char *noun = kind_row(kind)->noun;
        bool is_named = text_equal(name, live_name);

        if (!is_named && was && text_equal(was, live_name))
                planner_add_finding(
                        draft->planner, "renamed", FINDING_WARNING, draft->desired->name, place,
                        "%s %s is still called %s, as `was` says; it is governed under that name, and the "
                        "rename is still to be made",
                        noun, name, was);
        else if (!is_named)
                planner_add_finding(
                        draft->planner, "renamed", FINDING_WARNING, draft->desired->name, place,
                        "%s %s is now called %s; it is governed on under that name: rename it back, or "
                        "write the new name in the charter",
                        noun, name, live_name);
        else if (was &&
                 organisation_find_entity(draft->planner->live, draft->project, kind, was) != INDEX_NONE)
                planner_add_finding(
                        draft->planner, "renamed", FINDING_WARNING, draft->desired->name, place,
                        "%s %s is there, and so is %s, which `was` says it was called: %s is governed, and "
                        "the other is not",
                        noun, name, was, name);
}

static void tell_vanished(const Draft *draft, Kind kind, const char *name, Place place) {
        planner_add_finding(
                draft->planner, "vanished", FINDING_ALARM, draft->desired->name, place,
                "%s %s was there and is gone; it is not made again until a person releases that",
                kind_row(kind)->noun, name);
}

/* --- spots ------------------------------------------------------------------------------------ */

Spot *draft_add_spot(Draft *draft, Kind kind, const char *name) {
        Spot *spot = draft_find_spot(draft, kind, name);

        if (spot)
                return spot;
        spot = arena_new_object(draft->planner->arena, Spot);
        *spot = (Spot){
                .kind = kind,
                .name = name,
                .number = (uint32_t)draft->n_spots,
                .space = kind_namespace(kind),
                .entity = INDEX_NONE,
                .acl = INDEX_NONE,
        };
        table_add(&draft->spot_names, lookup_hash_scoped(0, kind, name), spot->number);
        *mem_push(draft, draft->spots, draft->n_spots) = spot;
        return spot;
}

static char separator_of(const Draft *draft, const Spot *spot) {
        return draft->planner->live->permissions.items[spot->space].separator;
}

void draft_note_token(Draft *draft, Spot *spot, const char *token) {
        spot->token = spot->view_token = token;
        if (!token || spot->space < 0)
                return;
        spot->acl = organisation_find_acl(draft->planner->live, (uint8_t)spot->space, token);
        table_add(&draft->spot_tokens,
                  token_hash(token, separator_of(draft, spot)) ^ (unsigned)spot->space,
                  spot->number);
}

static void add_roots(Draft *draft) {
        uint32_t kinds = desired_is_organization(draft->desired) ? 0 : desired_governed_kinds(draft->desired);

        for (Kind kind = 0; kind < _KIND_N; kind++) {
                Spot *spot;

                if (!(kinds & (1u << kind)) || kind == KIND_ORGANIZATION ||
                    kind_namespace(kind) < 0 || draft_find_spot(draft, kind, ""))
                        continue;
                spot = draft_add_spot(draft, kind_at_root(kind), "");
                spot->is_root = spot->resolved = true;
                if (draft->row) {
                        draft_note_token(draft, spot, draft->row->root_token[spot->space]);
                        spot->entity = organisation_find_entity(draft->planner->live,
                                                                draft->project, spot->kind, "/");
                        continue;
                }
                spot->is_new = true;
                spot->view_token =
                        arena_printf(draft->planner->arena, "<new %s>", draft->desired->name);
                access_view_name_token(
                        draft->planner->wanted_view, (uint8_t)spot->space, spot->view_token,
                        arena_printf(draft->planner->arena, "the root of %s in %s",
                                     kind_row(spot->kind)->key, draft->desired->name));
        }
}

/* One place a namespace; a rule at the organisation is about all of them. */
static void add_organization(Draft *draft) {
        const Organisation *live = draft->planner->live;
        uint32_t spaces = desired_principals_are_about_organization(draft->desired->principals,
                                                                    draft->desired->n_principals)
                                  ? organization_spaces()
                                  : 0;

        for (uint8_t space = 0; space < _NAMESPACE_N; space++) {
                Spot *spot;

                if (!(spaces & (1u << space)))
                        continue;
                spot = draft_add_spot(draft, KIND_ORGANIZATION, live->permissions.items[space].name);
                spot->space = space;
                spot->is_root = spot->resolved = true;
                draft_note_token(draft, spot, live->root_token[space]);
        }
}

static const char *path_above(const Draft *draft, const char *name) {
        const char *slash = strrchr(name, '/');

        return slash ? arena_strndup(draft->planner->arena, name, (size_t)(slash - name)) : NULL;
}

static const char *path_leaf(const char *name) {
        const char *slash = strrchr(name, '/');

        return slash ? slash + 1 : name;
}

/* Folders are keyed by name, so a new one's token is known; of others a marker stands in. */
static void place_new(Draft *draft, Spot *spot, const Spot *above) {
        const char *leaf =
                kind_has(spot->kind, KIND_IS_NESTED) ? path_leaf(spot->name) : spot->name;
        Planner *planner = draft->planner;

        spot->is_new = true;
        if (!above->view_token)
                return;
        if (spot->kind == KIND_PIPELINE_FOLDER && draft->row)
                draft_note_token(draft, spot,
                           arena_printf(planner->arena, "%s%c%s", above->view_token,
                                        separator_of(draft, spot), leaf));
        else
                spot->view_token = arena_printf(planner->arena, "%s%c<new %s>", above->view_token,
                                                separator_of(draft, spot), leaf);
        access_view_name_token(planner->wanted_view, (uint8_t)spot->space, spot->view_token,
                               arena_printf(planner->arena, "[%s] %s %s", project_name(draft),
                                            kind_row(spot->kind)->noun, spot->name));
}

static void add_creation(Draft *draft, const Spot *spot, const OwnedArtefact *for_artefact) {
        Step step = step_begin(draft, STEP_CREATE, RANK_CREATE);
        const DesiredPrincipal *owner = spot->owner;

        step.kind = spot->kind;
        step.name = spot->name;
        step.after_creation = draft->project == INDEX_NONE;
        step.why = for_artefact->place;
        step.cause = spot->owned ? "missing"
                                 : arena_printf(draft->planner->arena, "missing, above %s",
                                                for_artefact->name);
        step.brake = spot->vanished ? BRAKE_VANISHED : BRAKE_NONE;
        step.waits_for = spot->waits_for;
        draft_restrain(draft, &step, &for_artefact->policies);
        draft_restrain(draft, &step, owner ? &owner->policies : NULL);
        draft_add_step(draft, &step);
}

static bool is_made_when_missing(const Draft *draft, const Spot *spot,
                                 const OwnedArtefact *for_artefact) {
        return kind_has(spot->kind, KIND_IS_CREATED) && for_artefact &&
               for_artefact->policies.create && draft->planner->spec->may_create &&
               (spot->owner || !spot->owned);
}

static void tell_missing(const Draft *draft, const Spot *spot, Place place) {
        const char *reason = "no team owns it, so nobody makes it";

        if (spot->owner && spot->owner->retired)
                return;
        if (!kind_has(spot->kind, KIND_IS_CREATED))
                reason = "charterd makes none of that kind";
        else if (spot->owner && !draft->planner->spec->may_create)
                reason = "`may: { create: false }` in the settings";
        else if (spot->owner)
                reason = "`create: false`";
        planner_add_finding(draft->planner, "missing", FINDING_WARNING, draft->desired->name, place,
                            "%s %s is not there: %s", kind_row(spot->kind)->noun, spot->name,
                            reason);
}

Spot *draft_resolve(Draft *draft, Spot *spot, const OwnedArtefact *for_artefact, Place place) {
        const Organisation *live = draft->planner->live;
        const char *was = spot->owned ? spot->owned->was : NULL;
        Remembered remembered;
        const Spot *above;
        const char *path;

        if (spot->resolved)
                return spot;
        spot->resolved = true;
        remembered = remember(draft, spot->kind, spot->name, was);
        if (draft->row)
                spot->entity = organisation_find_entity(live, draft->project, spot->kind,
                                                        remembered.live_name);
        if (draft->row && spot->entity == INDEX_NONE && was)
                spot->entity = organisation_find_entity(live, draft->project, spot->kind, was);
        if (spot->entity != INDEX_NONE) {
                draft_note_token(draft, spot, live->entities[spot->entity].token);
                tell_name(draft, spot->kind, spot->name, was, live->entities[spot->entity].name, place);
                return spot;
        }
        spot->vanished = remembered.vanished;
        if (spot->vanished)
                tell_vanished(draft, spot->kind, spot->name, place);
        if (!is_made_when_missing(draft, spot, for_artefact)) {
                if (!spot->vanished)
                        tell_missing(draft, spot, place);
                return spot;
        }
        spot->waits_for = spot->vanished ? NULL : remembered.waits_for;
        path = kind_has(spot->kind, KIND_IS_NESTED) ? path_above(draft, spot->name) : NULL;
        above = path ? draft_resolve(draft, draft_add_spot(draft, spot->kind, path), for_artefact, place)
                     : draft_find_spot(draft, spot->kind, "");
        if (above->waits_for && !spot->waits_for)
                spot->waits_for = above->waits_for;
        spot->vanished |= above->vanished;
        place_new(draft, spot, above);
        add_creation(draft, spot, for_artefact);
        return spot;
}

static void add_owned(Draft *draft) {
        const DesiredProject *desired = draft->desired;

        for (size_t i = 0; i < desired->n_artefacts; i++)
                draft_add_spot(draft, desired->artefacts[i].kind, desired->artefacts[i].name)->owned =
                        &desired->artefacts[i];
        for (size_t i = 0; i < desired->n_principals; i++)
                for (size_t k = 0; k < desired->principals[i].n_owns; k++) {
                        const OwnedArtefact *owned = &desired->principals[i].owns[k];
                        Spot *spot = draft_add_spot(draft, owned->kind, owned->name);

                        if (spot->is_root)
                                continue;
                        spot->owned = owned;
                        spot->owner = &desired->principals[i];
                }
}

static void resolve_owned(Draft *draft) {
        for (size_t i = 0; i < draft->n_spots; i++)
                if (draft->spots[i]->owned)
                        draft_resolve(draft, draft->spots[i], draft->spots[i]->owned,
                                draft->spots[i]->owned->place);
}

/* --- parties ---------------------------------------------------------------------------------- */

static void find_live(Draft *draft, Party *party, const char *live_name) {
        const Organisation *live = draft->planner->live;
        Index entity = INDEX_NONE;

        if (!draft->row)
                return;
        if (party->desired->is_team)
                entity = organisation_find_entity(live, draft->project, KIND_TEAM, live_name);
        party->team = entity;
        if (entity != INDEX_NONE && live->entities[entity].identity != INDEX_NONE)
                party->identity =
                        organisation_canonical_identity(live, live->entities[entity].identity);
        else
                party->identity = organisation_find_group(live, draft->project, live_name);
        if (party->desired->is_team && entity == INDEX_NONE && party->identity != INDEX_NONE)
                planner_add_finding(
                        draft->planner, "missing", FINDING_WARNING, draft->desired->name,
                        party->desired->place,
                        "%s is a group of the project and no team: it gets neither areas nor administrators",
                        party->desired->name);
}

static void name_party(Draft *draft, Party *party) {
        const char *name = party->desired->name;

        party->actor.principal = (StepPrincipal){
                .identity = party->identity,
                .name = name,
                .display =
                        arena_printf(draft->planner->arena, "[%s]\\%s", project_name(draft), name),
        };
        if (party->identity != INDEX_NONE) {
                const char *display = draft->planner->live->identities[party->identity].display;

                party->actor.index = party->identity;
                if (display)
                        party->actor.principal.display = display;
                return;
        }
        party->actor.index = INDEX_NONE;
        if (party->is_new)
                party->actor = planner_add_actor(draft->planner, draft->project, name,
                                                 party->actor.principal.display);
}

static void make_party(Draft *draft, Party *party, const Remembered *remembered) {
        const DesiredPrincipal *desired = party->desired;
        Step step;

        party->is_new = true;
        party->waits_for = remembered->vanished ? NULL : remembered->waits_for;
        if (comes_with_project(draft, desired))
                return;
        step = step_begin(draft, STEP_CREATE, RANK_CREATE);
        step.kind = desired->is_team ? KIND_TEAM : KIND_GROUP;
        step.name = desired->name;
        step.after_creation = draft->project == INDEX_NONE;
        step.why = desired->place;
        step.cause = "missing";
        step.brake = remembered->vanished ? BRAKE_VANISHED : BRAKE_NONE;
        step.waits_for = party->waits_for;
        draft_restrain(draft, &step, &desired->policies);
        draft_add_step(draft, &step);
}

/* A server of one's own makes teams, and the groups that come with a project (facts §1.4). */
static bool is_made_by_hand(const Draft *draft, const DesiredPrincipal *desired) {
        return draft->planner->live->is_server && !desired->is_team;
}

static void resolve_party(Draft *draft, Party *party) {
        const DesiredPrincipal *desired = party->desired;
        Kind kind = desired->is_team ? KIND_TEAM : KIND_GROUP;
        Remembered remembered = remember(draft, kind, desired->name, desired->was);

        party->identity = party->team = INDEX_NONE;
        find_live(draft, party, remembered.live_name);
        if (party->identity == INDEX_NONE && desired->was)
                find_live(draft, party, desired->was);
        if (party->identity != INDEX_NONE) {
                tell_name(draft, kind, desired->name, desired->was,
                          draft->planner->live->identities[party->identity].name, desired->place);
                return;
        }
        party->vanished = remembered.vanished;
        if (party->vanished)
                tell_vanished(draft, kind, desired->name, desired->place);
        if (comes_with_project(draft, desired) ||
            (draft->planner->spec->may_create && desired->policies.create &&
             !is_builtin(draft, desired) && !is_made_by_hand(draft, desired))) {
                make_party(draft, party, &remembered);
                return;
        }
        if (!party->vanished && !desired->retired)
                planner_add_finding(draft->planner, "missing", FINDING_WARNING,
                                    draft->desired->name, desired->place, "%s %s is not there: %s",
                                    kind_row(kind)->noun, desired->name,
                                    is_builtin(draft, desired) ? "it is the service's to make"
                                    : is_made_by_hand(draft, desired)
                                            ? "an Azure DevOps Server has no call that makes a group; make it "
                                              "there by hand"
                                    : desired->policies.create
                                            ? "`may: { create: false }` in the settings"
                                            : "`create: false`");
}

static void add_parties(Draft *draft) {
        draft->parties = mem_new_array(draft, Party, draft->desired->n_principals + 1);
        for (size_t i = 0; i < draft->desired->n_principals; i++) {
                Party *party = &draft->parties[i];

                party->desired = &draft->desired->principals[i];
                party->spaces = desired_exact_spaces(party->desired);
                party->is_at_organization =
                        desired_principals_are_about_organization(party->desired, 1);
                resolve_party(draft, party);
                name_party(draft, party);
                if (party->identity != INDEX_NONE)
                        draft->planner->party_of[party->identity] = (Index)i;
        }
}

/* Groups that come with the project and that somebody is to be in. */
static void add_extras(Draft *draft) {
        Planner *planner = draft->planner;

        for (size_t i = 0; i < N_BUILTIN && draft->project == INDEX_NONE; i++) {
                const char *name = builtin_groups[i].name;
                Actor *actor;

                if (builtin_groups[i].when != COMES_WITH_PROJECT || draft_find_party(draft, name))
                        continue;
                actor = mem_push(draft, draft->extras, draft->n_extras);
                *actor = planner_add_actor(
                        planner, INDEX_NONE, name,
                        arena_printf(planner->arena, "[%s]\\%s", draft->desired->name, name));
        }
}

static size_t first_entity(const Organisation *live, Index project) {
        size_t low = 0, high = live->n_entities;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (live->entities[live->entity_order[middle]].project < project)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void index_entities(Draft *draft) {
        const Organisation *live = draft->planner->live;

        for (size_t i = first_entity(live, draft->project); i < live->n_entities; i++) {
                Index row = live->entity_order[i];
                const Entity *entity = &live->entities[row];
                int space = kind_namespace(entity->kind);

                if (entity->project != draft->project)
                        return;
                if (entity->token && space >= 0)
                        table_add(&draft->entity_tokens,
                                  token_hash(entity->token,
                                             live->permissions.items[space].separator) ^
                                          (unsigned)space,
                                  row);
        }
}

static void create_project(Draft *draft) {
        const KnownThing *known =
                planner_find_known(draft->planner, KIND_PROJECT, "", draft->desired->name);
        Step step = step_begin(draft, STEP_CREATE, RANK_CREATE);

        step.kind = KIND_PROJECT;
        step.name = draft->desired->name;
        step.why = draft->desired->place;
        step.cause = "missing";
        draft_restrain(draft, &step, &draft->desired->policies);
        if (known && known->state == KNOWN_VANISHED) {
                step.brake = BRAKE_VANISHED;
                draft->vanished = true;
                tell_vanished(draft, KIND_PROJECT, draft->desired->name, draft->desired->place);
        } else if (known) {
                draft->waits_for =
                        "it was there before, and that it is gone is not confirmed yet; nothing is made twice";
                step.waits_for = draft->waits_for;
        }
        draft_add_step(draft, &step);
}

Draft *draft_new(Planner *planner, const DesiredProject *desired, Index project) {
        Draft *draft = mem_new(planner->plan, Draft);

        draft->planner = planner;
        draft->desired = desired;
        draft->project = project;
        draft->row = project == INDEX_NONE ? NULL : &planner->live->projects[project];
        draft->spaces = desired_governed_spaces(desired);
        table_init(&draft->spot_names, draft);
        table_init(&draft->spot_tokens, draft);
        table_init(&draft->entity_tokens, draft);
        if (draft->row)
                index_entities(draft);
        else
                create_project(draft);
        add_parties(draft);
        add_extras(draft);
        add_roots(draft);
        add_organization(draft);
        add_owned(draft);
        resolve_owned(draft);
        draft_resolve_mentioned(draft);
        return draft;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rule: the places a grant of the charter is about, with what it says there. */
#include <string.h>

#include "common/model/organization_permission.h"
#include "daemon/plan/planner.h"

static void add_place(Draft *draft, Places *places, const Spot *spot) {
        if (spot && spot->space >= 0 && spot->view_token)
                *mem_push(draft->planner->scratch, places->items, places->n) = spot;
}

/* _KIND_N: every kind with permissions. */
static void add_owned_places(Draft *draft, Places *places, const DesiredPrincipal *owner,
                             Kind kind) {
        for (size_t i = 0; owner && i < owner->n_owns; i++) {
                const OwnedArtefact *owned = &owner->owns[i];

                if ((kind == _KIND_N ? kind_has(owned->kind, KIND_HAS_PERMISSIONS)
                                     : owned->kind == kind) &&
                    strcmp(owned->name, "/") != 0)
                        add_place(draft, places, draft_find_spot(draft, owned->kind, owned->name));
        }
}

static void add_branches_of(Draft *draft, Places *places, const char *repository, const At *at) {
        for (size_t i = 0; i < at->n_names; i++)
                add_place(draft, places, draft_find_branch(draft, repository, at->names[i].text));
}

static void add_branches(Draft *draft, Places *places, const DesiredPrincipal *principal,
                         const At *at) {
        if (at->repository) {
                add_branches_of(draft, places, at->repository, at);
                return;
        }
        for (size_t i = 0; i < principal->n_owns; i++)
                if (principal->owns[i].kind == KIND_REPOSITORY)
                        add_branches_of(draft, places, principal->owns[i].name, at);
}

Places draft_places_of(Draft *draft, const DesiredPrincipal *principal, const At *at) {
        Places places = {0};

        switch (at->form) {
        case AT_PROJECT:
                add_place(draft, &places, draft_find_spot(draft, KIND_PROJECT, ""));
                break;
        case AT_OWN:
                add_owned_places(draft, &places, principal, _KIND_N);
                break;
        case AT_KIND_OWN:
                add_owned_places(draft, &places, principal, at->kind);
                break;
        case AT_KIND_ROOT:
                add_place(draft, &places, draft_find_spot(draft, at->kind, ""));
                break;
        case AT_KIND_NAMES:
                for (size_t i = 0; i < at->n_names; i++)
                        add_place(draft, &places,
                                  draft_find_spot(draft, at->kind, at->names[i].text));
                break;
        case AT_KIND_OWNED_BY:
                add_owned_places(draft, &places, desired_find_principal(draft->desired, at->team),
                                 at->kind);
                break;
        case AT_BRANCHES:
                add_branches(draft, &places, principal, at);
                break;
        case AT_ORGANIZATION:
                for (size_t i = 0; i < draft->n_spots; i++)
                        if (draft->spots[i]->kind == KIND_ORGANIZATION)
                                add_place(draft, &places, draft->spots[i]);
                break;
        }
        return places;
}

uint32_t draft_bit_at(const Draft *draft, const Spot *spot, const char *word) {
        if (spot->kind == KIND_ORGANIZATION)
                return organization_permission_bit(&draft->planner->live->permissions,
                                                   (uint8_t)spot->space, word);
        return permission_bit(&draft->planner->live->permissions.items[spot->space], word);
}

static bool has_word(const Draft *draft, const Spot *spot, const Word *words, size_t n,
                     uint32_t bit) {
        for (size_t i = 0; i < n; i++)
                if (draft_bit_at(draft, spot, words[i].text) == bit)
                        return true;
        return false;
}

/* What a rule says of a bit: by words or a role of its own, or as much as somebody else has. */
typedef enum Saying {
        SAYS_NOTHING,
        SAYS_THE_SAME,
        SAYS_ITSELF,
} Saying;

static Saying saying_of(const Draft *draft, const Rule *rule, const Spot *spot, uint32_t bit,
                        AccessAnswer answer) {
        bool is_open = answer == ACCESS_OPEN;
        const RoleDefinition *role =
                rule->role ? role_find(draft_roles_at(draft, spot->kind, spot->is_root),
                                       rule->role->text)
                           : NULL;

        if (is_open ? has_word(draft, spot, rule->allow, rule->n_allow, bit)
                    : has_word(draft, spot, rule->deny, rule->n_deny, bit))
                return SAYS_ITSELF;
        if (role && ((is_open ? role->allow : role->deny) & bit))
                return SAYS_ITSELF;
        return is_open && rule->same_as ? SAYS_THE_SAME : SAYS_NOTHING;
}

static const Spot *place_with(const Places *places, uint8_t space, const char *token) {
        for (size_t i = 0; i < places->n; i++)
                if (places->items[i]->space == space &&
                    strcmp(places->items[i]->view_token, token) == 0)
                        return places->items[i];
        return NULL;
}

const Rule *draft_find_rule(Draft *draft, const DesiredPrincipal *principal,
                            const PlannedBit *bit) {
        const Rule *found = NULL;
        Saying best = SAYS_NOTHING;

        for (size_t i = 0; i < principal->n_rules; i++) {
                const Rule *rule = &principal->rules[i];
                Places places = draft_places_of(draft, principal, &rule->at);
                const Spot *spot = place_with(&places, bit->space, bit->token);
                Saying saying = spot ? saying_of(draft, rule, spot, bit->bit, bit->answer)
                                     : SAYS_NOTHING;

                if (saying > best) {
                        best = saying;
                        found = rule;
                }
                mem_free(places.items);
        }
        return found;
}

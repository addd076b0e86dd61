/* SPDX-License-Identifier: Apache-2.0 */
/* Holding: the live entries of a project, told apart by whose they are. */
#include <stdlib.h>
#include <string.h>

#include "common/model/governed.h"
#include "common/model/token.h"
#include "daemon/plan/planner.h"

typedef struct Collecting {
        Draft *draft;
        bool looks_below; /* some artefact says what is to be with entries below it */
} Collecting;

static void add_holding(Draft *draft, Index party, const Spot *spot, Index acl,
                        AccessControlEntry entry) {
        *mem_push(draft->planner->scratch, draft->holdings, draft->n_holdings) = (Holding){
                .party = party,
                .spot = spot ? spot->number : UINT32_MAX,
                .acl = acl,
                .entry = entry,
        };
}

/* An unlisted principal's entry on an owned artefact, or below one. */
static void collect_stranger(Draft *draft, const Spot *at, const Spot *above, Index acl,
                             AccessControlEntry entry) {
        Stranger stranger = {.spot = at, .acl = acl, .entry = entry};

        if (!at && !above)
                return;
        if (at) {
                draft->n_base++;
        } else {
                stranger.spot = above;
                stranger.is_below = true;
        }
        *mem_push(draft->planner->scratch, draft->strangers, draft->n_strangers) = stranger;
}

static bool is_held_to(const Party *party, uint8_t space) {
        return party->desired->grants_mentioned && (party->spaces & (1u << space));
}

static void collect_list(void *context, Index acl) {
        Collecting *collecting = context;
        Draft *draft = collecting->draft;
        const Organisation *live = draft->planner->live;
        const AccessControlList *list = &live->acls[acl];
        const Spot *at = draft_find_spot_at(draft, list->namespace, list->token);
        const Spot *above = NULL;

        if ((!at || !at->owned) && collecting->looks_below)
                above = draft_find_owned_above(draft, list->namespace, list->token);
        for (size_t i = 0; i < list->n_entries; i++) {
                AccessControlEntry entry = list->entries[i];
                Index party = draft->planner->party_of[entry.identity];

                if (entry.allow == 0 &&
                    entry.deny == 0) /* the service invents these (facts §0.8) */
                        continue;
                if (party != INDEX_NONE) {
                        draft->n_base++;
                        if (is_held_to(&draft->parties[party], list->namespace) && !list->assumed)
                                add_holding(draft, party, at, acl, entry);
                } else if (planner_find_listed(draft->planner, entry.identity)) {
                        draft->n_base++;
                } else if (!list->assumed) {
                        collect_stranger(draft, at && at->owned ? at : NULL, above, acl, entry);
                }
        }
}

static int compare_holdings(const void *a_, const void *b_) {
        const Holding *a = a_, *b = b_;

        if (a->party != b->party)
                return a->party < b->party ? -1 : 1;
        if (a->spot != b->spot)
                return a->spot < b->spot ? -1 : 1;
        return a->acl < b->acl ? -1 : a->acl > b->acl;
}

static bool some_look_below(const Draft *draft) {
        for (size_t i = 0; i < draft->n_spots; i++)
                if (draft->spots[i]->owned &&
                    draft->spots[i]->owned->policies.below != POLICY_IGNORE)
                        return true;
        return false;
}

/* From above the shared queries on: an entry there reaches them too. */
static const char *top_token(const Draft *draft, uint8_t space) {
        const char *root = draft->row->root_token[space];
        char separator = draft->planner->live->permissions.items[space].separator;
        ssize_t n = root && space == NAMESPACE_QUERIES
                            ? token_parent_length(root, strlen(root), separator)
                            : -1;

        return n > 0 ? mem_strndup(draft->planner->scratch, root, (size_t)n) : root;
}

void draft_walk_lists(Draft *draft, void (*visit)(void *context, Index acl), void *context) {
        uint32_t spaces = draft->spaces & kinds_spaces();

        for (uint8_t space = 0; draft->row && space < _NAMESPACE_N; space++) {
                const char *token = (spaces & (1u << space)) ? top_token(draft, space) : NULL;

                if (token)
                        organisation_walk_acls(draft->planner->live, space, token, visit, context);
        }
}

/* Entries on the organisation itself of those that the charter's rules are about there. */
static void collect_organization(Draft *draft) {
        const Organisation *live = draft->planner->live;

        for (size_t i = 0; i < draft->n_spots; i++) {
                const Spot *spot = draft->spots[i];
                const AccessControlList *list =
                        spot->kind == KIND_ORGANIZATION && spot->acl != INDEX_NONE ? &live->acls[spot->acl]
                                                                                   : NULL;

                for (size_t k = 0; list && k < list->n_entries; k++) {
                        Index party = draft->planner->party_of[list->entries[k].identity];

                        if (party != INDEX_NONE && draft->parties[party].desired->grants_mentioned &&
                            draft->parties[party].is_at_organization && !list->assumed &&
                            (list->entries[k].allow || list->entries[k].deny))
                                add_holding(draft, party, spot, spot->acl, list->entries[k]);
                }
        }
}

void draft_collect_entries(Draft *draft) {
        Collecting collecting = {draft, some_look_below(draft)};

        if (!draft->row)
                return;
        draft_walk_lists(draft, collect_list, &collecting);
        collect_organization(draft);
        if (draft->n_holdings > 1)
                qsort(draft->holdings, draft->n_holdings, sizeof *draft->holdings,
                      compare_holdings);
}

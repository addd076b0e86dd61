/* SPDX-License-Identifier: Apache-2.0 */
/* Holding: the live entries of a project, told apart by whose they are. */
#include <stdlib.h>

#include "common/model/token.h"
#include "daemon/plan/planner.h"

/* The namespaces in which a principal is exact (charter.md, grants_policy). */
static const uint8_t spaces[] = {NAMESPACE_PROJECT,     NAMESPACE_GIT,
                                 NAMESPACE_BUILD,       NAMESPACE_CSS,
                                 NAMESPACE_LIBRARY,     NAMESPACE_SERVICE_ENDPOINTS,
                                 NAMESPACE_ENVIRONMENT, NAMESPACE_DISTRIBUTED_TASK};

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

        if (at && (!at->owned || at->is_root))
                return;
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

static void collect_list(void *context, Index acl) {
        Collecting *collecting = context;
        Draft *draft = collecting->draft;
        const Organisation *live = draft->planner->live;
        const AccessControlList *list = &live->acls[acl];
        const Spot *at = draft_find_spot_at(draft, list->namespace, list->token);
        const Spot *above = NULL;

        if (!at && collecting->looks_below)
                above = draft_find_owned_above(draft, list->namespace, list->token);
        for (size_t i = 0; i < list->n_entries; i++) {
                AccessControlEntry entry = list->entries[i];
                Index party = draft->planner->party_of[entry.identity];

                if (entry.allow == 0 &&
                    entry.deny == 0) /* the service invents these (facts §0.8) */
                        continue;
                if (party != INDEX_NONE) {
                        draft->n_base++;
                        if (draft->parties[party].desired->grants_mentioned && !list->assumed)
                                add_holding(draft, party, at, acl, entry);
                } else if (planner_find_listed(draft->planner, entry.identity)) {
                        draft->n_base++;
                } else if (!list->assumed) {
                        collect_stranger(draft, at, above, acl, entry);
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

void draft_collect_entries(Draft *draft) {
        Collecting collecting = {draft, some_look_below(draft)};

        if (!draft->row)
                return;
        for (size_t i = 0; i < sizeof spaces; i++)
                if (draft->row->root_token[spaces[i]])
                        organisation_walk_acls(draft->planner->live, spaces[i],
                                               draft->row->root_token[spaces[i]], collect_list,
                                               &collecting);
        if (draft->n_holdings > 1)
                qsort(draft->holdings, draft->n_holdings, sizeof *draft->holdings,
                      compare_holdings);
}

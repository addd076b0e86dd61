/* SPDX-License-Identifier: Apache-2.0 */
/* Effective permissions of an identity, as the service works them out (facts §3.7). */
#include "tests/simulator/evaluation.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulator/directory.h"

enum {
        BITS_PER_WORD = 64,
        KEY_BUFFER_BYTES = 1024,
};

/* An identity with all it is transitively in, as a set of indexes. */
typedef struct GroupSet {
        uint64_t version; /* of the organisation's memberships when it was made */
        size_t n_words;
        uint64_t words[];
} GroupSet;

static bool set_has(const GroupSet *set, size_t index) {
        return index / BITS_PER_WORD < set->n_words &&
               (set->words[index / BITS_PER_WORD] >> (index % BITS_PER_WORD) & 1);
}

static GroupSet *set_make(const Organization *organization, const Identity *identity, int64_t as_of) {
        size_t n_words = organization->identities.n_items / BITS_PER_WORD + 1;
        GroupSet *set = memory_alloc(sizeof(*set) + n_words * sizeof(uint64_t));
        Array waiting = {0};

        set->n_words = n_words;
        set->version = organization->memberships_version;
        array_add(&waiting, (void *)identity);
        while (waiting.n_items > 0) {
                const Identity *next = waiting.items[--waiting.n_items];

                if (set_has(set, next->index) || !row_at(next, as_of))
                        continue;
                set->words[next->index / BITS_PER_WORD] |= UINT64_C(1) << (next->index % BITS_PER_WORD);
                for (size_t i = 0; i < next->parents.n_items; i++) {
                        const Membership *edge = next->parents.items[i];

                        if (membership_alive(edge, as_of))
                                array_add(&waiting, edge->container);
                }
        }
        array_deinit(&waiting);
        return set;
}

void evaluation_forget(Identity *identity) {
        free(identity->groups);
        identity->groups = NULL;
}

/* The set as of a time: the identity's kept one when nothing changed since, else one in *ownedp to be freed. */
static const GroupSet *set_get(Organization *organization, const Identity *identity, int64_t as_of,
                               GroupSet **ownedp) {
        Identity *keeper = (Identity *)identity;

        *ownedp = NULL;
        if (as_of < organization->memberships_changed)
                return *ownedp = set_make(organization, identity, as_of);
        if (keeper->groups && keeper->groups->version == organization->memberships_version)
                return keeper->groups;
        evaluation_forget(keeper);
        return keeper->groups = set_make(organization, identity, as_of);
}

/* Adds what one level decides of the bits still open. */
static void evaluate_level(const AclState *state, const GroupSet *set, uint32_t masks[2]) {
        uint32_t allow = 0, deny = 0, open = ~(masks[0] | masks[1]);

        for (size_t i = 0; i < state->n_aces; i++) {
                const Ace *ace = &state->aces[i];

                if (!ace->identity || !set_has(set, ace->identity->index))
                        continue;
                allow |= ace->allow;
                deny |= ace->deny;
        }
        masks[0] |= allow & ~deny & open;
        masks[1] |= deny & open;
}

/* Cuts the key back to its parent; false at the top. */
static bool key_up(char *key, char separator) {
        char *last = separator ? strrchr(key, separator) : NULL;

        if (!last)
                return false;
        *last = '\0';
        return true;
}

EvaluationResult evaluation_run(World *world, Organization *organization, const Namespace *ns, const char *token,
                                const Identity *identity, int64_t as_of) {
        const AclStore *store = &organization->stores[ns->index];
        char buffer[KEY_BUFFER_BYTES];
        char *key = text_fold_into(token, buffer, sizeof(buffer));
        char separator = namespace_separator(ns);
        uint32_t masks[2] = {0, 0}, own[2] = {0, 0};
        bool first = true, inherit = true;
        GroupSet *owned;
        const GroupSet *set = set_get(organization, identity, as_of, &owned);
        size_t length = strlen(key);

        if (separator && length > 0 && key[length - 1] == separator)
                key[length - 1] = '\0';
        do {
                const AclState *state = acl_find_key(store, key, as_of);

                if (state) {
                        evaluate_level(state, set, masks);
                        inherit = state->inherit;
                }
                if (first)
                        memcpy(own, masks, sizeof(own));
                first = false;
        } while (inherit && key_up(key, separator));
        if (key != buffer)
                free(key);
        free(owned);
        return (EvaluationResult){masks[0], masks[1], masks[0] & ~own[0], masks[1] & ~own[1]};
}

uint32_t evaluation_effective(World *world, Organization *organization, const Namespace *ns, const char *token,
                              const Identity *identity, int64_t as_of) {
        return evaluation_run(world, organization, ns, token, identity, as_of).allow;
}

bool evaluation_in_group(World *world, Organization *organization, const Identity *identity, const Identity *group,
                         int64_t as_of) {
        GroupSet *owned;
        const GroupSet *set = set_get(organization, identity, as_of, &owned);
        bool inside = set_has(set, group->index);

        free(owned);
        return inside;
}

bool evaluation_permits(World *world, Organization *organization, const Namespace *ns, const char *token,
                        const Identity *identity, uint32_t bits) {
        if (evaluation_in_group(world, organization, identity, organization->administrators, AS_OF_NOW))
                return true;
        return (evaluation_effective(world, organization, ns, token, identity, AS_OF_NOW) & bits) == bits;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* OrganisationSeal: what was read is connected, sorted. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/organisation_lookup.h"
#include "common/model/token.h"

static void settle_merged(Organisation *organisation) {
        for (size_t i = 0; i < organisation->n_identities; i++) {
                Identity *identity = &organisation->identities[i];

                if (identity->merged != INDEX_NONE)
                        identity->merged =
                                organisation_canonical_identity(organisation, identity->merged);
        }
        for (size_t i = 0; i < organisation->n_aliases; i++)
                organisation->aliases[i].identity = organisation_canonical_identity(
                        organisation, organisation->aliases[i].identity);
        for (size_t i = 0; i < organisation->n_memberships; i++) {
                Membership *edge = &organisation->memberships[i];

                edge->container = organisation_canonical_identity(organisation, edge->container);
                edge->member = organisation_canonical_identity(organisation, edge->member);
        }
        for (size_t i = 0; i < organisation->n_entities; i++)
                if (organisation->entities[i].identity != INDEX_NONE)
                        organisation->entities[i].identity = organisation_canonical_identity(
                                organisation, organisation->entities[i].identity);
        if (organisation->self_identity != INDEX_NONE)
                organisation->self_identity =
                        organisation_canonical_identity(organisation, organisation->self_identity);
        organisation_settle_entries(organisation);
        organisation->lookup->edges_changed = true;
        organisation->lookup->identities_merged = false;
}

static int compare_index(Index a, Index b) {
        return a < b ? -1 : a > b;
}

static int compare_members(const void *a, const void *b) {
        const Membership *x = a;
        const Membership *y = b;
        int order = compare_index(x->container, y->container);

        if (order == 0)
                order = compare_index(x->member, y->member);
        /* What was seen stands before what is assumed. */
        return order ? order : x->assumed - y->assumed;
}

static int compare_containers(const void *a, const void *b) {
        const Membership *x = a;
        const Membership *y = b;
        int order = compare_index(x->member, y->member);

        return order ? order : compare_index(x->container, y->container);
}

static void sort_edges(Organisation *organisation) {
        Membership *edges = organisation->memberships;
        size_t n = 0;

        if (organisation->n_memberships > 0)
                qsort(edges, organisation->n_memberships, sizeof(*edges), compare_members);
        for (size_t i = 0; i < organisation->n_memberships; i++)
                if (n == 0 || edges[i].container != edges[n - 1].container ||
                    edges[i].member != edges[n - 1].member)
                        edges[n++] = edges[i];
        organisation->n_memberships = n;
        organisation->member_of =
                mem_resize_array(organisation, organisation->member_of, sizeof(*edges), n);
        organisation->n_member_of = n;
        if (n == 0)
                return;
        memcpy(organisation->member_of, edges, n * sizeof(*edges));
        qsort(organisation->member_of, n, sizeof(*edges), compare_containers);
}

static int compare_entities(const void *a, const void *b, void *context) {
        const Organisation *organisation = context;
        const Entity *x = &organisation->entities[*(const Index *)a];
        const Entity *y = &organisation->entities[*(const Index *)b];
        int order = compare_index(x->project, y->project);

        if (order == 0)
                order = compare_index(x->kind, y->kind);
        if (order == 0)
                order = text_compare(x->name, y->name);
        return order ? order : compare_index(*(const Index *)a, *(const Index *)b);
}

static void sort_entities(Organisation *organisation) {
        size_t n = organisation->n_entities;

        organisation->entity_order =
                mem_resize_array(organisation, organisation->entity_order, sizeof(Index), n);
        for (size_t i = 0; i < n; i++)
                organisation->entity_order[i] = (Index)i;
        qsort_r(organisation->entity_order, n, sizeof(Index), compare_entities, organisation);
}

static int compare_lists(const void *a, const void *b, void *context) {
        const Organisation *organisation = context;
        const AccessControlList *x = &organisation->acls[*(const Index *)a];
        const AccessControlList *y = &organisation->acls[*(const Index *)b];

        if (x->namespace != y->namespace)
                return x->namespace < y->namespace ? -1 : 1;
        return token_compare(x->token, y->token,
                             organisation->permissions.items[x->namespace].separator);
}

static void sort_lists(Organisation *organisation) {
        size_t n = organisation->n_acls;
        size_t n_kept = 0;
        size_t n_forgotten = 0;
        Index *order = mem_resize_array(organisation, organisation->acl_order, sizeof(Index), n);

        for (size_t i = 0; i < n; i++) {
                if (organisation->acls[i].forgotten)
                        order[n - ++n_forgotten] = (Index)i;
                else
                        order[n_kept++] = (Index)i;
        }
        qsort_r(order, n_kept, sizeof(Index), compare_lists, organisation);
        organisation->acl_order = order;
        organisation->n_acl_order = n_kept;
}

static void connect_lists(Organisation *organisation) {
        for (size_t i = 0; i < organisation->n_acls; i++)
                organisation->acls[i].entity = INDEX_NONE;
        for (size_t i = 0; i < organisation->n_entities; i++) {
                const Entity *entity = &organisation->entities[i];
                int space = kind_namespace(entity->kind);
                Index row = INDEX_NONE;

                if (space < 0 || !entity->token)
                        continue;
                row = organisation_find_acl(organisation, (uint8_t)space, entity->token);
                if (row == INDEX_NONE)
                        continue;
                organisation->acls[row].entity = (Index)i;
                if (organisation->acls[row].project == INDEX_NONE)
                        organisation->acls[row].project = entity->project;
        }
}

void organisation_seal(Organisation *organisation) {
        OrganisationLookup *lookup = organisation->lookup;

        if (lookup->identities_merged)
                settle_merged(organisation);
        if (lookup->edges_changed)
                sort_edges(organisation);
        if (lookup->entities_changed)
                sort_entities(organisation);
        if (lookup->acls_changed)
                sort_lists(organisation);
        if (lookup->entities_changed || lookup->acls_changed)
                connect_lists(organisation);
        lookup->edges_changed = false;
        lookup->entities_changed = false;
        lookup->acls_changed = false;
}

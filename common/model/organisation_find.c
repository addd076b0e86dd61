/* SPDX-License-Identifier: Apache-2.0 */
/* OrganisationFind: rows found by their keys. */
#include <assert.h>

#include "common/model/organisation_lookup.h"
#include "common/model/token.h"

Index organisation_find_project(const Organisation *organisation, const char *name) {
        const Table *table = &organisation->lookup->project_names;
        TableCursor cursor = table_find(table, text_hash(name));
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE)
                if (text_equal(organisation->projects[row].name, name))
                        return row;
        return INDEX_NONE;
}

Index organisation_find_project_id(const Organisation *organisation, Guid id) {
        const Table *table = &organisation->lookup->project_ids;
        TableCursor cursor = table_find(table, lookup_hash_guid(id));
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE)
                if (guid_compare(organisation->projects[row].id, id) == 0)
                        return row;
        return INDEX_NONE;
}

Index organisation_canonical_identity(const Organisation *organisation, Index identity) {
        while (organisation->identities[identity].merged != INDEX_NONE)
                identity = organisation->identities[identity].merged;
        return identity;
}

Index organisation_find_identity(const Organisation *organisation, Guid storage_key) {
        const Table *table = &organisation->lookup->storage_keys;
        TableCursor cursor = table_find(table, lookup_hash_guid(storage_key));
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE)
                if (guid_compare(organisation->identities[row].storage_key, storage_key) == 0)
                        return organisation_canonical_identity(organisation, row);
        return INDEX_NONE;
}

Index organisation_scope_of(const Organisation *organisation, Index project) {
        return project < organisation->n_projects && organisation->projects[project].name &&
                               organisation->projects[project].name[0] == '\0'
                       ? INDEX_NONE
                       : project;
}

Index organisation_find_group(const Organisation *organisation, Index of, const char *name) {
        const Table *table = &organisation->lookup->groups;
        Index project = organisation_scope_of(organisation, of);
        TableCursor cursor = table_find(table, lookup_hash_scoped(project, 0, name));
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE) {
                const Identity *identity = &organisation->identities[row];

                if (identity->kind == IDENTITY_GROUP && identity->project == project &&
                    text_equal(identity->name, name))
                        return organisation_canonical_identity(organisation, row);
        }
        return INDEX_NONE;
}

Index organisation_find_person(const Organisation *organisation, const char *name_or_object_id) {
        const Table *table = &organisation->lookup->persons;
        TableCursor cursor = table_find(table, text_hash(name_or_object_id));
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE) {
                const Identity *identity = &organisation->identities[row];

                if ((identity->name && text_equal(identity->name, name_or_object_id)) ||
                    (identity->display && text_equal(identity->display, name_or_object_id)) ||
                    (identity->origin_id && text_equal(identity->origin_id, name_or_object_id)))
                        return organisation_canonical_identity(organisation, row);
        }
        return INDEX_NONE;
}

Index organisation_find_entity(const Organisation *organisation, Index project, Kind kind,
                               const char *name) {
        const Table *table = &organisation->lookup->entity_names;
        TableCursor cursor = table_find(table, lookup_hash_scoped(project, kind, name));
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE) {
                const Entity *entity = &organisation->entities[row];

                if (entity->project == project && entity->kind == kind &&
                    text_equal(entity->name, name))
                        return row;
        }
        return INDEX_NONE;
}

Index organisation_find_entity_id(const Organisation *organisation, Kind kind, const char *id) {
        const Table *table = &organisation->lookup->entity_ids;
        TableCursor cursor = table_find(table, lookup_hash_scoped(0, kind, id));
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE) {
                const Entity *entity = &organisation->entities[row];

                if (entity->kind == kind && entity->id && text_equal(entity->id, id))
                        return row;
        }
        return INDEX_NONE;
}

const PipelineUsers *organisation_find_pipeline_users(const Organisation *organisation,
                                                      Index entity) {
        const Table *table = &organisation->lookup->pipeline_users;
        TableCursor cursor = table_find(table, entity);
        uint32_t row;

        while ((row = table_next(table, &cursor)) != TABLE_NONE)
                if (organisation->pipeline_users[row].entity == entity)
                        return &organisation->pipeline_users[row];
        return NULL;
}

const TeamAreas *organisation_find_team_areas(const Organisation *organisation, Index team) {
        const Table *table = &organisation->lookup->areas;
        TableCursor cursor = table_find(table, team);
        uint32_t row = 0;

        while ((row = table_next(table, &cursor)) != TABLE_NONE)
                if (organisation->team_areas[row].team == team)
                        return &organisation->team_areas[row];
        return NULL;
}

const AccessControlEntry *acl_find_entry(const AccessControlList *acl, Index identity) {
        size_t low = 0;
        size_t high = acl->n_entries;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (acl->entries[middle].identity == identity)
                        return &acl->entries[middle];
                if (acl->entries[middle].identity < identity)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

/* Direct edges */

typedef enum EdgeOrder {
        BY_CONTAINER,
        BY_MEMBER,
} EdgeOrder;

static int compare_key(const Membership *membership, EdgeOrder order, Index first, Index second) {
        Index a = order == BY_MEMBER ? membership->member : membership->container;
        Index b = order == BY_MEMBER ? membership->container : membership->member;

        if (a != first)
                return a < first ? -1 : 1;
        return b < second ? -1 : b > second;
}

/* The first edge that is not before (first, second). */
static size_t lower_edge(const Membership *edges, size_t n, EdgeOrder order, Index first,
                         Index second) {
        size_t low = 0;
        size_t high = n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (compare_key(&edges[middle], order, first, second) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

bool organisation_is_member(const Organisation *organisation, Index container, Index member) {
        size_t at = lower_edge(organisation->memberships, organisation->n_memberships, BY_CONTAINER,
                               container, member);

        return at < organisation->n_memberships &&
               compare_key(&organisation->memberships[at], BY_CONTAINER, container, member) == 0;
}

const Membership *organisation_members(const Organisation *organisation, Index container,
                                       size_t *np) {
        const Membership *edges = organisation->memberships;
        size_t first = lower_edge(edges, organisation->n_memberships, BY_CONTAINER, container, 0);
        size_t end = first;

        while (end < organisation->n_memberships && edges[end].container == container)
                end++;
        *np = end - first;
        return edges ? &edges[first] : NULL;
}

const Membership *organisation_containers(const Organisation *organisation, Index member,
                                          size_t *np) {
        const Membership *edges = organisation->member_of;
        size_t first = lower_edge(edges, organisation->n_member_of, BY_MEMBER, member, 0);
        size_t end = first;

        while (end < organisation->n_member_of && edges[end].member == member)
                end++;
        *np = end - first;
        return edges ? &edges[first] : NULL;
}

/* The first list in the order that is not before the token. */
static size_t lower_list(const Organisation *organisation, uint8_t space, const char *token) {
        char separator = organisation->permissions.items[space].separator;
        size_t low = 0;
        size_t high = organisation->n_acl_order;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const AccessControlList *acl = &organisation->acls[organisation->acl_order[middle]];

                if (acl->namespace < space ||
                    (acl->namespace == space && token_compare(acl->token, token, separator) < 0))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

void organisation_walk_acls(const Organisation *organisation, uint8_t space, const char *token,
                            void (*visit)(void *context, Index acl), void *context) {
        char separator = organisation->permissions.items[space].separator;

        for (size_t i = lower_list(organisation, space, token); i < organisation->n_acl_order;
             i++) {
                Index row = organisation->acl_order[i];
                const AccessControlList *acl = &organisation->acls[row];

                if (acl->namespace != space || !token_is_within(acl->token, token, separator))
                        return;
                if (!acl->forgotten)
                        visit(context, row);
        }
}

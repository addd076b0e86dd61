/* SPDX-License-Identifier: Apache-2.0 */
/* Organisation: rows added while it is read. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/organisation_lookup.h"
#include "common/model/token.h"

static const char *keep(Organisation *organisation, const char *text) {
        return arena_strdup(organisation->lookup->arena, text);
}

/* What is known stays; what is not is taken over. */
static void fill(Organisation *organisation, const char **textp, const char *text) {
        if (!*textp && text)
                *textp = keep(organisation, text);
}

/* The newer one stays. */
static void renew(Organisation *organisation, const char **textp, const char *text) {
        if (text && (!*textp || strcmp(*textp, text) != 0))
                *textp = keep(organisation, text);
}

static const char *name_of_url(Organisation *organisation, const char *url) {
        size_t n = strlen(url);
        size_t start = 0;

        while (n > 0 && url[n - 1] == '/')
                n--;
        for (size_t i = 0; i < n; i++)
                if (url[i] == '/')
                        start = i + 1;
        return arena_strndup(organisation->lookup->arena, url + start, n - start);
}

Organisation *organisation_new(Mem *parent, const char *url) {
        Organisation *organisation = mem_new(parent, Organisation);
        OrganisationLookup *lookup = mem_new(organisation, OrganisationLookup);
        Table *const tables[] = {
                &lookup->project_names, &lookup->project_ids, &lookup->storage_keys,
                &lookup->descriptors,   &lookup->groups,      &lookup->persons,
                &lookup->entity_names,  &lookup->entity_ids,  &lookup->acls,
                &lookup->areas,
                &lookup->pipeline_users,
        };

        organisation->mem = organisation;
        organisation->lookup = lookup;
        lookup->arena = arena_new(lookup);
        for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
                table_init(tables[i], lookup);
        organisation->url = keep(organisation, url);
        organisation->name = name_of_url(organisation, url);
        organisation->self_identity = INDEX_NONE;
        organisation->permissions = *permission_table_builtin();
        for (Kind kind = 0; kind < _KIND_N; kind++)
                for (RoleLevel level = 0; level < _ROLE_LEVEL_N; level++)
                        organisation->roles[kind][level] = role_table_builtin(kind, level);
        return organisation;
}

/* Projects */

static void index_project(Organisation *organisation, Index row) {
        const Project *project = &organisation->projects[row];
        OrganisationLookup *lookup = organisation->lookup;

        if (project->name && organisation_find_project(organisation, project->name) != row)
                table_add(&lookup->project_names, text_hash(project->name), row);
        if (!guid_is_null(project->id) &&
            organisation_find_project_id(organisation, project->id) != row)
                table_add(&lookup->project_ids, lookup_hash_guid(project->id), row);
}

Index organisation_add_project(Organisation *organisation, const Project *project) {
        Index row = INDEX_NONE;
        Project *kept = NULL;
        bool is_new = false;

        if (!guid_is_null(project->id))
                row = organisation_find_project_id(organisation, project->id);
        if (row == INDEX_NONE && project->name)
                row = organisation_find_project(organisation, project->name);
        if (row == INDEX_NONE) {
                row = (Index)organisation->n_projects;
                kept = mem_push(organisation, organisation->projects, organisation->n_projects);
                kept->state = project->state;
                kept->rights = project->rights;
                kept->spaces = project->spaces;
                is_new = true;
        }
        kept = &organisation->projects[row];
        if (!guid_is_null(project->id))
                kept->id = project->id;
        renew(organisation, &kept->name, project->name);
        renew(organisation, &kept->visibility, project->visibility);
        fill(organisation, &kept->scope, project->scope);
        fill(organisation, &kept->error, project->error);
        for (size_t i = 0; i < _NAMESPACE_N; i++)
                renew(organisation, &kept->root_token[i], project->root_token[i]);
        kept->assumed = is_new ? project->assumed : kept->assumed && project->assumed;
        index_project(organisation, row);
        return row;
}

/* Identities */

static void index_identity(Organisation *organisation, Index row) {
        const Identity *identity = &organisation->identities[row];
        OrganisationLookup *lookup = organisation->lookup;

        if (!guid_is_null(identity->storage_key) &&
            organisation_find_identity(organisation, identity->storage_key) != row)
                table_add(&lookup->storage_keys, lookup_hash_guid(identity->storage_key), row);
        switch (identity->kind) {
        case IDENTITY_GROUP:
                if (identity->name &&
                    organisation_find_group(organisation, identity->project, identity->name) != row)
                        table_add(&lookup->groups,
                                  lookup_hash_scoped(identity->project, 0, identity->name), row);
                break;
        case IDENTITY_USER:
        case IDENTITY_ENTRA_GROUP:
        case IDENTITY_SERVICE_PRINCIPAL:
                if (identity->name && organisation_find_person(organisation, identity->name) != row)
                        table_add(&lookup->persons, text_hash(identity->name), row);
                if (identity->origin_id &&
                    organisation_find_person(organisation, identity->origin_id) != row)
                        table_add(&lookup->persons, text_hash(identity->origin_id), row);
                if (identity->display &&
                    organisation_find_person(organisation, identity->display) != row)
                        table_add(&lookup->persons, text_hash(identity->display), row);
                break;
        case IDENTITY_UNKNOWN:
        case IDENTITY_SERVICE:
                break;
        }
}

static void complete_identity(Organisation *organisation, Index row, const Identity *news) {
        Identity *kept = &organisation->identities[row];

        if (guid_is_null(kept->storage_key))
                kept->storage_key = news->storage_key;
        if (kept->kind == IDENTITY_UNKNOWN) {
                kept->kind = news->kind;
                kept->assumed = news->assumed;
        }
        if (kept->role == IDENTITY_ROLE_NONE)
                kept->role = news->role;
        if (kept->project == INDEX_NONE)
                kept->project = news->project;
        renew(organisation, &kept->name, news->name);
        renew(organisation, &kept->display, news->display);
        fill(organisation, &kept->subject, news->subject);
        fill(organisation, &kept->origin_id, news->origin_id);
        kept->is_team |= news->is_team;
        kept->members_known |= news->members_known;
        kept->containers_known |= news->containers_known;
        kept->assumed = kept->assumed && news->assumed;
}

/* The row `from`, known by descriptor alone, is `into`. */
static void merge_identity(Organisation *organisation, Index from, Index into) {
        Identity known = organisation->identities[from];

        known.name = NULL; /* of `into` we know better */
        known.display = NULL;
        complete_identity(organisation, into, &known);
        if (!organisation->identities[into].descriptor)
                organisation->identities[into].descriptor = known.descriptor;
        organisation->identities[from].merged = into;
        organisation->lookup->identities_merged = true;
}

static IdentityAlias *find_alias(const Organisation *organisation, const char *descriptor) {
        const Table *table = &organisation->lookup->descriptors;
        TableCursor cursor = table_find(table, text_hash(descriptor));

        for (;;) {
                uint32_t alias = table_next(table, &cursor);

                if (alias == TABLE_NONE)
                        return NULL;
                if (text_equal(organisation->aliases[alias].descriptor, descriptor))
                        return &organisation->aliases[alias];
        }
}

Index organisation_find_descriptor(const Organisation *organisation, const char *descriptor) {
        const IdentityAlias *alias = find_alias(organisation, descriptor);

        return alias ? organisation_canonical_identity(organisation, alias->identity) : INDEX_NONE;
}

/* The row's own spelling of a descriptor when it has one: it is kept once. */
static const char *keep_descriptor(Organisation *organisation, const char *descriptor,
                                   Index identity) {
        const Identity *row = &organisation->identities[identity];

        if (row->descriptor && strcmp(row->descriptor, descriptor) == 0)
                return row->descriptor;
        if (row->subject && strcmp(row->subject, descriptor) == 0)
                return row->subject;
        return keep(organisation, descriptor);
}

void organisation_add_alias(Organisation *organisation, const char *descriptor, Index identity) {
        IdentityAlias *alias = find_alias(organisation, descriptor);

        assert(identity < organisation->n_identities);
        if (alias) {
                alias->identity = identity;
                return;
        }
        table_add(&organisation->lookup->descriptors, text_hash(descriptor),
                  (uint32_t)organisation->n_aliases);
        alias = mem_push(organisation, organisation->aliases, organisation->n_aliases);
        alias->descriptor = keep_descriptor(organisation, descriptor, identity);
        alias->identity = identity;
}

static Index new_identity(Organisation *organisation, const Identity *identity) {
        Index row = (Index)organisation->n_identities;
        Identity *kept =
                mem_push(organisation, organisation->identities, organisation->n_identities);

        kept->project = INDEX_NONE;
        kept->merged = INDEX_NONE;
        complete_identity(organisation, row, identity);
        return row;
}

/* Nothing but its descriptor is known of it. */
static bool is_bare(const Organisation *organisation, Index row) {
        return guid_is_null(organisation->identities[row].storage_key);
}

/* The row an identity with these descriptors has, or INDEX_NONE. */
static Index choose_row(const Organisation *organisation, const Identity *identity,
                        const char *const *descriptors, size_t n) {
        bool has_key = !guid_is_null(identity->storage_key);
        Index row = INDEX_NONE;

        if (has_key)
                row = organisation_find_identity(organisation, identity->storage_key);
        for (size_t i = 0; i < n && row == INDEX_NONE; i++) {
                if (!descriptors[i])
                        continue;
                row = organisation_find_descriptor(organisation, descriptors[i]);
                if (row != INDEX_NONE && has_key && !is_bare(organisation, row))
                        row = INDEX_NONE; /* it was somebody else's: the newer answer counts */
        }
        return row;
}

/* The row of an identity known by its storage key, and by all these descriptors. */
static Index adopt(Organisation *organisation, const Identity *identity,
                   const char *const *descriptors, size_t n) {
        Index row = choose_row(organisation, identity, descriptors, n);

        if (row == INDEX_NONE)
                row = new_identity(organisation, identity);
        else
                complete_identity(organisation, row, identity);
        renew(organisation, &organisation->identities[row].descriptor, identity->descriptor);
        for (size_t i = 0; i < n; i++) {
                Index other = INDEX_NONE;

                if (!descriptors[i])
                        continue;
                other = organisation_find_descriptor(organisation, descriptors[i]);
                if (other == row)
                        continue;
                if (other != INDEX_NONE && is_bare(organisation, other))
                        merge_identity(organisation, other, row);
                organisation_add_alias(organisation, descriptors[i], row);
        }
        index_identity(organisation, row);
        return row;
}

Index organisation_add_identity(Organisation *organisation, const Identity *identity) {
        const char *const descriptors[] = {identity->descriptor, identity->subject};

        return adopt(organisation, identity, descriptors, 2);
}

Index organisation_resolve_descriptor(Organisation *organisation, const char *descriptor,
                                      const Identity *identity) {
        const char *const descriptors[] = {descriptor, identity->descriptor, identity->subject};

        return adopt(organisation, identity, descriptors, 3);
}

Index organisation_descriptor_row(Organisation *organisation, const char *descriptor) {
        Index row = organisation_find_descriptor(organisation, descriptor);
        Identity identity = {.kind = IDENTITY_UNKNOWN, .project = INDEX_NONE};

        if (row != INDEX_NONE)
                return row;
        /* Only identity descriptors have a type in front of a semicolon (facts §5.1). */
        if (strchr(descriptor, ';'))
                identity.descriptor = descriptor;
        else
                identity.subject = descriptor;
        return organisation_add_identity(organisation, &identity);
}

/* Entities */

static void index_entity(Organisation *organisation, Index row) {
        const Entity *entity = &organisation->entities[row];
        OrganisationLookup *lookup = organisation->lookup;

        if (entity->name && organisation_find_entity(organisation, entity->project, entity->kind,
                                                     entity->name) != row)
                table_add(&lookup->entity_names,
                          lookup_hash_scoped(entity->project, entity->kind, entity->name), row);
        if (entity->id &&
            organisation_find_entity_id(organisation, entity->kind, entity->id) != row)
                table_add(&lookup->entity_ids, lookup_hash_scoped(0, entity->kind, entity->id),
                          row);
}

Index organisation_add_entity(Organisation *organisation, const Entity *entity) {
        Index row = INDEX_NONE;
        Entity *kept = NULL;

        if (entity->id)
                row = organisation_find_entity_id(organisation, entity->kind, entity->id);
        if (row == INDEX_NONE)
                row = organisation_find_entity(organisation, entity->project, entity->kind,
                                               entity->name);
        if (row == INDEX_NONE) {
                row = (Index)organisation->n_entities;
                kept = mem_push(organisation, organisation->entities, organisation->n_entities);
                kept->kind = entity->kind;
                kept->project = entity->project;
                kept->identity = INDEX_NONE;
                kept->assumed = entity->assumed;
        }
        kept = &organisation->entities[row];
        renew(organisation, &kept->name, entity->name);
        renew(organisation, &kept->id, entity->id);
        renew(organisation, &kept->token, entity->token);
        if (entity->identity != INDEX_NONE)
                kept->identity = entity->identity;
        kept->assumed = kept->assumed && entity->assumed;
        index_entity(organisation, row);
        organisation->lookup->entities_changed = true;
        return row;
}

/* Memberships */

void organisation_add_membership(Organisation *organisation, Index container, Index member) {
        Membership *membership = NULL;

        assert(container < organisation->n_identities && member < organisation->n_identities);
        membership = mem_push(organisation, organisation->memberships, organisation->n_memberships);
        membership->container = organisation_canonical_identity(organisation, container);
        membership->member = organisation_canonical_identity(organisation, member);
        organisation->lookup->edges_changed = true;
}

void organisation_clear_members(Organisation *organisation, Index container) {
        size_t n = 0;

        container = organisation_canonical_identity(organisation, container);
        for (size_t i = 0; i < organisation->n_memberships; i++)
                if (organisation->memberships[i].container != container)
                        organisation->memberships[n++] = organisation->memberships[i];
        organisation->n_memberships = n;
        organisation->identities[container].members_known = false;
        organisation->lookup->edges_changed = true;
}

/* Lists */

static int compare_entries(const void *a, const void *b) {
        const AccessControlEntry *x = a;
        const AccessControlEntry *y = b;

        return x->identity < y->identity ? -1 : x->identity > y->identity;
}

/* Sorted; two spellings of one identity are one entry. */
static size_t sort_entries(AccessControlEntry *entries, size_t n) {
        size_t kept = 0;

        if (n == 0)
                return 0;
        qsort(entries, n, sizeof(*entries), compare_entries);
        for (size_t i = 1; i < n; i++) {
                if (entries[i].identity != entries[kept].identity) {
                        entries[++kept] = entries[i];
                        continue;
                }
                entries[kept].allow |= entries[i].allow;
                entries[kept].deny |= entries[i].deny;
        }
        return kept + 1;
}

/* Entries name the rows that stand for themselves. */
static void settle_entries(const Organisation *organisation, AccessControlList *acl) {
        for (size_t i = 0; i < acl->n_entries; i++)
                acl->entries[i].identity =
                        organisation_canonical_identity(organisation, acl->entries[i].identity);
        acl->n_entries = sort_entries(acl->entries, acl->n_entries);
}

static Index find_list(const Organisation *organisation, uint8_t space, const char *token) {
        const Table *table = &organisation->lookup->acls;
        char separator = organisation->permissions.items[space].separator;
        TableCursor cursor = table_find(table, token_hash(token, separator) ^ space);

        for (;;) {
                uint32_t row = table_next(table, &cursor);

                if (row == TABLE_NONE)
                        return INDEX_NONE;
                if (organisation->acls[row].namespace == space &&
                    token_compare(organisation->acls[row].token, token, separator) == 0)
                        return row;
        }
}

Index organisation_find_acl(const Organisation *organisation, uint8_t space, const char *token) {
        Index row = find_list(organisation, space, token);

        return row == INDEX_NONE || organisation->acls[row].forgotten ? INDEX_NONE : row;
}

static Index new_list(Organisation *organisation, const AccessControlList *acl) {
        OrganisationLookup *lookup = organisation->lookup;
        char separator = organisation->permissions.items[acl->namespace].separator;
        Index row = (Index)organisation->n_acls;
        AccessControlList *kept = mem_push(organisation, organisation->acls, organisation->n_acls);

        kept->namespace = acl->namespace;
        kept->token = keep(organisation, acl->token);
        kept->entity = INDEX_NONE;
        kept->project = INDEX_NONE;
        table_add(&lookup->acls, token_hash(acl->token, separator) ^ acl->namespace, row);
        *mem_push(lookup, lookup->room, lookup->n_room) = 0;
        lookup->acls_changed = true;
        return row;
}

Index organisation_set_acl(Organisation *organisation, const AccessControlList *acl) {
        OrganisationLookup *lookup = organisation->lookup;
        Index row = INDEX_NONE;
        AccessControlList *kept = NULL;

        assert(acl->namespace < _NAMESPACE_N && acl->token);
        row = find_list(organisation, acl->namespace, acl->token);
        if (row == INDEX_NONE)
                row = new_list(organisation, acl);
        kept = &organisation->acls[row];
        if (kept->forgotten)
                lookup->acls_changed = true;
        kept->forgotten = false;
        kept->inherit = acl->inherit;
        kept->assumed = acl->assumed;
        kept->read_at = acl->read_at;
        if (acl->project != INDEX_NONE)
                kept->project = acl->project;
        if (acl->n_entries > lookup->room[row]) {
                kept->entries = arena_alloc(lookup->arena, acl->n_entries * sizeof(*acl->entries));
                lookup->room[row] = (uint32_t)acl->n_entries;
        }
        if (acl->n_entries > 0)
                memmove(kept->entries, acl->entries, acl->n_entries * sizeof(*acl->entries));
        kept->n_entries = acl->n_entries;
        settle_entries(organisation, kept);
        return row;
}

static void forget_list(Organisation *organisation, AccessControlList *acl) {
        acl->forgotten = true;
        acl->inherit = true;
        acl->n_entries = 0;
        acl->entity = INDEX_NONE;
        organisation->lookup->acls_changed = true;
}

void organisation_clear_acls(Organisation *organisation, uint8_t space, const char *root_token) {
        char separator = organisation->permissions.items[space].separator;

        for (size_t i = 0; i < organisation->n_acls; i++) {
                AccessControlList *acl = &organisation->acls[i];

                if (acl->namespace == space && !acl->forgotten &&
                    token_is_within(acl->token, root_token, separator))
                        forget_list(organisation, acl);
        }
}

void organisation_clear_acl(Organisation *organisation, uint8_t space, const char *token) {
        Index row = organisation_find_acl(organisation, space, token);

        if (row != INDEX_NONE)
                forget_list(organisation, &organisation->acls[row]);
}

/* Areas of teams */

void organisation_set_team_areas(Organisation *organisation, const TeamAreas *areas) {
        OrganisationLookup *lookup = organisation->lookup;
        TeamAreas *kept = (TeamAreas *)organisation_find_team_areas(organisation, areas->team);

        if (!kept) {
                table_add(&lookup->areas, areas->team, (uint32_t)organisation->n_team_areas);
                kept = mem_push(organisation, organisation->team_areas, organisation->n_team_areas);
        }
        *kept = *areas;
        kept->default_path = keep(organisation, areas->default_path);
        kept->areas =
                arena_memdup(lookup->arena, areas->areas, areas->n_areas * sizeof(*areas->areas));
        for (size_t i = 0; i < areas->n_areas; i++)
                kept->areas[i].path = keep(organisation, areas->areas[i].path);
}

void organisation_settle_entries(Organisation *organisation) {
        for (size_t i = 0; i < organisation->n_acls; i++)
                settle_entries(organisation, &organisation->acls[i]);
}

static int compare_ids(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return x < y ? -1 : x > y;
}

void organisation_set_pipeline_users(Organisation *organisation, const PipelineUsers *users) {
        OrganisationLookup *lookup = organisation->lookup;
        PipelineUsers *kept =
                (PipelineUsers *)organisation_find_pipeline_users(organisation, users->entity);

        if (!kept) {
                table_add(&lookup->pipeline_users, users->entity,
                          (uint32_t)organisation->n_pipeline_users);
                kept = mem_push(organisation, organisation->pipeline_users,
                                organisation->n_pipeline_users);
        }
        *kept = *users;
        kept->ids = arena_memdup(lookup->arena, users->ids, users->n_ids * sizeof *users->ids);
        if (kept->n_ids > 1)
                qsort(kept->ids, kept->n_ids, sizeof *kept->ids, compare_ids);
}

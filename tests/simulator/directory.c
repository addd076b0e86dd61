/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of an organisation: its people, groups, memberships. */
#include "tests/simulator/directory.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/audit.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/defaults.h"
#include "tests/simulator/evaluation.h"
#include "tests/simulator/pool.h"

#define SID_PREFIX "S-1-9-1551374245"
#define SID_GENERIC_DOMAIN "1204400969-2402986413-2179408616"
#define GROUP_DESCRIPTOR_TYPE "Microsoft.TeamFoundation.Identity"
#define USER_DESCRIPTOR_TYPE "Microsoft.IdentityModel.Claims.ClaimsIdentity"
#define PRINCIPAL_DESCRIPTOR_TYPE "Microsoft.VisualStudio.Services.Claims.AadServicePrincipal"
#define WINDOWS_DESCRIPTOR_TYPE "System.Security.Principal.WindowsIdentity"
#define SERVICE_DESCRIPTOR_TYPE "Microsoft.TeamFoundation.ServiceIdentity"

enum {
        GUID_VERSION_PLACE = 14, /* of the version digit in a GUID's text */
        FIRST_NODE_ID = 1000,
        FIRST_RESOURCE_ID = 10,
        FIRST_WINDOWS_ID = 1103, /* relative, of an account in its domain */
};

/* Tails of SIDs (facts §5.3); ordinary groups have a random one. */
static const char *role_tail(GroupRole role) {
        switch (role) {
        case GROUP_PROJECT_ADMINISTRATORS:
        case GROUP_COLLECTION_ADMINISTRATORS:
                return "0-0-0-0-1";
        case GROUP_COLLECTION_SERVICE_ACCOUNTS:
                return "0-0-0-0-2";
        case GROUP_PROJECT_VALID_USERS:
        case GROUP_COLLECTION_VALID_USERS:
                return "0-0-0-0-3";
        case GROUP_SECURITY_SERVICE:
                return "0-0-0-0-5";
        case GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS:
                return "0-0-0-1-1";
        case GROUP_BUILD_ADMINISTRATORS:
        case GROUP_COLLECTION_BUILD_ADMINISTRATORS:
                return "0-0-0-1-2";
        case GROUP_COLLECTION_TEST_SERVICE_ACCOUNTS:
                return "0-0-0-4-1";
        case GROUP_COLLECTION_PROXY_SERVICE_ACCOUNTS:
                return "0-0-0-5-1";
        case GROUP_ORDINARY:
        case GROUP_CONTRIBUTORS:
        case GROUP_READERS:
        case GROUP_PROJECT_SCOPED_USERS:
                return NULL;
        }
        return NULL;
}

static const char *guid_domain(Arena *arena, const char *guid) {
        uint32_t words[4];

        guid_words(guid, words);
        return arena_print(arena, "%u-%u-%u-%u", words[0], words[1], words[2], words[3]);
}

static const char *group_tail(World *world, GroupRole role) {
        const char *tail = role_tail(role);
        uint32_t words[4];

        if (tail)
                return tail;
        for (size_t i = 0; i < 4; i++)
                words[i] = (uint32_t)random_next(&world->random);
        return arena_print(&world->arena, "1-%u-%u-%u-%u", words[0], words[1], words[2], words[3]);
}

static void name_subject(Arena *arena, Identity *identity, const char *kind, const char *payload) {
        identity->subject_descriptor =
                arena_print(arena, "%s.%s", kind, base64url_encode(arena, payload, strlen(payload)));
}

static void name_group(Organization *organization, Identity *group, const IdentitySpec *spec) {
        World *world = organization->world;
        Arena *arena = &world->arena;
        const char *guid = organization->host_id, *tail = group_tail(world, spec->role), *sid;

        if (spec->project)
                guid = spec->in_project_domain ? spec->project->id : spec->project->scope_id;
        sid = arena_print(arena, SID_PREFIX "-%s-%s", guid_domain(arena, guid), tail);
        group->descriptor = arena_print(arena, GROUP_DESCRIPTOR_TYPE ";%s", sid);
        if (!spec->project && role_tail(spec->role))
                group->generic_descriptor = arena_print(
                        arena, GROUP_DESCRIPTOR_TYPE ";" SID_PREFIX "-" SID_GENERIC_DOMAIN "-%s", tail);
        name_subject(arena, group, "vssgp", sid);
        group->origin_id = group->storage_key;
}

static void name_entra_group(Arena *arena, Identity *group) {
        const char *sid = arena_print(arena, SID_PREFIX "-" SID_GENERIC_DOMAIN "-3-%s",
                                      guid_domain(arena, group->origin_id));

        group->descriptor = arena_print(arena, GROUP_DESCRIPTOR_TYPE ";%s", sid);
        name_subject(arena, group, "aadgp", sid);
}

/* The second identifier of people: the storage key with another version digit (facts §5.3). */
static const char *cuid_of(Arena *arena, const char *storage_key) {
        char *cuid = arena_copy(arena, storage_key);

        cuid[GUID_VERSION_PLACE] = cuid[GUID_VERSION_PLACE] == '7' ? '8' : '7';
        return cuid;
}

static const char *person_descriptor(Organization *organization, const Identity *person) {
        bool user = person->kind == IDENTITY_USER;

        return arena_print(&organization->world->arena, "%s;%s\\%s",
                           user ? USER_DESCRIPTOR_TYPE : PRINCIPAL_DESCRIPTOR_TYPE, organization->tenant_id,
                           user ? person->unique_name : person->origin_id);
}

static void name_person_subject(Arena *arena, Identity *person, const char *cuid) {
        name_subject(arena, person, person->kind == IDENTITY_USER ? "aad" : "aadsp", cuid);
}

static void name_person(Organization *organization, Identity *identity) {
        Arena *arena = &organization->world->arena;

        identity->descriptor = person_descriptor(organization, identity);
        name_person_subject(arena, identity, cuid_of(arena, identity->storage_key));
}

/* An account or group of Active Directory: what an Azure DevOps Server has in place of Entra's (facts §1.4). */
static void name_windows(Organization *organization, Identity *identity) {
        Arena *arena = &organization->world->arena;
        uint32_t words[4];
        const char *sid;

        guid_words(organization->tenant_id, words);
        sid = arena_print(arena, "S-1-5-21-%u-%u-%u-%zu", words[0], words[1], words[2],
                          FIRST_WINDOWS_ID + organization->identities.n_items);
        identity->descriptor = arena_print(arena, WINDOWS_DESCRIPTOR_TYPE ";%s", sid);
        name_subject(arena, identity, "win", sid);
}

static void name_service(Organization *organization, Identity *identity) {
        Arena *arena = &organization->world->arena;
        const char *identifier =
                arena_print(arena, "%s:Build:%s", organization->host_id,
                            identity->project ? identity->project->id : organization->id);

        identity->descriptor = arena_print(arena, SERVICE_DESCRIPTOR_TYPE ";%s", identifier);
        name_subject(arena, identity, "svc", identifier);
}

static void name_identity(Organization *organization, Identity *identity, const IdentitySpec *spec) {
        if (identity_is_windows(organization, identity)) {
                name_windows(organization, identity);
                return;
        }
        switch (spec->kind) {
        case IDENTITY_GROUP:
                name_group(organization, identity, spec);
                break;
        case IDENTITY_ENTRA_GROUP:
                name_entra_group(&organization->world->arena, identity);
                break;
        case IDENTITY_USER:
        case IDENTITY_SERVICE_PRINCIPAL:
                name_person(organization, identity);
                break;
        case IDENTITY_BUILD_SERVICE:
                name_service(organization, identity);
                break;
        }
}

static void note_change(Organization *organization) {
        organization->memberships_changed = organization->world->now;
        organization->memberships_version++;
}

static void index_identity(Organization *organization, Identity *identity) {
        Arena *arena = &organization->world->arena;

        identity->index = organization->identities.n_items;
        array_add(&organization->identities, identity);
        table_set(organization->by_storage_key, arena, identity->storage_key, identity);
        table_set(organization->by_descriptor, arena, identity->descriptor, identity);
        if (identity->generic_descriptor)
                table_set(organization->by_descriptor, arena, identity->generic_descriptor, identity);
        table_set(organization->by_subject, arena, identity->subject_descriptor, identity);
        note_change(organization);
}

static void join_valid_users(Organization *organization, Identity *identity) {
        Identity *valid_users = organization->valid_users;

        if (identity->kind == IDENTITY_BUILD_SERVICE)
                return;
        if (identity->project && identity->role != GROUP_PROJECT_VALID_USERS)
                valid_users = directory_find_role(organization, identity->project, GROUP_PROJECT_VALID_USERS);
        if (valid_users && valid_users != identity)
                membership_add(organization, identity, valid_users);
}

Identity *directory_add(Organization *organization, const IdentitySpec *spec) {
        World *world = organization->world;
        Arena *arena = &world->arena;
        Identity *identity = arena_alloc(arena, sizeof(*identity));

        row_init(world, identity);
        identity->kind = spec->kind;
        identity->role = spec->role;
        identity->project = spec->project;
        identity->name = arena_copy(arena, spec->name);
        identity->description = spec->description ? arena_copy(arena, spec->description) : "";
        identity->unique_name = arena_copy(arena, spec->unique_name);
        identity->application_id = arena_copy(arena, spec->application_id);
        identity->storage_key = guid_parse(arena, spec->storage_key);
        identity->origin_id = guid_parse(arena, spec->origin_id);
        if (!identity->storage_key) {
                char *made = random_guid(&world->random, arena);

                if (spec->kind != IDENTITY_GROUP)
                        made[GUID_VERSION_PLACE] = '6';
                identity->storage_key = made;
        }
        if (!identity->origin_id)
                identity->origin_id = random_guid(&world->random, arena);
        name_identity(organization, identity, spec);
        index_identity(organization, identity);
        if (spec->pat)
                directory_set_pat(organization, identity, spec->pat);
        join_valid_users(organization, identity);
        audit_note_group(organization, AUDIT_CREATE_GROUP, identity);
        return identity;
}

static void end_memberships(World *world, Array *edges) {
        for (size_t i = 0; i < edges->n_items; i++) {
                Membership *edge = edges->items[i];

                if (edge->deleted == ROW_ALIVE)
                        edge->deleted = world->now;
        }
}

void directory_remove(Organization *organization, Identity *identity) {
        audit_note_group(organization, AUDIT_DELETE_GROUP, identity);
        row_delete(organization->world, identity, sizeof(*identity));
        end_memberships(organization->world, &identity->parents);
        end_memberships(organization->world, &identity->members);
        if (identity->pat)
                table_set(organization->by_pat, &organization->world->arena, identity->pat, NULL);
        note_change(organization);
}

void directory_rename(Organization *organization, Identity *identity, const char *name) {
        row_touch(organization->world, identity, sizeof(*identity));
        identity->name = arena_copy(&organization->world->arena, name);
}

void directory_describe(Organization *organization, Identity *identity, const char *description) {
        row_touch(organization->world, identity, sizeof(*identity));
        identity->description = arena_copy(&organization->world->arena, description);
}

/* Lists keep the first spelling. */
static void name_again(Organization *organization, Identity *person) {
        if (!person->generic_descriptor)
                person->generic_descriptor = person->descriptor;
        person->descriptor = person_descriptor(organization, person);
        table_set(organization->by_descriptor, &organization->world->arena, person->descriptor, person);
        note_change(organization);
}

void directory_rename_person(Organization *organization, Identity *person, const char *unique_name) {
        row_touch(organization->world, person, sizeof(*person));
        person->unique_name = arena_copy(&organization->world->arena, unique_name);
        if (!identity_is_windows(organization, person))
                name_again(organization, person);
}

void directory_move_tenant(Organization *organization, const char *tenant_id) {
        World *world = organization->world;

        organization->tenant_id = guid_parse(&world->arena, tenant_id);
        for (size_t i = 0; i < organization->identities.n_items; i++) {
                Identity *person = organization->identities.items[i];

                if ((person->kind != IDENTITY_USER && person->kind != IDENTITY_SERVICE_PRINCIPAL) ||
                    !row_alive(&person->row, AS_OF_NOW) || identity_is_windows(organization, person))
                        continue;
                row_touch(world, person, sizeof(*person));
                name_again(organization, person);
                table_set(organization->by_subject, &world->arena, person->subject_descriptor, NULL);
                name_person_subject(&world->arena, person, random_guid(&world->random, &world->arena));
                table_set(organization->by_subject, &world->arena, person->subject_descriptor, person);
        }
}

void directory_set_pat(Organization *organization, Identity *identity, const char *pat) {
        Arena *arena = &organization->world->arena;

        if (identity->pat)
                table_set(organization->by_pat, arena, identity->pat, NULL);
        identity->pat = arena_copy(arena, pat);
        if (pat)
                table_set(organization->by_pat, arena, pat, identity);
}

/* Memberships. */

bool membership_alive(const Membership *membership, int64_t as_of) {
        return membership->created <= as_of && membership->deleted > as_of;
}

static Membership *membership_find(const Identity *member, const Identity *container, int64_t as_of) {
        for (size_t i = 0; i < member->parents.n_items; i++) {
                Membership *edge = member->parents.items[i];

                if (edge->container == container && membership_alive(edge, as_of))
                        return edge;
        }
        return NULL;
}

bool membership_has(const Identity *member, const Identity *container, int64_t as_of) {
        return membership_find(member, container, as_of) != NULL;
}

int membership_add(Organization *organization, Identity *member, Identity *container) {
        World *world = organization->world;
        Membership *edge;

        if (membership_has(member, container, AS_OF_NOW))
                return 0;
        if (evaluation_in_group(world, organization, container, member, AS_OF_NOW))
                return -1;
        edge = arena_alloc(&world->arena, sizeof(*edge));
        *edge = (Membership){.created = world->now, .deleted = ROW_ALIVE, .member = member, .container = container};
        array_add(&member->parents, edge);
        array_add(&container->members, edge);
        note_change(organization);
        audit_note_membership(organization, AUDIT_ADD_MEMBER, member, container);
        return 0;
}

bool membership_remove(Organization *organization, Identity *member, Identity *container) {
        Membership *edge = membership_find(member, container, AS_OF_NOW);

        if (!edge)
                return false;
        edge->deleted = organization->world->now;
        note_change(organization);
        audit_note_membership(organization, AUDIT_REMOVE_MEMBER, member, container);
        return true;
}

/* Lookups. */

static Identity *if_there(Identity *identity, int64_t as_of) {
        return identity && row_at(identity, as_of) ? identity : NULL;
}

Identity *directory_find_descriptor(const Organization *organization, const char *descriptor, int64_t as_of) {
        return if_there(table_get(organization->by_descriptor, descriptor), as_of);
}

Identity *directory_known_descriptor(const Organization *organization, const char *descriptor) {
        return table_get(organization->by_descriptor, descriptor);
}

Identity *directory_find_subject(const Organization *organization, const char *descriptor, int64_t as_of) {
        return if_there(table_get(organization->by_subject, descriptor), as_of);
}

Identity *directory_find_key(const Organization *organization, const char *storage_key, int64_t as_of) {
        return if_there(table_get(organization->by_storage_key, storage_key), as_of);
}

Identity *directory_find_pat(const Organization *organization, const char *pat) {
        Identity *identity = table_get(organization->by_pat, pat);

        return identity && identity->pat && strcmp(identity->pat, pat) == 0 ? if_there(identity, AS_OF_NOW) : NULL;
}

Identity *directory_find_application(const Organization *organization, const char *application_id) {
        for (size_t i = 0; i < organization->identities.n_items; i++) {
                Identity *identity = organization->identities.items[i];

                if (identity->application_id && text_same(identity->application_id, application_id) &&
                    row_at(identity, AS_OF_NOW))
                        return identity;
        }
        return NULL;
}

bool identity_is_windows(const Organization *organization, const Identity *identity) {
        return world_is_server(organization->world) && identity->kind != IDENTITY_GROUP &&
               identity->kind != IDENTITY_BUILD_SERVICE;
}

static char *in_upper_case(Arena *arena, const char *text, size_t length) {
        char *copy = arena_copy_length(arena, text, length);

        for (char *at = copy; *at; at++)
                *at = (char)toupper((unsigned char)*at);
        return copy;
}

WindowsName identity_windows_name(Arena *arena, const Identity *identity) {
        const char *name = identity->unique_name ? identity->unique_name : identity->name;
        const char *slash = strchr(name, '\\'), *at = strchr(name, '@');

        if (slash)
                return (WindowsName){arena_copy_length(arena, name, (size_t)(slash - name)), slash + 1, ""};
        if (at)
                return (WindowsName){in_upper_case(arena, at + 1, strcspn(at + 1, ".")),
                                     arena_copy_length(arena, name, (size_t)(at - name)), name};
        return (WindowsName){WINDOWS_DOMAIN, name, ""};
}

static bool word_names(const Organization *organization, const Identity *identity, const char *word) {
        Arena scratch = {0};
        bool same;

        if (identity->unique_name && text_same(identity->unique_name, word))
                return true;
        if (identity->kind != IDENTITY_GROUP &&
            (strcasecmp(identity->origin_id, word) == 0 || text_same(identity->name, word)))
                return true;
        same = text_same(identity_principal_name(&scratch, organization, identity), word);
        arena_deinit(&scratch);
        return same;
}

Identity *directory_find_word(Organization *organization, const char *word) {
        Identity *identity = directory_find_key(organization, word, AS_OF_NOW);

        for (size_t i = 0; !identity && i < organization->identities.n_items; i++) {
                Identity *candidate = organization->identities.items[i];

                if (row_at(candidate, AS_OF_NOW) && word_names(organization, candidate, word))
                        identity = candidate;
        }
        return identity;
}

Identity *directory_find_group(Organization *organization, const Project *project, const char *name, int64_t as_of) {
        for (size_t i = 0; i < organization->identities.n_items; i++) {
                Identity *identity = organization->identities.items[i];
                const Identity *then = row_at(identity, as_of);

                if (then && then->kind == IDENTITY_GROUP && then->project == project && text_same(then->name, name))
                        return identity;
        }
        return NULL;
}

Identity *directory_find_role(Organization *organization, const Project *project, GroupRole role) {
        for (size_t i = 0; i < organization->identities.n_items; i++) {
                Identity *identity = organization->identities.items[i];

                if (identity->kind == IDENTITY_GROUP && identity->role == role && identity->project == project)
                        return identity;
        }
        return NULL;
}

const char *identity_principal_name(Arena *arena, const Organization *organization, const Identity *identity) {
        const char *scope = organization->name;

        if (identity->unique_name)
                return identity->unique_name;
        if (identity->kind == IDENTITY_SERVICE_PRINCIPAL)
                return identity->origin_id;
        if (identity->kind == IDENTITY_BUILD_SERVICE)
                return identity->name;
        if (identity->kind == IDENTITY_ENTRA_GROUP)
                scope = "TEAM FOUNDATION";
        else if (identity->project)
                scope = identity->project->name;
        return arena_print(arena, "[%s]\\%s", scope, identity->name);
}

const char *identity_acl_descriptor(const World *world, const Identity *identity) {
        if (world->options.generic_sids && identity->generic_descriptor)
                return identity->generic_descriptor;
        return identity->descriptor;
}

/* Organisations. */

Organization *organization_new(World *world, const OrganizationSpec *spec) {
        Arena *arena = &world->arena;
        Organization *organization = arena_alloc(arena, sizeof(*organization));

        row_init(world, organization);
        organization->world = world;
        organization->name = arena_copy(arena, spec->name);
        organization->id = guid_parse(arena, spec->id);
        if (!organization->id)
                organization->id = random_guid(&world->random, arena);
        organization->host_id = random_guid(&world->random, arena);
        organization->tenant_id = guid_parse(arena, spec->tenant_id);
        if (!organization->tenant_id)
                organization->tenant_id = random_guid(&world->random, arena);
        organization->by_storage_key = table_new();
        organization->by_descriptor = table_new();
        organization->by_subject = table_new();
        organization->by_pat = table_new();
        organization->next_node = FIRST_NODE_ID;
        organization->next_definition = 1;
        organization->next_release = 1;
        organization->next_resource = FIRST_RESOURCE_ID;
        array_add(&world->organizations, organization);
        pools_init(organization);
        defaults_fill_organization(organization);
        return organization;
}

static void free_identity(Identity *identity) {
        evaluation_forget(identity);
        array_deinit(&identity->parents);
        array_deinit(&identity->members);
}

void organization_free(Organization *organization) {
        for (size_t i = 0; i < organization->identities.n_items; i++)
                free_identity(organization->identities.items[i]);
        for (size_t i = 0; i < organization->projects.n_items; i++)
                project_free(organization->projects.items[i]);
        for (size_t i = 0; i < organization->endpoints.n_items; i++) {
                Endpoint *endpoint = organization->endpoints.items[i];

                for (Endpoint *version = endpoint; version; version = version->row.previous) {
                        if (version == endpoint || version->projects != endpoint->projects)
                                array_deinit(version->projects);
                }
        }
        for (size_t i = 0; i < N_NAMESPACES; i++)
                acl_store_deinit(&organization->stores[i]);
        array_deinit(&organization->identities);
        array_deinit(&organization->projects);
        array_deinit(&organization->operations);
        array_deinit(&organization->endpoints);
        array_deinit(&organization->pools);
        table_free(organization->by_storage_key);
        table_free(organization->by_descriptor);
        table_free(organization->by_subject);
        table_free(organization->by_pat);
}

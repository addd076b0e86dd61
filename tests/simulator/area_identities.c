/* SPDX-License-Identifier: Apache-2.0 */
/* Area IMS: identities by any of their names, their members (facts §5.5). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/shape.h"
#include "tests/simulator/subject.h"

/* Finding. IMS knows the deleted ones too and calls them inactive; it may not know a new group for a while. */

static bool known(const Request *request, const Identity *identity) {
        const World *world = request->organization->world;
        bool fresh = identity && identity_is_container(identity) &&
                     !(identity->project && identity->row.created == identity->project->row.created) &&
                     identity->row.created > world->now - world->options.late_identities_ms;

        return identity && !fresh && identity->row.created <= request->as_of;
}

static Identity *find_in(const Request *request, const Table *table, const char *key) {
        Identity *identity = key ? table_get(table, key) : NULL;

        return known(request, identity) ? identity : NULL;
}

typedef Identity *FindIdentity(Request *request, const char *key);

static Identity *find_by_descriptor(Request *request, const char *key) {
        return find_in(request, request->organization->by_descriptor, key);
}

static Identity *find_by_subject(Request *request, const char *key) {
        return find_in(request, request->organization->by_subject, key);
}

/* With or without hyphens (facts §5.3). */
static Identity *find_by_id(Request *request, const char *key) {
        return find_in(request, request->organization->by_storage_key, guid_parse(&request->arena, key));
}

static Identity *find_by_any(Request *request, const char *key) {
        Identity *identity = find_by_id(request, key);

        if (!identity)
                identity = strchr(key, ';') ? find_by_descriptor(request, key) : find_by_subject(request, key);
        return identity;
}

/* queryMembership, by name or number of its enumeration. */
static IdentityMembers members_of_word(const char *word) {
        static const struct {
                const char *name, *number;
                IdentityMembers members;
        } WORDS[] = {
                {"none", "0", IDENTITY_MEMBERS_NONE},
                {"direct", "1", IDENTITY_MEMBERS_DIRECT},
                {"expanded", "2", IDENTITY_MEMBERS_EXPANDED},
                {"expandedUp", "3", IDENTITY_MEMBERS_EXPANDED_UP},
                {"expandedDown", "4", IDENTITY_MEMBERS_EXPANDED_DOWN},
        };

        for (size_t i = 0; word && i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
                if (strcasecmp(WORDS[i].name, word) == 0 || strcmp(WORDS[i].number, word) == 0)
                        return WORDS[i].members;
        }
        return IDENTITY_MEMBERS_NONE;
}

/* One element for each key asked, null where there is nobody (facts §5.5). */
static void add_found(Request *request, cJSON *list, const Identity *identity, IdentityMembers members) {
        cJSON_AddItemToArray(list, identity ? shape_identity(request, identity, members) : cJSON_CreateNull());
}

/* Keys divided by commas. */
static void add_keys(Request *request, cJSON *list, const char *keys, FindIdentity *find) {
        IdentityMembers members = members_of_word(request_query(request, "queryMembership"));

        while (*keys) {
                size_t length = strcspn(keys, ",");

                if (length)
                        add_found(request, list, find(request, arena_copy_length(&request->arena, keys, length)),
                                  members);
                keys += length;
                keys += *keys == ',';
        }
}

/* Searching. */

typedef bool MatchIdentity(Request *request, const Identity *identity, const char *value);

static bool match_account(Request *request, const Identity *identity, const char *value) {
        WindowsName windows;

        if (text_same(identity->unique_name ? identity->unique_name : identity->name, value))
                return true;
        if (!identity_is_windows(request->organization, identity))
                return false;
        windows = identity_windows_name(&request->arena, identity);
        return text_same(windows.account, value) ||
               text_same(arena_print(&request->arena, "%s\\%s", windows.domain, windows.account), value);
}

static bool match_name(Request *request, const Identity *identity, const char *value) {
        return text_same(identity->name, value) ||
               text_same(identity_principal_name(&request->arena, request->organization, identity), value);
}

static bool match_mail(Request *request, const Identity *identity, const char *value) {
        return identity->unique_name && text_same(identity->unique_name, value);
}

static bool match_local_group(Request *request, const Identity *identity, const char *value) {
        return identity->kind == IDENTITY_GROUP && match_name(request, identity, value);
}

static bool match_general(Request *request, const Identity *identity, const char *value) {
        return match_account(request, identity, value) || match_name(request, identity, value);
}

static const struct {
        const char *filter;
        MatchIdentity *match;
} FILTERS[] = {
        {"General", match_general},       {"AccountName", match_account},         {"DisplayName", match_name},
        {"MailAddress", match_mail},      {"LocalGroupName", match_local_group},
};

static MatchIdentity *find_filter(const char *word) {
        for (size_t i = 0; i < sizeof(FILTERS) / sizeof(FILTERS[0]); i++) {
                if (strcasecmp(FILTERS[i].filter, word) == 0)
                        return FILTERS[i].match;
        }
        return NULL;
}

static void answer_search(Request *request, Response *response, const char *filter) {
        const char *value = request_query(request, "filterValue");
        IdentityMembers members = members_of_word(request_query(request, "queryMembership"));
        const Array *identities = &request->organization->identities;
        MatchIdentity *match = find_filter(filter);
        cJSON *list;

        if (!match || !value || !*value) {
                answer_error(response, ERROR_ARGUMENT, "The value is not valid.\r\nParameter name: %s",
                             match ? "filterValue" : "searchFilter");
                return;
        }
        list = cJSON_CreateArray();
        for (size_t i = 0; i < identities->n_items; i++) {
                const Identity *identity = identities->items[i];
                const Identity *then = known(request, identity) ? row_at(identity, request->as_of) : NULL;

                if (then && match(request, then, value) && subject_seen(request, identity))
                        add_found(request, list, identity, members);
        }
        answer_list(request, response, 200, list);
}

void identities_find(World *world, Request *request, Response *response) {
        static const struct {
                const char *query;
                FindIdentity *find;
        } KEYS[] = {
                {"descriptors", find_by_descriptor},
                {"subjectDescriptors", find_by_subject},
                {"identityIds", find_by_id},
        };
        const char *filter = request_query(request, "searchFilter");

        for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
                const char *keys = request_query(request, KEYS[i].query);
                cJSON *list;

                if (!keys)
                        continue;
                list = cJSON_CreateArray();
                add_keys(request, list, keys, KEYS[i].find);
                answer_list(request, response, 200, list);
                return;
        }
        if (filter)
                answer_search(request, response, filter);
        else
                answer_error(response, ERROR_ARGUMENT, "One of descriptors, subjectDescriptors, identityIds, "
                                                       "searchFilter must be given.");
}

static void answer_nobody(Response *response, const char *key) {
        answer_error(response, ERROR_IDENTITY_NOT_FOUND, "The identity with id '%s' could not be found.", key);
}

void identity_get(World *world, Request *request, Response *response) {
        const char *key = request_parameter(request, "identityId");
        const Identity *identity = find_by_any(request, key);

        if (identity)
                answer_json(request, response, 200,
                            shape_identity(request, identity,
                                           members_of_word(request_query(request, "queryMembership"))));
        else
                answer_nobody(response, key);
}

/* Batches. */

/* A descriptor as text or as {"identityType","identifier"}. */
static const char *descriptor_text(Arena *arena, const cJSON *descriptor) {
        const char *type = json_text(descriptor, "identityType"), *identifier = json_text(descriptor, "identifier");

        if (cJSON_IsObject(descriptor) && type && identifier)
                return arena_print(arena, "%s;%s", type, identifier);
        return cJSON_GetStringValue(descriptor);
}

static IdentityMembers members_of_json(Arena *arena, const cJSON *word) {
        if (cJSON_IsNumber(word))
                return members_of_word(arena_print(arena, "%d", word->valueint));
        return members_of_word(cJSON_GetStringValue(word));
}

void identities_batch(World *world, Request *request, Response *response) {
        static const struct {
                const char *name;
                FindIdentity *find;
        } KEYS[] = {
                {"descriptors", find_by_descriptor},
                {"subjectDescriptors", find_by_subject},
                {"identityIds", find_by_id},
        };
        const cJSON *body = request_json(request), *key;
        IdentityMembers members = members_of_json(&request->arena, cJSON_GetObjectItem(body, "queryMembership"));
        cJSON *list;

        if (!cJSON_IsObject(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: batchInfo");
                return;
        }
        list = cJSON_CreateArray();
        for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
                cJSON_ArrayForEach(key, cJSON_GetObjectItem(body, KEYS[i].name)) {
                        const char *text = descriptor_text(&request->arena, key);

                        add_found(request, list, text ? KEYS[i].find(request, text) : NULL, members);
                }
        }
        answer_list(request, response, 200, list);
}

/* Groups by scope, where there is no Graph (facts §1.4). */

/* The project whose scope it is; false when there is no such scope. *projectp is NULL for the collection's. */
static bool find_scope(Request *request, const char *id_or_name, Project **projectp) {
        Organization *organization = request->organization;
        const char *id = guid_parse(&request->arena, id_or_name);

        *projectp = NULL;
        if ((id && text_same(id, organization->host_id)) || text_same(id_or_name, organization->name))
                return true;
        for (size_t i = 0; i < organization->projects.n_items; i++) {
                Project *project = organization->projects.items[i];
                const Project *then = row_at(project, request->as_of);

                if (then && guard_sees_project(request, project) &&
                    (text_same(then->name, id_or_name) ||
                     (id && (text_same(then->scope_id, id) || text_same(then->id, id))))) {
                        *projectp = project;
                        return true;
                }
        }
        return false;
}

static cJSON *shape_scope(Request *request, const Project *project) {
        const Organization *organization = request->organization;
        const Identity *administrators =
                project ? directory_find_role(request->organization, project, GROUP_PROJECT_ADMINISTRATORS)
                        : organization->administrators;
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", project ? project->scope_id : organization->host_id);
        json_add_text(tree, "localScopeId", project ? project->id : organization->host_id);
        if (project)
                json_add_text(tree, "parentId", organization->host_id);
        json_add_text(tree, "scopeType", project ? "teamProject" : "serviceHost");
        json_add_text(tree, "name", project ? project->name : organization->name);
        json_add_text(tree, "administrators", administrators->descriptor);
        json_add_bool(tree, "isGlobal", !project);
        json_add_text(tree, "securingHostId", organization->host_id);
        json_add_bool(tree, "isActive", true);
        if (project)
                json_add_text(tree, "subjectDescriptor", project->scope_descriptor);
        return tree;
}

void identity_scope_get(World *world, Request *request, Response *response) {
        const char *id = request_parameter(request, "scopeId"), *key = id ? id : request_query(request, "scopeName");
        Project *project;

        if (key && find_scope(request, key, &project))
                answer_json(request, response, 200, shape_scope(request, project));
        else
                answer_error(response, ERROR_SCOPE_NOT_FOUND, "VS403243: The scope %s does not exist.",
                             key ? key : "");
}

/* The groups of one scope; with recurse those of the projects below the collection too. */
static void list_scope(Request *request, cJSON *list, const Project *project) {
        const Array *identities = &request->organization->identities;
        bool recurse = request_query_true(request, "recurse"), deleted = request_query_true(request, "deleted");

        for (size_t i = 0; i < identities->n_items; i++) {
                const Identity *identity = identities->items[i];
                bool alive = row_at(identity, subject_list_time(request, identity)) != NULL;

                if (identity->kind == IDENTITY_GROUP && subject_seen(request, identity) &&
                    (identity->project == project || (recurse && !project)) &&
                    (alive || (deleted && !row_alive(&identity->row, request->as_of) &&
                               identity->row.created <= request->as_of)))
                        add_found(request, list, identity, IDENTITY_MEMBERS_NONE);
        }
}

void identity_groups_list(World *world, Request *request, Response *response) {
        const char *scopes = request_query(request, "scopeIds");
        cJSON *list = cJSON_CreateArray();

        if (!scopes)
                list_scope(request, list, NULL);
        while (scopes && *scopes) {
                size_t length = strcspn(scopes, ",");
                const char *scope = arena_copy_length(&request->arena, scopes, length);
                Project *project;

                if (!find_scope(request, scope, &project)) {
                        cJSON_Delete(list);
                        answer_error(response, ERROR_SCOPE_NOT_FOUND, "VS403243: The scope %s does not exist.",
                                     scope);
                        return;
                }
                list_scope(request, list, project);
                scopes += length;
                scopes += *scopes == ',';
        }
        answer_list(request, response, 200, list);
}

/* Members. */

static Identity *requested_identity(Request *request, Response *response, const char *parameter) {
        const char *key = request_parameter(request, parameter);
        Identity *identity = find_by_any(request, key);

        if (identity && row_at(identity, request->as_of) && subject_seen(request, identity))
                return identity;
        answer_nobody(response, key);
        return NULL;
}

void identity_members_list(World *world, Request *request, Response *response) {
        const Identity *container = requested_identity(request, response, "containerId");
        cJSON *list;

        if (!container)
                return;
        list = cJSON_CreateArray();
        for (size_t i = 0; i < container->members.n_items && container->kind != IDENTITY_ENTRA_GROUP; i++) {
                const Membership *edge = container->members.items[i];

                if (membership_alive(edge, request->as_of))
                        cJSON_AddItemToArray(list, cJSON_CreateString(edge->member->descriptor));
        }
        answer_list(request, response, 200, list);
}

/* Answers true when something changed (facts §1.4). */
void identity_member_put(World *world, Request *request, Response *response) {
        Identity *container = requested_identity(request, response, "containerId");
        Identity *member = container ? requested_identity(request, response, "memberId") : NULL;
        bool there;

        if (!member || !guard_require_members(request, response, container))
                return;
        there = membership_has(member, container, AS_OF_NOW);
        if (membership_add(request->organization, member, container) < 0)
                answer_error(response, ERROR_MEMBERSHIP_CYCLE, "Adding %s to %s would close a circle.", member->name,
                             container->name);
        else
                answer_json(request, response, 200, cJSON_CreateBool(!there));
}

void identity_member_delete(World *world, Request *request, Response *response) {
        Identity *container = requested_identity(request, response, "containerId");
        Identity *member = container ? requested_identity(request, response, "memberId") : NULL;

        if (member && guard_require_members(request, response, container))
                answer_json(request, response, 200,
                            cJSON_CreateBool(membership_remove(request->organization, member, container)));
}

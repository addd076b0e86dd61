/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes that several areas answer with: references to people, projects. */
#include "tests/simulator/shape.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"

enum {
        DIRECT_MEMBERS_MAX = 99, /* facts §5.5 */
        META_TYPE_ID = 255,
        RESOURCE_VERSION = 2,
};

/* Rights. */

bool guard_permits(const Request *request, NamespaceIndex ns, const char *token, uint32_t bits) {
        Organization *organization = request->organization;

        return evaluation_permits(organization->world, organization, namespace_get(ns), token, request->caller, bits);
}

void guard_deny(const Request *request, Response *response, const char *permission) {
        answer_error(response, ERROR_ACCESS_DENIED, "Access denied. %s needs %s permissions to perform this action.",
                     request->caller->name, permission);
}

bool guard_require(const Request *request, Response *response, NamespaceIndex ns, const char *token, uint32_t bits) {
        const Namespace *table = namespace_get(ns);
        const char *permission = table->name;

        if (guard_permits(request, ns, token, bits))
                return true;
        for (size_t i = 0; i < table->n_actions; i++) {
                if (table->actions[i].bit & bits)
                        permission = table->actions[i].display_name;
        }
        guard_deny(request, response, permission);
        return false;
}

static bool permits_group(const Request *request, const Project *project, const Identity *group, uint32_t bits) {
        Arena scratch = {0};
        const char *token = group ? token_of_group(&scratch, group) : project ? project->id : "";
        bool permits = guard_permits(request, NAMESPACE_IDENTITY, token, bits);

        if (!permits && project)
                permits = guard_permits(request, NAMESPACE_PROJECT, token_of_project(&scratch, project), PROJECT_WRITE);
        if (!permits && !project)
                permits = guard_permits(request, NAMESPACE_COLLECTION, TOKEN_COLLECTION, COLLECTION_WRITE);
        arena_deinit(&scratch);
        return permits;
}

bool guard_require_group(const Request *request, Response *response, const Project *project, const Identity *group,
                         uint32_t bits) {
        if (permits_group(request, project, group, bits))
                return true;
        guard_deny(request, response,
                   bits & IDENTITY_MANAGE_MEMBERSHIP ? "Manage group membership" : "Edit identity information");
        return false;
}

static bool has_computed_members(const Identity *group) {
        return group->role == GROUP_PROJECT_VALID_USERS || group->role == GROUP_COLLECTION_VALID_USERS;
}

bool guard_require_members(Request *request, Response *response, const Identity *container) {
        if (container->kind != IDENTITY_GROUP) {
                answer_error(response, ERROR_ARGUMENT, "The members of %s cannot be changed here.", container->name);
                return false;
        }
        if (has_computed_members(container)) {
                answer_error(response, ERROR_GROUP_WELL_KNOWN,
                             "The members of %s are computed by the system and cannot be changed.",
                             identity_principal_name(&request->arena, request->organization, container));
                return false;
        }
        return guard_require_group(request, response, container->project, container, IDENTITY_MANAGE_MEMBERSHIP);
}

bool guard_administers(const Request *request, Project *project) {
        Organization *organization = request->organization;
        const Identity *group;

        if (evaluation_in_group(organization->world, organization, request->caller, organization->administrators,
                                AS_OF_NOW))
                return true;
        group = project ? directory_find_role(organization, project, GROUP_PROJECT_ADMINISTRATORS) : NULL;
        return group && evaluation_in_group(organization->world, organization, request->caller, group, AS_OF_NOW);
}

bool guard_sees_project(const Request *request, const Project *project) {
        Arena scratch = {0};
        bool sees = !request->organization->world->options.hide_unreadable ||
                    guard_permits(request, NAMESPACE_PROJECT, token_of_project(&scratch, project), PROJECT_READ);

        arena_deinit(&scratch);
        return sees;
}

Project *guard_referenced_project(Request *request, Response *response, const cJSON *reference) {
        const cJSON *place = cJSON_GetObjectItem(reference, "projectReference");
        const char *word = json_text(place, "id");
        Project *project;

        if (!word)
                word = json_text(place, "name");
        project = word ? organization_find_project(request->organization, word, request->as_of)
                       : NULL;
        if (project && guard_sees_project(request, project))
                return project;
        answer_error(
                response, ERROR_PROJECT_NOT_FOUND,
                "TF200016: The following project does not exist: %s. Verify that the name of the project is "
                "correct and that the project exists on the specified Azure DevOps Server.",
                word ? word : "");
        return NULL;
}

/* Paging. */

static size_t query_number(const Request *request, const char *name, size_t otherwise) {
        const char *text = request_query(request, name);

        return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

size_t page_window(const Request *request, size_t n_items, int64_t page_size, size_t *firstp) {
        size_t first = query_number(request, "$skip", 0);
        size_t n = query_number(request, "$top", (size_t)page_size);

        *firstp = first < n_items ? first : n_items;
        return n < n_items - *firstp ? n : n_items - *firstp;
}

/* Projects. */

const char *shape_project_state(ProjectState state) {
        switch (state) {
        case PROJECT_NEW:
                return "new";
        case PROJECT_CREATE_PENDING:
                return "createPending";
        case PROJECT_WELL_FORMED:
                return "wellFormed";
        case PROJECT_DELETING:
                return "deleting";
        }
        return "";
}

const char *shape_project_url(Request *request, const Project *project) {
        return arena_print(&request->arena, "%s/_apis/projects/%s",
                           world_core_url(&request->arena, request->organization), project->id);
}

cJSON *shape_project_ref(Request *request, const Project *project) {
        const Project *then = row_at(project, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        if (!then)
                then = project;
        json_add_text(tree, "id", then->id);
        json_add_text(tree, "name", then->name);
        if (then->description)
                json_add_text(tree, "description", then->description);
        json_add_text(tree, "url", shape_project_url(request, then));
        json_add_text(tree, "state", shape_project_state(then->state));
        json_add_number(tree, "revision", then->revision);
        json_add_text(tree, "visibility", then->visibility);
        json_add_text(tree, "lastUpdateTime", time_text(&request->arena, then->updated));
        return tree;
}

/* People. */

const char *shape_identity_url(Request *request, const Identity *identity) {
        return arena_print(&request->arena, "%s/_apis/Identities/%s",
                           world_graph_url(&request->arena, request->organization), identity->storage_key);
}

static bool is_container(const Identity *identity) {
        return identity->kind == IDENTITY_GROUP || identity->kind == IDENTITY_ENTRA_GROUP;
}

static bool is_windows(const Request *request, const Identity *identity) {
        return identity_is_windows(request->organization, identity);
}

/* "[MLOps]\\Readers", "ana@contoso.com"; of Active Directory "[CONTOSO]\\everybody", "CONTOSO\\ana". */
static const char *qualified_name(Request *request, const Identity *identity) {
        WindowsName name;

        if (!is_windows(request, identity))
                return identity_principal_name(&request->arena, request->organization, identity);
        name = identity_windows_name(&request->arena, identity);
        return is_container(identity)
                       ? arena_print(&request->arena, "[%s]\\%s", name.domain, name.account)
                       : arena_print(&request->arena, "%s\\%s", name.domain, name.account);
}

static const char *unique_name_of(Request *request, const Identity *identity) {
        if (identity->kind == IDENTITY_GROUP && identity->project)
                return arena_print(&request->arena, "vstfs:///Classification/TeamProject/%s\\%s",
                                   identity->project->id, identity->name);
        return qualified_name(request, identity);
}

static const char *display_name_of(Request *request, const Identity *identity) {
        return identity->kind == IDENTITY_GROUP || identity->kind == IDENTITY_ENTRA_GROUP
                       ? identity_principal_name(&request->arena, request->organization, identity)
                       : identity->name;
}

cJSON *shape_identity_name(Request *request, const Identity *identity) {
        const Identity *then = row_at(identity, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        if (!then)
                then = identity;
        json_add_text(tree, "displayName", display_name_of(request, then));
        json_add_text(tree, "id", then->storage_key);
        json_add_text(tree, "uniqueName", unique_name_of(request, then));
        return tree;
}

cJSON *shape_identity_ref(Request *request, const Identity *identity) {
        const Identity *then = identity ? row_at(identity, request->as_of) : NULL;
        cJSON *tree, *links;
        const char *avatar;

        if (!identity)
                return cJSON_CreateNull();
        if (!then)
                then = identity;
        tree = cJSON_CreateObject();
        avatar = arena_print(&request->arena, "%s/_apis/GraphProfile/MemberAvatars/%s",
                             world_core_url(&request->arena, request->organization), then->subject_descriptor);
        json_add_text(tree, "displayName", display_name_of(request, then));
        json_add_text(tree, "url", shape_identity_url(request, then));
        links = cJSON_AddObjectToObject(tree, "_links");
        json_add_link(links, "avatar", avatar);
        json_add_text(tree, "id", then->storage_key);
        json_add_text(tree, "uniqueName", unique_name_of(request, then));
        json_add_text(tree, "imageUrl", avatar);
        if (is_container(then))
                json_add_bool(tree, "isContainer", true);
        json_add_text(tree, "descriptor", then->subject_descriptor);
        return tree;
}

static void add_property(cJSON *properties, const char *name, const char *value) {
        cJSON *property = cJSON_AddObjectToObject(properties, name);

        json_add_text(property, "$type", "System.String");
        json_add_text(property, "$value", value);
}

static const char *special_type(const Request *request, const Identity *identity) {
        if (identity->kind == IDENTITY_ENTRA_GROUP && !is_windows(request, identity))
                return "AzureActiveDirectoryApplicationGroup";
        if (identity->role == GROUP_PROJECT_ADMINISTRATORS || identity->role == GROUP_COLLECTION_ADMINISTRATORS)
                return "AdministrativeApplicationGroup";
        if (identity->role == GROUP_PROJECT_VALID_USERS || identity->role == GROUP_COLLECTION_VALID_USERS)
                return "EveryoneApplicationGroup";
        return "Generic";
}

static void add_scope(Request *request, cJSON *properties, const Identity *identity) {
        const Project *project = identity->project;

        add_property(properties, "ScopeId", project ? project->scope_id : request->organization->host_id);
        add_property(properties, "ScopeType", project ? "TeamProject" : "ServiceHost");
        add_property(properties, "LocalScopeId", project ? project->id : request->organization->host_id);
        add_property(properties, "SecuringHostId", request->organization->host_id);
        add_property(properties, "ScopeName", project ? project->name : request->organization->name);
}

static const char *domain_of(Request *request, const Identity *identity) {
        if (identity->kind == IDENTITY_BUILD_SERVICE)
                return "Build";
        if (identity->kind != IDENTITY_GROUP)
                return request->organization->tenant_id;
        if (identity->project)
                return arena_print(&request->arena, "vstfs:///Classification/TeamProject/%s", identity->project->id);
        return arena_print(&request->arena, "vstfs:///Framework/IdentityDomain/%s", request->organization->host_id);
}

static const char *schema_class(const Identity *identity) {
        switch (identity->kind) {
        case IDENTITY_GROUP:
        case IDENTITY_ENTRA_GROUP:
                return "Group";
        case IDENTITY_SERVICE_PRINCIPAL:
                return "ServicePrincipal";
        case IDENTITY_USER:
        case IDENTITY_BUILD_SERVICE:
                return "User";
        }
        return "";
}

/* An account of Active Directory has its domain beside it. */
static void add_windows(Request *request, cJSON *properties, const Identity *identity) {
        WindowsName name = identity_windows_name(&request->arena, identity);

        add_property(properties, "SchemaClassName", is_container(identity) ? "Group" : "User");
        add_property(properties, "Description", identity->description);
        add_property(properties, "Domain", name.domain);
        add_property(properties, "Account", name.account);
        add_property(properties, "DN", "");
        if (is_container(identity))
                add_property(properties, "SecurityGroup", "SecurityGroup");
        add_property(properties, "Mail", name.mail);
        add_property(properties, "SpecialType", special_type(request, identity));
}

static void add_properties(Request *request, cJSON *tree, const Identity *identity) {
        cJSON *properties = cJSON_AddObjectToObject(tree, "properties");

        if (is_windows(request, identity)) {
                add_windows(request, properties, identity);
                return;
        }

        if (identity->team) {
                cJSON *team = cJSON_AddObjectToObject(properties, "Microsoft.TeamFoundation.Team");

                json_add_text(team, "$type", "System.Boolean");
                json_add_bool(team, "$value", true);
        }
        add_property(properties, "SchemaClassName", schema_class(identity));
        add_property(properties, "Description", identity->description);
        add_property(properties, "Domain", domain_of(request, identity));
        add_property(properties, "Account", identity->unique_name ? identity->unique_name : identity->name);
        if (is_container(identity))
                add_property(properties, "SecurityGroup", "SecurityGroup");
        else if (identity->unique_name)
                add_property(properties, "Mail", identity->unique_name);
        add_property(properties, "SpecialType", special_type(request, identity));
        if (identity->kind == IDENTITY_GROUP)
                add_scope(request, properties, identity);
        else if (identity->kind != IDENTITY_BUILD_SERVICE)
                add_property(properties, "http://schemas.microsoft.com/identity/claims/objectidentifier",
                             identity->origin_id);
        if (is_container(identity))
                add_property(properties, "VirtualPlugin", "");
}

/* One level of edges from an identity, up or down. */
static void collect_edges(Array *found, const Identity *identity, bool up, int64_t as_of) {
        const Array *edges = up ? &identity->parents : &identity->members;

        for (size_t i = 0; i < edges->n_items; i++) {
                const Membership *edge = edges->items[i];
                Identity *other = up ? edge->container : edge->member;
                bool known = false;

                if (!membership_alive(edge, as_of))
                        continue;
                for (size_t k = 0; k < found->n_items; k++)
                        known = known || found->items[k] == other;
                if (!known)
                        array_add(found, other);
        }
}

static void collect(Array *found, const Identity *identity, bool up, bool deep, int64_t as_of) {
        /* Whom an Entra group holds is not told (facts §5.2). */
        if (up || identity->kind != IDENTITY_ENTRA_GROUP)
                collect_edges(found, identity, up, as_of);
        for (size_t i = 0; deep && i < found->n_items; i++) {
                const Identity *next = found->items[i];

                if (up || next->kind != IDENTITY_ENTRA_GROUP)
                        collect_edges(found, next, up, as_of);
        }
}

static void add_members(Request *request, cJSON *tree, const Identity *identity, IdentityMembers members) {
        bool deep_up = members == IDENTITY_MEMBERS_EXPANDED || members == IDENTITY_MEMBERS_EXPANDED_UP;
        bool deep_down = members == IDENTITY_MEMBERS_EXPANDED || members == IDENTITY_MEMBERS_EXPANDED_DOWN;
        cJSON *down = cJSON_AddArrayToObject(tree, "members"), *up = cJSON_AddArrayToObject(tree, "memberOf");
        cJSON *ids = cJSON_AddArrayToObject(tree, "memberIds");
        Array found = {0};

        if (members == IDENTITY_MEMBERS_NONE)
                return;
        if (deep_down || members == IDENTITY_MEMBERS_DIRECT)
                collect(&found, identity, false, deep_down, request->as_of);
        for (size_t i = 0; i < found.n_items && (deep_down || i < DIRECT_MEMBERS_MAX); i++) {
                const Identity *member = found.items[i];

                cJSON_AddItemToArray(down, cJSON_CreateString(member->descriptor));
                cJSON_AddItemToArray(ids, cJSON_CreateString(member->storage_key));
        }
        found.n_items = 0;
        if (deep_up || members == IDENTITY_MEMBERS_DIRECT)
                collect(&found, identity, true, deep_up, request->as_of);
        for (size_t i = 0; i < found.n_items; i++) {
                const Identity *container = found.items[i];

                cJSON_AddItemToArray(up, cJSON_CreateString(container->descriptor));
        }
        array_deinit(&found);
}

static const char *provider_name(Request *request, const Identity *identity) {
        return is_container(identity) ? qualified_name(request, identity) : identity->name;
}

cJSON *shape_identity(Request *request, const Identity *identity, IdentityMembers members) {
        const Identity *then = row_at(identity, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        if (!then)
                then = identity;
        json_add_text(tree, "id", then->storage_key);
        json_add_text(tree, "descriptor", then->descriptor);
        json_add_text(tree, "subjectDescriptor", then->subject_descriptor);
        json_add_text(tree, "providerDisplayName", provider_name(request, then));
        json_add_bool(tree, "isActive", row_alive(&identity->row, request->as_of));
        if (is_container(then))
                json_add_bool(tree, "isContainer", true);
        add_members(request, tree, identity, members);
        if (is_container(then))
                json_add_text(tree, "masterId", then->storage_key);
        add_properties(request, tree, then);
        json_add_number(tree, "resourceVersion", RESOURCE_VERSION);
        json_add_number(tree, "metaTypeId", is_container(then) ? META_TYPE_ID : 0);
        return tree;
}

cJSON *shape_short_identity(Request *request, const Identity *identity) {
        cJSON *tree = cJSON_CreateObject(), *properties;

        json_add_text(tree, "id", identity->storage_key);
        json_add_text(tree, "descriptor", identity->descriptor);
        json_add_text(tree, "subjectDescriptor", identity->subject_descriptor);
        json_add_text(tree, "providerDisplayName", identity->name);
        json_add_bool(tree, "isActive", true);
        properties = cJSON_AddObjectToObject(tree, "properties");
        add_property(properties, "Account", is_windows(request, identity) ? qualified_name(request, identity)
                     : identity->unique_name            ? identity->unique_name
                                                         : identity->origin_id);
        return tree;
}

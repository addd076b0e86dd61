/* SPDX-License-Identifier: Apache-2.0 */
/* Area Security roles: named sets of permissions on what pipelines use (facts §4).
 *
 * A role is an entry in the list of a token. Assumptions: an entry that is no role exactly shows
 * as the largest role within it, or not at all; a role the scope does not have is answered as an
 * identity it does not know is: 200 without anything done; who has an entry of their own is not
 * told of again for what comes down; nobody changes their own role on a pool, nor is told so. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/pool.h"
#include "tests/simulator/resource.h"
#include "tests/simulator/shape.h"

typedef struct Role {
        const char *name;
        const char *description;
        uint32_t allow;
} Role;

/* facts §4.3 */
static const Role ENDPOINT_ROLES[] = {
        {"Administrator", "Administrator can use and manage the service connection.", 3},
        {"User", "User can use the service connection.", 1},
        {"Reader", "Reader can view the service connection.", 16},
};
static const Role ALL_ENDPOINTS_ROLES[] = {
        {"Administrator", "Administrator can use and manage all service connections.", 3},
        {"Creator", "Creator can create service connections.", 21},
        {"User", "User can use all service connections.", 1},
        {"Reader", "Reader can view all service connections.", 16},
};
static const Role THING_ROLES[] = {
        {"Administrator", "Administrator can use and manage it.", 27},
        {"User", "User can view and use it.", 17},
        {"Reader", "Reader can view it.", 1},
};
static const Role ALL_THINGS_ROLES[] = {
        {"Administrator", "Administrator can use and manage them.", 27},
        {"Creator", "Creator can view, use and create.", 49},
        {"User", "User can view and use them.", 17},
        {"Reader", "Reader can view them.", 1},
};
static const Role ITEM_ROLES[] = {
        {"Administrator", "Administrator can use and manage the library item.", 19},
        {"User", "User can use the library item.", 17},
        {"Reader", "Reader can view the library item.", 1},
};
static const Role LIBRARY_ROLES[] = {
        {"Administrator", "Administrator can use and manage all library items.", 19},
        {"Creator", "Creator can create library items.", 21},
        {"User", "User can use all library items.", 17},
        {"Reader", "Reader can view all library items.", 1},
};

static const Role POOL_ROLES[] = {
        {"Administrator", "Administrator can use and manage the agent pool.", 27},
        {"Service Account", "Service Account can view agents and take their jobs.", 5},
        {"Reader", "Reader can view the agent pool.", 1},
};

typedef enum ScopeForm {
        SCOPE_POOL,
        SCOPE_ENDPOINT,
        SCOPE_ALL_ENDPOINTS,
        SCOPE_THING,
        SCOPE_ALL_THINGS,
} ScopeForm;

typedef struct RoleScope {
        const char *id;
        ScopeForm form;
        ResourceKind kind;   /* of things */
        const char *between; /* the project's id and the thing's, or behind the project's */
        const Role *roles;
        size_t n_roles;
} RoleScope;

#define ROLES(rows) (rows), sizeof(rows) / sizeof((rows)[0])

/* facts §4.2 */
static const RoleScope SCOPES[] = {
        {"distributedtask.serviceendpointrole", SCOPE_ENDPOINT, 0, "_", ROLES(ENDPOINT_ROLES)},
        {"distributedtask.project.serviceendpointrole", SCOPE_ALL_ENDPOINTS, 0, "",
         ROLES(ALL_ENDPOINTS_ROLES)},
        {"distributedtask.environmentreferencerole", SCOPE_THING, RESOURCE_ENVIRONMENT, "_",
         ROLES(THING_ROLES)},
        {"distributedtask.globalenvironmentreferencerole", SCOPE_ALL_THINGS, RESOURCE_ENVIRONMENT,
         "", ROLES(ALL_THINGS_ROLES)},
        {"distributedtask.variablegroup", SCOPE_THING, RESOURCE_VARIABLE_GROUP, "$",
         ROLES(ITEM_ROLES)},
        {"distributedtask.securefile", SCOPE_THING, RESOURCE_SECURE_FILE, "$", ROLES(ITEM_ROLES)},
        {"distributedtask.library", SCOPE_ALL_THINGS, RESOURCE_VARIABLE_GROUP, "$0",
         ROLES(LIBRARY_ROLES)},
        {"distributedtask.agentqueuerole", SCOPE_THING, RESOURCE_QUEUE, "_",
         ROLES(ALL_THINGS_ROLES)},
        {"distributedtask.globalagentqueuerole", SCOPE_ALL_THINGS, RESOURCE_QUEUE, "",
         ROLES(ALL_THINGS_ROLES)},
        {"distributedtask.agentpoolrole", SCOPE_POOL, 0, "", ROLES(POOL_ROLES)},
        {"distributedtask.globalagentpoolrole", SCOPE_POOL, 0, "", ROLES(POOL_ROLES)},
};

static const RoleScope *requested_scope(const Request *request) {
        const char *id = request_parameter(request, "scopeId");

        for (size_t i = 0; i < sizeof(SCOPES) / sizeof(SCOPES[0]); i++) {
                if (strcasecmp(SCOPES[i].id, id) == 0)
                        return &SCOPES[i];
        }
        return NULL;
}

/* Definitions. */

static cJSON *shape_role(Request *request, const RoleScope *scope, const Role *role) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "displayName", role->name);
        json_add_text(tree, "name", role->name);
        json_add_number(tree, "allowPermissions", role->allow);
        json_add_number(tree, "denyPermissions", 0);
        json_add_text(tree, "identifier",
                      arena_print(&request->arena, "%s.%s", scope->id, role->name));
        json_add_text(tree, "description", role->description);
        json_add_text(tree, "scope", scope->id);
        return tree;
}

void role_definitions_get(World *world, Request *request, Response *response) {
        const RoleScope *scope = requested_scope(request);
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; scope && i < scope->n_roles; i++)
                cJSON_AddItemToArray(list, shape_role(request, scope, &scope->roles[i]));
        answer_list(request, response, 200, list);
}

/* Resources. */

#define SHARED_PREFIX "collection_"

typedef struct RolePlace {
        const RoleScope *scope;
        size_t n_roles; /* the first of the scope that may be given here */
        NamespaceIndex ns;
        const char *token;
        const char *above; /* the token its roles come down from, or NULL */
} RolePlace;

static Project *project_of(Request *request, const RoleScope *scope, const char **restp) {
        const char *id = request_parameter(request, "resourceId");
        size_t n = strcspn(id, "_$");
        Project *project = organization_find_project(
                request->organization, arena_print(&request->arena, "%.*s", (int)n, id),
                request->as_of);

        *restp = id + n;
        if (!project || strncmp(*restp, scope->between, strlen(scope->between)) != 0)
                return NULL;
        *restp += strlen(scope->between);
        return project;
}

static bool find_thing(Request *request, Project *project, const char *id, RolePlace *place) {
        const Endpoint *endpoint;
        const Resource *resource;

        if (place->scope->form == SCOPE_ENDPOINT) {
                endpoint = organization_find_endpoint(request->organization, id, project,
                                                      request->as_of);
                if (!endpoint)
                        return false;
                place->token = token_of_endpoint(&request->arena, endpoint, project);
                return true;
        }
        resource = project_find_resource_id(project, place->scope->kind, id, request->as_of);
        if (!resource)
                return false;
        place->token = token_of_resource(&request->arena, resource);
        return true;
}

/* "0" stands for all pools. */
static bool find_pool(Request *request, RolePlace *place) {
        const char *id = request_parameter(request, "resourceId");
        const Pool *pool =
                id[strspn(id, "0123456789")] == '\0'
                        ? organization_find_pool(request->organization, id, request->as_of)
                        : NULL;

        place->ns = NAMESPACE_DISTRIBUTED_TASK;
        place->token = pool ? token_of_pool(&request->arena, pool) : TOKEN_POOLS;
        place->above = pool ? TOKEN_POOLS : NULL;
        return pool || strcmp(id, "0") == 0;
}

/* A service connection above its projects: there are none but administrators (facts §4.2). */
static bool find_shared(Request *request, const char *id, RolePlace *place) {
        const Endpoint *endpoint =
                organization_find_endpoint(request->organization, id, NULL, request->as_of);

        if (!endpoint)
                return false;
        place->n_roles = 1;
        place->ns = NAMESPACE_SERVICE_ENDPOINTS;
        place->token = arena_print(&request->arena, "endpoints/Collection/%s", endpoint->id);
        return true;
}

static bool find_in_project(Request *request, RolePlace *place) {
        const RoleScope *scope = place->scope;
        bool is_endpoint = scope->form == SCOPE_ENDPOINT || scope->form == SCOPE_ALL_ENDPOINTS;
        const char *rest, *root;
        Project *project = project_of(request, scope, &rest);

        if (!project || !guard_sees_project(request, project))
                return false;
        root = is_endpoint ? arena_print(&request->arena, "endpoints/%s", project->id)
                           : token_of_resources(&request->arena, project, scope->kind);
        place->ns = is_endpoint ? NAMESPACE_SERVICE_ENDPOINTS : resource_traits(scope->kind)->ns;
        if (scope->form == SCOPE_ALL_ENDPOINTS || scope->form == SCOPE_ALL_THINGS) {
                place->token = root;
                return *rest == '\0';
        }
        place->above = root;
        return find_thing(request, project, rest, place);
}

/* Where the roles of the request are entries; false: there is no such thing. */
static bool find_place(Request *request, RolePlace *place) {
        const char *id = request_parameter(request, "resourceId");
        const RoleScope *scope = requested_scope(request);

        if (!scope)
                return false;
        *place = (RolePlace){.scope = scope, .n_roles = scope->n_roles};
        if (scope->form == SCOPE_POOL)
                return find_pool(request, place);
        if (scope->form == SCOPE_ENDPOINT && text_starts(id, SHARED_PREFIX))
                return find_shared(request, id + strlen(SHARED_PREFIX), place);
        return find_in_project(request, place);
}

static const AclState *list_at(const Request *request, NamespaceIndex ns, const char *token) {
        return acl_find(&request->organization->stores[ns], namespace_get(ns), token,
                        request->as_of);
}

/* The role an entry is, or the largest within it; NULL: none. */
static const Role *role_of(const RoleScope *scope, const Ace *ace) {
        const Role *best = NULL;

        for (size_t i = 0; i < scope->n_roles; i++) {
                const Role *role = &scope->roles[i];

                if (role->allow == ace->allow && !ace->deny)
                        return role;
                if ((role->allow & ~ace->allow) == 0 && !(role->allow & ace->deny) &&
                    (!best || __builtin_popcount(role->allow) > __builtin_popcount(best->allow)))
                        best = role;
        }
        return best;
}

/* Assignments. */

static cJSON *shape_assignment(Request *request, const RoleScope *scope, const Identity *identity,
                               const Role *role, bool inherited) {
        cJSON *tree = cJSON_CreateObject();

        cJSON_AddItemToObject(tree, "identity", shape_identity_name(request, identity));
        cJSON_AddItemToObject(tree, "role", shape_role(request, scope, role));
        json_add_text(tree, "access", inherited ? "inherited" : "assigned");
        json_add_text(tree, "accessDisplayName", inherited ? "Inherited" : "Assigned");
        return tree;
}

static bool says_something(const Ace *ace) {
        return ace && (ace->allow || ace->deny);
}

/* Those of a list; who is in the nearer one is told of once. */
static void add_assignments(Request *request, cJSON *list, const RolePlace *place,
                            const AclState *state, const AclState *nearer) {
        for (size_t i = 0; state && i < state->n_aces; i++) {
                const Ace *ace = &state->aces[i];
                const Role *role = ace->allow ? role_of(place->scope, ace) : NULL;

                if (!role || !ace->identity || !row_at(ace->identity, request->as_of) ||
                    (nearer != state && says_something(acl_state_find(nearer, ace->identity))))
                        continue;
                cJSON_AddItemToArray(list, shape_assignment(request, place->scope, ace->identity,
                                                            role, nearer != state));
        }
}

void role_assignments_get(World *world, Request *request, Response *response) {
        cJSON *list = cJSON_CreateArray();
        const AclState *state;
        RolePlace place;

        if (find_place(request, &place) &&
            guard_permits(request, place.ns, place.token,
                          namespace_get(place.ns)->read_permission)) {
                state = list_at(request, place.ns, place.token);
                add_assignments(request, list, &place, state, state);
                if (place.above && (!state || state->inherit))
                        add_assignments(request, list, &place,
                                        list_at(request, place.ns, place.above), state);
        }
        answer_list(request, response, 200, list);
}

static AclTarget target_of(World *world, Request *request, const RolePlace *place) {
        return (AclTarget){world, request->organization, namespace_get(place->ns), place->token};
}

static bool may_change(Request *request, Response *response, const RolePlace *place) {
        return guard_require(request, response, place->ns, place->token,
                             namespace_get(place->ns)->write_permission);
}

static const Identity *identity_named(Request *request, const cJSON *reference) {
        const char *key = json_text(reference, "userId"),
                   *name = json_text(reference, "uniqueName");

        if (key && *key)
                return directory_find_key(request->organization, key, request->as_of);
        return name ? directory_find_word(request->organization, name) : NULL;
}

/* Gives the role; NULL: nobody, or no such role. */
static cJSON *assign(World *world, Request *request, const RolePlace *place,
                     const cJSON *reference) {
        const Identity *identity = identity_named(request, reference);
        const char *name = json_text(reference, "roleName");
        AclTarget target = target_of(world, request, place);

        if (place->scope->form == SCOPE_POOL && identity == request->caller)
                return NULL;
        for (size_t i = 0; identity && name && i < place->n_roles; i++) {
                const Role *role = &place->scope->roles[i];
                AceSpec spec = {identity->descriptor, role->allow, 0};

                if (strcasecmp(role->name, name) != 0)
                        continue;
                acl_set_entries(&target, &spec, 1, ACE_REPLACE);
                return shape_assignment(request, place->scope, identity, role, false);
        }
        return NULL;
}

void role_assignments_put(World *world, Request *request, Response *response) {
        const cJSON *reference;
        cJSON *list;
        RolePlace place;

        if (!cJSON_IsArray(request_json(request))) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: roleAssignments");
                return;
        }
        if (!find_place(request, &place)) {
                answer_list(request, response, 200, cJSON_CreateArray());
                return;
        }
        if (!may_change(request, response, &place))
                return;
        list = cJSON_CreateArray();
        cJSON_ArrayForEach(reference, request_json(request)) {
                cJSON *assigned = assign(world, request, &place, reference);

                if (assigned)
                        cJSON_AddItemToArray(list, assigned);
        }
        answer_list(request, response, 200, list);
}

void role_assignment_put(World *world, Request *request, Response *response) {
        cJSON *reference = cJSON_Duplicate(request_json(request), true);
        cJSON *assigned = NULL;
        RolePlace place;

        if (!cJSON_IsObject(reference)) {
                cJSON_Delete(reference);
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: roleAssignment");
                return;
        }
        if (find_place(request, &place)) {
                if (!may_change(request, response, &place)) {
                        cJSON_Delete(reference);
                        return;
                }
                if (!json_text(reference, "userId"))
                        json_add_text(reference, "userId",
                                      request_parameter(request, "identityId"));
                assigned = assign(world, request, &place, reference);
        }
        cJSON_Delete(reference);
        answer_json(request, response, 200, assigned ? assigned : cJSON_CreateNull());
}

static void take(World *world, Request *request, const RolePlace *place, const char *key) {
        const Identity *identity =
                key ? directory_find_key(request->organization, key, request->as_of) : NULL;
        AclTarget target = target_of(world, request, place);

        if (identity)
                acl_remove_entries(&target, &identity->descriptor, 1);
}

/* Takes roles of those named in the body, or switches inheritance by the query. */
void role_assignments_patch(World *world, Request *request, Response *response) {
        bool has_inherit = request_query(request, "inheritPermissions");
        RolePlace place;

        if (find_place(request, &place)) {
                AclTarget target = target_of(world, request, &place);
                const cJSON *key;

                if (!may_change(request, response, &place))
                        return;
                if (has_inherit)
                        acl_set_inherit(&target, request_query_true(request, "inheritPermissions")
                                                         ? ACL_INHERIT_ON
                                                         : ACL_INHERIT_OFF);
                else
                        cJSON_ArrayForEach(key, request_json(request)) {
                                take(world, request, &place, cJSON_GetStringValue(key));
                        }
        }
        answer_empty(response, 200);
}

void role_assignment_remove(World *world, Request *request, Response *response) {
        RolePlace place;

        if (find_place(request, &place)) {
                if (!may_change(request, response, &place))
                        return;
                take(world, request, &place, request_parameter(request, "identityId"));
        }
        answer_empty(response, 200);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area Service endpoint: service connections (facts §6.7).
 *
 * The world keeps no secrets and no data of a connection. Assumptions: a connection has one name
 * wherever it is shared; to change or share it needs Administer in one of its projects, to take it
 * away in each of those. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/area_resource.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/shape.h"

/* Rights. */

static bool permits_in(Request *request, const Endpoint *endpoint, const Project *project,
                       uint32_t bits) {
        return guard_permits(request, NAMESPACE_SERVICE_ENDPOINTS,
                             token_of_endpoint(&request->arena, endpoint, project), bits);
}

static bool sees_in(Request *request, const Endpoint *endpoint, const Project *project) {
        return guard_sees_project(request, project) &&
               (!request->organization->world->options.hide_unreadable ||
                permits_in(request, endpoint, project, ENDPOINT_VIEW));
}

static bool permits_somewhere(Request *request, const Endpoint *endpoint, uint32_t bits) {
        const Endpoint *then = row_at(endpoint, request->as_of);

        for (size_t i = 0; then && i < then->projects->n_items; i++) {
                const Project *project = then->projects->items[i];

                if (sees_in(request, endpoint, project) &&
                    (!bits || permits_in(request, endpoint, project, bits)))
                        return true;
        }
        return false;
}

static bool require_administer(Request *request, Response *response, const Endpoint *endpoint) {
        if (permits_somewhere(request, endpoint, ENDPOINT_ADMINISTER))
                return true;
        guard_deny(request, response, "Administer Service Connection");
        return false;
}

static Endpoint *requested_endpoint(Request *request, Response *response) {
        const char *id = request_parameter(request, "endpointId");
        Endpoint *endpoint = guid_is(id)
                                     ? organization_find_endpoint(request->organization, id,
                                                                  request->project, request->as_of)
                                     : NULL;
        bool seen = endpoint && (request->project ? sees_in(request, endpoint, request->project)
                                                  : permits_somewhere(request, endpoint, 0));

        if (seen)
                return endpoint;
        answer_error(
                response, ERROR_ENDPOINT_NOT_FOUND,
                "Service connection with ID %s does not exist or you do not have permission to access it.",
                id);
        return NULL;
}

/* Shapes. */

static void add_references(Request *request, cJSON *tree, const Endpoint *then) {
        cJSON *list = cJSON_AddArrayToObject(tree, "serviceEndpointProjectReferences");

        for (size_t i = 0; i < then->projects->n_items; i++) {
                const Project *project = row_at(then->projects->items[i], request->as_of);
                cJSON *reference, *place;

                if (!project || !guard_sees_project(request, project))
                        continue;
                reference = cJSON_CreateObject();
                place = cJSON_AddObjectToObject(reference, "projectReference");
                json_add_text(place, "id", project->id);
                json_add_text(place, "name", project->name);
                json_add_text(reference, "name", then->name);
                json_add_text(reference, "description", then->description);
                cJSON_AddItemToArray(list, reference);
        }
}

static cJSON *shape_endpoint(Request *request, const Endpoint *endpoint) {
        const Endpoint *then = row_at(endpoint, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *authorization;

        cJSON_AddObjectToObject(tree, "data");
        json_add_text(tree, "id", then->id);
        json_add_text(tree, "name", then->name);
        json_add_text(tree, "type", then->type);
        json_add_text(tree, "url", then->url);
        if (then->creator)
                cJSON_AddItemToObject(tree, "createdBy",
                                      shape_identity_ref(request, then->creator));
        json_add_text(tree, "description", then->description);
        authorization = cJSON_AddObjectToObject(tree, "authorization");
        cJSON_AddObjectToObject(authorization, "parameters");
        json_add_text(authorization, "scheme", then->scheme);
        json_add_bool(tree, "isShared", then->projects->n_items > 1);
        json_add_bool(tree, "isReady", true);
        json_add_text(tree, "owner", "Library");
        add_references(request, tree, then);
        return tree;
}

/* Reading. */

static uint32_t asked_bits(const Request *request) {
        const char *action = request_query(request, "actionFilter");

        if (action && strcasecmp(action, "manage") == 0)
                return ENDPOINT_ADMINISTER;
        if (action && strcasecmp(action, "use") == 0)
                return ENDPOINT_USE;
        return ENDPOINT_VIEW;
}

static bool endpoint_asked(Request *request, const Endpoint *endpoint) {
        const Endpoint *then = row_at(endpoint, request->as_of);
        uint32_t bits = asked_bits(request);

        return then && endpoint_in_project(endpoint, request->project, request->as_of) &&
               query_lists(request, "type", then->type) &&
               query_lists(request, "authSchemes", then->scheme) &&
               query_lists(request, "endpointIds", then->id) &&
               query_lists(request, "endpointNames", then->name) &&
               query_lists(request, "owner", "library") &&
               sees_in(request, endpoint, request->project) &&
               (bits == ENDPOINT_VIEW || permits_in(request, endpoint, request->project, bits));
}

void endpoints_list(World *world, Request *request, Response *response) {
        const Array *endpoints = &request->organization->endpoints;
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; i < endpoints->n_items; i++) {
                if (endpoint_asked(request, endpoints->items[i]))
                        cJSON_AddItemToArray(list, shape_endpoint(request, endpoints->items[i]));
        }
        answer_list(request, response, 200, list);
}

void endpoint_get(World *world, Request *request, Response *response) {
        const Endpoint *endpoint = requested_endpoint(request, response);

        if (endpoint)
                answer_json(request, response, 200, shape_endpoint(request, endpoint));
}

/* Writing. */

static bool check_name_free(Request *request, Response *response, const Project *project,
                            const char *name, const Endpoint *self) {
        const Array *endpoints = &request->organization->endpoints;

        for (size_t i = 0; i < endpoints->n_items; i++) {
                const Endpoint *other = endpoints->items[i];

                if (other == self || !row_alive(&other->row, AS_OF_NOW) ||
                    !text_same(other->name, name) ||
                    !endpoint_in_project(other, project, AS_OF_NOW))
                        continue;
                answer_error(
                        response, ERROR_ENDPOINT_EXISTS,
                        "Service connection with name %s already exists. Only a user having Administrator/User "
                        "role permissions on service connection %s can see it.",
                        name, name);
                return false;
        }
        return true;
}

/* Whether a connection of this name may come to a project. */
static bool check_project(Request *request, Response *response, const Project *project,
                          const char *name) {
        const char *token = arena_print(&request->arena, "endpoints/%s", project->id);

        return guard_require(request, response, NAMESPACE_SERVICE_ENDPOINTS, token,
                             ENDPOINT_CREATE) &&
               check_name_free(request, response, project, name, NULL);
}

/* The projects of the references, in arena memory, each checked. */
static Project **read_projects(Request *request, Response *response, const cJSON *references,
                               const char *name, size_t *n_projectsp) {
        size_t n = (size_t)cJSON_GetArraySize(references), at = 0;
        Project **projects = arena_alloc(&request->arena, (n + 1) * sizeof(*projects));
        const cJSON *reference;

        if (request->project)
                projects[at++] = request->project;
        cJSON_ArrayForEach(reference, references) {
                if (request->project)
                        break;
                projects[at] = guard_referenced_project(request, response, reference);
                if (!projects[at++])
                        return NULL;
        }
        if (at == 0) {
                answer_error(
                        response, ERROR_ARGUMENT_NULL,
                        "Value cannot be null.\r\nParameter name: endpoint.ServiceEndpointProjectReferences");
                return NULL;
        }
        for (size_t i = 0; i < at; i++) {
                if (!check_project(request, response, projects[i], name))
                        return NULL;
        }
        *n_projectsp = at;
        return projects;
}

void endpoint_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        EndpointSpec spec = {
                .name = json_text(body, "name"),
                .description = json_text(body, "description"),
                .type = json_text(body, "type"),
                .url = json_text(body, "url"),
                .scheme = json_text(cJSON_GetObjectItem(body, "authorization"), "scheme"),
                .actor = request->caller,
        };
        Project **projects;
        Endpoint *endpoint;
        size_t n = 0;

        if (!spec.name || !*spec.name) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: endpoint.Name");
                return;
        }
        projects = read_projects(request, response,
                                 cJSON_GetObjectItem(body, "serviceEndpointProjectReferences"),
                                 spec.name, &n);
        if (!projects)
                return;
        endpoint = endpoint_create(projects[0], &spec);
        for (size_t i = 1; i < n; i++)
                endpoint_share(endpoint, projects[i]);
        answer_json(request, response, 200, shape_endpoint(request, endpoint));
}

void endpoint_put(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *name = json_text(body, "name"), *description = json_text(body, "description");
        Endpoint *endpoint = requested_endpoint(request, response);

        if (!endpoint || !require_administer(request, response, endpoint))
                return;
        if (!name || !*name) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: endpoint.Name");
                return;
        }
        for (size_t i = 0; i < endpoint->projects->n_items; i++) {
                if (!check_name_free(request, response, endpoint->projects->items[i], name,
                                     endpoint))
                        return;
        }
        endpoint_rename(endpoint, name, description);
        answer_json(request, response, 200, shape_endpoint(request, endpoint));
}

void endpoint_share_patch(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request), *reference;
        Endpoint *endpoint = requested_endpoint(request, response);

        if (!endpoint || !require_administer(request, response, endpoint))
                return;
        if (!cJSON_IsArray(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: endpointProjectReferences");
                return;
        }
        cJSON_ArrayForEach(reference, body) {
                Project *project = guard_referenced_project(request, response, reference);

                if (!project)
                        return;
                if (endpoint_in_project(endpoint, project, AS_OF_NOW))
                        continue;
                if (!check_project(request, response, project, endpoint->name))
                        return;
                endpoint_share(endpoint, project);
        }
        answer_empty(response, 204);
}

/* The projects of ?projectIds=, or the one of the path. */
static bool project_asked(const Request *request, const Project *project) {
        return request->project ? project == request->project
                                : query_lists(request, "projectIds", project->id);
}

void endpoint_remove(World *world, Request *request, Response *response) {
        Endpoint *endpoint = requested_endpoint(request, response);
        Array *projects = endpoint ? endpoint->projects : NULL;
        const char *ids = request_query(request, "projectIds");

        if (!endpoint)
                return;
        if (!request->project && (!ids || !*ids)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: projectIds");
                return;
        }
        for (size_t i = 0; i < projects->n_items; i++) {
                if (project_asked(request, projects->items[i]) &&
                    !guard_require(request, response, NAMESPACE_SERVICE_ENDPOINTS,
                                   token_of_endpoint(&request->arena, endpoint, projects->items[i]),
                                   ENDPOINT_ADMINISTER))
                        return;
        }
        /* Each removal replaces the endpoint's own array: this one stays as it is. */
        for (size_t i = 0; i < projects->n_items; i++) {
                if (project_asked(request, projects->items[i]))
                        endpoint_unshare(endpoint, projects->items[i]);
        }
        answer_empty(response, 204);
}

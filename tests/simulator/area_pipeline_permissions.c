/* SPDX-License-Identifier: Apache-2.0 */
/* Area Pipeline permissions: which pipelines may use what roles guard (facts §4.5).
 *
 * Assumptions: to see them one must see the thing, to change them one must administer it; a
 * pipeline that is not there is let in all the same. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/resource.h"
#include "tests/simulator/shape.h"

#define TYPE_ENDPOINT "endpoint"

typedef struct Used {
        const char *type; /* as the table has it */
        const char *id;
        NamespaceIndex ns;
        const char *token;
        uint32_t view;
        uint32_t manage;
} Used;

static bool find_endpoint(Request *request, const char *id, Used *used) {
        const Endpoint *endpoint = organization_find_endpoint(request->organization, id,
                                                              request->project, request->as_of);

        if (!endpoint)
                return false;
        *used = (Used){TYPE_ENDPOINT,
                       endpoint->id,
                       NAMESPACE_SERVICE_ENDPOINTS,
                       token_of_endpoint(&request->arena, endpoint, request->project),
                       ENDPOINT_VIEW,
                       ENDPOINT_ADMINISTER};
        return true;
}

static bool find_used(Request *request, Used *used) {
        const char *type = request_parameter(request, "resourceType"),
                   *id = request_parameter(request, "resourceId");

        if (strcasecmp(type, TYPE_ENDPOINT) == 0)
                return find_endpoint(request, id, used);
        for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++) {
                const ResourceTraits *traits = resource_traits((ResourceKind)kind);
                const Resource *resource;

                if (strcasecmp(resource_pipeline_type((ResourceKind)kind), type) != 0)
                        continue;
                resource = project_find_resource_id(request->project, (ResourceKind)kind, id,
                                                    request->as_of);
                if (!resource)
                        return false;
                *used = (Used){resource_pipeline_type((ResourceKind)kind),
                               resource->key,
                               traits->ns,
                               token_of_resource(&request->arena, resource),
                               traits->view,
                               namespace_get(traits->ns)->write_permission};
                return true;
        }
        return false;
}

/* The thing of the request; answers 404 where it is not there, or the caller does not see it. */
static bool requested_used(Request *request, Response *response, Used *used) {
        if (find_used(request, used) && (!request->organization->world->options.hide_unreadable ||
                                         guard_permits(request, used->ns, used->token, used->view)))
                return true;
        answer_error(response, ERROR_ENVIRONMENT_NOT_FOUND,
                     "No %s found with identifier %s in the project.",
                     request_parameter(request, "resourceType"),
                     request_parameter(request, "resourceId"));
        return false;
}

static PipelineGrant *find_grant(const Project *project, const Used *used, int pipeline) {
        for (size_t i = 0; i < project->pipeline_grants.n_items; i++) {
                PipelineGrant *grant = project->pipeline_grants.items[i];

                if (grant->pipeline == pipeline && strcmp(grant->type, used->type) == 0 &&
                    strcmp(grant->resource, used->id) == 0 && row_alive(&grant->row, AS_OF_NOW))
                        return grant;
        }
        return NULL;
}

static void add_permission(Request *request, cJSON *tree, const PipelineGrant *grant) {
        json_add_bool(tree, "authorized", true);
        if (grant->by)
                cJSON_AddItemToObject(tree, "authorizedBy", shape_identity_ref(request, grant->by));
        json_add_text(tree, "authorizedOn", time_text(&request->arena, grant->row.created));
}

static cJSON *shape_permissions(Request *request, const Used *used) {
        const Array *grants = &request->project->pipeline_grants;
        cJSON *tree = cJSON_CreateObject(), *resource = cJSON_AddObjectToObject(tree, "resource"),
              *list = cJSON_CreateArray();

        json_add_text(resource, "type", used->type);
        json_add_text(resource, "id", used->id);
        for (size_t i = 0; i < grants->n_items; i++) {
                const PipelineGrant *grant = row_at(grants->items[i], request->as_of);
                cJSON *permission;

                if (!grant || strcmp(grant->type, used->type) != 0 ||
                    strcmp(grant->resource, used->id) != 0)
                        continue;
                permission = cJSON_CreateObject();
                if (grant->pipeline)
                        json_add_number(permission, "id", grant->pipeline);
                add_permission(request, permission, grant);
                if (grant->pipeline)
                        cJSON_AddItemToArray(list, permission);
                else
                        cJSON_AddItemToObject(tree, "allPipelines", permission);
        }
        cJSON_AddItemToObject(tree, "pipelines", list);
        return tree;
}

void pipeline_permissions_get(World *world, Request *request, Response *response) {
        Used used;

        if (requested_used(request, response, &used))
                answer_json(request, response, 200, shape_permissions(request, &used));
}

/* pipeline 0: all of them. */
static void set_grant(World *world, Request *request, const Used *used, int pipeline,
                      bool authorized) {
        PipelineGrant *grant = find_grant(request->project, used, pipeline);

        if (grant && !authorized)
                row_delete(world, grant, sizeof(*grant));
        if (grant || !authorized)
                return;
        grant = arena_alloc(&world->arena, sizeof(*grant));
        row_init(world, grant);
        grant->type = used->type;
        grant->resource = arena_copy(&world->arena, used->id);
        grant->pipeline = pipeline;
        grant->by = request->caller;
        array_add(&request->project->pipeline_grants, grant);
}

void pipeline_permissions_patch(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request), *pipeline;
        const cJSON *all = cJSON_GetObjectItem(body, "allPipelines");
        Used used;

        if (!requested_used(request, response, &used) ||
            !guard_require(request, response, used.ns, used.token, used.manage))
                return;
        if (cJSON_IsObject(all))
                set_grant(world, request, &used, 0,
                          cJSON_IsTrue(cJSON_GetObjectItem(all, "authorized")));
        cJSON_ArrayForEach(pipeline, cJSON_GetObjectItem(body, "pipelines")) {
                const cJSON *id = cJSON_GetObjectItem(pipeline, "id");

                if (cJSON_IsNumber(id) && id->valueint > 0)
                        set_grant(world, request, &used, id->valueint,
                                  cJSON_IsTrue(cJSON_GetObjectItem(pipeline, "authorized")));
        }
        answer_json(request, response, 200, shape_permissions(request, &used));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area Pipeline permissions: which pipelines may use what roles guard (facts §4.5).
 *
 * Assumptions: to see them one must see the thing, to change them one must administer it; a
 * pipeline that is not there is let in all the same; a batch is checked before it is done. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/pipeline_grant.h"
#include "tests/simulator/resource.h"
#include "tests/simulator/shape.h"

/* Finding. */

/* Answers 404 where it is not there, or the caller does not see it. */
static bool find_usable(Request *request, Response *response, const char *type, const char *id,
                        Usable *usablep) {
        if (type && id &&
            usable_find(&request->arena, request->project, type, id, request->as_of, usablep) &&
            (!request->organization->world->options.hide_unreadable ||
             guard_permits(request, usablep->ns, usablep->token, usablep->view)))
                return true;
        answer_error(response, ERROR_ENVIRONMENT_NOT_FOUND,
                     "No %s found with identifier %s in the project.", type ? type : "resource",
                     id ? id : "");
        return false;
}

static bool requested_usable(Request *request, Response *response, Usable *usablep) {
        return find_usable(request, response, request_parameter(request, "resourceType"),
                           request_parameter(request, "resourceId"), usablep);
}

/* The same, and the caller may change who uses it. */
static bool find_managed(Request *request, Response *response, const cJSON *resource,
                         Usable *usablep) {
        return find_usable(request, response, json_text(resource, "type"),
                           json_text(resource, "id"), usablep) &&
               guard_require(request, response, usablep->ns, usablep->token, usablep->manage);
}

/* Shapes. */

static cJSON *shape_granter(Request *request, const Identity *by) {
        cJSON *tree = shape_identity_name(request, by);

        json_add_text(tree, "descriptor", by->subject_descriptor);
        return tree;
}

static void add_permission(Request *request, cJSON *tree, const PipelineGrant *grant) {
        json_add_bool(tree, "authorized", true);
        if (grant->by)
                cJSON_AddItemToObject(tree, "authorizedBy", shape_granter(request, grant->by));
        json_add_text(tree, "authorizedOn", time_text(&request->arena, grant->row.created));
}

static cJSON *shape_permissions(Request *request, const Usable *usable) {
        const Array *grants = &request->project->pipeline_grants;
        cJSON *tree = cJSON_CreateObject(), *resource = cJSON_AddObjectToObject(tree, "resource"),
              *list = cJSON_CreateArray();

        json_add_text(resource, "type", usable->type);
        json_add_text(resource, "id", usable->id);
        for (size_t i = 0; i < grants->n_items; i++) {
                const PipelineGrant *grant = row_at(grants->items[i], request->as_of);
                cJSON *permission;

                if (!grant || strcmp(grant->type, usable->type) != 0 ||
                    strcmp(grant->resource, usable->id) != 0)
                        continue;
                permission = cJSON_CreateObject();
                if (grant->pipeline != ALL_PIPELINES)
                        json_add_number(permission, "id", grant->pipeline);
                add_permission(request, permission, grant);
                if (grant->pipeline != ALL_PIPELINES)
                        cJSON_AddItemToArray(list, permission);
                else
                        cJSON_AddItemToObject(tree, "allPipelines", permission);
        }
        cJSON_AddItemToObject(tree, "pipelines", list);
        return tree;
}

/* Pipeline permissions. */

void pipeline_permissions_get(World *world, Request *request, Response *response) {
        Usable usable;

        if (requested_usable(request, response, &usable))
                answer_json(request, response, 200, shape_permissions(request, &usable));
}

/* What a body says changes; the rest stays. */
static void change(Request *request, const Usable *usable, const cJSON *body) {
        const cJSON *all = cJSON_GetObjectItem(body, "allPipelines"), *pipeline;

        if (cJSON_IsObject(all))
                pipeline_grant_set(request->project, usable, ALL_PIPELINES,
                                   cJSON_IsTrue(cJSON_GetObjectItem(all, "authorized")),
                                   request->caller);
        cJSON_ArrayForEach(pipeline, cJSON_GetObjectItem(body, "pipelines")) {
                const cJSON *id = cJSON_GetObjectItem(pipeline, "id");

                if (cJSON_IsNumber(id) && id->valueint > 0)
                        pipeline_grant_set(
                                request->project, usable, id->valueint,
                                cJSON_IsTrue(cJSON_GetObjectItem(pipeline, "authorized")),
                                request->caller);
        }
}

void pipeline_permissions_patch(World *world, Request *request, Response *response) {
        Usable usable;

        if (!requested_usable(request, response, &usable) ||
            !guard_require(request, response, usable.ns, usable.token, usable.manage))
                return;
        change(request, &usable, request_json(request));
        answer_json(request, response, 200, shape_permissions(request, &usable));
}

/* The array of a body, or NULL with an answer. */
static const cJSON *body_array(Request *request, Response *response, const char *name) {
        const cJSON *body = request_json(request);

        if (cJSON_IsArray(body))
                return body;
        answer_error(response, ERROR_ARGUMENT_NULL, "Value cannot be null.\r\nParameter name: %s",
                     name);
        return NULL;
}

void pipeline_permissions_patch_all(World *world, Request *request, Response *response) {
        const cJSON *body = body_array(request, response, "resourceAuthorizations"), *item;
        cJSON *list;
        Usable usable;

        if (!body)
                return;
        cJSON_ArrayForEach(item, body) {
                if (!find_managed(request, response, cJSON_GetObjectItem(item, "resource"),
                                  &usable))
                        return;
        }
        list = cJSON_CreateArray();
        cJSON_ArrayForEach(item, body) {
                const cJSON *resource = cJSON_GetObjectItem(item, "resource");

                usable_find(&request->arena, request->project, json_text(resource, "type"),
                            json_text(resource, "id"), request->as_of, &usable);
                change(request, &usable, item);
                cJSON_AddItemToArray(list, shape_permissions(request, &usable));
        }
        answer_list(request, response, 200, list);
}

/* Authorized resources: what is open to all pipelines, in the older form. */

static void add_authorized(cJSON *list, const char *type, const char *id) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "type", type);
        json_add_text(tree, "id", id);
        json_add_bool(tree, "authorized", true);
        cJSON_AddItemToArray(list, tree);
}

static bool asked(const Request *request, const char *key, const char *value) {
        const char *wanted = request_query(request, key);

        return !wanted || !*wanted || strcasecmp(wanted, value) == 0;
}

void authorized_resources_get(World *world, Request *request, Response *response) {
        const Array *grants = &request->project->pipeline_grants;
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; i < grants->n_items; i++) {
                const PipelineGrant *grant = row_at(grants->items[i], request->as_of);
                Usable usable;

                if (!grant || grant->pipeline != ALL_PIPELINES ||
                    !asked(request, "type", grant->type) ||
                    !asked(request, "id", grant->resource) ||
                    !usable_find(&request->arena, request->project, grant->type, grant->resource,
                                 request->as_of, &usable))
                        continue;
                if (!request->organization->world->options.hide_unreadable ||
                    guard_permits(request, usable.ns, usable.token, usable.view))
                        add_authorized(list, grant->type, grant->resource);
        }
        answer_list(request, response, 200, list);
}

void authorized_resources_patch(World *world, Request *request, Response *response) {
        const cJSON *body = body_array(request, response, "resources"), *resource;
        cJSON *list;
        Usable usable;

        if (!body)
                return;
        cJSON_ArrayForEach(resource, body) {
                if (!find_managed(request, response, resource, &usable))
                        return;
        }
        list = cJSON_CreateArray();
        cJSON_ArrayForEach(resource, body) {
                bool authorized = cJSON_IsTrue(cJSON_GetObjectItem(resource, "authorized"));

                usable_find(&request->arena, request->project, json_text(resource, "type"),
                            json_text(resource, "id"), request->as_of, &usable);
                pipeline_grant_set(request->project, &usable, ALL_PIPELINES, authorized,
                                   request->caller);
                if (authorized)
                        add_authorized(list, usable.type, usable.id);
        }
        answer_list(request, response, 200, list);
}

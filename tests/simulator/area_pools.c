/* SPDX-License-Identifier: Apache-2.0 */
/* Area Distributed task: pools of agents, and the queues by which projects reach them (facts §6.8).
 *
 * Assumptions: pools show themselves to who has View on them; a project has one queue for a pool.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/area_resource.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/pool.h"
#include "tests/simulator/shape.h"

/* Pools. */

static void add_pool_reference(Request *request, cJSON *tree, const Pool *pool) {
        json_add_number(tree, "id", pool->id);
        json_add_text(tree, "scope", request->organization->id);
        json_add_text(tree, "name", pool->name);
        json_add_bool(tree, "isHosted", pool->hosted);
        json_add_text(tree, "poolType", "automation");
        json_add_number(tree, "size", pool->hosted ? 1 : 0);
        json_add_bool(tree, "isLegacy", false);
        json_add_text(tree, "options", "none");
}

static void add_number_or_null(cJSON *tree, const char *name, bool known, int number) {
        cJSON_AddItemToObject(tree, name, known ? cJSON_CreateNumber(number) : cJSON_CreateNull());
}

static cJSON *shape_pool(Request *request, const Pool *pool) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "createdOn", time_text(&request->arena, pool->row.created));
        json_add_bool(tree, "autoProvision", pool->auto_provision);
        json_add_bool(tree, "autoUpdate", true);
        json_add_bool(tree, "autoSize", true);
        add_number_or_null(tree, "targetSize", pool->hosted, 1);
        add_number_or_null(tree, "agentCloudId", pool->hosted, 1);
        cJSON_AddItemToObject(tree, "createdBy",
                              shape_identity_ref(request, maker_of(pool->creator)));
        cJSON_AddItemToObject(tree, "owner", shape_identity_ref(request, maker_of(pool->creator)));
        add_pool_reference(request, tree, pool);
        return tree;
}

static bool views_pool(Request *request, const Pool *pool) {
        return !request->organization->world->options.hide_unreadable ||
               guard_permits(request, NAMESPACE_DISTRIBUTED_TASK,
                             token_of_pool(&request->arena, pool), TASK_VIEW);
}

static bool pool_asked(Request *request, const Pool *pool) {
        const char *name = request_query(request, "poolName"),
                   *type = request_query(request, "poolType");

        return (!name || !*name || text_same(name, pool->name)) &&
               (!type || !*type || strcasecmp(type, "automation") == 0) &&
               query_lists(request, "poolIds", arena_print(&request->arena, "%d", pool->id)) &&
               views_pool(request, pool);
}

void pools_list(World *world, Request *request, Response *response) {
        const Array *pools = &request->organization->pools;
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; i < pools->n_items; i++) {
                const Pool *then = row_at(pools->items[i], request->as_of);

                if (then && pool_asked(request, then))
                        cJSON_AddItemToArray(list, shape_pool(request, then));
        }
        answer_list(request, response, 200, list);
}

static Pool *requested_pool(Request *request, Response *response) {
        const char *id = request_parameter(request, "pool");
        Pool *pool = id[strspn(id, "0123456789")] == '\0'
                             ? organization_find_pool(request->organization, id, request->as_of)
                             : NULL;

        if (pool && views_pool(request, pool))
                return pool;
        answer_error(response, ERROR_POOL_NOT_FOUND,
                     "Agent pool with ID %s does not exist or you do not have permission to access "
                     "it.",
                     id);
        return NULL;
}

void pool_get(World *world, Request *request, Response *response) {
        const Pool *pool = requested_pool(request, response);

        if (pool)
                answer_json(request, response, 200,
                            shape_pool(request, row_at(pool, request->as_of)));
}

static bool pool_name_free(Request *request, Response *response, const char *name) {
        if (!name || !*name) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: pool.Name");
                return false;
        }
        for (size_t i = 0; i < request->organization->pools.n_items; i++) {
                const Pool *other = request->organization->pools.items[i];

                if (!row_alive(&other->row, AS_OF_NOW) || !text_same(other->name, name))
                        continue;
                answer_error(response, ERROR_POOL_EXISTS, "Agent pool %s already exists.", name);
                return false;
        }
        return true;
}

void pool_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *name = json_text(body, "name");
        bool provisioned = cJSON_IsTrue(cJSON_GetObjectItem(body, "autoProvision"));

        if (guard_require(request, response, NAMESPACE_DISTRIBUTED_TASK, TOKEN_POOLS,
                          TASK_CREATE) &&
            pool_name_free(request, response, name))
                answer_json(request, response, 200,
                            shape_pool(request, pool_create(request->organization, name,
                                                            provisioned, request->caller)));
}

/* One that is there and that the caller may change. */
static Pool *managed_pool(Request *request, Response *response) {
        Pool *pool = requested_pool(request, response);

        if (!pool || !guard_require(request, response, NAMESPACE_DISTRIBUTED_TASK,
                                    token_of_pool(&request->arena, pool), TASK_MANAGE))
                return NULL;
        return pool;
}

void pool_patch(World *world, Request *request, Response *response) {
        const char *name = json_text(request_json(request), "name");
        Pool *pool = managed_pool(request, response);

        if (!pool ||
            (name && !text_same(name, pool->name) && !pool_name_free(request, response, name)))
                return;
        if (name)
                pool_rename(request->organization, pool, name);
        answer_json(request, response, 200, shape_pool(request, pool));
}

void pool_remove(World *world, Request *request, Response *response) {
        Pool *pool = managed_pool(request, response);

        if (!pool)
                return;
        pool_delete(request->organization, pool);
        answer_empty(response, 204);
}

/* Queues. */

static cJSON *shape_queue(Request *request, const Resource *queue) {
        const Pool *pool = row_at(queue->pool, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "id", queue->id);
        json_add_text(tree, "projectId", queue->project->id);
        json_add_text(tree, "name", queue->name);
        add_pool_reference(request, cJSON_AddObjectToObject(tree, "pool"),
                           pool ? pool : queue->pool);
        return tree;
}

static bool queue_asked(Request *request, const Resource *queue) {
        return query_lists(request, "poolIds", arena_print(&request->arena, "%d", queue->pool->id));
}

static const ResourceForm QUEUES = {
        .kind = RESOURCE_QUEUE,
        .name_filter = "queueName",
        .names_filter = "queueNames",
        .ids_filter = "queueIds",
        .not_found = ERROR_QUEUE_NOT_FOUND,
        .exists = ERROR_QUEUE_EXISTS,
        .shape = shape_queue,
        .asked = queue_asked,
};

void queues_list(World *world, Request *request, Response *response) {
        resource_answer_list(request, response, &QUEUES);
}

void queue_get(World *world, Request *request, Response *response) {
        resource_answer_one(request, response, &QUEUES);
}

/* The pool a body names by its id; NULL with an answer when the caller sees none. */
static Pool *pool_of_body(Request *request, Response *response, const cJSON *body) {
        const cJSON *id = cJSON_GetObjectItem(cJSON_GetObjectItem(body, "pool"), "id");
        Pool *pool = NULL;

        if (cJSON_IsNumber(id))
                pool = organization_find_pool(request->organization,
                                              arena_print(&request->arena, "%d", id->valueint),
                                              request->as_of);
        if (pool && views_pool(request, pool))
                return pool;
        if (cJSON_IsNumber(id))
                answer_error(response, ERROR_POOL_NOT_FOUND,
                             "Agent pool with ID %d does not exist or you do not have permission "
                             "to access it.",
                             id->valueint);
        else
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: queue.Pool");
        return NULL;
}

void queue_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const Array *queues = &request->project->resources[RESOURCE_QUEUE];
        ResourceSpec spec = {.name = json_text(body, "name"), .actor = request->caller};

        spec.pool = pool_of_body(request, response, body);
        if (!spec.pool)
                return;
        if (!spec.name || !*spec.name)
                spec.name = spec.pool->name;
        for (size_t i = 0; i < queues->n_items; i++) {
                const Resource *other = queues->items[i];

                if (!row_alive(&other->row, AS_OF_NOW) || other->pool != spec.pool)
                        continue;
                answer_error(response, ERROR_QUEUE_EXISTS,
                             "Agent queue %s uses agent pool %s already.", other->name,
                             spec.pool->name);
                return;
        }
        resource_answer_create(request, response, &QUEUES, &spec);
}

void queue_remove(World *world, Request *request, Response *response) {
        resource_answer_remove(request, response, &QUEUES);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area Distributed task: queues, pools, variable groups, environments, to be listed (facts §6.8).
 *
 * Assumptions: pools show themselves to everybody; the others to who has View on them. The world
 * keeps neither variables nor who made these things: they are the service's own, without variables.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/shape.h"

enum {
        TASK_VIEW = 1, /* of Library, Environment, DistributedTask (facts §3.2) */
        TASK_MANAGE = 2,
        TASK_USE = 16,
        OWN_POOLS_FROM = 1000, /* ids of pools that are known by a queue alone */
};

/* The principal the service itself acts as, as recorded in pools. */
static const Identity SERVICE = {
        .kind = IDENTITY_SERVICE_PRINCIPAL,
        .storage_key = "00000002-0000-8888-8000-000000000000",
        .subject_descriptor = "s2s.MDAwMDAwMDItMDAwMC04ODg4LTgwMDAtMDAwMDAwMDAwMDAw",
        .name = "Microsoft.VisualStudio.Services.TFS",
        .unique_name = "00000002-0000-8888-8000-000000000000@2c895908-04e0-4952-89fd-54b0046d6288",
        .description = "",
};

/* Pools. */

typedef struct Pool {
        int id;
        const char *name;
        bool hosted;
        int size;
} Pool;

static const Pool POOLS[] = {
        {1, "Default", false, 0},
        {9, "Azure Pipelines", true, 1},
};

enum {
        N_POOLS = sizeof(POOLS) / sizeof(POOLS[0])
};

/* The pool a queue stands for: it has the queue's name. */
static Pool pool_of_queue(const Resource *queue) {
        for (size_t i = 0; i < N_POOLS; i++) {
                if (text_same(POOLS[i].name, queue->name))
                        return POOLS[i];
        }
        return (Pool){.id = OWN_POOLS_FROM + queue->id, .name = queue->name};
}

static void add_pool_reference(Request *request, cJSON *tree, const Pool *pool) {
        json_add_number(tree, "id", pool->id);
        json_add_text(tree, "scope", request->organization->id);
        json_add_text(tree, "name", pool->name);
        json_add_bool(tree, "isHosted", pool->hosted);
        json_add_text(tree, "poolType", "automation");
        json_add_number(tree, "size", pool->size);
        json_add_bool(tree, "isLegacy", false);
        json_add_text(tree, "options", "none");
}

static void add_number_or_null(cJSON *tree, const char *name, bool known, int number) {
        cJSON_AddItemToObject(tree, name, known ? cJSON_CreateNumber(number) : cJSON_CreateNull());
}

static cJSON *shape_pool(Request *request, const Pool *pool) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "createdOn",
                      time_text(&request->arena, request->organization->row.created));
        json_add_bool(tree, "autoProvision", true);
        json_add_bool(tree, "autoUpdate", true);
        json_add_bool(tree, "autoSize", true);
        add_number_or_null(tree, "targetSize", pool->hosted, pool->size);
        add_number_or_null(tree, "agentCloudId", pool->hosted, 1);
        cJSON_AddItemToObject(tree, "createdBy", shape_identity_ref(request, &SERVICE));
        cJSON_AddItemToObject(tree, "owner", shape_identity_ref(request, &SERVICE));
        add_pool_reference(request, tree, pool);
        return tree;
}

static bool pool_asked(const Request *request, const Pool *pool) {
        const char *name = request_query(request, "poolName"),
                   *type = request_query(request, "poolType");

        return (!name || !*name || text_same(name, pool->name)) &&
               (!type || !*type || strcasecmp(type, "automation") == 0);
}

/* Pools that only queues tell of, once each. */
static void list_own_pools(Request *request, cJSON *list, const Project *project) {
        for (size_t i = 0; i < project->queues.n_items; i++) {
                const Resource *queue = row_at(project->queues.items[i], request->as_of);
                Pool pool;
                const cJSON *other;
                bool known = false;

                if (!queue)
                        continue;
                pool = pool_of_queue(queue);
                cJSON_ArrayForEach(other, list) {
                        known = known || text_same(json_text(other, "name"), pool.name);
                }
                if (pool.id >= OWN_POOLS_FROM && !known && pool_asked(request, &pool))
                        cJSON_AddItemToArray(list, shape_pool(request, &pool));
        }
}

void pools_list(World *world, Request *request, Response *response) {
        const Array *projects = &request->organization->projects;
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; i < N_POOLS; i++) {
                if (pool_asked(request, &POOLS[i]))
                        cJSON_AddItemToArray(list, shape_pool(request, &POOLS[i]));
        }
        for (size_t i = 0; i < projects->n_items; i++)
                list_own_pools(request, list, projects->items[i]);
        answer_list(request, response, 200, list);
}

/* What the three other kinds have in common. */

typedef struct Listing {
        const Array *resources;
        NamespaceIndex ns;
        const char *token;       /* before "/{id}" */
        const char *name_filter; /* the query parameter that names one */
        cJSON *(*shape)(Request *request, const Resource *resource);
} Listing;

static uint32_t asked_bits(const Request *request) {
        const char *action = request_query(request, "actionFilter");

        if (action && strcasecmp(action, "manage") == 0)
                return TASK_VIEW | TASK_MANAGE;
        if (action && strcasecmp(action, "use") == 0)
                return TASK_VIEW | TASK_USE;
        return TASK_VIEW;
}

static bool resource_asked(Request *request, const Listing *listing, const Resource *resource) {
        const char *name = request_query(request, listing->name_filter);

        if (name && *name && !text_same(name, resource->name))
                return false;
        return !request->organization->world->options.hide_unreadable ||
               guard_permits(request, listing->ns,
                             arena_print(&request->arena, "%s/%d", listing->token, resource->id),
                             asked_bits(request));
}

static bool ids_descend(const Request *request) {
        const char *order = request_query(request, "queryOrder");

        return order && strcasecmp(order, "idDescending") == 0;
}

/* Whether an id lies on the pages before the one asked for; the token is the last id shown. */
static bool shown_before(const Request *request, int id) {
        const char *token = request_query(request, "continuationToken");

        if (!token || !*token)
                return false;
        return ids_descend(request) ? id >= atoi(token) : id <= atoi(token);
}

static void answer_listing(Request *request, Response *response, const Listing *listing) {
        const char *top = request_query(request, "$top");
        size_t n = listing->resources->n_items, limit = top && *top ? strtoul(top, NULL, 10) : n;
        cJSON *list = cJSON_CreateArray();
        int last = 0;

        for (size_t i = 0; i < n; i++) {
                const Resource *resource =
                        row_at(listing->resources->items[ids_descend(request) ? n - 1 - i : i],
                               request->as_of);

                if (!resource || shown_before(request, resource->id) ||
                    !resource_asked(request, listing, resource))
                        continue;
                if ((size_t)cJSON_GetArraySize(list) == limit) {
                        response_header(response, "x-ms-continuationtoken",
                                        arena_print(&request->arena, "%d", last));
                        break;
                }
                cJSON_AddItemToArray(list, listing->shape(request, resource));
                last = resource->id;
        }
        answer_list(request, response, 200, list);
}

/* Queues. */

static cJSON *shape_queue(Request *request, const Resource *queue) {
        Pool pool = pool_of_queue(queue);
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "id", queue->id);
        json_add_text(tree, "projectId", queue->project->id);
        json_add_text(tree, "name", queue->name);
        add_pool_reference(request, cJSON_AddObjectToObject(tree, "pool"), &pool);
        return tree;
}

void queues_list(World *world, Request *request, Response *response) {
        Listing listing = {
                .resources = &request->project->queues,
                .ns = NAMESPACE_DISTRIBUTED_TASK,
                .token = arena_print(&request->arena, "AgentQueues/%s", request->project->id),
                .name_filter = "queueName",
                .shape = shape_queue,
        };

        answer_listing(request, response, &listing);
}

/* Variable groups. */

static void add_person(cJSON *tree, const char *field) {
        cJSON *person = cJSON_AddObjectToObject(tree, field);

        json_add_text(person, "displayName", SERVICE.name);
        json_add_text(person, "id", SERVICE.storage_key);
        json_add_text(person, "uniqueName", SERVICE.unique_name);
}

static cJSON *shape_variable_group(Request *request, const Resource *group) {
        cJSON *tree = cJSON_CreateObject();

        cJSON_AddObjectToObject(tree, "variables");
        json_add_number(tree, "id", group->id);
        json_add_text(tree, "type", "Vsts");
        json_add_text(tree, "name", group->name);
        if (group->description)
                json_add_text(tree, "description", group->description);
        add_person(tree, "createdBy");
        json_add_text(tree, "createdOn", time_text(&request->arena, group->row.created));
        add_person(tree, "modifiedBy");
        json_add_text(tree, "modifiedOn", time_text(&request->arena, group->row.since));
        json_add_bool(tree, "isShared", false);
        json_add_text(tree, "variableGroupProjectReferences", NULL);
        return tree;
}

void variable_groups_list(World *world, Request *request, Response *response) {
        Listing listing = {
                .resources = &request->project->variable_groups,
                .ns = NAMESPACE_LIBRARY,
                .token = arena_print(&request->arena, "Library/%s/VariableGroup",
                                     request->project->id),
                .name_filter = "groupName",
                .shape = shape_variable_group,
        };

        answer_listing(request, response, &listing);
}

/* Environments. */

static cJSON *shape_environment(Request *request, const Resource *environment) {
        const Project *project = row_at(environment->project, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *reference;

        json_add_number(tree, "id", environment->id);
        json_add_text(tree, "name", environment->name);
        json_add_text(tree, "description",
                      environment->description ? environment->description : "");
        cJSON_AddItemToObject(tree, "createdBy", shape_identity_ref(request, &SERVICE));
        json_add_text(tree, "createdOn", time_text(&request->arena, environment->row.created));
        cJSON_AddItemToObject(tree, "lastModifiedBy", shape_identity_ref(request, &SERVICE));
        json_add_text(tree, "lastModifiedOn", time_text(&request->arena, environment->row.since));
        reference = cJSON_AddObjectToObject(tree, "project");
        json_add_text(reference, "id", environment->project->id);
        json_add_text(reference, "name", (project ? project : environment->project)->name);
        return tree;
}

void environments_list(World *world, Request *request, Response *response) {
        Listing listing = {
                .resources = &request->project->environments,
                .ns = NAMESPACE_ENVIRONMENT,
                .token = arena_print(&request->arena, "Environments/%s", request->project->id),
                .name_filter = "name",
                .shape = shape_environment,
        };

        answer_listing(request, response, &listing);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of agents: the organisation's, reached from projects by queues. */
#include "tests/simulator/pool.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulator/resource.h"

enum {
        FIRST_POOL_ID = 10,
};

static const struct {
        int id;
        const char *name;
        bool hosted;
} FIRST_POOLS[] = {
        {1, "Default", false},
        {9, "Azure Pipelines", true},
};

static Pool *add_pool(Organization *organization, int id, const char *name) {
        World *world = organization->world;
        Pool *pool = arena_alloc(&world->arena, sizeof(*pool));

        row_init(world, pool);
        pool->id = id;
        pool->name = arena_copy(&world->arena, name);
        array_add(&organization->pools, pool);
        return pool;
}

void pools_init(Organization *organization) {
        organization->next_pool = FIRST_POOL_ID;
        for (size_t i = 0; i < sizeof(FIRST_POOLS) / sizeof(FIRST_POOLS[0]); i++) {
                Pool *pool = add_pool(organization, FIRST_POOLS[i].id, FIRST_POOLS[i].name);

                pool->hosted = FIRST_POOLS[i].hosted;
                pool->auto_provision = true;
        }
}

static void add_queue(Project *project, Pool *pool) {
        ResourceSpec spec = {.name = pool->name, .pool = pool};

        resource_create(project, RESOURCE_QUEUE, &spec);
}

void queues_provision(Project *project) {
        const Array *pools = &project->organization->pools;

        for (size_t i = 0; i < pools->n_items; i++) {
                Pool *pool = pools->items[i];

                if (row_alive(&pool->row, AS_OF_NOW) && pool->auto_provision)
                        add_queue(project, pool);
        }
}

/* A pool that is provisioned by itself comes to the projects there are, where none has its name. */
static void provision(Organization *organization, Pool *pool) {
        for (size_t i = 0; i < organization->projects.n_items; i++) {
                Project *project = organization->projects.items[i];

                if (row_alive(&project->row, AS_OF_NOW) &&
                    !project_find_resource(project, RESOURCE_QUEUE, pool->name, AS_OF_NOW))
                        add_queue(project, pool);
        }
}

Pool *pool_create(Organization *organization, const char *name, bool auto_provision,
                  Identity *actor) {
        World *world = organization->world;
        Pool *pool = add_pool(organization, organization->next_pool++, name);
        AclTarget target = {world, organization, namespace_get(NAMESPACE_DISTRIBUTED_TASK),
                            token_of_pool(&world->arena, pool)};

        pool->auto_provision = auto_provision;
        pool->creator = actor;
        if (actor)
                acl_grant(&target, actor, TASK_VIEW | TASK_MANAGE | TASK_ADMINISTER | TASK_USE, 0);
        if (auto_provision)
                provision(organization, pool);
        return pool;
}

void pool_rename(Organization *organization, Pool *pool, const char *name) {
        row_touch(organization->world, pool, sizeof(*pool));
        pool->name = arena_copy(&organization->world->arena, name);
}

void pool_delete(Organization *organization, Pool *pool) {
        row_delete(organization->world, pool, sizeof(*pool));
        for (size_t i = 0; i < organization->projects.n_items; i++) {
                const Project *project = organization->projects.items[i];
                const Array *queues = &project->resources[RESOURCE_QUEUE];

                for (size_t k = 0; k < queues->n_items; k++) {
                        Resource *queue = queues->items[k];

                        if (queue->pool == pool && row_alive(&queue->row, AS_OF_NOW))
                                resource_delete(queue);
                }
        }
}

Pool *organization_find_pool(Organization *organization, const char *name_or_id, int64_t as_of) {
        for (size_t i = 0; i < organization->pools.n_items; i++) {
                const Pool *then = row_at(organization->pools.items[i], as_of);
                char *end;

                if (then && (text_same(then->name, name_or_id) ||
                             (strtol(name_or_id, &end, 10) == then->id && *end == '\0')))
                        return organization->pools.items[i];
        }
        return NULL;
}

Pool *pool_of_name(Organization *organization, const char *name) {
        for (size_t i = 0; i < organization->pools.n_items; i++) {
                Pool *pool = organization->pools.items[i];

                if (row_alive(&pool->row, AS_OF_NOW) && text_same(pool->name, name))
                        return pool;
        }
        return pool_create(organization, name, false, NULL);
}

char *token_of_pool(Arena *arena, const Pool *pool) {
        return arena_print(arena, TOKEN_POOLS "/%d", pool->id);
}

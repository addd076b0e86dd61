/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines use: agent queues, variable groups, secure files, environments (facts §6.8). */
#include "tests/simulator/resource.h"

#include <string.h>
#include <strings.h>

#include "tests/simulator/pool.h"

/* Who makes a library item owns it beside administering it; that the other kinds' makers become
 * administrators too is an assumption for queues, a fact for environments. */
static const ResourceTraits TRAITS[N_RESOURCE_KINDS] = {
        [RESOURCE_QUEUE] = {"agent queue", "agent queues", NAMESPACE_DISTRIBUTED_TASK,
                            "AgentQueues/", "/", TASK_VIEW, TASK_MANAGE, TASK_USE, TASK_CREATE,
                            TASK_VIEW | TASK_MANAGE | TASK_ADMINISTER | TASK_USE},
        [RESOURCE_VARIABLE_GROUP] = {"variable group", "library", NAMESPACE_LIBRARY, "Library/",
                                     "/VariableGroup/", LIBRARY_VIEW, LIBRARY_ADMINISTER,
                                     LIBRARY_USE, LIBRARY_CREATE,
                                     LIBRARY_VIEW | LIBRARY_ADMINISTER | LIBRARY_USE |
                                             LIBRARY_OWNER},
        [RESOURCE_SECURE_FILE] = {"secure file", "library", NAMESPACE_LIBRARY, "Library/",
                                  "/SecureFile/", LIBRARY_VIEW, LIBRARY_ADMINISTER, LIBRARY_USE,
                                  LIBRARY_CREATE,
                                  LIBRARY_VIEW | LIBRARY_ADMINISTER | LIBRARY_USE | LIBRARY_OWNER},
        [RESOURCE_ENVIRONMENT] = {"environment", "environments", NAMESPACE_ENVIRONMENT,
                                  "Environments/", "/", ENVIRONMENT_VIEW, ENVIRONMENT_MANAGE,
                                  ENVIRONMENT_USE, ENVIRONMENT_CREATE,
                                  ENVIRONMENT_VIEW | ENVIRONMENT_MANAGE | ENVIRONMENT_ADMINISTER |
                                          ENVIRONMENT_USE},
};

const ResourceTraits *resource_traits(ResourceKind kind) {
        return &TRAITS[kind];
}

const char *resource_pipeline_type(ResourceKind kind) {
        static const char *const words[N_RESOURCE_KINDS] = {
                [RESOURCE_QUEUE] = "queue",
                [RESOURCE_VARIABLE_GROUP] = "variablegroup",
                [RESOURCE_SECURE_FILE] = "securefile",
                [RESOURCE_ENVIRONMENT] = "environment",
        };

        return words[kind];
}

static void fill(Arena *arena, Resource *resource, const ResourceSpec *spec) {
        if (spec->name)
                resource->name = arena_copy(arena, spec->name);
        if (spec->description)
                resource->description = arena_copy(arena, spec->description);
        if (spec->type)
                resource->type = arena_copy(arena, spec->type);
        if (spec->variables)
                resource->variables = arena_copy(arena, spec->variables);
}

static void number(Organization *organization, Resource *resource) {
        Arena *arena = &organization->world->arena;

        if (resource->kind == RESOURCE_SECURE_FILE) {
                resource->key = random_guid(&organization->world->random, arena);
                return;
        }
        resource->id = organization->next_resource++;
        resource->key = arena_print(arena, "%d", resource->id);
}

static void grant_maker(const Resource *resource) {
        Organization *organization = resource->project->organization;
        World *world = organization->world;
        AclTarget target = {world, organization, namespace_get(TRAITS[resource->kind].ns),
                            token_of_resource(&world->arena, resource)};

        if (resource->creator)
                acl_grant(&target, resource->creator, TRAITS[resource->kind].creator, 0);
}

Resource *resource_create(Project *project, ResourceKind kind, const ResourceSpec *spec) {
        Organization *organization = project->organization;
        World *world = organization->world;
        Resource *resource = arena_alloc(&world->arena, sizeof(*resource));

        row_init(world, resource);
        resource->kind = kind;
        resource->project = project;
        resource->creator = spec->actor;
        resource->changed_by = spec->actor;
        number(organization, resource);
        fill(&world->arena, resource, spec);
        if (kind == RESOURCE_VARIABLE_GROUP && !resource->type)
                resource->type = "Vsts";
        if (kind == RESOURCE_QUEUE)
                resource->pool =
                        spec->pool ? spec->pool : pool_of_name(organization, resource->name);
        array_add(&project->resources[kind], resource);
        grant_maker(resource);
        return resource;
}

void resource_update(Resource *resource, const ResourceSpec *spec) {
        World *world = resource->project->organization->world;

        row_touch(world, resource, sizeof(*resource));
        fill(&world->arena, resource, spec);
        resource->changed_by = spec->actor;
}

void resource_delete(Resource *resource) {
        row_delete(resource->project->organization->world, resource, sizeof(*resource));
}

static Resource *find(Project *project, ResourceKind kind, const char *id, const char *name,
                      int64_t as_of) {
        const Array *list = &project->resources[kind];

        for (size_t i = 0; i < list->n_items; i++) {
                const Resource *then = row_at(list->items[i], as_of);

                if (then &&
                    (strcasecmp(then->key, id) == 0 || (name && text_same(then->name, name))))
                        return list->items[i];
        }
        return NULL;
}

Resource *project_find_resource(Project *project, ResourceKind kind, const char *name_or_id,
                                int64_t as_of) {
        return find(project, kind, name_or_id, name_or_id, as_of);
}

Resource *project_find_resource_id(Project *project, ResourceKind kind, const char *id,
                                   int64_t as_of) {
        return find(project, kind, id, NULL, as_of);
}

char *token_of_resources(Arena *arena, const Project *project, ResourceKind kind) {
        return arena_print(arena, "%s%s", TRAITS[kind].prefix, project->id);
}

char *token_of_resource(Arena *arena, const Resource *resource) {
        return arena_print(arena, "%s%s%s",
                           token_of_resources(arena, resource->project, resource->kind),
                           TRAITS[resource->kind].infix, resource->key);
}

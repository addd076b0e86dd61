/* SPDX-License-Identifier: Apache-2.0 */
/* Which pipelines may use what (facts §4.5). */
#include "tests/simulator/pipeline_grant.h"

#include <string.h>
#include <strings.h>

#include "tests/simulator/resource.h"

static bool find_endpoint(Arena *arena, Project *project, const char *id, int64_t as_of,
                          Usable *usable) {
        const Endpoint *endpoint =
                organization_find_endpoint(project->organization, id, project, as_of);

        if (!endpoint || strcasecmp(endpoint->id, id) != 0)
                return false;
        *usable = (Usable){TYPE_ENDPOINT,
                           endpoint->id,
                           NAMESPACE_SERVICE_ENDPOINTS,
                           token_of_endpoint(arena, endpoint, project),
                           ENDPOINT_VIEW,
                           ENDPOINT_ADMINISTER};
        return true;
}

static bool find_repository(Arena *arena, Project *project, const char *id, int64_t as_of,
                            Usable *usable) {
        const char *dot = strchr(id, '.');
        const Repository *repository =
                dot ? project_find_repository(project, dot + 1, as_of) : NULL;

        if (!repository || strcasecmp(repository->id, dot + 1) != 0 ||
            strncasecmp(project->id, id, (size_t)(dot - id)) != 0)
                return false;
        *usable =
                (Usable){TYPE_REPOSITORY, arena_print(arena, "%s.%s", project->id, repository->id),
                         NAMESPACE_GIT,   token_of_repository(arena, repository),
                         GIT_READ,        GIT_MANAGE_PERMISSIONS};
        return true;
}

static bool find_resource(Arena *arena, Project *project, ResourceKind kind, const char *id,
                          int64_t as_of, Usable *usable) {
        const ResourceTraits *traits = resource_traits(kind);
        const Resource *resource = project_find_resource_id(project, kind, id, as_of);

        if (!resource)
                return false;
        *usable = (Usable){resource_pipeline_type(kind),
                           resource->key,
                           traits->ns,
                           token_of_resource(arena, resource),
                           traits->view,
                           namespace_get(traits->ns)->write_permission};
        return true;
}

bool usable_find(Arena *arena, Project *project, const char *type, const char *id, int64_t as_of,
                 Usable *usablep) {
        if (strcasecmp(type, TYPE_ENDPOINT) == 0)
                return find_endpoint(arena, project, id, as_of, usablep);
        if (strcasecmp(type, TYPE_REPOSITORY) == 0)
                return find_repository(arena, project, id, as_of, usablep);
        for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++) {
                if (strcasecmp(resource_pipeline_type((ResourceKind)kind), type) == 0)
                        return find_resource(arena, project, (ResourceKind)kind, id, as_of,
                                             usablep);
        }
        return false;
}

PipelineGrant *pipeline_grant_find(const Project *project, const Usable *usable, int pipeline) {
        for (size_t i = 0; i < project->pipeline_grants.n_items; i++) {
                PipelineGrant *grant = project->pipeline_grants.items[i];

                if (grant->pipeline == pipeline && strcmp(grant->type, usable->type) == 0 &&
                    strcmp(grant->resource, usable->id) == 0 && row_alive(&grant->row, AS_OF_NOW))
                        return grant;
        }
        return NULL;
}

void pipeline_grant_set(Project *project, const Usable *usable, int pipeline, bool authorized,
                        Identity *by) {
        World *world = project->organization->world;
        PipelineGrant *grant = pipeline_grant_find(project, usable, pipeline);

        if (grant && !authorized)
                row_delete(world, grant, sizeof(*grant));
        if (grant || !authorized)
                return;
        grant = arena_alloc(&world->arena, sizeof(*grant));
        row_init(world, grant);
        grant->type = usable->type;
        grant->resource = arena_copy(&world->arena, usable->id);
        grant->pipeline = pipeline;
        grant->by = by;
        array_add(&project->pipeline_grants, grant);
}

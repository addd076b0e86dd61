/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines use, changed by hand: queues, variable groups, secure files, environments, pools.
 */
#include <string.h>

#include "tests/simulator/hand.h"
#include "tests/simulator/pipeline_grant.h"
#include "tests/simulator/pool.h"
#include "tests/simulator/resource.h"

/* What an operation is about. */
typedef struct Subject {
        Project *project;
        ResourceKind kind;
        const char *name;
} Subject;

/* "create_agent_queue" is about the kind "agent queue". */
static ResourceKind kind_of(const HandJob *job) {
        const char *operation = written_need(job->change, "op");
        char *word = arena_copy(job->arena, strchr(operation, '_') + 1);

        for (char *at = word; *at; at++) {
                if (*at == '_')
                        *at = ' ';
        }
        for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++) {
                if (strcmp(resource_traits((ResourceKind)kind)->word, word) == 0)
                        return (ResourceKind)kind;
        }
        return N_RESOURCE_KINDS;
}

static int read_subject(const HandJob *job, const char *const *keys, Subject *subject) {
        written_check_keys(job->change, keys);
        subject->kind = kind_of(job);
        subject->project = hand_project(job);
        subject->name = written_need(job->change, "name");
        return subject->project && subject->name ? 0 : -1;
}

static const char *const KEYS_CREATE[] = {"op", "name", "description", "pool", "project", NULL};
static const char *const KEYS_RENAME[] = {"op", "name", "to", "project", NULL};
static const char *const KEYS_DELETE[] = {"op", "name", "project", NULL};

static int taken(const HandJob *job, const char *key, const char *name) {
        written_mistake_at(job->change, key, "\"%s\" is there already", name);
        return -1;
}

int hand_create_resource(const HandJob *job) {
        const char *pool = written_text(job->change, "pool");
        ResourceSpec spec = {.description = written_text(job->change, "description"),
                             .actor = job->hand->person};
        const ResourceTraits *traits;
        Subject subject;
        int result;

        if (read_subject(job, KEYS_CREATE, &subject) < 0)
                return -1;
        traits = resource_traits(subject.kind);
        spec.name = subject.name;
        if (project_find_resource(subject.project, subject.kind, subject.name, AS_OF_NOW))
                return taken(job, "name", subject.name);
        result = hand_may(job, traits->ns,
                          token_of_resources(job->arena, subject.project, subject.kind),
                          traits->create);
        if (result != 0)
                return result;
        if (pool && subject.kind == RESOURCE_QUEUE)
                spec.pool = pool_of_name(job->hand->organization, pool);
        resource_create(subject.project, subject.kind, &spec);
        return 0;
}

/* One that is there, and that the person may change. */
static int read_resource(const HandJob *job, const char *const *keys, Subject *subject,
                         Resource **resourcep) {
        const ResourceTraits *traits;

        if (read_subject(job, keys, subject) < 0)
                return -1;
        traits = resource_traits(subject->kind);
        *resourcep =
                project_find_resource(subject->project, subject->kind, subject->name, AS_OF_NOW);
        if (!*resourcep) {
                written_mistake_at(job->change, "name", "%s has no %s \"%s\"",
                                   subject->project->name, traits->word, subject->name);
                return -1;
        }
        return hand_may(job, traits->ns, token_of_resource(job->arena, *resourcep), traits->manage);
}

int hand_rename_resource(const HandJob *job) {
        ResourceSpec spec = {.name = written_need(job->change, "to"), .actor = job->hand->person};
        Subject subject;
        Resource *resource;
        int result = read_resource(job, KEYS_RENAME, &subject, &resource);

        if (result != 0 || !spec.name)
                return result != 0 ? result : -1;
        if (project_find_resource(subject.project, subject.kind, spec.name, AS_OF_NOW))
                return taken(job, "to", spec.name);
        resource_update(resource, &spec);
        return 0;
}

int hand_delete_resource(const HandJob *job) {
        Subject subject;
        Resource *resource;
        int result = read_resource(job, KEYS_DELETE, &subject, &resource);

        if (result == 0)
                resource_delete(resource);
        return result;
}

/* Pools. */

int hand_create_pool(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "auto_provision", NULL};
        Organization *organization = job->hand->organization;
        const char *name = written_need(job->change, "name");
        bool auto_provision = written_flag(job->change, "auto_provision", false);
        int result;

        written_check_keys(job->change, KEYS);
        if (!name)
                return -1;
        if (organization_find_pool(organization, name, AS_OF_NOW))
                return taken(job, "name", name);
        result = hand_may(job, NAMESPACE_DISTRIBUTED_TASK, TOKEN_POOLS, TASK_CREATE);
        if (result == 0)
                pool_create(organization, name, auto_provision, job->hand->person);
        return result;
}

static int read_pool(const HandJob *job, const char *const *keys, Pool **poolp) {
        Organization *organization = job->hand->organization;
        const char *name = written_need(job->change, "name");

        written_check_keys(job->change, keys);
        *poolp = name ? organization_find_pool(organization, name, AS_OF_NOW) : NULL;
        if (name && !*poolp)
                written_mistake_at(job->change, "name", "%s has no agent pool \"%s\"",
                                   organization->name, name);
        if (!*poolp)
                return -1;
        return hand_may(job, NAMESPACE_DISTRIBUTED_TASK, token_of_pool(job->arena, *poolp),
                        TASK_MANAGE);
}

int hand_rename_pool(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "to", NULL};
        const char *to = written_need(job->change, "to");
        Pool *pool;
        int result = read_pool(job, KEYS, &pool);

        if (result != 0 || !to)
                return result != 0 ? result : -1;
        pool_rename(job->hand->organization, pool, to);
        return 0;
}

int hand_delete_pool(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", NULL};
        Pool *pool;
        int result = read_pool(job, KEYS, &pool);

        if (result == 0)
                pool_delete(job->hand->organization, pool);
        return result;
}

/* Which pipelines may use what. */

/* Type and id of the thing a change names by kind and name; false with a mistake. */
static bool find_named(const HandJob *job, Project *project, Usable *usablep) {
        const char *kind = written_need(job->change, "kind"),
                   *name = written_need(job->change, "name"), *type = NULL, *id = NULL;

        if (!kind || !name)
                return false;
        if (strcmp(kind, "service connection") == 0) {
                const Endpoint *endpoint =
                        organization_find_endpoint(project->organization, name, project, AS_OF_NOW);

                type = TYPE_ENDPOINT;
                id = endpoint ? endpoint->id : NULL;
        } else if (strcmp(kind, "repository") == 0) {
                const Repository *repository = project_find_repository(project, name, AS_OF_NOW);

                type = TYPE_REPOSITORY;
                id = repository ? arena_print(job->arena, "%s.%s", project->id, repository->id)
                                : NULL;
        }
        for (size_t each = 0; !type && each < N_RESOURCE_KINDS; each++) {
                const Resource *resource;

                if (strcmp(resource_traits((ResourceKind)each)->word, kind) != 0)
                        continue;
                resource = project_find_resource(project, (ResourceKind)each, name, AS_OF_NOW);
                type = resource_pipeline_type((ResourceKind)each);
                id = resource ? resource->key : NULL;
        }
        if (!type)
                written_mistake_at(job->change, "kind", "\"%s\" is nothing pipelines use", kind);
        else if (!id)
                written_mistake_at(job->change, "name", "%s has no %s \"%s\"", project->name, kind,
                                   name);
        return id && usable_find(job->arena, project, type, id, AS_OF_NOW, usablep);
}

/* The definition of a name; ALL_PIPELINES when the change names none. -1 with a mistake. */
static int read_pipeline(const HandJob *job, const Project *project) {
        const char *name = written_text(job->change, "pipeline");

        for (size_t i = 0; name && i < project->definitions.n_items; i++) {
                const Definition *definition = project->definitions.items[i];

                if (row_alive(&definition->row, AS_OF_NOW) && text_same(definition->name, name))
                        return definition->id;
        }
        if (!name)
                return ALL_PIPELINES;
        written_mistake_at(job->change, "pipeline", "%s has no pipeline \"%s\"", project->name,
                           name);
        return -1;
}

static int set_pipelines(const HandJob *job, bool authorized) {
        static const char *const KEYS[] = {"op", "kind", "name", "pipeline", "project", NULL};
        Project *project = hand_project(job);
        Usable usable;
        int pipeline, result;

        written_check_keys(job->change, KEYS);
        if (!project || !find_named(job, project, &usable))
                return -1;
        pipeline = read_pipeline(job, project);
        if (pipeline < 0)
                return -1;
        result = hand_may(job, usable.ns, usable.token, usable.manage);
        if (result == 0)
                pipeline_grant_set(project, &usable, pipeline, authorized, job->hand->person);
        return result;
}

int hand_open_to_pipelines(const HandJob *job) {
        return set_pipelines(job, true);
}

int hand_close_to_pipelines(const HandJob *job) {
        return set_pipelines(job, false);
}

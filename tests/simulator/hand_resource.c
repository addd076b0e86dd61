/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines use, changed by hand: queues, variable groups, secure files, environments, pools. */
#include <string.h>

#include "tests/simulator/hand.h"
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
        *resourcep = project_find_resource(subject->project, subject->kind, subject->name,
                                           AS_OF_NOW);
        if (!*resourcep) {
                written_mistake_at(job->change, "name", "%s has no %s \"%s\"",
                                   subject->project->name, traits->word, subject->name);
                return -1;
        }
        return hand_may(job, traits->ns, token_of_resource(job->arena, *resourcep),
                        traits->manage);
}

int hand_rename_resource(const HandJob *job) {
        ResourceSpec spec = {.name = written_need(job->change, "to"),
                             .actor = job->hand->person};
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

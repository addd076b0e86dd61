/* SPDX-License-Identifier: Apache-2.0 */
/* Queries changed by hand. */
#include <string.h>

#include "tests/simulator/hand.h"
#include "tests/simulator/query.h"

static const char *const NAMED[] = {"op", "name", "project", NULL};
static const char *const MADE[] = {"op", "name", "wiql", "project", NULL};
static const char *const RENAMED[] = {"op", "name", "to", "project", NULL};

/* The shared query a path names; NULL with a mistake. */
static Query *read_query(const HandJob *job, const char *const *keys) {
        const char *path;
        Project *project;
        Query *query;

        written_check_keys(job->change, keys);
        project = hand_project(job);
        path = written_need(job->change, "name");
        if (!project || !path)
                return NULL;
        query = query_find_shared(project, path, AS_OF_NOW);
        if (!query)
                written_mistake_at(job->change, "name", "%s has no query \"%s\"", project->name,
                                   path);
        else if (!query->parent)
                written_mistake_at(job->change, "name", "the root stays as it is");
        return query && query->parent ? query : NULL;
}

static int may(const HandJob *job, const Query *query, uint32_t bits) {
        return hand_may(job, NAMESPACE_WORK_ITEM_QUERY_FOLDERS, token_of_query(job->arena, query),
                        bits);
}

/* Where a path leads to, but for its last part, which is the name. NULL with a mistake. */
static Query *read_parent(const HandJob *job, Project *project, const char *path,
                          const char **namep) {
        const char *last = strrchr(path, '/');
        Query *parent = query_find_shared(
                project, last ? arena_copy_length(job->arena, path, (size_t)(last - path)) : "",
                AS_OF_NOW);

        *namep = last ? last + 1 : path;
        if (parent && query_is_folder(parent))
                return parent;
        written_mistake_at(job->change, "name", "the folder \"%s\" is to stand in is not there",
                           path);
        return NULL;
}

static int create_query(const HandJob *job, const char *const *keys, const char *wiql) {
        QuerySpec spec = {.wiql = wiql, .actor = job->hand->person};
        const char *path;
        Project *project;
        Query *parent;
        int result;

        written_check_keys(job->change, keys);
        project = hand_project(job);
        path = written_need(job->change, "name");
        if (!project || !path)
                return -1;
        if (query_find_shared(project, path, AS_OF_NOW)) {
                written_mistake_at(job->change, "name", "\"%s\" is there already", path);
                return -1;
        }
        parent = read_parent(job, project, path, &spec.name);
        if (!parent)
                return -1;
        result = may(job, parent, QUERY_CONTRIBUTE);
        if (result == 0)
                query_create(parent, &spec);
        return result;
}

int hand_create_query_folder(const HandJob *job) {
        return create_query(job, NAMED, NULL);
}

int hand_create_query(const HandJob *job) {
        const char *wiql = written_text(job->change, "wiql");

        return create_query(job, MADE, wiql ? wiql : QUERY_WIQL_FIRST);
}

int hand_rename_query(const HandJob *job) {
        Query *query = read_query(job, RENAMED);
        const char *to = query ? written_need(job->change, "to") : NULL;
        int result;

        if (!to)
                return -1;
        result = may(job, query, QUERY_CONTRIBUTE);
        if (result == 0)
                query_rename(query, to, job->hand->person);
        return result;
}

int hand_move_query(const HandJob *job) {
        Query *query = read_query(job, RENAMED);
        const char *to = query ? written_need(job->change, "to") : NULL;
        Query *parent = to ? query_find_shared(query->project, to, AS_OF_NOW) : NULL;
        int result;

        if (!to)
                return -1;
        if (!parent || !query_is_folder(parent) || parent == query ||
            query_below(parent, query, AS_OF_NOW)) {
                written_mistake_at(job->change, "to", "\"%s\" cannot be above it", to);
                return -1;
        }
        result = may(job, query, QUERY_CONTRIBUTE);
        if (result == 0)
                query_move(query, parent, job->hand->person);
        return result;
}

int hand_delete_query(const HandJob *job) {
        Query *query = read_query(job, NAMED);
        int result;

        if (!query)
                return -1;
        result = may(job, query, QUERY_DELETE);
        if (result == 0)
                query_delete(query);
        return result;
}

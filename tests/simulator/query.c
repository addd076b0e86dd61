/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of work items, in their folders (facts §3.4, §6.8). */
#include "tests/simulator/query.h"

#include <string.h>
#include <strings.h>

static World *world_of(const Project *project) {
        return project->organization->world;
}

static Arena *arena_of(const Project *project) {
        return &world_of(project)->arena;
}

/* Making. */

static Query *make_query(Project *project, Query *parent, const char *name) {
        World *world = world_of(project);
        Query *query = arena_alloc(&world->arena, sizeof(*query));

        row_init(world, query);
        query->id = random_guid(&world->random, &world->arena);
        query->project = project;
        query->parent = parent;
        query->name = arena_copy(&world->arena, name);
        array_add(&project->queries, query);
        return query;
}

void queries_init(Project *project, Identity *actor) {
        project->my_queries = make_query(project, NULL, "My Queries");
        project->shared_queries = make_query(project, NULL, "Shared Queries");
        project->shared_queries->changed_by = actor;
}

/* Assumption: who makes a query or folder may do everything with it (facts §3.9 leaves it open). */
static void grant_creator(const Query *query, const Identity *actor) {
        World *world = world_of(query->project);
        AclTarget target = {world, query->project->organization,
                            namespace_get(NAMESPACE_WORK_ITEM_QUERY_FOLDERS),
                            token_of_query(&world->arena, query)};

        acl_grant(&target, actor, QUERY_CREATOR, 0);
}

Query *query_create(Query *parent, const QuerySpec *spec) {
        Query *query = make_query(parent->project, parent, spec->name);

        query->wiql = arena_copy(arena_of(parent->project), spec->wiql);
        query->creator = spec->actor;
        query->changed_by = spec->actor;
        if (spec->actor && query_is_shared(query))
                grant_creator(query, spec->actor);
        return query;
}

/* Changing. */

static void touch(Query *query, Identity *actor) {
        row_touch(world_of(query->project), query, sizeof(*query));
        query->changed_by = actor;
}

void query_rename(Query *query, const char *name, Identity *actor) {
        touch(query, actor);
        query->name = arena_copy(arena_of(query->project), name);
}

void query_set_wiql(Query *query, const char *wiql, Identity *actor) {
        touch(query, actor);
        query->wiql = arena_copy(arena_of(query->project), wiql);
}

void query_move(Query *query, Query *parent, Identity *actor) {
        touch(query, actor);
        query->parent = parent;
}

void query_delete(Query *query) {
        Project *project = query->project;
        World *world = world_of(project);
        Array *queries = &project->queries;
        AclTarget target = {world, project->organization,
                            namespace_get(NAMESPACE_WORK_ITEM_QUERY_FOLDERS),
                            token_of_query(&world->arena, query)};

        acl_remove(&target, ACL_WITH_DESCENDANTS);
        for (size_t i = 0; i < queries->n_items; i++) {
                Query *other = queries->items[i];

                if (other != query && row_alive(&other->row, AS_OF_NOW) &&
                    query_below(other, query, AS_OF_NOW))
                        row_delete(world, other, sizeof(*other));
        }
        row_delete(world, query, sizeof(*query));
}

/* Telling. */

bool query_is_folder(const Query *query) {
        return !query->wiql;
}

static const Query *parent_then(const Query *query, int64_t as_of) {
        const Query *then = row_at(query, as_of);

        return then ? then->parent : NULL;
}

bool query_is_shared(const Query *query) {
        while (query->parent)
                query = query->parent;
        return query->id == query->project->shared_queries->id; /* or a former version of it */
}

bool query_below(const Query *query, const Query *ancestor, int64_t as_of) {
        while ((query = parent_then(query, as_of))) {
                if (query == ancestor)
                        return true;
        }
        return false;
}

const char *query_name(const Query *query, int64_t as_of) {
        const Project *project = query->project;
        const Query *then = row_at(query, as_of);

        if (world_of(project)->options.localized_queries &&
            query->id == project->shared_queries->id)
                return "Freigegebene Abfragen";
        if (world_of(project)->options.localized_queries && query->id == project->my_queries->id)
                return "Meine Abfragen";
        return then ? then->name : query->name;
}

const char *query_path(Arena *arena, const Query *query, int64_t as_of) {
        const Query *parent = parent_then(query, as_of);

        if (!parent)
                return query_name(query, as_of);
        return arena_print(arena, "%s/%s", query_path(arena, parent, as_of),
                           query_name(query, as_of));
}

/* Finding. */

static bool is_for(const Query *query, const Identity *owner) {
        return query_is_shared(query) || !query->parent || query->creator == owner;
}

Query *query_find_child(const Query *parent, const char *name, const Identity *owner,
                        int64_t as_of) {
        const Array *queries = &parent->project->queries;

        for (size_t i = 0; i < queries->n_items; i++) {
                Query *query = queries->items[i];
                const Query *then = row_at(query, as_of);

                if (then && then->parent == parent && text_same(then->name, name) &&
                    is_for(query, owner))
                        return query;
        }
        return NULL;
}

static Query *find_below(Query *query, const char *path, const Identity *owner, int64_t as_of) {
        Arena scratch = {0};

        while (query && *path) {
                size_t length = strcspn(path, "/\\");

                if (length)
                        query = query_find_child(query, arena_copy_length(&scratch, path, length),
                                                 owner, as_of);
                path += length;
                path += *path != '\0';
        }
        arena_deinit(&scratch);
        return query;
}

static Query *find_id(Project *project, const char *id, const Identity *owner, int64_t as_of) {
        for (size_t i = 0; i < project->queries.n_items; i++) {
                Query *query = project->queries.items[i];

                if (strcasecmp(query->id, id) == 0 && row_at(query, as_of) && is_for(query, owner))
                        return query;
        }
        return NULL;
}

/* The root a path begins with; *lengthp is how much of the path names it. */
static Query *find_root(const Project *project, const char *path, int64_t as_of, size_t *lengthp) {
        Query *const roots[] = {project->shared_queries, project->my_queries};
        Arena scratch = {0};
        Query *found = NULL;
        const char *first;

        *lengthp = strcspn(path, "/\\");
        first = arena_copy_length(&scratch, path, *lengthp);
        for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
                if (text_same(query_name(roots[i], as_of), first))
                        found = roots[i];
        }
        arena_deinit(&scratch);
        return found;
}

Query *query_find(Project *project, const char *path_or_id, const Identity *owner, int64_t as_of) {
        Query *query = guid_is(path_or_id) ? find_id(project, path_or_id, owner, as_of) : NULL;
        size_t length;

        if (query)
                return query;
        path_or_id += strspn(path_or_id, "/\\");
        query = find_root(project, path_or_id, as_of, &length);
        return query ? find_below(query, path_or_id + length, owner, as_of) : NULL;
}

Query *query_find_shared(Project *project, const char *path, int64_t as_of) {
        return find_below(project->shared_queries, path, NULL, as_of);
}

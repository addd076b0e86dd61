/* SPDX-License-Identifier: Apache-2.0 */
/* Area Work item tracking: queries in their folders (facts §6.8).
 *
 * Assumptions, where no source says more: what the caller may not read is not there; a query is
 * made and changed with Contribute on its folder, deleted with Delete on itself; My Queries is one
 * root with what is the caller's own; children come to a depth of two. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/names.h"
#include "tests/simulator/query.h"
#include "tests/simulator/shape.h"

enum {
        DEPTH_MAX = 2
};

/* How much is shown. */
typedef struct Showing {
        size_t depth; /* of children */
        bool minimal; /* neither people nor links */
        bool with_wiql;
} Showing;

/* Finding. */

static bool permits(Request *request, const Query *query, uint32_t bits) {
        return !query_is_shared(query) ||
               guard_permits(request, NAMESPACE_WORK_ITEM_QUERY_FOLDERS,
                             token_of_query(&request->arena, query), bits);
}

static bool require(Request *request, Response *response, const Query *query, uint32_t bits) {
        return !query_is_shared(query) ||
               guard_require(request, response, NAMESPACE_WORK_ITEM_QUERY_FOLDERS,
                             token_of_query(&request->arena, query), bits);
}

static bool sees(Request *request, const Query *query) {
        return !request->organization->world->options.hide_unreadable ||
               permits(request, query, QUERY_READ);
}

static Query *find(Request *request, Response *response, const char *path_or_id) {
        Query *query = query_find(request->project, path_or_id, request->caller, request->as_of);

        if (query && sees(request, query))
                return query;
        answer_error(response, ERROR_QUERY_NOT_FOUND,
                     "TF401243: The query %s does not exist, or you do not have permission to read "
                     "it.",
                     path_or_id);
        return NULL;
}

static Query *requested_query(Request *request, Response *response) {
        return find(request, response, request_parameter(request, "query"));
}

static bool is_child(Request *request, const Query *query, const Query *parent) {
        const Query *then = row_at(query, request->as_of);

        return then && then->parent == parent &&
               (query_is_shared(query) || query->creator == request->caller) &&
               sees(request, query);
}

/* Shapes. */

static const char *query_url(Request *request, const Query *query) {
        return arena_print(&request->arena, "%s/%s/_apis/wit/queries/%s",
                           world_core_url(&request->arena, request->organization),
                           query->project->id, query->id);
}

static void add_links(Request *request, cJSON *tree, const Query *then) {
        const char *base = world_core_url(&request->arena, request->organization);
        cJSON *links = cJSON_AddObjectToObject(tree, "_links");

        json_add_link(links, "self", query_url(request, then));
        json_add_link(links, "html",
                      arena_print(&request->arena, "%s/web/qr.aspx?pguid=%s&qid=%s", base,
                                  then->project->id, then->id));
        if (then->parent)
                json_add_link(links, "parent", query_url(request, then->parent));
        if (then->wiql)
                json_add_link(links, "wiql",
                              arena_print(&request->arena, "%s/%s/_apis/wit/wiql/%s", base,
                                          then->project->id, then->id));
}

/* My Queries is whose it is that asks. */
static void add_people(Request *request, cJSON *tree, const Query *then) {
        bool own = !then->parent && !query_is_shared(then);
        const Identity *creator = own ? request->caller : then->creator;
        const Identity *changed_by = own ? request->caller : then->changed_by;

        if (creator)
                cJSON_AddItemToObject(tree, "createdBy", shape_identity_ref(request, creator));
        json_add_text(tree, "createdDate", time_text(&request->arena, then->row.created));
        if (changed_by)
                cJSON_AddItemToObject(tree, "lastModifiedBy",
                                      shape_identity_ref(request, changed_by));
        json_add_text(tree, "lastModifiedDate", time_text(&request->arena, then->row.since));
}

static cJSON *shape_query(Request *request, const Query *query, Showing showing);

/* Whether there are any; shown are those within the depth. */
static void add_children(Request *request, cJSON *tree, const Query *query, Showing showing) {
        const Array *queries = &query->project->queries;
        Showing below = {showing.depth - 1, showing.minimal, showing.with_wiql};
        cJSON *children = cJSON_CreateArray();
        bool any = false;

        for (size_t i = 0; i < queries->n_items && (showing.depth > 0 || !any); i++) {
                if (!is_child(request, queries->items[i], query))
                        continue;
                any = true;
                if (showing.depth > 0)
                        cJSON_AddItemToArray(children,
                                             shape_query(request, queries->items[i], below));
        }
        json_add_bool(tree, "isFolder", true);
        json_add_bool(tree, "hasChildren", any);
        if (showing.depth > 0 && any)
                cJSON_AddItemToObject(tree, "children", children);
        else
                cJSON_Delete(children);
}

static cJSON *shape_query(Request *request, const Query *query, Showing showing) {
        const Query *then = row_at(query, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        if (!then)
                then = query;
        json_add_text(tree, "id", then->id);
        json_add_text(tree, "name", query_name(query, request->as_of));
        json_add_text(tree, "path", query_path(&request->arena, query, request->as_of));
        if (!showing.minimal)
                add_people(request, tree, then);
        if (query_is_folder(then))
                add_children(request, tree, query, showing);
        else if (showing.with_wiql)
                json_add_text(tree, "wiql", then->wiql);
        json_add_bool(tree, "isPublic", query_is_shared(query));
        if (!showing.minimal) {
                add_links(request, tree, then);
                json_add_text(tree, "url", query_url(request, then));
        }
        return tree;
}

/* Reading. */

static bool read_showing(const Request *request, Response *response, Showing *showing) {
        const char *depth = request_query(request, "$depth");
        const char *expand = request_query(request, "$expand");

        *showing = (Showing){.depth = depth ? strtoul(depth, NULL, 10) : 0};
        showing->minimal = expand && strcasecmp(expand, "minimal") == 0;
        showing->with_wiql =
                expand && (strcasecmp(expand, "all") == 0 || strcasecmp(expand, "wiql") == 0);
        if (showing->depth <= DEPTH_MAX)
                return true;
        answer_error(response, ERROR_ARGUMENT,
                     "The depth of %s is out of range. It must be between 0 and %d.", depth,
                     DEPTH_MAX);
        return false;
}

void queries_list(World *world, Request *request, Response *response) {
        const Project *project = request->project;
        const Query *const roots[] = {project->my_queries, project->shared_queries};
        Showing showing;
        cJSON *list;

        if (!read_showing(request, response, &showing))
                return;
        list = cJSON_CreateArray();
        for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
                if (sees(request, roots[i]))
                        cJSON_AddItemToArray(list, shape_query(request, roots[i], showing));
        }
        answer_list(request, response, 200, list);
}

void query_get(World *world, Request *request, Response *response) {
        const Query *query = requested_query(request, response);
        Showing showing;

        if (query && read_showing(request, response, &showing))
                answer_json(request, response, 200, shape_query(request, query, showing));
}

/* Writing. */

static bool check_name(Request *request, Response *response, const Query *parent, const char *name,
                       const Query *self) {
        const char *refusal = name_refusal(NAME_QUERY, name);
        const Query *taken;

        if (refusal) {
                answer_error(response, ERROR_QUERY_NAME,
                             "TF401256: The query or folder name \"%s\" is not valid: it %s.",
                             name ? name : "", refusal);
                return false;
        }
        taken = query_find_child(parent, name, request->caller, AS_OF_NOW);
        if (!taken || taken == self)
                return true;
        answer_error(response, ERROR_QUERY_EXISTS,
                     "TF237018: The name of the query or folder \"%s\" is in use already.", name);
        return false;
}

static void move_query(Request *request, Response *response, Query *parent, const char *id) {
        Query *query = find(request, response, id);

        if (!query || !require(request, response, query, QUERY_DELETE) ||
            !require(request, response, parent, QUERY_CONTRIBUTE))
                return;
        if (!query->parent || query == parent || query_below(parent, query, AS_OF_NOW)) {
                answer_error(response, ERROR_ARGUMENT,
                             "The query or folder %s cannot be moved there.", query->name);
                return;
        }
        if (!check_name(request, response, parent, query->name, query))
                return;
        query_move(query, parent, request->caller);
        answer_json(request, response, 200, shape_query(request, query, (Showing){0}));
}

void query_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        bool folder = cJSON_IsTrue(cJSON_GetObjectItem(body, "isFolder"));
        QuerySpec spec = {json_text(body, "name"), json_text(body, "wiql"), request->caller};
        Query *parent = requested_query(request, response);

        if (!parent)
                return;
        if (!cJSON_IsObject(body) || !query_is_folder(parent)) {
                answer_error(response, ERROR_ARGUMENT,
                             "A query or folder is posted to a folder, as an object.");
                return;
        }
        if (json_text(body, "id")) {
                move_query(request, response, parent, json_text(body, "id"));
                return;
        }
        if (!require(request, response, parent, QUERY_CONTRIBUTE) ||
            !check_name(request, response, parent, spec.name, NULL))
                return;
        if (!folder && !spec.wiql) {
                answer_error(response, ERROR_ARGUMENT, "A query needs \"wiql\".");
                return;
        }
        if (folder)
                spec.wiql = NULL;
        answer_json(
                request, response, 201,
                shape_query(request, query_create(parent, &spec), (Showing){.with_wiql = true}));
}

void query_patch(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *name = json_text(body, "name"), *wiql = json_text(body, "wiql");
        Query *query = requested_query(request, response);

        if (!query || !require(request, response, query, QUERY_CONTRIBUTE))
                return;
        if (!query->parent) {
                answer_error(response, ERROR_ARGUMENT, "The folder %s cannot be changed.",
                             query_name(query, AS_OF_NOW));
                return;
        }
        if (name && !check_name(request, response, query->parent, name, query))
                return;
        if (name)
                query_rename(query, name, request->caller);
        if (wiql && !query_is_folder(query))
                query_set_wiql(query, wiql, request->caller);
        answer_json(request, response, 200,
                    shape_query(request, query, (Showing){.with_wiql = true}));
}

void query_remove(World *world, Request *request, Response *response) {
        Query *query = requested_query(request, response);

        if (!query || !require(request, response, query, QUERY_DELETE))
                return;
        if (!query->parent) {
                answer_error(response, ERROR_ARGUMENT, "The folder %s cannot be deleted.",
                             query_name(query, AS_OF_NOW));
                return;
        }
        query_delete(query);
        answer_empty(response, 204);
}

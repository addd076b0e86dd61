/* SPDX-License-Identifier: Apache-2.0 */
/* Area Release: folders of classic release pipelines and what is in them, listed.
 *
 * Assumption: both look as those of builds do; what the caller may not view is not there. */
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/shape.h"

enum {
        RELEASE_VIEW_DEFINITION = 1
};

static bool sees(Request *request, const char *token) {
        return !request->organization->world->options.hide_unreadable ||
               guard_permits(request, NAMESPACE_RELEASE_MANAGEMENT, token, RELEASE_VIEW_DEFINITION);
}

static cJSON *shape_folder(Request *request, const Folder *then) {
        cJSON *tree = cJSON_CreateObject();

        if (then->created_by)
                cJSON_AddItemToObject(tree, "createdBy",
                                      shape_identity_ref(request, then->created_by));
        json_add_text(tree, "createdOn", time_text(&request->arena, then->row.created));
        json_add_text(tree, "path", then->path);
        return tree;
}

static bool path_at_or_below(const char *path, const char *folder) {
        size_t length = strlen(folder);

        return strcmp(folder, "\\") == 0 || (strncasecmp(path, folder, length) == 0 &&
                                             (path[length] == '\0' || path[length] == '\\'));
}

void release_folders_list(World *world, Request *request, Response *response) {
        const Array *folders = &request->project->release_folders;
        const char *path = folder_normalize(&request->arena, request_parameter(request, "path"));
        const Folder root = {.row = request->project->row, .path = "\\"};
        cJSON *list = cJSON_CreateArray();

        if (strcmp(path, "\\") == 0)
                cJSON_AddItemToArray(list, shape_folder(request, &root));
        for (size_t i = 0; i < folders->n_items; i++) {
                const Folder *then = row_at(folders->items[i], request->as_of);

                if (then && path_at_or_below(then->path, path) &&
                    sees(request, token_of_folder(&request->arena, request->project, then->path)))
                        cJSON_AddItemToArray(list, shape_folder(request, then));
        }
        answer_list(request, response, 200, list);
}

static cJSON *shape_release(Request *request, const Definition *then) {
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "id", then->id);
        json_add_text(tree, "name", then->name);
        json_add_text(tree, "path", then->path);
        json_add_number(tree, "revision", then->revision);
        if (then->author)
                cJSON_AddItemToObject(tree, "createdBy", shape_identity_ref(request, then->author));
        json_add_text(tree, "createdOn", time_text(&request->arena, then->row.created));
        json_add_text(tree, "url",
                      arena_print(&request->arena, "%s/%s/_apis/Release/definitions/%d",
                                  world_core_url(&request->arena, request->organization),
                                  request->project->id, then->id));
        return tree;
}

void releases_list(World *world, Request *request, Response *response) {
        const Array *definitions = &request->project->release_definitions;
        const char *path = request_query(request, "path");
        cJSON *list = cJSON_CreateArray();

        if (path)
                path = folder_normalize(&request->arena, path);
        for (size_t i = 0; i < definitions->n_items; i++) {
                const Definition *then = row_at(definitions->items[i], request->as_of);

                if (then && (!path || text_same(then->path, path)) &&
                    sees(request, token_of_definition(&request->arena, then)))
                        cJSON_AddItemToArray(list, shape_release(request, then));
        }
        answer_list(request, response, 200, list);
}

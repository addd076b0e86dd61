/* SPDX-License-Identifier: Apache-2.0 */
/* Area Build: pipeline folders with the definitions in them (facts §6.6).
 *
 * Assumptions, where no source says more: a folder or definition shows itself to who has
 * ViewBuildDefinition on it, the root folder to everybody; folders are made and moved with
 * EditBuildDefinition on the folder that gets them, deleted with DeleteBuildDefinition on
 * themselves; asking for a folder lists what is below it too. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/shape.h"

/* Folders: finding. */

static bool is_root(const char *path) {
        return strcmp(path, "\\") == 0;
}

/* The folder the request is about: a segment of the path or ?path= (clients §1.8). */
static const char *requested_path(Request *request) {
        const char *path = request_parameter(request, "path");

        if (!path || !*path)
                path = request_query(request, "path");
        return folder_normalize(&request->arena, path ? path : "");
}

static const char *parent_path(Request *request, const char *path) {
        const char *last = strrchr(path, '\\');

        return last == path ? "\\"
                            : arena_copy_length(&request->arena, path, (size_t)(last - path));
}

static bool permits_at(Request *request, const char *path, uint32_t bits) {
        return guard_permits(request, NAMESPACE_BUILD,
                             token_of_folder(&request->arena, request->project, path), bits);
}

static bool require_at(Request *request, Response *response, const char *path, uint32_t bits) {
        return guard_require(request, response, NAMESPACE_BUILD,
                             token_of_folder(&request->arena, request->project, path), bits);
}

static bool sees_folder(Request *request, const char *path) {
        return !request->organization->world->options.hide_unreadable ||
               permits_at(request, path, BUILD_VIEW_DEFINITION);
}

static Folder *requested_folder(Request *request, Response *response) {
        const char *path = requested_path(request);
        Folder *folder =
                is_root(path) ? NULL : project_find_folder(request->project, path, request->as_of);

        if (folder && sees_folder(request, folder->path))
                return folder;
        if (is_root(path))
                answer_error(response, ERROR_ARGUMENT,
                             "The root folder can be neither changed nor deleted.");
        else
                answer_error(response, ERROR_FOLDER_NOT_FOUND, "Folder %s was not found.", path);
        return NULL;
}

static bool path_at_or_below(const char *path, const char *folder) {
        size_t length = strlen(folder);

        if (is_root(folder))
                return true;
        return strncasecmp(path, folder, length) == 0 &&
               (path[length] == '\0' || path[length] == '\\');
}

/* Folders: shapes. */

static cJSON *shape_folder(Request *request, const Folder *folder) {
        const Folder *then = row_at(folder, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "path", then->path);
        if (then->description)
                json_add_text(tree, "description", then->description);
        json_add_text(tree, "createdOn", time_text(&request->arena, then->row.created));
        if (then->created_by)
                cJSON_AddItemToObject(tree, "createdBy",
                                      shape_identity_ref(request, then->created_by));
        if (then->changed_by) {
                json_add_text(tree, "lastChangedDate", time_text(&request->arena, then->row.since));
                cJSON_AddItemToObject(tree, "lastChangedBy",
                                      shape_identity_ref(request, then->changed_by));
        }
        cJSON_AddItemToObject(tree, "project", shape_project_ref(request, then->project));
        return tree;
}

/* Nobody made the root: it has no person and no description. */
static cJSON *shape_root(Request *request) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "path", "\\");
        json_add_text(tree, "createdOn", time_text(&request->arena, request->project->row.created));
        cJSON_AddItemToObject(tree, "project", shape_project_ref(request, request->project));
        return tree;
}

/* Folders: reading. */

static int compare_folders(const void *a, const void *b) {
        const Folder *const *left = a, *const *right = b;

        return strcasecmp((*left)->path, (*right)->path);
}

/* The versions then of the folders at or below a path that the caller sees. */
static size_t find_folders(Request *request, const char *path, const Folder ***foldersp) {
        const Array *folders = &request->project->folders;
        const Folder **found =
                arena_alloc(&request->arena, (folders->n_items + 1) * sizeof(*found));
        size_t n = 0;

        for (size_t i = 0; i < folders->n_items; i++) {
                const Folder *then = row_at(folders->items[i], request->as_of);

                if (then && path_at_or_below(then->path, path) && sees_folder(request, then->path))
                        found[n++] = then;
        }
        *foldersp = found;
        return n;
}

void folders_list(World *world, Request *request, Response *response) {
        const char *path = requested_path(request), *order = request_query(request, "queryOrder");
        bool descending = order && strcasecmp(order, "folderDescending") == 0;
        const Folder **folders;
        size_t n = find_folders(request, path, &folders);
        cJSON *list = cJSON_CreateArray();

        if (order && strcasecmp(order, "none") != 0)
                qsort(folders, n, sizeof(*folders), compare_folders);
        if (is_root(path) && !descending)
                cJSON_AddItemToArray(list, shape_root(request));
        for (size_t i = 0; i < n; i++)
                cJSON_AddItemToArray(list,
                                     shape_folder(request, folders[descending ? n - 1 - i : i]));
        if (is_root(path) && descending)
                cJSON_AddItemToArray(list, shape_root(request));
        answer_list(request, response, 200, list);
}

/* Folders: writing. */

static bool check_folder_free(Request *request, Response *response, const char *path,
                              const Folder *self) {
        const Folder *taken = project_find_folder(request->project, path, AS_OF_NOW);

        if (!taken || taken == self)
                return true;
        answer_error(response, ERROR_FOLDER_EXISTS, "Folder %s already exists.", taken->path);
        return false;
}

void folder_put(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *path = requested_path(request), *in_body = json_text(body, "path");

        if (!cJSON_IsObject(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: folder");
                return;
        }
        if (is_root(path) && in_body)
                path = folder_normalize(&request->arena, in_body);
        if (is_root(path)) {
                answer_error(response, ERROR_FOLDER_EXISTS, "Folder \\ already exists.");
                return;
        }
        if (!require_at(request, response, parent_path(request, path), BUILD_EDIT_DEFINITION) ||
            !check_folder_free(request, response, path, NULL))
                return;
        answer_json(request, response, 200,
                    shape_folder(request,
                                 folder_create(request->project, path,
                                               json_text(body, "description"), request->caller)));
}

/* Whether the folder may go to another path. */
static bool check_move(Request *request, Response *response, const Folder *folder,
                       const char *path) {
        if (is_root(path) ||
            (path_at_or_below(path, folder->path) && !text_same(path, folder->path))) {
                answer_error(response, ERROR_ARGUMENT, "Folder %s cannot be moved to %s.",
                             folder->path, path);
                return false;
        }
        return require_at(request, response, parent_path(request, path), BUILD_EDIT_DEFINITION) &&
               check_folder_free(request, response, path, folder);
}

void folder_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *path = json_text(body, "path"), *description = json_text(body, "description");
        Folder *folder = requested_folder(request, response);

        if (!folder)
                return;
        if (!cJSON_IsObject(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: folder");
                return;
        }
        path = path ? folder_normalize(&request->arena, path) : folder->path;
        if (!require_at(request, response, folder->path, BUILD_EDIT_DEFINITION) ||
            (strcmp(path, folder->path) != 0 && !check_move(request, response, folder, path)))
                return;
        if (strcmp(path, folder->path) != 0)
                folder_move(folder, path, request->caller);
        folder_describe(folder, description ? description : folder->description, request->caller);
        answer_json(request, response, 200, shape_folder(request, folder));
}

void folder_remove(World *world, Request *request, Response *response) {
        Folder *folder = requested_folder(request, response);

        if (!folder || !require_at(request, response, folder->path, BUILD_DELETE_DEFINITION))
                return;
        folder_delete(folder);
        answer_empty(response, 204);
}

/* Definitions: finding. */

static bool permits_definition(Request *request, const Definition *definition, uint32_t bits) {
        return guard_permits(request, NAMESPACE_BUILD,
                             token_of_definition(&request->arena, definition), bits);
}

static bool sees_definition(Request *request, const Definition *definition) {
        return !request->organization->world->options.hide_unreadable ||
               permits_definition(request, definition, BUILD_VIEW_DEFINITION);
}

static Definition *requested_definition(Request *request, Response *response) {
        const char *id = request_parameter(request, "definitionId");
        Definition *definition =
                project_find_definition(request->project, atoi(id), request->as_of);

        if (definition && sees_definition(request, definition))
                return definition;
        answer_error(
                response, ERROR_DEFINITION_NOT_FOUND,
                "TF215016: The build definition %s does not exist. Specify a valid build definition and try "
                "again.",
                id);
        return NULL;
}

/* Definitions: shapes. */

static const char *project_url(Request *request) {
        return arena_print(&request->arena, "%s/%s",
                           world_core_url(&request->arena, request->organization),
                           request->project->id);
}

static const char *definition_url(Request *request, const Definition *then) {
        return arena_print(&request->arena, "%s/_apis/build/Definitions/%d?revision=%d",
                           project_url(request), then->id, then->revision);
}

static void add_links(Request *request, cJSON *tree, const Definition *then) {
        cJSON *links = cJSON_AddObjectToObject(tree, "_links");
        const char *base = project_url(request);
        Arena *arena = &request->arena;

        json_add_link(links, "self", definition_url(request, then));
        json_add_link(links, "web",
                      arena_print(arena, "%s/_build/definition?definitionId=%d", base, then->id));
        json_add_link(links, "editor",
                      arena_print(arena, "%s/_build/designer?id=%d&_a=edit-build-definition", base,
                                  then->id));
        json_add_link(links, "badge",
                      arena_print(arena, "%s/_apis/build/status/%d", base, then->id));
}

static const Resource *hosted_queue(const Project *project) {
        const Resource *last = NULL;

        for (size_t i = 0; i < project->resources[RESOURCE_QUEUE].n_items; i++)
                last = project->resources[RESOURCE_QUEUE].items[i];
        return last;
}

static void add_queue(Request *request, cJSON *tree) {
        const Resource *queue = hosted_queue(request->project);
        cJSON *object, *pool;
        const char *url;

        if (!queue)
                return;
        url = arena_print(&request->arena, "%s/_apis/build/Queues/%d",
                          world_core_url(&request->arena, request->organization), queue->id);
        object = cJSON_AddObjectToObject(tree, "queue");
        json_add_link(cJSON_AddObjectToObject(object, "_links"), "self", url);
        json_add_number(object, "id", queue->id);
        json_add_text(object, "name", queue->name);
        json_add_text(object, "url", url);
        pool = cJSON_AddObjectToObject(object, "pool");
        json_add_number(pool, "id", queue->id);
        json_add_text(pool, "name", queue->name);
        json_add_bool(pool, "isHosted", true);
}

/* The fields that a list shows too, in their recorded order. */
static void add_reference(Request *request, cJSON *tree, const Definition *then) {
        json_add_text(tree, "quality", "definition");
        if (then->author)
                cJSON_AddItemToObject(tree, "authoredBy",
                                      shape_identity_ref(request, then->author));
        cJSON_AddArrayToObject(tree, "drafts");
        add_queue(request, tree);
        json_add_number(tree, "id", then->id);
        json_add_text(tree, "name", then->name);
        json_add_text(tree, "url", definition_url(request, then));
        json_add_text(tree, "uri",
                      arena_print(&request->arena, "vstfs:///Build/Definition/%d", then->id));
        json_add_text(tree, "path", then->path);
        json_add_text(tree, "type", "build");
        json_add_text(tree, "queueStatus", "enabled");
        json_add_number(tree, "revision", then->revision);
        json_add_text(tree, "createdDate", time_text(&request->arena, then->row.created));
        cJSON_AddItemToObject(tree, "project", shape_project_ref(request, then->project));
}

static void add_trigger(cJSON *tree) {
        cJSON *triggers = cJSON_AddArrayToObject(tree, "triggers"), *trigger = cJSON_CreateObject();

        cJSON_AddArrayToObject(trigger, "branchFilters");
        cJSON_AddArrayToObject(trigger, "pathFilters");
        json_add_number(trigger, "settingsSourceType", 2); /* the YAML file says */
        json_add_bool(trigger, "batchChanges", false);
        json_add_number(trigger, "maxConcurrentBuildsPerBranch", 1);
        json_add_text(trigger, "triggerType", "continuousIntegration");
        cJSON_AddItemToArray(triggers, trigger);
}

static void add_repository(Request *request, cJSON *tree, const Repository *repository) {
        const Repository *then = row_at(repository, request->as_of);
        cJSON *object, *properties;

        if (!then)
                then = repository;
        object = cJSON_AddObjectToObject(tree, "repository");
        properties = cJSON_AddObjectToObject(object, "properties");
        json_add_text(properties, "fullName", then->name);
        json_add_text(properties, "safeRepository", then->id);
        json_add_text(properties, "reportBuildStatus", "true");
        json_add_text(object, "id", then->id);
        json_add_text(object, "type", "TfsGit");
        json_add_text(object, "name", then->name);
        json_add_text(object, "url",
                      arena_print(&request->arena, "%s/%s/_git/%s",
                                  world_core_url(&request->arena, request->organization),
                                  percent_encode(&request->arena, then->project->name),
                                  percent_encode(&request->arena, then->name)));
        if (then->default_branch)
                json_add_text(object, "defaultBranch", then->default_branch);
        json_add_text(object, "clean", NULL);
        json_add_bool(object, "checkoutSubmodules", false);
}

static cJSON *shape_reference(Request *request, const Definition *definition) {
        const Definition *then = row_at(definition, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        add_links(request, tree, then);
        add_reference(request, tree, then);
        return tree;
}

static cJSON *shape_definition(Request *request, const Definition *definition) {
        const Definition *then = row_at(definition, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *process;

        add_trigger(tree);
        cJSON_AddObjectToObject(tree, "properties");
        cJSON_AddArrayToObject(tree, "tags");
        add_links(request, tree, then);
        json_add_text(tree, "jobAuthorizationScope", "projectCollection");
        process = cJSON_AddObjectToObject(tree, "process");
        if (then->yaml)
                json_add_text(process, "yamlFilename", then->yaml);
        json_add_number(process, "type", 2); /* YAML */
        if (then->repository)
                add_repository(request, tree, then->repository);
        add_reference(request, tree, then);
        return tree;
}

/* Definitions: reading. */

typedef int DefinitionCompare(const void *a, const void *b);

static int compare_ids(const void *a, const void *b) {
        const Definition *const *left = a, *const *right = b;

        return ((*left)->id > (*right)->id) - ((*left)->id < (*right)->id);
}

static int compare_names(const void *a, const void *b) {
        const Definition *const *left = a, *const *right = b;
        int order = strcasecmp((*left)->name, (*right)->name);

        return order ? order : compare_ids(a, b);
}

static int compare_names_down(const void *a, const void *b) {
        return compare_names(b, a);
}

static DefinitionCompare *requested_order(const Request *request) {
        const char *order = request_query(request, "queryOrder");

        if (order && strcasecmp(order, "definitionNameAscending") == 0)
                return compare_names;
        if (order && strcasecmp(order, "definitionNameDescending") == 0)
                return compare_names_down;
        return compare_ids;
}

/* A name with "*" for any run of characters. */
static bool name_matches(const char *pattern, const char *name) {
        size_t length = strcspn(pattern, "*");

        if (strncasecmp(pattern, name, length) != 0)
                return false;
        if (pattern[length] == '\0')
                return name[length] == '\0';
        for (const char *rest = name + length;; rest++) {
                if (name_matches(pattern + length + 1, rest))
                        return true;
                if (!*rest)
                        return false;
        }
}

static bool id_listed(const char *ids, int id) {
        for (; *ids; ids += *ids == ',') {
                if (atoi(ids) == id)
                        return true;
                ids += strcspn(ids, ",");
        }
        return false;
}

static bool definition_asked(Request *request, const Definition *then) {
        const char *name = request_query(request, "name"), *path = request_query(request, "path");
        const char *ids = request_query(request, "definitionIds");

        return (!name || !*name || name_matches(name, then->name)) &&
               (!path || !*path ||
                text_same(folder_normalize(&request->arena, path), then->path)) &&
               (!ids || !*ids || id_listed(ids, then->id)) && sees_definition(request, then);
}

static size_t find_definitions(Request *request, const Definition ***definitionsp) {
        const Array *definitions = &request->project->definitions;
        const Definition **found =
                arena_alloc(&request->arena, (definitions->n_items + 1) * sizeof(*found));
        size_t n = 0;

        for (size_t i = 0; i < definitions->n_items; i++) {
                const Definition *then = row_at(definitions->items[i], request->as_of);

                if (then && definition_asked(request, then))
                        found[n++] = then;
        }
        qsort(found, n, sizeof(*found), requested_order(request));
        *definitionsp = found;
        return n;
}

/* Where a page begins: after the definition whose id the token carries, gone ones too. */
static size_t page_start(Request *request, const Definition *const *found, size_t n) {
        const char *token = request_query(request, "continuationToken");
        const char *id = token ? base64_decode(&request->arena, token) : NULL;
        const Array *definitions = &request->project->definitions;
        const Definition *last = NULL;
        size_t first = 0;

        for (size_t i = 0; id && i < definitions->n_items; i++) {
                const Definition *definition = definitions->items[i];

                if (definition->id == atoi(id))
                        last = definition;
        }
        while (last && first < n && requested_order(request)(&found[first], &last) <= 0)
                first++;
        return first;
}

void definitions_list(World *world, Request *request, Response *response) {
        const char *top = request_query(request, "$top");
        size_t page =
                top && *top ? strtoul(top, NULL, 10) : (size_t)world->options.page_size_definitions;
        const Definition **found;
        size_t n = find_definitions(request, &found), first = page_start(request, found, n), last;
        cJSON *list = cJSON_CreateArray();

        if (page > (size_t)world->options.page_size_definitions)
                page = (size_t)world->options.page_size_definitions;
        last = page < n - first ? first + page : n;
        for (size_t i = first; i < last; i++)
                cJSON_AddItemToArray(list, shape_reference(request, found[i]));
        if (last < n && last > first) {
                const char *id = arena_print(&request->arena, "%d", found[last - 1]->id);

                response_header(response, "x-ms-continuationtoken",
                                base64url_encode(&request->arena, id, strlen(id)));
        }
        answer_list(request, response, 200, list);
}

void definition_get(World *world, Request *request, Response *response) {
        const Definition *definition = requested_definition(request, response);

        if (definition)
                answer_json(request, response, 200, shape_definition(request, definition));
}

/* Definitions: writing. */

static bool check_definition_free(Request *request, Response *response, const DefinitionSpec *spec,
                                  const Definition *self) {
        const Array *definitions = &request->project->definitions;

        for (size_t i = 0; i < definitions->n_items; i++) {
                const Definition *other = definitions->items[i];

                if (other == self || !row_alive(&other->row, AS_OF_NOW) ||
                    !text_same(other->name, spec->name) || !text_same(other->path, spec->path))
                        continue;
                answer_error(response, ERROR_DEFINITION_EXISTS,
                             "Pipeline %s already exists in folder %s.", spec->name, spec->path);
                return false;
        }
        return true;
}

/* What the body wants; false after answering what it lacks. */
static bool read_definition(Request *request, Response *response, const Definition *present,
                            DefinitionSpec *spec) {
        const cJSON *body = request_json(request);
        const char *path = json_text(body, "path");
        const char *repository = json_text(cJSON_GetObjectItem(body, "repository"), "id");

        if (!path)
                path = present ? present->path : "\\";
        *spec = (DefinitionSpec){
                .name = json_text(body, "name"),
                .path = folder_normalize(&request->arena, path),
                .yaml = json_text(cJSON_GetObjectItem(body, "process"), "yamlFilename"),
                .actor = request->caller};
        if (!spec->name || !*spec->name) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: definition.Name");
                return false;
        }
        if (repository)
                spec->repository = project_find_repository(request->project, repository, AS_OF_NOW);
        if (!spec->repository && !present) {
                answer_error(response, ERROR_ARGUMENT,
                             "The pipeline's repository %s does not exist in project %s.",
                             repository ? repository : "(none)", request->project->name);
                return false;
        }
        return check_definition_free(request, response, spec, present);
}

void definition_post(World *world, Request *request, Response *response) {
        DefinitionSpec spec;

        if (read_definition(request, response, NULL, &spec) &&
            require_at(request, response, spec.path, BUILD_CREATE_DEFINITION))
                answer_json(request, response, 200,
                            shape_definition(request, definition_create(request->project, &spec)));
}

void definition_put(World *world, Request *request, Response *response) {
        Definition *definition = requested_definition(request, response);
        DefinitionSpec spec;

        if (!definition ||
            !guard_require(request, response, NAMESPACE_BUILD,
                           token_of_definition(&request->arena, definition),
                           BUILD_EDIT_DEFINITION) ||
            !read_definition(request, response, definition, &spec))
                return;
        if (!text_same(spec.path, definition->path) &&
            !require_at(request, response, spec.path, BUILD_EDIT_DEFINITION))
                return;
        folder_create(request->project, spec.path, NULL, request->caller);
        definition_update(definition, spec.name, spec.path);
        answer_json(request, response, 200, shape_definition(request, definition));
}

void definition_remove(World *world, Request *request, Response *response) {
        Definition *definition = requested_definition(request, response);

        if (!definition || !guard_require(request, response, NAMESPACE_BUILD,
                                          token_of_definition(&request->arena, definition),
                                          BUILD_DELETE_DEFINITION))
                return;
        definition_delete(definition);
        answer_empty(response, 204);
}

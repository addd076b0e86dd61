/* SPDX-License-Identifier: Apache-2.0 */
/* Area Distributed task: variable groups, secure files, environments (facts §6.8).
 *
 * Assumptions: they show themselves to who has View on them; to change or delete one needs Manage,
 * in the library Administer. A variable group belongs to one project. Of a secret nothing is kept.
 */
#include <string.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/area_resource.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/shape.h"

/* Variable groups. */

/* In an answer to a change people have no name (recorded so). */
static void add_unnamed(cJSON *tree, const char *field, const Identity *identity) {
        cJSON *person = cJSON_AddObjectToObject(tree, field);

        json_add_text(person, "displayName", NULL);
        json_add_text(person, "id", identity->storage_key);
}

static void add_project_references(Request *request, cJSON *tree, const Resource *group) {
        cJSON *list = cJSON_AddArrayToObject(tree, "variableGroupProjectReferences");
        cJSON *reference = cJSON_CreateObject(), *place;
        const Project *project = row_at(group->project, request->as_of);

        place = cJSON_AddObjectToObject(reference, "projectReference");
        json_add_text(place, "id", group->project->id);
        json_add_text(place, "name", (project ? project : group->project)->name);
        json_add_text(reference, "name", group->name);
        if (group->description)
                json_add_text(reference, "description", group->description);
        cJSON_AddItemToArray(list, reference);
}

/* What both forms begin with. */
static cJSON *begin_variable_group(const Resource *group) {
        cJSON *tree = cJSON_CreateObject();
        cJSON *variables = group->variables ? cJSON_Parse(group->variables) : NULL;

        cJSON_AddItemToObject(tree, "variables", variables ? variables : cJSON_CreateObject());
        json_add_number(tree, "id", group->id);
        json_add_text(tree, "type", group->type);
        json_add_text(tree, "name", group->name);
        if (group->description)
                json_add_text(tree, "description", group->description);
        return tree;
}

static cJSON *shape_variable_group(Request *request, const Resource *group) {
        cJSON *tree = begin_variable_group(group);

        cJSON_AddItemToObject(tree, "createdBy",
                              shape_identity_name(request, maker_of(group->creator)));
        json_add_text(tree, "createdOn", time_text(&request->arena, group->row.created));
        cJSON_AddItemToObject(tree, "modifiedBy",
                              shape_identity_name(request, maker_of(group->changed_by)));
        json_add_text(tree, "modifiedOn", time_text(&request->arena, group->row.since));
        json_add_bool(tree, "isShared", false);
        json_add_text(tree, "variableGroupProjectReferences", NULL);
        return tree;
}

static cJSON *shape_changed_group(Request *request, const Resource *group) {
        cJSON *tree = begin_variable_group(group);

        add_unnamed(tree, "createdBy", maker_of(group->creator));
        json_add_text(tree, "createdOn", time_text(&request->arena, group->row.created));
        add_unnamed(tree, "modifiedBy", maker_of(group->changed_by));
        json_add_text(tree, "modifiedOn", time_text(&request->arena, group->row.since));
        json_add_bool(tree, "isShared", false);
        add_project_references(request, tree, group);
        return tree;
}

static const ResourceForm VARIABLE_GROUPS = {
        .kind = RESOURCE_VARIABLE_GROUP,
        .name_filter = "groupName",
        .ids_filter = "groupIds",
        .not_found = ERROR_VARIABLE_GROUP_NOT_FOUND,
        .exists = ERROR_VARIABLE_GROUP_EXISTS,
        .shape = shape_variable_group,
        .shape_changed = shape_changed_group,
};

/* The variables of a body as they are kept and answered: a secret has no value, flags are there
 * when they are set. */
static const char *read_variables(Request *request, const cJSON *body) {
        const cJSON *given = cJSON_GetObjectItem(body, "variables"), *variable;
        cJSON *kept = cJSON_CreateObject();
        const char *copy;
        char *text;

        cJSON_ArrayForEach(variable, given) {
                bool secret = cJSON_IsTrue(cJSON_GetObjectItem(variable, "isSecret"));
                cJSON *row = cJSON_AddObjectToObject(kept, variable->string);

                json_add_text(row, "value", secret ? NULL : json_text(variable, "value"));
                if (secret)
                        json_add_bool(row, "isSecret", true);
                if (cJSON_IsTrue(cJSON_GetObjectItem(variable, "isReadOnly")))
                        json_add_bool(row, "isReadOnly", true);
        }
        text = cJSON_PrintUnformatted(kept);
        copy = arena_copy(&request->arena, text);
        cJSON_free(text);
        cJSON_Delete(kept);
        return copy;
}

/* A body without "variables" leaves them as they are. */
static ResourceSpec read_group(Request *request) {
        const cJSON *body = request_json(request);
        bool has = cJSON_IsObject(cJSON_GetObjectItem(body, "variables"));

        return (ResourceSpec){.name = json_text(body, "name"),
                              .description = json_text(body, "description"),
                              .type = json_text(body, "type"),
                              .variables = has ? read_variables(request, body) : NULL,
                              .actor = request->caller};
}

/* Of a request without a project in its path: the one its body refers to, or none with an answer.
 */
static bool find_referenced(Request *request, Response *response) {
        const cJSON *list =
                cJSON_GetObjectItem(request_json(request), "variableGroupProjectReferences");

        if (request->project)
                return true;
        if (cJSON_GetArraySize(list) != 1) {
                answer_error(response, ERROR_ARGUMENT,
                             "A variable group belongs to one project here: "
                             "variableGroupProjectReferences has %d.",
                             cJSON_GetArraySize(list));
                return false;
        }
        request->project = guard_referenced_project(request, response, cJSON_GetArrayItem(list, 0));
        return request->project != NULL;
}

void variable_groups_list(World *world, Request *request, Response *response) {
        resource_answer_list(request, response, &VARIABLE_GROUPS);
}

void variable_group_get(World *world, Request *request, Response *response) {
        resource_answer_one(request, response, &VARIABLE_GROUPS);
}

void variable_group_post(World *world, Request *request, Response *response) {
        ResourceSpec spec = read_group(request);

        if (find_referenced(request, response))
                resource_answer_create(request, response, &VARIABLE_GROUPS, &spec);
}

void variable_group_put(World *world, Request *request, Response *response) {
        ResourceSpec spec = read_group(request);

        resource_answer_update(request, response, &VARIABLE_GROUPS, &spec);
}

void variable_group_remove(World *world, Request *request, Response *response) {
        resource_answer_remove(request, response, &VARIABLE_GROUPS);
}

/* Secure files. */

static cJSON *shape_secure_file(Request *request, const Resource *file) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", file->key);
        json_add_text(tree, "name", file->name);
        cJSON_AddItemToObject(tree, "createdBy",
                              shape_identity_ref(request, maker_of(file->creator)));
        json_add_text(tree, "createdOn", time_text(&request->arena, file->row.created));
        cJSON_AddItemToObject(tree, "modifiedBy",
                              shape_identity_ref(request, maker_of(file->changed_by)));
        json_add_text(tree, "modifiedOn", time_text(&request->arena, file->row.since));
        return tree;
}

static const ResourceForm SECURE_FILES = {
        .kind = RESOURCE_SECURE_FILE,
        .names_filter = "secureFileNames",
        .pattern_filter = "namePattern",
        .ids_filter = "secureFileIds",
        .not_found = ERROR_SECURE_FILE_NOT_FOUND,
        .exists = ERROR_SECURE_FILE_EXISTS,
        .shape = shape_secure_file,
};

void secure_files_list(World *world, Request *request, Response *response) {
        resource_answer_list(request, response, &SECURE_FILES);
}

void secure_file_get(World *world, Request *request, Response *response) {
        resource_answer_one(request, response, &SECURE_FILES);
}

/* The body is the file; it is not kept. */
void secure_file_post(World *world, Request *request, Response *response) {
        ResourceSpec spec = {.name = request_query(request, "name"), .actor = request->caller};

        resource_answer_create(request, response, &SECURE_FILES, &spec);
}

void secure_file_patch(World *world, Request *request, Response *response) {
        ResourceSpec spec = {.name = json_text(request_json(request), "name"),
                             .actor = request->caller};

        resource_answer_update(request, response, &SECURE_FILES, &spec);
}

void secure_file_remove(World *world, Request *request, Response *response) {
        resource_answer_remove(request, response, &SECURE_FILES);
}

/* Environments. */

static cJSON *shape_environment(Request *request, const Resource *environment) {
        const Project *project = row_at(environment->project, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *reference;

        json_add_number(tree, "id", environment->id);
        json_add_text(tree, "name", environment->name);
        json_add_text(tree, "description",
                      environment->description ? environment->description : "");
        cJSON_AddItemToObject(tree, "createdBy",
                              shape_identity_ref(request, maker_of(environment->creator)));
        json_add_text(tree, "createdOn", time_text(&request->arena, environment->row.created));
        cJSON_AddItemToObject(tree, "lastModifiedBy",
                              shape_identity_ref(request, maker_of(environment->changed_by)));
        json_add_text(tree, "lastModifiedOn", time_text(&request->arena, environment->row.since));
        reference = cJSON_AddObjectToObject(tree, "project");
        json_add_text(reference, "id", environment->project->id);
        json_add_text(reference, "name", (project ? project : environment->project)->name);
        return tree;
}

static const ResourceForm ENVIRONMENTS = {
        .kind = RESOURCE_ENVIRONMENT,
        .name_filter = "name",
        .not_found = ERROR_ENVIRONMENT_NOT_FOUND,
        .exists = ERROR_ENVIRONMENT_EXISTS,
        .shape = shape_environment,
};

static ResourceSpec read_environment(Request *request) {
        const cJSON *body = request_json(request);

        return (ResourceSpec){.name = json_text(body, "name"),
                              .description = json_text(body, "description"),
                              .actor = request->caller};
}

void environments_list(World *world, Request *request, Response *response) {
        resource_answer_list(request, response, &ENVIRONMENTS);
}

void environment_get(World *world, Request *request, Response *response) {
        resource_answer_one(request, response, &ENVIRONMENTS);
}

void environment_post(World *world, Request *request, Response *response) {
        ResourceSpec spec = read_environment(request);

        resource_answer_create(request, response, &ENVIRONMENTS, &spec);
}

void environment_patch(World *world, Request *request, Response *response) {
        ResourceSpec spec = read_environment(request);

        resource_answer_update(request, response, &ENVIRONMENTS, &spec);
}

void environment_remove(World *world, Request *request, Response *response) {
        resource_answer_remove(request, response, &ENVIRONMENTS);
}

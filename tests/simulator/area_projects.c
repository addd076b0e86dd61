/* SPDX-License-Identifier: Apache-2.0 */
/* Area core: projects, the operations on them, processes (facts §6.1). */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/names.h"
#include "tests/simulator/operation.h"
#include "tests/simulator/shape.h"

enum { PAGE_LIMIT_FACTOR = 10 }; /* $top may ask for this many pages at once: 1000 of 100 (facts §6.1) */

/* Processes. */

typedef struct Process {
        const char *id;
        const char *name;
        const char *description;
        bool is_default;
} Process;

static const Process PROCESSES[] = {
        {"6b724908-ef14-45cf-84f8-768b5384da45", "Scrum", "This template is for teams who follow the Scrum framework.",
         false},
        {"b8a3a935-7e91-48b8-a94c-606d37c3e9f2", "Basic",
         "This template is flexible for any process and great for teams getting started with Azure DevOps.", true},
        {"adcc42ab-9882-485e-a3ed-7678f01f66bc", "Agile",
         "This template is flexible and will work great for most teams using Agile planning methods, including those "
         "practicing Scrum.",
         false},
        {"27450541-8e31-4150-9947-dc59f998fc01", "CMMI",
         "This template is for more formal projects requiring a framework for process improvement and an auditable "
         "record of decisions.",
         false},
};

enum { N_PROCESSES = sizeof(PROCESSES) / sizeof(PROCESSES[0]) };

static const Process *find_process(const char *id) {
        for (size_t i = 0; id && i < N_PROCESSES; i++) {
                if (strcasecmp(PROCESSES[i].id, id) == 0)
                        return &PROCESSES[i];
        }
        return NULL;
}

static cJSON *shape_process(Request *request, const Process *process) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", process->id);
        json_add_text(tree, "description", process->description);
        json_add_bool(tree, "isDefault", process->is_default);
        json_add_text(tree, "type", "system");
        json_add_text(tree, "url",
                      arena_print(&request->arena, "%s/_apis/process/processes/%s",
                                  world_core_url(&request->arena, request->organization), process->id));
        json_add_text(tree, "name", process->name);
        return tree;
}

void processes_list(World *world, Request *request, Response *response) {
        const char *id = request_parameter(request, "processId");
        const Process *process = find_process(id);
        cJSON *list;

        if (process) {
                answer_json(request, response, 200, shape_process(request, process));
                return;
        }
        if (id) {
                answer_error(response, ERROR_PROCESS_NOT_FOUND, "The process template with id %s does not exist.", id);
                return;
        }
        list = cJSON_CreateArray();
        for (size_t i = 0; i < N_PROCESSES; i++)
                cJSON_AddItemToArray(list, shape_process(request, &PROCESSES[i]));
        answer_list(request, response, 200, list);
}

/* The list. */

typedef enum StateFilter {
        STATES_WELL_FORMED,
        STATES_ALL,
        STATES_OF_NAME,
        STATES_NONE,
} StateFilter;

static StateFilter state_filter(const char *word) {
        if (!word || strcasecmp(word, "wellFormed") == 0)
                return STATES_WELL_FORMED;
        if (strcasecmp(word, "all") == 0)
                return STATES_ALL;
        return strcasecmp(word, "deleted") == 0 || strcasecmp(word, "unchanged") == 0 ? STATES_NONE : STATES_OF_NAME;
}

static bool state_listed(const Request *request, const Project *then) {
        const char *word = request_query(request, "stateFilter");

        switch (state_filter(word)) {
        case STATES_WELL_FORMED:
                return then->state == PROJECT_WELL_FORMED;
        case STATES_ALL:
                return true;
        case STATES_OF_NAME:
                return strcasecmp(shape_project_state(then->state), word) == 0;
        case STATES_NONE:
                return false;
        }
        return false;
}

static size_t number_asked(const Request *request, const char *name, size_t otherwise) {
        const char *text = request_query(request, name);

        return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

void projects_list(World *world, Request *request, Response *response) {
        const Array *projects = &request->organization->projects;
        size_t page = (size_t)world->options.page_size_projects;
        size_t n_left = number_asked(request, "$top", page), n_skip = number_asked(request, "$skip", 0);
        size_t at = number_asked(request, "continuationToken", 0);
        cJSON *list = cJSON_CreateArray();

        operations_advance(request->organization);
        if (n_left > page * PAGE_LIMIT_FACTOR)
                n_left = page * PAGE_LIMIT_FACTOR;
        for (; at < projects->n_items; at++) {
                Project *project = projects->items[at];
                const Project *then = row_at(project, request->as_of);

                if (!then || !state_listed(request, then) || !guard_sees_project(request, project))
                        continue;
                if (n_skip > 0) {
                        n_skip--;
                        continue;
                }
                if (n_left == 0)
                        break;
                cJSON_AddItemToArray(list, shape_project_ref(request, project));
                n_left--;
        }
        if (at < projects->n_items)
                response_header(response, "X-MS-ContinuationToken", arena_print(&request->arena, "%zu", at));
        answer_list(request, response, 200, list);
}

/* One. */

static void add_capabilities(cJSON *tree, const Project *project) {
        cJSON *capabilities = cJSON_AddObjectToObject(tree, "capabilities");
        cJSON *template = cJSON_AddObjectToObject(capabilities, "processTemplate");
        cJSON *control = cJSON_AddObjectToObject(capabilities, "versioncontrol");
        const Process *process = find_process(project->process_id);

        json_add_text(template, "templateName", process ? process->name : "");
        json_add_text(template, "templateTypeId", project->process_id);
        json_add_text(control, "sourceControlType", "Git");
        json_add_text(control, "gitEnabled", "True");
        json_add_text(control, "tfvcEnabled", "False");
}

static void add_project_links(Request *request, cJSON *tree, const Project *project) {
        const char *base = world_core_url(&request->arena, request->organization);
        cJSON *links = cJSON_AddObjectToObject(tree, "_links");

        json_add_link(links, "self", shape_project_url(request, project));
        json_add_link(links, "collection",
                      arena_print(&request->arena, "%s/_apis/projectCollections/%s", base, request->organization->id));
        json_add_link(links, "web", arena_print(&request->arena, "%s/%s", base, project->name));
}

static void add_default_team(Request *request, cJSON *tree, const Project *project) {
        const Identity *group = row_at(project->default_team->group, request->as_of);
        cJSON *team;

        if (!group)
                return;
        team = cJSON_AddObjectToObject(tree, "defaultTeam");
        json_add_text(team, "id", group->storage_key);
        json_add_text(team, "name", group->name);
        json_add_text(team, "url",
                      arena_print(&request->arena, "%s/teams/%s", shape_project_url(request, project),
                                  group->storage_key));
}

void project_get(World *world, Request *request, Response *response) {
        const Project *project = row_at(request->project, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", project->id);
        json_add_text(tree, "name", project->name);
        if (project->description)
                json_add_text(tree, "description", project->description);
        json_add_text(tree, "url", shape_project_url(request, project));
        json_add_text(tree, "state", shape_project_state(project->state));
        if (request_query_true(request, "includeCapabilities"))
                add_capabilities(tree, project);
        json_add_number(tree, "revision", project->revision);
        add_project_links(request, tree, project);
        json_add_text(tree, "visibility", project->visibility);
        add_default_team(request, tree, project);
        json_add_text(tree, "lastUpdateTime", time_text(&request->arena, project->updated));
        answer_json(request, response, 200, tree);
}

/* Operations. */

static cJSON *shape_operation(Request *request, const Operation *operation, const char *status) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", operation->id);
        json_add_text(tree, "status", status);
        json_add_text(tree, "url",
                      arena_print(&request->arena, "%s/_apis/operations/%s",
                                  world_core_url(&request->arena, request->organization), operation->id));
        return tree;
}

static void answer_started(Request *request, Response *response, const Operation *operation) {
        answer_json(request, response, 202, shape_operation(request, operation, "notSet"));
}

void operation_get(World *world, Request *request, Response *response) {
        const char *id = request_parameter(request, "operationId");
        Operation *operation = operation_find(request->organization, id);
        cJSON *tree, *links;

        if (!operation) {
                answer_error(response, ERROR_OPERATION_NOT_FOUND, "The operation with id %s could not be found.", id);
                return;
        }
        operation_poll(operation);
        tree = shape_operation(request, operation, operation_status(operation));
        links = cJSON_AddObjectToObject(tree, "_links");
        json_add_link(links, "self", json_text(tree, "url"));
        if (operation->failed)
                json_add_text(tree, "resultMessage", "TF400711: The operation has failed.");
        answer_json(request, response, 200, tree);
}

/* Writing. */

static bool name_free(Request *request, Response *response, const char *name, const Project *self) {
        const char *refusal = name_refusal(NAME_PROJECT, name);
        const Project *taken;

        if (refusal) {
                answer_error(response, ERROR_PROJECT_NAME,
                             "The project name '%s' is not valid: it %s.", name ? name : "", refusal);
                return false;
        }
        taken = organization_find_project(request->organization, name, AS_OF_NOW);
        if (taken && taken != self) {
                answer_error(response, ERROR_PROJECT_EXISTS,
                             "TF200019: The following project already exists on the Azure DevOps Server: %s. You "
                             "cannot create a new project with the same name as an existing project. Provide a "
                             "different name.",
                             name);
                return false;
        }
        return true;
}

static bool visibility_known(Response *response, const char *visibility) {
        if (!visibility || strcasecmp(visibility, "private") == 0 || strcasecmp(visibility, "public") == 0 ||
            strcasecmp(visibility, "organization") == 0)
                return true;
        answer_error(response, ERROR_ARGUMENT, "The visibility %s is not known.\r\nParameter name: visibility",
                     visibility);
        return false;
}

/* Both capabilities must be named (facts §6.1). */
static const Process *requested_process(Response *response, const cJSON *body) {
        const cJSON *capabilities = cJSON_GetObjectItem(body, "capabilities");
        const char *control =
                json_text(cJSON_GetObjectItem(capabilities, "versioncontrol"), "sourceControlType");
        const char *id = json_text(cJSON_GetObjectItem(capabilities, "processTemplate"), "templateTypeId");
        const Process *process = find_process(id);

        if (!control || strcasecmp(control, "Git") != 0) {
                answer_error(response, ERROR_ARGUMENT,
                             "The version control type is not supported.\r\nParameter name: sourceControlType");
                return NULL;
        }
        if (!process)
                answer_error(response, ERROR_ARGUMENT,
                             "The process template is not known.\r\nParameter name: templateTypeId");
        return process;
}

void project_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *visibility = json_text(body, "visibility");
        ProjectSpec spec = {.name = json_text(body, "name"),
                            .description = json_text(body, "description"),
                            .actor = request->caller};
        const Process *process;
        Project *project;

        if (!guard_require(request, response, NAMESPACE_COLLECTION, TOKEN_COLLECTION, COLLECTION_CREATE_PROJECTS) ||
            !name_free(request, response, spec.name, NULL) || !visibility_known(response, visibility))
                return;
        process = requested_process(response, body);
        if (!process)
                return;
        spec.process_id = process->id;
        spec.visibility = visibility ? text_fold(&request->arena, visibility) : NULL;
        project = project_create(request->organization, &spec);
        project_set_state(project, PROJECT_CREATE_PENDING);
        answer_started(request, response, operation_start(project, OPERATION_CREATE_PROJECT, NULL));
}

static bool may_patch(Request *request, Response *response, const ProjectChange *change) {
        const char *token = token_of_project(&request->arena, request->project);

        return (!change->name || guard_require(request, response, NAMESPACE_PROJECT, token, PROJECT_RENAME)) &&
               (!change->description || guard_require(request, response, NAMESPACE_PROJECT, token, PROJECT_WRITE)) &&
               (!change->visibility ||
                guard_require(request, response, NAMESPACE_PROJECT, token, PROJECT_CHANGE_VISIBILITY));
}

void project_patch(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *visibility = json_text(body, "visibility");
        ProjectChange change = {.name = json_text(body, "name"),
                                .description = json_text(body, "description"),
                                .visibility = visibility ? text_fold(&request->arena, visibility) : NULL};

        if (!may_patch(request, response, &change) || !visibility_known(response, visibility) ||
            (change.name && !name_free(request, response, change.name, request->project)))
                return;
        answer_started(request, response, operation_start(request->project, OPERATION_UPDATE_PROJECT, &change));
}

void project_remove(World *world, Request *request, Response *response) {
        const char *token = token_of_project(&request->arena, request->project);

        if (!guard_require(request, response, NAMESPACE_PROJECT, token, PROJECT_DELETE))
                return;
        project_set_state(request->project, PROJECT_DELETING);
        answer_started(request, response, operation_start(request->project, OPERATION_DELETE_PROJECT, NULL));
}

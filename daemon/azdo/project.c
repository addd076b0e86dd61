/* SPDX-License-Identifier: Apache-2.0 */
/* Project: the team projects of an organisation (facts §6.1). */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

#define STATE_READY "wellFormed"

typedef struct ProcessRow {
        const char *name;
        const char *id;
} ProcessRow;

/* The system processes have the same ids everywhere (facts §6.1). */
static const ProcessRow processes[] = {
        {"Agile", "adcc42ab-9882-485e-a3ed-7678f01f66bc"},
        {"Scrum", "6b724908-ef14-45cf-84f8-768b5384da45"},
        {"CMMI", "27450541-8e31-4150-9947-dc59f998fc01"},
        {"Basic", "b8a3a935-7e91-48b8-a94c-606d37c3e9f2"},
};

typedef struct TokenRow {
        NamespaceIndex space;
        const char *above;  /* the root above all projects, or NULL */
        const char *prefix; /* the project's id follows; NULL: more is to be known */
} TokenRow;

/* facts §3.4; CSS and Iteration hang at a node, queries at the folder of the shared ones, not at the project. What has
 * nothing above has none that is known to hold entries; the empty token above all tags cannot be asked for. */
static const TokenRow tokens[] = {
        {NAMESPACE_PROJECT, "$PROJECT", "$PROJECT:vstfs:///Classification/TeamProject/"},
        {NAMESPACE_GIT, "repoV2", "repoV2/"},
        {NAMESPACE_BUILD, NULL, ""},
        {NAMESPACE_IDENTITY, NULL, ""},
        {NAMESPACE_SERVICE_ENDPOINTS, NULL, "endpoints/"},
        {NAMESPACE_QUERIES, NULL, NULL},
        {NAMESPACE_TAGGING, NULL, "/"},
        {NAMESPACE_ENVIRONMENT, NULL, "Environments/"},
        {NAMESPACE_LIBRARY, NULL, "Library/"},
        {NAMESPACE_DISTRIBUTED_TASK, NULL, "AgentQueues/"},
        {NAMESPACE_RELEASE, NULL, ""},
        {NAMESPACE_ANALYTICS_VIEWS, NULL, "$/Shared/"},
        {NAMESPACE_PLAN, "Plan", "Plan/"},
        {NAMESPACE_DASHBOARDS, NULL, "$/"},
};

/* The portal's organisation-level permissions stand at one token each (facts §3.4, §10). */
static const struct {
        NamespaceIndex space;
        const char *token;
} organization_tokens[] = {
        {NAMESPACE_COLLECTION, "NAMESPACE:"},
        {NAMESPACE_SERVER, "FrameworkGlobalSecurity"},
        {NAMESPACE_PROCESS, "$PROCESS:"},
        {NAMESPACE_VERSION_CONTROL, "Global"},
        {NAMESPACE_BUILD_ADMINISTRATION, "BuildPrivileges"},
        {NAMESPACE_AUDIT_LOG, "AllPermissions"},
};

Request project_list_request(Mem *parent) {
        return (Request){.method = METHOD_GET,
                         .path = mem_printf(parent, "/_apis/projects?$top=%d&api-version=7.1",
                                            REQUEST_PAGE_SIZE),
                         .paging = PAGING_CONTINUATION};
}

/* One that is being made or deleted is not there yet, or no more: child calls give TF200016. */
static int take_project(Organisation *organisation, const JsonNode *node, const char **reasonp) {
        Project project = {
                .name = body_text(node, "name"),
                .visibility = body_text(node, "visibility"),
        };
        const char *state = body_text(node, "state");

        if (body_guid(node, "id", &project.id) < 0 || !project.name)
                return body_fail(reasonp, "a project has no `id` or no `name`");
        if (!state)
                return body_fail(reasonp, "a project has no `state`");
        if (text_equal(state, STATE_READY))
                organisation_add_project(organisation, &project);
        return 0;
}

int project_list_take(Organisation *organisation, const Reply *reply, const char **reasonp,
                      size_t *rowsp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *list = NULL;
        int r = body_list(scratch, reply, &list, reasonp);

        *rowsp = json_count(list);
        json_each(node, list) {
                if (r == 0)
                        r = take_project(organisation, node, reasonp);
        }
        mem_free(scratch);
        return r;
}

Request project_get_request(Mem *parent, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(parent, "/_apis/projects/{}?api-version=7.1", name, NULL)};
}

int project_get_take(Organisation *organisation, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = take_project(organisation, root, reasonp);
        mem_free(scratch);
        return r;
}

const char *project_process_id(const char *process) {
        Guid id;

        for (size_t i = 0; i < sizeof processes / sizeof *processes; i++)
                if (text_equal(processes[i].name, process))
                        return processes[i].id;
        return guid_parse(&id, process) == 0 ? process : NULL;
}

Request project_processes_request(Mem *parent) {
        return (Request){.method = METHOD_GET,
                         .path = mem_strdup(parent, "/_apis/process/processes?api-version=7.1")};
}

int project_processes_take(Mem *parent, const char *process, const Reply *reply, const char **idp,
                           const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *list = NULL;
        Text names;
        int r = body_list(scratch, reply, &list, reasonp);

        *idp = NULL;
        text_init(&names, scratch);
        json_each(node, list) {
                const char *name = body_text(node, "name"), *id = body_text(node, "id");

                if (r == 0 && (!name || !id))
                        r = body_fail(reasonp, "a process has no `id` or no `name`");
                if (r < 0)
                        break;
                text_appendf(&names, "%s%s", names.n > 0 ? ", " : "", name);
                if (text_equal(name, process))
                        *idp = mem_strdup(parent, id);
        }
        if (r == 0 && !*idp) {
                *idp = mem_strdup(parent, names.data);
                r = 1;
        }
        mem_free(scratch);
        return r;
}

Request project_create_request(Mem *parent, const char *name, const char *process_id,
                               const char *visibility) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "name", name);
        json_write_text(&writer, "visibility", visibility ? visibility : "private");
        json_write_object(&writer, "capabilities");
        json_write_object(&writer, "versioncontrol");
        json_write_text(&writer, "sourceControlType", "Git");
        json_write_object_end(&writer);
        json_write_object(&writer, "processTemplate");
        json_write_text(&writer, "templateTypeId", process_id);
        json_write_object_end(&writer);
        json_write_object_end(&writer);
        json_write_object_end(&writer);
        return (Request){.method = METHOD_POST,
                         .path = "/_apis/projects?api-version=7.1",
                         .body = text.data,
                         .repeat = REPEAT_NEVER};
}

const char *project_create_take(Mem *parent, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        const char *operation = NULL;
        char text[GUID_TEXT_SIZE];
        Guid id;

        if (body_object(scratch, reply, &root, reasonp) == 0) {
                if (body_guid(root, "id", &id) == 0)
                        operation = mem_strdup(parent, guid_format(id, text));
                else
                        *reasonp = "the answer names no operation in `id`";
        }
        mem_free(scratch);
        return operation;
}

Request project_operation_request(Mem *parent, const char *operation) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(parent, "/_apis/operations/{}?api-version=7.1", operation, NULL)};
}

typedef enum OperationState {
        OPERATION_SUCCEEDED,
        OPERATION_RUNNING,
        OPERATION_FAILED,
} OperationState;

static const struct {
        const char *word;
        OperationState state;
} operation_states[] = {
        {"succeeded", OPERATION_SUCCEEDED}, {"notSet", OPERATION_RUNNING},
        {"queued", OPERATION_RUNNING},      {"inProgress", OPERATION_RUNNING},
        {"failed", OPERATION_FAILED},       {"cancelled", OPERATION_FAILED},
};

static int take_operation(Mem *parent, const JsonNode *root, const char **reasonp) {
        const char *status = body_text(root, "status");
        const char *detail = body_text(root, "detailedMessage");
        const char *message = body_text(root, "resultMessage");

        for (size_t i = 0; status && i < sizeof operation_states / sizeof *operation_states; i++) {
                if (!text_equal(operation_states[i].word, status))
                        continue;
                if (operation_states[i].state != OPERATION_FAILED)
                        return operation_states[i].state == OPERATION_SUCCEEDED ? 0 : 1;
                message = message ? message : detail;
                *reasonp = mem_printf(parent, "the service's operation %s%s%s",
                                      text_equal(status, "failed") ? "failed" : "was cancelled",
                                      message ? ": " : "", message ? message : "");
                return -1;
        }
        return body_fail(reasonp, "the answer has no known `status` of an operation");
}

int project_operation_take(Mem *parent, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = take_operation(parent, root, reasonp);
        mem_free(scratch);
        return r;
}

void organization_set_tokens(Organisation *organisation) {
        for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
                organisation->root_token[tokens[i].space] = tokens[i].above;
        for (size_t i = 0; i < sizeof organization_tokens / sizeof *organization_tokens; i++)
                organisation->root_token[organization_tokens[i].space] = organization_tokens[i].token;
}

void project_set_tokens(Organisation *organisation, Index project) {
        Project *row = &organisation->projects[project];
        char id[GUID_TEXT_SIZE];

        guid_format(row->id, id);
        for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
                const char **tokenp = &row->root_token[tokens[i].space];
                const char *token = NULL;

                if (!tokens[i].prefix)
                        continue;
                token = mem_printf(organisation->mem, "%s%s", tokens[i].prefix, id);
                /* A project made anew under its old name has another id. */
                if (!*tokenp || strcmp(*tokenp, token) != 0)
                        *tokenp = token;
        }
}

const char *project_lists_token(Mem *parent, const Organisation *organisation, Index project,
                                uint8_t space) {
        const Project *row = &organisation->projects[project];
        char id[GUID_TEXT_SIZE];

        if (space != NAMESPACE_QUERIES || !row->root_token[space])
                return row->root_token[space];
        return mem_printf(parent, PROJECT_QUERIES_TOKEN "%s", guid_format(row->id, id));
}

char *project_url_name(Mem *parent, const Organisation *organisation, Index project) {
        const Project *row = &organisation->projects[project];
        char id[GUID_TEXT_SIZE];

        return mem_strdup(parent, guid_is_null(row->id) ? row->name : guid_format(row->id, id));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Answers in the service's forms: JSON, collections, errors (facts §1.7, §1.8). */
#include "tests/simulator/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CORE_API "Microsoft.TeamFoundation.Core.WebApi"
#define GIT_SERVER "Microsoft.TeamFoundation.Git.Server"
#define SERVICES_COMMON "Microsoft.VisualStudio.Services.Common"
#define SERVICES_API "Microsoft.VisualStudio.Services.WebApi"
#define GRAPH_API "Microsoft.VisualStudio.Services.Graph"
#define IDENTITY_API "Microsoft.VisualStudio.Services.Identity"
#define SECURITY_API "Microsoft.VisualStudio.Services.Security"
#define TRACKING_SERVER "Microsoft.TeamFoundation.WorkItemTracking.Server"
#define BUILD_API "Microsoft.TeamFoundation.Build.WebApi"
#define ENDPOINT_API "Microsoft.TeamFoundation.DistributedTask.WebApi"
#define AGILE_COMMON "Microsoft.Azure.Boards.Agile.Common"

enum { EVENT_ID = 3000 };

typedef struct ErrorRow {
        int status;
        const char *space;    /* namespace of the type */
        const char *type_key;
        const char *assembly;
        int event_id;
} ErrorRow;

static const ErrorRow ERRORS[N_ERRORS] = {
        [ERROR_ACCESS_DENIED] = {403, SERVICES_COMMON, "AccessDeniedException", SERVICES_COMMON, EVENT_ID},
        [ERROR_ARGUMENT] = {400, "System", "ArgumentException", "mscorlib", 0},
        [ERROR_ARGUMENT_NULL] = {400, "System", "ArgumentNullException", "mscorlib", 0},
        [ERROR_INVALID_PREVIEW_VERSION] = {400, SERVICES_API, "VssInvalidPreviewVersionException", SERVICES_API, 0},
        [ERROR_VERSION_NOT_SPECIFIED] = {400, SERVICES_API, "VssVersionNotSpecifiedException", SERVICES_API, 0},
        [ERROR_VERSION_OUT_OF_RANGE] = {400, SERVICES_API, "VssVersionOutOfRangeException", SERVICES_API, 0},
        [ERROR_INVALID_VERSION] = {400, SERVICES_API, "VssVersionNotSpecifiedException", SERVICES_API, 0},
        [ERROR_PROJECT_NOT_FOUND] = {404, CORE_API, "ProjectDoesNotExistWithNameException", CORE_API, EVENT_ID},
        [ERROR_PROJECT_EXISTS] = {409, CORE_API, "ProjectAlreadyExistsException", CORE_API, EVENT_ID},
        [ERROR_PROJECT_NAME] = {400, CORE_API, "InvalidProjectNameException", CORE_API, EVENT_ID},
        [ERROR_OPERATION_NOT_FOUND] = {404, "Microsoft.VisualStudio.Services.Operations", "OperationNotFoundException",
                                       "Microsoft.VisualStudio.Services.Operations", EVENT_ID},
        [ERROR_PROCESS_NOT_FOUND] = {404, CORE_API, "ProcessTemplateNotFoundException", CORE_API, EVENT_ID},
        [ERROR_TEAM_NOT_FOUND] = {404, CORE_API, "TeamNotFoundException", CORE_API, EVENT_ID},
        [ERROR_TEAM_EXISTS] = {409, CORE_API, "TeamAlreadyExistsException", CORE_API, EVENT_ID},
        [ERROR_TEAM_NAME] = {400, CORE_API, "InvalidTeamNameException", CORE_API, EVENT_ID},
        [ERROR_TEAM_DEFAULT] = {400, CORE_API, "DefaultTeamCannotBeDeletedException", CORE_API, EVENT_ID},
        [ERROR_GROUP_EXISTS] = {409, IDENTITY_API, "GroupCreationException", SERVICES_API, EVENT_ID},
        [ERROR_GROUP_NAME] = {400, IDENTITY_API, "GroupCreationException", SERVICES_API, EVENT_ID},
        [ERROR_GROUP_WELL_KNOWN] = {400, IDENTITY_API, "ModifyWellKnownGroupException", SERVICES_API, EVENT_ID},
        [ERROR_SUBJECT_NOT_FOUND] = {404, GRAPH_API, "GraphSubjectNotFoundException", GRAPH_API, EVENT_ID},
        [ERROR_MEMBERSHIP_NOT_FOUND] = {404, GRAPH_API, "GraphMembershipNotFoundException", GRAPH_API, EVENT_ID},
        [ERROR_MEMBERSHIP_CYCLE] = {400, IDENTITY_API, "AddMemberCyclicMembershipException", SERVICES_API, EVENT_ID},
        [ERROR_TOO_MANY_ITEMS] = {400, "Microsoft.TeamFoundation.Framework.Server", "TooManyRequestedItemsException",
                                  "Microsoft.TeamFoundation.Framework.Server", EVENT_ID},
        [ERROR_IDENTITY_NOT_FOUND] = {404, IDENTITY_API, "IdentityNotFoundException", SERVICES_API, EVENT_ID},
        [ERROR_SCOPE_NOT_FOUND] = {404, IDENTITY_API, "GroupScopeDoesNotExistException", SERVICES_API, EVENT_ID},
        [ERROR_DIRECTORY] = {503, GRAPH_API, "GraphSubjectDirectoryException", GRAPH_API, EVENT_ID},
        [ERROR_REPOSITORY_NOT_FOUND] = {404, GIT_SERVER, "GitRepositoryNotFoundException", GIT_SERVER, EVENT_ID},
        [ERROR_REPOSITORY_EXISTS] = {409, GIT_SERVER, "GitRepositoryNameAlreadyExistsException", GIT_SERVER, EVENT_ID},
        [ERROR_REPOSITORY_NAME] = {400, GIT_SERVER, "InvalidGitRepositoryNameException", GIT_SERVER, EVENT_ID},
        [ERROR_NODE_NOT_FOUND] = {404, TRACKING_SERVER, "WorkItemTrackingTreeNodeNotFoundException", TRACKING_SERVER,
                                  EVENT_ID},
        [ERROR_NODE_EXISTS] = {409, TRACKING_SERVER, "ClassificationNodeDuplicateNameException", TRACKING_SERVER,
                               EVENT_ID},
        [ERROR_NODE_NAME] = {400, TRACKING_SERVER, "ClassificationNodeInvalidNameException", TRACKING_SERVER, EVENT_ID},
        [ERROR_QUERY_NOT_FOUND] = {404, TRACKING_SERVER, "QueryItemNotFoundException", TRACKING_SERVER, EVENT_ID},
        [ERROR_QUERY_EXISTS] = {409, TRACKING_SERVER, "QueryItemNameAlreadyExistsException", TRACKING_SERVER, EVENT_ID},
        [ERROR_QUERY_NAME] = {400, TRACKING_SERVER, "QueryItemInvalidNameException", TRACKING_SERVER, EVENT_ID},
        [ERROR_BOARD_NOT_FOUND] = {404, "Microsoft.TeamFoundation.Work.WebApi.Exceptions", "ViewNotFoundException",
                                   "Microsoft.TeamFoundation.Work.WebApi", EVENT_ID},
        [ERROR_FOLDER_NOT_FOUND] = {404, BUILD_API, "FolderNotFoundException", BUILD_API, EVENT_ID},
        [ERROR_FOLDER_EXISTS] = {409, BUILD_API, "FolderExistsException", BUILD_API, EVENT_ID},
        [ERROR_DEFINITION_NOT_FOUND] = {404, BUILD_API, "DefinitionNotFoundException", BUILD_API, EVENT_ID},
        [ERROR_DEFINITION_EXISTS] = {409, BUILD_API, "DefinitionExistsException", BUILD_API, EVENT_ID},
        [ERROR_TEAM_FIELD_NULL] = {400, "Microsoft.TeamFoundation.Work.WebApi.Exceptions",
                                   "TeamFieldArgumentNullException", "Microsoft.TeamFoundation.Work.WebApi", 0},
        [ERROR_TEAM_SETTINGS] = {400, AGILE_COMMON ".Exceptions", "InvalidTeamSettingsException", AGILE_COMMON,
                                 EVENT_ID},
        [ERROR_ENDPOINT_NOT_FOUND] = {404, ENDPOINT_API, "EndpointNotFoundException", ENDPOINT_API, EVENT_ID},
        [ERROR_ENDPOINT_EXISTS] = {409, ENDPOINT_API, "DuplicateEndpointNameException", ENDPOINT_API, EVENT_ID},
        [ERROR_VARIABLE_GROUP_NOT_FOUND] = {404, ENDPOINT_API, "VariableGroupNotFoundException", ENDPOINT_API, EVENT_ID},
        [ERROR_VARIABLE_GROUP_EXISTS] = {409, ENDPOINT_API, "VariableGroupExistsException", ENDPOINT_API, EVENT_ID},
        [ERROR_SECURE_FILE_NOT_FOUND] = {404, ENDPOINT_API, "SecureFileNotFoundException", ENDPOINT_API, EVENT_ID},
        [ERROR_SECURE_FILE_EXISTS] = {409, ENDPOINT_API, "SecureFileExistsException", ENDPOINT_API, EVENT_ID},
        [ERROR_ENVIRONMENT_NOT_FOUND] = {404, ENDPOINT_API, "EnvironmentNotFoundException", ENDPOINT_API, EVENT_ID},
        [ERROR_ENVIRONMENT_EXISTS] = {409, ENDPOINT_API, "EnvironmentExistsException", ENDPOINT_API, EVENT_ID},
        [ERROR_QUEUE_NOT_FOUND] = {404, ENDPOINT_API, "TaskAgentQueueNotFoundException", ENDPOINT_API, EVENT_ID},
        [ERROR_QUEUE_EXISTS] = {409, ENDPOINT_API, "TaskAgentQueueExistsException", ENDPOINT_API, EVENT_ID},
        [ERROR_POOL_NOT_FOUND] = {404, ENDPOINT_API, "TaskAgentPoolNotFoundException", ENDPOINT_API, EVENT_ID},
        [ERROR_POOL_EXISTS] = {409, ENDPOINT_API, "TaskAgentPoolExistsException", ENDPOINT_API, EVENT_ID},
        [ERROR_NAMESPACE_NOT_FOUND] = {404, SECURITY_API, "InvalidSecurityNamespaceException", SERVICES_API, EVENT_ID},
        [ERROR_RESERVED_BITS] = {500, SECURITY_API, "InvalidPermissionsException", SERVICES_API, EVENT_ID},
        [ERROR_MALFORMED_TOKEN] = {500, SERVICES_COMMON, "UnexpectedException", SERVICES_COMMON, EVENT_ID},
        [ERROR_INVALID_DESCRIPTOR] = {500, "System", "ArgumentException", "mscorlib", 0},
        [ERROR_UNEXPECTED] = {500, SERVICES_COMMON, "UnexpectedException", SERVICES_COMMON, EVENT_ID},
        [ERROR_STOPPED] = {503, SERVICES_COMMON, "VssServiceException", SERVICES_COMMON, EVENT_ID},
        [ERROR_RATE_LIMIT] = {429, SERVICES_COMMON, "RequestBlockedException", SERVICES_COMMON, EVENT_ID},
        [ERROR_UNAUTHORIZED] = {401, SERVICES_API, "UnauthorizedRequestException", SERVICES_API, EVENT_ID},
};

static void response_tree(Response *response, const char *content_type, cJSON *tree) {
        char *text = cJSON_PrintUnformatted(tree);

        if (!text)
                abort();
        response_body(response, content_type, text, strlen(text));
        cJSON_Delete(tree);
}

void answer_error(Response *response, ErrorKind kind, const char *format, ...) {
        const ErrorRow *row = &ERRORS[kind];
        cJSON *tree = cJSON_CreateObject();
        va_list arguments;
        char *message;

        va_start(arguments, format);
        if (vasprintf(&message, format, arguments) < 0)
                abort();
        va_end(arguments);
        json_add_text(tree, "$id", "1");
        json_add_text(tree, "innerException", NULL);
        json_add_text(tree, "message", message);
        json_add_text(tree, "typeName",
                      arena_print(&response->arena, "%s.%s, %s", row->space, row->type_key, row->assembly));
        json_add_text(tree, "typeKey", row->type_key);
        json_add_number(tree, "errorCode", 0);
        json_add_number(tree, "eventId", row->event_id);
        free(message);
        response->status = row->status;
        response_tree(response, "application/json; charset=utf-8", tree);
}

static const char *json_content_type(const Request *request, Response *response) {
        const ApiVersion *version = &request->version;

        if (!version->given)
                return "application/json; charset=utf-8";
        if (!version->preview)
                return arena_print(&response->arena, "application/json; charset=utf-8; api-version=%d.%d",
                                   version->major, version->minor);
        return arena_print(&response->arena, "application/json; charset=utf-8; api-version=%d.%d-preview.%d",
                           version->major, version->minor, version->revision);
}

void answer_json(const Request *request, Response *response, int status, cJSON *tree) {
        response->status = status;
        response_tree(response, json_content_type(request, response), tree);
}

void answer_list(const Request *request, Response *response, int status, cJSON *array) {
        cJSON *wrapper;

        if (request->bare_arrays) {
                answer_json(request, response, status, array);
                return;
        }
        wrapper = cJSON_CreateObject();
        json_add_number(wrapper, "count", cJSON_GetArraySize(array));
        cJSON_AddItemToObject(wrapper, "value", array);
        answer_json(request, response, status, wrapper);
}

void answer_empty(Response *response, int status) {
        response->status = status;
        response_body(response, NULL, NULL, 0);
}

static const char *path_below_organization(const Request *request) {
        const char *slash = strchr(request->path + (*request->path == '/'), '/');

        return slash ? slash : "/";
}

void answer_no_controller(const Request *request, Response *response) {
        char *text = NULL;
        int length = asprintf(&text, "The controller for path '%s' was not found or does not implement IController.",
                              path_below_organization(request));

        if (length < 0)
                abort();
        response->status = 404;
        response_header(response, "X-TFS-ServiceError", percent_encode(&response->arena, text));
        response_body(response, "text/plain; charset=utf-8", text, (size_t)length);
}

void answer_unauthorized(Response *response) {
        answer_empty(response, 401);
        response_header(response, "WWW-Authenticate", "Basic realm=\"http://127.0.0.1/\"");
}

void answer_sign_in(Response *response, int status) {
        static const char PAGE[] =
                "<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head>"
                "<body><form action=\"/_signin\" method=\"post\"><input name=\"user\"/></form></body></html>";

        response->status = status;
        response_body(response, "text/html; charset=utf-8", strdup(PAGE), sizeof(PAGE) - 1);
}

void json_add_text(cJSON *object, const char *name, const char *value) {
        cJSON_AddItemToObject(object, name, value ? cJSON_CreateString(value) : cJSON_CreateNull());
}

void json_add_number(cJSON *object, const char *name, double value) {
        cJSON_AddItemToObject(object, name, cJSON_CreateNumber(value));
}

void json_add_bool(cJSON *object, const char *name, bool value) {
        cJSON_AddItemToObject(object, name, cJSON_CreateBool(value));
}

cJSON *json_add_link(cJSON *links, const char *name, const char *href) {
        cJSON *link = cJSON_AddObjectToObject(links, name);

        json_add_text(link, "href", href);
        return link;
}

const char *json_text(const cJSON *object, const char *name) {
        return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

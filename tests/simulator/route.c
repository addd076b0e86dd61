/* SPDX-License-Identifier: Apache-2.0 */
/* Routes: which handler answers which path, in which API versions. */
#include "tests/simulator/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/audit.h"
#include "tests/simulator/control.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/entra.h"
#include "tests/simulator/fault.h"
#include "tests/simulator/rehearsal.h"
#include "tests/simulator/operation.h"
#include "tests/simulator/shape.h"

enum {
        N_TIERS = 6, /* application tiers that answer in turn, told apart by X-TFS-ProcessId */
        MILLISECONDS_PER_SECOND = 1000,
        NANOSECONDS_PER_MILLISECOND = 1000000,
};

#define SERVER_VERSION "7.1"

#define LOCATION_NAMESPACES "ce7b9f95-fde9-4be8-a86d-83b366f0b87a"
#define LOCATION_ACLS "18a2ad18-7571-46ae-bec7-0c7da1495885"
#define LOCATION_ACES "ac08c8ff-4323-4b08-af90-bcd018d380ce"
#define LOCATION_PERMISSIONS "dd3b8bd6-c7fc-4cbd-929a-933d9c011c9d"
#define LOCATION_EVALUATION "cf1faa59-1b63-4448-bf04-13d981a46f5d"
#define LOCATION_CONNECTION_DATA "00d9565f-ed9c-4a06-9a50-00e7896ccab4"
#define LOCATION_RESOURCE_AREAS "e81700f7-3be2-46de-8624-2eb35882fcaa"
#define LOCATION_PROJECTS "603fe2ac-9723-48b9-88ad-09305aa6c6e1"
#define LOCATION_TEAMS "d30a3dd1-f8ba-442a-b86a-bd0c0c383e59"
#define LOCATION_ALL_TEAMS "7a4d9ee9-3433-4347-b47a-7a80f1cf307e"
#define LOCATION_TEAM_MEMBERS "294c494c-2600-4d7e-b76c-3dd50c3c95be"
#define LOCATION_OPERATIONS "9a1b74b4-2ca8-4a9f-8470-c2f2e6fdc949"
#define LOCATION_PROCESSES "93878975-88c5-4e6a-8abb-7ddd77a8a7d8"
#define LOCATION_REPOSITORIES "225f7195-f9c7-4d14-ab28-a83f7ff77e1f"
#define LOCATION_RECYCLED "a663da97-81db-4eb3-8b83-287670f63073"
#define LOCATION_REFS "2d874a60-a811-4f62-9c9f-963a6ea0a55b"
#define LOCATION_FOLDERS "a906531b-d2da-4f55-bda7-f3e676cc50d9"
#define LOCATION_DEFINITIONS "dbeaf647-6167-421a-bda9-c9327b25e2e6"
#define LOCATION_NODES "5a172953-1b41-49d3-840a-33f79c3ce89f"
#define LOCATION_NODE_ROOTS "a70579d1-f53a-48ee-a5be-7be8659023b9"
#define LOCATION_PLANS "0b42cb47-cd73-4810-ac90-19c9ba147453"
#define LOCATION_RELEASE_FOLDERS "f7ddf76d-ce0c-4d68-94ff-becaec5d9dea"
#define LOCATION_RELEASES "d8f96f24-8ea7-4cb6-baab-2df8fc515665"
#define LOCATION_QUERIES "a67d190c-c41f-424b-814d-0e906f659301"
#define LOCATION_FIELD_VALUES "07ced576-58ed-49e6-9c1e-5cb53ab8bf2a"
#define LOCATION_TEAM_SETTINGS "c3c1012b-bea7-49d7-b45e-1664e566f84c"
#define LOCATION_DASHBOARDS "454b3e51-2e6e-48d4-ad81-978154089351"
#define LOCATION_ENDPOINTS "e85f1c62-adfc-4b74-b618-11a150fb195e"
#define LOCATION_ALL_ENDPOINTS "14e48fdc-2c8b-41ce-a0c3-e26f6cc55bd0"
#define LOCATION_QUEUES "900fa995-c559-4923-aae7-f8424fe4fbea"
#define LOCATION_POOLS "a8c47e17-4d56-4a56-92bb-de7ea7dc65be"
#define LOCATION_VARIABLE_GROUPS "f5b09dd5-9d54-45a1-8b5a-1c8287d634cc"
#define LOCATION_ALL_VARIABLE_GROUPS "ef5b7057-ffc3-4c77-bbad-c10b4a4abcc7"
#define LOCATION_SECURE_FILES "adcfd8bc-b184-43ba-bd84-7c8c6a2ff421"
#define LOCATION_ROLE_ASSIGNMENTS "9461c234-c84c-4ed2-b918-2f0f92ad0a35"
#define LOCATION_ROLE_DEFINITIONS "f4cc9a86-453c-48d2-b44d-d3bd5c105f4f"
#define LOCATION_AUTHORIZED_RESOURCES "398c85bc-81aa-4822-947c-a194a05f0fef"
#define LOCATION_PIPELINE_PERMISSIONS "b5b9a4a4-e6cd-4096-853c-ab7d8b0c4eb2"
#define LOCATION_ENVIRONMENTS "d86b72de-d240-4d6f-8d06-08c2d66b015d"
#define LOCATION_OLD_ENVIRONMENTS "8572b1fc-2482-47fa-8f74-7e3ed53ee54b"
#define LOCATION_GRAPH_GROUPS "ebbe6af8-0b91-4c13-8cf1-777c14858188"
#define LOCATION_GRAPH_USERS "005e26ec-6b77-4e4f-a986-b3827bf241f5"
#define LOCATION_GRAPH_PRINCIPALS "e1dbb0ae-49cb-4532-95a1-86cd89cfcab4"
#define LOCATION_GRAPH_MEMBERSHIP "3fd2e6ca-fb30-443a-b579-95b19ed0934c"
#define LOCATION_GRAPH_MEMBERSHIPS "e34b6394-6b30-4435-94a9-409a5eef3e31"
#define LOCATION_GRAPH_STATES "1ffe5c94-1144-4191-907b-d0211cad36a8"
#define LOCATION_GRAPH_LOOKUP "4dd4d168-11f2-48c4-83e8-756fa0de027c"
#define LOCATION_GRAPH_QUERY "05942c89-006a-48ce-bb79-baeb8abf99c6"
#define LOCATION_GRAPH_KEYS "eb85f8cc-f0f6-4264-a5b1-ffe2e4d4801f"
#define LOCATION_GRAPH_DESCRIPTORS "048aee0a-7072-4cde-ab73-7af77b1e0b4e"
#define LOCATION_AUDIT_LOG "4e5fa14f-7097-4b73-9c85-00abc7353c61"
#define LOCATION_IDENTITIES "28010c54-d0c0-4c89-a5b0-1c9e188b9fb7"
#define LOCATION_IDENTITY_BATCH "299e50df-fe45-4d3a-8b5b-a5836fac74dc"
#define LOCATION_IDENTITY_GROUPS "5966283b-4196-4d57-9211-1b68f41ec1c2"
#define LOCATION_IDENTITY_SCOPES "4e11e2bf-1e79-4eb5-8f34-a6337bd0de38"
#define LOCATION_IDENTITY_MEMBERS "8ba35978-138e-41f8-8963-7b1ea2c5f775"

/* clang-format off */
#define READ(service, pattern, location, handler, name) \
        {SERVICE_##service, METHOD_GET, pattern, location, ROUTE_READ, handler, name}
#define ASK(service, pattern, location, handler, name) \
        {SERVICE_##service, METHOD_POST, pattern, location, ROUTE_READ, handler, name}
#define WRITE(service, method, pattern, location, handler, name) \
        {SERVICE_##service, METHOD_##method, pattern, location, ROUTE_WRITE, handler, name}

static const Route ROUTES[] = {
        READ(CORE, "_apis/connectionData", LOCATION_CONNECTION_DATA, connection_data_get, "connectionData"),
        READ(GRAPH, "_apis/connectionData", LOCATION_CONNECTION_DATA, connection_data_get, "connectionData"),
        READ(CORE, "_apis/resourceAreas/{areaId?}", LOCATION_RESOURCE_AREAS, resource_areas_get, "resourceAreas"),
        READ(GRAPH, "_apis/resourceAreas/{areaId?}", LOCATION_RESOURCE_AREAS, resource_areas_get, "resourceAreas"),

        READ(CORE, "_apis/securitynamespaces/{namespace?}", LOCATION_NAMESPACES, namespaces_get, "securitynamespaces"),
        READ(CORE, "_apis/accesscontrollists/{namespace}", LOCATION_ACLS, acls_get, "accesscontrollists"),
        WRITE(CORE, POST, "_apis/accesscontrollists/{namespace}", LOCATION_ACLS, acls_set, "accesscontrollists"),
        WRITE(CORE, DELETE, "_apis/accesscontrollists/{namespace}", LOCATION_ACLS, acls_remove, "accesscontrollists"),
        WRITE(CORE, POST, "_apis/accesscontrolentries/{namespace}", LOCATION_ACES, aces_set, "accesscontrolentries"),
        WRITE(CORE, DELETE, "_apis/accesscontrolentries/{namespace}", LOCATION_ACES, aces_remove, "accesscontrolentries"),
        READ(CORE, "_apis/permissions/{namespace}/{permissions?}", LOCATION_PERMISSIONS, permissions_has, "permissions"),
        WRITE(CORE, DELETE, "_apis/permissions/{namespace}/{permissions?}", LOCATION_PERMISSIONS, permissions_remove, "permissions"),
        ASK(CORE, "_apis/security/permissionevaluationbatch", LOCATION_EVALUATION, permissions_evaluate, "permissionevaluationbatch"),

        READ(CORE, "_apis/projects", LOCATION_PROJECTS, projects_list, "projects"),
        WRITE(CORE, POST, "_apis/projects", LOCATION_PROJECTS, project_post, "projects"),
        READ(CORE, "_apis/projects/{project}", LOCATION_PROJECTS, project_get, "projects"),
        WRITE(CORE, PATCH, "_apis/projects/{project}", LOCATION_PROJECTS, project_patch, "projects"),
        WRITE(CORE, DELETE, "_apis/projects/{project}", LOCATION_PROJECTS, project_remove, "projects"),
        WRITE(CORE, GET, "_apis/operations/{operationId}", LOCATION_OPERATIONS, operation_get, "operations"),
        READ(CORE, "_apis/process/processes/{processId?}", LOCATION_PROCESSES, processes_list, "process/processes"),

        READ(CORE, "_apis/teams", LOCATION_ALL_TEAMS, teams_list_all, "teams"),
        READ(CORE, "_apis/projects/{project}/teams", LOCATION_TEAMS, teams_list, "projects/teams"),
        WRITE(CORE, POST, "_apis/projects/{project}/teams", LOCATION_TEAMS, team_post, "projects/teams"),
        READ(CORE, "_apis/projects/{project}/teams/{team}", LOCATION_TEAMS, team_get, "projects/teams"),
        WRITE(CORE, PATCH, "_apis/projects/{project}/teams/{team}", LOCATION_TEAMS, team_patch, "projects/teams"),
        WRITE(CORE, DELETE, "_apis/projects/{project}/teams/{team}", LOCATION_TEAMS, team_remove, "projects/teams"),
        READ(CORE, "_apis/projects/{project}/teams/{team}/members", LOCATION_TEAM_MEMBERS, team_members_list, "projects/teams/members"),
        READ(CORE, "{project}/{team}/_apis/work/teamsettings/teamfieldvalues", LOCATION_FIELD_VALUES, field_values_get, "work/teamfieldvalues"),
        WRITE(CORE, PATCH, "{project}/{team}/_apis/work/teamsettings/teamfieldvalues", LOCATION_FIELD_VALUES, field_values_set, "work/teamfieldvalues"),
        READ(CORE, "{project}/{team}/_apis/work/teamsettings", LOCATION_TEAM_SETTINGS, team_settings_get, "work/teamsettings"),
        WRITE(CORE, PATCH, "{project}/{team}/_apis/work/teamsettings", LOCATION_TEAM_SETTINGS, team_settings_set, "work/teamsettings"),
        READ(CORE, "{project}/{team}/_apis/dashboard/dashboards", LOCATION_DASHBOARDS, dashboards_list, "dashboard/dashboards"),
        READ(CORE, "{project}/_apis/dashboard/dashboards", LOCATION_DASHBOARDS, dashboards_list, "dashboard/dashboards"),
        WRITE(CORE, POST, "{project}/{team}/_apis/dashboard/dashboards", LOCATION_DASHBOARDS, dashboard_post, "dashboard/dashboards"),
        WRITE(CORE, POST, "{project}/_apis/dashboard/dashboards", LOCATION_DASHBOARDS, dashboard_post, "dashboard/dashboards"),
        READ(CORE, "{project}/{team}/_apis/dashboard/dashboards/{id}", LOCATION_DASHBOARDS, dashboard_get, "dashboard/dashboards"),
        READ(CORE, "{project}/_apis/dashboard/dashboards/{id}", LOCATION_DASHBOARDS, dashboard_get, "dashboard/dashboards"),
        WRITE(CORE, DELETE, "{project}/{team}/_apis/dashboard/dashboards/{id}", LOCATION_DASHBOARDS, dashboard_remove, "dashboard/dashboards"),
        WRITE(CORE, DELETE, "{project}/_apis/dashboard/dashboards/{id}", LOCATION_DASHBOARDS, dashboard_remove, "dashboard/dashboards"),
        READ(CORE, "{project}/_apis/work/plans", LOCATION_PLANS, plans_list, "work/plans"),
        WRITE(CORE, POST, "{project}/_apis/work/plans", LOCATION_PLANS, plan_post, "work/plans"),
        READ(CORE, "{project}/_apis/work/plans/{id}", LOCATION_PLANS, plan_get, "work/plans"),
        WRITE(CORE, DELETE, "{project}/_apis/work/plans/{id}", LOCATION_PLANS, plan_remove, "work/plans"),
        READ(CORE, "{project}/_apis/release/folders/{*path}", LOCATION_RELEASE_FOLDERS, release_folders_list, "release/folders"),
        READ(CORE, "{project}/_apis/release/definitions", LOCATION_RELEASES, releases_list, "release/definitions"),

        READ(CORE, "{project}/_apis/wit/classificationnodes", LOCATION_NODE_ROOTS, nodes_list, "wit/classificationnodes"),
        READ(CORE, "{project}/_apis/wit/classificationnodes/{structure}/{*path}", LOCATION_NODES, node_get, "wit/classificationnodes"),
        WRITE(CORE, POST, "{project}/_apis/wit/classificationnodes/{structure}/{*path}", LOCATION_NODES, node_post, "wit/classificationnodes"),
        WRITE(CORE, PATCH, "{project}/_apis/wit/classificationnodes/{structure}/{*path}", LOCATION_NODES, node_patch, "wit/classificationnodes"),
        WRITE(CORE, DELETE, "{project}/_apis/wit/classificationnodes/{structure}/{*path}", LOCATION_NODES, node_remove, "wit/classificationnodes"),

        READ(CORE, "{project}/_apis/wit/queries", LOCATION_QUERIES, queries_list, "wit/queries"),
        READ(CORE, "{project}/_apis/wit/queries/{*query}", LOCATION_QUERIES, query_get, "wit/queries"),
        WRITE(CORE, POST, "{project}/_apis/wit/queries/{*query}", LOCATION_QUERIES, query_post, "wit/queries"),
        WRITE(CORE, PATCH, "{project}/_apis/wit/queries/{*query}", LOCATION_QUERIES, query_patch, "wit/queries"),
        WRITE(CORE, DELETE, "{project}/_apis/wit/queries/{*query}", LOCATION_QUERIES, query_remove, "wit/queries"),

        READ(CORE, "{project}/_apis/git/repositories", LOCATION_REPOSITORIES, repositories_list, "git/repositories"),
        READ(CORE, "_apis/git/repositories", LOCATION_REPOSITORIES, repositories_list, "git/repositories"),
        WRITE(CORE, POST, "{project}/_apis/git/repositories", LOCATION_REPOSITORIES, repository_post, "git/repositories"),
        WRITE(CORE, POST, "_apis/git/repositories", LOCATION_REPOSITORIES, repository_post, "git/repositories"),
        READ(CORE, "{project}/_apis/git/repositories/{repository}", LOCATION_REPOSITORIES, repository_get, "git/repositories"),
        READ(CORE, "_apis/git/repositories/{repository}", LOCATION_REPOSITORIES, repository_get, "git/repositories"),
        WRITE(CORE, PATCH, "{project}/_apis/git/repositories/{repository}", LOCATION_REPOSITORIES, repository_patch, "git/repositories"),
        WRITE(CORE, PATCH, "_apis/git/repositories/{repository}", LOCATION_REPOSITORIES, repository_patch, "git/repositories"),
        WRITE(CORE, DELETE, "{project}/_apis/git/repositories/{repository}", LOCATION_REPOSITORIES, repository_remove, "git/repositories"),
        WRITE(CORE, DELETE, "_apis/git/repositories/{repository}", LOCATION_REPOSITORIES, repository_remove, "git/repositories"),
        READ(CORE, "{project}/_apis/git/recycleBin/repositories", LOCATION_RECYCLED, recycled_list, "git/recycleBin"),
        WRITE(CORE, PATCH, "{project}/_apis/git/recycleBin/repositories/{repository}", LOCATION_RECYCLED, recycled_patch, "git/recycleBin"),
        WRITE(CORE, DELETE, "{project}/_apis/git/recycleBin/repositories/{repository}", LOCATION_RECYCLED, recycled_remove, "git/recycleBin"),
        READ(CORE, "{project}/_apis/git/repositories/{repository}/refs/{*filter}", LOCATION_REFS, refs_list, "git/refs"),
        WRITE(CORE, POST, "{project}/_apis/git/repositories/{repository}/refs", LOCATION_REFS, refs_post, "git/refs"),
        READ(CORE, "_apis/git/repositories/{repository}/refs/{*filter}", LOCATION_REFS, refs_list, "git/refs"),
        WRITE(CORE, POST, "_apis/git/repositories/{repository}/refs", LOCATION_REFS, refs_post, "git/refs"),

        READ(CORE, "{project}/_apis/build/folders/{*path}", LOCATION_FOLDERS, folders_list, "build/folders"),
        WRITE(CORE, PUT, "{project}/_apis/build/folders/{*path}", LOCATION_FOLDERS, folder_put, "build/folders"),
        WRITE(CORE, POST, "{project}/_apis/build/folders/{*path}", LOCATION_FOLDERS, folder_post, "build/folders"),
        WRITE(CORE, DELETE, "{project}/_apis/build/folders/{*path}", LOCATION_FOLDERS, folder_remove, "build/folders"),
        READ(CORE, "{project}/_apis/build/definitions", LOCATION_DEFINITIONS, definitions_list, "build/definitions"),
        WRITE(CORE, POST, "{project}/_apis/build/definitions", LOCATION_DEFINITIONS, definition_post, "build/definitions"),
        READ(CORE, "{project}/_apis/build/definitions/{definitionId}", LOCATION_DEFINITIONS, definition_get, "build/definitions"),
        WRITE(CORE, PUT, "{project}/_apis/build/definitions/{definitionId}", LOCATION_DEFINITIONS, definition_put, "build/definitions"),
        WRITE(CORE, DELETE, "{project}/_apis/build/definitions/{definitionId}", LOCATION_DEFINITIONS, definition_remove, "build/definitions"),

        READ(CORE, "{project}/_apis/serviceendpoint/endpoints", LOCATION_ENDPOINTS, endpoints_list, "serviceendpoint/endpoints"),
        WRITE(CORE, POST, "{project}/_apis/serviceendpoint/endpoints", LOCATION_ENDPOINTS, endpoint_post, "serviceendpoint/endpoints"),
        WRITE(CORE, POST, "_apis/serviceendpoint/endpoints", LOCATION_ALL_ENDPOINTS, endpoint_post, "serviceendpoint/endpoints"),
        READ(CORE, "{project}/_apis/serviceendpoint/endpoints/{endpointId}", LOCATION_ENDPOINTS, endpoint_get, "serviceendpoint/endpoints"),
        WRITE(CORE, PUT, "_apis/serviceendpoint/endpoints/{endpointId}", LOCATION_ALL_ENDPOINTS, endpoint_put, "serviceendpoint/endpoints"),
        WRITE(CORE, PATCH, "_apis/serviceendpoint/endpoints/{endpointId}", LOCATION_ALL_ENDPOINTS, endpoint_share_patch, "serviceendpoint/endpoints"),
        WRITE(CORE, DELETE, "_apis/serviceendpoint/endpoints/{endpointId}", LOCATION_ALL_ENDPOINTS, endpoint_remove, "serviceendpoint/endpoints"),
        WRITE(CORE, DELETE, "{project}/_apis/serviceendpoint/endpoints/{endpointId}", LOCATION_ENDPOINTS, endpoint_remove, "serviceendpoint/endpoints"),

        READ(CORE, "{project}/_apis/distributedtask/queues", LOCATION_QUEUES, queues_list, "distributedtask/queues"),
        WRITE(CORE, POST, "{project}/_apis/distributedtask/queues", LOCATION_QUEUES, queue_post, "distributedtask/queues"),
        READ(CORE, "{project}/_apis/distributedtask/queues/{resource}", LOCATION_QUEUES, queue_get, "distributedtask/queues"),
        WRITE(CORE, DELETE, "{project}/_apis/distributedtask/queues/{resource}", LOCATION_QUEUES, queue_remove, "distributedtask/queues"),
        READ(CORE, "_apis/distributedtask/pools", LOCATION_POOLS, pools_list, "distributedtask/pools"),
        WRITE(CORE, POST, "_apis/distributedtask/pools", LOCATION_POOLS, pool_post, "distributedtask/pools"),
        READ(CORE, "_apis/distributedtask/pools/{pool}", LOCATION_POOLS, pool_get, "distributedtask/pools"),
        WRITE(CORE, PATCH, "_apis/distributedtask/pools/{pool}", LOCATION_POOLS, pool_patch, "distributedtask/pools"),
        WRITE(CORE, DELETE, "_apis/distributedtask/pools/{pool}", LOCATION_POOLS, pool_remove, "distributedtask/pools"),
        READ(CORE, "{project}/_apis/distributedtask/variablegroups", LOCATION_VARIABLE_GROUPS, variable_groups_list, "distributedtask/variablegroups"),
        WRITE(CORE, POST, "{project}/_apis/distributedtask/variablegroups", LOCATION_VARIABLE_GROUPS, variable_group_post, "distributedtask/variablegroups"),
        READ(CORE, "{project}/_apis/distributedtask/variablegroups/{resource}", LOCATION_VARIABLE_GROUPS, variable_group_get, "distributedtask/variablegroups"),
        WRITE(CORE, PUT, "{project}/_apis/distributedtask/variablegroups/{resource}", LOCATION_VARIABLE_GROUPS, variable_group_put, "distributedtask/variablegroups"),
        WRITE(CORE, DELETE, "{project}/_apis/distributedtask/variablegroups/{resource}", LOCATION_VARIABLE_GROUPS, variable_group_remove, "distributedtask/variablegroups"),
        WRITE(CORE, POST, "_apis/distributedtask/variablegroups", LOCATION_ALL_VARIABLE_GROUPS, variable_group_post, "distributedtask/variablegroups"),
        WRITE(CORE, PUT, "_apis/distributedtask/variablegroups/{resource}", LOCATION_ALL_VARIABLE_GROUPS, variable_group_put, "distributedtask/variablegroups"),
        WRITE(CORE, DELETE, "_apis/distributedtask/variablegroups/{resource}", LOCATION_ALL_VARIABLE_GROUPS, variable_group_remove, "distributedtask/variablegroups"),
        READ(CORE, "{project}/_apis/distributedtask/securefiles", LOCATION_SECURE_FILES, secure_files_list, "distributedtask/securefiles"),
        WRITE(CORE, POST, "{project}/_apis/distributedtask/securefiles", LOCATION_SECURE_FILES, secure_file_post, "distributedtask/securefiles"),
        READ(CORE, "{project}/_apis/distributedtask/securefiles/{resource}", LOCATION_SECURE_FILES, secure_file_get, "distributedtask/securefiles"),
        WRITE(CORE, PATCH, "{project}/_apis/distributedtask/securefiles/{resource}", LOCATION_SECURE_FILES, secure_file_patch, "distributedtask/securefiles"),
        WRITE(CORE, DELETE, "{project}/_apis/distributedtask/securefiles/{resource}", LOCATION_SECURE_FILES, secure_file_remove, "distributedtask/securefiles"),
        READ(CORE, "_apis/securityroles/scopes/{scopeId}/roledefinitions", LOCATION_ROLE_DEFINITIONS, role_definitions_get, "roledefinitions"),
        READ(CORE, "_apis/securityroles/scopes/{scopeId}/roleassignments/resources/{resourceId}", LOCATION_ROLE_ASSIGNMENTS, role_assignments_get, "roleassignments"),
        WRITE(CORE, PUT, "_apis/securityroles/scopes/{scopeId}/roleassignments/resources/{resourceId}", LOCATION_ROLE_ASSIGNMENTS, role_assignments_put, "roleassignments"),
        WRITE(CORE, PATCH, "_apis/securityroles/scopes/{scopeId}/roleassignments/resources/{resourceId}", LOCATION_ROLE_ASSIGNMENTS, role_assignments_patch, "roleassignments"),
        WRITE(CORE, PUT, "_apis/securityroles/scopes/{scopeId}/roleassignments/resources/{resourceId}/{identityId}", LOCATION_ROLE_ASSIGNMENTS, role_assignment_put, "roleassignments"),
        WRITE(CORE, DELETE, "_apis/securityroles/scopes/{scopeId}/roleassignments/resources/{resourceId}/{identityId}", LOCATION_ROLE_ASSIGNMENTS, role_assignment_remove, "roleassignments"),
        READ(CORE, "{project}/_apis/pipelines/pipelinepermissions/{resourceType}/{resourceId}", LOCATION_PIPELINE_PERMISSIONS, pipeline_permissions_get, "pipelinepermissions"),
        WRITE(CORE, PATCH, "{project}/_apis/pipelines/pipelinepermissions/{resourceType}/{resourceId}", LOCATION_PIPELINE_PERMISSIONS, pipeline_permissions_patch, "pipelinepermissions"),
        WRITE(CORE, PATCH, "{project}/_apis/pipelines/pipelinepermissions", LOCATION_PIPELINE_PERMISSIONS, pipeline_permissions_patch_all, "pipelinepermissions"),
        READ(CORE, "{project}/_apis/build/authorizedresources", LOCATION_AUTHORIZED_RESOURCES, authorized_resources_get, "build/authorizedresources"),
        WRITE(CORE, PATCH, "{project}/_apis/build/authorizedresources", LOCATION_AUTHORIZED_RESOURCES, authorized_resources_patch, "build/authorizedresources"),
        READ(CORE, "{project}/_apis/pipelines/environments", LOCATION_ENVIRONMENTS, environments_list, "pipelines/environments"),
        WRITE(CORE, POST, "{project}/_apis/pipelines/environments", LOCATION_ENVIRONMENTS, environment_post, "pipelines/environments"),
        READ(CORE, "{project}/_apis/pipelines/environments/{resource}", LOCATION_ENVIRONMENTS, environment_get, "pipelines/environments"),
        WRITE(CORE, PATCH, "{project}/_apis/pipelines/environments/{resource}", LOCATION_ENVIRONMENTS, environment_patch, "pipelines/environments"),
        WRITE(CORE, DELETE, "{project}/_apis/pipelines/environments/{resource}", LOCATION_ENVIRONMENTS, environment_remove, "pipelines/environments"),
        READ(CORE, "{project}/_apis/distributedtask/environments", LOCATION_OLD_ENVIRONMENTS, environments_list, "pipelines/environments"),
        WRITE(CORE, POST, "{project}/_apis/distributedtask/environments", LOCATION_OLD_ENVIRONMENTS, environment_post, "pipelines/environments"),
        READ(CORE, "{project}/_apis/distributedtask/environments/{resource}", LOCATION_OLD_ENVIRONMENTS, environment_get, "pipelines/environments"),
        WRITE(CORE, PATCH, "{project}/_apis/distributedtask/environments/{resource}", LOCATION_OLD_ENVIRONMENTS, environment_patch, "pipelines/environments"),
        WRITE(CORE, DELETE, "{project}/_apis/distributedtask/environments/{resource}", LOCATION_OLD_ENVIRONMENTS, environment_remove, "pipelines/environments"),

        READ(GRAPH, "_apis/graph/groups", LOCATION_GRAPH_GROUPS, graph_groups_list, "graph/groups"),
        WRITE(GRAPH, POST, "_apis/graph/groups", LOCATION_GRAPH_GROUPS, graph_group_create, "graph/groups"),
        READ(GRAPH, "_apis/graph/groups/{descriptor}", LOCATION_GRAPH_GROUPS, graph_group_get, "graph/groups"),
        WRITE(GRAPH, PATCH, "_apis/graph/groups/{descriptor}", LOCATION_GRAPH_GROUPS, graph_group_update, "graph/groups"),
        WRITE(GRAPH, DELETE, "_apis/graph/groups/{descriptor}", LOCATION_GRAPH_GROUPS, graph_group_delete, "graph/groups"),
        READ(GRAPH, "_apis/graph/users", LOCATION_GRAPH_USERS, graph_users_list, "graph/users"),
        WRITE(GRAPH, POST, "_apis/graph/users", LOCATION_GRAPH_USERS, graph_user_create, "graph/users"),
        READ(GRAPH, "_apis/graph/users/{descriptor}", LOCATION_GRAPH_USERS, graph_person_get, "graph/users"),
        WRITE(GRAPH, DELETE, "_apis/graph/users/{descriptor}", LOCATION_GRAPH_USERS, graph_person_delete, "graph/users"),
        READ(GRAPH, "_apis/graph/serviceprincipals", LOCATION_GRAPH_PRINCIPALS, graph_principals_list, "graph/serviceprincipals"),
        WRITE(GRAPH, POST, "_apis/graph/serviceprincipals", LOCATION_GRAPH_PRINCIPALS, graph_principal_create, "graph/serviceprincipals"),
        READ(GRAPH, "_apis/graph/serviceprincipals/{descriptor}", LOCATION_GRAPH_PRINCIPALS, graph_person_get, "graph/serviceprincipals"),
        WRITE(GRAPH, DELETE, "_apis/graph/serviceprincipals/{descriptor}", LOCATION_GRAPH_PRINCIPALS, graph_person_delete, "graph/serviceprincipals"),
        READ(GRAPH, "_apis/graph/memberships/{subject}", LOCATION_GRAPH_MEMBERSHIPS, graph_memberships_list, "graph/memberships"),
        READ(GRAPH, "_apis/graph/memberships/{subject}/{container}", LOCATION_GRAPH_MEMBERSHIP, graph_membership_get, "graph/memberships"),
        WRITE(GRAPH, PUT, "_apis/graph/memberships/{subject}/{container}", LOCATION_GRAPH_MEMBERSHIP, graph_membership_put, "graph/memberships"),
        WRITE(GRAPH, DELETE, "_apis/graph/memberships/{subject}/{container}", LOCATION_GRAPH_MEMBERSHIP, graph_membership_delete, "graph/memberships"),
        READ(GRAPH, "_apis/graph/membershipstates/{descriptor}", LOCATION_GRAPH_STATES, graph_state_get, "graph/membershipstates"),
        ASK(GRAPH, "_apis/graph/subjectlookup", LOCATION_GRAPH_LOOKUP, graph_subjects_lookup, "graph/subjectlookup"),
        ASK(GRAPH, "_apis/graph/subjectquery", LOCATION_GRAPH_QUERY, graph_subjects_query, "graph/subjectquery"),
        READ(GRAPH, "_apis/graph/storagekeys/{descriptor}", LOCATION_GRAPH_KEYS, graph_storage_key_get, "graph/storagekeys"),
        READ(GRAPH, "_apis/graph/descriptors/{storageKey}", LOCATION_GRAPH_DESCRIPTORS, graph_descriptor_get, "graph/descriptors"),

        READ(GRAPH, "_apis/identities", LOCATION_IDENTITIES, identities_find, "identities"),
        READ(GRAPH, "_apis/identities/scopes/{scopeId?}", LOCATION_IDENTITY_SCOPES, identity_scope_get, "identities/scopes"),
        READ(GRAPH, "_apis/groups", LOCATION_IDENTITY_GROUPS, identity_groups_list, "groups"),
        READ(GRAPH, "_apis/identities/{identityId}", LOCATION_IDENTITIES, identity_get, "identities"),
        ASK(GRAPH, "_apis/identitybatch", LOCATION_IDENTITY_BATCH, identities_batch, "identitybatch"),
        READ(GRAPH, "_apis/identities/{containerId}/members", LOCATION_IDENTITY_MEMBERS, identity_members_list, "identities/members"),
        WRITE(GRAPH, PUT, "_apis/identities/{containerId}/members/{memberId}", LOCATION_IDENTITY_MEMBERS, identity_member_put, "identities/members"),
        WRITE(GRAPH, DELETE, "_apis/identities/{containerId}/members/{memberId}", LOCATION_IDENTITY_MEMBERS, identity_member_delete, "identities/members"),

        READ(AUDIT, "_apis/audit/auditlog", LOCATION_AUDIT_LOG, audit_log_get, "audit/auditlog"),

        {SERVICE_CORE, METHOD_OPTIONS, "_apis/{area?}", NULL, ROUTE_READ, locations_get, "options"},
        {SERVICE_GRAPH, METHOD_OPTIONS, "_apis/{area?}", NULL, ROUTE_READ, locations_get, "options"},
        {SERVICE_AUDIT, METHOD_OPTIONS, "_apis/{area?}", NULL, ROUTE_READ, locations_get, "options"},
};

#define L(service, id, area, resource, pattern, version, minimum, maximum, released) \
        {SERVICE_##service, id, area, resource, pattern, version, minimum, maximum, released},
static const Location LOCATIONS[] = {
#include "tests/simulator/locations.inc"
};
#undef L
/* clang-format on */

enum {
        N_ROUTES = sizeof(ROUTES) / sizeof(ROUTES[0]),
        N_LOCATIONS = sizeof(LOCATIONS) / sizeof(LOCATIONS[0]),
};

const Route *route_table(size_t *n_routesp) {
        *n_routesp = N_ROUTES;
        return ROUTES;
}

const Location *location_table(size_t *n_locationsp) {
        *n_locationsp = N_LOCATIONS;
        return LOCATIONS;
}

const Location *location_find(Service service, const char *id) {
        for (size_t i = 0; i < N_LOCATIONS; i++) {
                if (LOCATIONS[i].service == service && strcasecmp(LOCATIONS[i].id, id) == 0)
                        return &LOCATIONS[i];
        }
        return NULL;
}

/* Matching. */

static void set_parameter(Request *request, const char *part, size_t length, const char *value) {
        if (request->n_parameters < ROUTE_PARAMETERS_MAX)
                request->parameters[request->n_parameters++] =
                        (Header){arena_copy_length(&request->arena, part, length), value};
}

static const char *join_segments(Request *request, size_t from) {
        const char *joined = "";

        for (size_t i = from; i < request->n_segments; i++)
                joined = arena_print(&request->arena, "%s%s%s", joined, i > from ? "/" : "", request->segments[i]);
        return joined;
}

/* One part of a pattern against the segment at *atp. */
static bool match_part(Request *request, const char *part, size_t length, size_t *atp) {
        const char *segment = *atp < request->n_segments ? request->segments[*atp] : NULL;
        bool optional = length > 2 && part[length - 2] == '?';

        if (part[0] != '{') {
                ++*atp;
                return segment && strlen(segment) == length && strncasecmp(segment, part, length) == 0;
        }
        if (part[1] == '*') {
                set_parameter(request, part + 2, length - 3, join_segments(request, *atp));
                *atp = request->n_segments;
                return true;
        }
        if (!segment)
                return optional;
        set_parameter(request, part + 1, length - 2 - optional, segment);
        ++*atp;
        return strcasecmp(segment, "_apis") != 0;
}

static bool route_matches(const Route *route, Request *request) {
        const char *part = route->pattern;
        size_t at = 0;

        request->n_parameters = 0;
        while (*part) {
                size_t length = strcspn(part, "/");

                if (!match_part(request, part, length, &at))
                        return false;
                part += length;
                part += *part == '/';
        }
        return at == request->n_segments;
}

static bool service_matches(const World *world, const Route *route, const Request *request) {
        return route->service == request->service || (world_is_server(world) && request->service == SERVICE_CORE);
}

static const Route *find_route(const World *world, Request *request) {
        int method = request->method == METHOD_HEAD ? METHOD_GET : (int)request->method;

        for (size_t i = 0; i < N_ROUTES; i++) {
                const Route *route = &ROUTES[i];

                if (((int)route->methods & method) && service_matches(world, route, request) &&
                    !(world_is_server(world) && strncmp(route->name, "graph/", 6) == 0) &&
                    route_matches(route, request))
                        return route;
        }
        request->n_parameters = 0;
        return NULL;
}

/* Versions (facts §1.5). */

static bool parse_version(const char *text, ApiVersion *version) {
        char *end;

        version->major = (int)strtol(text, &end, 10);
        if (end == text)
                return false;
        if (*end == '.') {
                text = end + 1;
                version->minor = (int)strtol(text, &end, 10);
                if (end == text)
                        return false;
        }
        version->preview = strncasecmp(end, "-preview", strlen("-preview")) == 0;
        if (version->preview) {
                end += strlen("-preview");
                if (*end == '.')
                        version->revision = (int)strtol(end + 1, &end, 10);
        }
        version->given = *end == '\0' || *end == ' ' || *end == ';' || *end == ',';
        return version->given;
}

static int version_number(const char *text) {
        ApiVersion version = {0};

        parse_version(text, &version);
        return version.major * 100 + version.minor;
}

/* Also reads noArrayWrap. 0, or -1: something is there that is no version. */
static int read_version(Request *request) {
        const char *accept = request_header(request, "Accept");
        const char *given = request_query(request, "api-version");

        request->bare_arrays = accept && strcasestr(accept, "noArrayWrap=true");
        if (!given && accept && (given = strcasestr(accept, "api-version=")))
                given += strlen("api-version=");
        if (!given)
                return 0;
        return parse_version(given, &request->version) ? 0 : -1;
}

/* The latest version that is served: Azure DevOps Server 2022 is behind the service. */
static const char *maximum_of(const World *world, const Location *location) {
        return world_is_server(world) && version_number(location->maximum) > version_number(SERVER_VERSION)
                       ? SERVER_VERSION
                       : location->maximum;
}

static bool version_refused(Request *request, Response *response, const Route *route) {
        const Location *location = route->location ? location_find(route->service, route->location) : NULL;
        ApiVersion *version = &request->version;
        int number = version->major * 100 + version->minor;
        const char *maximum;

        if (!location)
                return false;
        maximum = maximum_of(request->organization->world, location);
        if (!version->given) {
                if (request->method == METHOD_GET || request->method == METHOD_HEAD)
                        return false;
                answer_error(response, ERROR_VERSION_NOT_SPECIFIED,
                             "No api-version was supplied for the \"%s\" request. The version must be supplied either "
                             "as part of the Accept header (e.g. \"application/json; api-version=1.0\") or as a query "
                             "parameter (e.g. \"?api-version=1.0\").",
                             request->method_name);
                return true;
        }
        if (number > version_number(maximum)) {
                answer_error(response, ERROR_VERSION_OUT_OF_RANGE,
                             "The requested REST API version of %d.%d is out of range for this server. The latest REST "
                             "API version this server supports is %s.",
                             version->major, version->minor, maximum);
                return true;
        }
        if (!version->preview && number > version_number(location->released)) {
                answer_error(response, ERROR_INVALID_PREVIEW_VERSION,
                             "The requested version \"%d.%d\" of the resource is under preview. The -preview flag must "
                             "be supplied in the api-version for such requests. For example: \"%d.%d-preview\"",
                             version->major, version->minor, version->major, version->minor);
                return true;
        }
        if (version->preview && version->revision == 0)
                version->revision = location->resource_version;
        return false;
}

/* Authentication. */

/* The principal that a token was given to, in the organisation that is asked. */
static Identity *find_bearer(World *world, Request *request, const char *text) {
        const EntraToken *token = entra_find_token(world, text);

        if (!token)
                return NULL;
        request->token_ended = world->now >= token->ends;
        if (request->token_ended)
                return NULL;
        return directory_find_application(request->organization, token->application_id);
}

static const char *credential_of(Request *request) {
        const char *authorization = request_header(request, "Authorization");
        const char *plain, *colon;

        if (!authorization)
                return NULL;
        if (strncasecmp(authorization, "Bearer ", 7) == 0)
                return authorization + 7;
        if (strncasecmp(authorization, "Basic ", 6) != 0)
                return NULL;
        plain = base64_decode(&request->arena, authorization + 6);
        colon = plain ? strchr(plain, ':') : NULL;
        return colon ? colon + 1 : NULL;
}

static void answer_no_organization(Response *response) {
        static const char PAGE[] = "<!DOCTYPE html><html><head><title>The resource cannot be found.</title></head>"
                                   "<body><h1>404 - Page not found</h1></body></html>";

        response->status = 404;
        response_body(response, "text/html; charset=utf-8", strdup(PAGE), sizeof(PAGE) - 1);
}

/* Who asks which organisation, before any answer: fault rules and the log want to know. */
static void identify(World *world, Request *request) {
        const char *credential = credential_of(request);

        request->organization = world_find_organization(world, request->organization_name);
        if (request->organization && credential)
                request->caller = directory_find_pat(request->organization, credential);
        if (request->organization && credential && !request->caller)
                request->caller = find_bearer(world, request, credential);
}

static bool authenticate(const Request *request, Response *response) {
        if (!request->organization) {
                answer_no_organization(response);
                return false;
        }
        if (request->caller)
                return true;
        if (!request->token_ended)
                answer_unauthorized(response);
        else if (request->method == METHOD_GET || request->method == METHOD_POST)
                answer_sign_in(response, 203);
        else
                answer_error(response, ERROR_UNAUTHORIZED,
                             "TF400813: The user 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa' is not authorized to access "
                             "this resource.");
        return false;
}

/* Things named by the path. */

static void answer_no_project(Response *response, const char *name) {
        answer_error(response, ERROR_PROJECT_NOT_FOUND,
                     "TF200016: The following project does not exist: %s. Verify that the name of the project is "
                     "correct and that the project exists on the specified Azure DevOps Server.",
                     name);
}

/* What lies below a project is there when the project is well-formed (facts §6.1). */
static bool project_shows(const Request *request, const Route *route, const Project *project) {
        const Project *then = row_at(project, request->as_of);

        return (then->state == PROJECT_WELL_FORMED || strcmp(route->name, "projects") == 0) &&
               guard_sees_project(request, project);
}

static bool find_project(Request *request, Response *response, const Route *route, const char *name) {
        Project *project;

        operations_advance(request->organization);
        project = organization_find_project(request->organization, name, request->as_of);
        if (!project && request_query_true(request, "includeHistory"))
                project = organization_find_former_project(request->organization, name, request->as_of);
        if (!project || !project_shows(request, route, project)) {
                answer_no_project(response, name);
                return false;
        }
        request->project = project;
        return true;
}

static bool find_things(Request *request, Response *response, const Route *route) {
        const char *project = request_parameter(request, "project");
        const char *team = request_parameter(request, "team");

        if (project && !find_project(request, response, route, project))
                return false;
        if (!team)
                return true;
        request->team = project_find_team(request->project, team, request->as_of);
        if (!request->team)
                answer_error(response, ERROR_TEAM_NOT_FOUND,
                             "The team with id '%s' does not exist, or you do not have permission to access it.", team);
        return request->team != NULL;
}

/* Answering. */

static int64_t monotonic_ms(void) {
        struct timespec clock;

        clock_gettime(CLOCK_MONOTONIC, &clock);
        return (int64_t)clock.tv_sec * MILLISECONDS_PER_SECOND + clock.tv_nsec / NANOSECONDS_PER_MILLISECOND;
}

/* As the audit log says how somebody came. */
static const char *mechanism_of(Request *request) {
        const Identity *caller = request->caller;

        if (!caller->pat || !text_same(credential_of(request), caller->pat))
                return "OAuth";
        return arena_print(&request->arena, "PAT authorizationId: %s", caller->origin_id);
}

static void dispatch(World *world, Request *request, Response *response, const Route *route, FaultAction action) {
        if (!authenticate(request, response))
                return;
        if (!route) {
                answer_no_controller(request, response);
                return;
        }
        if (version_refused(request, response, route) || !find_things(request, response, route))
                return;
        if (action == FAULT_REHEARSE) {
                rehearsal_run(world, request, response, route->handler);
                return;
        }
        audit_begin(world, request->organization,
                    &(AuditActor){.identity = request->caller,
                                  .address = "127.0.0.1",
                                  .client = request_header(request, "User-Agent"),
                                  .mechanism = mechanism_of(request)});
        route->handler(world, request, response);
}

static bool has_header(const Response *response, const char *name) {
        for (size_t i = 0; i < response->n_headers; i++) {
                if (strcasecmp(response->headers[i].name, name) == 0)
                        return true;
        }
        return false;
}

static void add_service_headers(World *world, Request *request, Response *response) {
        const char *activity = random_guid(&world->noise, &response->arena);
        const char *session = request_header(request, "X-TFS-Session");
        const Identity *caller = request->caller;

        audit_end(world, activity);
        response_header(response, "ActivityId", activity);
        response_header(response, "X-VSS-E2EID", activity);
        response_header(response, "X-TFS-Session",
                        guid_is(session) ? session : random_guid(&world->noise, &response->arena));
        if (!has_header(response, "X-TFS-ProcessId")) /* a fault may have chosen the tier */
                response_header(response, "X-TFS-ProcessId",
                                arena_print(&response->arena, "%08x-0000-4000-8000-%012x",
                                            (unsigned)(random_next(&world->noise) % N_TIERS) + 1, world->port));
        response_header(response, "Cache-Control", "no-cache");
        if (caller)
                response_header(response, "X-VSS-UserData",
                                arena_print(&response->arena, "%s:%s", caller->storage_key,
                                            caller->unique_name ? caller->unique_name : caller->name));
}

static void log_request(World *world, Request *request, const Response *response, const Route *route) {
        const Header *headers = response->headers;
        RequestLogRow row = {
                .time = world->now,
                .duration_ms = monotonic_ms() - request->started,
                .service = request->service,
                .method = request->method_name,
                .url = request->url,
                .route = route ? route->name : NULL,
                .organization = request->organization ? request->organization->name : NULL,
                .caller = request->caller,
                .status = response->status,
                .request_bytes = request->body_size,
                .response_bytes = response->body_size,
                .delay_ms = response->transport.delay_ms,
                .answered = !response->transport.reset,
                .fault = response->fault,
                .kind = route ? route->kind : ROUTE_READ,
                .body = request->body,
        };

        for (size_t i = 0; i < response->n_headers; i++) {
                if (strcasecmp(headers[i].name, "Retry-After") == 0)
                        row.retry_after = headers[i].value;
                if (strcasecmp(headers[i].name, "ActivityId") == 0)
                        row.activity = headers[i].value;
        }
        control_log(world, &row);
}

/* Others go on meanwhile. */
static void wait_if_late(World *world, const Request *request, const Route *route) {
        int64_t ms = fault_lateness(world, request, route);
        struct timespec time = {.tv_sec = ms / MILLISECONDS_PER_SECOND,
                                .tv_nsec = ms % MILLISECONDS_PER_SECOND * NANOSECONDS_PER_MILLISECOND};

        if (ms == 0)
                return;
        pthread_mutex_unlock(&world->lock);
        nanosleep(&time, NULL);
        pthread_mutex_lock(&world->lock);
        world_tick(world);
}

static void answer_service(World *world, Request *request, Response *response) {
        const Route *route = find_route(world, request);
        bool version_bad = read_version(request) < 0;
        FaultAction action;

        identify(world, request);
        wait_if_late(world, request, route);
        request->as_of = world->now;
        if (route && route->kind == ROUTE_READ)
                request->as_of -= world->options.stale_ms;
        action = fault_before(world, request, route, response);
        if (action != FAULT_ANSWERED && strlen(request->url) > (size_t)world->options.max_url)
                answer_no_organization(response);
        else if (action != FAULT_ANSWERED && version_bad)
                answer_error(response, ERROR_INVALID_VERSION, "The api-version is not valid.");
        else if (action != FAULT_ANSWERED)
                dispatch(world, request, response, route, action);
        add_service_headers(world, request, response);
        if (action != FAULT_ANSWERED)
                fault_after(world, request, route, response);
        world_tick(world);
        log_request(world, request, response, route);
}

/* A collection of a server is the second segment: the first is the virtual directory. */
static void enter_virtual_directory(const World *world, Request *request) {
        const char *first = request->organization_name;

        if (!world_is_server(world) || text_same(first, "_simulator"))
                return;
        request->organization_name = "";
        if (!text_same(first, world->virtual_directory) || request->n_segments == 0)
                return;
        request->organization_name = request->segments[0];
        request->segments++;
        request->n_segments--;
}

void route_answer(World *world, Request *request, Response *response) {
        pthread_mutex_lock(&world->lock);
        world_tick(world);
        enter_virtual_directory(world, request);
        if (request->service == SERVICE_CORE && text_same(request->organization_name, "_simulator"))
                control_handle(world, request, response);
        else if (!entra_answer(world, request, response))
                answer_service(world, request, response);
        pthread_mutex_unlock(&world->lock);
}

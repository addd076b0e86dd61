/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of the routes, by area of the service. */
#pragma once

#include "tests/simulator/route.h"

/* area_location.c */
RouteHandler connection_data_get;
RouteHandler resource_areas_get;
RouteHandler locations_get;

/* area_security.c */
RouteHandler namespaces_get;
RouteHandler acls_get;
RouteHandler acls_set;
RouteHandler acls_remove;
RouteHandler aces_set;
RouteHandler aces_remove;
RouteHandler permissions_has;
RouteHandler permissions_remove;
RouteHandler permissions_evaluate;

/* area_graph.c */
RouteHandler graph_groups_list;
RouteHandler graph_group_create;
RouteHandler graph_group_get;
RouteHandler graph_group_update;
RouteHandler graph_group_delete;
RouteHandler graph_users_list;
RouteHandler graph_user_create;
RouteHandler graph_principals_list;
RouteHandler graph_principal_create;
RouteHandler graph_person_get;
RouteHandler graph_person_delete;
RouteHandler graph_memberships_list;
RouteHandler graph_membership_get;
RouteHandler graph_membership_put;
RouteHandler graph_membership_delete;
RouteHandler graph_state_get;
RouteHandler graph_subjects_lookup;
RouteHandler graph_subjects_query;
RouteHandler graph_storage_key_get;
RouteHandler graph_descriptor_get;

/* area_identities.c */
RouteHandler identities_find;
RouteHandler identity_get;
RouteHandler identities_batch;
RouteHandler identity_scope_get;
RouteHandler identity_groups_list;
RouteHandler identity_members_list;
RouteHandler identity_member_put;
RouteHandler identity_member_delete;

/* area_projects.c */
RouteHandler projects_list;
RouteHandler project_post;
RouteHandler project_get;
RouteHandler project_patch;
RouteHandler project_remove;
RouteHandler operation_get;
RouteHandler processes_list;

/* area_teams.c */
RouteHandler teams_list;
RouteHandler teams_list_all;
RouteHandler team_post;
RouteHandler team_get;
RouteHandler team_patch;
RouteHandler team_remove;
RouteHandler team_members_list;
RouteHandler field_values_get;
RouteHandler field_values_set;
RouteHandler team_settings_get;
RouteHandler team_settings_set;

/* area_nodes.c */
RouteHandler nodes_list;
RouteHandler node_get;
RouteHandler node_post;
RouteHandler node_patch;
RouteHandler node_remove;

/* area_queries.c */
RouteHandler queries_list;
RouteHandler query_get;
RouteHandler query_post;
RouteHandler query_patch;
RouteHandler query_remove;

/* area_boards.c */
RouteHandler plans_list;
RouteHandler plan_get;
RouteHandler plan_post;
RouteHandler plan_remove;
RouteHandler dashboards_list;
RouteHandler dashboard_get;
RouteHandler dashboard_post;
RouteHandler dashboard_remove;

/* area_releases.c */
RouteHandler release_folders_list;
RouteHandler releases_list;

/* area_git.c */
RouteHandler repositories_list;
RouteHandler repository_post;
RouteHandler repository_get;
RouteHandler repository_patch;
RouteHandler repository_remove;
RouteHandler recycled_list;
RouteHandler recycled_patch;
RouteHandler recycled_remove;
RouteHandler refs_list;
RouteHandler refs_post;

/* area_build.c */
RouteHandler folders_list;
RouteHandler folder_put;
RouteHandler folder_post;
RouteHandler folder_remove;
RouteHandler definitions_list;
RouteHandler definition_post;
RouteHandler definition_get;
RouteHandler definition_put;
RouteHandler definition_remove;

/* area_endpoints.c */
RouteHandler endpoints_list;
RouteHandler endpoint_post;
RouteHandler endpoint_get;
RouteHandler endpoint_put;
RouteHandler endpoint_remove;
RouteHandler endpoint_share_patch;

/* area_pools.c */
RouteHandler pools_list;
RouteHandler pool_post;
RouteHandler pool_get;
RouteHandler pool_patch;
RouteHandler pool_remove;
RouteHandler queues_list;
RouteHandler queue_post;
RouteHandler queue_get;
RouteHandler queue_remove;

/* area_tasks.c */
RouteHandler variable_groups_list;
RouteHandler variable_group_post;
RouteHandler variable_group_get;
RouteHandler variable_group_put;
RouteHandler variable_group_remove;
RouteHandler secure_files_list;
RouteHandler secure_file_post;
RouteHandler secure_file_get;
RouteHandler secure_file_patch;
RouteHandler secure_file_remove;
RouteHandler environments_list;
RouteHandler environment_post;
RouteHandler environment_get;
RouteHandler environment_patch;
RouteHandler environment_remove;

/* area_audit.c */
RouteHandler audit_log_get;

/* area_roles.c */
RouteHandler role_definitions_get;
RouteHandler role_assignments_get;
RouteHandler role_assignments_put;
RouteHandler role_assignments_patch;
RouteHandler role_assignment_put;
RouteHandler role_assignment_remove;

/* area_pipeline_permissions.c */
RouteHandler pipeline_permissions_get;
RouteHandler pipeline_permissions_patch;
RouteHandler pipeline_permissions_patch_all;
RouteHandler authorized_resources_get;
RouteHandler authorized_resources_patch;

/* SPDX-License-Identifier: Apache-2.0 */
/* PermissionTable: the security namespaces of the service as it listed them on 1 April 2026 (facts
 * §3.2). */
#include "common/model/permission.h"

/* Displayed words without the blanks some of them end in. */

#define BYTES(value, shift) (uint8_t)((value) >> (shift))
#define GUID(a, b, c, d, e)                                                                      \
        {                                                                                        \
                {                                                                                \
                        BYTES(a, 24), BYTES(a, 16), BYTES(a, 8), BYTES(a, 0), BYTES(b, 8),       \
                                BYTES(b, 0), BYTES(c, 8), BYTES(c, 0), BYTES(d, 8), BYTES(d, 0), \
                                BYTES(e, 40), BYTES(e, 32), BYTES(e, 24), BYTES(e, 16),          \
                                BYTES(e, 8), BYTES(e, 0),                                        \
                }                                                                                \
        }
#define PERMISSIONS(rows) (rows), sizeof(rows) / sizeof(*(rows))

/* clang-format off: one row a line */
static const Permission project_rows[] = {
        {1, "GENERIC_READ", "View project-level information"},
        {2, "GENERIC_WRITE", "Edit project-level information"},
        {4, "DELETE", "Delete team project"},
        {8, "PUBLISH_TEST_RESULTS", "Create test runs"},
        {16, "ADMINISTER_BUILD", "Administer a build"},
        {32, "START_BUILD", "Start a build"},
        {64, "EDIT_BUILD_STATUS", "Edit build quality"},
        {128, "UPDATE_BUILD", "Write to build operational store"},
        {256, "DELETE_TEST_RESULTS", "Delete test runs"},
        {512, "VIEW_TEST_RESULTS", "View test runs"},
        {2048, "MANAGE_TEST_ENVIRONMENTS", "Manage test environments"},
        {4096, "MANAGE_TEST_CONFIGURATIONS", "Manage test configurations"},
        {8192, "WORK_ITEM_DELETE", "Delete and restore work items"},
        {16384, "WORK_ITEM_MOVE", "Move work items out of this project"},
        {32768, "WORK_ITEM_PERMANENTLY_DELETE", "Permanently delete work items"},
        {65536, "RENAME", "Rename team project"},
        {131072, "MANAGE_PROPERTIES", "Manage project properties"},
        {262144, "MANAGE_SYSTEM_PROPERTIES", "Manage system project properties"},
        {524288, "BYPASS_PROPERTY_CACHE", "Bypass project property cache"},
        {1048576, "BYPASS_RULES", "Bypass rules on work item updates"},
        {2097152, "SUPPRESS_NOTIFICATIONS", "Suppress notifications for work item updates"},
        {4194304, "UPDATE_VISIBILITY", "Update project visibility"},
        {8388608, "CHANGE_PROCESS", "Change process of team project"},
        {16777216, "AGILETOOLS_BACKLOG", "Agile backlog management."},
        {33554432, "AGILETOOLS_PLANS", "Manage delivery plans"},
};
static const Permission git_repositories_rows[] = {
        {1, "Administer", "Administer"},
        {2, "GenericRead", "Read"},
        {4, "GenericContribute", "Contribute"},
        {8, "ForcePush", "Force push (rewrite history, delete branches and tags)"},
        {16, "CreateBranch", "Create branch"},
        {32, "CreateTag", "Create tag"},
        {64, "ManageNote", "Manage notes"},
        {128, "PolicyExempt", "Bypass policies when pushing"},
        {256, "CreateRepository", "Create repository"},
        {512, "DeleteRepository", "Delete or disable repository"},
        {1024, "RenameRepository", "Rename repository"},
        {2048, "EditPolicies", "Edit policies"},
        {4096, "RemoveOthersLocks", "Remove others' locks"},
        {8192, "ManagePermissions", "Manage permissions"},
        {16384, "PullRequestContribute", "Contribute to pull requests"},
        {32768, "PullRequestBypassPolicy", "Bypass policies when completing pull requests"},
        {65536, "ViewAdvSecAlerts", "Advanced Security: view alerts"},
        {131072, "DismissAdvSecAlerts", "Advanced Security: manage and dismiss alerts"},
        {262144, "ManageAdvSecScanning", "Advanced Security: manage settings"},
};
static const Permission build_rows[] = {
        {1, "ViewBuilds", "View builds"},
        {2, "EditBuildQuality", "Edit build quality"},
        {4, "RetainIndefinitely", "Retain indefinitely"},
        {8, "DeleteBuilds", "Delete builds"},
        {16, "ManageBuildQualities", "Manage build qualities"},
        {32, "DestroyBuilds", "Destroy builds"},
        {64, "UpdateBuildInformation", "Update build information"},
        {128, "QueueBuilds", "Queue builds"},
        {256, "ManageBuildQueue", "Manage build queue"},
        {512, "StopBuilds", "Stop builds"},
        {1024, "ViewBuildDefinition", "View build pipeline"},
        {2048, "EditBuildDefinition", "Edit build pipeline"},
        {4096, "DeleteBuildDefinition", "Delete build pipeline"},
        {8192, "OverrideBuildCheckInValidation", "Override check-in validation by build"},
        {16384, "AdministerBuildPermissions", "Administer build permissions"},
        {32768, "CreateBuildDefinition", "Create build pipeline"},
        {65536, "EditPipelineQueueConfigurationPermission", "Edit queue build configuration"},
        {131072, "ManageStageRunOrderPermission", "Manage stage run order"},
        {262144, "AbandonBuilds", "Abandon builds"},
};
static const Permission css_rows[] = {
        {1, "GENERIC_READ", "View permissions for this node"},
        {2, "GENERIC_WRITE", "Edit this node"},
        {4, "CREATE_CHILDREN", "Create child nodes"},
        {8, "DELETE", "Delete this node"},
        {16, "WORK_ITEM_READ", "View work items in this node"},
        {32, "WORK_ITEM_WRITE", "Edit work items in this node"},
        {64, "MANAGE_TEST_PLANS", "Manage test plans"},
        {128, "MANAGE_TEST_SUITES", "Manage test suites"},
        {512, "WORK_ITEM_SAVE_COMMENT", "Edit work item comments in this node"},
};
static const Permission identity_rows[] = {
        {1, "Read", "View identity information"},
        {2, "Write", "Edit identity information"},
        {4, "Delete", "Delete identity information"},
        {8, "ManageMembership", "Manage group membership"},
        {16, "CreateScope", "Create identity scopes"},
        {32, "RestoreScope", "Restore identity scopes"},
};
static const Permission service_endpoints_rows[] = {
        {1, "Use", "Use Service Connection"},
        {2, "Administer", "Administer Service Connection"},
        {4, "Create", "Create Service Connection"},
        {8, "ViewAuthorization", "View Authorization"},
        {16, "ViewEndpoint", "View Service Connection"},
};
static const Permission analytics_rows[] = {
        {1, "Read", "View analytics"},
        {2, "Administer", "Manage analytics permissions"},
        {4, "Stage", "Push the data to staging area"},
        {8, "ExecuteUnrestrictedQuery", "Execute query without any restrictions on the query form"},
        {16, "ReadEuii", "Read EUII data"},
};
static const Permission analytics_views_rows[] = {
        {1, "Read", "View shared Analytics views"},     {2, "Edit", "Edit shared Analytics views"},
        {4, "Delete", "Delete shared Analytics views"}, {8, "Execute", "Execute Analytics views"},
        {1024, "ManagePermissions", "Manage"},
};
static const Permission pipeline_cache_privileges_rows[] = {
        {1, "Read", "Read pipeline cache entries"},
        {2, "Write", "Write pipeline cache entries"},
};
static const Permission release_management_rows[] = {
        {1, "ViewTaskEditor", "View task editor"},
        {2, "ViewCDWorkflowEditor", "View CD workflow editor"},
        {4, "ExportReleaseDefinition", "Export release pipeline"},
        {8, "ViewLegacyUI", "View legacy UI"},
        {16, "DeploymentSummaryAcrossProjects", "Deployment summary across projects"},
        {32, "ViewExternalArtifactCommitsAndWorkItems",
         "View external artifact commits and work items"},
};
static const Permission release_management_c788c23e_rows[] = {
        {1, "ViewReleaseDefinition", "View release pipeline"},
        {2, "EditReleaseDefinition", "Edit release pipeline"},
        {4, "DeleteReleaseDefinition", "Delete release pipeline"},
        {8, "ManageReleaseApprovers", "Manage release approvers"},
        {16, "ManageReleases", "Manage releases"},
        {32, "ViewReleases", "View releases"},
        {64, "CreateReleases", "Create releases"},
        {128, "EditReleaseEnvironment", "Edit release stage"},
        {256, "DeleteReleaseEnvironment", "Delete release stage"},
        {512, "AdministerReleasePermissions", "Administer release permissions"},
        {1024, "DeleteReleases", "Delete releases"},
        {2048, "ManageDeployments", "Manage deployments"},
        {4096, "ManageReleaseSettings", "Manage release settings"},
        {8192, "ManageTaskHubExtension", "Manage TaskHub Extension"},
};
static const Permission audit_log_rows[] = {
        {1, "Read", "View audit log"},
        {2, "Write", "Write to the audit log"},
        {4, "Manage_Streams", "Manage audit streams"},
        {8, "Delete_Streams", "Delete audit streams"},
};
static const Permission work_item_tracking_administration_rows[] = {
        {1, "ManagePermissions", "Manage permissions"},
        {2, "DestroyAttachments", "Destroy attachments"},
};
static const Permission distributed_task_rows[] = {
        {1, "View", "View"},     {2, "Manage", "Manage"},
        {4, "Listen", "Listen"}, {8, "AdministerPermissions", "Administer Permissions"},
        {16, "Use", "Use"},      {32, "Create", "Create"},
};
static const Permission version_control_items2_rows[] = {
        {1, "Read", "Read"},
        {2, "PendChange", "Pend a change in a server workspace"},
        {4, "Checkin", "Check in"},
        {8, "Label", "Label"},
        {16, "Lock", "Lock"},
        {32, "ReviseOther", "Revise other users' changes"},
        {64, "UnlockOther", "Unlock other users' changes"},
        {128, "UndoOther", "Undo other users' changes"},
        {256, "LabelOther", "Administer labels"},
        {1024, "AdminProjectRights", "Manage permissions"},
        {2048, "CheckinOther", "Check in other users' changes"},
        {4096, "Merge", "Merge"},
        {8192, "ManageBranch", "Manage branch"},
};
static const Permission event_subscriber_rows[] = {
        {1, "GENERIC_READ", "View"},
        {2, "GENERIC_WRITE", "Edit"},
};
static const Permission work_item_tracking_provision_rows[] = {
        {1, "Administer", "Administer"},
        {2, "ManageLinkTypes", "Manage work item link types"},
};
static const Permission service_hooks_rows[] = {
        {1, "ViewSubscriptions", "View Subscriptions"},
        {2, "EditSubscriptions", "Edit Subscription"},
        {4, "DeleteSubscriptions", "Delete Subscriptions"},
        {8, "PublishEvents", "Publish Events"},
};
static const Permission collection_rows[] = {
        {1, "GENERIC_READ", "View collection-level information"},
        {2, "GENERIC_WRITE", "Edit collection-level information"},
        {4, "CREATE_PROJECTS", "Create new projects"},
        {16, "TRIGGER_EVENT", "Trigger events"},
        {32, "MANAGE_TEMPLATE", "Manage process template"},
        {64, "DIAGNOSTIC_TRACE", "Alter trace settings"},
        {128, "SYNCHRONIZE_READ", "View system synchronization information"},
        {512, "MANAGE_TEST_CONTROLLERS", "Manage test controllers"},
        {1024, "DELETE_FIELD", "Delete field from organization"},
        {2048, "MANAGE_ENTERPRISE_POLICIES", "Manage enterprise policies"},
};
static const Permission proxy_rows[] = {
        {1, "Read", "Read proxies"},
        {2, "Manage", "Manage proxies"},
};
static const Permission plan_rows[] = {
        {1, "View", "View"},
        {2, "Edit", "Edit"},
        {4, "Delete", "Delete"},
        {8, "Manage", "Manage"},
};
static const Permission process_rows[] = {
        {1, "Edit", "Edit process"},
        {2, "Delete", "Delete process"},
        {4, "Create", "Create process"},
        {8, "AdministerProcessPermissions", "Administer process permissions"},
        {16, "ReadProcessPermissions", "View Process"},
};
static const Permission account_admin_security_rows[] = {
        {1, "Read", "Read account resource"},
        {2, "Create", "Create account resource"},
        {4, "Modify", "Modify account resource"},
};
static const Permission library_rows[] = {
        {1, "View", "View library item"},     {2, "Administer", "Administer library item"},
        {4, "Create", "Create library item"}, {8, "ViewSecrets", "View library item secrets"},
        {16, "Use", "Use library item"},      {32, "Owner", "Owner"},
};
static const Permission environment_rows[] = {
        {1, "View", "View"},
        {2, "Manage", "Manage"},
        {4, "ManageHistory", "Manage history"},
        {8, "Administer", "Administer Permissions"},
        {16, "Use", "Use"},
        {32, "Create", "Create"},
};
static const Permission event_subscription_rows[] = {
        {1, "GENERIC_READ", "View"},
        {2, "GENERIC_WRITE", "Edit"},
        {4, "UNSUBSCRIBE", "Unsubscribe"},
        {8, "CREATE_SOAP_SUBSCRIPTION", "Create a SOAP subscription"},
};
static const Permission project_analysis_language_metrics_rows[] = {
        {1, "Read", "View Project Analysis language metrics data"},
        {2, "Write", "Write Project Analysis language metrics data"},
};
static const Permission tagging_rows[] = {
        {1, "Enumerate", "Enumerate tag definitions"},
        {2, "Create", "Create tag definition"},
        {4, "Update", "Update tag definition"},
        {8, "Delete", "Delete tag definition"},
};
static const Permission meta_task_rows[] = {
        {1, "Administer", "Administer task group permissions"},
        {2, "Edit", "Edit task group"},
        {4, "Delete", "Delete task group"},
};
static const Permission iteration_rows[] = {
        {1, "GENERIC_READ", "View permissions for this node"},
        {2, "GENERIC_WRITE", "Edit this node"},
        {4, "CREATE_CHILDREN", "Create child nodes"},
        {8, "DELETE", "Delete this node"},
};
static const Permission work_item_query_folders_rows[] = {
        {1, "Read", "Read"},
        {2, "Contribute", "Contribute"},
        {4, "Delete", "Delete"},
        {8, "ManagePermissions", "Manage Permissions"},
        {16, "FullControl", "Full Control"},
        {64, "RecordQueryExecutionInfo", "Record query execution information"},
};
static const Permission favorites_rows[] = {
        {1, "GenericRead", "View instance-level information"},
        {2, "GenericWrite", "Edit instance-level information"},
};
static const Permission registry_rows[] = {
        {1, "Read", "Read registry entries"},
        {2, "Write", "Write registry entries"},
};
static const Permission graph_rows[] = {
        {1, "ReadByPublicIdentifier", "Read by public identifier"},
        {2, "ReadByPersonalIdentifier", "Read by personal identifier"},
};
static const Permission view_activity_pane_security_rows[] = {
        {1, "Read", "View only entities"},
};
static const Permission job_rows[] = {
        {1, "Read", "View background job information"},
        {2, "Queue", "Queue background jobs"},
        {4, "Update", "Manage background jobs"},
};
static const Permission event_publish_rows[] = {
        {1, "Read", "Read basic"},
        {2, "Write", "Write basic"},
};
static const Permission work_item_tracking_rows[] = {
        {1, "Read", "Read WorkItemTracking"},
        {2, "CrossProjectRead", "Cross Project Read Of WorkItemTracking Resources"},
        {4, "TrackWorkItemActivity", "Track work item read and write for a user"},
        {8, "ReadRules", "Read rules only if permissions are avaliable"},
        {16, "ReadHistoricalWorkItemResources", NULL},
};
static const Permission strong_box_rows[] = {
        {1, "CreateDrawer", "Create a StrongBox Drawer."},
        {2, "DeleteDrawer", "Delete as StrongBox Drawer."},
        {4, "Administer", "Administer StrongBox Permissions."},
        {16, "AddItem", "Add Items to the StrongBox Drawer."},
        {32, "GetItem", "Retrieve Items from the StrongBox Drawer."},
        {64, "DeleteItem", "Delete Items from the StrongBox Drawer."},
        {128, "AdministerDrawer", "Administer permissions for the StrongBox Drawer."},
};
static const Permission server_rows[] = {
        {1, "GenericRead", "View instance-level information"},
        {2, "GenericWrite", "Edit instance-level information"},
        {4, "Impersonate", "Make requests on behalf of others"},
        {16, "TriggerEvent", "Trigger events"},
};
static const Permission test_management_rows[] = {
        {1, "Read", "Read TestManagement"},
};
static const Permission setting_entries_rows[] = {
        {1, "Read", "Retrieve setting entries"},
        {2, "Write", "Write setting entries"},
};
static const Permission build_administration_rows[] = {
        {1, "ViewBuildResources", "View build resources"},
        {2, "ManageBuildResources", "Manage build resources"},
        {4, "UseBuildResources", "Use build resources"},
        {8, "AdministerBuildResourcePermissions", "Administer build resource permissions"},
        {16, "ManagePipelinePolicies", "Manage pipeline policies"},
};
static const Permission location_rows[] = {
        {1, "Read", "Read service definitions and/or access mappings."},
        {2, "Write", "Write service definitions and/or access mappings."},
};
static const Permission organization_level_data_rows[] = {
        {1, "View", "View organization-level data"},
};
static const Permission utilization_permissions_rows[] = {
        {1, "QueryUsageSummary", "Query Others' Usage"},
};
static const Permission work_items_hub_rows[] = {
        {1, "View", "View work items hub"},
};
static const Permission web_platform_rows[] = {
        {1, "Read", "View web platform entities"},
};
static const Permission version_control_privileges_rows[] = {
        {2, "CreateWorkspace", "Create a workspace"},
        {4, "AdminWorkspaces", "Administer workspaces"},
        {8, "AdminShelvesets", "Administer shelved changes"},
        {16, "AdminConnections", "Administer source control connections"},
        {32, "AdminConfiguration", "Administer source control configurations"},
};
static const Permission workspaces_rows[] = {
        {1, "Read", "View workspace information"},
        {2, "Use", "Use the workspace"},
        {4, "Checkin", "Check in changes to the workspace"},
        {8, "Administer", "Administer the workspace"},
};
static const Permission cross_project_widget_view_rows[] = {
        {1, "GenericRead", "View instance-level information"},
};
static const Permission work_item_tracking_configuration_rows[] = {
        {1, "Read", "View work item tracking configuration"},
};
static const Permission discussion_threads_rows[] = {
        {1, "Administer", "Manage discussion permissions"},
        {2, "GenericRead", "View discussions"},
        {4, "GenericContribute", "Contribute to discussions"},
        {8, "Moderate", "Moderate discussions"},
};
static const Permission boards_external_integration_rows[] = {
        {1, "Read", "View boards external integrations"},
        {2, "Write", "Write boards external integrations"},
};
static const Permission data_provider_rows[] = {
        {1, "Read", "View data provider entities"},
};
static const Permission social_rows[] = {
        {1, "GenericRead", "View instance-level information"},
        {2, "GenericWrite", "Edit instance-level information"},
};
static const Permission security_rows[] = {
        {1, "Read", "Read"},
};
static const Permission identity_picker_rows[] = {
        {1, "ReadBasic", "Read basic Identity Picker properties"},
        {2, "ReadRestricted", "Read restricted Identity Picker properties"},
};
static const Permission servicing_orchestration_rows[] = {
        {1, "Read", "View Servicing Orchestration information"},
        {2, "Queue", "Queue Servicing Orchestration jobs"},
        {4, "Cancel", "Cancel Servicing Orchestration jobs"},
};
static const Permission dashboards_privileges_rows[] = {
        {1, "Read", "Read"},
        {2, "Create", "Create dashboard"},
        {4, "Edit", "Edit dashboard"},
        {8, "Delete", "Delete dashboard"},
        {16, "ManagePermissions", "ManagePermissions"},
        {32, "MaterializeDashboards", "Materialize Dashboards"},
};
static const Permission version_control_items_rows[] = {
        {1, "Read", "Read"},
        {2, "PendChange", "Pend a change in a server workspace"},
        {4, "Checkin", "Check in"},
        {8, "Label", "Label"},
        {16, "Lock", "Lock"},
        {32, "ReviseOther", "Revise other users' changes"},
        {64, "UnlockOther", "Unlock other users' changes"},
        {128, "UndoOther", "Undo other users' changes"},
        {256, "LabelOther", "Administer labels"},
        {1024, "AdminProjectRights", "Manage permissions"},
        {2048, "CheckinOther", "Check in other users' changes"},
        {4096, "Merge", "Merge"},
        {8192, "ManageBranch", "Manage branch"},
};

/* id, name, separator, read, write, reserved, all bits, permissions */
static const PermissionNamespace namespaces[] = {
        {GUID(0x52d39943, 0xcb85, 0x4d7f, 0x8fa8, 0xc6baac873819), "Project", ':', 1, 2, 17563648,
         67107839, PERMISSIONS(project_rows)},
        {GUID(0x2e9eb7ed, 0x3c0a, 0x47d4, 0x87c1, 0x0ffdd275fd87), "Git Repositories", '/', 2, 8192,
         0, 524287, PERMISSIONS(git_repositories_rows)},
        {GUID(0x33344d9c, 0xfc72, 0x4d6f, 0xaba5, 0xfa317101a7e9), "Build", '/', 0, 16384, 0,
         524287, PERMISSIONS(build_rows)},
        {GUID(0x83e28ad4, 0x2d72, 0x4ceb, 0x97b0, 0xc7726d5502c3), "CSS", ':', 1, 2, 0, 767,
         PERMISSIONS(css_rows)},
        {GUID(0x5a27515b, 0xccd7, 0x42c9, 0x84f1, 0x54c998f03866), "Identity", '\\', 1, 4, 0, 63,
         PERMISSIONS(identity_rows)},
        {GUID(0x49b48001, 0xca20, 0x4adc, 0x8111, 0x5b60c903a50c), "ServiceEndpoints", '/', 0, 2, 0,
         31, PERMISSIONS(service_endpoints_rows)},
        {GUID(0xbf7bfa03, 0xb2b7, 0x47db, 0x8113, 0xfa2e002cc5b1), "Iteration", ':', 1, 2, 0, 15,
         PERMISSIONS(iteration_rows)},
        {GUID(0x71356614, 0xaad7, 0x4757, 0x8f2c, 0x0fb3bff6f680), "WorkItemQueryFolders", '/', 1,
         8, 64, 95, PERMISSIONS(work_item_query_folders_rows)},
        {GUID(0xbb50f182, 0x8e5e, 0x40b8, 0xbc21, 0xe8752a1e7ae2), "Tagging", '/', 1, 4, 0, 15,
         PERMISSIONS(tagging_rows)},
        {GUID(0x83d4c2e6, 0xe57d, 0x4d6e, 0x892b, 0xb87222b7ad20), "Environment", '/', 1, 8, 0, 63,
         PERMISSIONS(environment_rows)},
        {GUID(0xb7e84409, 0x6553, 0x448a, 0xbbb2, 0xaf228e07cbeb), "Library", '/', 1, 2, 0, 63,
         PERMISSIONS(library_rows)},
        {GUID(0x101eae8c, 0x1709, 0x47f9, 0xb228, 0x0e476c35b3ba), "DistributedTask", '/', 1, 8, 0,
         63, PERMISSIONS(distributed_task_rows)},
        {GUID(0x3e65f728, 0xf8bc, 0x4ecd, 0x8764, 0x7e378b19bfa7), "Collection", ':', 1, 2, 0, 3831,
         PERMISSIONS(collection_rows)},
        {GUID(0x1f4179b3, 0x6bac, 0x4d01, 0xb421, 0x71ea09171400), "Server", 0, 1, 2, 0, 23,
         PERMISSIONS(server_rows)},
        {GUID(0x2dab47f9, 0xbd70, 0x49ed, 0x9bd5, 0x8eb051e59c02), "Process", ':', 16, 8, 16, 31,
         PERMISSIONS(process_rows)},
        {GUID(0x66312704, 0xdeb5, 0x43f9, 0xb51c, 0xab4ff5e351c3), "VersionControlPrivileges", 0, 0,
         32, 0, 62, PERMISSIONS(version_control_privileges_rows)},
        {GUID(0x302acaca, 0xb667, 0x436d, 0xa946, 0x87133492041c), "BuildAdministration", 0, 0, 8,
         0, 31, PERMISSIONS(build_administration_rows)},
        {GUID(0xa6cc6381, 0xa1ca, 0x4b36, 0xb3c1, 0x4e65211e82b6), "AuditLog", 0, 1, 2, 2, 15,
         PERMISSIONS(audit_log_rows)},
        {GUID(0xc788c23e, 0x1b46, 0x4162, 0x8f5e, 0xd7585343b5de), "ReleaseManagement", '/', 0, 512,
         0, 16383, PERMISSIONS(release_management_c788c23e_rows)},
        {GUID(0xd34d3680, 0xdfe5, 0x4cc6, 0xa949, 0x7d9c68f73cba), "AnalyticsViews", '/', 1, 1024,
         8, 1039, PERMISSIONS(analytics_views_rows)},
        {GUID(0xbed337f8, 0xe5f3, 0x4fb9, 0x80da, 0x81e17d06e7a8), "Plan", '/', 1, 8, 0, 15,
         PERMISSIONS(plan_rows)},
        {GUID(0x8adf73b7, 0x389a, 0x4276, 0xb638, 0xfe1653f7efc7), "DashboardsPrivileges", '/', 1,
         16, 0, 63, PERMISSIONS(dashboards_privileges_rows)},
        {GUID(0x58450c49, 0xb02d, 0x465a, 0xab12, 0x59ae512d6531), "Analytics", '/', 1, 2, 30, 31,
         PERMISSIONS(analytics_rows)},
        {GUID(0x62a7ad6b, 0x8b8d, 0x426b, 0xba10, 0x76a7090e94d5), "PipelineCachePrivileges", '/',
         1, 2, 0, 3, PERMISSIONS(pipeline_cache_privileges_rows)},
        {GUID(0x7c7d32f7, 0x0e86, 0x4cd6, 0x892e, 0xb35dbba870bd), "ReleaseManagement", '/', 0, 0,
         0, 63, PERMISSIONS(release_management_rows)},
        {GUID(0x445d2788, 0xc5fb, 0x4132, 0xbbef, 0x09c4045ad93f), "WorkItemTrackingAdministration",
         0, 0, 1, 0, 3, PERMISSIONS(work_item_tracking_administration_rows)},
        {GUID(0x3c15a8b7, 0xaf1a, 0x45c2, 0xaa97, 0x2cb97078332e), "VersionControlItems2", '/', 1,
         1024, 0, 15871, PERMISSIONS(version_control_items2_rows)},
        {GUID(0x2bf24a2b, 0x70ba, 0x43d3, 0xad97, 0x3d9e1f75622f), "EventSubscriber", ':', 1, 2, 0,
         3, PERMISSIONS(event_subscriber_rows)},
        {GUID(0x5a6cd233, 0x6615, 0x414d, 0x9393, 0x48dbb252bd23), "WorkItemTrackingProvision", '/',
         0, 1, 0, 3, PERMISSIONS(work_item_tracking_provision_rows)},
        {GUID(0xcb594ebe, 0x87dd, 0x4fc9, 0xac2c, 0x6a10a4c92046), "ServiceHooks", '/', 1, 7, 0, 15,
         PERMISSIONS(service_hooks_rows)},
        {GUID(0xcb4d56d2, 0xe84b, 0x457e, 0x8845, 0x81320a133fbb), "Proxy", 0, 1, 2, 0, 3,
         PERMISSIONS(proxy_rows)},
        {GUID(0x11238e09, 0x49f2, 0x40c7, 0x94d0, 0x8f0307204ce4), "AccountAdminSecurity", '/', 1,
         15, 0, 7, PERMISSIONS(account_admin_security_rows)},
        {GUID(0x58b176e7, 0x3411, 0x457a, 0x89d0, 0xc6d0ccb3c52b), "EventSubscription", ':', 1, 2,
         0, 15, PERMISSIONS(event_subscription_rows)},
        {GUID(0xfc5b7b85, 0x5d6b, 0x41eb, 0x8534, 0xe128cb10eb67), "ProjectAnalysisLanguageMetrics",
         0, 1, 2, 0, 3, PERMISSIONS(project_analysis_language_metrics_rows)},
        {GUID(0xf6a4de49, 0xdbe2, 0x4704, 0x86dc, 0xf8ec1a294436), "MetaTask", '/', 0, 1, 0, 7,
         PERMISSIONS(meta_task_rows)},
        {GUID(0xfa557b48, 0xb5bf, 0x458a, 0xbb2b, 0x1b680426fe8b), "Favorites", '/', 1, 2, 0, 3,
         PERMISSIONS(favorites_rows)},
        {GUID(0x4ae0db5d, 0x8437, 0x4ee8, 0xa18b, 0x1f6fb38bd34c), "Registry", '/', 1, 2, 0, 3,
         PERMISSIONS(registry_rows)},
        {GUID(0xc2ee56c9, 0xe8fa, 0x4cdd, 0x9d48, 0x2c44f697a58e), "Graph", 0, 1, 65536, 0, 3,
         PERMISSIONS(graph_rows)},
        {GUID(0xdc02bf3d, 0xcd48, 0x46c3, 0x8a41, 0x345094ecc94b), "ViewActivityPaneSecurity", '/',
         1, 0, 1, 1, PERMISSIONS(view_activity_pane_security_rows)},
        {GUID(0x2a887f97, 0xdb68, 0x4b7c, 0x9ae3, 0x5cebd7add999), "Job", 0, 1, 6, 0, 7,
         PERMISSIONS(job_rows)},
        {GUID(0x7cd317f2, 0xadc6, 0x4b6c, 0x8d99, 0x6074faeaf173), "EventPublish", 0, 1, 0, 0, 3,
         PERMISSIONS(event_publish_rows)},
        {GUID(0x73e71c45, 0xd483, 0x40d5, 0xbdba, 0x62fd076f7f87), "WorkItemTracking", '/', 1, 0,
         31, 31, PERMISSIONS(work_item_tracking_rows)},
        {GUID(0x4a9e8381, 0x289a, 0x4dfd, 0x8460, 0x69028eaa93b3), "StrongBox", '/', 32, 16, 0, 247,
         PERMISSIONS(strong_box_rows)},
        {GUID(0xe06e1c24, 0xe93d, 0x4e4a, 0x908a, 0x7d951187b483), "TestManagement ", '/', 1, 0, 1,
         1, PERMISSIONS(test_management_rows)},
        {GUID(0x6ec4592e, 0x048c, 0x434e, 0x8e6c, 0x8671753a8418), "SettingEntries", 0, 1, 2, 0, 3,
         PERMISSIONS(setting_entries_rows)},
        {GUID(0x2725d2bc, 0x7520, 0x4af4, 0xb0e3, 0x8d876494731f), "Location", '/', 1, 2, 0, 3,
         PERMISSIONS(location_rows)},
        {GUID(0xf0003bce, 0x5f45, 0x4f93, 0xa25d, 0x90fc33fe3aa9), "OrganizationLevelData", 0, 1, 0,
         0, 1, PERMISSIONS(organization_level_data_rows)},
        {GUID(0x83abde3a, 0x4593, 0x424e, 0xb45f, 0x9898af99034d), "UtilizationPermissions", '/', 0,
         1024, 0, 1, PERMISSIONS(utilization_permissions_rows)},
        {GUID(0xc0e7a722, 0x1cad, 0x4ae6, 0xb340, 0xa8467501e7ce), "WorkItemsHub", '/', 1, 0, 1, 1,
         PERMISSIONS(work_items_hub_rows)},
        {GUID(0x0582eb05, 0xc896, 0x449a, 0xb933, 0xaa3d99e121d6), "WebPlatform", '/', 1, 0, 1, 1,
         PERMISSIONS(web_platform_rows)},
        {GUID(0x93bafc04, 0x9075, 0x403a, 0x9367, 0xb7164eac6b5c), "Workspaces", '/', 0, 8, 0, 15,
         PERMISSIONS(workspaces_rows)},
        {GUID(0x093cbb02, 0x722b, 0x4ad6, 0x9f88, 0xbc452043fa63), "CrossProjectWidgetView", '/', 1,
         0, 0, 1, PERMISSIONS(cross_project_widget_view_rows)},
        {GUID(0x35e35e8e, 0x686d, 0x4b01, 0xaff6, 0xc369d6e36ce0), "WorkItemTrackingConfiguration",
         '/', 1, 0, 1, 1, PERMISSIONS(work_item_tracking_configuration_rows)},
        {GUID(0x0d140cae, 0x8ac1, 0x4f48, 0xb6d1, 0xc93ce0301a12), "Discussion Threads", '/', 2, 1,
         0, 15, PERMISSIONS(discussion_threads_rows)},
        {GUID(0x5ab15bc8, 0x4ea1, 0xd0f3, 0x8344, 0xcab8fe976877), "BoardsExternalIntegration", '/',
         1, 2, 0, 3, PERMISSIONS(boards_external_integration_rows)},
        {GUID(0x7ffa7cf4, 0x317c, 0x4fea, 0x8f1d, 0xcfda50cfa956), "DataProvider", '/', 1, 0, 1, 1,
         PERMISSIONS(data_provider_rows)},
        {GUID(0x81c27cc8, 0x7a9f, 0x48ee, 0xb63f, 0xdf1e1d0412dd), "Social", '/', 1, 2, 0, 3,
         PERMISSIONS(social_rows)},
        {GUID(0x9a82c708, 0xbfbe, 0x4f31, 0x984c, 0xe860c2196781), "Security", '/', 1, 65536, 0, 1,
         PERMISSIONS(security_rows)},
        {GUID(0xa60e0d84, 0xc2f8, 0x48e4, 0x9c0c, 0xf32da48d5fd1), "IdentityPicker", 0, 1, 0, 0, 3,
         PERMISSIONS(identity_picker_rows)},
        {GUID(0x84cc1aa4, 0x15bc, 0x423d, 0x90d9, 0xf97c450fc729), "ServicingOrchestration", 0,
         4096, 2048, 0, 7, PERMISSIONS(servicing_orchestration_rows)},
        {GUID(0xa39371cf, 0x0841, 0x4c16, 0xbbd3, 0x276e341bc052), "VersionControlItems", '/', 1,
         1024, 0, 15871, PERMISSIONS(version_control_items_rows)},
};
/* clang-format on */

const PermissionTable *permission_table_builtin(void) {
        static const PermissionTable table = {namespaces, sizeof(namespaces) / sizeof(*namespaces)};

        return &table;
}

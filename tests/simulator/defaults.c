/* SPDX-License-Identifier: Apache-2.0 */
/* What a new organisation or project comes with: groups, entries (facts §3.10, §5.4). */
#include "tests/simulator/defaults.h"

#include <string.h>

#include "tests/simulator/directory.h"
#include "tests/simulator/pool.h"

enum {
        ALL_BITS = -1, /* every bit of the namespace that is not reserved */
        GIT_BUILD_SERVICE = 16418,
};

typedef struct GroupDefault {
        GroupRole role;
        const char *name;
        const char *description;
        bool in_project_domain;
} GroupDefault;

static const GroupDefault ORGANIZATION_GROUPS[] = {
        {GROUP_COLLECTION_VALID_USERS, "Project Collection Valid Users",
         "Members of this group include all users and groups that have access to the organization."},
        {GROUP_COLLECTION_ADMINISTRATORS, "Project Collection Administrators",
         "Members of this application group can perform all privileged operations on the Team Project Collection."},
        {GROUP_COLLECTION_SERVICE_ACCOUNTS, "Project Collection Service Accounts",
         "This application group contains Team Project Collection service accounts."},
        {GROUP_COLLECTION_BUILD_ADMINISTRATORS, "Project Collection Build Administrators",
         "Members of this group should include accounts for people who should be able to administer the build "
         "resources."},
        {GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS, "Project Collection Build Service Accounts",
         "Members of this group should include the service accounts used by the build servers set up for this "
         "project collection."},
        {GROUP_COLLECTION_PROXY_SERVICE_ACCOUNTS, "Project Collection Proxy Service Accounts",
         "This group should only include service accounts used by proxies set up for this team project collection."},
        {GROUP_COLLECTION_TEST_SERVICE_ACCOUNTS, "Project Collection Test Service Accounts",
         "Members of this group should include the service accounts used by the test controllers set up for this "
         "project collection."},
        {GROUP_PROJECT_SCOPED_USERS, "Project-Scoped Users",
         "Members of this group will have limited visibility to organization-level data."},
        {GROUP_SECURITY_SERVICE, "Security Service Group",
         "Identities which are granted explicit permission to a resource will be automatically added to this group."},
};

static const GroupDefault PROJECT_GROUPS[] = {
        {GROUP_PROJECT_VALID_USERS, "Project Valid Users", "Members of this group have access to the team project."},
        {GROUP_READERS, "Readers", "Members of this group have access to the team project.", true},
        {GROUP_CONTRIBUTORS, "Contributors",
         "Members of this group can add, modify, and delete items within the team project.", true},
        {GROUP_PROJECT_ADMINISTRATORS, "Project Administrators",
         "Members of this group can perform all operations in the team project."},
        {GROUP_BUILD_ADMINISTRATORS, "Build Administrators",
         "Members of this group can create, modify and delete build definitions and manage queued and completed "
         "builds."},
};

typedef struct EntryDefault {
        NamespaceIndex ns;
        GroupRole role;
        const char *token; /* "%s" stands for the project's id */
        int allow;
} EntryDefault;

static const EntryDefault ORGANIZATION_ENTRIES[] = {
        {NAMESPACE_COLLECTION, GROUP_COLLECTION_ADMINISTRATORS, "NAMESPACE:", ALL_BITS},
        {NAMESPACE_COLLECTION, GROUP_COLLECTION_SERVICE_ACCOUNTS, "NAMESPACE:", ALL_BITS},
        {NAMESPACE_COLLECTION, GROUP_COLLECTION_VALID_USERS, "NAMESPACE:", 1},
        {NAMESPACE_SERVER, GROUP_COLLECTION_ADMINISTRATORS, "FrameworkGlobalSecurity", 3},
        {NAMESPACE_SERVER, GROUP_COLLECTION_VALID_USERS, "FrameworkGlobalSecurity", 1},
        {NAMESPACE_PROJECT, GROUP_COLLECTION_ADMINISTRATORS, "$PROJECT", ALL_BITS},
        {NAMESPACE_PROJECT, GROUP_COLLECTION_SERVICE_ACCOUNTS, "$PROJECT", ALL_BITS},
        {NAMESPACE_GIT, GROUP_COLLECTION_ADMINISTRATORS, "repoV2", 32630},
        {NAMESPACE_GIT, GROUP_COLLECTION_SERVICE_ACCOUNTS, "repoV2", 32630},
        {NAMESPACE_GIT, GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS, "repoV2", 16386},
        {NAMESPACE_SERVER, GROUP_COLLECTION_SERVICE_ACCOUNTS, "FrameworkGlobalSecurity", 7},
        {NAMESPACE_PROCESS, GROUP_COLLECTION_ADMINISTRATORS, "$PROCESS:", ALL_BITS},
        {NAMESPACE_VERSION_CONTROL_PRIVILEGES, GROUP_COLLECTION_ADMINISTRATORS, "Global", ALL_BITS},
        {NAMESPACE_VERSION_CONTROL_PRIVILEGES, GROUP_COLLECTION_SERVICE_ACCOUNTS, "Global", ALL_BITS},
        {NAMESPACE_VERSION_CONTROL_PRIVILEGES, GROUP_COLLECTION_VALID_USERS, "Global", 2},
        {NAMESPACE_AUDIT_LOG, GROUP_COLLECTION_ADMINISTRATORS, "AllPermissions", ALL_BITS},
        {NAMESPACE_TAGGING, GROUP_COLLECTION_ADMINISTRATORS, "", ALL_BITS},
        {NAMESPACE_DISTRIBUTED_TASK, GROUP_COLLECTION_ADMINISTRATORS, TOKEN_POOLS, 59},
        {NAMESPACE_DISTRIBUTED_TASK, GROUP_COLLECTION_VALID_USERS, TOKEN_POOLS, TASK_VIEW},
        {NAMESPACE_BUILD_ADMINISTRATION, GROUP_COLLECTION_ADMINISTRATORS, "BuildPrivileges", ALL_BITS},
        {NAMESPACE_BUILD_ADMINISTRATION, GROUP_COLLECTION_BUILD_ADMINISTRATORS, "BuildPrivileges", ALL_BITS},
        {NAMESPACE_BUILD_ADMINISTRATION, GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS, "BuildPrivileges", 3},
        {NAMESPACE_WORK_ITEM_TRACKING_ADMINISTRATION, GROUP_COLLECTION_ADMINISTRATORS,
         "WorkItemTrackingPrivileges", ALL_BITS},
};

#define PROJECT_TOKEN "$PROJECT:vstfs:///Classification/TeamProject/%s"

static const EntryDefault PROJECT_ENTRIES[] = {
        {NAMESPACE_PROJECT, GROUP_READERS, PROJECT_TOKEN, 513},
        {NAMESPACE_PROJECT, GROUP_CONTRIBUTORS, PROJECT_TOKEN, 15113},
        {NAMESPACE_PROJECT, GROUP_BUILD_ADMINISTRATORS, PROJECT_TOKEN, 6921},
        {NAMESPACE_PROJECT, GROUP_PROJECT_ADMINISTRATORS, PROJECT_TOKEN, ALL_BITS},
        {NAMESPACE_PROJECT, GROUP_PROJECT_VALID_USERS, PROJECT_TOKEN, 1},
        {NAMESPACE_GIT, GROUP_PROJECT_ADMINISTRATORS, "repoV2/%s", 32630},
        {NAMESPACE_GIT, GROUP_CONTRIBUTORS, "repoV2/%s", 16502},
        {NAMESPACE_GIT, GROUP_BUILD_ADMINISTRATORS, "repoV2/%s", 16502},
        {NAMESPACE_GIT, GROUP_READERS, "repoV2/%s", 16386},
        {NAMESPACE_BUILD, GROUP_READERS, "%s", 1025},
        {NAMESPACE_BUILD, GROUP_CONTRIBUTORS, "%s", 40067},
        {NAMESPACE_BUILD, GROUP_BUILD_ADMINISTRATORS, "%s", 57279},
        {NAMESPACE_BUILD, GROUP_PROJECT_ADMINISTRATORS, "%s", 57279},
        {NAMESPACE_BUILD, GROUP_COLLECTION_ADMINISTRATORS, "%s", 65471},
        {NAMESPACE_BUILD, GROUP_COLLECTION_BUILD_ADMINISTRATORS, "%s", 57279},
        {NAMESPACE_BUILD, GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS, "%s", 9667},
        {NAMESPACE_TAGGING, GROUP_READERS, "/%s", 1},
        {NAMESPACE_TAGGING, GROUP_CONTRIBUTORS, "/%s", 3},
        {NAMESPACE_TAGGING, GROUP_BUILD_ADMINISTRATORS, "/%s", 3},
        {NAMESPACE_TAGGING, GROUP_PROJECT_ADMINISTRATORS, "/%s", ALL_BITS},
        {NAMESPACE_IDENTITY, GROUP_COLLECTION_ADMINISTRATORS, "%s", 31},
        {NAMESPACE_IDENTITY, GROUP_COLLECTION_SERVICE_ACCOUNTS, "%s", 31},
        {NAMESPACE_IDENTITY, GROUP_PROJECT_ADMINISTRATORS, "%s", 31},
        {NAMESPACE_IDENTITY, GROUP_PROJECT_VALID_USERS, "%s", 1},
        {NAMESPACE_SERVICE_ENDPOINTS, GROUP_PROJECT_VALID_USERS, "endpoints/%s", ENDPOINT_VIEW},
        {NAMESPACE_SERVICE_ENDPOINTS, GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS, "endpoints/%s", ENDPOINT_VIEW},
        {NAMESPACE_SERVICE_ENDPOINTS, GROUP_PROJECT_ADMINISTRATORS, "endpoints/%s", 23},
        {NAMESPACE_LIBRARY, GROUP_PROJECT_VALID_USERS, "Library/%s", 1},
        {NAMESPACE_LIBRARY, GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS, "Library/%s", 1},
        {NAMESPACE_LIBRARY, GROUP_CONTRIBUTORS, "Library/%s", 21},
        {NAMESPACE_LIBRARY, GROUP_PROJECT_ADMINISTRATORS, "Library/%s", 19},
        {NAMESPACE_LIBRARY, GROUP_BUILD_ADMINISTRATORS, "Library/%s", 19},
        {NAMESPACE_ENVIRONMENT, GROUP_PROJECT_VALID_USERS, "Environments/%s", 1},
        {NAMESPACE_ENVIRONMENT, GROUP_CONTRIBUTORS, "Environments/%s", 49},
        {NAMESPACE_ENVIRONMENT, GROUP_PROJECT_ADMINISTRATORS, "Environments/%s", 49},
        {NAMESPACE_ENVIRONMENT, GROUP_COLLECTION_ADMINISTRATORS, "Environments/%s", 59},
        {NAMESPACE_DISTRIBUTED_TASK, GROUP_PROJECT_VALID_USERS, "AgentQueues/%s", 1},
        {NAMESPACE_DISTRIBUTED_TASK, GROUP_CONTRIBUTORS, "AgentQueues/%s", 49},
        {NAMESPACE_DISTRIBUTED_TASK, GROUP_PROJECT_ADMINISTRATORS, "AgentQueues/%s", 27},
        {NAMESPACE_DISTRIBUTED_TASK, GROUP_BUILD_ADMINISTRATORS, "AgentQueues/%s", 27},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_READERS, "$/%s", 1},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_CONTRIBUTORS, "$/%s", 1},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_BUILD_ADMINISTRATORS, "$/%s", 1},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_PROJECT_ADMINISTRATORS, "$/%s", ALL_BITS},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_COLLECTION_ADMINISTRATORS, "$/%s", ALL_BITS},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_COLLECTION_SERVICE_ACCOUNTS, "$/%s", ALL_BITS},
};

/* Assumptions all: what no source tells of the kinds whose facts are thin. */
static const EntryDefault THIN_ENTRIES[] = {
        {NAMESPACE_RELEASE_MANAGEMENT, GROUP_READERS, "%s", 33},
        {NAMESPACE_RELEASE_MANAGEMENT, GROUP_CONTRIBUTORS, "%s", 2551},
        {NAMESPACE_RELEASE_MANAGEMENT, GROUP_PROJECT_ADMINISTRATORS, "%s", ALL_BITS},
        {NAMESPACE_RELEASE_MANAGEMENT, GROUP_COLLECTION_ADMINISTRATORS, "%s", ALL_BITS},
        {NAMESPACE_ANALYTICS, GROUP_READERS, "$/%s", 1},
        {NAMESPACE_ANALYTICS, GROUP_CONTRIBUTORS, "$/%s", 1},
        {NAMESPACE_ANALYTICS, GROUP_PROJECT_ADMINISTRATORS, "$/%s", 1},
        {NAMESPACE_ANALYTICS_VIEWS, GROUP_READERS, "$/Shared/%s", 1},
        {NAMESPACE_ANALYTICS_VIEWS, GROUP_CONTRIBUTORS, "$/Shared/%s", 1},
        {NAMESPACE_ANALYTICS_VIEWS, GROUP_PROJECT_ADMINISTRATORS, "$/Shared/%s", 1025},
        {NAMESPACE_PLAN, GROUP_READERS, "Plan/%s", 1},
        {NAMESPACE_PLAN, GROUP_CONTRIBUTORS, "Plan/%s", 3},
        {NAMESPACE_PLAN, GROUP_PROJECT_ADMINISTRATORS, "Plan/%s", ALL_BITS},
        {NAMESPACE_DASHBOARDS_PRIVILEGES, GROUP_READERS, "$/%s", 1},
        {NAMESPACE_DASHBOARDS_PRIVILEGES, GROUP_CONTRIBUTORS, "$/%s", 15},
        {NAMESPACE_DASHBOARDS_PRIVILEGES, GROUP_PROJECT_ADMINISTRATORS, "$/%s", ALL_BITS},
};

/* Entries on the roots of areas (CSS) or iterations. */
static const EntryDefault NODE_ENTRIES[] = {
        {NAMESPACE_CSS, GROUP_READERS, NULL, 17},
        {NAMESPACE_CSS, GROUP_CONTRIBUTORS, NULL, 753},
        {NAMESPACE_CSS, GROUP_BUILD_ADMINISTRATORS, NULL, 753},
        {NAMESPACE_CSS, GROUP_PROJECT_ADMINISTRATORS, NULL, ALL_BITS},
        {NAMESPACE_CSS, GROUP_COLLECTION_ADMINISTRATORS, NULL, ALL_BITS},
        {NAMESPACE_CSS, GROUP_COLLECTION_SERVICE_ACCOUNTS, NULL, ALL_BITS},
        {NAMESPACE_ITERATION, GROUP_READERS, NULL, 1},
        {NAMESPACE_ITERATION, GROUP_CONTRIBUTORS, NULL, 7},
        {NAMESPACE_ITERATION, GROUP_BUILD_ADMINISTRATORS, NULL, 7},
        {NAMESPACE_ITERATION, GROUP_PROJECT_ADMINISTRATORS, NULL, ALL_BITS},
        {NAMESPACE_ITERATION, GROUP_COLLECTION_ADMINISTRATORS, NULL, ALL_BITS},
        {NAMESPACE_ITERATION, GROUP_COLLECTION_SERVICE_ACCOUNTS, NULL, ALL_BITS},
};

/* Entries on Shared Queries, beside those on the project's queries as a whole. */
static const EntryDefault QUERY_ENTRIES[] = {
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_READERS, NULL, QUERY_READ},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_CONTRIBUTORS, NULL, QUERY_READ},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_BUILD_ADMINISTRATORS, NULL, QUERY_READ},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, GROUP_PROJECT_ADMINISTRATORS, NULL, ALL_BITS},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool role_of_collection(GroupRole role) {
        return role >= GROUP_COLLECTION_ADMINISTRATORS;
}

static uint32_t grantable_bits(const Namespace *ns) {
        uint32_t bits = 0;

        for (size_t i = 0; i < ns->n_actions; i++)
                bits |= ns->actions[i].bit;
        return bits & ~ns->system_bits;
}

static void add_entry(Organization *organization, const Project *project, const EntryDefault *entry,
                      const char *token) {
        const Project *scope = role_of_collection(entry->role) ? NULL : project;
        const Namespace *ns = namespace_get(entry->ns);
        AclTarget target = {organization->world, organization, ns, token};
        uint32_t allow = entry->allow == ALL_BITS ? grantable_bits(ns) : (uint32_t)entry->allow;

        acl_grant(&target, directory_find_role(organization, scope, entry->role), allow, 0);
}

static Identity *add_group(Organization *organization, Project *project, const GroupDefault *row) {
        IdentitySpec spec = {.kind = IDENTITY_GROUP,
                             .role = row->role,
                             .name = row->name,
                             .description = row->description,
                             .project = project,
                             .in_project_domain = row->in_project_domain};

        return directory_add(organization, &spec);
}

void defaults_fill_organization(Organization *organization) {
        Arena *arena = &organization->world->arena;
        IdentitySpec service = {
                .kind = IDENTITY_BUILD_SERVICE,
                .name = arena_print(arena, "Project Collection Build Service (%s)", organization->name)};

        for (size_t i = 0; i < COUNT(ORGANIZATION_GROUPS); i++) {
                Identity *group = add_group(organization, NULL, &ORGANIZATION_GROUPS[i]);

                if (group->role == GROUP_COLLECTION_VALID_USERS)
                        organization->valid_users = group;
                if (group->role == GROUP_COLLECTION_ADMINISTRATORS)
                        organization->administrators = group;
        }
        for (size_t i = 0; i < COUNT(ORGANIZATION_ENTRIES); i++)
                add_entry(organization, NULL, &ORGANIZATION_ENTRIES[i], ORGANIZATION_ENTRIES[i].token);
        membership_add(organization, directory_add(organization, &service),
                       directory_find_role(organization, NULL, GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS));
}

void defaults_add_groups(Project *project) {
        Organization *organization = project->organization;
        Arena *arena = &organization->world->arena;
        IdentitySpec service = {
                .kind = IDENTITY_BUILD_SERVICE,
                .project = project,
                .name = arena_print(arena, "%s Build Service (%s)", project->name, organization->name)};

        for (size_t i = 0; i < COUNT(PROJECT_GROUPS); i++)
                add_group(organization, project, &PROJECT_GROUPS[i]);
        directory_add(organization, &service);
}

static const char *default_token(Arena *arena, const char *pattern, const char *id) {
        const char *place = strstr(pattern, "%s");

        return place ? arena_print(arena, "%.*s%s", (int)(place - pattern), pattern, id) : pattern;
}

void defaults_add_entries(Project *project) {
        Organization *organization = project->organization;
        World *world = organization->world;
        Arena *arena = &world->arena;
        AclTarget target = {world, organization, namespace_get(NAMESPACE_PROJECT), token_of_project(arena, project)};

        for (size_t i = 0; i < COUNT(PROJECT_ENTRIES); i++)
                add_entry(organization, project, &PROJECT_ENTRIES[i],
                          default_token(arena, PROJECT_ENTRIES[i].token, project->id));
        for (size_t i = 0; i < COUNT(THIN_ENTRIES); i++)
                add_entry(organization, project, &THIN_ENTRIES[i],
                          default_token(arena, THIN_ENTRIES[i].token, project->id));
        for (size_t i = 0; i < COUNT(NODE_ENTRIES); i++) {
                const Node *root = NODE_ENTRIES[i].ns == NAMESPACE_CSS ? project->area_root : project->iteration_root;

                add_entry(organization, project, &NODE_ENTRIES[i], token_of_node(arena, root));
        }
        acl_grant(&target, project->default_team->group, PROJECT_READ, 0);
}

void defaults_add_query_entries(Project *project) {
        const char *token =
                token_of_query(&project->organization->world->arena, project->shared_queries);

        for (size_t i = 0; i < COUNT(QUERY_ENTRIES); i++)
                add_entry(project->organization, project, &QUERY_ENTRIES[i], token);
}

void defaults_add_build_service(Project *project) {
        Organization *organization = project->organization;
        AclTarget target = {organization->world, organization, namespace_get(NAMESPACE_GIT),
                            token_of_repositories(&organization->world->arena, project)};

        for (size_t i = 0; i < organization->identities.n_items; i++) {
                const Identity *identity = organization->identities.items[i];

                if (identity->kind == IDENTITY_BUILD_SERVICE && identity->project == project)
                        acl_grant(&target, identity, GIT_BUILD_SERVICE, 0);
        }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens in words: what thing each of an organisation's tokens stands for. */
#include "tests/simulator/label.h"

#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/board.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/pool.h"
#include "tests/simulator/query.h"
#include "tests/simulator/resource.h"

/* Building. */

static void add(Labels *labels, NamespaceIndex ns, const char *token, const Project *project,
                const char *words) {
        Label *label = arena_alloc(&labels->arena, sizeof(*label));

        *label = (Label){words, project};
        table_set(labels->by_key[ns], &labels->arena,
                  token_key(&labels->arena, namespace_get(ns), token), label);
}

static void add_name(Labels *labels, const char *id, const char *name) {
        table_set(labels->names, &labels->arena, id, (void *)name);
}

/* "area \\A", or "deleted area \\A". */
static const char *words_of(Labels *labels, const Row *row, const char *kind, const char *name) {
        return arena_print(&labels->arena, "%s%s %s", row_alive(row, AS_OF_NOW) ? "" : "deleted ",
                           kind, name);
}

/* Tokens of a project as a whole; "%s" stands for its id. */
static const struct {
        NamespaceIndex ns;
        const char *pattern;
        const char *words;
} PROJECT_TOKENS[] = {
        {NAMESPACE_PROJECT, "$PROJECT:vstfs:///Classification/TeamProject/%s", "project"},
        {NAMESPACE_GIT, "repoV2/%s", "repositories"},
        {NAMESPACE_BUILD, "%s", "pipeline folder \\"},
        {NAMESPACE_RELEASE_MANAGEMENT, "%s", "releases"},
        {NAMESPACE_SERVICE_ENDPOINTS, "endpoints/%s", "service connections"},
        {NAMESPACE_LIBRARY, "Library/%s", "library"},
        {NAMESPACE_ENVIRONMENT, "Environments/%s", "environments"},
        {NAMESPACE_DISTRIBUTED_TASK, "AgentQueues/%s", "agent queues"},
        {NAMESPACE_WORK_ITEM_QUERY_FOLDERS, "$/%s", "queries"},
        {NAMESPACE_TAGGING, "/%s", "tagging"},
        {NAMESPACE_IDENTITY, "%s", "groups"},
        {NAMESPACE_META_TASK, "%s", "task groups"},
        {NAMESPACE_ANALYTICS, "$/%s", "analytics"},
        {NAMESPACE_ANALYTICS_VIEWS, "$/Shared/%s", "analytics views"},
        {NAMESPACE_PLAN, "Plan/%s", "plans"},
        {NAMESPACE_DASHBOARDS_PRIVILEGES, "$/%s", "dashboards"},
        {NAMESPACE_SERVICE_HOOKS, "PublisherSecurity/%s", "service hooks"},
};

/* Tokens of the organisation as a whole. */
static const struct {
        NamespaceIndex ns;
        const char *token;
        const char *words;
} ORGANIZATION_TOKENS[] = {
        {NAMESPACE_COLLECTION, TOKEN_COLLECTION, "organization"},
        {NAMESPACE_SERVER, "FrameworkGlobalSecurity", "server"},
        {NAMESPACE_PROJECT, "$PROJECT", "projects"},
        {NAMESPACE_GIT, "repoV2", "all repositories"},
        {NAMESPACE_TAGGING, "", "all tagging"},
        {NAMESPACE_PROCESS, "$PROCESS:", "processes"},
        {NAMESPACE_BUILD_ADMINISTRATION, "BuildPrivileges", "build resources"},
        {NAMESPACE_VERSION_CONTROL_PRIVILEGES, "Global", "workspaces"},
        {NAMESPACE_AUDIT_LOG, "AllPermissions", "audit log"},
        {NAMESPACE_WORK_ITEM_TRACKING_ADMINISTRATION, "WorkItemTrackingPrivileges",
         "work item tracking"},
};

static const char *fill(Labels *labels, const char *pattern, const char *id) {
        const char *place = strstr(pattern, "%s");

        return arena_print(&labels->arena, "%.*s%s", (int)(place - pattern), pattern, id);
}

static void add_repositories(Labels *labels, const Project *project) {
        Arena *arena = &labels->arena;

        for (size_t i = 0; i < project->repositories.n_items; i++) {
                const Repository *repository = project->repositories.items[i];
                const char *token = token_of_repository(arena, repository);

                add(labels, NAMESPACE_GIT, token, project,
                    words_of(labels, &repository->row, "repository", repository->name));
                add(labels, NAMESPACE_GIT, arena_print(arena, "%s/refs/heads", token), project,
                    words_of(labels, &repository->row, "branches of repository", repository->name));
                add_name(labels, repository->id, repository->name);
                for (size_t b = 0; b < repository->branches.n_items; b++) {
                        const Branch *branch = repository->branches.items[b];
                        const char *of = token_of_branch(arena, repository, branch->name);

                        if (of)
                                add(labels, NAMESPACE_GIT, of, project,
                                    arena_print(arena, "branch %s of repository %s",
                                                branch->name + strlen("refs/heads/"),
                                                repository->name));
                }
        }
}

static const char *path_from_root(Labels *labels, const Node *node) {
        if (!node->parent)
                return "";
        return arena_print(&labels->arena, "%s\\%s", path_from_root(labels, node->parent),
                           node->name);
}

static void add_nodes(Labels *labels, const Project *project) {
        for (size_t i = 0; i < project->nodes.n_items; i++) {
                const Node *node = project->nodes.items[i];
                bool area = node->structure == NODE_AREA;
                const char *path = node->parent ? path_from_root(labels, node) : "\\";

                add(labels, area ? NAMESPACE_CSS : NAMESPACE_ITERATION,
                    token_of_node(&labels->arena, node), project,
                    words_of(labels, &node->row, area ? "area" : "iteration", path));
                add_name(labels, node->identifier, node->name);
        }
}

static void add_queries(Labels *labels, const Project *project) {
        for (size_t i = 0; i < project->queries.n_items; i++) {
                const Query *query = project->queries.items[i];

                if (query_is_shared(query))
                        add(labels, NAMESPACE_WORK_ITEM_QUERY_FOLDERS,
                            token_of_query(&labels->arena, query), project,
                            words_of(labels, &query->row,
                                     query_is_folder(query) ? "query folder" : "query",
                                     query_path(&labels->arena, query, AS_OF_NOW)));
                add_name(labels, query->id, query->name);
        }
}

static void add_releases(Labels *labels, const Project *project) {
        for (size_t i = 0; i < project->release_folders.n_items; i++) {
                const Folder *folder = project->release_folders.items[i];

                add(labels, NAMESPACE_RELEASE_MANAGEMENT,
                    token_of_folder(&labels->arena, project, folder->path), project,
                    words_of(labels, &folder->row, "release folder", folder->path));
        }
        for (size_t i = 0; i < project->release_definitions.n_items; i++) {
                const Definition *release = project->release_definitions.items[i];

                add(labels, NAMESPACE_RELEASE_MANAGEMENT,
                    token_of_definition(&labels->arena, release), project,
                    words_of(labels, &release->row, "release pipeline", release->name));
        }
}

static void add_boards(Labels *labels, const Project *project) {
        for (size_t i = 0; i < project->plans.n_items; i++) {
                const Board *plan = project->plans.items[i];

                add(labels, NAMESPACE_PLAN, token_of_plan(&labels->arena, plan), project,
                    words_of(labels, &plan->row, "plan", plan->name));
        }
        for (size_t i = 0; i < project->dashboards.n_items; i++) {
                const Board *dashboard = project->dashboards.items[i];

                add(labels, NAMESPACE_DASHBOARDS_PRIVILEGES,
                    token_of_dashboard(&labels->arena, dashboard), project,
                    words_of(labels, &dashboard->row, "dashboard", dashboard->name));
        }
}

static void add_pipelines(Labels *labels, const Project *project) {
        for (size_t i = 0; i < project->folders.n_items; i++) {
                const Folder *folder = project->folders.items[i];

                add(labels, NAMESPACE_BUILD, token_of_folder(&labels->arena, project, folder->path),
                    project, words_of(labels, &folder->row, "pipeline folder", folder->path));
        }
        /* A folder that stands has the token, not one of that name that went. */
        for (size_t i = 0; i < project->folders.n_items; i++) {
                const Folder *folder = project->folders.items[i];

                if (row_alive(&folder->row, AS_OF_NOW))
                        add(labels, NAMESPACE_BUILD,
                            token_of_folder(&labels->arena, project, folder->path), project,
                            words_of(labels, &folder->row, "pipeline folder", folder->path));
        }
        for (size_t i = 0; i < project->definitions.n_items; i++) {
                const Definition *definition = project->definitions.items[i];

                add(labels, NAMESPACE_BUILD, token_of_definition(&labels->arena, definition),
                    project, words_of(labels, &definition->row, "pipeline", definition->name));
        }
}

static void add_resources(Labels *labels, const Project *project) {
        for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++) {
                const ResourceTraits *traits = resource_traits((ResourceKind)kind);
                const Array *list = &project->resources[kind];

                for (size_t i = 0; i < list->n_items; i++) {
                        const Resource *resource = list->items[i];

                        add(labels, traits->ns, token_of_resource(&labels->arena, resource),
                            project,
                            words_of(labels, &resource->row, traits->word, resource->name));
                }
        }
}

static void add_project(Labels *labels, const Project *project) {
        for (size_t i = 0; i < sizeof(PROJECT_TOKENS) / sizeof(PROJECT_TOKENS[0]); i++)
                add(labels, PROJECT_TOKENS[i].ns,
                    fill(labels, PROJECT_TOKENS[i].pattern, project->id), project,
                    row_alive(&project->row, AS_OF_NOW)
                            ? PROJECT_TOKENS[i].words
                            : arena_print(&labels->arena, "deleted %s", PROJECT_TOKENS[i].words));
        add_name(labels, project->id, project->name);
        add_repositories(labels, project);
        add_nodes(labels, project);
        add_pipelines(labels, project);
        add_queries(labels, project);
        add_releases(labels, project);
        add_boards(labels, project);
        add_resources(labels, project);
}

static void add_endpoints(Labels *labels) {
        const Organization *organization = labels->organization;

        for (size_t i = 0; i < organization->endpoints.n_items; i++) {
                const Endpoint *endpoint = organization->endpoints.items[i];

                for (size_t p = 0; p < endpoint->projects->n_items; p++) {
                        const Project *project = endpoint->projects->items[p];

                        add(labels, NAMESPACE_SERVICE_ENDPOINTS,
                            token_of_endpoint(&labels->arena, endpoint, project), project,
                            words_of(labels, &endpoint->row, "service connection", endpoint->name));
                }
                add(labels, NAMESPACE_SERVICE_ENDPOINTS,
                    arena_print(&labels->arena, "endpoints/Collection/%s", endpoint->id), NULL,
                    words_of(labels, &endpoint->row, "service connection", endpoint->name));
        }
}

static void add_pools(Labels *labels) {
        const Array *pools = &labels->organization->pools;

        add(labels, NAMESPACE_DISTRIBUTED_TASK, TOKEN_POOLS, NULL, "agent pools");
        for (size_t i = 0; i < pools->n_items; i++) {
                const Pool *pool = pools->items[i];

                add(labels, NAMESPACE_DISTRIBUTED_TASK, token_of_pool(&labels->arena, pool), NULL,
                    words_of(labels, &pool->row, "agent pool", pool->name));
        }
}

static void add_groups(Labels *labels) {
        const Organization *organization = labels->organization;

        for (size_t i = 0; i < organization->identities.n_items; i++) {
                const Identity *identity = organization->identities.items[i];

                add_name(labels, identity->storage_key, identity->name);
                if (identity->kind != IDENTITY_GROUP)
                        continue;
                add(labels, NAMESPACE_IDENTITY, token_of_group(&labels->arena, identity),
                    identity->project,
                    words_of(labels, &identity->row, identity->team ? "team" : "group",
                             identity->name));
        }
}

void labels_init(Labels *labels, Organization *organization) {
        *labels = (Labels){.organization = organization, .names = table_new()};
        for (size_t i = 0; i < N_NAMESPACES; i++)
                labels->by_key[i] = table_new();
        for (size_t i = 0; i < sizeof(ORGANIZATION_TOKENS) / sizeof(ORGANIZATION_TOKENS[0]); i++)
                add(labels, ORGANIZATION_TOKENS[i].ns, ORGANIZATION_TOKENS[i].token, NULL,
                    ORGANIZATION_TOKENS[i].words);
        for (size_t i = 0; i < organization->projects.n_items; i++)
                add_project(labels, organization->projects.items[i]);
        add_endpoints(labels);
        add_pools(labels);
        add_groups(labels);
}

void labels_deinit(Labels *labels) {
        for (size_t i = 0; i < N_NAMESPACES; i++)
                table_free(labels->by_key[i]);
        table_free(labels->names);
        arena_deinit(&labels->arena);
        *labels = (Labels){0};
}

/* Unknown tokens. */

static Label spell_token(Labels *labels, const char *token) {
        Label label = {.words = "token "};

        while (*token) {
                char *id = NULL;
                const char *name;

                if (strlen(token) >= GUID_TEXT_LENGTH) {
                        id = arena_copy_length(&labels->arena, token, GUID_TEXT_LENGTH);
                        if (!guid_is(id))
                                id = NULL;
                }
                name = id ? table_get(labels->names, id) : NULL;
                if (name && !label.project)
                        label.project =
                                organization_find_project(labels->organization, id, AS_OF_NOW);
                label.words = name ? arena_print(&labels->arena, "%s<%s>", label.words, name)
                                   : arena_print(&labels->arena, "%s%c", label.words, *token);
                token += name ? GUID_TEXT_LENGTH : 1;
        }
        return label;
}

Label labels_get(Labels *labels, const Namespace *ns, const char *token) {
        Arena scratch = {0};
        const Label *label = table_get(labels->by_key[ns->index], token_key(&scratch, ns, token));

        arena_deinit(&scratch);
        return label ? *label : spell_token(labels, token);
}

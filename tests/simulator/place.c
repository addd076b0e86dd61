/* SPDX-License-Identifier: Apache-2.0 */
/* A place where permissions stand: a namespace with a token, named by people as a kind with a name.
 */
#include "tests/simulator/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/board.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/permission.h"
#include "tests/simulator/pool.h"
#include "tests/simulator/query.h"
#include "tests/simulator/resource.h"

/* A request for a token: what the object said, in the things of the world. */
typedef struct PlaceQuery {
        Arena *arena;
        Organization *organization;
        Project *project;
        const Written *object;
        const char *name; /* NULL: none given */
} PlaceQuery;

static const char *missing(const PlaceQuery *query, const char *what) {
        if (query->name)
                written_mistake_at(query->object, "name", "%s has no %s \"%s\"",
                                   query->project->name, what, query->name);
        else
                written_mistake(query->object, "lacks \"name\" of the %s", what);
        return NULL;
}

static const char *project_token(const PlaceQuery *query) {
        return token_of_project(query->arena, query->project);
}

static const char *repositories_token(const PlaceQuery *query) {
        return token_of_repositories(query->arena, query->project);
}

static const char *branch_token(const PlaceQuery *query, const Repository *repository,
                                const char *branch) {
        const char *ref = text_starts(branch, "refs/")
                                  ? branch
                                  : arena_print(query->arena, "refs/heads/%s", branch);
        const char *token = token_of_branch(query->arena, repository, ref);

        if (!token)
                written_mistake_at(query->object, "branch", "\"%s\" is no branch", branch);
        return token;
}

static const char *repository_token(const PlaceQuery *query) {
        const Repository *repository =
                query->name ? project_find_repository(query->project, query->name, AS_OF_NOW)
                            : NULL;
        const char *branch = written_text(query->object, "branch");

        if (!repository)
                return missing(query, "repository");
        return branch ? branch_token(query, repository, branch)
                      : token_of_repository(query->arena, repository);
}

static const char *folder_token(const PlaceQuery *query) {
        const Folder *folder;

        if (!query->name || strcmp(query->name, "\\") == 0 || strcmp(query->name, "/") == 0)
                return token_of_folder(query->arena, query->project, "\\");
        folder = project_find_folder(query->project, query->name, AS_OF_NOW);
        return folder ? token_of_folder(query->arena, query->project, folder->path)
                      : missing(query, "pipeline folder");
}

static const char *pipeline_token(const PlaceQuery *query) {
        const Definition *definition =
                query->name ? project_find_pipeline(query->project, query->name) : NULL;

        return definition ? token_of_definition(query->arena, definition)
                          : missing(query, "pipeline");
}

static const char *area_token(const PlaceQuery *query) {
        const Node *node = project_find_node(query->project, NODE_AREA,
                                             query->name ? query->name : "", AS_OF_NOW);

        return node ? token_of_node(query->arena, node) : missing(query, "area");
}

static const char *iteration_token(const PlaceQuery *query) {
        const Node *node = project_find_node(query->project, NODE_ITERATION,
                                             query->name ? query->name : "", AS_OF_NOW);

        return node ? token_of_node(query->arena, node) : missing(query, "iteration");
}

static const char *queries_token(const PlaceQuery *query) {
        return arena_print(query->arena, "$/%s", query->project->id);
}

static const char *query_token(const PlaceQuery *query) {
        const Query *found =
                query_find_shared(query->project, query->name ? query->name : "", AS_OF_NOW);

        return found ? token_of_query(query->arena, found) : missing(query, "query");
}

static const char *tagging_token(const PlaceQuery *query) {
        return arena_print(query->arena, "/%s", query->project->id);
}

static const char *release_folder_token(const PlaceQuery *query) {
        const Folder *folder =
                query->name ? project_find_release_folder(query->project, query->name, AS_OF_NOW)
                            : NULL;

        if (!query->name || strcmp(query->name, "\\") == 0 || strcmp(query->name, "/") == 0)
                return token_of_folder(query->arena, query->project, "\\");
        return folder ? token_of_folder(query->arena, query->project, folder->path)
                      : missing(query, "release folder");
}

static const char *release_pipeline_token(const PlaceQuery *query) {
        const Definition *release =
                query->name ? project_find_release(query->project, query->name) : NULL;

        return release ? token_of_definition(query->arena, release)
                       : missing(query, "release pipeline");
}

static const char *analytics_views_token(const PlaceQuery *query) {
        return arena_print(query->arena, "$/Shared/%s", query->project->id);
}

static const char *plan_token(const PlaceQuery *query) {
        const Board *plan =
                query->name ? project_find_plan(query->project, query->name, AS_OF_NOW) : NULL;

        if (!query->name)
                return arena_print(query->arena, "Plan/%s", query->project->id);
        return plan ? token_of_plan(query->arena, plan) : missing(query, "plan");
}

static const char *dashboard_token(const PlaceQuery *query) {
        const Board *dashboard =
                query->name ? project_find_dashboard(query->project, query->name, AS_OF_NOW) : NULL;

        if (!query->name)
                return arena_print(query->arena, "$/%s", query->project->id);
        return dashboard ? token_of_dashboard(query->arena, dashboard)
                         : missing(query, "dashboard");
}

static const char *endpoint_token(const PlaceQuery *query) {
        const Endpoint *endpoint;

        if (!query->name)
                return arena_print(query->arena, "endpoints/%s", query->project->id);
        endpoint = organization_find_endpoint(query->organization, query->name, query->project,
                                              AS_OF_NOW);
        return endpoint ? token_of_endpoint(query->arena, endpoint, query->project)
                        : missing(query, "service connection");
}

/* Of one thing, or of all of the project when none is named. */
static const char *resource_token(const PlaceQuery *query, ResourceKind kind) {
        const Resource *resource;

        if (!query->name)
                return token_of_resources(query->arena, query->project, kind);
        resource = project_find_resource(query->project, kind, query->name, AS_OF_NOW);
        return resource ? token_of_resource(query->arena, resource)
                        : missing(query, resource_traits(kind)->word);
}

static const char *queue_token(const PlaceQuery *query) {
        return resource_token(query, RESOURCE_QUEUE);
}

static const char *variable_group_token(const PlaceQuery *query) {
        return resource_token(query, RESOURCE_VARIABLE_GROUP);
}

static const char *secure_file_token(const PlaceQuery *query) {
        return resource_token(query, RESOURCE_SECURE_FILE);
}

static const char *environment_token(const PlaceQuery *query) {
        return resource_token(query, RESOURCE_ENVIRONMENT);
}

static const char *pool_token(const PlaceQuery *query) {
        const Pool *pool;

        if (!query->name)
                return TOKEN_POOLS;
        pool = organization_find_pool(query->organization, query->name, AS_OF_NOW);
        if (pool)
                return token_of_pool(query->arena, pool);
        written_mistake_at(query->object, "name", "%s has no agent pool \"%s\"",
                           query->organization->name, query->name);
        return NULL;
}

static const char *group_token(const PlaceQuery *query) {
        const Identity *group = query->name
                                        ? directory_find_group(query->organization, query->project,
                                                               query->name, AS_OF_NOW)
                                        : NULL;

        return group ? token_of_group(query->arena, group) : missing(query, "group or team");
}

typedef struct PlaceKind {
        const char *kind;
        NamespaceIndex ns;
        const char
                *fixed; /* the token of an organisation's root; else NULL, and it is in a project */
        const char *(*token)(const PlaceQuery *query);
} PlaceKind;

static const PlaceKind KINDS[] = {
        {"organization", NAMESPACE_COLLECTION, TOKEN_COLLECTION, NULL},
        {"server", NAMESPACE_SERVER, "FrameworkGlobalSecurity", NULL},
        {"projects", NAMESPACE_PROJECT, "$PROJECT", NULL},
        {"all repositories", NAMESPACE_GIT, "repoV2", NULL},
        {"all tagging", NAMESPACE_TAGGING, "", NULL},
        {"processes", NAMESPACE_PROCESS, "$PROCESS:", NULL},
        {"build resources", NAMESPACE_BUILD_ADMINISTRATION, "BuildPrivileges", NULL},
        {"workspaces", NAMESPACE_VERSION_CONTROL_PRIVILEGES, "Global", NULL},
        {"audit log", NAMESPACE_AUDIT_LOG, "AllPermissions", NULL},
        {"project", NAMESPACE_PROJECT, NULL, project_token},
        {"repositories", NAMESPACE_GIT, NULL, repositories_token},
        {"repository", NAMESPACE_GIT, NULL, repository_token},
        {"pipeline folder", NAMESPACE_BUILD, NULL, folder_token},
        {"pipeline", NAMESPACE_BUILD, NULL, pipeline_token},
        {"area", NAMESPACE_CSS, NULL, area_token},
        {"iteration", NAMESPACE_ITERATION, NULL, iteration_token},
        {"queries", NAMESPACE_WORK_ITEM_QUERY_FOLDERS, NULL, queries_token},
        {"query", NAMESPACE_WORK_ITEM_QUERY_FOLDERS, NULL, query_token},
        {"tagging", NAMESPACE_TAGGING, NULL, tagging_token},
        {"release folder", NAMESPACE_RELEASE_MANAGEMENT, NULL, release_folder_token},
        {"release pipeline", NAMESPACE_RELEASE_MANAGEMENT, NULL, release_pipeline_token},
        {"analytics views", NAMESPACE_ANALYTICS_VIEWS, NULL, analytics_views_token},
        {"plan", NAMESPACE_PLAN, NULL, plan_token},
        {"dashboard", NAMESPACE_DASHBOARDS_PRIVILEGES, NULL, dashboard_token},
        {"service connection", NAMESPACE_SERVICE_ENDPOINTS, NULL, endpoint_token},
        {"agent queue", NAMESPACE_DISTRIBUTED_TASK, NULL, queue_token},
        {"agent pool", NAMESPACE_DISTRIBUTED_TASK, TOKEN_POOLS, pool_token},
        {"variable group", NAMESPACE_LIBRARY, NULL, variable_group_token},
        {"secure file", NAMESPACE_LIBRARY, NULL, secure_file_token},
        {"environment", NAMESPACE_ENVIRONMENT, NULL, environment_token},
        {"group", NAMESPACE_IDENTITY, NULL, group_token},
        {"team", NAMESPACE_IDENTITY, NULL, group_token},
};

static const PlaceKind *find_kind(const Written *object) {
        const char *kind = written_need(object, "kind");

        for (size_t i = 0; kind && i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
                if (strcmp(KINDS[i].kind, kind) == 0)
                        return &KINDS[i];
        }
        if (kind)
                written_mistake_at(object, "kind", "\"%s\" is no kind; see README.md for the kinds",
                                   kind);
        return NULL;
}

/* Two namespaces are called ReleaseManagement: the one whose permissions matter is found by the
 * name. */
const Namespace *place_find_namespace(const char *word) {
        const Namespace *found = namespace_find(word);

        if (!found && text_same(word, "ReleaseManagement"))
                return namespace_get(NAMESPACE_RELEASE_MANAGEMENT);
        for (size_t i = 0; !found && i < N_NAMESPACES; i++) {
                if (text_same(namespace_get((NamespaceIndex)i)->name, word))
                        found = namespace_get((NamespaceIndex)i);
        }
        return found;
}

static int read_raw(Arena *arena, const World *world, const Written *object, Place *placep) {
        const char *word = written_need(object, "namespace"),
                   *token = written_need(object, "token");
        const Namespace *ns = word ? place_find_namespace(word) : NULL;

        if (word && !ns)
                written_mistake_at(object, "namespace", "there is no security namespace \"%s\"",
                                   word);
        if (!ns || !token)
                return -1;
        *placep = (Place){permission_namespace(world, ns->index), arena_copy(arena, token)};
        return 0;
}

bool place_is_named(const Written *object) {
        Written member;

        return written_member(object, "kind", &member) ||
               written_member(object, "namespace", &member);
}

int place_read(Arena *arena, Organization *organization, Project *project, const Written *object,
               Place *placep) {
        PlaceQuery query = {.arena = arena, .organization = organization, .object = object};
        const PlaceKind *kind;
        Written member;

        if (written_member(object, "namespace", &member) ||
            written_member(object, "token", &member))
                return read_raw(arena, organization->world, object, placep);
        kind = find_kind(object);
        if (!kind)
                return -1;
        query.name = written_text(object, "name");
        if (!kind->fixed) {
                /* {"kind":"project","name":"MLOps"} names the project too */
                if (kind->ns == NAMESPACE_PROJECT && query.name) {
                        query.project =
                                organization_find_project(organization, query.name, AS_OF_NOW);
                        if (!query.project)
                                written_mistake_at(object, "name", "there is no project \"%s\"",
                                                   query.name);
                } else {
                        query.project = place_project(organization, project, object);
                }
                if (!query.project)
                        return -1;
        }
        *placep = (Place){permission_namespace(organization->world, kind->ns),
                          kind->token ? kind->token(&query) : kind->fixed};
        return placep->token ? 0 : -1;
}

Project *place_project(Organization *organization, Project *project, const Written *object) {
        const char *name = written_text(object, "project");
        Project *found = name ? organization_find_project(organization, name, AS_OF_NOW) : project;

        if (name && !found)
                written_mistake_at(object, "project", "there is no project \"%s\"", name);
        else if (!found)
                written_mistake(object, "lacks \"project\"");
        return found;
}

/* Principals. */

Identity *place_principal_item(Organization *organization, Project *project, const Written *item) {
        const char *word = written_item_text(item);
        Identity *found = NULL;

        if (!word)
                return NULL;
        if (project && !strpbrk(word, "@\\"))
                found = directory_find_group(organization, project, word, AS_OF_NOW);
        if (!found)
                found = directory_find_word(organization, word);
        if (!found)
                written_mistake(item, "nobody is called \"%s\"", word);
        return found;
}

Identity *place_principal(Organization *organization, Project *project, const Written *object,
                          const char *key) {
        Written member;

        if (written_member(object, key, &member))
                return place_principal_item(organization, project, &member);
        written_mistake(object, "lacks \"%s\"", key);
        return NULL;
}

/* Permission words. */

/* A bit that has no name, by its number. */
static uint32_t unnamed_bit(const char *word) {
        char *end;
        unsigned long long number = strtoull(word, &end, 10);

        return *word >= '1' && *word <= '9' && *end == '\0' && number <= UINT32_MAX
                       ? (uint32_t)number
                       : 0;
}

uint32_t place_bits(const Namespace *ns, const Written *object, const char *key) {
        Written list;
        uint32_t bits = 0;

        if (!written_array(object, key, &list))
                return 0;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);
                const char *word = written_item_text(&item);
                uint32_t bit = word ? namespace_find_bit(ns, word) : 0;

                if (word && !bit)
                        bit = unnamed_bit(word);
                if (word && !bit)
                        written_mistake(&item, "%s has no permission \"%s\"", ns->name, word);
                bits |= bit;
        }
        return bits;
}

cJSON *place_words(const Namespace *ns, uint32_t mask) {
        cJSON *words = cJSON_CreateArray();
        char unnamed[16];

        for (uint64_t bit = 1; bit <= UINT32_MAX; bit <<= 1) {
                const char *name = NULL;

                if (!(mask & bit))
                        continue;
                for (size_t i = 0; i < ns->n_actions; i++) {
                        if (ns->actions[i].bit == bit)
                                name = ns->actions[i].name;
                }
                snprintf(unnamed, sizeof(unnamed), "%llu", (unsigned long long)bit);
                cJSON_AddItemToArray(words, cJSON_CreateString(name ? name : unnamed));
        }
        return words;
}

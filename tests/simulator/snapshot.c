/* SPDX-License-Identifier: Apache-2.0 */
/* An organisation in people's words: who is in what, what there is, who may do what. */
#include "tests/simulator/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/board.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/label.h"
#include "tests/simulator/permission.h"
#include "tests/simulator/place.h"
#include "tests/simulator/query.h"
#include "tests/simulator/resource.h"

typedef struct Snapshot {
        const SnapshotSpec *spec;
        Arena arena;
        Labels labels;
        cJSON *list; /* of the section under way */
} Snapshot;

/* Whether a comma-separated list has a word. */
static bool lists(const char *list, const char *word) {
        size_t length = strlen(word);

        while (list && *list) {
                size_t n = strcspn(list, ",");

                if (n == length && strncasecmp(list, word, n) == 0)
                        return true;
                list += n;
                list += *list == ',';
        }
        return false;
}

static bool shows(const Snapshot *snapshot, const Project *project) {
        const SnapshotSpec *spec = snapshot->spec;

        if (!project)
                return true;
        return (!spec->project || spec->project == project) && !lists(spec->without, project->name);
}

static bool shows_living(const Snapshot *snapshot, const Project *project) {
        return row_alive(&project->row, AS_OF_NOW) && shows(snapshot, project);
}

static cJSON *add_row(Snapshot *snapshot, const char *key, const char *value) {
        cJSON *row = cJSON_CreateObject();

        json_add_text(row, key, value);
        cJSON_AddItemToArray(snapshot->list, row);
        return row;
}

static cJSON *add_thing(Snapshot *snapshot, const Project *project, const char *kind,
                        const char *name) {
        cJSON *row = add_row(snapshot, "project", project->name);

        json_add_text(row, kind, name);
        return row;
}

static const char *name_of(Snapshot *snapshot, const Identity *identity) {
        if (identity->kind == IDENTITY_SERVICE_PRINCIPAL)
                return identity->name;
        return identity_principal_name(&snapshot->arena, snapshot->spec->organization, identity);
}

/* People. */

static void take_people(Snapshot *snapshot) {
        static const char *const WORDS[] = {[IDENTITY_USER] = "user",
                                            [IDENTITY_SERVICE_PRINCIPAL] = "service principal",
                                            [IDENTITY_GROUP] = "group",
                                            [IDENTITY_ENTRA_GROUP] = "entra group",
                                            [IDENTITY_BUILD_SERVICE] = "build service"};
        const Array *identities = &snapshot->spec->organization->identities;

        for (size_t i = 0; i < identities->n_items; i++) {
                const Identity *identity = identities->items[i];

                if (row_alive(&identity->row, AS_OF_NOW) && shows(snapshot, identity->project))
                        add_row(snapshot, identity->team ? "team" : WORDS[identity->kind],
                                name_of(snapshot, identity));
        }
}

/* Memberships; those in Valid Users come by themselves and are left out. */
static void take_memberships(Snapshot *snapshot) {
        const Array *identities = &snapshot->spec->organization->identities;

        for (size_t i = 0; i < identities->n_items; i++) {
                const Identity *group = identities->items[i];

                if (group->role == GROUP_PROJECT_VALID_USERS ||
                    group->role == GROUP_COLLECTION_VALID_USERS ||
                    !row_alive(&group->row, AS_OF_NOW) || !shows(snapshot, group->project))
                        continue;
                for (size_t m = 0; m < group->members.n_items; m++) {
                        const Membership *edge = group->members.items[m];
                        cJSON *row;

                        if (!membership_alive(edge, AS_OF_NOW))
                                continue;
                        row = add_row(snapshot, "group", name_of(snapshot, group));
                        json_add_text(row, "member", name_of(snapshot, edge->member));
                }
        }
}

/* Teams. */

static void take_administrators(Snapshot *snapshot, const Team *team) {
        const Organization *organization = snapshot->spec->organization;
        const AclState *state = acl_find(&organization->stores[NAMESPACE_IDENTITY],
                                         namespace_get(NAMESPACE_IDENTITY),
                                         token_of_group(&snapshot->arena, team->group), AS_OF_NOW);

        for (size_t i = 0; state && i < state->n_aces; i++) {
                const Identity *identity = state->aces[i].identity;

                if (!identity || !team_is_administrator(team, identity, AS_OF_NOW))
                        continue;
                json_add_text(add_row(snapshot, "team", name_of(snapshot, team->group)),
                              "administrator", name_of(snapshot, identity));
        }
}

static void take_areas(Snapshot *snapshot, const Team *team) {
        for (size_t i = 0; i < team->n_areas; i++) {
                cJSON *row = add_row(snapshot, "team", name_of(snapshot, team->group));

                json_add_text(row, "area", team->areas[i].value);
                json_add_bool(row, "children", team->areas[i].include_children);
                if (team->default_area && text_same(team->default_area, team->areas[i].value))
                        json_add_bool(row, "default", true);
        }
}

static void take_teams(Snapshot *snapshot) {
        const Array *projects = &snapshot->spec->organization->projects;

        for (size_t i = 0; i < projects->n_items; i++) {
                const Project *project = projects->items[i];

                for (size_t t = 0; shows_living(snapshot, project) && t < project->teams.n_items;
                     t++) {
                        const Team *team = project->teams.items[t];

                        if (!row_alive(&team->row, AS_OF_NOW))
                                continue;
                        take_administrators(snapshot, team);
                        take_areas(snapshot, team);
                }
        }
}

/* Things. */

static void take_repositories(Snapshot *snapshot, const Project *project) {
        for (size_t i = 0; i < project->repositories.n_items; i++) {
                const Repository *repository = project->repositories.items[i];
                cJSON *row;

                if (repository->recycled)
                        add_thing(snapshot, project, "recycled repository", repository->name);
                if (!row_alive(&repository->row, AS_OF_NOW))
                        continue;
                row = add_thing(snapshot, project, "repository", repository->name);
                if (repository->default_branch)
                        json_add_text(row, "default_branch", repository->default_branch);
                if (repository->disabled)
                        json_add_bool(row, "disabled", true);
                for (size_t b = 0; b < repository->branches.n_items; b++) {
                        const Branch *branch = repository->branches.items[b];

                        if (row_alive(&branch->row, AS_OF_NOW))
                                json_add_text(add_thing(snapshot, project, "repository",
                                                        repository->name),
                                              "branch", branch->name);
                }
        }
}

static void take_pipelines(Snapshot *snapshot, const Project *project) {
        for (size_t i = 0; i < project->folders.n_items; i++) {
                const Folder *folder = project->folders.items[i];

                if (row_alive(&folder->row, AS_OF_NOW))
                        add_thing(snapshot, project, "pipeline folder", folder->path);
        }
        for (size_t i = 0; i < project->definitions.n_items; i++) {
                const Definition *definition = project->definitions.items[i];

                if (row_alive(&definition->row, AS_OF_NOW))
                        json_add_text(add_thing(snapshot, project, "pipeline", definition->name),
                                      "folder", definition->path);
        }
}

static void take_nodes(Snapshot *snapshot, const Project *project) {
        for (size_t i = 0; i < project->nodes.n_items; i++) {
                const Node *node = project->nodes.items[i];

                if (node->parent && row_alive(&node->row, AS_OF_NOW))
                        add_thing(snapshot, project,
                                  node->structure == NODE_AREA ? "area" : "iteration",
                                  node_field_path(&snapshot->arena, node, AS_OF_NOW));
        }
}

/* What is private is nobody else's. */
static void take_queries(Snapshot *snapshot, const Project *project) {
        for (size_t i = 0; i < project->queries.n_items; i++) {
                const Query *query = project->queries.items[i];

                if (query->parent && query_is_shared(query) && row_alive(&query->row, AS_OF_NOW))
                        add_thing(snapshot, project,
                                  query_is_folder(query) ? "query folder" : "query",
                                  query_path(&snapshot->arena, query, AS_OF_NOW));
        }
}

static void take_releases(Snapshot *snapshot, const Project *project) {
        for (size_t i = 0; i < project->release_folders.n_items; i++) {
                const Folder *folder = project->release_folders.items[i];

                if (row_alive(&folder->row, AS_OF_NOW))
                        add_thing(snapshot, project, "release folder", folder->path);
        }
        for (size_t i = 0; i < project->release_definitions.n_items; i++) {
                const Definition *release = project->release_definitions.items[i];

                if (row_alive(&release->row, AS_OF_NOW))
                        json_add_text(
                                add_thing(snapshot, project, "release pipeline", release->name),
                                "folder", release->path);
        }
}

static void take_boards(Snapshot *snapshot, const Project *project, const Array *list,
                        const char *kind) {
        for (size_t i = 0; i < list->n_items; i++) {
                const Board *board = list->items[i];
                cJSON *row;

                if (!row_alive(&board->row, AS_OF_NOW))
                        continue;
                row = add_thing(snapshot, project, kind, board->name);
                if (board->team)
                        json_add_text(row, "team", board->team->group->name);
        }
}

static void add_variables(cJSON *row, const Resource *group) {
        cJSON *variables = cJSON_Parse(group->variables), *names;
        const cJSON *variable;

        if (cJSON_GetArraySize(variables) > 0) {
                names = cJSON_AddArrayToObject(row, "variables");
                cJSON_ArrayForEach(variable, variables) {
                        cJSON_AddItemToArray(names, cJSON_CreateString(variable->string));
                }
        }
        cJSON_Delete(variables);
}

static void take_resources(Snapshot *snapshot, const Project *project, ResourceKind kind) {
        const Array *list = &project->resources[kind];

        for (size_t i = 0; i < list->n_items; i++) {
                const Resource *resource = list->items[i];
                cJSON *row;

                if (!row_alive(&resource->row, AS_OF_NOW))
                        continue;
                row = add_thing(snapshot, project, resource_traits(kind)->word, resource->name);
                if (resource->pool && !text_same(resource->pool->name, resource->name))
                        json_add_text(row, "agent pool", resource->pool->name);
                if (resource->variables)
                        add_variables(row, resource);
        }
}

static void take_pools(Snapshot *snapshot) {
        const Array *pools = &snapshot->spec->organization->pools;

        for (size_t i = 0; i < pools->n_items; i++) {
                const Pool *pool = pools->items[i];

                if (row_alive(&pool->row, AS_OF_NOW))
                        add_row(snapshot, "agent pool", pool->name);
        }
}

static void take_endpoints(Snapshot *snapshot, const Project *project) {
        const Array *endpoints = &snapshot->spec->organization->endpoints;

        for (size_t i = 0; i < endpoints->n_items; i++) {
                const Endpoint *endpoint = endpoints->items[i];

                if (endpoint_in_project(endpoint, project, AS_OF_NOW))
                        add_thing(snapshot, project, "service connection", endpoint->name);
        }
}

static const char *name_of_used(const Project *project, const PipelineGrant *grant) {
        for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++)
                for (size_t i = 0; i < project->resources[kind].n_items; i++) {
                        const Resource *resource = project->resources[kind].items[i];

                        if (strcmp(resource->key, grant->resource) == 0 &&
                            strcmp(resource_pipeline_type((ResourceKind)kind), grant->type) == 0)
                                return resource->name;
                }
        for (size_t i = 0; i < project->organization->endpoints.n_items; i++) {
                const Endpoint *endpoint = project->organization->endpoints.items[i];

                if (strcmp(endpoint->id, grant->resource) == 0)
                        return endpoint->name;
        }
        for (size_t i = 0; i < project->repositories.n_items; i++) {
                const Repository *repository = project->repositories.items[i];
                const char *dot = strchr(grant->resource, '.');

                if (dot && strcmp(repository->id, dot + 1) == 0)
                        return repository->name;
        }
        return grant->resource;
}

/* Which pipelines may use what. */
static void take_pipeline_grants(Snapshot *snapshot, const Project *project) {
        for (size_t i = 0; i < project->pipeline_grants.n_items; i++) {
                const PipelineGrant *grant = project->pipeline_grants.items[i];
                const Definition *definition =
                        grant->pipeline ? project_find_definition((Project *)project,
                                                                  grant->pipeline, AS_OF_NOW)
                                        : NULL;
                cJSON *row;

                if (!row_alive(&grant->row, AS_OF_NOW))
                        continue;
                row = add_thing(snapshot, project, "opened to pipelines",
                                name_of_used(project, grant));
                json_add_text(row, "type", grant->type);
                json_add_text(row, "pipeline",
                              definition ? definition->name : grant->pipeline ? "gone" : "all");
        }
}

static void take_project(Snapshot *snapshot, const Project *project) {
        cJSON *row = add_row(snapshot, "project", project->name);

        if (!text_same(project->visibility, "private"))
                json_add_text(row, "visibility", project->visibility);
}

static void take_things(Snapshot *snapshot) {
        const Array *projects = &snapshot->spec->organization->projects;

        for (size_t i = 0; i < projects->n_items; i++) {
                const Project *project = projects->items[i];

                if (!shows_living(snapshot, project))
                        continue;
                take_project(snapshot, project);
                take_repositories(snapshot, project);
                take_pipelines(snapshot, project);
                take_nodes(snapshot, project);
                take_queries(snapshot, project);
                take_releases(snapshot, project);
                take_boards(snapshot, project, &project->plans, "plan");
                take_boards(snapshot, project, &project->dashboards, "dashboard");
                take_endpoints(snapshot, project);
                for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++)
                        take_resources(snapshot, project, (ResourceKind)kind);
                take_pipeline_grants(snapshot, project);
        }
        take_pools(snapshot);
}

/* Permissions. */

static void add_entry(Snapshot *snapshot, const Namespace *ns, const Label *label, const Ace *ace) {
        cJSON *row;

        if (ace->allow == 0 && ace->deny == 0)
                return;
        row = add_row(snapshot, "project", label->project ? label->project->name : "");
        json_add_text(row, "at", label->words);
        json_add_text(row, "namespace", ns->name);
        json_add_text(row, "principal",
                      ace->identity ? name_of(snapshot, ace->identity) : ace->descriptor);
        if (ace->allow)
                cJSON_AddItemToObject(row, "allow", place_words(ns, ace->allow));
        if (ace->deny)
                cJSON_AddItemToObject(row, "deny", place_words(ns, ace->deny));
}

typedef struct ListVisit {
        Snapshot *snapshot;
        const Namespace *ns;
} ListVisit;

/* A list without entries that inherits says nothing. */
static void take_list(void *context, const Acl *acl, const AclState *state) {
        const ListVisit *visit = context;
        Snapshot *snapshot = visit->snapshot;
        Label label = labels_get(&snapshot->labels, visit->ns, acl->token);

        if (label.project && !shows_living(snapshot, label.project))
                return;
        if (!state->inherit) {
                cJSON *row = add_row(snapshot, "project", label.project ? label.project->name : "");

                json_add_text(row, "at", label.words);
                json_add_text(row, "namespace", visit->ns->name);
                json_add_bool(row, "inherit", false);
        }
        for (size_t i = 0; i < state->n_aces; i++)
                add_entry(snapshot, visit->ns, &label, &state->aces[i]);
}

static void take_permissions(Snapshot *snapshot) {
        const Organization *organization = snapshot->spec->organization;

        for (size_t i = 0; i < N_NAMESPACES; i++) {
                ListVisit visit = {snapshot, permission_namespace(organization->world, (NamespaceIndex)i)};
                AclQuery query = {
                        .store = &organization->stores[i], .ns = visit.ns, .as_of = AS_OF_NOW};

                acl_visit(&query, take_list, &visit);
        }
}

static const struct {
        const char *name;
        void (*take)(Snapshot *snapshot);
} SECTIONS[] = {
        {"people", take_people}, {"memberships", take_memberships}, {"teams", take_teams},
        {"things", take_things}, {"permissions", take_permissions},
};

void snapshot_print(const SnapshotSpec *spec, Rows *rows) {
        Snapshot snapshot = {.spec = spec};
        cJSON *name = cJSON_CreateString(spec->organization->name);
        char *text = cJSON_PrintUnformatted(name);

        labels_init(&snapshot.labels, spec->organization);
        rows_print(rows, "{\n\"organization\": %s", text);
        for (size_t i = 0; i < sizeof(SECTIONS) / sizeof(SECTIONS[0]); i++) {
                if (spec->sections && !lists(spec->sections, SECTIONS[i].name))
                        continue;
                snapshot.list = cJSON_CreateArray();
                SECTIONS[i].take(&snapshot);
                rows_print(rows, ",\n");
                rows_begin_list(rows, SECTIONS[i].name);
                rows_add_sorted(rows, snapshot.list);
                rows_end_list(rows);
        }
        rows_print(rows, "\n}");
        free(text);
        cJSON_Delete(name);
        labels_deinit(&snapshot.labels);
        arena_deinit(&snapshot.arena);
}

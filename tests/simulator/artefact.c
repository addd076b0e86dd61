/* SPDX-License-Identifier: Apache-2.0 */
/* Things of a project: made, renamed, moved, deleted, with the entries that appear by themselves (facts §3.9). */
#include "tests/simulator/artefact.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/defaults.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"
#include "tests/simulator/pool.h"
#include "tests/simulator/query.h"

#define PROCESS_AGILE "adcc42ab-9882-485e-a3ed-7678f01f66bc"

enum {
        WORKING_DAYS_FIRST = 0x3e, /* Monday to Friday */
        BACKLOGS_FIRST = 6,        /* features, requirements */
};

static World *world_of(const Project *project) {
        return project->organization->world;
}

static Arena *arena_of(const Project *project) {
        return &world_of(project)->arena;
}

#define TOUCH(world, thing) row_touch(world, thing, sizeof(*(thing)))

static void grant(Project *project, NamespaceIndex ns, const char *token, const Identity *identity, uint32_t allow) {
        AclTarget target = {world_of(project), project->organization, namespace_get(ns), token};

        if (identity && allow)
                acl_grant(&target, identity, allow, 0);
}

/* Projects. */

static Node *make_node(Project *project, Node *parent, NodeStructure structure, const char *name) {
        World *world = world_of(project);
        Node *node = arena_alloc(&world->arena, sizeof(*node));

        row_init(world, node);
        node->id = project->organization->next_node++;
        node->identifier = random_guid(&world->random, &world->arena);
        node->structure = structure;
        node->project = project;
        node->parent = parent;
        node->name = arena_copy(&world->arena, name);
        array_add(&project->nodes, node);
        return node;
}

static void name_project(Project *project, const ProjectSpec *spec) {
        World *world = world_of(project);
        Arena *arena = &world->arena;

        project->id = guid_parse(arena, spec->id);
        if (!project->id)
                project->id = random_guid(&world->random, arena);
        project->scope_id = random_guid(&world->random, arena);
        project->scope_descriptor = arena_print(
                arena, "scp.%s", base64url_encode(arena, project->scope_id, strlen(project->scope_id)));
        project->name = arena_copy(arena, spec->name);
        project->description = arena_copy(arena, spec->description);
        project->visibility = spec->visibility ? arena_copy(arena, spec->visibility) : "private";
        project->process_id = spec->process_id ? text_fold(arena, spec->process_id) : PROCESS_AGILE;
        project->state = PROJECT_WELL_FORMED;
        project->revision = 1;
        project->updated = world->now;
}

static Team *make_team(Project *project, const char *name, const char *description) {
        World *world = world_of(project);
        Team *team = arena_alloc(&world->arena, sizeof(*team));
        IdentitySpec spec = {.kind = IDENTITY_GROUP,
                             .name = name,
                             .description = description,
                             .project = project,
                             .in_project_domain = true};

        row_init(world, team);
        team->project = project;
        team->group = directory_add(project->organization, &spec);
        team->group->team = team;
        team->bugs_behavior = "asRequirements";
        team->working_days = WORKING_DAYS_FIRST;
        team->backlogs = BACKLOGS_FIRST;
        array_add(&project->teams, team);
        return team;
}

Project *project_create(Organization *organization, const ProjectSpec *spec) {
        World *world = organization->world;
        Arena *arena = &world->arena;
        Project *project = arena_alloc(arena, sizeof(*project));
        TeamFieldValue all = {.include_children = false};

        row_init(world, project);
        project->organization = organization;
        name_project(project, spec);
        array_add(&organization->projects, project);
        project->iteration_root = make_node(project, NULL, NODE_ITERATION, project->name);
        project->area_root = make_node(project, NULL, NODE_AREA, project->name);
        defaults_add_groups(project);
        project->default_team =
                make_team(project, arena_print(arena, "%s Team", project->name), "The default project team.");
        membership_add(organization, project->default_team->group,
                       directory_find_role(organization, project, GROUP_CONTRIBUTORS));
        defaults_add_entries(project);
        all.value = project->name;
        team_set_areas(project->default_team, project->name, &all, 1);
        project->default_team->backlog_iteration = project->iteration_root->identifier;
        if (spec->actor) {
                membership_add(organization, spec->actor,
                               directory_find_role(organization, project, GROUP_PROJECT_ADMINISTRATORS));
                membership_add(organization, spec->actor, project->default_team->group);
                team_add_administrator(project->default_team, spec->actor);
        }
        repository_create(project, project->name, NULL);
        queues_provision(project);
        queries_init(project, spec->actor);
        defaults_add_query_entries(project);
        return project;
}

static void touch_project(Project *project) {
        TOUCH(world_of(project), project);
        project->revision++;
        project->updated = world_of(project)->now;
}

void project_rename(Project *project, const char *name) {
        Arena *arena = arena_of(project);
        Array *former = project->former_names;

        touch_project(project);
        if (!former)
                former = arena_alloc(arena, sizeof(*former));
        array_add(former, (void *)project->name);
        project->former_names = former;
        project->name = arena_copy(arena, name);
        node_rename(project->area_root, name);
        node_rename(project->iteration_root, name);
}

void project_describe(Project *project, const char *description, const char *visibility) {
        touch_project(project);
        if (description)
                project->description = arena_copy(arena_of(project), description);
        if (visibility)
                project->visibility = arena_copy(arena_of(project), visibility);
}

void project_set_state(Project *project, ProjectState state) {
        touch_project(project);
        project->state = state;
}

void project_delete(Project *project) {
        Organization *organization = project->organization;

        row_delete(world_of(project), project, sizeof(*project));
        for (size_t i = 0; i < organization->identities.n_items; i++) {
                Identity *identity = organization->identities.items[i];

                if (identity->project == project && row_alive(&identity->row, AS_OF_NOW))
                        directory_remove(organization, identity);
        }
}

static void free_items(Array *array) {
        array_deinit(array);
}

void project_free(Project *project) {
        for (size_t i = 0; i < project->repositories.n_items; i++) {
                Repository *repository = project->repositories.items[i];

                array_deinit(&repository->branches);
        }
        if (project->former_names)
                free_items(project->former_names);
        free_items(&project->teams);
        free_items(&project->nodes);
        free_items(&project->repositories);
        free_items(&project->folders);
        free_items(&project->definitions);
        free_items(&project->queries);
        free_items(&project->release_folders);
        free_items(&project->release_definitions);
        free_items(&project->plans);
        free_items(&project->dashboards);
        for (size_t i = 0; i < N_RESOURCE_KINDS; i++)
                free_items(&project->resources[i]);
        free_items(&project->pipeline_grants);
}

/* Teams. */

Team *team_create(Project *project, const char *name, const char *description, Identity *actor) {
        Organization *organization = project->organization;
        const Options *options = &organization->world->options;
        Team *team = make_team(project, name, description);

        if (options->team_creation_joins_contributors)
                membership_add(organization, team->group,
                               directory_find_role(organization, project, GROUP_CONTRIBUTORS));
        if (actor && options->team_creator_is_member)
                membership_add(organization, actor, team->group);
        if (actor)
                team_add_administrator(team, actor);
        return team;
}

void team_delete(Team *team) {
        Organization *organization = team->project->organization;

        row_delete(organization->world, team, sizeof(*team));
        directory_remove(organization, team->group);
}

void team_set_areas(Team *team, const char *default_area, const TeamFieldValue *values, size_t n_values) {
        Arena *arena = arena_of(team->project);
        TeamFieldValue *copies = arena_alloc(arena, n_values * sizeof(*copies));

        TOUCH(world_of(team->project), team);
        for (size_t i = 0; i < n_values; i++)
                copies[i] = (TeamFieldValue){arena_copy(arena, values[i].value), values[i].include_children};
        team->default_area = arena_copy(arena, default_area);
        team->areas = copies;
        team->n_areas = n_values;
}

void team_set_settings(Team *team, const Team *settings) {
        TOUCH(world_of(team->project), team);
        team->backlog_iteration = settings->backlog_iteration;
        team->default_iteration = settings->default_iteration;
        team->bugs_behavior = settings->bugs_behavior;
        team->working_days = settings->working_days;
        team->backlogs = settings->backlogs;
}

void team_add_administrator(Team *team, const Identity *identity) {
        grant(team->project, NAMESPACE_IDENTITY, token_of_group(arena_of(team->project), team->group), identity,
              IDENTITY_ADMINISTRATOR);
}

bool team_is_administrator(const Team *team, const Identity *identity, int64_t as_of) {
        Organization *organization = team->project->organization;
        Arena scratch = {0};
        const Namespace *ns = namespace_get(NAMESPACE_IDENTITY);
        const AclState *state = acl_find(&organization->stores[NAMESPACE_IDENTITY], ns,
                                         token_of_group(&scratch, team->group), as_of);
        const Ace *ace = acl_state_find(state, identity);

        arena_deinit(&scratch);
        return ace && (ace->allow & ~ace->deny & IDENTITY_ADMINISTRATOR) == IDENTITY_ADMINISTRATOR;
}

/* Repositories. */

Repository *repository_create(Project *project, const char *name, Identity *actor) {
        World *world = world_of(project);
        Repository *repository = arena_alloc(&world->arena, sizeof(*repository));

        row_init(world, repository);
        repository->id = random_guid(&world->random, &world->arena);
        repository->project = project;
        repository->name = arena_copy(&world->arena, name);
        array_add(&project->repositories, repository);
        grant(project, NAMESPACE_GIT, token_of_repository(&world->arena, repository), actor, GIT_CREATOR);
        return repository;
}

void repository_rename(Repository *repository, const char *name) {
        TOUCH(world_of(repository->project), repository);
        repository->name = arena_copy(arena_of(repository->project), name);
}

void repository_set_default_branch(Repository *repository, const char *ref) {
        TOUCH(world_of(repository->project), repository);
        repository->default_branch = arena_copy(arena_of(repository->project), ref);
}

void repository_set_disabled(Repository *repository, bool disabled) {
        TOUCH(world_of(repository->project), repository);
        repository->disabled = disabled;
}

void repository_recycle(Repository *repository, Identity *actor) {
        row_delete(world_of(repository->project), repository, sizeof(*repository));
        repository->recycled = true;
        repository->deleted_by = actor;
}

void repository_restore(Repository *repository) {
        TOUCH(world_of(repository->project), repository);
        repository->row.deleted = ROW_ALIVE;
        repository->recycled = false;
}

void repository_destroy(Repository *repository) {
        TOUCH(world_of(repository->project), repository);
        repository->recycled = false;
        repository->destroyed = true;
}

Branch *branch_create(Repository *repository, const char *ref, Identity *actor) {
        World *world = world_of(repository->project);
        Branch *branch = arena_alloc(&world->arena, sizeof(*branch));
        char *token = token_of_branch(&world->arena, repository, ref);

        row_init(world, branch);
        branch->repository = repository;
        branch->name = arena_copy(&world->arena, ref);
        branch->creator = actor;
        branch->object_id =
                arena_print(&world->arena, "%016llx%016llx%08x", (unsigned long long)random_next(&world->random),
                            (unsigned long long)random_next(&world->random), (unsigned)random_next(&world->random));
        array_add(&repository->branches, branch);
        if (!repository->default_branch && token)
                repository_set_default_branch(repository, ref);
        if (token)
                grant(repository->project, NAMESPACE_GIT, token, actor, GIT_BRANCH_CREATOR);
        return branch;
}

void branch_delete(Branch *branch) {
        row_delete(world_of(branch->repository->project), branch, sizeof(*branch));
}

/* Areas, iterations. */

Node *node_create(Node *parent, const char *name) {
        return make_node(parent->project, parent, parent->structure, name);
}

/* The path below a folder or area, "" for itself, NULL when it is not below. */
static const char *path_below(const char *path, const char *top) {
        size_t length = strlen(top);

        if (strncasecmp(path, top, length) != 0)
                return NULL;
        return path[length] == '\0' || path[length] == '\\' ? path + length : NULL;
}

static const char *rebased(Arena *arena, const char *path, const char *from, const char *to) {
        const char *rest = path ? path_below(path, from) : NULL;

        if (!rest)
                return path;
        return to ? arena_print(arena, "%s%s", to, rest) : NULL;
}

static void rebase_team(Team *team, const char *from, const char *to) {
        Arena *arena = arena_of(team->project);
        TeamFieldValue *values = arena_alloc(arena, team->n_areas * sizeof(*values));
        size_t n = 0;

        for (size_t i = 0; i < team->n_areas; i++) {
                const char *value = rebased(arena, team->areas[i].value, from, to);

                if (value)
                        values[n++] = (TeamFieldValue){value, team->areas[i].include_children};
        }
        team_set_areas(team, rebased(arena, team->default_area, from, to), values, n);
}

/* Teams keep their areas when these are renamed or moved, and lose what is deleted (to is NULL then). */
static void rebase_teams(Project *project, const Node *node, const char *from, const char *to) {
        for (size_t i = 0; node->structure == NODE_AREA && i < project->teams.n_items; i++) {
                Team *team = project->teams.items[i];

                if (row_alive(&team->row, AS_OF_NOW) && team->n_areas > 0)
                        rebase_team(team, from, to);
        }
}

void node_rename(Node *node, const char *name) {
        Arena *arena = arena_of(node->project);
        const char *from = node_field_path(arena, node, AS_OF_NOW);

        TOUCH(world_of(node->project), node);
        node->name = arena_copy(arena, name);
        rebase_teams(node->project, node, from, node_field_path(arena, node, AS_OF_NOW));
}

void node_set_dates(Node *node, const char *start, const char *finish) {
        TOUCH(world_of(node->project), node);
        node->start_date = arena_copy(arena_of(node->project), start);
        node->finish_date = arena_copy(arena_of(node->project), finish);
}

void node_move(Node *node, Node *parent) {
        Arena *arena = arena_of(node->project);
        const char *from = node_field_path(arena, node, AS_OF_NOW);

        TOUCH(world_of(node->project), node);
        node->parent = parent;
        rebase_teams(node->project, node, from, node_field_path(arena, node, AS_OF_NOW));
}

void node_delete(Node *node) {
        Project *project = node->project;

        rebase_teams(project, node, node_field_path(arena_of(project), node, AS_OF_NOW), NULL);
        for (size_t i = 0; i < project->nodes.n_items; i++) {
                Node *other = project->nodes.items[i];

                if (other != node && row_alive(&other->row, AS_OF_NOW) && node_below(other, node, AS_OF_NOW))
                        row_delete(world_of(project), other, sizeof(*other));
        }
        row_delete(world_of(project), node, sizeof(*node));
}

static const Node *node_parent(const Node *node, int64_t as_of) {
        const Node *then = row_at(node, as_of);

        return then ? then->parent : NULL;
}

size_t node_depth(const Node *node) {
        size_t depth = 0;

        for (; node->parent; node = node->parent)
                depth++;
        return depth;
}

bool node_below(const Node *node, const Node *ancestor, int64_t as_of) {
        while ((node = node_parent(node, as_of))) {
                if (node == ancestor)
                        return true;
        }
        return false;
}

static const char *path_from_root(Arena *arena, const Node *node, int64_t as_of) {
        const Node *then = row_at(node, as_of);

        if (!then || !then->parent)
                return "";
        return arena_print(arena, "%s\\%s", path_from_root(arena, then->parent, as_of), then->name);
}

static const Node *root_of(const Node *node) {
        return node->structure == NODE_AREA ? node->project->area_root : node->project->iteration_root;
}

static const char *root_name(const Node *node, int64_t as_of) {
        const Node *then = row_at(root_of(node), as_of);

        return then ? then->name : node->project->name;
}

const char *node_path(Arena *arena, const Node *node, int64_t as_of) {
        return arena_print(arena, "\\%s\\%s%s", root_name(node, as_of),
                           node->structure == NODE_AREA ? "Area" : "Iteration", path_from_root(arena, node, as_of));
}

const char *node_field_path(Arena *arena, const Node *node, int64_t as_of) {
        return arena_print(arena, "%s%s", root_name(node, as_of), path_from_root(arena, node, as_of));
}

/* Pipelines. */

char *folder_normalize(Arena *arena, const char *path) {
        char *normal = arena_alloc(arena, strlen(path) + 2);
        size_t n = 0;

        for (const char *at = path; *at;) {
                size_t length = strcspn(at, "/\\");

                if (length) {
                        normal[n++] = '\\';
                        memcpy(normal + n, at, length);
                        n += length;
                }
                at += length;
                at += *at != '\0';
        }
        if (n == 0)
                normal[n++] = '\\';
        normal[n] = '\0';
        return normal;
}

static Folder *make_folder(Project *project, FolderTree tree, const char *path, Identity *actor) {
        World *world = world_of(project);
        Folder *folder = arena_alloc(&world->arena, sizeof(*folder));

        row_init(world, folder);
        folder->tree = tree;
        folder->project = project;
        folder->path = path;
        folder->created_by = actor;
        array_add(project_folders(project, tree), folder);
        return folder;
}

static Folder *find_in(Project *project, FolderTree tree, const char *path) {
        return tree == TREE_OF_PIPELINES ? project_find_folder(project, path, AS_OF_NOW)
                                         : project_find_release_folder(project, path, AS_OF_NOW);
}

static void make_parents(Project *project, FolderTree tree, const char *path, Identity *actor) {
        const char *last = strrchr(path, '\\');
        char *parent;

        if (last == path)
                return;
        parent = arena_copy_length(arena_of(project), path, (size_t)(last - path));
        if (find_in(project, tree, parent))
                return;
        make_parents(project, tree, parent, actor);
        make_folder(project, tree, parent, actor);
}

static Folder *create_in(Project *project, FolderTree tree, const char *path, Identity *actor) {
        char *normal = folder_normalize(arena_of(project), path);
        Folder *folder = find_in(project, tree, normal);

        if (folder || strcmp(normal, "\\") == 0)
                return folder;
        make_parents(project, tree, normal, actor);
        return make_folder(project, tree, normal, actor);
}

static Folder *create_described(Project *project, FolderTree tree, const char *path, const char *description,
                                Identity *actor) {
        size_t n_folders = project_folders(project, tree)->n_items;
        Folder *folder = create_in(project, tree, path, actor);

        if (project_folders(project, tree)->n_items > n_folders)
                folder->description = arena_copy(arena_of(project), description);
        return folder;
}

Folder *folder_create(Project *project, const char *path, const char *description, Identity *actor) {
        return create_described(project, TREE_OF_PIPELINES, path, description, actor);
}

Folder *release_folder_create(Project *project, const char *path, const char *description, Identity *actor) {
        return create_described(project, TREE_OF_RELEASES, path, description, actor);
}

void folder_move(Folder *folder, const char *path, Identity *actor) {
        Project *project = folder->project;
        World *world = world_of(project);
        const char *from = folder->path;
        char *to = folder_normalize(&world->arena, path);
        const Array *folders = project_folders(project, folder->tree);
        const Array *definitions = project_definitions(project, folder->tree);

        make_parents(project, folder->tree, to, actor);
        for (size_t i = 0; i < folders->n_items; i++) {
                Folder *other = folders->items[i];
                const char *rest = path_below(other->path, from);

                if (!rest || !row_alive(&other->row, AS_OF_NOW))
                        continue;
                TOUCH(world, other);
                other->path = arena_print(&world->arena, "%s%s", to, rest);
                other->changed_by = actor;
        }
        for (size_t i = 0; i < definitions->n_items; i++) {
                Definition *definition = definitions->items[i];
                const char *rest = path_below(definition->path, from);

                if (rest && row_alive(&definition->row, AS_OF_NOW))
                        definition_update(definition, definition->name, arena_print(&world->arena, "%s%s", to, rest));
        }
}

void folder_describe(Folder *folder, const char *description, Identity *actor) {
        TOUCH(world_of(folder->project), folder);
        folder->description = arena_copy(arena_of(folder->project), description);
        folder->changed_by = actor;
}

void folder_delete(Folder *folder) {
        Project *project = folder->project;
        const char *path = folder->path;
        const Array *folders = project_folders(project, folder->tree);
        const Array *definitions = project_definitions(project, folder->tree);

        for (size_t i = 0; i < folders->n_items; i++) {
                Folder *other = folders->items[i];

                if (row_alive(&other->row, AS_OF_NOW) && path_below(other->path, path))
                        row_delete(world_of(project), other, sizeof(*other));
        }
        for (size_t i = 0; i < definitions->n_items; i++) {
                Definition *definition = definitions->items[i];

                if (row_alive(&definition->row, AS_OF_NOW) && path_below(definition->path, path))
                        definition_delete(definition);
        }
}

static Definition *make_definition(Project *project, FolderTree tree, const DefinitionSpec *spec) {
        World *world = world_of(project);
        Definition *definition = arena_alloc(&world->arena, sizeof(*definition));

        row_init(world, definition);
        definition->tree = tree;
        definition->project = project;
        definition->name = arena_copy(&world->arena, spec->name);
        definition->path = folder_normalize(&world->arena, spec->path ? spec->path : "\\");
        definition->revision = 1;
        definition->repository = spec->repository;
        definition->yaml = arena_copy(&world->arena, spec->yaml);
        definition->author = spec->actor;
        create_in(project, tree, definition->path, spec->actor);
        array_add(project_definitions(project, tree), definition);
        return definition;
}

Definition *definition_create(Project *project, const DefinitionSpec *spec) {
        bool first = project->definitions.n_items == 0;
        Definition *definition = make_definition(project, TREE_OF_PIPELINES, spec);

        definition->id = project->organization->next_definition++;
        if (first)
                defaults_add_build_service(project);
        return definition;
}

Definition *release_create(Project *project, const DefinitionSpec *spec) {
        Definition *definition = make_definition(project, TREE_OF_RELEASES, spec);

        definition->id = project->organization->next_release++;
        return definition;
}

void definition_update(Definition *definition, const char *name, const char *path) {
        Arena *arena = arena_of(definition->project);

        TOUCH(world_of(definition->project), definition);
        definition->name = arena_copy(arena, name);
        definition->path = folder_normalize(arena, path);
        definition->revision++;
}

void definition_delete(Definition *definition) {
        row_delete(world_of(definition->project), definition, sizeof(*definition));
}

/* Service connections. */

static Array *copy_projects(Arena *arena, const Array *projects) {
        Array *copy = arena_alloc(arena, sizeof(*copy));

        for (size_t i = 0; projects && i < projects->n_items; i++)
                array_add(copy, projects->items[i]);
        return copy;
}

Endpoint *endpoint_create(Project *project, const EndpointSpec *spec) {
        World *world = world_of(project);
        Arena *arena = &world->arena;
        Endpoint *endpoint = arena_alloc(arena, sizeof(*endpoint));

        row_init(world, endpoint);
        endpoint->id = random_guid(&world->random, arena);
        endpoint->name = arena_copy(arena, spec->name);
        endpoint->description = spec->description ? arena_copy(arena, spec->description) : "";
        endpoint->type = arena_copy(arena, spec->type ? spec->type : "generic");
        endpoint->url = arena_copy(arena, spec->url ? spec->url : "https://example.invalid/");
        endpoint->scheme = arena_copy(arena, spec->scheme ? spec->scheme : "UsernamePassword");
        endpoint->creator = spec->actor;
        endpoint->projects = copy_projects(arena, NULL);
        array_add(endpoint->projects, project);
        array_add(&project->organization->endpoints, endpoint);
        grant(project, NAMESPACE_SERVICE_ENDPOINTS, token_of_endpoint(arena, endpoint, project), spec->actor,
              ENDPOINT_USE | ENDPOINT_ADMINISTER);
        return endpoint;
}

static World *world_of_endpoint(const Endpoint *endpoint) {
        return world_of(endpoint->projects->items[0]);
}

void endpoint_share(Endpoint *endpoint, Project *project) {
        World *world = world_of(project);

        if (endpoint_in_project(endpoint, project, AS_OF_NOW))
                return;
        TOUCH(world, endpoint);
        endpoint->projects = copy_projects(&world->arena, endpoint->projects);
        array_add(endpoint->projects, project);
}

void endpoint_unshare(Endpoint *endpoint, Project *project) {
        World *world = world_of(project);

        if (!endpoint_in_project(endpoint, project, AS_OF_NOW))
                return;
        if (endpoint->projects->n_items == 1) {
                endpoint_delete(endpoint);
                return;
        }
        TOUCH(world, endpoint);
        endpoint->projects = copy_projects(&world->arena, endpoint->projects);
        for (size_t i = 0; i < endpoint->projects->n_items; i++) {
                if (endpoint->projects->items[i] == project)
                        array_remove(endpoint->projects, i--);
        }
}

void endpoint_rename(Endpoint *endpoint, const char *name, const char *description) {
        World *world = world_of_endpoint(endpoint);

        TOUCH(world, endpoint);
        endpoint->name = arena_copy(&world->arena, name);
        if (description)
                endpoint->description = arena_copy(&world->arena, description);
}

void endpoint_delete(Endpoint *endpoint) {
        row_delete(world_of_endpoint(endpoint), endpoint, sizeof(*endpoint));
}

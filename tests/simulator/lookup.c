/* SPDX-License-Identifier: Apache-2.0 */
/* Finding things of an organisation by name or id, as of a time. */
#include <string.h>
#include <strings.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/world.h"

static bool former_name_is(const Project *project, const char *name) {
        for (size_t i = 0; project->former_names && i < project->former_names->n_items; i++) {
                if (text_same(project->former_names->items[i], name))
                        return true;
        }
        return false;
}

Project *organization_find_project(Organization *organization, const char *name_or_id, int64_t as_of) {
        for (size_t i = 0; i < organization->projects.n_items; i++) {
                Project *project = organization->projects.items[i];
                const Project *then = row_at(project, as_of);

                if (then && (strcasecmp(then->id, name_or_id) == 0 || text_same(then->name, name_or_id)))
                        return project;
        }
        return NULL;
}

Project *organization_find_former_project(Organization *organization, const char *name, int64_t as_of) {
        for (size_t i = 0; i < organization->projects.n_items; i++) {
                Project *project = organization->projects.items[i];
                const Project *then = row_at(project, as_of);

                if (then && former_name_is(then, name))
                        return project;
        }
        return NULL;
}

Team *project_find_team(Project *project, const char *name_or_id, int64_t as_of) {
        for (size_t i = 0; i < project->teams.n_items; i++) {
                Team *team = project->teams.items[i];
                const Identity *group = row_at(team->group, as_of);

                if (row_at(team, as_of) && group &&
                    (strcasecmp(group->storage_key, name_or_id) == 0 || text_same(group->name, name_or_id)))
                        return team;
        }
        return NULL;
}

Repository *project_find_repository(Project *project, const char *name_or_id, int64_t as_of) {
        for (size_t i = 0; i < project->repositories.n_items; i++) {
                Repository *repository = project->repositories.items[i];
                const Repository *then = row_at(repository, as_of);

                if (then && (strcasecmp(then->id, name_or_id) == 0 || text_same(then->name, name_or_id)))
                        return repository;
        }
        return NULL;
}

Array *project_folders(Project *project, FolderTree tree) {
        return tree == TREE_OF_PIPELINES ? &project->folders : &project->release_folders;
}

Array *project_definitions(Project *project, FolderTree tree) {
        return tree == TREE_OF_PIPELINES ? &project->definitions : &project->release_definitions;
}

static Folder *find_folder(const Array *folders, const char *path, int64_t as_of) {
        Arena scratch = {0};
        const char *wanted = folder_normalize(&scratch, path);
        Folder *found = NULL;

        for (size_t i = 0; !found && i < folders->n_items; i++) {
                Folder *folder = folders->items[i];
                const Folder *then = row_at(folder, as_of);

                if (then && text_same(then->path, wanted))
                        found = folder;
        }
        arena_deinit(&scratch);
        return found;
}

Folder *project_find_folder(Project *project, const char *path, int64_t as_of) {
        return find_folder(&project->folders, path, as_of);
}

Folder *project_find_release_folder(Project *project, const char *path, int64_t as_of) {
        return find_folder(&project->release_folders, path, as_of);
}

Definition *project_find_definition(Project *project, int id, int64_t as_of) {
        for (size_t i = 0; i < project->definitions.n_items; i++) {
                Definition *definition = project->definitions.items[i];

                if (definition->id == id && row_at(definition, as_of))
                        return definition;
        }
        return NULL;
}

/* Whether a pipeline in its folder is called by the path. */
static bool definition_is(const Definition *definition, const char *path, Arena *scratch) {
        return row_alive(&definition->row, AS_OF_NOW) &&
               text_same(folder_normalize(scratch, arena_print(scratch, "%s\\%s", definition->path,
                                                               definition->name)),
                         path);
}

static Definition *find_by_name(const Array *definitions, const char *name) {
        Arena scratch = {0};
        const char *path = folder_normalize(&scratch, name);
        Definition *found = NULL;

        for (size_t i = 0; !found && i < definitions->n_items; i++) {
                Definition *definition = definitions->items[i];

                if (row_alive(&definition->row, AS_OF_NOW) && text_same(definition->name, name))
                        found = definition;
        }
        for (size_t i = 0; !found && i < definitions->n_items; i++) {
                Definition *definition = definitions->items[i];

                if (definition_is(definition, path, &scratch))
                        found = definition;
        }
        arena_deinit(&scratch);
        return found;
}

Definition *project_find_pipeline(Project *project, const char *name) {
        return find_by_name(&project->definitions, name);
}

Definition *project_find_release(Project *project, const char *name) {
        return find_by_name(&project->release_definitions, name);
}

static Node *find_child(Project *project, const Node *parent, const char *name, int64_t as_of) {
        for (size_t i = 0; i < project->nodes.n_items; i++) {
                Node *node = project->nodes.items[i];
                const Node *then = row_at(node, as_of);

                if (then && then->parent == parent && text_same(then->name, name))
                        return node;
        }
        return NULL;
}

Node *project_find_node(Project *project, NodeStructure structure, const char *path, int64_t as_of) {
        Node *node = structure == NODE_AREA ? project->area_root : project->iteration_root;
        Arena scratch = {0};

        while (node && *path) {
                size_t length = strcspn(path, "/\\");

                if (length)
                        node = find_child(project, node, arena_copy_length(&scratch, path, length), as_of);
                path += length;
                path += *path != '\0';
        }
        arena_deinit(&scratch);
        return node;
}

Node *project_find_node_id(Project *project, int id, int64_t as_of) {
        for (size_t i = 0; i < project->nodes.n_items; i++) {
                Node *node = project->nodes.items[i];

                if (node->id == id && row_at(node, as_of))
                        return node;
        }
        return NULL;
}

Branch *repository_find_branch(Repository *repository, const char *ref, int64_t as_of) {
        for (size_t i = 0; i < repository->branches.n_items; i++) {
                Branch *branch = repository->branches.items[i];

                if (row_at(branch, as_of) && strcmp(branch->name, ref) == 0)
                        return branch;
        }
        return NULL;
}

bool endpoint_in_project(const Endpoint *endpoint, const Project *project, int64_t as_of) {
        const Endpoint *then = row_at(endpoint, as_of);

        for (size_t i = 0; then && i < then->projects->n_items; i++) {
                if (then->projects->items[i] == project)
                        return true;
        }
        return false;
}

Endpoint *organization_find_endpoint(Organization *organization, const char *name_or_id, const Project *project,
                                     int64_t as_of) {
        for (size_t i = 0; i < organization->endpoints.n_items; i++) {
                Endpoint *endpoint = organization->endpoints.items[i];
                const Endpoint *then = row_at(endpoint, as_of);

                if (!then || (project && !endpoint_in_project(endpoint, project, as_of)))
                        continue;
                if (strcasecmp(then->id, name_or_id) == 0 || text_same(then->name, name_or_id))
                        return endpoint;
        }
        return NULL;
}

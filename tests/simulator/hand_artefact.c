/* SPDX-License-Identifier: Apache-2.0 */
/* Projects, and the things in them, changed by hand. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/hand.h"

/* What most operations begin with: the project and the name of the thing. */
typedef struct Subject {
        Project *project;
        const char *name;
        const char *to; /* new name or place, when the operation has one */
} Subject;

static int read_subject(const HandJob *job, const char *const *keys, Subject *subject) {
        bool has_to = false;

        for (const char *const *key = keys; *key; key++)
                has_to = has_to || strcmp(*key, "to") == 0;
        written_check_keys(job->change, keys);
        subject->project = hand_project(job);
        subject->name = written_need(job->change, "name");
        subject->to = has_to ? written_need(job->change, "to") : NULL;
        return subject->project && subject->name && (subject->to || !has_to) ? 0 : -1;
}

static int already(const HandJob *job, const char *key, const char *name) {
        written_mistake_at(job->change, key, "\"%s\" is there already", name);
        return -1;
}

static int nowhere(const HandJob *job, const Subject *subject) {
        written_mistake_at(job->change, "name", "%s has no \"%s\"", subject->project->name,
                           subject->name);
        return -1;
}

static const char *const NAMED[] = {"op", "name", "project", NULL};
static const char *const RENAMED[] = {"op", "name", "to", "project", NULL};

/* Projects. */

int hand_create_project(const HandJob *job) {
        static const char *const KEYS[] = {"op",         "name",    "description",
                                           "visibility", "process", NULL};
        Organization *organization = job->hand->organization;
        ProjectSpec spec = {.actor = job->hand->person};
        int result;

        written_check_keys(job->change, KEYS);
        spec.name = written_need(job->change, "name");
        spec.description = written_text(job->change, "description");
        spec.visibility = written_text(job->change, "visibility");
        spec.process_id = written_text(job->change, "process");
        if (!spec.name)
                return -1;
        if (organization_find_project(organization, spec.name, AS_OF_NOW))
                return already(job, "name", spec.name);
        result = hand_may(job, NAMESPACE_COLLECTION, "NAMESPACE:", COLLECTION_CREATE_PROJECTS);
        if (result == 0)
                project_create(organization, &spec);
        return result;
}

static Project *named_project(const HandJob *job) {
        const char *name = written_need(job->change, "name");
        Project *project =
                name ? organization_find_project(job->hand->organization, name, AS_OF_NOW) : NULL;

        if (name && !project)
                written_mistake_at(job->change, "name", "there is no project \"%s\"", name);
        return project;
}

int hand_rename_project(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "to", NULL};
        Project *project;
        const char *to;
        int result;

        written_check_keys(job->change, KEYS);
        project = named_project(job);
        to = written_need(job->change, "to");
        if (!project || !to)
                return -1;
        result = hand_may(job, NAMESPACE_PROJECT, token_of_project(job->arena, project),
                          PROJECT_RENAME);
        if (result == 0)
                project_rename(project, to);
        return result;
}

int hand_delete_project(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", NULL};
        Project *project;
        int result;

        written_check_keys(job->change, KEYS);
        project = named_project(job);
        if (!project)
                return -1;
        result = hand_may(job, NAMESPACE_PROJECT, token_of_project(job->arena, project),
                          PROJECT_DELETE);
        if (result == 0)
                project_delete(project);
        return result;
}

/* Repositories. */

int hand_create_repository(const HandJob *job) {
        Subject subject;
        int result;

        if (read_subject(job, NAMED, &subject) < 0)
                return -1;
        if (project_find_repository(subject.project, subject.name, AS_OF_NOW))
                return already(job, "name", subject.name);
        result = hand_may(job, NAMESPACE_GIT, token_of_repositories(job->arena, subject.project),
                          GIT_CREATE_REPOSITORY);
        if (result == 0)
                repository_create(subject.project, subject.name, job->hand->person);
        return result;
}

static int read_repository(const HandJob *job, const char *const *keys, Subject *subject,
                           Repository **repositoryp) {
        if (read_subject(job, keys, subject) < 0)
                return -1;
        *repositoryp = project_find_repository(subject->project, subject->name, AS_OF_NOW);
        return *repositoryp ? 0 : nowhere(job, subject);
}

int hand_rename_repository(const HandJob *job) {
        Subject subject;
        Repository *repository;
        int result = read_repository(job, RENAMED, &subject, &repository);

        if (result == 0)
                result = hand_may(job, NAMESPACE_GIT, token_of_repository(job->arena, repository),
                                  GIT_RENAME_REPOSITORY);
        if (result == 0)
                repository_rename(repository, subject.to);
        return result;
}

int hand_delete_repository(const HandJob *job) {
        Subject subject;
        Repository *repository;
        int result = read_repository(job, NAMED, &subject, &repository);

        if (result == 0)
                result = hand_may(job, NAMESPACE_GIT, token_of_repository(job->arena, repository),
                                  GIT_DELETE_REPOSITORY);
        if (result == 0)
                repository_recycle(repository, job->hand->person);
        return result;
}

int hand_restore_repository(const HandJob *job) {
        Subject subject;
        int result;

        if (read_subject(job, NAMED, &subject) < 0)
                return -1;
        for (size_t i = subject.project->repositories.n_items; i-- > 0;) {
                Repository *repository = subject.project->repositories.items[i];

                if (!repository->recycled || !text_same(repository->name, subject.name))
                        continue;
                result = hand_may(job, NAMESPACE_GIT,
                                  token_of_repositories(job->arena, subject.project),
                                  GIT_CREATE_REPOSITORY);
                if (result == 0)
                        repository_restore(repository);
                return result;
        }
        return nowhere(job, &subject);
}

static const char *const BRANCHED[] = {"op", "name", "branch", "project", NULL};

static int read_ref(const HandJob *job, Repository **repositoryp, const char **refp) {
        Subject subject;
        const char *branch;

        if (read_repository(job, BRANCHED, &subject, repositoryp) < 0)
                return -1;
        branch = written_need(job->change, "branch");
        if (!branch)
                return -1;
        *refp = text_starts(branch, "refs/") ? branch
                                             : arena_print(job->arena, "refs/heads/%s", branch);
        return 0;
}

int hand_create_branch(const HandJob *job) {
        Repository *repository;
        const char *ref;
        int result = read_ref(job, &repository, &ref);

        if (result != 0)
                return result;
        if (repository_find_branch(repository, ref, AS_OF_NOW))
                return already(job, "branch", ref);
        result = hand_may(job, NAMESPACE_GIT, token_of_repository(job->arena, repository),
                          GIT_CREATE_BRANCH);
        if (result == 0)
                branch_create(repository, ref, job->hand->person);
        return result;
}

int hand_delete_branch(const HandJob *job) {
        Repository *repository;
        const char *ref;
        int result = read_ref(job, &repository, &ref);
        Branch *branch = result == 0 ? repository_find_branch(repository, ref, AS_OF_NOW) : NULL;

        if (result == 0 && !branch) {
                written_mistake_at(job->change, "branch", "%s has no branch \"%s\"",
                                   repository->name, ref);
                return -1;
        }
        if (result == 0)
                result = hand_may(job, NAMESPACE_GIT, token_of_branch(job->arena, repository, ref),
                                  GIT_FORCE_PUSH);
        if (result == 0)
                branch_delete(branch);
        return result;
}

/* Pipelines. */

static const char *folder_root(const HandJob *job, const Project *project) {
        return token_of_folder(job->arena, project, "\\");
}

int hand_create_folder(const HandJob *job) {
        Subject subject;
        int result;

        if (read_subject(job, NAMED, &subject) < 0)
                return -1;
        if (project_find_folder(subject.project, subject.name, AS_OF_NOW))
                return already(job, "name", subject.name);
        result = hand_may(job, NAMESPACE_BUILD, folder_root(job, subject.project),
                          BUILD_EDIT_DEFINITION);
        if (result == 0)
                folder_create(subject.project, subject.name, NULL, job->hand->person);
        return result;
}

static int read_folder(const HandJob *job, const char *const *keys, Subject *subject,
                       Folder **folderp) {
        if (read_subject(job, keys, subject) < 0)
                return -1;
        *folderp = project_find_folder(subject->project, subject->name, AS_OF_NOW);
        return *folderp ? 0 : nowhere(job, subject);
}

int hand_rename_folder(const HandJob *job) {
        Subject subject;
        Folder *folder;
        int result = read_folder(job, RENAMED, &subject, &folder);

        if (result == 0)
                result = hand_may(job, NAMESPACE_BUILD,
                                  token_of_folder(job->arena, subject.project, folder->path),
                                  BUILD_EDIT_DEFINITION);
        if (result == 0)
                folder_move(folder, subject.to, job->hand->person);
        return result;
}

int hand_delete_folder(const HandJob *job) {
        Subject subject;
        Folder *folder;
        int result = read_folder(job, NAMED, &subject, &folder);

        if (result == 0)
                result = hand_may(job, NAMESPACE_BUILD,
                                  token_of_folder(job->arena, subject.project, folder->path),
                                  BUILD_DELETE_DEFINITION);
        if (result == 0)
                folder_delete(folder);
        return result;
}

int hand_create_pipeline(const HandJob *job) {
        static const char *const KEYS[] = {"op",   "name",    "folder", "repository",
                                           "yaml", "project", NULL};
        Subject subject;
        const char *repository;
        DefinitionSpec spec = {.actor = job->hand->person};
        int result;

        if (read_subject(job, KEYS, &subject) < 0)
                return -1;
        spec.name = subject.name;
        spec.path = written_text(job->change, "folder");
        spec.yaml = written_text(job->change, "yaml");
        repository = written_text(job->change, "repository");
        if (repository &&
            !(spec.repository = project_find_repository(subject.project, repository, AS_OF_NOW))) {
                written_mistake_at(job->change, "repository", "there is no repository \"%s\"",
                                   repository);
                return -1;
        }
        result = hand_may(job, NAMESPACE_BUILD, folder_root(job, subject.project),
                          BUILD_EDIT_DEFINITION);
        if (result == 0)
                definition_create(subject.project, &spec);
        return result;
}

static int read_pipeline(const HandJob *job, const char *const *keys, uint32_t bits,
                         Subject *subject, Definition **definitionp) {
        if (read_subject(job, keys, subject) < 0)
                return -1;
        *definitionp = project_find_pipeline(subject->project, subject->name);
        if (!*definitionp)
                return nowhere(job, subject);
        return hand_may(job, NAMESPACE_BUILD, token_of_definition(job->arena, *definitionp), bits);
}

int hand_rename_pipeline(const HandJob *job) {
        Subject subject;
        Definition *definition;
        int result = read_pipeline(job, RENAMED, BUILD_EDIT_DEFINITION, &subject, &definition);

        if (result == 0)
                definition_update(definition, subject.to, definition->path);
        return result;
}

/* Its entries stay at the former token, as those of folders do. */
int hand_move_pipeline(const HandJob *job) {
        Subject subject;
        Definition *definition;
        int result = read_pipeline(job, RENAMED, BUILD_EDIT_DEFINITION, &subject, &definition);

        if (result != 0)
                return result;
        folder_create(subject.project, subject.to, NULL, job->hand->person);
        definition_update(definition, definition->name, subject.to);
        return 0;
}

int hand_delete_pipeline(const HandJob *job) {
        Subject subject;
        Definition *definition;
        int result = read_pipeline(job, NAMED, BUILD_DELETE_DEFINITION, &subject, &definition);

        if (result == 0)
                definition_delete(definition);
        return result;
}

/* Areas, iterations. */

static NamespaceIndex node_namespace(NodeStructure structure) {
        return structure == NODE_AREA ? NAMESPACE_CSS : NAMESPACE_ITERATION;
}

/* The parent of the node a path names. */
static Node *node_parent_of(const HandJob *job, const Subject *subject, NodeStructure structure,
                            const char **namep) {
        const char *path = subject->name, *last = NULL;

        for (const char *at = path; *at; at++) {
                if (*at == '\\' || *at == '/')
                        last = at;
        }
        *namep = last ? last + 1 : path;
        return project_find_node(
                subject->project, structure,
                last ? arena_copy_length(job->arena, path, (size_t)(last - path)) : "", AS_OF_NOW);
}

static int create_node(const HandJob *job, NodeStructure structure) {
        Subject subject;
        const char *name;
        Node *parent;
        int result;

        if (read_subject(job, NAMED, &subject) < 0)
                return -1;
        if (project_find_node(subject.project, structure, subject.name, AS_OF_NOW))
                return already(job, "name", subject.name);
        parent = node_parent_of(job, &subject, structure, &name);
        if (!parent) {
                written_mistake_at(job->change, "name",
                                   "what \"%s\" is to stand below is not there", subject.name);
                return -1;
        }
        result = hand_may(job, node_namespace(structure), token_of_node(job->arena, parent),
                          NODE_CREATE_CHILDREN);
        if (result == 0)
                node_create(parent, name);
        return result;
}

int hand_create_area(const HandJob *job) {
        return create_node(job, NODE_AREA);
}

int hand_create_iteration(const HandJob *job) {
        return create_node(job, NODE_ITERATION);
}

static int read_node(const HandJob *job, const char *const *keys, NodeStructure structure,
                     Subject *subject, Node **nodep) {
        if (read_subject(job, keys, subject) < 0)
                return -1;
        *nodep = project_find_node(subject->project, structure, subject->name, AS_OF_NOW);
        if (!*nodep)
                return nowhere(job, subject);
        if ((*nodep)->parent)
                return 0;
        written_mistake_at(job->change, "name", "the root stays as it is");
        return -1;
}

static int rename_node(const HandJob *job, NodeStructure structure) {
        Subject subject;
        Node *node;
        int result = read_node(job, RENAMED, structure, &subject, &node);

        if (result == 0)
                result = hand_may(job, node_namespace(structure), token_of_node(job->arena, node),
                                  NODE_WRITE);
        if (result == 0)
                node_rename(node, subject.to);
        return result;
}

int hand_rename_area(const HandJob *job) {
        return rename_node(job, NODE_AREA);
}

int hand_rename_iteration(const HandJob *job) {
        return rename_node(job, NODE_ITERATION);
}

static int move_node(const HandJob *job, NodeStructure structure) {
        Subject subject;
        Node *node, *parent;
        int result = read_node(job, RENAMED, structure, &subject, &node);

        if (result != 0)
                return result;
        parent = project_find_node(subject.project, structure, subject.to, AS_OF_NOW);
        if (!parent || parent == node || node_below(parent, node, AS_OF_NOW)) {
                written_mistake_at(job->change, "to", "\"%s\" cannot be above it", subject.to);
                return -1;
        }
        result = hand_may(job, node_namespace(structure), token_of_node(job->arena, node),
                          NODE_WRITE);
        if (result == 0)
                node_move(node, parent);
        return result;
}

int hand_move_area(const HandJob *job) {
        return move_node(job, NODE_AREA);
}

int hand_move_iteration(const HandJob *job) {
        return move_node(job, NODE_ITERATION);
}

static int delete_node(const HandJob *job, NodeStructure structure) {
        Subject subject;
        Node *node;
        int result = read_node(job, NAMED, structure, &subject, &node);

        if (result == 0)
                result = hand_may(job, node_namespace(structure), token_of_node(job->arena, node),
                                  NODE_DELETE);
        if (result == 0)
                node_delete(node);
        return result;
}

int hand_delete_area(const HandJob *job) {
        return delete_node(job, NODE_AREA);
}

int hand_delete_iteration(const HandJob *job) {
        return delete_node(job, NODE_ITERATION);
}

/* Service connections. */

int hand_create_endpoint(const HandJob *job) {
        static const char *const KEYS[] = {"op",          "name",    "type", "url",
                                           "description", "project", NULL};
        Subject subject;
        EndpointSpec spec = {.actor = job->hand->person};
        int result;

        if (read_subject(job, KEYS, &subject) < 0)
                return -1;
        if (organization_find_endpoint(job->hand->organization, subject.name, subject.project,
                                       AS_OF_NOW))
                return already(job, "name", subject.name);
        spec.name = subject.name;
        spec.type = written_text(job->change, "type");
        spec.url = written_text(job->change, "url");
        spec.description = written_text(job->change, "description");
        result = hand_may(job, NAMESPACE_SERVICE_ENDPOINTS,
                          arena_print(job->arena, "endpoints/%s", subject.project->id),
                          ENDPOINT_CREATE);
        if (result == 0)
                endpoint_create(subject.project, &spec);
        return result;
}

static int read_endpoint(const HandJob *job, const char *const *keys, Subject *subject,
                         Endpoint **endpointp) {
        if (read_subject(job, keys, subject) < 0)
                return -1;
        *endpointp = organization_find_endpoint(job->hand->organization, subject->name,
                                                subject->project, AS_OF_NOW);
        if (!*endpointp)
                return nowhere(job, subject);
        return hand_may(job, NAMESPACE_SERVICE_ENDPOINTS,
                        token_of_endpoint(job->arena, *endpointp, subject->project),
                        ENDPOINT_ADMINISTER);
}

int hand_rename_endpoint(const HandJob *job) {
        Subject subject;
        Endpoint *endpoint;
        int result = read_endpoint(job, RENAMED, &subject, &endpoint);

        if (result == 0)
                endpoint_rename(endpoint, subject.to, NULL);
        return result;
}

int hand_delete_endpoint(const HandJob *job) {
        Subject subject;
        Endpoint *endpoint;
        int result = read_endpoint(job, NAMED, &subject, &endpoint);

        if (result == 0)
                endpoint_delete(endpoint);
        return result;
}

int hand_share_endpoint(const HandJob *job) {
        Organization *organization = job->hand->organization;
        Subject subject;
        Endpoint *endpoint;
        int result = read_endpoint(job, RENAMED, &subject, &endpoint);
        Project *project =
                result == 0 ? organization_find_project(organization, subject.to, AS_OF_NOW) : NULL;

        if (result != 0)
                return result;
        if (!project) {
                written_mistake_at(job->change, "to", "there is no project \"%s\"", subject.to);
                return -1;
        }
        result = hand_may(job, NAMESPACE_SERVICE_ENDPOINTS,
                          arena_print(job->arena, "endpoints/%s", project->id), ENDPOINT_CREATE);
        if (result == 0)
                endpoint_share(endpoint, project);
        return result;
}

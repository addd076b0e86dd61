/* SPDX-License-Identifier: Apache-2.0 */
/* Area Git: repositories, their recycle bin, refs (facts §6.5).
 *
 * A repository the caller may not read is absent from lists, and 404 when named (facts §1.8).
 * includeHidden of the service shows the repositories of project wikis; there are none here, so it
 * changes nothing. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/names.h"
#include "tests/simulator/shape.h"

enum {
        GIT_CREATE_TAG = 32,
        GIT_EDIT_POLICIES = 2048,
        REF_NAME_LENGTH = 400, /* facts §3.4 */
        OBJECT_ID_LENGTH = 40,
};

#define NO_OBJECT "0000000000000000000000000000000000000000"

/* Finding. */

static bool permits(Request *request, const Repository *repository, uint32_t bits) {
        return guard_permits(request, NAMESPACE_GIT,
                             token_of_repository(&request->arena, repository), bits);
}

static bool require(Request *request, Response *response, const Repository *repository,
                    uint32_t bits) {
        return guard_require(request, response, NAMESPACE_GIT,
                             token_of_repository(&request->arena, repository), bits);
}

static bool sees(Request *request, const Repository *repository) {
        return guard_sees_project(request, repository->project) &&
               (!request->organization->world->options.hide_unreadable ||
                permits(request, repository, GIT_READ));
}

static void answer_not_found(Response *response, const char *word) {
        answer_error(
                response, ERROR_REPOSITORY_NOT_FOUND,
                "TF401019: The Git repository with name or identifier %s does not exist or you do not have "
                "permissions for the operation you are attempting.",
                word);
}

/* By id anywhere in the organisation. */
static Repository *find_by_id(Organization *organization, const char *id, int64_t as_of) {
        for (size_t i = 0; guid_is(id) && i < organization->projects.n_items; i++) {
                Project *project = organization->projects.items[i];
                Repository *found =
                        row_at(project, as_of) ? project_find_repository(project, id, as_of) : NULL;

                if (found)
                        return found;
        }
        return NULL;
}

/* The repository the path names, by name or id; else 404. */
static Repository *requested_repository(Request *request, Response *response) {
        const char *word = request_parameter(request, "repository");
        Repository *repository =
                request->project ? project_find_repository(request->project, word, request->as_of)
                                 : find_by_id(request->organization, word, request->as_of);

        if (repository && sees(request, repository))
                return repository;
        answer_not_found(response, word);
        return NULL;
}

/* Shapes. */

typedef struct RepositoryUrls {
        const char *api;
        const char *web;
        const char *remote; /* with the organisation as user */
        const char *ssh;
} RepositoryUrls;

static RepositoryUrls repository_urls(Request *request, const Repository *repository) {
        Arena *arena = &request->arena;
        const char *core = world_core_url(arena, request->organization);
        const Project *project = row_at(repository->project, request->as_of);
        const char *project_part =
                percent_encode(arena, (project ? project : repository->project)->name);
        const char *name_part = percent_encode(arena, repository->name);
        const char *host = strstr(core, "//") + strlen("//");

        return (RepositoryUrls){
                .api = arena_print(arena, "%s/%s/_apis/git/repositories/%s", core,
                                   repository->project->id, repository->id),
                .web = arena_print(arena, "%s/%s/_git/%s", core, project_part, name_part),
                .remote = arena_print(arena, "%.*s%s@%s/%s/_git/%s", (int)(host - core), core,
                                      request->organization->name, host, project_part, name_part),
                .ssh = arena_print(arena, "git@127.0.0.1:v3/%s/%s/%s", request->organization->name,
                                   project_part, name_part),
        };
}

static void add_links(Request *request, cJSON *tree, const Repository *repository,
                      const RepositoryUrls *urls) {
        static const char *const PARTS[] = {"commits", "refs", "pullRequests", "items", "pushes"};
        cJSON *links = cJSON_AddObjectToObject(tree, "_links");

        json_add_link(links, "self", urls->api);
        json_add_link(links, "project",
                      arena_print(&request->arena, "vstfs:///Classification/TeamProject/%s",
                                  repository->project->id));
        json_add_link(links, "web", urls->web);
        json_add_link(links, "ssh", urls->ssh);
        for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++)
                json_add_link(links, PARTS[i],
                              arena_print(&request->arena, "%s/%s", urls->api, PARTS[i]));
}

typedef enum RepositoryLinks {
        REPOSITORY_PLAIN,
        REPOSITORY_LINKED,
} RepositoryLinks;

static cJSON *shape_repository(Request *request, const Repository *repository,
                               RepositoryLinks links) {
        const Repository *then = row_at(repository, request->as_of);
        RepositoryUrls urls = repository_urls(request, then);
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", then->id);
        json_add_text(tree, "name", then->name);
        json_add_text(tree, "url", urls.api);
        cJSON_AddItemToObject(tree, "project", shape_project_ref(request, then->project));
        if (then->default_branch)
                json_add_text(tree, "defaultBranch", then->default_branch);
        json_add_number(tree, "size", 0);
        json_add_text(tree, "remoteUrl", urls.remote);
        json_add_text(tree, "sshUrl", urls.ssh);
        json_add_text(tree, "webUrl", urls.web);
        if (links == REPOSITORY_LINKED)
                add_links(request, tree, then, &urls);
        json_add_bool(tree, "isDisabled", then->disabled);
        json_add_bool(tree, "isInMaintenance", false);
        return tree;
}

/* Reading. */

static void list_project(Request *request, cJSON *list, Project *project) {
        RepositoryLinks links =
                request_query_true(request, "includeLinks") ? REPOSITORY_LINKED : REPOSITORY_PLAIN;

        for (size_t i = 0; i < project->repositories.n_items; i++) {
                const Repository *repository = project->repositories.items[i];

                if (row_at(repository, request->as_of) && sees(request, repository))
                        cJSON_AddItemToArray(list, shape_repository(request, repository, links));
        }
}

void repositories_list(World *world, Request *request, Response *response) {
        Organization *organization = request->organization;
        cJSON *list = cJSON_CreateArray();

        if (request->project)
                list_project(request, list, request->project);
        for (size_t i = 0; !request->project && i < organization->projects.n_items; i++) {
                if (row_at(organization->projects.items[i], request->as_of))
                        list_project(request, list, organization->projects.items[i]);
        }
        answer_list(request, response, 200, list);
}

void repository_get(World *world, Request *request, Response *response) {
        const Repository *repository = requested_repository(request, response);

        if (repository)
                answer_json(request, response, 200,
                            shape_repository(request, repository, REPOSITORY_LINKED));
}

/* Writing. */

/* The project of the path, else the one the body names. */
static Project *target_project(Request *request, Response *response, const cJSON *body) {
        const cJSON *reference = cJSON_GetObjectItem(body, "project");
        const char *word = json_text(reference, "id");
        Project *project = request->project;

        if (!word)
                word = json_text(reference, "name");
        if (!project && word) {
                project = organization_find_project(request->organization, word, request->as_of);
                if (project && !guard_sees_project(request, project))
                        project = NULL;
        }
        if (!project)
                answer_error(
                        response, ERROR_PROJECT_NOT_FOUND,
                        "TF200016: The following project does not exist: %s. Verify that the name of the project "
                        "is correct and that the project exists on the specified Azure DevOps Server.",
                        word ? word : "");
        return project;
}

static bool check_name(Response *response, Project *project, const char *name,
                       const Repository *self) {
        const Repository *taken;

        if (name_refusal(NAME_REPOSITORY, name)) {
                answer_error(response, ERROR_REPOSITORY_NAME,
                             "TF401025: '%s' is not a valid name for a Git repository.",
                             name ? name : "");
                return false;
        }
        /* By name alone: an id is no name, though lookups take both. */
        for (size_t i = 0; i < project->repositories.n_items; i++) {
                taken = project->repositories.items[i];
                if (taken == self || !row_alive(&taken->row, AS_OF_NOW) ||
                    !text_same(taken->name, name))
                        continue;
                answer_error(response, ERROR_REPOSITORY_EXISTS,
                             "TF400948: A Git repository with the name %s already exists.", name);
                return false;
        }
        return true;
}

void repository_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *name = json_text(body, "name");
        Project *project;

        if (!cJSON_IsObject(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: gitRepositoryToCreate");
                return;
        }
        project = target_project(request, response, body);
        if (!project ||
            !guard_require(request, response, NAMESPACE_GIT,
                           token_of_repositories(&request->arena, project), GIT_CREATE_REPOSITORY))
                return;
        if (cJSON_IsObject(cJSON_GetObjectItem(body, "parentRepository"))) {
                answer_error(response, ERROR_ARGUMENT,
                             "This server keeps no commits: it cannot fork a repository.");
                return;
        }
        if (!check_name(response, project, name, NULL))
                return;
        answer_json(request, response, 201,
                    shape_repository(request, repository_create(project, name, request->caller),
                                     REPOSITORY_PLAIN));
}

typedef struct RepositoryChange {
        const char *name;           /* NULL: stays */
        const char *default_branch; /* NULL: stays */
        const cJSON *disabled;      /* NULL: stays */
} RepositoryChange;

/* Everything is checked before anything changes. */
static bool check_change(Request *request, Response *response, Repository *repository,
                         const RepositoryChange *change) {
        if (change->name && (!require(request, response, repository, GIT_RENAME_REPOSITORY) ||
                             !check_name(response, repository->project, change->name, repository)))
                return false;
        if (change->disabled && !require(request, response, repository, GIT_DELETE_REPOSITORY))
                return false;
        if (!change->default_branch)
                return true;
        if (!require(request, response, repository, GIT_EDIT_POLICIES))
                return false;
        if (!repository_find_branch(repository, change->default_branch, AS_OF_NOW)) {
                answer_error(response, ERROR_ARGUMENT,
                             "TF401175: The reference %s does not exist in this repository.",
                             change->default_branch);
                return false;
        }
        return true;
}

void repository_patch(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request),
                    *disabled = cJSON_GetObjectItem(body, "isDisabled");
        Repository *repository = requested_repository(request, response);
        RepositoryChange change = {json_text(body, "name"), json_text(body, "defaultBranch"),
                                   cJSON_IsBool(disabled) ? disabled : NULL};

        if (!repository)
                return;
        if (!change.name && !change.default_branch && !change.disabled) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: newRepositoryInfo");
                return;
        }
        if (!check_change(request, response, repository, &change))
                return;
        if (change.name)
                repository_rename(repository, change.name);
        if (change.default_branch)
                repository_set_default_branch(repository, change.default_branch);
        if (change.disabled)
                repository_set_disabled(repository, cJSON_IsTrue(change.disabled));
        answer_json(request, response, 200,
                    shape_repository(request, repository, REPOSITORY_PLAIN));
}

void repository_remove(World *world, Request *request, Response *response) {
        Repository *repository = requested_repository(request, response);

        if (!repository || !require(request, response, repository, GIT_DELETE_REPOSITORY))
                return;
        repository_recycle(repository, request->caller);
        answer_empty(response, 204);
}

/* The recycle bin. Assumption: it shows to a caller what he could read, and who may delete may
 * bring back. */

static const Repository *recycled_at(const Repository *repository, int64_t as_of) {
        const Repository *then = repository;

        if (repository->row.created > as_of)
                return NULL;
        while (then->row.since > as_of && then->row.previous)
                then = then->row.previous;
        return then->recycled ? then : NULL;
}

static cJSON *shape_recycled(Request *request, const Repository *then) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", then->id);
        json_add_text(tree, "name", then->name);
        cJSON_AddItemToObject(tree, "project", shape_project_ref(request, then->project));
        cJSON_AddItemToObject(tree, "deletedBy", shape_identity_ref(request, then->deleted_by));
        json_add_text(tree, "createdDate", time_text(&request->arena, then->row.created));
        json_add_text(tree, "deletedDate", time_text(&request->arena, then->row.deleted));
        return tree;
}

void recycled_list(World *world, Request *request, Response *response) {
        const Array *repositories = &request->project->repositories;
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; i < repositories->n_items; i++) {
                const Repository *then = recycled_at(repositories->items[i], request->as_of);

                if (then && sees(request, then))
                        cJSON_AddItemToArray(list, shape_recycled(request, then));
        }
        answer_list(request, response, 200, list);
}

static Repository *requested_recycled(Request *request, Response *response) {
        const char *id = request_parameter(request, "repository");
        const Array *repositories = &request->project->repositories;

        for (size_t i = 0; i < repositories->n_items; i++) {
                Repository *repository = repositories->items[i];

                if (repository->recycled && strcasecmp(repository->id, id) == 0 &&
                    sees(request, repository))
                        return require(request, response, repository, GIT_DELETE_REPOSITORY)
                                       ? repository
                                       : NULL;
        }
        answer_not_found(response, id);
        return NULL;
}

void recycled_patch(World *world, Request *request, Response *response) {
        Repository *repository = requested_recycled(request, response);

        if (!repository)
                return;
        if (!cJSON_IsFalse(cJSON_GetObjectItem(request_json(request), "deleted"))) {
                answer_error(
                        response, ERROR_ARGUMENT,
                        "Only {\"deleted\": false} can be asked of a repository in the recycle bin.");
                return;
        }
        if (!check_name(response, repository->project, repository->name, repository))
                return;
        repository_restore(repository);
        answer_json(request, response, 200,
                    shape_repository(request, repository, REPOSITORY_PLAIN));
}

void recycled_remove(World *world, Request *request, Response *response) {
        Repository *repository = requested_recycled(request, response);

        if (!repository)
                return;
        repository_destroy(repository);
        answer_empty(response, 204);
}

/* Refs. */

static int compare_branches(const void *a, const void *b) {
        const Branch *const *left = a, *const *right = b;

        return strcmp((*left)->name, (*right)->name);
}

/* Whose names begin with "refs/" and the filter, in order of names. Nothing outlives the request.
 */
static size_t find_branches(Request *request, const Repository *repository,
                            const Branch ***branchesp) {
        const char *given = request_parameter(request, "filter"),
                   *query = request_query(request, "filter");
        const char *contains = request_query(request, "filterContains");
        const char *prefix = arena_print(&request->arena, "refs/%s",
                                         given && *given ? given
                                         : query         ? query
                                                         : "");
        const Branch **found =
                arena_alloc(&request->arena, (repository->branches.n_items + 1) * sizeof(*found));
        size_t n = 0;

        for (size_t i = 0; i < repository->branches.n_items; i++) {
                const Branch *then = row_at(repository->branches.items[i], request->as_of);

                if (then && text_starts(then->name, prefix) &&
                    (!contains || strcasestr(then->name, contains)))
                        found[n++] = then;
        }
        qsort(found, n, sizeof(*found), compare_branches);
        *branchesp = found;
        return n;
}

static cJSON *shape_branch(Request *request, const Branch *branch) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "name", branch->name);
        json_add_text(tree, "objectId", branch->object_id);
        if (branch->creator)
                cJSON_AddItemToObject(tree, "creator",
                                      shape_identity_ref(request, branch->creator));
        json_add_text(tree, "url",
                      arena_print(&request->arena, "%s/refs?filter=%s",
                                  repository_urls(request, branch->repository).api,
                                  percent_encode(&request->arena, branch->name + strlen("refs/"))));
        return tree;
}

/* Where a page begins: after the name that the token carries. */
static size_t page_start(Request *request, const Branch *const *branches, size_t n_branches) {
        const char *token = request_query(request, "continuationToken");
        const char *after = token ? base64_decode(&request->arena, token) : NULL;
        size_t first = 0;

        while (after && first < n_branches && strcmp(branches[first]->name, after) <= 0)
                first++;
        return first;
}

void refs_list(World *world, Request *request, Response *response) {
        const Repository *repository = requested_repository(request, response);
        const char *top = request_query(request, "$top");
        const Branch **branches;
        size_t n, first, last;
        cJSON *list;

        if (!repository)
                return;
        if (((const Repository *)row_at(repository, request->as_of))->disabled) {
                answer_not_found(response, request_parameter(request, "repository"));
                return;
        }
        n = find_branches(request, repository, &branches);
        first = page_start(request, branches, n);
        last = top && strtoul(top, NULL, 10) < n - first ? first + strtoul(top, NULL, 10) : n;
        list = cJSON_CreateArray();
        for (size_t i = first; i < last; i++)
                cJSON_AddItemToArray(list, shape_branch(request, branches[i]));
        if (last < n && last > first)
                response_header(response, "x-ms-continuationtoken",
                                base64url_encode(&request->arena, branches[last - 1]->name,
                                                 strlen(branches[last - 1]->name)));
        answer_list(request, response, 200, list);
}

/* What git check-ref-format would say, as far as it matters here. */
static bool ref_name_valid(const char *name) {
        size_t length = strlen(name);

        return text_starts(name, "refs/") && length > strlen("refs/") &&
               length <= REF_NAME_LENGTH && !strpbrk(name, " ~^:?*[\\") && !strstr(name, "..") &&
               !strstr(name, "//") && name[length - 1] != '/' && name[length - 1] != '.';
}

/* A ref cannot stand where another's folder is, nor below another ref. */
static bool ref_conflicts(const Repository *repository, const char *name) {
        for (size_t i = 0; i < repository->branches.n_items; i++) {
                const Branch *branch = repository->branches.items[i];
                size_t ours = strlen(name), theirs = strlen(branch->name);

                if (!row_alive(&branch->row, AS_OF_NOW))
                        continue;
                if (ours > theirs && name[theirs] == '/' &&
                    strncmp(name, branch->name, theirs) == 0)
                        return true;
                if (theirs > ours && branch->name[ours] == '/' &&
                    strncmp(name, branch->name, ours) == 0)
                        return true;
        }
        return false;
}

typedef struct RefUpdate {
        const char *name;
        const char *old_object;
        const char *new_object;
} RefUpdate;

static bool permits_ref(Request *request, const Repository *repository, const char *ref,
                        uint32_t bits) {
        const char *token = token_of_branch(&request->arena, repository, ref);

        return token ? guard_permits(request, NAMESPACE_GIT, token, bits)
                     : permits(request, repository, bits);
}

static const char *create_ref(Request *request, Repository *repository, const RefUpdate *update) {
        bool branch = text_starts(update->name, "refs/heads/");
        Branch *made;

        if (!permits_ref(request, repository, update->name,
                         branch ? GIT_CREATE_BRANCH : GIT_CREATE_TAG))
                return branch ? "createBranchPermissionRequired" : "createTagPermissionRequired";
        if (ref_conflicts(repository, update->name))
                return "refNameConflict";
        made = branch_create(repository, update->name, request->caller);
        made->object_id = arena_copy(&request->organization->world->arena, update->new_object);
        return "succeeded";
}

/* The status the service names: GitRefUpdateStatus. */
static const char *update_ref(Request *request, Repository *repository, const RefUpdate *update) {
        Branch *present;

        if (!update->name || !ref_name_valid(update->name))
                return "invalidRefName";
        if (!update->new_object || strlen(update->new_object) != OBJECT_ID_LENGTH)
                return "unresolvableToCommit";
        present = repository_find_branch(repository, update->name, AS_OF_NOW);
        if (strcmp(update->old_object ? update->old_object : NO_OBJECT,
                   present ? present->object_id : NO_OBJECT) != 0)
                return "staleOldObjectId";
        if (!present)
                return strcmp(update->new_object, NO_OBJECT) == 0
                               ? "succeededNonExistentRef"
                               : create_ref(request, repository, update);
        if (strcmp(update->new_object, NO_OBJECT) == 0) {
                if (!permits_ref(request, repository, update->name, GIT_FORCE_PUSH))
                        return "forcePushRequired";
                branch_delete(present);
                return "succeeded";
        }
        if (!permits_ref(request, repository, update->name, GIT_CONTRIBUTE))
                return "writePermissionRequired";
        row_touch(request->organization->world, present, sizeof(*present));
        present->object_id = arena_copy(&request->organization->world->arena, update->new_object);
        return "succeeded";
}

static cJSON *shape_update(const Repository *repository, const RefUpdate *update,
                           const char *status) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "repositoryId", repository->id);
        json_add_text(tree, "name", update->name);
        json_add_text(tree, "oldObjectId", update->old_object ? update->old_object : NO_OBJECT);
        json_add_text(tree, "newObjectId", update->new_object);
        json_add_bool(tree, "isLocked", false);
        json_add_text(tree, "updateStatus", status);
        json_add_bool(tree, "success", text_starts(status, "succeeded"));
        return tree;
}

void refs_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request), *item;
        Repository *repository = requested_repository(request, response);
        cJSON *list;

        if (!repository)
                return;
        if (!cJSON_IsArray(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: refUpdates");
                return;
        }
        list = cJSON_CreateArray();
        cJSON_ArrayForEach(item, body) {
                RefUpdate update = {json_text(item, "name"), json_text(item, "oldObjectId"),
                                    json_text(item, "newObjectId")};

                cJSON_AddItemToArray(list, shape_update(repository, &update,
                                                        update_ref(request, repository, &update)));
        }
        answer_list(request, response, 200, list);
}

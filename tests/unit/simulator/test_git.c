/* SPDX-License-Identifier: Apache-2.0 */
/* Area Git: repositories, the recycle bin, refs, who sees and may what. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

#define REPOSITORIES "MLOps/_apis/git/repositories"
#define BIN "MLOps/_apis/git/recycleBin/repositories"
#define NO_OBJECT "0000000000000000000000000000000000000000"
#define OBJECT "1111111111111111111111111111111111111111"
#define OTHER_OBJECT "2222222222222222222222222222222222222222"

static const char PLAIN[] =
        "id,name,url,project,size,remoteUrl,sshUrl,webUrl,isDisabled,isInMaintenance";
static const char LINKED[] =
        "id,name,url,project,size,remoteUrl,sshUrl,webUrl,_links,isDisabled,isInMaintenance";

static Identity *add_member(Scene *scene, Project *project, const char *unique_name,
                            GroupRole role) {
        Identity *user = scene_add_user(scene, unique_name);

        membership_add(scene->organization, user,
                       directory_find_role(scene->organization, project, role));
        return user;
}

static void set_entry(Scene *scene, const char *token, const Identity *identity, uint32_t allow,
                      uint32_t deny) {
        acl_grant(&(AclTarget){scene->world, scene->organization, namespace_get(NAMESPACE_GIT),
                               token},
                  identity, allow, deny);
}

static const Ace *entry_of(Scene *scene, const char *token, const Identity *identity) {
        const AclState *list = acl_find(&scene->organization->stores[NAMESPACE_GIT],
                                        namespace_get(NAMESPACE_GIT), token, AS_OF_NOW);

        return acl_state_find(list, identity);
}

static void test_create(void **state) {
        Scene scene;
        Project *project;
        const cJSON *made;
        const Ace *entry;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        made = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"models\"}"}, REPOSITORIES);
        assert_string_equal(member_names(&scene, made), PLAIN);
        assert_true(cJSON_IsFalse(at(made, "isDisabled")));
        assert_string_equal(text_at(made, "remoteUrl"),
                            "http://contoso@127.0.0.1:8001/contoso/MLOps/_git/models");
        entry = entry_of(&scene,
                         token_of_repository(&scene.arena,
                                             project_find_repository(project, "models", AS_OF_NOW)),
                         scene.administrator);
        assert_non_null(entry);
        assert_int_equal(entry->allow, 32382);
        made = scene_ask(
                &scene, 201,
                (Ask){.body = arena_print(&scene.arena,
                                          "{\"name\":\"more\",\"project\":{\"id\":\"%s\"}}",
                                          project->id)},
                "_apis/git/repositories");
        assert_string_equal(text_at(made, "project.name"), "MLOps");
        scene_close(&scene);
}

static void test_refused_creation(void **state) {
        static const struct {
                const char *body;
                int status;
                const char *type;
                const char *message; /* how it begins */
        } ROWS[] = {
                {"{\"name\":\"Taken\"}", 409, "GitRepositoryNameAlreadyExistsException",
                 "TF400948:"},
                {"{\"name\":\"TAKEN\"}", 409, "GitRepositoryNameAlreadyExistsException",
                 "TF400948:"},
                {"{\"name\":\"a:b\"}", 400, "InvalidGitRepositoryNameException", "TF401025:"},
                {"{}", 400, "InvalidGitRepositoryNameException", "TF401025:"},
                {"{\"name\":\"f\",\"parentRepository\":{}}", 400, "ArgumentException",
                 "This server keeps no commits"},
                {"[]", 400, "ArgumentNullException", "Value cannot be null."},
        };
        Scene scene;

        scene_open(&scene);
        repository_create(scene_add_project(&scene, "MLOps"), "Taken", NULL);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const cJSON *error = scene_ask(&scene, ROWS[i].status, (Ask){.body = ROWS[i].body},
                                               REPOSITORIES);

                assert_string_equal(text_at(error, "typeKey"), ROWS[i].type);
                assert_ptr_equal(strstr(text_at(error, "message"), ROWS[i].message),
                                 text_at(error, "message"));
        }
        scene_ask(&scene, 404, (Ask){.body = "{\"name\":\"x\"}"}, "_apis/git/repositories");
        scene_close(&scene);
}

static void test_get_and_list(void **state) {
        Scene scene;
        Project *project;
        Repository *repository;
        const cJSON *list;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        repository = repository_create(project, "Models 1", NULL);
        repository_create(scene_add_project(&scene, "Other"), "else", NULL);
        assert_string_equal(
                member_names(&scene, scene_ask(&scene, 200, (Ask){0}, REPOSITORIES "/models%%201")),
                LINKED);
        scene_ask(&scene, 200, (Ask){0}, REPOSITORIES "/%s", repository->id);
        scene_ask(&scene, 200, (Ask){0}, "_apis/git/repositories/%s", repository->id);
        assert_string_equal(
                text_at(scene_ask(&scene, 404, (Ask){0}, REPOSITORIES "/else"), "typeKey"),
                "GitRepositoryNotFoundException");
        list = scene_ask(&scene, 200, (Ask){0}, REPOSITORIES "?includeHidden=true");
        assert_int_equal(at(list, "count")->valueint, 2);
        assert_string_equal(member_names(&scene, at(list, "value.1")), PLAIN);
        assert_int_equal(
                at(scene_ask(&scene, 200, (Ask){0}, "_apis/git/repositories"), "count")->valueint,
                4);
        scene_close(&scene);
}

/* Denied Read: not in lists, 404 by name and by id, and creating one of its name is refused all the
 * same. */
static void test_hidden(void **state) {
        Scene scene;
        Project *project;
        Repository *repository;
        Identity *user;
        const cJSON *list;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        repository = repository_create(project, "secret", NULL);
        user = add_member(&scene, project, "ann@contoso.com", GROUP_PROJECT_ADMINISTRATORS);
        set_entry(&scene, token_of_repository(&scene.arena, repository), user, 0, GIT_READ);
        list = scene_ask(&scene, 200, (Ask){.pat = "ann"}, REPOSITORIES);
        assert_null(element_with(at(list, "value"), "name", "secret"));
        assert_non_null(element_with(at(list, "value"), "name", "MLOps"));
        scene_ask(&scene, 404, (Ask){.pat = "ann"}, REPOSITORIES "/secret");
        scene_ask(&scene, 404, (Ask){.pat = "ann"}, "_apis/git/repositories/%s", repository->id);
        scene_ask(&scene, 404, (Ask){.pat = "ann", .method = "DELETE"}, REPOSITORIES "/%s",
                  repository->id);
        scene_ask(&scene, 409, (Ask){.pat = "ann", .body = "{\"name\":\"secret\"}"}, REPOSITORIES);
        scene_set_option(&scene, "hide_unreadable", "no");
        scene_ask(&scene, 200, (Ask){.pat = "ann"}, REPOSITORIES "/secret");
        scene_close(&scene);
}

static void test_change(void **state) {
        Scene scene;
        Repository *repository;
        const cJSON *changed;

        scene_open(&scene);
        repository = repository_create(scene_add_project(&scene, "MLOps"), "models", NULL);
        branch_create(repository, "refs/heads/main", NULL);
        branch_create(repository, "refs/heads/next", NULL);
        changed = scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = "{\"name\":\"Models\"}"},
                            REPOSITORIES "/%s", repository->id);
        assert_string_equal(text_at(changed, "name"), "Models");
        assert_string_equal(text_at(changed, "defaultBranch"), "refs/heads/main");
        changed = scene_ask(
                &scene, 200,
                (Ask){.method = "PATCH", .body = "{\"defaultBranch\":\"refs/heads/next\"}"},
                REPOSITORIES "/%s", repository->id);
        assert_string_equal(text_at(changed, "defaultBranch"), "refs/heads/next");
        scene_ask(&scene, 400,
                  (Ask){.method = "PATCH", .body = "{\"defaultBranch\":\"refs/heads/none\"}"},
                  REPOSITORIES "/%s", repository->id);
        scene_ask(&scene, 409, (Ask){.method = "PATCH", .body = "{\"name\":\"mlops\"}"},
                  REPOSITORIES "/%s", repository->id);
        scene_ask(&scene, 400, (Ask){.method = "PATCH", .body = "{}"}, REPOSITORIES "/%s",
                  repository->id);
        changed = scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = "{\"isDisabled\":true}"},
                            REPOSITORIES "/%s", repository->id);
        assert_true(cJSON_IsTrue(at(changed, "isDisabled")));
        scene_ask(&scene, 404, (Ask){0}, REPOSITORIES "/%s/refs", repository->id);
        scene_close(&scene);
}

static void test_recycle_bin(void **state) {
        Scene scene;
        Project *project;
        Repository *repository;
        const cJSON *bin;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        repository = repository_create(project, "models", NULL);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, REPOSITORIES "/%s", repository->id);
        scene_ask(&scene, 404, (Ask){0}, REPOSITORIES "/models");
        bin = scene_ask(&scene, 200, (Ask){0}, BIN);
        assert_string_equal(member_names(&scene, at(bin, "value.0")),
                            "id,name,project,deletedBy,createdDate,deletedDate");
        assert_string_equal(text_at(bin, "value.0.deletedBy.uniqueName"), "admin@contoso.com");
        scene_ask(&scene, 400, (Ask){.method = "PATCH", .body = "{\"deleted\":true}"}, BIN "/%s",
                  repository->id);
        scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = "{\"deleted\":false}"}, BIN "/%s",
                  repository->id);
        scene_ask(&scene, 200, (Ask){0}, REPOSITORIES "/models");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, BIN), "count")->valueint, 0);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, REPOSITORIES "/%s", repository->id);
        repository_create(project, "Models", NULL);
        scene_ask(&scene, 409, (Ask){.method = "PATCH", .body = "{\"deleted\":false}"}, BIN "/%s",
                  repository->id);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, BIN "/%s", repository->id);
        scene_ask(&scene, 404, (Ask){.method = "DELETE"}, BIN "/%s", repository->id);
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, BIN), "count")->valueint, 0);
        scene_close(&scene);
}

static void test_rights(void **state) {
        static const struct {
                GroupRole role;
                const char *method;
                const char *path;
                const char *body;
                int status;
        } ROWS[] = {
                {GROUP_READERS, "POST", "", "{\"name\":\"n\"}", 403},
                {GROUP_CONTRIBUTORS, "POST", "", "{\"name\":\"n\"}", 403},
                {GROUP_PROJECT_ADMINISTRATORS, "POST", "", "{\"name\":\"n\"}", 201},
                {GROUP_CONTRIBUTORS, "PATCH", "/models", "{\"name\":\"m\"}", 403},
                {GROUP_CONTRIBUTORS, "PATCH", "/models", "{\"isDisabled\":true}", 403},
                {GROUP_CONTRIBUTORS, "PATCH", "/models", "{\"defaultBranch\":\"refs/heads/main\"}",
                 403},
                {GROUP_CONTRIBUTORS, "DELETE", "/models", NULL, 403},
                {GROUP_PROJECT_ADMINISTRATORS, "PATCH", "/models", "{\"name\":\"m\"}", 200},
                {GROUP_PROJECT_ADMINISTRATORS, "DELETE", "/m", NULL, 204},
        };
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        branch_create(repository_create(project, "models", NULL), "refs/heads/main", NULL);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *pat = arena_print(&scene.arena, "user%zu", i);

                add_member(&scene, project, arena_print(&scene.arena, "%s@contoso.com", pat),
                           ROWS[i].role);
                scene_ask(&scene, ROWS[i].status,
                          (Ask){.pat = pat, .method = ROWS[i].method, .body = ROWS[i].body},
                          REPOSITORIES "%s", ROWS[i].path);
        }
        scene_close(&scene);
}

static const char *update_body(Scene *scene, const char *name, const char *old_object,
                               const char *new_object) {
        return arena_print(&scene->arena,
                           "[{\"name\":\"%s\",\"oldObjectId\":\"%s\",\"newObjectId\":\"%s\"}]",
                           name, old_object, new_object);
}

static void test_ref_updates(void **state) {
        static const struct {
                const char *pat;
                const char *name;
                const char *old_object;
                const char *new_object;
                const char *status;
        } ROWS[] = {
                {"carl", "refs/heads/main", NO_OBJECT, OBJECT, "succeeded"},
                {"carl", "refs/heads/main", NO_OBJECT, OBJECT, "staleOldObjectId"},
                {"carl", "refs/heads/main/x", NO_OBJECT, OBJECT, "refNameConflict"},
                {"carl", "refs/heads/feature/x", NO_OBJECT, OBJECT, "succeeded"},
                {"carl", "refs/heads/feature", NO_OBJECT, OBJECT, "refNameConflict"},
                {"carl", "main", NO_OBJECT, OBJECT, "invalidRefName"},
                {"carl", "refs/heads/a..b", NO_OBJECT, OBJECT, "invalidRefName"},
                {"carl", "refs/heads/y", NO_OBJECT, "1", "unresolvableToCommit"},
                {"carl", "refs/heads/none", NO_OBJECT, NO_OBJECT, "succeededNonExistentRef"},
                {"carl", "refs/tags/v1", NO_OBJECT, OBJECT, "succeeded"},
                {"rita", "refs/heads/z", NO_OBJECT, OBJECT, "createBranchPermissionRequired"},
                {"rita", "refs/tags/v2", NO_OBJECT, OBJECT, "createTagPermissionRequired"},
                {"rita", "refs/heads/main", OBJECT, OTHER_OBJECT, "writePermissionRequired"},
                {"rita", "refs/heads/main", OBJECT, NO_OBJECT, "forcePushRequired"},
                {"carl", "refs/heads/main", OBJECT, OTHER_OBJECT, "succeeded"},
                {"carl", "refs/heads/main", OTHER_OBJECT, NO_OBJECT, "succeeded"},
        };
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        repository_create(project, "models", NULL);
        add_member(&scene, project, "carl@contoso.com", GROUP_CONTRIBUTORS);
        add_member(&scene, project, "rita@contoso.com", GROUP_READERS);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *body =
                        update_body(&scene, ROWS[i].name, ROWS[i].old_object, ROWS[i].new_object);
                const cJSON *answer =
                        scene_ask(&scene, 200, (Ask){.pat = ROWS[i].pat, .body = body},
                                  REPOSITORIES "/models/refs");

                assert_string_equal(text_at(answer, "value.0.updateStatus"), ROWS[i].status);
                assert_int_equal(cJSON_IsTrue(at(answer, "value.0.success")),
                                 strncmp(ROWS[i].status, "succeeded", strlen("succeeded")) == 0);
        }
        scene_ask(&scene, 400, (Ask){.body = "{}"}, REPOSITORIES "/models/refs");
        scene_close(&scene);
}

static void test_branch_creator_gets_an_entry(void **state) {
        Scene scene;
        Project *project;
        Repository *repository;
        Identity *user;
        const Ace *entry;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        repository = repository_create(project, "models", NULL);
        user = add_member(&scene, project, "carl@contoso.com", GROUP_CONTRIBUTORS);
        scene_ask(&scene, 200,
                  (Ask){.pat = "carl",
                        .body = update_body(&scene, "refs/heads/feature/x", NO_OBJECT, OBJECT)},
                  REPOSITORIES "/models/refs");
        entry = entry_of(&scene,
                         arena_print(&scene.arena,
                                     "%s/refs/heads/6600650061007400750072006500/7800",
                                     token_of_repository(&scene.arena, repository)),
                         user);
        assert_non_null(entry);
        /* Contribute, force push, remove others' locks, manage permissions. */
        assert_int_equal(entry->allow, 4 | 8 | 4096 | 8192);
        scene_close(&scene);
}

static void test_ref_pages(void **state) {
        static const char *const NAMES[] = {"c", "a", "e", "b", "d"};
        Scene scene;
        Repository *repository;
        const char *token = "", *seen = "";
        int n_pages = 0;

        scene_open(&scene);
        repository = repository_create(scene_add_project(&scene, "MLOps"), "models", NULL);
        for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
                branch_create(repository, arena_print(&scene.arena, "refs/heads/%s", NAMES[i]),
                              scene.administrator);
        branch_create(repository, "refs/tags/t", NULL);
        while (token) {
                const cJSON *page = scene_ask(&scene, 200, (Ask){0},
                                              REPOSITORIES "/models/refs?filter=heads/&$top=2%s%s",
                                              *token ? "&continuationToken=" : "", token);
                const cJSON *ref;

                cJSON_ArrayForEach(ref, at(page, "value")) seen = arena_print(
                        &scene.arena, "%s%s", seen, text_at(ref, "name") + strlen("refs/heads/"));
                token = arena_copy(&scene.arena, scene_header(&scene, "x-ms-continuationtoken"));
                n_pages++;
        }
        assert_string_equal(seen, "abcde");
        assert_int_equal(n_pages, 3);
        assert_string_equal(member_names(&scene, at(scene_ask(&scene, 200, (Ask){0},
                                                              REPOSITORIES "/models/refs/heads/c"),
                                                    "value.0")),
                            "name,objectId,creator,url");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, REPOSITORIES "/models/refs"), "count")
                                 ->valueint,
                         6);
        scene_close(&scene);
}

static void test_stale_view(void **state) {
        Scene scene;
        Repository *repository;

        scene_open(&scene);
        repository = repository_create(scene_add_project(&scene, "MLOps"), "models", NULL);
        scene_set_option(&scene, "stale_ms", "5000");
        scene_pass_ms(&scene, 60000);
        scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = "{\"name\":\"new\"}"},
                  REPOSITORIES "/%s", repository->id);
        assert_string_equal(
                text_at(scene_ask(&scene, 200, (Ask){0}, REPOSITORIES "/%s", repository->id),
                        "name"),
                "models");
        scene_pass_ms(&scene, 6000);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, REPOSITORIES "/%s", repository->id);
        scene_ask(&scene, 200, (Ask){0}, REPOSITORIES "/new");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, BIN), "count")->valueint, 0);
        scene_pass_ms(&scene, 6000);
        scene_ask(&scene, 404, (Ask){0}, REPOSITORIES "/new");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, BIN), "count")->valueint, 1);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_create),
                cmocka_unit_test(test_refused_creation),
                cmocka_unit_test(test_get_and_list),
                cmocka_unit_test(test_hidden),
                cmocka_unit_test(test_change),
                cmocka_unit_test(test_recycle_bin),
                cmocka_unit_test(test_rights),
                cmocka_unit_test(test_ref_updates),
                cmocka_unit_test(test_branch_creator_gets_an_entry),
                cmocka_unit_test(test_ref_pages),
                cmocka_unit_test(test_stale_view),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

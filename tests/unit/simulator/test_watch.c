/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about access, and the watch over what each write does to it. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

static Repository *open_story(Scene *scene) {
        Project *project;

        scene_open(scene);
        project = scene_add_project(scene, "MLOps");
        membership_add(scene->organization, scene_add_user(scene, "ana@contoso.com"),
                       directory_find_role(scene->organization, project, GROUP_CONTRIBUTORS));
        return repository_create(project, "r", NULL);
}

static void test_access(void **state) {
        Scene scene;
        const cJSON *answer;

        open_story(&scene);
        answer = scene_ask(
                &scene, 200, (Ask){0},
                "/_simulator/access?person=ana@contoso.com&kind=repository&project=MLOps&name=r");
        assert_string_equal(text_at(answer, "allow.0"), "GenericRead");
        assert_string_equal(text_at(answer, "allow.1"), "GenericContribute");
        assert_int_equal(cJSON_GetArraySize(at(answer, "deny")), 0);
        assert_null(at(answer, "administrator"));
        answer = scene_ask(
                &scene, 200,
                (Ask){.body = "{\"questions\":[{\"principal\":\"ana@contoso.com\",\"kind\":\"repository\","
                              "\"project\":\"MLOps\",\"name\":\"r\",\"permissions\":[\"Read\"]},"
                              "{\"principal\":\"ana@contoso.com\",\"kind\":\"repository\",\"project\":"
                              "\"MLOps\",\"name\":\"r\",\"permissions\":[\"Read\",\"ManagePermissions\"]},"
                              "{\"principal\":\"admin@contoso.com\",\"kind\":\"organization\"}]}"},
                "/_simulator/access");
        assert_true(cJSON_IsTrue(at(answer, "0.allowed")));
        assert_true(cJSON_IsFalse(at(answer, "1.allowed")));
        assert_string_equal(text_at(answer, "1.allow.0"), "GenericRead");
        assert_true(cJSON_IsTrue(at(answer, "2.administrator")));
        scene_close(&scene);
}

static void test_access_mistakes(void **state) {
        Scene scene;
        const cJSON *answer;

        open_story(&scene);
        answer =
                scene_ask(&scene, 400,
                          (Ask){.body = "{\"questions\":[{\"principal\":\"x\",\"kind\":\"zoo\"}]}"},
                          "/_simulator/access");
        assert_string_equal(
                text_at(answer, "error"),
                "body: $.questions[0].principal: nobody is called \"x\"\n"
                "body: $.questions[0].kind: \"zoo\" is no kind; see README.md for the kinds");
        answer = scene_ask(&scene, 400, (Ask){.body = "{}"}, "/_simulator/access");
        assert_string_equal(text_at(answer, "error"), "body: $: lacks \"questions\"");
        scene_close(&scene);
}

/* Takes a repository's reading from Contributors for a while, through the service. */
static void deny(Scene *scene, const Repository *repository, int allow, int denied) {
        const Identity *group =
                directory_find_role(scene->organization, repository->project, GROUP_CONTRIBUTORS);
        const char *body = arena_print(
                &scene->arena,
                "{\"token\":\"%s\",\"merge\":false,\"accessControlEntries\":[{\"descriptor\":"
                "\"%s\",\"allow\":%d,\"deny\":%d}]}",
                token_of_repository(&scene->arena, repository), group->descriptor, allow, denied);

        scene_ask(scene, 200, (Ask){.body = body}, "_apis/accesscontrolentries/%s",
                  namespace_get(NAMESPACE_GIT)->id);
}

static void test_watch(void **state) {
        Scene scene;
        const Repository *repository = open_story(&scene);
        const cJSON *watch;

        scene_ask(
                &scene, 200,
                (Ask){.method = "PUT",
                      .body = "{\"questions\":[{\"principal\":\"ana@contoso.com\",\"kind\":\"repository\",\"project\""
                              ":\"MLOps\",\"name\":\"r\"},{\"principal\":\"ana@contoso.com\",\"kind\":\"repository\","
                              "\"project\":\"MLOps\",\"name\":\"later\",\"permissions\":[\"Read\"]}]}"},
                "/_simulator/watch");
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects"); /* reads are not noted */
        deny(&scene, repository, 0, GIT_READ);
        deny(&scene, repository, GIT_MANAGE_PERMISSIONS, 0);
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"later\"}"},
                  "MLOps/_apis/git/repositories");
        watch = scene_ask(&scene, 200, (Ask){0}, "/_simulator/watch");
        assert_int_equal(cJSON_GetArraySize(at(watch, "notes")), 4);
        assert_int_equal(at(watch, "notes.0.masks.0")->valueint, 16502);
        assert_int_equal(at(watch, "notes.1.masks.0")->valueint, 16502 & ~GIT_READ);
        assert_int_equal(at(watch, "notes.2.masks.0")->valueint, 16502 | GIT_MANAGE_PERMISSIONS);
        assert_int_equal(at(watch, "notes.2.masks.1")->valueint, 0);
        assert_int_equal(at(watch, "notes.3.masks.1")->valueint, GIT_READ);
        assert_int_equal(at(watch, "notes.1.seq")->valueint, 2);
        assert_string_equal(text_at(watch, "notes.1.after"), "POST accesscontrolentries");
        assert_int_equal(cJSON_GetArraySize(at(watch, "losses")), 1);
        assert_int_equal(at(watch, "losses.0.seq")->valueint, 2);
        assert_string_equal(text_at(watch, "losses.0.lost.0"), "GenericRead");
        assert_string_equal(text_at(watch, "losses.0.question.name"), "r");
        scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "/_simulator/watch");
        scene_ask(&scene, 404, (Ask){0}, "/_simulator/watch");
        scene_close(&scene);
}

/* What is taken for good is no loss: it will not be had. */
static void test_taken_for_good(void **state) {
        Scene scene;
        const Repository *repository = open_story(&scene);
        const cJSON *watch;

        scene_ask(
                &scene, 200,
                (Ask){.method = "PUT",
                      .body = "{\"questions\":[{\"principal\":\"ana@contoso.com\",\"kind\":\"repository\",\"project\""
                              ":\"MLOps\",\"name\":\"r\"}]}"},
                "/_simulator/watch");
        deny(&scene, repository, 0, GIT_READ);
        watch = scene_ask(&scene, 200, (Ask){0}, "/_simulator/watch");
        assert_int_equal(cJSON_GetArraySize(at(watch, "losses")), 0);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_access),
                cmocka_unit_test(test_access_mistakes),
                cmocka_unit_test(test_watch),
                cmocka_unit_test(test_taken_for_good),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area core: projects, operations, processes. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

#define CAPABILITIES \
        "\"capabilities\":{\"versioncontrol\":{\"sourceControlType\":\"Git\"},\"processTemplate\":" \
        "{\"templateTypeId\":\"b8a3a935-7e91-48b8-a94c-606d37c3e9f2\"}}"

static const char *status_of(Scene *scene, const char *operation) {
        return text_at(scene_ask(scene, 200, (Ask){0}, "_apis/operations/%s", operation), "status");
}

static void test_creation(void **state) {
        Scene scene;
        const cJSON *answer;
        const char *operation;

        scene_open(&scene);
        answer = scene_ask(&scene, 202, (Ask){.body = "{\"name\":\"MLOps\",\"visibility\":\"private\"," CAPABILITIES "}"},
                           "_apis/projects");
        assert_string_equal(member_names(&scene, answer), "id,status,url");
        assert_string_equal(text_at(answer, "status"), "notSet");
        operation = text_at(answer, "id");
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps"), "state"), "createPending");
        scene_ask(&scene, 404, (Ask){0}, "_apis/projects/MLOps/teams");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, "_apis/projects"), "count")->valueint, 0);
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, "_apis/projects?stateFilter=createPending"), "count")
                                 ->valueint,
                         1);
        assert_string_equal(status_of(&scene, operation), "inProgress");
        assert_string_equal(status_of(&scene, operation), "inProgress");
        assert_string_equal(status_of(&scene, operation), "succeeded");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/mlops?includeCapabilities=true");
        assert_string_equal(member_names(&scene, answer), "id,name,url,state,capabilities,revision,_links,visibility,"
                                                          "defaultTeam,lastUpdateTime");
        assert_string_equal(text_at(answer, "state"), "wellFormed");
        assert_string_equal(text_at(answer, "capabilities.processTemplate.templateName"), "Basic");
        assert_string_equal(text_at(answer, "defaultTeam.name"), "MLOps Team");
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects/%s/teams", text_at(answer, "id"));
        scene_ask(&scene, 404, (Ask){0}, "_apis/operations/00000000-0000-0000-0000-000000000001");
        scene_close(&scene);
}

static void test_creation_ends_unasked(void **state) {
        Scene scene;

        scene_open(&scene);
        scene_ask(&scene, 202, (Ask){.body = "{\"name\":\"MLOps\"," CAPABILITIES "}"}, "_apis/projects");
        scene_pass_ms(&scene, 10000);
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams");
        scene_close(&scene);
}

/* The operation has succeeded, and the project is not there yet. */
static void test_creation_is_late(void **state) {
        Scene scene;
        const char *operation;

        scene_open(&scene);
        scene_set_option(&scene, "operation_polls", "0");
        scene_set_option(&scene, "late_projects_ms", "5000");
        operation = text_at(scene_ask(&scene, 202, (Ask){.body = "{\"name\":\"MLOps\"," CAPABILITIES "}"},
                                      "_apis/projects"),
                            "id");
        assert_string_equal(status_of(&scene, operation), "succeeded");
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps"), "state"),
                            "createPending");
        scene_ask(&scene, 404, (Ask){0}, "_apis/projects/MLOps/teams");
        scene_pass_ms(&scene, 6000);
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps"), "state"), "wellFormed");
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams");
        scene_close(&scene);
}

static void test_creation_fails(void **state) {
        Scene scene;
        const char *operation;

        scene_open(&scene);
        scene_set_option(&scene, "operation_polls", "0");
        scene_set_option(&scene, "operations_fail", "yes");
        operation = text_at(scene_ask(&scene, 202, (Ask){.body = "{\"name\":\"MLOps\"," CAPABILITIES "}"},
                                      "_apis/projects"),
                            "id");
        assert_non_null(text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/operations/%s", operation), "resultMessage"));
        assert_string_equal(status_of(&scene, operation), "failed");
        scene_ask(&scene, 404, (Ask){0}, "_apis/projects/MLOps");
        scene_add_project(&scene, "Other");
        scene_ask(&scene, 202, (Ask){.method = "DELETE"}, "_apis/projects/%s",
                  organization_find_project(scene.organization, "Other", AS_OF_NOW)->id);
        scene_pass_ms(&scene, 10000);
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/projects/Other"), "state"), "wellFormed");
        scene_close(&scene);
}

static void test_creation_refused(void **state) {
        static const struct {
                int status;
                const char *pat;
                const char *body;
                const char *message; /* how it begins */
        } ROWS[] = {
                {409, NULL, "{\"name\":\"MLOPS\"," CAPABILITIES "}", "TF200019"},
                {409, NULL, "{\"name\":\"Hidden\"," CAPABILITIES "}", "TF200019"},
                {400, NULL, "{\"name\":\"a/b\"," CAPABILITIES "}", "The project name"},
                {400, NULL, "{" CAPABILITIES "}", "The project name"},
                {400, NULL, "{\"name\":\"New\"}", "The version control"},
                {400, NULL, "{\"name\":\"New\",\"visibility\":\"odd\"," CAPABILITIES "}", "The visibility"},
                {403, "ada", "{\"name\":\"New\"," CAPABILITIES "}", "Access denied. ada needs Create new projects"},
        };
        Scene scene;

        scene_open(&scene);
        scene_add_user(&scene, "ada@contoso.com");
        scene_add_project(&scene, "MLOps");
        scene_add_project(&scene, "Hidden");
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const cJSON *answer = scene_ask(&scene, ROWS[i].status, (Ask){.pat = ROWS[i].pat, .body = ROWS[i].body},
                                                "_apis/projects");

                if (!text_starts(text_at(answer, "message"), ROWS[i].message))
                        fail_msg("row %zu: %s", i, text_at(answer, "message"));
                assert_string_equal(member_names(&scene, answer),
                                    "$id,innerException,message,typeName,typeKey,errorCode,eventId");
        }
        scene_close(&scene);
}

static void test_list_pages(void **state) {
        Scene scene;
        const cJSON *page;
        const char *token;

        scene_open(&scene);
        scene_set_option(&scene, "page_size_projects", "2");
        for (int i = 0; i < 5; i++)
                scene_add_project(&scene, arena_print(&scene.arena, "P%d", i));
        page = scene_ask(&scene, 200, (Ask){0}, "_apis/projects");
        assert_int_equal(at(page, "count")->valueint, 2);
        assert_string_equal(member_names(&scene, at(page, "value.0")),
                            "id,name,url,state,revision,visibility,lastUpdateTime");
        token = scene_header(&scene, "x-ms-continuationtoken");
        assert_non_null(token);
        page = scene_ask(&scene, 200, (Ask){0}, "_apis/projects?continuationToken=%s&$top=2",
                         arena_copy(&scene.arena, token));
        assert_string_equal(text_at(page, "value.0.name"), "P2");
        page = scene_ask(&scene, 200, (Ask){0}, "_apis/projects?$top=10&$skip=4");
        assert_int_equal(at(page, "count")->valueint, 1);
        assert_string_equal(text_at(page, "value.0.name"), "P4");
        assert_null(scene_header(&scene, "x-ms-continuationtoken"));
        scene_close(&scene);
}

static void test_hidden_projects(void **state) {
        Scene scene;
        Project *seen, *hidden;
        Identity *reader;
        const cJSON *unknown, *refused;

        scene_open(&scene);
        seen = scene_add_project(&scene, "Seen");
        hidden = scene_add_project(&scene, "Hidden");
        reader = scene_add_user(&scene, "reader@contoso.com");
        membership_add(scene.organization, reader, directory_find_role(scene.organization, seen, GROUP_READERS));
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){.pat = "reader"}, "_apis/projects?stateFilter=all"), "count")
                                 ->valueint,
                         1);
        refused = scene_ask(&scene, 404, (Ask){.pat = "reader"}, "_apis/projects/Hidden");
        unknown = scene_ask(&scene, 404, (Ask){.pat = "reader"}, "_apis/projects/Nothing");
        assert_string_equal(text_at(refused, "typeKey"), "ProjectDoesNotExistWithNameException");
        assert_string_equal(text_at(refused, "typeKey"), text_at(unknown, "typeKey"));
        assert_true(text_starts(text_at(refused, "message"), "TF200016: The following project does not exist: Hidden."));
        scene_ask(&scene, 404, (Ask){.pat = "reader", .method = "DELETE"}, "_apis/projects/%s", hidden->id);
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "DELETE"}, "_apis/projects/%s", seen->id);
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "PATCH", .body = "{\"name\":\"Mine\"}"},
                  "_apis/projects/%s", seen->id);
        scene_close(&scene);
}

static void finish(Scene *scene, const cJSON *reference) {
        while (strcmp(status_of(scene, text_at(reference, "id")), "succeeded") != 0)
                continue;
}

static void test_rename(void **state) {
        Scene scene;
        Project *project;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "Old");
        scene_add_project(&scene, "Other");
        answer = scene_ask(&scene, 202,
                           (Ask){.method = "PATCH", .body = "{\"name\":\"New\",\"description\":\"what it is\"}"},
                           "_apis/projects/%s", project->id);
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects/Old");
        finish(&scene, answer);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/New");
        assert_string_equal(text_at(answer, "id"), project->id);
        assert_string_equal(text_at(answer, "description"), "what it is");
        scene_ask(&scene, 404, (Ask){0}, "_apis/projects/Old");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/Old?includeHistory=true");
        assert_string_equal(text_at(answer, "name"), "New");
        /* Areas of teams go with the name. */
        answer = scene_ask(&scene, 200, (Ask){0}, "New/Old%%20Team/_apis/work/teamsettings/teamfieldvalues");
        assert_string_equal(text_at(answer, "defaultValue"), "New");
        scene_ask(&scene, 409, (Ask){.method = "PATCH", .body = "{\"name\":\"other\"}"}, "_apis/projects/New");
        scene_close(&scene);
}

static void test_deletion(void **state) {
        Scene scene;
        Project *project;
        const cJSON *answer;
        const char *id;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        id = project->id;
        answer = scene_ask(&scene, 202, (Ask){.method = "DELETE"}, "_apis/projects/%s", id);
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/projects/%s", id), "state"), "deleting");
        scene_ask(&scene, 404, (Ask){0}, "_apis/projects/%s/teams", id);
        finish(&scene, answer);
        scene_ask(&scene, 404, (Ask){0}, "_apis/projects/%s", id);
        scene_add_project(&scene, "MLOps");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps");
        assert_string_not_equal(text_at(answer, "id"), id);
        scene_close(&scene);
}

static void test_processes(void **state) {
        Scene scene;
        const cJSON *answer, *process;
        int n_default = 0;

        scene_open(&scene);
        answer = scene_ask(&scene, 200, (Ask){.version = "7.1"}, "_apis/process/processes");
        assert_int_equal(at(answer, "count")->valueint, 4);
        assert_string_equal(member_names(&scene, at(answer, "value.0")), "id,description,isDefault,type,url,name");
        cJSON_ArrayForEach(process, at(answer, "value"))
                n_default += cJSON_IsTrue(at(process, "isDefault"));
        assert_int_equal(n_default, 1);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/process/processes/ADCC42AB-9882-485e-a3ed-7678f01f66bc");
        assert_string_equal(text_at(answer, "name"), "Agile");
        scene_ask(&scene, 404, (Ask){0}, "_apis/process/processes/00000000-0000-0000-0000-000000000001");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_creation),   cmocka_unit_test(test_creation_ends_unasked),
                cmocka_unit_test(test_creation_is_late), cmocka_unit_test(test_creation_fails),
                cmocka_unit_test(test_creation_refused), cmocka_unit_test(test_list_pages),
                cmocka_unit_test(test_hidden_projects),  cmocka_unit_test(test_rename),
                cmocka_unit_test(test_deletion),   cmocka_unit_test(test_processes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface: the log, its counts, options, the clock. */
#include <string.h>

#include "tests/unit/simulator/scene.h"

static void make_history(Scene *scene) {
        scene_open(scene);
        scene_add_project(scene, "MLOps");
        scene_add_user(scene, "ana@contoso.com");
        scene_ask(scene, 200, (Ask){0}, "_apis/projects");
        scene_ask(scene, 200, (Ask){.pat = "ana"}, "_apis/connectionData");
        scene_ask(scene, 201, (Ask){.body = "{\"name\":\"r\"}"}, "MLOps/_apis/git/repositories");
        scene_ask(scene, 409, (Ask){.body = "{\"name\":\"r\"}"}, "MLOps/_apis/git/repositories");
        scene_ask(scene, 404, (Ask){0}, "_apis/unknown");
        scene_ask(scene, 401, (Ask){.pat = "wrong"}, "_apis/projects");
}

static const struct {
        const char *query;
        int n_rows;
} FILTERS[] = {
        {"", 6},
        {"?since=4", 2},
        {"?route=projects", 2},
        {"?route=git*", 2},
        {"?method=POST", 2},
        {"?method=post&status=409", 1},
        {"?kind=write", 2},
        {"?kind=read", 4},
        {"?person=ana@contoso.com", 1},
        {"?organization=Contoso", 6},
        {"?organization=fabrikam", 0},
};

static void test_log(void **state) {
        Scene scene;
        const cJSON *log;

        make_history(&scene);
        for (size_t i = 0; i < sizeof(FILTERS) / sizeof(FILTERS[0]); i++)
                assert_int_equal(
                        cJSON_GetArraySize(scene_ask(&scene, 200, (Ask){0}, "/_simulator/log%s",
                                                     FILTERS[i].query)),
                        FILTERS[i].n_rows);
        log = scene_ask(&scene, 200, (Ask){0}, "/_simulator/log");
        assert_int_equal(at(log, "2.seq")->valueint, 3);
        assert_string_equal(text_at(log, "2.method"), "POST");
        assert_string_equal(text_at(log, "2.route"), "git/repositories");
        assert_string_equal(text_at(log, "2.url"), "/contoso/MLOps/_apis/git/repositories");
        assert_string_equal(text_at(log, "2.person"), "admin@contoso.com");
        assert_string_equal(text_at(log, "2.body"), "{\"name\":\"r\"}");
        assert_int_equal(at(log, "2.status")->valueint, 201);
        assert_int_equal(at(log, "2.request_bytes")->valueint, 12);
        assert_true(at(log, "2.response_bytes")->valueint > 100);
        assert_true(cJSON_IsNull(at(log, "4.route")));
        assert_true(cJSON_IsNull(at(log, "5.person")));
        scene_close(&scene);
}

static void test_counts(void **state) {
        Scene scene;
        const cJSON *counts, *row;

        make_history(&scene);
        counts = scene_ask(&scene, 200, (Ask){0}, "/_simulator/log/counts");
        assert_int_equal(at(counts, "requests")->valueint, 6);
        assert_int_equal(at(counts, "writes")->valueint, 2);
        assert_int_equal(at(counts, "request_bytes")->valueint, 24);
        assert_int_equal(at(counts, "failures")->valueint, 3);
        row = element_with(at(counts, "routes"), "route", "git/repositories");
        assert_string_equal(text_at(row, "method"), "POST");
        assert_int_equal(at(row, "requests")->valueint, 2);
        assert_int_equal(at(row, "failures")->valueint, 1);
        counts = scene_ask(&scene, 200, (Ask){0}, "/_simulator/log/counts?kind=write");
        assert_int_equal(at(counts, "requests")->valueint, 2);
        scene_close(&scene);
}

/* Numbers go on after the log was cleared. */
static void test_clearing(void **state) {
        Scene scene;

        make_history(&scene);
        scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "/_simulator/log");
        assert_int_equal(cJSON_GetArraySize(scene_ask(&scene, 200, (Ask){0}, "/_simulator/log")),
                         0);
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, "/_simulator/log"), "0.seq")->valueint,
                         7);
        scene_close(&scene);
}

static void test_options(void **state) {
        Scene scene;
        const cJSON *options;

        scene_open(&scene);
        options = scene_ask(&scene, 200, (Ask){0}, "/_simulator/options");
        assert_string_equal(text_at(options, "page_size_projects"), "100");
        options = scene_ask(
                &scene, 200,
                (Ask){.method = "PUT",
                      .body = "{\"page_size_projects\":2,\"generic_sids\":false,\"stale_ms\":\"5\"}"},
                "/_simulator/options");
        assert_string_equal(text_at(options, "page_size_projects"), "2");
        assert_string_equal(text_at(options, "generic_sids"), "no");
        assert_int_equal(scene.world->options.stale_ms, 5);
        options = scene_ask(&scene, 400, (Ask){.method = "PUT", .body = "{\"pages\":1}"},
                            "/_simulator/options");
        assert_string_equal(text_at(options, "error"), "unknown option \"pages\"");
        scene_ask(&scene, 400, (Ask){.method = "PUT", .body = "{\"stale_ms\":-1}"},
                  "/_simulator/options");
        scene_ask(&scene, 400, (Ask){.method = "PUT", .body = "[]"}, "/_simulator/options");
        scene_close(&scene);
}

static void test_clock(void **state) {
        Scene scene;
        double before, after;

        scene_open(&scene);
        before = at(scene_ask(&scene, 200, (Ask){0}, "/_simulator/clock"), "now")->valuedouble;
        after = at(scene_ask(&scene, 200, (Ask){.body = "{\"on_ms\":60000}"}, "/_simulator/clock"),
                   "now")
                        ->valuedouble;
        assert_true(after - before >= 60000);
        scene_ask(&scene, 400, (Ask){.body = "{\"on_ms\":-1}"}, "/_simulator/clock");
        scene_close(&scene);
}

#define GIT_ID "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
#define PROJECT_ID "52d39943-cb85-4d7f-8fa8-c6baac873819"

static const char *snapshot_of(Scene *scene) {
        assert_int_equal(scene_send(scene, (Ask){0}, "/_simulator/snapshot?sections=permissions"),
                         200);
        return arena_copy_length(&scene->arena, scene->response.body, scene->response.body_size);
}

static void test_a_permission_appears(void **state) {
        static const char GRANT[] =
                "{\"op\":\"grant\",\"project\":\"MLOps\",\"kind\":\"repositories\","
                "\"principal\":\"Readers\",\"allow\":[\"foretell merges\"]}";
        static const struct {
                const char *body;
                const char *mistake;
        } MISTAKES[] = {
                {"{\"namespace\":\"Git Repositories\",\"bit\":2,\"name\":\"X\"}",
                 "has this bit already"},
                {"{\"namespace\":\"Git Repositories\",\"bit\":3,\"name\":\"X\"}", "a power of two"},
                {"{\"namespace\":\"Git Repositories\",\"bit\":2097152,\"name\":\"ForcePush\"}",
                 "has this name already"},
                {"{\"namespace\":\"zoo\",\"bit\":2,\"name\":\"X\"}",
                 "no security namespace \\\"zoo\\\""},
                {"{\"bit\":2,\"name\":\"X\"}", "lacks \\\"namespace\\\""},
        };
        Scene scene;
        const cJSON *actions;
        int n_actions;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        assert_int_equal(scene_send(&scene, (Ask){.body = GRANT}, "/_simulator/hand"), 400);
        actions = at(scene_ask(&scene, 200, (Ask){0}, "_apis/securitynamespaces/" GIT_ID),
                     "value.0.actions");
        n_actions = cJSON_GetArraySize(actions);
        assert_int_equal(
                scene_send(
                        &scene,
                        (Ask){.body = "{\"namespace\":\"Git Repositories\",\"bit\":1048576,\"name\":\"Later\"}"},
                        "/_simulator/permissions"),
                200);
        assert_int_equal(
                scene_send(
                        &scene,
                        (Ask){.body = "{\"namespace\":\"" GIT_ID "\",\"bit\":524288,"
                                      "\"name\":\"Foretell\",\"displayName\":\"Foretell merges\"}"},
                        "/_simulator/permissions"),
                200);
        actions = at(scene_ask(&scene, 200, (Ask){0}, "_apis/securitynamespaces/" GIT_ID),
                     "value.0.actions");
        assert_int_equal(cJSON_GetArraySize(actions), n_actions + 2);
        assert_string_equal(text_at(cJSON_GetArrayItem(actions, n_actions), "displayName"),
                            "Foretell merges");
        assert_string_equal(text_at(cJSON_GetArrayItem(actions, n_actions + 1), "name"), "Later");
        assert_int_equal(scene_send(&scene, (Ask){.body = GRANT}, "/_simulator/hand"), 200);
        assert_non_null(strstr(snapshot_of(&scene), "\"PullRequestContribute\",\"Foretell\"]"));
        for (size_t i = 0; i < sizeof(MISTAKES) / sizeof(MISTAKES[0]); i++) {
                assert_int_equal(scene_send(&scene, (Ask){.body = MISTAKES[i].body},
                                            "/_simulator/permissions"),
                                 400);
                scene.response.body[scene.response.body_size - 1] = '\0';
                if (!strstr(scene.response.body, MISTAKES[i].mistake))
                        fail_msg("%s: %s", MISTAKES[i].body, scene.response.body);
        }
        scene_close(&scene);
}

/* By hand an entry gets what no request may send. */
static void test_bits_of_the_system(void **state) {
        Scene scene;
        const char *token, *body;

        scene_open(&scene);
        token = token_of_project(&scene.arena, scene_add_project(&scene, "MLOps"));
        assert_int_equal(
                scene_send(
                        &scene,
                        (Ask){.body = "{\"op\":\"grant\",\"project\":\"MLOps\",\"kind\":\"project\",\"principal\":"
                                      "\"admin@contoso.com\",\"allow\":[\"AGILETOOLS_BACKLOG\",\"1073741824\"]}"},
                        "/_simulator/hand"),
                200);
        assert_non_null(
                strstr(snapshot_of(&scene), "\"allow\":[\"AGILETOOLS_BACKLOG\",\"1073741824\"]"));
        assert_int_equal(
                scene_send(
                        &scene,
                        (Ask){.body = "{\"namespace\":\"Project\",\"bit\":134217728,\"name\":\"Own\","
                                      "\"reserved\":true}"},
                        "/_simulator/permissions"),
                200);
        for (int bit = 16777216; bit <= 134217728; bit *= 8) {
                body = arena_print(
                        &scene.arena,
                        "{\"token\":\"%s\",\"merge\":true,\"accessControlEntries\":[{\"descriptor\":\"%s\","
                        "\"allow\":%d,\"deny\":0}]}",
                        token, "Microsoft.TeamFoundation.Identity;S-1-9-1", bit);
                assert_string_equal(text_at(scene_ask(&scene, 500, (Ask){.body = body},
                                                      "_apis/accesscontrolentries/" PROJECT_ID),
                                            "typeKey"),
                                    "InvalidPermissionsException");
        }
        scene_close(&scene);
}

static void test_unknown(void **state) {
        Scene scene;

        scene_open(&scene);
        scene_ask(&scene, 404, (Ask){0}, "/_simulator/zoo");
        scene_ask(&scene, 404, (Ask){.method = "PUT", .body = "{}"}, "/_simulator/log");
        scene_ask(&scene, 404, (Ask){0}, "/_simulator/snapshot?organization=none");
        scene_ask(&scene, 404, (Ask){0}, "/_simulator/snapshot?project=none");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_log),
                cmocka_unit_test(test_counts),
                cmocka_unit_test(test_clearing),
                cmocka_unit_test(test_options),
                cmocka_unit_test(test_clock),
                cmocka_unit_test(test_a_permission_appears),
                cmocka_unit_test(test_bits_of_the_system),
                cmocka_unit_test(test_unknown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

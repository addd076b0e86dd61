/* SPDX-License-Identifier: Apache-2.0 */
/* Who gives tokens: what is refused, and what a token is good for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/directory.h"
#include "tests/simulator/entra.h"
#include "tests/unit/simulator/scene.h"

#define CLIENT "3c1f7a10-6a0e-4c42-9d64-7f0c6f1b2a31"
#define TENANT "9b1d6c1e-53b7-4c6f-8f0e-64f2a7c1d202"
#define SCOPE "&scope=" ENTRA_RESOURCE "%2F.default"
#define GOOD "grant_type=client_credentials&client_id=" CLIENT SCOPE "&client_secret=a%2Bb"
#define FORM "application/x-www-form-urlencoded"
#define QUERY(version) "?api-version=" version "&resource=" ENTRA_RESOURCE

enum {
        N_HEADERS = 2,
        LIFE_MS = 3600 * 1000,
};

static void open_scene(Scene *scene) {
        static const IdentitySpec principal = {
                .kind = IDENTITY_SERVICE_PRINCIPAL, .name = "keeper", .application_id = CLIENT};
        static const EntraClient client = {.application_id = CLIENT,
                                           .tenant_id = TENANT,
                                           .secret = "a+b",
                                           .managed = true,
                                           .identity_header = "word"};

        scene_open(scene);
        scene->organization->tenant_id = TENANT;
        membership_add(scene->organization, directory_add(scene->organization, &principal),
                       scene->organization->administrators);
        entra_add(scene->world, &client);
        world_tick(scene->world);
}

typedef struct Question {
        const char *path;
        const char *header, *value; /* or NULL */
        const char *body;           /* NULL: GET */
        int status;
        const char *part; /* of the answer */
} Question;

/* The answer; the caller frees it. */
static cJSON *ask(Scene *scene, const Question *question) {
        Request request = {.method = question->body ? METHOD_POST : METHOD_GET,
                           .method_name = question->body ? "POST" : "GET",
                           .body = question->body ? strdup(question->body) : NULL};
        cJSON *tree = NULL;

        request.headers = arena_alloc(&request.arena, N_HEADERS * sizeof(Header));
        if (question->header)
                request.headers[request.n_headers++] = (Header){question->header, question->value};
        assert_int_equal(request_parse_url(&request, question->path), 0);
        response_deinit(&scene->response);
        response_init(&scene->response);
        route_answer(scene->world, &request, &scene->response);
        request_deinit(&request);
        if (scene->response.status != question->status)
                fail_msg("%s %s: %d: %.*s", question->path, question->body, scene->response.status,
                         (int)scene->response.body_size, scene->response.body ? scene->response.body : "");
        if (scene->response.body_size)
                tree = cJSON_ParseWithLength(scene->response.body, scene->response.body_size);
        if (question->part && !memmem(scene->response.body, scene->response.body_size, question->part,
                                      strlen(question->part)))
                fail_msg("%s: %.*s", question->path, (int)scene->response.body_size, scene->response.body);
        return tree;
}

#define ADDRESS "/_token/" TENANT "/oauth2/v2.0/token"
#define POSTED(body, status, part) {ADDRESS, "Content-Type", FORM, body, status, part}
#define ASSERTED "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"

static const Question QUESTIONS[] = {
        POSTED(GOOD, 200, "\"access_token\":\"eyJ"),
        {ADDRESS, "Content-Type", "application/json", GOOD, 400, "AADSTS900144"},
        {ADDRESS, NULL, NULL, NULL, 404, NULL},
        {"/_token/" TENANT "/oauth2/token", "Content-Type", FORM, GOOD, 404, NULL},
        {"/_token/" CLIENT "/oauth2/v2.0/token", "Content-Type", FORM, GOOD, 400, "AADSTS90002"},
        POSTED("", 400, "AADSTS900144"),
        POSTED("grant_type=password&client_id=" CLIENT SCOPE "&client_secret=a%2Bb", 400, "AADSTS70003"),
        POSTED("grant_type=client_credentials&client_id=" TENANT SCOPE "&client_secret=a%2Bb", 400, "AADSTS700016"),
        POSTED("grant_type=client_credentials&client_id=" CLIENT "&scope=x&client_secret=a%2Bb", 400, "AADSTS70011"),
        POSTED("grant_type=client_credentials&client_id=" CLIENT SCOPE, 401, "AADSTS7000216"),
        POSTED("grant_type=client_credentials&client_id=" CLIENT SCOPE "&client_secret=a+b", 401, "AADSTS7000215"),
        POSTED("grant_type=client_credentials&client_id=" CLIENT SCOPE "&client_assertion=a.b.c", 400, "AADSTS50027"),
        POSTED("grant_type=client_credentials&client_id=" CLIENT SCOPE ASSERTED "&client_assertion=a.b", 400,
               "AADSTS50027"),
        /* {} {} x */
        POSTED("grant_type=client_credentials&client_id=" CLIENT SCOPE ASSERTED "&client_assertion=e30.e30.eA", 401,
               "AADSTS700024"),
        {"/metadata/identity/oauth2/token" QUERY("2018-02-01"), "Metadata", "true", NULL, 200, "\"expires_in\":\"3600\""},
        {"/metadata/identity/oauth2/token" QUERY("2018-02-01") "&client_id=" CLIENT, "Metadata", "true", NULL, 200,
         "eyJ"},
        {"/metadata/identity/oauth2/token" QUERY("2018-02-01") "&client_id=" TENANT, "Metadata", "true", NULL, 400,
         "invalid_request"},
        {"/metadata/identity/oauth2/token" QUERY("2018-02-01"), NULL, NULL, NULL, 400, "metadata header"},
        {"/metadata/identity/oauth2/token" QUERY("2001-01-01"), "Metadata", "true", NULL, 400, "api-version"},
        {"/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x", "Metadata", "true", NULL, 400,
         "invalid_resource"},
        {"/metadata/identity/oauth2/token" QUERY("2020-06-01"), "Metadata", "true", NULL, 404, "Azure Arc"},
        {"/msi/token" QUERY("2019-08-01"), "X-IDENTITY-HEADER", "word", NULL, 200, "\"expires_on\":\""},
        {"/msi/token" QUERY("2019-08-01"), "X-IDENTITY-HEADER", "Word", NULL, 401, "unauthorized"},
        {"/msi/token" QUERY("2017-09-01"), "X-IDENTITY-HEADER", "word", NULL, 400, "api-version"},
};

static void test_questions(void **state) {
        Scene scene;

        open_scene(&scene);
        for (size_t i = 0; i < sizeof(QUESTIONS) / sizeof(QUESTIONS[0]); i++)
                cJSON_Delete(ask(&scene, &QUESTIONS[i]));
        scene_close(&scene);
}

static void test_a_token_until_it_ends(void **state) {
        static const Question question = POSTED(GOOD, 200, NULL);
        Scene scene;
        cJSON *answer;
        Ask as = {0};

        open_scene(&scene);
        answer = ask(&scene, &question);
        as.pat = text_at(answer, "access_token");
        scene_ask(&scene, 200, as, "_apis/projects");
        scene_pass_ms(&scene, LIFE_MS - 1000);
        scene_ask(&scene, 200, as, "_apis/projects");
        scene_pass_ms(&scene, 1000);
        assert_int_equal(scene_send(&scene, as, "/contoso/_apis/projects"), 203);
        as.method = "DELETE";
        assert_int_equal(scene_send(&scene, as, "/contoso/_apis/projects/x"), 401);
        as.method = NULL;
        as.pat = "eyJ0eXAiOiJKV1QifQ.unknown";
        assert_int_equal(scene_send(&scene, as, "/contoso/_apis/projects"), 401);
        cJSON_Delete(answer);
        scene_close(&scene);
}

static void test_the_log_keeps_no_secret(void **state) {
        static const Question question = POSTED(GOOD, 200, NULL);
        Scene scene;
        const cJSON *log;

        open_scene(&scene);
        cJSON_Delete(ask(&scene, &question));
        log = scene_ask(&scene, 200, (Ask){0}, "/_simulator/log?route=token");
        assert_int_equal(cJSON_GetArraySize(log), 1);
        assert_string_equal(text_at(log, "0.url"), ADDRESS);
        assert_null(memmem(scene.response.body, scene.response.body_size, "a%2Bb", 5));
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_questions),
                cmocka_unit_test(test_a_token_until_it_ends),
                cmocka_unit_test(test_the_log_keeps_no_secret),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Fault rules: which requests they are about, how often, what they do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/fault.h"
#include "tests/unit/simulator/scene.h"

static void add(Scene *scene, const char *rule) {
        scene_ask(scene, 200, (Ask){.body = rule}, "/_simulator/faults");
}

static void clear(Scene *scene) {
        scene_ask(scene, 200, (Ask){.method = "DELETE"}, "/_simulator/faults");
}

/* What each kind does to an answer. */

static const struct {
        const char *rule;
        int status;
        const char *content_type; /* NULL: none */
        const char *text;         /* the body has it */
        const char *header;       /* NULL: none is looked for */
        const char *value;
} ANSWERS[] = {
        {"{\"kind\":\"429\",\"retry_after\":7}", 429, "application/json; charset=utf-8", "TF400733",
         "Retry-After", "7"},
        {"{\"kind\":\"429\"}", 429, "application/json; charset=utf-8", "TF400733",
         "X-RateLimit-Remaining", "0"},
        {"{\"kind\":\"503\"}", 503, "application/json", "\xef\xbb\xbf{\"$id\"", "Retry-After",
         NULL},
        {"{\"kind\":\"503\",\"retry_after\":2}", 503, "application/json", "TF24668", "Retry-After",
         "2"},
        {"{\"kind\":\"401\"}", 401, NULL, "", "WWW-Authenticate",
         "Basic realm=\"http://127.0.0.1/\""},
        {"{\"kind\":\"401_json\"}", 401, "application/json; charset=utf-8",
         "UnauthorizedRequestException", NULL, NULL},
        {"{\"kind\":\"203_html\"}", 203, "text/html; charset=utf-8", "Sign In", NULL, NULL},
        {"{\"kind\":\"200_html\"}", 200, "text/html; charset=utf-8", "Sign In", NULL, NULL},
        {"{\"kind\":\"302\"}", 302, "text/html; charset=utf-8", "Object moved", "Location",
         "http://127.0.0.1:1/_signin?realm=simulator"},
        {"{\"kind\":\"403\",\"message\":\"No entry.\"}", 403, "application/json; charset=utf-8",
         "No entry.", NULL, NULL},
        {"{\"kind\":\"404\"}", 404, "text/plain; charset=utf-8", "The controller for path", NULL,
         NULL},
        {"{\"kind\":\"500\"}", 500, "application/json; charset=utf-8", "TF401349", NULL, NULL},
        {"{\"kind\":\"throttled\",\"retry_after\":3}", 200,
         "application/json; charset=utf-8; api-version=7.1-preview.4", "MLOps", "Retry-After", "3"},
        {"{\"kind\":\"throttled\",\"remaining\":40,\"reset\":60}", 200,
         "application/json; charset=utf-8; api-version=7.1-preview.4", "MLOps",
         "X-RateLimit-Remaining", "40"},
        {"{\"kind\":\"content_type\"}", 200, "text/plain; charset=utf-8", "MLOps", NULL, NULL},
        {"{\"kind\":\"content_type\",\"content_type\":\"application/xml\"}", 200, "application/xml",
         "MLOps", NULL, NULL},
        {"{\"kind\":\"bom\"}", 200, "application/json; charset=utf-8; api-version=7.1-preview.4",
         "\xef\xbb\xbf{\"count\"", NULL, NULL},
        {"{\"kind\":\"partial\"}", 200,
         "application/json; charset=utf-8; api-version=7.1-preview.4", "{\"count\":1,\"value\":[{",
         NULL, NULL},
        {"{\"kind\":\"partial\",\"match\":\"*\"}", 200,
         "application/json; charset=utf-8; api-version=7.1-preview.4", "{\"count\":0,\"value\":[]}",
         NULL, NULL},
};

static void test_answers(void **state) {
        Scene scene;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        scene_add_project(&scene, "MLOps 2");
        for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++) {
                add(&scene, ANSWERS[i].rule);
                scene_ask(&scene, ANSWERS[i].status, (Ask){0}, "_apis/projects");
                if (ANSWERS[i].content_type)
                        assert_string_equal(scene.response.content_type, ANSWERS[i].content_type);
                else
                        assert_null(scene.response.content_type);
                if (*ANSWERS[i].text)
                        assert_non_null(memmem(scene.response.body, scene.response.body_size,
                                               ANSWERS[i].text, strlen(ANSWERS[i].text)));
                else
                        assert_int_equal(scene.response.body_size, 0);
                if (ANSWERS[i].value)
                        assert_string_equal(scene_header(&scene, ANSWERS[i].header),
                                            ANSWERS[i].value);
                else if (ANSWERS[i].header)
                        assert_null(scene_header(&scene, ANSWERS[i].header));
                clear(&scene);
        }
        scene_close(&scene);
}

static void test_transport(void **state) {
        Scene scene;

        scene_open(&scene);
        add(&scene, "{\"kind\":\"slow\",\"bytes\":10,\"ms\":20}");
        add(&scene, "{\"kind\":\"delay\",\"ms\":30}");
        add(&scene, "{\"kind\":\"cut\",\"bytes\":5}");
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects");
        assert_int_equal(scene.response.transport.chunk_bytes, 10);
        assert_int_equal(scene.response.transport.chunk_pause_ms, 20);
        assert_int_equal(scene.response.transport.delay_ms, 30);
        assert_int_equal(scene.response.transport.cut_after, 5);
        assert_false(scene.response.transport.endless);
        clear(&scene);
        add(&scene, "{\"kind\":\"cut_chunked\"}");
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects");
        assert_int_equal(scene.response.transport.cut_after, scene.response.body_size / 2);
        assert_true(scene.response.transport.endless);
        scene_close(&scene);
}

/* Which requests. */

static const struct {
        const char *rule;
        const char *method;
        const char *path;
        bool fits;
} FITTING[] = {
        {"{\"kind\":\"500\"}", "GET", "_apis/projects", true},
        {"{\"kind\":\"500\",\"route\":\"projects\"}", "GET", "_apis/projects", true},
        {"{\"kind\":\"500\",\"route\":\"proj*\"}", "GET", "_apis/projects/MLOps/teams", true},
        {"{\"kind\":\"500\",\"route\":\"git*\"}", "GET", "_apis/projects", false},
        {"{\"kind\":\"500\",\"route\":\"projects\"}", "GET", "_apis/unknown", false},
        {"{\"kind\":\"500\"}", "GET", "_apis/unknown", true},
        {"{\"kind\":\"500\",\"method\":\"GET\"}", "GET", "_apis/projects", true},
        {"{\"kind\":\"500\",\"method\":\"POST\"}", "GET", "_apis/projects", false},
        {"{\"kind\":\"500\",\"path\":\"GET */MLOps/teams*\"}", "GET", "_apis/projects/MLOps/teams",
         true},
        {"{\"kind\":\"500\",\"path\":\"GET */MLOps/teams*\"}", "GET", "_apis/projects/MLOps",
         false},
        {"{\"kind\":\"500\",\"body\":\"*MLOps*\"}", "GET", "_apis/projects", false},
        {"{\"kind\":\"500\",\"body\":\"*MLOps*\"}", "POST", "_apis/projects", true},
        {"{\"kind\":\"500\",\"body\":\"*Data*\"}", "POST", "_apis/projects", false},
        {"{\"kind\":\"500\",\"organization\":\"Contoso\"}", "GET", "_apis/projects", true},
        {"{\"kind\":\"500\",\"organization\":\"fabrikam\"}", "GET", "_apis/projects", false},
        {"{\"kind\":\"500\",\"person\":\"admin@*\"}", "GET", "_apis/projects", true},
        {"{\"kind\":\"500\",\"person\":\"ben@*\"}", "GET", "_apis/projects", false},
        {"{\"kind\":\"500\",\"on\":\"write\"}", "GET", "_apis/projects", false},
        {"{\"kind\":\"500\",\"on\":\"write\"}", "DELETE", "_apis/projects/MLOps/teams/x", true},
        {"{\"kind\":\"500\",\"on\":\"read\"}", "GET", "_apis/projects/MLOps", true},
        {"{\"kind\":\"500\",\"on\":\"list\"}", "GET", "_apis/projects/MLOps", false},
        {"{\"kind\":\"500\",\"on\":\"list\"}", "GET", "_apis/projects", true},
        {"{\"kind\":\"silent\"}", "GET", "_apis/projects", false},
        {"{\"kind\":\"silent\"}", "DELETE", "_apis/projects/MLOps/teams/x", true},
        {"{\"kind\":\"stale\"}", "GET", "_apis/projects/MLOps", true},
        {"{\"kind\":\"stale\"}", "DELETE", "_apis/projects/MLOps/teams/x", false},
        {"{\"kind\":\"500\",\"after_writes\":1}", "GET", "_apis/projects", false},
        {"{\"kind\":\"late_list\"}", "GET", "_apis/projects", true},
        {"{\"kind\":\"late_list\"}", "GET", "_apis/projects/MLOps", false},
        {"{\"kind\":\"late_list\"}", "GET", "_apis/graph/groups", true},
        {"{\"kind\":\"late_list\"}", "GET", "_apis/graph/groups/vssgp.x", false},
};

static void test_fitting(void **state) {
        for (size_t i = 0; i < sizeof(FITTING) / sizeof(FITTING[0]); i++) {
                const cJSON *rules;
                Scene scene;
                Ask ask = {.method = FITTING[i].method};

                if (strcmp(ask.method, "POST") == 0)
                        ask.body = "{\"name\":\"MLOps\"}";
                scene_open(&scene);
                scene_add_project(&scene, "MLOps");
                add(&scene, FITTING[i].rule);
                scene_send(&scene, ask, FITTING[i].path);
                rules = scene_ask(&scene, 200, (Ask){0}, "/_simulator/faults");
                if (at(rules, "0.fitted")->valueint != FITTING[i].fits)
                        fail_msg("%s, %s %s", FITTING[i].rule, FITTING[i].method, FITTING[i].path);
                scene_close(&scene);
        }
}

/* How often. */

static const struct {
        const char *rule;
        const char *pattern; /* of ten requests: x shows the fault */
} TURNS[] = {
        {"{\"kind\":\"500\"}", "xxxxxxxxxx"},
        {"{\"kind\":\"500\",\"count\":2}", "xx........"},
        {"{\"kind\":\"500\",\"skip\":3}", "...xxxxxxx"},
        {"{\"kind\":\"500\",\"skip\":3,\"count\":1}", "...x......"},
        {"{\"kind\":\"500\",\"every\":3}", "..x..x..x."},
        {"{\"kind\":\"500\",\"every\":3,\"skip\":1}", "...x..x..x"},
        {"{\"kind\":\"500\",\"every\":3,\"count\":2}", "..x..x...."},
        {"{\"kind\":\"500\",\"share\":0}", ".........."},
};

static void ask_ten(Scene *scene, char pattern[11]) {
        for (size_t i = 0; i < 10; i++)
                pattern[i] = scene_send(scene, (Ask){0}, "_apis/projects") == 500 ? 'x' : '.';
        pattern[10] = '\0';
}

static void test_turns(void **state) {
        for (size_t i = 0; i < sizeof(TURNS) / sizeof(TURNS[0]); i++) {
                char pattern[11];
                Scene scene;

                scene_open(&scene);
                add(&scene, TURNS[i].rule);
                ask_ten(&scene, pattern);
                assert_string_equal(pattern, TURNS[i].pattern);
                scene_close(&scene);
        }
}

/* A share is drawn from the rule's own number. */
static void test_share(void **state) {
        const char *const rules[] = {"{\"kind\":\"500\",\"share\":0.5,\"seed\":1}",
                                     "{\"kind\":\"500\",\"share\":0.5,\"seed\":1}",
                                     "{\"kind\":\"500\",\"share\":0.5,\"seed\":2}"};
        char patterns[3][11];

        for (size_t i = 0; i < 3; i++) {
                Scene scene;

                scene_open(&scene);
                add(&scene, rules[i]);
                ask_ten(&scene, patterns[i]);
                scene_close(&scene);
        }
        assert_string_equal(patterns[0], patterns[1]);
        assert_string_not_equal(patterns[0], patterns[2]);
        assert_non_null(strchr(patterns[0], 'x'));
        assert_non_null(strchr(patterns[0], '.'));
}

/* Writes. */

static void test_silent(void **state) {
        Scene scene;
        const cJSON *made, *list;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        add(&scene, "{\"kind\":\"silent\",\"count\":1}");
        made = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"ghost\"}"},
                         "MLOps/_apis/git/repositories");
        assert_string_equal(text_at(made, "name"), "ghost");
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_null(element_with(at(list, "value"), "name", "ghost"));
        /* The next is made, and is another one. */
        list = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"ghost\"}"},
                         "MLOps/_apis/git/repositories");
        assert_string_not_equal(text_at(list, "id"), text_at(made, "id"));
        scene_close(&scene);
}

/* A path in which "{id}" stands for an id. */
static const char *with_id(Scene *scene, const char *path, const char *id) {
        const char *place = strstr(path, "{id}");

        if (!place)
                return path;
        return arena_print(&scene->arena, "%.*s%s%s", (int)(place - path), path, id,
                           place + strlen("{id}"));
}

/* Whatever the write: the organisation is word for word what it was, and the same write is done
 * afterwards. */
static void test_silent_writes(void **state) {
        static const struct {
                const char *method;
                const char *path;
                const char *body;
                int status;
        } WRITES[] = {
                {"POST", "MLOps/_apis/git/repositories", "{\"name\":\"r\"}", 201},
                {"DELETE", "MLOps/_apis/git/repositories/{id}", NULL, 204},
                {"POST", "_apis/projects/MLOps/teams", "{\"name\":\"T\"}", 201},
                {"PATCH", "_apis/projects/MLOps/teams/MLOps%20Team", "{\"name\":\"U\"}", 200},
                {"PATCH", "MLOps/U/_apis/work/teamsettings/teamfieldvalues",
                 "{\"defaultValue\":\"MLOps\",\"values\":[{\"value\":\"MLOps\",\"includeChildren\":true}]}",
                 200},
                {"DELETE", "_apis/projects/MLOps/teams/T", NULL, 204},
                {"PUT", "MLOps/_apis/build/folders/A%5CB", "{\"path\":\"\\\\A\\\\B\"}", 200},
                {"DELETE", "MLOps/_apis/build/folders/A", NULL, 204},
                {"POST", "MLOps/_apis/wit/classificationnodes/areas", "{\"name\":\"X\"}", 201},
                {"PATCH", "MLOps/_apis/wit/classificationnodes/areas/X", "{\"name\":\"Y\"}", 200},
                {"DELETE", "MLOps/_apis/wit/classificationnodes/areas/Y", NULL, 204},
                {"POST", "_apis/graph/groups", "{\"displayName\":\"G\"}", 201},
                {"PATCH", "_apis/projects/MLOps", "{\"name\":\"ML\"}", 202},
                {"DELETE", "_apis/projects/MLOps", NULL, 202},
        };
        Scene scene;
        Project *project;

        scene_open(&scene);
        scene_set_option(&scene, "operation_polls", "0");
        project = scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(WRITES) / sizeof(WRITES[0]); i++) {
                const Repository *first = project->repositories.items[0];
                const char *path = with_id(&scene, WRITES[i].path, first->id);
                Ask ask = {.method = WRITES[i].method, .body = WRITES[i].body};
                const char *before, *after;

                scene_pass_ms(&scene, 10);
                scene_send(&scene, (Ask){0}, "/_simulator/snapshot");
                before = arena_copy(&scene.arena, scene.response.body);
                add(&scene, "{\"kind\":\"silent\",\"count\":1}");
                scene_ask(&scene, WRITES[i].status, ask, "%s", path);
                scene_send(&scene, (Ask){0}, "/_simulator/snapshot");
                after = arena_copy(&scene.arena, scene.response.body);
                assert_string_equal(after, before);
                clear(&scene);
                scene_ask(&scene, WRITES[i].status, ask, "%s", path);
        }
        scene_close(&scene);
}

static void test_lost_is_done(void **state) {
        Scene scene;
        const cJSON *list, *log;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        add(&scene, "{\"kind\":\"lost\",\"method\":\"POST\"}");
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"made\"}"},
                  "MLOps/_apis/git/repositories");
        assert_true(scene.response.transport.reset);
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_non_null(element_with(at(list, "value"), "name", "made"));
        log = scene_ask(&scene, 200, (Ask){0}, "/_simulator/log?method=POST");
        assert_true(cJSON_IsFalse(at(log, "0.answered")));
        assert_string_equal(text_at(log, "0.fault"), "lost");
        scene_close(&scene);
}

static void test_reset_is_not_done(void **state) {
        Scene scene;
        const cJSON *list;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        add(&scene, "{\"kind\":\"reset\",\"method\":\"POST\"}");
        scene_send(&scene, (Ask){.body = "{\"name\":\"made\"}"}, "MLOps/_apis/git/repositories");
        assert_true(scene.response.transport.reset);
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_null(element_with(at(list, "value"), "name", "made"));
        scene_close(&scene);
}

/* What is held back: until no rule says so any more. */

static void test_stall_is_not_done(void **state) {
        Scene scene;
        const cJSON *list;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        add(&scene, "{\"kind\":\"stall\",\"on\":\"write\"}");
        scene_send(&scene, (Ask){.body = "{\"name\":\"made\"}"}, "MLOps/_apis/git/repositories");
        assert_true(scene.response.transport.reset);
        assert_true(scene.world->n_releases < scene.response.transport.held_for);
        clear(&scene);
        assert_int_equal(scene.world->n_releases, 1);
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_null(element_with(at(list, "value"), "name", "made"));
        scene_close(&scene);
}

static void test_held_is_done(void **state) {
        Scene scene;
        const cJSON *list;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        add(&scene, "{\"kind\":\"held\",\"method\":\"POST\"}");
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"made\"}"}, "MLOps/_apis/git/repositories");
        assert_false(scene.response.transport.reset);
        assert_true(scene.world->n_releases < scene.response.transport.held_for);
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_non_null(element_with(at(list, "value"), "name", "made"));
        assert_int_equal(scene.response.transport.held_for, 0);
        scene_close(&scene);
}

/* From the second write that was handled on; what a fault answered is none. */
static void test_after_writes(void **state) {
        Scene scene;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        add(&scene, "{\"kind\":\"500\",\"after_writes\":2}");
        add(&scene, "{\"kind\":\"429\",\"on\":\"write\",\"count\":1}");
        scene_ask(&scene, 429, (Ask){.body = "{\"name\":\"a\"}"}, "MLOps/_apis/git/repositories");
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"a\"}"}, "MLOps/_apis/git/repositories");
        scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"b\"}"}, "MLOps/_apis/git/repositories");
        scene_send(&scene, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_int_equal(scene.response.status, 500);
        scene_close(&scene);
}

/* Older views. */

static void test_stale(void **state) {
        Scene scene;
        const cJSON *list;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        scene_pass_ms(&scene, 60000);
        add(&scene, "{\"kind\":\"stale\",\"ms\":5000,\"method\":\"GET\"}");
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"new\"}"}, "MLOps/_apis/git/repositories");
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_null(element_with(at(list, "value"), "name", "new"));
        scene_pass_ms(&scene, 5001);
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
        assert_non_null(element_with(at(list, "value"), "name", "new"));
        scene_close(&scene);
}

/* Some tiers lag, and the answer says which tier it is. */
static void test_stale_tiers(void **state) {
        Scene scene;
        size_t n_old = 0;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        scene_pass_ms(&scene, 60000);
        add(&scene, "{\"kind\":\"stale\",\"ms\":5000,\"tiers\":3}");
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"new\"}"}, "MLOps/_apis/git/repositories");
        for (size_t i = 0; i < 60; i++) {
                const cJSON *list =
                        scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/git/repositories");
                bool old = !element_with(at(list, "value"), "name", "new");
                long tier = strtol(scene_header(&scene, "X-TFS-ProcessId"), NULL, 16);

                assert_int_equal(old, tier <= 3);
                n_old += old;
        }
        assert_in_range(n_old, 10, 50);
        scene_close(&scene);
}

/* Retry-After. */

/* When a request came is the end by one clock less what it took by another, each in whole ms. */
enum { CLOCKS_ROUNDING_MS = 2 };

static void test_violations(void **state) {
        Scene scene;
        const cJSON *early;

        scene_open(&scene);
        scene_add_user(&scene, "ana@contoso.com");
        add(&scene, "{\"kind\":\"429\",\"retry_after\":5,\"count\":1,\"person\":\"admin*\"}");
        scene_ask(&scene, 429, (Ask){0}, "_apis/projects");
        /* Was under way: so much is let pass, however slow the machine. */
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects");
        scene_pass_ms(&scene, 1000);
        scene_ask(&scene, 200, (Ask){.pat = "ana"}, "_apis/projects"); /* was not told */
        assert_int_equal(
                cJSON_GetArraySize(scene_ask(&scene, 200, (Ask){0}, "/_simulator/log/violations?grace_ms=900")),
                0);
        /* This one: a second after it was told to wait for five. */
        scene_ask(&scene, 200, (Ask){0}, "_apis/connectionData");
        scene_pass_ms(&scene, 4001);
        scene_ask(&scene, 200, (Ask){0}, "_apis/projects");
        early = scene_ask(&scene, 200, (Ask){0}, "/_simulator/log/violations?grace_ms=900");
        assert_int_equal(cJSON_GetArraySize(early), 1);
        assert_string_equal(text_at(early, "0.url"), "/contoso/_apis/connectionData");
        assert_int_equal(at(early, "0.told_by")->valueint, 1);
        assert_in_range(at(early, "0.too_early_by_ms")->valueint, 1000,
                        4000 + CLOCKS_ROUNDING_MS);
        scene_close(&scene);
}

/* Mistakes. */

static const struct {
        const char *rule;
        const char *error;
} MISTAKES[] = {
        {"{}", "body: $: lacks \"kind\""},
        {"7", "body: $: wants an object {…}"},
        {"{\"kind\":\"lte\"}",
         "body: $.kind: \"lte\" is no kind of fault; see README.md for those there are"},
        {"{\"kind\":\"429\",\"shar\":1}", "body: $.shar: is no key of this"},
        {"{\"kind\":\"429\",\"share\":2}", "body: $.share: is to lie between 0 and 1"},
        {"{\"kind\":\"429\",\"every\":0}", "body: $.every: is to lie between 1 and 9.0072e+15"},
        {"{\"kind\":\"429\",\"count\":\"x\"}", "body: $.count: wants a number"},
        {"{\"kind\":\"429\",\"on\":\"writes\"}", "body: $.on: is to be read, list or write"},
        {"[{\"kind\":\"429\"},{\"kind\":\"x\"}]",
         "body: $[1].kind: \"x\" is no kind of fault; see README.md for those there are"},
};

static void test_mistakes(void **state) {
        Scene scene;

        scene_open(&scene);
        for (size_t i = 0; i < sizeof(MISTAKES) / sizeof(MISTAKES[0]); i++)
                assert_string_equal(text_at(scene_ask(&scene, 400, (Ask){.body = MISTAKES[i].rule},
                                                      "/_simulator/faults"),
                                            "error"),
                                    MISTAKES[i].error);
        assert_int_equal(cJSON_GetArraySize(scene_ask(&scene, 200, (Ask){0}, "/_simulator/faults")),
                         0);
        scene_close(&scene);
}

static void test_text_rules(void **state) {
        Scene scene;
        char *error = NULL;
        const cJSON *rules;

        scene_open(&scene);
        assert_int_equal(
                fault_add_text(scene.world, "kind=429,route=git*,every=10,retry_after=2", &error),
                0);
        rules = scene_ask(&scene, 200, (Ask){0}, "/_simulator/faults");
        assert_string_equal(text_at(rules, "0.kind"), "429");
        assert_string_equal(text_at(rules, "0.route"), "git*");
        assert_int_equal(at(rules, "0.every")->valueint, 10);
        assert_int_equal(fault_add_text(scene.world, "kind=none", &error), -1);
        assert_string_equal(
                error,
                "kind=none: $.kind: \"none\" is no kind of fault; see README.md for those there are");
        free(error);
        scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "/_simulator/faults?id=1");
        scene_ask(&scene, 404, (Ask){.method = "DELETE"}, "/_simulator/faults?id=1");
        scene_close(&scene);
}

/* What is listed can be asked for; what is about some requests alone says which. */
static void test_kinds(void **state) {
        Scene scene;
        const cJSON *kinds, *kind, *on;
        int n_writes = 0;

        scene_open(&scene);
        kinds = scene_ask(&scene, 200, (Ask){0}, "/_simulator/faults/kinds");
        assert_true(cJSON_GetArraySize(kinds) > 20);
        cJSON_ArrayForEach(kind, kinds) {
                char rule[64];

                snprintf(rule, sizeof(rule), "{\"kind\":\"%s\"}", text_at(kind, "kind"));
                scene_ask(&scene, 200, (Ask){.body = rule}, "/_simulator/faults");
                on = cJSON_GetObjectItem(kind, "on");
                n_writes += on && strcmp(on->valuestring, "write") == 0;
        }
        assert_int_equal(n_writes, 1); /* silent */
        assert_int_equal(cJSON_GetArraySize(scene_ask(&scene, 200, (Ask){0}, "/_simulator/faults")),
                         cJSON_GetArraySize(kinds));
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answers),
                cmocka_unit_test(test_transport),
                cmocka_unit_test(test_fitting),
                cmocka_unit_test(test_turns),
                cmocka_unit_test(test_share),
                cmocka_unit_test(test_silent),
                cmocka_unit_test(test_silent_writes),
                cmocka_unit_test(test_lost_is_done),
                cmocka_unit_test(test_reset_is_not_done),
                cmocka_unit_test(test_stale),
                cmocka_unit_test(test_stale_tiers),
                cmocka_unit_test(test_violations),
                cmocka_unit_test(test_mistakes),
                cmocka_unit_test(test_text_rules),
                cmocka_unit_test(test_kinds),
                cmocka_unit_test(test_stall_is_not_done),
                cmocka_unit_test(test_held_is_done),
                cmocka_unit_test(test_after_writes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

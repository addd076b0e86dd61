/* SPDX-License-Identifier: Apache-2.0 */
/* Codec: each kind listed, read by name, made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/azdo/codec.h"
#include "daemon/azdo/project.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
#define KEY(n) "0000000" #n "-2222-4333-8444-555555555555"
#define NODE "vstfs:///Classification/Node/"

static Mem *mem;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static const Entity *entity_of(const Organisation *organisation, Kind kind, const char *name) {
        Index row = organisation_find_entity(organisation, 0, kind, name);

        if (row == INDEX_NONE)
                fail_msg("no %s %s", kind_row(kind)->noun, name);
        return &organisation->entities[row];
}

static void expect_list(Organisation *organisation, Kind kind, const Reply *reply,
                        size_t n_expected) {
        const char *reason = NULL;
        size_t n = 0;

        if (codec_of(kind)->take_list(organisation, 0, reply, &reason, &n) != 0)
                fail_msg("%s", reason);
        assert_int_equal(n, n_expected);
}

/* Edits that make an answer malformed: nothing of it is added but what came before. */
typedef struct Edit {
        const char *from, *to, *part;
} Edit;

static void expect_refusals(Organisation *organisation, Kind kind, const Reply *reply,
                            const Edit *edits, size_t n_edits) {
        for (size_t i = 0; i < n_edits; i++) {
                const char *reason = NULL;
                size_t n = 0;

                if (codec_of(kind)->take_list(organisation, 0,
                                              reply_edit(mem, reply, edits[i].from, edits[i].to),
                                              &reason, &n) >= 0)
                        fail_msg("%s was taken", edits[i].to);
                if (!reason || !strstr(reason, edits[i].part))
                        fail_msg("%s: %s", edits[i].to, reason);
        }
}

static void expect_request(const Request *request, Method method, const char *path,
                           const char *body) {
        assert_int_equal(request->method, method);
        expect_path(request, path);
        if (body)
                expect_body(request, body);
        else
                assert_null(request->body);
        assert_int_equal(request->repeat, body ? REPEAT_NEVER : REPEAT_SAFE);
}

static void test_table(void **state) {
        static const Kind kinds[] = {
                KIND_REPOSITORY,     KIND_PIPELINE_FOLDER, KIND_PIPELINE,           KIND_AREA,
                KIND_ITERATION,      KIND_QUERY,           KIND_SERVICE_CONNECTION, KIND_ENVIRONMENT,
                KIND_VARIABLE_GROUP, KIND_SECURE_FILE,     KIND_AGENT_QUEUE,        KIND_TEAM,
                KIND_GROUP,
        };
        size_t n = 0;

        for (Kind kind = 0; kind < _KIND_N; kind++)
                n += codec_of(kind) != NULL;
        assert_int_equal(n, sizeof kinds / sizeof *kinds);
        for (size_t i = 0; i < n; i++) {
                const Codec *codec = codec_of(kinds[i]);

                assert_int_equal(codec->kind, kinds[i]);
                assert_true(codec->list && codec->take_list && codec->get && codec->take_get);
                assert_int_equal(codec->create != NULL, !kind_has(kinds[i], KIND_HAS_ROLES) &&
                                                                kinds[i] != KIND_PIPELINE);
                assert_int_equal(codec->create != NULL, codec->take_create != NULL);
                assert_int_equal(codec->before != NULL, kinds[i] == KIND_REPOSITORY);
                assert_int_equal(codec->rest != NULL, kinds[i] == KIND_QUERY);
                assert_true(!codec->rest || (codec->list_rest && codec->take_rest));
        }
}

/* Repositories */

#define GIT_PROJECT "0ad4a5c3-9ed4-466b-aba5-9c04e8a5c686"

static void test_repositories(void **state) {
        Organisation *organisation = world_new(mem, "Contoso-Fiber-Git", GIT_PROJECT);
        const Codec *codec = codec_of(KIND_REPOSITORY);
        const Entity *entity = NULL;
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/" GIT_PROJECT "/_apis/git/repositories?api-version=7.1", NULL);
        expect_list(organisation, KIND_REPOSITORY, fixture_reply(mem, "repositories"), 2);
        entity = entity_of(organisation, KIND_REPOSITORY, "anotherrepository");
        assert_string_equal(entity->id, "0ea65691-dfc3-48b5-a6d6-4742cd593761");
        assert_string_equal(entity->token,
                            "repoV2/" GIT_PROJECT "/0ea65691-dfc3-48b5-a6d6-4742cd593761");
        assert_false(entity->assumed);
}

static void test_repositories_malformed(void **state) {
        static const Edit edits[] = {
                {"\"count\": 2", "\"count\": 3", "count"},
                {"\"id\": \"0ea65691", "\"id\": \"0ea6569x", "`id`"},
                {"\"name\": \"AnotherRepository\"", "\"name\": 5", "`name`"},
                {"\"project\": {", "\"projects\": {", "another project"},
                {"\"project\": {\n      \"id\": \"0ad4a5c3",
                 "\"project\": {\n      \"id\": \"0ad4a5c4", "another project"},
        };
        Organisation *organisation = world_new(mem, "Contoso-Fiber-Git", GIT_PROJECT);

        expect_refusals(organisation, KIND_REPOSITORY, fixture_reply(mem, "repositories"), edits,
                        sizeof edits / sizeof *edits);
}

static void test_repository(void **state) {
        const char *id = "870ea1f9-ad0a-4b49-a777-46b2c63d9f1b";
        Organisation *organisation = world_new(mem, "MLOps", id);
        const Codec *codec = codec_of(KIND_REPOSITORY);
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        Request request = codec->get(mem, organisation, 0, "a b&c");

        expect_request(
                &request, METHOD_GET,
                mem_printf(mem, "/%s/_apis/git/repositories/a%%20b%%26c?api-version=7.1", id),
                NULL);
        assert_int_equal(codec->take_get(organisation, 0, "Scoring",
                                         fixture_reply(mem, "repository_get"), &reason),
                         0);
        assert_false(entity_of(organisation, KIND_REPOSITORY, "scoring")->assumed);
        /* Found by something else than its name. */
        assert_int_equal(codec->take_get(organisation, 0, "old",
                                         fixture_reply(mem, "repository_get"), &reason),
                         1);
        assert_true(codec->take_get(organisation, 0, "old", reply_json(mem, "[]"), &reason) < 0);

        organisation = world_new(mem, "MLOps", id);
        request = codec->create(mem, organisation, 0, "scoring \"x\"");
        expect_request(&request, METHOD_POST,
                       mem_printf(mem, "/%s/_apis/git/repositories?api-version=7.1", id),
                       "{\"name\": \"scoring \\\"x\\\"\"}");
        assert_int_equal(codec->take_create(organisation, 0, "scoring",
                                            fixture_reply(mem, "repository_create"), &entity,
                                            &reason),
                         0);
        assert_true(organisation->entities[entity].assumed);
        assert_string_equal(organisation->entities[entity].token,
                            mem_printf(mem, "repoV2/%s/%s", id, organisation->entities[entity].id));
        assert_true(codec->take_create(organisation, 0, "other",
                                       fixture_reply(mem, "repository_create"), &entity,
                                       &reason) < 0);
}

static void test_recycle_bin(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", PROJECT);
        const Codec *codec = codec_of(KIND_REPOSITORY);
        Reply *reply = reply_json(
                mem, "{\"value\":[{\"id\":\"" KEY(
                             1) "\",\"name\":\"Scoring\",\"project\":{},\"deletedBy\":{},"
                                "\"deletedDate\":\"2026-01-01T00:00:00Z\"}],\"count\":1}");
        const char *reason = NULL;
        Request request = codec->before(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/" PROJECT "/_apis/git/recycleBin/repositories?api-version=7.1", NULL);
        assert_int_equal(codec->take_before(mem, "scorings", reply, &reason), 0);
        assert_int_equal(codec->take_before(mem, "scoring", reply, &reason), 1);
        assert_non_null(strstr(reason, "Scoring lies in the project's recycle bin; restore it"));
        assert_true(codec->take_before(mem, "x", reply_json(mem, "{\"value\":[{}]}"), &reason) < 0);
        assert_true(codec->take_before(mem, "x", reply_json(mem, "{}"), &reason) < 0);
}

/* Pipeline folders */

static void test_folders(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", PROJECT);
        const Codec *codec = codec_of(KIND_PIPELINE_FOLDER);
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/" PROJECT "/_apis/build/folders?api-version=7.1-preview.2", NULL);
        expect_list(
                organisation, KIND_PIPELINE_FOLDER,
                reply_json(
                        mem,
                        "{\"count\":3,\"value\":[{\"path\":\"\\\\\"},{\"path\":\"\\\\Training\",\"description\":null},"
                        "{\"path\":\"\\\\Training\\\\R&D #1\"}]}"),
                3);
        assert_string_equal(entity_of(organisation, KIND_PIPELINE_FOLDER, "/")->token, PROJECT);
        assert_string_equal(entity_of(organisation, KIND_PIPELINE_FOLDER, "training")->token,
                            PROJECT "/Training");
        assert_string_equal(entity_of(organisation, KIND_PIPELINE_FOLDER, "Training/R&D #1")->token,
                            PROJECT "/Training/R&D #1");
        assert_null(entity_of(organisation, KIND_PIPELINE_FOLDER, "Training")->id);
}

static void test_folders_malformed(void **state) {
        static const Edit edits[] = {
                {"\"path\"", "\"paths\"", "`path`"},
                {"\"path\": \"\\\\Training\"", "\"path\": \"Training\"", "`path`"},
                {"\"path\": \"\\\\Training\"", "\"path\": null", "`path`"},
                {"\"path\": \"\\\\Training\"", "\"path\": \"\\\\A\\\\\\\\B\"",
                 "cannot be taken apart"},
                {"\"path\": \"\\\\Training\"", "\"path\": \"\\\\A/B\"", "cannot be taken apart"},
                {"\"count\": 1", "\"count\": 2", "count"},
        };

        expect_refusals(world_new(mem, "MLOps", PROJECT), KIND_PIPELINE_FOLDER,
                        fixture_reply(mem, "folder_get"), edits, sizeof edits / sizeof *edits);
}

static void test_folder(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", PROJECT);
        const Codec *codec = codec_of(KIND_PIPELINE_FOLDER);
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        Request request = codec->get(mem, organisation, 0, "A/B c");

        expect_request(&request, METHOD_GET,
                       "/" PROJECT "/_apis/build/folders/A%5CB%20c?api-version=7.1-preview.2",
                       NULL);
        assert_int_equal(codec->take_get(organisation, 0, "Training",
                                         fixture_reply(mem, "folder_get"), &reason),
                         0);
        assert_int_equal(codec->take_get(organisation, 0, "Train", fixture_reply(mem, "folder_get"),
                                         &reason),
                         1);
        assert_int_equal(codec->take_get(organisation, 0, "Train",
                                         reply_json(mem, "{\"count\":0,\"value\":[]}"), &reason),
                         1);
        request = codec->create(mem, organisation, 0, "A/B");
        expect_request(&request, METHOD_PUT,
                       "/" PROJECT "/_apis/build/folders/A%5CB?api-version=7.1-preview.2",
                       "{\"path\": \"\\\\A\\\\B\"}");
        organisation = world_new(mem, "MLOps", PROJECT);
        assert_int_equal(codec->take_create(organisation, 0, "Training",
                                            fixture_reply(mem, "folder_create"), &entity, &reason),
                         0);
        assert_true(organisation->entities[entity].assumed);
        assert_string_equal(organisation->entities[entity].token, PROJECT "/Training");
        assert_true(codec->take_create(organisation, 0, "Other",
                                       fixture_reply(mem, "folder_create"), &entity, &reason) < 0);
}

/* Areas */

#define ROOT NODE "0e5f0788-8e0d-443a-a60e-2137ce840e5f"
#define DEVICES ROOT ":" NODE "ea76b5bb-0fbf-48f8-a95f-c1bc7c914715"

static void test_areas(void **state) {
        Organisation *organisation = world_new(mem, "Contoso-Fiber-Git", PROJECT);
        const Codec *codec = codec_of(KIND_AREA);
        const Entity *entity = NULL;
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/" PROJECT "/_apis/wit/classificationnodes/areas?$depth=14&api-version=7.1",
                       NULL);
        expect_list(organisation, KIND_AREA, fixture_reply(mem, "areas_deep"), 9);
        assert_string_equal(organisation->projects[0].root_token[NAMESPACE_CSS], ROOT);
        assert_string_equal(entity_of(organisation, KIND_AREA, "/")->token, ROOT);
        assert_string_equal(entity_of(organisation, KIND_AREA, "devices")->token, DEVICES);
        entity = entity_of(organisation, KIND_AREA, "Devices/Windows Phone");
        assert_string_equal(entity->token, DEVICES ":" NODE "c62a68b7-0983-46c2-ab02-fa39adb38ea3");
        assert_string_equal(entity->id, "c62a68b7-0983-46c2-ab02-fa39adb38ea3");
        /* A new project has its root alone. */
        organisation = world_new(mem, "MLOps", PROJECT);
        expect_list(organisation, KIND_AREA, fixture_reply(mem, "areas_new_project"), 1);
        assert_string_equal(entity_of(organisation, KIND_AREA, "/")->token,
                            NODE "00348714-a768-491a-a6eb-c5315ec4225f");
}

static void test_areas_malformed(void **state) {
        static const Edit edits[] = {
                {"\"identifier\": \"077a5922", "\"identifier\": \"077a592", "`identifier`"},
                {"\"name\": \"iPhone\"", "\"name\": \"\"", "`name`"},
                {"\"name\": \"iPhone\"", "\"name\": \"i/Phone\"", "separator"},
                {"\"name\": \"iPhone\"", "\"name\": \"i\\\\Phone\"", "separator"},
                {"\"structureType\": \"area\"", "\"structureType\": \"iteration\"",
                 "structureType"},
                {"\"hasChildren\": false", "\"hasChildren\": true", "leaves out"},
                {"\"hasChildren\": false", "\"hasKids\": false", "hasChildren"},
                {"\"hasChildren\": false", "\"hasChildren\": false, \"children\": {\"a\": 1}",
                 "no list"},
                {"\"children\": [", "\"children\": [null, ", "`identifier`"},
        };
        Organisation *organisation = world_new(mem, "Contoso-Fiber-Git", PROJECT);

        expect_refusals(organisation, KIND_AREA, fixture_reply(mem, "areas_deep"), edits,
                        sizeof edits / sizeof *edits);
        /* All or nothing. */
        assert_int_equal(organisation->n_entities, 0);
        assert_null(organisation->projects[0].root_token[NAMESPACE_CSS]);
}

/* 14 levels below the root, as deep as a tree can be (facts §7.2). */
static void test_areas_at_full_depth(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", PROJECT);
        const char *tree = "";
        char *name = mem_strdup(mem, "a1");

        for (int level = 14; level >= 0; level--)
                tree = mem_printf(
                        mem,
                        "{\"identifier\":\"%08d-2222-4333-8444-555555555555\",\"name\":\"a%d\",\"structureType\":\"area\","
                        "\"hasChildren\":%s,\"children\":[%s]}",
                        level, level, level < 14 ? "true" : "false", tree);
        for (int level = 2; level <= 14; level++)
                name = mem_printf(mem, "%s/a%d", name, level);
        expect_list(organisation, KIND_AREA, reply_json(mem, tree), 15);
        assert_int_equal(strlen(entity_of(organisation, KIND_AREA, name)->token),
                         15 * (strlen(NODE) + 36) + 14);
}

static void test_area(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", PROJECT);
        const Codec *codec = codec_of(KIND_AREA);
        const char *root = NODE "00348714-a768-491a-a6eb-c5315ec4225f";
        const char *vision = NULL;
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        Request request = codec->create(mem, organisation, 0, "Vision");

        expect_request(&request, METHOD_POST,
                       "/" PROJECT "/_apis/wit/classificationnodes/areas?api-version=7.1",
                       "{\"name\": \"Vision\"}");
        request = codec->create(mem, organisation, 0, "Vision/R&D/50%");
        expect_request(&request, METHOD_POST,
                       "/" PROJECT
                       "/_apis/wit/classificationnodes/areas/Vision%5CR%26D?api-version=7.1",
                       "{\"name\": \"50%\"}");
        /* Without the area above nobody knows the token. */
        assert_true(codec->take_create(organisation, 0, "Vision", fixture_reply(mem, "area_create"),
                                       &entity, &reason) < 0);
        expect_list(organisation, KIND_AREA, fixture_reply(mem, "areas_new_project"), 1);
        assert_int_equal(codec->take_create(organisation, 0, "Vision",
                                            fixture_reply(mem, "area_create"), &entity, &reason),
                         0);
        vision = organisation->entities[entity].token;
        assert_string_equal(
                vision, mem_printf(mem, "%s:" NODE "%s", root, organisation->entities[entity].id));
        assert_int_equal(codec->take_create(organisation, 0, "Vision/Lab",
                                            fixture_reply(mem, "area_create_below"), &entity,
                                            &reason),
                         0);
        assert_true(organisation->entities[entity].assumed);
        assert_string_equal(organisation->entities[entity].name, "Vision/Lab");
        assert_string_equal(
                organisation->entities[entity].token,
                mem_printf(mem, "%s:" NODE "d6cff515-35b2-4018-a72f-39517753b600", vision));
        assert_true(codec->take_create(organisation, 0, "Vision/Other",
                                       fixture_reply(mem, "area_create_below"), &entity,
                                       &reason) < 0);
}

/* An area is read by the branch it stands on: its token is made of all above it. */
static void test_area_by_name(void **state) {
        static const char branch[] = "{\"identifier\":\"" KEY(
                1) "\",\"name\":\"Vision\",\"structureType\":\"area\",\"hasChildren\":true,\"children\":["
                   "{\"identifier\":\"" KEY(
                           2) "\",\"name\":\"Lab\",\"structureType\":\"area\",\"hasChildren\":false}]}";
        Organisation *organisation = world_new(mem, "MLOps", PROJECT);
        const Codec *codec = codec_of(KIND_AREA);
        const char *reason = NULL;
        Request request = codec->get(mem, organisation, 0, "Vi sion/Lab");

        expect_request(&request, METHOD_GET,
                       "/" PROJECT
                       "/_apis/wit/classificationnodes/areas/Vi%20sion?$depth=14&api-version=7.1",
                       NULL);
        assert_true(codec->take_get(organisation, 0, "Vision", reply_json(mem, branch), &reason) <
                    0);
        expect_list(organisation, KIND_AREA, fixture_reply(mem, "areas_new_project"), 1);
        assert_int_equal(
                codec->take_get(organisation, 0, "vision/lab", reply_json(mem, branch), &reason),
                0);
        assert_string_equal(entity_of(organisation, KIND_AREA, "Vision/Lab")->token, NODE
                            "00348714-a768-491a-a6eb-c5315ec4225f:" NODE KEY(1) ":" NODE KEY(2));
        assert_int_equal(
                codec->take_get(organisation, 0, "Vision/Other", reply_json(mem, branch), &reason),
                1);
        assert_true(codec->take_get(organisation, 0, "Other/Lab", reply_json(mem, branch),
                                    &reason) < 0);
        assert_string_equal(reason, "the node is another than was asked for");
}

/* Iterations: the other tree of the same nodes */

static void test_iterations(void **state) {
        Organisation *organisation = world_new(mem, "Contoso-Fiber-Git", GIT_PROJECT);
        const Codec *codec = codec_of(KIND_ITERATION);
        const char *root = NODE "7e138094-7561-438c-abbf-cec95098feae";
        const char *reason = NULL;
        Request request = codec->list(mem, organisation, 0);
        size_t n = 0;

        expect_request(&request, METHOD_GET,
                       "/" GIT_PROJECT
                       "/_apis/wit/classificationnodes/iterations?$depth=14&api-version=7.1",
                       NULL);
        request = codec->create(mem, organisation, 0, "Release 1/Sprint 2");
        expect_request(&request, METHOD_POST,
                       "/" GIT_PROJECT
                       "/_apis/wit/classificationnodes/iterations/Release%201?api-version=7.1",
                       "{\"name\": \"Sprint 2\"}");
        expect_list(organisation, KIND_ITERATION, fixture_reply(mem, "iterations"), 3);
        assert_string_equal(organisation->projects[0].root_token[NAMESPACE_ITERATION], root);
        assert_null(organisation->projects[0].root_token[NAMESPACE_CSS]);
        assert_string_equal(
                entity_of(organisation, KIND_ITERATION, "release 1/sprint 1")->token,
                mem_printf(mem, "%s:" NODE "a1b2c3d4-0000-4000-8000-000000000001:" NODE
                                "a1b2c3d4-0000-4000-8000-000000000002",
                           root));
        /* An area is no iteration. */
        assert_true(codec->take_list(organisation, 0, fixture_reply(mem, "areas_deep"), &reason,
                                     &n) < 0);
        assert_true(strstr(reason, "structureType"));
}

/* Queries: the shared ones, whatever the organisation's language calls them */

#define QUERY_PROJECT "8e5a3cfb-fed3-46f3-8657-e3b175cd0305"
#define SHARED "8a8c8212-15ca-41ed-97aa-1d6fbfbcd581"
#define SPRINT "342f0f44-4069-46b1-a940-3d0468979ceb"
#define SHARED_TOKEN "$/" QUERY_PROJECT "/" SHARED
#define SPRINT_TOKEN SHARED_TOKEN "/c9d9f2cb-2d9b-4f3f-8e0e-6b3f5c1c1a01/" SPRINT

static void test_queries(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", QUERY_PROJECT);
        const Codec *codec = codec_of(KIND_QUERY);
        const char *reason = NULL;
        const char **ids = NULL;
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/" QUERY_PROJECT
                       "/_apis/wit/queries?$depth=2&$expand=minimal&api-version=7.1",
                       NULL);
        assert_null(project_lists_token(mem, organisation, 0, NAMESPACE_QUERIES));
        expect_list(organisation, KIND_QUERY, fixture_reply(mem, "queries"), 5);
        assert_string_equal(organisation->projects[0].root_token[NAMESPACE_QUERIES], SHARED_TOKEN);
        assert_string_equal(project_lists_token(mem, organisation, 0, NAMESPACE_QUERIES),
                            "$/" QUERY_PROJECT);
        assert_string_equal(entity_of(organisation, KIND_QUERY, "/")->token, SHARED_TOKEN);
        assert_string_equal(entity_of(organisation, KIND_QUERY, "website team/sprint 1")->token,
                            SPRINT_TOKEN);
        assert_non_null(entity_of(organisation, KIND_QUERY, "All Bugs"));
        assert_int_equal(organisation_find_entity(organisation, 0, KIND_QUERY, "Mine"), INDEX_NONE);
        /* What lies deeper is asked for. */
        assert_int_equal(codec->rest(mem, fixture_reply(mem, "queries"), &ids), 1);
        assert_string_equal(ids[0], SPRINT);
        request = codec->list_rest(mem, organisation, 0, ids[0]);
        expect_request(&request, METHOD_GET,
                       "/" QUERY_PROJECT "/_apis/wit/queries/" SPRINT
                       "?$depth=2&$expand=minimal&api-version=7.1",
                       NULL);
        assert_int_equal(codec->take_rest(organisation, 0, SPRINT,
                                          fixture_reply(mem, "queries_below"), &reason),
                         0);
        assert_string_equal(entity_of(organisation, KIND_QUERY, "Website team/Sprint 1/Blocked")->token,
                            SPRINT_TOKEN "/2c1d2e3f-0000-4000-8000-000000000004");
        assert_int_equal(codec->rest(mem, fixture_reply(mem, "queries_below"), &ids), 0);
        assert_true(codec->take_rest(organisation, 0, SHARED, fixture_reply(mem, "queries_below"),
                                     &reason) < 0);
        assert_true(codec->take_rest(organisation, 0, "00000000-0000-4000-8000-000000000000",
                                     fixture_reply(mem, "queries_below"), &reason) < 0);
}

static void test_queries_malformed(void **state) {
        static const Edit edits[] = {
                {"\"id\": \"" SPRINT, "\"id\": \"" SPRINT "0", "`id`"},
                {"\"name\": \"Empty\"", "\"name\": \"\"", "`name`"},
                {"\"name\": \"Empty\"", "\"name\": \"Em/pty\"", "separator"},
                {"\"isPublic\": false\n    },", "\"isPublic\": true\n    },", "more than one"},
                {"\"isPublic\": true\n    }\n   ]", "\"isPublic\": false\n    }\n   ]",
                 "no folder of shared"},
                {"Abfragen\",\n     \"isFolder\": true", "Abfragen\",\n     \"isFolder\": false",
                 "no folder has `children`"},
        };
        Organisation *organisation = world_new(mem, "MLOps", QUERY_PROJECT);

        expect_refusals(organisation, KIND_QUERY, fixture_reply(mem, "queries"), edits,
                        sizeof edits / sizeof *edits);
        assert_int_equal(organisation->n_entities, 0);
        assert_null(organisation->projects[0].root_token[NAMESPACE_QUERIES]);
}

static void test_query(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", QUERY_PROJECT);
        const Codec *codec = codec_of(KIND_QUERY);
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        Request request;

        assert_true(codec->take_get(organisation, 0, "Till", fixture_reply(mem, "queries_below"),
                                    &reason) < 0);
        assert_true(codec->take_create(organisation, 0, "Till", fixture_reply(mem, "query_create"),
                                       &entity, &reason) < 0);
        expect_list(organisation, KIND_QUERY, fixture_reply(mem, "queries"), 5);
        request = codec->get(mem, organisation, 0, "Website team/Sprint 1/Blocked");
        expect_request(&request, METHOD_GET,
                       "/" QUERY_PROJECT "/_apis/wit/queries/" SPRINT
                       "?$depth=2&$expand=minimal&api-version=7.1",
                       NULL);
        assert_int_equal(codec->take_get(organisation, 0, "Website team/Sprint 1/Other",
                                         fixture_reply(mem, "queries_below"), &reason),
                         1);
        assert_int_equal(codec->take_get(organisation, 0, "Website team/Sprint 1/Blocked",
                                         fixture_reply(mem, "queries_below"), &reason),
                         0);
        assert_int_equal(codec->take_get(organisation, 0, "Till",
                                         reply_edit(mem, fixture_reply(mem, "queries_below"), SPRINT, SHARED),
                                         &reason),
                         1);
        request = codec->create(mem, organisation, 0, "Till");
        expect_request(&request, METHOD_POST,
                       "/" QUERY_PROJECT "/_apis/wit/queries/" SHARED "?api-version=7.1",
                       "{\"name\": \"Till\", \"isFolder\": true}");
        assert_int_equal(codec->take_create(organisation, 0, "Till",
                                            fixture_reply(mem, "query_create"), &entity, &reason),
                         0);
        assert_true(organisation->entities[entity].assumed);
        assert_string_equal(organisation->entities[entity].token,
                            SHARED_TOKEN "/2c1d2e3f-0000-4000-8000-000000000005");
        assert_true(codec->take_create(organisation, 0, "Other", fixture_reply(mem, "query_create"),
                                       &entity, &reason) < 0);
}

/* Pipelines: named with their folders */

#define BUILD_PROJECT "70642ceb-5192-4e9e-8ec0-865714dc08b7"

static void test_pipelines(void **state) {
        Organisation *organisation = world_new(mem, "buildtests", BUILD_PROJECT);
        const Codec *codec = codec_of(KIND_PIPELINE);
        const Entity *entity = NULL;
        const char *reason = NULL;
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/" BUILD_PROJECT "/_apis/build/definitions?$top=500&api-version=7.1", NULL);
        assert_int_equal(request.paging, PAGING_CONTINUATION);
        request = codec->get(mem, organisation, 0, "Ops/Night/train 1");
        expect_request(&request, METHOD_GET,
                       "/" BUILD_PROJECT "/_apis/build/definitions?name=train%201&path=%5COps%5CNight"
                       "&api-version=7.1",
                       NULL);
        request = codec->get(mem, organisation, 0, "train");
        expect_request(&request, METHOD_GET,
                       "/" BUILD_PROJECT "/_apis/build/definitions?name=train&path=%5C&api-version=7.1",
                       NULL);
        request = codec->get_id(mem, organisation, 0, "22");
        expect_request(&request, METHOD_GET,
                       "/" BUILD_PROJECT "/_apis/build/definitions/22?api-version=7.1", NULL);
        expect_list(organisation, KIND_PIPELINE, fixture_reply(mem, "definitions"), 2);
        entity = entity_of(organisation, KIND_PIPELINE, "BuildTests Definition1 (2)");
        assert_string_equal(entity->id, "22");
        assert_string_equal(entity->token, BUILD_PROJECT "/22");
        entity = entity_of(organisation, KIND_PIPELINE, "ops/night/BuildTests Definition1");
        assert_string_equal(entity->token,
                            mem_printf(mem, BUILD_PROJECT "/Ops/Night/%s", entity->id));
        assert_int_equal(codec->take_get(organisation, 0, "Ops/Night/Other",
                                         fixture_reply(mem, "definitions"), &reason),
                         1);
}

static void test_pipelines_malformed(void **state) {
        static const Edit edits[] = {
                {"\"id\": 22,", "\"id\": 0,", "`id`"},
                {"\"id\": 22,", "\"id\": \"22\",", "`id`"},
                {"\"name\": \"BuildTests Definition1 (2)\"", "\"name\": 1", "`name`"},
                {"\"path\": \"\\\\\"", "\"path\": \"A\"", "`path`"},
                {"\"path\": \"\\\\\"", "\"path\": \"\\\\A/B\"", "`path`"},
                {"\"id\": \"" BUILD_PROJECT, "\"id\": \"70642ceb-5192-4e9e-8ec0-865714dc08b8",
                 "another project"},
        };
        Organisation *organisation = world_new(mem, "buildtests", BUILD_PROJECT);

        expect_refusals(organisation, KIND_PIPELINE, fixture_reply(mem, "definitions"), edits,
                        sizeof edits / sizeof *edits);
}

/* Service connections */

#define ENDPOINT_PROJECT "e8054784-d892-4597-a6e0-7dd45fb8f215"

static void test_endpoints(void **state) {
        Organisation *organisation = world_new(mem, "TestProject", ENDPOINT_PROJECT);
        const Codec *codec = codec_of(KIND_SERVICE_CONNECTION);
        const char *reason = NULL;
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/" ENDPOINT_PROJECT
                       "/_apis/serviceendpoint/endpoints?includeFailed=true&api-version=7.1",
                       NULL);
        expect_list(organisation, KIND_SERVICE_CONNECTION, fixture_reply(mem, "endpoint_get"), 1);
        assert_string_equal(
                entity_of(organisation, KIND_SERVICE_CONNECTION, "MyNewServiceEndpoint")->token,
                "endpoints/" ENDPOINT_PROJECT "/0f9f5130-606b-420c-a23d-38b5059f2471");
        request = codec->get(mem, organisation, 0, "a+b");
        expect_request(
                &request, METHOD_GET,
                "/" ENDPOINT_PROJECT
                "/_apis/serviceendpoint/endpoints?endpointNames=a%2Bb&includeFailed=true&api-version=7.1",
                NULL);
        assert_int_equal(codec->take_get(organisation, 0, "mynewserviceendpoint",
                                         fixture_reply(mem, "endpoint_get"), &reason),
                         0);
        assert_int_equal(
                codec->take_get(organisation, 0, "a", reply_json(mem, "{\"value\":[]}"), &reason),
                1);
        assert_true(codec->take_get(organisation, 0, "a",
                                    reply_json(mem, "{\"value\":[{\"id\":7}]}"), &reason) < 0);
}

/* A shared one is named in each project. */
static void test_shared_endpoint(void **state) {
        Organisation *organisation = world_new(mem, "TestProject", ENDPOINT_PROJECT);
        Reply *reply = reply_edit(mem, fixture_reply(mem, "endpoint_get"),
                                  "},\n       \"name\": \"MyNewServiceEndpoint\"",
                                  "},\n       \"name\": \"ours\"");

        expect_list(organisation, KIND_SERVICE_CONNECTION, reply, 1);
        entity_of(organisation, KIND_SERVICE_CONNECTION, "ours");
}

/* Environments, libraries, queues */

#define ROLES_PROJECT "2c2bf6e8-cba2-4dcb-80d6-86eaf14998f6"
#define QUEUES_PROJECT "9b76aacf-ed42-48be-827c-52e9adac8581"

/* What is made by nobody but a person: listed, and read by name. */
typedef struct GivenRow {
        Kind kind;
        const char *project;
        const char *fixture;
        size_t n;
        const char *list_path; /* behind the project */
        const char *get_path;  /* of `a+b` */
        const char *name, *id, *token;
} GivenRow;

static const GivenRow given_rows[] = {
        {KIND_ENVIRONMENT, ROLES_PROJECT, "environments", 2,
         "/_apis/pipelines/environments?$top=500&api-version=7.1-preview.1",
         "/_apis/pipelines/environments?name=a%2Bb&api-version=7.1-preview.1", "production", "12",
         "Environments/" ROLES_PROJECT "/12"},
        {KIND_VARIABLE_GROUP, ROLES_PROJECT, "variable_groups", 2,
         "/_apis/distributedtask/variablegroups?$top=500&queryOrder=idAscending&api-version=7.1",
         "/_apis/distributedtask/variablegroups?groupName=a%2Bb&api-version=7.1", "Group1", "47",
         "Library/" ROLES_PROJECT "/VariableGroup/47"},
        {KIND_SECURE_FILE, ROLES_PROJECT, "secure_files", 1,
         "/_apis/distributedtask/securefiles?api-version=7.1-preview.1",
         "/_apis/distributedtask/securefiles?namePattern=a%2Bb&api-version=7.1-preview.1",
         "signing.p12", "6a4f3c52-0b3b-4c0e-9d2a-0fd6a3e5b9a1",
         "Library/" ROLES_PROJECT "/SecureFile/6a4f3c52-0b3b-4c0e-9d2a-0fd6a3e5b9a1"},
        {KIND_AGENT_QUEUE, QUEUES_PROJECT, "queues", 9,
         "/_apis/distributedtask/queues?api-version=7.1",
         "/_apis/distributedtask/queues?queueName=a%2Bb&api-version=7.1", "default", "3916",
         "AgentQueues/" QUEUES_PROJECT "/3916"},
};

static void test_given_kinds(void **state) {
        for (size_t i = 0; i < sizeof given_rows / sizeof *given_rows; i++) {
                const GivenRow *row = &given_rows[i];
                Organisation *organisation = world_new(mem, "P", row->project);
                const Codec *codec = codec_of(row->kind);
                Request request = codec->list(mem, organisation, 0);
                const Entity *entity = NULL;
                const char *reason = NULL;

                expect_request(&request, METHOD_GET,
                               mem_printf(mem, "/%s%s", row->project, row->list_path), NULL);
                expect_list(organisation, row->kind, fixture_reply(mem, row->fixture), row->n);
                entity = entity_of(organisation, row->kind, row->name);
                assert_string_equal(entity->id, row->id);
                assert_string_equal(entity->token, row->token);
                request = codec->get(mem, organisation, 0, "a+b");
                expect_request(&request, METHOD_GET,
                               mem_printf(mem, "/%s%s", row->project, row->get_path), NULL);
                assert_int_equal(codec->take_get(organisation, 0, row->name,
                                                 fixture_reply(mem, row->fixture), &reason),
                                 0);
                /* A name may be taken for a pattern; others than the one are not it. */
                assert_int_equal(codec->take_get(organisation, 0, "another",
                                                 fixture_reply(mem, row->fixture), &reason),
                                 1);
        }
}

static void test_given_kinds_malformed(void **state) {
        static const struct {
                Kind kind;
                const char *project, *fixture;
                Edit edit;
        } rows[] = {
                {KIND_ENVIRONMENT,
                 ROLES_PROJECT,
                 "environments",
                 {"\"id\": 12", "\"id\": 0", "`id`"}},
                {KIND_ENVIRONMENT,
                 ROLES_PROJECT,
                 "environments",
                 {"\"id\": 12", "\"id\": \"12\"", "`id`"}},
                {KIND_ENVIRONMENT,
                 ROLES_PROJECT,
                 "environments",
                 {"\"name\": \"Production\"", "\"name\": \"\"", "`name`"}},
                {KIND_ENVIRONMENT,
                 ROLES_PROJECT,
                 "environments",
                 {"\"id\": \"2c2bf6e8", "\"id\": \"2c2bf6e9", "another project"}},
                {KIND_VARIABLE_GROUP,
                 ROLES_PROJECT,
                 "variable_groups",
                 {"\"id\": 48", "\"id\": 4.5", "`id`"}},
                {KIND_VARIABLE_GROUP,
                 ROLES_PROJECT,
                 "variable_groups",
                 {"\"count\": 2", "\"count\": 1", "count"}},
                {KIND_SECURE_FILE,
                 ROLES_PROJECT,
                 "secure_files",
                 {"\"id\": \"6a4f", "\"id\": \"6a4", "`id`"}},
                {KIND_AGENT_QUEUE,
                 QUEUES_PROJECT,
                 "queues",
                 {"\"id\": 3917", "\"id\": -3", "`id`"}},
                {KIND_AGENT_QUEUE,
                 QUEUES_PROJECT,
                 "queues",
                 {"\"projectId\": \"9b76aacf", "\"projectId\": \"9b76aace", "another project"}},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                expect_refusals(world_new(mem, "P", rows[i].project), rows[i].kind,
                                fixture_reply(mem, rows[i].fixture), &rows[i].edit, 1);
}

/* A group shared into the project is known there by the name it has there. */
static void test_shared_variable_group(void **state) {
        Organisation *organisation = world_new(mem, "P", ROLES_PROJECT);
        Reply *reply =
                reply_edit(mem, fixture_reply(mem, "variable_groups"),
                           "\"variableGroupProjectReferences\": null",
                           "\"variableGroupProjectReferences\": [{\"projectReference\": {\"id\": "
                           "\"" ROLES_PROJECT "\"}, \"name\": \"ours\"}]");

        expect_list(organisation, KIND_VARIABLE_GROUP, reply, 2);
        assert_string_equal(entity_of(organisation, KIND_VARIABLE_GROUP, "ours")->id, "48");
}

/* Groups */

#define GROUP_PROJECT "512ed2b3-4a23-4cfa-af08-3dcc3971152e"

static Organisation *group_world(void) {
        Organisation *organisation = world_new(mem, "MLOps", GROUP_PROJECT);

        organisation->projects[0].scope = "scp.abc";
        return organisation;
}

static void test_groups(void **state) {
        static const struct {
                const char *name;
                IdentityRole role;
        } rows[] = {
                {"MLOps Team", IDENTITY_ROLE_NONE},
                {"Readers", IDENTITY_ROLE_OTHER_BUILTIN},
                {"Project Valid Users", IDENTITY_ROLE_VALID_USERS},
                {"Contributors", IDENTITY_ROLE_OTHER_BUILTIN},
                {"Project Administrators", IDENTITY_ROLE_ADMINISTRATORS},
                {"Build Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS},
        };
        Organisation *organisation = group_world();
        const Codec *codec = codec_of(KIND_GROUP);
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/_apis/graph/groups?scopeDescriptor=scp.abc&api-version=7.1-preview.1",
                       NULL);
        assert_int_equal(request.base, BASE_GRAPH);
        assert_int_equal(request.paging, PAGING_CONTINUATION);
        expect_list(organisation, KIND_GROUP, fixture_reply(mem, "groups"), 6);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const Entity *entity = entity_of(organisation, KIND_GROUP, rows[i].name);
                const Identity *identity = &organisation->identities[entity->identity];
                char text[GUID_TEXT_SIZE];

                assert_int_equal(identity->kind, IDENTITY_GROUP);
                assert_int_equal(identity->role, rows[i].role);
                assert_int_equal(identity->project, 0);
                assert_string_equal(identity->display,
                                    mem_printf(mem, "[MLOps]\\%s", rows[i].name));
                assert_string_equal(entity->id, guid_format(identity->storage_key, text));
                assert_non_null(strstr(identity->descriptor,
                                       "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-"));
                assert_int_equal(organisation_find_group(organisation, 0, rows[i].name),
                                 entity->identity);
        }
}

/* Groups of other scopes, deleted ones, and Entra groups are none of the project's. */
static void test_groups_of_others(void **state) {
        static const Edit edits[] = {
                {"\"domain\": \"vstfs:///Classification/TeamProject/512ed2b3",
                 "\"domain\": \"vstfs:///Classification/TeamProject/"
                 "512ed2b4",
                 NULL},
                {"\"domain\": \"vstfs:///Classification/TeamProject/512ed2b3",
                 "\"domain\": \"vstfs:///Framework/IdentityDomain/"
                 "512ed2b3",
                 NULL},
                {"\"mailAddress\": null", "\"isDeleted\": true", NULL},
                {"\"origin\": \"vsts\"", "\"origin\": \"aad\"", NULL},
        };

        for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
                Organisation *organisation = group_world();

                expect_list(
                        organisation, KIND_GROUP,
                        reply_edit(mem, fixture_reply(mem, "groups"), edits[i].from, edits[i].to),
                        6);
                assert_int_equal(organisation->n_entities, 5);
        }
}

static void test_groups_malformed(void **state) {
        static const Edit edits[] = {
                {"\"count\": 6", "\"count\": 7", "count"},
                {"\"displayName\": \"Readers\"", "\"displayName\": null", "displayName"},
                {"\"descriptor\": \"vssgp", "\"descriptors\": \"vssgp", "`descriptor`"},
                {"\"origin\": \"vsts\"", "\"origin\": 1", "`origin`"},
                {"\"originId\": \"6b0da819", "\"originId\": \"6b0da81", "`originId`"},
        };

        expect_refusals(group_world(), KIND_GROUP, fixture_reply(mem, "groups"), edits,
                        sizeof edits / sizeof *edits);
}

static void test_group(void **state) {
        Organisation *organisation = group_world();
        const Codec *codec = codec_of(KIND_GROUP);
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        Request request = codec->create(mem, organisation, 0, "Reviewers");

        expect_request(&request, METHOD_POST,
                       "/_apis/graph/groups?scopeDescriptor=scp.abc&api-version=7.1-preview.1",
                       "{\"displayName\": \"Reviewers\"}");
        assert_int_equal(request.base, BASE_GRAPH);
        assert_int_equal(codec->take_create(organisation, 0, "Reviewers",
                                            fixture_reply(mem, "group_create"), &entity, &reason),
                         0);
        assert_true(organisation->entities[entity].assumed);
        assert_true(organisation->identities[organisation->entities[entity].identity].assumed);
        assert_string_equal(organisation->entities[entity].id,
                            "84cd6d23-2f15-4789-a545-ffe8d18966b9");
        assert_true(codec->take_create(organisation, 0, "Others",
                                       fixture_reply(mem, "group_create"), &entity, &reason) < 0);
}

#define LOCAL_GROUP(key, project, account)                                                            \
        "{\"id\":\"" key                                                                              \
        "\",\"descriptor\":\"Microsoft.TeamFoundation.Identity;S-1-9-1551374245-1-2-3-4-1-5-6-7-8\"," \
        "\"providerDisplayName\":\"[X]\\\\" account                                                   \
        "\",\"isActive\":true,\"properties\":{\"Domain\":{\"$type\":\"System.String\","               \
        "\"$value\":\"vstfs:///Classification/TeamProject/" project                                   \
        "\"},\"Account\":{\"$type\":\"System.String\",\"$value\":\"" account "\"}}}"

static void test_group_by_name(void **state) {
        Organisation *organisation = group_world();
        const Codec *codec = codec_of(KIND_GROUP);
        const char *reason = NULL;
        Request request = codec->get(mem, organisation, 0, "R & D");

        expect_request(
                &request, METHOD_GET,
                "/_apis/identities?searchFilter=LocalGroupName&filterValue=R%20%26%20D&queryMembership=none"
                "&api-version=7.1",
                NULL);
        assert_int_equal(request.base, BASE_GRAPH);
        assert_int_equal(
                codec->take_get(
                        organisation, 0, "R & D",
                        reply_json(mem, "{\"value\":[null," LOCAL_GROUP(
                                                KEY(1), PROJECT,
                                                "R & D") "," LOCAL_GROUP(KEY(2), GROUP_PROJECT,
                                                                         "R & D 2") "]}"),
                        &reason),
                1);
        assert_int_equal(
                codec->take_get(organisation, 0, "r & d",
                                reply_json(mem, "{\"value\":[" LOCAL_GROUP(KEY(3), GROUP_PROJECT,
                                                                           "R & D") "]}"),
                                &reason),
                0);
        assert_string_equal(entity_of(organisation, KIND_GROUP, "R & D")->id, KEY(3));
}

/* Teams */

#define TEAM_PROJECT "889284da-cdec-435c-a5ee-326d41c592a3"

static void test_teams(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", TEAM_PROJECT);
        const Codec *codec = codec_of(KIND_TEAM);
        const Entity *entity = NULL;
        const Identity *identity = NULL;
        Request request = codec->list(mem, organisation, 0);

        expect_request(&request, METHOD_GET,
                       "/_apis/projects/" TEAM_PROJECT
                       "/teams?$expandIdentity=true&api-version=7.1",
                       NULL);
        assert_int_equal(request.paging, PAGING_SKIP);
        expect_list(organisation, KIND_TEAM,
                    reply_json(mem, mem_printf(mem, "{\"value\":[%s],\"count\":1}",
                                               fixture_reply(mem, "team_create")->body)),
                    1);
        entity = entity_of(organisation, KIND_TEAM, "data science a");
        identity = &organisation->identities[entity->identity];
        assert_string_equal(entity->id, "207b33b9-3e89-416a-a0b4-4c8ae34e4938");
        assert_true(identity->is_team);
        assert_int_equal(identity->kind, IDENTITY_GROUP);
        assert_int_equal(identity->project, 0);
        assert_string_equal(identity->name, "Data Science A");
        assert_non_null(identity->descriptor);
        /* Without identities the id tells whose group a team is. */
        expect_list(organisation, KIND_TEAM, fixture_reply(mem, "teams_plain"), 2);
        entity = entity_of(organisation, KIND_TEAM, "Quality assurance");
        assert_true(organisation->identities[entity->identity].is_team);
        assert_null(organisation->identities[entity->identity].descriptor);
}

/* The groups' list completes what a team's lacks, in either order. */
static void test_team_and_group_are_one(void **state) {
        static const char teams[] =
                "{\"value\":[{\"id\":\"b2d821ed-1e9f-4d94-ad8b-8c64207bb578\",\"name\":\"MLOps Team\"}]}";

        for (int order = 0; order < 2; order++) {
                Organisation *organisation = group_world();
                const Entity *team = NULL;

                if (order == 0)
                        expect_list(organisation, KIND_TEAM, reply_json(mem, teams), 1);
                expect_list(organisation, KIND_GROUP, fixture_reply(mem, "groups"), 6);
                if (order == 1)
                        expect_list(organisation, KIND_TEAM, reply_json(mem, teams), 1);
                team = entity_of(organisation, KIND_TEAM, "MLOps Team");
                assert_int_equal(team->identity,
                                 entity_of(organisation, KIND_GROUP, "MLOps Team")->identity);
                assert_true(organisation->identities[team->identity].is_team);
                assert_non_null(organisation->identities[team->identity].descriptor);
        }
}

static void test_teams_malformed(void **state) {
        static const Edit edits[] = {
                {"\"id\": \"207b33b9", "\"id\": \"207b33b", "`id`"},
                {"\"name\": \"Data Science A\"", "\"name\": []", "`name`"},
                {"\"projectId\": \"889284da", "\"projectId\": \"889284db", "another project"},
                {"\"identity\": {\n    \"id\": \"207b33b9",
                 "\"identity\": {\n    \"id\": \"207b33b8", "another one's"},
                {"\"isActive\": true", "\"isActive\": \"true\"", "isActive"},
        };
        Organisation *organisation = world_new(mem, "MLOps", TEAM_PROJECT);
        Reply *reply = reply_json(
                mem, mem_printf(mem, "{\"value\":[%s]}", fixture_reply(mem, "team_create")->body));

        expect_refusals(organisation, KIND_TEAM, reply, edits, sizeof edits / sizeof *edits);
        assert_int_equal(organisation->n_entities, 0);
}

static void test_team(void **state) {
        Organisation *organisation = world_new(mem, "MLOps", TEAM_PROJECT);
        const Codec *codec = codec_of(KIND_TEAM);
        const char *reason = NULL;
        Index entity = INDEX_NONE;
        Request request = codec->get(mem, organisation, 0, "Ops 24/7");

        expect_request(&request, METHOD_GET,
                       "/_apis/projects/" TEAM_PROJECT
                       "/teams/Ops%2024%2F7?$expandIdentity=true&api-version=7.1",
                       NULL);
        assert_int_equal(codec->take_get(organisation, 0, "other",
                                         fixture_reply(mem, "team_create"), &reason),
                         1);
        assert_int_equal(codec->take_get(organisation, 0, "data science A",
                                         fixture_reply(mem, "team_create"), &reason),
                         0);
        organisation = world_new(mem, "MLOps", TEAM_PROJECT);
        request = codec->create(mem, organisation, 0, "Data Science A");
        expect_request(&request, METHOD_POST,
                       "/_apis/projects/" TEAM_PROJECT "/teams?api-version=7.1",
                       "{\"name\": \"Data Science A\"}");
        assert_int_equal(codec->take_create(organisation, 0, "Data Science A",
                                            fixture_reply(mem, "team_create"), &entity, &reason),
                         0);
        assert_true(organisation->entities[entity].assumed);
        assert_true(codec->take_create(organisation, 0, "B", fixture_reply(mem, "team_create"),
                                       &entity, &reason) < 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_table),
                CASE(test_repositories),
                CASE(test_repositories_malformed),
                CASE(test_repository),
                CASE(test_recycle_bin),
                CASE(test_folders),
                CASE(test_folders_malformed),
                CASE(test_folder),
                CASE(test_areas),
                CASE(test_areas_malformed),
                CASE(test_areas_at_full_depth),
                CASE(test_area),
                CASE(test_area_by_name),
                CASE(test_iterations),
                CASE(test_queries),
                CASE(test_queries_malformed),
                CASE(test_query),
                CASE(test_pipelines),
                CASE(test_pipelines_malformed),
                CASE(test_endpoints),
                CASE(test_shared_endpoint),
                CASE(test_given_kinds),
                CASE(test_given_kinds_malformed),
                CASE(test_shared_variable_group),
                CASE(test_groups),
                CASE(test_groups_of_others),
                CASE(test_groups_malformed),
                CASE(test_group),
                CASE(test_group_by_name),
                CASE(test_teams),
                CASE(test_team_and_group_are_one),
                CASE(test_teams_malformed),
                CASE(test_team),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

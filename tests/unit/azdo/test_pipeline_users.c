/* SPDX-License-Identifier: Apache-2.0 */
/* PipelineUsers: which pipelines may use a thing, read strictly and changed piece by piece. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/azdo/pipeline_users.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "2c2bf6e8-cba2-4dcb-80d6-86eaf14998f6"
#define PATH "/" PROJECT "/_apis/pipelines/pipelinepermissions/"

static Mem *mem;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static Organisation *world_with(Kind kind, const char *id) {
        Organisation *organisation = world_new(mem, "P", PROJECT);
        Entity entity = {.kind = kind, .name = "it", .id = id, .identity = INDEX_NONE};

        assert_int_equal(organisation_add_entity(organisation, &entity), 0);
        return organisation;
}

static void test_paths(void **state) {
        static const struct {
                Kind kind;
                const char *word;
        } rows[] = {
                {KIND_SERVICE_CONNECTION, "endpoint"},
                {KIND_ENVIRONMENT, "environment"},
                {KIND_VARIABLE_GROUP, "variablegroup"},
                {KIND_SECURE_FILE, "securefile"},
                {KIND_AGENT_QUEUE, "queue"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Organisation *organisation = world_with(rows[i].kind, "7");
                Request request = pipeline_users_request(mem, organisation, 0);

                assert_int_equal(request.method, METHOD_GET);
                expect_path(&request,
                            mem_printf(mem, PATH "%s/7?api-version=7.1-preview.1", rows[i].word));
        }
}

static const PipelineUsers *take(Organisation *organisation, const Reply *reply) {
        const char *reason = NULL;

        if (pipeline_users_take(organisation, 0, reply, &reason) < 0)
                fail_msg("%s", reason);
        return organisation_find_pipeline_users(organisation, 0);
}

static void test_read(void **state) {
        Organisation *organisation = world_with(KIND_AGENT_QUEUE, "1");
        Reply *reply = fixture_reply(mem, "pipeline_permissions");
        const PipelineUsers *users = NULL;

        assert_null(organisation_find_pipeline_users(organisation, 0));
        users = take(organisation, reply);
        assert_false(users->all); /* it is not there: not open to all */
        assert_int_equal(users->n_ids, 3);
        assert_int_equal(users->ids[0], 6);
        assert_int_equal(users->ids[2], 16);
        /* What is not authorised is no user, and another reading replaces the first. */
        users = take(organisation,
                     reply_edit(mem, reply, "\"authorized\": true", "\"authorized\": false"));
        assert_int_equal(users->n_ids, 2);
        assert_int_equal(organisation->n_pipeline_users, 1);
        users = take(organisation,
                     reply_json(mem, "{\"resource\":{\"type\":\"queue\",\"id\":\"1\"},"
                                     "\"allPipelines\":{\"authorized\":true},\"pipelines\":[]}"));
        assert_true(users->all);
        assert_int_equal(users->n_ids, 0);
        users = take(organisation,
                     reply_json(mem, "{\"resource\":{\"type\":\"Queue\",\"id\":\"1\"},"
                                     "\"allPipelines\":null}"));
        assert_false(users->all);
}

static void test_malformed(void **state) {
        static const struct {
                const char *from, *to, *part;
        } rows[] = {
                {"\"type\": \"queue\"", "\"type\": \"environment\"", "`resource`"},
                {"\"id\": \"1\"", "\"id\": \"2\"", "`resource`"},
                {"\"resource\": {", "\"resources\": {", "`resource`"},
                {"\"id\": 6,", "\"id\": -6,", "`id`"},
                {"\"authorized\": true", "\"authorized\": 1", "`id`"},
                {"\"pipelines\": [",
                 "\"allPipelines\": {\"authorized\": \"yes\"}, \"pipelines\": [", "`allPipelines`"},
                {"\"pipelines\": [", "\"pipelines\": {}, \"x\": [", "no list"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Organisation *organisation = world_with(KIND_AGENT_QUEUE, "1");
                const char *reason = NULL;

                assert_true(pipeline_users_take(
                                    organisation, 0,
                                    reply_edit(mem, fixture_reply(mem, "pipeline_permissions"),
                                               rows[i].from, rows[i].to),
                                    &reason) < 0);
                if (!strstr(reason, rows[i].part))
                        fail_msg("%s: %s", rows[i].to, reason);
                assert_null(organisation_find_pipeline_users(organisation, 0));
        }
}

static void test_change(void **state) {
        static const uint32_t ids[] = {6, 16};
        Organisation *organisation = world_with(KIND_ENVIRONMENT, "12");
        Request request = pipeline_users_change_request(
                mem, organisation,
                &(PipelineUsersChange){
                        .entity = 0, .grant = PIPELINE_GRANT_GIVEN, .ids = ids, .n_ids = 2});

        assert_int_equal(request.method, METHOD_PATCH);
        assert_int_equal(request.repeat, REPEAT_SAFE);
        expect_path(&request, PATH "environment/12?api-version=7.1-preview.1");
        expect_body(&request, "{\"pipelines\": [{\"id\": 6, \"authorized\": true}, "
                              "{\"id\": 16, \"authorized\": true}]}");
        request =
                pipeline_users_change_request(mem, organisation,
                                              &(PipelineUsersChange){.entity = 0,
                                                                     .grant = PIPELINE_GRANT_TAKEN,
                                                                     .all = true,
                                                                     .ids = ids,
                                                                     .n_ids = 1});
        expect_body(&request, "{\"allPipelines\": {\"authorized\": false}, "
                              "\"pipelines\": [{\"id\": 6, \"authorized\": false}]}");
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_paths),
                CASE(test_read),
                CASE(test_malformed),
                CASE(test_change),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

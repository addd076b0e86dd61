/* SPDX-License-Identifier: Apache-2.0 */
/* Team: areas there and back, backlog iteration, administrators' token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/azdo/team.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
#define TEAM "22222222-2222-4333-8444-555555555555"

static Mem *mem;
static Organisation *organisation;
static Index team;

static int setup(void **state) {
        Identity identity = {.kind = IDENTITY_GROUP,
                             .is_team = true,
                             .name = "Data Science A",
                             .merged = INDEX_NONE};
        Entity entity = {.kind = KIND_TEAM, .name = "Data Science A", .id = TEAM};

        mem = mem_alloc_zero(NULL, 1, "test");
        organisation = world_new(mem, "MLOps", PROJECT);
        assert_int_equal(guid_parse(&identity.storage_key, TEAM), 0);
        entity.identity = organisation_add_identity(organisation, &identity);
        team = organisation_add_entity(organisation, &entity);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static int take(const Reply *reply) {
        const char *reason = NULL;
        int r = team_areas_take(organisation, team, reply, &reason);

        assert_true(r == 0 || reason);
        return r;
}

static void test_areas(void **state) {
        Request request = team_areas_request(mem, organisation, team);
        const TeamAreas *areas = NULL;

        expect_path(&request, "/" PROJECT "/" TEAM
                              "/_apis/work/teamsettings/teamfieldvalues?api-version=7.1");
        assert_int_equal(take(fixture_reply(mem, "team_areas")), 0);
        areas = organisation_find_team_areas(organisation, team);
        assert_true(areas->known);
        assert_string_equal(areas->default_path, "Vision/Lab");
        assert_int_equal(areas->n_areas, 1);
        assert_string_equal(areas->areas[0].path, "Vision/Lab");
        assert_false(areas->areas[0].include_children);
        /* A new team has none. */
        assert_int_equal(take(fixture_reply(mem, "team_areas_new")), 0);
        areas = organisation_find_team_areas(organisation, team);
        assert_true(areas->known);
        assert_null(areas->default_path);
        assert_int_equal(areas->n_areas, 0);
}

static void test_areas_of_the_root(void **state) {
        const TeamAreas *areas = NULL;

        assert_int_equal(
                take(reply_json(
                        mem,
                        "{\"field\":{\"referenceName\":\"System.AreaPath\"},\"defaultValue\":\"mlops\","
                        "\"values\":[{\"value\":\"MLOps\",\"includeChildren\":true},{\"value\":\"MLOps\\\\A "
                        "& B\\\\50%\",\"includeChildren\":false}]}")),
                0);
        areas = organisation_find_team_areas(organisation, team);
        assert_string_equal(areas->default_path, "/");
        assert_string_equal(areas->areas[0].path, "/");
        assert_true(areas->areas[0].include_children);
        assert_string_equal(areas->areas[1].path, "A & B/50%");
}

/* A team that divides its work by another field has no areas to speak of. */
static void test_another_field(void **state) {
        assert_int_equal(
                take(reply_json(
                        mem,
                        "{\"field\":{\"referenceName\":\"Custom.Team\"},\"defaultValue\":\"x\",\"values\":"
                        "[{\"value\":\"x\",\"includeChildren\":false}]}")),
                0);
        assert_false(organisation_find_team_areas(organisation, team)->known);
}

static void test_areas_malformed(void **state) {
        static const struct {
                const char *from, *to;
        } rows[] = {
                {"\"values\": [", "\"valves\": ["},
                {"\"field\": {", "\"fields\": {"},
                {"\"defaultValue\": \"MLOps", "\"defaultValue\": \"Other"},
                {"\"defaultValue\": \"MLOps\\\\Vision\\\\Lab\"", "\"defaultValue\": 7"},
                {"\"value\": \"MLOps", "\"value\": \"Other"},
                {"\"value\": \"MLOps", "\"value\": \"MLOpsB"},
                {"\"includeChildren\": false", "\"includeChildren\": 0"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                if (take(reply_edit(mem, fixture_reply(mem, "team_areas"), rows[i].from,
                                    rows[i].to)) >= 0)
                        fail_msg("%s", rows[i].to);
                assert_null(organisation_find_team_areas(organisation, team));
        }
}

static void test_set_areas(void **state) {
        TeamArea areas[] = {{"/", true}, {"Vision/Lab", false}};
        TeamAreas wanted = {
                .team = team, .known = true, .default_path = "/", .areas = areas, .n_areas = 2};
        Request request = team_set_areas_request(mem, organisation, team, &wanted);

        assert_int_equal(request.method, METHOD_PATCH);
        assert_int_equal(request.repeat, REPEAT_SAFE);
        expect_path(&request, "/" PROJECT "/" TEAM
                              "/_apis/work/teamsettings/teamfieldvalues?api-version=7.1");
        expect_body(
                &request,
                "{\"defaultValue\": \"MLOps\", \"values\": [{\"value\": \"MLOps\", \"includeChildren\": true}, "
                "{\"value\": \"MLOps\\\\Vision\\\\Lab\", \"includeChildren\": false}]}");
        /* What is written is read back as it was meant. */
        assert_int_equal(
                take(reply_json(mem,
                                mem_printf(mem,
                                           "{\"field\":{\"referenceName\":\"System.AreaPath\"},%s",
                                           request.body + 1))),
                0);
        assert_string_equal(organisation_find_team_areas(organisation, team)->areas[1].path,
                            "Vision/Lab");
}

static void test_backlog(void **state) {
        Request request = team_iteration_root_request(mem, organisation, 0);
        const char *root = NULL;
        const char *reason = NULL;

        expect_path(&request, "/" PROJECT
                              "/_apis/wit/classificationnodes/iterations?$depth=0&api-version=7.1");
        assert_int_equal(
                team_iteration_root_take(mem, fixture_reply(mem, "iteration_root"), &root, &reason),
                0);
        assert_string_equal(root, "7e138094-7561-438c-abbf-cec95098feae");
        request = team_set_backlog_request(mem, organisation, team, root);
        assert_int_equal(request.method, METHOD_PATCH);
        expect_path(&request, "/" PROJECT "/" TEAM "/_apis/work/teamsettings?api-version=7.1");
        expect_body(&request, "{\"backlogIteration\": \"7e138094-7561-438c-abbf-cec95098feae\"}");
        assert_true(team_iteration_root_take(mem, reply_json(mem, "{\"id\":1}"), &root, &reason) <
                    0);
}

static void test_admin_token(void **state) {
        assert_string_equal(team_admin_token(mem, organisation, team), PROJECT "\\" TEAM);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_areas),       CASE(test_areas_of_the_root), CASE(test_another_field),
                CASE(test_set_areas),   CASE(test_areas_malformed),   CASE(test_backlog),
                CASE(test_admin_token),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

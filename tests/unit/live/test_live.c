/* SPDX-License-Identifier: Apache-2.0 */
/* Live: a file of a live organisation becomes one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/live/live.h"

static Mem *mem;
static Organisation *live;
static Index project;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        live = live_read(mem, FIXTURES "/article/live.json");
        project = organisation_find_project(live, "MLOps");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static const AccessControlEntry *entry_at(const char *place, const char *principal) {
        uint8_t space = 0;
        const char *token = live_token(mem, live, project, place, &space);
        Index acl = organisation_find_acl(live, space, token);

        assert_int_not_equal(acl, INDEX_NONE);
        return acl_find_entry(&live->acls[acl], live_principal(live, project, principal));
}

static void test_principals(void **state) {
        Index team = live_principal(live, project, "Data Science A");
        Index admins = live_principal(live, project, "project administrators");
        Index entra = live_principal(live, project, "7d0d5bb4-0f3f-4a52-8ac5-5dbb4a2f3a10");

        assert_string_equal(live->name, "contoso");
        assert_string_equal(live->identities[team].display, "[MLOps]\\Data Science A");
        assert_true(live->identities[team].is_team);
        assert_int_equal(live->identities[admins].role, IDENTITY_ROLE_ADMINISTRATORS);
        assert_false(live->identities[admins].is_team);
        assert_int_equal(live->identities[entra].kind, IDENTITY_ENTRA_GROUP);
        assert_false(live->identities[entra].members_known);
        assert_true(organisation_is_member(live, team,
                                           live_principal(live, project, "ana@contoso.com")));
        assert_true(organisation_is_member(
                live, live_principal(live, INDEX_NONE, "Project Collection Valid Users"),
                live_principal(live, INDEX_NONE, "[MLOps]\\Project Valid Users")));
        assert_int_equal(live->self_identity,
                         live_principal(live, INDEX_NONE, "charterd@contoso.com"));
        assert_int_equal(organisation_find_identity(live, live->self), live->self_identity);
}

static void test_places(void **state) {
        uint8_t space = 0;
        const char *token = live_token(mem, live, project, "areas/Data Science A/Research", &space);
        const char *above = live_token(mem, live, project, "areas/Data Science A", &space);
        Index entity = organisation_find_entity(live, project, KIND_AREA, "Data Science A");

        assert_int_equal(space, NAMESPACE_CSS);
        assert_memory_equal(token, above, strlen(above));
        assert_string_equal(above, live->entities[entity].token);
        token = live_token(mem, live, INDEX_NONE, "git repoV2", &space);
        assert_int_equal(space, NAMESPACE_GIT);
        assert_string_equal(token, "repoV2");
        token = live_token(mem, live, project, "pipeline_folders//12", &space);
        assert_int_equal(space, NAMESPACE_BUILD);
        assert_int_equal(strlen(token), 39);
}

static void test_entries(void **state) {
        uint8_t space = 0;
        const char *token = live_token(mem, live, project, "repositories/operations", &space);

        assert_int_equal(entry_at("repositories", "Contributors")->allow, 16502);
        assert_int_equal(entry_at("repositories/data-science-a", "Data Science A")->allow, 2 | 4);
        assert_int_equal(
                entry_at("repositories/data-science-a//refs/heads/6d00", "ana@contoso.com")->allow,
                8);
        assert_int_equal(entry_at("git repoV2", "Project Collection Administrators")->allow,
                         524287);
        assert_null(entry_at("repositories", "Data Science A"));
        assert_int_equal(entry_at("repositories/operations", "unresolved S-1-9-1551374245-5-5-5-5-1-9-9-9-9")->allow, 2);
        assert_false(live->acls[organisation_find_acl(live, space, token)].inherit);
}

static void test_team_settings(void **state) {
        Index team = organisation_find_entity(live, project, KIND_TEAM, "Data Science A");
        const TeamAreas *areas = organisation_find_team_areas(live, team);
        const char *token =
                mem_printf(mem, "%s\\%s", live->projects[project].root_token[NAMESPACE_IDENTITY],
                           live->entities[team].id);
        Index acl = organisation_find_acl(live, NAMESPACE_IDENTITY, token);

        assert_non_null(areas);
        assert_string_equal(areas->default_path, "Data Science A");
        assert_int_equal(areas->n_areas, 1);
        assert_true(areas->areas[0].include_children);
        assert_int_equal(live->acls[acl].entries[0].allow, 31);
        assert_int_equal(live->projects[project].state, PROJECT_SEALED);
        assert_int_equal(live->projects[project].rights.may_write, (1U << _NAMESPACE_N) - 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_principals, setup, teardown),
                cmocka_unit_test_setup_teardown(test_places, setup, teardown),
                cmocka_unit_test_setup_teardown(test_entries, setup, teardown),
                cmocka_unit_test_setup_teardown(test_team_settings, setup, teardown),
        };

        return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}

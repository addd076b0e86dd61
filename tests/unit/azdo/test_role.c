/* SPDX-License-Identifier: Apache-2.0 */
/* Role: definitions read strictly, assignments asked for and judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/azdo/role.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "2c2bf6e8-cba2-4dcb-80d6-86eaf14998f6"
#define KEY "8f0bef00-a7c3-48fa-ace8-0395651932c6"
#define FILE_ID "6a4f3c52-0b3b-4c0e-9d2a-0fd6a3e5b9a1"
#define SCOPES "/_apis/securityroles/scopes/distributedtask."

static Mem *mem;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static Organisation *world(void) {
        Organisation *organisation = world_new(mem, "P", PROJECT);
        Identity identity = {
                .project = INDEX_NONE, .name = "cleo@contoso.com", .merged = INDEX_NONE};

        assert_int_equal(guid_parse(&identity.storage_key, KEY), 0);
        assert_int_equal(organisation_add_identity(organisation, &identity), 0);
        return organisation;
}

static void test_definitions(void **state) {
        Organisation *organisation = world();
        Request request = role_definitions_request(mem, KIND_SERVICE_CONNECTION, ROLE_OF_ARTEFACT);
        const char *reason = NULL;
        RoleTable *table = &organisation->roles[KIND_SERVICE_CONNECTION][ROLE_OF_ARTEFACT];
        Reply *reply = fixture_reply(mem, "role_definitions");

        assert_int_equal(request.method, METHOD_GET);
        expect_path(&request,
                    SCOPES "serviceendpointrole/roledefinitions?api-version=7.1-preview.1");
        reply = reply_edit(mem, reply, "\"allowPermissions\": 1,", "\"allowPermissions\": 17,");
        assert_int_equal(role_definitions_take(organisation, KIND_SERVICE_CONNECTION,
                                               ROLE_OF_ARTEFACT, reply, &reason),
                         0);
        assert_int_equal(table->n, 3);
        assert_int_equal(role_find(*table, "user")->allow, 17);
        assert_string_equal(role_of_masks(*table, 3, 0)->name, "Administrator");
        assert_null(role_of_masks(*table, 3, 1));
        assert_null(role_of_masks(*table, 0, 0));
        assert_string_equal(role_nearest(*table, "Reder"), "Reader");
        /* A scope the service does not know has no roles. */
        assert_int_equal(
                role_definitions_take(organisation, KIND_SERVICE_CONNECTION, ROLE_OF_ARTEFACT,
                                      reply_json(mem, "{\"count\":0,\"value\":[]}"), &reason),
                0);
        assert_int_equal(table->n, 0);
}

static void test_definitions_malformed(void **state) {
        static const struct {
                const char *from, *to, *part;
        } rows[] = {
                {"\"count\": 3", "\"count\": 4", "count"},
                {"\"name\": \"User\"", "\"name\": \"\"", "`name`"},
                {"\"allowPermissions\": 16", "\"allowPermissions\": \"16\"", "allows"},
                {"\"denyPermissions\": 0", "\"denied\": 0", "allows"},
        };
        Organisation *organisation = world();
        RoleTable *table = &organisation->roles[KIND_ENVIRONMENT][ROLE_OF_ROOT];

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;

                assert_true(role_definitions_take(organisation, KIND_ENVIRONMENT, ROLE_OF_ROOT,
                                                  reply_edit(mem,
                                                             fixture_reply(mem, "role_definitions"),
                                                             rows[i].from, rows[i].to),
                                                  &reason) < 0);
                assert_non_null(strstr(reason, rows[i].part));
                /* What the program knows itself stays. */
                assert_int_equal(table->n, role_table_builtin(KIND_ENVIRONMENT, ROLE_OF_ROOT).n);
        }
}

/* facts §4.2 */
static const struct {
        Kind kind;
        const char *id;
        const char *artefact, *root; /* scope and resource in a path */
} resources[] = {
        {KIND_SERVICE_CONNECTION, FILE_ID,
         "serviceendpointrole/roleassignments/resources/" PROJECT "_" FILE_ID,
         "project.serviceendpointrole/roleassignments/resources/" PROJECT},
        {KIND_ENVIRONMENT, "12",
         "environmentreferencerole/roleassignments/resources/" PROJECT "_12",
         "globalenvironmentreferencerole/roleassignments/resources/" PROJECT},
        {KIND_VARIABLE_GROUP, "47", "variablegroup/roleassignments/resources/" PROJECT "%2447",
         "library/roleassignments/resources/" PROJECT "%240"},
        {KIND_SECURE_FILE, FILE_ID, "securefile/roleassignments/resources/" PROJECT "%24" FILE_ID,
         "library/roleassignments/resources/" PROJECT "%240"},
        {KIND_AGENT_QUEUE, "3916", "agentqueuerole/roleassignments/resources/" PROJECT "_3916",
         "globalagentqueuerole/roleassignments/resources/" PROJECT},
};

static void test_assignments(void **state) {
        for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
                Organisation *organisation = world();
                Entity entity = {.kind = resources[i].kind,
                                 .name = "it",
                                 .id = resources[i].id,
                                 .identity = INDEX_NONE};
                RoleResource resource = {resources[i].kind, 0,
                                         organisation_add_entity(organisation, &entity)};
                Request request = role_set_request(mem, organisation, &resource, 0, "User");

                assert_int_equal(request.method, METHOD_PUT);
                assert_int_equal(request.repeat, REPEAT_SAFE);
                expect_path(&request, mem_printf(mem, SCOPES "%s?api-version=7.1-preview.1",
                                                 resources[i].artefact));
                expect_body(&request, "[{\"roleName\": \"User\", \"userId\": \"" KEY "\"}]");
                request = role_remove_request(mem, organisation, &resource, 0);
                assert_int_equal(request.method, METHOD_DELETE);
                expect_path(&request, mem_printf(mem, SCOPES "%s/" KEY "?api-version=7.1-preview.1",
                                                 resources[i].artefact));
                request = role_inherit_request(mem, organisation, &resource, /* inherit= */ false);
                assert_int_equal(request.method, METHOD_PATCH);
                assert_null(request.body);
                expect_path(&request,
                            mem_printf(mem,
                                       SCOPES
                                       "%s?inheritPermissions=false&api-version=7.1-preview.1",
                                       resources[i].artefact));
                resource.entity = INDEX_NONE;
                request = role_set_request(mem, organisation, &resource, 0, "Reader");
                expect_path(&request, mem_printf(mem, SCOPES "%s?api-version=7.1-preview.1",
                                                 resources[i].root));
        }
}

static void test_answers(void **state) {
        Reply *reply = fixture_reply(mem, "role_assignment_put");
        const char *reason = NULL;

        assert_int_equal(role_set_take(mem, "administrator", reply, &reason), 0);
        assert_int_equal(role_set_take(mem, "Reader", reply, &reason), 1);
        assert_string_equal(reason,
                            "the service assigned the role Administrator instead of Reader");
        assert_int_equal(role_set_take(mem, "Reader", reply_json(mem, "{\"count\":0,\"value\":[]}"),
                                       &reason),
                         1);
        assert_non_null(strstr(reason, "said yes and did nothing"));
        assert_true(role_set_take(mem, "Reader", reply_json(mem, "{}"), &reason) < 0);
        assert_true(role_set_take(mem, "Administrator",
                                  reply_edit(mem, reply, "\"role\": {", "\"roles\": {"),
                                  &reason) < 0);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_definitions),
                CASE(test_definitions_malformed),
                CASE(test_assignments),
                CASE(test_answers),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

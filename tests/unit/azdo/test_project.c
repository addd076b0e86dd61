/* SPDX-License-Identifier: Apache-2.0 */
/* Project: lists, direct reads, creation as an operation, root tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/azdo/project.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"

static Mem *mem;
static Organisation *organisation;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        organisation = organisation_new(mem, "https://dev.azure.com/contoso");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static void test_list(void **state) {
        Request request = project_list_request(mem);
        const char *reason = NULL;
        size_t n = 0;

        expect_path(&request, "/_apis/projects?$top=500&api-version=7.1");
        assert_int_equal(request.paging, PAGING_CONTINUATION);
        assert_int_equal(
                project_list_take(organisation, fixture_reply(mem, "projects"), &reason, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(organisation->n_projects, 3);
        assert_int_not_equal(organisation_find_project(organisation, "testgit"), INDEX_NONE);
        /* The next page adds to it; what is being made or deleted is not there. */
        assert_int_equal(
                project_list_take(
                        organisation,
                        reply_json(mem,
                                   "{\"value\":[{\"id\":\"" PROJECT
                                   "\",\"name\":\"Größe\",\"state\":\"wellFormed\",\"visibility\":"
                                   "\"organization\",\"x\":[]},{\"id\":\"" PROJECT
                                   "\",\"name\":\"gone\",\"state\":\"deleting\"}]}"),
                        &reason, &n),
                0);
        assert_int_equal(n, 2);
        assert_int_equal(organisation->n_projects, 4);
        assert_string_equal(organisation->projects[3].visibility, "organization");
        assert_string_equal(organisation->projects[3].name, "Größe");
}

static void test_list_malformed(void **state) {
        static const char *const bodies[] = {
                "[]",
                "{\"value\":{}}",
                "{\"count\":1,\"value\":[]}",
                "{\"count\":-1,\"value\":[]}",
                "{\"value\":[7]}",
                "{\"value\":[null]}",
                "{\"value\":[{\"id\":\"x\",\"name\":\"a\",\"state\":\"wellFormed\"}]}",
                "{\"value\":[{\"name\":\"a\",\"state\":\"wellFormed\"}]}",
                "{\"value\":[{\"id\":\"00000000-0000-0000-0000-000000000000\",\"name\":\"a\",\"state\":\"wellFormed\"}]}",
                "{\"value\":[{\"id\":\"" PROJECT "\",\"state\":\"wellFormed\"}]}",
                "{\"value\":[{\"id\":\"" PROJECT "\",\"name\":\"\",\"state\":\"wellFormed\"}]}",
                "{\"value\":[{\"id\":\"" PROJECT "\",\"name\":\"a\"}]}",
                "{\"value\":[{\"id\":\"" PROJECT "\",\"name\":7,\"state\":\"wellFormed\"}]}",
        };

        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
                const char *reason = NULL;
                size_t n = 0;

                if (project_list_take(organisation, reply_json(mem, bodies[i]), &reason, &n) >= 0)
                        fail_msg("%s", bodies[i]);
                assert_non_null(reason);
                assert_int_equal(organisation->n_projects, 0);
        }
}

static void test_get(void **state) {
        Request request = project_get_request(mem, "R&D #1");
        const char *reason = NULL;

        expect_path(&request, "/_apis/projects/R%26D%20%231?api-version=7.1");
        assert_int_equal(project_get_take(organisation, fixture_reply(mem, "project_get"), &reason),
                         0);
        assert_int_equal(organisation_find_project(organisation, "MLOps"), 0);
        assert_string_equal(organisation->projects[0].visibility, "private");
}

static void test_create(void **state) {
        Request request = project_create_request(mem, "MLOps", project_process_id("scrum"), NULL);
        const char *reason = NULL;
        const char *operation = NULL;

        assert_int_equal(request.method, METHOD_POST);
        assert_int_equal(request.repeat, REPEAT_NEVER);
        expect_path(&request, "/_apis/projects?api-version=7.1");
        expect_body(
                &request,
                "{\"name\": \"MLOps\", \"visibility\": \"private\", \"capabilities\": {\"versioncontrol\": "
                "{\"sourceControlType\": \"Git\"}, \"processTemplate\": {\"templateTypeId\": "
                "\"6b724908-ef14-45cf-84f8-768b5384da45\"}}}");
        request = project_create_request(mem, "A \"b\"", PROJECT, "public");
        assert_non_null(
                strstr(request.body, "{\"name\": \"A \\\"b\\\"\", \"visibility\": \"public\""));
        assert_non_null(strstr(request.body, "\"templateTypeId\": \"" PROJECT "\""));
        operation = project_create_take(mem, fixture_reply(mem, "project_create"), &reason);
        assert_string_equal(operation, "15ab16e7-b233-4414-afa5-ba0cb4a4a8c9");
        request = project_operation_request(mem, operation);
        expect_path(&request,
                    "/_apis/operations/15ab16e7-b233-4414-afa5-ba0cb4a4a8c9?api-version=7.1");
        assert_null(project_create_take(mem, reply_json(mem, "{\"status\":\"notSet\"}"), &reason));
        assert_string_equal(reason, "the answer names no operation in `id`");
}

/* Those of every organisation are known, others by its list (recorded). */
static void test_processes(void **state) {
        Request request = project_processes_request(mem);
        const char *reason = NULL, *id = NULL;

        assert_string_equal(project_process_id("agile"), "adcc42ab-9882-485e-a3ed-7678f01f66bc");
        assert_string_equal(project_process_id(PROJECT), PROJECT);
        assert_null(project_process_id("Our Scrum"));
        expect_path(&request, "/_apis/process/processes?api-version=7.1");
        assert_int_equal(project_processes_take(mem, "scrum", fixture_reply(mem, "processes"), &id, &reason), 0);
        assert_string_equal(id, "6b724908-ef14-45cf-84f8-768b5384da45");
        assert_int_equal(project_processes_take(mem, "Our Scrum", fixture_reply(mem, "processes"), &id, &reason), 1);
        assert_non_null(strstr(id, "Scrum"));
        assert_int_equal(project_processes_take(mem, "Our Scrum",
                                                reply_json(mem, "{\"value\":[{\"id\":\"" PROJECT
                                                                "\",\"name\":\"our scrum\"}]}"),
                                                &id, &reason),
                         0);
        assert_string_equal(id, PROJECT);
        assert_true(project_processes_take(mem, "x", reply_json(mem, "{\"value\":[{\"id\":\"1\"}]}"), &id,
                                           &reason) < 0);
        assert_string_equal(reason, "a process has no `id` or no `name`");
}

static void test_operation(void **state) {
        static const struct {
                const char *body;
                int result;
                const char *reason;
        } rows[] = {
                {"{\"status\":\"succeeded\"}", 0, NULL},
                {"{\"status\":\"notSet\"}", 1, NULL},
                {"{\"status\":\"queued\"}", 1, NULL},
                {"{\"status\":\"inProgress\"}", 1, NULL},
                {"{\"status\":\"failed\",\"resultMessage\":\"TF1: no\",\"detailedMessage\":\"long\"}",
                 -1, "the service's operation failed: TF1: no"},
                {"{\"status\":\"failed\",\"detailedMessage\":\"long\"}", -1,
                 "the service's operation failed: long"},
                {"{\"status\":\"failed\",\"resultMessage\":null}", -1,
                 "the service's operation failed"},
                {"{\"status\":\"cancelled\"}", -1, "the service's operation was cancelled"},
                {"{\"status\":\"odd\"}", -1, "the answer has no known `status` of an operation"},
                {"{}", -1, "the answer has no known `status` of an operation"},
        };
        const char *reason = NULL;

        assert_int_equal(
                project_operation_take(mem, fixture_reply(mem, "operation_succeeded"), &reason), 0);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                int r = project_operation_take(mem, reply_json(mem, rows[i].body), &reason);

                assert_int_equal(r < 0 ? -1 : r, rows[i].result);
                if (rows[i].reason)
                        assert_string_equal(reason, rows[i].reason);
        }
}

static void test_tokens(void **state) {
        static const struct {
                NamespaceIndex space;
                const char *token, *above;
        } rows[] = {
                {NAMESPACE_PROJECT, "$PROJECT:vstfs:///Classification/TeamProject/" PROJECT,
                 "$PROJECT"},
                {NAMESPACE_GIT, "repoV2/" PROJECT, "repoV2"},
                {NAMESPACE_BUILD, PROJECT, NULL},
                {NAMESPACE_IDENTITY, PROJECT, NULL},
                {NAMESPACE_SERVICE_ENDPOINTS, "endpoints/" PROJECT, NULL},
                {NAMESPACE_CSS, NULL, NULL},
                {NAMESPACE_ITERATION, NULL, NULL},
                {NAMESPACE_QUERIES, NULL, NULL},
                {NAMESPACE_TAGGING, "/" PROJECT, NULL},
                {NAMESPACE_ENVIRONMENT, "Environments/" PROJECT, NULL},
                {NAMESPACE_LIBRARY, "Library/" PROJECT, NULL},
                {NAMESPACE_DISTRIBUTED_TASK, "AgentQueues/" PROJECT, NULL},
                {NAMESPACE_COLLECTION, NULL, "NAMESPACE:"},
                {NAMESPACE_SERVER, NULL, "FrameworkGlobalSecurity"},
                {NAMESPACE_PROCESS, NULL, "$PROCESS:"},
                {NAMESPACE_VERSION_CONTROL, NULL, "Global"},
                {NAMESPACE_BUILD_ADMINISTRATION, NULL, "BuildPrivileges"},
                {NAMESPACE_AUDIT_LOG, NULL, "AllPermissions"},
                {NAMESPACE_RELEASE, PROJECT, NULL},
                {NAMESPACE_ANALYTICS_VIEWS, "$/Shared/" PROJECT, NULL},
                {NAMESPACE_PLAN, "Plan/" PROJECT, "Plan"},
                {NAMESPACE_DASHBOARDS, "$/" PROJECT, NULL},
        };
        Organisation *world = world_new(mem, "MLOps", PROJECT);

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *token = world->projects[0].root_token[rows[i].space];
                const char *above = world->root_token[rows[i].space];

                assert_true(token ? strcmp(token, rows[i].token) == 0 : !rows[i].token);
                assert_true(above ? strcmp(above, rows[i].above) == 0 : !rows[i].above);
        }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_list),   CASE(test_list_malformed), CASE(test_get),
                CASE(test_create), CASE(test_processes),      CASE(test_operation),      CASE(test_tokens),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

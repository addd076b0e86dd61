/* SPDX-License-Identifier: Apache-2.0 */
/* Permission: bits and words of the namespaces (facts §3.2, §10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/permission.h"

static Mem *mem;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static const PermissionNamespace *space_at(size_t index) {
        return &permission_table_builtin()->items[index];
}

typedef struct SpaceCase {
        NamespaceIndex index;
        const char *id;
        const char *name;
        char separator;
        uint32_t read_permission;
        uint32_t write_permission;
        uint32_t system_mask;
} SpaceCase;

static const SpaceCase spaces[] = {
        {NAMESPACE_PROJECT, "52d39943-cb85-4d7f-8fa8-c6baac873819", "Project", ':', 1, 2, 17563648},
        {NAMESPACE_GIT, "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87", "Git Repositories", '/', 2, 8192,
         0},
        {NAMESPACE_BUILD, "33344d9c-fc72-4d6f-aba5-fa317101a7e9", "Build", '/', 0, 16384, 0},
        {NAMESPACE_CSS, "83e28ad4-2d72-4ceb-97b0-c7726d5502c3", "CSS", ':', 1, 2, 0},
        {NAMESPACE_IDENTITY, "5a27515b-ccd7-42c9-84f1-54c998f03866", "Identity", '\\', 1, 4, 0},
        {NAMESPACE_SERVICE_ENDPOINTS, "49b48001-ca20-4adc-8111-5b60c903a50c", "ServiceEndpoints",
         '/', 0, 2, 0},
        {NAMESPACE_ITERATION, "bf7bfa03-b2b7-47db-8113-fa2e002cc5b1", "Iteration", ':', 1, 2, 0},
        {NAMESPACE_QUERIES, "71356614-aad7-4757-8f2c-0fb3bff6f680", "WorkItemQueryFolders", '/', 1,
         8, 64},
        {NAMESPACE_TAGGING, "bb50f182-8e5e-40b8-bc21-e8752a1e7ae2", "Tagging", '/', 1, 4, 0},
        {NAMESPACE_ENVIRONMENT, "83d4c2e6-e57d-4d6e-892b-b87222b7ad20", "Environment", '/', 1, 8,
         0},
        {NAMESPACE_LIBRARY, "b7e84409-6553-448a-bbb2-af228e07cbeb", "Library", '/', 1, 2, 0},
        {NAMESPACE_DISTRIBUTED_TASK, "101eae8c-1709-47f9-b228-0e476c35b3ba", "DistributedTask", '/',
         1, 8, 0},
        {NAMESPACE_COLLECTION, "3e65f728-f8bc-4ecd-8764-7e378b19bfa7", "Collection", ':', 1, 2, 0},
        {NAMESPACE_SERVER, "1f4179b3-6bac-4d01-b421-71ea09171400", "Server", 0, 1, 2, 0},
        {NAMESPACE_PROCESS, "2dab47f9-bd70-49ed-9bd5-8eb051e59c02", "Process", ':', 16, 8, 16},
        {NAMESPACE_VERSION_CONTROL, "66312704-deb5-43f9-b51c-ab4ff5e351c3",
         "VersionControlPrivileges", 0, 0, 32, 0},
        {NAMESPACE_BUILD_ADMINISTRATION, "302acaca-b667-436d-a946-87133492041c",
         "BuildAdministration", 0, 0, 8, 0},
        {NAMESPACE_AUDIT_LOG, "a6cc6381-a1ca-4b36-b3c1-4e65211e82b6", "AuditLog", 0, 1, 2, 2},
        {NAMESPACE_RELEASE, "c788c23e-1b46-4162-8f5e-d7585343b5de", "ReleaseManagement", '/', 0,
         512, 0},
        {NAMESPACE_ANALYTICS_VIEWS, "d34d3680-dfe5-4cc6-a949-7d9c68f73cba", "AnalyticsViews", '/',
         1, 1024, 8},
        {NAMESPACE_PLAN, "bed337f8-e5f3-4fb9-80da-81e17d06e7a8", "Plan", '/', 1, 8, 0},
        {NAMESPACE_DASHBOARDS, "8adf73b7-389a-4276-b638-fe1653f7efc7", "DashboardsPrivileges", '/',
         1, 16, 0},
};

static void test_namespaces(void **state) {
        assert_int_equal(permission_table_builtin()->n, 61);
        assert_int_equal(sizeof(spaces) / sizeof(*spaces), _NAMESPACE_N);
        for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++) {
                const PermissionNamespace *space = space_at(spaces[i].index);
                Guid id;

                assert_int_equal(guid_parse(&id, spaces[i].id), 0);
                assert_ptr_equal(permission_table_find(permission_table_builtin(), id), space);
                assert_string_equal(space->name, spaces[i].name);
                assert_int_equal(space->separator, spaces[i].separator);
                assert_int_equal(space->read_permission, spaces[i].read_permission);
                assert_int_equal(space->write_permission, spaces[i].write_permission);
                assert_int_equal(space->system_mask, spaces[i].system_mask);
        }
        assert_null(permission_table_find(permission_table_builtin(), (Guid){{1}}));
}

/* Bits are single, all of them together all_bits, and every word of every namespace finds its own.
 */
static void test_every_word(void **state) {
        for (size_t i = 0; i < permission_table_builtin()->n; i++) {
                const PermissionNamespace *space = space_at(i);
                uint32_t all = 0;

                for (size_t j = 0; j < space->n_permissions; j++) {
                        const Permission *permission = &space->permissions[j];

                        assert_true(permission->bit && !(permission->bit & (permission->bit - 1)));
                        assert_false(all & permission->bit);
                        all |= permission->bit;
                        assert_int_equal(permission_bit(space, permission->name), permission->bit);
                        assert_int_equal(
                                permission_bit(space, permission_word(mem, space, permission->bit)),
                                permission->bit);
                }
                assert_int_equal(all, space->all_bits);
        }
}

typedef struct WordCase {
        NamespaceIndex index;
        const char *word;
        uint32_t bit;
} WordCase;

static const WordCase words[] = {
        {NAMESPACE_GIT, "Read", 2},
        {NAMESPACE_GIT, "GenericRead", 2},
        {NAMESPACE_GIT, "genericREAD", 2},
        {NAMESPACE_GIT, "contribute", 4},
        {NAMESPACE_GIT, "Contribute to pull requests", 16384},
        {NAMESPACE_GIT, "Delete or disable repository", 512},
        {NAMESPACE_GIT, "Delete repository", 512}, /* as the portal said before 2024 */
        {NAMESPACE_GIT, "Rea", 0},
        {NAMESPACE_GIT, "Read ", 0},
        {NAMESPACE_GIT, "", 0},
        {NAMESPACE_GIT, "View builds", 0},
        {NAMESPACE_BUILD, "View builds", 1},
        {NAMESPACE_BUILD, "View build pipeline", 1024},
        {NAMESPACE_CSS, "Edit work items in this node", 32},
        {NAMESPACE_PROJECT, "View project-level information", 1},
        {NAMESPACE_PROJECT, "Agile backlog management.", 16777216},
};

static void test_words(void **state) {
        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                assert_int_equal(permission_bit(space_at(words[i].index), words[i].word),
                                 words[i].bit);
        assert_string_equal(permission_word(mem, space_at(NAMESPACE_GIT), 4), "Contribute");
        assert_string_equal(permission_word(mem, space_at(NAMESPACE_CSS), 16),
                            "View work items in this node");
        assert_string_equal(permission_word(mem, space_at(NAMESPACE_GIT), 1u << 30),
                            "bit 1073741824");
}

static void test_nearest(void **state) {
        assert_string_equal(permission_nearest(space_at(NAMESPACE_GIT), "Contribut"), "Contribute");
        assert_string_equal(permission_nearest(space_at(NAMESPACE_BUILD), "View bulds"),
                            "View builds");
        assert_null(permission_nearest(space_at(NAMESPACE_GIT), "quite another thing"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_namespaces),
                TEST(test_every_word),
                TEST(test_words),
                TEST(test_nearest),
        };

        return cmocka_run_group_tests_name("model-permission", tests, NULL, NULL);
}

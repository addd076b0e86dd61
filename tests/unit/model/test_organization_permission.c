/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the words of the organisation's own permissions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/model/organization_permission.h"

/* The portal's words are of one namespace each (facts §10); others may be of several. */
static void test_words(void **state) {
        static const struct {
                const char *word;
                size_t n;
                NamespaceIndex space;
                uint32_t bit;
        } rows[] = {
                {"View instance-level information", 1, NAMESPACE_COLLECTION, 1},
                {"create new projects", 1, NAMESPACE_COLLECTION, 4},
                {"CREATE_PROJECTS", 1, NAMESPACE_COLLECTION, 4},
                {"Trigger events", 1, NAMESPACE_COLLECTION, 16},
                {"TriggerEvent", 1, NAMESPACE_SERVER, 16},
                {"Server/Trigger events", 1, NAMESPACE_SERVER, 16},
                {"Delete team project", 1, NAMESPACE_PROJECT, 4},
                {"Make requests on behalf of others", 1, NAMESPACE_SERVER, 4},
                {"Create process", 1, NAMESPACE_PROCESS, 4},
                {"Administer workspaces", 1, NAMESPACE_VERSION_CONTROL, 4},
                {"Use build resources", 1, NAMESPACE_BUILD_ADMINISTRATION, 4},
                {"View audit log", 1, NAMESPACE_AUDIT_LOG, 1},
                {"Delete", 2, NAMESPACE_PROJECT, 4},
                {"process/delete", 1, NAMESPACE_PROCESS, 2},
                {"Process/Read", 0, 0, 0},
                {"Contribute", 0, 0, 0},
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                OrganizationPermission found[_NAMESPACE_N];
                size_t n = organization_permission_find(permission_table_builtin(), rows[i].word,
                                                        found);

                if (n != rows[i].n || (n && (found[0].space != rows[i].space ||
                                             found[0].bit != rows[i].bit)))
                        fail_msg("%s: %zu", rows[i].word, n);
                assert_int_equal(organization_permission_bit(permission_table_builtin(),
                                                             (uint8_t)rows[i].space, rows[i].word),
                                 n == 1 ? rows[i].bit : 0);
        }
        assert_string_equal(
                organization_permission_nearest(permission_table_builtin(), "Create new project"),
                "Create new projects");
        assert_null(organization_permission_nearest(permission_table_builtin(), "zzzzzzzzzzzzzzz"));
}

int main(void) {
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};

        return cmocka_run_group_tests_name("model-organization_permission", tests, NULL, NULL);
}

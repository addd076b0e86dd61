/* SPDX-License-Identifier: Apache-2.0 */
/* Kind: the table of sorts of things. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/kind.h"
#include "common/model/permission.h"

static void test_rows(void **state) {
        for (Kind kind = 0; kind < _KIND_N; kind++) {
                const KindRow *row = kind_row(kind);

                assert_int_equal(row->kind, kind);
                assert_int_equal(kind_by_key(row->key), kind);
                assert_true(row->noun[0]);
                /* by permissions or by roles, never both; who has either has a namespace */
                assert_false((row->traits & KIND_HAS_PERMISSIONS) &&
                             (row->traits & KIND_HAS_ROLES));
                assert_int_equal(row->space >= 0, (row->traits & (KIND_HAS_PERMISSIONS | KIND_HAS_ROLES)) != 0);
                assert_true(row->space < _NAMESPACE_N);
                /* nothing is made that nobody can own */
                if (row->traits & KIND_IS_CREATED)
                        assert_true(row->traits & KIND_CAN_BE_OWNED);
                /* what is named by its id alone is never read, made or owned */
                if (row->traits & (KIND_IS_NAMED_BY_ID | KIND_IS_WHOLE))
                        assert_false(row->traits & (KIND_IS_CREATED | KIND_CAN_BE_OWNED));
                assert_int_equal(kind_at_root(kind_at_root(kind)), kind_at_root(kind));
        }
}

typedef struct Case {
        const char *key;
        Kind kind;
        unsigned traits; /* all of them */
} Case;

static const Case cases[] = {
        {"project", KIND_PROJECT, KIND_HAS_PERMISSIONS | KIND_IS_BUILT},
        {"repositories", KIND_REPOSITORY,
         KIND_HAS_PERMISSIONS | KIND_CAN_BE_OWNED | KIND_IS_CREATED | KIND_IS_BUILT},
        {"pipeline_folders", KIND_PIPELINE_FOLDER,
         KIND_HAS_PERMISSIONS | KIND_CAN_BE_OWNED | KIND_IS_CREATED | KIND_IS_NESTED |
                 KIND_IS_BUILT},
        {"areas", KIND_AREA,
         KIND_HAS_PERMISSIONS | KIND_CAN_BE_OWNED | KIND_IS_CREATED | KIND_IS_NESTED |
                 KIND_IS_BUILT},
        {"service_connections", KIND_SERVICE_CONNECTION,
         KIND_HAS_ROLES | KIND_CAN_BE_OWNED | KIND_IS_BUILT},
        {"dashboards", KIND_DASHBOARD,
         KIND_HAS_PERMISSIONS | KIND_IS_EXPERIMENTAL | KIND_IS_NAMED_BY_ID | KIND_IS_NESTED |
                 KIND_IS_BUILT},
        {"tagging", KIND_TAGGING, KIND_HAS_PERMISSIONS | KIND_IS_WHOLE | KIND_IS_BUILT},
        /* names are compared as the service compares them */
        {"Repositories", KIND_REPOSITORY,
         KIND_HAS_PERMISSIONS | KIND_CAN_BE_OWNED | KIND_IS_CREATED | KIND_IS_BUILT},
};

static void test_keys(void **state) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                assert_int_equal(kind_by_key(cases[i].key), cases[i].kind);
                assert_int_equal(kind_row(cases[i].kind)->traits, cases[i].traits);
        }
        assert_int_equal(kind_by_key("repository"), _KIND_N);
        assert_int_equal(kind_by_key(""), _KIND_N);
}

static void test_namespaces(void **state) {
        assert_int_equal(kind_namespace(KIND_PROJECT), NAMESPACE_PROJECT);
        assert_int_equal(kind_namespace(KIND_REPOSITORY), NAMESPACE_GIT);
        assert_int_equal(kind_namespace(KIND_BRANCH), NAMESPACE_GIT);
        assert_int_equal(kind_namespace(KIND_PIPELINE_FOLDER), NAMESPACE_BUILD);
        assert_int_equal(kind_namespace(KIND_AREA), NAMESPACE_CSS);
        assert_int_equal(kind_namespace(KIND_SERVICE_CONNECTION), NAMESPACE_SERVICE_ENDPOINTS);
        assert_int_equal(kind_namespace(KIND_TEAM), KIND_WITHOUT_NAMESPACE);
        assert_int_equal(kind_namespace(KIND_DASHBOARD), NAMESPACE_DASHBOARDS);
        assert_string_equal(kind_permissions(KIND_REPOSITORY)->name, "Git Repositories");
        assert_null(kind_permissions(KIND_GROUP));
}

/* What is said of a namespace's root is said of one kind: that which hangs there. */
static void test_kinds_of_namespaces(void **state) {
        assert_int_equal(kind_of_namespace(NAMESPACE_GIT), KIND_REPOSITORY);
        assert_int_equal(kind_of_namespace(NAMESPACE_BUILD), KIND_PIPELINE_FOLDER);
        assert_int_equal(kind_of_namespace(NAMESPACE_LIBRARY), KIND_VARIABLE_GROUP);
        assert_int_equal(kind_of_namespace(NAMESPACE_IDENTITY), KIND_TEAM);
        assert_int_equal(kind_of_namespace(NAMESPACE_COLLECTION), KIND_ORGANIZATION);
        assert_int_equal(kind_of_namespace(NAMESPACE_AUDIT_LOG), KIND_ORGANIZATION);
        for (uint8_t space = 0; space < _NAMESPACE_N; space++) {
                Kind kind = kind_of_namespace(space);

                assert_int_equal(kind_at_root(kind), kind);
                assert_int_equal(kind_row(kind)->things == NULL, kind == KIND_ORGANIZATION);
        }
}

static void test_keys_by_trait(void **state) {
        size_t n_owned = 0;
        size_t n_roles = 0;
        const char *const *owned = kind_keys(KIND_CAN_BE_OWNED, &n_owned);
        const char *const *roles = kind_keys(KIND_HAS_ROLES, &n_roles);

        assert_int_equal(n_owned, 10);
        assert_int_equal(n_roles, 5);
        /* the arrays of two calls stand side by side */
        assert_string_equal(owned[0], "repositories");
        assert_string_equal(roles[0], "service_connections");
        assert_null(owned[n_owned]);
        assert_null(roles[n_roles]);
        kind_keys(0, &n_owned);
        assert_int_equal(n_owned, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_keys),
                cmocka_unit_test(test_namespaces),
                cmocka_unit_test(test_kinds_of_namespaces),
                cmocka_unit_test(test_keys_by_trait),
        };

        return cmocka_run_group_tests_name("model-kind", tests, NULL, NULL);
}

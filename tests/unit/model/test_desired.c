/* SPDX-License-Identifier: Apache-2.0 */
/* Desired: finding what the charter says of a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/desired.h"

static Mem *mem;

static OwnedArtefact owned_a[] = {
        {.kind = KIND_AREA, .name = "Data/A"},
        {.kind = KIND_REPOSITORY, .name = "data-a"},
        {.kind = KIND_REPOSITORY, .name = "shared"},
};
static OwnedArtefact owned_b[] = {
        {.kind = KIND_REPOSITORY, .name = "\xc3\xa4rger"},
        {.kind = KIND_AREA, .name = "data-a"},
};
static OwnedArtefact artefacts[] = {
        {.kind = KIND_REPOSITORY, .name = "platform"},
        {.kind = KIND_REPOSITORY, .name = "tools"},
        {.kind = KIND_AREA, .name = "platform"},
};
static DesiredPrincipal principals[] = {
        {.name = "Data A", .owns = owned_a, .n_owns = 3},
        {.name = "data b", .owns = owned_b, .n_owns = 2},
        {.name = "Operations"},
};
static DesiredProject projects[] = {
        {.name = "a"},
        {.name = "MLOps",
         .principals = principals,
         .n_principals = 3,
         .artefacts = artefacts,
         .n_artefacts = 3},
        {.name = "Web"},
};
static const Desired desired = {.projects = projects, .n_projects = 3};

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        projects[1].owners = NULL;
        projects[1].n_owners = 0;
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static void test_names(void **state) {
        assert_ptr_equal(desired_find_project(&desired, "mlops"), &projects[1]);
        assert_ptr_equal(desired_find_project(&desired, "A"), &projects[0]);
        assert_ptr_equal(desired_find_project(&desired, "web"), &projects[2]);
        assert_null(desired_find_project(&desired, "ml"));
        assert_null(desired_find_project(&(Desired){0}, "MLOps"));
        assert_ptr_equal(desired_find_principal(&projects[1], "DATA B"), &principals[1]);
        assert_ptr_equal(desired_find_principal(&projects[1], "operations"), &principals[2]);
        assert_null(desired_find_principal(&projects[1], "Data"));
        assert_null(desired_find_principal(&projects[0], "Data A"));
        assert_ptr_equal(desired_find_artefact(&projects[1], KIND_AREA, "Platform"), &artefacts[2]);
        assert_ptr_equal(desired_find_artefact(&projects[1], KIND_REPOSITORY, "PLATFORM"),
                         &artefacts[0]);
        assert_null(desired_find_artefact(&projects[1], KIND_PIPELINE_FOLDER, "platform"));
}

typedef struct OwnerCase {
        Kind kind;
        const char *name;
        const DesiredPrincipal *owner;
        const OwnedArtefact *owned;
} OwnerCase;

static const OwnerCase owners[] = {
        {KIND_REPOSITORY, "data-a", &principals[0], &owned_a[1]},
        {KIND_REPOSITORY, "SHARED", &principals[0], &owned_a[2]},
        {KIND_AREA, "data/a", &principals[0], &owned_a[0]},
        {KIND_AREA, "data-a", &principals[1], &owned_b[1]},
        {KIND_REPOSITORY, "\xc3\x84RGER", &principals[1], &owned_b[0]},
        {KIND_PIPELINE_FOLDER, "data-a", NULL, NULL},
        {KIND_REPOSITORY, "platform", NULL, NULL},
};

/* With the index and without it the same. */
static void test_owners(void **state) {
        for (int round = 0; round < 2; round++) {
                for (size_t i = 0; i < sizeof(owners) / sizeof(*owners); i++) {
                        const OwnedArtefact *owned = NULL;

                        assert_ptr_equal(desired_find_owner(&projects[1], owners[i].kind,
                                                            owners[i].name, &owned),
                                         owners[i].owner);
                        assert_ptr_equal(owned, owners[i].owned);
                        assert_ptr_equal(desired_find_owner(&projects[1], owners[i].kind,
                                                            owners[i].name, NULL),
                                         owners[i].owner);
                }
                desired_index_owners(mem, &projects[1]);
                assert_int_equal(projects[1].n_owners, 5);
        }
}

static void test_an_index_of_nothing(void **state) {
        DesiredProject empty = {.name = "empty"};

        desired_index_owners(mem, &empty);
        assert_null(desired_find_owner(&empty, KIND_REPOSITORY, "any", NULL));
}

static void test_governed(void **state) {
        assert_false(desired_principal_is_governed(&(DesiredPrincipal){.name = "x", .n_owns = 1}));
        assert_true(desired_principal_is_governed(&(DesiredPrincipal){.grants_mentioned = true}));
        assert_true(
                desired_principal_is_governed(&(DesiredPrincipal){.members = {.mentioned = true}}));
        assert_true(desired_principal_is_governed(
                &(DesiredPrincipal){.member_of = {.mentioned = true}}));
        /* administrators alone govern nothing else */
        assert_false(
                desired_principal_is_governed(&(DesiredPrincipal){.admins = {.mentioned = true}}));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_names),
                TEST(test_owners),
                TEST(test_an_index_of_nothing),
                TEST(test_governed),
        };

        return cmocka_run_group_tests_name("model-desired", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rotation: what surveys cost, when projects take turns, whose turn is next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/rotation.h"

enum {
        N = 3,
        PROJECT_REQUESTS = ROTATION_PROJECT_REQUESTS + 5, /* of the namespaces that every governed project has */
};

static Mem *mem;
static DesiredProject projects[N];
static Desired desired;
static Rotation *rotation;

static int setup(void **state) {
        static const char *const names[N] = {"Alpha", "Beta", "Gamma"};

        mem = mem_new(NULL, char);
        for (size_t i = 0; i < N; i++)
                projects[i] = (DesiredProject){.name = names[i]};
        desired = (Desired){.projects = projects, .n_projects = N};
        rotation = rotation_new(mem);
        rotation_set_charter(rotation, &desired);
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static void expect_next(const char *name) {
        const RotationRow *row = rotation_next(rotation);

        if (name)
                assert_string_equal(row ? row->project : "none", name);
        else
                assert_null(row);
}

static void end_turn(int64_t wall) {
        rotation_note_turn(rotation_find(rotation, rotation_next(rotation)->project), wall);
}

/* As long as nothing was counted, what product.md allows; then what was counted. */
static void test_cost(void **state) {
        static DesiredPrincipal teams[250];
        static OwnedArtefact area = {.kind = KIND_AREA, .name = "a"};
        RotationRow *row = rotation_find(rotation, "beta");

        assert_int_equal(rotation_cost(rotation, row), ROTATION_SHARED_REQUESTS + PROJECT_REQUESTS);
        assert_int_equal(rotation_cost(rotation, NULL), ROTATION_SHARED_REQUESTS + N * PROJECT_REQUESTS);
        for (size_t i = 0; i < 250; i++)
                teams[i] = (DesiredPrincipal){.name = "t", .is_team = i < 200, .owns = &area, .n_owns = i < 100};
        projects[1].principals = teams;
        projects[1].n_principals = 250;
        rotation_set_charter(rotation, &desired);
        row = rotation_find(rotation, "beta");
        assert_int_equal(rotation_cost(rotation, row), ROTATION_SHARED_REQUESTS + PROJECT_REQUESTS + 2 * 3 + 100);
        row->n_requests = 17;
        row->has_areas = true;
        rotation->n_shared = 9;
        assert_int_equal(rotation_cost(rotation, row), 9 + 17 + 9 /* of 100 one in twelve */);
        rotation_set_charter(rotation, &desired);
        assert_int_equal(rotation_cost(rotation, rotation_find(rotation, "beta")), 9 + 17 + 9);
}

/* Which pipelines may use a thing is read in the same rotation, where it matters. */
static void test_cost_of_pipelines(void **state) {
        static const DesiredPipelines none = {.use = PIPELINE_USE_NONE};
        static OwnedArtefact owned[24];
        static DesiredPrincipal team = {.name = "t", .is_team = true, .owns = owned, .n_owns = 24};
        static DesiredArtefact key = {.kind = KIND_SECURE_FILE, .name = "f", .pipelines = &none};
        RotationRow *row;

        for (size_t i = 0; i < 24; i++)
                owned[i] = (OwnedArtefact){.kind = i < 12 ? KIND_ENVIRONMENT : KIND_REPOSITORY, .name = "x"};
        owned[0].pipelines = &none;
        projects[2].principals = &team;
        projects[2].n_principals = 1;
        projects[2].artefacts = &key;
        projects[2].n_artefacts = 1;
        rotation_set_charter(rotation, &desired);
        row = rotation_find(rotation, "gamma");
        assert_int_equal(row->n_used, 2); /* said of the one owned, and of the one that nobody owns */
        team.confined = true;
        rotation_set_charter(rotation, &desired);
        row = rotation_find(rotation, "gamma");
        assert_int_equal(row->n_used, 13); /* everything with roles that a team owns */
        assert_int_equal(rotation_cost(rotation, row), ROTATION_SHARED_REQUESTS + PROJECT_REQUESTS + 2 + 2 + 13);
        row->n_requests = 17;
        row->has_areas = true;
        assert_int_equal(rotation_cost(rotation, row), ROTATION_SHARED_REQUESTS + 17 + 2);
        projects[2] = (DesiredProject){.name = "Gamma"};
}

static void test_exceeds(void **state) {
        int64_t cost = rotation_cost(rotation, NULL);

        assert_false(rotation_exceeds(rotation, cost));
        assert_true(rotation_exceeds(rotation, cost - 1));
        assert_false(rotation_exceeds(rotation, /* budget= */ 0));
        desired.n_projects = 1; /* nobody to take turns with */
        rotation_set_charter(rotation, &desired);
        assert_false(rotation_exceeds(rotation, 1));
        desired.n_projects = 0;
        rotation_set_charter(rotation, &desired);
        assert_false(rotation_exceeds(rotation, 1));
}

static void test_order(void **state) {
        expect_next(NULL);
        rotation_begin(rotation);
        assert_int_equal(rotation_n_due(rotation), N);
        expect_next("Alpha");
        end_turn(100);
        expect_next("Beta");
        end_turn(200);
        rotation_begin(rotation); /* anew in mid-cycle: who waits longest is first */
        expect_next("Gamma");
        end_turn(300);
        expect_next("Alpha");
        rotation_find(rotation, "Beta")->is_hurried = true;
        expect_next("Beta");
        end_turn(400);
        expect_next("Alpha");
        end_turn(500);
        expect_next(NULL);
        rotation_begin(rotation);
        expect_next("Gamma");
        rotation_end(rotation);
        expect_next(NULL);
        assert_int_equal(rotation_n_due(rotation), 0);
}

/* What is known of a project stays; a new one comes first. */
static void test_another_charter(void **state) {
        rotation_begin(rotation);
        while (rotation_next(rotation))
                end_turn(100);
        rotation_find(rotation, "Alpha")->read_at = 7;
        rotation_find(rotation, "Gamma")->n_not_done = 2;
        projects[1].name = "New";
        rotation_set_charter(rotation, &desired);
        assert_null(rotation_find(rotation, "Beta"));
        assert_int_equal(rotation_find(rotation, "Alpha")->read_at, 7);
        assert_int_equal(rotation_n_not_done(rotation), 2);
        expect_next(NULL);
        rotation_begin(rotation);
        expect_next("New");
        rotation_note_all(rotation, 900);
        expect_next(NULL);
        assert_int_equal(rotation_n_not_done(rotation), 0);
        rotation_begin(rotation);
        expect_next("Alpha");
}

static void test_oldest_reading(void **state) {
        assert_int_equal(rotation_oldest_reading(rotation), 0);
        for (size_t i = 0; i < N; i++)
                rotation->rows[i].read_at = 50 - (int64_t)i;
        assert_int_equal(rotation_oldest_reading(rotation), 48);
        desired.n_projects = 0;
        rotation_set_charter(rotation, &desired);
        assert_true(rotation_oldest_reading(rotation) == INT64_MAX);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_cost), TEST(test_exceeds), TEST(test_order), TEST(test_another_charter), TEST(test_oldest_reading),
                TEST(test_cost_of_pipelines),
        };

        return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}

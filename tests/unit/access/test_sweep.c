/* SPDX-License-Identifier: Apache-2.0 */
/* Sweep: every cell is what the evaluator answers, over organisations made by chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/access/sweep.h"
#include "tests/unit/access/world.h"

enum {
        ROUNDS = 400,
        OVERLAYS = 6,
        PRINCIPALS = IDENTITIES - STRANGERS,
        DEEP = TOKENS,        /* behind the tokens of the world: deeper than is looked at */
        MISSING = TOKENS + 1, /* a thing that does not exist */
        THINGS = TOKENS + 2,
};

typedef struct Setting {
        AccessView *view;
        AccessSubject *subjects[PRINCIPALS];
        Index principals[PRINCIPALS];
        AccessPlace things[THINGS];
        char deep[2 * ACCESS_LEVELS_MAX + 2];
} Setting;

static void lay_over(AccessView *view) {
        for (int i = 0; i < OVERLAYS; i++) {
                int token = (int)chance(TOKENS);
                Index one = chance(IDENTITIES);
                Index group = PEOPLE + chance(GROUPS);

                access_view_set_entry(
                        view, NAMESPACE_GIT, tokens[token],
                        (AccessControlEntry){one, chance(1 << BITS), chance(1 << BITS)});
                if (one != group)
                        access_view_add_member(view, group, one);
        }
}

/* Things and principals in an order of chance, so that neighbours share all, something or nothing.
 */
static void shuffle(Setting *setting) {
        for (size_t i = PRINCIPALS - 1; i > 0; i--) {
                size_t j = chance((uint32_t)i + 1);
                Index principal = setting->principals[i];

                setting->principals[i] = setting->principals[j];
                setting->principals[j] = principal;
        }
        for (size_t i = THINGS - 1; i > 0; i--) {
                size_t j = chance((uint32_t)i + 1);
                AccessPlace place = setting->things[i];

                setting->things[i] = setting->things[j];
                setting->things[j] = place;
        }
}

static Setting *make_setting(Mem *mem, const World *world, uint64_t round) {
        Setting *setting = mem_new(mem, Setting);
        Organisation *live = make_organisation(mem, world);

        /* One of the groups is the organisation's administrators. */
        if (round % 3 == 0)
                live->identities[PEOPLE].role = IDENTITY_ROLE_ADMINISTRATORS;
        setting->view = access_view_new(mem, live);
        if (round % 4 == 0)
                lay_over(setting->view);
        memset(setting->deep, '/', sizeof(setting->deep) - 1);
        for (size_t i = 0; i < sizeof(setting->deep) - 1; i += 2)
                setting->deep[i] = 'a';
        for (Index i = 0; i < PRINCIPALS; i++)
                setting->principals[i] = i;
        for (int i = 0; i < TOKENS; i++)
                setting->things[i] = (AccessPlace){NAMESPACE_GIT, tokens[i]};
        setting->things[DEEP] = (AccessPlace){NAMESPACE_GIT, setting->deep};
        setting->things[MISSING] = (AccessPlace){NAMESPACE_GIT, NULL};
        shuffle(setting);
        for (size_t i = 0; i < PRINCIPALS; i++)
                setting->subjects[i] =
                        access_subject_new(mem, setting->view, setting->principals[i]);
        return setting;
}

static AccessMasks masks_of(const Setting *setting, size_t thing, size_t principal) {
        const AccessPlace *place = &setting->things[thing];

        if (!place->token)
                return (AccessMasks){0};
        return access_evaluate(setting->view, setting->subjects[principal], place->space,
                               place->token);
}

static void compare_row(const Setting *setting, const AccessSweepRow *row,
                        AccessSweepDetail detail) {
        size_t at = 0;

        for (size_t i = 0; i < PRINCIPALS; i++) {
                AccessMasks expected = masks_of(setting, row->thing, i);
                bool told = expected.allow | expected.unknown |
                            (detail == ACCESS_SWEEP_DECIDED ? expected.deny : 0);

                assert_int_equal(at < row->n_cells && row->cells[at].principal == i, told);
                if (!told)
                        continue;
                assert_memory_equal(&row->cells[at].masks, &expected, sizeof(expected));
                at++;
        }
        assert_int_equal(at, row->n_cells);
}

static size_t compare(Mem *mem, const Setting *setting, AccessSweepDetail detail) {
        AccessSweepSpec spec = {
                .view = setting->view,
                .principals = setting->principals,
                .n_principals = PRINCIPALS,
                .things = setting->things,
                .n_things = THINGS,
                .detail = detail,
        };
        AccessSweep *sweep = access_sweep_new(mem, &spec);
        AccessSweepState state = ACCESS_SWEEP_WORKING;
        size_t n_rows = 0;
        size_t n_repeated = 0;
        AccessSweepRow row;

        while ((state = access_sweep_step(sweep, &row)) != ACCESS_SWEEP_END) {
                if (state == ACCESS_SWEEP_WORKING)
                        continue;
                assert_int_equal(row.thing, n_rows++);
                compare_row(setting, &row, detail);
                n_repeated += row.is_repeated;
        }
        assert_int_equal(n_rows, THINGS);
        mem_free(sweep);
        return n_repeated;
}

static void test_every_cell_is_the_evaluators(void **state) {
        size_t n_repeated = 0;

        for (uint64_t round = 1; round <= ROUNDS; round++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "round");
                World world;
                const Setting *setting = NULL;

                chance_seed(round * 0x9E3779B97F4A7C15);
                world = make_world(round % 2 ? CERTAIN : DOUBTFUL);
                setting = make_setting(mem, &world, round);
                n_repeated += compare(mem, setting, ACCESS_SWEEP_OPEN);
                n_repeated += compare(mem, setting, ACCESS_SWEEP_DECIDED);
                mem_free(mem);
        }
        assert_true(n_repeated > ROUNDS / 4);
}

/* Of somebody in too many groups nothing is known: every entry may count for them. */
static void test_too_many_groups(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "round");
        Organisation *live = organisation_new(mem, "https://dev.azure.com/contoso");
        AccessControlEntry entries[] = {{ACCESS_GROUPS_MAX, 1, 2}};
        const AccessControlList acl = {
                .namespace = NAMESPACE_GIT,
                .inherit = true,
                .project = INDEX_NONE,
                .token = "repoV2",
                .entries = entries,
                .n_entries = 1,
        };
        const Index somebody = 0;
        const AccessPlace thing = {NAMESPACE_GIT, "repoV2/p"};
        AccessSweepSpec spec = {NULL, &somebody, 1, &thing, 1, ACCESS_SWEEP_OPEN};
        AccessSweep *sweep = NULL;
        AccessSweepRow row;

        for (Index i = 0; i <= ACCESS_GROUPS_MAX; i++) {
                Identity identity = {
                        .kind = i ? IDENTITY_GROUP : IDENTITY_USER,
                        .project = INDEX_NONE,
                        .members_known = true,
                        .containers_known = true,
                };

                memcpy(&identity.storage_key, &(Index){i + 1}, sizeof(Index));
                assert_int_equal(organisation_add_identity(live, &identity), i);
                if (i > 0)
                        organisation_add_membership(live, i, 0);
        }
        organisation_set_acl(live, &acl);
        organisation_seal(live);
        spec.view = access_view_new(mem, live);
        sweep = access_sweep_new(mem, &spec);
        assert_int_equal(access_sweep_step(sweep, &row), ACCESS_SWEEP_WORKING);
        assert_int_equal(access_sweep_step(sweep, &row), ACCESS_SWEEP_ROW);
        assert_int_equal(row.n_cells, 1);
        assert_int_equal(row.cells[0].masks.unknown, 1);
        assert_int_equal(access_sweep_step(sweep, &row), ACCESS_SWEEP_END);
        mem_free(mem);
}

/* No principals, no things: rows without cells, or none. */
static void test_nothing_to_sweep(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "round");
        Organisation *live = organisation_new(mem, "https://dev.azure.com/contoso");
        const AccessPlace thing = {NAMESPACE_GIT, "repoV2/p"};
        AccessSweepSpec spec = {.things = &thing, .n_things = 1};
        AccessSweep *sweep = NULL;
        AccessSweepRow row;

        organisation_seal(live);
        spec.view = access_view_new(mem, live);
        sweep = access_sweep_new(mem, &spec);
        assert_int_equal(access_sweep_step(sweep, &row), ACCESS_SWEEP_ROW);
        assert_int_equal(row.n_cells, 0);
        assert_int_equal(access_sweep_step(sweep, &row), ACCESS_SWEEP_END);
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_cell_is_the_evaluators),
                cmocka_unit_test(test_too_many_groups),
                cmocka_unit_test(test_nothing_to_sweep),
        };

        return cmocka_run_group_tests_name("access-sweep", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluate: against a slow evaluator written the other way round, over organisations made by
 * chance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/access/evaluate.h"
#include "tests/unit/access/world.h"

enum {
        ROUNDS = 400,
        CHANGES = 12,
};

/* The other evaluator: identities in a row of three values, one bit at a time, tokens from above.
 */

typedef enum Belongs {
        OUT,
        PERHAPS,
        IN,
} Belongs;

static bool may_be_in_entra(const World *world, int member) {
        return world->kind[member] == IDENTITY_USER || world->kind[member] == IDENTITY_ENTRA_GROUP;
}

static void belong(const World *world, int who, Belongs belongs[IDENTITIES]) {
        memset(belongs, 0, IDENTITIES * sizeof(*belongs));
        belongs[who] = IN;
        for (int round = 0; round < IDENTITIES * IDENTITIES; round++) {
                int member = round % IDENTITIES;

                for (int group = 0; group < IDENTITIES; group++) {
                        Belongs through = OUT;
                        bool open = !world->members_known[group];
                        bool is_entra = world->kind[group] == IDENTITY_ENTRA_GROUP;
                        bool is_devops =
                                world->kind[group] == IDENTITY_GROUP || group == GROUP_STRANGER;

                        if (belongs[member] == OUT || group == member)
                                continue;
                        if (world->in[member][group])
                                through = belongs[member];
                        else if (open && is_devops && !world->containers_known[member])
                                through = PERHAPS;
                        else if (open && is_entra && may_be_in_entra(world, member))
                                through = PERHAPS;
                        if (through > belongs[group])
                                belongs[group] = through;
                }
        }
}

static int parent_of(int token) {
        static const int parents[TOKENS] = {-1, 0, 1, 1, 2, 4, 5, 6, 3};

        return parents[token];
}

/* Outcomes that are possible: bit 0 allowed, bit 1 denied or not set. */
static unsigned outcomes(const World *world, const Belongs belongs[IDENTITIES], int token,
                         uint32_t bit) {
        bool allowed[3] = {false};
        bool denied[3] = {false};
        unsigned above = 2;
        unsigned here = 0;

        if (token < 0)
                return 2;
        if (!world->has_list[token] || world->inherit[token])
                above = outcomes(world, belongs, parent_of(token), bit);
        if (!world->has_list[token])
                return above;
        for (int i = 0; i < IDENTITIES; i++) {
                allowed[belongs[i]] |= (world->allow[token][i] & bit) != 0;
                denied[belongs[i]] |= (world->deny[token][i] & bit) != 0;
        }
        if (denied[IN])
                return 2;
        if (denied[PERHAPS])
                here |= 2;
        if (allowed[IN] || allowed[PERHAPS])
                here |= 1;
        return allowed[IN] ? here : here | above;
}

static void compare(AccessView *view, const World *world, Mem *mem) {
        for (int who = 0; who < IDENTITIES - STRANGERS; who++) {
                AccessSubject *subject = access_subject_new(mem, view, (Index)who);
                Belongs belongs[IDENTITIES];

                belong(world, who, belongs);
                for (int token = 0; token < TOKENS; token++) {
                        AccessMasks masks =
                                access_evaluate(view, subject, NAMESPACE_GIT, tokens[token]);

                        assert_int_equal(masks.allow & masks.deny, 0);
                        assert_int_equal((masks.allow | masks.deny) & masks.unknown, 0);
                        for (uint32_t bit = 1; bit < 1 << BITS; bit <<= 1) {
                                unsigned possible = outcomes(world, belongs, token, bit);

                                assert_int_equal((masks.allow & bit) != 0, possible == 1);
                                assert_int_equal((masks.unknown & bit) != 0, possible == 3);
                        }
                }
                mem_free(subject);
        }
}

static void test_equals_the_slow_one(void **state) {
        for (uint64_t round = 1; round <= ROUNDS; round++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "round");
                World world;

                chance_seed(round * 0x9E3779B97F4A7C15);
                world = make_world(round % 2 ? CERTAIN : DOUBTFUL);
                compare(access_view_new(mem, make_organisation(mem, &world)), &world, mem);
                mem_free(mem);
        }
}

/* One change, in the world and over the view. */
static void change(World *world, AccessView *view) {
        int token = (int)chance(TOKENS);
        int one = (int)chance(IDENTITIES);
        int group = PEOPLE + (int)chance(GROUPS);
        AccessControlEntry entry = {(Index)one, chance(2) ? chance(1 << BITS) : 0,
                                    chance(2) ? chance(1 << BITS) : 0};

        switch (chance(4)) {
        case 0:
                world->allow[token][one] = entry.allow;
                world->deny[token][one] = entry.deny;
                world->inherit[token] |= !world->has_list[token];
                world->has_list[token] = true;
                access_view_set_entry(view, NAMESPACE_GIT, tokens[token], entry);
                return;
        case 1:
                world->inherit[token] = chance(2);
                world->has_list[token] = true;
                access_view_set_inherit(view, NAMESPACE_GIT, tokens[token], world->inherit[token]);
                return;
        case 2:
                if (one == group)
                        return;
                world->in[one][group] = true;
                access_view_add_member(view, (Index)group, (Index)one);
                return;
        default:
                world->in[one][group] = false;
                access_view_remove_member(view, (Index)group, (Index)one);
                return;
        }
}

/* Direct edges, both ways, sorted. */
static void compare_edges(AccessView *view, const World *world) {
        for (Index i = 0; i < IDENTITIES; i++) {
                size_t n_members = 0;
                size_t n_containers = 0;
                size_t at_member = 0;
                size_t at_container = 0;
                bool known = false;
                const Index *members = access_view_members(view, i, &n_members, &known);
                const Index *containers = NULL;

                assert_int_equal(known, world->members_known[i]);
                containers = access_view_containers(view, i, &n_containers, &known);
                assert_int_equal(known, world->containers_known[i]);
                for (Index j = 0; j < IDENTITIES; j++) {
                        if (world->in[j][i])
                                assert_int_equal(members[at_member++], j);
                        if (world->in[i][j])
                                assert_int_equal(containers[at_container++], j);
                }
                assert_int_equal(at_member, n_members);
                assert_int_equal(at_container, n_containers);
        }
}

/* A view with overlays says what an organisation says in which the same was changed. */
static void test_overlays_are_changes(void **state) {
        for (uint64_t round = 1; round <= ROUNDS; round++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "round");
                AccessView *view = NULL;
                World world;

                chance_seed(round * 0xD1B54A32D192ED03);
                world = make_world(CERTAIN);
                view = access_view_new(mem, make_organisation(mem, &world));
                for (int i = 0; i < CHANGES; i++) {
                        change(&world, view);
                        compare(view, &world, mem);
                        compare_edges(view, &world);
                }
                compare(access_view_new(mem, make_organisation(mem, &world)), &world, mem);
                mem_free(mem);
        }
}

static Index row_of(const Organisation *live, const char *name) {
        Index row = organisation_find_person(live, name);

        return row != INDEX_NONE ? row : organisation_find_group(live, INDEX_NONE, name);
}

/* Each step of the path is a membership; the last stands for the entry. */
static void check_path(const Organisation *live, const World *world,
                       const AccessExplanation *explanation) {
        for (size_t i = 0; i + 2 < explanation->n_path; i++)
                assert_true(world->in[row_of(live, explanation->path[i])]
                                     [row_of(live, explanation->path[i + 1])]);
}

static void check_explanation(AccessView *view, const World *world, Index who, const char *token) {
        const Organisation *live = access_view_organisation(view);
        AccessSubject *subject = access_subject_new(NULL, view, who);
        AccessMasks masks = access_evaluate(view, subject, NAMESPACE_GIT, token);
        AccessExplanation *explanation =
                access_explain(subject, view, subject, NAMESPACE_GIT, token, 2);

        assert_int_equal(explanation->answer == ACCESS_OPEN, (masks.allow & 2) != 0);
        assert_int_equal(explanation->answer == ACCESS_UNKNOWN, (masks.unknown & 2) != 0);
        assert_non_null(explanation->reason);
        if (explanation->holder == INDEX_NONE) {
                assert_int_equal(explanation->answer, ACCESS_CLOSED);
                assert_int_equal(masks.deny & 2, 0);
        } else {
                Index acl = organisation_find_acl(live, NAMESPACE_GIT, explanation->token);
                const AccessControlEntry *entry =
                        acl_find_entry(&live->acls[acl], explanation->holder);

                assert_string_equal(explanation->path[0], access_view_display(view, who));
                if (explanation->answer == ACCESS_UNKNOWN)
                        assert_true((entry->allow | entry->deny) & 2);
                else
                        assert_true(
                                (explanation->answer == ACCESS_OPEN ? entry->allow : entry->deny) &
                                2);
                if (explanation->answer != ACCESS_UNKNOWN)
                        check_path(live, world, explanation);
        }
        mem_free(subject);
}

/* Every answer is explained: the path begins at the subject and ends at an entry that says so. */
static void test_explanations_agree(void **state) {
        for (uint64_t round = 1; round <= ROUNDS; round++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "round");
                AccessView *view = NULL;
                World world;

                chance_seed(round * 0x2545F4914F6CDD1D);
                world = make_world(round % 2 ? CERTAIN : DOUBTFUL);
                view = access_view_new(mem, make_organisation(mem, &world));
                for (Index who = 0; who < IDENTITIES - STRANGERS; who++)
                        check_explanation(view, &world, who, tokens[6 + round % 2]);
                mem_free(mem);
        }
}

static void test_bounds(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "bounds");
        World world = make_world(CERTAIN);
        AccessView *view = access_view_new(mem, make_organisation(mem, &world));
        AccessSubject *subject = access_subject_new(mem, view, 0);
        char token[ACCESS_TOKEN_MAX + 2];

        /* deeper than ACCESS_LEVELS_MAX */
        memset(token, '/', sizeof(token));
        for (size_t i = 0; i < 2 * ACCESS_LEVELS_MAX + 2; i += 2)
                token[i] = 'a';
        token[2 * ACCESS_LEVELS_MAX + 1] = '\0';
        assert_int_equal(access_evaluate(view, subject, NAMESPACE_GIT, token).unknown, UINT32_MAX);
        assert_int_equal(access_explain(mem, view, subject, NAMESPACE_GIT, token, 1)->answer,
                         ACCESS_UNKNOWN);
        /* the deepest that is looked at */
        token[2 * ACCESS_LEVELS_MAX - 1] = '\0';
        assert_int_equal(access_evaluate(view, subject, NAMESPACE_GIT, token).unknown, 0);
        /* longer than ACCESS_TOKEN_MAX */
        memset(token, 'a', sizeof(token));
        token[ACCESS_TOKEN_MAX + 1] = '\0';
        assert_int_equal(access_evaluate(view, subject, NAMESPACE_GIT, token).unknown, UINT32_MAX);
        token[ACCESS_TOKEN_MAX] = '\0';
        assert_int_equal(access_evaluate(view, subject, NAMESPACE_GIT, token).unknown, 0);
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_equals_the_slow_one),
                cmocka_unit_test(test_overlays_are_changes),
                cmocka_unit_test(test_explanations_agree),
                cmocka_unit_test(test_bounds),
        };

        return cmocka_run_group_tests_name("access-evaluate", tests, NULL, NULL);
}

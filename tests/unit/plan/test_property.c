/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what holds of every plan, over charters and organisations made from a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/apply.h"
#include "tests/unit/plan/case.h"
#include "tests/unit/plan/chance.h"

enum {
        SEEDS = 400,
        ROUNDS_MAX = 6, /* architecture.md, Planning again */
        TEAMS = 4,
        SHARE_OF_CHARTERS = 2, /* at least one of so many must be free of mistakes */
};

/* --- a charter
 * ------------------------------------------------------------------------------------------------------
 */

static const char *const policies[] = {"ignore", "report", "remove"};
static const char *const grants_policies[] = {"exact", "exact", "report", "additive"};
typedef struct Where {
        const char *at;
        const char *const *words;
        size_t n_words;
} Where;
#define WHERE(at, words) {(at), (words), sizeof(words) / sizeof *(words)}

/* clang-format off: one row a line */
static const Where wheres[] = {
        WHERE("project", project_words),
        WHERE("{ repositories: root }", repository_words),
        WHERE("{ repositories: [two] }", repository_words),
        WHERE("own", repository_words),
        WHERE("{ repositories: own }", repository_words),
        WHERE("{ areas: { owned_by: Team 0 } }", area_words),
        WHERE("{ branches: { repository: two, names: [main, next/] } }", repository_words),
        WHERE("{ branches: { repository: two, names: [Main] } }", repository_words),
        WHERE("{ branches: root }", repository_words),
        WHERE("{ pipelines: [One/build, top] }", folder_words),
        WHERE("{ iterations: root }", iteration_words),
        WHERE("{ iterations: { owned_by: Team 1 } }", iteration_words),
        WHERE("{ queries: [One/Open, Two] }", query_words),
        WHERE("{ queries: root }", query_words),
        WHERE("{ tagging: root }", tagging_words),
        WHERE("organization", organization_words),
};
/* clang-format on */

static const char *words_for(Mem *mem, Chance *chance, const Where *where) {
        const char *word = pick(chance, where->words, where->n_words);

        if (strcmp(where->at, "own") != 0)
                return word;
        return mem_printf(mem, "%s, %s", word, PICK(chance, area_words));
}

static void put_rule(Mem *mem, Chance *chance, Text *text) {
        const Where *where = &wheres[roll(chance, sizeof wheres / sizeof *wheres)];

        switch (roll(chance, 3)) {
        case 0:
                text_appendf(text, "          - { at: %s, allow: [%s] }\n", where->at,
                             words_for(mem, chance, where));
                break;
        case 1:
                text_appendf(text, "          - { at: %s, deny: [%s] }\n", where->at,
                             words_for(mem, chance, where));
                break;
        default:
                text_appendf(text, "          - { at: %s, same_as: { group: %s, from: %s } }\n",
                             where->at,
                             roll(chance, 2) ? "Contributors" : "Readers",
                             roll(chance, 3) ? "root" : "artefact");
                break;
        }
}

static const char *const owned_by_team[TEAMS] = {
        "{ repositories: [one], areas: [One] }",
        "{ repositories: [two, three], pipeline_folders: [One], areas: [One/Deep], iterations: [One, One/New] }",
        "{ repositories: [{ name: new, inherit: true }], pipeline_folders: [One/Deep/New], queries: [One, Fresh/Open] }",
        "{ areas: [Fresh/Inner], pipeline_folders: [Fresh] }",
};

static void put_team(Mem *mem, Chance *chance, Text *text, unsigned team) {
        text_appendf(text, "      Team %u:\n        owns: %s\n", team, owned_by_team[team]);
        if (roll(chance, 3))
                text_appendf(text, "        members: [%s%s]\n", PICK(chance, people),
                             team < 2 && roll(chance, 3) == 0 ? ", { group: Team 3 }" : "");
        if (roll(chance, 3) == 0)
                text_appendf(text, "        admins: [%s]\n", PICK(chance, people));
        if (team != 3 && roll(chance, 2))
                text_appendf(text, "        member_of: [%s]\n", roll(chance, 2) ? "Readers" : "");
        text_appendf(text, "        confined: %s\n", roll(chance, 2) ? "true" : "false");
        if (roll(chance, 5) == 0)
                return;
        text_appendf(text, "        grants_policy: %s\n        grants:\n",
                     PICK(chance, grants_policies));
        for (unsigned n = 1 + roll(chance, 3); n > 0; n--)
                put_rule(mem, chance, text);
}

static const char *make_charter(Mem *mem, Chance *chance) {
        static const char *const keys[] = {"unlisted_grants", "below", "unlisted_members",
                                           "unlisted_memberships", "unlisted_areas"};
        Text text;

        text_init(&text, mem);
        text_append(&text, "charter: 1\norganization: https://dev.azure.com/contoso\ndefaults:\n");
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
                text_appendf(&text, "  %s: %s\n", keys[i], PICK(chance, policies));
        text_append(&text, "projects:\n  Shop:\n");
        if (roll(chance, 2))
                text_append(
                        &text,
                        "    groups:\n      Readers: { grants: [{ at: { repositories: root }, allow: [Read] }] }\n");
        text_append(&text, "    teams:\n");
        for (unsigned i = 0; i < TEAMS; i++)
                if (i == 0 || roll(chance, 4))
                        put_team(mem, chance, &text, i);
        return text.data;
}

/* --- what holds of every plan
 * --------------------------------------------------------------------------------------- */

typedef struct Trial {
        Mem *mem;
        unsigned seed;
        const char *charter;
        Organisation *live;
        PlanSpec spec;
} Trial;

static void complain(const Trial *trial, const Plan *plan, const Step *step, const char *what) {
        Text text;

        text_init(&text, trial->mem);
        if (step)
                step_describe(plan, step, &text);
        text_append(&text, "\n");
        plan_print_text(plan, PRINT_PLAIN, &text);
        fail_msg("seed %u: %s: %s\n%s", trial->seed, what, text.data, trial->charter);
}

static bool is_declared(const Trial *trial, Index identity) {
        const Identity *group = &trial->live->identities[identity];

        return group->kind == IDENTITY_GROUP && group->project != INDEX_NONE &&
               desired_find_principal(&trial->spec.desired->projects[0], group->name);
}

/* Written down here anew: charter.md, except. */
static bool is_exempt(const Identity *identity) {
        return identity->kind == IDENTITY_UNKNOWN || identity->kind == IDENTITY_SERVICE ||
               identity->role == IDENTITY_ROLE_ADMINISTRATORS ||
               identity->role == IDENTITY_ROLE_VALID_USERS;
}

static bool is_within(uint32_t part, uint32_t whole) {
        return (part & ~whole) == 0;
}

static void check_entry(const Trial *trial, const Plan *plan, const Step *step) {
        Index who = step->principal.identity;
        bool is_self = who == trial->live->self_identity;

        if (step->rank == RANK_GIVE && (!is_within(step->allow_before, step->allow_after) ||
                                        !is_within(step->deny_after, step->deny_before)))
                complain(trial, plan, step, "a step that gives takes");
        if (step->rank == RANK_TAKE && (!is_within(step->allow_after, step->allow_before) ||
                                        !is_within(step->deny_after, step->deny_before)))
                complain(trial, plan, step, "a step that takes gives");
        if (who == INDEX_NONE || is_declared(trial, who))
                return;
        if (step->deny_after != step->deny_before)
                complain(trial, plan, step, "a Deny of somebody who is not listed changes");
        if (step->rank != RANK_TAKE)
                complain(trial, plan, step, "somebody who is not listed is given something");
        if (!is_self && is_exempt(&trial->live->identities[who]))
                complain(trial, plan, step, "somebody exempt loses something");
        if (step->at_root || step->kind == KIND_PROJECT)
                complain(trial, plan, step, "somebody who is not listed loses something at a root");
        if (!is_self && step->is_own_trace)
                complain(trial, plan, step, "somebody else's entry is called charterd's own");
}

static void check_steps(const Trial *trial, const Plan *plan) {
        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];

                if (i > 0 && step->rank < plan->steps[i - 1].rank)
                        complain(trial, plan, step, "out of order");
                if (step->state == STEP_WAITING)
                        continue;
                if (step_is_entry(step))
                        check_entry(trial, plan, step);
                if (step->verb == STEP_REMOVE_MEMBER && !step->is_own_trace &&
                    !is_declared(trial, step->principal.identity) &&
                    is_exempt(&trial->live->identities[step->principal.identity]))
                        complain(trial, plan, step, "somebody exempt is taken out");
        }
}

static void check_round_trip(Trial *trial) {
        const Plan *plan = NULL;

        for (size_t round = 0; round < ROUNDS_MAX; round++) {
                plan = plan_new(trial->mem, &trial->spec);
                check_steps(trial, plan);
                if (apply_plan(trial->live, plan, &trial->spec, trial->mem, APPLY_HELD_TOO) == 0)
                        break;
        }
        plan = plan_new(trial->mem, &trial->spec);
        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state != STEP_WAITING)
                        complain(trial, plan, &plan->steps[i], "left after all was done");
}

static void check_sameness(const Trial *trial) {
        Text x, y;

        text_init(&x, trial->mem);
        text_init(&y, trial->mem);
        plan_print_json(plan_new(trial->mem, &trial->spec), &x);
        plan_print_json(plan_new(trial->mem, &trial->spec), &y);
        assert_string_equal(x.data, y.data);
}

/* False: the charter has mistakes, as some do that chance makes. */
static bool try_seed(unsigned seed) {
        Trial trial = {.mem = mem_alloc_zero(NULL, 1, "trial"), .seed = seed};
        Chance chance = chance_of(seed);
        const char *live = chance_live(trial.mem, &chance);
        Desired *desired;

        trial.charter = make_charter(trial.mem, &chance);
        desired = case_try_charter(trial.mem, trial.charter, strlen(trial.charter));
        if (desired) {
                trial.live = live_parse(trial.mem, live, strlen(live), "live.json");
                trial.spec = case_spec(desired, trial.live);
                check_sameness(&trial);
                check_round_trip(&trial);
        }
        mem_free(trial.mem);
        return desired;
}

static void test_seeds(void **state) {
        unsigned n = 0;

        for (unsigned seed = 0; seed < SEEDS; seed++)
                n += try_seed(seed);
        assert_true(n >= SEEDS / SHARE_OF_CHARTERS);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_seeds),
        };

        return cmocka_run_group_tests_name("plan-property", tests, NULL, NULL);
}

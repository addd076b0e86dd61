/* SPDX-License-Identifier: Apache-2.0 */
/* Plan: fixtures/plan/CASE/{charter.yaml,live.json,plan.txt}, planned, compared, carried out,
 * planned again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/apply.h"
#include "tests/unit/plan/case.h"

enum {
        ROUNDS_MAX = 6, /* architecture.md, Planning again */
};

static const char *const state_words[] = {
        [STEP_PENDING] = "", [STEP_HELD] = " held", [STEP_WAITING] = " waiting"};

/* What the text for people does not show: the order, and what the engine looks at. */
static void put_order(const Plan *plan, Text *text) {
        int rank = 0;

        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];

                text_appendf(text, "%s", (int)step->rank == rank ? ", " : i > 0 ? "\n" : "");
                if ((int)step->rank != rank)
                        text_appendf(text, "rank %d: ", step->rank);
                rank = (int)step->rank;
                text_appendf(text, "%s%s%s%s%s%s", step_verb_word(step->verb),
                             state_words[step->state], step->released ? " released" : "",
                             step->after_creation ? " after creation" : "",
                             step->is_own_trace ? " own trace" : "",
                             step->frees_leak ? " frees leak" : "");
        }
        if (plan->n_steps > 0)
                text_append(text, "\n");
        text_appendf(text, "exit %d, strict %d, broken %zu\n", plan_exit_code(plan, PLAN_LENIENT),
                     plan_exit_code(plan, PLAN_STRICT), plan->n_broken);
}

static void compare(Mem *mem, const char *folder, const Plan *plan) {
        const char *json = mem_printf(mem, "%s/plan.json", folder);
        Text text;

        text_init(&text, mem);
        plan_print_text(plan, PRINT_PLAIN, &text);
        text_append(&text, "---\n");
        put_order(plan, &text);
        golden_compare(mem_printf(mem, "%s/plan.txt", folder), text.data);
        if (access(json, R_OK) < 0)
                return;
        text_init(&text, mem);
        plan_print_json(plan, &text);
        golden_compare(json, text.data);
}

/* Equal inputs, equal plan. */
static void compare_twice(Mem *mem, const PlanCase *one, const Plan *plan) {
        const Plan *again = plan_new(mem, &one->spec);
        Text x, y;

        text_init(&x, mem);
        text_init(&y, mem);
        plan_print_json(plan, &x);
        plan_print_json(again, &y);
        assert_string_equal(x.data, y.data);
}

/* What the plan would do is done: then nothing is left to do. */
static void carry_out(Mem *mem, const char *folder, PlanCase *one) {
        PlanSpec spec = one->spec;
        const Plan *plan = NULL;
        size_t n_done = 0;
        Text text;

        for (size_t round = 0; round < ROUNDS_MAX; round++) {
                plan = plan_new(mem, &spec);
                n_done = apply_plan(one->live, plan, &spec, mem, APPLY_HELD_TOO);
                if (n_done == 0)
                        break;
        }
        for (size_t i = 0; i < plan->n_steps; i++) {
                if (plan->steps[i].state == STEP_WAITING || plan->steps[i].project == INDEX_NONE)
                        continue;
                text_init(&text, mem);
                plan_print_text(plan, PRINT_PLAIN, &text);
                fail_msg("%s: this is left after all was done:\n%s", folder, text.data);
        }
}

static void put_all(const Plan *plan, Text *text) {
        plan_print_text(plan, PRINT_PLAIN, text);
        plan_print_json(plan, text);
        put_order(plan, text);
}

/* One that is kept says the same when what it was made from is gone. */
static void compare_kept(Mem *mem, const char *folder) {
        PlanCase *one = case_read(mem, folder);
        Plan *plan = plan_new(mem, &one->spec);
        Plan *kept = plan_keep(mem, plan);
        Text x, y;

        text_init(&x, mem);
        text_init(&y, mem);
        put_all(plan, &x);
        mem_free(plan);
        one->live = mem_free(one->live);
        put_all(kept, &y);
        assert_string_equal(x.data, y.data);
}

/* Projects planned one after another, each of them alone, say together what one plan of all says. */
static void compare_merged(Mem *mem, const PlanCase *one, const Plan *plan) {
        const Desired *desired = one->spec.desired;
        Plan *merged = plan_new_unread(mem, desired, one->spec.mode);
        Text x, y;

        if (one->spec.only_project)
                return;
        assert_int_equal(plan_n_unread(merged), desired->n_projects);
        assert_int_equal(plan_exit_code(merged, PLAN_STRICT), desired->n_projects > 0);
        for (size_t i = 0; i < desired->n_projects; i++) {
                PlanSpec spec = one->spec;
                Plan *older = merged, *alone;

                spec.only_project = desired->projects[i].name;
                alone = plan_new(mem, &spec);
                merged = plan_merge(mem, older, alone);
                mem_free(older);
                mem_free(alone);
                assert_int_equal(plan_n_unread(merged), desired->n_projects - 1 - i);
                assert_int_equal(plan_is_whole(merged), i + 1 == desired->n_projects);
        }
        text_init(&x, mem);
        text_init(&y, mem);
        put_all(plan, &x);
        put_all(merged, &y);
        if (desired->n_projects > 0)
                assert_string_equal(x.data, y.data);
}

/* One that could not be read in its turn: what was planned for it is not shown, the rest stands. */
static void compare_failed(Mem *mem, const PlanCase *one, const Plan *plan) {
        const Desired *desired = one->spec.desired;
        Plan *merged;

        if (one->spec.only_project || desired->n_projects == 0)
                return;
        merged = plan_merge(mem, plan_new_unread(mem, desired, one->spec.mode), plan);
        plan_fail_project(merged, desired->projects[0].name, "no connection");
        assert_int_equal(merged->projects[0].state, PLAN_FAILED);
        assert_string_equal(merged->projects[0].error, "no connection");
        assert_int_equal(plan_exit_code(merged, PLAN_LENIENT), 1);
        for (size_t i = 0; i < merged->n_steps; i++)
                assert_false(text_equal(merged->steps[i].project_name, desired->projects[0].name));
        if (desired->n_projects == 1)
                assert_int_equal(merged->n_broken, 0);
        if (desired->n_projects == 1 && !merged->shrank)
                assert_string_equal(merged->plan_id, "");
}

static void run_case(const char *folder) {
        Mem *mem = mem_alloc_zero(NULL, 1, "case");
        PlanCase *one = case_read(mem, folder);
        const Plan *plan = plan_new(mem, &one->spec);

        compare(mem, folder, plan);
        compare_twice(mem, one, plan);
        compare_kept(mem, folder);
        compare_merged(mem, one, plan);
        compare_failed(mem, one, plan);
        carry_out(mem, folder, one);
        mem_free(mem);
}

static void test_cases(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "cases");
        size_t n = 0;
        const char **folders = golden_list(mem, "charter.yaml", &n);

        for (size_t i = 0; i < n; i++)
                run_case(folders[i]);
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
        };

        return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Sight: since when steps are seen, what brought them, over passes and over a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "daemon/engine/sight.h"
#include "tests/unit/access/charter.h"

enum {
        MINUTE = 60 * 1000,
        STEPS_MAX = SIGHTS_MAX + 10,
};

static Mem *mem;
static Sights *sights;
static Desired desired;
static PlanProject projects[2];
static Step *steps;
static Plan plan;

static DesiredProject *project_of(DesiredProject *row, const char *name, const char *team) {
        DesiredProject *project = charter_project(mem, name);

        charter_own(mem, charter_team(mem, project, team), KIND_REPOSITORY, "red");
        *row = *project;
        return row;
}

static int setup(void **state) {
        mem = mem_new(NULL, char);
        sights = sights_new(mem);
        desired = (Desired){.organization = "https://dev.azure.com/contoso", .n_projects = 2};
        desired.projects = mem_new_array(mem, DesiredProject, 2);
        project_of(&desired.projects[0], "MLOps", "Red");
        project_of(&desired.projects[1], "Shop", "Till");
        memset(desired.sha256, 'a', sizeof desired.sha256 - 1);
        projects[0] = (PlanProject){.name = "MLOps", .state = PLAN_PENDING};
        projects[1] = (PlanProject){.name = "Shop", .state = PLAN_PENDING};
        steps = mem_new_array(mem, Step, STEPS_MAX);
        plan = (Plan){.desired = &desired, .steps = steps, .projects = projects, .n_projects = 2};
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static Step step_of(unsigned number, const char *project) {
        Step step = {.project_name = project, .kind = KIND_REPOSITORY, .name = "red"};

        snprintf(step.id, sizeof step.id, "%012x", number);
        return step;
}

static void clear_plan(void) {
        plan.n_steps = 0;
}

static const Step *add_step(unsigned number, const char *project) {
        steps[plan.n_steps] = step_of(number, project);
        return &steps[plan.n_steps++];
}

static void assert_sight(unsigned number, const char *project, int64_t minute, SightOrigin origin) {
        Step step = step_of(number, project);
        Sight sight = sights_find(sights, &step);

        assert_int_equal(sight.seen, minute * MINUTE);
        assert_int_equal(sight.origin, origin);
}

/* What the ledger is told. */
static char *record(void) {
        Text text;

        text_init(&text, mem);
        sights_write(sights, &(SightsRecord){"pass", desired.organization, &plan}, &text);
        return text.data;
}

static size_t count(const char *text, const char *word) {
        size_t n = 0;

        for (; (text = strstr(text, word)); text += strlen(word))
                n++;
        return n;
}

/* Another process reads what this one recorded. */
static void restart(const char *lines) {
        sights = sights_new(mem);
        while (*lines) {
                size_t n = strcspn(lines, "\n");
                const char *reason = NULL;
                JsonNode *node = NULL;

                assert_int_equal(json_parse(mem, lines, n, &node, &reason), 0);
                sights_restore(sights, node);
                lines += n + (lines[n] == '\n');
        }
}

static void test_charter_then_drift(void **state) {
        add_step(1, "MLOps");
        sights_take_plan(sights, &plan, 1 * MINUTE);
        assert_sight(1, "MLOps", 1, SIGHT_CHARTER);
        add_step(2, "MLOps");
        sights_take_plan(sights, &plan, 2 * MINUTE);
        assert_sight(1, "MLOps", 1, SIGHT_CHARTER);
        assert_sight(2, "MLOps", 2, SIGHT_DRIFT);
        /* Another charter: what is new came with it, what was there stays what it was. */
        memset(desired.sha256, 'b', sizeof desired.sha256 - 1);
        add_step(3, "MLOps");
        sights_take_plan(sights, &plan, 3 * MINUTE);
        assert_sight(2, "MLOps", 2, SIGHT_DRIFT);
        assert_sight(3, "MLOps", 3, SIGHT_CHARTER);
}

static void test_own_trace_is_no_drift(void **state) {
        sights_take_plan(sights, &plan, 1 * MINUTE);
        add_step(1, "MLOps");
        steps[0].is_own_trace = true;
        sights_take_plan(sights, &plan, 2 * MINUTE);
        assert_sight(1, "MLOps", 2, SIGHT_CHARTER);
}

static void test_done_and_back(void **state) {
        sights_take_plan(sights, &plan, 1 * MINUTE);
        add_step(1, "MLOps");
        sights_take_plan(sights, &plan, 2 * MINUTE);
        sights_note_done(sights, &steps[0]);
        assert_string_equal(record(), ""); /* seen and done in one pass: its intent says all */
        sights_take_plan(sights, &plan, 3 * MINUTE);
        assert_sight(1, "MLOps", 3, SIGHT_DRIFT);
}

/* What was not read is not gone, nor planned by that charter. */
static void test_unread_project(void **state) {
        add_step(1, "MLOps");
        add_step(2, "Shop");
        sights_take_plan(sights, &plan, 1 * MINUTE);
        clear_plan();
        projects[1].state = PLAN_FAILED;
        memset(desired.sha256, 'b', sizeof desired.sha256 - 1);
        sights_take_plan(sights, &plan, 2 * MINUTE);
        projects[1].state = PLAN_PENDING;
        add_step(1, "MLOps");
        add_step(2, "Shop");
        add_step(3, "Shop");
        sights_take_plan(sights, &plan, 3 * MINUTE);
        assert_sight(1, "MLOps", 3, SIGHT_DRIFT);
        assert_sight(2, "Shop", 1, SIGHT_CHARTER);
        assert_sight(3, "Shop", 3, SIGHT_CHARTER);
}

static void test_restart(void **state) {
        char *lines;

        sights_take_plan(sights, &plan, 1 * MINUTE);
        add_step(7, "MLOps");
        add_step(5, "Shop");
        add_step(6, "MLOps");
        sights_take_plan(sights, &plan, 2 * MINUTE);
        lines = record();
        assert_non_null(strstr(lines, "\"team\": \"Red\""));
        assert_non_null(strstr(lines, "\"team\": \"Till\""));
        sights_end_record(sights, true);
        assert_string_equal(record(), ""); /* told once */
        sights_end_record(sights, true);
        restart(mem_printf(mem,
                           "{\"record\":\"pass\",\"charter_sha256\":\"%s\",\"project\":null,\"charter_projects\":"
                           "[\"MLOps\",\"Shop\"],\"unread\":[\"Shop\"]}\n%s",
                           desired.sha256, lines));
        add_step(8, "MLOps");
        add_step(9, "Shop");
        sights_take_plan(sights, &plan, 9 * MINUTE);
        assert_sight(7, "MLOps", 2, SIGHT_DRIFT);
        assert_sight(5, "Shop", 2, SIGHT_DRIFT);
        assert_sight(6, "MLOps", 2, SIGHT_DRIFT);
        assert_sight(8, "MLOps", 9, SIGHT_DRIFT);
        assert_sight(9, "Shop", 9, SIGHT_CHARTER);
        /* By themselves, or by charterd. */
        clear_plan();
        add_step(7, "MLOps");
        sights_take_plan(sights, &plan, 10 * MINUTE);
        sights_note_done(sights, &steps[0]);
        restart(mem_printf(mem, "%s%s", lines, record()));
        add_step(5, "Shop");
        add_step(6, "MLOps");
        sights_take_plan(sights, &plan, 11 * MINUTE);
        assert_sight(5, "Shop", 11, SIGHT_CHARTER);
        assert_sight(6, "MLOps", 11, SIGHT_CHARTER);
        assert_sight(7, "MLOps", 11, SIGHT_CHARTER);
}

static void test_what_could_not_be_recorded_is_told_again(void **state) {
        char *lines;

        sights_take_plan(sights, &plan, 1 * MINUTE);
        add_step(1, "MLOps");
        sights_take_plan(sights, &plan, 2 * MINUTE);
        lines = record();
        sights_end_record(sights, false);
        assert_string_equal(record(), lines);
        sights_end_record(sights, true);
        clear_plan();
        sights_take_plan(sights, &plan, 3 * MINUTE);
        lines = record();
        assert_non_null(strstr(lines, "\"went\": [\"000000000001\"]"));
        sights_end_record(sights, false);
        assert_string_equal(record(), lines);
}

/* More than are remembered: of what is beyond, in the end nothing is said. */
static void test_too_many(void **state) {
        char *lines;

        for (unsigned i = 0; i < STEPS_MAX; i++)
                add_step(i, "MLOps");
        sights_take_plan(sights, &plan, 1 * MINUTE);
        assert_sight(STEPS_MAX - 1, "MLOps", 1, SIGHT_CHARTER);
        lines = record();
        assert_int_equal(count(lines, "\"step\""), SIGHTS_MAX);
        assert_int_equal(count(lines, "\n"), (SIGHTS_MAX + SIGHTS_LINE_MAX - 1) / SIGHTS_LINE_MAX);
        sights_end_record(sights, true);
        sights_take_plan(sights, &plan, 2 * MINUTE);
        assert_sight(1, "MLOps", 1, SIGHT_CHARTER);
        assert_sight(STEPS_MAX - 1, "MLOps", 0, SIGHT_UNKNOWN);
        restart(lines);
        restart(mem_printf(mem, "%s%s", lines, lines));
        sights_take_plan(sights, &plan, 3 * MINUTE);
        assert_sight(1, "MLOps", 1, SIGHT_CHARTER);
}

static void test_damaged_records(void **state) {
        restart("{\"record\":\"sight\",\"came\":[{},7,{\"step\":\"x\"},{\"step\":\"1\",\"project\":\"MLOps\","
                "\"seen\":\"soon\"},{\"step\":\"ffffffffffffffffffffffff\",\"project\":\"\"}],\"went\":[7,null,\"zz\"]}\n"
                "{\"record\":\"pass\",\"charter_projects\":7}\n{\"record\":\"sight\",\"came\":7,\"went\":{}}\n{}\n");
        add_step(1, "MLOps");
        sights_take_plan(sights, &plan, 3 * MINUTE);
        assert_sight(1, "MLOps", 3, SIGHT_CHARTER);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_charter_then_drift, setup, teardown),
                cmocka_unit_test_setup_teardown(test_own_trace_is_no_drift, setup, teardown),
                cmocka_unit_test_setup_teardown(test_done_and_back, setup, teardown),
                cmocka_unit_test_setup_teardown(test_unread_project, setup, teardown),
                cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_could_not_be_recorded_is_told_again, setup, teardown),
                cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
                cmocka_unit_test_setup_teardown(test_damaged_records, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

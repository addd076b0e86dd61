/* SPDX-License-Identifier: Apache-2.0 */
/* Fight: when repairs of the same thing are one, and what is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/fight.h"

enum {
        MINUTE = 60 * 1000,
        MANY = 3 * FIGHT_ROWS_FIRST,
};

static Mem *mem;
static Fights *fights;

static int setup(void **state) {
        mem = mem_new(NULL, char);
        fights = fights_new(mem);
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

/* A repair of a place: in which pass, when, to what, from what. */
typedef struct Event {
        uint64_t pass;
        int64_t minute;
        uint64_t target;
        const char *description;
} Event;

static void note_at(uint64_t place, const Event *event) {
        fights_note(fights, &(Repair){.place = place,
                                      .target = event->target,
                                      .pass = event->pass,
                                      .wall = event->minute * MINUTE,
                                      .project = "MLOps",
                                      .what = "[MLOps]\\Red at repository red",
                                      .description = event->description ? event->description : "Read: allow -> not set"});
}

static size_t n_fights(int64_t minute) {
        size_t n;

        fights_list(mem, fights, minute * MINUTE, &n);
        return n;
}

typedef struct Case {
        const char *name;
        Event events[6];
        int64_t minute; /* at which it is looked */
        size_t n;       /* fights then */
} Case;

static const Case cases[] = {
        {"twice", {{1, 1}, {2, 2}}, 2, 0},
        {"three times", {{1, 1}, {2, 2}, {3, 3}}, 3, 1},
        {"an hour wide", {{1, 1}, {2, 31}, {3, 61}}, 61, 1},
        {"wider than an hour", {{1, 1}, {2, 31}, {3, 62}}, 62, 0},
        {"the last three count", {{1, 1}, {2, 31}, {3, 62}, {4, 90}}, 90, 1},
        {"an hour after the last", {{1, 1}, {2, 2}, {3, 3}}, 63, 1},
        {"longer ago", {{1, 1}, {2, 2}, {3, 3}}, 64, 0},
        {"a pause of more than an hour", {{1, 1}, {2, 2}, {3, 63}}, 63, 0},
        {"steps of one pass", {{1, 1}, {1, 1}, {2, 2}, {2, 2}}, 2, 0},
        {"steps of one pass, the last of which tells the target",
         {{1, 1, 7}, {1, 1, 5}, {2, 2, 8}, {2, 2, 5}, {3, 3, 9}, {3, 3, 5}}, 3, 1},
        {"another charter each time", {{1, 1, 1}, {2, 2, 2}, {3, 3, 1}, {4, 4, 2}}, 4, 0},
        {"another charter, then a fight", {{1, 1, 1}, {2, 2, 2}, {3, 3, 2}, {4, 4, 2}}, 4, 1},
};

static void test_when_it_is_one(void **state) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                const Case *one = &cases[i];

                mem_free(fights);
                fights = fights_new(mem);
                for (size_t k = 0; k < sizeof one->events / sizeof *one->events && one->events[k].pass; k++)
                        note_at(/* place= */ 1, &one->events[k]);
                if (n_fights(one->minute) != one->n)
                        fail_msg("%s: not %zu fights", one->name, one->n);
        }
}

static void test_what_is_told(void **state) {
        static const char *const values[] = {"of the first repair", "a", "b", "a", "c", "d", "e", "f"};
        const PlanFight *list;
        size_t n;

        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
                note_at(1, &(Event){i + 1, (int64_t)i, 0, values[i]});
        list = fights_list(mem, fights, 10 * MINUTE, &n);
        assert_int_equal(n, 1);
        assert_string_equal(list->project, "MLOps");
        assert_string_equal(list->what, "[MLOps]\\Red at repository red");
        assert_non_null(strstr(list->detail, "repaired 8 times since 1970-01-01T00:00:00.000Z, "
                                             "the last time at 1970-01-01T00:07:00.000Z"));
        assert_non_null(strstr(list->detail, ": a | b | c | d | e;"));
}

/* Places do not disturb one another, and what is over is not kept. */
static void test_many_places(void **state) {
        size_t before;

        for (uint64_t pass = 1; pass <= FIGHT_REPAIRS; pass++)
                for (uint64_t place = 1; place <= MANY; place++)
                        if (place % 2 == 0 || pass == 1)
                                note_at(place, &(Event){pass, (int64_t)pass});
        assert_int_equal(n_fights(3), MANY / 2);
        before = mem_total(fights);
        for (int64_t minute = 100; minute < 100 + 20 * 61; minute += 61)
                for (uint64_t place = 1; place <= MANY; place++)
                        note_at(place + (uint64_t)minute * MANY, &(Event){(uint64_t)minute, minute});
        assert_true(mem_total(fights) < before * 2);
        assert_int_equal(n_fights(100 + 20 * 61), 0);
}

static bool read_intent(const char *text, Repair *repair) {
        const char *reason;
        JsonNode *node;

        assert_int_equal(json_parse(mem, text, strlen(text), &node, &reason), 0);
        return repair_of_intent(node, repair);
}

#define INTENT(masks, after, project)                                                              \
        "{\"project\": \"" project "\", \"pass\": \"p\", \"what\": \"[MLOps]\\\\Red at repository red\", "     \
        "\"description\": \"d\", " masks "\"step\": {\"after\": " after "}}"

static void test_records_and_steps_agree(void **state) {
        Step step = {.verb = STEP_SET_ENTRY, .project_name = "MLOps", .space = NAMESPACE_GIT, .allow_after = 6, .deny_after = 1};
        Repair of_step, of_record;

        assert_true(repair_of_step(&step, "[MLOps]\\Red at repository red", "d", &of_step));
        assert_true(read_intent(INTENT("\"masks_after\": {\"allow\": 6, \"deny\": 1}, ", "null", "MLOps"), &of_record));
        assert_int_equal(of_step.place, of_record.place);
        assert_int_equal(of_step.target, of_record.target);
        assert_true(read_intent(INTENT("\"masks_after\": {\"allow\": 7, \"deny\": 1}, ", "null", "Lab"), &of_record));
        assert_int_not_equal(of_step.place, of_record.place);
        assert_int_not_equal(of_step.target, of_record.target);

        step = (Step){.verb = STEP_REMOVE_MEMBER, .project_name = "MLOps", .space = -1};
        assert_true(repair_of_step(&step, "[MLOps]\\Red at repository red", "d", &of_step));
        assert_true(read_intent(INTENT("", "\"not a member\"", "MLOps"), &of_record));
        assert_int_equal(of_step.target, of_record.target);

        assert_false(read_intent("{\"project\": \"MLOps\", \"pass\": \"p\"}", &of_record));
        assert_false(read_intent(INTENT("\"masks_after\": {\"allow\": -1, \"deny\": 1}, ", "null", "Lab"), &of_record));
        step.verb = STEP_CREATE;
        assert_false(repair_of_step(&step, "w", "d", &of_step));
        step = (Step){.verb = STEP_REMOVE_ENTRY, .project_name = "MLOps", .is_own_trace = true};
        assert_false(repair_of_step(&step, "w", "d", &of_step));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_when_it_is_one, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_is_told, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_places, setup, teardown),
                cmocka_unit_test_setup_teardown(test_records_and_steps_agree, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

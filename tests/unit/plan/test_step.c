/* SPDX-License-Identifier: Apache-2.0 */
/* Step: what a step is called, how it is told, how it is written for programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/apply.h"
#include "tests/unit/plan/case.h"

static Mem *mem;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

#define SHOP \
        "charter: 1\norganization: https://dev.azure.com/contoso\nprojects:\n  Shop:\n    teams:\n"

static PlanCase *read_case(const char *name) {
        return case_read(mem, mem_printf(mem, FIXTURES "/%s", name));
}

static const Step *find_step(const Plan *plan, StepVerb verb, const char *name) {
        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].verb == verb && strcmp(plan->steps[i].name, name) == 0)
                        return &plan->steps[i];
        fail_msg("no step %s of `%s`", step_verb_word(verb), name);
        return NULL;
}

/* --- ids ----------------------------------------------------------------------------------------
 */

static bool is_id(const char *id) {
        return strlen(id) == 12 && strspn(id, "0123456789abcdef") == 12;
}

static void test_ids_differ(void **state) {
        const Plan *plan = plan_new(mem, &read_case("new-team")->spec);

        assert_true(plan->n_steps > 10);
        for (size_t i = 0; i < plan->n_steps; i++) {
                assert_true(is_id(plan->steps[i].id));
                for (size_t k = 0; k < i; k++)
                        assert_string_not_equal(plan->steps[i].id, plan->steps[k].id);
        }
}

/* What a creation gives has no part in an id: it is the same before and after. */
static void test_ids_outlive_creations(void **state) {
        PlanCase *one = read_case("new-team");
        const Plan *plan = plan_new(mem, &one->spec);
        const Step *before = find_step(plan, STEP_SET_ENTRY, "blue");
        const Step *member = find_step(plan, STEP_ADD_MEMBER, "Blue");
        const Plan *next = NULL;

        assert_null(before->token);
        assert_true(before->after_creation);
        apply_plan(one->live, plan, &one->spec, mem, APPLY_PENDING);
        next = plan_new(mem, &one->spec);
        assert_non_null(find_step(next, STEP_SET_ENTRY, "blue")->token);
        assert_string_equal(find_step(next, STEP_SET_ENTRY, "blue")->id, before->id);
        assert_string_equal(find_step(next, STEP_ADD_MEMBER, "Blue")->id, member->id);
}

/* The same steps held, the same PLAN-ID; one fewer, another; each released by itself. */
static void test_plan_id(void **state) {
        PlanCase *one = read_case("brake-removals-share-above");
        const Plan *plan = plan_new(mem, &one->spec);
        const Plan *again = plan_new(mem, &one->spec);
        const char *released[1] = {plan->steps[0].id};
        const Plan *less = NULL;

        assert_true(is_id(plan->plan_id));
        assert_string_equal(plan->plan_id, again->plan_id);
        one->spec.released = released;
        one->spec.n_released = 1;
        less = plan_new(mem, &one->spec);
        assert_true(less->steps[0].released);
        assert_int_equal(less->steps[0].state, STEP_PENDING);
        assert_int_equal(less->steps[1].state, STEP_HELD);
        assert_string_not_equal(less->plan_id, plan->plan_id);
}

static void test_nothing_held(void **state) {
        assert_string_equal(plan_new(mem, &read_case("new-team")->spec)->plan_id, "");
}

/* A step that would leave something else behind is another one, and not released with the first. */
static void test_id_tells_what_is_left(void **state) {
        PlanCase *one = read_case("exact");
        const Plan *plan = plan_new(mem, &one->spec);
        const Step *first = find_step(plan, STEP_SET_ENTRY, "");
        uint8_t space = 0;
        const char *token = live_token(mem, one->live, 0, "project", &space);
        AccessControlList list = one->live->acls[organisation_find_acl(one->live, space, token)];
        char id[13];

        memcpy(id, first->id, sizeof id);
        list.entries = mem_memdup(mem, list.entries, list.n_entries * sizeof *list.entries);
        for (size_t i = 0; i < list.n_entries; i++)
                if (list.entries[i].identity == first->principal.identity)
                        list.entries[i].allow |= 2;
        organisation_set_acl(one->live, &list);
        organisation_seal(one->live);
        assert_string_not_equal(find_step(plan_new(mem, &one->spec), STEP_SET_ENTRY, "")->id, id);
}

/* --- told
 * ----------------------------------------------------------------------------------------- */

typedef struct Telling {
        const char *folder;
        StepVerb verb;
        const char *name;
        const char *sentence;
} Telling;

static const Telling tellings[] = {
        {"new-team", STEP_CREATE, "blue", "create repository blue"},
        {"new-team", STEP_CREATE, "Blue", "create pipeline folder Blue"},
        {"create-project", STEP_CREATE, "Lab", "create project Lab"},
        {"new-team", STEP_SET_ADMIN, "Blue", "make ana@contoso.com an administrator of team Blue"},
        {"admins-remove", STEP_REMOVE_ADMIN, "Red",
         "ana@contoso.com no longer administers team Red"},
        {"new-team", STEP_ADD_MEMBER, "Readers", "add [Shop]\\Blue to [Shop]\\Readers"},
        {"unlisted-members-remove", STEP_REMOVE_MEMBER, "Red",
         "take ben@contoso.com out of [Shop]\\Red"},
        {"new-team", STEP_SET_ENTRY, "blue",
         "[Shop]\\Blue at repository blue: Read, Contribute: not set -> allow"},
        {"grants-policy-additive", STEP_SET_ENTRY, "red",
         "[Shop]\\Red at repository red: Contribute: not set -> allow; Create tag: deny -> allow"},
        {"brake-own-rights-entry", STEP_REMOVE_ENTRY, "",
         "[Shop]\\Helpers at the root of repositories: Read, Manage permissions: allow -> not set"},
        {"inherit", STEP_SET_INHERIT, "open", "inheritance of repository open: off -> on"},
        {"team-areas-root", STEP_SET_AREAS, "Red", "areas of [Shop]\\Red: / -> /, Red"},
};

static void test_described(void **state) {
        for (size_t i = 0; i < sizeof tellings / sizeof *tellings; i++) {
                const Plan *plan = plan_new(mem, &read_case(tellings[i].folder)->spec);
                Text text;

                text_init(&text, mem);
                step_describe(plan, find_step(plan, tellings[i].verb, tellings[i].name), &text);
                assert_string_equal(text.data, tellings[i].sentence);
        }
}

static void test_colour(void **state) {
        const Plan *plan = plan_new(mem, &read_case("admins-remove")->spec);
        Text plain, coloured;

        text_init(&plain, mem);
        text_init(&coloured, mem);
        plan_print_text(plan, PRINT_PLAIN, &plain);
        plan_print_text(plan, PRINT_COLOUR, &coloured);
        assert_null(strchr(plain.data, '\033'));
        assert_non_null(strstr(coloured.data, "\033[32m+ make ben@contoso.com"));
        assert_non_null(strstr(coloured.data, "\033[31m- ana@contoso.com no longer"));
}

/* --- for programs
 * ----------------------------------------------------------------------------------- */

static const char *const verb_words[] = {
        [STEP_CREATE] = "create",
        [STEP_ADD_MEMBER] = "add_member",
        [STEP_REMOVE_MEMBER] = "remove_member",
        [STEP_SET_ENTRY] = "set_entry",
        [STEP_REMOVE_ENTRY] = "remove_entry",
        [STEP_SET_INHERIT] = "set_inherit",
        [STEP_SET_ROLE] = "set_role",
        [STEP_REMOVE_ROLE] = "remove_role",
        [STEP_SET_AREAS] = "set_areas",
        [STEP_SET_ADMIN] = "set_admin",
        [STEP_REMOVE_ADMIN] = "remove_admin",
};

static void test_verbs(void **state) {
        for (StepVerb verb = STEP_CREATE; verb <= STEP_REMOVE_ADMIN; verb++)
                assert_string_equal(step_verb_word(verb), verb_words[verb]);
}

static const JsonNode *json_of(const char *folder) {
        const Plan *plan = plan_new(mem, &read_case(folder)->spec);
        const char *reason = NULL;
        JsonNode *node = NULL;
        Text text;

        text_init(&text, mem);
        plan_print_json(plan, &text);
        assert_int_equal(json_parse(mem, text.data, text.n, &node, &reason), 0);
        return node;
}

static void assert_keys(const JsonNode *object, const char *const *keys, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (!json_get(object, keys[i]))
                        fail_msg("there is no `%s`", keys[i]);
}
#define ASSERT_KEYS(object, ...)                                  \
        assert_keys((object), (const char *const[]){__VA_ARGS__}, \
                    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void assert_step_keys(const JsonNode *step) {
        ASSERT_KEYS(step, "id", "rank", "verb", "project", "kind", "name", "principal",
                    "permissions", "before", "after", "why", "cause");
}

/* product.md, Formats that programs may rely on. */
static void test_json_keys(void **state) {
        const JsonNode *plan = json_of("exit-waiting-before-held");
        const JsonNode *held = json_first(json_get(plan, "held"));
        const JsonNode *waiting = json_first(json_get(plan, "waiting"));

        ASSERT_KEYS(plan, "organization", "plan_id", "in_sync", "steps", "held", "waiting",
                    "findings", "projects");
        assert_step_keys(held);
        ASSERT_KEYS(held, "brake", "release");
        assert_step_keys(waiting);
        ASSERT_KEYS(waiting, "for");
        assert_step_keys(json_first(json_get(json_of("new-team"), "steps")));
        ASSERT_KEYS(json_first(json_get(plan, "findings")), "kind", "project", "message", "path");
        ASSERT_KEYS(json_first(json_get(plan, "projects")), "name", "state", "error");
        assert_string_equal(json_get_text(json_first(json_get(plan, "projects")), "state"),
                            "waiting");
}

static void test_json_permissions(void **state) {
        const JsonNode *steps = json_get(json_of("grants-policy-additive"), "steps");
        const JsonNode *permission = json_first(json_get(json_first(steps), "permissions"));

        assert_string_equal(json_get_text(permission, "word"), "Contribute");
        assert_string_equal(json_get_text(permission, "before"), "not set");
        assert_string_equal(json_get_text(permission, "after"), "allow");
        permission = json_next(permission);
        assert_string_equal(json_get_text(permission, "word"), "Create tag");
        assert_string_equal(json_get_text(permission, "before"), "deny");
        assert_string_equal(json_get_text(permission, "after"), "allow");
        assert_null(json_next(permission));
}

typedef struct Synchrony {
        const char *folder;
        bool in_sync;
        bool has_plan_id;
        const char *state;
} Synchrony;

static const Synchrony synchronies[] = {
        {"names-differ-in-case", true, false, "in_sync"},
        {"assertion-broken", true, false, "in_sync"},
        {"new-team", false, false, "pending"},
        {"brake-changes", false, true, "held"},
        {"same-as-waits", false, false, "waiting"},
        {"project-failed", false, false, "failed"},
        {"brake-charter-shrank-without-steps", false, true, "in_sync"},
};

static void test_json_states(void **state) {
        for (size_t i = 0; i < sizeof synchronies / sizeof *synchronies; i++) {
                const JsonNode *plan = json_of(synchronies[i].folder);
                bool in_sync = !synchronies[i].in_sync;

                assert_int_equal(json_get_bool(plan, "in_sync", &in_sync), 0);
                assert_int_equal(in_sync, synchronies[i].in_sync);
                assert_int_equal(json_get_text(plan, "plan_id") != NULL,
                                 synchronies[i].has_plan_id);
                assert_string_equal(json_get_text(json_first(json_get(plan, "projects")), "state"),
                                    synchronies[i].state);
        }
}

/* --- what one pass made
 * ---------------------------------------------------------------------------------- */

static bool is_about_blue(void *context, const Step *step) {
        return step->principal.name && strcmp(step->principal.name, "Blue") == 0;
}

/* What belongs to a creation of the same pass is no change, nor held by what counts. */
static void test_made_by_pass(void **state) {
        static const char charter[] =
                SHOP "      Blue: { grants: [{ at: project, allow: [View project-level "
                     "information, Rename team project] }] }\n"
                     "      Red: { members: [ana@contoso.com] }\n";
        static const char live[] =
                "{ \"users\": [\"ana@contoso.com\"], \"projects\": [{ \"name\": \"Shop\", "
                "\"teams\": [\"Blue\", \"Red\"] }] }";
        PlanSpec spec = case_spec(case_charter(mem, charter, strlen(charter)),
                                  live_parse(mem, live, strlen(live), "live.json"));
        const Plan *plan = NULL;

        spec.limits.changes = 1;
        plan = plan_new(mem, &spec);
        assert_int_equal(plan->n_steps, 2);
        assert_int_equal(plan_exit_code(plan, PLAN_LENIENT), 3);
        spec.is_made_by_pass = is_about_blue;
        plan = plan_new(mem, &spec);
        assert_int_equal(plan_exit_code(plan, PLAN_LENIENT), 2);
        spec.limits.changes = 0;
        plan = plan_new(mem, &spec);
        assert_int_equal(find_step(plan, STEP_ADD_MEMBER, "Red")->state, STEP_HELD);
        assert_int_equal(find_step(plan, STEP_SET_ENTRY, "")->state, STEP_PENDING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_ids_differ),
                TEST(test_ids_outlive_creations),
                TEST(test_plan_id),
                TEST(test_nothing_held),
                TEST(test_id_tells_what_is_left),
                TEST(test_described),
                TEST(test_colour),
                TEST(test_verbs),
                TEST(test_json_keys),
                TEST(test_json_permissions),
                TEST(test_json_states),
                TEST(test_made_by_pass),
        };

        return cmocka_run_group_tests_name("plan-step", tests, NULL, NULL);
}

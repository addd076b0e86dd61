/* SPDX-License-Identifier: Apache-2.0 */
/* Remembrance: what is known from before, held against what is live. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/remembrance.h"
#include "tests/unit/access/charter.h"
#include "tests/unit/live/live.h"

static Mem *mem;
static Organisation *live;
static Index project;
static DesiredProject *charter;
static Desired desired;
static Known *known;

static int setup(void **state) {
        DesiredPrincipal *team;

        mem = mem_new(NULL, char);
        live = live_read(mem, FIXTURES "/article/live.json");
        project = organisation_find_project(live, "MLOps");
        charter = charter_project(mem, "MLOps");
        team = charter_team(mem, charter, "Data Science A");
        charter_own(mem, team, KIND_REPOSITORY, "data-science-a");
        charter_own(mem, team, KIND_REPOSITORY, "lost");
        desired = (Desired){.organization = live->url, .projects = charter, .n_projects = 1};
        known = known_new(mem);
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static KnownKey key(Kind kind, const char *project_name, const char *name) {
        return (KnownKey){live->url, kind, project_name, name};
}

static const KnownThing *find(const PlanSpec *spec, const char *name) {
        for (size_t i = 0; i < spec->n_known; i++)
                if (strcmp(spec->known[i].name, name) == 0)
                        return &spec->known[i];
        return NULL;
}

static PlanSpec fill(const GoneList *gone) {
        PlanSpec spec = {0};

        remembrance_fill(mem, known, &desired, live, gone, &spec);
        return spec;
}

static void test_what_is_live_is_noted(void **state) {
        KnownKey repository = key(KIND_REPOSITORY, "MLOps", "data-science-a"), lost = key(KIND_REPOSITORY, "MLOps", "lost");
        KnownKey whole = key(KIND_PROJECT, "", "MLOps");

        assert_true(remembrance_note_seen(known, &desired, live, 5, REMEMBRANCE_ALL, NULL));
        assert_non_null(known_find(known, &repository));
        assert_int_equal(known_find(known, &repository)->seen_at, 5);
        assert_non_null(known_find(known, &whole));
        assert_null(known_find(known, &lost));
        /* nothing new: nothing to be written */
        assert_false(remembrance_note_seen(known, &desired, live, 6, REMEMBRANCE_ALL, NULL));
}

static void test_an_unread_project_is_not_noted(void **state) {
        live->projects[project].state = PROJECT_FAILED;
        assert_false(remembrance_note_seen(known, &desired, live, 5, REMEMBRANCE_ALL, NULL));
}

static void test_what_left_the_charter_is_forgotten(void **state) {
        KnownKey left = key(KIND_REPOSITORY, "MLOps", "operations"), other = key(KIND_REPOSITORY, "MLOps", "operations");

        other.organization = "https://dev.azure.com/fabrikam";
        known_note(known, &left, "1", KNOWN_SEEN, 1);
        known_note(known, &other, "2", KNOWN_SEEN, 1);
        remembrance_note_seen(known, &desired, live, 5, REMEMBRANCE_SEEN_ALONE, NULL);
        assert_non_null(known_find(known, &left));
        remembrance_note_seen(known, &desired, live, 5, REMEMBRANCE_ALL, NULL);
        assert_null(known_find(known, &left));
        assert_non_null(known_find(known, &other));
}

/* What left a project is told with that project's plan: until it is read, it is remembered. */
static void test_another_project_keeps_what_left_it(void **state) {
        KnownKey left = key(KIND_REPOSITORY, "MLOps", "operations"), gone = key(KIND_REPOSITORY, "Outside", "x");
        KnownKey itself = key(KIND_PROJECT, "", "Outside");

        known_note(known, &left, "1", KNOWN_SEEN, 1);
        known_note(known, &gone, "2", KNOWN_SEEN, 1);
        known_note(known, &itself, "3", KNOWN_SEEN, 1);
        remembrance_note_seen(known, &desired, live, 5, REMEMBRANCE_ALL, "Another");
        assert_non_null(known_find(known, &left));
        assert_non_null(known_find(known, &gone)); /* its project left the charter itself: told with the first one */
        assert_non_null(known_find(known, &itself));
        remembrance_note_seen(known, &desired, live, 5, REMEMBRANCE_ALL, "MLOps");
        assert_null(known_find(known, &left));
        assert_null(known_find(known, &gone));
        assert_null(known_find(known, &itself));
}

/* Not seen is not gone: a direct reading must say so. */
static void test_states(void **state) {
        KnownKey lost = key(KIND_REPOSITORY, "MLOps", "lost");
        Gone gone = {KIND_REPOSITORY, "MLOps", "lost"};
        PlanSpec spec;

        known_note(known, &lost, "00000000-0000-0000-0000-00000000dead", KNOWN_SEEN, 1);
        spec = fill(&(GoneList){0});
        assert_int_equal(find(&spec, "lost")->state, KNOWN_PRESENT);
        spec = fill(&(GoneList){&gone, 1});
        assert_int_equal(find(&spec, "lost")->state, KNOWN_VANISHED);
}

static void test_its_id_under_another_name_is_a_rename(void **state) {
        KnownKey lost = key(KIND_REPOSITORY, "MLOps", "lost");
        Index entity = organisation_find_entity(live, project, KIND_REPOSITORY, "operations");
        PlanSpec spec;

        known_note(known, &lost, live->entities[entity].id, KNOWN_SEEN, 1);
        spec = fill(&(GoneList){0});
        assert_int_equal(find(&spec, "lost")->state, KNOWN_RENAMED);
        assert_string_equal(find(&spec, "lost")->live_name, "operations");
        /* it stays known under the charter's name */
        remembrance_note_seen(known, &desired, live, 9, REMEMBRANCE_ALL, NULL);
        assert_int_equal(known_find(known, &lost)->seen_at, 9);
}

static void test_a_renamed_project_is_found_by_its_id(void **state) {
        char id[GUID_TEXT_SIZE];
        KnownKey whole = key(KIND_PROJECT, "", "Old name");

        charter->name = "Old name";
        assert_int_equal(remembrance_find_project(known, &desired, live, charter), INDEX_NONE);
        known_note(known, &whole, guid_format(live->projects[project].id, id), KNOWN_SEEN, 1);
        assert_int_equal(remembrance_find_project(known, &desired, live, charter), project);
}

#define test_of(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                test_of(test_what_is_live_is_noted),
                test_of(test_an_unread_project_is_not_noted),
                test_of(test_what_left_the_charter_is_forgotten),
                test_of(test_another_project_keeps_what_left_it),
                test_of(test_states),
                test_of(test_its_id_under_another_name_is_a_rename),
                test_of(test_a_renamed_project_is_found_by_its_id),
        };

        return cmocka_run_group_tests_name("remembrance", tests, NULL, NULL);
}

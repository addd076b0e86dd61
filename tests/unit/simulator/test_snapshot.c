/* SPDX-License-Identifier: Apache-2.0 */
/* The snapshot: an organisation in words, against a golden file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/directory.h"
#include "tests/simulator/seed.h"
#include "tests/simulator/snapshot.h"
#include "tests/unit/simulator/scene.h"

#define GOLDEN FIXTURES "/mlops.snapshot.json"

enum {
        GOLDEN_LIMIT_BYTES = 1024 * 1024
};

static World *load(uint64_t number) {
        World *world = world_new(number);
        char *error = NULL;

        if (seed_load(world, FIXTURES "/mlops.json", &error) < 0)
                fail_msg("%s", error);
        return world;
}

static char *snapshot_text(World *world, const SnapshotSpec *spec) {
        SnapshotSpec full = *spec;
        Rows rows = {0};

        full.organization = world_find_organization(world, "contoso");
        snapshot_print(&full, &rows);
        rows_print(&rows, "\n");
        return rows.text;
}

static char *read_golden(void) {
        FILE *file = fopen(GOLDEN, "r");
        char *text = memory_alloc(GOLDEN_LIMIT_BYTES);

        assert_non_null(file);
        assert_true(fread(text, 1, GOLDEN_LIMIT_BYTES - 1, file) > 0);
        fclose(file);
        return text;
}

/* Ids differ, words do not. */
static void test_golden(void **state) {
        for (uint64_t number = 1; number <= 2; number++) {
                World *world = load(number);
                char *text = snapshot_text(world, &(SnapshotSpec){0});

                if (getenv("UPDATE_GOLDEN")) {
                        FILE *file = fopen(GOLDEN, "w");

                        assert_non_null(file);
                        fputs(text, file);
                        assert_int_equal(fclose(file), 0);
                } else {
                        char *golden = read_golden();

                        assert_string_equal(text, golden);
                        free(golden);
                }
                free(text);
                world_free(world);
        }
}

static void test_it_is_json(void **state) {
        World *world = load(1);
        char *text = snapshot_text(world, &(SnapshotSpec){0});
        cJSON *tree = cJSON_Parse(text);

        assert_non_null(tree);
        assert_non_null(
                element_with(cJSON_GetObjectItem(tree, "people"), "user", "ana@contoso.com"));
        cJSON_Delete(tree);
        free(text);
        world_free(world);
}

static size_t count(const char *text, const char *part) {
        size_t n = 0;

        while ((text = strstr(text, part))) {
                text += strlen(part);
                n++;
        }
        return n;
}

static void test_sections_and_projects(void **state) {
        World *world = load(1);
        char *things = snapshot_text(world, &(SnapshotSpec){.sections = "things,teams"});
        char *without = snapshot_text(world, &(SnapshotSpec){.without = "x,mlops"});

        assert_int_equal(count(things, "\": ["), 2);
        assert_non_null(strstr(things, "\"things\": ["));
        assert_non_null(strstr(things, "\"teams\": ["));
        assert_int_equal(count(without, "MLOps"), 0);
        assert_true(count(without, "Project Collection Administrators") > 1);
        free(things);
        free(without);
        world_free(world);
}

static void hand(World *world, const char *text) {
        Mistakes mistakes = {.source = "hand"};
        Hand by = {.world = world,
                   .organization = world_find_organization(world, "contoso"),
                   .forced = true};
        cJSON *tree = written_parse(&mistakes, text);
        Written change = written_root(tree, &mistakes);

        if (hand_change(&by, &change) != 0)
                fail_msg("%s", mistakes.text);
        cJSON_Delete(tree);
}

/* Only what a change is about changes, and entries without a bit say nothing. */
static void test_a_change_is_one_line(void **state) {
        World *world = load(1);
        char *before = snapshot_text(world, &(SnapshotSpec){0}), *after;

        hand(world,
             "{\"op\":\"grant\",\"project\":\"MLOps\",\"kind\":\"repository\",\"name\":\"train\","
             "\"principal\":\"ben@contoso.com\",\"allow\":[\"Read\"]}");
        after = snapshot_text(world, &(SnapshotSpec){0});
        assert_int_equal(count(after, "\n"), count(before, "\n") + 1);
        assert_int_equal(
                count(after,
                      "{\"project\":\"MLOps\",\"at\":\"repository train\",\"namespace\":\"Git "
                      "Repositories\",\"principal\":\"ben@contoso.com\",\"allow\":[\"GenericRead\"]}"),
                1);
        free(after);
        hand(world,
             "{\"op\":\"revoke\",\"project\":\"MLOps\",\"kind\":\"repository\",\"name\":\"train\","
             "\"principal\":\"ben@contoso.com\",\"permissions\":[\"Read\"]}");
        after = snapshot_text(world, &(SnapshotSpec){0});
        assert_string_equal(after, before);
        free(after);
        free(before);
        world_free(world);
}

/* What is gone is called so: its entries stay, as in the service. */
static void test_deleted_things(void **state) {
        World *world = load(1);
        char *text;

        hand(world, "{\"op\":\"delete_repository\",\"project\":\"MLOps\",\"name\":\"train\"}");
        text = snapshot_text(world, &(SnapshotSpec){0});
        assert_int_equal(count(text, "{\"project\":\"MLOps\",\"recycled repository\":\"train\"}"),
                         1);
        assert_int_equal(count(text, "\"at\":\"deleted repository train\""), 1);
        free(text);
        world_free(world);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_golden),
                cmocka_unit_test(test_it_is_json),
                cmocka_unit_test(test_sections_and_projects),
                cmocka_unit_test(test_a_change_is_one_line),
                cmocka_unit_test(test_deleted_things),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Seed files: what they make, and the place of each mistake in them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"
#include "tests/simulator/seed.h"
#include "tests/unit/simulator/scene.h"

/* Mistakes. */

#define ORGANIZATION(members) "{\"organization\":\"contoso\"," members "}"
#define PROJECT(members) ORGANIZATION("\"projects\":[{\"name\":\"MLOps\"," members "}]")

static const struct {
        const char *seed;
        const char *mistake; /* the first line */
} MISTAKES[] = {
        {"{\"organization\":\n  oops}", "s.json: 2:3: this is no JSON"},
        {"[]", "s.json: $: wants an object {…}"},
        {"{}", "s.json: $: lacks \"organization\""},
        {"{\"organization\":7}", "s.json: $.organization: wants text"},
        {"{\"organization\":\"\"}", "s.json: $.organization: is empty"},
        {ORGANIZATION("\"peple\":[]"), "s.json: $.peple: is no key of this"},
        {ORGANIZATION("\"people\":{}"), "s.json: $.people: wants a list"},
        {ORGANIZATION("\"people\":[7]"), "s.json: $.people[0]: wants an object {…}"},
        {ORGANIZATION("\"people\":[{\"name\":\"Ana\"}]"), "s.json: $.people[0]: lacks \"user\""},
        {ORGANIZATION("\"people\":[{\"user\":\"a@b.c\",\"id\":\"12\"}]"),
         "s.json: $.people[0].id: \"12\" is no GUID"},
        {ORGANIZATION("\"people\":[{\"user\":\"a@b.c\"},{\"user\":\"A@b.c\"}]"),
         "s.json: $.people[1]: \"A@b.c\" stands twice"},
        {ORGANIZATION(
                 "\"people\":[{\"user\":\"a@b.c\",\"pat\":\"p\"},{\"user\":\"d@b.c\",\"pat\":\"p\"}]"),
         "s.json: $.people[1].pat: somebody has this token already"},
        {ORGANIZATION("\"people\":[{\"user\":\"a@b.c\",\"administrator\":\"yes\"}]"),
         "s.json: $.people[0].administrator: wants true or false"},
        {ORGANIZATION("\"entra_groups\":[{\"name\":\"e\",\"members\":[\"x@b.c\"]}]"),
         "s.json: $.entra_groups[0].members[0]: nobody is called \"x@b.c\""},
        {ORGANIZATION("\"projects\":[{\"name\":\"A\"},{\"name\":\"a\"}]"),
         "s.json: $.projects[1].name: \"a\" stands twice"},
        {PROJECT("\"teams\":[\"T\",\"t\"]"), "s.json: $.projects[0].teams[1]: \"t\" stands twice"},
        {PROJECT("\"teams\":[{\"name\":\"T\",\"member\":[]}]"),
         "s.json: $.projects[0].teams[0].member: is no key of this"},
        {PROJECT("\"teams\":[{\"name\":\"T\",\"areas\":[\"No\"]}]"),
         "s.json: $.projects[0].teams[0].areas[0]: MLOps has no area \"No\""},
        {PROJECT("\"teams\":[{\"name\":\"T\",\"members\":[\"T\"]}]"),
         "s.json: $.projects[0].teams[0].members[0]: T is in T already: a circle"},
        {PROJECT("\"repositories\":[\"r\",\"R\"]"),
         "s.json: $.projects[0].repositories[1]: \"R\" stands twice"},
        {PROJECT("\"environments\":[\"e\",\"E\"]"),
         "s.json: $.projects[0].environments[1]: \"E\" stands twice"},
        {PROJECT("\"agent_queues\":[\"Linux\",\"linux\"]"),
         "s.json: $.projects[0].agent_queues[1]: \"linux\" stands twice"},
        {PROJECT("\"secure_files\":[{\"name\":\"f\",\"description\":\"d\"}]"),
         "s.json: $.projects[0].secure_files[0].description: is no key of this"},
        {PROJECT("\"variable_groups\":[{\"name\":\"v\",\"variables\":[]}]"),
         "s.json: $.projects[0].variable_groups[0].variables: wants an object {…}"},
        {PROJECT("\"service_connections\":[{\"name\":\"c\",\"shared_with\":[\"Other\"]}]"),
         "s.json: $.projects[0].service_connections[0].shared_with[0]: there is no project \"Other\""},
        {PROJECT("\"permissions\":[{\"principal\":\"Readers\",\"kind\":\"environment\",\"name\":\"e\"}]"),
         "s.json: $.projects[0].permissions[0].name: MLOps has no environment \"e\""},
        {ORGANIZATION("\"permissions\":[{\"principal\":\"x\",\"kind\":\"agent pool\",\"name\":\"p\"}]"),
         "s.json: $.permissions[0].name: contoso has no agent pool \"p\""},
        {PROJECT("\"pipelines\":[{\"name\":\"p\",\"repository\":\"r\"}]"),
         "s.json: $.projects[0].pipelines[0].repository: there is no repository \"r\""},
        {PROJECT("\"permissions\":[{\"principal\":\"Readers\",\"kind\":\"zoo\"}]"),
         "s.json: $.projects[0].permissions[0].kind: \"zoo\" is no kind; see README.md for the kinds"},
        {PROJECT("\"permissions\":[{\"principal\":\"Readers\",\"kind\":\"repository\",\"name\":\"r\"}]"),
         "s.json: $.projects[0].permissions[0].name: MLOps has no repository \"r\""},
        {PROJECT("\"permissions\":[{\"principal\":\"Ghosts\",\"kind\":\"project\"}]"),
         "s.json: $.projects[0].permissions[0].principal: nobody is called \"Ghosts\""},
        {PROJECT("\"permissions\":[{\"principal\":\"Readers\",\"kind\":\"project\",\"allow\":[\"Fly\"]}]"),
         "s.json: $.projects[0].permissions[0].allow[0]: Project has no permission \"Fly\""},
        {PROJECT("\"permissions\":[{\"namespace\":\"Zoo\",\"token\":\"x\",\"principal\":\"Readers\"}]"),
         "s.json: $.projects[0].permissions[0].namespace: there is no security namespace \"Zoo\""},
        {ORGANIZATION("\"permissions\":[{\"principal\":\"x\",\"kind\":\"area\"}]"),
         "s.json: $.permissions[0]: lacks \"project\""},
        {ORGANIZATION("\"changes\":[{\"op\":\"dance\"}]"),
         "s.json: $.changes[0].op: \"dance\" is no change; see README.md for those there are"},
        {ORGANIZATION("\"id\":\"6f1a9d5c-7f4e-4d0a-9a55-0d3a51b1c001\",\"id\":\"x\""),
         "s.json: $.id: stands twice"},
};

static void test_mistakes(void **state) {
        for (size_t i = 0; i < sizeof(MISTAKES) / sizeof(MISTAKES[0]); i++) {
                World *world = world_new(1);
                char *error = NULL;

                assert_int_equal(seed_read(world, "s.json", MISTAKES[i].seed, &error), -1);
                error[strcspn(error, "\n")] = '\0';
                assert_string_equal(error, MISTAKES[i].mistake);
                free(error);
                world_free(world);
        }
}

static void test_all_mistakes_are_told(void **state) {
        World *world = world_new(1);
        char *error = NULL;

        assert_int_equal(seed_read(world, "s.json",
                                   ORGANIZATION("\"people\":[{},{\"x\":1}],\"groups\":[1]"),
                                   &error),
                         -1);
        assert_string_equal(error, "s.json: $.people[0]: lacks \"user\"\n"
                                   "s.json: $.people[1].x: is no key of this\n"
                                   "s.json: $.people[1]: lacks \"user\"\n"
                                   "s.json: $.groups[0]: wants an object {…}");
        free(error);
        world_free(world);
}

static void test_missing_file(void **state) {
        World *world = world_new(1);
        char *error = NULL;

        assert_int_equal(seed_load(world, FIXTURES "/none.json", &error), -1);
        assert_string_equal(error, FIXTURES "/none.json: No such file or directory");
        free(error);
        world_free(world);
}

/* What is made. */

static Organization *load(World *world) {
        char *error = NULL;

        if (seed_load(world, FIXTURES "/mlops.json", &error) < 0)
                fail_msg("%s", error);
        return world_find_organization(world, "contoso");
}

static void test_members_of_entra_groups_count(void **state) {
        World *world = world_new(1);
        Organization *organization = load(world);
        const Identity *ben = directory_find_word(organization, "ben@contoso.com");
        const Identity *team = directory_find_word(organization, "[MLOps]\\Data Science B");

        assert_true(evaluation_in_group(world, organization, ben, team, AS_OF_NOW));
        assert_false(membership_has(ben, team, AS_OF_NOW));
        world_free(world);
}

static void test_creators_have_their_entries(void **state) {
        World *world = world_new(1);
        Organization *organization = load(world);
        Project *project = organization_find_project(organization, "MLOps", AS_OF_NOW);
        const Repository *repository = project_find_repository(project, "train", AS_OF_NOW);
        char *token = token_of_repository(&world->arena, repository);
        const AclState *list = acl_find(&organization->stores[NAMESPACE_GIT],
                                        namespace_get(NAMESPACE_GIT), token, AS_OF_NOW);
        const Ace *entry =
                acl_state_find(list, directory_find_word(organization, "ana@contoso.com"));

        assert_non_null(entry);
        assert_int_equal(entry->allow, GIT_CREATOR);
        world_free(world);
}

static void test_changes_come_later(void **state) {
        World *world = world_new(1);
        int64_t before = world->now;
        Organization *organization = load(world);
        const Identity *ben = directory_find_word(organization, "ben@contoso.com");
        const Identity *readers = directory_find_word(organization, "[MLOps]\\Readers");

        assert_true(membership_has(ben, readers, AS_OF_NOW));
        assert_false(membership_has(ben, readers, before));
        world_free(world);
}

static void test_several_organizations(void **state) {
        World *world = world_new(1);
        char *error = NULL;

        assert_int_equal(
                seed_read(world, "s.json",
                          "{\"organizations\":[{\"organization\":\"a\"},{\"organization\":\"b\"}]}",
                          &error),
                0);
        assert_non_null(world_find_organization(world, "a"));
        assert_non_null(world_find_organization(world, "b"));
        assert_int_equal(seed_read(world, "s.json", "{\"organization\":\"B\"}", &error), -1);
        assert_string_equal(error, "s.json: $.organization: \"B\" is there already");
        free(error);
        world_free(world);
}

/* The document is held to what it says. */

enum {
        README_LIMIT_BYTES = 256 * 1024
};

static char *read_readme(void) {
        FILE *file = fopen(README, "r");
        char *text = memory_alloc(README_LIMIT_BYTES);

        assert_non_null(file);
        assert_true(fread(text, 1, README_LIMIT_BYTES - 1, file) > 0);
        fclose(file);
        return text;
}

static void test_the_example_of_the_readme(void **state) {
        World *world = world_new(1);
        char *text = read_readme(), *seed, *end, *error = NULL;

        seed = strstr(text, "```json\n");
        assert_non_null(seed);
        seed += strlen("```json\n");
        end = strstr(seed, "```");
        assert_non_null(end);
        *end = '\0';
        if (seed_read(world, "README.md", seed, &error) < 0)
                fail_msg("%s", error);
        free(text);
        world_free(world);
}

static void test_the_readme_has_every_option(void **state) {
        World *world = world_new(1);
        char *text = read_readme();
        const char *key;

        for (size_t i = 0; (key = world_option_key(i)); i++) {
                if (!strstr(text, arena_print(&world->arena, "`%s`", key)))
                        fail_msg("README.md lacks the option %s", key);
        }
        free(text);
        world_free(world);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_mistakes),
                cmocka_unit_test(test_all_mistakes_are_told),
                cmocka_unit_test(test_missing_file),
                cmocka_unit_test(test_members_of_entra_groups_count),
                cmocka_unit_test(test_creators_have_their_entries),
                cmocka_unit_test(test_changes_come_later),
                cmocka_unit_test(test_several_organizations),
                cmocka_unit_test(test_the_example_of_the_readme),
                cmocka_unit_test(test_the_readme_has_every_option),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

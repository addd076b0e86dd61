/* SPDX-License-Identifier: Apache-2.0 */
/* Generated organisations: the same text makes the same one. */
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/generate.h"
#include "tests/simulator/query.h"
#include "tests/simulator/resource.h"
#include "tests/simulator/snapshot.h"
#include "tests/unit/simulator/scene.h"

static World *generate(uint64_t number, const char *spec) {
        World *world = world_new(number);
        char *error = NULL;

        if (generate_organization(world, spec, &error) < 0)
                fail_msg("%s", error);
        return world;
}

static char *words(World *world) {
        SnapshotSpec spec = {.organization = world->organizations.items[0]};
        Rows rows = {0};

        snapshot_print(&spec, &rows);
        return rows.text;
}

static const char *first_project_id(World *world) {
        const Organization *organization = world->organizations.items[0];

        return ((const Project *)organization->projects.items[0])->id;
}

/* Whatever else a world holds, and whatever its own number. */
static void test_the_text_decides(void **state) {
        const char *spec =
                "name=contoso,projects=2,teams=5,repositories=2,branches=2,grants=20,seed=7";
        World *one = generate(1, spec), *two = generate(2, spec);
        char *a = words(one), *b = words(two);

        assert_string_equal(a, b);
        assert_string_equal(first_project_id(one), first_project_id(two));
        free(a);
        free(b);
        world_free(one);
        world_free(two);
}

static void test_the_number_decides(void **state) {
        World *one = generate(1, "teams=5,grants=20,seed=7"),
              *two = generate(1, "teams=5,grants=20,seed=8");
        char *a = words(one), *b = words(two);

        assert_string_not_equal(a, b);
        assert_string_not_equal(first_project_id(one), first_project_id(two));
        free(a);
        free(b);
        world_free(one);
        world_free(two);
}

/* A charter can be written by rule: names follow from numbers. */
static void test_names(void **state) {
        World *world = generate(1, "name=contoso,project=Bench,teams=12,members=3,branches=3,iterations=2,queries=2");
        Organization *organization = world->organizations.items[0];
        Project *project = organization_find_project(organization, "Bench", AS_OF_NOW);
        const Team *team = project_find_team(project, "Team 0012", AS_OF_NOW);
        Repository *repository = NULL;

        assert_non_null(team);
        repository = project_find_repository(project, "team-0012", AS_OF_NOW);
        assert_non_null(repository);
        assert_null(repository_find_branch(repository, "refs/heads/main", AS_OF_NOW)->creator);
        assert_string_equal(
                repository_find_branch(repository, "refs/heads/feature/2", AS_OF_NOW)->creator->unique_name,
                "user00034@contoso.com");
        assert_non_null(project_find_folder(project, "\\Team 0012", AS_OF_NOW));
        assert_non_null(project_find_node(project, NODE_AREA, "Team 0012", AS_OF_NOW));
        assert_non_null(project_find_node(project, NODE_ITERATION, "Team 0012/Sprint 2", AS_OF_NOW));
        assert_non_null(query_find_shared(project, "Team 0012/Query 2", AS_OF_NOW));
        for (int user = 34; user <= 36; user++) {
                const char *word = arena_print(&world->arena, "user%05d@contoso.com", user);

                assert_true(membership_has(directory_find_word(organization, word), team->group,
                                           AS_OF_NOW));
        }
        assert_string_equal(directory_find_pat(organization, "user00036")->unique_name,
                            "user00036@contoso.com");
        assert_false(membership_has(team->group,
                                    directory_find_role(organization, project, GROUP_CONTRIBUTORS),
                                    AS_OF_NOW));
        world_free(world);
}

/* Each team is a User of its own of each kind with roles. */
static void test_kinds_with_roles(void **state) {
        World *world = generate(1, "name=contoso,project=Bench,teams=3,agent_queues=2,variable_groups=2,"
                                   "secure_files=2,environments=2,service_connections=2");
        Organization *organization = world->organizations.items[0];
        Project *project = organization->projects.items[0];
        const Team *team = project_find_team(project, "Team 0003", AS_OF_NOW);
        const Endpoint *endpoint =
                organization_find_endpoint(organization, "team-0003-2", project, AS_OF_NOW);
        const Namespace *ns = namespace_get(NAMESPACE_SERVICE_ENDPOINTS);

        for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++) {
                const ResourceTraits *traits = resource_traits((ResourceKind)kind);
                const Resource *resource = project_find_resource(project, (ResourceKind)kind,
                                                                 "team-0003-2", AS_OF_NOW);

                assert_non_null(resource);
                assert_int_equal(acl_state_find(acl_find(&organization->stores[traits->ns],
                                                         namespace_get(traits->ns),
                                                         token_of_resource(&world->arena, resource),
                                                         AS_OF_NOW),
                                                team->group)
                                         ->allow,
                                 17);
        }
        assert_non_null(endpoint);
        assert_int_equal(acl_state_find(acl_find(&organization->stores[ns->index], ns,
                                                 token_of_endpoint(&world->arena, endpoint, project),
                                                 AS_OF_NOW),
                                        team->group)
                                 ->allow,
                         ENDPOINT_USE);
        world_free(world);
}

/* One repository of ten thousand branches: each made by somebody has an entry. */
static void test_many_branches(void **state) {
        World *world = generate(1, "name=contoso,project=Bench,branches=10000");
        const Organization *organization = world->organizations.items[0];
        Project *project = organization->projects.items[0];
        const Repository *repository = project_find_repository(project, "team-0001", AS_OF_NOW);

        assert_int_equal(repository->branches.n_items, 10000);
        assert_true(organization->stores[NAMESPACE_GIT].lists.n_items > 9999);
        world_free(world);
}

static void test_empty(void **state) {
        World *world = generate(1, "name=contoso,project=Bench,teams=4,empty=true,pat=secret");
        Organization *organization = world->organizations.items[0];
        Project *project = organization_find_project(organization, "Bench", AS_OF_NOW);

        assert_non_null(directory_find_word(organization, "user00008@contoso.com"));
        assert_string_equal(directory_find_pat(organization, "secret")->unique_name,
                            "admin@contoso.com");
        assert_int_equal(project->teams.n_items, 1);
        assert_int_equal(project->repositories.n_items, 1);
        assert_int_equal(project->folders.n_items, 0);
        world_free(world);
}

static void test_mistakes(void **state) {
        static const struct {
                const char *spec;
                const char *mistake;
        } ROWS[] = {
                {"nam=x", "nam=x: nam: is no key; see README.md for those there are"},
                {"teams=-1", "teams=-1: teams: is to be a number up to 1000000"},
                {"teams=1x", "teams=1x: teams: is to be a number up to 1000000"},
                {"teams", "teams: teams: is to be a number up to 1000000"},
                {"name=", "name=: name: is empty"},
                {"empty=perhaps", "empty=perhaps: empty: is to be true or false"},
        };

        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                World *world = world_new(1);
                char *error = NULL;

                assert_int_equal(generate_organization(world, ROWS[i].spec, &error), -1);
                assert_string_equal(error, ROWS[i].mistake);
                free(error);
                world_free(world);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_text_decides),
                cmocka_unit_test(test_the_number_decides),
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_kinds_with_roles),
                cmocka_unit_test(test_many_branches),
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_mistakes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

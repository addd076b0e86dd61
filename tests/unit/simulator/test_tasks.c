/* SPDX-License-Identifier: Apache-2.0 */
/* Area Distributed task: what is only listed. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/resource.h"
#include "tests/unit/simulator/scene.h"

#define POOL "id,scope,name,isHosted,poolType,size,isLegacy,options"

static const char *names_of(Scene *scene, const cJSON *list) {
        const char *names = "";
        const cJSON *item;

        cJSON_ArrayForEach(item, at(list, "value")) names = arena_print(
                &scene->arena, "%s%s%s", names, *names ? ", " : "", text_at(item, "name"));
        return names;
}

/* A project with one more queue, three variable groups, an environment. */
static Project *furnish(Scene *scene) {
        Project *project = scene_add_project(scene, "MLOps");

        resource_create(project, RESOURCE_QUEUE, &(ResourceSpec){.name = "GPU"});
        resource_create(project, RESOURCE_VARIABLE_GROUP,
                        &(ResourceSpec){.name = "one", .description = "the first"});
        resource_create(project, RESOURCE_VARIABLE_GROUP, &(ResourceSpec){.name = "two"});
        resource_create(project, RESOURCE_VARIABLE_GROUP, &(ResourceSpec){.name = "three"});
        resource_create(project, RESOURCE_ENVIRONMENT, &(ResourceSpec){.name = "production"});
        resource_create(project, RESOURCE_SECURE_FILE, &(ResourceSpec){.name = "signing.p12"});
        return project;
}

static void test_lists(void **state) {
        static const struct {
                const char *path;
                const char *names;
        } ROWS[] = {
                {"MLOps/_apis/distributedtask/queues", "Default, Azure Pipelines, GPU"},
                {"MLOps/_apis/distributedtask/queues?queueName=gpu", "GPU"},
                {"_apis/distributedtask/pools", "Default, Azure Pipelines, GPU"},
                {"_apis/distributedtask/pools?poolName=default&poolType=automation", "Default"},
                {"_apis/distributedtask/pools?poolType=deployment", ""},
                {"MLOps/_apis/distributedtask/variablegroups", "one, two, three"},
                {"MLOps/_apis/distributedtask/variablegroups?queryOrder=idDescending",
                 "three, two, one"},
                {"MLOps/_apis/distributedtask/variablegroups?groupName=TWO", "two"},
                {"MLOps/_apis/distributedtask/securefiles", "signing.p12"},
                {"MLOps/_apis/distributedtask/securefiles?namePattern=*.p12", "signing.p12"},
                {"MLOps/_apis/distributedtask/securefiles?namePattern=*.pem", ""},
                {"MLOps/_apis/pipelines/environments", "production"},
                {"MLOps/_apis/distributedtask/environments?name=none", ""},
        };
        Scene scene;

        scene_open(&scene);
        furnish(&scene);
        resource_create(scene_add_project(&scene, "Other"), RESOURCE_QUEUE,
                        &(ResourceSpec){.name = "GPU"});
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(
                        names_of(&scene, scene_ask(&scene, 200, (Ask){0}, "%s", ROWS[i].path)),
                        ROWS[i].names);
        scene_close(&scene);
}

static void test_shapes(void **state) {
        static const struct {
                const char *path;
                const char *member;
                const char *names;
        } ROWS[] = {
                {"MLOps/_apis/distributedtask/queues", "value.0", "id,projectId,name,pool"},
                {"MLOps/_apis/distributedtask/queues", "value.0.pool", POOL},
                {"_apis/distributedtask/pools", "value.0",
                 "createdOn,autoProvision,autoUpdate,autoSize,targetSize,agentCloudId,createdBy,owner," POOL},
                {"MLOps/_apis/distributedtask/variablegroups", "value.0",
                 "variables,id,type,name,description,createdBy,createdOn,modifiedBy,modifiedOn,isShared,"
                 "variableGroupProjectReferences"},
                {"MLOps/_apis/pipelines/environments", "value.0",
                 "id,name,description,createdBy,createdOn,lastModifiedBy,lastModifiedOn,project"},
        };
        Scene scene;

        scene_open(&scene);
        furnish(&scene);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(member_names(&scene, at(scene_ask(&scene, 200, (Ask){0}, "%s",
                                                                      ROWS[i].path),
                                                            ROWS[i].member)),
                                    ROWS[i].names);
        scene_close(&scene);
}

static void test_pages(void **state) {
        static const char *const ORDERS[] = {"idAscending", "idDescending"};
        static const char *const SEEN[] = {"one, two | three", "three, two | one"};
        Scene scene;

        scene_open(&scene);
        furnish(&scene);
        for (size_t i = 0; i < 2; i++) {
                const char *path = arena_print(
                        &scene.arena,
                        "MLOps/_apis/distributedtask/variablegroups?$top=2&queryOrder=%s",
                        ORDERS[i]);
                const char *first = names_of(&scene, scene_ask(&scene, 200, (Ask){0}, "%s", path));
                const char *token =
                        arena_copy(&scene.arena, scene_header(&scene, "x-ms-continuationtoken"));
                const char *second;

                assert_non_null(token);
                second = names_of(&scene, scene_ask(&scene, 200, (Ask){0},
                                                    "%s&continuationToken=%s", path, token));
                assert_null(scene_header(&scene, "x-ms-continuationtoken"));
                assert_string_equal(arena_print(&scene.arena, "%s | %s", first, second), SEEN[i]);
        }
        scene_close(&scene);
}

/* Who may not view one does not see it; filters by action ask for more. */
static void test_rights(void **state) {
        Scene scene;
        Project *project;
        Identity *user;
        const Resource *group;

        scene_open(&scene);
        project = furnish(&scene);
        user = scene_add_user(&scene, "rita@contoso.com");
        membership_add(scene.organization, user,
                       directory_find_role(scene.organization, project, GROUP_READERS));
        group = project->resources[RESOURCE_VARIABLE_GROUP].items[1];
        acl_grant(&(AclTarget){scene.world, scene.organization, namespace_get(NAMESPACE_LIBRARY),
                               arena_print(&scene.arena, "Library/%s/VariableGroup/%d", project->id,
                                           group->id)},
                  user, 0, 1);
        assert_string_equal(
                names_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "rita"},
                                           "MLOps/_apis/distributedtask/variablegroups")),
                "one, three");
        assert_string_equal(
                names_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "rita"},
                                           "MLOps/_apis/distributedtask/queues?actionFilter=use")),
                "");
        assert_string_equal(names_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "rita"},
                                                       "MLOps/_apis/distributedtask/queues")),
                            "Default, Azure Pipelines, GPU");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lists),
                cmocka_unit_test(test_shapes),
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_rights),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

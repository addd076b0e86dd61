/* SPDX-License-Identifier: Apache-2.0 */
/* Area Distributed task: pools, queues, variable groups, secure files, environments. */
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

static cJSON *request_of(Scene *scene, int status, const char *method, const char *body,
                         const char *path) {
        return scene_ask(scene, status, (Ask){.method = method, .body = body}, "%s", path);
}

/* Made, found by id, changed, taken away: one story for each kind. */
static void test_changes(void **state) {
        static const struct {
                const char *list;
                const char *body;   /* of a POST; "%s" is the name */
                const char *query;  /* where the name goes for want of a body */
                const char *method; /* of a change; NULL: there is none */
                const char *at;     /* the snapshot's words for where its maker has an entry */
        } ROWS[] = {
                {"distributedtask/variablegroups", "{\"name\":\"x\",\"type\":\"Vsts\"}", "", "PUT",
                 "variable group y"},
                {"distributedtask/securefiles", "{}", "?name=x", "PATCH", "secure file y"},
                {"pipelines/environments", "{\"name\":\"x\"}", "", "PATCH", "environment y"},
                {"distributedtask/environments", "{\"name\":\"x\"}", "", "PATCH", "environment y"},
                {"distributedtask/queues", "{\"name\":\"x\",\"pool\":{\"id\":10}}", "", NULL,
                 "agent queue x"},
        };
        Scene scene;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        assert_int_equal(at(request_of(&scene, 200, "POST", "{\"name\":\"Metal\"}",
                                       "_apis/distributedtask/pools"),
                            "id")
                                 ->valueint,
                         10);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *list = arena_print(&scene.arena, "MLOps/_apis/%s", ROWS[i].list);
                const char *post = arena_print(&scene.arena, "%s%s", list, ROWS[i].query);
                const cJSON *made = request_of(&scene, 200, "POST", ROWS[i].body, post), *id;
                const char *one;

                assert_string_equal(text_at(made, "name"), "x");
                request_of(&scene, 409, "POST", ROWS[i].body, post);
                id = at(made, "id");
                one = cJSON_IsNumber(id)
                              ? arena_print(&scene.arena, "%s/%d", list, id->valueint)
                              : arena_print(&scene.arena, "%s/%s", list, id->valuestring);
                if (ROWS[i].method)
                        assert_string_equal(text_at(request_of(&scene, 200, ROWS[i].method,
                                                               "{\"name\":\"y\"}", one),
                                                    "name"),
                                            "y");
                request_of(&scene, 200, "GET", NULL, one);
                scene_send(&scene, (Ask){0}, "/_simulator/snapshot?sections=permissions");
                assert_non_null(strstr(scene.response.body,
                                       arena_print(&scene.arena, "\"at\":\"%s\"", ROWS[i].at)));
                request_of(&scene, 204, "DELETE", NULL, one);
                request_of(&scene, 404, "GET", NULL, one);
                request_of(&scene, 404, "DELETE", NULL, one);
        }
        scene_close(&scene);
}

/* Only what may be seen may be kept from others: of a secret nothing is. */
static void test_variables(void **state) {
        Scene scene;
        const cJSON *made;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        made = request_of(
                &scene, 200, "POST",
                "{\"name\":\"x\",\"variables\":{\"a\":{\"value\":\"1\"},\"b\":{\"value\":\"hidden\","
                "\"isSecret\":true,\"isReadOnly\":true}}}",
                "MLOps/_apis/distributedtask/variablegroups");
        assert_string_equal(text_at(made, "variables.a.value"), "1");
        assert_string_equal(member_names(&scene, at(made, "variables.a")), "value");
        assert_true(cJSON_IsNull(at(made, "variables.b.value")));
        assert_string_equal(member_names(&scene, at(made, "variables.b")),
                            "value,isSecret,isReadOnly");
        /* Without variables a change leaves them. */
        made = request_of(&scene, 200, "PUT", "{\"name\":\"y\"}",
                          arena_print(&scene.arena, "MLOps/_apis/distributedtask/variablegroups/%d",
                                      at(made, "id")->valueint));
        assert_string_equal(text_at(made, "variables.a.value"), "1");
        scene_send(&scene, (Ask){0}, "/_simulator/snapshot?sections=things");
        assert_non_null(strstr(scene.response.body,
                               "\"variable group\":\"y\",\"variables\":[\"a\",\"b\"]"));
        assert_null(strstr(scene.response.body, "hidden"));
        scene_close(&scene);
}

/* Pools come to projects by queues, and go with them. */
static void test_pools(void **state) {
        static const char POOLS[] = "_apis/distributedtask/pools";
        static const char QUEUES[] = "MLOps/_apis/distributedtask/queues";
        Scene scene;
        int id;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        scene_add_user(&scene, "rita@contoso.com");
        id = at(request_of(&scene, 200, "POST", "{\"name\":\"Metal\",\"autoProvision\":true}",
                           POOLS),
                "id")
                     ->valueint;
        assert_string_equal(names_of(&scene, request_of(&scene, 200, "GET", NULL, QUEUES)),
                            "Default, Azure Pipelines, Metal");
        scene_add_project(&scene, "Later");
        assert_string_equal(names_of(&scene, request_of(&scene, 200, "GET", NULL,
                                                        "Later/_apis/distributedtask/queues")),
                            "Default, Azure Pipelines, Metal");
        request_of(&scene, 409, "POST", "{\"name\":\"metal\"}", POOLS);
        request_of(&scene, 409, "POST",
                   arena_print(&scene.arena, "{\"name\":\"Second\",\"pool\":{\"id\":%d}}", id),
                   QUEUES);
        request_of(&scene, 404, "POST", "{\"name\":\"Second\",\"pool\":{\"id\":99}}", QUEUES);
        request_of(&scene, 400, "POST", "{\"name\":\"Second\"}", QUEUES);
        assert_string_equal(
                names_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "rita"}, "%s", POOLS)),
                "Default, Azure Pipelines, Metal");
        scene_ask(&scene, 403, (Ask){.pat = "rita", .method = "POST", .body = "{\"name\":\"own\"}"},
                  "%s", POOLS);
        assert_string_equal(text_at(request_of(&scene, 200, "PATCH", "{\"name\":\"Steel\"}",
                                               arena_print(&scene.arena, "%s/%d", POOLS, id)),
                                    "name"),
                            "Steel");
        assert_string_equal(names_of(&scene, request_of(&scene, 200, "GET", NULL,
                                                        arena_print(&scene.arena, "%s?poolIds=%d",
                                                                    QUEUES, id))),
                            "Metal");
        request_of(&scene, 204, "DELETE", NULL, arena_print(&scene.arena, "%s/%d", POOLS, id));
        assert_string_equal(names_of(&scene, request_of(&scene, 200, "GET", NULL, QUEUES)),
                            "Default, Azure Pipelines");
        request_of(&scene, 404, "GET", NULL, arena_print(&scene.arena, "%s/%d", POOLS, id));
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_lists),   cmocka_unit_test(test_shapes),
                cmocka_unit_test(test_pages),   cmocka_unit_test(test_rights),
                cmocka_unit_test(test_changes), cmocka_unit_test(test_variables),
                cmocka_unit_test(test_pools),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

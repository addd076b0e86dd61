/* SPDX-License-Identifier: Apache-2.0 */
/* Areas Security roles and Pipeline permissions. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/resource.h"
#include "tests/unit/simulator/scene.h"

#define SCOPES "_apis/securityroles/scopes/distributedtask."

static const char *names_of(Scene *scene, const cJSON *list) {
        const char *names = "";
        const cJSON *item;

        cJSON_ArrayForEach(item, at(list, "value")) names =
                arena_print(&scene->arena, "%s%s%s %d", names, *names ? ", " : "",
                            text_at(item, "name"), at(item, "allowPermissions")->valueint);
        return names;
}

/* `Ana Reader assigned`, of assignments but those that come down. */
static const char *assigned(Scene *scene, const cJSON *list) {
        const char *names = "";
        const cJSON *item;

        cJSON_ArrayForEach(item, at(list, "value")) {
                if (strcmp(text_at(item, "access"), "assigned") == 0)
                        names = arena_print(&scene->arena, "%s%s%s %s", names, *names ? ", " : "",
                                            text_at(item, "identity.displayName"),
                                            text_at(item, "role.name"));
        }
        return names;
}

static Resource *add(Project *project, ResourceKind kind, const char *name) {
        return resource_create(project, kind, &(ResourceSpec){.name = name});
}

static void test_definitions(void **state) {
        static const struct {
                const char *scope;
                const char *names;
        } ROWS[] = {
                {"serviceendpointrole", "Administrator 3, User 17, Reader 16"},
                {"ENVIRONMENTreferencerole", "Administrator 27, User 17, Reader 1"},
                {"variablegroup", "Administrator 19, User 17, Reader 1"},
                {"library", "Administrator 19, Creator 21, User 17, Reader 1"},
                {"agentqueuerole", "Administrator 27, Creator 49, User 17, Reader 1"},
                {"environmentrole", ""}, /* as it is when misspelt */
        };
        Scene scene;

        scene_open(&scene);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(
                        names_of(&scene, scene_ask(&scene, 200, (Ask){0},
                                                   SCOPES "%s/roledefinitions", ROWS[i].scope)),
                        ROWS[i].names);
        assert_string_equal(
                member_names(&scene,
                             at(scene_ask(&scene, 200, (Ask){0}, SCOPES "library/roledefinitions"),
                                "value.0")),
                "displayName,name,allowPermissions,denyPermissions,identifier,description,scope");
        scene_ask(&scene, 400, (Ask){.version = "7.1"}, SCOPES "library/roledefinitions");
        scene_close(&scene);
}

typedef struct RoleRow {
        ResourceKind kind;
        const char *scope;
        const char *between;
} RoleRow;

static const RoleRow ROLE_ROWS[] = {
        {RESOURCE_ENVIRONMENT, "environmentreferencerole", "_"},
        {RESOURCE_VARIABLE_GROUP, "variablegroup", "%24"},
        {RESOURCE_SECURE_FILE, "securefile", "%24"},
        {RESOURCE_QUEUE, "agentqueuerole", "_"},
};

static const AclState *list_of(const Scene *scene, const Resource *resource) {
        NamespaceIndex ns = resource_traits(resource->kind)->ns;
        Arena scratch = {0};
        const AclState *found = acl_find(&scene->organization->stores[ns], namespace_get(ns),
                                         token_of_resource(&scratch, resource), AS_OF_NOW);

        arena_deinit(&scratch);
        return found;
}

/* A role is an entry: set, changed through either way, taken. */
static void check_kind(Scene *scene, Project *project, const Identity *user, const RoleRow *row) {
        Resource *resource = add(project, row->kind, "thing");
        const char *path = arena_print(&scene->arena, SCOPES "%s/roleassignments/resources/%s%s%s",
                                       row->scope, project->id, row->between, resource->key);
        const char *body = arena_print(&scene->arena, "[{\"roleName\":\"user\",\"userId\":\"%s\"}]",
                                       user->storage_key);
        AclTarget target = {scene->world, scene->organization,
                            namespace_get(resource_traits(row->kind)->ns),
                            token_of_resource(&scene->arena, resource)};

        assert_int_equal(
                at(scene_ask(scene, 200, (Ask){.method = "PUT", .body = body}, "%s", path), "count")
                        ->valueint,
                1);
        assert_int_equal(acl_state_find(list_of(scene, resource), user)->allow, 17);
        assert_string_equal(assigned(scene, scene_ask(scene, 200, (Ask){0}, "%s", path)),
                            "rita User");
        acl_set_entries(&target, &(AceSpec){user->descriptor, 1, 0}, 1, ACE_REPLACE);
        assert_string_equal(assigned(scene, scene_ask(scene, 200, (Ask){0}, "%s", path)),
                            "rita Reader");
        scene_ask(scene, 200, (Ask){.method = "PATCH"}, "%s?inheritPermissions=false", path);
        assert_false(list_of(scene, resource)->inherit);
        /* Nothing comes down any more. */
        assert_int_equal(at(scene_ask(scene, 200, (Ask){0}, "%s", path), "count")->valueint, 1);
        scene_ask(scene, 200, (Ask){.method = "DELETE"}, "%s/%s", path, user->storage_key);
        assert_null(acl_state_find(list_of(scene, resource), user));
}

static void test_assignments(void **state) {
        Scene scene;
        Project *project;
        Identity *user;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        user = scene_add_user(&scene, "rita@contoso.com");
        for (size_t i = 0; i < sizeof(ROLE_ROWS) / sizeof(ROLE_ROWS[0]); i++)
                check_kind(&scene, project, user, &ROLE_ROWS[i]);
        scene_close(&scene);
}

/* facts §0.4 */
static void test_what_is_accepted_and_does_nothing(void **state) {
        static const char *const SCOPE_WORDS[] = {"environmentreferencerole", "environmentrole",
                                                  "library"};
        const char *bodies[2];
        Scene scene;
        Project *project;
        Resource *environment;
        const Identity *user;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        user = scene_add_user(&scene, "rita@contoso.com");
        environment = add(project, RESOURCE_ENVIRONMENT, "production");
        bodies[0] = "[{\"roleName\":\"User\",\"userId\":\"11111111-2222-4333-8444-555555555555\"}]";
        bodies[1] = arena_print(&scene.arena, "[{\"roleName\":\"Boss\",\"userId\":\"%s\"}]",
                                user->storage_key);
        for (size_t i = 0; i < 2 * 3; i++)
                assert_int_equal(
                        at(scene_ask(&scene, 200, (Ask){.method = "PUT", .body = bodies[i % 2]},
                                     SCOPES "%s/roleassignments/resources/%s_%s",
                                     SCOPE_WORDS[i / 2], project->id, environment->key),
                           "count")
                                ->valueint,
                        0);
        assert_null(list_of(&scene, environment));
        scene_close(&scene);
}

static void test_rights(void **state) {
        Scene scene;
        Project *project;
        Resource *environment;
        Identity *user;
        const char *body, *path;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        user = scene_add_user(&scene, "rita@contoso.com");
        membership_add(scene.organization, user,
                       directory_find_role(scene.organization, project, GROUP_READERS));
        environment = add(project, RESOURCE_ENVIRONMENT, "production");
        path = arena_print(&scene.arena,
                           SCOPES "environmentreferencerole/roleassignments/resources/%s_%s",
                           project->id, environment->key);
        body = arena_print(&scene.arena, "[{\"roleName\":\"User\",\"userId\":\"%s\"}]",
                           user->storage_key);
        scene_ask(&scene, 403, (Ask){.pat = "rita", .method = "PUT", .body = body}, "%s", path);
        scene_ask(&scene, 403, (Ask){.pat = "rita", .method = "PATCH"},
                  "%s?inheritPermissions=false", path);
        scene_ask(&scene, 403,
                  (Ask){.pat = "rita", .method = "PATCH", .body = "{\"pipelines\":[]}"},
                  "MLOps/_apis/pipelines/pipelinepermissions/environment/%s", environment->key);
        scene_ask(&scene, 200, (Ask){.pat = "rita"},
                  "MLOps/_apis/pipelines/pipelinepermissions/environment/%s", environment->key);
        scene_close(&scene);
}

static void test_pipelines(void **state) {
        Scene scene;
        Project *project;
        Resource *queue;
        const char *path;
        const cJSON *tree;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        queue = add(project, RESOURCE_QUEUE, "GPU");
        path = arena_print(&scene.arena, "MLOps/_apis/pipelines/pipelinepermissions/Queue/%s",
                           queue->key);
        tree = scene_ask(&scene, 200, (Ask){0}, "%s", path);
        assert_string_equal(member_names(&scene, tree), "resource,pipelines");
        assert_string_equal(text_at(tree, "resource.type"), "queue");
        tree = scene_ask(&scene, 200,
                         (Ask){.method = "PATCH",
                               .body = "{\"pipelines\":[{\"id\":7,\"authorized\":true},"
                                       "{\"id\":9,\"authorized\":true}]}"},
                         "%s", path);
        assert_int_equal(cJSON_GetArraySize(at(tree, "pipelines")), 2);
        assert_string_equal(member_names(&scene, at(tree, "pipelines.0")),
                            "id,authorized,authorizedBy,authorizedOn");
        tree = scene_ask(&scene, 200,
                         (Ask){.method = "PATCH",
                               .body = "{\"allPipelines\":{\"authorized\":true},"
                                       "\"pipelines\":[{\"id\":7,\"authorized\":false}]}"},
                         "%s", path);
        assert_true(cJSON_IsTrue(at(tree, "allPipelines.authorized")));
        assert_int_equal(cJSON_GetArraySize(at(tree, "pipelines")), 1);
        assert_int_equal(at(tree, "pipelines.0.id")->valueint, 9);
        tree = scene_ask(
                &scene, 200,
                (Ask){.method = "PATCH", .body = "{\"allPipelines\":{\"authorized\":false}}"}, "%s",
                path);
        assert_null(at(tree, "allPipelines"));
        scene_ask(&scene, 404, (Ask){0}, "MLOps/_apis/pipelines/pipelinepermissions/environment/%s",
                  queue->key);
        scene_ask(&scene, 404, (Ask){0}, "MLOps/_apis/pipelines/pipelinepermissions/kettle/1");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_definitions),
                cmocka_unit_test(test_assignments),
                cmocka_unit_test(test_what_is_accepted_and_does_nothing),
                cmocka_unit_test(test_rights),
                cmocka_unit_test(test_pipelines),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

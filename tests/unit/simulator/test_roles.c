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
                {"serviceendpointrole", "Administrator 3, User 1, Reader 16"},
                {"ENVIRONMENTreferencerole", "Administrator 27, User 17, Reader 1"},
                {"variablegroup", "Administrator 19, User 17, Reader 1"},
                {"library", "Administrator 19, Creator 21, User 17, Reader 1"},
                {"agentqueuerole", "Administrator 27, Creator 49, User 17, Reader 1"},
                {"agentpoolrole", "Administrator 27, Service Account 5, Reader 1"},
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

/* `Ana Reader`, of all that a list has. */
static const char *listed(Scene *scene, const cJSON *list) {
        const char *names = "";
        const cJSON *item;

        cJSON_ArrayForEach(item, at(list, "value")) names =
                arena_print(&scene->arena, "%s%s%s %s %s", names, *names ? ", " : "",
                            text_at(item, "identity.displayName"), text_at(item, "role.name"),
                            text_at(item, "access"));
        return names;
}

static const char *body_for(Scene *scene, const char *role, const Identity *identity) {
        return arena_print(&scene->arena, "[{\"roleName\":\"%s\",\"userId\":\"%s\"}]", role,
                           identity->storage_key);
}

/* What a project comes with (facts §4.4). Administrators of a project may create connections and
 * manage them: that is no role, and shows as the larger one. */
static void test_defaults(void **state) {
        static const struct {
                const char *scope;
                const char *suffix;
                const char *listed;
        } ROWS[] = {
                {"globalenvironmentreferencerole", "",
                 "[MLOps]\\Project Valid Users Reader assigned, "
                 "[MLOps]\\Contributors Creator assigned, "
                 "[MLOps]\\Project Administrators Creator assigned, "
                 "[contoso]\\Project Collection Administrators Administrator assigned"},
                {"library", "%240",
                 "[MLOps]\\Project Valid Users Reader assigned, "
                 "[contoso]\\Project Collection Build Service Accounts Reader assigned, "
                 "[MLOps]\\Contributors Creator assigned, "
                 "[MLOps]\\Project Administrators Administrator assigned, "
                 "[MLOps]\\Build Administrators Administrator assigned"},
                {"globalagentqueuerole", "",
                 "[MLOps]\\Project Valid Users Reader assigned, "
                 "[MLOps]\\Contributors Creator assigned, "
                 "[MLOps]\\Project Administrators Administrator assigned, "
                 "[MLOps]\\Build Administrators Administrator assigned"},
                {"project.serviceendpointrole", "",
                 "[MLOps]\\Project Valid Users Reader assigned, "
                 "[contoso]\\Project Collection Build Service Accounts Reader assigned, "
                 "[MLOps]\\Project Administrators Creator assigned"},
        };
        Scene scene;
        const Project *project;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(
                        listed(&scene, scene_ask(&scene, 200, (Ask){0},
                                                 SCOPES "%s/roleassignments/resources/%s%s",
                                                 ROWS[i].scope, project->id, ROWS[i].suffix)),
                        ROWS[i].listed);
        scene_close(&scene);
}

/* Who makes a thing administers it (facts §3.9): in the library by an entry that is more. */
static void test_makers(void **state) {
        static const uint32_t MASKS[N_RESOURCE_KINDS] = {
                [RESOURCE_QUEUE] = 27,
                [RESOURCE_VARIABLE_GROUP] = 51,
                [RESOURCE_SECURE_FILE] = 51,
                [RESOURCE_ENVIRONMENT] = 27,
        };
        Scene scene;
        Project *project;
        Identity *user;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        user = scene_add_user(&scene, "rita@contoso.com");
        for (size_t i = 0; i < sizeof(ROLE_ROWS) / sizeof(ROLE_ROWS[0]); i++) {
                ResourceSpec spec = {.name = "own", .actor = user};
                Resource *own = resource_create(project, ROLE_ROWS[i].kind, &spec);

                assert_int_equal(acl_state_find(list_of(&scene, own), user)->allow,
                                 MASKS[ROLE_ROWS[i].kind]);
                assert_string_equal(
                        assigned(&scene, scene_ask(&scene, 200, (Ask){0},
                                                   SCOPES "%s/roleassignments/resources/%s%s%s",
                                                   ROLE_ROWS[i].scope, project->id,
                                                   ROLE_ROWS[i].between, own->key)),
                        "rita Administrator");
        }
        scene_close(&scene);
}

/* Who has an entry of their own is told of once; an empty one is as none. */
static void test_what_comes_down(void **state) {
        Scene scene;
        Project *project;
        Resource *environment;
        Identity *readers, *valid;
        const char *path;
        AclTarget target;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        environment = add(project, RESOURCE_ENVIRONMENT, "production");
        readers = directory_find_role(scene.organization, project, GROUP_READERS);
        valid = directory_find_role(scene.organization, project, GROUP_PROJECT_VALID_USERS);
        target = (AclTarget){scene.world, scene.organization, namespace_get(NAMESPACE_ENVIRONMENT),
                             token_of_resources(&scene.arena, project, RESOURCE_ENVIRONMENT)};
        acl_replace(&target, ACL_INHERIT_ON,
                    (AceSpec[]){{readers->descriptor, 1, 0}, {valid->descriptor, 17, 0}}, 2);
        path = arena_print(&scene.arena,
                           SCOPES "environmentreferencerole/roleassignments/resources/%s_%s",
                           project->id, environment->key);
        assert_string_equal(listed(&scene, scene_ask(&scene, 200, (Ask){0}, "%s", path)),
                            "[MLOps]\\Readers Reader inherited, "
                            "[MLOps]\\Project Valid Users User inherited");
        scene_ask(&scene, 200,
                  (Ask){.method = "PUT", .body = body_for(&scene, "Administrator", readers)}, "%s",
                  path);
        target.token = token_of_resource(&scene.arena, environment);
        acl_set_entries(&target, &(AceSpec){valid->descriptor, 0, 0}, 1, ACE_REPLACE);
        assert_string_equal(listed(&scene, scene_ask(&scene, 200, (Ask){0}, "%s", path)),
                            "[MLOps]\\Readers Administrator assigned, "
                            "[MLOps]\\Project Valid Users User inherited");
        directory_remove(scene.organization, readers);
        scene_pass_ms(&scene, 1000);
        assert_string_equal(listed(&scene, scene_ask(&scene, 200, (Ask){0}, "%s", path)),
                            "[MLOps]\\Project Valid Users User inherited");
        scene_close(&scene);
}

/* Pools, and connections above their projects. */
static void test_roles_of_the_organization(void **state) {
        static const struct {
                const char *scope;
                const char *resource;
                const char *role;
                int count;
        } ROWS[] = {
                {"agentpoolrole", "0", "Reader", 1},
                {"agentpoolrole", "1", "service account", 1},
                {"agentpoolrole", "77", "Reader", 0},
                {"globalagentpoolrole", "0", "Administrator", 1},
                {"serviceendpointrole", "collection_%s", "Administrator", 1},
                {"serviceendpointrole", "collection_%s", "User", 0}, /* facts §4.2 */
        };
        const Endpoint *endpoint;
        Scene scene;
        Project *project;
        Identity *user;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        user = scene_add_user(&scene, "rita@contoso.com");
        endpoint = endpoint_create(project, &(EndpointSpec){.name = "azure"});
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *id = ROWS[i].resource;

                if (text_starts(id, "collection_"))
                        id = arena_print(&scene.arena, "collection_%s", endpoint->id);
                assert_int_equal(
                        at(scene_ask(&scene, 200,
                                     (Ask){.method = "PUT",
                                           .body = body_for(&scene, ROWS[i].role, user)},
                                     SCOPES "%s/roleassignments/resources/%s", ROWS[i].scope, id),
                           "count")
                                ->valueint,
                        ROWS[i].count);
        }
        assert_string_equal(
                assigned(&scene, scene_ask(&scene, 200, (Ask){0},
                                           SCOPES "agentpoolrole/roleassignments/resources/1")),
                "rita Service Account");
        /* Nobody changes their own. */
        assert_int_equal(
                at(scene_ask(&scene, 200,
                             (Ask){.method = "PUT",
                                   .body = body_for(&scene, "Reader", scene.administrator)},
                             SCOPES "agentpoolrole/roleassignments/resources/1"),
                   "count")
                        ->valueint,
                0);
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

static int pipelines_of(const cJSON *tree, const char *path) {
        return cJSON_GetArraySize(at(tree, path));
}

/* Several at once: all or, where one is not there, none. */
static void test_batches(void **state) {
        Scene scene;
        Project *project;
        Resource *queue, *environment;
        Repository *repository;
        const cJSON *tree;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        queue = add(project, RESOURCE_QUEUE, "GPU");
        environment = add(project, RESOURCE_ENVIRONMENT, "production");
        repository = project_find_repository(project, "MLOps", AS_OF_NOW);
        scene_ask(&scene, 404,
                  (Ask){.method = "PATCH",
                        .body = arena_print(&scene.arena,
                                            "[{\"resource\":{\"type\":\"queue\",\"id\":\"%s\"},"
                                            "\"pipelines\":[{\"id\":3,\"authorized\":true}]},"
                                            "{\"resource\":{\"type\":\"queue\",\"id\":\"0\"}}]",
                                            queue->key)},
                  "MLOps/_apis/pipelines/pipelinepermissions");
        assert_int_equal(project->pipeline_grants.n_items, 0);
        tree = scene_ask(&scene, 200,
                         (Ask){.method = "PATCH",
                               .body = arena_print(
                                       &scene.arena,
                                       "[{\"resource\":{\"type\":\"queue\",\"id\":\"%s\"},"
                                       "\"pipelines\":[{\"id\":3,\"authorized\":true}]},"
                                       "{\"resource\":{\"type\":\"environment\",\"id\":\"%s\"},"
                                       "\"pipelines\":[]},"
                                       "{\"resource\":{\"type\":\"repository\",\"id\":\"%s.%s\"},"
                                       "\"allPipelines\":{\"authorized\":true}}]",
                                       queue->key, environment->key, project->id, repository->id)},
                         "MLOps/_apis/pipelines/pipelinepermissions");
        assert_int_equal(pipelines_of(tree, "value"), 3);
        assert_int_equal(pipelines_of(tree, "value.0.pipelines"), 1);
        assert_int_equal(pipelines_of(tree, "value.1.pipelines"), 0);
        assert_true(cJSON_IsTrue(at(tree, "value.2.allPipelines.authorized")));
        scene_ask(&scene, 400, (Ask){.method = "PATCH", .body = "{}"},
                  "MLOps/_apis/pipelines/pipelinepermissions");
        scene_close(&scene);
}

/* The older form knows of all pipelines alone. */
static void test_authorized_resources(void **state) {
        static const char PATH[] = "MLOps/_apis/build/authorizedresources";
        Scene scene;
        Project *project;
        Resource *group;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        group = add(project, RESOURCE_VARIABLE_GROUP, "secrets");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, "%s", PATH), "count")->valueint, 0);
        scene_ask(&scene, 200,
                  (Ask){.method = "PATCH",
                        .body = arena_print(&scene.arena,
                                            "[{\"type\":\"VariableGroup\",\"id\":\"%s\","
                                            "\"authorized\":true}]",
                                            group->key)},
                  "%s", PATH);
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, "%s?type=variablegroup", PATH),
                                    "value.0.id"),
                            group->key);
        assert_int_equal(
                at(scene_ask(&scene, 200, (Ask){0}, "%s?type=queue", PATH), "count")->valueint, 0);
        assert_true(cJSON_IsTrue(at(
                scene_ask(&scene, 200, (Ask){0},
                          "MLOps/_apis/pipelines/pipelinepermissions/variablegroup/%s", group->key),
                "allPipelines.authorized")));
        assert_int_equal(
                at(scene_ask(&scene, 200,
                             (Ask){.method = "PATCH",
                                   .body = arena_print(&scene.arena,
                                                       "[{\"type\":\"variablegroup\",\"id\":\"%s\","
                                                       "\"authorized\":false}]",
                                                       group->key)},
                             "%s", PATH),
                   "count")
                        ->valueint,
                0);
        scene_ask(&scene, 400, (Ask){.version = "7.1"}, "%s", PATH);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_definitions),
                cmocka_unit_test(test_assignments),
                cmocka_unit_test(test_what_is_accepted_and_does_nothing),
                cmocka_unit_test(test_defaults),
                cmocka_unit_test(test_makers),
                cmocka_unit_test(test_what_comes_down),
                cmocka_unit_test(test_roles_of_the_organization),
                cmocka_unit_test(test_rights),
                cmocka_unit_test(test_pipelines),
                cmocka_unit_test(test_batches),
                cmocka_unit_test(test_authorized_resources),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area Service endpoint: connections listed, made, changed, shared, taken away. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

#define IN_PROJECT "MLOps/_apis/serviceendpoint/endpoints"
#define ANYWHERE "_apis/serviceendpoint/endpoints"

static const char MEMBERS[] =
        "data,id,name,type,url,createdBy,description,authorization,isShared,isReady,owner,"
        "serviceEndpointProjectReferences";

static Identity *add_member(Scene *scene, Project *project, const char *unique_name,
                            GroupRole role) {
        Identity *user = scene_add_user(scene, unique_name);

        membership_add(scene->organization, user,
                       directory_find_role(scene->organization, project, role));
        return user;
}

static void set_entry(Scene *scene, const char *token, const Identity *identity, uint32_t allow,
                      uint32_t deny) {
        acl_grant(&(AclTarget){scene->world, scene->organization,
                               namespace_get(NAMESPACE_SERVICE_ENDPOINTS), token},
                  identity, allow, deny);
}

static const char *names_of(Scene *scene, const cJSON *list) {
        const char *names = "";
        const cJSON *item;

        cJSON_ArrayForEach(item, at(list, "value")) names = arena_print(
                &scene->arena, "%s%s%s", names, *names ? " " : "", text_at(item, "name"));
        return names;
}

static const char *references(Scene *scene, const Project *first, const Project *second) {
        return arena_print(
                &scene->arena,
                "\"serviceEndpointProjectReferences\":[{\"projectReference\":{\"id\":\"%s\"}}%s%s%s]",
                first->id, second ? ",{\"projectReference\":{\"id\":\"" : "",
                second ? second->id : "", second ? "\"}}" : "");
}

static void test_create(void **state) {
        Scene scene;
        Project *project, *other;
        const cJSON *made;
        const AclState *list;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        other = scene_add_project(&scene, "Other");
        made = scene_ask(&scene, 200,
                         (Ask){.body = arena_print(
                                       &scene.arena,
                                       "{\"name\":\"azure\",\"type\":\"azurerm\",\"authorization\":"
                                       "{\"scheme\":\"ServicePrincipal\"},%s}",
                                       references(&scene, project, other))},
                         ANYWHERE);
        assert_string_equal(member_names(&scene, made), MEMBERS);
        assert_true(cJSON_IsTrue(at(made, "isShared")));
        assert_string_equal(
                text_at(made, "serviceEndpointProjectReferences.1.projectReference.name"), "Other");
        assert_string_equal(text_at(made, "authorization.scheme"), "ServicePrincipal");
        list = acl_find(
                &scene.organization->stores[NAMESPACE_SERVICE_ENDPOINTS],
                namespace_get(NAMESPACE_SERVICE_ENDPOINTS),
                arena_print(&scene.arena, "endpoints/%s/%s", project->id, text_at(made, "id")),
                AS_OF_NOW);
        assert_non_null(acl_state_find(list, scene.administrator));
        scene_ask(&scene, 200, (Ask){.body = "{\"name\":\"old way\"}"}, IN_PROJECT);
        assert_string_equal(names_of(&scene, scene_ask(&scene, 200, (Ask){0}, IN_PROJECT)),
                            "azure old way");
        assert_string_equal(names_of(&scene, scene_ask(&scene, 200, (Ask){0},
                                                       "Other/_apis/serviceendpoint/endpoints")),
                            "azure");
        scene_ask(&scene, 409, (Ask){.body = "{\"name\":\"AZURE\"}"}, IN_PROJECT);
        scene_ask(&scene, 400, (Ask){.body = "{}"}, IN_PROJECT);
        scene_ask(&scene, 400, (Ask){.body = "{\"name\":\"x\"}"}, ANYWHERE);
        scene_close(&scene);
}

static void test_filters(void **state) {
        static const struct {
                const char *query;
                const char *names;
        } ROWS[] = {
                {"", "a b c"},
                {"?endpointNames=b", "b"},
                {"?endpointNames=C,a,none", "a c"},
                {"?type=generic", "a b"},
                {"?authSchemes=Token", "c"},
                {"?type=generic&endpointNames=c", ""},
                {"?owner=library", "a b c"},
                {"?owner=agentcloud", ""},
                {"?actionFilter=manage", "a b c"},
        };
        Scene scene;
        Project *project;
        Endpoint *last;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        endpoint_create(project, &(EndpointSpec){.name = "a"});
        endpoint_create(project, &(EndpointSpec){.name = "b"});
        last = endpoint_create(project,
                               &(EndpointSpec){.name = "c", .type = "github", .scheme = "Token"});
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(names_of(&scene, scene_ask(&scene, 200, (Ask){0},
                                                               IN_PROJECT "%s", ROWS[i].query)),
                                    ROWS[i].names);
        assert_string_equal(names_of(&scene, scene_ask(&scene, 200, (Ask){0},
                                                       IN_PROJECT "?endpointIds=%s", last->id)),
                            "c");
        scene_close(&scene);
}

static void test_hidden(void **state) {
        Scene scene;
        Project *project;
        Endpoint *endpoint;
        Identity *user;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        endpoint = endpoint_create(project, &(EndpointSpec){.name = "secret"});
        endpoint_create(project, &(EndpointSpec){.name = "open"});
        user = add_member(&scene, project, "ann@contoso.com", GROUP_CONTRIBUTORS);
        assert_string_equal(
                names_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "ann"}, IN_PROJECT)),
                "secret open");
        assert_string_equal(names_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "ann"},
                                                       IN_PROJECT "?actionFilter=use")),
                            "");
        set_entry(&scene, token_of_endpoint(&scene.arena, endpoint, project), user, 0,
                  ENDPOINT_VIEW);
        assert_string_equal(
                names_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "ann"}, IN_PROJECT)), "open");
        assert_string_equal(
                text_at(scene_ask(&scene, 404, (Ask){.pat = "ann"}, IN_PROJECT "/%s", endpoint->id),
                        "typeKey"),
                "EndpointNotFoundException");
        scene_ask(&scene, 404, (Ask){.pat = "ann", .method = "PUT", .body = "{\"name\":\"x\"}"},
                  ANYWHERE "/%s", endpoint->id);
        scene_ask(&scene, 404, (Ask){0}, IN_PROJECT "/secret");
        scene_close(&scene);
}

static void test_change_and_share(void **state) {
        Scene scene;
        Project *project, *other;
        Endpoint *endpoint;
        const char *body;
        const cJSON *changed;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        other = scene_add_project(&scene, "Other");
        endpoint = endpoint_create(project, &(EndpointSpec){.name = "azure"});
        changed = scene_ask(
                &scene, 200,
                (Ask){.method = "PUT", .body = "{\"name\":\"Azure\",\"description\":\"new\"}"},
                ANYWHERE "/%s", endpoint->id);
        assert_string_equal(text_at(changed, "description"), "new");
        body = arena_print(&scene.arena,
                           "[{\"projectReference\":{\"id\":\"%s\"},\"name\":\"Azure\"}]",
                           other->id);
        assert_null(scene_ask(&scene, 204, (Ask){.method = "PATCH", .body = body}, ANYWHERE "/%s",
                              endpoint->id));
        scene_ask(&scene, 204, (Ask){.method = "PATCH", .body = body}, ANYWHERE "/%s",
                  endpoint->id);
        scene_ask(&scene, 200, (Ask){0}, "Other/_apis/serviceendpoint/endpoints/%s", endpoint->id);
        scene_ask(&scene, 400, (Ask){.method = "PATCH", .body = "{}"}, ANYWHERE "/%s",
                  endpoint->id);
        scene_ask(&scene, 404,
                  (Ask){.method = "PATCH", .body = "[{\"projectReference\":{\"id\":\"none\"}}]"},
                  ANYWHERE "/%s", endpoint->id);
        scene_ask(&scene, 400, (Ask){.method = "DELETE"}, ANYWHERE "/%s", endpoint->id);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, ANYWHERE "/%s?projectIds=%s&deep=true",
                  endpoint->id, project->id);
        scene_ask(&scene, 404, (Ask){0}, IN_PROJECT "/%s", endpoint->id);
        scene_ask(&scene, 200, (Ask){0}, "Other/_apis/serviceendpoint/endpoints/%s", endpoint->id);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"},
                  "Other/_apis/serviceendpoint/endpoints/%s", endpoint->id);
        scene_ask(&scene, 404, (Ask){0}, "Other/_apis/serviceendpoint/endpoints/%s", endpoint->id);
        scene_close(&scene);
}

static void test_rights(void **state) {
        Scene scene;
        Project *project, *other;
        Endpoint *endpoint;
        Identity *user;
        const char *share;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        other = scene_add_project(&scene, "Other");
        endpoint = endpoint_create(project, &(EndpointSpec){.name = "azure"});
        user = add_member(&scene, project, "carl@contoso.com", GROUP_CONTRIBUTORS);
        share = arena_print(&scene.arena, "[{\"projectReference\":{\"id\":\"%s\"}}]", other->id);
        scene_ask(&scene, 403, (Ask){.pat = "carl", .body = "{\"name\":\"n\"}"}, IN_PROJECT);
        scene_ask(&scene, 403, (Ask){.pat = "carl", .method = "PUT", .body = "{\"name\":\"n\"}"},
                  ANYWHERE "/%s", endpoint->id);
        scene_ask(&scene, 403, (Ask){.pat = "carl", .method = "DELETE"}, IN_PROJECT "/%s",
                  endpoint->id);
        set_entry(&scene, token_of_endpoint(&scene.arena, endpoint, project), user,
                  ENDPOINT_ADMINISTER, 0);
        scene_ask(&scene, 200, (Ask){.pat = "carl", .method = "PUT", .body = "{\"name\":\"n\"}"},
                  ANYWHERE "/%s", endpoint->id);
        scene_ask(&scene, 404, (Ask){.pat = "carl", .method = "PATCH", .body = share},
                  ANYWHERE "/%s", endpoint->id);
        membership_add(scene.organization, user,
                       directory_find_role(scene.organization, other, GROUP_READERS));
        scene_ask(&scene, 403, (Ask){.pat = "carl", .method = "PATCH", .body = share},
                  ANYWHERE "/%s", endpoint->id);
        set_entry(&scene, arena_print(&scene.arena, "endpoints/%s", other->id), user,
                  ENDPOINT_CREATE, 0);
        scene_ask(&scene, 204, (Ask){.pat = "carl", .method = "PATCH", .body = share},
                  ANYWHERE "/%s", endpoint->id);
        scene_ask(&scene, 403, (Ask){.pat = "carl", .method = "DELETE"},
                  ANYWHERE "/%s?projectIds=%s,%s", endpoint->id, project->id, other->id);
        scene_ask(&scene, 204, (Ask){.pat = "carl", .method = "DELETE"}, IN_PROJECT "/%s",
                  endpoint->id);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_create), cmocka_unit_test(test_filters),
                cmocka_unit_test(test_hidden), cmocka_unit_test(test_change_and_share),
                cmocka_unit_test(test_rights),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* An Azure DevOps Server: one address, no Graph, groups and members by the identity service (facts
 * §1.4). */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

static void test_addresses(void **state) {
        Scene scene;
        const cJSON *answer;

        scene_open_server(&scene);
        scene_add_project(&scene, "MLOps");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/resourceAreas");
        assert_int_equal(at(answer, "count")->valueint, 0);
        assert_string_equal(
                text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/connectionData"), "deploymentType"),
                "onPremises");
        answer = scene_ask(&scene, 200, (Ask){0}, "/TFS/Contoso/_apis/projects/MLOps");
        assert_non_null(strstr(text_at(answer, "url"), ":8001/tfs/contoso/_apis/projects/"));
        assert_int_equal(scene_send(&scene, (Ask){0}, "/contoso/_apis/projects"), 404);
        assert_int_equal(scene_send(&scene, (Ask){0}, "/tfs"), 404);
        scene_ask(&scene, 200, (Ask){0}, "/_simulator/options");
        assert_int_equal(scene_send(&scene, (Ask){0}, "/tfs/_simulator/options"), 200);
        scene_close(&scene);
}

static void test_what_is_not_there(void **state) {
        Scene scene;
        const cJSON *namespaces;

        scene_open_server(&scene);
        assert_int_equal(scene_send(&scene, (Ask){0}, "/tfs/contoso/_apis/graph/groups"), 404);
        assert_int_equal(scene_send(&scene, (Ask){.body = "{\"displayName\":\"G\"}"},
                                    "/tfs/contoso/_apis/groups"),
                         404);
        scene_ask(&scene, 400, (Ask){.version = "7.2-preview"}, "_apis/projects");
        namespaces = scene_ask(&scene, 200, (Ask){0},
                               "_apis/securitynamespaces/2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87");
        assert_non_null(
                element_with(at(namespaces, "value.0.actions"), "name", "PullRequestBypassPolicy"));
        assert_null(element_with(at(namespaces, "value.0.actions"), "name", "ViewAdvSecAlerts"));
        scene_close(&scene);
}

static void test_scopes(void **state) {
        Scene scene;
        const Project *project;
        const cJSON *scope;

        scene_open_server(&scene);
        project = scene_add_project(&scene, "MLOps");
        scope = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/scopes?scopeName=mlops");
        assert_string_equal(text_at(scope, "id"), project->scope_id);
        assert_string_equal(text_at(scope, "localScopeId"), project->id);
        assert_string_equal(text_at(scope, "scopeType"), "teamProject");
        scope = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/scopes/%s", project->scope_id);
        assert_string_equal(text_at(scope, "name"), "MLOps");
        scope = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/scopes?scopeName=contoso");
        assert_string_equal(text_at(scope, "administrators"),
                            scene.organization->administrators->descriptor);
        scene_ask(&scene, 404, (Ask){0}, "_apis/identities/scopes?scopeName=none");
        scene_close(&scene);
}

static void test_groups(void **state) {
        Scene scene;
        const Project *project;
        const cJSON *groups;

        scene_open_server(&scene);
        project = scene_add_project(&scene, "MLOps");
        scene_add_project(&scene, "Other");
        groups = at(scene_ask(&scene, 200, (Ask){0}, "_apis/groups?scopeIds=%s", project->scope_id),
                    "value");
        assert_int_equal(cJSON_GetArraySize(groups), 6);
        assert_non_null(element_with(groups, "providerDisplayName", "[MLOps]\\Readers"));
        assert_non_null(element_with(groups, "id", project->default_team->group->storage_key));
        groups = at(scene_ask(&scene, 200, (Ask){0}, "_apis/groups?scopeIds=%s",
                              scene.organization->host_id),
                    "value");
        assert_null(element_with(groups, "providerDisplayName", "[MLOps]\\Readers"));
        assert_non_null(element_with(groups, "providerDisplayName",
                                     "[contoso]\\Project Collection Administrators"));
        groups = at(scene_ask(&scene, 200, (Ask){0}, "_apis/groups?scopeIds=%s&recurse=true",
                              scene.organization->host_id),
                    "value");
        assert_non_null(element_with(groups, "providerDisplayName", "[Other]\\Readers"));
        scene_ask(&scene, 404, (Ask){0},
                  "_apis/groups?scopeIds=00000000-0000-0000-0000-000000000001");
        scene_close(&scene);
}

/* Answers true where something changed. */
static void test_members(void **state) {
        static const struct {
                const char *method;
                bool changed;
        } ROWS[] = {{"PUT", true}, {"PUT", false}, {"DELETE", true}, {"DELETE", false}};
        Scene scene;
        const Project *project;
        const Identity *ana, *team;

        scene_open_server(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = project->default_team->group;
        ana = scene_add_user(&scene, "ana@contoso.com");
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const cJSON *answer = scene_ask(&scene, 200, (Ask){.method = ROWS[i].method},
                                                "_apis/identities/%s/members/%s", team->storage_key,
                                                ana->storage_key);

                assert_int_equal(cJSON_IsTrue(answer), ROWS[i].changed);
        }
        scene_close(&scene);
}

static void test_accounts(void **state) {
        Scene scene;
        IdentitySpec group = {.kind = IDENTITY_ENTRA_GROUP, .name = "everybody"};
        const Identity *ana;
        const cJSON *found;

        scene_open_server(&scene);
        ana = scene_add_user(&scene, "ana@contoso.com");
        directory_add(scene.organization, &group);
        found = scene_ask(&scene, 200, (Ask){0},
                          "_apis/identities?searchFilter=General&filterValue=CONTOSO%%5Cana");
        assert_int_equal(at(found, "count")->valueint, 1);
        assert_string_equal(text_at(found, "value.0.id"), ana->storage_key);
        assert_true(strstr(text_at(found, "value.0.descriptor"),
                           "System.Security.Principal.WindowsIdentity;S-1-5-21-"));
        assert_true(strncmp(text_at(found, "value.0.subjectDescriptor"), "win.", 4) == 0);
        assert_string_equal(text_at(found, "value.0.properties.Domain.$value"), "CONTOSO");
        assert_string_equal(text_at(found, "value.0.properties.Account.$value"), "ana");
        assert_string_equal(text_at(found, "value.0.properties.Mail.$value"), "ana@contoso.com");
        found = scene_ask(&scene, 200, (Ask){0},
                          "_apis/identities?searchFilter=MailAddress&filterValue=ana@contoso.com");
        assert_string_equal(text_at(found, "value.0.id"), ana->storage_key);
        found = scene_ask(&scene, 200, (Ask){0},
                          "_apis/identities?searchFilter=General&filterValue=CONTOSO%%5Ceverybody");
        assert_string_equal(text_at(found, "value.0.providerDisplayName"), "[CONTOSO]\\everybody");
        assert_string_equal(text_at(found, "value.0.properties.SchemaClassName.$value"), "Group");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_addresses), cmocka_unit_test(test_what_is_not_there),
                cmocka_unit_test(test_scopes),    cmocka_unit_test(test_groups),
                cmocka_unit_test(test_members),   cmocka_unit_test(test_accounts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds whose facts are thin: delivery plans, dashboards, classic releases. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/board.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

static void grant(Scene *scene, NamespaceIndex ns, const char *token, const Identity *to,
                  uint32_t allow, uint32_t deny) {
        AclTarget target = {scene->world, scene->organization, namespace_get(ns), token};

        acl_grant(&target, to, allow, deny);
}

static Identity *add_contributor(Scene *scene, Project *project) {
        Identity *ana = scene_add_user(scene, "ana@contoso.com");

        membership_add(scene->organization, ana,
                       directory_find_role(scene->organization, project, GROUP_CONTRIBUTORS));
        return ana;
}

static void test_plans(void **state) {
        Scene scene;
        Project *project;
        Identity *ana;
        const cJSON *plan;
        const char *id;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        ana = add_contributor(&scene, project);
        plan = scene_ask(&scene, 200, (Ask){.pat = "ana", .body = "{\"name\":\"Year\"}"},
                         "MLOps/_apis/work/plans");
        id = text_at(plan, "id");
        assert_string_equal(text_at(plan, "type"), "deliveryTimelineView");
        assert_string_equal(
                text_at(scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/work/plans"), "value.0.name"),
                "Year");
        /* Who made it has an entry there. */
        assert_non_null(acl_state_find(
                acl_find(&scene.organization->stores[NAMESPACE_PLAN], namespace_get(NAMESPACE_PLAN),
                         arena_print(&scene.arena, "Plan/%s/%s", project->id, id), AS_OF_NOW),
                ana));
        grant(&scene, NAMESPACE_PLAN, token_of_plan(&scene.arena, project->plans.items[0]), ana, 0,
              1);
        scene_ask(&scene, 404, (Ask){.pat = "ana"}, "MLOps/_apis/work/plans/%s", id);
        assert_int_equal(
                at(scene_ask(&scene, 200, (Ask){.pat = "ana"}, "MLOps/_apis/work/plans"), "count")
                        ->valueint,
                0);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, "MLOps/_apis/work/plans/%s", id);
        scene_ask(&scene, 404, (Ask){0}, "MLOps/_apis/work/plans/%s", id);
        scene_close(&scene);
}

static void test_dashboards(void **state) {
        Scene scene;
        Project *project;
        const cJSON *list;
        const char *team;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        add_contributor(&scene, project);
        team = project->default_team->group->storage_key;
        scene_ask(&scene, 200, (Ask){.pat = "ana", .body = "{\"name\":\"Health\"}"},
                  "MLOps/%s/_apis/dashboard/dashboards", team);
        scene_ask(&scene, 200, (Ask){.body = "{\"name\":\"Overview\"}"},
                  "MLOps/_apis/dashboard/dashboards");
        scene_ask(&scene, 400, (Ask){.body = "{}"}, "MLOps/_apis/dashboard/dashboards");
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/dashboard/dashboards");
        assert_int_equal(at(list, "count")->valueint, 2);
        assert_string_equal(text_at(list, "value.0.groupId"), team);
        assert_string_equal(text_at(list, "value.1.dashboardScope"), "project");
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/%s/_apis/dashboard/dashboards", team);
        assert_int_equal(at(list, "count")->valueint, 1);
        assert_string_equal(text_at(list, "value.0.name"), "Health");
        assert_string_equal(
                token_of_dashboard(&scene.arena,
                                   project_find_dashboard(project, "Overview", AS_OF_NOW)),
                arena_print(&scene.arena, "$/%s/00000000-0000-0000-0000-000000000000/%s",
                            project->id,
                            project_find_dashboard(project, "Overview", AS_OF_NOW)->id));
        scene_close(&scene);
}

static void test_releases(void **state) {
        Scene scene;
        Project *project;
        Identity *ana;
        const cJSON *list;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        ana = add_contributor(&scene, project);
        release_create(project, &(DefinitionSpec){.name = "ship", .path = "A/B"});
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/release/folders");
        assert_int_equal(at(list, "count")->valueint, 3);
        assert_string_equal(text_at(list, "value.0.path"), "\\");
        assert_string_equal(text_at(list, "value.2.path"), "\\A\\B");
        list = scene_ask(&scene, 200, (Ask){.version = "7.1"}, "MLOps/_apis/release/definitions");
        assert_string_equal(text_at(list, "value.0.path"), "\\A\\B");
        assert_int_equal(at(list, "value.0.id")->valueint, 1);
        /* The folders of pipelines are others. */
        assert_int_equal(project->folders.n_items, 0);
        grant(&scene, NAMESPACE_RELEASE_MANAGEMENT, token_of_folder(&scene.arena, project, "\\A"),
              ana, 0, 1);
        list = scene_ask(&scene, 200, (Ask){.pat = "ana"}, "MLOps/_apis/release/folders");
        assert_int_equal(at(list, "count")->valueint, 1);
        list = scene_ask(&scene, 200, (Ask){.pat = "ana"}, "MLOps/_apis/release/definitions");
        assert_int_equal(at(list, "count")->valueint, 0);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_plans),
                cmocka_unit_test(test_dashboards),
                cmocka_unit_test(test_releases),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

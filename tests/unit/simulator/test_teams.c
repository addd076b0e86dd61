/* SPDX-License-Identifier: Apache-2.0 */
/* Area core: teams, their members, areas, settings. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

static const char TEAM_MEMBERS[] = "id,name,url,description,identityUrl,projectName,projectId";

static void test_creation(void **state) {
        Scene scene;
        Project *project;
        Identity *group;
        const cJSON *team;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"Data Science A\"}"}, "_apis/projects/mlops/teams");
        assert_string_equal(member_names(&scene, team), arena_print(&scene.arena, "%s,identity", TEAM_MEMBERS));
        assert_string_equal(text_at(team, "description"), "");
        assert_string_equal(text_at(team, "projectId"), project->id);
        assert_string_equal(member_names(&scene, at(team, "identity")),
                            "id,descriptor,subjectDescriptor,providerDisplayName,isActive,isContainer,members,"
                            "memberOf,masterId,properties,resourceVersion,metaTypeId");
        group = directory_find_key(scene.organization, text_at(team, "id"), AS_OF_NOW);
        assert_non_null(group);
        /* The doubtful points, at their unkind defaults. */
        assert_true(membership_has(
                group, directory_find_role(scene.organization, project, GROUP_CONTRIBUTORS), AS_OF_NOW));
        assert_true(membership_has(scene.administrator, group, AS_OF_NOW));
        assert_true(team_is_administrator(group->team, scene.administrator, AS_OF_NOW));
        scene_close(&scene);
}

static void test_creation_options(void **state) {
        Scene scene;
        Project *project;
        Identity *group;
        const cJSON *team;

        scene_open(&scene);
        scene_set_option(&scene, "team_creation_joins_contributors", "no");
        scene_set_option(&scene, "team_creator_is_member", "no");
        project = scene_add_project(&scene, "MLOps");
        team = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"Data Science A\"}"}, "_apis/projects/mlops/teams");
        group = directory_find_key(scene.organization, text_at(team, "id"), AS_OF_NOW);
        assert_false(membership_has(
                group, directory_find_role(scene.organization, project, GROUP_CONTRIBUTORS), AS_OF_NOW));
        assert_false(membership_has(scene.administrator, group, AS_OF_NOW));
        scene_close(&scene);
}

static void test_creation_refused(void **state) {
        static const struct {
                int status;
                const char *pat;
                const char *body;
        } ROWS[] = {
                {409, NULL, "{\"name\":\"mlops team\"}"},
                {409, NULL, "{\"name\":\"Readers\"}"},
                {400, NULL, "{\"name\":\"a..b\"}"},
                {400, NULL, "{}"},
                {403, "reader", "{\"name\":\"Mine\"}"},
        };
        Scene scene;
        Project *project;
        Identity *reader;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        reader = scene_add_user(&scene, "reader@contoso.com");
        membership_add(scene.organization, reader, directory_find_role(scene.organization, project, GROUP_READERS));
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                scene_ask(&scene, ROWS[i].status, (Ask){.pat = ROWS[i].pat, .body = ROWS[i].body},
                          "_apis/projects/MLOps/teams");
        scene_close(&scene);
}

static void test_changes(void **state) {
        Scene scene;
        Project *project;
        Team *team;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = team_create(project, "Old", NULL, NULL);
        answer = scene_ask(&scene, 200,
                           (Ask){.method = "PATCH", .body = "{\"name\":\"New\",\"description\":\"what it does\"}"},
                           "_apis/projects/MLOps/teams/%s", team->group->storage_key);
        assert_string_equal(text_at(answer, "name"), "New");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams/new");
        assert_string_equal(member_names(&scene, answer), TEAM_MEMBERS);
        assert_string_equal(text_at(answer, "description"), "what it does");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/groups/%s", team->group->subject_descriptor);
        assert_string_equal(text_at(answer, "displayName"), "New");
        scene_ask(&scene, 409, (Ask){.method = "PATCH", .body = "{\"name\":\"Readers\"}"},
                  "_apis/projects/MLOps/teams/New");
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, "_apis/projects/MLOps/teams/New");
        scene_ask(&scene, 404, (Ask){0}, "_apis/projects/MLOps/teams/New");
        scene_ask(&scene, 404, (Ask){0}, "_apis/graph/groups/%s", team->group->subject_descriptor);
        scene_ask(&scene, 400, (Ask){.method = "DELETE"}, "_apis/projects/MLOps/teams/MLOps%%20Team");
        scene_close(&scene);
}

static void test_lists(void **state) {
        Scene scene;
        Project *project;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        scene_add_project(&scene, "Other");
        for (int i = 0; i < 4; i++)
                team_create(project, arena_print(&scene.arena, "T%d", i), NULL, NULL);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams?$top=3&$skip=1");
        assert_int_equal(at(answer, "count")->valueint, 3);
        assert_string_equal(text_at(answer, "value.0.name"), "T0");
        assert_string_equal(member_names(&scene, at(answer, "value.0")), TEAM_MEMBERS);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams?$mine=true&$expandIdentity=true");
        assert_int_equal(at(answer, "count")->valueint, 1);
        assert_non_null(at(answer, "value.0.identity.descriptor"));
        answer = scene_ask(&scene, 200, (Ask){.version = "7.1-preview.3"}, "_apis/teams");
        assert_int_equal(at(answer, "count")->valueint, 6);
        scene_set_option(&scene, "page_size_teams", "2");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams");
        assert_int_equal(at(answer, "count")->valueint, 2);
        scene_close(&scene);
}

static void test_members(void **state) {
        Scene scene;
        Project *project;
        Team *team;
        Identity *ada;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = team_create(project, "Data", NULL, NULL);
        ada = scene_add_user(&scene, "ada@contoso.com");
        membership_add(scene.organization, ada, team->group);
        membership_add(scene.organization, scene.administrator, team->group);
        team_add_administrator(team, ada);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams/Data/members");
        assert_int_equal(at(answer, "count")->valueint, 2);
        assert_string_equal(member_names(&scene, at(answer, "value.0")), "isTeamAdmin,identity");
        assert_string_equal(member_names(&scene, at(answer, "value.1")), "identity");
        assert_string_equal(text_at(answer, "value.0.identity.uniqueName"), "ada@contoso.com");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/projects/MLOps/teams/Data/members?$top=1&$skip=1");
        assert_string_equal(text_at(answer, "value.0.identity.id"), scene.administrator->storage_key);
        scene_close(&scene);
}

#define FIELD_VALUES "MLOps/Data/_apis/work/teamsettings/teamfieldvalues"

static void test_areas(void **state) {
        static const struct {
                int status;
                const char *body;
                const char *message;
        } REFUSED[] = {
                {400, "{\"values\":[{\"value\":\"MLOps\\\\A\",\"includeChildren\":false}]}", "DefaultValue"},
                {400, "{\"defaultValue\":\"MLOps\\\\A\"}", "Values"},
                {400, "{\"defaultValue\":\"MLOps\\\\A\",\"values\":[]}", "Values"},
                {400, "{\"defaultValue\":\"MLOps\",\"values\":[{\"value\":\"MLOps\\\\A\"}]}", NULL},
                {400, "{\"defaultValue\":\"MLOps\\\\C\",\"values\":[{\"value\":\"MLOps\\\\C\"}]}", NULL},
                {400, "{\"defaultValue\":\"\\\\MLOps\\\\A\",\"values\":[{\"value\":\"\\\\MLOps\\\\A\"}]}", NULL},
        };
        Scene scene;
        Project *project;
        Node *node;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team_create(project, "Data", NULL, NULL);
        node = node_create(project->area_root, "A");
        node_create(node, "B");
        answer = scene_ask(&scene, 200, (Ask){0}, FIELD_VALUES);
        assert_string_equal(member_names(&scene, answer), "field,defaultValue,values,url,_links");
        assert_true(cJSON_IsNull(at(answer, "defaultValue")));
        assert_int_equal(cJSON_GetArraySize(at(answer, "values")), 0);
        for (size_t i = 0; i < sizeof(REFUSED) / sizeof(REFUSED[0]); i++) {
                answer = scene_ask(&scene, REFUSED[i].status, (Ask){.method = "PATCH", .body = REFUSED[i].body},
                                   FIELD_VALUES);
                if (REFUSED[i].message) {
                        assert_string_equal(text_at(answer, "message"), REFUSED[i].message);
                        assert_string_equal(text_at(answer, "typeKey"), "TeamFieldArgumentNullException");
                }
        }
        answer = scene_ask(&scene, 200,
                           (Ask){.method = "PATCH",
                                 .body = "{\"defaultValue\":\"MLOps\\\\A\",\"values\":[{\"value\":\"mlops\\\\a\","
                                         "\"includeChildren\":true},{\"value\":\"MLOps\\\\A\\\\B\"}]}"},
                           FIELD_VALUES);
        assert_string_equal(text_at(answer, "values.0.value"), "MLOps\\A");
        assert_true(cJSON_IsTrue(at(answer, "values.0.includeChildren")));
        assert_true(cJSON_IsFalse(at(answer, "values.1.includeChildren")));
        /* Replaced as a whole. */
        scene_ask(&scene, 200,
                  (Ask){.method = "PATCH",
                        .body = "{\"defaultValue\":\"MLOps\\\\A\\\\B\",\"values\":[{\"value\":\"MLOps\\\\A\\\\B\"}]}"},
                  FIELD_VALUES);
        answer = scene_ask(&scene, 200, (Ask){0}, FIELD_VALUES);
        assert_int_equal(cJSON_GetArraySize(at(answer, "values")), 1);
        /* They follow their nodes. */
        node_rename(node, "Z");
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, FIELD_VALUES), "defaultValue"), "MLOps\\Z\\B");
        node_delete(node);
        answer = scene_ask(&scene, 200, (Ask){0}, FIELD_VALUES);
        assert_true(cJSON_IsNull(at(answer, "defaultValue")));
        assert_int_equal(cJSON_GetArraySize(at(answer, "values")), 0);
        scene_close(&scene);
}

#define SETTINGS "MLOps/Data/_apis/work/teamsettings"

static const char *patch_of(Scene *scene, const char *member, const char *value) {
        return arena_print(&scene->arena, "{\"%s\":\"%s\"}", member, value);
}

static void test_settings(void **state) {
        Scene scene;
        Project *project;
        Team *team;
        Node *sprint;
        TeamFieldValue area = {"MLOps", true};
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = team_create(project, "Data", NULL, NULL);
        sprint = node_create(project->iteration_root, "Sprint 1");
        answer = scene_ask(&scene, 200, (Ask){0}, SETTINGS);
        assert_string_equal(text_at(answer, "backlogIteration.id"), "00000000-0000-0000-0000-000000000000");
        answer = scene_ask(&scene, 400,
                           (Ask){.method = "PATCH", .body = patch_of(&scene, "defaultIteration", sprint->identifier)},
                           SETTINGS);
        assert_true(text_starts(text_at(answer, "message"), "TF400499"));
        team_set_areas(team, "MLOps", &area, 1);
        answer = scene_ask(&scene, 400,
                           (Ask){.method = "PATCH", .body = patch_of(&scene, "defaultIteration", sprint->identifier)},
                           SETTINGS);
        assert_true(text_starts(text_at(answer, "message"), "TF400497"));
        answer = scene_ask(&scene, 400,
                           (Ask){.method = "PATCH", .body = patch_of(&scene, "backlogIteration", project->id)}, SETTINGS);
        assert_true(text_starts(text_at(answer, "message"), "TF400497"));
        assert_string_equal(text_at(answer, "typeKey"), "InvalidTeamSettingsException");
        scene_ask(&scene, 200,
                  (Ask){.method = "PATCH",
                        .body = patch_of(&scene, "backlogIteration", project->iteration_root->identifier)},
                  SETTINGS);
        scene_ask(&scene, 200,
                  (Ask){.method = "PATCH", .body = patch_of(&scene, "defaultIteration", sprint->identifier)}, SETTINGS);
        scene_ask(&scene, 200,
                  (Ask){.method = "PATCH",
                        .body = "{\"bugsBehavior\":\"AsTasks\",\"workingDays\":[\"monday\",\"sunday\"],"
                                "\"backlogVisibilities\":{\"Microsoft.EpicCategory\":true}}"},
                  SETTINGS);
        answer = scene_ask(&scene, 200, (Ask){0}, SETTINGS);
        assert_string_equal(text_at(answer, "backlogIteration.path"), "");
        assert_string_equal(text_at(answer, "defaultIteration.path"), "\\Sprint 1");
        assert_string_equal(text_at(answer, "bugsBehavior"), "asTasks");
        assert_int_equal(cJSON_GetArraySize(at(answer, "workingDays")), 2);
        scene_ask(&scene, 400, (Ask){.method = "PATCH", .body = "{\"bugsBehavior\":\"odd\"}"}, SETTINGS);
        scene_close(&scene);
}

static void test_rights(void **state) {
        Scene scene;
        Project *project;
        Identity *reader, *leader;
        Team *team;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = team_create(project, "Data", NULL, NULL);
        reader = scene_add_user(&scene, "reader@contoso.com");
        leader = scene_add_user(&scene, "leader@contoso.com");
        membership_add(scene.organization, reader, directory_find_role(scene.organization, project, GROUP_READERS));
        membership_add(scene.organization, leader, team->group);
        team_add_administrator(team, leader);
        scene_ask(&scene, 200, (Ask){.pat = "reader"}, FIELD_VALUES);
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "PATCH", .body = "{}"}, FIELD_VALUES);
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "PATCH", .body = "{}"}, SETTINGS);
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "PATCH", .body = "{}"}, "_apis/projects/MLOps/teams/Data");
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "DELETE"}, "_apis/projects/MLOps/teams/Data");
        scene_ask(&scene, 200,
                  (Ask){.pat = "leader",
                        .method = "PATCH",
                        .body = "{\"defaultValue\":\"MLOps\",\"values\":[{\"value\":\"MLOps\"}]}"},
                  FIELD_VALUES);
        scene_ask(&scene, 403, (Ask){.pat = "leader", .method = "PATCH", .body = "{}"},
                  "_apis/projects/MLOps/teams/MLOps%%20Team");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_creation), cmocka_unit_test(test_creation_options),
                cmocka_unit_test(test_creation_refused), cmocka_unit_test(test_changes),
                cmocka_unit_test(test_lists),    cmocka_unit_test(test_members),
                cmocka_unit_test(test_areas),    cmocka_unit_test(test_settings),
                cmocka_unit_test(test_rights),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area IMS: identities by their names, members, batches. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

static int size_of(const cJSON *answer) {
        const cJSON *value = at(answer, "value");

        assert_int_equal(at(answer, "count")->valueint, cJSON_GetArraySize(value));
        return cJSON_GetArraySize(value);
}

static void test_one_element_for_each_key(void **state) {
        Scene scene;
        Identity *admins;
        const cJSON *answer;

        scene_open(&scene);
        admins = scene.organization->administrators;
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities?descriptors=%s,%s,%s",
                           encoded(&scene, admins->generic_descriptor), encoded(&scene, "Some.Type;nobody"),
                           encoded(&scene, admins->descriptor));
        assert_int_equal(size_of(answer), 3);
        assert_string_equal(text_at(answer, "value.0.id"), admins->storage_key);
        assert_true(cJSON_IsNull(at(answer, "value.1")));
        assert_string_equal(text_at(answer, "value.2.id"), admins->storage_key);
        /* Both spellings are one; the organisation's own comes back (facts §5.3). */
        assert_string_equal(text_at(answer, "value.0.descriptor"), admins->descriptor);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities?subjectDescriptors=%s,vssgp.AAAA",
                           admins->subject_descriptor);
        assert_int_equal(size_of(answer), 2);
        assert_true(cJSON_IsNull(at(answer, "value.1")));
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities?identityIds=%s,%s",
                           "00000000000000000000000000000001", admins->storage_key);
        assert_true(cJSON_IsNull(at(answer, "value.0")));
        assert_string_equal(text_at(answer, "value.1.providerDisplayName"),
                            "[contoso]\\Project Collection Administrators");
        scene_ask(&scene, 400, (Ask){0}, "_apis/identities");
        scene_close(&scene);
}

static void test_forms(void **state) {
        Scene scene;
        Project *project;
        const cJSON *group, *person;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        group = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/%s", project->default_team->group->storage_key);
        assert_string_equal(member_names(&scene, group),
                            "id,descriptor,subjectDescriptor,providerDisplayName,isActive,isContainer,members,"
                            "memberOf,memberIds,masterId,properties,resourceVersion,metaTypeId");
        assert_string_equal(text_at(group, "properties.ScopeName.$value"), "MLOps");
        assert_string_equal(text_at(group, "properties.LocalScopeId.$value"), project->id);
        person = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/%s", scene.administrator->storage_key);
        assert_string_equal(member_names(&scene, person),
                            "id,descriptor,subjectDescriptor,providerDisplayName,isActive,members,memberOf,memberIds,"
                            "properties,resourceVersion,metaTypeId");
        scene_ask(&scene, 404, (Ask){0}, "_apis/identities/00000000-0000-0000-0000-000000000001");
        scene_close(&scene);
}

static void test_searches(void **state) {
        static const struct {
                const char *filter;
                const char *value;
                int n;
        } ROWS[] = {
                {"General", "ADMIN@contoso.com", 1},
                {"General", "Admin", 1},
                {"General", "[mlops]\\readers", 1},
                {"General", "Adm", 0},
                {"AccountName", "admin@contoso.com", 1},
                {"MailAddress", "admin@contoso.com", 1},
                {"MailAddress", "Readers", 0},
                {"DisplayName", "Admin", 1},
                {"LocalGroupName", "Readers", 2},
                {"LocalGroupName", "[Other]\\Readers", 1},
                {"LocalGroupName", "Admin", 0},
        };
        Scene scene;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        scene_add_project(&scene, "Other");
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const cJSON *answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities?searchFilter=%s&filterValue=%s",
                                                ROWS[i].filter, encoded(&scene, ROWS[i].value));

                if (size_of(answer) != ROWS[i].n)
                        fail_msg("%s %s: %d instead of %d", ROWS[i].filter, ROWS[i].value, size_of(answer), ROWS[i].n);
        }
        scene_ask(&scene, 400, (Ask){0}, "_apis/identities?searchFilter=Shoe&filterValue=x");
        scene_ask(&scene, 400, (Ask){0}, "_apis/identities?searchFilter=General");
        scene_close(&scene);
}

static void test_direct_members_are_cut(void **state) {
        Scene scene;
        Project *project;
        Identity *inner, *outer;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        inner = team_create(project, "Inner", NULL, NULL)->group;
        outer = team_create(project, "Outer", NULL, NULL)->group;
        for (int i = 0; i < 120; i++)
                membership_add(scene.organization,
                               scene_add_user(&scene, arena_print(&scene.arena, "p%d@contoso.com", i)), inner);
        membership_add(scene.organization, inner, outer);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/%s?queryMembership=direct", inner->storage_key);
        assert_int_equal(cJSON_GetArraySize(at(answer, "members")), 99);
        assert_int_equal(cJSON_GetArraySize(at(answer, "memberIds")), 99);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/%s?queryMembership=Expanded", outer->storage_key);
        assert_int_equal(cJSON_GetArraySize(at(answer, "members")), 121);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/%s?queryMembership=expandedUp", inner->storage_key);
        assert_int_equal(cJSON_GetArraySize(at(answer, "members")), 0);
        /* Outer, Contributors, Project Valid Users, Project Collection Valid Users. */
        assert_int_equal(cJSON_GetArraySize(at(answer, "memberOf")), 4);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/%s", inner->storage_key);
        assert_int_equal(cJSON_GetArraySize(at(answer, "members")), 0);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities/%s/members", inner->storage_key);
        assert_int_equal(size_of(answer), 120);
        assert_true(cJSON_IsString(at(answer, "value.0")));
        scene_close(&scene);
}

static void test_batch(void **state) {
        Scene scene;
        Identity *admins;
        const cJSON *answer;
        const char *body;

        scene_open(&scene);
        admins = scene.organization->administrators;
        body = arena_print(&scene.arena,
                           "{\"descriptors\":[\"%s\",{\"identityType\":\"x\",\"identifier\":\"y\"}],"
                           "\"identityIds\":[\"%s\"],\"queryMembership\":\"direct\"}",
                           admins->descriptor, scene.administrator->storage_key);
        answer = scene_ask(&scene, 200, (Ask){.body = body}, "_apis/identitybatch");
        assert_int_equal(size_of(answer), 3);
        assert_string_equal(text_at(answer, "value.0.memberIds.0"), scene.administrator->storage_key);
        assert_true(cJSON_IsNull(at(answer, "value.1")));
        assert_string_equal(text_at(answer, "value.2.id"), scene.administrator->storage_key);
        scene_ask(&scene, 400, (Ask){.body = "[]"}, "_apis/identitybatch");
        scene_close(&scene);
}

static void test_the_deleted_are_inactive(void **state) {
        Scene scene;
        Project *project;
        Team *team;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = team_create(project, "Gone", NULL, NULL);
        scene_pass_ms(&scene, 10);
        team_delete(team);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities?identityIds=%s", team->group->storage_key);
        assert_true(cJSON_IsFalse(at(answer, "value.0.isActive")));
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/identities?searchFilter=General&filterValue=Gone");
        assert_int_equal(size_of(answer), 0);
        scene_ask(&scene, 404, (Ask){0}, "_apis/identities/%s/members", team->group->storage_key);
        scene_close(&scene);
}

static void test_new_groups_are_unknown_at_first(void **state) {
        Scene scene;
        Project *project;
        Team *team;

        scene_open(&scene);
        scene_set_option(&scene, "late_identities_ms", "5000");
        scene_pass_ms(&scene, 0);
        project = scene_add_project(&scene, "MLOps");
        scene_pass_ms(&scene, 1);
        team = team_create(project, "New", NULL, NULL);
        assert_true(cJSON_IsNull(at(
                scene_ask(&scene, 200, (Ask){0}, "_apis/identities?identityIds=%s", team->group->storage_key), "value.0")));
        scene_pass_ms(&scene, 6000);
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, "_apis/identities?identityIds=%s",
                                              team->group->storage_key),
                                    "value.0.id"),
                            team->group->storage_key);
        scene_close(&scene);
}

static void test_members(void **state) {
        Scene scene;
        Project *project;
        Identity *team, *person;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        team = team_create(project, "Data", NULL, NULL)->group;
        person = scene_add_user(&scene, "ada@contoso.com");
        assert_true(cJSON_IsTrue(scene_ask(&scene, 200, (Ask){.method = "PUT"}, "_apis/identities/%s/members/%s",
                                           team->storage_key, person->storage_key)));
        assert_true(cJSON_IsFalse(scene_ask(&scene, 200, (Ask){.method = "PUT"}, "_apis/identities/%s/members/%s",
                                            team->storage_key, person->storage_key)));
        assert_true(membership_has(person, team, AS_OF_NOW));
        scene_ask(&scene, 403, (Ask){.pat = "ada", .method = "DELETE"}, "_apis/identities/%s/members/%s",
                  scene.organization->administrators->storage_key, scene.administrator->storage_key);
        assert_true(cJSON_IsTrue(scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "_apis/identities/%s/members/%s",
                                           team->storage_key, person->storage_key)));
        assert_true(cJSON_IsFalse(scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "_apis/identities/%s/members/%s",
                                            team->storage_key, person->storage_key)));
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_element_for_each_key),
                cmocka_unit_test(test_forms),
                cmocka_unit_test(test_searches),
                cmocka_unit_test(test_direct_members_are_cut),
                cmocka_unit_test(test_batch),
                cmocka_unit_test(test_the_deleted_are_inactive),
                cmocka_unit_test(test_new_groups_are_unknown_at_first),
                cmocka_unit_test(test_members),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

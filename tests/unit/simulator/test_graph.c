/* SPDX-License-Identifier: Apache-2.0 */
/* Area Graph: lists, groups, memberships, lookups, keys, rights. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

static const char GROUP_MEMBERS[] = "subjectKind,description,domain,principalName,mailAddress,origin,originId,"
                                    "displayName,_links,url,descriptor";

static const char *make_group(Scene *scene, const Project *project, const char *name) {
        const char *body = arena_print(&scene->arena, "{\"displayName\":\"%s\",\"description\":\"some\"}", name);
        const cJSON *group = scene_ask(scene, 201, (Ask){.body = body}, "_apis/graph/groups%s%s",
                                       project ? "?scopeDescriptor=" : "", project ? project->scope_descriptor : "");

        return text_at(group, "descriptor");
}

static int count_groups(Scene *scene, const Project *project) {
        return at(scene_ask(scene, 200, (Ask){0}, "_apis/graph/groups?scopeDescriptor=%s", project->scope_descriptor),
                  "count")
                ->valueint;
}

static void test_group_of_a_project(void **state) {
        Scene scene;
        Project *project;
        const cJSON *group, *up;
        const char *descriptor;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        assert_int_equal(count_groups(&scene, project), 6);
        descriptor = make_group(&scene, project, "Data Platform");
        assert_non_null(strstr(scene_header(&scene, "Location"), descriptor));
        assert_int_equal(count_groups(&scene, project), 7);
        group = scene_ask(&scene, 200, (Ask){0}, "_apis/Graph/Groups/%s", descriptor);
        assert_string_equal(member_names(&scene, group), GROUP_MEMBERS);
        assert_string_equal(text_at(group, "principalName"), "[MLOps]\\Data Platform");
        assert_string_equal(text_at(group, "description"), "some");
        assert_true(cJSON_IsNull(at(group, "mailAddress")));
        up = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/memberships/%s?direction=up", descriptor);
        assert_int_equal(at(up, "count")->valueint, 1);
        assert_string_equal(text_at(up, "value.0.containerDescriptor"),
                            directory_find_role(scene.organization, project, GROUP_PROJECT_VALID_USERS)
                                    ->subject_descriptor);
        scene_close(&scene);
}

static void test_group_joins_groups_at_once(void **state) {
        Scene scene;
        Project *project;
        const char *first;
        const cJSON *second;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        first = make_group(&scene, project, "One");
        second = scene_ask(&scene, 201, (Ask){.body = "{\"displayName\":\"Two\"}"},
                           "_apis/graph/groups?scopeDescriptor=%s&groupDescriptors=%s", project->scope_descriptor, first);
        assert_string_equal(text_at(second, "description"), "");
        scene_ask(&scene, 200, (Ask){.method = "HEAD"}, "_apis/graph/memberships/%s/%s", text_at(second, "descriptor"),
                  first);
        /* One unknown group: nothing is made. */
        scene_ask(&scene, 404, (Ask){.body = "{\"displayName\":\"Three\"}"},
                  "_apis/graph/groups?scopeDescriptor=%s&groupDescriptors=%s,vssgp.AAAA", project->scope_descriptor,
                  first);
        assert_int_equal(count_groups(&scene, project), 8);
        scene_close(&scene);
}

static void test_group_names(void **state) {
        static const struct {
                const char *body;
                int status;
        } ROWS[] = {
                {"{\"displayName\":\"READERS\"}", 409}, {"{\"displayName\":\"MLOps Team\"}", 409},
                {"{\"displayName\":\"a/b\"}", 400},     {"{\"displayName\":\"\"}", 400},
                {"{}", 400},                            {"", 400},
                {"{\"displayName\":\"Project Collection Administrators\"}", 201},
        };
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                scene_ask(&scene, ROWS[i].status, (Ask){.body = ROWS[i].body}, "_apis/graph/groups?scopeDescriptor=%s",
                          project->scope_descriptor);
        scene_close(&scene);
}

static void test_group_updates(void **state) {
        Scene scene;
        Project *project;
        const char *descriptor, *readers;
        const cJSON *group;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        descriptor = make_group(&scene, project, "One");
        readers = directory_find_role(scene.organization, project, GROUP_READERS)->subject_descriptor;
        group = scene_ask(&scene, 200,
                          (Ask){.method = "PATCH",
                                .body = "[{\"op\":\"replace\",\"path\":\"/displayName\",\"value\":\"ONE\"},"
                                        "{\"op\":\"replace\",\"path\":\"/description\",\"value\":\"new\"}]"},
                          "_apis/graph/groups/%s", descriptor);
        assert_string_equal(text_at(group, "displayName"), "ONE");
        assert_string_equal(text_at(group, "description"), "new");
        /* All or nothing. */
        scene_ask(&scene, 400,
                  (Ask){.method = "PATCH",
                        .body = "[{\"op\":\"replace\",\"path\":\"/displayName\",\"value\":\"Two\"},"
                                "{\"op\":\"replace\",\"path\":\"/origin\",\"value\":\"x\"}]"},
                  "_apis/graph/groups/%s", descriptor);
        group = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/groups/%s", descriptor);
        assert_string_equal(text_at(group, "displayName"), "ONE");
        scene_ask(&scene, 400,
                  (Ask){.method = "PATCH", .body = "[{\"op\":\"replace\",\"path\":\"/displayName\",\"value\":\"R\"}]"},
                  "_apis/graph/groups/%s", readers);
        scene_ask(&scene, 400, (Ask){.method = "DELETE"}, "_apis/graph/groups/%s", readers);
        scene_close(&scene);
}

static void test_group_deleted_and_made_again(void **state) {
        Scene scene;
        Project *project;
        const char *first, *second;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        first = make_group(&scene, project, "One");
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, "_apis/graph/groups/%s", first);
        scene_ask(&scene, 404, (Ask){0}, "_apis/graph/groups/%s", first);
        scene_ask(&scene, 404, (Ask){.method = "DELETE"}, "_apis/graph/groups/%s", first);
        assert_false(cJSON_IsTrue(at(scene_ask(&scene, 200, (Ask){0}, "_apis/graph/membershipstates/%s", first),
                                     "active")));
        second = make_group(&scene, project, "One");
        assert_string_not_equal(first, second);
        scene_close(&scene);
}

static void test_lists_are_late(void **state) {
        Scene scene;
        Project *project;
        const char *descriptor;

        scene_open(&scene);
        scene_set_option(&scene, "late_lists_ms", "10000");
        scene_pass_ms(&scene, 0);
        project = scene_add_project(&scene, "MLOps");
        assert_int_equal(count_groups(&scene, project), 6); /* a project's first groups are there with it */
        scene_pass_ms(&scene, 1);
        descriptor = make_group(&scene, project, "One");
        assert_int_equal(count_groups(&scene, project), 6);
        scene_ask(&scene, 200, (Ask){0}, "_apis/graph/groups/%s", descriptor);
        scene_pass_ms(&scene, 11000);
        assert_int_equal(count_groups(&scene, project), 7);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, "_apis/graph/groups/%s", descriptor);
        assert_int_equal(count_groups(&scene, project), 7);
        assert_true(cJSON_IsTrue(at(scene_ask(&scene, 200, (Ask){0}, "_apis/graph/groups/%s", descriptor), "isDeleted")));
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, "_apis/graph/groups/%s", descriptor);
        scene_pass_ms(&scene, 11000);
        assert_int_equal(count_groups(&scene, project), 6);
        scene_ask(&scene, 404, (Ask){0}, "_apis/graph/groups/%s", descriptor);
        scene_close(&scene);
}

static void test_pages(void **state) {
        Scene scene;
        const char *token = NULL;
        int n_groups = 0, n_pages = 0, whole;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        whole = at(scene_ask(&scene, 200, (Ask){0}, "_apis/graph/groups"), "count")->valueint;
        assert_null(scene_header(&scene, "X-MS-ContinuationToken"));
        scene_set_option(&scene, "page_size_graph", "4");
        do {
                const cJSON *page = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/groups?continuationToken=%s",
                                              token ? token : "");
                int n = at(page, "count")->valueint;

                assert_in_range(n, 1, 4);
                n_groups += n;
                n_pages++;
                token = scene_header(&scene, "x-ms-continuationtoken");
                token = token ? arena_copy(&scene.arena, token) : NULL;
        } while (token);
        assert_int_equal(n_groups, whole);
        assert_true(n_pages >= whole / 4);
        scene_ask(&scene, 400, (Ask){0}, "_apis/graph/groups?continuationToken=17");
        scene_close(&scene);
}

static void test_memberships(void **state) {
        Scene scene;
        Project *project;
        Identity *person, *valid_users;
        const char *one, *two;
        const cJSON *membership, *down;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        person = scene_add_user(&scene, "ada@contoso.com");
        valid_users = directory_find_role(scene.organization, project, GROUP_PROJECT_VALID_USERS);
        one = make_group(&scene, project, "One");
        two = make_group(&scene, project, "Two");
        membership = scene_ask(&scene, 201, (Ask){.method = "PUT"}, "_apis/graph/memberships/%s/%s",
                               person->subject_descriptor, one);
        assert_string_equal(member_names(&scene, membership), "containerDescriptor,memberDescriptor,_links");
        assert_non_null(strstr(text_at(membership, "_links.member.href"), "/_apis/Graph/Users/aad."));
        scene_ask(&scene, 201, (Ask){.method = "PUT"}, "_apis/graph/memberships/%s/%s", person->subject_descriptor,
                  one);
        scene_ask(&scene, 201, (Ask){.method = "PUT"}, "_apis/graph/memberships/%s/%s", one, two);
        scene_ask(&scene, 400, (Ask){.method = "PUT"}, "_apis/graph/memberships/%s/%s", two, one);
        scene_ask(&scene, 400, (Ask){.method = "PUT"}, "_apis/graph/memberships/%s/%s", person->subject_descriptor,
                  valid_users->subject_descriptor);
        scene_ask(&scene, 400, (Ask){.method = "DELETE"}, "_apis/graph/memberships/%s/%s", one,
                  valid_users->subject_descriptor);
        scene_ask(&scene, 200, (Ask){.method = "HEAD"}, "_apis/graph/memberships/%s/%s", one, two);
        assert_int_equal(scene.response.body_size, 0);
        scene_ask(&scene, 404, (Ask){.method = "HEAD"}, "_apis/graph/memberships/%s/%s", two, one);
        scene_ask(&scene, 200, (Ask){0}, "_apis/graph/memberships/%s/%s", one, two);
        down = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/memberships/%s?direction=down", two);
        assert_int_equal(at(down, "count")->valueint, 1);
        assert_string_equal(text_at(down, "value.0.memberDescriptor"), one);
        scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "_apis/graph/memberships/%s/%s", one, two);
        assert_int_equal(scene.response.body_size, 0);
        down = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/memberships/%s?direction=down", two);
        assert_int_equal(at(down, "count")->valueint, 0);
        scene_close(&scene);
}

static void test_rights(void **state) {
        Scene scene;
        Project *project, *hidden;
        Identity *reader, *leader;
        Team *team;
        const char *group;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        hidden = scene_add_project(&scene, "Hidden");
        reader = scene_add_user(&scene, "reader@contoso.com");
        leader = scene_add_user(&scene, "leader@contoso.com");
        membership_add(scene.organization, reader, directory_find_role(scene.organization, project, GROUP_READERS));
        membership_add(scene.organization, leader, directory_find_role(scene.organization, project, GROUP_READERS));
        team = team_create(project, "Data Science", NULL, NULL);
        team_add_administrator(team, leader);
        group = make_group(&scene, project, "One");
        scene_ask(&scene, 403, (Ask){.pat = "reader", .body = "{\"displayName\":\"Mine\"}"},
                  "_apis/graph/groups?scopeDescriptor=%s", project->scope_descriptor);
        scene_ask(&scene, 403, (Ask){.pat = "reader", .body = "{\"displayName\":\"Mine\"}"}, "_apis/graph/groups");
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "PUT"}, "_apis/graph/memberships/%s/%s",
                  reader->subject_descriptor, group);
        scene_ask(&scene, 403, (Ask){.pat = "reader", .method = "DELETE"}, "_apis/graph/groups/%s", group);
        scene_ask(&scene, 403, (Ask){.pat = "leader", .method = "PUT"}, "_apis/graph/memberships/%s/%s",
                  reader->subject_descriptor, group);
        scene_ask(&scene, 201, (Ask){.pat = "leader", .method = "PUT"}, "_apis/graph/memberships/%s/%s",
                  reader->subject_descriptor, team->group->subject_descriptor);
        /* What is hidden is not there. */
        scene_ask(&scene, 404, (Ask){.pat = "reader"}, "_apis/graph/groups?scopeDescriptor=%s",
                  hidden->scope_descriptor);
        scene_ask(&scene, 404, (Ask){.pat = "reader"}, "_apis/graph/groups/%s",
                  directory_find_role(scene.organization, hidden, GROUP_READERS)->subject_descriptor);
        scene_ask(&scene, 404, (Ask){.pat = "reader"}, "_apis/graph/descriptors/%s", hidden->id);
        assert_null(element_with(at(scene_ask(&scene, 200, (Ask){.pat = "reader"}, "_apis/graph/groups"), "value"),
                                 "principalName", "[Hidden]\\Readers"));
        scene_close(&scene);
}

static void test_directory(void **state) {
        static const char OBJECT[] = "77ed2186-aaf6-4299-ac9e-37ba282c2b95";
        Scene scene;
        const cJSON *group, *again, *user;
        const char *body;

        scene_open(&scene);
        body = arena_print(&scene.arena, "{\"originId\":\"%s\"}", OBJECT);
        group = scene_ask(&scene, 201, (Ask){.body = body}, "_apis/graph/groups");
        assert_string_equal(text_at(group, "origin"), "aad");
        assert_string_equal(text_at(group, "originId"), OBJECT);
        assert_true(text_starts(text_at(group, "descriptor"), "aadgp."));
        assert_true(text_starts(text_at(group, "principalName"), "[TEAM FOUNDATION]\\"));
        again = scene_ask(&scene, 201, (Ask){.body = body}, "_apis/graph/groups");
        assert_string_equal(text_at(group, "descriptor"), text_at(again, "descriptor"));
        user = scene_ask(&scene, 201, (Ask){.body = "{\"principalName\":\"ada@contoso.com\"}"}, "_apis/graph/users");
        assert_true(text_starts(text_at(user, "descriptor"), "aad."));
        assert_string_equal(text_at(user, "mailAddress"), "ada@contoso.com");
        scene_ask(&scene, 400, (Ask){.body = "{\"principalName\":\"ada\"}"}, "_apis/graph/users");
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, "_apis/graph/users/%s", text_at(user, "descriptor"));
        scene_ask(&scene, 404, (Ask){0}, "_apis/graph/users/%s", text_at(user, "descriptor"));
        user = scene_ask(&scene, 201, (Ask){.body = "{\"originId\":\"053b9e43-b344-4d53-897f-fe5d9c016625\"}"},
                         "_apis/graph/serviceprincipals");
        assert_string_equal(text_at(user, "subjectKind"), "servicePrincipal");
        scene_close(&scene);
}

static void test_lookup(void **state) {
        Scene scene;
        const char *known, *body = "{\"lookupKeys\":[";
        const cJSON *answer;

        scene_open(&scene);
        known = scene.administrator->subject_descriptor;
        answer = scene_ask(&scene, 200, (Ask){.body = "{\"lookupKeys\":[]}"}, "_apis/graph/subjectlookup");
        assert_int_equal(at(answer, "count")->valueint, 0);
        assert_true(cJSON_IsObject(at(answer, "value")));
        answer = scene_ask(&scene, 200,
                           (Ask){.body = arena_print(&scene.arena,
                                                     "{\"lookupKeys\":[{\"descriptor\":\"%s\"},"
                                                     "{\"descriptor\":\"vssgp.AAAA\"}]}",
                                                     known)},
                           "_apis/graph/SubjectLookup");
        assert_int_equal(at(answer, "count")->valueint, 1);
        assert_string_equal(
                text_at(cJSON_GetObjectItemCaseSensitive(at(answer, "value"), known), "subjectKind"), "user");
        scene_ask(&scene, 400,
                  (Ask){.body = "{\"lookupKeys\":[{\"descriptor\":\"Microsoft.TeamFoundation.Identity;S-1-9\"}]}"},
                  "_apis/graph/subjectlookup");
        for (int i = 0; i <= 500; i++)
                body = arena_print(&scene.arena, "%s%s{\"descriptor\":\"aad.%d\"}", body, i ? "," : "", i);
        answer = scene_ask(&scene, 400, (Ask){.body = arena_print(&scene.arena, "%s]}", body)},
                           "_apis/graph/subjectlookup");
        assert_true(text_starts(text_at(answer, "message"), "TF400049"));
        scene_close(&scene);
}

static void test_query(void **state) {
        Scene scene;
        const cJSON *answer;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        answer = scene_ask(&scene, 200, (Ask){.body = "{\"query\":\"contri\",\"subjectKind\":[\"Group\"]}"},
                           "_apis/graph/subjectquery");
        assert_int_equal(at(answer, "count")->valueint, 1);
        assert_string_equal(text_at(answer, "value.0.displayName"), "Contributors");
        answer = scene_ask(&scene, 200, (Ask){.body = "{\"query\":\"contri\",\"subjectKind\":[\"User\"]}"},
                           "_apis/graph/subjectquery");
        assert_int_equal(at(answer, "count")->valueint, 0);
        scene_close(&scene);
}

static void test_keys(void **state) {
        Scene scene;
        Project *project;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/descriptors/%s", project->id);
        assert_string_equal(text_at(answer, "value"), project->scope_descriptor);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/storagekeys/%s", project->scope_descriptor);
        assert_string_equal(text_at(answer, "value"), project->id);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/descriptors/%s", scene.administrator->storage_key);
        assert_string_equal(text_at(answer, "value"), scene.administrator->subject_descriptor);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/graph/storagekeys/%s",
                           scene.administrator->subject_descriptor);
        assert_string_equal(text_at(answer, "value"), scene.administrator->storage_key);
        scene_ask(&scene, 404, (Ask){0}, "_apis/graph/descriptors/00000000-0000-0000-0000-000000000001");
        scene_close(&scene);
}

static void test_versions(void **state) {
        Scene scene;

        scene_open(&scene);
        assert_string_equal(text_at(scene_ask(&scene, 400, (Ask){.version = "7.1"}, "_apis/graph/groups"), "typeKey"),
                            "VssInvalidPreviewVersionException");
        scene_ask(&scene, 200, (Ask){.version = "5.0-preview.1"}, "_apis/Graph/Groups");
        assert_string_equal(scene.response.content_type, "application/json; charset=utf-8; api-version=5.0-preview.1");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_group_of_a_project),
                cmocka_unit_test(test_group_joins_groups_at_once),
                cmocka_unit_test(test_group_names),
                cmocka_unit_test(test_group_updates),
                cmocka_unit_test(test_group_deleted_and_made_again),
                cmocka_unit_test(test_lists_are_late),
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_memberships),
                cmocka_unit_test(test_rights),
                cmocka_unit_test(test_directory),
                cmocka_unit_test(test_lookup),
                cmocka_unit_test(test_query),
                cmocka_unit_test(test_keys),
                cmocka_unit_test(test_versions),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

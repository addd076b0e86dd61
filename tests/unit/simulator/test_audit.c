/* SPDX-License-Identifier: Apache-2.0 */
/* Area audit: who changed what. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

static const char PROJECT_NAMESPACE[] = "52d39943-cb85-4d7f-8fa8-c6baac873819";

typedef struct Stage {
        Scene scene;
        Project *project;
        Identity *red;
        const char *token;
} Stage;

static void stage_open(Stage *stage) {
        scene_open(&stage->scene);
        scene_set_option(&stage->scene, "team_creation_joins_contributors", "no");
        scene_set_option(&stage->scene, "audit_delay_ms", "0");
        stage->project = scene_add_project(&stage->scene, "MLOps");
        stage->red = directory_find_role(stage->scene.organization, stage->project, GROUP_READERS);
        stage->token = token_of_project(&stage->scene.arena, stage->project);
}

static const cJSON *entries(Stage *stage, const char *query) {
        return at(scene_ask(&stage->scene, 200, (Ask){0}, "_apis/audit/auditlog?skipAggregation=true%s", query),
                  "decoratedAuditLogEntries");
}

/* Gives Readers a permission, so many at a time. */
static void grant(Stage *stage, unsigned allow) {
        char *body = arena_print(&stage->scene.arena,
                                 "{\"token\":\"%s\",\"merge\":false,\"accessControlEntries\":[{\"descriptor\":\"%s\","
                                 "\"allow\":%u,\"deny\":0}]}",
                                 stage->token, stage->red->descriptor, allow);

        scene_ask(&stage->scene, 200, (Ask){.body = body}, "_apis/accesscontrolentries/%s", PROJECT_NAMESPACE);
}

static void test_permission(void **state) {
        Stage stage;
        const cJSON *list, *entry, *data;

        stage_open(&stage);
        grant(&stage, 3);
        list = entries(&stage, "");
        assert_int_equal(cJSON_GetArraySize(list), 1);
        entry = cJSON_GetArrayItem(list, 0);
        data = at(entry, "data");
        assert_string_equal(text_at(entry, "actionId"), "Security.ModifyPermission");
        assert_string_equal(text_at(entry, "actorUserId"), stage.scene.administrator->storage_key);
        assert_string_equal(text_at(entry, "actorUPN"), "admin@contoso.com");
        assert_string_equal(text_at(entry, "ipAddress"), "127.0.0.1");
        assert_non_null(strstr(text_at(entry, "authenticationMechanism"), "PAT authorizationId: "));
        assert_string_equal(text_at(data, "NamespaceId"), PROJECT_NAMESPACE);
        assert_string_equal(text_at(data, "Token"), stage.token);
        assert_string_equal(text_at(data, "EventSummary.0.subjectDescriptor"), stage.red->subject_descriptor);
        assert_string_equal(text_at(data, "EventSummary.0.subjectDisplayName"), "[MLOps]\\Readers");
        assert_string_equal(text_at(data, "EventSummary.0.change"), "Allow");
        assert_string_equal(text_at(data, "SubjectDescriptor"), stage.red->descriptor);
        scene_close(&stage.scene);
}

/* The id of a request stands in its answer and in what it did. */
static void test_activity(void **state) {
        Stage stage;
        const char *activity;

        stage_open(&stage);
        grant(&stage, 3);
        activity = arena_copy(&stage.scene.arena, scene_header(&stage.scene, "ActivityId"));
        assert_string_equal(text_at(entries(&stage, ""), "0.activityId"), activity);
        scene_close(&stage.scene);
}

static void test_what_changes_nothing_is_not_noted(void **state) {
        Stage stage;

        stage_open(&stage);
        grant(&stage, 3);
        grant(&stage, 3);
        assert_int_equal(cJSON_GetArraySize(entries(&stage, "")), 1);
        scene_close(&stage.scene);
}

static void test_membership(void **state) {
        Stage stage;
        Identity *ben;
        const cJSON *entry;
        const char *path;

        stage_open(&stage);
        ben = scene_add_user(&stage.scene, "ben@contoso.com");
        path = arena_print(&stage.scene.arena, "_apis/graph/memberships/%s/%s", ben->subject_descriptor,
                           stage.red->subject_descriptor);
        scene_ask(&stage.scene, 201, (Ask){.method = "PUT"}, "%s", path);
        scene_ask(&stage.scene, 200, (Ask){.method = "DELETE"}, "%s", path);
        entry = cJSON_GetArrayItem(entries(&stage, ""), 1);
        assert_string_equal(text_at(entry, "actionId"), "Group.UpdateGroupMembership.Add");
        assert_string_equal(text_at(entry, "data.GroupName"), "[MLOps]\\Readers");
        assert_string_equal(text_at(entry, "data.GroupId"), stage.red->storage_key);
        assert_string_equal(text_at(entry, "data.MemberId"), ben->storage_key);
        assert_string_equal(text_at(entry, "data.MemberDisplayName"), "ben");
        assert_true(cJSON_IsTrue(at(entry, "data.Updates.0.Active")));
        scene_close(&stage.scene);
}

static void test_hand(void **state) {
        Stage stage;
        const cJSON *entry;

        stage_open(&stage);
        scene_add_user(&stage.scene, "ben@contoso.com");
        scene_ask(&stage.scene, 200,
                  (Ask){.body = "{\"as\":\"admin@contoso.com\",\"address\":\"198.51.100.4\",\"client\":\"curl/8\","
                                "\"op\":\"add_member\",\"project\":\"MLOps\",\"member\":\"ben@contoso.com\",\"group\":\"Readers\"}"},
                  "/_simulator/hand");
        scene_ask(&stage.scene, 200,
                  (Ask){.body = "{\"op\":\"remove_member\",\"project\":\"MLOps\",\"member\":\"ben@contoso.com\",\"group\":\"Readers\"}"},
                  "/_simulator/hand");
        assert_int_equal(cJSON_GetArraySize(entries(&stage, "")), 1);
        entry = cJSON_GetArrayItem(entries(&stage, ""), 1);
        assert_string_equal(text_at(entry, "actorUPN"), "admin@contoso.com");
        assert_string_equal(text_at(entry, "ipAddress"), "198.51.100.4");
        assert_string_equal(text_at(entry, "userAgent"), "curl/8");
        scene_close(&stage.scene);
}

static void test_delay_and_window(void **state) {
        Stage stage;

        stage_open(&stage);
        scene_set_option(&stage.scene, "audit_delay_ms", "20000");
        grant(&stage, 3);
        scene_pass_ms(&stage.scene, 19000);
        assert_int_equal(cJSON_GetArraySize(entries(&stage, "")), 0);
        scene_pass_ms(&stage.scene, 2000);
        assert_int_equal(cJSON_GetArraySize(entries(&stage, "")), 1);
        assert_int_equal(cJSON_GetArraySize(entries(&stage, "&endTime=2020-01-01T00:00:00Z")), 0);
        assert_int_equal(cJSON_GetArraySize(entries(&stage, "&startTime=2020-01-01T00:00:00.5Z&endTime=2120-01-01T00:00:00Z")), 1);
        scene_close(&stage.scene);
}

/* Newest first, whole, each once. */
static void test_pages(void **state) {
        Stage stage;
        const char *token = "";
        cJSON *page;
        int n = 0;

        stage_open(&stage);
        for (unsigned i = 1; i <= 5; i++)
                grant(&stage, i);
        do {
                page = scene_ask(&stage.scene, 200, (Ask){0},
                                 "_apis/audit/auditlog?batchSize=2&endTime=2120-01-01T00:00:00Z&skipAggregation=true%s",
                                 token);
                n += cJSON_GetArraySize(at(page, "decoratedAuditLogEntries"));
                token = arena_print(&stage.scene.arena, "&continuationToken=%s",
                                    encoded(&stage.scene, text_at(page, "continuationToken")));
                scene_set_option(&stage.scene, "auditing", "no"); /* reading it is noted too */
        } while (cJSON_IsTrue(at(page, "hasMore")));
        assert_int_equal(n, 5);
        scene_close(&stage.scene);
}

static void test_forms(void **state) {
        Stage stage;
        cJSON *answer;

        stage_open(&stage);
        scene_set_option(&stage.scene, "audit_wrapped", "yes");
        scene_set_option(&stage.scene, "audit_summary_as_text", "yes");
        grant(&stage, 3);
        answer = scene_ask(&stage.scene, 200, (Ask){0}, "_apis/audit/auditlog");
        assert_non_null(strstr(text_at(answer, "value.decoratedAuditLogEntries.0.data.EventSummary"), "\"change\":\"Allow\""));
        scene_close(&stage.scene);
}

static void test_who_may_read_it(void **state) {
        Stage stage;

        stage_open(&stage);
        scene_add_user(&stage.scene, "ben@contoso.com");
        scene_ask(&stage.scene, 403, (Ask){.pat = "ben"}, "_apis/audit/auditlog");
        scene_ask(&stage.scene, 400, (Ask){.version = "7.1"}, "_apis/audit/auditlog");
        scene_close(&stage.scene);
}

static void test_switched_off(void **state) {
        Stage stage;

        stage_open(&stage);
        scene_set_option(&stage.scene, "auditing", "no");
        grant(&stage, 3);
        assert_int_equal(cJSON_GetArraySize(entries(&stage, "")), 0);
        scene_close(&stage.scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_permission),
                cmocka_unit_test(test_activity),
                cmocka_unit_test(test_what_changes_nothing_is_not_noted),
                cmocka_unit_test(test_membership),
                cmocka_unit_test(test_hand),
                cmocka_unit_test(test_delay_and_window),
                cmocka_unit_test(test_pages),
                cmocka_unit_test(test_forms),
                cmocka_unit_test(test_who_may_read_it),
                cmocka_unit_test(test_switched_off),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

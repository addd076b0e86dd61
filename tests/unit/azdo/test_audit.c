/* SPDX-License-Identifier: Apache-2.0 */
/* Audit: the entries of the audit log, in all forms in which it tells them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/azdo/audit.h"
#include "tests/unit/azdo/fixture.h"

#define SPACE "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
#define GROUP "be656e6c-7c01-47db-bc03-cd7e82610afe"
#define MEMBER "9d4e1a54-8b4c-42e2-becc-94bedc6e2f4b"
#define ENTRY(action, data)                                                                                  \
        "{\"actionId\":\"" action "\",\"timestamp\":\"2026-04-01T09:00:03.1460838+00:00\",\"actorUserId\":\"" \
        MEMBER "\",\"actorDisplayName\":\"Ana\",\"actorUPN\":\"ana@contoso.com\",\"ipAddress\":\"203.0.113.7\","  \
        "\"userAgent\":\"Mozilla\",\"activityId\":\"a\",\"data\":" data "}"
#define LOG(entries, rest) "{\"decoratedAuditLogEntries\":[" entries "]" rest "}"

static Mem *mem;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

/* What charterd looks at, a line each. */
static void describe(void *context, const AuditEntry *entry) {
        static const char *const kinds[] = {"other", "subjects", "lists", "memberships"};
        Text *text = context;
        char guid[GUID_TEXT_SIZE];

        text_appendf(text, "%s %s", entry->action, kinds[entry->kind]);
        if (!guid_is_null(entry->space))
                text_appendf(text, " in %.8s", guid_format(entry->space, guid));
        for (size_t i = 0; i < entry->n_tokens; i++)
                text_appendf(text, " at %s", entry->tokens[i]);
        text_append(text, entry->is_below_too ? " and below" : "");
        for (size_t i = 0; i < entry->n_subjects; i++)
                text_appendf(text, " of %s|%s", entry->subjects[i].descriptor ? entry->subjects[i].descriptor : "-",
                             entry->subjects[i].name ? entry->subjects[i].name : "-");
        for (size_t i = 0; i < entry->n_memberships; i++) {
                const AuditMembership *one = &entry->memberships[i];

                text_appendf(text, " %c%.8s|%s", one->is_added ? '+' : '-', guid_format(one->member, guid),
                             one->member_name ? one->member_name : "-");
                text_appendf(text, " in %.8s|%s", guid_format(one->group, guid), one->group_name ? one->group_name : "-");
        }
        text_append(text, "\n");
}

static AuditReader *read_with(const char *body, void (*visit)(void *, const AuditEntry *), void *context) {
        AuditReader *reader = audit_reader_new(mem, visit, context);
        const Sink *sink = audit_reader_sink(reader);
        size_t n = strlen(body), half = n / 2;

        sink->begin(sink->context);
        if (sink->feed(sink->context, body, half) == 0 && sink->feed(sink->context, body + half, n - half) == 0)
                (void)sink->end(sink->context);
        return reader;
}

static int take(const char *body, Text *text, const char **continuationp) {
        AuditReader *reader = read_with(body, describe, text);

        *continuationp = audit_reader_continuation(reader);
        return audit_reader_error(reader) ? -1 : 0;
}

static void expect(const char *body, const char *lines) {
        const char *continuation;
        Text text;

        text_init(&text, mem);
        assert_int_equal(take(body, &text, &continuation), 0);
        assert_string_equal(text.data, lines);
        assert_null(continuation);
}

static void test_request(void **state) {
        Request request = audit_request(mem, 1775034000000, NULL);

        assert_int_equal(request.base, BASE_AUDIT);
        assert_int_equal(request.tries_max, 1);
        expect_path(&request, "/_apis/audit/auditlog?startTime=2026-04-01T09%3A00%3A00.000Z&batchSize=200&skipAggregation=true"
                              "&api-version=7.1-preview.1");
        request = audit_request(mem, 0, "1;2;x");
        assert_non_null(strstr(request.path, "&continuationToken=1%3B2%3Bx"));
}

static void test_who(const AuditEntry *entry) {
        char guid[GUID_TEXT_SIZE];

        assert_string_equal(guid_format(entry->actor, guid), MEMBER);
        assert_string_equal(entry->actor_name, "Ana");
        assert_string_equal(entry->actor_account, "ana@contoso.com");
        assert_string_equal(entry->address, "203.0.113.7");
        assert_string_equal(entry->client, "Mozilla");
        assert_string_equal(entry->activity, "a");
        assert_null(entry->mechanism);
        assert_int_equal(entry->wall, 1775034003146);
}

static void visit_who(void *context, const AuditEntry *entry) {
        (*(int *)context)++;
        test_who(entry);
}

static void test_actor(void **state) {
        int n = 0;

        assert_null(audit_reader_error(read_with(LOG(ENTRY("Token.X", "null"), ""), visit_who, &n)));
        assert_int_equal(n, 1);
}

#define SUMMARY "{\"subjectDescriptor\":\"vssgp.A\",\"subjectDisplayName\":\"[P]\\\\A\",\"change\":\"Allow\"}"

static void test_permissions(void **state) {
        expect(LOG(ENTRY("Security.ModifyPermission",
                         "{\"NamespaceId\":\"" SPACE "\",\"Token\":\"repoV2/x\",\"EventSummary\":[" SUMMARY "]}"),
                   ""),
               "Security.ModifyPermission subjects in 2e9eb7ed at repoV2/x of vssgp.A|[P]\\A\n");
        /* The same as text. */
        expect(LOG(ENTRY("Security.ModifyAccessControlLists",
                         "{\"NamespaceId\":\"" SPACE "\",\"Token\":\"repoV2/x\",\"EventSummary\":"
                         "\"[{\\\"subjectDescriptor\\\":\\\"vssgp.A\\\"}]\"}"),
                   ""),
               "Security.ModifyAccessControlLists subjects in 2e9eb7ed at repoV2/x of vssgp.A|-\n");
        expect(LOG(ENTRY("Security.RemovePermission", "{\"NamespaceId\":\"" SPACE "\",\"Token\":\"t\",\"Identities\":[\"i;S-1\"]}"), ""),
               "Security.RemovePermission subjects in 2e9eb7ed at t of i;S-1|i;S-1\n");
        expect(LOG(ENTRY("Security.RemoveAccessControlLists", "{\"NamespaceId\":\"" SPACE "\",\"Tokens\":[\"t\",\"u\"],\"Recurse\":true}"), ""),
               "Security.RemoveAccessControlLists lists in 2e9eb7ed at t at u and below\n");
}

static void test_memberships(void **state) {
        expect(LOG(ENTRY("Group.UpdateGroupMembership.Add",
                         "{\"GroupId\":\"" GROUP "\",\"GroupName\":\"[P]\\\\G\",\"MemberId\":\"" MEMBER "\",\"MemberDisplayName\":\"Ben\","
                         "\"Updates\":[{\"GroupId\":\"BE656E6C-7C01-47DB-BC03-CD7E82610AFE\",\"MemberId\":\"" MEMBER "\",\"Active\":true}]}"),
                   ""),
               "Group.UpdateGroupMembership.Add memberships +9d4e1a54|- in be656e6c|- +9d4e1a54|Ben in be656e6c|[P]\\G\n");
        expect(LOG(ENTRY("Group.UpdateGroupMembership.Remove", "{\"GroupName\":\"[P]\\\\G\",\"MemberDisplayName\":\"Ben\",\"Updates\":[]}"), ""),
               "Group.UpdateGroupMembership.Remove memberships -00000000|Ben in 00000000|[P]\\G\n");
        /* Of many, the names are nobody's. */
        expect(LOG(ENTRY("Group.UpdateGroupMembership.Add",
                         "{\"GroupName\":\"g\",\"Updates\":[{\"MemberId\":\"" MEMBER "\",\"Active\":false},{\"MemberId\":\"" GROUP "\",\"Active\":true}]}"),
                   ""),
               "Group.UpdateGroupMembership.Add memberships -9d4e1a54|- in 00000000|- +be656e6c|- in 00000000|-\n");
}

/* Nothing of it is what charterd asks for, and nothing is amiss. */
static void test_others(void **state) {
        expect(LOG(ENTRY("AuditLog.AccessLog", "{\"EventSummary\":[\"2026-04-01T09:00:00Z\"]}") "," ENTRY("X", "[1]"), ""),
               "AuditLog.AccessLog other\nX other\n");
        expect(LOG(ENTRY("Security.ModifyPermission", "{\"NamespaceId\":7,\"Token\":[],\"EventSummary\":\"no JSON\",\"Recurse\":1}"), ""),
               "Security.ModifyPermission subjects\n");
        expect(LOG("", ",\"hasMore\":false,\"continuationToken\":\"1\""), "");
}

static void test_pages(void **state) {
        const char *continuation;
        Text text;

        text_init(&text, mem);
        assert_int_equal(take(LOG(ENTRY("X", "{}"), ",\"continuationToken\":\"1;2\",\"hasMore\":true"), &text, &continuation), 0);
        assert_string_equal(continuation, "1;2");
        assert_int_equal(take("{\"value\":" LOG(ENTRY("Y", "{}"), ",\"continuationToken\":\"3\",\"hasMore\":true") "}", &text,
                              &continuation),
                         0);
        assert_string_equal(continuation, "3");
        assert_string_equal(text.data, "X other\nY other\n");
}

static void test_malformed(void **state) {
        static const char *const bodies[] = {
                "",
                "[]",
                "{}",
                "{\"value\":[]}",
                "{\"decoratedAuditLogEntries\":{}}",
                "{\"decoratedAuditLogEntries\":[{}]}",
                "{\"decoratedAuditLogEntries\":[{\"actionId\":\"X\"}]}",
                "{\"decoratedAuditLogEntries\":[{\"actionId\":\"X\",\"timestamp\":\"yesterday\"}]}",
                "{\"decoratedAuditLogEntries\":[],\"hasMore\":true}",
                "{\"decoratedAuditLogEntries\":[],\"hasMore\":\"yes\"}",
                "{\"decoratedAuditLogEntries\":[",
                "{\"decoratedAuditLogEntries\":[1,]}",
        };
        const char *continuation;
        Text text;

        text_init(&text, mem);
        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
                if (take(bodies[i], &text, &continuation) == 0)
                        fail_msg("%s", bodies[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_request, setup, teardown),
                cmocka_unit_test_setup_teardown(test_actor, setup, teardown),
                cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
                cmocka_unit_test_setup_teardown(test_memberships, setup, teardown),
                cmocka_unit_test_setup_teardown(test_others, setup, teardown),
                cmocka_unit_test_setup_teardown(test_pages, setup, teardown),
                cmocka_unit_test_setup_teardown(test_malformed, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Directory of an Azure DevOps Server: scopes, groups and members by the identity service. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/azdo/codec.h"
#include "daemon/azdo/directory.h"
#include "daemon/azdo/identity.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
#define SCOPE "99999999-2222-4333-8444-555555555555"
#define KEY(n) "0000000" #n "-2222-4333-8444-555555555555"
#define GROUP_TYPE "Microsoft.TeamFoundation.Identity;"
#define WINDOWS "System.Security.Principal.WindowsIdentity;"
#define PROPERTY(key, value) "\"" key "\":{\"$type\":\"System.String\",\"$value\":\"" value "\"}"
#define ACCOUNT(key, sid, schema, account, more)                                                   \
        "{\"id\":\"" key "\",\"descriptor\":\"" WINDOWS sid "\",\"isActive\":true,"                \
        "\"providerDisplayName\":\"Some One\",\"properties\":{" PROPERTY("SchemaClassName", schema)  \
        "," PROPERTY("Domain", "CONTOSO") "," PROPERTY("Account", account) more "}}"
#define GROUP(key, tail, account)                                                                  \
        "{\"id\":\"" key "\",\"descriptor\":\"" GROUP_TYPE "S-1-9-1551374245-1-2-3-4-" tail         \
        "\",\"providerDisplayName\":\"[MLOps]\\\\" account "\",\"isActive\":true,"                  \
        "\"isContainer\":true,\"properties\":{" PROPERTY("SchemaClassName", "Group") "," PROPERTY(    \
                "Domain", "vstfs:///Classification/TeamProject/" PROJECT) "," PROPERTY("Account", account) "}}"

static Mem *mem;
static Organisation *organisation;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        organisation = world_new(mem, "MLOps", PROJECT);
        organisation->is_server = true;
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static void test_scope(void **state) {
        static const char *const malformed[] = {
                "{}",
                "{\"id\":\"" SCOPE "\"}", /* of nobody knows what */
                "{\"id\":\"" SCOPE "\",\"localScopeId\":\"" SCOPE "\"}",
                "{\"localScopeId\":\"" PROJECT "\"}",
        };
        Request request = identity_scope_request(mem, organisation, 0);
        const char *reason = NULL;

        assert_int_equal(request.base, BASE_GRAPH);
        expect_path(&request, "/_apis/identities/scopes?scopeName=MLOps&api-version=7.1-preview.2");
        for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
                assert_true(identity_scope_take(organisation, 0, reply_json(mem, malformed[i]), &reason) < 0);
                assert_null(organisation->projects[0].scope);
        }
        assert_int_equal(
                identity_scope_take(organisation, 0,
                                    reply_json(mem, "{\"id\":\"" SCOPE "\",\"localScopeId\":\"" PROJECT "\"}"),
                                    &reason),
                0);
        assert_string_equal(organisation->projects[0].scope, SCOPE);
        /* Where project and scope have the same id. */
        assert_int_equal(identity_scope_take(organisation, 0, reply_json(mem, "{\"id\":\"" PROJECT "\"}"), &reason),
                         0);
        assert_string_equal(organisation->projects[0].scope, PROJECT);
}

static void test_groups(void **state) {
        const Codec *codec = codec_of(KIND_GROUP);
        const char *reason = NULL;
        Request request;
        size_t n = 0;
        Index group;

        organisation->projects[0].scope = SCOPE;
        request = codec->list(mem, organisation, 0);
        assert_int_equal(request.paging, PAGING_NONE);
        expect_path(&request, "/_apis/groups?scopeIds=" SCOPE
                              "&recurse=false&deleted=false&api-version=7.1-preview.1");
        assert_int_equal(codec->take_list(organisation, 0,
                                          reply_json(mem, "{\"count\":2,\"value\":[" GROUP(KEY(1), "1-5-6-7-8", "Auditors")
                                                                  "," GROUP(KEY(2), "0-0-0-0-1", "Project Administrators")
                                                                  "]}"),
                                          &reason, &n),
                         0);
        assert_int_equal(n, 2);
        group = organisation_find_group(organisation, 0, "Auditors");
        assert_true(group != INDEX_NONE);
        assert_true(organisation_find_entity(organisation, 0, KIND_GROUP, "Auditors") != INDEX_NONE);
        assert_int_equal(organisation->identities[organisation_find_group(organisation, 0, "Project Administrators")].role,
                         IDENTITY_ROLE_ADMINISTRATORS);
        assert_true(codec->take_list(organisation, 0, reply_json(mem, "{\"value\":[{}]}"), &reason, &n) < 0);
}

/* People have an account of their domain, and often an address: both are names of them. */
static void test_accounts(void **state) {
        Index row = INDEX_NONE;
        const char *reason = NULL;
        const char *answer = "{\"value\":[" ACCOUNT(KEY(1), "S-1-5-21-1-2-3-1001", "User", "ana",
                                                     "," PROPERTY("Mail", "ana@contoso.com")) "]}";

        assert_int_equal(identity_search_take(organisation, "ana@contoso.com", reply_json(mem, answer), &row, &reason), 0);
        assert_int_equal(organisation->identities[row].kind, IDENTITY_USER);
        assert_int_equal(organisation_find_person(organisation, "ana@contoso.com"), row);
        assert_int_equal(organisation_find_person(organisation, "contoso\\ANA"), row);
        assert_int_equal(identity_search_take(organisation, "CONTOSO\\ana", reply_json(mem, answer), &row, &reason), 0);
        assert_int_equal(identity_search_take(organisation, "ana", reply_json(mem, answer), &row, &reason), 1);
        assert_int_equal(identity_search_take(organisation, "CONTOSO\\ben",
                                              reply_json(mem, "{\"value\":[" ACCOUNT(KEY(2), "S-1-5-21-1-2-3-1002", "User",
                                                                                     "ben", "") "]}"),
                                              &row, &reason),
                         0);
        assert_string_equal(organisation->identities[row].name, "CONTOSO\\ben");
}

/* Who is in a group of Active Directory is told to nobody here. */
static void test_group_of_the_domain(void **state) {
        Index row = organisation_descriptor_row(organisation, WINDOWS "S-1-5-21-1-2-3-2001");
        const char *reason = NULL;

        assert_int_equal(
                identity_batch_take(organisation, &row, 1, IDENTITY_MEMBERSHIP_DIRECT,
                                    reply_json(mem, "{\"value\":[" ACCOUNT(KEY(3), "S-1-5-21-1-2-3-2001", "Group",
                                                                           "Data Science", "") "]}"),
                                    &reason),
                0);
        row = organisation_canonical_identity(organisation, row);
        assert_int_equal(organisation->identities[row].kind, IDENTITY_ENTRA_GROUP);
        assert_false(organisation->identities[row].members_known);
}

static Index group_with_key(void) {
        return organisation_add_identity(organisation,
                                         &(Identity){.storage_key = {{1, 2, 3}},
                                                     .kind = IDENTITY_GROUP,
                                                     .project = 0,
                                                     .merged = INDEX_NONE,
                                                     .name = "Auditors",
                                                     .descriptor = GROUP_TYPE "S-1-9-1551374245-1-2-3-4-1-5-6-7-8"});
}

static void test_members(void **state) {
        Index group = group_with_key();
        Request request = identity_members_request(mem, organisation, group);
        const char *reason = NULL;
        Text text;

        expect_path(&request, "/_apis/identities/01020300-0000-0000-0000-000000000000/members?queryMembership=direct"
                              "&api-version=7.1-preview.1");
        assert_true(identity_members_take(organisation, group, reply_json(mem, "{\"value\":[\"ana\"]}"), &reason) < 0);
        assert_true(identity_members_take(organisation, group, reply_json(mem, "{\"value\":[7]}"), &reason) < 0);
        assert_false(organisation->identities[group].members_known);
        /* Exactly as many as a list that was cut has: perhaps there are more. */
        text_init(&text, mem);
        for (int i = 0; i < IDENTITY_MEMBERS_MAX; i++)
                text_appendf(&text, "%s\"" WINDOWS "S-1-5-21-1-2-3-%d\"", i ? "," : "", 1000 + i);
        assert_int_equal(identity_members_take(organisation, group,
                                               reply_json(mem, mem_printf(mem, "{\"value\":[%s]}", text.data)), &reason),
                         0);
        assert_false(organisation->identities[group].members_known);
        text_appendf(&text, ",\"" WINDOWS "S-1-5-21-1-2-3-9\"");
        assert_int_equal(identity_members_take(organisation, group,
                                               reply_json(mem, mem_printf(mem, "{\"value\":[%s]}", text.data)), &reason),
                         0);
        assert_true(organisation->identities[group].members_known);
        organisation_seal(organisation);
        assert_true(organisation_is_member(organisation, group,
                                           organisation_find_descriptor(organisation, WINDOWS "S-1-5-21-1-2-3-9")));
}

static void test_membership_requests(void **state) {
        Index group = group_with_key();
        Index member = organisation_add_identity(organisation, &(Identity){.storage_key = {{9}},
                                                                           .kind = IDENTITY_USER,
                                                                           .project = INDEX_NONE,
                                                                           .merged = INDEX_NONE,
                                                                           .name = "CONTOSO\\ana",
                                                                           .descriptor = WINDOWS "S-1-5-21-1-2-3-1"});
        Request requests[] = {
                identity_add_member_request(mem, organisation, group, member),
                identity_remove_member_request(mem, organisation, group, member),
        };

        assert_int_equal(requests[0].method, METHOD_PUT);
        assert_int_equal(requests[1].method, METHOD_DELETE);
        for (size_t i = 0; i < 2; i++)
                expect_path(&requests[i], "/_apis/identities/01020300-0000-0000-0000-000000000000/members/"
                                          "09000000-0000-0000-0000-000000000000?api-version=7.1-preview.1");
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_scope),
                CASE(test_groups),
                CASE(test_accounts),
                CASE(test_group_of_the_domain),
                CASE(test_members),
                CASE(test_membership_requests),
        };

        return cmocka_run_group_tests_name("directory_server", tests, NULL, NULL);
}

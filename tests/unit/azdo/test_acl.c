/* SPDX-License-Identifier: Apache-2.0 */
/* Acl: what is asked, what is written, and what a reading leaves in the organisation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
#define REPO PROJECT "/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
#define GIT "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
#define GROUP "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-1-2-3-4-1-5-6-7-8"
#define USER "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\\\ana@contoso.com"
#define USER_IS "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\ana@contoso.com"
#define ENTRY(descriptor, allow, deny)                                            \
        "\"" descriptor "\":{\"descriptor\":\"" descriptor "\",\"allow\":" #allow \
        ",\"deny\":" #deny ",\"extendedInfo\":{}}"
#define LIST(token, inherit, entries)                             \
        "{\"inheritPermissions\":" #inherit ",\"token\":\"" token \
        "\",\"acesDictionary\":{" entries "}}"

static Mem *mem;
static Organisation *organisation;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        organisation = world_new(mem, "MLOps", PROJECT);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static Index row_of(const char *descriptor) {
        return organisation_descriptor_row(organisation, descriptor);
}

static AclReader *reader_of(const char *token, AclDepth depth) {
        return acl_reader_new(mem, &(AclReaderSpec){.organisation = organisation,
                                                    .space = NAMESPACE_GIT,
                                                    .project = 0,
                                                    .token = token,
                                                    .depth = depth,
                                                    .now = 77});
}

static int feed(AclReader *reader, const char *bytes, size_t n) {
        const Sink *sink = acl_reader_sink(reader);

        sink->begin(sink->context);
        return sink->feed(sink->context, bytes, n);
}

static int read_all(AclReader *reader, const char *body) {
        const Sink *sink = acl_reader_sink(reader);
        int r = feed(reader, body, strlen(body));

        return r < 0 ? r : sink->end(sink->context);
}

static const AccessControlList *list_of(const char *token) {
        Index row = organisation_find_acl(organisation, NAMESPACE_GIT, token);

        return row == INDEX_NONE ? NULL : &organisation->acls[row];
}

static void expect_entry(const char *token, const char *descriptor, uint32_t allow, uint32_t deny) {
        const AccessControlList *list = list_of(token);
        const AccessControlEntry *entry = NULL;

        assert_non_null(list);
        entry = acl_find_entry(list, row_of(descriptor));
        if (!entry)
                fail_msg("%s has no entry of %s", token, descriptor);
        assert_int_equal(entry->allow, allow);
        assert_int_equal(entry->deny, deny);
}

static void expect_error(const char *body, const char *sentence) {
        AclReader *reader = reader_of("repoV2/" PROJECT, ACL_RECURSE);

        assert_true(read_all(reader, body) < 0);
        assert_string_equal(acl_reader_error(reader), sentence);
        assert_null(list_of("repoV2/" PROJECT));
}

/* Requests */

static void test_query_request(void **state) {
        Request request = acl_query_request(mem, organisation, NAMESPACE_PROJECT,
                                            organisation->projects[0].root_token[NAMESPACE_PROJECT],
                                            ACL_TOKEN);

        assert_int_equal(request.method, METHOD_GET);
        assert_int_equal(request.base, BASE_CORE);
        assert_int_equal(request.paging, PAGING_NONE);
        expect_path(
                &request,
                "/_apis/accesscontrollists/52d39943-cb85-4d7f-8fa8-c6baac873819?token=%24PROJECT%3Avstfs"
                "%3A%2F%2F%2FClassification%2FTeamProject%2F" PROJECT
                "&recurse=false&api-version=7.1");
        request = acl_query_request(mem, organisation, NAMESPACE_BUILD, PROJECT "/R&D #1/50%",
                                    ACL_RECURSE);
        expect_path(&request,
                    "/_apis/accesscontrollists/33344d9c-fc72-4d6f-aba5-fa317101a7e9?token=" PROJECT
                    "%2FR%26D%20%231%2F50%25&recurse=true&api-version=7.1");
}

static void test_set_entries_request(void **state) {
        const AccessControlEntry entries[] = {{row_of(GROUP), 16502, 0},
                                              {row_of(USER_IS), 2, 0x80000000u}};
        Request request = acl_set_entries_request(mem, organisation, NAMESPACE_GIT, "repoV2/" REPO,
                                                  ACE_REPLACE, entries, 2);

        assert_int_equal(request.method, METHOD_POST);
        assert_int_equal(request.repeat, REPEAT_SAFE);
        expect_path(&request, "/_apis/accesscontrolentries/" GIT "?api-version=7.1");
        expect_body(&request,
                    "{\"token\": \"repoV2/" REPO
                    "\", \"merge\": false, \"accessControlEntries\": [{\"descriptor\": "
                    "\"" GROUP "\", \"allow\": 16502, \"deny\": 0}, {\"descriptor\": \"" USER
                    "\", \"allow\": 2, \"deny\": -2147483648}]}");
        request = acl_set_entries_request(mem, organisation, NAMESPACE_GIT, "repoV2", ACE_MERGE,
                                          entries, 1);
        expect_body(
                &request,
                "{\"token\": \"repoV2\", \"merge\": true, \"accessControlEntries\": [{\"descriptor\": "
                "\"" GROUP "\", \"allow\": 16502, \"deny\": 0}]}");
}

/* A group that only Graph has named is written by the descriptor its SID spells. */
static void test_set_entries_of_subject(void **state) {
        Index row = row_of("vssgp.Uy0xLTktMTU1MTM3NDI0NS0xLTItMy00LTEtNS02LTctOA");
        Request request = acl_set_entries_request(mem, organisation, NAMESPACE_GIT, "repoV2",
                                                  ACE_REPLACE, &(AccessControlEntry){row, 1, 0}, 1);

        assert_non_null(strstr(request.body, GROUP));
}

static void test_remove_requests(void **state) {
        const Index identities[] = {row_of(GROUP), row_of(USER_IS)};
        Request request = acl_remove_entries_request(mem, organisation, NAMESPACE_GIT,
                                                     "repoV2/" REPO, identities, 2);

        assert_int_equal(request.method, METHOD_DELETE);
        assert_true(request.empty_is_fine);
        expect_path(
                &request,
                "/_apis/accesscontrolentries/" GIT
                "?token=repoV2%2F11111111-2222-4333-8444-555555555555%2F"
                "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee&descriptors=Microsoft.TeamFoundation.Identity%3BS-1-9-"
                "1551374245-1-2-3-4-1-5-6-7-8%2CMicrosoft.IdentityModel.Claims.ClaimsIdentity%3Btenant%5C"
                "ana%40contoso.com&api-version=7.1");
        request = acl_clear_bits_request(mem, organisation, NAMESPACE_GIT, "repoV2", identities[0],
                                         6);
        assert_int_equal(request.method, METHOD_DELETE);
        expect_path(&request, "/_apis/permissions/" GIT
                              "/6?descriptor=Microsoft.TeamFoundation.Identity%3BS-1-9-"
                              "1551374245-1-2-3-4-1-5-6-7-8&token=repoV2&api-version=7.1");
}

static void test_replace_request(void **state) {
        AccessControlEntry entries[] = {{row_of(GROUP), 2, 4}};
        AccessControlList acl = {.namespace = NAMESPACE_GIT,
                                 .inherit = false,
                                 .token = "repoV2/" REPO,
                                 .entries = entries,
                                 .n_entries = 1};
        size_t n_bytes = 0;
        Request request = acl_replace_request(mem, organisation, &acl, &n_bytes);

        expect_path(&request, "/_apis/accesscontrollists/" GIT "?api-version=7.1");
        expect_body(
                &request,
                "{\"count\": 1, \"value\": [{\"inheritPermissions\": false, \"token\": \"repoV2/" REPO
                "\", \"acesDictionary\": {\"" GROUP "\": {\"descriptor\": \"" GROUP
                "\", \"allow\": 2, \"deny\": 4}}}]}");
        assert_int_equal(n_bytes, strlen(request.body));
        assert_true(request.empty_is_fine); /* 204, facts §3.3 */
}

/* What is ours to avoid ends the process, in a child of this one. */
static void test_reserved_bits(void **state) {
        AccessControlEntry entry = {row_of(GROUP), 262144, 0};
        int status = 0;
        pid_t child = fork();

        if (child == 0) {
                struct rlimit none = {0, 0};

                (void)setrlimit(RLIMIT_CORE, &none);
                (void)signal(SIGABRT, SIG_DFL);
                (void)close(STDERR_FILENO);
                acl_set_entries_request(mem, organisation, NAMESPACE_PROJECT, "$PROJECT", ACE_MERGE,
                                        &entry, 1);
                _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* Reading */

static const char tree[] = "{\"count\":2,\"value\":[" LIST(
        "repoV2/" PROJECT, true,
        ENTRY(GROUP, 16502, 0) "," ENTRY(USER, 0, 8)) "," LIST("repoV2/" REPO, false,
                                                               ENTRY(GROUP, 0, 0)) "]}";

static void test_reading(void **state) {
        AclReader *reader = reader_of("repoV2/" PROJECT, ACL_RECURSE);
        const AccessControlList *list = NULL;

        assert_int_equal(read_all(reader, tree), 0);
        assert_null(acl_reader_error(reader));
        expect_entry("repoV2/" PROJECT, GROUP, 16502, 0);
        expect_entry("repoV2/" PROJECT, USER_IS, 0, 8);
        list = list_of("REPOV2/" REPO "/");
        assert_non_null(list);
        assert_false(list->inherit);
        assert_int_equal(list->n_entries, 0); /* 0/0 is no entry, facts §0.8 */
        assert_int_equal(list->read_at, 77);
        assert_int_equal(list->project, 0);
}

static void test_reading_fixtures(void **state) {
        Reply *reply = fixture_reply(mem, "acl_one_synthetic");
        const char *token =
                "$PROJECT:vstfs:///Classification/TeamProject/30437bf2-76e3-44f6-a8a2-07dc3d411c98";
        AclReader *reader = acl_reader_new(mem, &(AclReaderSpec){.organisation = organisation,
                                                                 .space = NAMESPACE_PROJECT,
                                                                 .project = INDEX_NONE,
                                                                 .token = token,
                                                                 .depth = ACL_TOKEN});
        Index row = INDEX_NONE;

        assert_int_equal(read_all(reader, reply->body), 0);
        row = organisation_find_acl(organisation, NAMESPACE_PROJECT, token);
        assert_int_not_equal(row, INDEX_NONE);
        assert_int_equal(organisation->acls[row].n_entries, 0);
        assert_true(organisation->acls[row].inherit);

        reply = fixture_reply(mem, "acl_extended");
        reader = acl_reader_new(mem,
                                &(AclReaderSpec){.organisation = organisation,
                                                 .space = NAMESPACE_IDENTITY,
                                                 .project = INDEX_NONE,
                                                 .token = "f14a05e2-d291-4b36-ab32-8618911b5e6b",
                                                 .depth = ACL_RECURSE});
        assert_int_equal(read_all(reader, reply->body), 0);
        row = organisation_find_acl(organisation, NAMESPACE_IDENTITY,
                                    "f14a05e2-d291-4b36-ab32-8618911b5e6b");
        assert_int_not_equal(row, INDEX_NONE);
        /* Organisation groups by their generic SID: rows to be resolved. */
        assert_non_null(acl_find_entry(
                &organisation->acls[row],
                row_of("Microsoft.TeamFoundation.Identity;S-1-9-1551374245-1204400969-2402986413-2179408616-0-0-0-0-1")));
}

/* A list read again replaces what was known; a token that has none any more is forgotten. */
static void test_reading_again(void **state) {
        assert_int_equal(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE), tree), 0);
        assert_int_equal(
                read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE),
                         "{\"value\":[" LIST("repoV2/" PROJECT, true, ENTRY(GROUP, 2, 0)) "]}"),
                0);
        expect_entry("repoV2/" PROJECT, GROUP, 2, 0);
        assert_int_equal(list_of("repoV2/" PROJECT)->n_entries, 1);
        assert_null(list_of("repoV2/" REPO));
}

/* A token alone: nothing below it is touched, an empty answer says that it has no list. */
static void test_reading_one_token(void **state) {
        assert_int_equal(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE), tree), 0);
        assert_int_equal(
                read_all(reader_of("repoV2/" PROJECT, ACL_TOKEN), "{\"count\":0,\"value\":[]}"), 0);
        assert_null(list_of("repoV2/" PROJECT));
        assert_non_null(list_of("repoV2/" REPO));
        assert_int_equal(
                read_all(reader_of("repoV2/" REPO, ACL_TOKEN),
                         "{\"value\":[" LIST("repoV2/" REPO "/", true, ENTRY(USER, 4, 0)) "]}"),
                0);
        expect_entry("repoV2/" REPO, USER_IS, 4, 0);
}

/* A try that breaks anywhere leaves what was known; the next one gives the whole. */
static void test_retries(void **state) {
        static const char news[] =
                "{\"value\":[" LIST("repoV2/" PROJECT, true, ENTRY(USER, 1, 0)) "," LIST(
                        "repoV2/" REPO, true, ENTRY(USER, 2, 0)) "]}";

        for (size_t n = 0; n < sizeof news - 1; n++) {
                AclReader *reader = NULL;

                teardown(NULL);
                setup(NULL);
                assert_int_equal(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE), tree), 0);
                reader = reader_of("repoV2/" PROJECT, ACL_RECURSE);
                assert_int_equal(feed(reader, news, n), 0);
                expect_entry("repoV2/" PROJECT, GROUP, 16502, 0);
                assert_int_equal(list_of("repoV2/" PROJECT)->n_entries, 2);
                assert_false(list_of("repoV2/" REPO)->inherit);
                assert_int_equal(read_all(reader, news), 0);
                expect_entry("repoV2/" REPO, USER_IS, 2, 0);
                assert_int_equal(list_of("repoV2/" PROJECT)->n_entries, 1);
        }
}

/* Where nothing was known, lists are placed as they come; a retry begins with nothing, a refusal
 * ends with nothing. */
static void test_first_retries(void **state) {
        for (size_t n = 0; n < sizeof tree - 1; n++) {
                AclReader *reader = NULL;
                const Sink *sink = NULL;

                teardown(NULL);
                setup(NULL);
                reader = reader_of("repoV2/" PROJECT, ACL_RECURSE);
                sink = acl_reader_sink(reader);
                assert_int_equal(feed(reader, tree, n), 0);
                assert_true(sink->end(sink->context) < 0);
                assert_string_equal(acl_reader_error(reader), "the answer is cut");
                assert_null(list_of("repoV2/" PROJECT));
                assert_null(list_of("repoV2/" REPO));
                assert_int_equal(feed(reader, tree, n), 0);
                assert_int_equal(read_all(reader, "{\"value\":[]}"), 0);
                assert_null(acl_reader_error(reader));
                assert_null(list_of("repoV2/" PROJECT));
                assert_int_equal(read_all(reader, tree), 0);
                expect_entry("repoV2/" PROJECT, GROUP, 16502, 0);
        }
}

/* Branches */

#define REPO2 PROJECT "/aaaaaaaa-bbbb-4ccc-8ddd-ffffffffffff"
#define OTHER "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\\\ben@contoso.com"
#define BRANCH(repository, name) "repoV2/" repository "/refs/heads/" name

typedef struct BranchRow {
        const char *token;
        const char *entries;
        bool is_kept;
} BranchRow;

/* Of a repository's branches those are kept that say what no other has said. */
static void test_creators_of_branches(void **state) {
        static const BranchRow rows[] = {
                {BRANCH(REPO, "61"), ENTRY(USER, 12300, 0), true},
                {BRANCH(REPO, "62"), ENTRY(USER, 12300, 0), false},
                {BRANCH(REPO, "63"), ENTRY(USER, 4, 0), true},
                {BRANCH(REPO, "64/61"), ENTRY(OTHER, 12300, 0), true},
                {BRANCH(REPO, "65"), ENTRY(USER, 12300, 0) "," ENTRY(OTHER, 12300, 0), false},
                {BRANCH(REPO, "66"), "", false},
                {BRANCH(REPO2, "61"), ENTRY(USER, 12300, 0), true},
                {"repoV2/" REPO, ENTRY(USER, 12300, 0), true},
        };
        enum {
                N_ROWS = sizeof rows / sizeof *rows
        };
        Text body;

        text_init(&body, mem);
        for (size_t i = 0; i < N_ROWS; i++)
                text_appendf(&body, "%s" LIST("%s", true, "%s"), i ? "," : "{\"value\":[",
                             rows[i].token, rows[i].entries);
        text_append(&body, "]}");
        /* The first time, and where something is known. */
        for (int time = 0; time < 2; time++) {
                assert_int_equal(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE), body.data), 0);
                for (size_t i = 0; i < N_ROWS; i++)
                        if ((list_of(rows[i].token) != NULL) != rows[i].is_kept)
                                fail_msg("%s is %s", rows[i].token,
                                         rows[i].is_kept ? "lost" : "kept");
        }
        assert_int_equal(
                read_all(reader_of(BRANCH(REPO, "62"), ACL_TOKEN),
                         "{\"value\":[" LIST(BRANCH(REPO, "62"), true, ENTRY(USER, 12300, 0)) "]}"),
                0);
        assert_non_null(list_of(BRANCH(REPO, "62")));
}

/* Whatever more a list says, it is governed. */
static void test_branches_that_are_kept(void **state) {
        static const char *const lists[] = {
                LIST(BRANCH(REPO, "62"), false, ENTRY(USER, 12300, 0)),
                LIST(BRANCH(REPO, "62"), false, ""),
                LIST(BRANCH(REPO, "62"), true, ENTRY(USER, 12302, 0)),
                LIST(BRANCH(REPO, "62"), true, ENTRY(USER, 12300, 2)),
                LIST(BRANCH(REPO, "62"), true, ENTRY(GROUP, 12300, 0)),
                LIST(BRANCH(REPO, "62"), true, ENTRY(USER, 12300, 0) "," ENTRY(GROUP, 4, 0)),
                LIST("repoV2/" REPO "/refs/tags/62", true, ENTRY(USER, 12300, 0)),
                LIST("repoV2/" REPO "/refs/heads/", true, ENTRY(USER, 12300, 0)),
        };

        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
                char *body =
                        mem_printf(mem, "{\"value\":[%s,%s]}",
                                   LIST(BRANCH(REPO, "61"), true, ENTRY(USER, 12300, 0)), lists[i]);

                assert_int_equal(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE), body), 0);
                if (!list_of(BRANCH(REPO, "62")) && !list_of("repoV2/" REPO "/refs/tags/62") &&
                    !list_of("repoV2/" REPO "/refs/heads"))
                        fail_msg("%s is lost", lists[i]);
        }
}

/* Memory follows what is governed, not the size of the answer. */
static void test_branches_by_the_thousand(void **state) {
        enum {
                BRANCHES = 20000,
                PEOPLE = 20,
                ROOM = 64 * 1024
        };
        AclReader *reader = reader_of("repoV2/" PROJECT, ACL_RECURSE);
        const Sink *sink = acl_reader_sink(reader);
        size_t before = mem_total(mem);

        /* The second time the lists wait until the last has come. */
        for (int time = 0; time < 2; time++) {
                assert_int_equal(feed(reader, "{\"value\":[", 10), 0);
                for (int i = 0; i < BRANCHES; i++) {
                        char text[1024];
                        int n = snprintf(
                                text, sizeof text,
                                "%s{\"inheritPermissions\":true,\"token\":\"repoV2/" REPO
                                "/refs/heads/%08x\",\"acesDictionary\":{\"d\":{\"descriptor\":\"" USER
                                "%d\",\"allow\":12300,\"deny\":0}}}",
                                i ? "," : "", i, i % PEOPLE);

                        assert_int_equal(sink->feed(sink->context, text, (size_t)n), 0);
                        if (mem_total(mem) - before > ROOM)
                                fail_msg("%zu bytes after %d branches", mem_total(mem) - before, i);
                }
                assert_int_equal(sink->feed(sink->context, "]}", 2), 0);
                assert_int_equal(sink->end(sink->context), 0);
                reader = reader_of("repoV2/" PROJECT, ACL_RECURSE);
                sink = acl_reader_sink(reader);
        }
        for (int i = 0; i < PEOPLE; i++)
                assert_non_null(list_of(mem_printf(mem, "repoV2/" REPO "/refs/heads/%08x", i)));
        assert_int_equal(organisation->n_acls, PEOPLE);
}

static void test_malformed(void **state) {
        static const char *const duplicate =
                "{\"value\":[" LIST("repoV2/" PROJECT, true, ENTRY(GROUP, 1, 0)) "," LIST(
                        "REPOV2/" PROJECT "/", true, "") "]}";
        static const struct {
                const char *body, *sentence;
        } rows[] = {
                {"[]", "the answer has no list in `value`"},
                {"{}", "the answer has no list in `value`"},
                {"{\"value\":null}", "the answer has no list in `value`"},
                {"{\"value\":{\"a\":1}}", "the answer has no list in `value`"},
                {"{\"val\\u0075e\":[" LIST("repoV2/" PROJECT, true, "") "]}",
                 "the answer writes the name of its list in an unusual way"},
                {"{\"count\":2,\"value\":[" LIST("repoV2/" PROJECT, true, "") "]}",
                 "the answer's `count` is not the number of its elements"},
                {"{\"count\":\"1\",\"value\":[" LIST("repoV2/" PROJECT, true, "") "]}",
                 "the answer's `count` is not the number of its elements"},
                {"{\"value\":[1]}",
                 "an access control list has no `token` or no `inheritPermissions`"},
                {"{\"value\":[null]}",
                 "an access control list has no `token` or no `inheritPermissions`"},
                {"{\"value\":[{\"token\":\"repoV2/" PROJECT "\",\"acesDictionary\":{}}]}",
                 "an access control list has no `token` or no `inheritPermissions`"},
                {"{\"value\":[{\"token\":7,\"inheritPermissions\":true,\"acesDictionary\":{}}]}",
                 "an access control list has no `token` or no `inheritPermissions`"},
                {"{\"value\":[{\"token\":\"repoV2/" PROJECT "\",\"inheritPermissions\":true}]}",
                 "an access control list has no entries in `acesDictionary`"},
                {"{\"value\":[{\"token\":\"repoV2/" PROJECT
                 "\",\"inheritPermissions\":true,\"acesDictionary\":null}]}",
                 "an access control list has no entries in `acesDictionary`"},
                {"{\"value\":[{\"token\":\"repoV2/" PROJECT
                 "\",\"inheritPermissions\":true,\"aces\\u0044ictionary\":{\"a\":1}}]}",
                 "an access control list has no entries in `acesDictionary`"},
                {"{\"value\":[" LIST("repoV2/" PROJECT, true, "\"a;b\":7") "]}",
                 "an access control entry has no `descriptor`"},
                {"{\"value\":[" LIST("repoV2/" PROJECT, true,
                                     "\"a;b\":{\"allow\":1,\"deny\":0}") "]}",
                 "an access control entry has no `descriptor`"},
                {"{\"value\":[" LIST("repoV2/" PROJECT, true,
                                     "\"a;b\":{\"descriptor\":\"a;b\",\"deny\":0}") "]}",
                 "an access control entry has no `allow` or no `deny`"},
                {"{\"value\":[" LIST("repoV2/" PROJECT, true, ENTRY("a;b", 1.5, 0)) "]}",
                 "an access control entry has no `allow` or no `deny`"},
                {"{\"value\":[" LIST("repoV2/" PROJECT, true, ENTRY("a;b", 4294967296, 0)) "]}",
                 "an access control entry has no `allow` or no `deny`"},
                {"{\"value\":[" LIST("repoV2/" PROJECT, true, ENTRY("a;b", "1", 0)) "]}",
                 "an access control entry has no `allow` or no `deny`"},
                {"{\"value\":[" LIST("repoV2/" PROJECT, true,
                                     ENTRY("a;b", 1, 0) "," ENTRY("A;B", 1, 0)) "]}",
                 "an identity stands twice in an access control list"},
                {"{\"value\":[" LIST("repoV2/other", true, "") "]}",
                 "an access control list is of another token than was asked for"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                expect_error(rows[i].body, rows[i].sentence);
        expect_error(duplicate, "a token stands twice in the answer");
        assert_int_equal(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE), tree), 0);
        assert_true(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE), duplicate) < 0);
        expect_entry("repoV2/" PROJECT, GROUP, 16502, 0);
        /* One token was asked for, and one below it is answered. */
        assert_true(read_all(reader_of("repoV2/" PROJECT, ACL_TOKEN),
                             "{\"value\":[" LIST("repoV2/" REPO, true, "") "]}") < 0);
        expect_entry("repoV2/" PROJECT, GROUP, 16502, 0);
}

/* Masks are int32 on the wire: bit 31 comes as a negative number. */
static void test_sign(void **state) {
        assert_int_equal(read_all(reader_of("repoV2/" PROJECT, ACL_RECURSE),
                                  "{\"value\":[" LIST("repoV2/" PROJECT, true,
                                                      ENTRY(GROUP, -2147483648, 1)) "]}"),
                         0);
        expect_entry("repoV2/" PROJECT, GROUP, 0x80000000u, 1);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_query_request),
                CASE(test_set_entries_request),
                CASE(test_set_entries_of_subject),
                CASE(test_remove_requests),
                CASE(test_replace_request),
                CASE(test_reserved_bits),
                CASE(test_reading),
                CASE(test_reading_fixtures),
                CASE(test_reading_again),
                CASE(test_reading_one_token),
                CASE(test_retries),
                CASE(test_first_retries),
                CASE(test_creators_of_branches),
                CASE(test_branches_that_are_kept),
                CASE(test_branches_by_the_thousand),
                CASE(test_malformed),
                CASE(test_sign),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

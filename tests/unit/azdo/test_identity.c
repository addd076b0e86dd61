/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: who is who by descriptor, who is in what, and what stays unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/identity.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
#define KEY(n) "0000000" #n "-2222-4333-8444-555555555555"
#define SID "S-1-9-1551374245-"
#define GROUP_TYPE "Microsoft.TeamFoundation.Identity;"
#define CLAIMS "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\"
#define GENERIC_ADMINISTRATORS GROUP_TYPE SID "1204400969-2402986413-2179408616-0-0-0-0-1"
#define PROPERTY(key, value) "\"" key "\":{\"$type\":\"System.String\",\"$value\":\"" value "\"}"
#define GROUP(key, sid, account, members, containers)                                            \
        "{\"id\":\"" key "\",\"descriptor\":\"" GROUP_TYPE sid                                   \
        "\",\"subjectDescriptor\":\"vssgp.x" key                                                 \
        "\",\"providerDisplayName\":\"[MLOps]\\\\" account                                       \
        "\",\"isActive\":true,\"isContainer\":true,\"members\":[" members                        \
        "],\"memberOf\":[" containers                                                            \
        "],\"memberIds\":[],\"properties\":{" PROPERTY("SchemaClassName", "Group") "," PROPERTY( \
                "Domain",                                                                        \
                "vstfs:///Classification/TeamProject/" PROJECT) "," PROPERTY("Account",          \
                                                                             account) "}}"
#define USER(key, name)                                                                     \
        "{\"id\":\"" key                                                                    \
        "\",\"descriptor\":\"Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\\\" name \
        "\",\"subjectDescriptor\":\"aad.x" key                                              \
        "\",\"providerDisplayName\":\"Some One\",\"isActive\":true,\"members\":[],"         \
        "\"memberOf\":[],\"properties\":{" PROPERTY("SchemaClassName",                      \
                                                    "User") "," PROPERTY("Account", name) "}}"

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

static const Identity *identity_of(const char *descriptor) {
        return &organisation->identities[organisation_find_descriptor(organisation, descriptor)];
}

static int take(const Index *rows, size_t n, IdentityMembership membership, const char *body,
                const char **reasonp) {
        *reasonp = NULL;
        return identity_batch_take(organisation, rows, n, membership, reply_json(mem, body),
                                   reasonp);
}

/* Descriptors */

static void test_descriptor_of_subject(void **state) {
        static const struct {
                const char *subject, *descriptor;
        } rows[] = {
                {"vssgp.Uy0xLTktMTU1MTM3NDI0NS0xLTItMy00LTEtNS02LTctOA",
                 GROUP_TYPE SID "1-2-3-4-1-5-6-7-8"},
                {"aadgp.Uy0xLTktMTU1MTM3NDI0NS0xMjA0NDAwOTY5LTI0MDI5ODY0MTMtMjE3OTQwODYxNi0zLTM1ODg5OTI4NzItMzQ0Nzg4NzE3MS0y"
                 "NzU1MTA3MzU2LTEwMTcyMDgyNDc",
                 GROUP_TYPE SID
                 "1204400969-2402986413-2179408616-3-3588992872-3447887171-2755107356-1017208247"},
                {"aad.ODUyYjdkZDktNzYzNC03ZDMwLWEyMGEtYzAyOTAyMjM0N2My", NULL},
                {"vssgp.", NULL},
                {"vssgp.!", NULL},
                {"vssgp.Uy0xLTktMTU1MTM3NDI0NS0x=", NULL},
                {"vssgp.aGVsbG8", NULL},
                {"vssgp.Uy0xLTkteA", NULL},
                {"vssgp", NULL},
                {"", NULL},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *descriptor = identity_descriptor_of_subject(mem, rows[i].subject);

                if (!rows[i].descriptor) {
                        assert_null(descriptor);
                        continue;
                }
                assert_string_equal(descriptor, rows[i].descriptor);
                assert_string_equal(descriptor_subject(mem, descriptor), rows[i].subject);
        }
        assert_null(descriptor_subject(mem, CLAIMS "ana@contoso.com"));
}

/* The object id of an Entra group stands in its SID (facts §5.3). */
static void test_object_id(void **state) {
        assert_string_equal(descriptor_object_id(mem, GROUP_TYPE SID
                                                 "1204400969-2402986413-2179408616-3-2250370423-"
                                                 "4138375490-2896050106-673983381"),
                            "77ed2186-aaf6-4299-ac9e-37ba282c2b95");
        assert_null(descriptor_object_id(mem, GENERIC_ADMINISTRATORS));
        assert_null(descriptor_object_id(mem, GROUP_TYPE SID
                                         "1204400969-2402986413-2179408616-3-1-2-3"));
        assert_null(descriptor_object_id(mem, GROUP_TYPE SID
                                         "1204400969-2402986413-2179408616-3-1-2-3-4-5"));
        assert_null(descriptor_object_id(mem, NULL));
}

static void test_roles(void **state) {
        static const struct {
                const char *sid, *name;
                Index project;
                IdentityRole role;
        } rows[] = {
                {SID "1-2-3-4-0-0-0-0-1", "Project Administrators", 0,
                 IDENTITY_ROLE_ADMINISTRATORS},
                {SID "1204400969-2402986413-2179408616-0-0-0-0-1", NULL, INDEX_NONE,
                 IDENTITY_ROLE_ADMINISTRATORS},
                {SID "1-2-3-4-0-0-0-0-2", "x", INDEX_NONE, IDENTITY_ROLE_SERVICE_ACCOUNTS},
                {SID "1-2-3-4-0-0-0-0-3", "Project Valid Users", 0, IDENTITY_ROLE_VALID_USERS},
                {SID "1-2-3-4-0-0-0-0-5", "Security Service Group", INDEX_NONE,
                 IDENTITY_ROLE_SECURITY_SERVICE},
                {SID "1-2-3-4-0-0-0-1-1", "x", INDEX_NONE, IDENTITY_ROLE_OTHER_BUILTIN},
                {SID "1-2-3-4-0-0-0-1-2", "Build Administrators", 0,
                 IDENTITY_ROLE_KIND_ADMINISTRATORS},
                {SID "1-2-3-4-0-0-0-4-1", "x", INDEX_NONE, IDENTITY_ROLE_OTHER_BUILTIN},
                {SID "1-2-3-4-0-0-0-5-1", "x", INDEX_NONE, IDENTITY_ROLE_OTHER_BUILTIN},
                {SID "1-2-3-4-0-0-0-0-4096", "x", INDEX_NONE, IDENTITY_ROLE_OTHER_BUILTIN},
                {SID "1-2-3-4-1-9-8-7-6", "build administrators", 0,
                 IDENTITY_ROLE_KIND_ADMINISTRATORS},
                {SID "1-2-3-4-1-9-8-7-6", "Release Administrators", 0,
                 IDENTITY_ROLE_KIND_ADMINISTRATORS},
                {SID "1-2-3-4-1-9-8-7-6", "Endpoint Administrators", 0,
                 IDENTITY_ROLE_KIND_ADMINISTRATORS},
                {SID "1-2-3-4-1-9-8-7-6", "Deployment Group Administrators", 0,
                 IDENTITY_ROLE_KIND_ADMINISTRATORS},
                /* A name tells only in the project's scope. */
                {SID "1-2-3-4-1-9-8-7-6", "Build Administrators", INDEX_NONE, IDENTITY_ROLE_NONE},
                {SID "1-2-3-4-1-9-8-7-6", "Contributors", 0, IDENTITY_ROLE_OTHER_BUILTIN},
                {SID "1-2-3-4-1-9-8-7-6", "Readers", 0, IDENTITY_ROLE_OTHER_BUILTIN},
                {SID "1-2-3-4-1-9-8-7-6", "Contributors", INDEX_NONE, IDENTITY_ROLE_NONE},
                {SID "1-2-3-4-1-9-8-7-6", "Project-Scoped Users", INDEX_NONE,
                 IDENTITY_ROLE_PROJECT_SCOPED_USERS},
                {SID "1-2-3-4-1-9-8-7-6", "Project-Scoped Users", 0, IDENTITY_ROLE_NONE},
                {SID "1-2-3-4-1-9-8-7-6", "Data Science A", 0, IDENTITY_ROLE_NONE},
                {SID "1-2-3-4-1-9-8-7-6", NULL, 0, IDENTITY_ROLE_NONE},
                {SID "1-2-3-4-10-0-0-0-11", "x", 0, IDENTITY_ROLE_NONE},
                {SID "1204400969-2402986413-2179408616-3-1-2-3-4", "Readers", 0,
                 IDENTITY_ROLE_NONE},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *descriptor = mem_printf(mem, GROUP_TYPE "%s", rows[i].sid);

                if (identity_role(descriptor, rows[i].name, rows[i].project) != rows[i].role)
                        fail_msg("%s %s", rows[i].sid, rows[i].name);
        }
        assert_int_equal(identity_role(CLAIMS "Readers", "Readers", 0), IDENTITY_ROLE_NONE);
        assert_int_equal(identity_role(NULL, "Readers", 0), IDENTITY_ROLE_NONE);
}

static void test_kinds(void **state) {
        static const struct {
                const char *descriptor, *subject;
                IdentityKind kind;
        } rows[] = {
                {GROUP_TYPE SID "1-2-3-4-1-5-6-7-8", NULL, IDENTITY_GROUP},
                {GROUP_TYPE SID "1204400969-2402986413-2179408616-3-1-2-3-4", NULL,
                 IDENTITY_ENTRA_GROUP},
                {CLAIMS "a", NULL, IDENTITY_USER},
                {CLAIMS "a", "aadsp.x", IDENTITY_SERVICE_PRINCIPAL},
                {"Microsoft.VisualStudio.Services.Claims.AadServicePrincipal;t\\x", "aadsp.x",
                 IDENTITY_SERVICE_PRINCIPAL},
                {NULL, "aad.x", IDENTITY_USER},
                {NULL, "msa.x", IDENTITY_USER},
                {NULL, "vssgp.x", IDENTITY_GROUP},
                {NULL, "aadgp.x", IDENTITY_ENTRA_GROUP},
                {NULL, "svc.x", IDENTITY_SERVICE},
                {NULL, "s2s.x", IDENTITY_SERVICE},
                {"Microsoft.TeamFoundation.ServiceIdentity;h:Build:p", NULL, IDENTITY_SERVICE},
                {"Microsoft.TeamFoundation.UnauthenticatedIdentity;x", NULL, IDENTITY_UNKNOWN},
                {NULL, "bnd.x", IDENTITY_UNKNOWN},
                {NULL, NULL, IDENTITY_UNKNOWN},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                assert_int_equal(descriptor_kind(rows[i].descriptor, rows[i].subject),
                                 rows[i].kind);
}

/* Batches */

static void test_batch_request(void **state) {
        const Index rows[] = {row_of(CLAIMS "ana@contoso.com"), row_of(GENERIC_ADMINISTRATORS)};
        Request request =
                identity_batch_request(mem, organisation, rows, 2, IDENTITY_MEMBERSHIP_DIRECT);

        assert_int_equal(request.method, METHOD_POST);
        assert_int_equal(request.base, BASE_GRAPH);
        assert_int_equal(request.repeat, REPEAT_SAFE);
        expect_path(&request, "/_apis/identitybatch?api-version=7.1-preview.1");
        assert_true(request_is_read(&request));
        expect_body(
                &request,
                "{\"descriptors\": [\"Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\\\ana@contoso.com\", "
                "\"" GENERIC_ADMINISTRATORS "\"], \"queryMembership\": \"direct\"}");
}

/* Groups known by Graph's name alone are asked by the descriptor it spells; people are asked by
 * that name. */
static void test_batch_request_by_subject(void **state) {
        const Index rows[] = {row_of("aad.x"),
                              row_of("vssgp.Uy0xLTktMTU1MTM3NDI0NS0xLTItMy00LTEtNS02LTctOA"),
                              row_of("msa.y")};
        Request request =
                identity_batch_request(mem, organisation, rows, 3, IDENTITY_MEMBERSHIP_NONE);

        expect_body(&request, "{\"descriptors\": [\"" GROUP_TYPE SID
                              "1-2-3-4-1-5-6-7-8\"], \"subjectDescriptors\": [\"aad.x\", "
                              "\"msa.y\"], \"queryMembership\": \"none\"}");
        request = identity_batch_request(mem, organisation, rows, 1, IDENTITY_MEMBERSHIP_NONE);
        expect_body(&request,
                    "{\"subjectDescriptors\": [\"aad.x\"], \"queryMembership\": \"none\"}");
}

static void test_batch_fixture(void **state) {
        const Index rows[] = {row_of(CLAIMS "old-name@contoso.com"),
                              row_of(GENERIC_ADMINISTRATORS)};
        const char *reason = NULL;
        const Identity *user = NULL;
        const Identity *group = NULL;

        assert_int_equal(identity_batch_take(organisation, rows, 2, IDENTITY_MEMBERSHIP_NONE,
                                             fixture_reply(mem, "identities"), &reason),
                         0);
        /* The user's descriptor came back in another spelling; the row is the same. */
        user = identity_of(CLAIMS "old-name@contoso.com");
        assert_int_equal(user->kind, IDENTITY_USER);
        assert_string_equal(user->name, "ben@contoso.com");
        assert_string_equal(user->display, "ben@contoso.com");
        assert_ptr_equal(user, identity_of("aad.ODUyYjdkZDktNzYzNC00ZDMwLWEyMGEtYzAyOTAyMjM0N2My"));
        assert_non_null(strstr(user->descriptor, "ben@contoso.com"));
        assert_false(user->containers_known);
        /* Valid Users, which ACLs name by a generic SID. */
        group = identity_of(GENERIC_ADMINISTRATORS);
        assert_int_equal(group->kind, IDENTITY_GROUP);
        assert_string_equal(group->name, "Project Collection Valid Users");
        assert_int_equal(group->role, IDENTITY_ROLE_VALID_USERS);
        assert_int_equal(group->project, INDEX_NONE);
        assert_string_equal(group->descriptor,
                            GROUP_TYPE SID "2724175795-1697409512-3598560752-1814933757-0-0-0-0-3");
        assert_false(group->members_known);
}

static void test_batch_memberships(void **state) {
        const Index rows[] = {row_of(GROUP_TYPE SID "1-2-3-4-1-1-1-1-1"),
                              row_of(CLAIMS "ana@contoso.com")};
        const char *reason = NULL;
        Index group = INDEX_NONE;
        size_t n = 0;

        assert_int_equal(
                take(rows, 2, IDENTITY_MEMBERSHIP_DIRECT,
                     "{\"count\":2,\"value\":[" GROUP(
                             KEY(1), SID "1-2-3-4-1-1-1-1-1", "Data Science A",
                             "\"Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\\\ana"
                             "@contoso.com\",\"" GROUP_TYPE SID "1-2-3-4-1-2-2-2-2\"",
                             "\"" GROUP_TYPE SID
                             "1-2-3-4-0-0-0-0-3\"") "," USER(KEY(2), "ana@contoso.com") "]}",
                     &reason),
                0);
        organisation_seal(organisation);
        group = organisation_find_group(organisation, 0, "data science a");
        assert_int_not_equal(group, INDEX_NONE);
        assert_true(organisation->identities[group].members_known);
        assert_true(organisation->identities[group].containers_known);
        assert_string_equal(organisation->identities[group].display, "[MLOps]\\Data Science A");
        assert_true(organisation_is_member(
                organisation, group, organisation_find_person(organisation, "ANA@contoso.com")));
        assert_true(organisation_is_member(organisation, row_of(GROUP_TYPE SID "1-2-3-4-0-0-0-0-3"),
                                           group));
        organisation_members(organisation, group, &n);
        assert_int_equal(n, 2);
        /* A member never asked about is a row without a storage key. */
        assert_int_equal(identity_of(GROUP_TYPE SID "1-2-3-4-1-2-2-2-2")->kind, IDENTITY_UNKNOWN);
        assert_true(identity_of(CLAIMS "ana@contoso.com")->containers_known);
        assert_false(identity_of(CLAIMS "ana@contoso.com")->members_known);
}

/* A list of 99 may be cut. */
static void test_batch_cut_members(void **state) {
        const Index rows[] = {row_of(GROUP_TYPE SID "1-2-3-4-1-1-1-1-1")};
        const char *reason = NULL;

        for (size_t n = IDENTITY_MEMBERS_MAX - 1; n <= IDENTITY_MEMBERS_MAX; n++) {
                Text members;

                text_init(&members, mem);
                for (size_t i = 0; i < n; i++)
                        text_appendf(&members, "%s\"%s%zu\"", i ? "," : "",
                                     "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\\\user",
                                     i);
                organisation->identities[rows[0]].members_known = false;
                assert_int_equal(
                        take(rows, 1, IDENTITY_MEMBERSHIP_DIRECT,
                             mem_printf(mem,
                                        "{\"value\":[" GROUP(KEY(1), SID "1-2-3-4-1-1-1-1-1", "Big",
                                                             "%s", "") "]}",
                                        members.data),
                             &reason),
                        0);
                assert_int_equal(organisation->identities[rows[0]].members_known,
                                 n < IDENTITY_MEMBERS_MAX);
        }
}

/* null and inactive say nothing: the row is not removed, not completed. */
static void test_batch_unresolved(void **state) {
        const Index rows[] = {row_of(CLAIMS "gone@contoso.com"), row_of(CLAIMS "idle@contoso.com"),
                              row_of(CLAIMS "ana@contoso.com")};
        const char *reason = NULL;
        const char *body = "{\"count\":3,\"value\":[null,{\"id\":\"" KEY(
                1) "\",\"descriptor\":\"a;b\",\"isActive\":false}," USER(KEY(2),
                                                                         "ana@contoso.com") "]}";

        assert_int_equal(take(rows, 3, IDENTITY_MEMBERSHIP_DIRECT, body, &reason), 0);
        assert_int_equal(identity_of(CLAIMS "gone@contoso.com")->kind, IDENTITY_UNKNOWN);
        assert_true(guid_is_null(identity_of(CLAIMS "gone@contoso.com")->storage_key));
        assert_int_equal(identity_of(CLAIMS "idle@contoso.com")->kind, IDENTITY_UNKNOWN);
        assert_true(guid_is_null(identity_of(CLAIMS "idle@contoso.com")->storage_key));
        assert_false(identity_of(CLAIMS "idle@contoso.com")->containers_known);
        assert_int_equal(identity_of(CLAIMS "ana@contoso.com")->kind, IDENTITY_USER);
}

/* Both lists in one request: answered in their order; or only the first one answered. */
static void test_batch_mixed(void **state) {
        const Index rows[] = {row_of("aad.x" KEY(2)), row_of(GROUP_TYPE SID "1-2-3-4-1-1-1-1-1")};
        const char *reason = NULL;

        assert_int_equal(
                take(rows, 2, IDENTITY_MEMBERSHIP_NONE,
                     "{\"value\":[" GROUP(KEY(1), SID "1-2-3-4-1-1-1-1-1", "A", "", "") "]}",
                     &reason),
                0);
        assert_int_equal(identity_of(GROUP_TYPE SID "1-2-3-4-1-1-1-1-1")->kind, IDENTITY_GROUP);
        assert_int_equal(identity_of("aad.x" KEY(2))->kind, IDENTITY_UNKNOWN);
        assert_int_equal(take(rows, 2, IDENTITY_MEMBERSHIP_NONE,
                              "{\"value\":[" GROUP(KEY(1), SID "1-2-3-4-1-1-1-1-1", "A", "",
                                                   "") "," USER(KEY(2), "ana@contoso.com") "]}",
                              &reason),
                         0);
        assert_int_equal(identity_of("aad.x" KEY(2))->kind, IDENTITY_USER);
}

static void test_batch_wrong_place(void **state) {
        const Index rows[] = {row_of("aad.x" KEY(2))};
        const char *reason = NULL;

        assert_true(take(rows, 1, IDENTITY_MEMBERSHIP_NONE,
                         "{\"value\":[" USER(KEY(3), "eve@contoso.com") "]}", &reason) < 0);
        assert_string_equal(reason, "an identity stands in another one's place");
        assert_int_equal(identity_of("aad.x" KEY(2))->kind, IDENTITY_UNKNOWN);
}

static void test_batch_malformed(void **state) {
        static const struct {
                const char *body, *part;
        } bodies[] = {
                {"{\"value\":[]}", "not one identity for each"},
                {"{\"value\":[null,null]}", "not one identity for each"},
                {"{\"count\":2,\"value\":[null]}", "count"},
                {"{\"value\":[7]}", "has no `id`"},
                {"{\"value\":[{\"id\":\"" KEY(1) "\"}]}", "has no `descriptor`"},
                {"{\"value\":[{\"id\":\"" KEY(
                         1) "\",\"descriptor\":\"a;b\",\"isActive\":\"yes\"}]}",
                 "isActive"},
                {"{\"value\":[{\"id\":\"" KEY(
                         1) "\",\"descriptor\":\"a;b\",\"members\":{\"a\":1}}]}",
                 "no list"},
                {"{\"value\":[{\"id\":\"" KEY(1) "\",\"descriptor\":\"a;b\",\"members\":[7]}]}",
                 "no identity descriptor"},
                {"{\"value\":[{\"id\":\"" KEY(
                         1) "\",\"descriptor\":\"a;b\",\"memberOf\":[\"vssgp.x\"]}]}",
                 "no identity descriptor"},
        };
        const Index rows[] = {row_of(CLAIMS "ana@contoso.com")};

        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
                const char *reason = NULL;

                assert_true(take(rows, 1, IDENTITY_MEMBERSHIP_DIRECT, bodies[i].body, &reason) < 0);
                if (!strstr(reason, bodies[i].part))
                        fail_msg("%s: %s", bodies[i].body, reason);
                assert_false(organisation->identities[rows[0]].members_known);
        }
}

/* Lists that are not there are not empty lists. */
static void test_batch_without_lists(void **state) {
        const Index rows[] = {row_of(GROUP_TYPE SID "1-2-3-4-1-1-1-1-1")};
        const char *reason = NULL;

        assert_int_equal(
                take(rows, 1, IDENTITY_MEMBERSHIP_DIRECT,
                     "{\"value\":[{\"id\":\"" KEY(1) "\",\"descriptor\":\"" GROUP_TYPE SID
                                                     "1-2-3-4-1-1-1-1-1\",\"members\":null}]}",
                     &reason),
                0);
        assert_int_equal(organisation->identities[rows[0]].kind, IDENTITY_GROUP);
        assert_false(organisation->identities[rows[0]].members_known);
        assert_false(organisation->identities[rows[0]].containers_known);
}

/* Two descriptors of one identity become one row. */
static void test_batch_merges(void **state) {
        const Index rows[] = {row_of(GENERIC_ADMINISTRATORS),
                              row_of(GROUP_TYPE SID "9-8-7-6-0-0-0-0-1")};
        const char *reason = NULL;

        assert_int_equal(
                take(rows, 2, IDENTITY_MEMBERSHIP_NONE,
                     "{\"value\":[" GROUP(KEY(1), SID "9-8-7-6-0-0-0-0-1", "PCA", "", "") "," GROUP(
                             KEY(1), SID "9-8-7-6-0-0-0-0-1", "PCA", "", "") "]}",
                     &reason),
                0);
        assert_int_equal(
                organisation_find_descriptor(organisation, GENERIC_ADMINISTRATORS),
                organisation_find_descriptor(organisation, GROUP_TYPE SID "9-8-7-6-0-0-0-0-1"));
        assert_string_equal(identity_of(GENERIC_ADMINISTRATORS)->descriptor,
                            GROUP_TYPE SID "9-8-7-6-0-0-0-0-1");
}

/* A group of a project nobody sees never passes for one of the organisation. */
static void test_group_of_a_hidden_project(void **state) {
        const Index rows[] = {row_of(GROUP_TYPE SID "1-2-3-4-1-1-1-1-1")};
        const char *reason = NULL;
        char *body = mem_strdup(
                mem, "{\"value\":[" GROUP(KEY(1), SID "1-2-3-4-1-1-1-1-1", "Readers", "", "") "]}");

        memcpy(strstr(body, PROJECT), "99999999", 8);
        assert_int_equal(take(rows, 1, IDENTITY_MEMBERSHIP_NONE, body, &reason), 0);
        assert_int_equal(organisation_find_group(organisation, INDEX_NONE, "Readers"), INDEX_NONE);
        assert_int_equal(organisation_find_group(organisation, 0, "Readers"), INDEX_NONE);
        assert_string_equal(organisation->identities[rows[0]].name, "[MLOps]\\Readers");
}

static void test_other_kinds(void **state) {
        const Index rows[] = {row_of("svc.x"), row_of("aadsp.y")};
        const char *reason = NULL;
        const Identity *service = NULL;

        assert_int_equal(
                take(rows, 2, IDENTITY_MEMBERSHIP_NONE,
                     "{\"value\":[{\"id\":\"" KEY(
                             1) "\",\"descriptor\":\"Microsoft.TeamFoundation.ServiceIdentity;h:Build:p\","
                                "\"subjectDescriptor\":\"svc.x\",\"providerDisplayName\":\"MLOps Build Service (contoso)\",\"properties\":{" PROPERTY(
                                        "Account",
                                        "p") "}},{\"id\":\"" KEY(2) "\",\"descriptor\":\"X.AadServicePrincipal;t\\\\o\","
                                                                    "\"subjectDescriptor\":\"aadsp.y\",\"providerDisplayName\":\"deployer\",\"properties\":{" PROPERTY(
                                                                            "http://schemas.microsoft.com/identity/claims/objectidentifier",
                                                                            KEY(3)) "}}]}",
                     &reason),
                0);
        service = identity_of("svc.x");
        assert_int_equal(service->kind, IDENTITY_SERVICE);
        assert_string_equal(service->name, "MLOps Build Service (contoso)");
        assert_int_equal(organisation_find_person(organisation, KEY(3)),
                         organisation_find_person(organisation, "deployer"));
        assert_int_equal(identity_of("aadsp.y")->kind, IDENTITY_SERVICE_PRINCIPAL);
}

/* Members of large groups */

static void test_members(void **state) {
        Index group = row_of("vssgp.Uy0xLTktMTU1MTM3NDI0NS0xLTItMy00LTEtNS02LTctOA");
        const char *subject = organisation->identities[group].subject;
        Request request = identity_members_request(mem, organisation, group);
        const char *reason = NULL;
        size_t n = 0;

        assert_int_equal(request.base, BASE_GRAPH);
        expect_path(
                &request,
                mem_printf(mem,
                           "/_apis/graph/memberships/%s?direction=down&api-version=7.1-preview.1",
                           subject));
        assert_int_equal(identity_members_take(organisation, group,
                                               fixture_reply(mem, "memberships_empty"), &reason),
                         0);
        assert_true(organisation->identities[group].members_known);
        organisation->identities[group].members_known = false;
        assert_int_equal(
                identity_members_take(
                        organisation, group,
                        reply_json(
                                mem,
                                mem_printf(
                                        mem,
                                        "{\"count\":2,\"value\":[{\"containerDescriptor\":\"%s\","
                                        "\"memberDescriptor\":\"aad.a\"},{\"containerDescriptor\":\"%s\","
                                        "\"memberDescriptor\":\"vssgp.b\",\"_links\":{}}]}",
                                        subject, subject)),
                        &reason),
                0);
        organisation_seal(organisation);
        assert_true(organisation_is_member(organisation, group, row_of("aad.a")));
        organisation_members(organisation, group, &n);
        assert_int_equal(n, 2);
        assert_true(organisation->identities[group].members_known);
}

static void test_members_malformed(void **state) {
        static const char *const bodies[] = {
                "{\"count\":1,\"value\":[]}",
                "{\"value\":[{\"containerDescriptor\":\"vssgp.x\"}]}",
                "{\"value\":[{\"memberDescriptor\":\"aad.a\"}]}",
                "{\"value\":[{\"containerDescriptor\":\"vssgp.y\",\"memberDescriptor\":\"aad.a\"}]}",
        };
        Index group = row_of("vssgp.x");

        for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
                const char *reason = NULL;

                assert_true(identity_members_take(organisation, group, reply_json(mem, bodies[i]),
                                                  &reason) < 0);
                assert_non_null(reason);
                assert_false(organisation->identities[group].members_known);
        }
}

/* People by name */

static void test_search(void **state) {
        Request request = identity_search_request(mem, "ben+x@contoso.com");
        const char *reason = NULL;
        Index row = INDEX_NONE;

        assert_int_equal(request.base, BASE_GRAPH);
        expect_path(
                &request,
                "/_apis/identities?searchFilter=General&filterValue=ben%2Bx%40contoso.com&queryMembership=none"
                "&api-version=7.1");
        assert_int_equal(identity_search_take(organisation, "BEN@contoso.com",
                                              fixture_reply(mem, "identity_search"), &row, &reason),
                         0);
        assert_int_equal(row, organisation_find_person(organisation, "ben@contoso.com"));
        /* Found by display name, or by nothing. */
        assert_int_equal(identity_search_take(organisation, "Ben Okri",
                                              fixture_reply(mem, "identity_search"), &row, &reason),
                         1);
        assert_int_equal(identity_search_take(organisation, "x",
                                              reply_json(mem, "{\"count\":1,\"value\":[null]}"),
                                              &row, &reason),
                         1);
        /* One person twice is one; two of one name are nobody certain. */
        assert_int_equal(
                identity_search_take(
                        organisation, "ana@contoso.com",
                        reply_json(mem, "{\"value\":[" USER(KEY(1), "ana@contoso.com") "," USER(
                                                KEY(1), "ana@contoso.com") "]}"),
                        &row, &reason),
                0);
        assert_int_equal(
                identity_search_take(
                        organisation, "ana@contoso.com",
                        reply_json(mem, "{\"value\":[" USER(KEY(1), "ana@contoso.com") "," USER(
                                                KEY(2), "ana@contoso.com") "]}"),
                        &row, &reason),
                1);
        assert_true(identity_search_take(organisation, "x", reply_json(mem, "{\"value\":[{}]}"),
                                         &row, &reason) < 0);
}

static void test_scope(void **state) {
        Request request = identity_scope_request(mem, organisation, 0);
        const char *reason = NULL;

        expect_path(&request, "/_apis/graph/descriptors/" PROJECT "?api-version=7.1-preview.1");
        assert_int_equal(identity_scope_take(organisation, 0, fixture_reply(mem, "scope"), &reason),
                         0);
        assert_string_equal(organisation->projects[0].scope,
                            "scp.MzA5MTdhNjctZjhiOC00NDQ4LWExMTYtOGU0YjVmNjlhN2Jk");
        assert_true(identity_scope_take(organisation, 0, reply_json(mem, "{\"value\":\"aad.x\"}"),
                                        &reason) < 0);
        assert_true(identity_scope_take(organisation, 0, reply_json(mem, "{\"value\":null}"),
                                        &reason) < 0);
}

static void test_materialise(void **state) {
        Request request = identity_materialise_request(mem, "68afebd5-82cd-4395-a437-9a1c3ca15db7");
        const char *reason = NULL;
        Index row = INDEX_NONE;

        assert_int_equal(request.repeat, REPEAT_SAFE);
        expect_path(&request, "/_apis/graph/groups?api-version=7.1-preview.1");
        expect_body(&request, "{\"originId\": \"68afebd5-82cd-4395-a437-9a1c3ca15db7\"}");
        assert_int_equal(identity_materialise_take(organisation, fixture_reply(mem, "entra_group"),
                                                   &row, &reason),
                         0);
        assert_int_equal(organisation->identities[row].kind, IDENTITY_ENTRA_GROUP);
        assert_true(organisation->identities[row].assumed);
        assert_int_equal(
                organisation_find_person(organisation, "68afebd5-82cd-4395-a437-9a1c3ca15db7"),
                row);
        assert_string_equal(descriptor_object_id(mem, organisation->identities[row].descriptor),
                            "68afebd5-82cd-4395-a437-9a1c3ca15db7");
        assert_true(identity_materialise_take(organisation, fixture_reply(mem, "group_create"),
                                              &row, &reason) < 0);
}

static void test_membership_requests(void **state) {
        Index container = row_of(GROUP_TYPE SID "1-2-3-4-1-5-6-7-8");
        Index member = row_of("aad.a");
        Request requests[] = {
                identity_add_member_request(mem, organisation, container, member),
                identity_remove_member_request(mem, organisation, container, member),
        };
        static const Method methods[] = {METHOD_PUT, METHOD_DELETE};

        for (size_t i = 0; i < 2; i++) {
                assert_int_equal(requests[i].method, methods[i]);
                assert_int_equal(requests[i].base, BASE_GRAPH);
                assert_true(requests[i].empty_is_fine);
                expect_path(
                        &requests[i],
                        "/_apis/graph/memberships/aad.a/vssgp.Uy0xLTktMTU1MTM3NDI0NS0xLTItMy00LTEtNS02LTctOA"
                        "?api-version=7.1-preview.1");
        }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_descriptor_of_subject),
                CASE(test_object_id),
                CASE(test_roles),
                CASE(test_kinds),
                CASE(test_batch_request),
                CASE(test_batch_request_by_subject),
                CASE(test_batch_fixture),
                CASE(test_batch_memberships),
                CASE(test_batch_cut_members),
                CASE(test_batch_unresolved),
                CASE(test_batch_mixed),
                CASE(test_batch_wrong_place),
                CASE(test_batch_malformed),
                CASE(test_batch_without_lists),
                CASE(test_batch_merges),
                CASE(test_group_of_a_hidden_project),
                CASE(test_other_kinds),
                CASE(test_members),
                CASE(test_members_malformed),
                CASE(test_search),
                CASE(test_scope),
                CASE(test_materialise),
                CASE(test_membership_requests),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Connection: who charterd is, whom it trusts, what it may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/azdo/connection.h"
#include "tests/unit/azdo/fixture.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"
/* facts §1.6 */
#define CONNECTION(id, descriptor, active)                                                                             \
        "{\"authenticatedUser\":{\"id\":\"" id "\",\"descriptor\":\"" descriptor                                       \
        "\",\"subjectDescriptor\":\"aad.ODUyYjdkZDktNzYzNC03ZDMwLWEyMGEtYzAyOTAyMjM0N2My\","                           \
        "\"providerDisplayName\":\"Keeper\",\"isActive\":" active                                                      \
        ",\"properties\":{\"Account\":{\"$type\":\"System.String\",\"$value\":\"keeper@contoso.com\"}}},"              \
        "\"authorizedUser\":{},\"instanceId\":\"33333333-2222-4333-8444-555555555555\",\"deploymentType\":\"hosted\"," \
        "\"locationServiceData\":{\"serviceOwner\":\"00025394-6065-48ca-87d9-7f5672854ef7\"}}"
#define KEEPER "44444444-2222-4333-8444-555555555555"
#define CLAIMS "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\\\keeper@contoso.com"

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

static void test_data(void **state) {
        Request request = connection_data_request(mem);
        const char *reason = NULL;
        const Identity *self = NULL;
        char text[GUID_TEXT_SIZE];

        expect_path(&request,
                    "/_apis/connectionData?connectOptions=none&lastChangeId=-1&lastChangeId64=-1"
                    "&api-version=7.1-preview.1");
        assert_int_equal(connection_data_take(organisation,
                                              reply_json(mem, CONNECTION(KEEPER, CLAIMS, "true")),
                                              &reason),
                         0);
        assert_string_equal(guid_format(organisation->self, text), KEEPER);
        self = &organisation->identities[organisation->self_identity];
        assert_int_equal(self->kind, IDENTITY_USER);
        assert_string_equal(self->name, "keeper@contoso.com");
        assert_string_equal(
                self->descriptor,
                "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\keeper@contoso.com");
}

static void test_data_malformed(void **state) {
        static const struct {
                const char *body, *part;
        } rows[] = {
                {"[]", "the answer is no object"},
                {"{}", "an identity has no `id`"},
                {"{\"authenticatedUser\":null}", "an identity has no `id`"},
                {"{\"authenticatedUser\":{\"id\":\"x\"}}", "an identity has no `id`"},
                {"{\"authenticatedUser\":{\"id\":\"" KEEPER "\"}}",
                 "an identity has no `descriptor`"},
                {CONNECTION("aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "System:PublicAccess;x",
                            "true"),
                 "nobody's"},
                {CONNECTION(KEEPER, CLAIMS, "false"), "inactive"},
                {CONNECTION(KEEPER, CLAIMS, "7"), "neither true nor false"},
                {"{\"authenticatedUser\":", "the document is cut"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;

                assert_true(connection_data_take(organisation, reply_json(mem, rows[i].body),
                                                 &reason) < 0);
                assert_non_null(reason);
                if (!strstr(reason, rows[i].part))
                        fail_msg("%s: %s", rows[i].body, reason);
                assert_int_equal(organisation->self_identity, INDEX_NONE);
        }
}

/* Only a server of one's own calls itself so; silence says nothing. */
static void test_server(void **state) {
        static const struct {
                const char *text;
                bool is_server;
        } rows[] = {
                {"\"deploymentType\":\"onPremises\",", true},
                {"\"deploymentType\":\"hosted\",", false},
                {"", false},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;

                assert_int_equal(connection_data_take(
                                         organisation,
                                         reply_json(mem, mem_printf(mem,
                                                                    "{%s\"authenticatedUser\":{\"id\":\""
                                                                    "11111111-2222-4333-8444-555555555556\","
                                                                    "\"descriptor\":\"System.Security.Principal."
                                                                    "WindowsIdentity;S-1-5-21-1-2-3-500\","
                                                                    "\"isActive\":true}}",
                                                                    rows[i].text)),
                                         &reason),
                                 0);
                assert_int_equal(organisation->is_server, rows[i].is_server);
        }
        assert_true(connection_is_hosted("https://dev.azure.com/contoso"));
        assert_true(connection_is_hosted("https://contoso.visualstudio.com"));
        assert_false(connection_is_hosted("https://tfs.contoso.com/tfs/DefaultCollection"));
        assert_false(connection_is_hosted("http://127.0.0.1:8070/contoso"));
}

static void test_areas(void **state) {
        Request request = connection_areas_request(mem);
        Reply *reply = fixture_reply(mem, "resource_areas");
        const char *bases[_BASE_N];
        const char *reason = NULL;

        expect_path(&request, "/_apis/resourceAreas?api-version=7.1-preview.1");
        assert_int_equal(connection_areas_take(mem, reply, bases, &reason), 0);
        assert_string_equal(bases[BASE_GRAPH], "https://vssps.dev.azure.com/contoso");
        assert_string_equal(bases[BASE_AUDIT], "https://auditservice.dev.azure.com/contoso");
        /* A server of one's own has none (facts §1.4). */
        assert_int_equal(connection_areas_take(mem, reply_json(mem, "{\"count\":0,\"value\":[]}"),
                                               bases, &reason),
                         0);
        assert_null(bases[BASE_GRAPH]);
        assert_null(bases[BASE_AUDIT]);
        assert_true(connection_areas_take(mem,
                                          reply_edit(mem, reply, "\"count\": 9", "\"count\": 10"),
                                          bases, &reason) < 0);
        assert_true(connection_areas_take(mem, reply_edit(mem, reply, "bb1e7ec9", "bb1e7ec8"),
                                          bases, &reason) < 0);
        assert_string_equal(reason, "the list of resource areas has no Graph");
        /* The identity service elsewhere than Graph. */
        reply = reply_edit(mem, reply, "\"IMS\",\n     \"locationUrl\": \"https://vssps",
                           "\"IMS\",\n     \"locationUrl\": "
                           "\"https://evil");
        assert_true(connection_areas_take(mem, reply, bases, &reason) < 0);
        assert_string_equal(reason, "Graph and the identities have two different addresses");
        assert_null(bases[BASE_GRAPH]);
}

static void test_trust(void **state) {
        static const struct {
                const char *organization, *base;
                bool trusted;
        } rows[] = {
                {"https://dev.azure.com/contoso", "https://vssps.dev.azure.com/contoso", true},
                {"https://dev.azure.com/contoso", "https://VSSPS.dev.azure.com/contoso/", true},
                {"https://dev.azure.com/contoso", "https://contoso.vssps.visualstudio.com", true},
                {"https://contoso.visualstudio.com", "https://contoso.vssps.visualstudio.com",
                 true},
                {"https://contoso.visualstudio.com", "https://vssps.dev.azure.com/contoso", true},
                {"https://dev.azure.com/contoso", "http://vssps.dev.azure.com/contoso", false},
                {"https://dev.azure.com/contoso", "https://vssps.dev.azure.com:8443/contoso",
                 false},
                {"https://dev.azure.com/contoso", "https://dev.azure.com/contoso", false},
                {"https://dev.azure.com/contoso",
                 "https://vssps.dev.azure.com.evil.example/contoso", false},
                {"https://dev.azure.com/contoso", "https://evilvssps.dev.azure.com/contoso", false},
                {"https://dev.azure.com/contoso", "https://evil.example/vssps.dev.azure.com",
                 false},
                {"https://dev.azure.com/contoso", "https://vssps.dev.azure.com@evil.example/",
                 false},
                {"https://dev.azure.com/contoso", "https://a.b.vssps.visualstudio.com", false},
                {"https://dev.azure.com/contoso", "https://.vssps.visualstudio.com", false},
                {"https://dev.azure.com/contoso", "https://127.0.0.1:8080/contoso", false},
                {"https://dev.azure.com/contoso", "", false},
                {"https://tfs.contoso.example/tfs/c", "https://vssps.dev.azure.com/contoso", false},
                {"http://127.0.0.1:8080/contoso", "http://127.0.0.1:8081/contoso", true},
                {"http://localhost:8080/contoso", "http://[::1]:8081/contoso", true},
                {"http://127.0.0.1:8080/contoso", "https://vssps.dev.azure.com/contoso", false},
                {"http://127.0.0.1:8080/contoso", "http://127.0.0.1.evil.example/contoso", false},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (connection_base_is_trusted(rows[i].organization, BASE_GRAPH, rows[i].base) !=
                    rows[i].trusted)
                        fail_msg("%s %s", rows[i].organization, rows[i].base);
}

/* Each base has hosts of its own. */
static void test_trust_of_each_base(void **state) {
        static const char organization[] = "https://dev.azure.com/contoso";
        static const char audit[] = "https://auditservice.dev.azure.com/contoso";

        assert_true(connection_base_is_trusted(organization, BASE_AUDIT, audit));
        assert_false(connection_base_is_trusted(organization, BASE_GRAPH, audit));
        assert_false(connection_base_is_trusted(organization, BASE_AUDIT, "https://vssps.dev.azure.com/contoso"));
        assert_false(connection_base_is_trusted(organization, BASE_AUDIT, "https://auditservice.dev.azure.com.evil.example/"));
        assert_true(connection_base_is_trusted("http://127.0.0.1:8080/contoso", BASE_AUDIT, "http://127.0.0.1:8082/contoso"));
}

static void test_namespaces(void **state) {
        Request request = connection_namespaces_request(mem);
        const PermissionTable *table = &organisation->permissions;
        const PermissionNamespace *space = NULL;
        const char *reason = NULL;
        Guid id;

        expect_path(&request, "/_apis/securitynamespaces?localOnly=false&api-version=7.1");
        assert_int_equal(
                connection_namespaces_take(organisation, fixture_reply(mem, "namespaces"), &reason),
                0);
        assert_int_equal(table->n, _NAMESPACE_N + 5);
        for (size_t i = 0; i < _NAMESPACE_N; i++)
                assert_int_equal(
                        guid_compare(table->items[i].id, permission_table_builtin()->items[i].id),
                        0);
        /* What this recording lacks is there as the program knows it, and said to be missing. */
        for (size_t i = 0; i < _NAMESPACE_N; i++)
                assert_int_equal(table->items[i].is_missing, i >= _NAMESPACE_NEEDED_N &&
                                                                     i != NAMESPACE_SERVER &&
                                                                     i != NAMESPACE_RELEASE);
        space = &table->items[NAMESPACE_GIT];
        assert_string_equal(space->name, "Git Repositories");
        assert_int_equal(space->separator, '/');
        assert_int_equal(space->write_permission, 8192);
        assert_int_equal(space->all_bits, 524287);
        assert_int_equal(space->permissions[1].bit, 2);
        assert_string_equal(space->permissions[1].name, "GenericRead");
        assert_string_equal(space->permissions[1].display, "Read");
        assert_int_equal(table->items[NAMESPACE_PROJECT].system_mask, 17563648);
        assert_int_equal(table->items[NAMESPACE_IDENTITY].separator, '\\');
        assert_int_equal(table->items[NAMESPACE_CSS].separator, ':');
        /* Flat ones, whose separator is written as NUL or as U+FFFF. */
        guid_parse(&id, "1f4179b3-6bac-4d01-b421-71ea09171400");
        assert_int_equal(permission_table_find(table, id)->separator, 0);
        guid_parse(&id, "fc5b7b85-5d6b-41eb-8534-e128cb10eb67");
        assert_int_equal(permission_table_find(table, id)->separator, 0);
}

static void test_namespaces_malformed(void **state) {
        static const struct {
                const char *from, *to, *part;
        } rows[] = {
                {"\"count\": 13", "\"count\": 12", "count"},
                {"2e9eb7ed", "2e9eb7ee", "lacks"},
                {"\"name\": \"Git Repositories\"", "\"name\": \"\"", "`name`"},
                {"\"writePermission\": 8192", "\"writePermission\": \"8192\"",
                 "who may read and write"},
                {"\"readPermission\": 2,", "", "who may read and write"},
                {"\"structureValue\": 1", "\"structureValue\": 2", "structureValue"},
                {"\"separatorValue\": \"/\"", "\"separatorValue\": \"\"", "separatorValue"},
                {"\"bit\": 2,", "\"bit\": 1,", "not one bit of its own"},
                {"\"bit\": 2,", "\"bit\": 3,", "not one bit of its own"},
                {"\"bit\": 2,", "\"bit\": null,", "no `bit`"},
                {"\"actions\": [", "\"actions\": 7, \"x\": [", "no list in `actions`"},
                {"\"name\": \"Analytics\"", "\"name\": \"An\\u0000\"", "\\u0000 in text"},
        };
        Reply *reply = fixture_reply(mem, "namespaces");

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;

                assert_true(connection_namespaces_take(
                                    organisation, reply_edit(mem, reply, rows[i].from, rows[i].to),
                                    &reason) < 0);
                if (!strstr(reason, rows[i].part))
                        fail_msg("%s: %s", rows[i].to, reason);
                assert_ptr_equal(organisation->permissions.items,
                                 permission_table_builtin()->items);
        }
}

/* Rights: the answer is the question again, element by element. */

#define EVALUATION(space, token, permission, value)                 \
        "{\"securityNamespaceId\":\"" space "\",\"token\":\"" token \
        "\",\"permissions\":" #permission ",\"value\":" value "}"
#define SPACE_PROJECT "52d39943-cb85-4d7f-8fa8-c6baac873819"
#define SPACE_GIT "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
#define SPACE_BUILD "33344d9c-fc72-4d6f-aba5-fa317101a7e9"
#define TOKEN_PROJECT "$PROJECT:vstfs:///Classification/TeamProject/" PROJECT
#define RIGHTS(read_project, write_git)                                                                                                    \
        "{\"alwaysAllowAdministrators\":false,\"evaluations\":[" EVALUATION(SPACE_PROJECT, TOKEN_PROJECT, 1, read_project) "," EVALUATION( \
                SPACE_PROJECT, TOKEN_PROJECT, 2,                                                                                           \
                "false") "," EVALUATION(SPACE_GIT, "repoV2/" PROJECT, 2,                                                                   \
                                        "true") "," EVALUATION(SPACE_GIT, "REPOV2/" PROJECT "/",                                           \
                                                               8192,                                                                       \
                                                               write_git) "," EVALUATION(SPACE_BUILD, PROJECT, 1024, "true") ","           \
        EVALUATION(SPACE_BUILD, PROJECT, 16384, "true") "]}"

static const Index projects[] = {0};
static const uint32_t spaces =
        1u << NAMESPACE_PROJECT | 1u << NAMESPACE_GIT | 1u << NAMESPACE_BUILD | 1u << NAMESPACE_CSS;

static void test_rights(void **state) {
        Request request;
        const char *reason = NULL;
        OwnRights rights;

        organisation->projects[0].spaces = spaces;
        request = connection_rights_request(mem, organisation, projects, 1, RIGHTS_OF_ENTRIES);

        assert_int_equal(request.method, METHOD_POST);
        assert_int_equal(request.repeat, REPEAT_SAFE);
        expect_path(&request, "/_apis/security/permissionevaluationbatch?api-version=7.1");
        assert_true(request_is_read(&request));
        /* Reading the entries of Build needs no permission (facts §3.2), seeing its folders does; the root of the areas
         * is not known: not asked. */
        expect_body(
                &request,
                "{\"alwaysAllowAdministrators\": false, \"evaluations\": [{\"securityNamespaceId\": \"" SPACE_PROJECT
                "\", \"token\": \"" TOKEN_PROJECT
                "\", \"permissions\": 1}, {\"securityNamespaceId\": \"" SPACE_PROJECT
                "\", \"token\": \"" TOKEN_PROJECT
                "\", \"permissions\": 2}, {\"securityNamespaceId\": \"" SPACE_GIT
                "\", \"token\": \"repoV2/" PROJECT
                "\", \"permissions\": 2}, {\"securityNamespaceId\": \"" SPACE_GIT
                "\", \"token\": \"repoV2/" PROJECT
                "\", \"permissions\": 8192}, {\"securityNamespaceId\": \"" SPACE_BUILD
                "\", \"token\": \"" PROJECT "\", \"permissions\": 1024}, {\"securityNamespaceId\": \"" SPACE_BUILD
                "\", \"token\": \"" PROJECT "\", \"permissions\": 16384}]}");
        assert_int_equal(connection_rights_take(organisation, projects, 1, RIGHTS_OF_ENTRIES,
                                                reply_json(mem, RIGHTS("true", "true")), &reason),
                         0);
        rights = organisation->projects[0].rights;
        assert_int_equal(rights.may_read,
                         1u << NAMESPACE_PROJECT | 1u << NAMESPACE_GIT | 1u << NAMESPACE_BUILD);
        assert_int_equal(rights.may_write, 1u << NAMESPACE_GIT | 1u << NAMESPACE_BUILD);
        assert_int_equal(connection_rights_take(organisation, projects, 1, RIGHTS_OF_ENTRIES,
                                                reply_json(mem, RIGHTS("false", "false")), &reason),
                         0);
        rights = organisation->projects[0].rights;
        assert_int_equal(rights.may_read, 1u << NAMESPACE_GIT | 1u << NAMESPACE_BUILD);
        assert_int_equal(rights.may_write, 1u << NAMESPACE_BUILD);
}

/* Of the organisation's own roots what a charter governs there. */
static void test_rights_of_the_organisation(void **state) {
#define SPACE_COLLECTION "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
        const char *reason = NULL;
        Request request;

        assert_false(connection_rights_are_asked(organisation, projects, 1, RIGHTS_OF_ADMINISTRATORS));
        organisation->spaces = 1u << NAMESPACE_COLLECTION;
        organisation->projects[0].rights = (OwnRights){.may_read = 1u << NAMESPACE_GIT};
        assert_true(connection_rights_are_asked(organisation, projects, 1, RIGHTS_OF_ADMINISTRATORS));
        assert_false(connection_rights_are_asked(organisation, projects, 1, RIGHTS_OF_ENTRIES));
        request = connection_rights_request(mem, organisation, projects, 1, RIGHTS_OF_ADMINISTRATORS);
        expect_body(&request, "{\"alwaysAllowAdministrators\": true, \"evaluations\": "
                              "[{\"securityNamespaceId\": \"" SPACE_COLLECTION
                              "\", \"token\": \"NAMESPACE:\", \"permissions\": 1}, "
                              "{\"securityNamespaceId\": \"" SPACE_COLLECTION
                              "\", \"token\": \"NAMESPACE:\", \"permissions\": 2}]}");
        assert_int_equal(
                connection_rights_take(
                        organisation, projects, 1, RIGHTS_OF_ADMINISTRATORS,
                        reply_json(mem, "{\"evaluations\":[" EVALUATION(
                                                SPACE_COLLECTION, "NAMESPACE:", 1, "true") "," EVALUATION(
                                                SPACE_COLLECTION, "NAMESPACE:", 2, "false") "]}"),
                        &reason),
                0);
        assert_int_equal(organisation->rights.may_read, 1u << NAMESPACE_COLLECTION);
        assert_int_equal(organisation->rights.may_write, 0);
        /* What the other request told stays. */
        assert_int_equal(organisation->projects[0].rights.may_read, 1u << NAMESPACE_GIT);
}

static void test_rights_malformed(void **state) {
        static const struct {
                const char *from, *to, *part;
        } rows[] = {
                {"\"evaluations\"", "\"evaluation\"", "no list in `evaluations`"},
                {"\"permissions\":8192", "\"permissions\":4096", "not the one"},
                {"\"token\":\"repoV2", "\"token\":\"repoV3", "not the one"},
                {SPACE_BUILD, SPACE_GIT, "not the one"},
                {"\"value\":false", "\"value\":0", "has no `value`"},
                {"," EVALUATION(SPACE_BUILD, PROJECT, 16384, "true"), "", "fewer evaluations"},
                {"]}", ",{}]}", "more evaluations"},
        };
        Reply *reply = reply_json(mem, RIGHTS("true", "true"));

        organisation->projects[0].spaces = spaces;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;

                assert_true(connection_rights_take(organisation, projects, 1, RIGHTS_OF_ENTRIES,
                                                   reply_edit(mem, reply, rows[i].from, rows[i].to),
                                                   &reason) < 0);
                if (!strstr(reason, rows[i].part))
                        fail_msg("%s: %s", rows[i].to, reason);
                assert_int_equal(organisation->projects[0].rights.may_read, 0);
        }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                CASE(test_data),   CASE(test_data_malformed),   CASE(test_areas), CASE(test_server),
                CASE(test_trust), CASE(test_trust_of_each_base), CASE(test_namespaces),       CASE(test_namespaces_malformed),
                CASE(test_rights), CASE(test_rights_malformed),   CASE(test_rights_of_the_organisation),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

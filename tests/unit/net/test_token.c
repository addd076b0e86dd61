/* SPDX-License-Identifier: Apache-2.0 */
/* Token: what each kind of credential asks, what it makes of each answer, when it asks again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/net/auth_managed.h"
#include "daemon/net/auth_service_principal.h"
#include "daemon/net/auth_workload.h"
#include "tests/unit/ledger/folder.h"
#include "tests/unit/net/certificate.h"
#include "tests/unit/net/server.h"

enum {
        HANG_MS = 20 * 1000,
        SEEN_MAX = 8 * 1024,
        TOO_LARGE = 70 * 1000,
        LIFE_SHORT_MS = 1000, /* of a token with `expires_in` 1 */
};

#define TENANT "11111111-2222-3333-4444-555555555555"
#define CLIENT "66666666-7777-8888-9999-aaaaaaaaaaaa"
#define GOOD "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"eyJtoken\"}"

typedef struct Answer {
        unsigned status;
        const char *type;
        const char *text;
} Answer;

/* What the server answers, the last one again and again; and what it was asked last. */
static Answer answers[4];
static unsigned n_answers, n_asked;
static const char *challenge;
static char seen[SEEN_MAX], seen_metadata[64], seen_header[64], seen_authorization[256];

static Mem *mem;
static Loop *loop;
static Web *web;
static Server server;
static char *folder;
static Mem *owner; /* of credentials and waits: they go before the web */
static LoopTicket *guard;

static enum MHD_Result note_argument(void *context, enum MHD_ValueKind kind, const char *key,
                                     const char *value) {
        Text *text = context;

        text_appendf(text, "%s%s=%s", strchr(text->data, '?') ? "&" : "?", key, value);
        return MHD_YES;
}

static void note_header(struct MHD_Connection *connection, const char *name, char *to,
                        size_t size) {
        const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

        snprintf(to, size, "%s", value ? value : "");
}

static enum MHD_Result answer(Server *own, struct MHD_Connection *connection, const char *method,
                              const char *path, const char *body) {
        const Answer *now = &answers[n_asked < n_answers ? n_asked : n_answers - 1];
        struct MHD_Response *response = NULL;
        enum MHD_Result result = MHD_NO;
        Text text;

        text_init(&text, NULL);
        text_appendf(&text, "%s %s", method, path);
        MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, note_argument, &text);
        snprintf(seen, sizeof seen, "%s %s", text.data, body ? body : "");
        text_deinit(&text);
        note_header(connection, "Metadata", seen_metadata, sizeof seen_metadata);
        note_header(connection, "X-IDENTITY-HEADER", seen_header, sizeof seen_header);
        note_header(connection, "Authorization", seen_authorization, sizeof seen_authorization);
        n_asked++;
        response = MHD_create_response_from_buffer(strlen(now->text), (void *)now->text,
                                                   MHD_RESPMEM_MUST_COPY);
        MHD_add_response_header(response, "Content-Type", now->type);
        if (challenge && now->status == 401)
                MHD_add_response_header(response, "WWW-Authenticate", challenge);
        if (now->status == 302)
                MHD_add_response_header(response, "Location", "http://127.0.0.1/elsewhere");
        result = MHD_queue_response(connection, now->status, response);
        MHD_destroy_response(response);
        return result;
}

static const char *const variables[] = {
        "AZURE_AUTHORITY_HOST",  "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",       "AZURE_FEDERATED_TOKEN_FILE",
        "IDENTITY_ENDPOINT",     "IDENTITY_HEADER",
        "IMDS_ENDPOINT",         "IDENTITY_SERVER_THUMBPRINT",
        "MSI_ENDPOINT",          "MSI_SECRET",
        "CREDENTIALS_DIRECTORY",
};

static void on_hang(void *context) {
        fail_msg("%s", "the test hangs");
}

static int setup(void **state) {
        for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
                unsetenv(variables[i]);
        mem = mem_alloc_zero(NULL, 1, "test");
        folder = folder_new(mem);
        loop = loop_new(mem);
        web = web_new(mem, &(WebSpec){.loop = loop,
                                      .version = "1.2.3",
                                      .silence_ms = 5000,
                                      .total_ms = 10000,
                                      .response_size = 100,
                                      .stream_size = 100});
        owner = mem_alloc_zero(NULL, 1, "owner");
        guard = loop_alarm(loop, mem, HANG_MS, on_hang, NULL);
        n_asked = 0;
        challenge = NULL;
        answers[0] = (Answer){200, "application/json", GOOD};
        n_answers = 1;
        server_start(&server, answer);
        return 0;
}

static int teardown(void **state) {
        owner = mem_free(owner);
        server_stop(&server);
        web_free(web);
        mem_free(guard);
        loop_free(loop);
        mem = mem_free(mem);
        return 0;
}

static void put(const char *name, const char *text) {
        folder_write(folder, name, text, strlen(text));
        assert_int_equal(chmod(mem_printf(mem, "%s/%s", folder, name), 0600), 0);
}

static void on_ready(void *context) {
        (*(unsigned *)context)++;
        loop_stop(loop);
}

/* As a request would: waits once where it must. */
static int header_of(Auth *auth, const char **linep, const char **reasonp) {
        const Secret *header = NULL;
        unsigned n_ready = 0;
        int r = auth_header(auth, &header, reasonp);

        if (r == AUTH_MUST_WAIT) {
                auth_wait(auth, owner, on_ready, &n_ready);
                assert_int_equal(n_ready, 0); /* never from inside */
                loop_run(loop);
                assert_int_equal(n_ready, 1);
                r = auth_header(auth, &header, reasonp);
        }
        *linep = header ? secret_expose(header, NULL) : NULL;
        return r;
}

static void expect_token(Auth *auth, const char *line) {
        const char *got = NULL, *reason = NULL;

        if (header_of(auth, &got, &reason) != 0)
                fail_msg("%s", reason);
        assert_string_equal(got, line);
}

static void expect_failure(Auth *auth, int failure, const char *part) {
        const char *got = NULL, *reason = NULL;

        assert_int_equal(header_of(auth, &got, &reason), failure);
        assert_null(got);
        if (!strstr(reason, part))
                fail_msg("%s", reason);
        assert_null(strstr(reason, "se~cret"));
        assert_null(strstr(reason, "se%7Ecret"));
}

static TokenSpec token_spec(void) {
        return (TokenSpec){.loop = loop, .web = web};
}

static Auth *principal(ServicePrincipalProof proof) {
        TokenSpec token = token_spec();

        return auth_service_principal_new(
                owner, &token,
                &(ServicePrincipalSpec){.client = {.authority = mem_printf(mem, "%s/", server.url),
                                                   .tenant = TENANT,
                                                   .client = CLIENT},
                                        .proof = proof,
                                        .where = {.file = "proof", .settings_directory = folder}});
}

/* --- a service principal --- */

static void test_a_secret_is_asked_with(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);

        put("proof", "se+cr/et~&=\n");
        expect_token(auth, "Authorization: Bearer eyJtoken");
        assert_string_equal(seen, "POST /" TENANT "/oauth2/v2.0/token "
                                  "grant_type=client_credentials&client_id=" CLIENT
                                  "&scope=499b84ac-1321-427f-aa17-267ca6975798%2F.default"
                                  "&client_secret=se%2Bcr%2Fet~%26%3D");
        assert_string_equal(seen_authorization, "");
        expect_token(auth, "Authorization: Bearer eyJtoken");
        assert_int_equal(n_asked, 1);
}

static void test_what_is_wrong_with_an_answer(void **state) {
        static const struct {
                Answer answer;
                int failure;
                const char *part;
        } rows[] = {
                {{200, "text/html", "<html>"}, -EHOSTUNREACH, "answers, but with no token"},
                {{200, "application/json", "[]"}, -EHOSTUNREACH, "answers, but with no token"},
                {{200, "application/json", "{}"}, -EHOSTUNREACH, "no access_token"},
                {{200, "application/json", "{\"access_token\":\"a b\"}"},
                 -EHOSTUNREACH,
                 "no access_token"},
                {{200, "application/json", "{\"access_token\":\"\"}"},
                 -EHOSTUNREACH,
                 "no access_token"},
                {{200, "application/json", "{\"access_token\":\"a\\nX: y\"}"},
                 -EHOSTUNREACH,
                 "no access_token"},
                {{200, "application/json", "{\"access_token\":\"a\",\"token_type\":\"pop\"}"},
                 -EHOSTUNREACH,
                 "of a type"},
                {{200, "application/json", "{\"access_token\":\"a\",\"expires_in\":0}"},
                 -EHOSTUNREACH,
                 "had ended when it came"},
                {{200, "application/json",
                  "{\"access_token\":\"a\",\"expires_on\":\"1000000000\"}"},
                 -EHOSTUNREACH,
                 "had ended when it came"},
                {{302, "text/html", ""}, -EACCES, "redirects are not followed"},
                {{400, "application/json",
                  "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: it is se~cret\","
                  "\"correlation_id\":\"00000000-0000-4000-8000-000000000009\"}"},
                 -EACCES,
                 "400 invalid_client, AADSTS7000215: the client secret is wrong; the secret's value is needed, "
                 "not its id; it is read from "},
                {{401, "application/json",
                  "{\"error\":\"unauthorized_client\",\"error_description\":\"AADSTS700016: x\"}"},
                 -EACCES,
                 "AADSTS700016: the tenant does not know the client"},
                {{400, "application/json",
                  "{\"error\":\"se~cret\",\"error_description\":\"se~cret\"}"},
                 -EACCES,
                 "400: check `client`"},
                {{403, "text/plain", "se~cret"}, -EACCES, "403: check `client`"},
                {{404, "text/plain", ""}, -EACCES, "404: there is no such address"},
                {{429, "application/json", "{}"}, -EHOSTUNREACH, "gives no token just now: 429"},
                {{503, "application/json", "{\"error\":\"temporarily_unavailable\"}"},
                 -EHOSTUNREACH,
                 "gives no token just now: 503 temporarily_unavailable"},
        };

        put("proof", "se~cret");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                answers[0] = rows[i].answer;
                expect_failure(principal(SERVICE_PRINCIPAL_SECRET), rows[i].failure, rows[i].part);
        }
        answers[0] = (Answer){200, "application/json", mem_printf(mem, "%0*d", TOO_LARGE, 1)};
        expect_failure(principal(SERVICE_PRINCIPAL_SECRET), -EHOSTUNREACH,
                       "larger than 65536 bytes");
}

static void test_nobody_answers(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);

        put("proof", "se~cret");
        server_stop(&server);
        expect_failure(auth, -EHOSTUNREACH, "/oauth2/v2.0/token: ");
        server_start(&server, answer);
}

static void test_addresses_that_are_not_asked(void **state) {
        static const char *const rows[] = {"http://login.example.com", "http://169.254.169.254",
                                           "http://user@127.0.0.1", "ftp://127.0.0.1", "127.0.0.1"};
        TokenSpec token = token_spec();

        put("proof", "se~cret");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Auth *auth = NULL;

                setenv("AZURE_AUTHORITY_HOST", rows[i], 1);
                auth = auth_service_principal_new(
                        owner, &token,
                        &(ServicePrincipalSpec){
                                .client = {.tenant = TENANT, .client = CLIENT},
                                .where = {.file = "proof", .settings_directory = folder}});
                expect_failure(auth, -EACCES, rows[i]);
        }
        assert_int_equal(n_asked, 0);
}

static void test_a_refusal_is_not_repeated(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);

        put("proof", "se~cret");
        answers[0] = (Answer){401, "application/json", "{\"error\":\"invalid_client\"}"};
        for (int i = 0; i < 5; i++)
                expect_failure(auth, -EACCES, "401 invalid_client");
        assert_int_equal(n_asked, 1);
        put("proof", "another");
        answers[0] = (Answer){200, "application/json", GOOD};
        expect_token(auth, "Authorization: Bearer eyJtoken");
        assert_int_equal(n_asked, 2);
        assert_non_null(strstr(seen, "client_secret=another"));
}

static void test_a_secret_that_is_missing(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);

        expect_failure(auth, -EACCES, "proof: No such file");
        expect_failure(auth, -EACCES, "proof: No such file");
        assert_int_equal(n_asked, 0);
        put("proof", "another");
        expect_token(auth, "Authorization: Bearer eyJtoken");
}

static void on_some(void *context) {
        unsigned *n_ready = context;

        if (++*n_ready == 2)
                loop_stop(loop);
}

static void never(void *context) {
        fail_msg("%s", "called although cancelled");
}

static void test_many_wait_for_one_request(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);
        const Secret *header = NULL;
        const char *reason = NULL;
        unsigned n_ready = 0;
        AuthTicket *cancelled = NULL;

        put("proof", "se~cret");
        auth_wait(auth, owner, on_some, &n_ready);
        cancelled = auth_wait(auth, owner, never, NULL);
        assert_int_equal(auth_header(auth, &header, &reason), AUTH_MUST_WAIT);
        auth_wait(auth, owner, on_some, &n_ready);
        mem_free(cancelled);
        loop_run(loop);
        assert_int_equal(n_asked, 1);
        assert_int_equal(auth_header(auth, &header, &reason), 0);
}

/* --- renewing --- */

static void stop(void *context) {
        loop_stop(loop);
}

static void wait_ms(int64_t ms) {
        loop_alarm(loop, owner, ms, stop, NULL);
        loop_run(loop);
}

static void test_it_is_renewed_before_it_ends(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);
        const Secret *header = NULL;
        const char *reason = NULL;

        put("proof", "se~cret");
        answers[0] = (Answer){200, "application/json",
                              "{\"access_token\":\"first\",\"expires_in\":\"1\"}"};
        answers[1] = (Answer){200, "application/json", GOOD};
        n_answers = 2;
        expect_token(auth, "Authorization: Bearer first");
        wait_ms(LIFE_SHORT_MS * 7 / 10);
        assert_int_equal(n_asked, 1);
        /* It is still used while the next is on its way; in a busy machine it may have ended. */
        if (auth_header(auth, &header, &reason) == 0)
                assert_string_equal(secret_expose(header, NULL), "Authorization: Bearer first");
        wait_ms(LIFE_SHORT_MS / 2);
        expect_token(auth, "Authorization: Bearer eyJtoken");
        assert_int_equal(n_asked, 2);
}

static void test_one_that_is_refused_is_young(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);

        put("proof", "se~cret");
        expect_token(auth, "Authorization: Bearer eyJtoken");
        auth_note_refused(auth);
        expect_token(auth, "Authorization: Bearer eyJtoken");
        assert_int_equal(n_asked, 1);
}

static void test_a_failed_renewal_keeps_the_old_one(void **state) {
        Auth *auth = principal(SERVICE_PRINCIPAL_SECRET);

        put("proof", "se~cret");
        answers[0] =
                (Answer){200, "application/json", "{\"access_token\":\"first\",\"expires_in\":3}"};
        answers[1] = (Answer){503, "text/plain", ""};
        n_answers = 2;
        expect_token(auth, "Authorization: Bearer first");
        wait_ms(2050);
        expect_token(auth, "Authorization: Bearer first");
        wait_ms(100);
        assert_int_equal(n_asked, 2);
        expect_token(auth, "Authorization: Bearer first");
        wait_ms(600);
        expect_failure(auth, -EHOSTUNREACH, "503");
        assert_int_equal(n_asked, 2); /* it waits before it asks again */
}

/* --- a certificate --- */

static void test_a_certificate_is_asked_with(void **state) {
        Certificate pair = certificate_new_rsa(mem);

        put("proof", mem_printf(mem, "%s%s", pair.key, pair.certificate));
        expect_token(principal(SERVICE_PRINCIPAL_CERTIFICATE), "Authorization: Bearer eyJtoken");
        assert_non_null(strstr(
                seen, "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-"
                      "type%3Ajwt-bearer&client_assertion=eyJ"));
        assert_null(strstr(seen, "client_secret"));
}

static void test_certificates_that_are_none(void **state) {
        Certificate pair = certificate_new_rsa(mem);
        Certificate other = certificate_new_rsa(mem);
        Certificate curve = certificate_new(mem, "DNS:localhost");
        const struct {
                const char *text;
                const char *part;
        } rows[] = {
                {"nothing", "no certificate (PEM)"},
                {pair.key, "no certificate (PEM)"},
                {pair.certificate, "no private key without a password"},
                {mem_printf(mem, "%s%s", curve.key, curve.certificate), "no RSA key"},
                {mem_printf(mem, "%s%s", pair.key, other.certificate),
                 "not that of the first certificate"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                put("proof", rows[i].text);
                expect_failure(principal(SERVICE_PRINCIPAL_CERTIFICATE), -EACCES, rows[i].part);
        }
        assert_int_equal(n_asked, 0);
}

/* --- a workload --- */

static void test_a_federated_token_is_read_each_time(void **state) {
        TokenSpec token = token_spec();
        const char *reason = NULL;
        Auth *auth = NULL;

        assert_false(auth_workload_is_given());
        assert_null(auth_workload_new(owner, &token, &reason));
        assert_non_null(strstr(reason, "AZURE_CLIENT_ID is not set"));
        setenv("AZURE_CLIENT_ID", CLIENT, 1);
        setenv("AZURE_TENANT_ID", "../" TENANT, 1);
        setenv("AZURE_FEDERATED_TOKEN_FILE", mem_printf(mem, "%s/proof", folder), 1);
        assert_true(auth_workload_is_given());
        assert_null(auth_workload_new(owner, &token, &reason));
        assert_non_null(strstr(reason, "AZURE_TENANT_ID holds no id"));
        setenv("AZURE_TENANT_ID", TENANT, 1);
        setenv("AZURE_AUTHORITY_HOST", server.url, 1);
        put("proof", "one.se~cret");
        assert_int_equal(chmod(mem_printf(mem, "%s/proof", folder), 0644), 0);
        auth = auth_workload_new(owner, &token, &reason);
        answers[0] =
                (Answer){200, "application/json", "{\"access_token\":\"first\",\"expires_in\":1}"};
        expect_token(auth, "Authorization: Bearer first");
        assert_non_null(strstr(seen, "client_assertion=one.se~cret"));
        put("proof", "two.se~cret");
        wait_ms(LIFE_SHORT_MS);
        expect_token(auth, "Authorization: Bearer first");
        assert_non_null(strstr(seen, "client_assertion=two.se~cret"));
}

/* --- a managed identity --- */

static Auth *managed(const char *client, const char **reasonp) {
        TokenSpec token = token_spec();

        return auth_managed_new(owner, &token,
                                &(ManagedSpec){.client = client,
                                               .arc_folder = folder,
                                               .arc_agent = mem_printf(mem, "%s/agent", folder)},
                                reasonp);
}

static void test_places_that_are_not_asked(void **state) {
        static const struct {
                const char *variables[3];
                const char *part;
        } rows[] = {
                {{"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT"},
                 "Service Fabric"},
                {{"MSI_ENDPOINT", "MSI_SECRET", NULL}, "Azure Machine Learning"},
                {{"MSI_ENDPOINT", NULL, NULL}, "Cloud Shell"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;

                for (size_t k = 0; k < sizeof variables / sizeof *variables; k++)
                        unsetenv(variables[k]);
                for (size_t k = 0; k < 3 && rows[i].variables[k]; k++)
                        setenv(rows[i].variables[k], "x", 1);
                assert_null(managed(NULL, &reason));
                assert_non_null(strstr(reason, rows[i].part));
        }
}

static void test_app_service(void **state) {
        const char *reason = NULL;

        setenv("IDENTITY_ENDPOINT", mem_printf(mem, "%s/msi/token", server.url), 1);
        setenv("IDENTITY_HEADER", "he~ader", 1);
        answers[0].text =
                "{\"access_token\":\"eyJtoken\",\"expires_on\":\"4000000000\",\"token_type\":\"Bearer\"}";
        expect_token(managed(CLIENT, &reason), "Authorization: Bearer eyJtoken");
        assert_string_equal(seen, "GET /msi/token?api-version=2019-08-01&resource=" TOKEN_RESOURCE
                                  "&client_id=" CLIENT " ");
        assert_string_equal(seen_header, "he~ader");
        assert_string_equal(seen_metadata, "");
        answers[0] = (Answer){400, "application/json", "{\"error\":\"invalid_request\"}"};
        expect_failure(managed(NULL, &reason), -EACCES,
                       "App Service gives no token: 400 invalid_request");
        answers[0] = (Answer){404, "application/json", "{}"};
        expect_failure(managed(NULL, &reason), -EHOSTUNREACH, "gives no token just now: 404");
        setenv("IDENTITY_ENDPOINT", "http://example.com/msi/token", 1);
        expect_failure(managed(NULL, &reason), -EACCES, "http://");
        setenv("IDENTITY_HEADER", "a\nb", 1);
        assert_null(managed(NULL, &reason));
        assert_non_null(strstr(reason, "more than one line"));
}

static void arc(void) {
        setenv("IDENTITY_ENDPOINT",
               mem_printf(mem, "%s/metadata/identity/oauth2/token", server.url), 1);
        setenv("IMDS_ENDPOINT", server.url, 1);
        answers[0] = (Answer){401, "text/plain", ""};
        answers[1] = (Answer){200, "application/json", GOOD};
        n_answers = 2;
        n_asked = 0;
}

static void test_azure_arc(void **state) {
        const char *reason = NULL;

        arc();
        put("a.key", "ke~y");
        challenge = mem_printf(mem, "Basic realm=%s/a.key", folder);
        expect_token(managed(NULL, &reason), "Authorization: Bearer eyJtoken");
        assert_string_equal(
                seen,
                "GET /metadata/identity/oauth2/token?api-version=2020-06-01&resource=" TOKEN_RESOURCE
                " ");
        assert_string_equal(seen_metadata, "true");
        assert_string_equal(seen_authorization, "Basic ke~y");
        assert_int_equal(n_asked, 2);
        assert_null(managed(CLIENT, &reason));
        assert_non_null(strstr(reason, "one identity only"));
}

static void test_keys_that_are_not_read(void **state) {
        const char *reason = NULL;
        const struct {
                const char *challenge;
                const char *part;
        } rows[] = {
                {NULL, "without naming a key"},
                {"Bearer x", "without naming a key"},
                {"Basic realm=/etc/shadow", "which is not read"},
                {"Basic realm=/etc/a.key", "which is not read"},
                {mem_printf(mem, "Basic realm=%s/../a.key", folder), "which is not read"},
                {mem_printf(mem, "Basic realm=%s/below/a.key", folder), "which is not read"},
                {mem_printf(mem, "Basic realm=%s/proof", folder), "which is not read"},
                {mem_printf(mem, "Basic realm=%s/.key", folder), "which is not read"},
                {mem_printf(mem, "Basic realm=%s/\033[1m.key", folder), "which is not read"},
                {mem_printf(mem, "Basic realm=%s/\xe2\x80\xae.key", folder), "which is not read"},
                {mem_printf(mem, "Basic realm=%s/missing.key", folder),
                 "missing.key: No such file"},
                {mem_printf(mem, "Basic realm=%s/large.key", folder),
                 "large.key: Invalid argument"},
                {mem_printf(mem, "Basic realm=%s/link.key", folder), "link.key: "},
                {mem_printf(mem, "Basic realm=%s/lines.key", folder),
                 "lines.key: Invalid argument"},
        };

        put("large.key", mem_printf(mem, "%0*d", MANAGED_ARC_KEY_SIZE_MAX + 1, 1));
        put("lines.key", "a\r\nX: y");
        assert_int_equal(symlink("large.key", mem_printf(mem, "%s/link.key", folder)), 0);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                arc();
                challenge = rows[i].challenge;
                expect_failure(managed(NULL, &reason), -EACCES, rows[i].part);
                assert_int_equal(n_asked, 1);
        }
        arc();
        put("agent", "");
        answers[1] = answers[0];
        put("a.key", "ke~y");
        challenge = mem_printf(mem, "Basic realm=%s/a.key", folder);
        expect_failure(managed(NULL, &reason), -EACCES, "Azure Arc gives no token: 401");
        assert_int_equal(n_asked, 2); /* a second challenge is not taken up */
}

#define row(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                row(test_a_secret_is_asked_with),
                row(test_what_is_wrong_with_an_answer),
                row(test_nobody_answers),
                row(test_addresses_that_are_not_asked),
                row(test_a_refusal_is_not_repeated),
                row(test_a_secret_that_is_missing),
                row(test_many_wait_for_one_request),
                row(test_it_is_renewed_before_it_ends),
                row(test_one_that_is_refused_is_young),
                row(test_a_failed_renewal_keeps_the_old_one),
                row(test_a_certificate_is_asked_with),
                row(test_certificates_that_are_none),
                row(test_a_federated_token_is_read_each_time),
                row(test_places_that_are_not_asked),
                row(test_app_service),
                row(test_azure_arc),
                row(test_keys_that_are_not_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

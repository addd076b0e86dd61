/* SPDX-License-Identifier: Apache-2.0 */
/* Authority: where Entra gives out tokens, with what its refusals mean. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/net/authority.h"

#define AUTHORITY_PUBLIC "https://login.microsoftonline.com"
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

AuthorityClient authority_client_copy(Mem *parent, const AuthorityClient *client) {
        const char *authority = client->authority;
        size_t n = 0;

        if (!authority)
                authority = getenv("AZURE_AUTHORITY_HOST");
        if (!authority || !*authority)
                authority = AUTHORITY_PUBLIC;
        n = strlen(authority);
        while (n > 0 && authority[n - 1] == '/')
                n--;
        return (AuthorityClient){
                .authority = mem_strndup(parent, authority, n),
                .tenant = mem_strdup(parent, client->tenant),
                .client = mem_strdup(parent, client->client),
        };
}

char *authority_token_url(Mem *parent, const AuthorityClient *client) {
        return mem_printf(parent, "%s/%s/oauth2/v2.0/token", client->authority, client->tenant);
}

static int ask(Mem *parent, const AuthorityClient *client, const FormField *fields, size_t n_fields,
               WebQuestion *question, const char **reasonp) {
        Secret *form = form_new(parent, fields, n_fields);

        if (!form) {
                *reasonp = "the secret is too long for a request";
                return -EFBIG;
        }
        *question = (WebQuestion){.url = authority_token_url(parent, client), .form = form};
        return 0;
}

int authority_ask_with_secret(Mem *parent, const AuthorityClient *client, const Secret *secret,
                              WebQuestion *question, const char **reasonp) {
        const FormField fields[] = {
                {"grant_type", "client_credentials", NULL},
                {"client_id", client->client, NULL},
                {"scope", TOKEN_RESOURCE "/.default", NULL},
                {"client_secret", NULL, secret},
        };

        return ask(parent, client, fields, sizeof fields / sizeof *fields, question, reasonp);
}

int authority_ask_with_assertion(Mem *parent, const AuthorityClient *client,
                                 const Secret *assertion, WebQuestion *question,
                                 const char **reasonp) {
        const FormField fields[] = {
                {"grant_type", "client_credentials", NULL},
                {"client_id", client->client, NULL},
                {"scope", TOKEN_RESOURCE "/.default", NULL},
                {"client_assertion_type", ASSERTION_TYPE, NULL},
                {"client_assertion", NULL, assertion},
        };

        return ask(parent, client, fields, sizeof fields / sizeof *fields, question, reasonp);
}

/* --- refusals --- */

typedef enum Advice {
        ADVICE_RENEW, /* of what lies where the secret is read */
        ADVICE_OTHER,
} Advice;

/* Numbers from Microsoft's list of AADSTS error codes. */
static const struct {
        int64_t code;
        const char *sentence;
        Advice advice;
} refusal_rows[] = {
        {7000215, "the client secret is wrong; the secret's value is needed, not its id",
         ADVICE_RENEW},
        {7000222, "the client secret has expired; make another", ADVICE_RENEW},
        {7000216, "the client has no secret and no assertion of the right kind", ADVICE_RENEW},
        {700027, "the certificate is not the one that is registered for the client, or has expired",
         ADVICE_RENEW},
        {700030, "the certificate is not trusted for this client", ADVICE_RENEW},
        {700024,
         "the assertion is not valid at this time; check this machine's clock, and that the token file is "
         "renewed",
         ADVICE_OTHER},
        {700021, "the assertion is not for this client or this authority", ADVICE_OTHER},
        {700023, "the assertion is not for this authority; check `authority`", ADVICE_OTHER},
        {50013, "the signature of the assertion does not fit", ADVICE_RENEW},
        {70021, "no federated credential of the client fits the token's issuer, subject, audience",
         ADVICE_OTHER},
        {700211, "no federated credential of the client has the token's issuer", ADVICE_OTHER},
        {700212, "no federated credential of the client has the token's audience", ADVICE_OTHER},
        {700213, "no federated credential of the client has the token's subject", ADVICE_OTHER},
        {700016, "the tenant does not know the client; check `client` and `tenant`", ADVICE_OTHER},
        {7000112, "the application is disabled in the tenant", ADVICE_OTHER},
        {90002, "there is no such tenant; check `tenant` and `authority`", ADVICE_OTHER},
        {900023, "there is no such tenant; check `tenant` and `authority`", ADVICE_OTHER},
        {500011, "Azure DevOps is not known in the tenant; connect the organisation to it",
         ADVICE_OTHER},
        {53003, "a conditional access policy forbids it", ADVICE_OTHER},
        {530034, "a policy of the tenant forbids it", ADVICE_OTHER},
};

static const char *sentence_of(const TokenRefusal *refusal, Advice *advicep) {
        *advicep = ADVICE_OTHER;
        for (size_t i = 0; i < sizeof refusal_rows / sizeof *refusal_rows; i++)
                if (refusal_rows[i].code == refusal->code) {
                        *advicep = refusal_rows[i].advice;
                        return refusal_rows[i].sentence;
                }
        if (refusal->status == 404)
                return "there is no such address; check `tenant` and `authority`";
        return "check `client`, `tenant` and the secret";
}

const char *authority_explain(Mem *parent, const AuthorityClient *client,
                              const TokenRefusal *refusal, SecretReader *reader) {
        Advice advice = ADVICE_OTHER;
        const char *sentence = sentence_of(refusal, &advice);
        const char *explanation = NULL;
        Text text;

        text_init(&text, parent);
        text_appendf(&text, "no token for client %s of tenant %s: %d", client->client,
                     client->tenant, refusal->status);
        if (refusal->error)
                text_appendf(&text, " %s", refusal->error);
        if (refusal->code)
                text_appendf(&text, ", AADSTS%" PRId64, refusal->code);
        text_appendf(&text, ": %s", sentence);
        if (advice == ADVICE_RENEW)
                text_appendf(&text, "; it is read from %s%s", secret_reader_where(reader),
                             secret_reader_needs_restart(reader) ? ", at a restart"
                                                                 : " when it changes");
        if (refusal->correlation)
                text_appendf(&text, " (correlation id %s)", refusal->correlation);
        explanation = mem_strdup(parent, text.data);
        text_deinit(&text);
        return explanation;
}

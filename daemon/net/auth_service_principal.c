/* SPDX-License-Identifier: Apache-2.0 */
/* ServicePrincipal: an application of Entra as a credential, known by a secret or a certificate. */
#include "common/base/clock.h"
#include "daemon/net/assertion.h"
#include "daemon/net/auth_service_principal.h"

enum {
        MS_PER_S = 1000,
};

typedef struct ServicePrincipal {
        AuthorityClient client;
        SecretReader *reader;
} ServicePrincipal;

static int ask_with_secret(Mem *source, Mem *parent, WebQuestion *question, const char **reasonp) {
        ServicePrincipal *principal = source;
        const Secret *secret = NULL;
        int r = secret_reader_read(principal->reader, &secret, reasonp);

        if (r < 0)
                return r;
        return authority_ask_with_secret(parent, &principal->client, secret, question, reasonp);
}

static int ask_with_certificate(Mem *source, Mem *parent, WebQuestion *question,
                                const char **reasonp) {
        ServicePrincipal *principal = source;
        AssertionSpec spec = {.client = principal->client.client,
                              .now_s = clock_wall_ms() / MS_PER_S};
        Secret *assertion = NULL;
        int r = secret_reader_read(principal->reader, &spec.pem, reasonp);

        if (r < 0)
                return r;
        spec.audience = authority_token_url(parent, &principal->client);
        r = assertion_new(parent, &spec, &assertion, reasonp);
        if (r < 0) {
                *reasonp = mem_printf(parent, "%s: %s", secret_reader_where(principal->reader),
                                      *reasonp);
                return r;
        }
        return authority_ask_with_assertion(parent, &principal->client, assertion, question,
                                            reasonp);
}

static const char *explain(Mem *source, Mem *parent, const TokenRefusal *refusal) {
        ServicePrincipal *principal = source;

        return authority_explain(parent, &principal->client, refusal, principal->reader);
}

static bool has_changed(Mem *source) {
        ServicePrincipal *principal = source;
        const Secret *secret = NULL;
        const char *reason = NULL;

        return secret_reader_read(principal->reader, &secret, &reason) > 0;
}

static const TokenOperations operations[] = {
        [SERVICE_PRINCIPAL_SECRET] = {.ask = ask_with_secret,
                                      .explain = explain,
                                      .has_changed = has_changed},
        [SERVICE_PRINCIPAL_CERTIFICATE] = {.ask = ask_with_certificate,
                                           .explain = explain,
                                           .has_changed = has_changed},
};

static const struct {
        SecretForm form;
        const char *noun;
} proofs[] = {
        [SERVICE_PRINCIPAL_SECRET] = {SECRET_WORD, "client secret"},
        [SERVICE_PRINCIPAL_CERTIFICATE] = {SECRET_TEXT, "certificate"},
};

Auth *auth_service_principal_new(Mem *parent, const TokenSpec *token,
                                 const ServicePrincipalSpec *spec) {
        ServicePrincipal *principal = mem_new(parent, ServicePrincipal);
        SecretReaderSpec where = spec->where;

        where.form = proofs[spec->proof].form;
        where.noun = proofs[spec->proof].noun;
        principal->client = authority_client_copy(principal, &spec->client);
        principal->reader = secret_reader_new(principal, &where);
        return token_new(parent, token, &operations[spec->proof], principal);
}

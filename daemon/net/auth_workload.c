/* SPDX-License-Identifier: Apache-2.0 */
/* Workload: the identity of a Kubernetes service account, or of any other federated token. */
#include <stdlib.h>
#include <string.h>

#include "daemon/net/auth_workload.h"

static const char *const variables[] = {"AZURE_CLIENT_ID", "AZURE_TENANT_ID",
                                        "AZURE_FEDERATED_TOKEN_FILE"};
enum {
        VARIABLE_CLIENT,
        VARIABLE_TENANT,
        VARIABLE_FILE,
        N_VARIABLES,
};

typedef struct Workload {
        AuthorityClient client;
        SecretReader *reader;
} Workload;

/* The file is read again each time: it is renewed under us. */
static int ask(Mem *source, Mem *parent, WebQuestion *question, const char **reasonp) {
        Workload *workload = source;
        const Secret *assertion = NULL;
        int r = secret_reader_read(workload->reader, &assertion, reasonp);

        if (r < 0)
                return r;
        return authority_ask_with_assertion(parent, &workload->client, assertion, question,
                                            reasonp);
}

static const char *explain(Mem *source, Mem *parent, const TokenRefusal *refusal) {
        Workload *workload = source;

        return authority_explain(parent, &workload->client, refusal, workload->reader);
}

static bool has_changed(Mem *source) {
        Workload *workload = source;
        const Secret *assertion = NULL;
        const char *reason = NULL;

        return secret_reader_read(workload->reader, &assertion, &reason) > 0;
}

static const TokenOperations operations = {
        .ask = ask,
        .explain = explain,
        .has_changed = has_changed,
};

static bool is_given(const char *value) {
        return value && *value;
}

bool auth_workload_is_given(void) {
        for (size_t i = 0; i < N_VARIABLES; i++)
                if (!is_given(getenv(variables[i])))
                        return false;
        return true;
}

/* They become part of an address. */
static bool is_word(const char *value) {
        static const char characters[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";

        return value[0] != '.' && value[strspn(value, characters)] == '\0';
}

static const char *check_variables(Mem *parent) {
        for (size_t i = 0; i < N_VARIABLES; i++) {
                const char *value = getenv(variables[i]);

                if (!is_given(value))
                        return mem_printf(
                                parent,
                                "workload_identity: the environment variable %s is not set; it is set "
                                "where workload identity is set up",
                                variables[i]);
                if (i != VARIABLE_FILE && !is_word(value))
                        return mem_printf(parent, "workload_identity: %s holds no id",
                                          variables[i]);
        }
        return NULL;
}

Auth *auth_workload_new(Mem *parent, const TokenSpec *token, const char **reasonp) {
        Workload *workload = NULL;

        *reasonp = check_variables(parent);
        if (*reasonp)
                return NULL;
        workload = mem_new(parent, Workload);
        workload->client = authority_client_copy(
                workload, &(AuthorityClient){.client = getenv(variables[VARIABLE_CLIENT]),
                                             .tenant = getenv(variables[VARIABLE_TENANT])});
        workload->reader = secret_reader_new(
                workload, &(SecretReaderSpec){.file = getenv(variables[VARIABLE_FILE]),
                                              .readability = SECRET_READABLE_BY_OTHERS,
                                              .form = SECRET_WORD,
                                              .noun = "federated token"});
        return token_new(parent, token, &operations, workload);
}

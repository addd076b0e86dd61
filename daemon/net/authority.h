/* SPDX-License-Identifier: Apache-2.0 */
/* Authority: where Entra gives out tokens, with what its refusals mean. */
#pragma once

#include "daemon/net/form.h"
#include "daemon/net/token.h"

/* A client of a tenant. Words of URLs: letters, digits, dots, dashes. */
typedef struct AuthorityClient {
        const char *authority; /* NULL: $AZURE_AUTHORITY_HOST, then the public one */
        const char *tenant;
        const char *client;
} AuthorityClient;

/* Copied below parent, with the authority that counts. */
AuthorityClient authority_client_copy(Mem *parent, const AuthorityClient *client);
/* `https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token` */
char *authority_token_url(Mem *parent, const AuthorityClient *client);
/* The question for a token with this secret. 0, or negative with *reasonp. */
int authority_ask_with_secret(Mem *parent, const AuthorityClient *client, const Secret *secret,
                              WebQuestion *question, const char **reasonp);
/* The same with an assertion in a secret's place. */
int authority_ask_with_assertion(Mem *parent, const AuthorityClient *client,
                                 const Secret *assertion, WebQuestion *question,
                                 const char **reasonp);
/* A sentence with what is to be done; `where` is where the client's secret lies. */
const char *authority_explain(Mem *parent, const AuthorityClient *client,
                              const TokenRefusal *refusal, SecretReader *reader);

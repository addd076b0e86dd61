/* SPDX-License-Identifier: Apache-2.0 */
/* Token: a bearer token as a credential, asked for when needed, renewed before it ends. */
#pragma once

#include "daemon/net/auth.h"
#include "daemon/net/loop.h"
#include "daemon/net/web.h"

/* Of Azure DevOps, in every cloud (facts §2.2). */
#define TOKEN_RESOURCE "499b84ac-1321-427f-aa17-267ca6975798"

enum {
        TOKEN_RENEW_MS = 5 * 60 * 1000,      /* a token is renewed so long before its end, */
        TOKEN_RENEW_SHARE = 3,               /* or in the last third of its life */
        TOKEN_END_MS = 60 * 1000,            /* and not used any more so long before, */
        TOKEN_END_SHARE = 10,                /* or in the last tenth */
        TOKEN_LIFE_UNKNOWN_S = 5 * 60,       /* of one that does not say when it ends */
        TOKEN_LIFE_MAX_S = 7 * 24 * 60 * 60, /* what says more is renewed then */
        TOKEN_PAUSE_FIRST_MS = 1000, /* after who gives tokens could not be asked; doubles */
        TOKEN_PAUSE_MAX_MS = 60 * 1000,
        TOKEN_REFUSED_PAUSE_FIRST_MS =
                60 * 1000, /* after a refusal; doubles. Another secret ends it */
        TOKEN_REFUSED_PAUSE_MAX_MS = 15 * 60 * 1000,
        TOKEN_YOUNG_MS = 60 * 1000, /* one that the service refuses is not asked for anew so soon */
};

/* What a refusal says, as far as it may be repeated: words of the answer that could hold a secret
 * are not among it. */
typedef struct TokenRefusal {
        int status;
        const char *error;       /* `invalid_client`, or NULL */
        int64_t code;            /* of AADSTS7000215, or 0 */
        const char *correlation; /* a GUID, or NULL */
} TokenRefusal;

/* A status that says the answer may be another one soon. */
typedef enum TokenMissing {
        TOKEN_MISSING_REFUSES, /* 404 and 410 are refusals */
        TOKEN_MISSING_PASSES,  /* they are not (facts §2.4) */
} TokenMissing;

/* One row for each kind of credential that is a token. `source` is the kind's own. What they give
 * lives below parent. */
typedef struct TokenOperations {
        /* 0; or negative: it cannot be asked, *reasonp. */
        int (*ask)(Mem *source, Mem *parent, WebQuestion *question, const char **reasonp);
        /* After the answer to the first question: 1, *question is a second one; 0: there is none;
         * negative: *reasonp. NULL: there never is. */
        int (*follow)(Mem *source, Mem *parent, const Reply *reply, WebQuestion *question,
                      const char **reasonp);
        /* A sentence with what is to be done. */
        const char *(*explain)(Mem *source, Mem *parent, const TokenRefusal *refusal);
        /* True when the secret is another than when it was read last. NULL: there is none. */
        bool (*has_changed)(Mem *source);
        TokenMissing missing;
} TokenOperations;

typedef struct TokenSpec {
        Loop *loop;
        Web *web;
} TokenSpec;

/* `source` is taken over. Web and loop outlive all that is asked for with it. */
Auth *token_new(Mem *parent, const TokenSpec *spec, const TokenOperations *operations, Mem *source);

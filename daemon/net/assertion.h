/* SPDX-License-Identifier: Apache-2.0 */
/* Assertion: what a client signs with its certificate's key to be known by it (facts §2.3). */
#pragma once

#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/secret.h"

enum {
        ASSERTION_LIFE_S = 10 * 60,
};

typedef struct AssertionSpec {
        const char *audience; /* the token endpoint */
        const char *client;
        const Secret *pem; /* a certificate with its RSA key, in any order */
        int64_t now_s;     /* since 1970 */
} AssertionSpec;

/* A JWT, PS256, usable once. 0; or negative, *reasonp a constant sentence. */
int assertion_new(Mem *parent, const AssertionSpec *spec, Secret **assertionp,
                  const char **reasonp);

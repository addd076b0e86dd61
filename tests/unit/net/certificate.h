/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate: a key with a certificate of its own, for servers of tests. */
#pragma once

#include "common/base/mem.h"

typedef struct Certificate {
        char *key; /* PEM */
        char *certificate;
} Certificate;

/* A curve's key. `name` as in the extension: "IP:127.0.0.1", "DNS:example.com". */
Certificate certificate_new(Mem *parent, const char *name);
/* An RSA key. */
Certificate certificate_new_rsa(Mem *parent);

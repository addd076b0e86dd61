/* SPDX-License-Identifier: Apache-2.0 */
/* Auth: the credential of one organisation, as the header that carries it. */
#include <assert.h>
#include <string.h>

#include <openssl/evp.h>

#include "daemon/net/auth.h"

#define HEADER_START "Authorization: Basic "

enum {
        BASE64_SIZE_MAX = (SECRET_READER_SIZE_MAX + 1 + 2) / 3 * 4,
        HEADER_SIZE_MAX = sizeof HEADER_START + BASE64_SIZE_MAX,
};

typedef struct PatAuth {
        Auth auth;
        SecretReader *reader;
        Secret *header;
} PatAuth;

/* Basic, with an empty user (facts §2.1). */
static void set_header(PatAuth *pat, const Secret *secret) {
        unsigned char plain[SECRET_READER_SIZE_MAX + 1];
        char line[HEADER_SIZE_MAX] = HEADER_START;
        size_t n = 0;
        const char *bytes = secret_expose(secret, &n);
        int n_encoded = 0;

        plain[0] = ':';
        memcpy(plain + 1, bytes, n);
        n_encoded =
                EVP_EncodeBlock((unsigned char *)line + sizeof HEADER_START - 1, plain, (int)n + 1);
        secret_free(pat->header);
        pat->header = secret_new(pat, line, sizeof HEADER_START - 1 + (size_t)n_encoded);
        assert(pat->header);
        secret_wipe(plain, sizeof plain);
        secret_wipe(line, sizeof line);
}

static int pat_header(Auth *auth, const Secret **headerp, const char **reasonp) {
        PatAuth *pat = (PatAuth *)auth;
        const Secret *secret = NULL;
        int r = secret_reader_read(pat->reader, &secret, reasonp);

        if (r < 0)
                pat->header = secret_free(pat->header);
        else if (r > 0 || !pat->header)
                set_header(pat, secret);
        *headerp = pat->header;
        return r < 0 ? r : 0;
}

static const AuthOperations pat_operations = {.header = pat_header};

Auth *auth_pat_new(Mem *parent, const SecretReaderSpec *spec) {
        PatAuth *pat = mem_new(parent, PatAuth);
        SecretReaderSpec own = *spec;

        own.form = SECRET_WORD;
        own.noun = "personal access token";
        pat->auth.operations = &pat_operations;
        pat->reader = secret_reader_new(pat, &own);
        return &pat->auth;
}

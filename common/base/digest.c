/* SPDX-License-Identifier: Apache-2.0 */
/* Digest: SHA-256 of bytes, as lower-case hex. */
#include <assert.h>

#include <openssl/evp.h>

#include "common/base/digest.h"

const char *digest_sha256(const void *bytes, size_t n, char text[static DIGEST_TEXT_SIZE]) {
        static const char digits[] = "0123456789abcdef";
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned n_hash = 0;
        int r = EVP_Digest(bytes ? bytes : "", n, hash, &n_hash, EVP_sha256(), NULL);

        assert(r == 1 && n_hash * 2 + 1 == DIGEST_TEXT_SIZE);
        for (unsigned i = 0; i < n_hash; i++) {
                text[2 * i] = digits[hash[i] >> 4];
                text[2 * i + 1] = digits[hash[i] & 0xF];
        }
        text[DIGEST_TEXT_SIZE - 1] = '\0';
        return text;
}

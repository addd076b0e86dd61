/* SPDX-License-Identifier: Apache-2.0 */
/* Digest: SHA-256 of bytes, as text. */
#include <assert.h>

#include <openssl/evp.h>

#include "common/base/digest.h"

enum {
        HASH_SIZE = 32,
};

static void hash_bytes(const void *bytes, size_t n, unsigned char hash[static EVP_MAX_MD_SIZE]) {
        unsigned n_hash = 0;
        int r = EVP_Digest(bytes ? bytes : "", n, hash, &n_hash, EVP_sha256(), NULL);

        assert(r == 1 && n_hash == HASH_SIZE);
}

const char *digest_sha256(const void *bytes, size_t n, char text[static DIGEST_TEXT_SIZE]) {
        static const char digits[] = "0123456789abcdef";
        unsigned char hash[EVP_MAX_MD_SIZE];

        hash_bytes(bytes, n, hash);
        for (unsigned i = 0; i < HASH_SIZE; i++) {
                text[2 * i] = digits[hash[i] >> 4];
                text[2 * i + 1] = digits[hash[i] & 0xF];
        }
        text[DIGEST_TEXT_SIZE - 1] = '\0';
        return text;
}

const char *digest_sha256_base64(const void *bytes, size_t n, char text[static DIGEST_BASE64_SIZE]) {
        unsigned char hash[EVP_MAX_MD_SIZE];
        int n_text;

        hash_bytes(bytes, n, hash);
        n_text = EVP_EncodeBlock((unsigned char *)text, hash, HASH_SIZE);
        assert(n_text + 1 == DIGEST_BASE64_SIZE);
        return text;
}

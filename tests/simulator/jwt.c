/* SPDX-License-Identifier: Apache-2.0 */
/* Signed tokens (RFC 7515, 7519) as who receives them checks them. */
#include "tests/simulator/jwt.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* Either alphabet, padded or not; NULL when it is not Base64. */
static unsigned char *decode(Arena *arena, const char *text, size_t length, size_t *np) {
        size_t n_padded;
        unsigned char *padded, *bytes;

        while (length > 0 && text[length - 1] == '=')
                length--;
        n_padded = (length + 3) / 4 * 4;
        padded = arena_alloc(arena, n_padded + 1);
        bytes = arena_alloc(arena, n_padded + 1);
        memset(padded, '=', n_padded);
        for (size_t i = 0; i < length; i++)
                padded[i] = (unsigned char)(text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
        if (length == 0 || EVP_DecodeBlock(bytes, padded, (int)n_padded) < 0)
                return NULL;
        *np = n_padded / 4 * 3 - (n_padded - length);
        bytes[*np] = '\0';
        return bytes;
}

static cJSON *decode_object(Arena *arena, const char *text, size_t length) {
        size_t n = 0;
        unsigned char *bytes = decode(arena, text, length, &n);
        cJSON *tree = bytes ? cJSON_ParseWithLength((char *)bytes, n) : NULL;

        if (tree && !cJSON_IsObject(tree)) {
                cJSON_Delete(tree);
                return NULL;
        }
        return tree;
}

int jwt_read(Arena *arena, const char *text, Jwt *jwt) {
        const char *first = strchr(text, '.');
        const char *second = first ? strchr(first + 1, '.') : NULL;

        *jwt = (Jwt){0};
        if (!second || strchr(second + 1, '.'))
                return -1;
        jwt->text = text;
        jwt->n_text = (size_t)(second - text);
        jwt->header = decode_object(arena, text, (size_t)(first - text));
        jwt->claims = decode_object(arena, first + 1, (size_t)(second - first - 1));
        jwt->signature = decode(arena, second + 1, strlen(second + 1), &jwt->n_signature);
        if (jwt->header && jwt->claims && jwt->signature)
                return 0;
        jwt_deinit(jwt);
        return -1;
}

void jwt_deinit(Jwt *jwt) {
        cJSON_Delete(jwt->header);
        cJSON_Delete(jwt->claims);
        *jwt = (Jwt){0};
}

static X509 *certificate_of(const char *pem) {
        BIO *bio = BIO_new_mem_buf(pem, -1);
        X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

        BIO_free(bio);
        ERR_clear_error();
        return certificate;
}

static const char *member(const cJSON *object, const char *name) {
        return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool verify(const Jwt *jwt, EVP_PKEY *key, bool is_pss) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *key_context = NULL;
        bool valid;

        valid = EVP_DigestVerifyInit(context, &key_context, EVP_sha256(), NULL, key) == 1;
        if (valid && is_pss)
                valid = EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) > 0 &&
                        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) > 0;
        valid = valid && EVP_DigestVerify(context, jwt->signature, jwt->n_signature,
                                          (const unsigned char *)jwt->text, jwt->n_text) == 1;
        EVP_MD_CTX_free(context);
        ERR_clear_error();
        return valid;
}

bool jwt_is_signed(const Jwt *jwt, const char *pem) {
        const char *algorithm = member(jwt->header, "alg");
        X509 *certificate = certificate_of(pem);
        bool is_pss = algorithm && strcmp(algorithm, "PS256") == 0;
        bool valid = certificate && algorithm && (is_pss || strcmp(algorithm, "RS256") == 0) &&
                     X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0 &&
                     verify(jwt, X509_get0_pubkey(certificate), is_pss);

        X509_free(certificate);
        return valid;
}

static bool is_digest(Arena *arena, const char *named, X509 *certificate, const EVP_MD *kind) {
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned n_hash = 0;
        size_t n = 0;
        unsigned char *bytes = named ? decode(arena, named, strlen(named), &n) : NULL;

        return bytes && X509_digest(certificate, kind, hash, &n_hash) == 1 && n == n_hash &&
               memcmp(bytes, hash, n) == 0;
}

bool jwt_names_certificate(Arena *arena, const Jwt *jwt, const char *pem) {
        X509 *certificate = certificate_of(pem);
        bool named = certificate && (is_digest(arena, member(jwt->header, "x5t#S256"), certificate, EVP_sha256()) ||
                                     is_digest(arena, member(jwt->header, "x5t"), certificate, EVP_sha1()));

        X509_free(certificate);
        return named;
}

bool jwt_is_timely(const Jwt *jwt, int64_t now_s, int64_t slack_s) {
        const cJSON *from = cJSON_GetObjectItemCaseSensitive(jwt->claims, "nbf");
        const cJSON *until = cJSON_GetObjectItemCaseSensitive(jwt->claims, "exp");

        if (!cJSON_IsNumber(until) || until->valuedouble + (double)slack_s < (double)now_s)
                return false;
        return !from || (cJSON_IsNumber(from) && from->valuedouble - (double)slack_s <= (double)now_s);
}

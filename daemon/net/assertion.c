/* SPDX-License-Identifier: Apache-2.0 */
/* Assertion: what a client signs with its certificate's key to be known by it (facts §2.3). */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "common/base/guid.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/net/assertion.h"

enum {
        SIGNATURE_SIZE_MAX = 2048, /* of an RSA key of 16384 bits */
        RSA_BITS_MIN = 2048,
};

typedef struct Signer {
        EVP_PKEY *key;
        X509 *certificate;
} Signer;

static int fail(const char **reasonp, const char *reason) {
        *reasonp = reason;
        return -EINVAL;
}

/* --- what the file holds --- */

/* A terminal is never asked for a password. */
static int no_password(char *bytes, int size, int writing, void *context) {
        return -1;
}

static BIO *open_pem(const Secret *pem) {
        size_t n = 0;
        const char *bytes = secret_expose(pem, &n);
        BIO *bio = BIO_new_mem_buf(bytes, (int)n);

        if (!bio)
                mem_exhausted();
        return bio;
}

static int check_signer(const Signer *signer, int64_t now_s, const char **reasonp) {
        time_t now = (time_t)now_s;

        if (!signer->certificate)
                return fail(reasonp, "there is no certificate (PEM) in it");
        if (!signer->key)
                return fail(reasonp, "there is no private key without a password (PEM) in it");
        if (EVP_PKEY_get_base_id(signer->key) != EVP_PKEY_RSA)
                return fail(reasonp, "the key is no RSA key, which Entra wants");
        if (EVP_PKEY_get_bits(signer->key) < RSA_BITS_MIN ||
            EVP_PKEY_get_size(signer->key) > SIGNATURE_SIZE_MAX)
                return fail(reasonp, "the key has less than 2048 or more than 16384 bits");
        if (X509_check_private_key(signer->certificate, signer->key) != 1)
                return fail(reasonp, "the private key is not that of the first certificate in it");
        if (X509_cmp_time(X509_get0_notAfter(signer->certificate), &now) < 0)
                return fail(reasonp, "the certificate has expired; register another");
        return 0;
}

static void signer_deinit(Signer *signer) {
        EVP_PKEY_free(signer->key);
        X509_free(signer->certificate);
        ERR_clear_error();
}

static int signer_init(Signer *signer, const AssertionSpec *spec, const char **reasonp) {
        BIO *bio = open_pem(spec->pem);

        signer->certificate = PEM_read_bio_X509(bio, NULL, no_password, NULL);
        BIO_free(bio);
        bio = open_pem(spec->pem);
        signer->key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
        BIO_free(bio);
        return check_signer(signer, spec->now_s, reasonp);
}

/* --- what is signed --- */

/* RFC 7515: the URL alphabet without padding. */
static void append_base64url(Text *text, const void *bytes, size_t n) {
        size_t start = text->n;
        size_t n_encoded = (n + 2) / 3 * 4;
        char *encoded = mem_new_array(text->parent, char, n_encoded + 1);

        EVP_EncodeBlock((unsigned char *)encoded, bytes, (int)n);
        text_append(text, encoded);
        secret_wipe(encoded, n_encoded);
        mem_free(encoded);
        for (char *c = text->data + start; *c; c++) {
                if (*c == '+')
                        *c = '-';
                else if (*c == '/')
                        *c = '_';
        }
        while (text->n > start && text->data[text->n - 1] == '=')
                text->data[--text->n] = '\0';
}

static void append_header(Text *text, const Signer *signer) {
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned n_hash = 0;
        int r = X509_digest(signer->certificate, EVP_sha256(), hash, &n_hash);
        Text json;

        assert(r == 1);
        text_init(&json, text->parent);
        text_append(&json, "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"");
        append_base64url(&json, hash, n_hash);
        text_append(&json, "\"}");
        append_base64url(text, json.data, json.n);
        text_deinit(&json);
}

static void append_claims(Text *text, const AssertionSpec *spec) {
        char id[GUID_TEXT_SIZE];
        Guid guid;
        ssize_t n = getrandom(&guid, sizeof guid, 0);
        JsonWriter writer;
        Text json;

        assert(n == sizeof guid); /* so few bytes are never given in part */
        text_init(&json, text->parent);
        json_writer_init(&writer, &json, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "aud", spec->audience);
        json_write_text(&writer, "iss", spec->client);
        json_write_text(&writer, "sub", spec->client);
        json_write_text(&writer, "jti", guid_format(guid, id));
        json_write_int(&writer, "nbf", spec->now_s);
        json_write_int(&writer, "exp", spec->now_s + ASSERTION_LIFE_S);
        json_write_object_end(&writer);
        append_base64url(text, json.data, json.n);
        text_deinit(&json);
}

/* PS256 (RFC 7518, 3.5): RSASSA-PSS, SHA-256, a salt as long as the hash. */
static int append_signature(Text *text, const Signer *signer) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *key_context = NULL;
        unsigned char signature[SIGNATURE_SIZE_MAX];
        size_t n = sizeof signature;
        bool is_signed = false;

        if (!context)
                mem_exhausted();
        is_signed =
                EVP_DigestSignInit(context, &key_context, EVP_sha256(), NULL, signer->key) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) > 0 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) > 0 &&
                EVP_DigestSign(context, signature, &n, (const unsigned char *)text->data,
                               text->n) == 1;
        EVP_MD_CTX_free(context);
        if (!is_signed)
                return -EINVAL;
        text_append(text, ".");
        append_base64url(text, signature, n);
        secret_wipe(signature, sizeof signature);
        return 0;
}

static int sign(Mem *parent, const AssertionSpec *spec, const Signer *signer, Secret **assertionp,
                const char **reasonp) {
        Text text;
        int r = 0;

        text_init(&text, parent);
        append_header(&text, signer);
        text_append(&text, ".");
        append_claims(&text, spec);
        r = append_signature(&text, signer);
        if (r == 0)
                *assertionp = secret_new(parent, text.data, text.n);
        secret_wipe(text.data, text.n);
        text_deinit(&text);
        if (r < 0)
                return fail(reasonp, "the key could not sign");
        return 0;
}

int assertion_new(Mem *parent, const AssertionSpec *spec, Secret **assertionp,
                  const char **reasonp) {
        Signer signer = {0};
        int r = signer_init(&signer, spec, reasonp);

        if (r == 0)
                r = sign(parent, spec, &signer, assertionp, reasonp);
        signer_deinit(&signer);
        return r;
}

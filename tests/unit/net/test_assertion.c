/* SPDX-License-Identifier: Apache-2.0 */
/* Assertion: its form, its claims, its signature, as who receives it would check them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "common/base/guid.h"
#include "common/base/json.h"
#include "daemon/net/assertion.h"
#include "tests/unit/net/certificate.h"

#define AUDIENCE "https://login.example.com/tenant/oauth2/v2.0/token"
#define CLIENT "66666666-7777-8888-9999-aaaaaaaaaaaa"

enum {
        YEAR_S = 365 * 24 * 60 * 60,
        PARTS = 3,
        HASH_SIZE = 32,
};

static Mem *mem;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

typedef struct Part {
        const char *text;
        size_t n_text;
        unsigned char *bytes;
        size_t n;
} Part;

static void decode(Part *part) {
        size_t n = (part->n_text + 3) / 4 * 4;
        char *padded = mem_new_array(mem, char, n + 1);

        memset(padded, '=', n);
        for (size_t i = 0; i < part->n_text; i++) {
                char c = part->text[i];

                assert_true(c != '+' && c != '/' && c != '=');
                padded[i] = c == '-' ? '+' : c == '_' ? '/' : c;
        }
        part->bytes = mem_new_array(mem, unsigned char, n + 1);
        part->n = (size_t)EVP_DecodeBlock(part->bytes, (unsigned char *)padded, (int)n) -
                  (n - part->n_text);
        part->bytes[part->n] = '\0';
}

static void split(const Secret *assertion, Part parts[PARTS]) {
        const char *at = secret_expose(assertion, NULL);

        for (int i = 0; i < PARTS; i++) {
                parts[i].text = at;
                parts[i].n_text = strcspn(at, ".");
                at += parts[i].n_text + (i + 1 < PARTS);
                decode(&parts[i]);
        }
        assert_int_equal(*at, 0);
}

static Secret *sign(const char *pem, int64_t now_s, const char **reasonp) {
        AssertionSpec spec = {.audience = AUDIENCE,
                              .client = CLIENT,
                              .pem = secret_new(mem, pem, strlen(pem)),
                              .now_s = now_s};
        Secret *assertion = NULL;

        return assertion_new(mem, &spec, &assertion, reasonp) == 0 ? assertion : NULL;
}

static int64_t now(void) {
        return (int64_t)time(NULL);
}

static const char *pem_of(Certificate pair) {
        return mem_printf(mem, "%s%s", pair.certificate, pair.key);
}

static X509 *x509_of(const char *pem) {
        BIO *bio = BIO_new_mem_buf(pem, -1);
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

        BIO_free(bio);
        assert_non_null(certificate);
        return certificate;
}

static JsonNode *json_of(const Part *part) {
        JsonNode *node = NULL;
        const char *reason = NULL;

        assert_int_equal(json_parse(mem, (char *)part->bytes, part->n, &node, &reason), 0);
        return node;
}

static void check_signature(X509 *certificate, const Part parts[PARTS]) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        EVP_PKEY_CTX *key = NULL;
        size_t n_signed = parts[0].n_text + 1 + parts[1].n_text;

        assert_int_equal(EVP_DigestVerifyInit(context, &key, EVP_sha256(), NULL,
                                              X509_get0_pubkey(certificate)),
                         1);
        EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(key, HASH_SIZE);
        assert_int_equal(EVP_DigestVerify(context, parts[2].bytes, parts[2].n,
                                          (const unsigned char *)parts[0].text, n_signed),
                         1);
        EVP_MD_CTX_free(context);
}

static void test_what_it_says(void **state) {
        Certificate pair = certificate_new_rsa(mem);
        X509 *certificate = x509_of(pair.certificate);
        unsigned char hash[HASH_SIZE];
        const char *reason = NULL;
        int64_t now_s = now(), number = 0;
        Part parts[PARTS];
        Part thumbprint;
        JsonNode *header = NULL, *claims = NULL;
        Guid guid;

        split(sign(pem_of(pair), now_s, &reason), parts);
        header = json_of(&parts[0]);
        assert_string_equal(json_get_text(header, "alg"), "PS256");
        assert_string_equal(json_get_text(header, "typ"), "JWT");
        thumbprint.text = json_get_text(header, "x5t#S256");
        thumbprint.n_text = strlen(thumbprint.text);
        decode(&thumbprint);
        assert_int_equal(X509_digest(certificate, EVP_sha256(), hash, NULL), 1);
        assert_int_equal(thumbprint.n, HASH_SIZE);
        assert_memory_equal(thumbprint.bytes, hash, HASH_SIZE);
        claims = json_of(&parts[1]);
        assert_string_equal(json_get_text(claims, "aud"), AUDIENCE);
        assert_string_equal(json_get_text(claims, "iss"), CLIENT);
        assert_string_equal(json_get_text(claims, "sub"), CLIENT);
        assert_int_equal(guid_parse(&guid, json_get_text(claims, "jti")), 0);
        assert_int_equal(json_get_int(claims, "nbf", 0, INT64_MAX / 1024, &number), 0);
        assert_int_equal(number, now_s);
        assert_int_equal(json_get_int(claims, "exp", 0, INT64_MAX / 1024, &number), 0);
        assert_int_equal(number, now_s + ASSERTION_LIFE_S);
        check_signature(certificate, parts);
        X509_free(certificate);
}

static void test_each_is_another(void **state) {
        const char *pem = pem_of(certificate_new_rsa(mem));
        const char *reason = NULL;
        Part one[PARTS], two[PARTS];

        split(sign(pem, now(), &reason), one);
        split(sign(pem, now(), &reason), two);
        assert_string_not_equal(json_get_text(json_of(&one[1]), "jti"),
                                json_get_text(json_of(&two[1]), "jti"));
}

static void test_one_that_has_expired(void **state) {
        const char *pem = pem_of(certificate_new_rsa(mem));
        const char *reason = NULL;

        assert_null(sign(pem, now() + YEAR_S, &reason));
        assert_string_equal(reason, "the certificate has expired; register another");
}

static void test_a_key_with_a_password(void **state) {
        static unsigned char password[] = "pass";
        Certificate pair = certificate_new_rsa(mem);
        BIO *from = BIO_new_mem_buf(pair.key, -1), *to = BIO_new(BIO_s_mem());
        EVP_PKEY *key = PEM_read_bio_PrivateKey(from, NULL, NULL, NULL);
        const char *reason = NULL;
        char *bytes = NULL;
        long n = 0;

        PEM_write_bio_PrivateKey(to, key, EVP_aes_256_cbc(), password, sizeof password - 1, NULL,
                                 NULL);
        n = BIO_get_mem_data(to, &bytes);
        assert_null(
                sign(mem_printf(mem, "%s%.*s", pair.certificate, (int)n, bytes), now(), &reason));
        assert_string_equal(reason, "there is no private key without a password (PEM) in it");
        EVP_PKEY_free(key);
        BIO_free(from);
        BIO_free(to);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_what_it_says, setup, teardown),
                cmocka_unit_test_setup_teardown(test_each_is_another, setup, teardown),
                cmocka_unit_test_setup_teardown(test_one_that_has_expired, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_key_with_a_password, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

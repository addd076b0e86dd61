/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate: a key with a certificate of its own, for servers of tests. */
#include <assert.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "tests/unit/net/certificate.h"

enum {
        DAY_S = 24 * 60 * 60,
        RSA_BITS = 2048,
};

static void add_extension(X509 *certificate, int number, const char *value) {
        X509V3_CTX context;
        X509_EXTENSION *extension = NULL;

        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
        extension = X509V3_EXT_conf_nid(NULL, &context, number, value);
        assert(extension);
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
}

static char *text_of(Mem *parent, BIO *bio) {
        char *bytes = NULL;
        long n = BIO_get_mem_data(bio, &bytes);
        char *text = mem_strndup(parent, bytes, (size_t)n);

        BIO_free(bio);
        return text;
}

static Certificate make(Mem *parent, EVP_PKEY *key, const char *name) {
        X509 *certificate = X509_new();
        BIO *key_bio = BIO_new(BIO_s_mem());
        BIO *certificate_bio = BIO_new(BIO_s_mem());
        Certificate made = {0};

        assert(key && certificate && key_bio && certificate_bio);
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S);
        X509_gmtime_adj(X509_getm_notAfter(certificate), DAY_S);
        X509_set_pubkey(certificate, key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   (const unsigned char *)"test", -1, -1, 0);
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(certificate, NID_subject_alt_name, name);
        X509_sign(certificate, key, EVP_sha256());
        PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL);
        PEM_write_bio_X509(certificate_bio, certificate);
        made.key = text_of(parent, key_bio);
        made.certificate = text_of(parent, certificate_bio);
        X509_free(certificate);
        EVP_PKEY_free(key);
        return made;
}

Certificate certificate_new(Mem *parent, const char *name) {
        return make(parent, EVP_EC_gen("P-256"), name);
}

Certificate certificate_new_rsa(Mem *parent) {
        return make(parent, EVP_RSA_gen(RSA_BITS), "DNS:localhost");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Digest: SHA-256 of bytes, as text. */
#pragma once

#include <stddef.h>

enum {
        DIGEST_TEXT_SIZE = 65,
        DIGEST_BASE64_SIZE = 45,
};

/* Lower-case hex. */
const char *digest_sha256(const void *bytes, size_t n, char text[static DIGEST_TEXT_SIZE]);
const char *digest_sha256_base64(const void *bytes, size_t n, char text[static DIGEST_BASE64_SIZE]);

/* SPDX-License-Identifier: Apache-2.0 */
/* Digest: SHA-256 of bytes, as lower-case hex. */
#pragma once

#include <stddef.h>

enum {
        DIGEST_TEXT_SIZE = 65
};

const char *digest_sha256(const void *bytes, size_t n, char text[static DIGEST_TEXT_SIZE]);

/* SPDX-License-Identifier: Apache-2.0 */
/* Signed tokens (RFC 7515, 7519) as who receives them checks them. */
#pragma once

#include <cjson/cJSON.h>

#include "tests/simulator/text.h"

typedef struct Jwt {
        cJSON *header;
        cJSON *claims;
        const char *text; /* header and claims as they are signed */
        size_t n_text;
        unsigned char *signature;
        size_t n_signature;
} Jwt;

/* 0, or -1: it is none. */
int jwt_read(Arena *arena, const char *text, Jwt *jwt);
void jwt_deinit(Jwt *jwt);
/* By the key of this certificate (PEM), with the algorithm the header names: PS256 or RS256. */
bool jwt_is_signed(const Jwt *jwt, const char *certificate);
/* True when x5t#S256 or x5t of the header is the certificate's, in either alphabet of Base64. */
bool jwt_names_certificate(Arena *arena, const Jwt *jwt, const char *certificate);
/* nbf, when there is one, and exp; `slack_s` of clocks apart are forgiven. */
bool jwt_is_timely(const Jwt *jwt, int64_t now_s, int64_t slack_s);

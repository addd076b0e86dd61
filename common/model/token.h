/* SPDX-License-Identifier: Apache-2.0 */
/* Token: a security token, compared and taken apart by its namespace's separator (facts §3.4). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Tokens are compared without regard to case and to one trailing separator. separator 0: a flat
 * namespace, in which no token is above another. */

/* Bytes without the trailing separator. */
size_t token_length(const char *token, char separator);
/* Bytes of the parent: the token up to its last separator; -1 when there is none above. */
ssize_t token_parent_length(const char *token, size_t n, char separator);
/* An order in which all that is below a token follows it at once. */
int token_compare(const char *a, const char *b, char separator);
/* True when `token` is `above` or below it. */
bool token_is_within(const char *token, const char *above, char separator);
/* Equal tokens, equal hashes. */
uint64_t token_hash(const char *token, char separator);

/* SPDX-License-Identifier: Apache-2.0 */
/* Secret: bytes that are never printed, kept out of core dumps, wiped when freed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/mem.h"

enum {
        SECRET_SIZE_MAX = 64 * 1024
};

typedef struct Secret Secret;

/* Takes a copy; trailing line ends are cut. The caller wipes its own. NULL when empty or too long.
 */
Secret *secret_new(Mem *parent, const char *bytes, size_t n);
Secret *secret_free(Secret *secret);
bool secret_equal(const Secret *a, const Secret *b);
/* The bytes, for the one place that puts them on the wire. */
const char *secret_expose(const Secret *secret, size_t *np);
void secret_wipe(void *bytes, size_t n);

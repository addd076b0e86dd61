/* SPDX-License-Identifier: Apache-2.0 */
/* Telling: the permissions that tell what a principal is at a thing of a kind. */
#pragma once

#include <stddef.h>

#include "common/model/kind.h"

typedef struct AccessTelling {
        Kind kind;
        char mark;        /* its letter in a table */
        const char *word; /* as the namespace has it */
} AccessTelling;

/* Those of a kind, in the order in which they are shown; NULL with n 0: it has none. */
const AccessTelling *access_tellings(Kind kind, size_t *np);

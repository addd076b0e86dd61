/* SPDX-License-Identifier: Apache-2.0 */
/* Form: fields as application/x-www-form-urlencoded, of which some are secret. */
#pragma once

#include <stddef.h>

#include "common/base/mem.h"
#include "common/base/secret.h"

typedef struct FormField {
        const char *name;  /* goes out as it is */
        const char *value; /* or NULL: the secret's */
        const Secret *secret;
} FormField;

/* NULL when it is longer than a Secret can be. */
Secret *form_new(Mem *parent, const FormField *fields, size_t n_fields);
/* Of a query's value that is not secret. */
char *form_encode(Mem *parent, const char *value);

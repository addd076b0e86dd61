/* SPDX-License-Identifier: Apache-2.0 */
/* Form: fields as application/x-www-form-urlencoded, of which some are secret. */
#include <string.h>

#include "daemon/net/form.h"

enum {
        ENCODED_MAX = 3, /* bytes that one byte becomes */
};

static const char unreserved[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

static size_t encode(char *to, const char *bytes, size_t n) {
        static const char digits[] = "0123456789ABCDEF";
        size_t n_encoded = 0;

        for (size_t i = 0; i < n; i++) {
                unsigned char c = (unsigned char)bytes[i];

                if (c && strchr(unreserved, c)) {
                        to[n_encoded++] = (char)c;
                        continue;
                }
                to[n_encoded++] = '%';
                to[n_encoded++] = digits[c >> 4];
                to[n_encoded++] = digits[c & 15];
        }
        return n_encoded;
}

static const char *value_of(const FormField *field, size_t *np) {
        if (field->secret)
                return secret_expose(field->secret, np);
        *np = strlen(field->value);
        return field->value;
}

Secret *form_new(Mem *parent, const FormField *fields, size_t n_fields) {
        Secret *form = NULL;
        char *bytes = NULL;
        size_t capacity = 1, n = 0, n_value = 0;

        for (size_t i = 0; i < n_fields; i++) {
                value_of(&fields[i], &n_value);
                capacity += strlen(fields[i].name) + 2 + n_value * ENCODED_MAX;
        }
        bytes = mem_new_array(parent, char, capacity);
        for (size_t i = 0; i < n_fields; i++) {
                const char *value = value_of(&fields[i], &n_value);
                size_t n_name = strlen(fields[i].name);

                if (i > 0)
                        bytes[n++] = '&';
                memcpy(bytes + n, fields[i].name, n_name);
                n += n_name;
                bytes[n++] = '=';
                n += encode(bytes + n, value, n_value);
        }
        form = secret_new(parent, bytes, n);
        secret_wipe(bytes, capacity);
        mem_free(bytes);
        return form;
}

char *form_encode(Mem *parent, const char *value) {
        char *encoded = mem_new_array(parent, char, strlen(value) * ENCODED_MAX + 1);

        encode(encoded, value, strlen(value));
        return encoded;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Guid: the 16 bytes by which the service names things, in the order they are written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
        GUID_TEXT_SIZE = 37
};

typedef struct Guid {
        uint8_t bytes[16];
} Guid;

/* Parses with or without dashes or braces, any case; 0, or -EINVAL. */
int guid_parse(Guid *guidp, const char *text);
/* Lower case with dashes, terminated. */
const char *guid_format(Guid guid, char text[static GUID_TEXT_SIZE]);
int guid_compare(Guid a, Guid b);
bool guid_is_null(Guid guid);

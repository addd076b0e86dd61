/* SPDX-License-Identifier: Apache-2.0 */
/* Guid: the 16 bytes by which the service names things. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common/base/guid.h"

enum {
        GUID_DIGITS = 32,
        GUID_DASHED = 36
};

static int hex_value(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

static bool dash_stands_at(size_t i) {
        return i == 8 || i == 13 || i == 18 || i == 23;
}

int guid_parse(Guid *guidp, const char *text) {
        size_t n = text ? strlen(text) : 0;
        Guid guid = {0};
        size_t n_digits = 0;

        if (n == GUID_DASHED + 2 && text[0] == '{' && text[n - 1] == '}') {
                text++;
                n -= 2;
        }
        if (n != GUID_DASHED && n != GUID_DIGITS)
                return -EINVAL;
        for (size_t i = 0; i < n; i++) {
                int value = hex_value(text[i]);

                if (n == GUID_DASHED && dash_stands_at(i)) {
                        if (text[i] != '-')
                                return -EINVAL;
                        continue;
                }
                if (value < 0)
                        return -EINVAL;
                guid.bytes[n_digits / 2] |= (uint8_t)(n_digits % 2 ? value : value << 4);
                n_digits++;
        }
        *guidp = guid;
        return 0;
}

const char *guid_format(Guid guid, char text[static GUID_TEXT_SIZE]) {
        static const char digits[] = "0123456789abcdef";
        size_t at = 0;

        for (size_t i = 0; i < sizeof(guid.bytes); i++) {
                if (dash_stands_at(at))
                        text[at++] = '-';
                text[at++] = digits[guid.bytes[i] >> 4];
                text[at++] = digits[guid.bytes[i] & 0xF];
        }
        text[at] = '\0';
        return text;
}

int guid_compare(Guid a, Guid b) {
        return memcmp(a.bytes, b.bytes, sizeof(a.bytes));
}

bool guid_is_null(Guid guid) {
        return guid_compare(guid, (Guid){0}) == 0;
}

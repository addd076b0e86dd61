/* SPDX-License-Identifier: Apache-2.0 */
/* Branch: between the name of a branch and its security token. */
#include <string.h>

#include "common/model/branch.h"

#define HEADS "refs/heads"

enum {
        UNIT_DIGITS = 4, /* of one UTF-16 unit */
        PLAIN_PARTS = 2, /* `refs` and what follows are not encoded */
        SURROGATE_HIGH = 0xD800,
        SURROGATE_LOW = 0xDC00,
        SURROGATE_END = 0xE000,
        SUPPLEMENTARY = 0x10000,
        SPACE = 0x20,
        DELETE = 0x7F,
};

static void append_unit(Text *text, uint32_t unit) {
        text_appendf(text, "%02x%02x", unit & 0xFF, unit >> 8);
}

static void append_part(Text *text, const char *part, size_t n) {
        for (size_t at = 0; at < n;) {
                size_t length = 0;
                uint32_t code_point = text_code_point(part + at, n - at, &length);

                if (code_point >= SUPPLEMENTARY) {
                        append_unit(text, SURROGATE_HIGH + ((code_point - SUPPLEMENTARY) >> 10));
                        append_unit(text, SURROGATE_LOW + ((code_point - SUPPLEMENTARY) & 0x3FF));
                } else {
                        append_unit(text, code_point);
                }
                at += length;
        }
}

void branch_append_token(Text *text, const char *name) {
        text_append(text, "/" HEADS);
        for (const char *at = name; *at;) {
                size_t n = strcspn(at, "/");

                if (n > 0) {
                        text_append(text, "/");
                        append_part(text, at, n);
                }
                at += n + (at[n] == '/');
        }
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 'a' - 'A';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The low byte stands first. */
static bool read_unit(const char *digits, uint32_t *unitp) {
        int nibbles[UNIT_DIGITS];

        for (int i = 0; i < UNIT_DIGITS; i++) {
                nibbles[i] = hex_digit(digits[i]);
                if (nibbles[i] < 0)
                        return false;
        }
        *unitp = (uint32_t)(nibbles[2] << 12 | nibbles[3] << 8 | nibbles[0] << 4 | nibbles[1]);
        return true;
}

static void append_code_point(Text *text, uint32_t code_point) {
        char bytes[4];
        size_t n = 0;

        if (code_point < 0x80) {
                bytes[n++] = (char)code_point;
        } else if (code_point < 0x800) {
                bytes[n++] = (char)(0xC0 | code_point >> 6);
        } else if (code_point < SUPPLEMENTARY) {
                bytes[n++] = (char)(0xE0 | code_point >> 12);
                bytes[n++] = (char)(0x80 | (code_point >> 6 & 0x3F));
        } else {
                bytes[n++] = (char)(0xF0 | code_point >> 18);
                bytes[n++] = (char)(0x80 | (code_point >> 12 & 0x3F));
                bytes[n++] = (char)(0x80 | (code_point >> 6 & 0x3F));
        }
        if (code_point >= 0x80)
                bytes[n++] = (char)(0x80 | (code_point & 0x3F));
        text_append_bytes(text, bytes, n);
}

/* One character of 1 or 2 units; its digits, or 0: none of a name. */
static size_t read_character(const char *digits, size_t n, uint32_t *code_pointp) {
        uint32_t low = 0;

        if (n < UNIT_DIGITS || !read_unit(digits, code_pointp))
                return 0;
        if (*code_pointp <= SPACE || *code_pointp == DELETE || *code_pointp == '/')
                return 0;
        if (*code_pointp < SURROGATE_HIGH || *code_pointp >= SURROGATE_END)
                return UNIT_DIGITS;
        if (*code_pointp >= SURROGATE_LOW || n < 2 * UNIT_DIGITS ||
            !read_unit(digits + UNIT_DIGITS, &low) || low < SURROGATE_LOW || low >= SURROGATE_END)
                return 0;
        *code_pointp = SUPPLEMENTARY + ((*code_pointp - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW);
        return 2 * UNIT_DIGITS;
}

static bool append_decoded(Text *text, const char *part, size_t n) {
        size_t before = text->n;

        for (size_t at = 0; at < n;) {
                uint32_t code_point = 0;
                size_t length = read_character(part + at, n - at, &code_point);

                if (length == 0) {
                        text->n = before;
                        text->data[before] = '\0';
                        return false;
                }
                append_code_point(text, code_point);
                at += length;
        }
        return n > 0;
}

void branch_append_ref(Text *text, const char *below) {
        unsigned part = 0;

        for (const char *at = below;; part++) {
                size_t n = strcspn(at, "/");

                if (part < PLAIN_PARTS || !append_decoded(text, at, n))
                        text_append_bytes(text, at, n);
                if (!at[n])
                        return;
                text_append(text, "/");
                at += n + 1;
        }
}

bool branch_append_name(Text *text, const char *below) {
        size_t n = sizeof HEADS - 1;
        size_t before = text->n;

        if (!text_equal_n(HEADS, below, n) || below[n] != '/')
                return false;
        for (const char *at = below + n; *at;) {
                size_t length = strcspn(at + 1, "/");

                if (text->n > before)
                        text_append(text, "/");
                if (!append_decoded(text, at + 1, length)) {
                        text->n = before;
                        text->data[before] = '\0';
                        return false;
                }
                at += 1 + length;
        }
        return text->n > before;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Text: UTF-8 strings, compared as the service compares names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"

/* A growing piece of text; data is always terminated and never NULL after text_init. */
typedef struct Text {
        Mem *parent;
        char *data;
        size_t n;
        size_t capacity;
} Text;

void text_init(Text *text, Mem *parent);
void text_deinit(Text *text);
/* The text without the room it could still grow into, below its parent; there is nothing to deinit any more. */
char *text_end(Text *text);
void text_append(Text *text, const char *piece);
void text_append_bytes(Text *text, const char *bytes, size_t n);
void text_appendf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Names are compared without regard to case: ordinal, upper case per code point (charter.md). Bytes
 * that are not UTF-8 count for themselves. */
int text_compare(const char *a, const char *b);
bool text_equal(const char *a, const char *b);
bool text_equal_n(const char *a, const char *b, size_t n_bytes_of_b);
uint64_t text_hash(const char *text);
/* The last piece between slashes, of https://dev.azure.com/contoso/ `contoso`: its length, and where it begins. */
size_t text_last_segment(const char *path, const char **segmentp);
/* True when `text` begins with `prefix`, compared as names are. */
bool text_has_prefix(const char *text, const char *prefix);
/* `pattern` may contain `*`; compared as names are. */
bool text_matches(const char *pattern, const char *text);

/* The code point at the front of n > 0 bytes; *lengthp the bytes it takes. Bytes that are not
 * UTF-8: U+FFFD of length 1. */
uint32_t text_code_point(const char *bytes, size_t n, size_t *lengthp);
/* The upper case by which names are compared. */
uint32_t text_upper(uint32_t code_point);
/* Valid UTF-8 without overlong forms, surrogates or NUL. */
bool text_is_utf8(const char *bytes, size_t n);
/* UTF-16 code units of valid UTF-8: the unit of the service's length limits (facts §9). */
size_t text_utf16_length(const char *text);

/* Lower case; each run of characters other than Unicode letters and digits becomes one dash, none
 * at the ends. NULL when nothing is left. */
char *text_slug(Mem *parent, const char *text);

/* The nearest of the candidates by edit distance, or NULL when none is near enough to be meant. */
const char *text_nearest(const char *word, const char *const *candidates, size_t n_candidates);

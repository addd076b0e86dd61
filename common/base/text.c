/* SPDX-License-Identifier: Apache-2.0 */
/* Text: UTF-8 strings, compared as the service compares names. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include "common/base/text.h"

enum {
        TEXT_FIRST_CAPACITY = 64,
        NEAREST_WORD_MAX = 64, /* code points; longer words have no nearest one */
        REPLACEMENT_CHARACTER = 0xFFFD,
        DOTLESS_I = 0x131,
        LONG_S = 0x17F,
        UTF16_PAIR_FIRST = 0x10000,
};

void text_init(Text *text, Mem *parent) {
        *text = (Text){
                .parent = parent,
                .data = mem_new_array(parent, char, TEXT_FIRST_CAPACITY),
                .capacity = TEXT_FIRST_CAPACITY,
        };
}

void text_deinit(Text *text) {
        mem_free(text->data);
        *text = (Text){0};
}

char *text_end(Text *text) {
        char *data = mem_strndup(text->parent, text->data, text->n);

        text_deinit(text);
        return data;
}

static void make_room(Text *text, size_t n) {
        size_t needed = 0;
        size_t doubled = 0;

        if (__builtin_add_overflow(text->n, n, &needed) ||
            __builtin_add_overflow(needed, 1, &needed) ||
            __builtin_mul_overflow(text->capacity, 2, &doubled))
                mem_exhausted();
        if (needed <= text->capacity)
                return;
        text->capacity = doubled > needed ? doubled : needed;
        text->data = mem_resize_array(text->parent, text->data, 1, text->capacity);
}

void text_append_bytes(Text *text, const char *bytes, size_t n) {
        make_room(text, n);
        if (n > 0)
                memcpy(text->data + text->n, bytes, n);
        text->n += n;
        text->data[text->n] = '\0';
}

void text_append(Text *text, const char *piece) {
        text_append_bytes(text, piece, strlen(piece));
}

void text_appendf(Text *text, const char *format, ...) {
        va_list arguments;
        va_list again;
        int n = 0;

        assert(format);
        va_start(arguments, format);
        va_copy(again, arguments);
        n = vsnprintf(NULL, 0, format, arguments);
        va_end(arguments);
        assert(n >= 0);
        make_room(text, (size_t)n);
        (void)vsnprintf(text->data + text->n, (size_t)n + 1, format, again);
        va_end(again);
        text->n += (size_t)n;
}

uint32_t text_code_point(const char *bytes, size_t n, size_t *lengthp) {
        ucs4_t code_point = 0;
        int length = 0;

        assert(n > 0);
        if (!((unsigned char)*bytes & 0x80)) {
                *lengthp = 1;
                return (unsigned char)*bytes;
        }
        length = u8_mbtoucr(&code_point, (const uint8_t *)bytes, n);
        if (length <= 0) {
                *lengthp = 1;
                return REPLACEMENT_CHARACTER;
        }
        *lengthp = (size_t)length;
        return code_point;
}

uint32_t text_upper(uint32_t code_point) {
        if (code_point < 0x80)
                return code_point >= 'a' && code_point <= 'z' ? code_point - 'a' + 'A' : code_point;
        /* The two letters whose upper case is ASCII stay themselves, as in .NET's ordinal
         * comparison. */
        if (code_point == DOTLESS_I || code_point == LONG_S)
                return code_point;
        return uc_toupper(code_point);
}

/* The upper case of the code point at *at, which moves on; 0 at the end. Bytes that are not UTF-8
 * stand above all code points. */
static uint32_t next_upper(const char *bytes, size_t n, size_t *at) {
        size_t length = 0;
        uint32_t code_point = 0;

        if (*at >= n)
                return 0;
        code_point = text_code_point(bytes + *at, n - *at, &length);
        if (length == 1 && code_point == REPLACEMENT_CHARACTER)
                code_point = 0x110000 + (unsigned char)bytes[*at];
        else
                code_point = text_upper(code_point);
        *at += length;
        return code_point;
}

static int compare_bytes(const char *a, size_t n_a, const char *b, size_t n_b) {
        size_t at_a = 0;
        size_t at_b = 0;

        for (;;) {
                uint32_t x = next_upper(a, n_a, &at_a);
                uint32_t y = next_upper(b, n_b, &at_b);

                if (x != y)
                        return x < y ? -1 : 1;
                if (x == 0)
                        return 0;
        }
}

int text_compare(const char *a, const char *b) {
        return compare_bytes(a, strlen(a), b, strlen(b));
}

bool text_equal(const char *a, const char *b) {
        return text_compare(a, b) == 0;
}

bool text_equal_n(const char *a, const char *b, size_t n_bytes_of_b) {
        return compare_bytes(a, strlen(a), b, n_bytes_of_b) == 0;
}

uint64_t text_hash(const char *text) {
        uint64_t hash = 0xcbf29ce484222325; /* FNV-1a over the upper case */
        size_t n = strlen(text);
        size_t at = 0;

        for (;;) {
                uint32_t code_point = next_upper(text, n, &at);

                if (code_point == 0)
                        return hash ^ (hash >> 32);
                hash = (hash ^ code_point) * 0x100000001b3;
        }
}

size_t text_last_segment(const char *path, const char **segmentp) {
        size_t n = strlen(path);

        while (n > 0 && path[n - 1] == '/')
                n--;
        *segmentp = path;
        for (size_t i = 0; i < n; i++)
                if (path[i] == '/')
                        *segmentp = path + i + 1;
        return (size_t)(path + n - *segmentp);
}

bool text_has_prefix(const char *text, const char *prefix) {
        size_t n_text = strlen(text);
        size_t n_prefix = strlen(prefix);
        size_t at_text = 0;
        size_t at_prefix = 0;

        for (;;) {
                uint32_t wanted = next_upper(prefix, n_prefix, &at_prefix);

                if (wanted == 0)
                        return true;
                if (next_upper(text, n_text, &at_text) != wanted)
                        return false;
        }
}

bool text_matches(const char *pattern, const char *text) {
        size_t n_pattern = strlen(pattern);
        size_t n_text = strlen(text);
        size_t at_pattern = 0;
        size_t at_text = 0;
        size_t star = SIZE_MAX; /* after the last star seen */
        size_t star_text = 0;   /* where what it stands for ends */

        while (at_text < n_text) {
                size_t next_pattern = at_pattern;
                size_t next_text = at_text;

                if (at_pattern < n_pattern && pattern[at_pattern] == '*') {
                        star = ++at_pattern;
                        star_text = at_text;
                        continue;
                }
                if (next_upper(pattern, n_pattern, &next_pattern) ==
                    next_upper(text, n_text, &next_text)) {
                        at_pattern = next_pattern;
                        at_text = next_text;
                        continue;
                }
                if (star == SIZE_MAX)
                        return false;
                (void)next_upper(text, n_text, &star_text);
                at_pattern = star;
                at_text = star_text;
        }
        while (at_pattern < n_pattern && pattern[at_pattern] == '*')
                at_pattern++;
        return at_pattern == n_pattern;
}

bool text_is_utf8(const char *bytes, size_t n) {
        return !memchr(bytes ? bytes : "", '\0', n) && !u8_check((const uint8_t *)bytes, n);
}

size_t text_utf16_length(const char *text) {
        size_t n = strlen(text);
        size_t units = 0;

        for (size_t at = 0, length = 0; at < n; at += length)
                units += text_code_point(text + at, n - at, &length) >= UTF16_PAIR_FIRST ? 2 : 1;
        return units;
}

char *text_slug(Mem *parent, const char *text) {
        size_t n = strlen(text);
        bool dash = false;
        Text slug;

        text_init(&slug, parent);
        for (size_t at = 0, length = 0; at < n; at += length) {
                uint32_t code_point = text_code_point(text + at, n - at, &length);
                uint8_t lower[6];
                int n_lower = 0;

                if (!uc_is_general_category(code_point, UC_LETTER) &&
                    !uc_is_general_category(code_point, UC_DECIMAL_DIGIT_NUMBER)) {
                        dash = slug.n > 0;
                        continue;
                }
                if (dash)
                        text_append(&slug, "-");
                dash = false;
                n_lower = u8_uctomb(lower, uc_tolower(code_point), sizeof(lower));
                assert(n_lower > 0);
                text_append_bytes(&slug, (const char *)lower, (size_t)n_lower);
        }
        return slug.n > 0 ? slug.data : mem_free(slug.data);
}

static size_t decode_upper(const char *text, uint32_t out[static NEAREST_WORD_MAX]) {
        size_t n = strlen(text);
        size_t count = 0;

        for (size_t at = 0; at < n; count++) {
                uint32_t code_point = next_upper(text, n, &at);

                if (count == NEAREST_WORD_MAX)
                        return NEAREST_WORD_MAX + 1;
                /* The words of a key are joined by either. */
                out[count] = code_point == '-' || code_point == ' ' ? '_' : code_point;
        }
        return count;
}

static size_t smaller(size_t a, size_t b) {
        return a < b ? a : b;
}

/* Insertions, deletions, replacements, and two neighbours exchanged. */
static size_t edit_distance(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b) {
        size_t rows[3][NEAREST_WORD_MAX + 1];
        size_t *before = rows[0];
        size_t *previous = rows[1];
        size_t *current = rows[2];

        for (size_t j = 0; j <= n_b; j++)
                previous[j] = before[j] = j;
        for (size_t i = 1; i <= n_a; i++) {
                size_t *rest = before;

                current[0] = i;
                for (size_t j = 1; j <= n_b; j++) {
                        size_t cost = a[i - 1] != b[j - 1];

                        current[j] = smaller(smaller(previous[j], current[j - 1]) + 1,
                                             previous[j - 1] + cost);
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                current[j] = smaller(current[j], before[j - 2] + 1);
                }
                before = previous;
                previous = current;
                current = rest;
        }
        return previous[n_b];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t n_candidates) {
        uint32_t wanted[NEAREST_WORD_MAX];
        uint32_t offered[NEAREST_WORD_MAX];
        size_t n_wanted = decode_upper(word, wanted);
        const char *nearest = NULL;
        size_t least = 0;

        if (n_wanted == 0 || n_wanted > NEAREST_WORD_MAX)
                return NULL;
        least = (n_wanted + 5) / 3; /* more than a third of it wrong is another word */
        for (size_t i = 0; i < n_candidates; i++) {
                size_t n_offered = decode_upper(candidates[i], offered);
                size_t distance = 0;

                if (n_offered > NEAREST_WORD_MAX)
                        continue;
                distance = edit_distance(wanted, n_wanted, offered, n_offered);
                if (distance >= least || distance >= n_wanted)
                        continue;
                least = distance;
                nearest = candidates[i];
        }
        return nearest;
}

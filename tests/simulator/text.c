/* SPDX-License-Identifier: Apache-2.0 */
/* Text the simulator owns: arenas, arrays of pointers, case folding, identifiers. */
#include "tests/simulator/text.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unicase.h>
#include <unistr.h>

enum {
        ARENA_BLOCK_BYTES = 16 * 1024,
        ARENA_ALIGN = 16,
        FILE_LIMIT_BYTES = 64 * 1024 * 1024,
        READ_BLOCK_BYTES = 64 * 1024,
};

struct ArenaBlock {
        ArenaBlock *next;
        size_t used;
        size_t size;
        _Alignas(ARENA_ALIGN) char bytes[];
};

void *memory_alloc(size_t size) {
        void *memory = calloc(1, size ? size : 1);

        if (!memory)
                abort();
        return memory;
}

void *memory_resize(void *memory, size_t size) {
        void *larger = realloc(memory, size ? size : 1);

        if (!larger)
                abort();
        return larger;
}

void arena_deinit(Arena *arena) {
        ArenaBlock *block = arena->blocks;

        while (block) {
                ArenaBlock *next = block->next;

                free(block);
                block = next;
        }
        arena->blocks = NULL;
}

void *arena_alloc(Arena *arena, size_t size) {
        size_t need = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
        ArenaBlock *block = arena->blocks;
        void *memory;

        if (!block || block->size - block->used < need) {
                size_t bytes = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;

                block = memory_alloc(sizeof(*block) + bytes);
                block->size = bytes;
                block->next = arena->blocks;
                arena->blocks = block;
        }
        memory = block->bytes + block->used;
        block->used += need;
        return memory;
}

char *arena_copy_length(Arena *arena, const char *text, size_t length) {
        char *copy = arena_alloc(arena, length + 1);

        memcpy(copy, text, length);
        return copy;
}

char *arena_copy(Arena *arena, const char *text) {
        return text ? arena_copy_length(arena, text, strlen(text)) : NULL;
}

char *arena_print(Arena *arena, const char *format, ...) {
        va_list arguments, again;
        int length;
        char *text;

        va_start(arguments, format);
        va_copy(again, arguments);
        length = vsnprintf(NULL, 0, format, arguments);
        assert(length >= 0);
        text = arena_alloc(arena, (size_t)length + 1);
        vsnprintf(text, (size_t)length + 1, format, again);
        va_end(again);
        va_end(arguments);
        return text;
}

void array_deinit(Array *array) {
        free(array->items);
        *array = (Array){0};
}

void array_insert(Array *array, size_t at, void *item) {
        assert(at <= array->n_items);
        if (array->n_items == array->capacity) {
                array->capacity = array->capacity ? array->capacity * 2 : 8;
                array->items = memory_resize(array->items, array->capacity * sizeof(void *));
        }
        memmove(array->items + at + 1, array->items + at, (array->n_items - at) * sizeof(void *));
        array->items[at] = item;
        array->n_items++;
}

void array_add(Array *array, void *item) {
        array_insert(array, array->n_items, item);
}

void array_remove(Array *array, size_t at) {
        assert(at < array->n_items);
        array->n_items--;
        memmove(array->items + at, array->items + at + 1, (array->n_items - at) * sizeof(void *));
}

static bool text_is_ascii(const char *text) {
        for (; *text; text++) {
                if ((unsigned char)*text >= 0x80)
                        return false;
        }
        return true;
}

/* Two code points may fold to longer sequences than they had: at most this many bytes each. */
enum { FOLD_BYTES_PER_BYTE = 4 };

static void fold_unicode(const char *text, char *into) {
        const uint8_t *from = (const uint8_t *)text;
        size_t left = strlen(text);
        uint8_t *to = (uint8_t *)into;

        while (left > 0) {
                ucs4_t point;
                int used = u8_mbtouc(&point, from, left);
                int made = 0;

                if (point != 0xfffd)
                        made = u8_uctomb(to, uc_tolower(uc_toupper(point)), FOLD_BYTES_PER_BYTE);
                if (made <= 0) {
                        memcpy(to, from, (size_t)used);
                        made = used;
                }
                to += made;
                from += used;
                left -= (size_t)used;
        }
        *to = '\0';
}

char *text_fold_into(const char *text, char *buffer, size_t size) {
        size_t length = strlen(text);
        bool ascii = text_is_ascii(text);
        size_t need = ascii ? length + 1 : length * FOLD_BYTES_PER_BYTE + 1;
        char *into = need <= size ? buffer : memory_alloc(need);

        if (!ascii) {
                fold_unicode(text, into);
                return into;
        }
        for (size_t i = 0; i <= length; i++)
                into[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
        return into;
}

char *text_fold(Arena *arena, const char *text) {
        char buffer[256];
        char *folded = text_fold_into(text, buffer, sizeof(buffer));
        char *copy = arena_copy(arena, folded);

        if (folded != buffer)
                free(folded);
        return copy;
}

bool text_same(const char *a, const char *b) {
        char buffer_a[256], buffer_b[256];
        char *folded_a, *folded_b;
        bool same;

        if (!a || !b)
                return a == b;
        if (text_is_ascii(a) && text_is_ascii(b))
                return strcasecmp(a, b) == 0;
        folded_a = text_fold_into(a, buffer_a, sizeof(buffer_a));
        folded_b = text_fold_into(b, buffer_b, sizeof(buffer_b));
        same = strcmp(folded_a, folded_b) == 0;
        if (folded_a != buffer_a)
                free(folded_a);
        if (folded_b != buffer_b)
                free(folded_b);
        return same;
}

bool text_starts(const char *text, const char *prefix) {
        return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_true(const char *value) {
        return value && (strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0 || strcasecmp(value, "yes") == 0);
}

uint64_t text_hash(const char *text) {
        uint64_t hash = 14695981039346656037u;

        for (; *text; text++)
                hash = (hash ^ (unsigned char)*text) * 1099511628211u;
        return hash;
}

static const char BASE64_URL[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *base64url_encode(Arena *arena, const char *bytes, size_t length) {
        char *text = arena_alloc(arena, length / 3 * 4 + 5);
        const unsigned char *from = (const unsigned char *)bytes;
        size_t n = 0;

        for (size_t i = 0; i < length; i += 3) {
                size_t left = length - i;
                uint32_t group = (uint32_t)from[i] << 16 | (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
                                 (left > 2 ? from[i + 2] : 0);

                text[n++] = BASE64_URL[group >> 18 & 63];
                text[n++] = BASE64_URL[group >> 12 & 63];
                if (left > 1)
                        text[n++] = BASE64_URL[group >> 6 & 63];
                if (left > 2)
                        text[n++] = BASE64_URL[group & 63];
        }
        text[n] = '\0';
        return text;
}

static int base64_value(char c) {
        const char *found;

        if (c == '+')
                return 62;
        if (c == '/')
                return 63;
        found = c ? strchr(BASE64_URL, c) : NULL;
        return found ? (int)(found - BASE64_URL) : -1;
}

char *base64_decode(Arena *arena, const char *text) {
        size_t length = strlen(text);
        char *bytes = arena_alloc(arena, length + 1);
        uint32_t bits = 0;
        int n_bits = 0;
        size_t n = 0, n_padding = 0;

        for (; length > 0 && text[length - 1] == '='; length--)
                n_padding++;
        if (n_padding > 2 || (n_padding && (length + n_padding) % 4 != 0) || length % 4 == 1)
                return NULL;
        for (size_t i = 0; i < length; i++) {
                int value = base64_value(text[i]);

                if (value < 0)
                        return NULL;
                bits = bits << 6 | (uint32_t)value;
                n_bits += 6;
                if (n_bits >= 8) {
                        n_bits -= 8;
                        bytes[n++] = (char)(bits >> n_bits & 0xff);
                }
        }
        bytes[n] = '\0';
        return bytes;
}

char *percent_encode(Arena *arena, const char *text) {
        char *encoded = arena_alloc(arena, strlen(text) * 3 + 1);
        size_t n = 0;

        for (; *text; text++) {
                unsigned char c = (unsigned char)*text;

                if (strchr("-._~", c) || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
                        encoded[n++] = (char)c;
                else
                        n += (size_t)sprintf(encoded + n, "%%%02X", c);
        }
        encoded[n] = '\0';
        return encoded;
}

static bool is_hyphen_place(size_t i) {
        return i == 8 || i == 13 || i == 18 || i == 23;
}

bool guid_is(const char *text) {
        if (!text || strlen(text) != GUID_TEXT_LENGTH)
                return false;
        for (size_t i = 0; i < GUID_TEXT_LENGTH; i++) {
                if (is_hyphen_place(i) ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
                        return false;
        }
        return true;
}

char *guid_parse(Arena *arena, const char *text) {
        char plain[GUID_TEXT_LENGTH + 1];
        size_t n = 0, from = 0;

        if (!text)
                return NULL;
        if (strlen(text) == GUID_BYTES * 2) {
                for (size_t i = 0; i < GUID_TEXT_LENGTH; i++)
                        plain[n++] = is_hyphen_place(i) ? '-' : text[from++];
                plain[n] = '\0';
                text = plain;
        }
        if (!guid_is(text))
                return NULL;
        return text_fold(arena, text);
}

static unsigned hex_value(char c) {
        if (c >= '0' && c <= '9')
                return (unsigned)(c - '0');
        return (unsigned)((c | 0x20) - 'a' + 10);
}

void guid_words(const char *guid, uint32_t words[4]) {
        static const unsigned char NET_ORDER[GUID_BYTES] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
        unsigned char plain[GUID_BYTES];
        size_t n = 0;

        assert(guid_is(guid));
        for (size_t i = 0; n < GUID_BYTES; i += 2) {
                if (is_hyphen_place(i))
                        i++;
                plain[n++] = (unsigned char)(hex_value(guid[i]) << 4 | hex_value(guid[i + 1]));
        }
        for (size_t word = 0; word < 4; word++) {
                words[word] = 0;
                for (size_t i = 0; i < 4; i++)
                        words[word] = words[word] << 8 | plain[NET_ORDER[word * 4 + i]];
        }
}

uint64_t random_next(Random *random) {
        uint64_t z = random->state += 0x9e3779b97f4a7c15u;

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
}

char *random_guid(Random *random, Arena *arena) {
        uint64_t high = random_next(random), low = random_next(random);

        high = (high & ~UINT64_C(0xf000)) | 0x4000;
        low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63;
        return arena_print(arena, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
                           (unsigned)(high & 0xffff), (unsigned)(low >> 48),
                           (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

char *time_text(Arena *arena, int64_t milliseconds) {
        time_t seconds = (time_t)(milliseconds / 1000);
        unsigned fraction = (unsigned)(milliseconds % 1000);
        struct tm parts;
        char text[32], digits[8] = "";

        gmtime_r(&seconds, &parts);
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
        if (fraction) {
                snprintf(digits, sizeof(digits), ".%03u", fraction % 1000);
                for (size_t n = strlen(digits); n > 1 && digits[n - 1] == '0'; n--)
                        digits[n - 1] = '\0';
        }
        return arena_print(arena, "%s%sZ", text, digits);
}

char *text_read_file(const char *path) {
        FILE *file = fopen(path, "r");
        char *text = NULL;
        size_t length = 0, n;

        if (!file)
                return NULL;
        do {
                text = memory_resize(text, length + READ_BLOCK_BYTES + 1);
                n = fread(text + length, 1, READ_BLOCK_BYTES, file);
                length += n;
        } while (n > 0 && length < FILE_LIMIT_BYTES);
        text[length] = '\0';
        if (ferror(file) || length >= FILE_LIMIT_BYTES) {
                if (!ferror(file))
                        errno = EFBIG;
                free(text);
                text = NULL;
        }
        fclose(file);
        return text;
}

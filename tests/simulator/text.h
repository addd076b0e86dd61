/* SPDX-License-Identifier: Apache-2.0 */
/* Text the simulator owns: arenas, arrays of pointers, case folding, identifiers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        GUID_TEXT_LENGTH = 36,
        GUID_BYTES = 16,
};

typedef struct ArenaBlock ArenaBlock;

/* Memory that is given back all at once. Zero-initialised is empty. */
typedef struct Arena {
        ArenaBlock *blocks;
} Arena;

void arena_deinit(Arena *arena);
/* Zeroed memory aligned for any type; never NULL (out of memory ends the process). */
void *arena_alloc(Arena *arena, size_t size);
char *arena_copy(Arena *arena, const char *text);
char *arena_copy_length(Arena *arena, const char *text, size_t length);
char *arena_print(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A growing array of pointers it does not own. Zero-initialised is empty. */
typedef struct Array {
        void **items;
        size_t n_items;
        size_t capacity;
} Array;

void array_deinit(Array *array);
void array_add(Array *array, void *item);
void array_insert(Array *array, size_t at, void *item);
void array_remove(Array *array, size_t at);

/* malloc and realloc that end the process when memory is out. */
void *memory_alloc(size_t size);
void *memory_resize(void *memory, size_t size);

/* The key under which the service compares names, tokens and descriptors: each code point in simple
 * upper case, then lower case. Bytes that are not UTF-8 stay as they are. */
char *text_fold(Arena *arena, const char *text);
/* Folds into a caller's buffer when it fits, else into malloc'd memory the caller frees
 * (returned != buffer). */
char *text_fold_into(const char *text, char *buffer, size_t size);
bool text_same(const char *a, const char *b);
bool text_starts(const char *text, const char *prefix);
bool text_true(const char *value);
uint64_t text_hash(const char *text);

/* A file's text, malloc'd; NULL with errno. */
char *text_read_file(const char *path);

/* Base64: the URL alphabet without padding (descriptors) and the ordinary one (credentials). */
char *base64url_encode(Arena *arena, const char *bytes, size_t length);
/* Either alphabet, padding optional; NULL when it is not Base64. */
char *base64_decode(Arena *arena, const char *text);

/* RFC 3986: unreserved characters stay as they are. */
char *percent_encode(Arena *arena, const char *text);

/* A lower-case GUID of a canonical or dashless text in any case; NULL when it is none. */
char *guid_parse(Arena *arena, const char *text);
bool guid_is(const char *text);
/* The four words of a SID's domain: the GUID's bytes in .NET order read big-endian (facts §5.3). */
void guid_words(const char *guid, uint32_t words[4]);

/* A reproducible stream of numbers. */
typedef struct Random {
        uint64_t state;
} Random;

uint64_t random_next(Random *random);
char *random_guid(Random *random, Arena *arena);

/* ISO 8601 in UTC with the variable fraction of the service (facts §1.7). */
char *time_text(Arena *arena, int64_t milliseconds);

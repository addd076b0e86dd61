/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: many small things of one lifetime, packed. */
#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "common/base/arena.h"

enum {
        ARENA_CHUNK_FIRST = 1024,
        ARENA_CHUNK_MAX = 64 * 1024,
};

struct Arena {
        char *chunk;
        size_t used;
        size_t size;
};

Arena *arena_new(Mem *parent) {
        return mem_new(parent, Arena);
}

/* Room for size bytes whose address is a multiple of alignment. */
static char *take(Arena *arena, size_t size, size_t alignment) {
        size_t start = (arena->used + alignment - 1) / alignment * alignment;
        size_t grown = arena->size ? arena->size * 2 : ARENA_CHUNK_FIRST;

        if (arena->chunk && start <= arena->size && size <= arena->size - start) {
                arena->used = start + size;
                return arena->chunk + start;
        }
        if (grown > ARENA_CHUNK_MAX)
                grown = ARENA_CHUNK_MAX;
        if (size > grown / 4) /* a chunk of its own; the current one stays open */
                return mem_new_array(arena, char, size);
        arena->chunk = mem_new_array(arena, char, grown);
        arena->size = grown;
        arena->used = size;
        return arena->chunk;
}

void *arena_alloc(Arena *arena, size_t size) {
        return take(arena, size ? size : 1, alignof(max_align_t));
}

void *arena_memdup(Arena *arena, const void *bytes, size_t n) {
        void *copy = arena_alloc(arena, n);

        if (n > 0)
                memcpy(copy, bytes, n);
        return copy;
}

char *arena_strndup(Arena *arena, const char *text, size_t n) {
        size_t length = strnlen(text, n);
        char *copy = take(arena, length + 1, 1);

        memcpy(copy, text, length);
        copy[length] = '\0';
        return copy;
}

char *arena_strdup(Arena *arena, const char *text) {
        return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_printf(Arena *arena, const char *format, ...) {
        va_list arguments;
        char *text = NULL;
        int n = 0;

        assert(format);
        va_start(arguments, format);
        n = vsnprintf(NULL, 0, format, arguments);
        va_end(arguments);
        assert(n >= 0);
        text = take(arena, (size_t)n + 1, 1);
        va_start(arguments, format);
        (void)vsnprintf(text, (size_t)n + 1, format, arguments);
        va_end(arguments);
        return text;
}

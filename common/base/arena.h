/* SPDX-License-Identifier: Apache-2.0 */
/* Arena: many small things of one lifetime, packed: for strings that come by the thousand. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "common/base/mem.h"

typedef struct Arena Arena;

/* Freed with its parent or by mem_free(); nothing of it is freed alone. */
Arena *arena_new(Mem *parent);
/* Zeroed, aligned for anything. */
void *arena_alloc(Arena *arena, size_t size);
void *arena_memdup(Arena *arena, const void *bytes, size_t n);
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t n);
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define arena_new_object(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))

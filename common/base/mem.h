/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: a tree of objects in which freeing a parent frees everything below it. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Any object of the tree, or NULL for a root. Running out of memory aborts, in one place (mem.c).
 */
typedef void Mem;

/* The one place: says so and aborts. For libraries that allocate by themselves. */
void mem_exhausted(void) __attribute__((noreturn));

/* Once, before anything is allocated: arrays of some size become mappings of their own, which grow without a copy,
 * leave no holes and are given back at once. A survey is many arrays that grow. */
void mem_prefer_mappings(void);

void *mem_alloc_zero(Mem *parent, size_t size, const char *name);
void *mem_alloc_array(Mem *parent, size_t size, size_t n, const char *name);
/* What is new of the array is zero. */
void *mem_resize_array(Mem *parent, void *array, size_t size, size_t n);
void *mem_vector_room(Mem *parent, void *array, size_t n, size_t size);

/* A zeroed object below `parent`. */
#define mem_new(parent, Type) ((Type *)mem_alloc_zero((parent), sizeof(Type), #Type))
/* A zeroed array of n elements below `parent`. */
#define mem_new_array(parent, Type, n) ((Type *)mem_alloc_array((parent), sizeof(Type), (n), #Type))
/* The address of one more zeroed element of a growing array, n counted up; capacity doubles. */
#define mem_push(parent, array, n) \
        ((array) = mem_vector_room((parent), (array), (n), sizeof *(array)), &(array)[(n)++])

/* Frees an object with everything below it; NULL is fine; always returns NULL. */
void *mem_free(void *object);
/* Hangs an object below another parent and returns it. */
void *mem_move(Mem *parent, void *object);
/* Calls `destroy` when the object is freed, before what is below it goes. It returns 0. */
void mem_on_free(void *object, int (*destroy)(void *object));
/* Bytes held by the object and everything below it. */
size_t mem_total(const void *object);

/* NULL is copied as NULL. */
char *mem_strdup(Mem *parent, const char *text);
char *mem_strndup(Mem *parent, const char *text, size_t n);
void *mem_memdup(Mem *parent, const void *bytes, size_t n);
char *mem_printf(Mem *parent, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *mem_vprintf(Mem *parent, const char *format, va_list arguments)
        __attribute__((format(printf, 2, 0)));

/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: the one file that knows the allocator. */
#include <assert.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "common/base/mem.h"

enum {
        VECTOR_FIRST_CAPACITY = 4
};

enum {
        MAPPING_SIZE = 64 * 1024, /* from that size on */
        HEAP_STEP = 32 * 1024,    /* by which the heap grows */
};

void mem_prefer_mappings(void) {
        mallopt(M_MMAP_THRESHOLD, MAPPING_SIZE);
        mallopt(M_TRIM_THRESHOLD, MAPPING_SIZE);
        mallopt(M_TOP_PAD, HEAP_STEP);
}

void mem_exhausted(void) {
        assert(!"out of memory");
        abort();
}

static void *need(void *object) {
        if (!object)
                mem_exhausted();
        return object;
}

static size_t product(size_t size, size_t n) {
        size_t bytes = 0;

        if (__builtin_mul_overflow(size, n, &bytes))
                mem_exhausted();
        return bytes;
}

void *mem_alloc_zero(Mem *parent, size_t size, const char *name) {
        void *object = need(talloc_named_const(parent, size, name));

        memset(object, 0, size);
        return object;
}

void *mem_alloc_array(Mem *parent, size_t size, size_t n, const char *name) {
        return mem_alloc_zero(parent, product(size, n), name);
}

void *mem_resize_array(Mem *parent, void *array, size_t size, size_t n) {
        size_t before = array ? talloc_get_size(array) : 0;
        size_t bytes = product(size, n);
        char *resized = NULL;

        /* A reallocation to nothing would free. */
        resized = need(talloc_realloc_size(parent, array, bytes ? bytes : 1));
        if (bytes > before)
                memset(resized + before, 0, bytes - before);
        return resized;
}

void *mem_vector_room(Mem *parent, void *array, size_t n, size_t size) {
        size_t capacity = array ? talloc_get_size(array) / size : 0;

        assert(n <= capacity);
        if (n == capacity)
                array = mem_resize_array(parent, array, size,
                                         capacity ? product(capacity, 2) : VECTOR_FIRST_CAPACITY);
        memset((char *)array + n * size, 0, size);
        return array;
}

void *mem_free(void *object) {
        if (object) {
                int r = talloc_free(object);

                assert(r == 0);
        }
        return NULL;
}

void *mem_move(Mem *parent, void *object) {
        return object ? need(talloc_steal(parent, object)) : NULL;
}

void mem_on_free(void *object, int (*destroy)(void *object)) {
        talloc_set_destructor(object, destroy);
}

size_t mem_total(const void *object) {
        return talloc_total_size(object);
}

char *mem_strdup(Mem *parent, const char *text) {
        return text ? need(talloc_strdup(parent, text)) : NULL;
}

char *mem_strndup(Mem *parent, const char *text, size_t n) {
        return text ? need(talloc_strndup(parent, text, n)) : NULL;
}

void *mem_memdup(Mem *parent, const void *bytes, size_t n) {
        void *copy = need(talloc_size(parent, n ? n : 1));

        if (n > 0)
                memcpy(copy, bytes, n);
        return copy;
}

char *mem_printf(Mem *parent, const char *format, ...) {
        va_list arguments;
        char *text = NULL;

        va_start(arguments, format);
        text = mem_vprintf(parent, format, arguments);
        va_end(arguments);
        return text;
}

char *mem_vprintf(Mem *parent, const char *format, va_list arguments) {
        return need(talloc_vasprintf(parent, format, arguments));
}

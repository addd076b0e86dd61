/* SPDX-License-Identifier: Apache-2.0 */
/* Values that people wrote as JSON, each with its path, so that a mistake can say where it is. */
#pragma once

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All mistakes of one document, a line each. Zero-initialised but for source. */
typedef struct Mistakes {
        const char *source; /* what the lines begin with: a file's name */
        char *text;         /* malloc'd, NULL while there is none */
        size_t n_mistakes;
} Mistakes;

/* A value under its parent; the root has none. Lives on the stack of who walks the tree. */
typedef struct Written {
        const cJSON *value;
        const struct Written *parent;
        const char *key; /* of an object's member, else NULL */
        size_t index;    /* in an array */
        Mistakes *mistakes;
} Written;

/* The document of a text; NULL with a mistake that names line and column. */
cJSON *written_parse(Mistakes *mistakes, const char *text);
Written written_root(const cJSON *value, Mistakes *mistakes);
/* Adds "SOURCE: $.path: message". */
void written_mistake(const Written *at, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* The same for a member that need not be there. */
void written_mistake_at(const Written *object, const char *key, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* True when the member is there; null counts as absent. */
bool written_member(const Written *object, const char *key, Written *memberp);
size_t written_count(const Written *array);
Written written_item(const Written *array, size_t index);

/* Text of a member. NULL when it is absent or, with a mistake, no text or empty. */
const char *written_text(const Written *object, const char *key);
/* The same; absent is a mistake too. */
const char *written_need(const Written *object, const char *key);
bool written_flag(const Written *object, const char *key, bool otherwise);
double written_number(const Written *object, const char *key, double otherwise);
/* A member that is an array; false when it is absent or, with a mistake, none. */
bool written_array(const Written *object, const char *key, Written *arrayp);
/* An item that is text, or with a mistake NULL. */
const char *written_item_text(const Written *item);
/* Whether it is an object; else a mistake. */
bool written_is_object(const Written *at);
/* Mistakes for members whose names are not in the list (NULL-terminated), or stand twice. */
void written_check_keys(const Written *object, const char *const *keys);

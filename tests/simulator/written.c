/* SPDX-License-Identifier: Apache-2.0 */
/* Values that people wrote as JSON, each with its path, so that a mistake can say where it is. */
#include "tests/simulator/written.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        PATH_MAX_BYTES = 512
};

/* Mistakes. */

static void add_line(Mistakes *mistakes, const char *path, const char *message) {
        const char *before = mistakes->text ? mistakes->text : "";
        char *text = NULL;

        if (asprintf(&text, "%s%s%s: %s: %s", before, *before ? "\n" : "", mistakes->source, path,
                     message) < 0)
                abort();
        free(mistakes->text);
        mistakes->text = text;
        mistakes->n_mistakes++;
}

static size_t write_path(const Written *at, char *path, size_t size) {
        size_t n;

        if (!at->parent)
                return (size_t)snprintf(path, size, "$");
        n = write_path(at->parent, path, size);
        if (n >= size)
                return n;
        if (at->key)
                return n + (size_t)snprintf(path + n, size - n, ".%s", at->key);
        return n + (size_t)snprintf(path + n, size - n, "[%zu]", at->index);
}

__attribute__((format(printf, 2, 0))) static void
add_formatted(const Written *at, const char *format, va_list arguments) {
        char path[PATH_MAX_BYTES];
        char *message;

        if (vasprintf(&message, format, arguments) < 0)
                abort();
        write_path(at, path, sizeof(path));
        add_line(at->mistakes, path, message);
        free(message);
}

void written_mistake(const Written *at, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        add_formatted(at, format, arguments);
        va_end(arguments);
}

void written_mistake_at(const Written *object, const char *key, const char *format, ...) {
        Written member = {.parent = object, .key = key, .mistakes = object->mistakes};
        va_list arguments;

        va_start(arguments, format);
        add_formatted(&member, format, arguments);
        va_end(arguments);
}

/* Documents. */

cJSON *written_parse(Mistakes *mistakes, const char *text) {
        const char *end = text, *line_start = text;
        cJSON *tree = cJSON_ParseWithOpts(text, &end, /* require_null_terminated= */ 1);
        size_t line = 1;
        char place[64];

        if (tree)
                return tree;
        for (const char *at = text; at < end; at++) {
                if (*at == '\n') {
                        line++;
                        line_start = at + 1;
                }
        }
        snprintf(place, sizeof(place), "%zu:%zu", line, (size_t)(end - line_start) + 1);
        add_line(mistakes, place, "this is no JSON");
        return NULL;
}

Written written_root(const cJSON *value, Mistakes *mistakes) {
        return (Written){.value = value, .mistakes = mistakes};
}

bool written_member(const Written *object, const char *key, Written *memberp) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(object->value, key);

        *memberp = (Written){
                .value = value, .parent = object, .key = key, .mistakes = object->mistakes};
        return value && !cJSON_IsNull(value);
}

size_t written_count(const Written *array) {
        return (size_t)cJSON_GetArraySize(array->value);
}

Written written_item(const Written *array, size_t index) {
        return (Written){.value = cJSON_GetArrayItem(array->value, (int)index),
                         .parent = array,
                         .index = index,
                         .mistakes = array->mistakes};
}

/* Values. */

const char *written_item_text(const Written *item) {
        const char *text = cJSON_GetStringValue(item->value);

        if (!text)
                written_mistake(item, "wants text");
        else if (!*text)
                written_mistake(item, "is empty");
        return text && *text ? text : NULL;
}

const char *written_text(const Written *object, const char *key) {
        Written member;

        return written_member(object, key, &member) ? written_item_text(&member) : NULL;
}

const char *written_need(const Written *object, const char *key) {
        Written member;

        if (written_member(object, key, &member))
                return written_item_text(&member);
        written_mistake(object, "lacks \"%s\"", key);
        return NULL;
}

bool written_flag(const Written *object, const char *key, bool otherwise) {
        Written member;

        if (!written_member(object, key, &member))
                return otherwise;
        if (!cJSON_IsBool(member.value))
                written_mistake(&member, "wants true or false");
        return cJSON_IsTrue(member.value);
}

double written_number(const Written *object, const char *key, double otherwise) {
        Written member;

        if (!written_member(object, key, &member))
                return otherwise;
        if (cJSON_IsNumber(member.value))
                return member.value->valuedouble;
        written_mistake(&member, "wants a number");
        return otherwise;
}

bool written_array(const Written *object, const char *key, Written *arrayp) {
        if (!written_member(object, key, arrayp))
                return false;
        if (cJSON_IsArray(arrayp->value))
                return true;
        written_mistake(arrayp, "wants a list");
        return false;
}

bool written_is_object(const Written *at) {
        if (cJSON_IsObject(at->value))
                return true;
        written_mistake(at, "wants an object {…}");
        return false;
}

static bool is_listed(const char *const *keys, const char *key) {
        for (; *keys; keys++) {
                if (strcmp(*keys, key) == 0)
                        return true;
        }
        return false;
}

void written_check_keys(const Written *object, const char *const *keys) {
        const cJSON *member;

        cJSON_ArrayForEach(member, object->value) {
                if (!is_listed(keys, member->string))
                        written_mistake_at(object, member->string, "is no key of this");
                else if (cJSON_GetObjectItemCaseSensitive(object->value, member->string) != member)
                        written_mistake_at(object, member->string, "stands twice");
        }
}

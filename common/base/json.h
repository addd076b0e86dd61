/* SPDX-License-Identifier: Apache-2.0 */
/* Json: strict reading over cJSON; writing into a text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/text.h"

typedef struct cJSON JsonNode;

enum {
        JSON_DEPTH_MAX = 64
};

/* Parses one document (a leading BOM is skipped). Strict: `\u0000`, invalid UTF-8, trailing bytes,
 * too deep: refused. The nodes live below `parent`. 0, or -EBADMSG with *reasonp a constant
 * sentence. */
int json_parse(Mem *parent, const char *bytes, size_t n, JsonNode **nodep, const char **reasonp);

bool json_is_object(const JsonNode *node);
bool json_is_array(const JsonNode *node);
bool json_is_null(const JsonNode *node);
/* The member of that name (case-sensitive), or NULL; NULL and non-objects are fine. */
const JsonNode *json_get(const JsonNode *object, const char *key);
/* The text of a member, or NULL when absent or not text. json_value_text: of the node itself. */
const char *json_get_text(const JsonNode *object, const char *key);
const char *json_value_text(const JsonNode *node);
/* A checked whole number: 0, or -EBADMSG when absent, not a number, not whole, or out of range. json_value_int: the node
 * itself, which may be NULL. */
int json_get_int(const JsonNode *object, const char *key, int64_t min, int64_t max,
                 int64_t *valuep);
int json_value_int(const JsonNode *node, int64_t min, int64_t max, int64_t *valuep);
/* 0, or -EBADMSG when absent or not a boolean. */
int json_get_bool(const JsonNode *object, const char *key, bool *valuep);
const JsonNode *json_first(const JsonNode *container);
const JsonNode *json_next(const JsonNode *node);
/* The name of a member of an object. */
const char *json_key(const JsonNode *node);
size_t json_count(const JsonNode *container);
/* NOLINTBEGIN(bugprone-macro-parentheses): what is declared cannot stand in parentheses */
#define json_each(item, container) \
        for (const JsonNode *item = json_first(container); item; item = json_next(item))
/* NOLINTEND(bugprone-macro-parentheses) */

/* Writing: commas and quoting are the writer's. `key` is NULL inside arrays. */
typedef struct JsonWriter {
        Text *text;
        bool comma;
        int indent; /* spaces a level, 0 for one line */
        int depth;
} JsonWriter;

void json_writer_init(JsonWriter *writer, Text *text, int indent);
void json_write_object(JsonWriter *writer, const char *key);
void json_write_object_end(JsonWriter *writer);
void json_write_array(JsonWriter *writer, const char *key);
void json_write_array_end(JsonWriter *writer);
/* NULL is written as null. */
void json_write_text(JsonWriter *writer, const char *key, const char *value);
void json_write_int(JsonWriter *writer, const char *key, int64_t value);
void json_write_double(JsonWriter *writer, const char *key, double value);
void json_write_bool(JsonWriter *writer, const char *key, bool value);
void json_write_null(JsonWriter *writer, const char *key);
/* A value already in JSON. */
void json_write_raw(JsonWriter *writer, const char *key, const char *json);

/* SPDX-License-Identifier: Apache-2.0 */
/* Json: writing into a text. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/visible.h"

enum {
        PAIR_FIRST = 0x10000, /* is written as two halves from here on */
        HIGH_FIRST = 0xD800,
        LOW_FIRST = 0xDC00,
};

void json_writer_init(JsonWriter *writer, Text *text, int indent) {
        *writer = (JsonWriter){.text = text, .indent = indent};
}

static void new_line(JsonWriter *writer) {
        if (writer->indent > 0)
                text_appendf(writer->text, "\n%*s", writer->indent * writer->depth, "");
}

static void append_escape(Text *text, uint32_t c) {
        static const char *const names[0x20] = {
                ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t",
        };

        if (c == '"' || c == '\\')
                text_appendf(text, "\\%c", (char)c);
        else if (c < 0x20 && names[c])
                text_append(text, names[c]);
        else if (c < PAIR_FIRST)
                text_appendf(text, "\\u%04" PRIx32, c);
        else
                text_appendf(text, "\\u%04" PRIx32 "\\u%04" PRIx32,
                             HIGH_FIRST + ((c - PAIR_FIRST) >> 10),
                             LOW_FIRST + ((c - PAIR_FIRST) & 0x3FF));
}

/* Bytes that are not UTF-8 become U+FFFD: the document stays readable. It is shown on terminals
 * too, so what is not visible is escaped. */
static void append_quoted(Text *text, const char *value) {
        size_t n = strlen(value);

        text_append(text, "\"");
        for (size_t at = 0, length = 0; at < n; at += length) {
                uint32_t code_point = text_code_point(value + at, n - at, &length);

                if (code_point == '"' || code_point == '\\' || !visible_is(code_point))
                        append_escape(text, code_point);
                else if (code_point == 0xFFFD)
                        text_append(text, "\xEF\xBF\xBD");
                else
                        text_append_bytes(text, value + at, length);
        }
        text_append(text, "\"");
}

static void start_value(JsonWriter *writer, const char *key) {
        if (writer->comma)
                text_append(writer->text, writer->indent > 0 ? "," : ", ");
        if (writer->depth > 0)
                new_line(writer);
        if (key) {
                append_quoted(writer->text, key);
                text_append(writer->text, ": ");
        }
        writer->comma = true;
}

static void start_container(JsonWriter *writer, const char *key, const char *open) {
        start_value(writer, key);
        text_append(writer->text, open);
        writer->depth++;
        writer->comma = false;
}

static void end_container(JsonWriter *writer, const char *close) {
        assert(writer->depth > 0);
        writer->depth--;
        if (writer->comma)
                new_line(writer);
        text_append(writer->text, close);
        writer->comma = true;
}

void json_write_object(JsonWriter *writer, const char *key) {
        start_container(writer, key, "{");
}

void json_write_object_end(JsonWriter *writer) {
        end_container(writer, "}");
}

void json_write_array(JsonWriter *writer, const char *key) {
        start_container(writer, key, "[");
}

void json_write_array_end(JsonWriter *writer) {
        end_container(writer, "]");
}

void json_write_text(JsonWriter *writer, const char *key, const char *value) {
        if (!value) {
                json_write_null(writer, key);
                return;
        }
        start_value(writer, key);
        append_quoted(writer->text, value);
}

void json_write_int(JsonWriter *writer, const char *key, int64_t value) {
        start_value(writer, key);
        text_appendf(writer->text, "%" PRId64, value);
}

void json_write_double(JsonWriter *writer, const char *key, double value) {
        char digits[40];

        if (!isfinite(value)) {
                json_write_null(writer, key);
                return;
        }
        start_value(writer, key);
        (void)snprintf(digits, sizeof(digits), "%.15g", value);
        text_append(writer->text, digits);
}

void json_write_bool(JsonWriter *writer, const char *key, bool value) {
        start_value(writer, key);
        text_append(writer->text, value ? "true" : "false");
}

void json_write_null(JsonWriter *writer, const char *key) {
        start_value(writer, key);
        text_append(writer->text, "null");
}

void json_write_raw(JsonWriter *writer, const char *key, const char *json) {
        start_value(writer, key);
        text_append(writer->text, json);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Visible: text that anybody may have written, as it can be shown. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "common/base/visible.h"

enum {
        REPLACEMENT_CHARACTER = 0xFFFD,
        BYTE_END = 0x80,
        SHORT_END = 0x10000,
};

static const struct {
        uint32_t first, last;
} hidden[] = {
        {0x00, 0x1F},       /* C0 */
        {0x7F, 0x9F},       /* DEL, C1: U+009B begins a sequence like ESC [ */
        {0x061C, 0x061C},   /* Arabic letter mark */
        {0x200B, 0x200B},   /* zero width space */
        {0x200E, 0x200F},   /* marks of direction */
        {0x2028, 0x202E},   /* line and paragraph separator, embeddings, overrides */
        {0x2060, 0x206F},   /* isolates; word joiner, invisible operators */
        {0xFEFF, 0xFEFF},   /* zero width no-break space */
        {0xFFF9, 0xFFFB},   /* interlinear annotation */
        {0xE0000, 0xE007F}, /* tags */
};

bool visible_is(uint32_t code_point) {
        for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
                if (code_point >= hidden[i].first && code_point <= hidden[i].last)
                        return false;
        return true;
}

static void append_code_point(Text *text, uint32_t code_point, const char *bytes, size_t length) {
        bool is_byte = code_point == REPLACEMENT_CHARACTER && length == 1;

        if (is_byte)
                text_appendf(text, "\\x%02x", (unsigned char)*bytes);
        else if (visible_is(code_point))
                text_append_bytes(text, bytes, length);
        else if (code_point < BYTE_END)
                text_appendf(text, "\\x%02" PRIx32, code_point);
        else if (code_point < SHORT_END)
                text_appendf(text, "\\u%04" PRIx32, code_point);
        else
                text_appendf(text, "\\U%08" PRIx32, code_point);
}

void visible_append(Text *text, const char *piece) {
        size_t n = strlen(piece);

        for (size_t at = 0, length = 0; at < n; at += length) {
                uint32_t code_point = text_code_point(piece + at, n - at, &length);

                append_code_point(text, code_point, piece + at, length);
        }
}

__attribute__((format(printf, 2, 0))) static void append_formatted(Text *text, const char *format,
                                                                   va_list arguments) {
        char *made = mem_vprintf(NULL, format, arguments);

        visible_append(text, made);
        mem_free(made);
}

void visible_appendf(Text *text, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        append_formatted(text, format, arguments);
        va_end(arguments);
}

void visible_append_line(Text *text, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        append_formatted(text, format, arguments);
        va_end(arguments);
        text_append(text, "\n");
}

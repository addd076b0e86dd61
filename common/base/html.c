/* SPDX-License-Identifier: Apache-2.0 */
/* Html: writing of HTML and SVG in which nothing that comes from outside can be more than text. */
#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/html.h"
#include "common/base/visible.h"

static const struct {
        char character;
        const char *entity;
} entity_rows[] = {
        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"},
};

/* Of HTML; SVG has no such elements. */
static const char *const void_elements[] = {"br", "col", "hr", "link", "meta", "wbr"};

static bool is_void(const char *element) {
        for (size_t i = 0; i < sizeof void_elements / sizeof *void_elements; i++)
                if (strcmp(void_elements[i], element) == 0)
                        return true;
        return false;
}

static const char *entity_of(char character) {
        for (size_t i = 0; i < sizeof entity_rows / sizeof *entity_rows; i++)
                if (entity_rows[i].character == character)
                        return entity_rows[i].entity;
        return NULL;
}

/* Good in texts and in attributes. */
static void append_escaped(Text *text, const char *piece) {
        Text shown;
        size_t from = 0;

        text_init(&shown, NULL);
        visible_append(&shown, piece);
        for (size_t i = 0; i < shown.n; i++) {
                const char *entity = entity_of(shown.data[i]);

                if (!entity)
                        continue;
                text_append_bytes(text, shown.data + from, i - from);
                text_append(text, entity);
                from = i + 1;
        }
        text_append_bytes(text, shown.data + from, shown.n - from);
        text_deinit(&shown);
}

static void end_tag_of_start(HtmlWriter *writer) {
        if (writer->is_in_tag)
                text_append(writer->text, ">");
        writer->is_in_tag = false;
}

void html_writer_init(HtmlWriter *writer, Text *text) {
        *writer = (HtmlWriter){.text = text};
}

void html_write_doctype(HtmlWriter *writer) {
        text_append(writer->text, "<!DOCTYPE html>\n");
}

void html_open(HtmlWriter *writer, const char *element) {
        assert(writer->depth < HTML_DEPTH_MAX);
        end_tag_of_start(writer);
        text_appendf(writer->text, "<%s", element);
        writer->open[writer->depth++] = element;
        writer->is_in_tag = true;
}

static bool is_harmless(const char *name, const char *value) {
        if (strcmp(name, "href") == 0)
                return value[0] == '#';
        return strcmp(name, "src") != 0 && strcmp(name, "style") != 0 && strncmp(name, "on", 2) != 0;
}

void html_attribute(HtmlWriter *writer, const char *name, const char *value) {
        assert(writer->is_in_tag);
        if (!value)
                return;
        assert(is_harmless(name, value));
        text_appendf(writer->text, " %s=\"", name);
        append_escaped(writer->text, value);
        text_append(writer->text, "\"");
}

void html_attributef(HtmlWriter *writer, const char *name, const char *format, ...) {
        va_list arguments;
        char *value;

        va_start(arguments, format);
        value = mem_vprintf(NULL, format, arguments);
        va_end(arguments);
        html_attribute(writer, name, value);
        mem_free(value);
}

void html_close(HtmlWriter *writer) {
        const char *element;

        assert(writer->depth > 0);
        end_tag_of_start(writer);
        element = writer->open[--writer->depth];
        if (!is_void(element))
                text_appendf(writer->text, "</%s>", element);
}

void html_text(HtmlWriter *writer, const char *piece) {
        end_tag_of_start(writer);
        if (piece)
                append_escaped(writer->text, piece);
}

void html_textf(HtmlWriter *writer, const char *format, ...) {
        va_list arguments;
        char *piece;

        va_start(arguments, format);
        piece = mem_vprintf(NULL, format, arguments);
        va_end(arguments);
        html_text(writer, piece);
        mem_free(piece);
}

void html_element(HtmlWriter *writer, const char *element, const char *piece) {
        html_open(writer, element);
        html_text(writer, piece);
        html_close(writer);
}

void html_raw(HtmlWriter *writer, const char *html) {
        end_tag_of_start(writer);
        text_append(writer->text, html);
}

void html_append_style_source(Text *text, const char *style) {
        char hash[DIGEST_BASE64_SIZE];

        text_appendf(text, "'sha256-%s'", digest_sha256_base64(style, strlen(style), hash));
}

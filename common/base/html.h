/* SPDX-License-Identifier: Apache-2.0 */
/* Html: writing of HTML and SVG in which nothing that comes from outside can be more than text. */
#pragma once

#include <stdbool.h>

#include "common/base/text.h"

enum {
        HTML_DEPTH_MAX = 32,
};

/* Names of elements and attributes are constants of the program: letters, digits, dashes. */
typedef struct HtmlWriter {
        Text *text;
        bool is_in_tag; /* attributes may follow */
        unsigned depth;
        const char *open[HTML_DEPTH_MAX];
} HtmlWriter;

void html_writer_init(HtmlWriter *writer, Text *text);
/* `<!DOCTYPE html>`. */
void html_write_doctype(HtmlWriter *writer);

void html_open(HtmlWriter *writer, const char *element);
/* Of the element just opened. NULL: it is left out. What loads, runs or leads away is refused: `src`, `style`, `on...`, a
 * `href` that is no fragment. */
void html_attribute(HtmlWriter *writer, const char *name, const char *value);
void html_attributef(HtmlWriter *writer, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Ends the innermost element; elements like `meta` have no end tag. */
void html_close(HtmlWriter *writer);

/* Characters that cannot be seen are shown as `\x1b`. NULL is nothing. */
void html_text(HtmlWriter *writer, const char *piece);
void html_textf(HtmlWriter *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* An element with a text in it. */
void html_element(HtmlWriter *writer, const char *element, const char *piece);
/* What is already HTML, or the inside of a `style`. */
void html_raw(HtmlWriter *writer, const char *html);

/* The `style` as Content-Security-Policy names it: `'sha256-…'`. */
void html_append_style_source(Text *text, const char *style);

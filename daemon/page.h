/* SPDX-License-Identifier: Apache-2.0 */
/* Page: how the organisations of a running daemon are, as one page of HTML for people. */
#pragma once

#include "common/base/json.h"

#define PAGE_MEDIA_TYPE "text/html; charset=utf-8"

/* Who can reach what in a project; or of an organisation, why there is no picture. */
typedef struct PagePicture {
        const char *organization; /* its url */
        const char *project;      /* NULL: it is about all of them */
        const char *html;         /* a figure, or NULL */
        const char *missing;      /* why there is none; else NULL */
} PagePicture;

/* What is made apart from the status. */
typedef struct PageParts {
        const PagePicture *pictures; /* by organisation */
        size_t n_pictures;
        const char *figures;       /* HTML, or NULL */
        const char *figures_error; /* why there are none, or NULL */
        const char *style;         /* that the HTML of all of them needs */
} PageParts;

/* Of what status_write() told, of its excerpt: without scripts, nothing is loaded from anywhere. `styles` gets the sources
 * of its styles as Content-Security-Policy names them. */
void page_write(const JsonNode *status, const PageParts *parts, Text *text, Text *styles);

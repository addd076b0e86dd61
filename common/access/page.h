/* SPDX-License-Identifier: Apache-2.0 */
/* Page: who can do what, as one HTML page that needs nothing besides.
 *
 *         AccessPage page;
 *
 *         access_page_begin(&page, mem);
 *         access_page_add(&page, &organisation);      each organisation
 *         access_page_end(&page, &text);
 */
#pragma once

#include "common/access/matrix.h"
#include "common/base/html.h"

typedef struct AccessPage {
        Mem *mem;
        Text body;
        HtmlWriter writer;
        unsigned n_sections; /* for their ids */
} AccessPage;

typedef struct AccessPageOrganisation {
        const AccessMatrixSpec *asked;
        const AccessMatrix *matrix; /* its remarks; of one team at one thing its cells too */
        const char *read;           /* when, for people */
} AccessPageOrganisation;

void access_page_begin(AccessPage *page, Mem *mem);
void access_page_add(AccessPage *page, const AccessPageOrganisation *organisation);
/* Appends the page; there is nothing to deinit. */
void access_page_end(AccessPage *page, Text *text);

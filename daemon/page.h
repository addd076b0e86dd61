/* SPDX-License-Identifier: Apache-2.0 */
/* Page: how the organisations of a running daemon are, as one page of HTML for people. */
#pragma once

#include "common/base/json.h"

#define PAGE_MEDIA_TYPE "text/html; charset=utf-8"

/* Of what status_write() told, of its excerpt: without scripts, nothing is loaded from anywhere. `styles` gets the sources
 * of its styles as Content-Security-Policy names them. */
void page_write(const JsonNode *status, Text *text, Text *styles);

/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: a sheet as a picture: teams left, things right, a line for each that is to be seen at each. */
#pragma once

#include "common/access/sheet.h"
#include "common/base/html.h"

/* What the `style` of a page needs for drawings; it says nothing of anything else. */
extern const char *const access_drawing_style;

/* A `figure` with an SVG and its legend. id: of letters, digits and dashes, once in the page. */
void access_drawing_print(const AccessSheet *sheet, const char *id, HtmlWriter *writer);

/* `Read, Contribute`, `nothing`, `not known: Read`, `Read at 1 of 96`: what a group has at a row, for people. */
void access_describe_live(const AccessSheet *sheet, const AccessSheetRow *row, size_t group, Text *text);
void access_describe_wanted(const AccessSheet *sheet, const AccessSheetRow *row, size_t group, Text *text);
/* `closed`, `open`; the name of its class too. */
const char *access_look_word(AccessLook look);
const char *access_look_class(AccessLook look);

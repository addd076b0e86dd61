/* SPDX-License-Identifier: Apache-2.0 */
/* Csv: fields for spreadsheets (RFC 4180). */
#pragma once

#include "common/base/text.h"

/* Appends a field, quoted where it must be, behind a comma unless it is the first of its line. What a spreadsheet would
 * take for a formula begins with an apostrophe; what is not visible is escaped. */
void csv_add(Text *text, const char *field);
void csv_end_line(Text *text);

/* SPDX-License-Identifier: Apache-2.0 */
/* Visible: text that anybody may have written, as it can be shown. */
#pragma once

#include "common/base/text.h"

/* False for what moves the cursor, begins a line, turns the direction of writing or cannot be seen:
 * control characters, line separators, marks of direction, tags. Joiners, which languages and emoji
 * need, are visible. */
bool visible_is(uint32_t code_point);
/* Appends `\x1b` and `\u202e` in the place of what is not visible, `\xff` for bytes that are not
 * UTF-8. */
void visible_append(Text *text, const char *piece);
/* The same of all that the format makes. */
void visible_appendf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, then a line end. */
void visible_append_line(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

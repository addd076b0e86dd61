/* SPDX-License-Identifier: Apache-2.0 */
/* LiveLine: the one line of the terminal behind stderr that is written anew in its place. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text.h"

/* stderr is a terminal that can erase a line ($TERM says which). */
bool live_line_is_possible(void);
/* Shows it in the place of the one before, cut to the terminal's width; whatever is written next begins at its end. Of a
 * process in the background nothing shows. The text is as it is to be seen: one line, nothing that moves the cursor. */
void live_line_show(const char *text);
/* The terminal is as if there had been none. Before any other line is written; nothing happens when there is none. */
void live_line_erase(void);

/* Appends as much of it as fits into so many columns; what is cut off is shown by `…`. */
void live_line_cut(const char *line, size_t n_columns, Text *text);

/* SPDX-License-Identifier: Apache-2.0 */
/* Url: paths below a base address, percent-encoded. */
#pragma once

#include "common/base/mem.h"
#include "common/base/text.h"

/* A path by a pattern in which each `{}` stands for one argument, encoded: all but letters, digits
 * and `-._~`. The same for segments and for values of the query (facts §3.3: an unencoded token
 * matches nothing and is answered 200). The arguments end with NULL. Below parent. */
char *url_build(Mem *parent, const char *pattern, ...) __attribute__((sentinel));
/* Appends a value encoded; the segments `.` and `..` too, which mean something to a path. */
void url_append_encoded(Text *text, const char *value);

/* SPDX-License-Identifier: Apache-2.0 */
/* Fixture: files of tests/fixtures/config, with the text expected of each beside it. */
#pragma once

#include "common/base/diag.h"
#include "common/base/mem.h"
#include "common/base/text.h"

/* Makes the fixtures' folder the working folder, so that places read `charter/article/charter.yaml:1:1`. */
void fixture_enter(void);
/* The names in a folder that end in `suffix`, sorted, without it; there is at least one. */
const char **fixture_list(Mem *parent, const char *folder, const char *suffix, size_t *np);
char *fixture_read(Mem *parent, const char *path, size_t *np);
/* Fails when the file has other text; with UPDATE_GOLDEN in the environment it is written instead. */
void fixture_compare(const char *path, const char *text);
/* The diagnostics sorted, a line each. */
void fixture_print_diags(DiagList *diags, Text *text);

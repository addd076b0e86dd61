/* SPDX-License-Identifier: Apache-2.0 */
/* PageTable: a sheet as a table of HTML, every open cell with its explanation inside. */
#pragma once

#include "common/access/sheet.h"
#include "common/base/html.h"

void access_page_table(const AccessSheet *sheet, HtmlWriter *writer);
/* Of one team at one thing: every permission with its reason. */
void access_page_answer(const AccessMatrix *matrix, const AccessTable *table, HtmlWriter *writer);
/* `A > B > C`; nothing where there is none. */
void access_page_path(HtmlWriter *writer, const char *const *path, size_t n);

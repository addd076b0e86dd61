/* SPDX-License-Identifier: Apache-2.0 */
/* Csv: fields for spreadsheets (RFC 4180). */
#include <string.h>

#include "common/base/csv.h"
#include "common/base/visible.h"

/* A spreadsheet takes what begins so for a formula, and would calculate it. */
static bool is_formula(const char *field) {
        return field[0] != '\0' && strchr("=+-@\t\r", field[0]);
}

void csv_add(Text *text, const char *field) {
        bool is_first = text->n == 0 || text->data[text->n - 1] == '\n';
        Text shown;

        if (!is_first)
                text_append(text, ",");
        text_init(&shown, NULL);
        visible_append(&shown, field);
        /* An empty one at the front would not be seen by the one behind it. */
        if (is_formula(field) || strpbrk(shown.data, "\",\r\n") || (is_first && !shown.n)) {
                text_append(text, is_formula(field) ? "\"'" : "\"");
                for (const char *at = shown.data; *at; at++)
                        text_append_bytes(text, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
                text_append(text, "\"");
        } else {
                text_append(text, shown.data);
        }
        text_deinit(&shown);
}

void csv_end_line(Text *text) {
        text_append(text, "\r\n");
}

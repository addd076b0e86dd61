/* SPDX-License-Identifier: Apache-2.0 */
/* MatrixCsv: a matrix for spreadsheets (RFC 4180). */
#include <string.h>

#include "common/access/matrix.h"
#include "common/base/visible.h"

static const char *const columns[] = {"project",    "principal", "kind",    "name", "owner",
                                      "permission", "live",      "desired", "path", "reason"};

static const char *const answer_words[] = {
        [ACCESS_CLOSED] = "closed",
        [ACCESS_OPEN] = "open",
        [ACCESS_UNKNOWN] = "unknown",
};

/* A spreadsheet takes what begins so for a formula, and would calculate it. */
static bool is_formula(const char *piece) {
        return piece[0] != '\0' && strchr("=+-@\t\r", piece[0]);
}

/* Quoted where it must be. */
static void add_field(Text *text, const char *piece) {
        Text shown;

        if (text->n > 0 && text->data[text->n - 1] != '\n')
                text_append(text, ",");
        text_init(&shown, NULL);
        visible_append(&shown, piece);
        if (is_formula(piece) || strpbrk(shown.data, "\",\r\n")) {
                text_append(text, is_formula(piece) ? "\"'" : "\"");
                for (const char *at = shown.data; *at; at++)
                        text_append_bytes(text, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
                text_append(text, "\"");
        } else {
                text_append(text, shown.data);
        }
        text_deinit(&shown);
}

static void end_line(Text *text) {
        text_append(text, "\r\n");
}

static void add_path(Text *text, const AccessCell *cell) {
        Text path;

        text_init(&path, NULL);
        for (size_t i = 0; i < cell->n_path; i++)
                text_appendf(&path, "%s%s", i ? " > " : "", cell->path[i]);
        add_field(text, path.data);
        text_deinit(&path);
}

static void add_cell(const AccessMatrix *matrix, const AccessTable *table, const AccessThing *thing, size_t at,
                     Text *text) {
        const AccessCell *cell = &matrix->cells[thing->first_cell + at];

        add_field(text, table->project);
        add_field(text, table->principals[at / thing->n_permissions]);
        add_field(text, kind_row(thing->kind)->key);
        add_field(text, thing->kind == KIND_PROJECT ? table->project : thing->name);
        add_field(text, thing->owner ? thing->owner : "");
        add_field(text, cell->permission);
        add_field(text, answer_words[cell->live]);
        add_field(text, matrix->has_desired ? answer_words[cell->desired] : "");
        add_path(text, cell);
        add_field(text, cell->reason ? cell->reason : "");
        end_line(text);
}

void access_matrix_print_csv_head(Text *text) {
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
                add_field(text, columns[i]);
        end_line(text);
}

void access_matrix_print_csv(const AccessMatrix *matrix, Text *text) {
        for (size_t i = 0; i < matrix->n_tables; i++) {
                const AccessTable *table = &matrix->tables[i];

                for (size_t j = 0; j < table->n_things; j++)
                        for (size_t k = 0; k < table->n_principals * table->things[j].n_permissions; k++)
                                add_cell(matrix, table, &table->things[j], k, text);
        }
}

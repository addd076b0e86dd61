/* SPDX-License-Identifier: Apache-2.0 */
/* MatrixCsv: a matrix for spreadsheets (RFC 4180). */
#include "common/access/matrix.h"
#include "common/base/csv.h"

static const char *const columns[] = {"project",    "principal", "kind",    "name", "owner",
                                      "permission", "live",      "desired", "path", "reason"};

static const char *const answer_words[] = {
        [ACCESS_CLOSED] = "closed",
        [ACCESS_OPEN] = "open",
        [ACCESS_UNKNOWN] = "unknown",
};

static void add_path(Text *text, const AccessCell *cell) {
        Text path;

        text_init(&path, NULL);
        for (size_t i = 0; i < cell->n_path; i++)
                text_appendf(&path, "%s%s", i ? " > " : "", cell->path[i]);
        csv_add(text, path.data);
        text_deinit(&path);
}

static void add_cell(const AccessMatrix *matrix, const AccessTable *table, const AccessThing *thing, size_t at,
                     Text *text) {
        const AccessCell *cell = &matrix->cells[thing->first_cell + at];

        csv_add(text, table->project);
        csv_add(text, table->principals[at / thing->n_permissions]);
        csv_add(text, kind_row(thing->kind)->key);
        csv_add(text, thing->kind == KIND_PROJECT ? table->project : thing->name);
        csv_add(text, thing->owner ? thing->owner : "");
        csv_add(text, cell->permission);
        csv_add(text, answer_words[cell->live]);
        csv_add(text, matrix->has_desired ? answer_words[cell->desired] : "");
        add_path(text, cell);
        csv_add(text, cell->reason ? cell->reason : "");
        csv_end_line(text);
}

void access_matrix_print_csv_head(Text *text) {
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
                csv_add(text, columns[i]);
        csv_end_line(text);
}

void access_matrix_print_csv(const AccessMatrix *matrix, Text *text) {
        for (size_t i = 0; i < matrix->n_tables; i++) {
                const AccessTable *table = &matrix->tables[i];

                for (size_t j = 0; j < table->n_things; j++)
                        for (size_t k = 0; k < table->n_principals * table->things[j].n_permissions; k++)
                                add_cell(matrix, table, &table->things[j], k, text);
        }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* PageTable: a sheet as a table of HTML, every open cell with its explanation inside. */
#include "common/access/page_table.h"

#include "common/access/drawing.h"

static const char *const answer_words[] = {
        [ACCESS_CLOSED] = "closed",
        [ACCESS_OPEN] = "open",
        [ACCESS_UNKNOWN] = "not known",
};

void access_page_path(HtmlWriter *writer, const char *const *path, size_t n) {
        if (n == 0)
                return;
        html_open(writer, "span");
        html_attribute(writer, "class", "path");
        for (size_t i = 0; i < n; i++)
                html_textf(writer, "%s%s", i ? " > " : "", path[i]);
        html_close(writer);
}

/* Head */

static void write_group(const AccessSheet *sheet, const AccessSheetGroup *group, HtmlWriter *writer) {
        Text name;

        text_init(&name, NULL);
        access_sheet_name_group(group, &name);
        html_open(writer, "th");
        html_attribute(writer, "scope", "col");
        html_text(writer, name.data);
        if (group->n > 1)
                html_element(writer, "small", group->is_alike ? "they have the same" : "they differ");
        if (sheet->has_desired)
                html_element(writer, "small", "live | charter");
        html_close(writer);
        text_deinit(&name);
}

static void write_head(const AccessSheet *sheet, HtmlWriter *writer) {
        html_open(writer, "caption");
        html_textf(writer, "Who can do what in %s: %s. A dash is closed, ? is not known%s. Open a cell to see why.",
                   sheet->project, sheet->has_desired ? "live, and beside it as the charter wants it" : "live",
                   sheet->has_desired ? ", ≠ is live where the charter wants something else" : "");
        html_close(writer);
        html_raw(writer, "\n");
        html_open(writer, "thead");
        html_open(writer, "tr");
        html_open(writer, "th");
        html_attribute(writer, "scope", "col");
        html_text(writer, "Thing");
        html_close(writer);
        for (size_t i = 0; i < sheet->n_groups; i++)
                write_group(sheet, &sheet->groups[i], writer);
        html_close(writer);
        html_close(writer);
        html_raw(writer, "\n");
}

static void write_kind(const AccessSheet *sheet, const AccessSheetRow *row, HtmlWriter *writer) {
        html_open(writer, "tr");
        html_open(writer, "th");
        html_attribute(writer, "scope", "rowgroup");
        html_attributef(writer, "colspan", "%zu", sheet->n_groups + 1);
        html_textf(writer, "%s (", kind_row(row->kind)->key);
        for (size_t i = 0; i < row->n_asked; i++)
                html_textf(writer, "%s%c %s", i ? ", " : "", row->asked[i].mark, row->asked[i].word);
        html_text(writer, ")");
        html_close(writer);
        html_close(writer);
        html_raw(writer, "\n");
}

/* Cells */

typedef struct Cell {
        const AccessSheet *sheet;
        const AccessSheetRow *row;
        size_t group;
        const AccessSheetCell *permissions;
        const AccessSheetExample *example;
} Cell;

static char mark_of(const Asked *asked, uint32_t n_open, uint32_t n_unknown) {
        return n_open > 0 ? asked->mark : n_unknown > 0 ? '?' : '-';
}

/* `RC`, `R-`; aloud the words are said instead. */
static void write_marks(const Cell *cell, const char *element, bool is_live, HtmlWriter *writer) {
        html_open(writer, element);
        html_attribute(writer, "aria-hidden", "true");
        for (size_t i = 0; i < cell->row->n_asked; i++) {
                const AccessSheetCell *it = &cell->permissions[i];

                html_textf(writer, "%c",
                           is_live ? mark_of(&cell->row->asked[i], it->n_open, it->n_unknown)
                                   : mark_of(&cell->row->asked[i], it->n_wanted_open, it->n_wanted_unknown));
        }
        html_close(writer);
}

static void write_said(const Cell *cell, AccessLook look, HtmlWriter *writer) {
        Text text;

        text_init(&text, NULL);
        access_describe_live(cell->sheet, cell->row, cell->group, &text);
        if (look == ACCESS_LOOK_DIFFERS) {
                text_append(&text, "; the charter wants: ");
                access_describe_wanted(cell->sheet, cell->row, cell->group, &text);
        }
        html_open(writer, "span");
        html_attribute(writer, "class", "said");
        html_text(writer, text.data);
        html_close(writer);
        text_deinit(&text);
}

/* `1 of 96`, of what the fewest have. */
static void write_share(const Cell *cell, HtmlWriter *writer) {
        for (size_t i = 0; i < cell->row->n_asked; i++) {
                const AccessSheetCell *it = &cell->permissions[i];
                uint32_t n = it->n_differ ? it->n_differ : it->n_open;

                if (n == 0 || n == it->n)
                        continue;
                html_open(writer, "small");
                html_textf(writer, "%s%u of %u", it->n_differ ? "≠ " : "", n, it->n);
                html_close(writer);
                return;
        }
}

/* What the row and the group have, by number where it is not all the same. */
static const char *answer_of(uint32_t n_open, uint32_t n_unknown) {
        return answer_words[n_open > 0 ? ACCESS_OPEN : n_unknown > 0 ? ACCESS_UNKNOWN : ACCESS_CLOSED];
}

static void write_reason(HtmlWriter *writer, const char *who, const char *answer, const AccessExplanation *explanation,
                         const char *otherwise) {
        html_open(writer, "dd");
        html_textf(writer, "%s%s", who, answer);
        if (explanation && explanation->answer == ACCESS_UNKNOWN)
                html_textf(writer, ": %s", explanation->reason);
        else if (otherwise)
                html_textf(writer, ": %s", otherwise);
        if (explanation)
                access_page_path(writer, explanation->path, explanation->n_path);
        html_close(writer);
}

/* What no entry can tell. */
static const char *doubt_of(const Cell *cell, const AccessSheetCell *it) {
        if (it->n_unknown == 0 || (it->live && it->live->answer != ACCESS_CLOSED))
                return NULL;
        return cell->row->is_read ? cell->sheet->visibility : "such entries are not read";
}

static void write_permission(const Cell *cell, size_t i, HtmlWriter *writer) {
        const AccessSheetCell *it = &cell->permissions[i];
        const char *live = answer_of(it->n_open, it->n_unknown);

        html_element(writer, "dt", cell->row->asked[i].word);
        write_reason(writer, cell->sheet->has_desired ? "live: " : "", live, it->live, doubt_of(cell, it));
        if (cell->sheet->has_desired && it->n_differ > 0)
                write_reason(writer, "charter: ", answer_of(it->n_wanted_open, it->n_wanted_unknown), it->wanted, NULL);
}

static void write_explanation(const Cell *cell, HtmlWriter *writer) {
        const AccessSheetRow *row = cell->row;

        html_open(writer, "div");
        html_open(writer, "p");
        html_textf(writer, "%s at %s %s", cell->example->principal, kind_row(row->kind)->noun,
                   access_thing_title(cell->sheet->project, row->kind, cell->example->thing));
        if (cell->sheet->groups[cell->group].n > 1 || row->n > 1)
                html_text(writer, ", for example");
        html_close(writer);
        html_open(writer, "dl");
        for (size_t i = 0; i < row->n_asked; i++)
                write_permission(cell, i, writer);
        html_close(writer);
        html_close(writer);
}

static void write_cell(const Cell *cell, HtmlWriter *writer) {
        AccessLook look = access_sheet_look(cell->sheet, cell->row, cell->group);

        html_open(writer, "td");
        html_attribute(writer, "class", access_look_class(look));
        if (look <= ACCESS_LOOK_CLOSED) {
                html_open(writer, "span");
                html_attribute(writer, "class", "said");
                html_text(writer, look == ACCESS_LOOK_CLOSED ? "closed" : "see each its own");
                html_close(writer);
                html_close(writer);
                return;
        }
        html_open(writer, "details");
        html_open(writer, "summary");
        write_marks(cell, "b", true, writer);
        if (cell->sheet->has_desired)
                write_marks(cell, "i", false, writer);
        write_said(cell, look, writer);
        write_share(cell, writer);
        html_close(writer);
        write_explanation(cell, writer);
        html_close(writer);
        html_close(writer);
}

static void write_row(const AccessSheet *sheet, const AccessSheetRow *row, HtmlWriter *writer) {
        Text name;

        text_init(&name, NULL);
        access_sheet_name_row(sheet, row, &name);
        html_open(writer, "tr");
        html_open(writer, "th");
        html_attribute(writer, "scope", "row");
        html_text(writer, name.data);
        if (row->relation != ACCESS_RELATION_ANY)
                html_element(writer, "small", row->relation == ACCESS_RELATION_OWN ? "each its own" : "those of the others");
        else if (row->owner)
                html_element(writer, "small", row->owner);
        html_close(writer);
        for (size_t i = 0; i < sheet->n_groups; i++)
                write_cell(&(Cell){sheet, row, i, access_sheet_cells(sheet, row, i), access_sheet_example(sheet, row, i)},
                           writer);
        html_close(writer);
        html_raw(writer, "\n");
        text_deinit(&name);
}

static void open_table(HtmlWriter *writer, const char *project) {
        html_open(writer, "div");
        html_attribute(writer, "class", "scroll");
        html_attribute(writer, "role", "region");
        html_attribute(writer, "tabindex", "0");
        html_attributef(writer, "aria-label", "Table of %s", project);
        html_open(writer, "table");
}

static void close_table(HtmlWriter *writer) {
        html_close(writer);
        html_close(writer);
        html_raw(writer, "\n");
}

void access_page_table(const AccessSheet *sheet, HtmlWriter *writer) {
        open_table(writer, sheet->project);
        write_head(sheet, writer);
        for (size_t i = 0; i < sheet->n_rows; i++) {
                if (i == 0 || sheet->rows[i].kind != sheet->rows[i - 1].kind) {
                        if (i > 0)
                                html_close(writer);
                        html_open(writer, "tbody");
                        write_kind(sheet, &sheet->rows[i], writer);
                }
                write_row(sheet, &sheet->rows[i], writer);
        }
        if (sheet->n_rows > 0)
                html_close(writer);
        close_table(writer);
}

/* One team at one thing */

static const char *class_of(const AccessMatrix *matrix, const AccessCell *cell) {
        static const AccessLook looks[] = {
                [ACCESS_CLOSED] = ACCESS_LOOK_CLOSED,
                [ACCESS_OPEN] = ACCESS_LOOK_OPEN,
                [ACCESS_UNKNOWN] = ACCESS_LOOK_UNKNOWN,
        };

        return access_look_class(matrix->has_desired && cell->live != cell->desired ? ACCESS_LOOK_DIFFERS
                                                                                     : looks[cell->live]);
}

static void write_answer(const AccessMatrix *matrix, const AccessCell *cell, HtmlWriter *writer) {
        html_open(writer, "tr");
        html_open(writer, "th");
        html_attribute(writer, "scope", "row");
        html_text(writer, cell->permission);
        html_close(writer);
        html_open(writer, "td");
        html_attributef(writer, "class", "answer %s", class_of(matrix, cell));
        html_element(writer, "b", answer_words[cell->live]);
        html_close(writer);
        if (matrix->has_desired)
                html_element(writer, "td", answer_words[cell->desired]);
        html_open(writer, "td");
        html_text(writer, cell->live == ACCESS_UNKNOWN || cell->n_path == 0 ? cell->reason : NULL);
        access_page_path(writer, cell->path, cell->n_path);
        html_close(writer);
        html_close(writer);
        html_raw(writer, "\n");
}

void access_page_answer(const AccessMatrix *matrix, const AccessTable *table, HtmlWriter *writer) {
        static const char *const heads[] = {"Permission", "Live", "Charter", "Why"};
        const AccessThing *thing = &table->things[0];

        open_table(writer, table->project);
        html_open(writer, "caption");
        html_textf(writer, "%s at %s %s", table->principals[0], kind_row(thing->kind)->noun,
                   access_thing_title(table->project, thing->kind, thing->name));
        html_close(writer);
        html_open(writer, "thead");
        html_open(writer, "tr");
        for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
                if (i == 2 && !matrix->has_desired)
                        continue;
                html_open(writer, "th");
                html_attribute(writer, "scope", "col");
                html_text(writer, heads[i]);
                html_close(writer);
        }
        html_close(writer);
        html_close(writer);
        html_open(writer, "tbody");
        html_raw(writer, "\n");
        for (size_t i = 0; i < thing->n_permissions; i++)
                write_answer(matrix, &matrix->cells[thing->first_cell + i], writer);
        html_close(writer);
        close_table(writer);
}

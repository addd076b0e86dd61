/* SPDX-License-Identifier: Apache-2.0 */
/* MatrixPrint: a matrix as a table, or as the explanation of one cell. */
#include <string.h>

#include "common/access/matrix.h"
#include "common/access/things.h"
#include "common/base/clock.h"
#include "common/base/visible.h"

enum {
        LINE_WIDTH = 118, /* principals beyond it get a table of their own */
        THING_WIDTH_MIN = 16,
        THING_WIDTH_MAX = 40,
        CELL_GAP = 2,
        MARKS_MAX = 32, /* permissions of a kind */
        WORD_WIDTH_MAX = 56,
        ANSWER_WIDTH = 24, /* `open, charter: closed` */
};

#define GREEN "\033[32m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define BOLD "\033[1m"
#define RESET "\033[0m"

static const char *const answer_words[] = {
        [ACCESS_CLOSED] = "closed",
        [ACCESS_OPEN] = "open",
        [ACCESS_UNKNOWN] = "not known",
};

static const char *const answer_colours[] = {
        [ACCESS_CLOSED] = RED,
        [ACCESS_OPEN] = GREEN,
        [ACCESS_UNKNOWN] = YELLOW,
};

typedef struct Printer {
        const AccessMatrix *matrix;
        AccessColour colour;
        Text *text;
} Printer;

/* Columns a text takes: its code points. */
static size_t width_of(const char *text) {
        size_t n = strlen(text);
        size_t width = 0;
        size_t length = 0;

        for (size_t at = 0; at < n; at += length, width++)
                text_code_point(text + at, n - at, &length);
        return width;
}

static void pad(Text *text, size_t width, size_t wanted) {
        for (; width < wanted; width++)
                text_append(text, " ");
}

/* Names are whatever somebody called a thing. */
static void append_padded(Text *text, const char *piece, size_t wanted) {
        size_t start = text->n;

        visible_append(text, piece);
        pad(text, width_of(text->data + start), wanted);
}

static void append_coloured(const Printer *printer, const char *colour, const char *piece) {
        if (printer->colour == ACCESS_PLAIN) {
                text_append(printer->text, piece);
                return;
        }
        text_appendf(printer->text, "%s%s" RESET, colour, piece);
}

static const char *name_of(const AccessTable *table, const AccessThing *thing) {
        return access_thing_title(table->project, thing->kind, thing->name);
}

/* Lines end without blanks. */
static void end_line(Text *text) {
        while (text->n > 0 && text->data[text->n - 1] == ' ')
                text->data[--text->n] = '\0';
        text_append(text, "\n");
}

/* Tables */

typedef enum Side {
        SIDE_LIVE,
        SIDE_DESIRED,
} Side;

/* `RC`, `R-`, `??`. */
static void mark(char *marks, const AccessCell *cells, size_t n, Side side) {
        for (size_t i = 0; i < n; i++)
                switch (side == SIDE_DESIRED ? cells[i].desired : cells[i].live) {
                case ACCESS_OPEN:
                        marks[i] = cells[i].mark;
                        break;
                case ACCESS_CLOSED:
                        marks[i] = '-';
                        break;
                case ACCESS_UNKNOWN:
                        marks[i] = '?';
                        break;
                }
        marks[n] = '\0';
}

/* Green where something can be done, yellow where it may be, else red. */
static const char *colour_of(const AccessCell *cells, size_t n) {
        AccessAnswer answer = ACCESS_CLOSED;

        for (size_t i = 0; i < n; i++)
                if (cells[i].live == ACCESS_OPEN || answer == ACCESS_CLOSED)
                        answer = cells[i].live;
        return answer_colours[answer];
}

static void print_cell(const Printer *printer, const AccessThing *thing, size_t principal,
                       size_t width) {
        const AccessCell *cells =
                &printer->matrix->cells[thing->first_cell + principal * thing->n_permissions];
        char live[MARKS_MAX + 1];
        char desired[MARKS_MAX + 1];
        size_t used = thing->n_permissions;

        mark(live, cells, thing->n_permissions, SIDE_LIVE);
        append_coloured(printer, colour_of(cells, thing->n_permissions), live);
        if (printer->matrix->has_desired) {
                mark(desired, cells, thing->n_permissions, SIDE_DESIRED);
                if (strcmp(live, desired) != 0) {
                        text_appendf(printer->text, " > %s", desired);
                        used += strlen(" > ") + thing->n_permissions;
                }
        }
        pad(printer->text, used, width);
}

static size_t thing_width(const AccessTable *table) {
        size_t width = THING_WIDTH_MIN;

        for (size_t i = 0; i < table->n_things; i++) {
                size_t own = width_of(name_of(table, &table->things[i])) + 4 + CELL_GAP;

                if (own > width)
                        width = own;
        }
        return width < THING_WIDTH_MAX ? width : THING_WIDTH_MAX;
}

static size_t column_width(const AccessTable *table, size_t principal) {
        enum {
                MARKS_WIDTH_MAX = 9 /* `VQE > ---` */
        };
        size_t width = width_of(table->principals[principal]);

        return (width > MARKS_WIDTH_MAX ? width : MARKS_WIDTH_MAX) + CELL_GAP;
}

/* How many principals from one on stand side by side; at least one. */
static size_t count_columns(const AccessTable *table, size_t first) {
        size_t width = thing_width(table);
        size_t n = 0;

        while (first + n < table->n_principals) {
                width += column_width(table, first + n);
                if (n > 0 && width > LINE_WIDTH)
                        break;
                n++;
        }
        return n;
}

static void print_kind(const Printer *printer, const AccessThing *thing) {
        const AccessCell *cells = &printer->matrix->cells[thing->first_cell];

        text_appendf(printer->text, "  %s (", kind_row(thing->kind)->key);
        for (size_t i = 0; i < thing->n_permissions; i++)
                visible_appendf(printer->text, "%s%c %s", i ? ", " : "", cells[i].mark,
                                cells[i].permission);
        text_append(printer->text, ")\n");
}

static void print_columns(const Printer *printer, const AccessTable *table, size_t first,
                          size_t n) {
        size_t width = thing_width(table);

        if (printer->colour == ACCESS_COLOUR)
                text_append(printer->text, BOLD);
        append_padded(printer->text, table->project, width);
        for (size_t i = first; i < first + n; i++)
                append_padded(printer->text, table->principals[i], column_width(table, i));
        if (printer->colour == ACCESS_COLOUR)
                text_append(printer->text, RESET);
        end_line(printer->text);
        for (size_t i = 0; i < table->n_things; i++) {
                const AccessThing *thing = &table->things[i];

                if (i == 0 || thing->kind != table->things[i - 1].kind)
                        print_kind(printer, thing);
                text_append(printer->text, "    ");
                append_padded(printer->text, name_of(table, thing), width - 4 - CELL_GAP);
                text_append(printer->text, "  ");
                for (size_t j = first; j < first + n; j++)
                        print_cell(printer, thing, j, column_width(table, j));
                end_line(printer->text);
        }
}

static void print_table(const Printer *printer, const AccessTable *table) {
        size_t n = 0;

        for (size_t first = 0; first < table->n_principals; first += n) {
                n = count_columns(table, first);
                print_columns(printer, table, first, n);
                text_append(printer->text, "\n");
        }
}

/* The explanation of one cell */

static void append_path(Text *text, const char *const *path, size_t n) {
        for (size_t i = 0; i < n; i++)
                visible_appendf(text, "%s%s", i ? " > " : "", path[i]);
}

/* What is open or denied is told by its path, what is not known by its reason too. */
static void print_answer(const Printer *printer, const AccessCell *cell) {
        Text *text = printer->text;
        const char *word = answer_words[cell->live];
        size_t width = strlen(word);

        append_coloured(printer, answer_colours[cell->live], word);
        if (printer->matrix->has_desired && cell->desired != cell->live) {
                text_appendf(text, ", charter: %s", answer_words[cell->desired]);
                width += strlen(", charter: ") + strlen(answer_words[cell->desired]);
        }
        pad(text, width, ANSWER_WIDTH);
        if (cell->live == ACCESS_UNKNOWN)
                visible_append(text, cell->reason);
        else
                append_path(text, cell->path, cell->n_path);
        end_line(text);
}

static void print_explanation(const Printer *printer, const AccessTable *table) {
        const AccessThing *thing = &table->things[0];
        size_t width = 0;

        visible_append_line(printer->text, "[%s] %s at %s %s", table->project, table->principals[0],
                        kind_row(thing->kind)->noun, name_of(table, thing));
        for (size_t i = 0; i < thing->n_permissions; i++) {
                size_t own = width_of(printer->matrix->cells[thing->first_cell + i].permission);

                width = own > width && own <= WORD_WIDTH_MAX ? own : width;
        }
        for (size_t i = 0; i < thing->n_permissions; i++) {
                const AccessCell *cell = &printer->matrix->cells[thing->first_cell + i];

                text_append(printer->text, "  ");
                append_padded(printer->text, cell->permission, width + CELL_GAP);
                print_answer(printer, cell);
        }
        text_append(printer->text, "\n");
}

/* Remarks */

static void print_remarks(const Printer *printer, const char *title, const char *colour,
                          const AccessRemarks *remarks) {
        if (remarks->n == 0)
                return;
        append_coloured(printer, colour, title);
        text_append(printer->text, "\n");
        for (size_t i = 0; i < remarks->n; i++) {
                const AccessVerdict *verdict = &remarks->items[i].verdict;

                visible_appendf(printer->text, "  %s", verdict->message);
                if (verdict->place.line)
                        visible_append_line(printer->text, " (%s:%u)", verdict->place.file,
                                        verdict->place.line);
                if (verdict->n_path == 0)
                        continue;
                text_append(printer->text, "      ");
                append_path(printer->text, verdict->path, verdict->n_path);
                text_append(printer->text, "\n");
        }
        text_append(printer->text, "\n");
}

void access_table_tell_seen(const AccessTable *table, Text *text) {
        char time[CLOCK_TEXT_SIZE];

        visible_appendf(text, "%s as pass %s saw it at %s", table->project, table->seen.pass,
                        clock_format(table->seen.wall, time));
        if (table->seen.confirmed)
                text_appendf(text, ", the last one to see it so at %s", clock_format(table->seen.confirmed, time));
        text_append(text, "; ");
        if (table->seen.until)
                text_appendf(text, "another one saw it otherwise at %s", clock_format(table->seen.until, time));
        else
                text_append(text, "none has seen it otherwise since");
}

static void print_seen(const AccessTable *table, Text *text) {
        if (!table->seen.pass)
                return;
        access_table_tell_seen(table, text);
        text_append(text, "\n\n");
}

void access_matrix_print_text(const AccessMatrix *matrix, AccessColour colour, Text *text) {
        const Printer printer = {matrix, colour, text};

        for (size_t i = 0; i < matrix->n_tables; i++) {
                print_seen(&matrix->tables[i], text);
                if (matrix->is_explanation)
                        print_explanation(&printer, &matrix->tables[i]);
                else
                        print_table(&printer, &matrix->tables[i]);
        }
        if (matrix->n_left_out > 0)
                text_appendf(
                        text,
                        "%zu more cells are left out; --project, --team and --at narrow the question\n\n",
                        matrix->n_left_out);
        print_remarks(&printer, "not known", YELLOW, &matrix->unknown);
        print_remarks(&printer, "members by another way", YELLOW, &matrix->members);
        print_remarks(&printer, "entries that are never changed", YELLOW, &matrix->exempt);
        print_remarks(&printer, "broken", RED, &matrix->broken);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* FiguresHtml: figures as a page, each plot with a table of the same. */
#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/plot.h"
#include "common/model/desired.h"
#include "daemon/figures_inside.h"

enum {
        ROWS_MAX = 20, /* teams in the plot; the table has all */
};

#define PAGE_STYLE                                                                                            \
        "body{font:16px/1.4 sans-serif;color:#111;background:#fff;margin:1em auto;max-width:75em;padding:0 1em}" \
        "h1{font-size:1.5em}h2{font-size:1.2em}"

static const char figures_style[] =
        ".figures table{border-collapse:collapse;font-size:0.85em}"
        ".figures th,.figures td{border:1px solid #bbb;padding:0.2em 0.5em;text-align:right;white-space:nowrap}"
        ".figures th[scope=row],.figures thead th:first-child{text-align:left}"
        ".figures tr.project th,.figures tr.project td{font-weight:bold}"
        ".figures tr.team th{padding-left:1.5em;font-weight:normal}"
        ".figures div.wide{overflow-x:auto}"
        "@media print{.figures table{font-size:0.6em}.figures div.wide{overflow:visible}}";

void figures_append_style(Text *text) {
        text_append(text, plot_style());
        text_append(text, figures_style);
}

/* --- tables --------------------------------------------------------------------------------------------------------- */

static void write_cell(HtmlWriter *writer, const char *element, const char *scope, const char *piece) {
        html_open(writer, element);
        html_attribute(writer, "scope", scope);
        html_text(writer, piece);
        html_close(writer);
}

static void write_row(HtmlWriter *writer, const Figures *figures, const FiguresRow *row, FiguresColumnsOf of) {
        bool is_group = of == FIGURES_OF_GROUPS;
        Text cell;

        text_init(&cell, NULL);
        figures_append_name(figures, row, &cell);
        html_open(writer, "tr");
        html_attribute(writer, "class", !is_group ? NULL : row->team ? "team" : "project");
        write_cell(writer, "th", "row", cell.data);
        for (size_t k = 0; k < figures_n_columns; k++) {
                if (!figures_has_column(&figures_columns[k], of))
                        continue;
                cell.n = 0;
                figures_columns[k].append(&cell, row);
                write_cell(writer, "td", NULL, cell.data);
        }
        html_close(writer);
        text_deinit(&cell);
}

static void begin_table(HtmlWriter *writer, const char *caption, const char *title, FiguresColumnsOf of) {
        html_open(writer, "div");
        html_attribute(writer, "class", "wide");
        html_open(writer, "table");
        html_element(writer, "caption", caption);
        html_open(writer, "thead");
        html_open(writer, "tr");
        write_cell(writer, "th", "col", title);
        for (size_t k = 0; k < figures_n_columns; k++)
                if (figures_has_column(&figures_columns[k], of))
                        write_cell(writer, "th", "col", figures_columns[k].title);
        html_close(writer);
        html_close(writer);
        html_open(writer, "tbody");
}

static void end_table(HtmlWriter *writer) {
        html_close(writer);
        html_close(writer);
        html_close(writer);
}

static void write_groups(HtmlWriter *writer, const Figures *figures) {
        size_t k = 0;

        begin_table(writer, "By project and team", "project, team", FIGURES_OF_GROUPS);
        write_row(writer, figures, &figures->all, FIGURES_OF_GROUPS);
        for (size_t i = 0; i < figures->n_projects; i++) {
                write_row(writer, figures, &figures->projects[i], FIGURES_OF_GROUPS);
                for (; k < figures->n_teams && text_equal(figures->teams[k].project, figures->projects[i].project); k++)
                        write_row(writer, figures, &figures->teams[k], FIGURES_OF_GROUPS);
        }
        end_table(writer);
}

static void write_periods(HtmlWriter *writer, const Figures *figures) {
        begin_table(writer, "By time (UTC)", figures_period_word(figures), FIGURES_OF_PERIODS);
        for (size_t i = 0; i < figures->n_periods; i++)
                write_row(writer, figures, &figures->periods[i], FIGURES_OF_PERIODS);
        end_table(writer);
}

/* --- plots ---------------------------------------------------------------------------------------------------------- */

/* Changes by how they ended, three of which can be told apart at a glance. */
enum {
        SERIES_DONE,
        SERIES_NOT_DONE,
        SERIES_FAILED,
        _SERIES_N,
};

static const char *const series_names[_SERIES_N] = {
        [SERIES_DONE] = "done",
        [SERIES_NOT_DONE] = "not done or open",
        [SERIES_FAILED] = "failed or not known",
};

typedef struct Drawing {
        Mem *mem;
        const char **labels;
        double *values[_SERIES_N];
        PlotSeries series[_SERIES_N];
        size_t n;
} Drawing;

static void begin_drawing(Drawing *drawing, size_t room) {
        *drawing = (Drawing){.mem = mem_new(NULL, char)};
        drawing->labels = mem_new_array(drawing->mem, const char *, room + 1);
        for (int i = 0; i < _SERIES_N; i++) {
                drawing->values[i] = mem_new_array(drawing->mem, double, room + 1);
                drawing->series[i] = (PlotSeries){series_names[i], drawing->values[i]};
        }
}

static void add_counts(Drawing *drawing, const char *label, const FiguresRow *row) {
        const uint64_t *ends = row->ends;

        drawing->labels[drawing->n] = label;
        drawing->values[SERIES_DONE][drawing->n] = (double)ends[FIGURES_DONE];
        drawing->values[SERIES_NOT_DONE][drawing->n] = (double)(ends[FIGURES_NOT_DONE] + ends[FIGURES_OPEN]);
        drawing->values[SERIES_FAILED][drawing->n++] =
                (double)(ends[FIGURES_FAILED] + ends[FIGURES_UNCONFIRMED] + ends[FIGURES_UNKNOWN]);
}

static const char *name_of(Mem *mem, const Figures *figures, const FiguresRow *row) {
        Text text;

        text_init(&text, mem);
        figures_append_name(figures, row, &text);
        return text.data;
}

static void draw_volume(HtmlWriter *writer, const Figures *figures) {
        const FiguresRow *most = NULL;
        Drawing drawing;

        begin_drawing(&drawing, figures->n_periods);
        for (size_t i = 0; i < figures->n_periods; i++) {
                const FiguresRow *row = &figures->periods[i];

                add_counts(&drawing, name_of(drawing.mem, figures, row), row);
                if (!most || figures_n_changes(row) > figures_n_changes(most))
                        most = row;
        }
        plot_bars(writer, &(Plot){.id = "volume",
                                  .title = mem_printf(drawing.mem, "Changes by %s", figures_period_word(figures)),
                                  .description = mem_printf(drawing.mem,
                                                            "A bar for each; the most, %" PRIu64 ", at %s. The table "
                                                            "By time has the same figures.",
                                                            figures_n_changes(most), name_of(drawing.mem, figures, most)),
                                  .labels = drawing.labels,
                                  .n_labels = drawing.n,
                                  .series = drawing.series,
                                  .n_series = _SERIES_N});
        mem_free(drawing.mem);
}

/* The ones with the most changes, as far as there is room. */
static void draw_teams(HtmlWriter *writer, const Figures *figures) {
        bool *is_drawn = mem_new_array(NULL, bool, figures->n_teams + 1);
        Drawing drawing;

        begin_drawing(&drawing, ROWS_MAX);
        while (drawing.n < ROWS_MAX && drawing.n < figures->n_teams) {
                const FiguresRow *most = NULL;

                for (size_t i = 0; i < figures->n_teams; i++)
                        if (!is_drawn[i] && (!most || figures_n_changes(&figures->teams[i]) > figures_n_changes(most)))
                                most = &figures->teams[i];
                is_drawn[most - figures->teams] = true;
                add_counts(&drawing,
                           mem_printf(drawing.mem, "%s: %s", desired_label(most->project),
                                      name_of(drawing.mem, figures, most)),
                           most);
        }
        if (drawing.n > 0)
                plot_rows(writer, &(Plot){.id = "teams",
                                          .title = figures->n_teams > ROWS_MAX ? "Changes by team, the 20 with the most"
                                                                               : "Changes by team",
                                          .description = "A bar for each team, the longest first. The table By project "
                                                         "and team has the same figures.",
                                          .labels = drawing.labels,
                                          .n_labels = drawing.n,
                                          .series = drawing.series,
                                          .n_series = _SERIES_N});
        mem_free(drawing.mem);
        mem_free(is_drawn);
}

static void draw_repairs(HtmlWriter *writer, const Figures *figures) {
        static const char *const names[_SERIES_N] = {"median", "90 % within", "longest"};
        Drawing drawing;
        Text longest;

        if (figures->all.repairs.n == 0)
                return;
        begin_drawing(&drawing, figures->n_periods);
        for (size_t i = 0; i < figures->n_periods; i++) {
                const FiguresSpread *spread = &figures->periods[i].repairs;
                const int64_t values[_SERIES_N] = {spread->median, spread->ninetieth, spread->longest};

                drawing.labels[i] = name_of(drawing.mem, figures, &figures->periods[i]);
                for (int k = 0; k < _SERIES_N; k++)
                        drawing.values[k][i] = spread->n > 0 ? (double)values[k] : PLOT_NONE;
        }
        for (int k = 0; k < _SERIES_N; k++)
                drawing.series[k].name = names[k];
        text_init(&longest, drawing.mem);
        plot_append_duration(&longest, (double)figures->all.repairs.longest);
        plot_durations(writer,
                       &(Plot){.id = "repairs",
                               .title = "Time from drift to repair, from the survey that first showed it",
                               .description = mem_printf(drawing.mem,
                                                         "Three lines over time on a scale on which ten times as long is a step; the longest of "
                                                         "all is %s. The table By time has the same figures.",
                                                         longest.data),
                               .labels = drawing.labels,
                               .n_labels = figures->n_periods,
                               .series = drawing.series,
                               .n_series = _SERIES_N});
        mem_free(drawing.mem);
}

/* --- the page ------------------------------------------------------------------------------------------------------- */

static void write_summary(HtmlWriter *writer, const Figures *figures) {
        char begin[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE];
        char *line, *rest;
        Text text;

        html_open(writer, "p");
        html_textf(writer, "From %s to %s.", clock_format(figures->begin, begin), clock_format(figures->end, end));
        html_close(writer);
        text_init(&text, NULL);
        figures_append_summary(figures, &text);
        html_open(writer, "ul");
        for (line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                html_element(writer, "li", line);
        html_close(writer);
        text_deinit(&text);
}

void figures_write(const Figures *figures, HtmlWriter *writer) {
        html_open(writer, "section");
        html_attribute(writer, "class", "figures");
        html_element(writer, "h2", "Changes");
        if (figures->n_periods == 0) {
                html_element(writer, "p", "The ledger holds nothing yet.");
        } else {
                write_summary(writer, figures);
                draw_volume(writer, figures);
                draw_repairs(writer, figures);
                write_periods(writer, figures);
                draw_teams(writer, figures);
                write_groups(writer, figures);
        }
        html_close(writer);
}

void figures_print_html(const Figures *figures, Text *text) {
        HtmlWriter writer;
        Text style;

        html_writer_init(&writer, text);
        html_write_doctype(&writer);
        html_open(&writer, "html");
        html_attribute(&writer, "lang", "en");
        html_open(&writer, "head");
        html_open(&writer, "meta");
        html_attribute(&writer, "charset", "utf-8");
        html_close(&writer);
        html_open(&writer, "meta");
        html_attribute(&writer, "name", "viewport");
        html_attribute(&writer, "content", "width=device-width");
        html_close(&writer);
        html_element(&writer, "title", "charterd: changes");
        text_init(&style, NULL);
        text_append(&style, PAGE_STYLE);
        figures_append_style(&style);
        html_open(&writer, "style");
        html_raw(&writer, style.data);
        html_close(&writer);
        text_deinit(&style);
        html_close(&writer);
        html_open(&writer, "body");
        html_open(&writer, "main");
        html_element(&writer, "h1", "What charterd changed");
        figures_write(figures, &writer);
        html_close(&writer);
        html_close(&writer);
        html_close(&writer);
        text_append(text, "\n");
}

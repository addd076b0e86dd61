/* SPDX-License-Identifier: Apache-2.0 */
/* FiguresPrint: figures as text and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/plot.h"
#include "common/base/visible.h"
#include "common/model/desired.h"
#include "daemon/figures_inside.h"

enum {
        PER_CENT = 100,
};

/* --- cells ---------------------------------------------------------------------------------------------------------- */

static void append_count(Text *text, uint64_t n) {
        if (n > 0)
                text_appendf(text, "%" PRIu64, n);
        else
                text_append(text, "-");
}

static void append_share(Text *text, double share) {
        if (share >= 0.0)
                text_appendf(text, "%.1f %%", share * PER_CENT);
        else
                text_append(text, "-");
}

static void append_duration(Text *text, const FiguresSpread *spread, int64_t ms) {
        if (spread->n > 0)
                plot_append_duration(text, (double)ms);
        else
                text_append(text, "-");
}

static void append_changes(Text *text, const FiguresRow *row) {
        append_count(text, figures_n_changes(row));
}

static void append_done(Text *text, const FiguresRow *row) {
        append_count(text, row->ends[FIGURES_DONE]);
}

static void append_not_done(Text *text, const FiguresRow *row) {
        append_count(text, row->ends[FIGURES_NOT_DONE]);
}

static void append_failed(Text *text, const FiguresRow *row) {
        append_count(text, row->ends[FIGURES_FAILED]);
}

static void append_unconfirmed(Text *text, const FiguresRow *row) {
        append_count(text, row->ends[FIGURES_UNCONFIRMED]);
}

static void append_unknown(Text *text, const FiguresRow *row) {
        append_count(text, row->ends[FIGURES_UNKNOWN]);
}

static void append_open(Text *text, const FiguresRow *row) {
        append_count(text, row->ends[FIGURES_OPEN]);
}

static void append_success(Text *text, const FiguresRow *row) {
        append_share(text, figures_success(row));
}

static void append_failure(Text *text, const FiguresRow *row) {
        append_share(text, figures_failure(row));
}

static void append_repaired(Text *text, const FiguresRow *row) {
        append_count(text, row->repairs.n);
}

static void append_median(Text *text, const FiguresRow *row) {
        append_duration(text, &row->repairs, row->repairs.median);
}

static void append_ninetieth(Text *text, const FiguresRow *row) {
        append_duration(text, &row->repairs, row->repairs.ninetieth);
}

static void append_longest(Text *text, const FiguresRow *row) {
        append_duration(text, &row->repairs, row->repairs.longest);
}

static void append_left(Text *text, const FiguresRow *row) {
        append_count(text, row->n_left);
}

static void append_passes(Text *text, const FiguresRow *row) {
        append_count(text, row->n_passes);
}

static void append_failed_passes(Text *text, const FiguresRow *row) {
        append_count(text, row->n_failed_passes);
}

const FiguresColumn figures_columns[] = {
        {"changes", FIGURES_OF_ALL, append_changes},
        {"done", FIGURES_OF_ALL, append_done},
        {"not done", FIGURES_OF_ALL, append_not_done},
        {"failed", FIGURES_OF_ALL, append_failed},
        {"unconfirmed", FIGURES_OF_ALL, append_unconfirmed},
        {"unknown", FIGURES_OF_ALL, append_unknown},
        {"open", FIGURES_OF_ALL, append_open},
        {"success", FIGURES_OF_ALL, append_success},
        {"failure", FIGURES_OF_ALL, append_failure},
        {"repaired", FIGURES_OF_ALL, append_repaired},
        {"median", FIGURES_OF_ALL, append_median},
        {"90 % within", FIGURES_OF_ALL, append_ninetieth},
        {"longest", FIGURES_OF_ALL, append_longest},
        {"left", FIGURES_OF_GROUPS, append_left},
        {"passes", FIGURES_OF_PERIODS, append_passes},
        {"failed passes", FIGURES_OF_PERIODS, append_failed_passes},
};
const size_t figures_n_columns = sizeof figures_columns / sizeof *figures_columns;

void figures_append_name(const Figures *figures, const FiguresRow *row, Text *text) {
        char time[CLOCK_TEXT_SIZE];

        if (row->begin > 0) {
                clock_format(row->begin, time);
                time[figures->period_ms < FIGURES_DAY_MS ? FIGURES_HOUR_LENGTH : CLOCK_DAY_LENGTH] = '\0';
                text_append(text, time);
        } else if (row->team) {
                visible_append(text, row->team[0] ? row->team : "(no team)");
        } else {
                visible_append(text, row->project ? desired_label(row->project) : "all");
        }
}

const char *figures_period_word(const Figures *figures) {
        static const struct {
                int64_t days;
                const char *word;
        } words[] = {{1, "day"}, {7, "week, from Monday"}, {28, "four weeks"}, {364, "52 weeks"}};

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (figures->period_ms == words[i].days * FIGURES_DAY_MS)
                        return words[i].word;
        return "hour";
}

/* --- text ----------------------------------------------------------------------------------------------------------- */

/* Rows with their cells, to find how wide the columns are. */
typedef struct Grid {
        const Figures *figures;
        FiguresColumnsOf of;
        size_t name_width;
        size_t widths[FIGURES_COLUMNS_MAX];
} Grid;

static size_t count_code_points(const char *piece) {
        size_t n = 0;

        for (; *piece; piece++)
                n += ((unsigned char)*piece & 0xc0) != 0x80;
        return n;
}

static void append_padded(Text *text, const char *piece, size_t width, bool is_right) {
        size_t n = count_code_points(piece), room = n < width ? width - n : 0;

        if (is_right)
                text_appendf(text, "%*s%s", (int)room, "", piece);
        else
                text_appendf(text, "%s%*s", piece, (int)room, "");
}

static void text_clear(Text *text) {
        text->n = 0;
        text->data[0] = '\0';
}

static void measure(Grid *grid, const FiguresRow *rows, size_t n) {
        Text cell;

        text_init(&cell, NULL);
        for (size_t i = 0; i < n; i++) {
                text_clear(&cell);
                figures_append_name(grid->figures, &rows[i], &cell);
                if (count_code_points(cell.data) > grid->name_width)
                        grid->name_width = count_code_points(cell.data);
                for (size_t k = 0; k < figures_n_columns; k++) {
                        size_t width;

                        text_clear(&cell);
                        figures_columns[k].append(&cell, &rows[i]);
                        width = strlen(cell.data);
                        grid->widths[k] = width > grid->widths[k] ? width : grid->widths[k];
                }
        }
        text_deinit(&cell);
}

static void begin_grid(Grid *grid, const Figures *figures, FiguresColumnsOf of, const char *title) {
        *grid = (Grid){.figures = figures, .of = of, .name_width = count_code_points(title)};
        for (size_t k = 0; k < figures_n_columns; k++)
                grid->widths[k] = strlen(figures_columns[k].title);
}

static void print_titles(const Grid *grid, const char *title, Text *text) {
        text_append(text, "\n");
        append_padded(text, title, grid->name_width, /* is_right= */ false);
        for (size_t k = 0; k < figures_n_columns; k++)
                if (figures_has_column(&figures_columns[k], grid->of)) {
                        text_append(text, "  ");
                        append_padded(text, figures_columns[k].title, grid->widths[k], /* is_right= */ true);
                }
        text_append(text, "\n");
}

static void print_row(const Grid *grid, const FiguresRow *row, const char *indent, Text *text) {
        Text cell;

        text_init(&cell, NULL);
        text_append(&cell, indent);
        figures_append_name(grid->figures, row, &cell);
        append_padded(text, cell.data, grid->name_width, /* is_right= */ false);
        for (size_t k = 0; k < figures_n_columns; k++) {
                if (!figures_has_column(&figures_columns[k], grid->of))
                        continue;
                text_clear(&cell);
                figures_columns[k].append(&cell, row);
                text_append(text, "  ");
                append_padded(text, cell.data, grid->widths[k], /* is_right= */ true);
        }
        text_append(text, "\n");
        text_deinit(&cell);
}

static void print_groups(const Figures *figures, Text *text) {
        const char *title = "project, team";
        const size_t indent = 2;
        size_t k = 0;
        Grid grid;

        begin_grid(&grid, figures, FIGURES_OF_GROUPS, title);
        measure(&grid, &figures->all, 1);
        measure(&grid, figures->projects, figures->n_projects);
        measure(&grid, figures->teams, figures->n_teams);
        grid.name_width += indent;
        print_titles(&grid, title, text);
        print_row(&grid, &figures->all, "", text);
        for (size_t i = 0; i < figures->n_projects; i++) {
                print_row(&grid, &figures->projects[i], "", text);
                for (; k < figures->n_teams && text_equal(figures->teams[k].project, figures->projects[i].project); k++)
                        print_row(&grid, &figures->teams[k], "  ", text);
        }
}

static void print_periods(const Figures *figures, Text *text) {
        const char *title = figures_period_word(figures);
        Grid grid;

        begin_grid(&grid, figures, FIGURES_OF_PERIODS, title);
        measure(&grid, figures->periods, figures->n_periods);
        print_titles(&grid, title, text);
        for (size_t i = 0; i < figures->n_periods; i++)
                print_row(&grid, &figures->periods[i], "", text);
}

static void append_spread(Text *text, const char *what, const FiguresSpread *spread) {
        text_appendf(text, "%s: median ", what);
        append_duration(text, spread, spread->median);
        text_append(text, ", 90 % within ");
        append_duration(text, spread, spread->ninetieth);
        text_append(text, ", longest ");
        append_duration(text, spread, spread->longest);
}

static void append_noun(Text *text, uint64_t n, const char *one, const char *more) {
        text_appendf(text, "%" PRIu64 " %s", n, n == 1 ? one : more);
}

void figures_append_summary(const Figures *figures, Text *text) {
        const FiguresRow *all = &figures->all;

        append_noun(text, figures_n_changes(all), "change", "changes");
        for (int end = 0; end < _FIGURES_END_N; end++)
                if (all->ends[end] > 0)
                        text_appendf(text, ", %" PRIu64 " %s", all->ends[end], figures_end_word((FiguresEnd)end));
        if (figures_success(all) >= 0.0) {
                text_append(text, "; of those that ended ");
                append_share(text, figures_success(all));
                text_append(text, " done, ");
                append_share(text, figures_failure(all));
                text_append(text, " failed");
        }
        text_append(text, "\n");
        append_noun(text, all->repairs.n, "drift", "drifts");
        text_appendf(text, " repaired, %" PRIu64 " not repaired yet", all->n_left);
        if (all->repairs.n > 0)
                append_spread(text, "; from the survey that first showed it", &all->repairs);
        text_append(text, "\n");
        append_noun(text, all->n_passes, "pass", "passes");
        text_appendf(text, ", %" PRIu64 " failed", all->n_failed_passes);
        if (figures->passes.n > 0)
                append_spread(text, "; how long", &figures->passes);
        text_append(text, "\n");
        if (figures->is_cut)
                text_append(text, "There is more than is kept: times are those of the newest.\n");
}

void figures_print_text(const Figures *figures, Text *text) {
        char begin[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE];

        if (figures->n_periods == 0) {
                text_append(text, "the ledger holds nothing yet\n");
                return;
        }
        text_appendf(text, "from %s to %s\n", clock_format(figures->begin, begin), clock_format(figures->end, end));
        figures_append_summary(figures, text);
        print_groups(figures, text);
        print_periods(figures, text);
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

static const char *const end_keys[_FIGURES_END_N] = {
        [FIGURES_DONE] = "done",
        [FIGURES_NOT_DONE] = "not_done",
        [FIGURES_FAILED] = "failed",
        [FIGURES_UNCONFIRMED] = "unconfirmed",
        [FIGURES_UNKNOWN] = "unknown",
        [FIGURES_OPEN] = "open",
};

static void write_time(JsonWriter *writer, const char *key, int64_t wall) {
        char time[CLOCK_TEXT_SIZE];

        json_write_text(writer, key, wall > 0 ? clock_format(wall, time) : NULL);
}

static void write_rate(JsonWriter *writer, const char *key, double share) {
        Text text;

        text_init(&text, NULL);
        text_appendf(&text, "%.4f", share);
        json_write_raw(writer, key, share >= 0.0 ? text.data : "null");
        text_deinit(&text);
}

static void write_ms(JsonWriter *writer, const char *key, const FiguresSpread *spread, int64_t ms) {
        if (spread->n > 0)
                json_write_int(writer, key, ms);
        else
                json_write_null(writer, key);
}

static void write_spread(JsonWriter *writer, const FiguresSpread *spread) {
        write_ms(writer, "median_ms", spread, spread->median);
        write_ms(writer, "ninetieth_ms", spread, spread->ninetieth);
        write_ms(writer, "longest_ms", spread, spread->longest);
}

static void write_row(JsonWriter *writer, const FiguresRow *row, FiguresColumnsOf of) {
        json_write_object(writer, "changes");
        json_write_int(writer, "total", (int64_t)figures_n_changes(row));
        for (int end = 0; end < _FIGURES_END_N; end++)
                json_write_int(writer, end_keys[end], (int64_t)row->ends[end]);
        write_rate(writer, "success_rate", figures_success(row));
        write_rate(writer, "failure_rate", figures_failure(row));
        json_write_object_end(writer);
        json_write_object(writer, "repairs");
        json_write_int(writer, "repaired", (int64_t)row->repairs.n);
        write_spread(writer, &row->repairs);
        if (of == FIGURES_OF_GROUPS)
                json_write_int(writer, "not_repaired", (int64_t)row->n_left);
        json_write_object_end(writer);
}

static void write_passes(JsonWriter *writer, const FiguresRow *row, const FiguresSpread *spread) {
        json_write_object(writer, "passes");
        json_write_int(writer, "total", (int64_t)row->n_passes);
        json_write_int(writer, "failed", (int64_t)row->n_failed_passes);
        if (spread)
                write_spread(writer, spread);
        json_write_object_end(writer);
}

static void write_groups(JsonWriter *writer, const Figures *figures) {
        size_t k = 0;

        json_write_array(writer, "projects");
        for (size_t i = 0; i < figures->n_projects; i++) {
                const FiguresRow *project = &figures->projects[i];

                json_write_object(writer, NULL);
                json_write_text(writer, "project", project->project);
                write_row(writer, project, FIGURES_OF_GROUPS);
                json_write_array(writer, "teams");
                for (; k < figures->n_teams && text_equal(figures->teams[k].project, project->project); k++) {
                        json_write_object(writer, NULL);
                        json_write_text(writer, "team", figures->teams[k].team[0] ? figures->teams[k].team : NULL);
                        write_row(writer, &figures->teams[k], FIGURES_OF_GROUPS);
                        json_write_object_end(writer);
                }
                json_write_array_end(writer);
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
}

void figures_print_json(const Figures *figures, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 2);
        json_write_object(&writer, NULL);
        write_time(&writer, "begin", figures->begin);
        write_time(&writer, "end", figures->end);
        json_write_bool(&writer, "newest_times_alone", figures->is_cut);
        write_row(&writer, &figures->all, FIGURES_OF_GROUPS);
        write_passes(&writer, &figures->all, &figures->passes);
        write_groups(&writer, figures);
        json_write_array(&writer, "periods");
        for (size_t i = 0; i < figures->n_periods; i++) {
                json_write_object(&writer, NULL);
                write_time(&writer, "begin", figures->periods[i].begin);
                write_time(&writer, "end", figures->periods[i].begin + figures->period_ms);
                write_row(&writer, &figures->periods[i], FIGURES_OF_PERIODS);
                write_passes(&writer, &figures->periods[i], NULL);
                json_write_object_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        text_append(text, "\n");
}

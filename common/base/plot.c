/* SPDX-License-Identifier: Apache-2.0 */
/* Plot: values over a row of labels as SVG that needs neither colour nor sight nor a program. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "common/base/plot.h"

enum {
        WIDTH = 800,
        HEIGHT = 280,
        LEFT = 70,    /* of the values' labels */
        LEFT_ROWS = 260, /* of names */
        TOP = 34,     /* of the legend */
        BOTTOM = 34,  /* of the labels below */
        RIGHT = 10,
        LABEL_WIDTH = 110, /* of one below, with the room beside it */
        NAME_LENGTH_MAX = 36, /* characters of a name */
        ROW_HEIGHT = 24,
        TICKS_MAX = 5,
        LEGEND_WIDTH = 150,
        PATTERN_SIZE = 6,
};

/* What tells series apart without colour. */
static const struct {
        const char *colour;
        const char *strokes; /* of the pattern, a path in its square; NULL: solid */
        const char *dashes;  /* of the line */
} looks[PLOT_SERIES_MAX] = {
        {"#2e7d32", NULL, NULL},
        {"#1f4e9c", "M0 6 L6 0", "7 4"},
        {"#b3261e", "M0 0 L6 6 M0 6 L6 0", "2 3"},
        {"#6b6b6b", "M3 0 L3 6", "9 3 2 3"},
};

const char *plot_style(void) {
        return "figure.plot{margin:1em 0;max-width:60em}"
               "figure.plot svg{width:100%;height:auto;background:#fff}"
               "figure.plot text{font:12px sans-serif;fill:#111}"
               "figure.plot .axis{stroke:#777;stroke-width:1}"
               "figure.plot .grid{stroke:#ddd;stroke-width:1}"
               "figure.plot figcaption{font-size:0.9em}"
               "@media print{figure.plot{break-inside:avoid}}";
}

/* --- values --------------------------------------------------------------------------------------------------------- */

static const struct {
        double ms;
        const char *unit;
} units[] = {
        {86400000.0, "d"}, {3600000.0, "h"}, {60000.0, "min"}, {1000.0, "s"}, {1.0, "ms"},
};

void plot_append_duration(Text *text, double ms) {
        size_t i = 0;

        while (i + 1 < sizeof units / sizeof *units && ms < units[i].ms)
                i++;
        ms /= units[i].ms;
        if (ms < 10.0 && i + 1 < sizeof units / sizeof *units && fabs(ms - round(ms)) >= 0.05)
                text_appendf(text, "%.1f %s", ms, units[i].unit);
        else
                text_appendf(text, "%.0f %s", ms, units[i].unit);
}

static double sum_at(const Plot *plot, size_t label) {
        double sum = 0.0;

        for (size_t i = 0; i < plot->n_series; i++)
                sum += plot->series[i].values[label] > 0.0 ? plot->series[i].values[label] : 0.0;
        return sum;
}

static double highest_sum(const Plot *plot) {
        double highest = 0.0;

        for (size_t i = 0; i < plot->n_labels; i++)
                highest = fmax(highest, sum_at(plot, i));
        return highest;
}

/* 1, 2 or 5 times a power of ten, so that few of them reach it. */
static double step_of(double highest) {
        double step = 1.0;

        while (highest / step > TICKS_MAX) {
                double power = pow(10.0, floor(log10(step)));

                step = step / power < 1.5 ? 2.0 * power : step / power < 3.0 ? 5.0 * power : 10.0 * power;
        }
        return step;
}

/* --- parts ---------------------------------------------------------------------------------------------------------- */

static void write_text(HtmlWriter *writer, double x, double y, const char *anchor, const char *piece) {
        html_open(writer, "text");
        html_attributef(writer, "x", "%.1f", x);
        html_attributef(writer, "y", "%.1f", y);
        html_attribute(writer, "text-anchor", anchor);
        html_text(writer, piece);
        html_close(writer);
}

static void write_line(HtmlWriter *writer, const char *class, double x1, double y1, double x2, double y2) {
        html_open(writer, "line");
        html_attribute(writer, "class", class);
        html_attributef(writer, "x1", "%.1f", x1);
        html_attributef(writer, "y1", "%.1f", y1);
        html_attributef(writer, "x2", "%.1f", x2);
        html_attributef(writer, "y2", "%.1f", y2);
        html_close(writer);
}

/* A rectangle filled as the series is. */
static void write_block(HtmlWriter *writer, const Plot *plot, size_t series, const double at[4]) {
        static const char *const names[] = {"x", "y", "width", "height"};

        html_open(writer, "rect");
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                html_attributef(writer, names[i], "%.1f", at[i]);
        html_attribute(writer, "stroke", looks[series].colour);
        if (looks[series].strokes)
                html_attributef(writer, "fill", "url(#%s-pattern-%zu)", plot->id, series);
        else
                html_attribute(writer, "fill", looks[series].colour);
        html_close(writer);
}

static void write_pattern(HtmlWriter *writer, const Plot *plot, size_t series) {
        if (!looks[series].strokes)
                return;
        html_open(writer, "pattern");
        html_attributef(writer, "id", "%s-pattern-%zu", plot->id, series);
        html_attribute(writer, "patternUnits", "userSpaceOnUse");
        html_attributef(writer, "width", "%d", PATTERN_SIZE);
        html_attributef(writer, "height", "%d", PATTERN_SIZE);
        html_open(writer, "path");
        html_attribute(writer, "d", looks[series].strokes);
        html_attribute(writer, "stroke", looks[series].colour);
        html_attribute(writer, "fill", "none");
        html_close(writer);
        html_close(writer);
}

static void begin_plot(HtmlWriter *writer, const Plot *plot, int height) {
        assert(plot->n_series <= PLOT_SERIES_MAX);
        html_open(writer, "figure");
        html_attribute(writer, "class", "plot");
        html_open(writer, "svg");
        html_attribute(writer, "xmlns", "http://www.w3.org/2000/svg");
        html_attributef(writer, "viewBox", "0 0 %d %d", WIDTH, height);
        html_attribute(writer, "role", "img");
        html_attributef(writer, "aria-labelledby", "%s-title %s-description", plot->id, plot->id);
        html_open(writer, "title");
        html_attributef(writer, "id", "%s-title", plot->id);
        html_text(writer, plot->title);
        html_close(writer);
        html_open(writer, "desc");
        html_attributef(writer, "id", "%s-description", plot->id);
        html_text(writer, plot->description);
        html_close(writer);
        html_open(writer, "defs");
        for (size_t i = 0; i < plot->n_series; i++)
                write_pattern(writer, plot, i);
        html_close(writer);
}

static void end_plot(HtmlWriter *writer, const Plot *plot) {
        html_close(writer);
        html_element(writer, "figcaption", plot->title);
        html_close(writer);
}

static void write_legend_of_blocks(HtmlWriter *writer, const Plot *plot, double left) {
        for (size_t i = 0; i < plot->n_series; i++) {
                double x = left + (double)i * LEGEND_WIDTH;

                write_block(writer, plot, i, (const double[]){x, 6.0, 14.0, 14.0});
                write_text(writer, x + 20.0, 18.0, "start", plot->series[i].name);
        }
}

/* As many as there is room for. */
static void write_labels(HtmlWriter *writer, const Plot *plot, double step) {
        size_t every = (size_t)ceil(LABEL_WIDTH / step);

        for (size_t i = 0; i < plot->n_labels; i += every > 0 ? every : 1)
                write_text(writer, fmin(LEFT + ((double)i + 0.5) * step, WIDTH - LABEL_WIDTH / 2), HEIGHT - BOTTOM + 18,
                           "middle", plot->labels[i]);
}

/* --- bars ----------------------------------------------------------------------------------------------------------- */

static void write_counts(HtmlWriter *writer, double highest, double scale) {
        double step = step_of(highest);

        for (double value = 0.0; value <= highest; value += step) {
                double y = HEIGHT - BOTTOM - value * scale;
                Text text;

                text_init(&text, NULL);
                text_appendf(&text, "%.0f", value);
                write_line(writer, value > 0.0 ? "grid" : "axis", LEFT, y, WIDTH - RIGHT, y);
                write_text(writer, LEFT - 6, y + 4.0, "end", text.data);
                text_deinit(&text);
        }
}

void plot_bars(HtmlWriter *writer, const Plot *plot) {
        double highest = fmax(highest_sum(plot), 1.0), scale = (HEIGHT - TOP - BOTTOM) / highest;
        double step = (double)(WIDTH - LEFT - RIGHT) / (double)(plot->n_labels ? plot->n_labels : 1);

        begin_plot(writer, plot, HEIGHT);
        write_legend_of_blocks(writer, plot, LEFT);
        write_counts(writer, highest, scale);
        for (size_t i = 0; i < plot->n_labels; i++) {
                double y = HEIGHT - BOTTOM;

                for (size_t k = 0; k < plot->n_series; k++) {
                        double height = plot->series[k].values[i] * scale;

                        if (plot->series[k].values[i] <= 0.0)
                                continue;
                        y -= height;
                        write_block(writer, plot, k, (const double[]){LEFT + (double)i * step + 0.1 * step, y, 0.8 * step, height});
                }
        }
        write_labels(writer, plot, step);
        end_plot(writer, plot);
}

/* A name that is too long ends in three dots. */
static void write_name(HtmlWriter *writer, double y, const char *name) {
        Mem *mem = mem_new(NULL, char);
        const char *at = name;
        size_t n = 0, n_code_points = 0, length = 0;

        while (at[n] && n_code_points < NAME_LENGTH_MAX) {
                (void)text_code_point(at + n, strlen(at + n), &length);
                n += length;
                n_code_points++;
        }
        write_text(writer, LEFT_ROWS - 8, y, "end",
                   at[n] ? mem_printf(mem, "%s...", mem_strndup(mem, name, n)) : name);
        mem_free(mem);
}

void plot_rows(HtmlWriter *writer, const Plot *plot) {
        double highest = fmax(highest_sum(plot), 1.0), scale = (WIDTH - LEFT_ROWS - LEFT - RIGHT) / highest;

        begin_plot(writer, plot, TOP + (int)plot->n_labels * ROW_HEIGHT + 6);
        write_legend_of_blocks(writer, plot, LEFT_ROWS);
        for (size_t i = 0; i < plot->n_labels; i++) {
                double x = LEFT_ROWS, y = TOP + (double)i * ROW_HEIGHT;
                Text text;

                write_name(writer, y + 16.0, plot->labels[i]);
                for (size_t k = 0; k < plot->n_series; k++) {
                        double width = plot->series[k].values[i] * scale;

                        if (plot->series[k].values[i] <= 0.0)
                                continue;
                        write_block(writer, plot, k, (const double[]){x, y + 3.0, width, ROW_HEIGHT - 6.0});
                        x += width;
                }
                text_init(&text, NULL);
                text_appendf(&text, "%.0f", sum_at(plot, i));
                write_text(writer, x + 6.0, y + 16.0, "start", text.data);
                text_deinit(&text);
        }
        write_line(writer, "axis", LEFT_ROWS, TOP, LEFT_ROWS, TOP + (double)plot->n_labels * ROW_HEIGHT);
        end_plot(writer, plot);
}

/* --- durations ------------------------------------------------------------------------------------------------------ */

/* About a factor of ten from one to the next. */
static const double ticks[] = {1.0,     10.0,     100.0,     1000.0,     10000.0,     60000.0,
                               600000.0, 3600000.0, 36000000.0, 86400000.0, 864000000.0, 8640000000.0};
enum { N_TICKS = sizeof ticks / sizeof *ticks };

/* Ticks around all values. */
typedef struct Scale {
        size_t low, high;
} Scale;

static Scale scale_of(const Plot *plot) {
        double least = INFINITY, greatest = 0.0;
        Scale scale = {0, N_TICKS - 1};

        for (size_t k = 0; k < plot->n_series; k++)
                for (size_t i = 0; i < plot->n_labels; i++)
                        if (plot->series[k].values[i] >= 0.0) {
                                least = fmin(least, plot->series[k].values[i]);
                                greatest = fmax(greatest, plot->series[k].values[i]);
                        }
        while (scale.high > 1 && ticks[scale.high - 1] >= greatest)
                scale.high--;
        while (scale.low + 1 < scale.high && ticks[scale.low + 1] <= least)
                scale.low++;
        return scale;
}

/* What is beyond the ticks is drawn at the last one. */
static double y_of(const Scale *scale, double ms) {
        double low = log10(ticks[scale->low]), high = log10(ticks[scale->high]);
        double at = log10(fmin(fmax(ms, ticks[scale->low]), ticks[scale->high]));

        return HEIGHT - BOTTOM - (at - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
}

static void write_scale(HtmlWriter *writer, const Scale *scale) {
        for (size_t i = scale->low; i <= scale->high; i++) {
                double y = y_of(scale, ticks[i]);
                Text text;

                text_init(&text, NULL);
                plot_append_duration(&text, ticks[i]);
                write_line(writer, i > scale->low ? "grid" : "axis", LEFT, y, WIDTH - RIGHT, y);
                write_text(writer, LEFT - 6, y + 4.0, "end", text.data);
                text_deinit(&text);
        }
}

/* From the middle of the mark. */
static const char *const marks[PLOT_SERIES_MAX] = {
        "m-4 0 a4 4 0 1 0 8 0 a4 4 0 1 0 -8 0 z",
        "m-4 -4 h8 v8 h-8 z",
        "m0 -5 l5 5 l-5 5 l-5 -5 z",
        "m0 -5 l5 9 h-10 z",
};

static void write_mark(HtmlWriter *writer, size_t series, double x, double y) {
        html_open(writer, "path");
        html_attributef(writer, "d", "M%.1f %.1f %s", x, y, marks[series]);
        html_attribute(writer, "fill", looks[series].colour);
        html_close(writer);
}

static void write_stroke(HtmlWriter *writer, size_t series, const char *path) {
        html_open(writer, "path");
        html_attribute(writer, "d", path);
        html_attribute(writer, "fill", "none");
        html_attribute(writer, "stroke", looks[series].colour);
        html_attribute(writer, "stroke-width", "2");
        html_attribute(writer, "stroke-dasharray", looks[series].dashes);
        html_close(writer);
}

/* Where there is no value the line is broken. */
static void write_series(HtmlWriter *writer, const Plot *plot, const Scale *scale, size_t series, double step) {
        const double *values = plot->series[series].values;
        Text path;

        text_init(&path, NULL);
        for (size_t i = 0; i < plot->n_labels; i++)
                if (values[i] >= 0.0)
                        text_appendf(&path, "%s%.1f %.1f ", i > 0 && values[i - 1] >= 0.0 ? "L" : "M",
                                     LEFT + ((double)i + 0.5) * step, y_of(scale, values[i]));
        if (path.n > 0)
                write_stroke(writer, series, path.data);
        text_deinit(&path);
        for (size_t i = 0; i < plot->n_labels; i++)
                if (values[i] >= 0.0)
                        write_mark(writer, series, LEFT + ((double)i + 0.5) * step, y_of(scale, values[i]));
}

static void write_legend_of_lines(HtmlWriter *writer, const Plot *plot) {
        for (size_t i = 0; i < plot->n_series; i++) {
                double x = LEFT + (double)i * LEGEND_WIDTH;
                Text path;

                text_init(&path, NULL);
                text_appendf(&path, "M%.1f 13.0 h28", x);
                write_stroke(writer, i, path.data);
                text_deinit(&path);
                write_mark(writer, i, x + 14.0, 13.0);
                write_text(writer, x + 34.0, 18.0, "start", plot->series[i].name);
        }
}

void plot_durations(HtmlWriter *writer, const Plot *plot) {
        double step = (double)(WIDTH - LEFT - RIGHT) / (double)(plot->n_labels ? plot->n_labels : 1);
        Scale scale = scale_of(plot);

        begin_plot(writer, plot, HEIGHT);
        write_legend_of_lines(writer, plot);
        write_scale(writer, &scale);
        for (size_t k = 0; k < plot->n_series; k++)
                write_series(writer, plot, &scale, k, step);
        write_labels(writer, plot, step);
        end_plot(writer, plot);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Plot: values over a row of labels as SVG that needs neither colour nor sight nor a program. */
#pragma once

#include "common/base/html.h"

enum {
        PLOT_SERIES_MAX = 4, /* that can be told apart */
};

/* A value that there is none of. */
#define PLOT_NONE (-1.0)

/* As many values as the plot has labels; none is negative but PLOT_NONE. */
typedef struct PlotSeries {
        const char *name;
        const double *values;
} PlotSeries;

typedef struct Plot {
        const char *id;          /* its own in the page, a constant: letters and dashes */
        const char *title;       /* for people, and for who has it read to them */
        const char *description; /* what it shows, with its greatest value: a sentence or two */
        const char *const *labels;
        size_t n_labels;
        const PlotSeries *series;
        size_t n_series;
} Plot;

/* A bar a label, the series one on the other, each with its own pattern; counts. */
void plot_bars(HtmlWriter *writer, const Plot *plot);
/* The same lying, for labels that are names. */
void plot_rows(HtmlWriter *writer, const Plot *plot);
/* A line a series with its own marks, on a scale on which ten times as long is a step; milliseconds. */
void plot_durations(HtmlWriter *writer, const Plot *plot);
/* What a page's `style` needs for them. */
const char *plot_style(void);

/* `850 ms`, `2.5 s`, `4 min`, `3.2 h`, `12 d`. */
void plot_append_duration(Text *text, double ms);

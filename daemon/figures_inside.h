/* SPDX-License-Identifier: Apache-2.0 */
/* FiguresInside: what the printers of figures share. */
#pragma once

#include "daemon/figures.h"

enum {
        FIGURES_DAY_MS = 24 * 60 * 60 * 1000,
        FIGURES_HOUR_LENGTH = 16, /* of 2026-04-01T09:00 */
        FIGURES_COLUMNS_MAX = 16,
};

typedef enum FiguresColumnsOf {
        FIGURES_OF_ALL,
        FIGURES_OF_GROUPS,  /* projects and teams alone */
        FIGURES_OF_PERIODS, /* periods alone */
} FiguresColumnsOf;

typedef struct FiguresColumn {
        const char *title;
        FiguresColumnsOf of;
        void (*append)(Text *text, const FiguresRow *row); /* ASCII; `-` where there is nothing */
} FiguresColumn;

extern const FiguresColumn figures_columns[];
extern const size_t figures_n_columns;

static inline bool figures_has_column(const FiguresColumn *column, FiguresColumnsOf of) {
        return column->of == FIGURES_OF_ALL || column->of == of;
}

/* What a row is of, as people see it. */
void figures_append_name(const Figures *figures, const FiguresRow *row, Text *text);
/* `day`: what a period is. */
const char *figures_period_word(const Figures *figures);
/* The figures of all in three sentences, one a line. */
void figures_append_summary(const Figures *figures, Text *text);

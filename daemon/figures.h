/* SPDX-License-Identifier: Apache-2.0 */
/* Figures: how much was changed, how it ended, how long drifts stayed, counted from a ledger. */
#pragma once

#include "common/base/html.h"
#include "common/base/text.h"

enum {
        FIGURES_PERIODS_MAX = 62,
        FIGURES_TEAMS_MAX = 20 * 1000,     /* more are counted together */
        FIGURES_REPAIRS_MAX = 256 * 1024,  /* times to repair that are kept: the newest */
        FIGURES_PASSES_MAX = 256 * 1024,   /* durations of passes, the same */
        FIGURES_LEFT_MAX = 64 * 1024,      /* drifts that are not repaired yet */
};

/* How changes ended, as the ledger has it. */
typedef enum FiguresEnd {
        FIGURES_DONE,
        FIGURES_NOT_DONE,
        FIGURES_FAILED,
        FIGURES_UNCONFIRMED,
        FIGURES_UNKNOWN,
        FIGURES_OPEN, /* not ended */
        _FIGURES_END_N,
} FiguresEnd;

/* Of durations in milliseconds, by the nearest rank: the least one that so many are not longer than. */
typedef struct FiguresSpread {
        uint64_t n;
        int64_t median, ninetieth, longest; /* when n > 0 */
} FiguresSpread;

typedef struct FiguresRow {
        const char *project; /* NULL: of all */
        const char *team;    /* NULL: of all of the project; "": of things and principals of no team */
        int64_t begin;       /* of a period, wall ms; else 0 */
        uint64_t ends[_FIGURES_END_N];
        FiguresSpread repairs; /* from the survey that first showed a drift to the outcome that repaired it */
        uint64_t n_left;       /* drifts of whenever that are not repaired now */
        uint64_t n_passes, n_failed_passes; /* of periods and of all */
} FiguresRow;

typedef struct Figures {
        int64_t begin, end; /* wall ms; begin is 0 when there is nothing */
        int64_t period_ms;
        FiguresRow all;
        FiguresSpread passes; /* how long they took */
        FiguresRow *projects; /* by name */
        size_t n_projects;
        FiguresRow *teams; /* by project, name */
        size_t n_teams;
        FiguresRow *periods;
        size_t n_periods;
        bool is_cut; /* some durations are the newest alone, or some drifts left are not counted */
} Figures;

typedef struct FiguresSpec {
        const char *directory; /* of the ledger */
        const char *project;   /* or NULL: all */
        int64_t since;         /* wall ms; 0: from the first record */
        int64_t now;
} FiguresSpec;

/* Reads the ledger, all its files; takes no lock, may be called on any thread. Below parent. 0, or negative with
 * *reasonp. */
int figures_read(Mem *parent, const FiguresSpec *spec, Figures **figuresp, const char **reasonp);

/* Changes that ended, and how large a part of them was done, or failed (failed, unconfirmed, unknown); -1: none ended. */
uint64_t figures_n_changes(const FiguresRow *row);
double figures_success(const FiguresRow *row);
double figures_failure(const FiguresRow *row);
/* `done`, `not done`, … */
const char *figures_end_word(FiguresEnd end);

void figures_print_text(const Figures *figures, Text *text);
void figures_print_json(const Figures *figures, Text *text);
/* A page of its own. */
void figures_print_html(const Figures *figures, Text *text);
/* What of it can stand in another page; its style goes into that page's. */
void figures_write(const Figures *figures, HtmlWriter *writer);
void figures_append_style(Text *text);

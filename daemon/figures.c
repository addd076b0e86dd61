/* SPDX-License-Identifier: Apache-2.0 */
/* Figures: how much was changed, how it ended, how long drifts stayed, counted from a ledger. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/model/table.h"
#include "daemon/engine/account.h"
#include "daemon/figures.h"

enum {
        HASH_FACTOR = 31,
};
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define WEEK_START (4 * DAY_MS) /* 1970-01-05 was a Monday */

#define OTHER_TEAMS "(other teams)"

/* The first of which no more than FIGURES_PERIODS_MAX are needed; what is before the last ones goes into the first. */
static const int64_t period_sizes[] = {HOUR_MS, DAY_MS, 7 * DAY_MS, 28 * DAY_MS, 364 * DAY_MS};

typedef struct RepairTime {
        uint32_t team;
        uint32_t period;
        int64_t ms;
} RepairTime;

/* A drift that a pass left. */
typedef struct Left {
        uint64_t key;
        uint32_t team;
} Left;

typedef struct Counting {
        const FiguresSpec *spec;
        Figures *figures;
        Mem *mem; /* goes at the end */
        Table index; /* of teams */
        RepairTime *repairs; /* the newest: a ring */
        uint64_t n_repairs;
        int64_t *passes;
        uint64_t n_passes;
        Left *left;
        size_t n_left;
} Counting;

static const char *const end_words[_FIGURES_END_N] = {
        [FIGURES_DONE] = "done",     [FIGURES_NOT_DONE] = "not done", [FIGURES_FAILED] = "failed",
        [FIGURES_UNCONFIRMED] = "unconfirmed", [FIGURES_UNKNOWN] = "unknown", [FIGURES_OPEN] = "open",
};

const char *figures_end_word(FiguresEnd end) {
        return end_words[end];
}

static FiguresEnd end_of_result(const char *result) {
        for (int end = 0; result && end < _FIGURES_END_N; end++)
                if (strcmp(end_words[end], result) == 0)
                        return (FiguresEnd)end;
        return result ? FIGURES_UNKNOWN : FIGURES_OPEN;
}

static uint64_t n_ended(const FiguresRow *row) {
        return figures_n_changes(row) - row->ends[FIGURES_OPEN];
}

uint64_t figures_n_changes(const FiguresRow *row) {
        uint64_t n = 0;

        for (int end = 0; end < _FIGURES_END_N; end++)
                n += row->ends[end];
        return n;
}

double figures_success(const FiguresRow *row) {
        uint64_t n = n_ended(row);

        return n > 0 ? (double)row->ends[FIGURES_DONE] / (double)n : -1.0;
}

double figures_failure(const FiguresRow *row) {
        uint64_t n = n_ended(row);

        return n > 0 ? (double)(row->ends[FIGURES_FAILED] + row->ends[FIGURES_UNCONFIRMED] + row->ends[FIGURES_UNKNOWN]) /
                               (double)n
                     : -1.0;
}

/* --- periods -------------------------------------------------------------------------------------------------------- */

static int64_t period_of(int64_t wall, int64_t size) {
        int64_t start = size % (7 * DAY_MS) == 0 ? WEEK_START : 0;
        int64_t n = (wall - start) / size - ((wall - start) % size < 0);

        return start + n * size;
}

/* From the first record of the ledger on, or from when it was asked for. */
static void begin_periods(Counting *counting, int64_t first) {
        Figures *figures = counting->figures;
        int64_t begin = counting->spec->since > first ? counting->spec->since : first, size, start;
        size_t i = 0;

        if (begin > figures->end)
                begin = figures->end;
        do {
                size = period_sizes[i];
                start = period_of(begin, size);
        } while ((figures->end - start) / size >= FIGURES_PERIODS_MAX && ++i < sizeof period_sizes / sizeof *period_sizes);
        if ((figures->end - start) / size >= FIGURES_PERIODS_MAX)
                start = period_of(figures->end, size) - (FIGURES_PERIODS_MAX - 1) * size;
        figures->begin = begin;
        figures->period_ms = size;
        figures->n_periods = (size_t)((figures->end - start) / size) + 1;
        figures->periods = mem_new_array(figures, FiguresRow, figures->n_periods);
        for (size_t k = 0; k < figures->n_periods; k++)
                figures->periods[k].begin = start + (int64_t)k * size;
}

static uint32_t find_period(const Figures *figures, int64_t wall) {
        int64_t n = (wall - figures->periods[0].begin) / figures->period_ms;

        if (n < 0)
                return 0;
        return n < (int64_t)figures->n_periods ? (uint32_t)n : (uint32_t)figures->n_periods - 1;
}

/* --- teams ---------------------------------------------------------------------------------------------------------- */

static uint32_t find_team(const Counting *counting, uint64_t hash, const char *project, const char *team) {
        TableCursor cursor = table_find(&counting->index, hash);
        uint32_t number;

        while ((number = table_next(&counting->index, &cursor)) != TABLE_NONE) {
                const FiguresRow *row = &counting->figures->teams[number];

                if (text_equal(row->project, project) && text_equal(row->team, team))
                        return number;
        }
        return TABLE_NONE;
}

static uint32_t team_of(Counting *counting, const char *project, const char *team) {
        Figures *figures = counting->figures;
        uint64_t hash;
        uint32_t number;

        if (figures->n_teams >= FIGURES_TEAMS_MAX)
                project = team = OTHER_TEAMS;
        hash = text_hash(project) * HASH_FACTOR + text_hash(team);
        number = find_team(counting, hash, project, team);
        if (number != TABLE_NONE)
                return number;
        table_add(&counting->index, hash, (uint32_t)figures->n_teams);
        *mem_push(figures, figures->teams, figures->n_teams) =
                (FiguresRow){.project = mem_strdup(figures, project), .team = mem_strdup(figures, team)};
        return (uint32_t)figures->n_teams - 1;
}

/* TABLE_NONE: it is not asked for. */
static uint32_t team_of_record(Counting *counting, const JsonNode *record) {
        const char *project = json_get_text(record, "project"), *team = json_get_text(record, "team");

        if (!project)
                project = "";
        if (counting->spec->project && !text_equal(counting->spec->project, project))
                return TABLE_NONE;
        return team_of(counting, project, team ? team : "");
}

/* --- records -------------------------------------------------------------------------------------------------------- */

static int64_t time_of(const JsonNode *record, const char *key) {
        const char *time = json_get_text(record, key);
        int64_t wall = 0;

        return time && clock_parse(&wall, time) == 0 ? wall : 0;
}

static void add_repair(Counting *counting, const RepairTime *repair) {
        if (counting->n_repairs < FIGURES_REPAIRS_MAX)
                *mem_push(counting->mem, counting->repairs, counting->n_repairs) = *repair;
        else
                counting->repairs[counting->n_repairs++ % FIGURES_REPAIRS_MAX] = *repair;
}

static void add_pass(Counting *counting, int64_t took) {
        if (counting->n_passes < FIGURES_PASSES_MAX)
                *mem_push(counting->mem, counting->passes, counting->n_passes) = took;
        else
                counting->passes[counting->n_passes++ % FIGURES_PASSES_MAX] = took;
}

static int on_change(void *context, const AccountChange *change) {
        Counting *counting = context;
        Figures *figures = counting->figures;
        const char *origin = json_get_text(change->intent, "origin");
        int64_t wall = time_of(change->intent, "time"), seen = time_of(change->intent, "seen");
        int64_t ended = time_of(change->outcome, "time");
        FiguresEnd end = end_of_result(json_get_text(change->outcome, "result"));
        uint32_t team, period;

        if (wall < counting->spec->since)
                return 0;
        team = team_of_record(counting, change->intent);
        if (team == TABLE_NONE)
                return 0;
        period = find_period(figures, wall);
        figures->teams[team].ends[end]++;
        figures->periods[period].ends[end]++;
        if (end == FIGURES_DONE && seen > 0 && origin && strcmp(origin, "drift") == 0)
                add_repair(counting, &(RepairTime){team, period, ended > seen ? ended - seen : 0});
        return 0;
}

static bool is_of_pass(const Counting *counting, const JsonNode *record) {
        const char *project = json_get_text(record, "project");

        return !counting->spec->project || !project || text_equal(counting->spec->project, project);
}

static void take_pass(Counting *counting, const JsonNode *record) {
        Figures *figures = counting->figures;
        int64_t wall = time_of(record, "time"), begin = time_of(record, "begin");
        FiguresRow *rows[2];

        if (wall < counting->spec->since || !is_of_pass(counting, record))
                return;
        rows[0] = &figures->all;
        rows[1] = &figures->periods[find_period(figures, wall)];
        for (size_t i = 0; i < 2; i++) {
                rows[i]->n_passes++;
                rows[i]->n_failed_passes += json_get_text(record, "error") != NULL;
        }
        if (begin == 0)
                return;
        add_pass(counting, wall > begin ? wall - begin : 0);
}

static uint64_t key_of(const JsonNode *record, const char *step) {
        const char *organization = json_get_text(record, "organization");

        return text_hash(organization ? organization : "") * HASH_FACTOR + text_hash(step);
}

static void forget_left(Counting *counting, uint64_t key) {
        for (size_t i = 0; i < counting->n_left; i++)
                if (counting->left[i].key == key) {
                        counting->left[i] = counting->left[--counting->n_left];
                        return;
                }
}

static void add_left(Counting *counting, uint64_t key, const JsonNode *step) {
        const char *origin = json_get_text(step, "origin");
        uint32_t team;

        forget_left(counting, key);
        if (!origin || strcmp(origin, "drift") != 0)
                return;
        team = team_of_record(counting, step);
        if (team == TABLE_NONE)
                return;
        if (counting->n_left < FIGURES_LEFT_MAX)
                *mem_push(counting->mem, counting->left, counting->n_left) = (Left){key, team};
        else
                counting->figures->is_cut = true;
}

static void take_sight(Counting *counting, const JsonNode *record) {
        json_each(step, json_get(record, "went")) {
                const char *id = json_value_text(step);

                if (id)
                        forget_left(counting, key_of(record, id));
        }
        json_each(step, json_get(record, "came")) {
                const char *id = json_get_text(step, "step");

                if (id)
                        add_left(counting, key_of(record, id), step);
        }
}

static int on_record(void *context, const JsonNode *record) {
        Counting *counting = context;
        const char *name = json_get_text(record, "record");

        if (counting->figures->n_periods == 0)
                begin_periods(counting, time_of(record, "time"));
        if (name && strcmp(name, "pass") == 0)
                take_pass(counting, record);
        else if (name && strcmp(name, "sight") == 0)
                take_sight(counting, record);
        return 0;
}

/* --- the end -------------------------------------------------------------------------------------------------------- */

static int compare_numbers(const void *a_, const void *b_) {
        const int64_t *a = a_, *b = b_;

        return (*a > *b) - (*a < *b);
}

/* Sorts them. */
static FiguresSpread spread_of(int64_t *values, size_t n) {
        if (n == 0)
                return (FiguresSpread){0};
        qsort(values, n, sizeof *values, compare_numbers);
        return (FiguresSpread){.n = n,
                               .median = values[(n + 1) / 2 - 1],
                               .ninetieth = values[(n * 9 + 9) / 10 - 1],
                               .longest = values[n - 1]};
}

/* What there is of the ring. */
static size_t n_kept(uint64_t n, size_t max) {
        return n < max ? (size_t)n : max;
}

typedef struct TeamOrder {
        const FiguresRow *row;
        uint32_t number; /* before they were sorted */
} TeamOrder;

static int compare_teams(const void *a_, const void *b_) {
        const TeamOrder *a = a_, *b = b_;
        int order = text_compare(a->row->project, b->row->project);

        return order ? order : text_compare(a->row->team, b->row->team);
}

/* Whoever named one by its number is told the new one. */
static void sort_teams(Counting *counting) {
        Figures *figures = counting->figures;
        size_t n = figures->n_teams, n_repairs = n_kept(counting->n_repairs, FIGURES_REPAIRS_MAX);
        TeamOrder *order = mem_new_array(counting->mem, TeamOrder, n ? n : 1);
        uint32_t *numbers = mem_new_array(counting->mem, uint32_t, n ? n : 1);
        FiguresRow *teams = mem_new_array(figures, FiguresRow, n ? n : 1);

        for (size_t i = 0; i < n; i++)
                order[i] = (TeamOrder){&figures->teams[i], (uint32_t)i};
        if (n > 1)
                qsort(order, n, sizeof *order, compare_teams);
        for (size_t i = 0; i < n; i++) {
                teams[i] = *order[i].row;
                numbers[order[i].number] = (uint32_t)i;
        }
        figures->teams = teams;
        for (size_t i = 0; i < n_repairs; i++)
                counting->repairs[i].team = numbers[counting->repairs[i].team];
        for (size_t i = 0; i < counting->n_left; i++)
                figures->teams[numbers[counting->left[i].team]].n_left++;
}

static int compare_repairs(const void *a_, const void *b_) {
        const RepairTime *a = a_, *b = b_;

        return (a->team > b->team) - (a->team < b->team);
}

static void add_row(FiguresRow *sum, const FiguresRow *row) {
        for (int end = 0; end < _FIGURES_END_N; end++)
                sum->ends[end] += row->ends[end];
        sum->n_left += row->n_left;
}

static FiguresSpread spread_slice(const RepairTime *repairs, size_t from, size_t end, int64_t *values) {
        for (size_t i = from; i < end; i++)
                values[i - from] = repairs[i].ms;
        return spread_of(values, end - from);
}

/* Repairs by team, and with them by project. */
static void spread_teams(Figures *figures, const RepairTime *repairs, size_t n, int64_t *values) {
        size_t at = 0, project_at = 0;

        for (size_t i = 0; i < figures->n_teams; i++) {
                FiguresRow *team = &figures->teams[i];
                bool is_first = i == 0 || !text_equal(team->project, team[-1].project);
                bool is_last = i + 1 == figures->n_teams || !text_equal(team->project, team[1].project);
                size_t from = at;

                while (at < n && repairs[at].team == i)
                        at++;
                team->repairs = spread_slice(repairs, from, at, values);
                if (is_first) {
                        project_at = from;
                        *mem_push(figures, figures->projects, figures->n_projects) = (FiguresRow){.project = team->project};
                }
                add_row(&figures->projects[figures->n_projects - 1], team);
                if (is_last)
                        figures->projects[figures->n_projects - 1].repairs = spread_slice(repairs, project_at, at, values);
                add_row(&figures->all, team);
        }
        figures->all.repairs = spread_slice(repairs, 0, n, values);
}

static void spread_periods(Figures *figures, const RepairTime *repairs, size_t n, int64_t *values) {
        for (size_t i = 0; i < figures->n_periods; i++) {
                size_t n_values = 0;

                for (size_t k = 0; k < n; k++)
                        if (repairs[k].period == i)
                                values[n_values++] = repairs[k].ms;
                figures->periods[i].repairs = spread_of(values, n_values);
        }
}

static void end_counting(Counting *counting) {
        Figures *figures = counting->figures;
        size_t n = n_kept(counting->n_repairs, FIGURES_REPAIRS_MAX);
        int64_t *values = mem_new_array(counting->mem, int64_t, n ? n : 1);

        sort_teams(counting);
        if (n > 1)
                qsort(counting->repairs, n, sizeof *counting->repairs, compare_repairs);
        spread_teams(figures, counting->repairs, n, values);
        spread_periods(figures, counting->repairs, n, values);
        figures->passes = spread_of(counting->passes, n_kept(counting->n_passes, FIGURES_PASSES_MAX));
        figures->is_cut |= counting->n_repairs > FIGURES_REPAIRS_MAX || counting->n_passes > FIGURES_PASSES_MAX;
}

int figures_read(Mem *parent, const FiguresSpec *spec, Figures **figuresp, const char **reasonp) {
        Counting counting = {.spec = spec, .figures = mem_new(parent, Figures), .mem = mem_new(NULL, char)};
        uint64_t n_early = 0;
        int r;

        table_init(&counting.index, counting.mem);
        counting.figures->end = spec->now;
        r = account_read(parent,
                         &(AccountSpec){.directory = spec->directory,
                                        .on_change = on_change,
                                        .on_record = on_record,
                                        .context = &counting},
                         &n_early, reasonp);
        if (r == 0)
                end_counting(&counting);
        mem_free(counting.mem);
        *figuresp = r == 0 ? counting.figures : mem_free(counting.figures);
        return r;
}

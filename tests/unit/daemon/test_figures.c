/* SPDX-License-Identifier: Apache-2.0 */
/* Figures: what is counted of a ledger, and how it is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "daemon/figures.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/ledger/folder.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define BEGIN INT64_C(1775034000000)        /* 2026-04-01T09:00:00Z, a Wednesday */
#define WEEK_END INT64_C(1775433600000)     /* 2026-04-06T00:00:00Z */

static Mem *mem;
static char *folder;
static Text lines;
static unsigned seq;

static int setup(void **state) {
        mem = mem_new(NULL, char);
        folder = folder_new(mem);
        text_init(&lines, mem);
        seq = 0;
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static void add(int64_t wall, const char *record, const char *more) {
        char time[CLOCK_TEXT_SIZE];

        text_appendf(&lines, "{\"seq\":%u,\"time\":\"%s\",\"record\":\"%s\"%s}\n", ++seq, clock_format(wall, time), record, more);
}

/* A drift of a team, repaired so long after it was seen. */
static void add_repair(int64_t seen, int64_t took, const char *team) {
        char time[CLOCK_TEXT_SIZE];

        clock_format(seen, time);
        add(seen, "intent",
            mem_printf(mem, ",\"change_id\":\"c%u\",\"project\":\"MLOps\",\"team\":\"%s\",\"origin\":\"drift\",\"seen\":\"%s\"", seq,
                       team, time));
        add(seen + took, "outcome", mem_printf(mem, ",\"change_id\":\"c%u\",\"result\":\"done\"", seq - 1));
}

static Figures *read_from(const char *directory, int64_t since, int64_t now, const char *project) {
        Figures *figures = NULL;
        const char *reason = NULL;

        if (figures_read(mem, &(FiguresSpec){directory, project, since, now}, &figures, &reason) < 0)
                fail_msg("%s", reason);
        return figures;
}

static Figures *read_lines(int64_t since, int64_t now) {
        folder_write(folder, "ledger.jsonl", lines.data, lines.n);
        return read_from(folder, since, now, NULL);
}

static void compare(const Figures *figures, void (*print)(const Figures *figures, Text *text), const char *name) {
        Text text;

        text_init(&text, mem);
        print(figures, &text);
        golden_compare(mem_printf(mem, "%s/week/%s", FIXTURES, name), text.data);
}

static void test_week(void **state) {
        const Figures *figures = read_from(FIXTURES "/week", 0, WEEK_END, NULL);

        compare(figures, figures_print_text, "report.txt");
        compare(figures, figures_print_json, "report.json");
        compare(figures, figures_print_html, "report.html");
}

/* What was left before the time that is asked for is left still. */
static void test_since(void **state) {
        const Figures *figures = read_from(FIXTURES "/week", BEGIN + 2 * DAY, WEEK_END, "shop");

        compare(figures, figures_print_text, "report-since-shop.txt");
        assert_int_equal(figures->begin, BEGIN + 2 * DAY);
        assert_int_equal(figures->n_projects, 1);
        assert_int_equal(figures->all.n_left, 1);
}

static void test_nothing(void **state) {
        const Figures *figures = read_from(folder, 0, WEEK_END, NULL);
        Text text;

        text_init(&text, mem);
        figures_print_text(figures, &text);
        assert_string_equal(text.data, "the ledger holds nothing yet\n");
        figures_print_html(figures, &text);
        figures_print_json(figures, &text);
        assert_non_null(strstr(text.data, "\"periods\": []"));
}

static void test_nearest_rank(void **state) {
        static const struct {
                int n;
                int64_t median, ninetieth;
        } rows[] = {{1, 1, 1}, {2, 1, 2}, {3, 2, 3}, {9, 5, 9}, {10, 5, 9}, {11, 6, 10}, {100, 50, 90}};

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const Figures *figures;

                text_init(&lines, mem);
                for (int k = 0; k < rows[i].n; k++) /* in no order */
                        add_repair(BEGIN, ((k * 7) % rows[i].n + 1) * SECOND, k % 2 ? "Red" : "Blue");
                figures = read_lines(0, BEGIN + DAY);
                assert_int_equal(figures->all.repairs.n, rows[i].n);
                assert_int_equal(figures->all.repairs.median, rows[i].median * SECOND);
                assert_int_equal(figures->all.repairs.ninetieth, rows[i].ninetieth * SECOND);
                assert_int_equal(figures->all.repairs.longest, rows[i].n * SECOND);
                assert_int_equal(figures->projects[0].repairs.median, rows[i].median * SECOND);
        }
}

/* Few enough that each can be seen; weeks begin on Mondays. */
static void test_periods(void **state) {
        static const struct {
                int64_t span, size, first;
                size_t n;
        } rows[] = {
                {HOUR, HOUR, BEGIN, 2},
                {61 * HOUR, HOUR, BEGIN, 62},
                {62 * HOUR, DAY, BEGIN - 9 * HOUR, 3},
                {61 * DAY, DAY, BEGIN - 9 * HOUR, 62},
                {62 * DAY, 7 * DAY, BEGIN - 9 * HOUR - 2 * DAY, 10},
                {400 * DAY, 7 * DAY, BEGIN - 9 * HOUR - 2 * DAY, 58},
        };

        add_repair(BEGIN, SECOND, "Red");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const Figures *figures = read_lines(0, BEGIN + rows[i].span);

                assert_int_equal(figures->period_ms, rows[i].size);
                assert_int_equal(figures->n_periods, rows[i].n);
                assert_int_equal(figures->periods[0].begin, rows[i].first);
                assert_int_equal(figures->periods[0].ends[FIGURES_DONE], 1);
        }
        /* A clock that was wrong for a while. */
        for (int64_t year = 1; year < 5000; year += 100) {
                const Figures *figures = read_lines(0, BEGIN + year * 365 * DAY);

                assert_in_range(figures->n_periods, 1, FIGURES_PERIODS_MAX);
                assert_int_equal(figures->periods[0].ends[FIGURES_DONE], 1);
                assert_in_range(figures->end - figures->periods[figures->n_periods - 1].begin, 0, figures->period_ms);
        }
        assert_int_equal(read_lines(0, BEGIN - DAY)->n_periods, 1);
        assert_int_equal(read_lines(BEGIN + 10 * DAY, BEGIN)->n_periods, 1);
}

static void test_many_teams(void **state) {
        enum { BEYOND = 3 };
        const Figures *figures;
        char team[16];

        for (int i = 0; i < FIGURES_TEAMS_MAX + BEYOND; i++) {
                snprintf(team, sizeof team, "Team %d", i);
                add_repair(BEGIN, SECOND, team);
        }
        figures = read_lines(0, BEGIN + HOUR);
        assert_int_equal(figures->n_teams, FIGURES_TEAMS_MAX + 1);
        assert_int_equal(figures->n_projects, 2);
        assert_int_equal(figures->projects[0].ends[FIGURES_DONE], BEYOND);
        assert_int_equal(figures->all.ends[FIGURES_DONE], FIGURES_TEAMS_MAX + BEYOND);
}

/* Drifts that came, stayed, went, came again; a record that says nonsense. */
static void test_left(void **state) {
        add(BEGIN, "sight", ",\"came\":[{\"step\":\"a\",\"project\":\"MLOps\",\"origin\":\"drift\"},{\"step\":\"b\",\"project\":\"MLOps\","
                            "\"origin\":\"charter\"},{},7]");
        add(BEGIN, "sight", ",\"came\":[{\"step\":\"a\",\"project\":\"MLOps\",\"origin\":\"drift\"}],\"went\":[7,null]");
        assert_int_equal(read_lines(0, BEGIN + HOUR)->all.n_left, 1);
        add(BEGIN, "sight", ",\"went\":[\"a\",\"a\"]");
        assert_int_equal(read_lines(0, BEGIN + HOUR)->all.n_left, 0);
        add(BEGIN, "sight", ",\"organization\":\"https://other\",\"came\":[{\"step\":\"a\",\"project\":\"MLOps\",\"origin\":\"drift\"}]");
        add(BEGIN, "sight", ",\"went\":[\"a\"]");
        assert_int_equal(read_lines(0, BEGIN + HOUR)->all.n_left, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_week, setup, teardown),
                cmocka_unit_test_setup_teardown(test_since, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nearest_rank, setup, teardown),
                cmocka_unit_test_setup_teardown(test_periods, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_teams, setup, teardown),
                cmocka_unit_test_setup_teardown(test_left, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

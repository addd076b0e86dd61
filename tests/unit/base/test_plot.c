/* SPDX-License-Identifier: Apache-2.0 */
/* Plot: durations as people say them, and drawings that stay in their frame whatever the values are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/plot.h"

enum { N = 5, WIDTH = 800, HEIGHT = 280 };

static Text text;
static HtmlWriter writer;

static int begin(void **state) {
        text_init(&text, NULL);
        html_writer_init(&writer, &text);
        return 0;
}

static int end(void **state) {
        text_deinit(&text);
        return 0;
}

static void test_durations(void **state) {
        static const struct {
                double ms;
                const char *words;
        } rows[] = {
                {0, "0 ms"}, {850, "850 ms"}, {1000, "1 s"}, {2500, "2.5 s"}, {59000, "59 s"}, {60000, "1 min"},
                {90000, "1.5 min"}, {3600000, "1 h"}, {11520000, "3.2 h"}, {86400000, "1 d"}, {1036800000.0, "12 d"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                text.n = 0;
                plot_append_duration(&text, rows[i].ms);
                assert_string_equal(text.data, rows[i].words);
        }
}

/* Every number of an attribute is within. */
static void assert_inside(const char *name, double low, double high) {
        char start[16];
        size_t n = 0;

        strcpy(start, name);
        strcat(start, "=\"");
        for (const char *at = text.data; (at = strstr(at, start)); n++) {
                double value;

                at += strlen(start);
                value = strtod(at, NULL);
                if (value < low || value > high)
                        fail_msg("%s is %f", name, value);
        }
        assert_true(n > 0);
}

static void draw(void (*plot)(HtmlWriter *writer, const Plot *plot), const double *first, const double *second, size_t n) {
        static const char *const labels[] = {"<1>", "2", "3", "4", "5"};
        const PlotSeries series[] = {{"done", first}, {"failed", second}};

        text.n = 0;
        html_writer_init(&writer, &text);
        plot(&writer, &(Plot){.id = "p", .title = "A & B", .description = "Three", .labels = labels, .n_labels = n, .series = series, .n_series = 2});
        assert_non_null(strstr(text.data, "role=\"img\" aria-labelledby=\"p-title p-description\""));
        assert_non_null(strstr(text.data, "<title id=\"p-title\">A &amp; B</title>"));
        assert_non_null(strstr(text.data, "<desc id=\"p-description\">Three</desc>"));
        assert_null(strstr(text.data, "<1>"));
        assert_null(strstr(text.data, "nan"));
        assert_null(strstr(text.data, "inf"));
        assert_inside("x", 0, WIDTH);
        assert_inside("y", 0, HEIGHT);
        assert_non_null(strstr(text.data, "url(#p-pattern-1)") || plot == plot_durations ? text.data : NULL);
}

static void test_frames(void **state) {
        static const double values[][N] = {
                {0, 0, 0, 0, 0}, {1, 2, 3, 4, 5}, {1e15, 1, 0, 1e15, 7}, {PLOT_NONE, 3, PLOT_NONE, PLOT_NONE, 0}, {0.2, 0.1, 0, 0, 0},
        };
        static void (*const plots[])(HtmlWriter *writer, const Plot *plot) = {plot_bars, plot_rows, plot_durations};

        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
                for (size_t k = 0; k < sizeof values / sizeof *values; k++)
                        for (size_t p = 0; p < sizeof plots / sizeof *plots; p++)
                                for (size_t n = 0; n <= N; n += N)
                                        draw(plots[p], values[i], values[k], n);
}

static void test_a_line_breaks_where_nothing_is(void **state) {
        static const double first[N] = {10, 20, PLOT_NONE, 30, 40}, second[N] = {PLOT_NONE, PLOT_NONE, PLOT_NONE, PLOT_NONE, PLOT_NONE};
        const char *path;

        draw(plot_durations, first, second, N);
        path = strstr(text.data, "d=\"M142.0");
        assert_non_null(path);
        assert_int_equal(strspn(path + 3, "ML0123456789. "), strcspn(path + 3, "\""));
        assert_non_null(memmem(path + 4, strcspn(path + 4, "\""), "M", 1)); /* begins again */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_durations, begin, end),
                cmocka_unit_test_setup_teardown(test_frames, begin, end),
                cmocka_unit_test_setup_teardown(test_a_line_breaks_where_nothing_is, begin, end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

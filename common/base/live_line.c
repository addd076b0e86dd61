/* SPDX-License-Identifier: Apache-2.0 */
/* LiveLine: the one line of the terminal behind stderr that is written anew in its place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <uniwidth.h>

#include "common/base/live_line.h"

enum {
        COLUMNS_DEFAULT = 80, /* of a terminal that does not say */
};

#define ERASE "\r\x1b[K"
#define CUT_MARK "\xe2\x80\xa6"

/* There is one stderr. */
static bool is_shown;

/* --- how much fits -------------------------------------------------------------------------------------------------- */

/* 0 for what joins the sign before it. */
static size_t width_of(uint32_t code_point) {
        int width = uc_width(code_point, "UTF-8");

        return width > 0 ? (size_t)width : 0;
}

/* Bytes of the line whose width is at most that. */
static size_t bytes_that_fit(const char *line, size_t n_bytes, size_t n_columns) {
        size_t n = 0, width = 0;

        while (n < n_bytes) {
                size_t length;
                uint32_t code_point = text_code_point(line + n, n_bytes - n, &length);

                width += width_of(code_point);
                if (width > n_columns)
                        break;
                n += length;
        }
        return n;
}

void live_line_cut(const char *line, size_t n_columns, Text *text) {
        size_t n_bytes = strlen(line);

        if (n_columns == 0)
                return;
        if (bytes_that_fit(line, n_bytes, n_columns) == n_bytes) {
                text_append(text, line);
                return;
        }
        text_append_bytes(text, line, bytes_that_fit(line, n_bytes, n_columns - 1));
        text_append(text, CUT_MARK);
}

/* --- the terminal --------------------------------------------------------------------------------------------------- */

bool live_line_is_possible(void) {
        const char *terminal = getenv("TERM");

        return isatty(STDERR_FILENO) && terminal && terminal[0] && strcmp(terminal, "dumb") != 0;
}

/* The last column stays free: some terminals begin a new line when it is written. */
static size_t columns(void) {
        struct winsize size;

        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
                return COLUMNS_DEFAULT - 1;
        return (size_t)size.ws_col - 1;
}

static bool is_in_background(void) {
        pid_t front = tcgetpgrp(STDERR_FILENO);

        return front > 0 && front != getpgrp();
}

static void write_all(const char *bytes, size_t n) {
        while (n > 0) {
                ssize_t r = write(STDERR_FILENO, bytes, n);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r <= 0) /* nobody sees it */
                        return;
                bytes += r;
                n -= (size_t)r;
        }
}

void live_line_show(const char *text) {
        Text line;

        if (is_in_background())
                return;
        text_init(&line, NULL);
        text_append(&line, ERASE);
        live_line_cut(text, columns(), &line);
        write_all(line.data, line.n);
        text_deinit(&line);
        is_shown = true;
}

void live_line_erase(void) {
        if (!is_shown)
                return;
        is_shown = false;
        write_all(ERASE, sizeof ERASE - 1);
}

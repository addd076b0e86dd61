/* SPDX-License-Identifier: Apache-2.0 */
/* LineReader: the whole lines of a file, each of bounded length. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "common/base/mem.h"

enum {
        LINE_READER_CHUNK_SIZE = 64 * 1024,
};

typedef struct LineReader {
        int file; /* stays its owner's */
        char *bytes;
        size_t start, n; /* of what is not yet given out */
        size_t capacity;
        size_t longest; /* a longer line is refused */
        off_t offset;   /* in the file, of `start`: behind the last whole line */
} LineReader;

/* Reads from where the file stands. */
void line_reader_init(LineReader *reader, int file, size_t longest);
void line_reader_deinit(LineReader *reader);
/* 1 with a line, its end cut and terminated, which lives until the next call; 0 at the end of the
 * file (asked again, it looks again); -EFBIG: a line is too long; another negative errno. */
int line_reader_next(LineReader *reader, char **linep, size_t *n_linep);
/* Bytes behind the last whole line that have been read: at the end of the file, of a torn one. */
size_t line_reader_rest(const LineReader *reader);

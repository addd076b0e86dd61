/* SPDX-License-Identifier: Apache-2.0 */
/* LineReader: the whole lines of a file, each of bounded length. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "daemon/engine/line_reader.h"

void line_reader_init(LineReader *reader, int file, size_t longest) {
        *reader = (LineReader){
                .file = file, .capacity = LINE_READER_CHUNK_SIZE, .longest = longest};
        reader->bytes = mem_alloc_array(NULL, 1, reader->capacity, "LineReader");
}

void line_reader_deinit(LineReader *reader) {
        reader->bytes = mem_free(reader->bytes);
}

/* More bytes behind those that are there: the number, 0 at the end, -EFBIG when a line is too long.
 */
static ssize_t fill(LineReader *reader) {
        ssize_t n = 0;

        if (reader->start > 0)
                memmove(reader->bytes, reader->bytes + reader->start, reader->n);
        reader->start = 0;
        if (reader->n > reader->longest)
                return -EFBIG;
        if (reader->n == reader->capacity) {
                reader->capacity *= 2;
                reader->bytes = mem_resize_array(NULL, reader->bytes, 1, reader->capacity);
        }
        do {
                n = read(reader->file, reader->bytes + reader->n, reader->capacity - reader->n);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        reader->n += (size_t)n;
        return n;
}

int line_reader_next(LineReader *reader, char **linep, size_t *n_linep) {
        size_t searched = 0;

        for (;;) {
                char *line = reader->bytes + reader->start;
                char *end = memchr(line + searched, '\n', reader->n - searched);
                ssize_t n = 0;

                if (end) {
                        *end = '\0';
                        *linep = line;
                        *n_linep = (size_t)(end - line);
                        reader->start += *n_linep + 1;
                        reader->n -= *n_linep + 1;
                        reader->offset += (off_t)*n_linep + 1;
                        return 1;
                }
                searched = reader->n;
                n = fill(reader);
                if (n <= 0)
                        return (int)n;
        }
}

size_t line_reader_rest(const LineReader *reader) {
        return reader->n;
}

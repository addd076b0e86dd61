/* SPDX-License-Identifier: Apache-2.0 */
/* JSON texts with one row a line, so that they read and compare well. */
#include "tests/simulator/rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        FIRST_BYTES = 4096
};

static void append(Rows *rows, const char *text, size_t length) {
        if (rows->length + length + 1 > rows->capacity) {
                rows->capacity = (rows->length + length + 1) * 2;
                if (rows->capacity < FIRST_BYTES)
                        rows->capacity = FIRST_BYTES;
                rows->text = memory_resize(rows->text, rows->capacity);
        }
        memcpy(rows->text + rows->length, text, length);
        rows->length += length;
        rows->text[rows->length] = '\0';
}

void rows_print(Rows *rows, const char *format, ...) {
        va_list arguments;
        char *text;
        int length;

        va_start(arguments, format);
        length = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (length < 0)
                abort();
        append(rows, text, (size_t)length);
        free(text);
}

void rows_begin_list(Rows *rows, const char *key) {
        rows->n_rows = 0;
        if (key)
                rows_print(rows, "\"%s\": ", key);
        append(rows, "[", 1);
}

void rows_end_list(Rows *rows) {
        append(rows, "\n]", rows->n_rows ? 2 : 0);
        if (!rows->n_rows)
                append(rows, "]", 1);
}

static void add_text(Rows *rows, const char *text) {
        append(rows, rows->n_rows ? ",\n" : "\n", rows->n_rows ? 2 : 1);
        append(rows, text, strlen(text));
        rows->n_rows++;
}

static char *print_tree(const cJSON *tree) {
        char *text = cJSON_PrintUnformatted(tree);

        if (!text)
                abort();
        return text;
}

void rows_add(Rows *rows, cJSON *tree) {
        char *text = print_tree(tree);

        add_text(rows, text);
        free(text);
        cJSON_Delete(tree);
}

static int compare_texts(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

void rows_add_sorted(Rows *rows, cJSON *array) {
        size_t n = (size_t)cJSON_GetArraySize(array), i = 0;
        char **texts = memory_alloc((n + 1) * sizeof(*texts));
        const cJSON *item;

        cJSON_ArrayForEach(item, array) texts[i++] = print_tree(item);
        qsort(texts, n, sizeof(*texts), compare_texts);
        for (i = 0; i < n; i++) {
                add_text(rows, texts[i]);
                free(texts[i]);
        }
        free(texts);
        cJSON_Delete(array);
}

void rows_answer(Rows *rows, Response *response) {
        append(rows, "\n", 1);
        response->status = 200;
        response_body(response, "application/json; charset=utf-8", rows->text, rows->length);
        *rows = (Rows){0};
}

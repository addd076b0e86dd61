/* SPDX-License-Identifier: Apache-2.0 */
/* JSON texts with one row a line, so that they read and compare well. */
#pragma once

#include "tests/simulator/http.h"

/* A text that grows. Zero-initialised is empty. */
typedef struct Rows {
        char *text; /* malloc'd */
        size_t length;
        size_t capacity;
        size_t n_rows; /* in the list that is open */
} Rows;

void rows_print(Rows *rows, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "[" and "]" around rows; begin_list() may be given a key to be a member of an object. */
void rows_begin_list(Rows *rows, const char *key);
void rows_end_list(Rows *rows);
/* One element of the open list; the tree is taken over. */
void rows_add(Rows *rows, cJSON *tree);
/* Sorts the elements of an array by their text, then adds each as a row; the array is taken over.
 */
void rows_add_sorted(Rows *rows, cJSON *array);
/* The answer of the control interface; the text is taken over. */
void rows_answer(Rows *rows, Response *response);

/* SPDX-License-Identifier: Apache-2.0 */
/* Diag: what is wrong at a place of a file, collected so that all of it is told at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/text.h"

/* More than that are counted, not kept. */
enum {
        DIAG_LIST_MAX = 10000
};

/* Where something was written. line and column count from 1; column in code points. file lives as
 * long as what points at it. line 0: nowhere. */
typedef struct Place {
        const char *file;
        uint32_t line;
        uint32_t column;
} Place;

typedef enum DiagLevel {
        DIAG_ERROR,
        /* A permission word the program's own table does not know: an error for `check`, settled by
         * the service's own list for everybody else. */
        DIAG_UNKNOWN_WORD,
        DIAG_WARNING,
} DiagLevel;

typedef struct Diag {
        Place place;
        DiagLevel level;
        char *message;
} Diag;

typedef struct DiagList {
        Mem *parent;
        Diag *items;
        size_t n;
        size_t n_errors;
} DiagList;

void diag_list_init(DiagList *list, Mem *parent);
void diag_list_deinit(DiagList *list);
/* The file's name is copied: the list lives by itself. */
void diag_add(DiagList *list, Place place, DiagLevel level, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* Sorts by file, line, column; drops exact repetitions. */
void diag_list_sort(DiagList *list);
/* In one line what is wrong: `file:line:column: message` of the first error, and how many more there are; NULL without. */
char *diag_list_tell(Mem *parent, const DiagList *list);
/* `file:line:column: error: message`, a line each. */
void diag_list_print(const DiagList *list, Text *text);

/* SPDX-License-Identifier: Apache-2.0 */
/* Shifts: what changed for whom, pass by pass. */
#pragma once

#include "common/access/record_compare.h"
#include "common/base/text.h"

enum {
        ACCESS_SHIFTS_MAX = 200 * 1000, /* differences; what is more is counted */
};

/* What one pass saw to be otherwise than the one that stored before it. */
typedef struct AccessShift {
        const char *project;
        const char *pass;
        int64_t wall;
        AccessDifference *items;
        size_t n;
} AccessShift;

typedef struct AccessShifts {
        AccessShift *items;
        size_t n;
        size_t n_differences;
        size_t n_left_out;
} AccessShifts;

AccessShifts *access_shifts_new(Mem *parent);
/* What is in `after` otherwise than in `before`; texts are copied. */
void access_shifts_add(AccessShifts *shifts, const AccessRecord *before, const AccessRecord *after,
                       const AccessRecordFilter *filter);
/* By time, project. */
void access_shifts_sort(AccessShifts *shifts);

/* For people: a paragraph a pass, a line for each principal at each thing. */
void access_shifts_print_text(const AccessShifts *shifts, Text *text);
/* The line of names, then a line each difference, of any number of them. */
void access_shifts_print_csv_head(Text *text);
void access_shifts_print_csv(const AccessShifts *shifts, Text *text);
/* README.md, "Access over time". */
void access_shifts_print_json(const AccessShifts *shifts, Text *text);

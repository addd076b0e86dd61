/* SPDX-License-Identifier: Apache-2.0 */
/* Shifts: what changed for whom, pass by pass. */
#include "common/access/shifts.h"

#include <stdlib.h>
#include <string.h>

#include "common/access/things.h"
#include "common/base/clock.h"
#include "common/base/csv.h"
#include "common/base/json.h"
#include "common/base/visible.h"

/* The sentence of a line, before the permissions; [before][after]. */
static const char *const verbs[ACCESS_THEN_NOT_ASKED + 1][ACCESS_THEN_NOT_ASKED + 1] = {
        [ACCESS_THEN_CLOSED] = {[ACCESS_THEN_OPEN] = "gained", [ACCESS_THEN_UNKNOWN] = "may have gained"},
        [ACCESS_THEN_OPEN] = {[ACCESS_THEN_CLOSED] = "lost",
                              [ACCESS_THEN_UNKNOWN] = "may have lost",
                              [ACCESS_THEN_NOT_ASKED] = "is no longer looked at, had"},
        [ACCESS_THEN_UNKNOWN] = {[ACCESS_THEN_CLOSED] = "has not, as is known now:",
                                 [ACCESS_THEN_OPEN] = "has, as is known now:",
                                 [ACCESS_THEN_NOT_ASKED] = "is no longer looked at, may have had"},
        [ACCESS_THEN_NOT_ASKED] =
                {[ACCESS_THEN_OPEN] = "is looked at now, has", [ACCESS_THEN_UNKNOWN] = "is looked at now, may have"},
};

static const char *const answer_words[] = {
        [ACCESS_THEN_CLOSED] = "closed",
        [ACCESS_THEN_OPEN] = "open",
        [ACCESS_THEN_UNKNOWN] = "unknown",
        [ACCESS_THEN_NOT_ASKED] = NULL,
};

AccessShifts *access_shifts_new(Mem *parent) {
        return mem_new(parent, AccessShifts);
}

/* The same texts follow one another as a rule. */
static const char *keep(AccessShifts *shifts, const char *before, const char *text) {
        return before && strcmp(before, text) == 0 ? before : mem_strdup(shifts, text);
}

void access_shifts_add(AccessShifts *shifts, const AccessRecord *before, const AccessRecord *after,
                       const AccessRecordFilter *filter) {
        Mem *mem = mem_new(NULL, char);
        size_t n = 0, room = ACCESS_SHIFTS_MAX - shifts->n_differences;
        const AccessDifference *found = access_record_compare(mem, before, after, filter, &n);
        AccessShift *shift = NULL;

        if (n > room) {
                shifts->n_left_out += n - room;
                n = room;
        }
        if (n > 0) {
                shift = mem_push(shifts, shifts->items, shifts->n);
                *shift = (AccessShift){.project = mem_strdup(shifts, after->head.project),
                                       .pass = mem_strdup(shifts, after->head.pass),
                                       .wall = after->head.wall,
                                       .items = mem_memdup(shifts, found, n * sizeof *found),
                                       .n = n};
                shifts->n_differences += n;
        }
        for (size_t i = 0; i < n; i++) {
                AccessDifference *item = &shift->items[i];
                AccessDifference last = i > 0 ? shift->items[i - 1] : (AccessDifference){0};

                item->principal = keep(shifts, last.principal, item->principal);
                item->name = keep(shifts, last.name, item->name);
                item->permission = keep(shifts, last.permission, item->permission);
        }
        mem_free(mem);
}

static int compare_shifts(const void *a, const void *b) {
        const AccessShift *x = a;
        const AccessShift *y = b;

        if (x->wall != y->wall)
                return x->wall < y->wall ? -1 : 1;
        return text_compare(x->project, y->project);
}

void access_shifts_sort(AccessShifts *shifts) {
        if (shifts->n > 1)
                qsort(shifts->items, shifts->n, sizeof *shifts->items, compare_shifts);
}

/* --- text --- */

static bool is_same_cell(const AccessDifference *a, const AccessDifference *b) {
        return a->kind == b->kind && strcmp(a->name, b->name) == 0 && strcmp(a->principal, b->principal) == 0;
}

static bool is_same_verb(const AccessDifference *a, const AccessDifference *b) {
        return a->before == b->before && a->after == b->after;
}

/* `gained Read, Contribute`: those of the first's sort. */
static void print_sort(const AccessDifference *items, size_t n, size_t first, Text *text) {
        text_appendf(text, " %s ", verbs[items[first].before][items[first].after]);
        for (size_t i = first; i < n; i++)
                if (is_same_verb(&items[i], &items[first]))
                        visible_appendf(text, "%s%s", i > first ? ", " : "", items[i].permission);
}

static bool was_printed(const AccessDifference *items, size_t at) {
        for (size_t i = 0; i < at; i++)
                if (is_same_verb(&items[i], &items[at]))
                        return true;
        return false;
}

/* All of one principal at one thing. */
static void print_cell(const AccessShift *shift, const AccessDifference *items, size_t n, Text *text) {
        const char *name = access_thing_title(shift->project, items->kind, items->name);

        visible_appendf(text, "  %s at %s %s:", items->principal, kind_row(items->kind)->noun, name);
        for (size_t i = 0; i < n; i++) {
                if (was_printed(items, i))
                        continue;
                if (i > 0)
                        text_append(text, ";");
                print_sort(items, n, i, text);
        }
        text_append(text, "\n");
}

void access_shifts_print_text(const AccessShifts *shifts, Text *text) {
        for (size_t i = 0; i < shifts->n; i++) {
                const AccessShift *shift = &shifts->items[i];
                char time[CLOCK_TEXT_SIZE];
                size_t n = 0;

                visible_append_line(text, "%s [%s], pass %s", clock_format(shift->wall, time), shift->project,
                                    shift->pass);
                for (size_t k = 0; k < shift->n; k += n) {
                        for (n = 1; k + n < shift->n && is_same_cell(&shift->items[k], &shift->items[k + n]); n++)
                                ;
                        print_cell(shift, &shift->items[k], n, text);
                }
                text_append(text, "\n");
        }
        if (shifts->n_left_out > 0)
                text_appendf(text, "%zu more changes are left out; --project, --team and --at narrow the question\n\n",
                             shifts->n_left_out);
}

/* --- CSV --- */

static const char *const columns[] = {"time", "pass",       "project", "principal", "kind",
                                      "name", "permission", "before",  "after"};

void access_shifts_print_csv_head(Text *text) {
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
                csv_add(text, columns[i]);
        csv_end_line(text);
}

static void add_answer(Text *text, AccessThen answer) {
        csv_add(text, answer == ACCESS_THEN_NOT_ASKED ? "" : answer_words[answer]);
}

static void print_csv_line(const AccessShift *shift, const AccessDifference *item, Text *text) {
        char time[CLOCK_TEXT_SIZE];

        csv_add(text, clock_format(shift->wall, time));
        csv_add(text, shift->pass);
        csv_add(text, shift->project);
        csv_add(text, item->principal);
        csv_add(text, kind_row(item->kind)->key);
        csv_add(text, item->kind == KIND_PROJECT ? shift->project : item->name);
        csv_add(text, item->permission);
        add_answer(text, item->before);
        add_answer(text, item->after);
        csv_end_line(text);
}

void access_shifts_print_csv(const AccessShifts *shifts, Text *text) {
        for (size_t i = 0; i < shifts->n; i++)
                for (size_t k = 0; k < shifts->items[i].n; k++)
                        print_csv_line(&shifts->items[i], &shifts->items[i].items[k], text);
}

/* --- JSON --- */

void access_shifts_print_json(const AccessShifts *shifts, Text *text) {
        char time[CLOCK_TEXT_SIZE];
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 2);
        json_write_object(&writer, NULL);
        json_write_array(&writer, "changes");
        for (size_t i = 0; i < shifts->n; i++)
                for (size_t k = 0; k < shifts->items[i].n; k++) {
                        const AccessShift *shift = &shifts->items[i];
                        const AccessDifference *item = &shift->items[k];

                        json_write_object(&writer, NULL);
                        json_write_text(&writer, "time", clock_format(shift->wall, time));
                        json_write_text(&writer, "pass", shift->pass);
                        json_write_text(&writer, "project", shift->project);
                        json_write_text(&writer, "principal", item->principal);
                        json_write_text(&writer, "kind", kind_row(item->kind)->key);
                        json_write_text(&writer, "name", item->kind == KIND_PROJECT ? shift->project : item->name);
                        json_write_text(&writer, "permission", item->permission);
                        json_write_text(&writer, "before", answer_words[item->before]);
                        json_write_text(&writer, "after", answer_words[item->after]);
                        json_write_object_end(&writer);
                }
        json_write_array_end(&writer);
        json_write_int(&writer, "left_out", (int64_t)shifts->n_left_out);
        json_write_object_end(&writer);
        text_append(text, "\n");
}

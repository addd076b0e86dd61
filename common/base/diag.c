/* SPDX-License-Identifier: Apache-2.0 */
/* Diag: what is wrong at a place of a file, collected so that all of it is told at once. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/diag.h"
#include "common/base/visible.h"

void diag_list_init(DiagList *list, Mem *parent) {
        *list = (DiagList){.parent = parent};
}

void diag_list_deinit(DiagList *list) {
        mem_free(list->items);
        *list = (DiagList){0};
}

/* Mistakes of one file mostly follow one another: they share the copy. */
static const char *keep_file_name(DiagList *list, const char *file) {
        const Diag *last = list->n > 1 ? &list->items[list->n - 2] : NULL;

        if (file && last && last->place.file && strcmp(last->place.file, file) == 0)
                return last->place.file;
        return mem_strdup(list->items, file);
}

void diag_add(DiagList *list, Place place, DiagLevel level, const char *format, ...) {
        va_list arguments;
        Diag *diag = NULL;

        if (level == DIAG_ERROR)
                list->n_errors++;
        if (list->n == DIAG_LIST_MAX)
                return;
        diag = mem_push(list->parent, list->items, list->n);
        diag->place = place;
        diag->place.file = keep_file_name(list, place.file);
        diag->level = level;
        va_start(arguments, format);
        diag->message = mem_vprintf(list->items, format, arguments);
        va_end(arguments);
}

static int compare_numbers(uint64_t a, uint64_t b) {
        return (a > b) - (a < b);
}

static int compare_diags(const void *x, const void *y) {
        const Diag *a = x;
        const Diag *b = y;
        int r = strcmp(a->place.file ? a->place.file : "", b->place.file ? b->place.file : "");

        if (r == 0)
                r = compare_numbers(a->place.line, b->place.line);
        if (r == 0)
                r = compare_numbers(a->place.column, b->place.column);
        if (r == 0)
                r = compare_numbers(a->level, b->level);
        return r ? r : strcmp(a->message, b->message);
}

void diag_list_sort(DiagList *list) {
        size_t kept = 0;

        if (list->n == 0)
                return;
        qsort(list->items, list->n, sizeof(*list->items), compare_diags);
        for (size_t i = 1; i < list->n; i++) {
                if (compare_diags(&list->items[kept], &list->items[i]) != 0) {
                        list->items[++kept] = list->items[i];
                        continue;
                }
                if (list->items[i].level == DIAG_ERROR)
                        list->n_errors--;
                mem_free(list->items[i].message);
        }
        list->n = kept + 1;
}

static void append_place(const Place *place, Text *text) {
        if (place->file)
                visible_appendf(text, "%s:", place->file);
        if (place->line > 0)
                text_appendf(text, "%u:%u:", place->line, place->column);
        if (place->file)
                text_append(text, " ");
}

char *diag_list_tell(Mem *parent, const DiagList *list) {
        const Diag *first = NULL;
        size_t n = 0;
        Text text;

        for (size_t i = 0; i < list->n; i++) {
                if (list->items[i].level != DIAG_ERROR)
                        continue;
                first = first ? first : &list->items[i];
                n++;
        }
        if (!first)
                return NULL;
        text_init(&text, parent);
        append_place(&first->place, &text);
        visible_append(&text, first->message);
        if (n > 1)
                text_appendf(&text, "; and %zu more, see `charterd check`", n - 1);
        return text.data;
}

static const char *level_word(DiagLevel level) {
        switch (level) {
        case DIAG_ERROR:
        case DIAG_UNKNOWN_WORD:
                return "error";
        case DIAG_WARNING:
                return "warning";
        }
        assert(!"no such level");
        return "";
}

void diag_list_print(const DiagList *list, Text *text) {
        for (size_t i = 0; i < list->n; i++) {
                const Diag *diag = &list->items[i];

                append_place(&diag->place, text);
                visible_append_line(text, "%s: %s", level_word(diag->level), diag->message);
        }
        if (list->n == DIAG_LIST_MAX)
                text_append(text, "error: more mistakes than are listed\n");
}

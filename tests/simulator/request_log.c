/* SPDX-License-Identifier: Apache-2.0 */
/* The request log: what was asked and answered, in order. */
#include "tests/simulator/request_log.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"

enum {
        BODY_KEPT_BYTES = 256 * 1024, /* of a request; longer ones are cut */
        MILLISECONDS_PER_SECOND = 1000,
        ROUNDING_MS = 1, /* what whole milliseconds may make of a time between */
};

/* Keeping. */

RequestLog *request_log_get(World *world) {
        if (!world->log)
                world->log = memory_alloc(sizeof(*world->log));
        return world->log;
}

static const char *keep(RequestLog *log, const char *text) {
        return text ? arena_copy(&log->arena, text) : NULL;
}

static const char *keep_body(RequestLog *log, const RequestLogRow *row) {
        size_t length;

        if (!row->body)
                return NULL;
        length = strnlen(row->body, BODY_KEPT_BYTES);
        return arena_copy_length(&log->arena, row->body, length);
}

LogRow *request_log_add(RequestLog *log, const RequestLogRow *row) {
        LogRow *kept = arena_alloc(&log->arena, sizeof(*kept));

        kept->row = *row;
        kept->row.method = keep(log, row->method);
        kept->row.url = keep(log, row->url);
        kept->row.retry_after = keep(log, row->retry_after);
        kept->row.fault = keep(log, row->fault);
        kept->row.activity = keep(log, row->activity);
        kept->row.body = keep_body(log, row);
        kept->sequence = ++log->last_sequence;
        array_add(&log->rows, kept);
        return kept;
}

void request_log_clear(RequestLog *log) {
        log->rows.n_items = 0;
        arena_deinit(&log->arena);
}

void request_log_free(RequestLog *log) {
        array_deinit(&log->rows);
        arena_deinit(&log->arena);
        free(log);
}

/* Choosing. */

bool request_log_matches(const char *pattern, const char *text) {
        return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

static const char *kind_word(const RequestLogRow *row) {
        return row->kind == ROUTE_WRITE ? "write" : "read";
}

static const char *caller_word(const RequestLogRow *row) {
        if (!row->caller)
                return NULL;
        return row->caller->unique_name ? row->caller->unique_name : row->caller->name;
}

static bool fits_text(const char *wanted, const char *text) {
        return !wanted || (text && request_log_matches(wanted, text));
}

static bool fits(const LogFilter *filter, const LogRow *kept) {
        const RequestLogRow *row = &kept->row;

        return kept->sequence > filter->since && fits_text(filter->route, row->route) &&
               fits_text(filter->method, row->method) &&
               fits_text(filter->organization, row->organization) &&
               fits_text(filter->kind, kind_word(row)) &&
               fits_text(filter->person, caller_word(row)) &&
               (!filter->status || filter->status == row->status);
}

/* Printing. */

static cJSON *shape_row(const LogRow *kept) {
        const RequestLogRow *row = &kept->row;
        cJSON *tree = cJSON_CreateObject();

static const char *const service_words[] = {
        [SERVICE_CORE] = "core", [SERVICE_GRAPH] = "graph", [SERVICE_AUDIT] = "audit",
};

        json_add_number(tree, "seq", (double)kept->sequence);
        json_add_number(tree, "time", (double)row->time);
        json_add_number(tree, "arrived", (double)(row->time - row->duration_ms));
        json_add_text(tree, "organization", row->organization);
        json_add_text(tree, "service", service_words[row->service]);
        json_add_text(tree, "method", row->method);
        json_add_text(tree, "url", row->url);
        json_add_text(tree, "route", row->route);
        json_add_text(tree, "kind", kind_word(row));
        json_add_text(tree, "person", caller_word(row));
        json_add_number(tree, "status", row->status);
        json_add_bool(tree, "answered", row->answered);
        json_add_number(tree, "request_bytes", (double)row->request_bytes);
        json_add_number(tree, "response_bytes", (double)row->response_bytes);
        json_add_number(tree, "duration_ms", (double)row->duration_ms);
        json_add_text(tree, "activity", row->activity);
        if (row->retry_after)
                json_add_text(tree, "retry_after", row->retry_after);
        if (row->fault)
                json_add_text(tree, "fault", row->fault);
        if (row->body)
                json_add_text(tree, "body", row->body);
        return tree;
}

void request_log_print(const RequestLog *log, const LogFilter *filter, Rows *rows) {
        rows_begin_list(rows, NULL);
        for (size_t i = 0; i < log->rows.n_items; i++) {
                if (fits(filter, log->rows.items[i]))
                        rows_add(rows, shape_row(log->rows.items[i]));
        }
        rows_end_list(rows);
}

/* Counts. */

typedef struct Count {
        const char *route; /* "" when none matched */
        const char *method;
        size_t requests;
        size_t writes;
        size_t request_bytes;
        size_t response_bytes;
        size_t failures; /* answers that are not 2xx */
} Count;

static void count_row(Count *count, const RequestLogRow *row) {
        count->requests++;
        count->writes += row->kind == ROUTE_WRITE;
        count->request_bytes += row->request_bytes;
        count->response_bytes += row->response_bytes;
        count->failures += row->status < 200 || row->status > 299 || !row->answered;
}

static void print_numbers(cJSON *tree, const Count *count) {
        json_add_number(tree, "requests", (double)count->requests);
        json_add_number(tree, "writes", (double)count->writes);
        json_add_number(tree, "request_bytes", (double)count->request_bytes);
        json_add_number(tree, "response_bytes", (double)count->response_bytes);
        json_add_number(tree, "failures", (double)count->failures);
}

static Count *count_find(Arena *arena, Array *counts, const RequestLogRow *row) {
        const char *route = row->route ? row->route : "";
        Count *count;

        for (size_t i = 0; i < counts->n_items; i++) {
                count = counts->items[i];
                if (strcmp(count->route, route) == 0 && strcmp(count->method, row->method) == 0)
                        return count;
        }
        count = arena_alloc(arena, sizeof(*count));
        count->route = route;
        count->method = row->method;
        array_add(counts, count);
        return count;
}

void request_log_print_counts(const RequestLog *log, const LogFilter *filter, Rows *rows) {
        Arena arena = {0};
        Array counts = {0};
        Count total = {0};
        cJSON *list = cJSON_CreateArray(), *tree = cJSON_CreateObject();
        char *text;

        for (size_t i = 0; i < log->rows.n_items; i++) {
                const LogRow *kept = log->rows.items[i];

                if (!fits(filter, kept))
                        continue;
                count_row(&total, &kept->row);
                count_row(count_find(&arena, &counts, &kept->row), &kept->row);
        }
        for (size_t i = 0; i < counts.n_items; i++) {
                const Count *count = counts.items[i];
                cJSON *item = cJSON_CreateObject();

                json_add_text(item, "route", count->route);
                json_add_text(item, "method", count->method);
                print_numbers(item, count);
                cJSON_AddItemToArray(list, item);
        }
        print_numbers(tree, &total);
        text = cJSON_PrintUnformatted(tree);
        rows_print(rows, "{\n%.*s,\n", (int)strlen(text) - 2, text + 1);
        rows_begin_list(rows, "routes");
        rows_add_sorted(rows, list);
        rows_end_list(rows);
        rows_print(rows, "\n}");
        free(text);
        cJSON_Delete(tree);
        array_deinit(&counts);
        arena_deinit(&arena);
}

/* Retry-After. */

static bool same_caller(const RequestLogRow *a, const RequestLogRow *b) {
        return a->organization && b->organization && text_same(a->organization, b->organization) &&
               a->caller == b->caller;
}

static cJSON *shape_violation(const LogRow *told, const LogRow *early, int64_t until) {
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "seq", (double)early->sequence);
        json_add_number(tree, "told_by", (double)told->sequence);
        json_add_text(tree, "retry_after", told->row.retry_after);
        json_add_number(tree, "too_early_by_ms",
                        (double)(until - (early->row.time - early->row.duration_ms)));
        json_add_text(tree, "method", early->row.method);
        json_add_text(tree, "url", early->row.url);
        return tree;
}

void request_log_print_violations(const RequestLog *log, int64_t grace_ms, Rows *rows) {
        rows_begin_list(rows, NULL);
        for (size_t i = 0; i < log->rows.n_items; i++) {
                const LogRow *told = log->rows.items[i];
                int64_t sent = told->row.time + told->row.delay_ms, until;

                if (!told->row.retry_after || !told->row.answered)
                        continue;
                until = sent +
                        (int64_t)(strtod(told->row.retry_after, NULL) * MILLISECONDS_PER_SECOND);
                for (size_t j = i + 1; j < log->rows.n_items; j++) {
                        const LogRow *early = log->rows.items[j];
                        int64_t arrived = early->row.time - early->row.duration_ms;

                        if (same_caller(&told->row, &early->row) && arrived > sent + grace_ms &&
                            arrived + ROUNDING_MS < until)
                                rows_add(rows, shape_violation(told, early, until));
                }
        }
        rows_end_list(rows);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The request log: what was asked and answered, in order. */
#pragma once

#include "tests/simulator/control.h"
#include "tests/simulator/rows.h"

/* One request, kept. Text is the log's. */
typedef struct LogRow {
        RequestLogRow row;
        int64_t sequence; /* 1, 2, … over the whole life of the simulator */
} LogRow;

struct RequestLog {
        Arena arena;
        Array rows; /* LogRow * */
        int64_t last_sequence;
};

/* Which rows are meant; zero and NULL mean all. */
typedef struct LogFilter {
        int64_t since;     /* sequence numbers above it */
        const char *route; /* a name, may have "*" */
        const char *method;
        const char *organization;
        const char *kind;   /* "read", "write" */
        const char *person; /* user@domain or name of the caller */
        int status;
} LogFilter;

/* The world's log, made when there is none. */
RequestLog *request_log_get(World *world);
LogRow *request_log_add(RequestLog *log, const RequestLogRow *row);
void request_log_clear(RequestLog *log);
void request_log_free(RequestLog *log);

/* A list of rows. */
void request_log_print(const RequestLog *log, const LogFilter *filter, Rows *rows);
/* One object with totals and a list by route and method. */
void request_log_print_counts(const RequestLog *log, const LogFilter *filter, Rows *rows);
/* Requests that came before a Retry-After, told to the same caller of the same organisation, ran
 * out. What came within grace_ms after it was told was under way already. */
void request_log_print_violations(const RequestLog *log, int64_t grace_ms, Rows *rows);

/* Whether a text fits a pattern in which "*" is any text; without regard to case. */
bool request_log_matches(const char *pattern, const char *text);

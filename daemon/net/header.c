/* SPDX-License-Identifier: Apache-2.0 */
/* Header: the lines before a body, as far as a Reply tells of them. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "common/base/text.h"
#include "daemon/net/header.h"

typedef void (*HeaderFn)(Reply *reply, void *field, const char *value, int64_t wall_ms);

typedef struct HeaderRow {
        const char *name;
        size_t offset; /* in Reply */
        HeaderFn take; /* NULL: the text as it is */
} HeaderRow;

/* Digits with an optional fraction, in thousandths; -1: not a number. */
static int64_t read_thousandths(const char *text) {
        int64_t value = 0, unit = 1000;
        bool has_digit = false, in_fraction = false;

        for (; *text; text++) {
                if (*text == '.' && !in_fraction && has_digit) {
                        in_fraction = true;
                        continue;
                }
                if (*text < '0' || *text > '9')
                        return -1;
                has_digit = true;
                if (in_fraction)
                        unit /= 10;
                if (!in_fraction && value < INT64_C(1000) * HEADER_SECONDS_MAX * 100)
                        value = value * 10 + (*text - '0') * unit;
                else if (in_fraction)
                        value += (*text - '0') * unit;
        }
        return has_digit ? value : -1;
}

static void take_delay(Reply *reply, void *field, const char *value, int64_t wall_ms) {
        int64_t ms = read_thousandths(value);
        int64_t most = INT64_C(1000) * HEADER_SECONDS_MAX;

        *(int64_t *)field = ms > most ? most : ms;
}

/* Seconds, or a date (RFC 9110 §10.2.3). */
static void take_retry_after(Reply *reply, void *field, const char *value, int64_t wall_ms) {
        int64_t *delayp = field;
        time_t date = 0;

        take_delay(reply, field, value, wall_ms);
        if (*delayp >= 0)
                return;
        date = curl_getdate(value, NULL);
        if (date == -1)
                return;
        /* A year may have ten digits: in milliseconds such a date is no number any more. */
        if (date > wall_ms / 1000 && date - wall_ms / 1000 >= HEADER_SECONDS_MAX)
                *delayp = INT64_C(1000) * HEADER_SECONDS_MAX;
        else if (date > wall_ms / 1000)
                *delayp = (int64_t)date * 1000 - wall_ms;
        else
                *delayp = 0;
}

/* The service's moment, from now on: clocks that differ make it at most a little longer. */
static void take_reset(Reply *reply, void *field, const char *value, int64_t wall_ms) {
        int64_t moment = read_thousandths(value), most = INT64_C(1000) * HEADER_SECONDS_MAX;
        int64_t left = moment - wall_ms;

        if (moment >= 0)
                *(int64_t *)field = left < 0 ? 0 : left > most ? most : left;
}

static void take_count(Reply *reply, void *field, const char *value, int64_t wall_ms) {
        int64_t thousandths = read_thousandths(value);

        *(int64_t *)field = thousandths < 0 ? -1 : thousandths / 1000;
}

static const HeaderRow rows[] = {
        {"content-type", offsetof(Reply, content_type), NULL},
        {"x-ms-continuationtoken", offsetof(Reply, continuation), NULL},
        {"activityid", offsetof(Reply, activity_id), NULL},
        {"location", offsetof(Reply, location), NULL},
        {"www-authenticate", offsetof(Reply, challenge), NULL},
        {"retry-after", offsetof(Reply, retry_after_ms), take_retry_after},
        {"x-ratelimit-delay", offsetof(Reply, rate_limit_delay_ms), take_delay},
        {"x-ratelimit-reset", offsetof(Reply, rate_limit_reset_ms), take_reset},
        {"x-ratelimit-remaining", offsetof(Reply, rate_limit_remaining), take_count},
        {"x-ratelimit-limit", offsetof(Reply, rate_limit_limit), take_count},
};

void header_reset(Reply *reply) {
        *reply = (Reply){.body = "",
                         .retry_after_ms = -1,
                         .rate_limit_delay_ms = -1,
                         .rate_limit_reset_ms = -1,
                         .rate_limit_remaining = -1,
                         .rate_limit_limit = -1};
}

static const HeaderRow *find_row(const char *name, size_t n) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (strlen(rows[i].name) == n && strncasecmp(rows[i].name, name, n) == 0)
                        return &rows[i];
        return NULL;
}

void header_take(Mem *parent, Reply *reply, const char *line, size_t n, int64_t wall_ms) {
        const char *colon = memchr(line, ':', n);
        const char *end = line + n;
        const HeaderRow *row = NULL;
        void *field = NULL;
        char *value = NULL;

        if (!colon)
                return;
        row = find_row(line, (size_t)(colon - line));
        if (!row)
                return;
        for (colon++; colon < end && strchr(" \t", *colon); colon++)
                ;
        while (end > colon && strchr(" \t\r\n", end[-1]))
                end--;
        /* What would not be valid text is shown to nobody. */
        if (!text_is_utf8(colon, (size_t)(end - colon)))
                return;
        field = (char *)reply + row->offset;
        value = mem_strndup(parent, colon, (size_t)(end - colon));
        if (!row->take) {
                *(const char **)field = value;
                return;
        }
        row->take(reply, field, value, wall_ms);
        mem_free(value);
}

bool header_is_json_success(const Reply *reply) {
        static const char json[] = "application/json";
        const char *type = reply->content_type;

        if (reply->status < 200 || reply->status > 299 || reply->status == 203 || !type)
                return false;
        return strncasecmp(type, json, sizeof json - 1) == 0 &&
               strchr("; \t", type[sizeof json - 1]) != NULL;
}

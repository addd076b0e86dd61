/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface of the simulator, below /_simulator/. */
#pragma once

#include "tests/simulator/route.h"

typedef struct RequestLogRow {
        int64_t time;        /* ms since the epoch, when the answer was ready */
        int64_t duration_ms; /* monotonic, without the transport's delays */
        Service service;
        const char *method;
        const char *url;          /* as sent, with the query */
        const char *route;        /* Route.name, or NULL */
        const char *organization; /* or NULL */
        const Identity *caller;   /* or NULL */
        int status;
        size_t request_bytes;
        size_t response_bytes;
        const char *retry_after; /* header of the answer, or NULL */
        int64_t delay_ms;        /* the answer was held back so long after that */
        bool answered;           /* false: the connection was reset instead */
        const char *fault;       /* what was done to the answer, or NULL */
        const char *activity;    /* header ActivityId of the answer */
        RouteKind kind;
        const char *body; /* of the request, NUL-terminated, may be NULL */
} RequestLogRow;

/* A request whose path starts with /_simulator/ (no authentication; world locked). 0. */
int control_handle(World *world, Request *request, Response *response);
/* Called after each request that is not control's, world locked. Copy what is kept: the row dies
 * with the request. */
void control_log(World *world, const RequestLogRow *row);
/* For world_free(): frees world->log. */
void control_deinit(World *world);

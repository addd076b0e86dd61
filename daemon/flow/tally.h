/* SPDX-License-Identifier: Apache-2.0 */
/* Tally: how the requests of one organisation ended. */
#pragma once

#include <stdint.h>

#include "daemon/flow/request.h"

struct Verdict;

typedef enum RequestEnd {
        REQUEST_ANSWERED,
        REQUEST_NOT_FOUND,
        REQUEST_REFUSED,         /* a permission is missing, a name is taken, another no */
        REQUEST_UNAUTHENTICATED, /* the credential is not accepted, or there was none to send */
        REQUEST_THROTTLED,       /* the service asked to come later */
        REQUEST_UNAVAILABLE,     /* the service is out of order */
        REQUEST_MALFORMED,       /* a success that is not what was asked for, or too large */
        REQUEST_UNANSWERED,      /* no connection, no answer in time or not all of it */
        REQUEST_CANCELLED,       /* nobody waits for the answer any more */
        _REQUEST_END_N,
} RequestEnd;

typedef enum RequestClass {
        REQUEST_READ,
        REQUEST_WRITE,
        _REQUEST_CLASS_N,
} RequestClass;

typedef struct Tally {
        uint64_t n[_REQUEST_CLASS_N][_REQUEST_END_N];
} Tally;

/* Of one try: what came back, and what was made of it. */
RequestEnd request_end(const Reply *reply, const struct Verdict *verdict);
void tally_note(Tally *tally, const Request *request, RequestEnd end);
/* `answered`, `not_found`, … and `read`, `write`. */
const char *request_end_word(RequestEnd end);
const char *request_class_word(RequestClass class);

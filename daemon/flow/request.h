/* SPDX-License-Identifier: Apache-2.0 */
/* Request: one HTTP request as a value, with its Reply. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"

typedef enum Method {
        METHOD_GET,
        METHOD_POST,
        METHOD_PUT,
        METHOD_PATCH,
        METHOD_DELETE,
        METHOD_HEAD,
} Method;

/* Which host (facts §1.1): what resourceAreas said, believed only as product.md's Addresses allows. */
typedef enum Base {
        BASE_CORE,
        BASE_GRAPH, /* graph and identities */
        BASE_AUDIT, /* the audit log */
        _BASE_N,
} Base;

/* How the rest of a list is asked for (facts §7.4). */
typedef enum Paging {
        PAGING_NONE,
        PAGING_CONTINUATION, /* header x-ms-continuationtoken comes back as query continuationToken */
        PAGING_SKIP,         /* $skip grows until a page is shorter than $top */
} Paging;

typedef enum Repeat {
        REPEAT_SAFE,  /* a read, or a write that says the same when said twice */
        REPEAT_NEVER, /* a creation: again only when the service certainly did not take it (429, 503 with
                         Retry-After, no connection) */
} Repeat;

/* Takes the bytes of a body as they arrive instead of holding them; begin is called before each try. */
typedef struct Sink {
        void *context;
        void (*begin)(void *context);
        int (*feed)(void *context, const char *bytes, size_t n); /* 0, or negative: stop, malformed */
        int (*end)(void *context);                               /* 0, or negative: incomplete */
} Sink;

enum { REQUEST_PAGE_SIZE = 500 }; /* $top of PAGING_SKIP */

typedef struct Request {
        Method method;
        Base base;
        const char *path; /* below the base, begins with /, percent-encoded, query included (api-version too) */
        const char *body; /* JSON, or NULL */
        const char *media_type; /* of the body; NULL: application/json */
        Paging paging;
        Repeat repeat;
        unsigned tries_max; /* of a service that is out of order; 0: as many as of any request */
        bool is_survey;   /* counts against requests_per_5_minutes */
        bool only_asks;   /* though its method is one of writes */
        bool empty_is_fine; /* an answer without a JSON body is a success (204, HEAD) */
        const Sink *sink; /* or NULL: the body is held whole */
} Request;

/* Why there is no answer at all. */
typedef enum ReplyFailure {
        REPLY_ANSWERED,
        REPLY_NO_CREDENTIAL, /* there is none to send: nothing was asked */
        REPLY_NO_CONNECTION, /* certainly not taken by the service */
        REPLY_NOT_BELIEVED,  /* whoever is there does not prove to be the service: nothing was asked */
        REPLY_BROKEN,        /* sent, but the answer did not come whole: may have been done */
        REPLY_TIMEOUT,       /* likewise */
        REPLY_TOO_LARGE,
        REPLY_SINK_REFUSED,
        REPLY_CANCELLED,
} ReplyFailure;

typedef struct Reply {
        ReplyFailure failure;
        const char *failure_text; /* of the transport, for people; no secret, no address but the asked one */
        int status;
        const char *content_type; /* or NULL */
        const char *body;         /* terminated; "" when there is none */
        size_t n_body;
        int64_t retry_after_ms;   /* -1: none */
        int64_t rate_limit_delay_ms;
        int64_t rate_limit_reset_ms;                     /* from now on; -1: none; X-RateLimit-* */
        int64_t rate_limit_remaining, rate_limit_limit;  /* -1: none */
        const char *continuation; /* x-ms-continuationtoken, or NULL */
        const char *activity_id;  /* or NULL */
        const char *challenge;    /* WWW-Authenticate, or NULL */
        const char *location;     /* of a redirect; for messages only, never followed */
        int64_t received_at;      /* the port's monotonic clock */
} Reply;

const char *method_name(Method method);
/* Changes nothing at the service. */
bool request_is_read(const Request *request);
Request *request_copy(Mem *parent, const Request *request);

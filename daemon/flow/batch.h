/* SPDX-License-Identifier: Apache-2.0 */
/* Batch: calls that go out side by side and are waited for together. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "daemon/flow/port.h"
#include "daemon/flow/request.h"
#include "daemon/flow/throttle.h"

typedef enum VerdictKind {
        VERDICT_DONE,
        VERDICT_AGAIN, /* after `delay_ms` */
        VERDICT_FAIL,
} VerdictKind;

/* What a reply means; class of failure and text for people. */
typedef enum FaultKind {
        FAULT_NONE,
        FAULT_NETWORK,        /* no answer */
        FAULT_UNKNOWN_RESULT, /* a write whose answer was lost: may have been done */
        FAULT_UNAVAILABLE,    /* 5xx after all tries */
        FAULT_THROTTLED,      /* 429 after all tries */
        FAULT_AUTHENTICATION, /* facts §2.7: 401, 203 or 200 with HTML, 302 to sign-in */
        FAULT_FORBIDDEN,      /* 403 */
        FAULT_NOT_FOUND,      /* 404, VS800075, VS402806, or hidden */
        FAULT_EXISTS,         /* the name is taken */
        FAULT_REFUSED,        /* another 4xx, or a 500 that says no (VS403284, TF400898) */
        FAULT_MALFORMED,      /* a success that is not what was asked for: not JSON, cut, too large */
} FaultKind;

typedef struct Fault {
        FaultKind kind;
        int status;
        const char *type_key;    /* or NULL */
        const char *message;     /* one line for people: what, URL path, what to do */
        const char *activity_id; /* or NULL */
} Fault;

typedef struct Verdict {
        VerdictKind kind;
        int64_t delay_ms;
        Fault fault; /* strings below the call */
} Verdict;

/* Pure. tries counts this reply's (1: the first); random is for jitter. */
typedef Verdict (*JudgeFn)(Mem *parent, const Request *request, const Reply *reply, unsigned tries,
                           int64_t now, uint64_t random);

typedef struct Batch Batch;
typedef struct Call Call;

/* Called for each page that was judged done (once without paging), the rows of the page counted in *rowsp for
 * PAGING_SKIP. 0, or negative with *reasonp a constant sentence: the answer is malformed, the call fails. */
typedef int (*TakeFn)(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp);

struct Call {
        Request *request; /* the current page's */
        TakeFn take;
        void *context;
        uint64_t number;   /* for the owner's use */
        void *data;        /* for the owner's use */
        bool ended;
        Fault fault;       /* FAULT_NONE when it went well */
        unsigned tries;
        unsigned pages;
        bool sent;         /* at least once on the wire; false again when it was certainly not done */
};

typedef struct BatchSpec {
        Port *port;
        Throttle *throttle;
        JudgeFn judge;
        void (*on_done)(void *context, Batch *batch); /* when all have ended; from the loop, never from inside */
        void (*on_call)(void *context, Call *call);   /* or NULL: after each call has ended */
        void *context;
        int64_t deadline; /* port's clock; 0 none: calls fail rather than wait beyond it */
        bool ends_unanswered; /* for reads: stops when a call had all its tries and nothing was answered meanwhile */
} BatchSpec;

Batch *batch_new(Mem *parent, const BatchSpec *spec);
/* Adds a call (the request is copied). Also possible while the batch runs, from take or on_call. take may be NULL. */
Call *batch_add(Batch *batch, const Request *request, TakeFn take, void *context);
/* Starts; an empty batch is done at the next turn of the loop. */
void batch_start(Batch *batch);
/* No new request; those in flight are waited for; then on_done, the rest failed with REPLY_CANCELLED. */
void batch_stop(Batch *batch);
/* It was stopped by `ends_unanswered`: the service is not there, whatever a single call was about. Known in on_call. */
bool batch_is_unanswered(const Batch *batch);
Call *const *batch_calls(const Batch *batch, size_t *np);

/* SPDX-License-Identifier: Apache-2.0 */
/* A fault rule: which requests show which fault, how often. */
#pragma once

#include "tests/simulator/fault.h"

typedef struct FaultRule FaultRule;

/* What a fault does to an exchange. For effects before the handler the result counts, else it is
 * ignored. */
typedef FaultAction FaultEffect(World *world, const FaultRule *rule, Request *request,
                                Response *response);

typedef enum FaultScope {
        FAULT_ANY,
        FAULT_READS,
        FAULT_LISTS, /* reads of more than one thing */
        FAULT_WRITES,
} FaultScope;

typedef struct FaultKind {
        const char *name;
        FaultScope scope;
        FaultEffect *before; /* NULL: nothing is done before the handler */
        FaultEffect *after;
} FaultKind;

/* The table of kinds (fault_effect.c). NULL when there is none of this name. */
const FaultKind *fault_kind_find(const char *name);
/* The table's rows in order; NULL when it has no more. */
const FaultKind *fault_kind_at(size_t i);
/* {"kind", "on"}: `on` as rules have it, left out when it is about any request. */
cJSON *fault_kind_shape(const FaultKind *kind);

struct FaultRule {
        int id;
        const FaultKind *kind;
        /* which requests */
        const char *route; /* pattern of route names, or NULL */
        const char *path;  /* pattern of "METHOD /path?query", or NULL */
        const char *body;  /* pattern of what is sent, or NULL */
        const char *on;    /* "read", "list", "write", or NULL */
        const char *method;
        const char *organization;
        const char *person;
        int64_t after_writes; /* only once so many writes were handled; 0: from the start */
        /* how often */
        double share;  /* of those that fit; 1: all */
        int64_t count; /* at most so often; INT64_MAX: always */
        int64_t every; /* each Nth; 1: all */
        int64_t skip;  /* the first so many are spared */
        Random random;
        int64_t n_fitted;
        int64_t n_applied;
        int64_t n_writes; /* handled since the rule was made */
        /* what */
        double retry_after; /* seconds; negative: the kind's own */
        int64_t remaining;  /* X-RateLimit-Remaining */
        double reset;       /* seconds from now; negative: as Retry-After */
        int64_t ms;         /* of a delay, a stale view, a pause; negative: the kind's own */
        int64_t bytes;      /* of a piece, or until the cut; negative: the kind's own */
        int64_t tiers;      /* so many application tiers of six show it; negative: all */
        const char *match;  /* pattern of what a partial list leaves out, or NULL */
        const char *content_type;
        const char *message; /* of an error, or NULL */
        bool is_due;         /* of the request under way */
};

/* Reads an object; 0, or -1 with mistakes. Text is copied into the arena. */
int fault_rule_read(Arena *arena, const Written *object, FaultRule *rule);
/* Whether the rule is about this request. */
bool fault_rule_fits(const FaultRule *rule, const Request *request, const Route *route);
/* Counts a fitting request, and whether its turn has come. */
bool fault_rule_take(FaultRule *rule);
cJSON *fault_rule_shape(const FaultRule *rule);

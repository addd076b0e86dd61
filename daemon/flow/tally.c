/* SPDX-License-Identifier: Apache-2.0 */
/* Tally: how the requests of one organisation ended. */
#include "daemon/flow/batch.h"
#include "daemon/flow/tally.h"

enum {
        HTTP_REDIRECTION = 300, /* below: successes */
        HTTP_TOO_MANY_REQUESTS = 429,
        HTTP_UNAVAILABLE = 503,
};

static const char *const end_words[_REQUEST_END_N] = {
        [REQUEST_ANSWERED] = "answered",   [REQUEST_NOT_FOUND] = "not_found",
        [REQUEST_REFUSED] = "refused",     [REQUEST_UNAUTHENTICATED] = "unauthenticated",
        [REQUEST_THROTTLED] = "throttled", [REQUEST_UNAVAILABLE] = "unavailable",
        [REQUEST_MALFORMED] = "malformed", [REQUEST_UNANSWERED] = "unanswered",
        [REQUEST_CANCELLED] = "cancelled",
};

static const char *const class_words[_REQUEST_CLASS_N] = {
        [REQUEST_READ] = "read",
        [REQUEST_WRITE] = "write",
};

static RequestEnd end_of_failure(ReplyFailure failure) {
        switch (failure) {
        case REPLY_NO_CREDENTIAL:
                return REQUEST_UNAUTHENTICATED;
        case REPLY_NO_CONNECTION:
        case REPLY_NOT_BELIEVED:
        case REPLY_BROKEN:
        case REPLY_TIMEOUT:
                return REQUEST_UNANSWERED;
        case REPLY_TOO_LARGE:
        case REPLY_SINK_REFUSED:
                return REQUEST_MALFORMED;
        case REPLY_CANCELLED:
                return REQUEST_CANCELLED;
        case REPLY_ANSWERED:
                break;
        }
        return REQUEST_ANSWERED;
}

/* Of an answer that was no success; what is asked again has no fault yet. */
static RequestEnd end_of_fault(const Reply *reply, FaultKind kind) {
        switch (kind) {
        case FAULT_AUTHENTICATION:
                return REQUEST_UNAUTHENTICATED;
        case FAULT_FORBIDDEN:
        case FAULT_EXISTS:
        case FAULT_REFUSED:
                return REQUEST_REFUSED;
        case FAULT_NOT_FOUND:
                return REQUEST_NOT_FOUND;
        case FAULT_THROTTLED:
                return REQUEST_THROTTLED;
        case FAULT_MALFORMED:
                return REQUEST_MALFORMED;
        case FAULT_NONE:
        case FAULT_NETWORK:
        case FAULT_UNKNOWN_RESULT:
        case FAULT_UNAVAILABLE:
                break;
        }
        return reply->status < HTTP_REDIRECTION ? REQUEST_MALFORMED : REQUEST_UNAVAILABLE;
}

RequestEnd request_end(const Reply *reply, const Verdict *verdict) {
        if (reply->failure != REPLY_ANSWERED)
                return end_of_failure(reply->failure);
        if (verdict->kind == VERDICT_DONE)
                return REQUEST_ANSWERED;
        if (reply->status == HTTP_TOO_MANY_REQUESTS || (reply->status == HTTP_UNAVAILABLE && reply->retry_after_ms >= 0))
                return REQUEST_THROTTLED;
        return end_of_fault(reply, verdict->fault.kind);
}

void tally_note(Tally *tally, const Request *request, RequestEnd end) {
        tally->n[request_is_read(request) ? REQUEST_READ : REQUEST_WRITE][end]++;
}

const char *request_end_word(RequestEnd end) {
        return end_words[end];
}

const char *request_class_word(RequestClass class) {
        return class_words[class];
}

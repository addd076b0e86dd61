/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzJudge: any answer whatever is judged, and every failure has one line that a person can read.
 */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/judge.h"
#include "tests/fuzz/target.h"

/* The first bytes say what was asked and how the answer came; the rest is its body. */
enum {
        AT_STATUS, /* a row of statuses */
        AT_TYPE,
        AT_REQUEST,
        AT_FAILURE,
        AT_TRIES,
        AT_RETRY_AFTER,
        N_HEAD,
        MESSAGE_MAX = 1024,
};

static const int statuses[] = {200, 201, 202, 203, 204, 206, 301, 302, 304, 307,
                               400, 401, 403, 404, 405, 408, 409, 410, 413, 414,
                               429, 500, 501, 502, 503, 504, 100, 999};
static const char *const types[] = {NULL,
                                    "application/json",
                                    "application/json; charset=utf-8; api-version=7.1",
                                    "text/html; charset=utf-8",
                                    "text/plain",
                                    "application/jsonp",
                                    ""};
static const Request requests[] = {
        {.method = METHOD_GET, .path = "/_apis/projects?$top=500"},
        {.method = METHOD_POST, .path = "/_apis/identitybatch?api-version=7.1-preview.1"},
        {.method = METHOD_POST, .path = "/_apis/x", .repeat = REPEAT_NEVER},
        {.method = METHOD_HEAD, .path = "/_apis/x", .empty_is_fine = true},
        {.method = METHOD_DELETE, .path = "/_apis/x", .empty_is_fine = true},
};

#define PICK(array, byte) ((array)[(byte) % (sizeof(array) / sizeof *(array))])

static void check_text(const char *text) {
        assert(strlen(text) < MESSAGE_MAX);
        assert(text_is_utf8(text, strlen(text)));
        for (const char *at = text; *at; at++)
                assert((unsigned char)*at >= 0x20 && *at != 0x7F);
}

static void check_verdict(const Verdict *verdict, const Request *request, const Reply *reply,
                          unsigned tries) {
        switch (verdict->kind) {
        case VERDICT_DONE:
                assert(reply->failure == REPLY_ANSWERED && reply->status >= 200 &&
                       reply->status < 300);
                break;
        case VERDICT_AGAIN:
                assert(verdict->delay_ms > 0 && verdict->delay_ms <= JUDGE_RETRY_AFTER_MAX_MS);
                assert(tries < JUDGE_TRIES_MAX);
                assert(request->repeat == REPEAT_SAFE || reply->failure == REPLY_NO_CONNECTION ||
                       reply->status == 429 ||
                       (reply->status == 503 && reply->retry_after_ms >= 0));
                break;
        case VERDICT_FAIL:
                assert(verdict->fault.kind != FAULT_NONE);
                assert(verdict->fault.message &&
                       strncmp(verdict->fault.message, method_name(request->method),
                               strlen(method_name(request->method))) == 0);
                check_text(verdict->fault.message);
                if (verdict->fault.type_key)
                        check_text(verdict->fault.type_key);
                break;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = NULL;
        Reply reply = {.body = "", .retry_after_ms = -1};
        const Request *request = NULL;
        unsigned tries = 0;
        Verdict verdict;

        if (n < N_HEAD)
                return 0;
        mem = mem_alloc_zero(NULL, 1, "fuzz");
        request = &PICK(requests, bytes[AT_REQUEST]);
        reply.status = PICK(statuses, bytes[AT_STATUS]);
        reply.content_type = PICK(types, bytes[AT_TYPE]);
        reply.failure = bytes[AT_FAILURE] % (REPLY_CANCELLED + 1);
        tries = 1 + bytes[AT_TRIES] % JUDGE_TRIES_MAX;
        reply.retry_after_ms = bytes[AT_RETRY_AFTER] ? (bytes[AT_RETRY_AFTER] - 1) * 10000 : -1;
        reply.location = bytes[AT_TYPE] & 0x80
                                 ? mem_strndup(mem, (const char *)bytes + N_HEAD, n - N_HEAD)
                                 : NULL;
        if (reply.location && !text_is_utf8(reply.location, strlen(reply.location)))
                reply.location = NULL; /* the transport lets no such header through */
        reply.body = mem_strndup(mem, (const char *)bytes + N_HEAD, n - N_HEAD);
        reply.n_body = strlen(reply.body);
        verdict = judge_reply(mem, request, &reply, tries, 0, n);
        check_verdict(&verdict, request, &reply, tries);
        mem_free(mem);
        return 0;
}

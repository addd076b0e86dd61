/* SPDX-License-Identifier: Apache-2.0 */
/* Tally: what a try counts as, by what came back and what was made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/flow/batch.h"
#include "daemon/flow/tally.h"

typedef struct Row {
        ReplyFailure failure;
        int status;
        int64_t retry_after_ms;
        VerdictKind verdict;
        FaultKind fault;
        RequestEnd end;
} Row;

static const Row rows[] = {
        {REPLY_ANSWERED, 200, -1, VERDICT_DONE, FAULT_NONE, REQUEST_ANSWERED},
        {REPLY_ANSWERED, 200, 500, VERDICT_DONE, FAULT_NONE, REQUEST_ANSWERED}, /* delayed, but answered */
        {REPLY_ANSWERED, 203, -1, VERDICT_FAIL, FAULT_AUTHENTICATION, REQUEST_UNAUTHENTICATED},
        {REPLY_ANSWERED, 200, -1, VERDICT_FAIL, FAULT_AUTHENTICATION, REQUEST_UNAUTHENTICATED},
        {REPLY_ANSWERED, 200, -1, VERDICT_AGAIN, FAULT_NONE, REQUEST_MALFORMED},
        {REPLY_ANSWERED, 200, -1, VERDICT_FAIL, FAULT_MALFORMED, REQUEST_MALFORMED},
        {REPLY_ANSWERED, 200, -1, VERDICT_FAIL, FAULT_UNKNOWN_RESULT, REQUEST_MALFORMED}, /* of a write */
        {REPLY_ANSWERED, 302, -1, VERDICT_FAIL, FAULT_AUTHENTICATION, REQUEST_UNAUTHENTICATED},
        {REPLY_ANSWERED, 302, -1, VERDICT_FAIL, FAULT_REFUSED, REQUEST_REFUSED},
        {REPLY_ANSWERED, 401, -1, VERDICT_FAIL, FAULT_AUTHENTICATION, REQUEST_UNAUTHENTICATED},
        {REPLY_ANSWERED, 403, -1, VERDICT_FAIL, FAULT_FORBIDDEN, REQUEST_REFUSED},
        {REPLY_ANSWERED, 404, -1, VERDICT_FAIL, FAULT_NOT_FOUND, REQUEST_NOT_FOUND},
        {REPLY_ANSWERED, 409, -1, VERDICT_FAIL, FAULT_EXISTS, REQUEST_REFUSED},
        {REPLY_ANSWERED, 429, -1, VERDICT_AGAIN, FAULT_NONE, REQUEST_THROTTLED},
        {REPLY_ANSWERED, 429, 9000, VERDICT_FAIL, FAULT_THROTTLED, REQUEST_THROTTLED},
        {REPLY_ANSWERED, 500, -1, VERDICT_AGAIN, FAULT_NONE, REQUEST_UNAVAILABLE},
        {REPLY_ANSWERED, 500, -1, VERDICT_FAIL, FAULT_UNKNOWN_RESULT, REQUEST_UNAVAILABLE},
        {REPLY_ANSWERED, 500, -1, VERDICT_FAIL, FAULT_REFUSED, REQUEST_REFUSED}, /* one that says no */
        {REPLY_ANSWERED, 500, -1, VERDICT_FAIL, FAULT_NOT_FOUND, REQUEST_NOT_FOUND},
        {REPLY_ANSWERED, 503, -1, VERDICT_AGAIN, FAULT_NONE, REQUEST_UNAVAILABLE},
        {REPLY_ANSWERED, 503, 0, VERDICT_AGAIN, FAULT_NONE, REQUEST_THROTTLED},
        {REPLY_ANSWERED, 503, 9000, VERDICT_FAIL, FAULT_UNAVAILABLE, REQUEST_THROTTLED},
        {REPLY_NO_CREDENTIAL, 0, -1, VERDICT_FAIL, FAULT_AUTHENTICATION, REQUEST_UNAUTHENTICATED},
        {REPLY_NO_CONNECTION, 0, -1, VERDICT_AGAIN, FAULT_NONE, REQUEST_UNANSWERED},
        {REPLY_NOT_BELIEVED, 0, -1, VERDICT_FAIL, FAULT_NETWORK, REQUEST_UNANSWERED},
        {REPLY_BROKEN, 0, -1, VERDICT_FAIL, FAULT_UNKNOWN_RESULT, REQUEST_UNANSWERED},
        {REPLY_TIMEOUT, 0, -1, VERDICT_AGAIN, FAULT_NONE, REQUEST_UNANSWERED},
        {REPLY_TOO_LARGE, 200, -1, VERDICT_FAIL, FAULT_MALFORMED, REQUEST_MALFORMED},
        {REPLY_SINK_REFUSED, 200, -1, VERDICT_AGAIN, FAULT_NONE, REQUEST_MALFORMED},
        {REPLY_CANCELLED, 0, -1, VERDICT_FAIL, FAULT_NETWORK, REQUEST_CANCELLED},
};

static void test_ends(void **state) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const Row *row = &rows[i];
                Reply reply = {.failure = row->failure, .status = row->status, .retry_after_ms = row->retry_after_ms};
                Verdict verdict = {.kind = row->verdict, .fault.kind = row->fault};

                assert_string_equal(request_end_word(request_end(&reply, &verdict)), request_end_word(row->end));
        }
}

static void test_classes(void **state) {
        static const struct {
                Request request;
                RequestClass class;
        } requests[] = {
                {{.method = METHOD_GET}, REQUEST_READ},
                {{.method = METHOD_HEAD}, REQUEST_READ},
                {{.method = METHOD_POST, .only_asks = true}, REQUEST_READ},
                {{.method = METHOD_POST}, REQUEST_WRITE},
                {{.method = METHOD_PUT}, REQUEST_WRITE},
                {{.method = METHOD_PATCH}, REQUEST_WRITE},
                {{.method = METHOD_DELETE}, REQUEST_WRITE},
        };

        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
                Tally tally = {0};

                tally_note(&tally, &requests[i].request, REQUEST_REFUSED);
                assert_int_equal(tally.n[requests[i].class][REQUEST_REFUSED], 1);
                assert_int_equal(tally.n[!requests[i].class][REQUEST_REFUSED], 0);
        }
}

static void test_each_has_a_word(void **state) {
        for (int end = 0; end < _REQUEST_END_N; end++)
                assert_non_null(request_end_word((RequestEnd)end));
        for (int class = 0; class < _REQUEST_CLASS_N; class++)
                assert_non_null(request_class_word((RequestClass)class));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ends),
                cmocka_unit_test(test_classes),
                cmocka_unit_test(test_each_has_a_word),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

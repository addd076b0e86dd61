/* SPDX-License-Identifier: Apache-2.0 */
/* Judge: every way in which the service says no, or seems to say yes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/azdo/judge.h"
#include "tests/unit/azdo/fixture.h"

#define JSON "application/json; charset=utf-8; api-version=7.1"
#define HTML "text/html; charset=utf-8"
#define SIGN_IN "<html><head><title>Azure DevOps Services | Sign In</title></head></html>"
#define ERROR(type, message)                                            \
        "{\"$id\":\"1\",\"innerException\":null,\"message\":\"" message \
        "\",\"typeName\":\"X." type ", X\",\"typeKey\":\"" type         \
        "\",\"errorCode\":0,\"eventId\":3000}"

/* A read, a write that says the same twice, a creation; `empty` where no body is wanted. */
typedef enum Asked {
        READ,
        READ_STREAM,
        ASK, /* by POST */
        WRITE,
        CREATE,
        CHECK, /* HEAD */
} Asked;

typedef struct Row {
        const char *name;
        Asked asked;
        const char *fixture; /* or the rest of the answer: */
        int status;
        const char *type, *body;
        int64_t retry_after_ms; /* 0 is written as none */
        const char *location;
        ReplyFailure failure;
        unsigned tries; /* 0 stands for 1 */
        VerdictKind kind;
        FaultKind fault;
        int64_t delay;        /* exactly, where the service says it */
        const char *part;     /* of the message */
        const char *not_part; /* what must not stand there */
} Row;

static const Row rows[] = {
        /* facts §2.7, line by line */
        {"203 with a sign-in page", READ, NULL, 203, HTML, SIGN_IN, .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION, .part = "sign-in page", .not_part = "<html>"},
        {"203 even with JSON", READ, NULL, 203, JSON, "{}", .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION},
        {"203 on a write", WRITE, NULL, 203, HTML, SIGN_IN, .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION},
        {"401 TF400813", WRITE, NULL, 401, JSON,
         ERROR("UnauthorizedRequestException", "TF400813: The user is not authorized."),
         .kind = VERDICT_FAIL, .fault = FAULT_AUTHENTICATION,
         .part = "401 UnauthorizedRequestException: TF400813: The user"},
        {"401 without a body", READ, "error_401_deleted_definitions_list", .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION, .part = "401 without a body; renew the credential"},
        {"302 to a sign-in page", READ, NULL, 302, HTML, "Object moved", .kind = VERDICT_FAIL,
         .location =
                 "https://spsprodcus3.vssps.visualstudio.com/_signin?realm=dev.azure.com&reply_to=secret",
         .fault = FAULT_AUTHENTICATION, .part = "302 to a sign-in page", .not_part = "secret"},
        {"302 to Entra", READ, NULL, 302, HTML, "", .kind = VERDICT_FAIL,
         .location = "https://login.microsoftonline.com/common/oauth2/authorize?client_id=1",
         .fault = FAULT_AUTHENTICATION},
        {"302 nowhere", READ, NULL, 302, HTML, "", .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION},
        {"301 elsewhere", READ, NULL, 301, HTML, "", .kind = VERDICT_FAIL,
         .location = "https://contoso.example/_apis/projects?token=secret", .fault = FAULT_REFUSED,
         .part = "at contoso.example; redirects are not followed", .not_part = "secret"},
        {"301 behind a password", READ, NULL, 301, HTML, "", .kind = VERDICT_FAIL,
         .location = "https://ana:secret@contoso.example/", .fault = FAULT_REFUSED,
         .not_part = "ana"},
        {"307 on a write", WRITE, NULL, 307, NULL, "", .kind = VERDICT_FAIL,
         .location = "/elsewhere", .fault = FAULT_REFUSED, .part = "to another address"},
        {"200 with a page", READ, NULL, 200, HTML, "<html>proxy</html>", .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION, .part = "200 with a page"},
        {"200 with a page and no body", CHECK, NULL, 200, HTML, "", .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION},
        {"403", WRITE, NULL, 403, JSON,
         ERROR("AccessDeniedException", "Access denied. Ana needs Manage permissions."),
         .kind = VERDICT_FAIL, .fault = FAULT_FORBIDDEN,
         .part = "Ana needs Manage permissions.; charterd's identity"},
        {"404 hidden project", READ, "error_404_project_does_not_exist_TF200016",
         .kind = VERDICT_FAIL, .fault = FAULT_NOT_FOUND, .part = "TF200016"},
        {"401 VS30063", READ, NULL, 401, JSON,
         ERROR("X", "VS30063: You are not authorized to access x."), .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION, .part = "policy of the organisation"},
        {"403 VS30063", READ, NULL, 403, JSON, ERROR("X", "VS30063: You are not authorized."),
         .kind = VERDICT_FAIL, .fault = FAULT_AUTHENTICATION},
        {"401 VS403363", READ, NULL, 401, JSON, ERROR("X", "VS403363: MSA"), .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION},

        /* facts §1.8 */
        {"400 VS800075 is not found", READ, NULL, 400, JSON,
         ERROR("X", "VS800075: The project with id x does not exist."), .kind = VERDICT_FAIL,
         .fault = FAULT_NOT_FOUND},
        {"400 VS402806 is not found", READ, NULL, 400, JSON, ERROR("X", "VS402806: field"),
         .kind = VERDICT_FAIL, .fault = FAULT_NOT_FOUND},
        {"a number within a message decides nothing", READ, NULL, 400, JSON,
         ERROR("X", "see VS800075: no"), .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"a longer number is another one", READ, NULL, 400, JSON, ERROR("X", "VS8000751: no"),
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"400 no default value", WRITE, "teamfieldvalues_patch_400_no_defaultValue",
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED,
         .part = "400 TeamFieldArgumentNullException: DefaultValue"},
        {"400 TF400497", WRITE, "error_400_TF400497_iteration", .kind = VERDICT_FAIL,
         .fault = FAULT_REFUSED, .part = "TF400497"},
        {"400 preview", READ, NULL, 400, JSON,
         ERROR("VssInvalidPreviewVersionException", "under preview"), .kind = VERDICT_FAIL,
         .fault = FAULT_REFUSED, .part = "newer charterd"},
        {"404 no controller is no absence", READ, "error_404_text_plain_no_controller",
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED,
         .part = "was not found or does not implement IController"},
        {"404 page is no absence", READ, NULL, 404, HTML, "<html>", .kind = VERDICT_FAIL,
         .fault = FAULT_REFUSED},
        {"404 of a wiki page", READ, "wiki_page_404_error_body", .kind = VERDICT_FAIL,
         .fault = FAULT_NOT_FOUND, .part = "WikiPageNotFoundException"},
        {"404 without a body", READ, NULL, 404, NULL, "", .kind = VERDICT_FAIL,
         .fault = FAULT_NOT_FOUND},
        {"404 to HEAD", CHECK, NULL, 404, NULL, "", .kind = VERDICT_FAIL, .fault = FAULT_NOT_FOUND},
        {"404 VS402485", READ, NULL, 404, JSON,
         ERROR("WorkItemTrackingTreeNodeNotFoundException", "VS402485: no"), .kind = VERDICT_FAIL,
         .fault = FAULT_NOT_FOUND},
        {"409 on a creation", CREATE, NULL, 409, JSON, ERROR("GroupCreationException", "taken"),
         .kind = VERDICT_FAIL, .fault = FAULT_EXISTS, .part = "the name is taken"},
        {"409 on another write", WRITE, NULL, 409, JSON, ERROR("ConflictException", "x"),
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"400 already exists", CREATE, NULL, 400, JSON, ERROR("TeamAlreadyExistsException", "x"),
         .kind = VERDICT_FAIL, .fault = FAULT_EXISTS},
        {"400 duplicate", CREATE, NULL, 400, JSON,
         ERROR("ClassificationNodeDuplicateNameException", "x"), .kind = VERDICT_FAIL,
         .fault = FAULT_EXISTS},
        {"400 does not exist is not exists", CREATE, NULL, 400, JSON,
         ERROR("ParentDoesNotExistException", "x"), .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"TF200019", CREATE, NULL, 400, JSON, ERROR("X", "TF200019: taken"), .kind = VERDICT_FAIL,
         .fault = FAULT_EXISTS},
        {"TF400948", CREATE, NULL, 409, JSON, ERROR("X", "TF400948: taken"), .kind = VERDICT_FAIL,
         .fault = FAULT_EXISTS},
        {"500 VS403284", WRITE, NULL, 500, JSON, ERROR("X", "VS403284: reserved by the system"),
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED, .part = "reserves a bit"},
        {"500 TF400898", WRITE, NULL, 500, JSON, ERROR("X", "TF400898: An Internal Error"),
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"500 TF400049", READ, NULL, 500, JSON, ERROR("X", "TF400049: too many"),
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"500 TF401349", WRITE, NULL, 500, JSON,
         ERROR("UnexpectedException", "TF401349: An unexpected error"), .kind = VERDICT_AGAIN},
        {"500 TF401349 to a creation", CREATE, NULL, 500, JSON,
         ERROR("UnexpectedException", "TF401349: x"), .kind = VERDICT_FAIL,
         .fault = FAULT_UNKNOWN_RESULT, .part = "may have been done"},
        {"503 stopped, with a BOM", READ, "error_503_collection_stopped_BOM",
         .kind = VERDICT_AGAIN},
        {"503 stopped, to the end", READ, "error_503_collection_stopped_BOM",
         .tries = JUDGE_TRIES_MAX, .kind = VERDICT_FAIL, .fault = FAULT_UNAVAILABLE,
         .part = "its owner must start it"},
        {"the improper wrapper", READ, NULL, 400, JSON,
         "{\"value\":{\"Message\":\"odd\"},\"count\":1}", .kind = VERDICT_FAIL,
         .fault = FAULT_REFUSED, .part = "400: odd"},
        {"an error body that is no JSON", READ, NULL, 400, JSON,
         "{\"message\":", .kind = VERDICT_FAIL, .fault = FAULT_REFUSED, .part = "400"},
        {"lines in a message", READ, NULL, 400, JSON, ERROR("X", "one\\r\\n\\ttwo\\u0007"),
         .kind = VERDICT_FAIL, .fault = FAULT_REFUSED, .part = ": one two; "},
        {"413", WRITE, NULL, 413, NULL, "", .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"414", READ, NULL, 414, HTML, "x", .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},
        {"304", READ, NULL, 304, NULL, "", .kind = VERDICT_FAIL, .fault = FAULT_MALFORMED},
        {"501", READ, NULL, 501, JSON, "{}", .kind = VERDICT_FAIL, .fault = FAULT_REFUSED},

        /* waiting (facts §7.1) */
        {"429", READ, NULL, 429, JSON, ERROR("X", "TF400733: blocked"), .retry_after_ms = 30000,
         .kind = VERDICT_AGAIN, .delay = 30000},
        {"429 to a creation", CREATE, NULL, 429, JSON, "{}", .retry_after_ms = 5000,
         .kind = VERDICT_AGAIN, .delay = 5000},
        {"429 without Retry-After", CREATE, NULL, 429, NULL, "", .kind = VERDICT_AGAIN},
        {"429 that asks for an hour", READ, NULL, 429, JSON, "{}", .retry_after_ms = 3600 * 1000,
         .kind = VERDICT_FAIL, .fault = FAULT_THROTTLED, .part = "asks to wait 3600 s"},
        {"429 to the end", READ, NULL, 429, JSON, "{}", .retry_after_ms = 1000,
         .tries = JUDGE_TRIES_MAX, .kind = VERDICT_FAIL, .fault = FAULT_THROTTLED,
         .part = "tried 8 times"},
        {"429 with a page", READ, NULL, 429, HTML, "<html>", .retry_after_ms = 1000,
         .kind = VERDICT_AGAIN, .delay = 1000},
        {"503 with Retry-After to a creation", CREATE, NULL, 503, HTML, "x", .retry_after_ms = 7000,
         .kind = VERDICT_AGAIN, .delay = 7000},
        {"503 without it to a creation", CREATE, NULL, 503, HTML, "x", .kind = VERDICT_FAIL,
         .fault = FAULT_UNKNOWN_RESULT},
        {"503 without it", READ, NULL, 503, HTML, "x", .kind = VERDICT_AGAIN},
        {"503 that asks for an hour", READ, NULL, 503, HTML, "x", .retry_after_ms = 3600 * 1000,
         .kind = VERDICT_FAIL, .fault = FAULT_UNAVAILABLE},
        {"503 to the end", WRITE, NULL, 503, HTML, "x", .tries = JUDGE_TRIES_MAX,
         .kind = VERDICT_FAIL, .fault = FAULT_UNAVAILABLE, .part = "tried 8 times"},
        {"500", READ, NULL, 500, HTML, "x", .kind = VERDICT_AGAIN},
        {"500 with Retry-After", READ, NULL, 500, HTML, "x", .retry_after_ms = 60000,
         .kind = VERDICT_AGAIN, .delay = 60000},
        {"500 to the end", READ, NULL, 500, HTML, "x", .tries = JUDGE_TRIES_MAX,
         .kind = VERDICT_FAIL, .fault = FAULT_UNAVAILABLE},
        {"502 of a write to the end", WRITE, NULL, 502, HTML, "x", .tries = JUDGE_TRIES_MAX,
         .kind = VERDICT_FAIL, .fault = FAULT_UNKNOWN_RESULT},
        {"504 of a read to the end", READ, NULL, 504, HTML, "x", .tries = JUDGE_TRIES_MAX,
         .kind = VERDICT_FAIL, .fault = FAULT_UNAVAILABLE},
        {"504 of a question by POST to the end", ASK, NULL, 504, HTML, "x",
         .tries = JUDGE_TRIES_MAX, .kind = VERDICT_FAIL, .fault = FAULT_UNAVAILABLE},
        {"200 with Retry-After is done", READ, NULL, 200, JSON, "{}", .retry_after_ms = 30000,
         .kind = VERDICT_DONE},

        /* no answer */
        {"no credential", READ, .failure = REPLY_NO_CREDENTIAL, .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION},
        {"a certificate that is not believed", READ, .failure = REPLY_NOT_BELIEVED,
         .kind = VERDICT_FAIL, .fault = FAULT_NETWORK,
         .part = "the certificate is not believed; nothing was sent; if"},
        {"no connection", CREATE, .failure = REPLY_NO_CONNECTION, .kind = VERDICT_AGAIN},
        {"no connection to the end", CREATE, .failure = REPLY_NO_CONNECTION,
         .tries = JUDGE_TRIES_MAX, .kind = VERDICT_FAIL, .fault = FAULT_NETWORK,
         .part = "no connection; tried 8 times; check the network"},
        {"broken read", READ, .failure = REPLY_BROKEN, .kind = VERDICT_AGAIN},
        {"broken creation", CREATE, .failure = REPLY_BROKEN, .kind = VERDICT_FAIL,
         .fault = FAULT_UNKNOWN_RESULT, .part = "the answer broke off; it may have been done"},
        {"creation in silence", CREATE, .failure = REPLY_TIMEOUT, .kind = VERDICT_FAIL,
         .fault = FAULT_UNKNOWN_RESULT},
        {"read in silence to the end", READ, .failure = REPLY_TIMEOUT, .tries = JUDGE_TRIES_MAX,
         .kind = VERDICT_FAIL, .fault = FAULT_NETWORK},
        {"write in silence to the end", WRITE, .failure = REPLY_TIMEOUT, .tries = JUDGE_TRIES_MAX,
         .kind = VERDICT_FAIL, .fault = FAULT_UNKNOWN_RESULT},
        {"question by POST in silence to the end", ASK, .failure = REPLY_TIMEOUT,
         .tries = JUDGE_TRIES_MAX, .kind = VERDICT_FAIL, .fault = FAULT_NETWORK},
        {"too large", READ, .failure = REPLY_TOO_LARGE, .kind = VERDICT_FAIL,
         .fault = FAULT_MALFORMED, .part = "response_size"},
        {"a stream that is malformed", READ_STREAM, .failure = REPLY_SINK_REFUSED,
         .kind = VERDICT_AGAIN},
        {"a stream malformed thrice", READ_STREAM, .failure = REPLY_SINK_REFUSED, .tries = 3,
         .kind = VERDICT_FAIL, .fault = FAULT_MALFORMED},
        {"stopped", READ, .failure = REPLY_CANCELLED, .kind = VERDICT_FAIL, .fault = FAULT_NETWORK},
        {"a write stopped", WRITE, .failure = REPLY_CANCELLED, .kind = VERDICT_FAIL,
         .fault = FAULT_UNKNOWN_RESULT},

        /* success, and what only looks like it */
        {"200", READ, "project_get", .kind = VERDICT_DONE},
        {"201", CREATE, "repository_create", .kind = VERDICT_DONE},
        {"202", CREATE, "project_create", .kind = VERDICT_DONE},
        {"204", WRITE, "deleted_204", .kind = VERDICT_DONE},
        {"HEAD 200", CHECK, "membership_head", .kind = VERDICT_DONE},
        {"DELETE 200 without a body", WRITE, "membership_delete", .kind = VERDICT_DONE},
        {"a bare true", WRITE, "ace_remove", .kind = VERDICT_DONE},
        {"entries after a write", WRITE, "ace_set_merge_allow", .kind = VERDICT_DONE},
        {"a mask moved", WRITE, "ace_set_merge_deny_moves_bit", .kind = VERDICT_DONE},
        {"bits cleared", WRITE, "permissions_remove", .kind = VERDICT_DONE},
        {"a membership made", WRITE, "membership_put", .kind = VERDICT_DONE},
        {"a stream that went into its sink", READ_STREAM, NULL, 200, JSON, "",
         .kind = VERDICT_DONE},
        {"a page instead of a stream", READ_STREAM, NULL, 200, HTML, SIGN_IN, .kind = VERDICT_FAIL,
         .fault = FAULT_AUTHENTICATION},
        {"JSON in capitals", READ, NULL, 200, "Application/JSON", "{}", .kind = VERDICT_DONE},
        {"JSON with a BOM", READ, NULL, 200, JSON, "\xEF\xBB\xBF{\"a\":1}", .kind = VERDICT_DONE},
        {"brackets in texts", READ, NULL, 200, JSON, "{\"a\":\"}]\\\"[{\"}", .kind = VERDICT_DONE},
        {"nothing where something is wanted", READ, NULL, 200, JSON, "", .kind = VERDICT_AGAIN},
        {"204 where something is wanted", READ, NULL, 204, NULL, "", .tries = 3,
         .kind = VERDICT_FAIL, .fault = FAULT_MALFORMED, .part = "204, but the answer is empty"},
        {"cut", READ, NULL, 200, JSON, "{\"value\":[{\"a\":1}", .kind = VERDICT_AGAIN},
        {"cut in a text", READ, NULL, 200, JSON, "{\"value\":\"}}", .kind = VERDICT_AGAIN},
        {"cut thrice", READ, NULL, 200, JSON, "{", .tries = 3, .kind = VERDICT_FAIL,
         .fault = FAULT_MALFORMED, .part = "200, but the answer is cut; tried 3 times"},
        {"a creation whose answer is cut", CREATE, NULL, 201, JSON, "{", .kind = VERDICT_FAIL,
         .fault = FAULT_UNKNOWN_RESULT},
        {"too many brackets", READ, NULL, 200, JSON, "{}}", .kind = VERDICT_AGAIN},
        {"plain text", READ, NULL, 200, "text/plain", "{}", .kind = VERDICT_AGAIN},
        {"plain text thrice", READ, NULL, 200, "text/plain", "{}", .tries = 3, .kind = VERDICT_FAIL,
         .fault = FAULT_MALFORMED, .part = "the answer is text/plain, not JSON"},
        {"something like JSON", READ, NULL, 200, "application/jsonp", "{}", .kind = VERDICT_AGAIN},
        {"no type", READ, NULL, 200, NULL, "{}", .tries = 3, .kind = VERDICT_FAIL,
         .fault = FAULT_MALFORMED},
};

static void no_begin(void *context) {
}

static int no_feed(void *context, const char *bytes, size_t n) {
        return 0;
}

static int no_end(void *context) {
        return 0;
}

static const Sink sink = {.begin = no_begin, .feed = no_feed, .end = no_end};

static const Request requests[] = {
        [READ] = {.method = METHOD_GET, .path = "/_apis/projects?$top=1&note=secret"},
        [READ_STREAM] = {.method = METHOD_GET,
                         .path = "/_apis/accesscontrollists/1?token=x",
                         .sink = &sink},
        [ASK] = {.method = METHOD_POST,
                 .path = "/_apis/identitybatch?api-version=7.1-preview.1",
                 .only_asks = true,
                 .body = "{}"},
        [WRITE] = {.method = METHOD_POST, .path = "/_apis/x", .body = "{}", .empty_is_fine = true},
        [CREATE] = {.method = METHOD_POST,
                    .path = "/_apis/x",
                    .body = "{}",
                    .repeat = REPEAT_NEVER},
        [CHECK] = {.method = METHOD_HEAD, .path = "/_apis/x", .empty_is_fine = true},
};

static Reply *reply_of(Mem *mem, const Row *row) {
        Reply *reply =
                row->fixture ? fixture_reply(mem, row->fixture) : reply_status(mem, row->status);

        if (!row->fixture) {
                reply->content_type = row->type;
                reply->body = row->body ? row->body : "";
                reply->n_body = strlen(reply->body);
                reply->failure = row->failure;
                reply->location = row->location;
                reply->activity_id = "8a1b";
        }
        if (row->retry_after_ms)
                reply->retry_after_ms = row->retry_after_ms;
        return reply;
}

static void check_fault(const Row *row, const Request *request, const Fault *fault) {
        if (fault->kind != row->fault)
                fail_msg("%s: fault %d, expected %d: %s", row->name, fault->kind, row->fault,
                         fault->message);
        assert_non_null(fault->message);
        if (row->part && !strstr(fault->message, row->part))
                fail_msg("%s: %s", row->name, fault->message);
        if (row->not_part && strstr(fault->message, row->not_part))
                fail_msg("%s: %s", row->name, fault->message);
        /* Names method and path, on one line, without the query; says what to do. */
        if (strncmp(fault->message, method_name(request->method),
                    strlen(method_name(request->method))) != 0 ||
            !strstr(fault->message, " /_apis/") || strchr(fault->message, '\n') ||
            strstr(fault->message, "secret") || !strchr(fault->message, ';'))
                fail_msg("%s: %s", row->name, fault->message);
}

static void test_rows(void **state) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const Row *row = &rows[i];
                const Request *request = &requests[row->asked];
                Mem *mem = mem_alloc_zero(NULL, 1, "test");
                Verdict verdict = judge_reply(mem, request, reply_of(mem, row),
                                              row->tries ? row->tries : 1, 0, 12345);

                if (verdict.kind != row->kind)
                        fail_msg("%s: verdict %d, expected %d: %s", row->name, verdict.kind,
                                 row->kind, verdict.fault.message ? verdict.fault.message : "");
                if (verdict.kind == VERDICT_FAIL)
                        check_fault(row, request, &verdict.fault);
                if (row->delay && verdict.delay_ms != row->delay)
                        fail_msg("%s: waits %ld", row->name, (long)verdict.delay_ms);
                if (verdict.kind == VERDICT_AGAIN && verdict.delay_ms <= 0)
                        fail_msg("%s: does not wait", row->name);
                mem_free(mem);
        }
}

/* Doubles from half a second to half a minute; half of it is jitter. */
static void test_backoff(void **state) {
        static const int64_t longest[JUDGE_TRIES_MAX - 1] = {500,  1000,  2000, 4000,
                                                             8000, 16000, 30000};
        static const uint64_t randoms[] = {0, 1, 77, 12345678901234567u, UINT64_MAX};
        Mem *mem = mem_alloc_zero(NULL, 1, "test");
        Reply *reply = reply_status(mem, 500);

        for (unsigned tries = 1; tries < JUDGE_TRIES_MAX; tries++) {
                int64_t least = INT64_MAX;
                int64_t most = 0;

                for (size_t i = 0; i < sizeof randoms / sizeof *randoms; i++) {
                        Verdict verdict =
                                judge_reply(mem, &requests[READ], reply, tries, 0, randoms[i]);

                        assert_int_equal(verdict.kind, VERDICT_AGAIN);
                        assert_in_range(verdict.delay_ms, longest[tries - 1] / 2,
                                        longest[tries - 1]);
                        least = verdict.delay_ms < least ? verdict.delay_ms : least;
                        most = verdict.delay_ms > most ? verdict.delay_ms : most;
                }
                assert_true(least < most);
        }
        assert_int_equal(judge_reply(mem, &requests[READ], reply, JUDGE_TRIES_MAX, 0, 1).kind,
                         VERDICT_FAIL);
        mem_free(mem);
}

static void test_fault_fields(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "test");
        Reply *reply = fixture_reply(mem, "error_404_project_does_not_exist_TF200016");
        Fault fault = judge_reply(mem, &requests[READ], reply, 1, 0, 0).fault;

        assert_int_equal(fault.status, 404);
        assert_string_equal(fault.type_key, "ProjectDoesNotExistWithNameException");
        assert_string_equal(fault.activity_id, reply->activity_id);
        mem_free(mem);
}

/* What the service writes at length is cut between two characters, and long paths are. */
static void test_long_texts(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "test");
        char *words = mem_new_array(mem, char, 2001);
        char *path = mem_new_array(mem, char, 3001);
        Request request = requests[READ];
        Reply *reply = reply_status(mem, 400);
        Fault fault;

        for (size_t i = 0; i < 2000; i += 2)
                memcpy(words + i, "ö", 2);
        memset(path, 'a', 3000);
        memcpy(path, "/_apis/", 7);
        request.path = path;
        reply->content_type = JSON;
        reply->body = mem_printf(mem, "{\"message\":\"x%s\"}", words);
        reply->n_body = strlen(reply->body);
        fault = judge_reply(mem, &request, reply, 1, 0, 0).fault;
        assert_true(strlen(fault.message) < 800);
        assert_true(text_is_utf8(fault.message, strlen(fault.message)));
        /* Such an address may have been too long to be understood (facts §1.8). */
        fault = judge_reply(mem, &request, reply_status(mem, 404), 1, 0, 0).fault;
        assert_int_equal(fault.kind, FAULT_REFUSED);
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),
                cmocka_unit_test(test_backoff),
                cmocka_unit_test(test_fault_fields),
                cmocka_unit_test(test_long_texts),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

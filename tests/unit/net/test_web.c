/* SPDX-License-Identifier: Apache-2.0 */
/* Web: requests against a server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/net/web.h"
#include "tests/unit/net/server.h"

#define RESET "4102444800" /* in the year 2100 */

enum {
        HANG_MS = 20 * 1000,
        SMALL = 1000, /* response_size of most tests */
        MANY = 100,
        PAUSE_OF_OURS_MS = 1700,
};

typedef struct Fixture {
        Mem *mem;
        Loop *loop;
        Web *web;
        WebEndpoint *endpoint;
        Mem *owner;
        LoopTicket *guard;
        unsigned n_expected, n_replies;
        /* of the last reply */
        Reply reply;
        char *body, *failure_text, *continuation, *location, *activity;
        /* what a sink saw */
        Text streamed;
        unsigned n_begun, n_ended;
        int feed_result, end_result;
        Mem *cancel; /* freed when the first reply comes */
} Fixture;

static void on_hang(void *context) {
        fail_msg("%s", "the test hangs");
}

static Fixture fixture_new(const WebSpec *limits, const char *url) {
        Fixture f = {0};
        const char *reason = NULL;
        WebSpec spec = {.silence_ms = 5000,
                        .total_ms = 10000,
                        .response_size = SMALL,
                        .stream_size = 100 * SMALL};

        if (limits)
                spec = *limits;
        f.mem = mem_alloc_zero(NULL, 1, "test");
        f.loop = loop_new(f.mem);
        f.owner = mem_alloc_zero(f.mem, 1, "owner");
        spec.loop = f.loop;
        spec.version = "1.2.3";
        f.web = web_new(f.mem, &spec);
        f.endpoint = web_endpoint_new(f.mem, f.web, url, NULL, &reason);
        assert_non_null(f.endpoint);
        f.guard = loop_alarm(f.loop, f.mem, HANG_MS, on_hang, NULL);
        text_init(&f.streamed, f.mem);
        return f;
}

static void fixture_free(Fixture *f) {
        mem_free(f->owner);
        mem_free(f->guard);
        web_free(f->web);
        loop_free(f->loop);
        mem_free(f->mem);
}

static void on_reply(void *context, const Reply *reply) {
        Fixture *f = context;

        f->reply = *reply;
        f->body = mem_strndup(f->mem, reply->body, reply->n_body);
        assert_int_equal(strlen(reply->body), reply->n_body);
        f->failure_text = mem_strdup(f->mem, reply->failure_text);
        f->continuation = mem_strdup(f->mem, reply->continuation);
        f->location = mem_strdup(f->mem, reply->location);
        f->activity = mem_strdup(f->mem, reply->activity_id);
        f->cancel = mem_free(f->cancel);
        if (++f->n_replies == f->n_expected)
                loop_stop(f->loop);
}

static void ask_times(Fixture *f, const Request *request, unsigned n) {
        f->n_replies = 0;
        f->n_expected = n;
        for (unsigned i = 0; i < n; i++)
                web_send(f->endpoint, f->owner, request, on_reply, f);
        assert_int_equal(f->n_replies, 0); /* never from inside */
        loop_run(f->loop);
        assert_int_equal(f->n_replies, n);
}

static void ask(Fixture *f, const char *path) {
        ask_times(f, &(Request){.path = path}, 1);
}

/* 1,000 and 60,000 times the letter z. */
static const char packed_small[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\xaa\x1a\x05\xa3\x60\x14\x0c\x77\x00"
        "\x00\x6e\x66\x96\x0c\xe8\x03\x00\x00";
static const char packed_bomb[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\xde"
        "\x4b\x6f\x0d\x0f\xa0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\xbe\x0c\x06\x48\x0b\x2b\x60\xea\x00\x00";

static enum MHD_Result answer_gzip(struct MHD_Connection *connection, const char *packed,
                                   size_t n) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(n, (void *)packed, MHD_RESPMEM_PERSISTENT);
        enum MHD_Result result = MHD_NO;

        MHD_add_response_header(response, "Content-Encoding", "gzip");
        MHD_add_response_header(response, "Content-Type", "application/json");
        result = MHD_queue_response(connection, 200, response);
        MHD_destroy_response(response);
        return result;
}

static ssize_t chunk(void *context, uint64_t position, char *bytes, size_t n) {
        uint64_t size = (uint64_t)(uintptr_t)context;

        if (position >= size)
                return MHD_CONTENT_READER_END_OF_STREAM;
        if (n > 100)
                n = 100;
        if (n > size - position)
                n = (size_t)(size - position);
        memset(bytes, 'c', n);
        return (ssize_t)n;
}

static enum MHD_Result answer_chunked(struct MHD_Connection *connection, size_t size,
                                      const char *type) {
        struct MHD_Response *response = MHD_create_response_from_callback(
                MHD_SIZE_UNKNOWN, 1024, chunk, (void *)(uintptr_t)size, NULL);
        enum MHD_Result result = MHD_NO;

        MHD_add_response_header(response, "Content-Type", type);
        result = MHD_queue_response(connection, 200, response);
        MHD_destroy_response(response);
        return result;
}

static enum MHD_Result answer_headers(struct MHD_Connection *connection, unsigned status,
                                      const char *const *headers) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(2, (void *)"{}", MHD_RESPMEM_PERSISTENT);
        enum MHD_Result result = MHD_NO;

        for (; *headers; headers += 2)
                MHD_add_response_header(response, headers[0], headers[1]);
        result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
}

/* What came, as the answer: method, headers of ours, body. */
static enum MHD_Result answer_echo(struct MHD_Connection *connection, const char *method,
                                   const char *body) {
        static const char *const names[] = {
                "Accept",       "User-Agent", "X-TFS-FedAuthRedirect", "Authorization",
                "Content-Type", "Expect",     "Content-Length"};
        enum MHD_Result result = MHD_NO;
        Text text;

        text_init(&text, NULL);
        text_appendf(&text, "%s", method);
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                const char *value =
                        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, names[i]);

                text_appendf(&text, "|%s", value ? value : "-");
        }
        text_appendf(&text, "|%s", body);
        result = server_answer_text(connection, 200, "application/json", text.data);
        text_deinit(&text);
        return result;
}

static enum MHD_Result answer(Server *server, struct MHD_Connection *connection, const char *method,
                              const char *path, const char *body) {
        static const char *const all[] = {"Content-Type",
                                          "application/json; charset=utf-8",
                                          "X-MS-ContinuationToken",
                                          "a b",
                                          "ActivityId",
                                          "1234",
                                          "Retry-After",
                                          "7",
                                          "X-RateLimit-Delay",
                                          "1.25",
                                          "X-RateLimit-Reset",
                                          RESET,
                                          "X-RateLimit-Remaining",
                                          "3",
                                          "X-RateLimit-Limit",
                                          "200",
                                          NULL};
        static const char *const elsewhere[] = {"Location", "http://127.0.0.1:1/taken", NULL};
        static const char *const none[] = {NULL};

        if (strcmp(path, "/echo") == 0)
                return answer_echo(connection, method, body);
        if (strcmp(path, "/gzip") == 0)
                return answer_gzip(connection, packed_small, sizeof packed_small - 1);
        if (strcmp(path, "/bomb") == 0)
                return answer_gzip(connection, packed_bomb, sizeof packed_bomb - 1);
        if (strcmp(path, "/chunked") == 0)
                return answer_chunked(connection, SMALL, "application/json");
        if (strcmp(path, "/large") == 0)
                return answer_chunked(connection, SMALL + 1, "application/json");
        if (strcmp(path, "/stream") == 0)
                return answer_chunked(connection, 50 * SMALL, "application/json");
        if (strcmp(path, "/endless") == 0)
                return answer_chunked(connection, 101 * SMALL, "application/json");
        if (strcmp(path, "/html") == 0)
                return answer_chunked(connection, 50, "text/html");
        if (strcmp(path, "/headers") == 0)
                return answer_headers(connection, 200, all);
        if (strcmp(path, "/redirect") == 0)
                return answer_headers(connection, 302, elsewhere);
        if (strcmp(path, "/204") == 0)
                return answer_headers(connection, 204, none);
        if (strcmp(path, "/429") == 0)
                return server_answer_text(connection, 429, "application/json", "{\"slow\":1}");
        return server_answer_text(connection, 200, "application/json", "{}");
}

static void test_requests_as_the_service_wants_them(void **state) {
        Server server;
        Fixture f;

        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        ask(&f, "/echo");
        assert_string_equal(f.body, "GET|application/json|charterd/1.2.3|Suppress|-|-|-|-|");
        ask_times(&f, &(Request){.path = "/echo", .method = METHOD_POST, .body = "{\"a\":1}"}, 1);
        assert_string_equal(f.body, "POST|application/json|charterd/1.2.3|Suppress|-|"
                                    "application/json|-|7|{\"a\":1}");
        ask_times(&f, &(Request){.path = "/echo", .method = METHOD_POST}, 1);
        assert_string_equal(f.body, "POST|application/json|charterd/1.2.3|Suppress|-|"
                                    "application/json|-|0|");
        ask_times(&f,
                  &(Request){.path = "/echo",
                             .method = METHOD_PATCH,
                             .body = "[]",
                             .media_type = "application/json-patch+json"},
                  1);
        assert_string_equal(f.body, "PATCH|application/json|charterd/1.2.3|Suppress|-|"
                                    "application/json-patch+json|-|2|[]");
        ask_times(&f, &(Request){.path = "/echo", .method = METHOD_PUT, .body = "{}"}, 1);
        assert_memory_equal(f.body, "PUT|", 4);
        ask_times(&f, &(Request){.path = "/echo", .method = METHOD_DELETE}, 1);
        assert_memory_equal(f.body, "DELETE|", 7);
        ask_times(&f, &(Request){.path = "/echo", .method = METHOD_HEAD}, 1);
        assert_int_equal(f.reply.status, 200);
        assert_string_equal(f.body, "");
        assert_int_equal(web_endpoint_statistics(f.endpoint)->n_connections, 1);
        assert_int_equal(server.n_connections, 1);
        fixture_free(&f);
        server_stop(&server);
}

static void test_headers_of_a_reply(void **state) {
        Server server;
        Fixture f;

        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        ask(&f, "/headers");
        assert_int_equal(f.reply.failure, REPLY_ANSWERED);
        assert_string_equal(f.continuation, "a b");
        assert_string_equal(f.activity, "1234");
        assert_int_equal(f.reply.retry_after_ms, 7000);
        assert_int_equal(f.reply.rate_limit_delay_ms, 1250);
        assert_in_range(f.reply.rate_limit_reset_ms, INT64_C(1000) * 3600, INT64_C(1000) * atoll(RESET));
        assert_int_equal(f.reply.rate_limit_remaining, 3);
        assert_int_equal(f.reply.rate_limit_limit, 200);
        assert_true(f.reply.received_at > 0);
        ask(&f, "/none");
        assert_int_equal(f.reply.retry_after_ms, -1);
        assert_int_equal(f.reply.rate_limit_remaining, -1);
        assert_null(f.continuation);
        fixture_free(&f);
        server_stop(&server);
}

static void test_bodies_are_decoded_and_bounded(void **state) {
        Server server;
        Fixture f;

        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        ask(&f, "/gzip");
        assert_int_equal(strlen(f.body), SMALL);
        assert_int_equal(strspn(f.body, "z"), SMALL);
        assert_true(web_endpoint_statistics(f.endpoint)->bytes_in < SMALL);
        ask(&f, "/chunked");
        assert_int_equal(strspn(f.body, "c"), SMALL);
        ask(&f, "/large");
        assert_int_equal(f.reply.failure, REPLY_TOO_LARGE);
        assert_string_equal(f.failure_text, "the answer is larger than response_size, 1000 bytes");
        assert_string_equal(f.body, "");
        ask(&f, "/bomb");
        assert_int_equal(f.reply.failure, REPLY_TOO_LARGE);
        ask(&f, "/204");
        assert_int_equal(f.reply.status, 204);
        assert_int_equal(f.reply.failure, REPLY_ANSWERED);
        ask(&f, "/redirect");
        assert_int_equal(f.reply.status, 302);
        assert_string_equal(f.location, "http://127.0.0.1:1/taken");
        assert_int_equal(server.n_requests, 6);
        fixture_free(&f);
        server_stop(&server);
}

static void sink_begin(void *context) {
        Fixture *f = context;

        f->n_begun++;
        text_deinit(&f->streamed);
        text_init(&f->streamed, f->mem);
}

static int sink_feed(void *context, const char *bytes, size_t n) {
        Fixture *f = context;

        text_append_bytes(&f->streamed, bytes, n);
        return f->feed_result;
}

static int sink_end(void *context) {
        Fixture *f = context;

        f->n_ended++;
        return f->end_result;
}

static void test_sinks_take_json_successes_alone(void **state) {
        Server server;
        Fixture f;
        Sink sink = {.begin = sink_begin, .feed = sink_feed, .end = sink_end};
        Request request = {.path = "/stream", .sink = &sink};

        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        sink.context = &f;
        ask_times(&f, &request, 1);
        assert_int_equal(f.reply.failure, REPLY_ANSWERED);
        assert_int_equal(f.streamed.n, 50 * SMALL);
        assert_string_equal(f.body, "");
        assert_int_equal(f.n_ended, 1);
        request.path = "/html";
        ask_times(&f, &request, 1);
        assert_int_equal(strspn(f.body, "c"), 50);
        request.path = "/429";
        ask_times(&f, &request, 1);
        assert_string_equal(f.body, "{\"slow\":1}");
        assert_int_equal(f.n_begun, 1);
        request.path = "/endless";
        ask_times(&f, &request, 1);
        assert_int_equal(f.reply.failure, REPLY_TOO_LARGE);
        assert_int_equal(f.n_ended, 1);
        request.path = "/stream";
        f.end_result = -1;
        ask_times(&f, &request, 1);
        assert_int_equal(f.reply.failure, REPLY_SINK_REFUSED);
        f.feed_result = -1;
        ask_times(&f, &request, 1);
        assert_int_equal(f.reply.failure, REPLY_SINK_REFUSED);
        assert_int_equal(f.n_ended, 2);
        fixture_free(&f);
        server_stop(&server);
}

static void test_a_hundred_at_once_over_kept_connections(void **state) {
        Server server;
        Fixture f;

        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        ask_times(&f, &(Request){.path = "/gzip"}, MANY);
        assert_int_equal(server.n_requests, MANY);
        assert_true(server.n_connections <= MANY);
        for (unsigned i = 0; i < MANY; i++)
                ask(&f, "/chunked");
        assert_true(server.n_connections <= MANY);
        assert_int_equal(server.n_requests, 2 * MANY);
        fixture_free(&f);
        server_stop(&server);
}

static RawServer raw;

static Fixture raw_fixture(const char *bytes, RawEnd end, const WebSpec *limits) {
        raw = (RawServer){.answer = bytes, .n_answer = bytes ? strlen(bytes) : 0, .end = end};
        raw_server_start(&raw);
        return fixture_new(limits, raw.url);
}

static void raw_fixture_free(Fixture *f) {
        fixture_free(f);
        raw_server_stop(&raw);
}

static void test_broken_answers(void **state) {
        static const struct {
                const char *bytes;
                RawEnd end;
                ReplyFailure failure;
        } rows[] = {
                {NULL, RAW_CLOSE, REPLY_BROKEN},
                {NULL, RAW_RESET, REPLY_BROKEN},
                {"HTTP/1.1 200 OK\r\nContent-Le", RAW_CLOSE, REPLY_BROKEN},
                {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", RAW_CLOSE, REPLY_BROKEN},
                {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", RAW_RESET, REPLY_BROKEN},
                {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123", RAW_CLOSE,
                 REPLY_BROKEN},
                {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n12345",
                 RAW_CLOSE, REPLY_BROKEN},
                {"nonsense\r\n\r\n", RAW_CLOSE, REPLY_BROKEN},
                {"HTTP/1.1 100 Continue\r\nRetry-After: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
                 "2\r\n\r\n{}",
                 RAW_CLOSE, REPLY_ANSWERED},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Fixture f = raw_fixture(rows[i].bytes, rows[i].end, NULL);

                ask(&f, "/");
                if (f.reply.failure != rows[i].failure)
                        fail_msg("row %zu: %d %s", i, f.reply.failure, f.failure_text);
                assert_int_equal(f.reply.retry_after_ms, -1);
                assert_true(f.reply.failure == REPLY_ANSWERED || f.failure_text[0]);
                raw_fixture_free(&f);
        }
}

static void test_headers_are_bounded(void **state) {
        Text text;
        Fixture f;

        text_init(&text, NULL);
        text_append(&text, "HTTP/1.1 200 OK\r\n");
        while (text.n <= WEB_HEADERS_SIZE_MAX)
                text_append(&text, "X-Header: 0123456789012345678901234567890123456789\r\n");
        text_append(&text, "\r\n");
        f = raw_fixture(text.data, RAW_HOLD, NULL);
        ask(&f, "/");
        assert_int_equal(f.reply.failure, REPLY_TOO_LARGE);
        assert_string_equal(f.failure_text, "the answer's headers are larger than 65536 bytes");
        raw_fixture_free(&f);
        text_deinit(&text);
}

static const WebSpec hasty = {
        .silence_ms = 50, .total_ms = 10000, .response_size = SMALL, .stream_size = SMALL};
static const WebSpec short_total = {
        .silence_ms = 10000, .total_ms = 50, .response_size = SMALL, .stream_size = SMALL};

static void test_silence_and_total_end_a_request(void **state) {
        Fixture f = raw_fixture(NULL, RAW_HOLD, &hasty);

        ask(&f, "/");
        assert_int_equal(f.reply.failure, REPLY_TIMEOUT);
        assert_string_equal(f.failure_text, "silence for request_timeout, 50 ms");
        raw_fixture_free(&f);
        f = raw_fixture("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12", RAW_HOLD, &hasty);
        ask(&f, "/");
        assert_int_equal(f.reply.failure, REPLY_TIMEOUT);
        raw_fixture_free(&f);
        f = raw_fixture("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12", RAW_HOLD, &short_total);
        ask(&f, "/");
        assert_int_equal(f.reply.failure, REPLY_TIMEOUT);
        assert_string_equal(f.failure_text, "no whole answer within request_total, 50 ms");
        raw_fixture_free(&f);
}

/* Asks once more, then keeps the loop from turning. */
static void on_reply_pause(void *context, const Reply *reply) {
        Fixture *f = context;
        int64_t start = clock_monotonic_ms();

        web_send(f->endpoint, f->owner, &(Request){.path = "/"}, on_reply, f);
        while (clock_monotonic_ms() < start + PAUSE_OF_OURS_MS)
                ;
}

/* Longer than the silence that is allowed, but it was not the server's. */
static void test_a_pause_of_ours_is_not_silence(void **state) {
        WebSpec spec = hasty;
        Server server;
        Fixture f;

        spec.silence_ms = 500;
        server_start(&server, answer);
        f = fixture_new(&spec, server.url);
        f.n_expected = 1;
        web_send(f.endpoint, f.owner, &(Request){.path = "/"}, on_reply_pause, &f);
        loop_run(f.loop);
        assert_int_equal(f.reply.failure, REPLY_ANSWERED);
        fixture_free(&f);
        server_stop(&server);
}

/* A port on which nobody listens: bound, so that nobody else takes it. */
static void test_no_connection(void **state) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t n = sizeof address;
        int socket_number = socket(AF_INET, SOCK_STREAM, 0);
        char url[64];
        Fixture f;

        assert_int_equal(bind(socket_number, (struct sockaddr *)&address, sizeof address), 0);
        getsockname(socket_number, (struct sockaddr *)&address, &n);
        snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
        f = fixture_new(NULL, url);
        ask(&f, "/");
        assert_int_equal(f.reply.failure, REPLY_NO_CONNECTION);
        fixture_free(&f);
        /* Listening with a full queue: the connection is never made. */
        f = fixture_new(&hasty, url);
        assert_int_equal(listen(socket_number, 0), 0);
        ask_times(&f, &(Request){.path = "/"}, 8);
        assert_true(f.reply.failure == REPLY_NO_CONNECTION || f.reply.failure == REPLY_TIMEOUT);
        fixture_free(&f);
        close(socket_number);
        f = fixture_new(NULL, "https://name.invalid");
        ask(&f, "/");
        assert_int_equal(f.reply.failure, REPLY_NO_CONNECTION);
        fixture_free(&f);
}

/* The server closes a kept connection when it has read the second request: a creation is not sent
 * once more, a read is. */
static void test_a_creation_is_never_said_twice(void **state) {
        const char *bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        Fixture f = raw_fixture(bytes, RAW_KEEP, NULL);

        ask(&f, "/");
        ask(&f, "/");
        assert_int_equal(f.reply.failure, REPLY_ANSWERED);
        assert_int_equal(raw.n_requests, 3);
        raw_fixture_free(&f);
        f = raw_fixture(bytes, RAW_KEEP, NULL);
        ask(&f, "/");
        ask_times(&f,
                  &(Request){
                          .path = "/", .method = METHOD_POST, .body = "{}", .repeat = REPEAT_NEVER},
                  1);
        assert_int_equal(f.reply.failure, REPLY_BROKEN);
        assert_int_equal(raw.n_requests, 2);
        raw_fixture_free(&f);
}

static void on_never(void *context, const Reply *reply) {
        fail_msg("%s", "a cancelled request was answered");
}

static int feed_and_cancel(void *context, const char *bytes, size_t n) {
        Fixture *f = context;

        f->cancel = mem_free(f->cancel);
        return 0;
}

static void test_cancelling(void **state) {
        Sink sink = {.begin = sink_begin, .feed = feed_and_cancel, .end = sink_end};
        Server server;
        Fixture f;

        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        /* before it left */
        mem_free(web_send(f.endpoint, f.owner, &(Request){.path = "/"}, on_never, &f));
        ask(&f, "/");
        assert_int_equal(server.n_requests, 1);
        /* from the call back of another */
        f.cancel = mem_alloc_zero(f.mem, 1, "cancelled");
        f.n_replies = 0;
        f.n_expected = 2;
        web_send(f.endpoint, f.owner, &(Request){.path = "/"}, on_reply, &f);
        for (unsigned i = 0; i < MANY; i++)
                web_send(f.endpoint, f.cancel, &(Request){.path = "/endless"}, on_reply, &f);
        f.n_expected = 1;
        loop_run(f.loop);
        f.n_expected = 0;
        assert_null(f.cancel);
        /* from inside its own sink */
        sink.context = &f;
        f.cancel = mem_alloc_zero(f.mem, 1, "cancelled");
        web_send(f.endpoint, f.cancel, &(Request){.path = "/stream", .sink = &sink}, on_never, &f);
        while (f.cancel)
                ask(&f, "/");
        assert_int_equal(f.n_ended, 0);
        ask(&f, "/");
        fixture_free(&f);
        server_stop(&server);
}

static void test_leaving_while_requests_are_under_way(void **state) {
        Fixture f = raw_fixture("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12", RAW_HOLD, NULL);
        Mem *owner = mem_alloc_zero(NULL, 1, "owner");

        for (unsigned i = 0; i < 5; i++)
                web_send(f.endpoint, owner, &(Request){.path = "/"}, on_never, &f);
        loop_alarm(f.loop, f.mem, 20, (LoopFn)loop_stop, f.loop);
        loop_run(f.loop);
        raw_fixture_free(&f);
        mem_free(owner);
}

static void test_addresses_that_are_refused(void **state) {
        static const struct {
                const char *url;
                const char *reason; /* NULL: fine */
        } rows[] = {
                {"https://dev.azure.com/contoso", NULL},
                {"http://localhost:1/x/", NULL},
                {"http://[::1]:8080/x", NULL},
                {"http://127.9.9.9", NULL},
                {"http://dev.azure.com/contoso",
                 "http:// is allowed only to this machine; use https://"},
                {"http://127.0.0.1.example.com/",
                 "http:// is allowed only to this machine; use https://"},
                {"http://[2001:db8::1]/", "http:// is allowed only to this machine; use https://"},
                {"ftp://127.0.0.1/", "only https:// addresses are asked"},
                {"https://me:word@dev.azure.com/x",
                 "an address holds no user, password, query or fragment"},
                {"https://dev.azure.com/x?y=1",
                 "an address holds no user, password, query or fragment"},
                {"", "not a usable address"},
                {"nonsense", "not a usable address"},
        };
        Fixture f = fixture_new(NULL, "http://127.0.0.1:1");

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;
                int r = web_endpoint_set_base(f.endpoint, BASE_GRAPH, rows[i].url, &reason);

                if (!rows[i].reason) {
                        assert_int_equal(r, 0);
                        continue;
                }
                assert_true(r < 0);
                assert_string_equal(reason, rows[i].reason);
        }
        fixture_free(&f);
}

static void test_no_way_from_elsewhere_to_this_machine(void **state) {
        Fixture f = fixture_new(NULL, "https://dev.azure.com/contoso");
        const char *reason = NULL;

        assert_true(web_endpoint_set_base(f.endpoint, BASE_GRAPH, "https://localhost/x", &reason) <
                    0);
        assert_string_equal(reason, "an organisation elsewhere has no service on this machine");
        assert_int_equal(web_endpoint_set_base(f.endpoint, BASE_GRAPH,
                                               "https://vssps.dev.azure.com/contoso", &reason),
                         0);
        fixture_free(&f);
}

static int feed_and_ask(void *context, const char *bytes, size_t n) {
        Fixture *f = context;

        if (f->streamed.n == 0) {
                mem_free(web_send(f->endpoint, f->owner, &(Request){.path = "/"}, on_never, f));
                web_send(f->endpoint, f->owner, &(Request){.path = "/"}, on_reply, f);
        }
        text_append_bytes(&f->streamed, bytes, n);
        return 0;
}

/* A sink may ask for more while it is being fed. */
static void test_asking_from_inside_a_sink(void **state) {
        Sink sink = {.begin = sink_begin, .feed = feed_and_ask, .end = sink_end};
        Server server;
        Fixture f;

        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        sink.context = &f;
        f.n_expected = 2;
        web_send(f.endpoint, f.owner, &(Request){.path = "/stream", .sink = &sink}, on_reply, &f);
        loop_run(f.loop);
        assert_int_equal(f.streamed.n, 50 * SMALL);
        assert_int_equal(server.n_requests, 2);
        fixture_free(&f);
        server_stop(&server);
}

static void test_an_unknown_base_is_no_connection(void **state) {
        Fixture f = fixture_new(NULL, "http://127.0.0.1:1");

        ask_times(&f, &(Request){.path = "/", .base = BASE_GRAPH}, 1);
        assert_int_equal(f.reply.failure, REPLY_NO_CONNECTION);
        assert_string_equal(f.failure_text, "the address of this service is not known yet");
        fixture_free(&f);
}

static void test_the_credential_goes_with_its_endpoint(void **state) {
        const char *reason = NULL;
        Server server;
        Fixture f;
        Auth *auth = NULL;
        WebEndpoint *with = NULL;

        setenv("TEST_WEB_PAT", "word", 1);
        server_start(&server, answer);
        f = fixture_new(NULL, server.url);
        auth = auth_pat_new(f.mem, &(SecretReaderSpec){.environment = "TEST_WEB_PAT"});
        with = web_endpoint_new(f.mem, f.web, server.url, auth, &reason);
        f.n_expected = 1;
        web_send(with, f.owner, &(Request){.path = "/echo"}, on_reply, &f);
        loop_run(f.loop);
        assert_string_equal(f.body, "GET|application/json|charterd/1.2.3|Suppress|Basic "
                                    "OndvcmQ=|-|-|-|");
        ask(&f, "/echo");
        assert_string_equal(f.body, "GET|application/json|charterd/1.2.3|Suppress|-|-|-|-|");
        unsetenv("TEST_WEB_PAT");
        mem_free(auth);
        auth = auth_pat_new(f.mem, &(SecretReaderSpec){.environment = "TEST_WEB_PAT"});
        with = web_endpoint_new(f.mem, f.web, server.url, auth, &reason);
        f.n_replies = 0;
        web_send(with, f.owner, &(Request){.path = "/echo"}, on_reply, &f);
        loop_run(f.loop);
        assert_int_equal(f.reply.failure, REPLY_NO_CREDENTIAL);
        assert_string_equal(f.failure_text, "the environment variable TEST_WEB_PAT is not set");
        fixture_free(&f);
        server_stop(&server);
}

static void test_a_proxy_is_not_asked_for_loopback(void **state) {
        Server server;
        WebSpec spec = {.silence_ms = 5000,
                        .total_ms = 5000,
                        .response_size = SMALL,
                        .stream_size = SMALL,
                        .proxy = "http://127.0.0.1:1"};
        Fixture f;

        setenv("http_proxy", "http://127.0.0.1:1", 1);
        server_start(&server, answer);
        f = fixture_new(&spec, server.url);
        ask(&f, "/");
        assert_int_equal(f.reply.status, 200);
        fixture_free(&f);
        server_stop(&server);
        unsetenv("http_proxy");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_requests_as_the_service_wants_them),
                cmocka_unit_test(test_headers_of_a_reply),
                cmocka_unit_test(test_bodies_are_decoded_and_bounded),
                cmocka_unit_test(test_sinks_take_json_successes_alone),
                cmocka_unit_test(test_a_hundred_at_once_over_kept_connections),
                cmocka_unit_test(test_broken_answers),
                cmocka_unit_test(test_headers_are_bounded),
                cmocka_unit_test(test_silence_and_total_end_a_request),
                cmocka_unit_test(test_a_pause_of_ours_is_not_silence),
                cmocka_unit_test(test_no_connection),
                cmocka_unit_test(test_a_creation_is_never_said_twice),
                cmocka_unit_test(test_cancelling),
                cmocka_unit_test(test_leaving_while_requests_are_under_way),
                cmocka_unit_test(test_addresses_that_are_refused),
                cmocka_unit_test(test_no_way_from_elsewhere_to_this_machine),
                cmocka_unit_test(test_asking_from_inside_a_sink),
                cmocka_unit_test(test_an_unknown_base_is_no_connection),
                cmocka_unit_test(test_the_credential_goes_with_its_endpoint),
                cmocka_unit_test(test_a_proxy_is_not_asked_for_loopback),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

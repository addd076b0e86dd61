/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer: one request on its way, up to its reply. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "daemon/net/header.h"
#include "daemon/net/transfer.h"

enum {
        HELD_SIZE_FIRST = 4096,
        HEADER_LINE_SIZE = 256,
};

/* --- what is asked --- */

typedef struct MethodRow {
        const char *custom; /* as curl is to call it when it does not know by itself */
        bool has_body;      /* always, be it empty */
} MethodRow;

static const MethodRow method_rows[] = {
        [METHOD_GET] = {NULL, false},        [METHOD_POST] = {NULL, true},
        [METHOD_PUT] = {"PUT", true},        [METHOD_PATCH] = {"PATCH", true},
        [METHOD_DELETE] = {"DELETE", false}, [METHOD_HEAD] = {NULL, false},
};

/* curl reads the list and nothing else, so the lines can stay where they are: the credential's only
 * copy of ours is in its own pages. */
static struct curl_slist *list_headers(Transfer *transfer) {
        const char *lines[TRANSFER_HEADERS_MAX] = {"Accept: application/json", "Expect:"};
        size_t n = 2;

        if (!transfer->is_question)
                lines[n++] = "X-TFS-FedAuthRedirect: Suppress";
        if (transfer->header)
                lines[n++] = transfer->header;
        if (transfer->body || method_rows[transfer->method].has_body)
                lines[n++] = mem_printf(transfer, "Content-Type: %s",
                                        transfer->media_type ? transfer->media_type
                                                             : "application/json");
        if (transfer->credential)
                lines[n++] = secret_expose(transfer->credential, NULL);
        assert(n <= TRANSFER_HEADERS_MAX);
        for (size_t i = 0; i < n; i++) {
                transfer->headers[i].data = (char *)lines[i];
                transfer->headers[i].next = i + 1 < n ? &transfer->headers[i + 1] : NULL;
        }
        return transfer->headers;
}

static void note_stop(Transfer *transfer, ReplyFailure why) {
        if (transfer->stopped == REPLY_ANSWERED)
                transfer->stopped = why;
}

/* Curl asks a second time by itself when a kept connection turns out to be closed. For what must
 * not be said twice that is for the caller to decide. */
static int on_request(void *context, char *remote, char *local, int remote_port, int local_port) {
        Transfer *transfer = context;

        if (transfer->is_sent && transfer->repeat == REPEAT_NEVER) {
                note_stop(transfer, REPLY_BROKEN);
                return CURL_PREREQFUNC_ABORT;
        }
        transfer->is_sent = true;
        return CURL_PREREQFUNC_OK;
}

/* --- what is answered --- */

static void take_status(Transfer *transfer, const char *line, size_t n) {
        char text[HEADER_LINE_SIZE];
        int status = 0;

        snprintf(text, sizeof text, "%.*s", (int)(n < sizeof text ? n : sizeof text - 1), line);
        header_reset(&transfer->reply);
        if (sscanf(text, "HTTP/%*s %3d", &status) == 1)
                transfer->reply.status = status;
        transfer->has_whole_headers = false;
}

static size_t on_header(char *line, size_t size, size_t n, void *context) {
        Transfer *transfer = context;

        transfer->heard_at = clock_monotonic_ms();
        transfer->n_headers_size += n;
        if (transfer->n_headers_size > WEB_HEADERS_SIZE_MAX) {
                note_stop(transfer, REPLY_TOO_LARGE);
                return 0;
        }
        if (transfer->is_abandoned)
                return 0;
        if (n > 5 && memcmp(line, "HTTP/", 5) == 0)
                take_status(transfer, line, n);
        else if (line[0] == '\r' || line[0] == '\n')
                transfer->has_whole_headers = true;
        else if (transfer->body_state == TRANSFER_BODY_UNDECIDED) /* trailers tell nothing */
                header_take(transfer, &transfer->reply, line, n, clock_wall_ms());
        return n;
}

static void decide_body(Transfer *transfer) {
        if (transfer->body_state != TRANSFER_BODY_UNDECIDED)
                return;
        if (!transfer->has_sink || !header_is_json_success(&transfer->reply)) {
                transfer->body_state = TRANSFER_BODY_HELD;
                return;
        }
        transfer->body_state = TRANSFER_BODY_STREAMED;
        transfer->sink.begin(transfer->sink.context);
}

/* What is to be wiped never moves: it gets all the room it may take. */
static size_t first_capacity(const Transfer *transfer) {
        return transfer->is_question ? (size_t)transfer->spec->response_size + 1 : HELD_SIZE_FIRST;
}

static bool hold_body(Transfer *transfer, const char *bytes, size_t n) {
        size_t needed = transfer->n_held + n + 1;

        if ((int64_t)(transfer->n_held + n) > transfer->spec->response_size) {
                note_stop(transfer, REPLY_TOO_LARGE);
                return false;
        }
        if (needed > transfer->capacity) {
                size_t capacity =
                        transfer->capacity ? transfer->capacity : first_capacity(transfer);

                while (capacity < needed)
                        capacity *= 2;
                transfer->held = mem_resize_array(transfer, transfer->held, 1, capacity);
                transfer->capacity = capacity;
        }
        memcpy(transfer->held + transfer->n_held, bytes, n);
        transfer->n_held += n;
        transfer->held[transfer->n_held] = '\0';
        return true;
}

static bool stream_body(Transfer *transfer, const char *bytes, size_t n) {
        transfer->n_streamed += (int64_t)n;
        if (transfer->n_streamed > transfer->spec->stream_size) {
                note_stop(transfer, REPLY_TOO_LARGE);
                return false;
        }
        if (transfer->sink.feed(transfer->sink.context, bytes, n) < 0) {
                note_stop(transfer, REPLY_SINK_REFUSED);
                return false;
        }
        return true;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context) {
        Transfer *transfer = context;
        bool ok = false;

        if (transfer->is_abandoned)
                return 0;
        transfer->heard_at = clock_monotonic_ms();
        decide_body(transfer);
        if (transfer->body_state == TRANSFER_BODY_STREAMED)
                ok = stream_body(transfer, bytes, n);
        else
                ok = hold_body(transfer, bytes, n);
        return ok ? n : 0;
}

/* --- from the request to curl --- */

#define set(option, value)                                                            \
        do {                                                                          \
                CURLcode code_ = curl_easy_setopt(transfer->easy, (option), (value)); \
                if (code_ == CURLE_OUT_OF_MEMORY)                                     \
                        mem_exhausted();                                              \
                assert(code_ == CURLE_OK);                                            \
        } while (0)

static void set_request(Transfer *transfer) {
        const MethodRow *row = &method_rows[transfer->method];

        set(CURLOPT_URL, transfer->url);
        set(CURLOPT_HTTPHEADER, list_headers(transfer));
        if (transfer->form) {
                size_t n = 0;
                const char *form = secret_expose(transfer->form, &n);

                set(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
                set(CURLOPT_POSTFIELDS, form);
        } else if (transfer->body || row->has_body) {
                const char *body = transfer->body ? transfer->body : "";

                set(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
                set(CURLOPT_POSTFIELDS, body);
        }
        if (transfer->method == METHOD_HEAD)
                set(CURLOPT_NOBODY, 1L);
        if (row->custom)
                set(CURLOPT_CUSTOMREQUEST, row->custom);
}

static void set_connection(Transfer *transfer) {
        const WebSpec *spec = transfer->spec;

        set(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
        /* Cancelling must not wait for a name server that does not answer. */
        set(CURLOPT_QUICK_EXIT, 1L);
#endif
        set(CURLOPT_PROTOCOLS_STR, transfer->is_tls ? "https" : "http");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_PATH_AS_IS, 1L);
        set(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        set(CURLOPT_PIPEWAIT, transfer->is_tls ? 1L : 0L);
        set(CURLOPT_MAXAGE_CONN, (long)WEB_CONNECTION_IDLE_S);
        set(CURLOPT_TCP_NODELAY, 1L);
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
        if (spec->ca_file)
                set(CURLOPT_CAINFO, spec->ca_file);
        /* Nothing that goes to this machine passes a proxy on another. */
        if (transfer->is_near)
                set(CURLOPT_PROXY, "");
        else if (spec->proxy)
                set(CURLOPT_PROXY, spec->proxy);
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        /* Silence and total are the web's own timers; this is only for what they do not see. */
        set(CURLOPT_CONNECTTIMEOUT_MS, (long)spec->silence_ms);
}

void transfer_prepare(Transfer *transfer) {
        char agent[HEADER_LINE_SIZE];

        header_reset(&transfer->reply);
        transfer->started_at = transfer->heard_at = clock_monotonic_ms();
        snprintf(agent, sizeof agent, "charterd/%s", transfer->spec->version);
        set_request(transfer);
        set_connection(transfer);
        set(CURLOPT_USERAGENT, agent);
        if (!transfer->is_question) /* what unpacks does not wipe */
                set(CURLOPT_ACCEPT_ENCODING, "");
        set(CURLOPT_ERRORBUFFER, transfer->error);
        set(CURLOPT_PRIVATE, transfer);
        set(CURLOPT_PREREQFUNCTION, on_request);
        set(CURLOPT_PREREQDATA, transfer);
        set(CURLOPT_HEADERFUNCTION, on_header);
        set(CURLOPT_HEADERDATA, transfer);
        set(CURLOPT_WRITEFUNCTION, on_body);
        set(CURLOPT_WRITEDATA, transfer);
}

/* --- the end --- */

int64_t transfer_deadline(const Transfer *transfer) {
        int64_t silence = transfer->heard_at + transfer->spec->silence_ms;
        int64_t total = transfer->started_at + transfer->spec->total_ms;

        return silence < total ? silence : total;
}

static void count_bytes(Transfer *transfer) {
        curl_off_t in = 0, out = 0;
        long n_connects = 0;

        curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &in);
        curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &out);
        curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &n_connects);
        transfer->statistics->bytes_in += (uint64_t)in;
        transfer->statistics->bytes_out += (uint64_t)out;
        transfer->statistics->n_connections += (uint64_t)n_connects;
}

static const Reply *fail(Transfer *transfer, ReplyFailure failure, const char *text) {
        transfer->reply.failure = failure;
        transfer->reply.failure_text = text;
        transfer->reply.received_at = clock_monotonic_ms();
        return &transfer->reply;
}

static const Reply *fail_stopped(Transfer *transfer) {
        const WebSpec *spec = transfer->spec;
        const char *text = "the answer was stopped";

        if (transfer->stopped == REPLY_BROKEN)
                text = "the connection was closed before the answer came";
        else if (transfer->stopped == REPLY_SINK_REFUSED)
                text = "the answer is not what was asked for";
        else if (transfer->n_headers_size > WEB_HEADERS_SIZE_MAX)
                text = mem_printf(transfer, "the answer's headers are larger than %d bytes",
                                  WEB_HEADERS_SIZE_MAX);
        else if (transfer->body_state == TRANSFER_BODY_STREAMED)
                text = mem_printf(transfer, "the answer is larger than stream_size, %lld bytes",
                                  (long long)spec->stream_size);
        else if (transfer->is_question)
                text = mem_printf(transfer, "the answer is larger than %lld bytes",
                                  (long long)spec->response_size);
        else
                text = mem_printf(transfer, "the answer is larger than response_size, %lld bytes",
                                  (long long)spec->response_size);
        return fail(transfer, transfer->stopped, text);
}

const Reply *transfer_expire(Transfer *transfer, int64_t now) {
        const WebSpec *spec = transfer->spec;
        const char *text = NULL;

        count_bytes(transfer);
        if (now >= transfer->started_at + spec->total_ms)
                text = mem_printf(transfer, "no whole answer within request_total, %lld ms",
                                  (long long)spec->total_ms);
        else if (transfer->is_sent)
                text = mem_printf(transfer, "silence for request_timeout, %lld ms",
                                  (long long)spec->silence_ms);
        else
                text = mem_printf(transfer, "no connection within request_timeout, %lld ms",
                                  (long long)spec->silence_ms);
        return fail(transfer, transfer->is_sent ? REPLY_TIMEOUT : REPLY_NO_CONNECTION, text);
}

/* Of an address, what a certificate is about. */
static size_t length_of_host(const char *url) {
        const char *host = strstr(url, "://");

        host = host ? host + 3 : url;
        return (size_t)(host - url) + strcspn(host, "/?");
}

static const Reply *fail_certificate(Transfer *transfer, CURLcode code) {
        const char *why = transfer->error[0] ? transfer->error : curl_easy_strerror(code);
        const char *text = NULL;

        if (code == CURLE_SSL_CACERT_BADFILE)
                text = mem_printf(transfer, "ca_file cannot be used: %s", why);
        else
                text = mem_printf(transfer, "the certificate of %.*s is not believed: %s",
                                  (int)length_of_host(transfer->url), transfer->url, why);
        return fail(transfer, REPLY_NOT_BELIEVED, text);
}

static const Reply *fail_code(Transfer *transfer, CURLcode code) {
        const char *text = curl_easy_strerror(code);

        if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
                return fail_certificate(transfer, code);
        if (transfer->error[0])
                text = mem_printf(transfer, "%s: %s", text, transfer->error);
        if (!transfer->is_sent)
                return fail(transfer, REPLY_NO_CONNECTION, text);
        if (code == CURLE_OPERATION_TIMEDOUT)
                return fail(transfer, REPLY_TIMEOUT, text);
        return fail(transfer, REPLY_BROKEN, text);
}

const Reply *transfer_finish(Transfer *transfer, CURLcode code) {
        Reply *reply = &transfer->reply;

        count_bytes(transfer);
        if (transfer->stopped != REPLY_ANSWERED)
                return fail_stopped(transfer);
        if (code != CURLE_OK)
                return fail_code(transfer, code);
        /* Curl takes an answer that is cut in its headers for one without a body. */
        if (!transfer->has_whole_headers)
                return fail(transfer, REPLY_BROKEN, "the answer's headers are cut");
        decide_body(transfer);
        if (transfer->body_state == TRANSFER_BODY_STREAMED &&
            transfer->sink.end(transfer->sink.context) < 0) {
                note_stop(transfer, REPLY_SINK_REFUSED);
                return fail_stopped(transfer);
        }
        if (transfer->held) {
                reply->body = transfer->held;
                reply->n_body = transfer->n_held;
        }
        reply->received_at = clock_monotonic_ms();
        return reply;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Web: HTTP requests of all organisations, over kept connections. */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>
#include <uv.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/net/header.h"
#include "daemon/net/transfer.h"
#include "daemon/net/web.h"

enum {
        LINK_LOCAL_NETWORK = 169 << 8 | 254,
        PAUSE_MS = 1000, /* an alarm of ours that is later than that: we were not running */
};

typedef struct WebTimer WebTimer;

struct Web {
        WebSpec spec;
        CURLM *multi;
        WebTimer *timer;      /* curl's own */
        LoopTicket *watchdog; /* rings at the nearest deadline of ours */
        int64_t watchdog_at;
        Transfer *first; /* in the order sent */
        Transfer *last;
        unsigned depth;     /* > 0: inside curl, which must not be entered again */
        bool has_abandoned; /* transfers whose end waits for curl to return */
        bool is_closing;
};

struct WebTimer {
        uv_timer_t timer;
        Web *web;
};

typedef struct WebSocket {
        uv_poll_t poll;
        curl_socket_t socket;
        Web *web;
} WebSocket;

struct WebEndpoint {
        Web *web;
        Auth *auth;
        char *bases[_BASE_N];
        bool is_loopback[_BASE_N];
        WebStatistics statistics;
};

struct WebTicket {
        Web *web;
        Transfer *transfer;    /* NULL: it has not left */
        Transfer *unsent;      /* while it waits for a credential */
        WebEndpoint *endpoint; /* of unsent */
        unsigned n_waits;
        PortReplyFn fn;
        void *context;
};

/* --- memory of libcurl: its requests carry credentials, so what it gives back is wiped --- */

static void wiping_free(void *bytes) {
        if (bytes)
                secret_wipe(bytes, malloc_usable_size(bytes));
        free(bytes);
}

static void *wiping_realloc(void *bytes, size_t size) {
        size_t before = bytes ? malloc_usable_size(bytes) : 0;
        void *moved = NULL;

        moved = malloc(size ? size : 1);
        if (!moved)
                return NULL;
        if (bytes)
                memcpy(moved, bytes, before < size ? before : size);
        wiping_free(bytes);
        return moved;
}

static void curl_start(void) {
        static bool is_started;

        if (is_started)
                return;
        if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
                                 calloc) != CURLE_OK)
                mem_exhausted();
        is_started = true;
}

/* --- the end of transfers --- */

static void list_remove(Web *web, Transfer *transfer) {
        *(transfer->previous ? &transfer->previous->next : &web->first) = transfer->next;
        *(transfer->next ? &transfer->next->previous : &web->last) = transfer->previous;
}

/* Takes it from curl. Never while curl is running. */
static void transfer_detach(Web *web, Transfer *transfer) {
        if (transfer->is_started) {
                assert(web->depth == 0);
                curl_multi_remove_handle(web->multi, transfer->easy);
        }
        list_remove(web, transfer);
        curl_easy_cleanup(transfer->easy);
        transfer->easy = NULL;
}

/* A credential that is not taken shows as one of these (facts §2.7). */
static void note_status(const WebEndpoint *endpoint, const Reply *reply) {
        if (endpoint->auth && reply->failure == REPLY_ANSWERED &&
            (reply->status == 401 || reply->status == 203))
                auth_note_refused(endpoint->auth);
}

/* Its waiter is told; transfer and reply live until then. */
static void transfer_report(Web *web, Transfer *transfer, const Reply *reply) {
        WebTicket *ticket = transfer->ticket;
        PortReplyFn fn = ticket ? ticket->fn : NULL;
        void *context = ticket ? ticket->context : NULL;

        transfer_detach(web, transfer);
        if (ticket && ticket->endpoint)
                note_status(ticket->endpoint, reply);
        if (ticket) {
                ticket->transfer = NULL;
                mem_free(ticket);
                fn(context, reply);
        }
        mem_free(transfer);
}

static void drop_abandoned(Web *web) {
        Transfer *next = NULL;

        if (!web->has_abandoned)
                return;
        web->has_abandoned = false;
        for (Transfer *transfer = web->first; transfer; transfer = next) {
                next = transfer->next;
                if (!transfer->is_abandoned)
                        continue;
                transfer_detach(web, transfer);
                mem_free(transfer);
        }
}

/* After everything that let curl run: also after the timer when none is running, else the last one
 * to time out would wait for ever. */
static void take_finished(Web *web) {
        CURLMsg *message = NULL;
        int n_left = 0;

        drop_abandoned(web);
        while ((message = curl_multi_info_read(web->multi, &n_left))) {
                Transfer *transfer = NULL;
                CURLcode code = message->data.result;

                assert(message->msg == CURLMSG_DONE);
                curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
                transfer_report(web, transfer, transfer_finish(transfer, code));
        }
}

static void act(Web *web, curl_socket_t socket, int events) {
        int n_running = 0;

        web->depth++;
        curl_multi_socket_action(web->multi, socket, events, &n_running);
        web->depth--;
        take_finished(web);
}

/* --- curl's sockets and timer on the loop --- */

static void on_socket_closed(uv_handle_t *handle) {
        free(handle->data);
}

static void on_socket_ready(uv_poll_t *poll, int status, int events) {
        WebSocket *socket = poll->data;
        int flags = 0;

        if (status < 0)
                flags = CURL_CSELECT_ERR;
        if (events & UV_READABLE)
                flags |= CURL_CSELECT_IN;
        if (events & UV_WRITABLE)
                flags |= CURL_CSELECT_OUT;
        act(socket->web, socket->socket, flags);
}

static void socket_forget(WebSocket *socket) {
        uv_poll_stop(&socket->poll);
        uv_close((uv_handle_t *)&socket->poll, on_socket_closed);
}

static WebSocket *socket_new(Web *web, curl_socket_t number) {
        WebSocket *socket = calloc(1, sizeof *socket);

        if (!socket)
                mem_exhausted();
        socket->web = web;
        socket->socket = number;
        socket->poll.data = socket;
        if (uv_poll_init_socket(loop_uv(web->spec.loop), &socket->poll, number) < 0) {
                free(socket);
                return NULL;
        }
        curl_multi_assign(web->multi, number, socket);
        return socket;
}

static int on_socket(CURL *easy, curl_socket_t number, int what, void *context, void *data) {
        Web *web = context;
        WebSocket *socket = data;
        int events = 0;

        if (what == CURL_POLL_REMOVE) {
                if (socket)
                        socket_forget(socket);
                curl_multi_assign(web->multi, number, NULL);
                return 0;
        }
        if (web->is_closing)
                return 0;
        if (!socket)
                socket = socket_new(web, number);
        if (!socket)
                return -1;
        if (what & CURL_POLL_IN)
                events |= UV_READABLE;
        if (what & CURL_POLL_OUT)
                events |= UV_WRITABLE;
        return uv_poll_start(&socket->poll, events, on_socket_ready) < 0 ? -1 : 0;
}

static void on_curl_timer(uv_timer_t *timer) {
        WebTimer *own = timer->data;

        act(own->web, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wanted(CURLM *multi, long delay_ms, void *context) {
        Web *web = context;

        if (web->is_closing)
                return 0;
        if (delay_ms < 0) {
                uv_timer_stop(&web->timer->timer);
                return 0;
        }
        uv_update_time(loop_uv(web->spec.loop));
        uv_timer_start(&web->timer->timer, on_curl_timer, (uint64_t)delay_ms, 0);
        return 0;
}

/* A connection that is opened while everything is being closed would never be closed itself. */
static curl_socket_t on_socket_wanted(void *context, curlsocktype purpose,
                                      struct curl_sockaddr *address) {
        Web *web = context;

        if (web->is_closing)
                return CURL_SOCKET_BAD;
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* --- deadlines --- */

static void watchdog_set(Web *web);

/* When this process was stopped for a while, what was said meanwhile still lies in the sockets: a
 * pause of ours is not the others' silence. */
static void forgive_pause(Web *web, int64_t now) {
        for (Transfer *transfer = web->first; transfer; transfer = transfer->next)
                transfer->heard_at = now;
}

static void on_watchdog(void *context) {
        Web *web = context;
        int64_t now = clock_monotonic_ms();
        Transfer *late = NULL;

        web->watchdog = NULL;
        if (now - web->watchdog_at > PAUSE_MS)
                forgive_pause(web, now);
        do {
                for (late = web->first; late && transfer_deadline(late) > now; late = late->next)
                        ;
                if (late)
                        transfer_report(web, late, transfer_expire(late, now));
        } while (late);
        watchdog_set(web);
}

/* Bytes that come only move deadlines away, so an alarm that stands is never too late. */
static void watchdog_set(Web *web) {
        int64_t nearest = INT64_MAX;
        int64_t delay = 0;

        for (const Transfer *transfer = web->first; transfer; transfer = transfer->next)
                if (transfer_deadline(transfer) < nearest)
                        nearest = transfer_deadline(transfer);
        if (nearest == INT64_MAX || (web->watchdog && web->watchdog_at <= nearest))
                return;
        mem_free(web->watchdog);
        web->watchdog_at = nearest;
        delay = nearest - clock_monotonic_ms();
        web->watchdog = loop_alarm(web->spec.loop, web, delay > 0 ? delay : 1, on_watchdog, web);
}

/* --- the web --- */

static int web_destroy(void *object) {
        Web *web = object;

        web->is_closing = true;
        while (web->first) {
                Transfer *transfer = web->first;

                if (transfer->ticket) {
                        transfer->ticket->transfer = NULL;
                        transfer->ticket->web = NULL;
                }
                transfer_detach(web, transfer);
                mem_free(transfer);
        }
        curl_multi_cleanup(web->multi);
        uv_close((uv_handle_t *)&web->timer->timer, on_socket_closed);
        return 0;
}

Web *web_new(Mem *parent, const WebSpec *spec) {
        Web *web = mem_new(parent, Web);

        curl_start();
        web->spec = *spec;
        web->spec.version = mem_strdup(web, spec->version);
        web->spec.ca_file = mem_strdup(web, spec->ca_file);
        web->spec.proxy = mem_strdup(web, spec->proxy);
        web->multi = curl_multi_init();
        web->timer = calloc(1, sizeof *web->timer);
        if (!web->multi || !web->timer)
                mem_exhausted();
        web->timer->web = web;
        web->timer->timer.data = web->timer;
        uv_timer_init(loop_uv(spec->loop), &web->timer->timer);
        curl_multi_setopt(web->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
        curl_multi_setopt(web->multi, CURLMOPT_SOCKETDATA, web);
        curl_multi_setopt(web->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
        curl_multi_setopt(web->multi, CURLMOPT_TIMERDATA, web);
        curl_multi_setopt(web->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
        curl_multi_setopt(web->multi, CURLMOPT_MAXCONNECTS, (long)WEB_CONNECTIONS_KEPT);
        mem_on_free(web, web_destroy);
        return web;
}

Web *web_free(Web *web) {
        return mem_free(web);
}

/* --- sending --- */

static int ticket_destroy(void *object) {
        WebTicket *ticket = object;
        Transfer *transfer = ticket->transfer;
        Web *web = ticket->web;

        if (!transfer)
                return 0;
        transfer->ticket = NULL;
        transfer->is_abandoned = true;
        if (web->depth > 0 && transfer->is_started) {
                web->has_abandoned = true;
                return 0;
        }
        transfer_detach(web, transfer);
        mem_free(transfer);
        return 0;
}

static WebTicket *ticket_new(Web *web, Mem *owner, PortReplyFn fn, void *context) {
        WebTicket *ticket = mem_new(owner, WebTicket);

        ticket->web = web;
        ticket->fn = fn;
        ticket->context = context;
        mem_on_free(ticket, ticket_destroy);
        return ticket;
}

/* A refusal is its own small reply, told at the next turn. */
typedef struct Refusal {
        WebTicket *ticket;
        Reply reply;
} Refusal;

static void on_refused(void *context) {
        Refusal *refusal = context;
        WebTicket *ticket = refusal->ticket;
        PortReplyFn fn = ticket->fn;
        void *reply_context = ticket->context;

        mem_move(NULL, refusal);
        mem_free(ticket);
        fn(reply_context, &refusal->reply);
        mem_free(refusal);
}

static WebTicket *refuse(Web *web, WebTicket *ticket, ReplyFailure failure, const char *reason) {
        Refusal *refusal = mem_new(ticket, Refusal);

        header_reset(&refusal->reply);
        refusal->ticket = ticket;
        refusal->reply.failure = failure;
        refusal->reply.failure_text = mem_strdup(refusal, reason);
        refusal->reply.received_at = clock_monotonic_ms();
        loop_defer(web->spec.loop, ticket, on_refused, refusal);
        return ticket;
}

static Transfer *transfer_new(WebEndpoint *endpoint, const Request *request) {
        Web *web = endpoint->web;
        Transfer *transfer = mem_new(web, Transfer);

        transfer->spec = &web->spec;
        transfer->statistics = &endpoint->statistics;
        transfer->url = mem_printf(transfer, "%s%s", endpoint->bases[request->base], request->path);
        transfer->is_near = endpoint->is_loopback[request->base];
        transfer->is_tls = strncmp(transfer->url, "https:", 6) == 0;
        transfer->body = mem_strdup(transfer, request->body);
        transfer->media_type = mem_strdup(transfer, request->media_type);
        transfer->method = request->method;
        transfer->repeat = request->repeat;
        transfer->has_sink = request->sink != NULL;
        if (request->sink)
                transfer->sink = *request->sink;
        return transfer;
}

static void transfer_add(Web *web, Transfer *transfer) {
        transfer->easy = curl_easy_init();
        if (!transfer->easy)
                mem_exhausted();
        transfer_prepare(transfer);
        curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket_wanted);
        curl_easy_setopt(transfer->easy, CURLOPT_OPENSOCKETDATA, web);
        transfer->previous = web->last;
        *(web->last ? &web->last->next : &web->first) = transfer;
        web->last = transfer;
        watchdog_set(web);
}

static void transfer_start(Web *web, Transfer *transfer) {
        CURLMcode code = curl_multi_add_handle(web->multi, transfer->easy);

        assert(code == CURLM_OK);
        transfer->is_started = true;
}

static void on_start(void *context) {
        WebTicket *ticket = context;

        if (ticket->transfer)
                transfer_start(ticket->web, ticket->transfer);
}

/* From here on it is on its way. */
static void leave(WebTicket *ticket, Transfer *transfer) {
        Web *web = ticket->web;

        transfer->statistics->n_requests++;
        transfer->ticket = ticket;
        ticket->transfer = mem_move(web, transfer);
        ticket->unsent = NULL;
        transfer_add(web, transfer);
        /* From inside a sink: curl is not to be entered again before it has returned. */
        if (web->depth > 0)
                loop_defer(web->spec.loop, ticket, on_start, ticket);
        else
                transfer_start(web, transfer);
}

static Secret *copy_secret(Mem *parent, const Secret *secret) {
        size_t n = 0;
        const char *bytes = secret ? secret_expose(secret, &n) : NULL;

        return secret ? secret_new(parent, bytes, n) : NULL;
}

static void on_credential(void *context);

/* It leaves when there is a credential to go with it. */
static void try_to_leave(WebTicket *ticket) {
        Auth *auth = ticket->endpoint->auth;
        const Secret *header = NULL;
        const char *reason = NULL;
        int r = auth ? auth_header(auth, &header, &reason) : 0;

        if (r == AUTH_MUST_WAIT && ticket->n_waits++ < WEB_WAITS_MAX) {
                auth_wait(auth, ticket, on_credential, ticket);
                return;
        }
        if (r == 0) {
                ticket->unsent->credential = copy_secret(ticket->unsent, header);
                leave(ticket, ticket->unsent);
                return;
        }
        if (r == AUTH_MUST_WAIT)
                reason = "the token ends sooner than it can be used";
        ticket->unsent = mem_free(ticket->unsent);
        refuse(ticket->web, ticket, r == -EACCES ? REPLY_NO_CREDENTIAL : REPLY_NO_CONNECTION,
               reason);
}

static void on_credential(void *context) {
        try_to_leave(context);
}

WebTicket *web_send(WebEndpoint *endpoint, Mem *owner, const Request *request, PortReplyFn fn,
                    void *context) {
        Web *web = endpoint->web;
        WebTicket *ticket = ticket_new(web, owner, fn, context);

        assert(request->path[0] == '/');
        if (!endpoint->bases[request->base])
                return refuse(web, ticket, REPLY_NO_CONNECTION,
                              "the address of this service is not known yet");
        ticket->endpoint = endpoint;
        ticket->unsent = mem_move(ticket, transfer_new(endpoint, request));
        try_to_leave(ticket);
        return ticket;
}

/* --- endpoints --- */

static bool host_is_loopback(const char *host) {
        struct in_addr address;
        struct in6_addr address6;

        if (strcasecmp(host, "localhost") == 0)
                return true;
        if (inet_pton(AF_INET, host, &address) == 1)
                return ntohl(address.s_addr) >> 24 == 127;
        if (host[0] == '[' && strcmp(host, "[::1]") == 0)
                return true;
        return inet_pton(AF_INET6, host, &address6) == 1 && IN6_IS_ADDR_LOOPBACK(&address6);
}

static bool host_is_link_local(const char *host) {
        struct in_addr address;

        return inet_pton(AF_INET, host, &address) == 1 &&
               ntohl(address.s_addr) >> 16 == LINK_LOCAL_NETWORK;
}

static const char *check_url(CURLU *parts, const char *url, WebReach reach, bool *is_nearp) {
        char *scheme = NULL, *host = NULL, *other = NULL;
        const char *reason = NULL;

        if (strlen(url) > WEB_URL_SIZE_MAX ||
            curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK)
                return "not a usable address";
        if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
            curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
                reason = "not a usable address";
        else
                *is_nearp = host_is_loopback(host) ||
                            (reach == WEB_REACH_LINK_LOCAL && host_is_link_local(host));
        if (!reason && strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
                reason = "only https:// addresses are asked";
        if (!reason && strcmp(scheme, "http") == 0 && !*is_nearp)
                reason = "http:// is allowed only to this machine; use https://";
        if (!reason && (curl_url_get(parts, CURLUPART_USER, &other, 0) == CURLUE_OK ||
                        curl_url_get(parts, CURLUPART_PASSWORD, &other, 0) == CURLUE_OK ||
                        curl_url_get(parts, CURLUPART_QUERY, &other, 0) == CURLUE_OK ||
                        curl_url_get(parts, CURLUPART_FRAGMENT, &other, 0) == CURLUE_OK))
                reason = "an address holds no user, password, query or fragment";
        curl_free(scheme);
        curl_free(host);
        curl_free(other);
        return reason;
}

/* What an answer says of addresses never leads from elsewhere to this machine. */
static const char *check_base(const WebEndpoint *endpoint, Base base, bool is_loopback) {
        if (base == BASE_CORE || !is_loopback || endpoint->is_loopback[BASE_CORE])
                return NULL;
        return "an organisation elsewhere has no service on this machine";
}

int web_endpoint_set_base(WebEndpoint *endpoint, Base base, const char *url, const char **reasonp) {
        CURLU *parts = curl_url();
        bool is_loopback = false;
        size_t n = strlen(url);

        if (!parts)
                mem_exhausted();
        *reasonp = check_url(parts, url, WEB_REACH_LOOPBACK, &is_loopback);
        curl_url_cleanup(parts);
        if (!*reasonp)
                *reasonp = check_base(endpoint, base, is_loopback);
        if (*reasonp)
                return -EINVAL;
        while (n > 0 && url[n - 1] == '/')
                n--;
        mem_free(endpoint->bases[base]);
        endpoint->bases[base] = mem_strndup(endpoint, url, n);
        endpoint->is_loopback[base] = is_loopback;
        return 0;
}

WebEndpoint *web_endpoint_new(Mem *parent, Web *web, const char *url, Auth *auth,
                              const char **reasonp) {
        WebEndpoint *endpoint = mem_new(parent, WebEndpoint);

        endpoint->web = web;
        endpoint->auth = auth;
        if (web_endpoint_set_base(endpoint, BASE_CORE, url, reasonp) < 0)
                return mem_free(endpoint);
        return endpoint;
}

const WebStatistics *web_endpoint_statistics(const WebEndpoint *endpoint) {
        return &endpoint->statistics;
}

/* --- questions to those who give out tokens --- */

static int wipe_answer(void *object) {
        Transfer *transfer = object;

        secret_wipe(transfer->held, transfer->capacity);
        return 0;
}

/* Its own limits, and nothing that is counted for an organisation. */
typedef struct QuestionFrame {
        WebSpec spec;
        WebStatistics statistics;
} QuestionFrame;

static Transfer *question_new(Web *web, const WebQuestion *question, bool is_near) {
        Transfer *transfer = mem_new(web, Transfer);
        QuestionFrame *frame = mem_new(transfer, QuestionFrame);

        frame->spec = web->spec;
        frame->spec.response_size = WEB_QUESTION_ANSWER_SIZE_MAX;
        if (frame->spec.total_ms > WEB_QUESTION_TOTAL_MS)
                frame->spec.total_ms = WEB_QUESTION_TOTAL_MS;
        if (is_near && frame->spec.silence_ms > WEB_QUESTION_NEAR_SILENCE_MS)
                frame->spec.silence_ms = WEB_QUESTION_NEAR_SILENCE_MS;
        transfer->spec = &frame->spec;
        transfer->statistics = &frame->statistics;
        transfer->is_question = true;
        transfer->url =
                mem_printf(transfer, "%s%s", question->url, question->query ? question->query : "");
        transfer->is_near = is_near;
        transfer->is_tls = strncasecmp(transfer->url, "https:", 6) == 0;
        transfer->method = question->form ? METHOD_POST : METHOD_GET;
        transfer->media_type = "application/x-www-form-urlencoded";
        transfer->form = copy_secret(transfer, question->form);
        transfer->header = mem_strdup(transfer, question->header);
        transfer->credential = copy_secret(transfer, question->secret_header);
        mem_on_free(transfer, wipe_answer);
        return transfer;
}

WebTicket *web_ask(Web *web, Mem *owner, const WebQuestion *question, PortReplyFn fn,
                   void *context) {
        WebTicket *ticket = ticket_new(web, owner, fn, context);
        CURLU *parts = curl_url();
        const char *reason = NULL;
        bool is_near = false;

        if (!parts)
                mem_exhausted();
        reason = check_url(parts, question->url, question->reach, &is_near);
        curl_url_cleanup(parts);
        if (reason)
                return refuse(web, ticket, REPLY_NO_CREDENTIAL, reason);
        leave(ticket, question_new(web, question, is_near));
        return ticket;
}

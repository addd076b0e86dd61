/* SPDX-License-Identifier: Apache-2.0 */
/* Listen: what machines may ask over HTTP, answered from a table of paths. */
#include <assert.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <microhttpd.h>
#include <uv.h>

#include "daemon/net/listen.h"

enum {
        BACKLOG = 64,
        HOST_SIZE_MAX = 255,
        PORT_TEXT_SIZE = sizeof "65535",
};

/* A block that frees itself when libuv has let go of it. */
typedef struct ListenPoll {
        uv_poll_t poll;
        Listen *server;
} ListenPoll;

/* Of one connection, from its start to its end. */
typedef struct ListenPeer {
        int file;
        LoopTicket *alarm;
} ListenPeer;

typedef enum ExchangeState {
        EXCHANGE_ASKED,
        EXCHANGE_KEPT, /* libmicrohttpd does nothing with its connection */
        EXCHANGE_READY,
} ExchangeState;

/* A request and its answer. */
typedef struct Exchange {
        ListenAnswer answer; /* first: what is given back is found by it */
        ExchangeState state;
        struct MHD_Connection *connection;
        Listen *server;
        struct Exchange *previous, *next; /* of those that are kept */
} Exchange;

struct Listen {
        ListenSpec spec;
        struct MHD_Daemon *daemon;
        ListenPoll *poll;
        LoopTicket *alarm; /* of libmicrohttpd's own timeouts */
        Exchange *first_kept;
        bool is_loopback;
        bool has_room_again; /* a connection has ended */
};

/* --- which Host is ours --------------------------------------------------------------------------------------------- */

/* The name of `name`, `name:port`, `[address]:port` without the port; NULL when it is none. */
static const char *host_name(const char *header, char name[static HOST_SIZE_MAX + 1]) {
        const char *end = *header == '[' ? strchr(header, ']') : header + strcspn(header, ":");
        size_t n;

        if (!end)
                return NULL;
        header += *header == '[';
        n = (size_t)(end - header);
        end += *end == ']';
        if (n == 0 || n > HOST_SIZE_MAX || (*end && *end != ':'))
                return NULL;
        memcpy(name, header, n);
        name[n] = 0;
        return name;
}

static bool is_loopback_4(const struct in_addr *address) {
        return *(const unsigned char *)address == 127;
}

static bool is_address_ours(const Listen *server, const char *name) {
        struct in6_addr v6;
        struct in_addr v4;

        if (inet_pton(AF_INET, name, &v4) == 1)
                return !server->is_loopback || is_loopback_4(&v4);
        return inet_pton(AF_INET6, name, &v6) == 1 && (!server->is_loopback || IN6_IS_ADDR_LOOPBACK(&v6));
}

static bool ends_with(const char *name, const char *end) {
        size_t n = strlen(name), n_end = strlen(end);

        return n > n_end && strcasecmp(name + n - n_end, end) == 0;
}

/* Names that are given out inside a machine or a cluster alone. */
static bool is_name_of_the_inside(const char *name) {
        static const char *const ends[] = {".svc", ".local", ".internal"};

        if (!strchr(name, '.'))
                return true;
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
                if (ends_with(name, ends[i]))
                        return true;
        return false;
}

static bool is_host_ours(const Listen *server, const char *header) {
        char own[HOST_SIZE_MAX + 1] = "", buffer[HOST_SIZE_MAX + 1];
        const char *name = host_name(header, buffer);

        if (!name)
                return false;
        if (is_address_ours(server, name) || strcasecmp(name, "localhost") == 0)
                return true;
        if (server->is_loopback)
                return false;
        if (strcasecmp(name, server->spec.host) == 0)
                return true;
        if (gethostname(own, sizeof own - 1) == 0 && strcasecmp(name, own) == 0)
                return true;
        return is_name_of_the_inside(name);
}

static void on_timeout(void *context);

/* --- a request ------------------------------------------------------------------------------------------------------ */

static enum MHD_Result count_host(void *context, enum MHD_ValueKind kind, const char *key, const char *value) {
        unsigned *n = context;

        *n += strcasecmp(key, MHD_HTTP_HEADER_HOST) == 0;
        return MHD_YES;
}

static void refuse(ListenAnswer *answer, unsigned status, const char *reason) {
        answer->status = status;
        text_appendf(&answer->text, "%s\n", reason);
}

static const ListenRoute *find_route(const Listen *server, const char *path) {
        for (size_t i = 0; i < server->spec.n_routes; i++)
                if (strcmp(server->spec.routes[i].path, path) == 0)
                        return &server->spec.routes[i];
        return NULL;
}

static void make_answer(Listen *server, struct MHD_Connection *connection, const char *path, const char *method,
                        ListenAnswer *answer) {
        const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
        const ListenRoute *route = find_route(server, path);
        unsigned n_hosts = 0;

        MHD_get_connection_values(connection, MHD_HEADER_KIND, count_host, &n_hosts);
        if (n_hosts != 1 || !is_host_ours(server, host))
                refuse(answer, MHD_HTTP_MISDIRECTED_REQUEST, server->is_loopback ? "this is not the server of that Host; ask for localhost"
                                                                        : "this is not the server of that Host");
        else if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
                refuse(answer, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only");
        else if (!route)
                refuse(answer, MHD_HTTP_NOT_FOUND, "there is nothing here");
        else
                route->fn(server->spec.context, answer);
}

static const struct {
        const char *name, *value;
} header_rows[] = {
        {MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
        {MHD_HTTP_HEADER_CONNECTION, "close"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
};

/* Nothing is loaded, run, framed or sent anywhere. */
static void add_policy(struct MHD_Response *response, const ListenAnswer *answer) {
        Text policy;

        text_init(&policy, NULL);
        text_append(&policy, "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        if (answer->styles.n > 0)
                text_appendf(&policy, "; style-src %s", answer->styles.data);
        MHD_add_response_header(response, "Content-Security-Policy", policy.data);
        text_deinit(&policy);
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, const ListenAnswer *answer) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(answer->text.n, answer->text.data, MHD_RESPMEM_MUST_COPY);
        enum MHD_Result r;

        if (!response)
                return MHD_NO;
        for (size_t i = 0; i < sizeof header_rows / sizeof *header_rows; i++)
                MHD_add_response_header(response, header_rows[i].name, header_rows[i].value);
        add_policy(response, answer);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->media_type);
        if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
                MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
        r = MHD_queue_response(connection, answer->status, response);
        MHD_destroy_response(response);
        return r;
}

static Exchange *exchange_new(Listen *server, struct MHD_Connection *connection) {
        Exchange *exchange = mem_new(server, Exchange);

        exchange->answer = (ListenAnswer){.status = MHD_HTTP_OK, .media_type = "text/plain; charset=utf-8"};
        text_init(&exchange->answer.text, exchange);
        text_init(&exchange->answer.styles, exchange);
        exchange->connection = connection;
        exchange->server = server;
        return exchange;
}

/* Answered when the headers are whole: a body is not waited for. Called again for an answer that was kept. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload, size_t *n_upload,
                                  void **request) {
        Exchange *exchange = *request;

        if (!exchange) {
                exchange = *request = exchange_new(context, connection);
                make_answer(context, connection, path, method, &exchange->answer);
        }
        if (exchange->state == EXCHANGE_KEPT) {
                MHD_suspend_connection(connection);
                return MHD_YES;
        }
        return send_answer(connection, &exchange->answer);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code) {
        *request = mem_free(*request);
}

void listen_keep(ListenAnswer *answer) {
        Exchange *exchange = (Exchange *)answer;
        Listen *server = exchange->server;

        assert(exchange->state == EXCHANGE_ASKED);
        exchange->state = EXCHANGE_KEPT;
        exchange->next = server->first_kept;
        if (server->first_kept)
                server->first_kept->previous = exchange;
        server->first_kept = exchange;
}

/* libmicrohttpd goes on with it when it is run, at the next turn. */
void listen_give(ListenAnswer *answer) {
        Exchange *exchange = (Exchange *)answer;
        Listen *server = exchange->server;

        assert(exchange->state == EXCHANGE_KEPT);
        exchange->state = EXCHANGE_READY;
        *(exchange->previous ? &exchange->previous->next : &server->first_kept) = exchange->next;
        if (exchange->next)
                exchange->next->previous = exchange->previous;
        MHD_resume_connection(exchange->connection);
        mem_free(server->alarm);
        server->alarm = loop_alarm(server->spec.loop, server, 0, on_timeout, server);
}

/* --- the life of a connection --------------------------------------------------------------------------------------- */

/* libmicrohttpd closes what it reads no more from. */
static void on_too_long(void *context) {
        ListenPeer *peer = context;

        peer->alarm = NULL;
        shutdown(peer->file, SHUT_RDWR);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **peerp,
                          enum MHD_ConnectionNotificationCode code) {
        Listen *server = context;
        ListenPeer *peer;

        switch (code) {
        case MHD_CONNECTION_NOTIFY_STARTED:
                peer = mem_new(server, ListenPeer);
                peer->file =
                        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
                peer->alarm = loop_alarm(server->spec.loop, peer, LISTEN_CONNECTION_MS, on_too_long, peer);
                *peerp = peer;
                return;
        case MHD_CONNECTION_NOTIFY_CLOSED:
                *peerp = mem_free(*peerp);
                server->has_room_again = true;
                return;
        }
}

/* --- libmicrohttpd within the loop ---------------------------------------------------------------------------------- */

static void turn(Listen *server) {
        MHD_UNSIGNED_LONG_LONG delay;

        /* At its limit libmicrohttpd accepts nobody until it is run once more. */
        do {
                server->has_room_again = false;
                MHD_run(server->daemon);
        } while (server->has_room_again);
        server->alarm = mem_free(server->alarm);
        if (MHD_get_timeout(server->daemon, &delay) == MHD_YES)
                server->alarm = loop_alarm(server->spec.loop, server, (int64_t)delay, on_timeout, server);
}

static void on_timeout(void *context) {
        Listen *server = context;

        server->alarm = NULL;
        turn(server);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
        ListenPoll *block = poll->data;

        turn(block->server);
}

static void on_poll_closed(uv_handle_t *handle) {
        free(handle->data);
}

/* --- the address ---------------------------------------------------------------------------------------------------- */

static int fail(Mem *parent, const char **reasonp, const ListenSpec *spec, const char *error) {
        *reasonp = spec->host ? mem_printf(parent, "listen: %s:%u: %s; `listen` of the settings takes another address, or none",
                                           spec->host, (unsigned)spec->port, error)
                              : mem_printf(parent, "HTTP on the socket: %s", error);
        return -1;
}

static bool is_loopback(const struct sockaddr *address) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;

        if (address->sa_family == AF_INET)
                return is_loopback_4(&((const struct sockaddr_in *)address)->sin_addr);
        return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(v6);
}

static int bind_address(Mem *parent, Listen *server, const struct addrinfo *address, const char **reasonp) {
        int file = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const int on = 1;

        if (file < 0)
                return fail(parent, reasonp, &server->spec, strerror(errno));
        if (setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
            bind(file, address->ai_addr, address->ai_addrlen) < 0 || listen(file, BACKLOG) < 0) {
                fail(parent, reasonp, &server->spec, strerror(errno));
                close(file);
                return -1;
        }
        server->is_loopback = is_loopback(address->ai_addr);
        return file;
}

/* The socket, or negative with *reasonp. */
static int open_socket(Mem *parent, Listen *server, const char **reasonp) {
        struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
        char port[PORT_TEXT_SIZE];
        int r;

        snprintf(port, sizeof port, "%u", (unsigned)server->spec.port);
        r = getaddrinfo(server->spec.host, port, &hints, &found);
        if (r != 0)
                return fail(parent, reasonp, &server->spec, gai_strerror(r));
        r = bind_address(parent, server, found, reasonp);
        freeaddrinfo(found);
        return r;
}

/* --- life ----------------------------------------------------------------------------------------------------------- */

static int listen_destroy(void *object) {
        Listen *server = object;

        if (server->poll) {
                uv_poll_stop(&server->poll->poll);
                uv_close((uv_handle_t *)&server->poll->poll, on_poll_closed);
        }
        while (server->first_kept) {
                refuse(&server->first_kept->answer, MHD_HTTP_SERVICE_UNAVAILABLE, "the daemon is ending");
                listen_give(&server->first_kept->answer);
        }
        MHD_stop_daemon(server->daemon); /* also closes the socket */
        return 0;
}

static void join_loop(Listen *server) {
        int file = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
        ListenPoll *block = calloc(1, sizeof *block);
        int r;

        if (!block)
                mem_exhausted();
        block->server = server;
        block->poll.data = block;
        server->poll = block;
        r = uv_poll_init(loop_uv(server->spec.loop), &block->poll, file);
        assert(r == 0);
        r = uv_poll_start(&block->poll, UV_READABLE, on_ready);
        assert(r == 0);
}

static int start(Mem *parent, Listen *server, int file, const char **reasonp) {
        unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (file < 0 ? MHD_USE_NO_LISTEN_SOCKET : 0);
        struct MHD_OptionItem socket[] = {{file < 0 ? MHD_OPTION_END : MHD_OPTION_LISTEN_SOCKET, file, NULL},
                                          {MHD_OPTION_END, 0, NULL}};

        server->daemon = MHD_start_daemon(
                flags, server->spec.port, NULL, NULL, on_request, server, MHD_OPTION_ARRAY, socket,
                MHD_OPTION_CONNECTION_LIMIT, (unsigned)LISTEN_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                (unsigned)(LISTEN_CONNECTION_MS / 1000), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                (size_t)LISTEN_CONNECTION_SIZE, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION,
                on_connection, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_END);
        if (!server->daemon) {
                if (file >= 0)
                        close(file);
                return fail(parent, reasonp, &server->spec, "the server could not be started");
        }
        mem_on_free(server, listen_destroy);
        join_loop(server);
        return 0;
}

int listen_open(Mem *parent, const ListenSpec *spec, Listen **listenp, const char **reasonp) {
        Listen *server = mem_new(parent, Listen);
        int file = -1;

        server->spec = *spec;
        server->spec.host = mem_strdup(server, spec->host);
        server->is_loopback = !spec->host;
        if (spec->host)
                file = open_socket(parent, server, reasonp);
        if ((spec->host && file < 0) || start(parent, server, file, reasonp) < 0) {
                mem_free(server);
                return -1;
        }
        *listenp = server;
        return 0;
}

void listen_take(Listen *server, int file) {
        const struct sockaddr_un address = {.sun_family = AF_UNIX};

        /* What cannot be taken is closed. */
        MHD_add_connection(server->daemon, file, (const struct sockaddr *)&address, sizeof address);
        turn(server);
}

bool listen_is_loopback(const Listen *server) {
        return server->is_loopback;
}

Listen *listen_close(Listen *server) {
        return mem_free(server);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and responses, and the server that carries them. */
#include "tests/simulator/http.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <zlib.h>

enum {
        HEADERS_MAX = 100,
        QUERY_MAX = 64,
        SEGMENTS_MAX = 64,
        CONNECTION_TIMEOUT_SECONDS = 300,
        CONNECTION_MEMORY_BYTES = 128 * 1024,
        COMPRESS_FROM_BYTES = 860,
        GZIP_WINDOW_BITS = 15 + 16,
        ZLIB_WINDOW_BITS = 15,
        ZLIB_MEMORY_LEVEL = 8,
        TRANSFER_BLOCK_BYTES = 16 * 1024,
        MILLISECONDS_PER_SECOND = 1000,
        NANOSECONDS_PER_MILLISECOND = 1000000,
};

struct Server {
        World *world;
        bool is_stopping; /* guarded by the world's lock: nothing is held back any more */
        HttpAnswer *answer;
        struct MHD_Daemon *core;
        struct MHD_Daemon *graph;
        struct MHD_Daemon *audit;
};

/* One request under way; MHD's per-connection context. */
typedef struct Exchange {
        Request request;
        Response response;
        size_t body_capacity;
        bool too_large;
} Exchange;

static const struct {
        const char *name;
        Method method;
} METHODS[] = {
        {"GET", METHOD_GET},     {"HEAD", METHOD_HEAD},   {"POST", METHOD_POST},       {"PUT", METHOD_PUT},
        {"PATCH", METHOD_PATCH}, {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS},
};

static void sleep_ms(int64_t milliseconds) {
        struct timespec pause = {.tv_sec = milliseconds / MILLISECONDS_PER_SECOND,
                                 .tv_nsec = milliseconds % MILLISECONDS_PER_SECOND * NANOSECONDS_PER_MILLISECOND};

        if (milliseconds > 0)
                nanosleep(&pause, NULL);
}

static int64_t monotonic_ms(void) {
        struct timespec clock;

        clock_gettime(CLOCK_MONOTONIC, &clock);
        return (int64_t)clock.tv_sec * MILLISECONDS_PER_SECOND + clock.tv_nsec / NANOSECONDS_PER_MILLISECOND;
}

/* Requests. */

void request_deinit(Request *request) {
        cJSON_Delete(request->json);
        free((char *)request->body);
        arena_deinit(&request->arena);
        *request = (Request){0};
}

static const char *header_find(const Header *headers, size_t n_headers, const char *name) {
        for (size_t i = 0; i < n_headers; i++) {
                if (strcasecmp(headers[i].name, name) == 0)
                        return headers[i].value;
        }
        return NULL;
}

const char *request_header(const Request *request, const char *name) {
        return header_find(request->headers, request->n_headers, name);
}

const char *request_query(const Request *request, const char *name) {
        return header_find(request->query, request->n_query, name);
}

const char *request_parameter(const Request *request, const char *name) {
        return header_find(request->parameters, request->n_parameters, name);
}

bool request_query_true(const Request *request, const char *name) {
        return text_true(request_query(request, name));
}

static const char *skip_bom(const char *text) {
        return text_starts(text, "\xef\xbb\xbf") ? text + 3 : text;
}

cJSON *request_json(Request *request) {
        if (!request->json && !request->json_bad && request->body) {
                request->json = cJSON_Parse(skip_bom(request->body));
                request->json_bad = !request->json;
        }
        return request->json;
}

static int hex_digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes percent signs (and '+' as a blank in queries). NULL: a NUL byte or a malformed escape. */
static const char *url_decode(Arena *arena, const char *text, size_t length, char blank) {
        char *decoded = arena_alloc(arena, length + 1);
        size_t n = 0;

        for (size_t i = 0; i < length; i++) {
                int high, low;

                if (text[i] != '%') {
                        decoded[n++] = blank && text[i] == blank ? ' ' : text[i];
                        continue;
                }
                high = i + 2 < length + 0u ? hex_digit(text[i + 1]) : -1;
                low = i + 2 < length ? hex_digit(text[i + 2]) : -1;
                if (high < 0 || low < 0 || high + low == 0)
                        return NULL;
                decoded[n++] = (char)(high << 4 | low);
                i += 2;
        }
        decoded[n] = '\0';
        return decoded;
}

static int parse_query(Request *request, const char *query) {
        request->query = arena_alloc(&request->arena, QUERY_MAX * sizeof(Header));
        while (*query) {
                size_t length = strcspn(query, "&");
                const char *equals = memchr(query, '=', length);
                size_t n_name = equals ? (size_t)(equals - query) : length;
                Header pair;

                if (length > 0) {
                        pair.name = url_decode(&request->arena, query, n_name, '+');
                        pair.value = equals ? url_decode(&request->arena, equals + 1, length - n_name - 1, '+') : "";
                        if (!pair.name || !pair.value || request->n_query == QUERY_MAX)
                                return -1;
                        request->query[request->n_query++] = pair;
                }
                query += length;
                query += *query == '&';
        }
        return 0;
}

int request_parse_url(Request *request, const char *url) {
        size_t length = strcspn(url, "?#");
        const char *path;
        bool first = true;

        request->url = arena_copy(&request->arena, url);
        request->path = path = arena_copy_length(&request->arena, url, length);
        request->segments = arena_alloc(&request->arena, SEGMENTS_MAX * sizeof(char *));
        request->organization_name = "";
        while (*path) {
                size_t n = strcspn(path, "/");
                const char *segment = url_decode(&request->arena, path, n, '\0');

                if (!segment || request->n_segments == SEGMENTS_MAX)
                        return -1;
                if (n > 0 && first)
                        request->organization_name = segment;
                else if (n > 0)
                        request->segments[request->n_segments++] = segment;
                first = first && n == 0;
                path += n;
                path += *path == '/';
        }
        return parse_query(request, url[length] == '?' ? url + length + 1 : "");
}

/* Responses. */

void response_init(Response *response) {
        *response = (Response){.status = 500, .transport = {.cut_after = SIZE_MAX}};
}

void response_deinit(Response *response) {
        free(response->body);
        arena_deinit(&response->arena);
        *response = (Response){0};
}

void response_remove_header(Response *response, const char *name) {
        for (size_t i = 0; i < response->n_headers; i++) {
                if (strcasecmp(response->headers[i].name, name) == 0) {
                        response->headers[i] = response->headers[--response->n_headers];
                        return;
                }
        }
}

void response_header(Response *response, const char *name, const char *value) {
        response_remove_header(response, name);
        assert(response->n_headers < RESPONSE_HEADERS_MAX);
        response->headers[response->n_headers++] =
                (Header){arena_copy(&response->arena, name), arena_copy(&response->arena, value)};
}

void response_body(Response *response, const char *content_type, char *text, size_t size) {
        free(response->body);
        response->body = text;
        response->body_size = size;
        response->content_type = arena_copy(&response->arena, content_type);
}

/* Compression. */

/* What is cut stays cut at the same share of it. */
static void scale_cut(Transport *transport, size_t whole, size_t packed) {
        if (transport->cut_after < whole)
                transport->cut_after = transport->cut_after * packed / whole;
}

static bool deflate_body(Response *response, int window_bits) {
        z_stream stream = {0};
        char *packed;
        size_t size;
        int result;

        if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, ZLIB_MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
                return false;
        size = deflateBound(&stream, response->body_size);
        packed = memory_alloc(size);
        stream.next_in = (unsigned char *)response->body;
        stream.avail_in = (unsigned)response->body_size;
        stream.next_out = (unsigned char *)packed;
        stream.avail_out = (unsigned)size;
        result = deflate(&stream, Z_FINISH);
        size -= stream.avail_out;
        deflateEnd(&stream);
        if (result != Z_STREAM_END) {
                free(packed);
                return false;
        }
        free(response->body);
        response->body = packed;
        response->body_size = size;
        return true;
}

static void response_compress(const Request *request, Response *response) {
        const char *accepted = request_header(request, "Accept-Encoding");
        bool gzip = accepted && strcasestr(accepted, "gzip");
        size_t whole = response->body_size;

        if (response->body_size < COMPRESS_FROM_BYTES || !(gzip || (accepted && strcasestr(accepted, "deflate"))))
                return;
        if (deflate_body(response, gzip ? GZIP_WINDOW_BITS : ZLIB_WINDOW_BITS)) {
                scale_cut(&response->transport, whole, response->body_size);
                response_header(response, "Content-Encoding", gzip ? "gzip" : "deflate");
                response_header(response, "Vary", "Accept-Encoding");
        }
}

/* The server. */

typedef struct Transfer {
        Transport transport;
        char *body;
        size_t size;
} Transfer;

static ssize_t transfer_read(void *context, uint64_t position, char *buffer, size_t room) {
        Transfer *transfer = context;
        size_t end = transfer->transport.cut_after < transfer->size ? transfer->transport.cut_after : transfer->size;
        size_t n = position < end ? end - (size_t)position : 0;

        if (n == 0)
                return end < transfer->size ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
        if (transfer->transport.chunk_bytes) {
                if (position > 0)
                        sleep_ms(transfer->transport.chunk_pause_ms);
                n = n < transfer->transport.chunk_bytes ? n : transfer->transport.chunk_bytes;
        }
        n = n < room ? n : room;
        memcpy(buffer, transfer->body + position, n);
        return (ssize_t)n;
}

static void transfer_free(void *context) {
        Transfer *transfer = context;

        free(transfer->body);
        free(transfer);
}

static struct MHD_Response *make_response(Response *response) {
        static char nothing[1];
        struct MHD_Response *made;
        bool plain = response->transport.cut_after == SIZE_MAX && response->transport.chunk_bytes == 0 &&
                     !response->transport.endless;

        if (plain) {
                made = MHD_create_response_from_buffer(response->body_size, response->body ? response->body : nothing,
                                                       response->body ? MHD_RESPMEM_MUST_FREE
                                                                      : MHD_RESPMEM_PERSISTENT);
        } else {
                Transfer *transfer = memory_alloc(sizeof(*transfer));

                *transfer = (Transfer){response->transport, response->body, response->body_size};
                made = MHD_create_response_from_callback(response->transport.endless ? MHD_SIZE_UNKNOWN
                                                                                     : response->body_size,
                                                         TRANSFER_BLOCK_BYTES, transfer_read, transfer, transfer_free);
        }
        response->body = NULL;
        if (response->content_type)
                MHD_add_response_header(made, MHD_HTTP_HEADER_CONTENT_TYPE, response->content_type);
        for (size_t i = 0; i < response->n_headers; i++)
                MHD_add_response_header(made, response->headers[i].name, response->headers[i].value);
        return made;
}

/* A socket that is connected to nothing forgets its peer, which is told so with a reset at once; closing it, even
 * with SO_LINGER, would not do: MHD shuts the connection down in order first. */
static enum MHD_Result reset_connection(struct MHD_Connection *connection) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct sockaddr nothing = {.sa_family = AF_UNSPEC};

        if (info)
                connect(info->connect_fd, &nothing, sizeof(nothing));
        return MHD_NO;
}

static void wait_for_release(Server *server, int64_t held_for) {
        World *world = server->world;

        pthread_mutex_lock(&world->lock);
        while (world->n_releases < held_for && !server->is_stopping)
                pthread_cond_wait(&world->released, &world->lock);
        pthread_mutex_unlock(&world->lock);
}

static enum MHD_Result send_response(Server *server, struct MHD_Connection *connection, Exchange *exchange) {
        Response *response = &exchange->response;
        struct MHD_Response *made;
        enum MHD_Result result;

        sleep_ms(response->transport.delay_ms);
        wait_for_release(server, response->transport.held_for);
        if (response->transport.reset)
                return reset_connection(connection);
        response_compress(&exchange->request, response);
        made = make_response(response);
        result = MHD_queue_response(connection, (unsigned)response->status, made);
        MHD_destroy_response(made);
        return result;
}

static enum MHD_Result collect_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
        Request *request = context;

        if (request->n_headers == HEADERS_MAX)
                return MHD_NO;
        request->headers[request->n_headers++] =
                (Header){arena_copy(&request->arena, name), arena_copy(&request->arena, value ? value : "")};
        return MHD_YES;
}

static void collect_body(Exchange *exchange, const char *data, size_t size) {
        Request *request = &exchange->request;
        char *body = (char *)request->body;

        if (request->body_size + size > BODY_LIMIT_BYTES) {
                exchange->too_large = true;
                return;
        }
        if (request->body_size + size + 1 > exchange->body_capacity) {
                exchange->body_capacity = (request->body_size + size + 1) * 2;
                body = memory_resize(body, exchange->body_capacity);
        }
        memcpy(body + request->body_size, data, size);
        request->body_size += size;
        body[request->body_size] = '\0';
        request->body = body;
}

/* The whole URL as it came, kept from before MHD takes it apart. */
static void *keep_url(void *context, const char *url, struct MHD_Connection *connection) {
        Exchange *exchange = memory_alloc(sizeof(*exchange));

        response_init(&exchange->response);
        exchange->request.url = arena_copy(&exchange->request.arena, url);
        return exchange;
}

static Method method_of(const char *name) {
        for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
                if (strcmp(METHODS[i].name, name) == 0)
                        return METHODS[i].method;
        }
        return METHOD_OTHER;
}

static void begin_request(Exchange *exchange, struct MHD_Connection *connection, const char *method) {
        Request *request = &exchange->request;

        request->started = monotonic_ms();
        request->method_name = arena_copy(&request->arena, method);
        request->method = method_of(method);
        request->headers = arena_alloc(&request->arena, HEADERS_MAX * sizeof(Header));
        MHD_get_connection_values(connection, MHD_HEADER_KIND, collect_header, request);
}

typedef struct Listener {
        Server *server;
        Service service;
} Listener;

static enum MHD_Result handle(Server *server, Service service, struct MHD_Connection *connection, Exchange *exchange) {
        Request *request = &exchange->request;
        int64_t latency;

        request->service = service;
        if (request_parse_url(request, request->url) < 0 || exchange->too_large) {
                exchange->response.status = exchange->too_large ? 413 : 400;
                return send_response(server, connection, exchange);
        }
        pthread_mutex_lock(&server->world->lock);
        latency = server->world->options.latency_ms;
        pthread_mutex_unlock(&server->world->lock);
        sleep_ms(latency);
        server->answer(server->world, request, &exchange->response);
        return send_response(server, connection, exchange);
}

static enum MHD_Result on_request(void *context, Service service, struct MHD_Connection *connection, void **state,
                                  const char *method) {
        Exchange *exchange = *state;

        if (!exchange->request.method_name) {
                begin_request(exchange, connection, method);
                return MHD_YES;
        }
        return handle(context, service, connection, exchange);
}

static enum MHD_Result on_core(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *data, size_t *sizep, void **state) {
        if (*sizep) {
                collect_body(*state, data, *sizep);
                *sizep = 0;
                return MHD_YES;
        }
        return on_request(context, SERVICE_CORE, connection, state, method);
}

static enum MHD_Result on_graph(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *sizep, void **state) {
        if (*sizep) {
                collect_body(*state, data, *sizep);
                *sizep = 0;
                return MHD_YES;
        }
        return on_request(context, SERVICE_GRAPH, connection, state, method);
}

static enum MHD_Result on_audit(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                const char *version, const char *data, size_t *sizep, void **state) {
        if (*sizep) {
                collect_body(*state, data, *sizep);
                *sizep = 0;
                return MHD_YES;
        }
        return on_request(context, SERVICE_AUDIT, connection, state, method);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code) {
        Exchange *exchange = *state;

        if (exchange) {
                request_deinit(&exchange->request);
                response_deinit(&exchange->response);
                free(exchange);
        }
        *state = NULL;
}

static struct MHD_Daemon *listen_on(Server *server, int port, MHD_AccessHandlerCallback handler) {
        const World *world = server->world;
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct MHD_OptionItem tls[] = {
                {world->certificate ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, (void *)world->certificate},
                {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)world->key},
                {MHD_OPTION_END, 0, NULL},
        };

        return MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                                        MHD_USE_ITC | (world->certificate ? MHD_USE_TLS : 0u),
                                (uint16_t)port, NULL, NULL, handler, server, MHD_OPTION_SOCK_ADDR, &address,
                                MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_URI_LOG_CALLBACK, keep_url,
                                NULL, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_TIMEOUT_SECONDS,
                                MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
                                MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
}

static int port_of(struct MHD_Daemon *daemon) {
        const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);

        return info ? info->port : 0;
}

/* Where it listens is known once it does; the first request may be there before that is written down. */
static bool listen_on_all(Server *server) {
        World *world = server->world;

        server->core = listen_on(server, world->port, on_core);
        if (!server->core)
                return false;
        world->port = port_of(server->core);
        if (world_is_server(world)) {
                world->graph_port = world->port;
                return true;
        }
        server->graph = listen_on(server, world->graph_port, on_graph);
        if (server->graph)
                world->graph_port = port_of(server->graph);
        server->audit = listen_on(server, world->audit_port, on_audit);
        if (server->audit)
                world->audit_port = port_of(server->audit);
        return server->graph && server->audit;
}

Server *server_start(World *world, HttpAnswer *answer) {
        Server *server = memory_alloc(sizeof(*server));
        bool listens;

        *server = (Server){.world = world, .answer = answer};
        pthread_mutex_lock(&world->lock);
        listens = listen_on_all(server);
        pthread_mutex_unlock(&world->lock);
        return listens ? server : server_stop(server);
}

Server *server_stop(Server *server) {
        if (!server)
                return NULL;
        pthread_mutex_lock(&server->world->lock);
        server->is_stopping = true;
        world_release(server->world);
        pthread_mutex_unlock(&server->world->lock);
        if (server->audit)
                MHD_stop_daemon(server->audit);
        if (server->graph)
                MHD_stop_daemon(server->graph);
        if (server->core)
                MHD_stop_daemon(server->core);
        free(server);
        return NULL;
}

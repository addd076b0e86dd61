/* SPDX-License-Identifier: Apache-2.0 */
/* Server: a small HTTP server on loopback, in threads of its own, for tests of the web. */
#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/net/server.h"

enum {
        BODY_SIZE_MAX = 1 << 20,
        THREADS = 8,
        RAW_REQUEST_MAX = 16 * 1024,
};

typedef struct Upload {
        char *bytes;
        size_t n;
} Upload;

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *data, size_t *n_datap, void **statep) {
        Server *server = context;
        Upload *upload = *statep;

        if (!upload) {
                upload = *statep = calloc(1, sizeof *upload);
                upload->bytes = calloc(1, BODY_SIZE_MAX);
                return MHD_YES;
        }
        if (*n_datap > 0) {
                assert(upload->n + *n_datap < BODY_SIZE_MAX);
                memcpy(upload->bytes + upload->n, data, *n_datap);
                upload->n += *n_datap;
                *n_datap = 0;
                return MHD_YES;
        }
        atomic_fetch_add(&server->n_requests, 1);
        return server->answer(server, connection, method, path, upload->bytes);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **statep,
                         enum MHD_RequestTerminationCode code) {
        Upload *upload = *statep;

        if (upload)
                free(upload->bytes);
        free(upload);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **statep,
                          enum MHD_ConnectionNotificationCode code) {
        Server *server = context;

        if (code == MHD_CONNECTION_NOTIFY_STARTED)
                atomic_fetch_add(&server->n_connections, 1);
        atomic_fetch_add(&server->n_open, code == MHD_CONNECTION_NOTIFY_STARTED ? 1 : -1);
}

void server_start(Server *server, ServerFn answer) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

        memset(server, 0, sizeof *server);
        server->answer = answer;
        server->daemon = MHD_start_daemon(
                MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, on_request, server,
                MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, THREADS,
                MHD_OPTION_CONNECTION_LIMIT, 1024U, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
                MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_END);
        assert(server->daemon);
        server->port = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
        snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
}

void server_stop(Server *server) {
        MHD_stop_daemon(server->daemon);
}

enum MHD_Result server_answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *type, const char *text) {
        struct MHD_Response *response =
                MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
        enum MHD_Result result = MHD_NO;

        if (type)
                MHD_add_response_header(response, "Content-Type", type);
        result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
}

/* True when the headers of a request came. */
static bool raw_read(int client, char *request) {
        size_t n = 0;

        while (n < RAW_REQUEST_MAX) {
                ssize_t r = read(client, request + n, RAW_REQUEST_MAX - n);

                if (r <= 0)
                        return false;
                n += (size_t)r;
                request[n] = '\0';
                if (strstr(request, "\r\n\r\n"))
                        return true;
        }
        return false;
}

static void raw_serve(RawServer *server, int client) {
        char request[RAW_REQUEST_MAX + 1];

        if (!raw_read(client, request))
                return;
        atomic_fetch_add(&server->n_requests, 1);
        if (server->answer) {
                ssize_t sent = send(client, server->answer, server->n_answer, MSG_NOSIGNAL);

                (void)sent; /* the other side may have had enough */
        }
        if (server->end == RAW_KEEP && raw_read(client, request))
                atomic_fetch_add(&server->n_requests, 1);
        while (server->end == RAW_HOLD && read(client, request, sizeof request) > 0)
                ;
        if (server->end == RAW_RESET)
                setsockopt(client, SOL_SOCKET, SO_LINGER,
                           &(struct linger){.l_onoff = 1, .l_linger = 0}, sizeof(struct linger));
}

static void *raw_main(void *context) {
        RawServer *server = context;

        for (;;) {
                int client = accept4(server->socket, NULL, NULL, SOCK_CLOEXEC);

                if (client < 0 || atomic_load(&server->is_stopping)) {
                        if (client >= 0)
                                close(client);
                        return NULL;
                }
                raw_serve(server, client);
                close(client);
        }
}

void raw_server_start(RawServer *server) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t n = sizeof address;
        int r = 0;

        server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        r = bind(server->socket, (struct sockaddr *)&address, sizeof address);
        assert(r == 0);
        r = listen(server->socket, 64);
        assert(r == 0);
        getsockname(server->socket, (struct sockaddr *)&address, &n);
        server->port = ntohs(address.sin_port);
        snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
        r = pthread_create(&server->thread, NULL, raw_main, server);
        assert(r == 0);
}

void raw_server_stop(RawServer *server) {
        atomic_store(&server->is_stopping, true);
        shutdown(server->socket, SHUT_RDWR);
        pthread_join(server->thread, NULL);
        close(server->socket);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Server: a small HTTP server on loopback, in threads of its own, for tests of the web. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <microhttpd.h>

typedef struct Server Server;

/* Answers a request; the body that came is whole. */
typedef enum MHD_Result (*ServerFn)(Server *server, struct MHD_Connection *connection,
                                    const char *method, const char *path, const char *body);

struct Server {
        struct MHD_Daemon *daemon;
        ServerFn answer;
        int port;
        char url[64]; /* http://127.0.0.1:PORT */
        atomic_int n_requests, n_connections, n_open;
};

void server_start(Server *server, ServerFn answer);
void server_stop(Server *server);
enum MHD_Result server_answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *type, const char *text);

typedef enum RawEnd {
        RAW_CLOSE,
        RAW_RESET,
        RAW_HOLD, /* until the other side closes */
        RAW_KEEP, /* a first request is answered, the connection closed when a second comes */
} RawEnd;

/* Bytes as they are: accepts one connection after the other, reads a request's headers, sends
 * `answer`. */
typedef struct RawServer {
        int socket;
        int port;
        char url[64];
        const char *answer; /* or NULL */
        size_t n_answer;
        RawEnd end;
        atomic_int n_requests;
        atomic_bool is_stopping;
        unsigned long thread;
} RawServer;

void raw_server_start(RawServer *server);
void raw_server_stop(RawServer *server);

/* SPDX-License-Identifier: Apache-2.0 */
/* Listen: what machines may ask over HTTP, answered from a table of paths. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "daemon/net/loop.h"

enum {
        LISTEN_CONNECTIONS_MAX = 32,
        LISTEN_CONNECTION_MS = 10 * 1000, /* the whole life of a connection: it carries one request */
        LISTEN_CONNECTION_SIZE = 16 * 1024, /* for its headers */
};

typedef struct Listen Listen;

typedef struct ListenAnswer {
        unsigned status;
        const char *media_type; /* a constant */
        Text text;
        Text styles; /* sources of styles in the words of Content-Security-Policy; without any there are none */
} ListenAnswer;

/* Fills the answer (200, plain text, empty) before it returns, or keeps it, see listen_keep(). */
typedef void (*ListenFn)(void *context, ListenAnswer *answer);

typedef struct ListenRoute {
        const char *path;
        ListenFn fn;
} ListenRoute;

typedef struct ListenSpec {
        Loop *loop;
        const char *host; /* an address, or a name that has one; NULL: it has what listen_take() gives it alone */
        uint16_t port;
        const ListenRoute *routes; /* outlive it */
        size_t n_routes;
        void *context; /* of the routes */
} ListenSpec;

/* GET and HEAD only. `Host` must be an address or a name that no stranger can point here: on loopback, and without a host,
 * one of loopback or localhost; else any address, this machine's name and names without a dot, `.svc` and `.local` ones
 * and `host` itself; so pages of other sites are not answered though their name be made to lead here. 0, or negative with
 * *reasonp (below parent). */
int listen_open(Mem *parent, const ListenSpec *spec, Listen **listenp, const char **reasonp);
/* Of a route that needs time: the answer stays where it is, to be filled and given at any later turn. Nobody waits for it
 * longer than LISTEN_CONNECTION_MS; it is to be given all the same, but for those that are kept when it is closed. */
void listen_keep(ListenAnswer *answer);
void listen_give(ListenAnswer *answer);

/* Serves who is at the other end of a connected socket, which it takes over. */
void listen_take(Listen *listen, int file);
/* Nobody but this machine can ask. */
bool listen_is_loopback(const Listen *listen);
/* NULL is fine; always returns NULL. */
Listen *listen_close(Listen *listen);

/* SPDX-License-Identifier: Apache-2.0 */
/* Served: what a running daemon answers over HTTP, path by path. */
#pragma once

#include "daemon/net/listen.h"
#include "daemon/standing.h"

typedef struct Served Served;

typedef struct ServedSpec {
        Loop *loop;
        const Settings *settings;                           /* whose `listen` it is */
        Standing *(*standing)(void *context, Mem *parent); /* of this moment */
        void *context;
} ServedSpec;

/* Answers at `listen`, if there is one, and who comes over the socket. 0, or negative with *reasonp (below parent). */
int served_open(Mem *parent, const ServedSpec *spec, Served **servedp, const char **reasonp);
/* NULL is fine; always returns NULL. */
Served *served_close(Served *served);
/* Answers one who came over the socket; takes over the connection. */
void served_take(Served *served, int file);

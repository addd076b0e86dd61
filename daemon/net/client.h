/* SPDX-License-Identifier: Apache-2.0 */
/* Client: the other side of the control socket, for the command line; waits. */
#pragma once

#include "common/base/json.h"
#include "common/base/mem.h"

enum {
        CLIENT_SILENCE_MS = 15 * 1000,            /* longer than the daemon is ever silent */
        CLIENT_LINE_SIZE_MAX = 256 * 1024 * 1024, /* of one line of an answer */
};

/* `line` without its end; both live during the call. */
typedef void (*ClientLineFn)(void *context, const JsonNode *value, const char *line);

typedef struct ClientCall {
        const char *path;    /* of the socket */
        const char *request; /* a JSON object in one line */
        ClientLineFn on_line;
        /* While the answer is awaited the daemon says from time to time that it is alive; `doing`, when it is there, says
         * what it is at. NULL: nobody asks. */
        ClientLineFn on_alive;
        void *context;
} ClientCall;

/* 0 with the daemon's exit code in *exitp; 1: no daemon listens there; negative: it could not be
 * asked or its answer did not end. *reasonp (below parent) says why, and with 0 what it could not do, or is
 * NULL. */
int client_call(Mem *parent, const ClientCall *call, int *exitp, const char **reasonp);

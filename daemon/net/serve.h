/* SPDX-License-Identifier: Apache-2.0 */
/* Serve: the control socket, one line of JSON in, lines of JSON out. */
#pragma once

#include <stdbool.h>

#include "common/base/json.h"
#include "common/base/mem.h"
#include "common/base/text.h"
#include "daemon/net/loop.h"

enum {
        SERVE_CONNECTIONS_MAX = 32,
        SERVE_IDLE_MS = 10 * 1000, /* for a request to come, for the end of an answer to be taken */
        SERVE_ALIVE_MS = 3 * 1000, /* of silence, then `{"alive":true,"doing":"..."}` is sent */
        SERVE_REQUEST_SIZE_MAX = 64 * 1024,
        SERVE_UNSENT_SIZE_MAX = 64 * 1024 * 1024, /* that a slow reader may leave lying */
        SERVE_PATH_SIZE_MAX = 107,
        SERVE_MODE = 0660,
};

typedef struct Serve Serve;
/* To one request. It is the handler's until serve_answer_end(), also when the other side has gone
 * and after serve_close(). */
typedef struct ServeAnswer ServeAnswer;

/* `request` is an object with a text `command`; it lives during the call. */
typedef void (*ServeFn)(void *context, ServeAnswer *answer, const JsonNode *request);

typedef struct ServeSpec {
        Loop *loop;
        const char *path;
        ServeFn fn;
        /* The other side speaks HTTP: takes over the connected socket, nothing is read of it. NULL: nobody does. */
        void (*take_http)(void *context, int file);
        /* What the process is at while an answer is awaited, in one line for people; NULL, or nothing of it: not told. */
        void (*write_doing)(void *context, Text *text);
        void *context;
} ServeSpec;

/* Listens; the other side must be root or run as this process' user. A socket that nobody listens
 * on any more is replaced. 0, or negative with *reasonp (below parent). */
int serve_open(Mem *parent, const ServeSpec *spec, Serve **servep, const char **reasonp);
/* Removes the socket. */
Serve *serve_close(Serve *serve);

/* One JSON value without line ends; dropped when the other side has gone. */
void serve_answer_line(ServeAnswer *answer, const char *json);
/* `{"exit":N}`: the answer is whole and gone. */
void serve_answer_end(ServeAnswer *answer, int exit_code);
/* False: the other side has gone. */
bool serve_answer_is_wanted(const ServeAnswer *answer);

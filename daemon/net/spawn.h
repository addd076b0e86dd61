/* SPDX-License-Identifier: Apache-2.0 */
/* Spawn: a program that gets text on its standard input and ends within a time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "daemon/net/loop.h"

/* A running program. Freeing it kills the program, nothing is called back; it is gone before the call back begins. */
typedef struct Spawn Spawn;

typedef struct SpawnEnd {
        int exit_code;
        int signal;      /* that ended it; 0: it ended by itself */
        bool is_too_long; /* it was killed, with what it had started */
} SpawnEnd;

typedef void (*SpawnFn)(void *context, const SpawnEnd *end);

typedef struct SpawnSpec {
        Loop *loop;
        const char *command; /* path of a program; no shell, no arguments */
        const char *input;   /* what is left unread does not matter */
        int64_t limit_ms;
        SpawnFn fn;
        void *context;
} SpawnSpec;

/* It sees of the environment PATH, HOME, LANG, TZ alone, where credentials may stand; its output goes nowhere. NULL with
 * *reasonp (below parent) when it cannot be started. Never calls back from inside. */
Spawn *spawn_start(Mem *parent, const SpawnSpec *spec, const char **reasonp);

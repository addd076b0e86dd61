/* SPDX-License-Identifier: Apache-2.0 */
/* Notify: a person is told of what machines do not mend, by a program of the settings. */
#pragma once

#include "daemon/engine/engine.h"
#include "daemon/net/loop.h"

enum {
        NOTIFY_PAUSE_MS = 10 * 1000,  /* from the start of one program to the next */
        NOTIFY_LIMIT_MS = 30 * 1000,  /* of a program's life */
        NOTIFY_FINDINGS_MAX = 50,     /* in one line; `count` tells of all */
};

typedef struct Notify Notify;

/* The program gets one line of JSON: `event` (held, leak, fight, vanished, credential), `organization`, what it is, `time`. */
Notify *notify_new(Mem *parent, Loop *loop);
/* NULL: nobody is told. What waits to be told goes to the new one. */
void notify_set_command(Notify *notify, const char *command);
/* After an order of the engine: what is not as it was told is told, in its turn; only its newest state waits. What was
 * told in vain is told again after the next order. */
void notify_look(Notify *notify, const Engine *engine);

/* SPDX-License-Identifier: Apache-2.0 */
/* ScriptPort: a door to a world that a test makes up, in virtual time. */
#pragma once

#include <stdbool.h>

#include "daemon/flow/port.h"

typedef struct ScriptPort ScriptPort;

/* What was asked of the world, in order. */
typedef enum ScriptEventKind {
        SCRIPT_SENT,
        SCRIPT_RECORDED, /* durable */
        SCRIPT_REFUSED,  /* the disk is full */
} ScriptEventKind;

typedef struct ScriptEvent {
        ScriptEventKind kind;
        int64_t at;
        const char *text; /* `GET /path`, or the lines */
        const char *body; /* of a request, or NULL */
} ScriptEvent;

/* Answers a request; the reply's texts live below `mem`. delay_ms: how long the answer takes. False: none comes by
 * itself, see script_answer(). */
typedef bool (*ScriptAnswerFn)(void *context, Mem *mem, const Request *request, Reply *reply, int64_t *delay_ms);

ScriptPort *script_port_new(Mem *parent);
Port *script_port(ScriptPort *script);
void script_on_request(ScriptPort *script, ScriptAnswerFn fn, void *context);
/* From now on so many records become durable, then the disk is full. -1: it never is. */
void script_fill_disk(ScriptPort *script, int n_records);

/* Carries out what is due, and what becomes due by it, `ms` further in time. */
void script_pass(ScriptPort *script, int64_t ms);
/* Goes on in time until nothing is left to wait for, or `is_over`. False: longer than `ms`. */
bool script_run(ScriptPort *script, int64_t ms, bool (*is_over)(void *context), void *context);
int64_t script_now(const ScriptPort *script);

/* The oldest request without an answer, or NULL; and its answer. */
const Request *script_unanswered(const ScriptPort *script);
void script_answer(ScriptPort *script, const Reply *reply);

const ScriptEvent *script_events(const ScriptPort *script, size_t *np);
/* True while a call of the port is running: nothing may be called back then. */
bool script_is_inside(const ScriptPort *script);
/* 200, application/json. */
Reply script_json(const char *body);

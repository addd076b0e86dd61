/* SPDX-License-Identifier: Apache-2.0 */
/* Loop: the one thread of the process that waits. */
#pragma once

#include <stdint.h>

#include "common/base/mem.h"

typedef struct Loop Loop;
/* Of something asked for. It hangs below its owner; freeing it (or the owner) cancels, nothing is
 * called back. It is gone before the call back begins. */
typedef struct LoopTicket LoopTicket;

typedef void (*LoopFn)(void *context);
typedef void (*LoopSignalFn)(void *context, int number);
/* Runs on another thread: only `job` may be touched. 0 or a negative errno. */
typedef int (*LoopWorkFn)(void *job);
typedef void (*LoopDoneFn)(void *context, void *job, int result);

struct uv_loop_s;

/* The broken pipe's signal is ignored from here on. Free the loop after all that asked something of
 * it: freeing closes what is open and waits for work that is still under way on other threads. */
Loop *loop_new(Mem *parent);
Loop *loop_free(Loop *loop);
/* Until loop_stop() was called or nothing is left to wait for. */
void loop_run(Loop *loop);
void loop_stop(Loop *loop);
/* The signals of a daemon (TERM, INT, HUP, USR1, USR2) arrive as calls from the loop. By themselves
 * they do not keep it running. */
void loop_take_signals(Loop *loop, LoopSignalFn fn, void *context);

/* Never calls from inside. delay_ms <= 0: at the next turn. */
LoopTicket *loop_alarm(Loop *loop, Mem *owner, int64_t delay_ms, LoopFn fn, void *context);
/* At the next turn, in the order asked. */
LoopTicket *loop_defer(Loop *loop, Mem *owner, LoopFn fn, void *context);

typedef struct LoopWork {
        LoopWorkFn work;
        LoopDoneFn done;
        void *context; /* of done */
        void *job;     /* taken over, freed after done; a mem object that nobody else touches */
} LoopWork;
/* On libuv's pool. Cancelling does not stop work that has begun; its result is dropped. */
LoopTicket *loop_work(Loop *loop, Mem *owner, const LoopWork *work);

/* How long the longest turn took in which nothing was waited for: nothing else was served meanwhile. */
typedef struct LoopTurn {
        int64_t wall_us;
        int64_t cpu_us; /* of the loop's own thread; what others on the machine do is not in it */
} LoopTurn;
/* Each of the two by itself, since loop_new(). */
LoopTurn loop_longest_turn(const Loop *loop);

/* For daemon/net alone. */
struct uv_loop_s *loop_uv(Loop *loop);

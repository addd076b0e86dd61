/* SPDX-License-Identifier: Apache-2.0 */
/* Loop: the one thread of the process that waits. */
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include <uv.h>

#include "daemon/net/loop.h"

static const int signal_numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
enum {
        N_SIGNALS = sizeof signal_numbers / sizeof *signal_numbers,
        NS_PER_US = 1000,
        US_PER_S = 1000 * 1000,
};

/* libuv's handles live in blocks that free themselves when libuv has let go of them: the ticket can
 * go at any time. */
typedef struct AlarmBlock {
        uv_timer_t timer;
        LoopTicket *ticket;
} AlarmBlock;

typedef struct WorkBlock {
        uv_work_t work;
        LoopWork spec;
        int result;
        LoopTicket *ticket;
} WorkBlock;

struct LoopTicket {
        LoopFn fn;
        void *context;
        /* exactly one of the three */
        AlarmBlock *alarm;
        WorkBlock *work;
        Loop *deferred; /* linked in its queue */
        LoopTicket *previous, *next;
        uint64_t number;
};

typedef struct LoopQueue {
        LoopTicket *first, *last;
} LoopQueue;

struct Loop {
        uv_loop_t uv;
        uv_idle_t idle; /* turns while something is deferred */
        uv_prepare_t prepare; /* before each wait: a turn has ended */
        int64_t turn_us, waited_us, cpu_us; /* when the turn began */
        LoopTurn longest;
        uv_signal_t signals[N_SIGNALS];
        LoopSignalFn on_signal;
        void *signal_context;
        LoopQueue queue;
        uint64_t n_deferred; /* ever */
};

struct uv_loop_s *loop_uv(Loop *loop) {
        return &loop->uv;
}

/* Else the loop would wait for it for ever. */
static void expect_closing(uv_handle_t *handle, void *context) {
        assert(uv_is_closing(handle));
}

static int loop_destroy(void *object) {
        Loop *loop = object;
        int r = 0;

        assert(!loop->queue.first);
        for (size_t i = 0; i < N_SIGNALS; i++)
                uv_close((uv_handle_t *)&loop->signals[i], NULL);
        uv_close((uv_handle_t *)&loop->idle, NULL);
        uv_close((uv_handle_t *)&loop->prepare, NULL);
        uv_walk(&loop->uv, expect_closing, NULL);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
        r = uv_loop_close(&loop->uv);
        assert(r == 0);
        return 0;
}

/* --- how long it does not wait --- */

static int64_t cpu_now(void) {
        struct timespec time;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return (int64_t)time.tv_sec * US_PER_S + time.tv_nsec / NS_PER_US;
}

static void turn_begin(Loop *loop) {
        loop->turn_us = (int64_t)(uv_hrtime() / NS_PER_US);
        loop->waited_us = (int64_t)(uv_metrics_idle_time(&loop->uv) / NS_PER_US);
        loop->cpu_us = cpu_now();
}

/* What came in between was waiting, then whatever the wait had brought. */
static void on_turn_end(uv_prepare_t *prepare) {
        Loop *loop = prepare->data;
        int64_t turn_us = loop->turn_us, waited_us = loop->waited_us, cpu_us = loop->cpu_us;
        int64_t wall = 0;

        turn_begin(loop);
        wall = loop->turn_us - turn_us - (loop->waited_us - waited_us);
        if (wall > loop->longest.wall_us)
                loop->longest.wall_us = wall;
        if (loop->cpu_us - cpu_us > loop->longest.cpu_us)
                loop->longest.cpu_us = loop->cpu_us - cpu_us;
}

LoopTurn loop_longest_turn(const Loop *loop) {
        return loop->longest;
}

static void measure_turns(Loop *loop) {
        int r = uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME);

        assert(r == 0);
        r = uv_prepare_init(&loop->uv, &loop->prepare);
        assert(r == 0);
        loop->prepare.data = loop;
        r = uv_prepare_start(&loop->prepare, on_turn_end);
        assert(r == 0);
        uv_unref((uv_handle_t *)&loop->prepare);
        turn_begin(loop);
}

Loop *loop_new(Mem *parent) {
        Loop *loop = mem_new(parent, Loop);
        int r = 0;

        if (uv_loop_init(&loop->uv) < 0)
                mem_exhausted();
        measure_turns(loop);
        r = uv_idle_init(&loop->uv, &loop->idle);
        assert(r == 0);
        loop->idle.data = loop;
        for (size_t i = 0; i < N_SIGNALS; i++) {
                r = uv_signal_init(&loop->uv, &loop->signals[i]);
                assert(r == 0);
        }
        signal(SIGPIPE, SIG_IGN);
        mem_on_free(loop, loop_destroy);
        return loop;
}

Loop *loop_free(Loop *loop) {
        return mem_free(loop);
}

void loop_run(Loop *loop) {
        turn_begin(loop);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(Loop *loop) {
        uv_stop(&loop->uv);
}

static void on_signal(uv_signal_t *handle, int number) {
        Loop *loop = handle->data;

        loop->on_signal(loop->signal_context, number);
}

void loop_take_signals(Loop *loop, LoopSignalFn fn, void *context) {
        loop->on_signal = fn;
        loop->signal_context = context;
        for (size_t i = 0; i < N_SIGNALS; i++) {
                int r = uv_signal_start(&loop->signals[i], on_signal, signal_numbers[i]);

                assert(r == 0);
                loop->signals[i].data = loop;
                uv_unref((uv_handle_t *)&loop->signals[i]);
        }
}

/* --- deferred calls --- */

static void queue_add(Loop *loop, LoopTicket *ticket) {
        LoopQueue *queue = &loop->queue;

        ticket->previous = queue->last;
        *(queue->last ? &queue->last->next : &queue->first) = ticket;
        queue->last = ticket;
}

static void queue_remove(Loop *loop, LoopTicket *ticket) {
        LoopQueue *queue = &loop->queue;

        *(ticket->previous ? &ticket->previous->next : &queue->first) = ticket->next;
        *(ticket->next ? &ticket->next->previous : &queue->last) = ticket->previous;
        if (!queue->first)
                uv_idle_stop(&loop->idle);
}

/* Frees the ticket, then calls. */
static void ticket_call(LoopTicket *ticket) {
        LoopFn fn = ticket->fn;
        void *context = ticket->context;

        mem_free(ticket);
        fn(context);
}

static void on_turn(uv_idle_t *idle) {
        Loop *loop = idle->data;
        uint64_t end = loop->n_deferred; /* what is deferred from now on waits for the next turn */

        while (loop->queue.first && loop->queue.first->number < end)
                ticket_call(loop->queue.first);
}

static void on_alarm_closed(uv_handle_t *handle) {
        free(handle->data);
}

static int ticket_destroy(void *object) {
        LoopTicket *ticket = object;

        if (ticket->deferred)
                queue_remove(ticket->deferred, ticket);
        if (ticket->work)
                ticket->work->ticket = NULL;
        if (ticket->alarm)
                uv_close((uv_handle_t *)&ticket->alarm->timer, on_alarm_closed);
        return 0;
}

static LoopTicket *ticket_new(Mem *owner, LoopFn fn, void *context) {
        LoopTicket *ticket = mem_new(owner, LoopTicket);

        ticket->fn = fn;
        ticket->context = context;
        mem_on_free(ticket, ticket_destroy);
        return ticket;
}

LoopTicket *loop_defer(Loop *loop, Mem *owner, LoopFn fn, void *context) {
        LoopTicket *ticket = ticket_new(owner, fn, context);

        if (!loop->queue.first)
                uv_idle_start(&loop->idle, on_turn);
        ticket->deferred = loop;
        ticket->number = loop->n_deferred++;
        queue_add(loop, ticket);
        return ticket;
}

/* --- alarms --- */

static void on_alarm(uv_timer_t *timer) {
        AlarmBlock *block = timer->data;

        ticket_call(block->ticket);
}

LoopTicket *loop_alarm(Loop *loop, Mem *owner, int64_t delay_ms, LoopFn fn, void *context) {
        LoopTicket *ticket = NULL;
        AlarmBlock *block = NULL;

        if (delay_ms <= 0)
                return loop_defer(loop, owner, fn, context);
        ticket = ticket_new(owner, fn, context);
        block = calloc(1, sizeof *block);
        if (!block)
                mem_exhausted();
        block->ticket = ticket;
        block->timer.data = block;
        ticket->alarm = block;
        uv_timer_init(&loop->uv, &block->timer);
        /* libuv counts from the start of the turn, which may be long ago. */
        uv_update_time(&loop->uv);
        uv_timer_start(&block->timer, on_alarm, (uint64_t)delay_ms, 0);
        return ticket;
}

/* --- work on the pool --- */

static void on_work(uv_work_t *work) {
        WorkBlock *block = work->data;

        block->result = block->spec.work(block->spec.job);
}

static void on_work_done(uv_work_t *work, int status) {
        WorkBlock *block = work->data;
        LoopTicket *ticket = block->ticket;

        if (ticket) {
                mem_free(ticket);
                block->spec.done(block->spec.context, block->spec.job,
                                 status < 0 ? status : block->result);
        }
        mem_free(block->spec.job);
        free(block);
}

LoopTicket *loop_work(Loop *loop, Mem *owner, const LoopWork *spec) {
        LoopTicket *ticket = ticket_new(owner, NULL, NULL);
        WorkBlock *block = calloc(1, sizeof *block);
        int r = 0;

        if (!block)
                mem_exhausted();
        block->spec = *spec;
        block->spec.job = mem_move(NULL, spec->job);
        block->ticket = ticket;
        block->work.data = block;
        ticket->work = block;
        r = uv_queue_work(&loop->uv, &block->work, on_work, on_work_done);
        assert(r == 0);
        return ticket;
}

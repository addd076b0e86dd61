/* SPDX-License-Identifier: Apache-2.0 */
/* Batch: calls that go out side by side and are waited for together. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/flow/batch.h"

enum {
        BATCH_PAGES_MAX = 100 * 1000, /* of one list */
};

/* What a call of the batch is at; moved on by call_enter() alone. */
typedef enum CallState {
        CALL_WAITING, /* for its turn */
        CALL_PAUSED,  /* for its own alarm, before it is asked again */
        CALL_SENT,
        CALL_ENDED,
} CallState;

typedef struct Line {
        Call call; /* first: a Call * is a Line * */
        Batch *batch;
        CallState state;
        PortTicket *ticket; /* of the request or the pause */
        bool may_be_done;   /* by a try before, though it is asked again */
        const char *first_path;
        size_t n_rows;          /* PAGING_SKIP: taken so far */
        int64_t first_sent_at; /* the first try of this page, port's clock */
} Line;

struct Batch {
        BatchSpec spec;
        Call **calls; /* each a Line */
        size_t n_calls;
        size_t n_ended;
        size_t n_sent; /* in flight */
        size_t next;   /* the first that may be waiting */
        PortTicket *alarm;
        int64_t answered_at; /* the last answer to any call */
        bool is_running;
        bool is_stopping;
        bool is_unanswered;
};

static void batch_pump(Batch *batch);

static void on_alarm(void *context) {
        Batch *batch = context;

        batch->alarm = NULL;
        batch_pump(batch);
}

static void wake_in(Batch *batch, int64_t delay_ms) {
        mem_free(batch->alarm);
        batch->alarm = port_alarm(batch->spec.port, batch, delay_ms, on_alarm, batch);
}

static void call_enter(Line *line, CallState state) {
        assert(line->state != CALL_ENDED);
        line->batch->n_sent += state == CALL_SENT;
        line->batch->n_sent -= line->state == CALL_SENT;
        line->state = state;
        if (state != CALL_ENDED)
                return;
        line->ticket = mem_free(line->ticket);
        line->call.ended = true;
        line->batch->n_ended++;
        if (line->batch->spec.on_call)
                line->batch->spec.on_call(line->batch->spec.context, &line->call);
}

static void call_fail(Line *line, const Fault *fault) {
        line->call.fault = *fault;
        call_enter(line, CALL_ENDED);
}

static void call_cancel(Line *line) {
        call_fail(line, &(Fault){.kind = line->call.sent && line->call.request->repeat == REPEAT_NEVER
                                                 ? FAULT_UNKNOWN_RESULT
                                                 : FAULT_NETWORK,
                                 .message = mem_printf(line, "%s %s: given up before it ended%s",
                                                       method_name(line->call.request->method),
                                                       line->call.request->path,
                                                       line->batch->is_unanswered
                                                               ? ", as the service answers nothing"
                                                               : "")});
}

/* --- paging --------------------------------------------------------------------------------------------------------- */

static char *path_with(Mem *parent, const char *path, const char *key, const char *value) {
        return mem_printf(parent, "%s%c%s=%s", path, strchr(path, '?') ? '&' : '?', key, value);
}

/* Tokens are opaque; they go back as a query value. */
static char *encode(Mem *parent, const char *token) {
        static const char hex[] = "0123456789ABCDEF";
        char *encoded = mem_new_array(parent, char, strlen(token) * 3 + 1);
        size_t n = 0;

        for (const char *at = token; *at; at++) {
                unsigned char c = (unsigned char)*at;

                if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("-._~", c)) {
                        encoded[n++] = (char)c;
                        continue;
                }
                encoded[n++] = '%';
                encoded[n++] = hex[c >> 4];
                encoded[n++] = hex[c & 15];
        }
        return encoded;
}

static char *skip_path(Line *line, size_t skip) {
        char *top = mem_printf(line, "%s%c$top=%d", line->first_path, strchr(line->first_path, '?') ? '&' : '?',
                               REQUEST_PAGE_SIZE);

        return skip > 0 ? mem_printf(line, "%s&$skip=%zu", top, skip) : top;
}

/* The path of the page after this reply, or NULL when it was the last. */
static char *next_page(Line *line, const Reply *reply, size_t n_rows) {
        switch (line->call.request->paging) {
        case PAGING_NONE:
                return NULL;
        case PAGING_CONTINUATION:
                if (!reply->continuation || !reply->continuation[0])
                        return NULL;
                return path_with(line, line->first_path, "continuationToken", encode(line, reply->continuation));
        case PAGING_SKIP:
                line->n_rows += n_rows;
                return n_rows < REQUEST_PAGE_SIZE ? NULL : skip_path(line, line->n_rows);
        }
        return NULL;
}

/* --- one reply ------------------------------------------------------------------------------------------------------ */

static void call_fail_malformed(Line *line, const Reply *reply, const char *reason) {
        call_fail(line, &(Fault){.kind = FAULT_MALFORMED,
                                 .status = reply->status,
                                 .message = mem_printf(line, "%s %s: %s", method_name(line->call.request->method),
                                                       line->call.request->path, reason),
                                 .activity_id = mem_strdup(line, reply->activity_id)});
}

static void call_take(Line *line, const Reply *reply) {
        const char *reason = "the answer is not what was asked for";
        size_t n_rows = 0;
        char *path;

        if (line->call.take && line->call.take(line->call.context, &line->call, reply, &reason, &n_rows) < 0) {
                call_fail_malformed(line, reply, reason);
                return;
        }
        path = next_page(line, reply, n_rows);
        if (path && ++line->call.pages >= BATCH_PAGES_MAX) {
                call_fail_malformed(line, reply, "the list has no end");
                return;
        }
        if (!path) {
                line->call.fault = (Fault){.kind = FAULT_NONE,
                                           .status = reply->status,
                                           .activity_id = mem_strdup(line, reply->activity_id)};
                call_enter(line, CALL_ENDED);
                return;
        }
        line->call.request->path = path;
        line->call.tries = 0;
        call_enter(line, CALL_WAITING);
}

static void on_pause_over(void *context) {
        Line *line = context;

        line->ticket = NULL;
        call_enter(line, CALL_WAITING);
        batch_pump(line->batch);
}

static void call_again(Line *line, const Verdict *verdict) {
        Port *port = line->batch->spec.port;
        int64_t deadline = line->batch->spec.deadline;

        if (line->batch->is_stopping || (deadline > 0 && port_now(port) + verdict->delay_ms > deadline)) {
                /* A verdict that asks for another try need not name a fault. */
                line->call.sent = line->may_be_done;
                if (verdict->fault.kind == FAULT_NONE)
                        call_cancel(line);
                else
                        call_fail(line, &verdict->fault);
                return;
        }
        call_enter(line, CALL_PAUSED);
        line->ticket = port_alarm(port, line, verdict->delay_ms, on_pause_over, line);
}

/* A call that had all its tries, while others had their turns in its pauses and none was answered: what is left would
 * wait as long, one after the other. A last call says nothing of the others. */
static bool is_left_unanswered(const Line *line, const Fault *fault) {
        const Batch *batch = line->batch;

        return batch->spec.ends_unanswered && fault->kind == FAULT_NETWORK && batch->n_ended + 1 < batch->n_calls &&
               batch->answered_at < line->first_sent_at;
}

/* Of a request that is asked again. */
static bool is_certainly_not_done(const Request *request, const Reply *reply) {
        enum { STATUS_TOO_MANY_REQUESTS = 429 };

        return request->repeat == REPEAT_NEVER ||
               (reply->failure == REPLY_ANSWERED && reply->status == STATUS_TOO_MANY_REQUESTS);
}

static void on_reply(void *context, const Reply *reply) {
        Line *line = context;
        Batch *batch = line->batch;
        int64_t now = port_now(batch->spec.port);
        Verdict verdict;

        line->ticket = NULL;
        line->call.tries++;
        if (reply->failure == REPLY_ANSWERED)
                batch->answered_at = now;
        throttle_note_reply(batch->spec.throttle, line->call.request, reply, now);
        line->may_be_done |= !is_certainly_not_done(line->call.request, reply);
        verdict = batch->spec.judge(line, line->call.request, reply, line->call.tries, now,
                                    port_random(batch->spec.port));
        tally_note(&batch->spec.throttle->tally, line->call.request, request_end(reply, &verdict));
        switch (verdict.kind) {
        case VERDICT_DONE:
                call_take(line, reply);
                break;
        case VERDICT_AGAIN:
                call_again(line, &verdict);
                break;
        case VERDICT_FAIL:
                if (is_left_unanswered(line, &verdict.fault))
                        batch->is_unanswered = batch->is_stopping = true;
                call_fail(line, &verdict.fault);
                break;
        }
        batch_pump(batch);
}

/* --- sending -------------------------------------------------------------------------------------------------------- */

static void call_send(Line *line) {
        Batch *batch = line->batch;

        throttle_note_sent(batch->spec.throttle, line->call.request, port_now(batch->spec.port));
        line->call.sent = true;
        if (line->call.tries == 0)
                line->first_sent_at = port_now(batch->spec.port);
        call_enter(line, CALL_SENT);
        line->ticket = port_send(batch->spec.port, line, line->call.request, on_reply, line);
}

static Line *next_waiting(Batch *batch) {
        for (size_t i = batch->next; i < batch->n_calls; i++) {
                Line *line = (Line *)batch->calls[i];

                if (line->state == CALL_WAITING)
                        return line;
                if (i == batch->next && line->state == CALL_ENDED)
                        batch->next++;
        }
        return NULL;
}

/* All that may leave leaves. Who waits for a slot is woken by its own replies; only one with nothing in flight, because
 * others of the organisation have all the slots, looks again by itself. */
static void send_all(Batch *batch) {
        enum { LOOK_AGAIN_MS = 5 };
        Line *line;

        while ((line = next_waiting(batch))) {
                int64_t now = port_now(batch->spec.port);
                int64_t delay = throttle_delay(batch->spec.throttle, line->call.request, now);
                int64_t deadline = batch->spec.deadline;

                if (delay == 0) {
                        call_send(line);
                        continue;
                }
                if (delay == INT64_MAX && batch->n_sent > 0)
                        return;
                if (delay == INT64_MAX)
                        delay = LOOK_AGAIN_MS;
                if (deadline > 0 && now + delay > deadline) {
                        call_cancel(line);
                        continue;
                }
                wake_in(batch, delay);
                return;
        }
}

static void cancel_waiting(Batch *batch) {
        for (size_t i = 0; i < batch->n_calls; i++) {
                Line *line = (Line *)batch->calls[i];

                if (line->state == CALL_WAITING || line->state == CALL_PAUSED)
                        call_cancel(line);
        }
}

static void batch_pump(Batch *batch) {
        if (!batch->is_running)
                return;
        if (batch->is_stopping)
                cancel_waiting(batch);
        else
                send_all(batch);
        if (batch->n_ended < batch->n_calls)
                return;
        batch->is_running = false;
        batch->alarm = mem_free(batch->alarm);
        batch->spec.on_done(batch->spec.context, batch);
}

/* --- life ----------------------------------------------------------------------------------------------------------- */

/* What is in flight is cancelled with the batch, and no longer counts as in flight. */
static int batch_on_free(void *object) {
        Batch *batch = object;

        for (size_t i = 0; i < batch->n_calls; i++)
                if (((Line *)batch->calls[i])->state == CALL_SENT)
                        throttle_note_cancelled(batch->spec.throttle, batch->calls[i]->request);
        return 0;
}

Batch *batch_new(Mem *parent, const BatchSpec *spec) {
        Batch *batch = mem_new(parent, Batch);

        batch->spec = *spec;
        batch->answered_at = INT64_MIN;
        mem_on_free(batch, batch_on_free);
        return batch;
}

Call *batch_add(Batch *batch, const Request *request, TakeFn take, void *context) {
        Line *line = mem_new(batch, Line);

        line->batch = batch;
        line->call.request = request_copy(line, request);
        line->call.take = take;
        line->call.context = context;
        line->first_path = line->call.request->path;
        if (request->paging == PAGING_SKIP)
                line->call.request->path = skip_path(line, /* skip= */ 0);
        *mem_push(batch, batch->calls, batch->n_calls) = &line->call;
        return &line->call;
}

void batch_start(Batch *batch) {
        batch->is_running = true;
        wake_in(batch, /* delay_ms= */ 0);
}

void batch_stop(Batch *batch) {
        batch->is_stopping = true;
        if (batch->is_running)
                wake_in(batch, /* delay_ms= */ 0);
}

bool batch_is_unanswered(const Batch *batch) {
        return batch->is_unanswered;
}

Call *const *batch_calls(const Batch *batch, size_t *np) {
        *np = batch->n_calls;
        return batch->calls;
}

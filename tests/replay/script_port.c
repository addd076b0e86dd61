/* SPDX-License-Identifier: Apache-2.0 */
/* ScriptPort: a door to a world that a test makes up, in virtual time. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "tests/replay/script_port.h"

enum {
        SCRIPT_WALL_AT_0 = 1700000000, /* seconds since 1970 when virtual time begins */
        SCRIPT_START_MS = 1000,
};

typedef enum TicketKind {
        TICKET_REQUEST,
        TICKET_ALARM,
        TICKET_RECORD,
} TicketKind;

/* Something under way. due -1: an answer that the test gives by hand. */
struct PortTicket {
        ScriptPort *script;
        TicketKind kind;
        int64_t due;
        uint64_t number;
        Request *request;
        Reply reply;
        int result;
        PortReplyFn on_reply;
        PortAlarmFn on_alarm;
        PortRecordFn on_record;
        void *context;
};

struct ScriptPort {
        Port port;
        int64_t now;
        PortTicket **tickets;
        size_t n_tickets;
        uint64_t number;
        ScriptAnswerFn answer;
        void *answer_context;
        int n_records_left;
        ScriptEvent *events;
        size_t n_events;
        bool is_inside;
};

static int forget_ticket(void *object) {
        PortTicket *ticket = object;
        ScriptPort *script = ticket->script;

        for (size_t i = 0; i < script->n_tickets; i++)
                if (script->tickets[i] == ticket) {
                        script->tickets[i] = script->tickets[--script->n_tickets];
                        break;
                }
        return 0;
}

static PortTicket *ticket_new(ScriptPort *script, Mem *owner, TicketKind kind, int64_t delay_ms) {
        PortTicket *ticket = mem_new(owner, PortTicket);

        ticket->script = script;
        ticket->kind = kind;
        ticket->due = delay_ms < 0 ? -1 : script->now + delay_ms;
        ticket->number = script->number++;
        *mem_push(script, script->tickets, script->n_tickets) = ticket;
        mem_on_free(ticket, forget_ticket);
        return ticket;
}

static void note(ScriptPort *script, ScriptEventKind kind, const char *text, const char *body) {
        *mem_push(script, script->events, script->n_events) = (ScriptEvent){
                .kind = kind, .at = script->now, .text = text, .body = mem_strdup(script, body)};
}

static PortTicket *script_send(Port *port, Mem *owner, const Request *request, PortReplyFn fn, void *context) {
        ScriptPort *script = (ScriptPort *)port;
        PortTicket *ticket = ticket_new(script, owner, TICKET_REQUEST, -1);
        int64_t delay_ms = 0;

        ticket->request = request_copy(ticket, request);
        ticket->on_reply = fn;
        ticket->context = context;
        note(script, SCRIPT_SENT, mem_printf(script, "%s %s", method_name(request->method), request->path),
             request->body);
        script->is_inside = true;
        if (script->answer &&
            script->answer(script->answer_context, ticket, ticket->request, &ticket->reply, &delay_ms))
                ticket->due = script->now + delay_ms;
        script->is_inside = false;
        return ticket;
}

static PortTicket *script_alarm(Port *port, Mem *owner, int64_t delay_ms, PortAlarmFn fn, void *context) {
        PortTicket *ticket = ticket_new((ScriptPort *)port, owner, TICKET_ALARM, delay_ms > 0 ? delay_ms : 0);

        ticket->on_alarm = fn;
        ticket->context = context;
        return ticket;
}

static PortTicket *script_record(Port *port, Mem *owner, const char *lines, PortRecordFn fn, void *context) {
        ScriptPort *script = (ScriptPort *)port;
        PortTicket *ticket = ticket_new(script, owner, TICKET_RECORD, 0);

        ticket->on_record = fn;
        ticket->context = context;
        ticket->result = script->n_records_left == 0 ? -ENOSPC : 0;
        if (script->n_records_left > 0)
                script->n_records_left--;
        note(script, ticket->result < 0 ? SCRIPT_REFUSED : SCRIPT_RECORDED, mem_strdup(script, lines), NULL);
        return ticket;
}

static int64_t now(Port *port) {
        return ((ScriptPort *)port)->now;
}

static int64_t wall(Port *port) {
        return (int64_t)SCRIPT_WALL_AT_0 * 1000 + ((ScriptPort *)port)->now;
}

/* No jitter: half of each back-off is all of it. */
static uint64_t random_number(Port *port) {
        return 0;
}

static const PortOperations operations = {script_send, script_alarm, script_record, now, wall, random_number};

ScriptPort *script_port_new(Mem *parent) {
        ScriptPort *script = mem_new(parent, ScriptPort);

        script->port.operations = &operations;
        script->now = SCRIPT_START_MS;
        script->n_records_left = -1;
        return script;
}

Port *script_port(ScriptPort *script) {
        return &script->port;
}

void script_on_request(ScriptPort *script, ScriptAnswerFn fn, void *context) {
        script->answer = fn;
        script->answer_context = context;
}

void script_fill_disk(ScriptPort *script, int n_records) {
        script->n_records_left = n_records;
}

/* --- time ----------------------------------------------------------------------------------------------------------- */

static PortTicket *next_due(const ScriptPort *script) {
        PortTicket *next = NULL;

        for (size_t i = 0; i < script->n_tickets; i++) {
                PortTicket *ticket = script->tickets[i];

                if (ticket->due < 0)
                        continue;
                if (!next || ticket->due < next->due || (ticket->due == next->due && ticket->number < next->number))
                        next = ticket;
        }
        return next;
}

/* The bytes of an answer reach a sink in two pieces. */
static void feed_sink(const Request *request, Reply *reply) {
        const Sink *sink = request->sink;
        size_t half = reply->n_body / 2;

        if (!sink || reply->failure != REPLY_ANSWERED || reply->status < 200 || reply->status >= 300)
                return;
        sink->begin(sink->context);
        if (sink->feed(sink->context, reply->body, half) < 0 ||
            sink->feed(sink->context, reply->body + half, reply->n_body - half) < 0 || sink->end(sink->context) < 0)
                *reply = (Reply){.failure = REPLY_SINK_REFUSED};
}

static void fire(PortTicket *ticket) {
        ScriptPort *script = ticket->script;
        PortTicket copy = *ticket;
        Mem *hold = mem_new(NULL, char);

        mem_move(hold, ticket); /* the reply's texts live during the call; the ticket itself is gone */
        forget_ticket(ticket);
        assert(!script->is_inside);
        switch (copy.kind) {
        case TICKET_REQUEST:
                feed_sink(copy.request, &copy.reply);
                copy.reply.received_at = script->now;
                copy.on_reply(copy.context, &copy.reply);
                break;
        case TICKET_ALARM:
                copy.on_alarm(copy.context);
                break;
        case TICKET_RECORD:
                copy.on_record(copy.context, copy.result);
                break;
        }
        mem_free(hold);
}

void script_pass(ScriptPort *script, int64_t ms) {
        int64_t until = script->now + ms;
        PortTicket *ticket;

        while ((ticket = next_due(script)) && ticket->due <= until) {
                if (ticket->due > script->now)
                        script->now = ticket->due;
                fire(ticket);
        }
        script->now = until;
}

bool script_run(ScriptPort *script, int64_t ms, bool (*is_over)(void *context), void *context) {
        int64_t until = script->now + ms;
        PortTicket *ticket;

        while (!is_over || !is_over(context)) {
                ticket = next_due(script);
                if (!ticket)
                        return true;
                if (ticket->due > until)
                        return false;
                if (ticket->due > script->now)
                        script->now = ticket->due;
                fire(ticket);
        }
        return true;
}

int64_t script_now(const ScriptPort *script) {
        return script->now;
}

/* --- by hand -------------------------------------------------------------------------------------------------------- */

static PortTicket *oldest_unanswered(const ScriptPort *script) {
        PortTicket *oldest = NULL;

        for (size_t i = 0; i < script->n_tickets; i++)
                if (script->tickets[i]->kind == TICKET_REQUEST && script->tickets[i]->due < 0 &&
                    (!oldest || script->tickets[i]->number < oldest->number))
                        oldest = script->tickets[i];
        return oldest;
}

const Request *script_unanswered(const ScriptPort *script) {
        const PortTicket *ticket = oldest_unanswered(script);

        return ticket ? ticket->request : NULL;
}

void script_answer(ScriptPort *script, const Reply *reply) {
        PortTicket *ticket = oldest_unanswered(script);

        assert(ticket);
        ticket->reply = *reply;
        ticket->due = script->now;
        script_pass(script, 0);
}

const ScriptEvent *script_events(const ScriptPort *script, size_t *np) {
        *np = script->n_events;
        return script->events;
}

bool script_is_inside(const ScriptPort *script) {
        return script->is_inside;
}

Reply script_json(const char *body) {
        return (Reply){.status = 200,
                       .content_type = "application/json; charset=utf-8",
                       .body = body,
                       .n_body = strlen(body),
                       .retry_after_ms = -1,
                       .rate_limit_delay_ms = -1,
                       .rate_limit_reset_ms = -1,
                       .rate_limit_remaining = -1,
                       .rate_limit_limit = -1};
}

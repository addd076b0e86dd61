/* SPDX-License-Identifier: Apache-2.0 */
/* NetPort: the door to the real world, for one organisation. */
#include <assert.h>
#include <errno.h>

#include <sys/random.h>

#include "common/base/clock.h"
#include "daemon/net/port.h"

typedef struct NetPort NetPort;

/* Of something under way: until when. It hangs below the ticket and goes with it. */
typedef struct Due {
        NetPort *port;
        struct Due *previous, *next;
        const char *what;
        int64_t deadline; /* monotonic ms */
} Due;

struct NetPort {
        Port port;
        NetPortSpec spec;
        Due *dues;
        size_t n_dues;
};

typedef struct Refusal {
        PortRecordFn fn;
        void *context;
} Refusal;

static int due_destroy(void *object) {
        Due *due = object;

        if (!due->port)
                return 0;
        *(due->previous ? &due->previous->next : &due->port->dues) = due->next;
        if (due->next)
                due->next->previous = due->previous;
        due->port->n_dues--;
        return 0;
}

/* A PortTicket is whatever mem object cancels when it is freed: each kind of ticket serves as it
 * is. */
static PortTicket *track(NetPort *self, void *ticket, const char *what, int64_t longest_ms) {
        Due *due = mem_new(ticket, Due);

        *due = (Due){.port = self,
                     .next = self->dues,
                     .what = what,
                     .deadline = clock_monotonic_ms() + longest_ms + NET_PORT_GRACE_MS};
        if (self->dues)
                self->dues->previous = due;
        self->dues = due;
        self->n_dues++;
        mem_on_free(due, due_destroy);
        return ticket;
}

/* A request waits for a credential that often, then for its answer. */
static int64_t longest_request(const NetPort *self) {
        return self->spec.total_ms + (int64_t)WEB_WAITS_MAX * WEB_QUESTION_TOTAL_MS;
}

static PortTicket *net_send(Port *port, Mem *owner, const Request *request, PortReplyFn fn,
                            void *context) {
        NetPort *self = (NetPort *)port;

        return track(self, web_send(self->spec.endpoint, owner, request, fn, context), "a request", longest_request(self));
}

static PortTicket *net_alarm(Port *port, Mem *owner, int64_t delay_ms, PortAlarmFn fn,
                             void *context) {
        NetPort *self = (NetPort *)port;

        return track(self, loop_alarm(self->spec.loop, owner, delay_ms, fn, context), "an alarm", delay_ms);
}

static void on_refused(void *context) {
        Refusal refusal = *(Refusal *)context;

        mem_free(context);
        refusal.fn(refusal.context, -EROFS);
}

static PortTicket *net_record(Port *port, Mem *owner, const char *lines, PortRecordFn fn,
                              void *context) {
        NetPort *self = (NetPort *)port;
        Refusal *refusal = NULL;

        if (self->spec.journal)
                return track(self, journal_record(self->spec.journal, owner, lines, fn, context), "a record",
                             NET_PORT_RECORD_MS);
        refusal = mem_new(owner, Refusal);
        refusal->fn = fn;
        refusal->context = context;
        loop_defer(self->spec.loop, refusal, on_refused, refusal);
        return track(self, refusal, "a record", NET_PORT_RECORD_MS);
}

static int64_t net_now(Port *port) {
        return clock_monotonic_ms();
}

static int64_t net_wall(Port *port) {
        return clock_wall_ms();
}

static uint64_t net_random(Port *port) {
        uint64_t value = 0;
        ssize_t n = getrandom(&value, sizeof value, 0);

        assert(n == sizeof value); /* so few bytes are never given in part */
        return value;
}

static const PortOperations operations = {
        .send = net_send,
        .alarm = net_alarm,
        .record = net_record,
        .now = net_now,
        .wall = net_wall,
        .random = net_random,
};

/* What goes with the same owner may go after it. */
static int port_destroy(void *object) {
        NetPort *self = object;

        for (Due *due = self->dues; due; due = due->next)
                due->port = NULL;
        return 0;
}

Port *net_port_new(Mem *parent, const NetPortSpec *spec) {
        NetPort *self = mem_new(parent, NetPort);

        self->port.operations = &operations;
        self->spec = *spec;
        mem_on_free(self, port_destroy);
        return &self->port;
}

void net_port_await_work(Port *port, LoopTicket *ticket) {
        track((NetPort *)port, ticket, "work", NET_PORT_RECORD_MS);
}

size_t net_port_n_open(const Port *port) {
        return ((const NetPort *)port)->n_dues;
}

const char *net_port_late(const Port *port, int64_t now) {
        for (const Due *due = ((const NetPort *)port)->dues; due; due = due->next)
                if (due->deadline < now)
                        return due->what;
        return NULL;
}

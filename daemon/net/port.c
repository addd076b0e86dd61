/* SPDX-License-Identifier: Apache-2.0 */
/* NetPort: the door to the real world, for one organisation. */
#include <assert.h>
#include <errno.h>

#include <sys/random.h>

#include "common/base/clock.h"
#include "daemon/net/port.h"

typedef struct NetPort {
        Port port;
        NetPortSpec spec;
} NetPort;

typedef struct Refusal {
        PortRecordFn fn;
        void *context;
} Refusal;

/* A PortTicket is whatever mem object cancels when it is freed: each kind of ticket serves as it
 * is. */

static PortTicket *net_send(Port *port, Mem *owner, const Request *request, PortReplyFn fn,
                            void *context) {
        NetPort *self = (NetPort *)port;

        return (PortTicket *)web_send(self->spec.endpoint, owner, request, fn, context);
}

static PortTicket *net_alarm(Port *port, Mem *owner, int64_t delay_ms, PortAlarmFn fn,
                             void *context) {
        NetPort *self = (NetPort *)port;

        return (PortTicket *)loop_alarm(self->spec.loop, owner, delay_ms, fn, context);
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
                return (PortTicket *)journal_record(self->spec.journal, owner, lines, fn, context);
        refusal = mem_new(owner, Refusal);
        refusal->fn = fn;
        refusal->context = context;
        loop_defer(self->spec.loop, refusal, on_refused, refusal);
        return (PortTicket *)refusal;
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

Port *net_port_new(Mem *parent, const NetPortSpec *spec) {
        NetPort *self = mem_new(parent, NetPort);

        self->port.operations = &operations;
        self->spec = *spec;
        return &self->port;
}

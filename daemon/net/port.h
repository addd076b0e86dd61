/* SPDX-License-Identifier: Apache-2.0 */
/* NetPort: the door to the real world, for one organisation. */
#pragma once

#include "daemon/flow/port.h"
#include "daemon/net/journal.h"
#include "daemon/net/loop.h"
#include "daemon/net/web.h"

typedef struct NetPortSpec {
        Loop *loop;
        WebEndpoint *endpoint;
        Journal *journal; /* NULL: nothing is ever recorded (plan); recording fails with -EROFS */
        int64_t total_ms; /* the longest that a request may take: limits.request_total */
} NetPortSpec;

enum {
        NET_PORT_RECORD_MS = 5 * 60 * 1000, /* the longest that a disk may take to make something durable */
        NET_PORT_GRACE_MS = 60 * 1000,      /* beside a deadline: a machine that is busy with others */
};

/* Everything asked for through it must be cancelled or ended before it is freed. */
Port *net_port_new(Mem *parent, const NetPortSpec *spec);
/* Work on the pool is under way for the same organisation, and lasts as long as its ticket. */
void net_port_await_work(Port *port, LoopTicket *ticket);
/* Requests, alarms, records and work under way. */
size_t net_port_n_open(const Port *port);
/* What should have ended long ago by its own deadline, at this monotonic time (ms): `a request`, `an alarm`, `a record`, `work`;
 * NULL: nothing. What waits for an alarm that is still to come is not late. */
const char *net_port_late(const Port *port, int64_t now);

/* SPDX-License-Identifier: Apache-2.0 */
/* Port: the one door to the world: send a request, set an alarm, record lines. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "daemon/flow/request.h"

typedef struct Port Port;
typedef struct PortTicket PortTicket; /* of something under way; freeing it cancels, nothing is called back */

typedef void (*PortReplyFn)(void *context, const Reply *reply); /* the reply lives during the call */
typedef void (*PortAlarmFn)(void *context);
/* result: 0 durable, negative errno: not written (a full disk) */
typedef void (*PortRecordFn)(void *context, int result);

typedef struct PortOperations {
        PortTicket *(*send)(Port *port, Mem *owner, const Request *request, PortReplyFn fn, void *context);
        PortTicket *(*alarm)(Port *port, Mem *owner, int64_t delay_ms, PortAlarmFn fn, void *context);
        PortTicket *(*record)(Port *port, Mem *owner, const char *lines, PortRecordFn fn, void *context);
        int64_t (*now)(Port *port);      /* monotonic, ms */
        int64_t (*wall)(Port *port);     /* since 1970, ms */
        uint64_t (*random)(Port *port);
} PortOperations;

/* Implementations embed it as their first member. */
struct Port {
        const PortOperations *operations;
};

/* Never calls back from inside the call. The ticket hangs below owner: freeing the owner cancels. After the call back
 * the ticket is gone. */
static inline PortTicket *port_send(Port *port, Mem *owner, const Request *request, PortReplyFn fn,
                                    void *context) {
        return port->operations->send(port, owner, request, fn, context);
}
static inline PortTicket *port_alarm(Port *port, Mem *owner, int64_t delay_ms, PortAlarmFn fn,
                                     void *context) {
        return port->operations->alarm(port, owner, delay_ms, fn, context);
}
/* Appends whole lines of JSON objects to the ledger (sequence, time and chain are the ledger's) and makes them
 * durable before calling back. `lines`: objects one a line. */
static inline PortTicket *port_record(Port *port, Mem *owner, const char *lines, PortRecordFn fn,
                                      void *context) {
        return port->operations->record(port, owner, lines, fn, context);
}
static inline int64_t port_now(Port *port) {
        return port->operations->now(port);
}
static inline int64_t port_wall(Port *port) {
        return port->operations->wall(port);
}
static inline uint64_t port_random(Port *port) {
        return port->operations->random(port);
}

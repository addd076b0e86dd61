/* SPDX-License-Identifier: Apache-2.0 */
/* Service: the access control lists of a made-up Azure DevOps, answering through a scripted port. */
#pragma once

#include "common/model/organisation.h"
#include "tests/replay/script_port.h"

typedef struct Service Service;

/* Holds what the organisation holds. */
Service *service_new(Mem *parent, ScriptPort *script, const Organisation *organisation);
/* So long after it was written, what was written is not read. -1: it never is. */
void service_set_lag(Service *service, int64_t lag_ms);
/* The next request of this method whose path holds `part` is answered so instead, `times` times; is_done: it is carried
 * out all the same. */
typedef struct ServiceFault {
        Method method;
        const char *part;
        Reply reply;
        unsigned times;
        bool is_done;
} ServiceFault;
void service_break(Service *service, const ServiceFault *fault);
/* Somebody else writes an entry, seen at once; masks 0 take it away. */
void service_write(Service *service, uint8_t space, const char *token, const char *descriptor, uint32_t allow,
                   uint32_t deny);
/* Calls `fn` before the next request of that method and part is answered. */
void service_before(Service *service, Method method, const char *part, void (*fn)(void *context), void *context);

/* What stands there, seen or not yet; false when there is no such entry. */
bool service_find(const Service *service, uint8_t space, const char *token, const char *descriptor,
                  AccessControlEntry *entryp);
bool service_inherits(const Service *service, uint8_t space, const char *token);

/* SPDX-License-Identifier: Apache-2.0 */
/* Faults the service shows now and then, made to order. */
#pragma once

#include "tests/simulator/route.h"

typedef enum FaultAction {
        FAULT_PASS,     /* the handler runs */
        FAULT_ANSWERED, /* the response is the fault's; the handler does not run */
} FaultAction;

/* Called with the world locked before the handler runs; route is NULL when nothing matched. May answer, set
 * response->transport.delay_ms, or set request->as_of for an older view. */
FaultAction fault_before(World *world, Request *request, const Route *route, Response *response);
/* Called with the world locked after the handler. May alter anything in the response. */
void fault_after(World *world, Request *request, const Route *route, Response *response);
/* For world_free(): frees world->faults. */
void fault_deinit(World *world);

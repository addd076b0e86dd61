/* SPDX-License-Identifier: Apache-2.0 */
/* Faults the service shows now and then, made to order. */
#include "tests/simulator/fault.h"

FaultAction fault_before(World *world, Request *request, const Route *route, Response *response) {
        return FAULT_PASS;
}

void fault_after(World *world, Request *request, const Route *route, Response *response) {
}

void fault_deinit(World *world) {
}

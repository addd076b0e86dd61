/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface of the simulator, below /_simulator/. */
#include "tests/simulator/control.h"

#include "tests/simulator/answer.h"

int control_handle(World *world, Request *request, Response *response) {
        answer_no_controller(request, response);
        return 0;
}

void control_log(World *world, const RequestLogRow *row) {
}

void control_deinit(World *world) {
}

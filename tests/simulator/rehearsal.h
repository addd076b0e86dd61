/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsal: a request is answered as if it were done, and nothing is. */
#pragma once

#include "tests/simulator/route.h"

/* Runs a handler in a copy of this process and takes over its response; the world stays as it is. */
void rehearsal_run(World *world, Request *request, Response *response, RouteHandler *handler);

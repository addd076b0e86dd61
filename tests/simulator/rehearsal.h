/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsal: a request is answered as if it were done, and nothing is. */
#pragma once

#include "tests/simulator/route.h"

/* Runs a handler, then takes back all it did to the request's organisation. */
void rehearsal_run(World *world, Request *request, Response *response, RouteHandler *handler);

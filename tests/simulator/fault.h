/* SPDX-License-Identifier: Apache-2.0 */
/* Faults the service shows now and then, made to order. */
#pragma once

#include "tests/simulator/rows.h"
#include "tests/simulator/route.h"
#include "tests/simulator/written.h"

typedef enum FaultAction {
        FAULT_PASS,     /* the handler runs */
        FAULT_ANSWERED, /* the response is the fault's; the handler does not run */
        FAULT_REHEARSE, /* the handler runs, and what it did is taken back */
} FaultAction;

/* How many ms after it came a request is looked at; what happens until then comes before it. */
int64_t fault_lateness(World *world, const Request *request, const Route *route);
/* Called with the world locked before the handler runs; route is NULL when nothing matched. May
 * answer, set response->transport.delay_ms, or set request->as_of for an older view. */
FaultAction fault_before(World *world, Request *request, const Route *route, Response *response);
/* Called with the world locked after the handler. May alter anything in the response. */
void fault_after(World *world, Request *request, const Route *route, Response *response);
/* For world_free(): frees world->faults. */
void fault_deinit(World *world);

/* Adds a rule: an object of the keys README.md lists. Its number (1, 2, …), or -1 with mistakes. */
int fault_add(World *world, const Written *rule);
/* The same from "kind=429,route=git*,every=10". 0, or -1 with *errorp (malloc'd, the caller frees).
 */
int fault_add_text(World *world, const char *text, char **errorp);
/* Takes away a rule, all when id is 0. False when there is none of this number. */
bool fault_remove(World *world, int id);
/* The rules, with how often each fitted and was applied. */
void fault_print(const World *world, Rows *rows);
/* The kinds of fault there are, with the requests each is about. */
void fault_print_kinds(Rows *rows);

/* SPDX-License-Identifier: Apache-2.0 */
/* Circle: a way along edges that comes back to where it began. Only config/ includes this. */
#pragma once

#include <stddef.h>

#include "config/bind.h"

/* What one line of the charter says of two principals, by their indexes. */
typedef struct Edge {
        size_t from;
        size_t to;
        const char *label; /* of `to`, as written */
        Place place;
} Edge;

/* Tells each circle found, with every edge of it: "WHAT goes round in a circle: …". Sorts the edges. */
void circles_tell(Binder *binder, const char *what, Edge *edges, size_t n_edges, size_t n_nodes);

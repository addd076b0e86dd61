/* SPDX-License-Identifier: Apache-2.0 */
/* Circle: a way along edges that comes back to where it began. */
#include <stdlib.h>

#include "config/circle.h"

typedef enum Mark {
        MARK_NEW,
        MARK_OPEN, /* on the way that is being walked */
        MARK_DONE,
} Mark;

typedef struct Walk {
        Binder *binder;
        const char *what;
        const Edge *edges; /* by from */
        size_t n_edges;
        Mark *marks;       /* by node */
        const size_t *first; /* by node: of its edges */
        const Edge **way;
        size_t *next; /* by step of the way: the edge to be looked at */
        size_t n_way;
} Walk;

static int compare_edges(const void *x, const void *y) {
        const Edge *a = x, *b = y;

        if (a->from != b->from)
                return a->from < b->from ? -1 : 1;
        if (a->place.line != b->place.line)
                return a->place.line < b->place.line ? -1 : 1;
        return a->place.column < b->place.column ? -1 : a->place.column > b->place.column;
}

/* The edges of the way from where `to` was entered up to the last one. */
static void tell(Walk *walk, size_t to) {
        size_t first = 0;
        Text text;

        while (walk->way[first]->from != to)
                first++;
        text_init(&text, NULL);
        for (size_t i = first; i < walk->n_way; i++) {
                const Edge *edge = walk->way[i];

                text_appendf(&text, "%s%s (%s:%u:%u)", i > first ? ", " : "", edge->label, edge->place.file,
                             edge->place.line, edge->place.column);
        }
        bind_error(walk->binder, walk->way[first]->place, "%s goes round in a circle: %s", walk->what, text.data);
        text_deinit(&text);
}

/* Without recursion: a way may be as long as there are principals. */
static void walk_from(Walk *walk, size_t node) {
        walk->marks[node] = MARK_OPEN;
        walk->n_way = 0;
        walk->next[0] = walk->first[node];
        for (;;) {
                size_t index = walk->next[walk->n_way]++;
                const Edge *edge = index < walk->n_edges ? &walk->edges[index] : NULL;

                if (!edge || edge->from != node) { /* all of this node's edges are walked */
                        walk->marks[node] = MARK_DONE;
                        if (walk->n_way == 0)
                                return;
                        node = walk->way[--walk->n_way]->from;
                        continue;
                }
                if (walk->marks[edge->to] == MARK_DONE)
                        continue;
                walk->way[walk->n_way++] = edge;
                if (walk->marks[edge->to] == MARK_OPEN) {
                        tell(walk, edge->to);
                        walk->n_way--;
                        continue;
                }
                node = edge->to;
                walk->marks[node] = MARK_OPEN;
                walk->next[walk->n_way] = walk->first[node];
        }
}

void circles_tell(Binder *binder, const char *what, Edge *edges, size_t n_edges, size_t n_nodes) {
        Mem *frame = mem_new(NULL, char);
        size_t *first = mem_new_array(frame, size_t, n_nodes + 1);
        Walk walk = {
                .binder = binder,
                .what = what,
                .edges = edges,
                .n_edges = n_edges,
                .marks = mem_new_array(frame, Mark, n_nodes + 1),
                .first = first,
                .way = mem_new_array(frame, const Edge *, n_nodes + 1),
                .next = mem_new_array(frame, size_t, n_nodes + 1),
        };

        if (n_edges > 1)
                qsort(edges, n_edges, sizeof *edges, compare_edges);
        for (size_t node = 0, at = 0; node < n_nodes; node++) {
                first[node] = at;
                while (at < n_edges && edges[at].from == node)
                        at++;
        }
        for (size_t node = 0; node < n_nodes; node++)
                if (walk.marks[node] == MARK_NEW)
                        walk_from(&walk, node);
        mem_free(frame);
}

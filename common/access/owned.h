/* SPDX-License-Identifier: Apache-2.0 */
/* Owned: everything that teams of a project own, with who is named by the lists there and above. */
#pragma once

#include "common/access/confine.h"
#include "common/access/view_inside.h"

/* An artefact that exists, or will. */
typedef struct OwnedThing {
        const DesiredPrincipal *owner;
        const OwnedArtefact *artefact;
        AccessPlace place;
} OwnedThing;

/* A token of a thing: its own, or one below it that has a list and belongs to no other thing. */
typedef struct OwnedNode {
        uint32_t thing;
        bool is_below;
        const char *token;
        const AccessNode *node; /* NULL: no list there or above */
} OwnedNode;

/* An identity that an Allow at a node, or above a thing's own token, names. */
typedef struct OwnedTouch {
        Index identity;
        uint32_t node;
} OwnedTouch;

typedef struct OwnedIndex {
        const DesiredProject *project;
        void *context;    /* of the names it was made with */
        uint64_t version; /* of the view */
        OwnedThing *things;
        size_t n_things;
        OwnedNode *nodes; /* by thing, its own token first */
        size_t n_nodes;
        OwnedTouch *touches; /* by identity, node */
        size_t n_touches;
        uint32_t *deep; /* nodes too deep to be looked at */
        size_t n_deep;
        uint8_t *marks; /* one a node; all zero between uses */
        /* Project Valid Users with all it is in: what it has on things with roles breaks no
         * confinement (charter.md). NULL: the project has no such group. */
        AccessSubject *everybody;
} OwnedIndex;

/* Made once for a project and kept with the view until that changes. */
OwnedIndex *access_owned_index(AccessView *view, const DesiredProject *project,
                               const AccessNames *names);
/* Marks the nodes at which something may count for the subject; tokens too deep to be looked at are
 * marked always. */
void access_owned_mark(OwnedIndex *index, const AccessSubject *subject);
/* The first marked node from there on, or n_nodes. */
size_t access_owned_next(const OwnedIndex *index, size_t at);
/* Nothing is marked any more. */
void access_owned_clear(OwnedIndex *index);

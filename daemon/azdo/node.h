/* SPDX-License-Identifier: Apache-2.0 */
/* Node: the trees of classification nodes of a project (facts §6.3). */
#pragma once

#include "daemon/azdo/codec.h"

/* One of the two trees. */
typedef struct NodeTree {
        Kind kind;
        NamespaceIndex space;  /* its root token follows from the tree's root, which the list sets */
        const char *group;     /* in an address: `areas` */
        const char *structure; /* a node's `structureType` */
} NodeTree;

/* As the functions of a codec, of that tree. */
Request node_list(const NodeTree *tree, Mem *parent, const Organisation *organisation,
                  Index project);
int node_take_list(const NodeTree *tree, Organisation *organisation, Index project,
                   const Reply *reply, const char **reasonp, size_t *rowsp);
Request node_get(const NodeTree *tree, Mem *parent, const Organisation *organisation, Index project,
                 const char *name);
int node_take_get(const NodeTree *tree, Organisation *organisation, Index project, const char *name,
                  const Reply *reply, const char **reasonp);
Request node_create(const NodeTree *tree, Mem *parent, const Organisation *organisation,
                    Index project, const char *name);
int node_take_create(const NodeTree *tree, Organisation *organisation, Index project,
                     const char *name, const Reply *reply, Index *entityp, const char **reasonp);

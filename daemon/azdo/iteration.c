/* SPDX-License-Identifier: Apache-2.0 */
/* Iteration: the tree of a project's iterations (facts §6.3). */
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/node.h"

static const NodeTree tree = {
        .kind = KIND_ITERATION,
        .space = NAMESPACE_ITERATION,
        .group = "iterations",
        .structure = "iteration",
};

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return node_list(&tree, parent, organisation, project);
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return node_take_list(&tree, organisation, project, reply, reasonp, rowsp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return node_get(&tree, parent, organisation, project, name);
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return node_take_get(&tree, organisation, project, name, reply, reasonp);
}

static Request create(Mem *parent, const Organisation *organisation, Index project,
                      const char *name) {
        return node_create(&tree, parent, organisation, project, name);
}

static int take_create(Organisation *organisation, Index project, const char *name,
                       const Reply *reply, Index *entityp, const char **reasonp) {
        return node_take_create(&tree, organisation, project, name, reply, entityp, reasonp);
}

const Codec codec_iteration = {
        .kind = KIND_ITERATION,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
        .create = create,
        .take_create = take_create,
};

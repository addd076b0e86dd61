/* SPDX-License-Identifier: Apache-2.0 */
/* Codec: how one kind of thing is asked for, read and made; a row of a table each. */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

typedef struct Codec {
        Kind kind;
        /* The whole list of a project. take_list adds entities with their tokens, once per page. */
        Request (*list)(Mem *parent, const Organisation *organisation, Index project);
        int (*take_list)(Organisation *organisation, Index project, const Reply *reply,
                         const char **reasonp, size_t *rowsp);
        /* Of a list that stops at a depth; NULL for others: the ids of things whose insides an answer of `list` or
         * `list_rest` leaves out (below parent, counted), asked for one by one. */
        size_t (*rest)(Mem *parent, const Reply *reply, const char ***idsp);
        Request (*list_rest)(Mem *parent, const Organisation *organisation, Index project, const char *id);
        int (*take_rest)(Organisation *organisation, Index project, const char *id, const Reply *reply,
                         const char **reasonp);
        /* A direct read of one name (FAULT_NOT_FOUND: absent, or hidden). take_get: 0 there and added, 1 the answer
         * says it is not there (a list without it), negative malformed. */
        Request (*get)(Mem *parent, const Organisation *organisation, Index project, const char *name);
        int (*take_get)(Organisation *organisation, Index project, const char *name, const Reply *reply,
                        const char **reasonp);
        /* Making one; NULL for kinds that are never made. take_create adds it as assumed. */
        Request (*create)(Mem *parent, const Organisation *organisation, Index project, const char *name);
        int (*take_create)(Organisation *organisation, Index project, const char *name, const Reply *reply,
                           Index *entityp, const char **reasonp);
        /* What must be read before making (the recycle bin of repositories), or NULL. take_before: 0 may be made,
         * 1 may not, with *reasonp why. */
        Request (*before)(Mem *parent, const Organisation *organisation, Index project);
        int (*take_before)(Mem *parent, const char *name, const Reply *reply, const char **reasonp);
        /* A direct read of one id (FAULT_NOT_FOUND: gone, or hidden); NULL for kinds that have none. take_id: 0 there
         * and added, under whatever name it has now. */
        Request (*get_id)(Mem *parent, const Organisation *organisation, Index project, const char *id);
        int (*take_id)(Organisation *organisation, Index project, const char *id, const Reply *reply,
                       const char **reasonp);
} Codec;

/* NULL for kinds that are not read, or whose tokens follow from names (branches).
 * repository.c facts §6.5, folder.c and pipeline.c §6.6, area.c and iteration.c §6.3, query.c §6.8 (these three also set
 * the namespace's root token; to any depth), endpoint.c §6.7, team.c §6.2 (the team's identity too), group.c §5.2 (needs
 * Project.scope). For KIND_TEAM and KIND_GROUP the
 * entity's identity is set; groups are entities too. */
const Codec *codec_of(Kind kind);

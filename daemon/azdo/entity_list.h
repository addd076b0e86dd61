/* SPDX-License-Identifier: Apache-2.0 */
/* EntityList: a project's list of one kind, taken element by element. */
#pragma once

#include "common/base/json.h"
#include "common/model/organisation.h"
#include "daemon/flow/request.h"

/* One element, its strings below scratch. 0, or negative with *reasonp a constant sentence. */
typedef int (*EntityReadFn)(Mem *scratch, const Organisation *organisation, Index project,
                            const JsonNode *node, Entity *entityp, const char **reasonp);

/* Adds the elements of `{"count":N,"value":[...]}` up to the first that cannot be read. */
int entity_list_take(Organisation *organisation, Index project, EntityReadFn read,
                     const Reply *reply, const char **reasonp, size_t *rowsp);

/* The same for one name: adds the elements that carry it. 0, 1 where none does, or negative. */
int entity_list_take_named(Organisation *organisation, Index project, EntityReadFn read,
                           const char *name, const Reply *reply, const char **reasonp);

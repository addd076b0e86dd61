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

/* An answer that is one such element. */
int entity_list_take_one(Organisation *organisation, Index project, EntityReadFn read,
                         const Reply *reply, const char **reasonp);

/* What is told by a number: `id` of an element as text below scratch, or NULL when it has none. */
const char *entity_list_number(Mem *scratch, const JsonNode *node);
/* Shared things have a name of their own in each project: what `references` say of that project,
 * else the element's `name`; NULL when it has none. */
const char *entity_list_name(const JsonNode *node, const char *references, Guid project);

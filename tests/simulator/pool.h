/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of agents: the organisation's, reached from projects by queues. */
#pragma once

#include "tests/simulator/world.h"

/* The token of all pools; that of one has its id below it (facts §3.4). */
#define TOKEN_POOLS "AgentPools"

/* What a new organisation has. */
void pools_init(Organization *organization);
/* The queues a new project has: one for each pool that is provisioned by itself. */
void queues_provision(Project *project);

/* The maker administers it; actor may be NULL. */
Pool *pool_create(Organization *organization, const char *name, bool auto_provision,
                  Identity *actor);
void pool_rename(Organization *organization, Pool *pool, const char *name);
/* Its queues go with it. */
void pool_delete(Organization *organization, Pool *pool);

Pool *organization_find_pool(Organization *organization, const char *name_or_id, int64_t as_of);
/* The pool of a name, made when missing. */
Pool *pool_of_name(Organization *organization, const char *name);

char *token_of_pool(Arena *arena, const Pool *pool);

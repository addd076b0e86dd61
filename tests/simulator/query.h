/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of work items, in their folders (facts §3.4, §6.8). */
#pragma once

#include "tests/simulator/world.h"

/* The roots a new project comes with. actor, who made it, may be NULL. */
void queries_init(Project *project, Identity *actor);

/* What a query asks for when nobody says. */
#define QUERY_WIQL_FIRST "SELECT [System.Id] FROM WorkItems"

typedef struct QuerySpec {
        const char *name;
        const char *wiql; /* NULL: a folder */
        Identity *actor;  /* has the creator's entry on what is shared; NULL: nobody */
} QuerySpec;

Query *query_create(Query *parent, const QuerySpec *spec);
void query_rename(Query *query, const char *name, Identity *actor);
void query_set_wiql(Query *query, const char *wiql, Identity *actor);
/* Its entries stay where they were: tokens go by the folders above. */
void query_move(Query *query, Query *parent, Identity *actor);
/* What is in a folder goes too, and so do the entries: who brings a query back finds none (facts
 * §3.7). */
void query_delete(Query *query);

bool query_is_folder(const Query *query);
/* In everybody's sight; what is below My Queries is its owner's alone. */
bool query_is_shared(const Query *query);
bool query_below(const Query *query, const Query *ancestor, int64_t as_of);
/* A root's name follows the option localized_queries. */
const char *query_name(const Query *query, int64_t as_of);
/* "Shared Queries/A/B" */
const char *query_path(Arena *arena, const Query *query, int64_t as_of);

/* By id, or by a path that begins with a root's name, separators "/" or "\\". owner: whose private
 * queries are looked at. NULL when it is not there. */
Query *query_find(Project *project, const char *path_or_id, const Identity *owner, int64_t as_of);
/* By a path below Shared Queries, "" for that folder itself. */
Query *query_find_shared(Project *project, const char *path, int64_t as_of);
Query *query_find_child(const Query *parent, const char *name, const Identity *owner,
                        int64_t as_of);

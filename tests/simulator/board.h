/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery plans, dashboards (facts §3.4): known by a GUID and a name. */
#pragma once

#include "tests/simulator/world.h"

typedef struct BoardSpec {
        const char *name;
        Team *team;      /* whose dashboard it is; NULL: the project's, or a plan */
        Identity *actor; /* has the creator's entry; NULL: nobody */
} BoardSpec;

Board *plan_create(Project *project, const BoardSpec *spec);
Board *dashboard_create(Project *project, const BoardSpec *spec);
void board_rename(Board *board, const char *name);
void board_delete(Board *board);

/* By id or name. NULL when it is not there. */
Board *project_find_plan(Project *project, const char *name_or_id, int64_t as_of);
/* The same; a name may be "Team/Name". */
Board *project_find_dashboard(Project *project, const char *name_or_id, int64_t as_of);

char *token_of_plan(Arena *arena, const Board *plan);
char *token_of_dashboard(Arena *arena, const Board *dashboard);

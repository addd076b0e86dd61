/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery plans, dashboards (facts §3.4): known by a GUID and a name. */
#include "tests/simulator/board.h"

#include <string.h>
#include <strings.h>

#define ZERO_GUID "00000000-0000-0000-0000-000000000000"

static World *world_of(const Project *project) {
        return project->organization->world;
}

static Board *make_board(Project *project, Array *list, const BoardSpec *spec) {
        World *world = world_of(project);
        Board *board = arena_alloc(&world->arena, sizeof(*board));

        row_init(world, board);
        board->id = random_guid(&world->random, &world->arena);
        board->project = project;
        board->team = spec->team;
        board->name = arena_copy(&world->arena, spec->name);
        board->revision = 1;
        board->creator = spec->actor;
        array_add(list, board);
        return board;
}

/* Assumption: who makes one may do everything with it (facts §3.9 leaves it open). */
static void grant_creator(const Board *board, NamespaceIndex ns, const char *token) {
        const Namespace *table = namespace_get(ns);
        AclTarget target = {world_of(board->project), board->project->organization, table, token};
        uint32_t bits = 0;

        for (size_t i = 0; i < table->n_actions; i++)
                bits |= table->actions[i].bit;
        if (board->creator)
                acl_grant(&target, board->creator, bits & ~table->system_bits, 0);
}

Board *plan_create(Project *project, const BoardSpec *spec) {
        Board *plan = make_board(project, &project->plans, spec);

        grant_creator(plan, NAMESPACE_PLAN, token_of_plan(&world_of(project)->arena, plan));
        return plan;
}

Board *dashboard_create(Project *project, const BoardSpec *spec) {
        Board *dashboard = make_board(project, &project->dashboards, spec);

        grant_creator(dashboard, NAMESPACE_DASHBOARDS_PRIVILEGES,
                      token_of_dashboard(&world_of(project)->arena, dashboard));
        return dashboard;
}

void board_rename(Board *board, const char *name) {
        World *world = world_of(board->project);

        row_touch(world, board, sizeof(*board));
        board->name = arena_copy(&world->arena, name);
        board->revision++;
}

void board_delete(Board *board) {
        row_delete(world_of(board->project), board, sizeof(*board));
}

/* Finding. */

static Board *find_board(const Array *list, const Team *team, const char *name_or_id,
                         int64_t as_of) {
        for (size_t i = 0; i < list->n_items; i++) {
                Board *board = list->items[i];
                const Board *then = row_at(board, as_of);

                if (then && (!team || then->team == team) &&
                    (strcasecmp(then->id, name_or_id) == 0 || text_same(then->name, name_or_id)))
                        return board;
        }
        return NULL;
}

Board *project_find_plan(Project *project, const char *name_or_id, int64_t as_of) {
        return find_board(&project->plans, NULL, name_or_id, as_of);
}

Board *project_find_dashboard(Project *project, const char *name_or_id, int64_t as_of) {
        const char *slash = strchr(name_or_id, '/');
        Arena scratch = {0};
        const Team *team = NULL;

        if (slash)
                team = project_find_team(
                        project,
                        arena_copy_length(&scratch, name_or_id, (size_t)(slash - name_or_id)),
                        as_of);
        arena_deinit(&scratch);
        return find_board(&project->dashboards, team, team ? slash + 1 : name_or_id, as_of);
}

/* Tokens. */

char *token_of_plan(Arena *arena, const Board *plan) {
        return arena_print(arena, "Plan/%s/%s", plan->project->id, plan->id);
}

char *token_of_dashboard(Arena *arena, const Board *dashboard) {
        return arena_print(arena, "$/%s/%s/%s", dashboard->project->id,
                           dashboard->team ? dashboard->team->group->storage_key : ZERO_GUID,
                           dashboard->id);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Areas Work and Dashboard, as far as permissions are concerned: delivery plans, dashboards.
 *
 * Assumptions: what the caller may not read is not there; in the list of a team are its own
 * dashboards, in that of a project all. */
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/board.h"
#include "tests/simulator/shape.h"

/* What the two have in common. */
typedef struct BoardKind {
        NamespaceIndex ns;
        uint32_t read, create, delete;
        const char *what;
        char *(*token)(Arena *arena, const Board *board);
        Board *(*find)(Project *project, const char *name_or_id, int64_t as_of);
        cJSON *(*shape)(Request *request, const Board *then);
} BoardKind;

static const char *base_url(Request *request) {
        return arena_print(&request->arena, "%s/%s",
                           world_core_url(&request->arena, request->organization),
                           request->project->id);
}

static cJSON *shape_plan(Request *request, const Board *then) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", then->id);
        json_add_number(tree, "revision", then->revision);
        json_add_text(tree, "name", then->name);
        json_add_text(tree, "type", "deliveryTimelineView");
        json_add_text(tree, "createdDate", time_text(&request->arena, then->row.created));
        if (then->creator)
                cJSON_AddItemToObject(tree, "createdByIdentity",
                                      shape_identity_ref(request, then->creator));
        json_add_text(tree, "modifiedDate", time_text(&request->arena, then->row.since));
        json_add_text(tree, "url",
                      arena_print(&request->arena, "%s/_apis/work/plans/%s", base_url(request),
                                  then->id));
        return tree;
}

static cJSON *shape_dashboard(Request *request, const Board *then) {
        const char *group = then->team ? then->team->group->storage_key : NULL;
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", then->id);
        json_add_text(tree, "name", then->name);
        json_add_number(tree, "refreshInterval", 0);
        json_add_number(tree, "position", 1);
        json_add_text(tree, "eTag", arena_print(&request->arena, "%d", then->revision));
        if (group)
                json_add_text(tree, "groupId", group);
        json_add_text(tree, "ownerId",
                      group           ? group
                      : then->creator ? then->creator->storage_key
                                      : request->project->id);
        json_add_text(tree, "dashboardScope", group ? "project_Team" : "project");
        json_add_text(tree, "url",
                      arena_print(&request->arena, "%s/%s_apis/Dashboard/Dashboards/%s",
                                  base_url(request),
                                  group ? arena_print(&request->arena, "%s/", group) : "",
                                  then->id));
        return tree;
}

static const BoardKind PLAN = {NAMESPACE_PLAN,    1,         2, 4, "Plan", token_of_plan,
                               project_find_plan, shape_plan};
static const BoardKind DASHBOARD = {NAMESPACE_DASHBOARDS_PRIVILEGES,
                                    1,
                                    2,
                                    8,
                                    "Dashboard",
                                    token_of_dashboard,
                                    project_find_dashboard,
                                    shape_dashboard};

static bool sees(Request *request, const BoardKind *kind, const Board *board) {
        return !request->organization->world->options.hide_unreadable ||
               guard_permits(request, kind->ns, kind->token(&request->arena, board), kind->read);
}

static void list_boards(Request *request, Response *response, const BoardKind *kind,
                        const Array *boards) {
        cJSON *list = cJSON_CreateArray();

        for (size_t i = 0; i < boards->n_items; i++) {
                const Board *then = row_at(boards->items[i], request->as_of);

                if (then && (!request->team || then->team == request->team) &&
                    sees(request, kind, then))
                        cJSON_AddItemToArray(list, kind->shape(request, then));
        }
        answer_list(request, response, 200, list);
}

static Board *requested(Request *request, Response *response, const BoardKind *kind) {
        const char *id = request_parameter(request, "id");
        Board *board = kind->find(request->project, id, request->as_of);

        if (board && strcasecmp(board->id, id) == 0 && sees(request, kind, board))
                return board;
        answer_error(response, ERROR_BOARD_NOT_FOUND, "%s %s does not exist.", kind->what, id);
        return NULL;
}

static void get_board(Request *request, Response *response, const BoardKind *kind) {
        const Board *board = requested(request, response, kind);

        if (board)
                answer_json(request, response, 200,
                            kind->shape(request, row_at(board, request->as_of)));
}

/* The name of a new one; NULL when the caller may not make it, or the body has none. */
static const char *new_name(Request *request, Response *response, const BoardKind *kind,
                            const char *above) {
        const char *name = json_text(request_json(request), "name");

        if (!guard_require(request, response, kind->ns, above, kind->create))
                return NULL;
        if (!name || !*name)
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: name");
        return name && *name ? name : NULL;
}

static void remove_board(Request *request, Response *response, const BoardKind *kind) {
        Board *board = requested(request, response, kind);

        if (!board || !guard_require(request, response, kind->ns,
                                     kind->token(&request->arena, board), kind->delete))
                return;
        board_delete(board);
        answer_empty(response, 204);
}

/* Plans. */

void plans_list(World *world, Request *request, Response *response) {
        list_boards(request, response, &PLAN, &request->project->plans);
}

void plan_get(World *world, Request *request, Response *response) {
        get_board(request, response, &PLAN);
}

void plan_post(World *world, Request *request, Response *response) {
        const char *above = arena_print(&request->arena, "Plan/%s", request->project->id);
        BoardSpec spec = {.name = new_name(request, response, &PLAN, above),
                          .actor = request->caller};

        if (spec.name)
                answer_json(request, response, 200,
                            shape_plan(request, plan_create(request->project, &spec)));
}

void plan_remove(World *world, Request *request, Response *response) {
        remove_board(request, response, &PLAN);
}

/* Dashboards. */

void dashboards_list(World *world, Request *request, Response *response) {
        list_boards(request, response, &DASHBOARD, &request->project->dashboards);
}

void dashboard_get(World *world, Request *request, Response *response) {
        get_board(request, response, &DASHBOARD);
}

void dashboard_post(World *world, Request *request, Response *response) {
        const char *above = arena_print(&request->arena, "$/%s", request->project->id);
        BoardSpec spec = {.team = request->team, .actor = request->caller};

        if (request->team)
                above = arena_print(&request->arena, "%s/%s", above,
                                    request->team->group->storage_key);
        spec.name = new_name(request, response, &DASHBOARD, above);
        if (spec.name)
                answer_json(request, response, 200,
                            shape_dashboard(request, dashboard_create(request->project, &spec)));
}

void dashboard_remove(World *world, Request *request, Response *response) {
        remove_board(request, response, &DASHBOARD);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area core: teams, their members, areas, settings (facts §6.2, §6.4). */
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"
#include "tests/simulator/names.h"
#include "tests/simulator/shape.h"

#define ZERO_GUID "00000000-0000-0000-0000-000000000000"

/* Teams. */

static const char *team_url(Request *request, const Team *team) {
        return arena_print(&request->arena, "%s/teams/%s", shape_project_url(request, team->project),
                           team->group->storage_key);
}

typedef enum TeamDetail {
        TEAM_PLAIN,
        TEAM_WITH_IDENTITY,
} TeamDetail;

static cJSON *shape_team(Request *request, const Team *team, TeamDetail detail) {
        const Identity *group = row_at(team->group, request->as_of);
        const Project *project = row_at(team->project, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *identity;

        if (!group)
                group = team->group;
        json_add_text(tree, "id", group->storage_key);
        json_add_text(tree, "name", group->name);
        json_add_text(tree, "url", team_url(request, team));
        json_add_text(tree, "description", group->description);
        json_add_text(tree, "identityUrl", shape_identity_url(request, group));
        json_add_text(tree, "projectName", project ? project->name : team->project->name);
        json_add_text(tree, "projectId", team->project->id);
        if (detail == TEAM_WITH_IDENTITY) {
                identity = shape_identity(request, team->group, IDENTITY_MEMBERS_NONE);
                /* Inside a team the recordings have no memberIds. */
                cJSON_DeleteItemFromObject(identity, "memberIds");
                cJSON_AddItemToObject(tree, "identity", identity);
        }
        return tree;
}

static bool is_mine(const Request *request, const Team *team) {
        Organization *organization = request->organization;

        return !request_query_true(request, "$mine") ||
               evaluation_in_group(organization->world, organization, request->caller, team->group, request->as_of);
}

static void collect_teams(const Request *request, const Project *project, Array *found) {
        for (size_t i = 0; i < project->teams.n_items; i++) {
                Team *team = project->teams.items[i];

                if (row_at(team, request->as_of) && is_mine(request, team))
                        array_add(found, team);
        }
}

static void answer_teams(World *world, Request *request, Response *response, const Array *found) {
        TeamDetail detail = request_query_true(request, "$expandIdentity") ? TEAM_WITH_IDENTITY : TEAM_PLAIN;
        cJSON *list = cJSON_CreateArray();
        size_t first, n = page_window(request, found->n_items, world->options.page_size_teams, &first);

        for (size_t i = first; i < first + n; i++)
                cJSON_AddItemToArray(list, shape_team(request, found->items[i], detail));
        answer_list(request, response, 200, list);
}

void teams_list(World *world, Request *request, Response *response) {
        Array found = {0};

        collect_teams(request, request->project, &found);
        answer_teams(world, request, response, &found);
        array_deinit(&found);
}

void teams_list_all(World *world, Request *request, Response *response) {
        const Array *projects = &request->organization->projects;
        Array found = {0};

        for (size_t i = 0; i < projects->n_items; i++) {
                const Project *project = projects->items[i], *then = row_at(project, request->as_of);

                if (then && then->state == PROJECT_WELL_FORMED && guard_sees_project(request, project))
                        collect_teams(request, project, &found);
        }
        answer_teams(world, request, response, &found);
        array_deinit(&found);
}

void team_get(World *world, Request *request, Response *response) {
        TeamDetail detail = request_query_true(request, "$expandIdentity") ? TEAM_WITH_IDENTITY : TEAM_PLAIN;

        answer_json(request, response, 200, shape_team(request, request->team, detail));
}

/* A team is a group too: its name must differ from every group's of the project (facts §9). */
static bool name_free(Request *request, Response *response, const char *name, const Identity *self) {
        const char *refusal = name_refusal(NAME_TEAM, name);
        const Identity *taken;

        if (refusal) {
                answer_error(response, ERROR_TEAM_NAME, "The team name '%s' is not valid: it %s.", name ? name : "",
                             refusal);
                return false;
        }
        taken = directory_find_group(request->organization, request->project, name, AS_OF_NOW);
        if (taken && taken != self) {
                answer_error(response, ERROR_TEAM_EXISTS,
                             "The team name '%s' is already in use by another team or group of the project.", name);
                return false;
        }
        return true;
}

void team_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *name = json_text(body, "name"), *description = json_text(body, "description");
        Team *team;

        if (!guard_require(request, response, NAMESPACE_PROJECT,
                           token_of_project(&request->arena, request->project), PROJECT_WRITE) ||
            !name_free(request, response, name, NULL))
                return;
        team = team_create(request->project, name, description, request->caller);
        answer_json(request, response, 201, shape_team(request, team, TEAM_WITH_IDENTITY));
}

void team_patch(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *name = json_text(body, "name"), *description = json_text(body, "description");
        Identity *group = request->team->group;

        if (!guard_require_group(request, response, request->project, group, IDENTITY_WRITE) ||
            (name && !name_free(request, response, name, group)))
                return;
        if (name && strcmp(name, group->name) != 0)
                directory_rename(request->organization, group, name);
        if (description)
                directory_describe(request->organization, group, description);
        answer_json(request, response, 200, shape_team(request, request->team, TEAM_WITH_IDENTITY));
}

void team_remove(World *world, Request *request, Response *response) {
        if (!guard_require_group(request, response, request->project, request->team->group, IDENTITY_DELETE))
                return;
        if (request->team == request->project->default_team) {
                answer_error(response, ERROR_TEAM_DEFAULT, "The default team of a project cannot be deleted.");
                return;
        }
        team_delete(request->team);
        answer_empty(response, 204);
}

/* isTeamAdmin stands there only when it is true. */
static cJSON *shape_member(Request *request, const Identity *member) {
        cJSON *tree = cJSON_CreateObject();

        if (team_is_administrator(request->team, member, request->as_of))
                json_add_bool(tree, "isTeamAdmin", true);
        cJSON_AddItemToObject(tree, "identity", shape_identity_ref(request, member));
        return tree;
}

void team_members_list(World *world, Request *request, Response *response) {
        const Array *edges = &request->team->group->members;
        cJSON *list = cJSON_CreateArray();
        Array found = {0};
        size_t first, n;

        for (size_t i = 0; i < edges->n_items; i++) {
                const Membership *edge = edges->items[i];

                if (membership_alive(edge, request->as_of))
                        array_add(&found, edge->member);
        }
        n = page_window(request, found.n_items, world->options.page_size_members, &first);
        for (size_t i = first; i < first + n; i++)
                cJSON_AddItemToArray(list, shape_member(request, found.items[i]));
        array_deinit(&found);
        answer_list(request, response, 200, list);
}

/* Areas of a team. */

/* "https://…/{project id}/{team id}/_apis/work/teamsettings" */
static const char *settings_url(Request *request) {
        return arena_print(&request->arena, "%s/%s/%s/_apis/work/teamsettings",
                           world_core_url(&request->arena, request->organization), request->project->id,
                           request->team->group->storage_key);
}

static const char *nodes_url(Request *request, const char *structure) {
        return arena_print(&request->arena, "%s/%s/_apis/wit/classificationNodes/%s",
                           world_core_url(&request->arena, request->organization), request->project->id, structure);
}

/* url and the first links of both resources. */
static cJSON *add_links(Request *request, cJSON *tree, const char *url) {
        cJSON *links;

        json_add_text(tree, "url", url);
        links = cJSON_AddObjectToObject(tree, "_links");
        json_add_link(links, "self", url);
        json_add_link(links, "project", shape_project_url(request, request->project));
        json_add_link(links, "team", team_url(request, request->team));
        return links;
}

static cJSON *shape_field_values(Request *request) {
        const Team *team = row_at(request->team, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *field, *values, *links;
        const char *url = arena_print(&request->arena, "%s/teamfieldvalues", settings_url(request));

        field = cJSON_AddObjectToObject(tree, "field");
        json_add_text(field, "referenceName", "System.AreaPath");
        json_add_text(field, "url",
                      arena_print(&request->arena, "%s/_apis/wit/fields/System.AreaPath",
                                  world_core_url(&request->arena, request->organization)));
        json_add_text(tree, "defaultValue", team->default_area);
        values = cJSON_AddArrayToObject(tree, "values");
        for (size_t i = 0; i < team->n_areas; i++) {
                cJSON *value = cJSON_CreateObject();

                json_add_text(value, "value", team->areas[i].value);
                json_add_bool(value, "includeChildren", team->areas[i].include_children);
                cJSON_AddItemToArray(values, value);
        }
        links = add_links(request, tree, url);
        json_add_link(links, "teamSettings", settings_url(request));
        json_add_link(links, "areaPathClassificationNodes", nodes_url(request, "Areas"));
        return tree;
}

void field_values_get(World *world, Request *request, Response *response) {
        answer_json(request, response, 200, shape_field_values(request));
}

/* The node of "Project\\A\\B"; NULL when there is none. A leading separator is none of the form. */
static const Node *find_area(const Project *project, const char *path) {
        size_t length = strlen(project->name);

        if (strncasecmp(path, project->name, length) != 0 || (path[length] != '\0' && path[length] != '\\'))
                return NULL;
        return project_find_node((Project *)project, NODE_AREA, path + length, AS_OF_NOW);
}

static bool read_value(Request *request, Response *response, const cJSON *value, TeamFieldValue *into) {
        const char *path = json_text(value, "value");
        const Node *node = path ? find_area(request->project, path) : NULL;

        if (!node) {
                answer_error(response, ERROR_TEAM_SETTINGS,
                             "The area path '%s' that you specified is no longer valid.", path ? path : "");
                return false;
        }
        into->value = node_field_path(&request->arena, node, AS_OF_NOW);
        into->include_children = cJSON_IsTrue(cJSON_GetObjectItem(value, "includeChildren"));
        return true;
}

static bool among_values(const char *path, const TeamFieldValue *values, size_t n_values) {
        for (size_t i = 0; i < n_values; i++) {
                if (text_same(values[i].value, path))
                        return true;
        }
        return false;
}

static const char *missing_field(const char *standard, const cJSON *values) {
        if (!standard || !*standard)
                return "DefaultValue";
        return cJSON_IsArray(values) && cJSON_GetArraySize(values) > 0 ? NULL : "Values";
}

void field_values_set(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request), *values = cJSON_GetObjectItem(body, "values"), *value;
        const char *standard = json_text(body, "defaultValue"), *missing = missing_field(standard, values);
        TeamFieldValue *areas;
        size_t n = 0;

        if (!guard_require_group(request, response, request->project, request->team->group, IDENTITY_WRITE))
                return;
        if (missing) {
                answer_error(response, ERROR_TEAM_FIELD_NULL, "%s", missing);
                return;
        }
        areas = arena_alloc(&request->arena, (size_t)cJSON_GetArraySize(values) * sizeof(*areas));
        cJSON_ArrayForEach(value, values) {
                if (!read_value(request, response, value, &areas[n++]))
                        return;
        }
        if (!among_values(standard, areas, n)) {
                answer_error(response, ERROR_TEAM_SETTINGS, "The default value '%s' is not one of the values.",
                             standard);
                return;
        }
        team_set_areas(request->team, standard, areas, n);
        answer_json(request, response, 200, shape_field_values(request));
}

/* Settings of a team. */

static const char *const WEEK[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
static const char *const BACKLOGS[] = {"Microsoft.EpicCategory", "Microsoft.FeatureCategory",
                                       "Microsoft.RequirementCategory"};
static const char *const BUGS[] = {"off", "asRequirements", "asTasks"};

enum {
        N_DAYS = sizeof(WEEK) / sizeof(WEEK[0]),
        N_BACKLOGS = sizeof(BACKLOGS) / sizeof(BACKLOGS[0]),
        N_BUGS = sizeof(BUGS) / sizeof(BUGS[0]),
};

/* -1: none of them. */
static int index_of(const char *const *words, int n_words, const char *word) {
        for (int i = 0; word && i < n_words; i++) {
                if (strcasecmp(words[i], word) == 0)
                        return i;
        }
        return -1;
}

static const Node *find_iteration(const Project *project, const char *identifier, int64_t as_of) {
        for (size_t i = 0; identifier && i < project->nodes.n_items; i++) {
                const Node *node = project->nodes.items[i];

                if (node->structure == NODE_ITERATION && strcasecmp(node->identifier, identifier) == 0 &&
                    row_at(node, as_of))
                        return node;
        }
        return NULL;
}

/* The path below the root, "" for the root itself. */
static const char *path_below_root(Request *request, const Node *node) {
        const char *path = node_field_path(&request->arena, node, request->as_of);

        return path + strcspn(path, "\\");
}

static void add_iteration(Request *request, cJSON *tree, const char *name, const char *identifier) {
        const Node *node = find_iteration(request->project, identifier, request->as_of);
        const Node *then = node ? row_at(node, request->as_of) : NULL;
        cJSON *iteration = cJSON_AddObjectToObject(tree, name);

        if (!then) {
                json_add_text(iteration, "id", ZERO_GUID);
                return;
        }
        json_add_text(iteration, "id", then->identifier);
        json_add_text(iteration, "name", then->name);
        json_add_text(iteration, "path", path_below_root(request, node));
        json_add_text(iteration, "url", nodes_url(request, "Iterations"));
}

static void add_week(cJSON *tree, unsigned working_days) {
        cJSON *days = cJSON_AddArrayToObject(tree, "workingDays");

        for (int i = 0; i < N_DAYS; i++) {
                if (working_days >> i & 1)
                        cJSON_AddItemToArray(days, cJSON_CreateString(WEEK[i]));
        }
}

static cJSON *shape_settings(Request *request) {
        const Team *team = row_at(request->team, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *backlogs, *links;

        add_iteration(request, tree, "backlogIteration", team->backlog_iteration);
        json_add_text(tree, "bugsBehavior", team->bugs_behavior);
        add_week(tree, team->working_days);
        backlogs = cJSON_AddObjectToObject(tree, "backlogVisibilities");
        for (int i = 0; i < N_BACKLOGS; i++)
                json_add_bool(backlogs, BACKLOGS[i], team->backlogs >> i & 1);
        if (team->default_iteration)
                add_iteration(request, tree, "defaultIteration", team->default_iteration);
        json_add_text(tree, "defaultIterationMacro", team->default_iteration ? NULL : "@currentIteration");
        links = add_links(request, tree, settings_url(request));
        json_add_link(links, "teamIterations", arena_print(&request->arena, "%s/iterations", settings_url(request)));
        json_add_link(links, "teamFieldValues",
                      arena_print(&request->arena, "%s/teamfieldvalues", settings_url(request)));
        return tree;
}

void team_settings_get(World *world, Request *request, Response *response) {
        answer_json(request, response, 200, shape_settings(request));
}

/* Each reads its part of the body into the settings. False: answered why not. */

static bool read_backlog_iteration(Request *request, Response *response, const cJSON *body, Team *settings) {
        const char *id = json_text(body, "backlogIteration");
        const Node *node = find_iteration(request->project, id, AS_OF_NOW);

        if (id && !node) {
                answer_error(response, ERROR_TEAM_SETTINGS,
                             "TF400497: The backlog iteration path that you specified is no longer valid.");
                return false;
        }
        if (node)
                settings->backlog_iteration = node->identifier;
        return true;
}

/* Needs an area and a backlog iteration first (facts §1.8, §6.4). */
static bool read_default_iteration(Request *request, Response *response, const cJSON *body, Team *settings) {
        const char *id = json_text(body, "defaultIteration");
        const Node *node = find_iteration(request->project, id, AS_OF_NOW);

        if (!id)
                return true;
        if (!settings->default_area) {
                answer_error(response, ERROR_TEAM_SETTINGS,
                             "TF400499: You have not set your team field. Set the areas of the team first.");
                return false;
        }
        if (!node || !settings->backlog_iteration) {
                answer_error(response, ERROR_TEAM_SETTINGS,
                             "TF400497: The backlog iteration path that you specified is no longer valid.");
                return false;
        }
        settings->default_iteration = node->identifier;
        return true;
}

static bool read_words(Response *response, const cJSON *body, Team *settings) {
        const cJSON *days = cJSON_GetObjectItem(body, "workingDays"), *day;
        const char *bugs = json_text(body, "bugsBehavior");
        int bug = index_of(BUGS, N_BUGS, bugs);
        unsigned week = 0;

        cJSON_ArrayForEach(day, days) {
                int index = index_of(WEEK, N_DAYS, cJSON_GetStringValue(day));

                if (index < 0) {
                        answer_error(response, ERROR_ARGUMENT, "The value is not valid.\r\nParameter name: workingDays");
                        return false;
                }
                week |= 1u << index;
        }
        if (bugs && bug < 0) {
                answer_error(response, ERROR_ARGUMENT, "The value is not valid.\r\nParameter name: bugsBehavior");
                return false;
        }
        if (bugs)
                settings->bugs_behavior = BUGS[bug];
        if (cJSON_IsArray(days))
                settings->working_days = week;
        return true;
}

static bool read_backlogs(Response *response, const cJSON *body, Team *settings) {
        const cJSON *backlog;

        cJSON_ArrayForEach(backlog, cJSON_GetObjectItem(body, "backlogVisibilities")) {
                int index = index_of(BACKLOGS, N_BACKLOGS, backlog->string);

                if (index < 0) {
                        answer_error(response, ERROR_ARGUMENT,
                                     "The value is not valid.\r\nParameter name: backlogVisibilities");
                        return false;
                }
                settings->backlogs &= ~(1u << index);
                settings->backlogs |= (unsigned)cJSON_IsTrue(backlog) << index;
        }
        return true;
}

void team_settings_set(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        Team *team = request->team, settings = *team;

        if (!guard_require_group(request, response, request->project, team->group, IDENTITY_WRITE) ||
            !read_backlog_iteration(request, response, body, &settings) ||
            !read_default_iteration(request, response, body, &settings) || !read_words(response, body, &settings) ||
            !read_backlogs(response, body, &settings))
                return;
        team_set_settings(team, &settings);
        answer_json(request, response, 200, shape_settings(request));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Releases, delivery plans, dashboards changed by hand. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/board.h"
#include "tests/simulator/hand.h"

enum {
        RELEASE_EDIT = 2,
        RELEASE_DELETE = 4,
        PLAN_EDIT = 2,
        PLAN_DELETE = 4,
        DASHBOARD_CREATE = 2,
        DASHBOARD_EDIT = 4,
        DASHBOARD_DELETE = 8,
};

static const char *const NAMED[] = {"op", "name", "project", NULL};
static const char *const RENAMED[] = {"op", "name", "to", "project", NULL};

/* Project and name, which a change begins with; NULL with a mistake. */
static const char *read_name(const HandJob *job, const char *const *keys, Project **projectp) {
        const char *name;

        written_check_keys(job->change, keys);
        *projectp = hand_project(job);
        name = written_need(job->change, "name");
        return *projectp ? name : NULL;
}

static int already(const HandJob *job, const char *name) {
        written_mistake_at(job->change, "name", "\"%s\" is there already", name);
        return -1;
}

static int nowhere(const HandJob *job, const Project *project, const char *name) {
        written_mistake_at(job->change, "name", "%s has no \"%s\"", project->name, name);
        return -1;
}

/* Releases. */

static int may_release(const HandJob *job, const char *token, uint32_t bits) {
        return hand_may(job, NAMESPACE_RELEASE_MANAGEMENT, token, bits);
}

int hand_create_release_folder(const HandJob *job) {
        Project *project;
        const char *name = read_name(job, NAMED, &project);
        int result;

        if (!name)
                return -1;
        if (project_find_release_folder(project, name, AS_OF_NOW))
                return already(job, name);
        result = may_release(job, token_of_folder(job->arena, project, "\\"), RELEASE_EDIT);
        if (result == 0)
                release_folder_create(project, name, NULL, job->hand->person);
        return result;
}

static int read_release_folder(const HandJob *job, const char *const *keys, uint32_t bits,
                               Folder **folderp) {
        Project *project;
        const char *name = read_name(job, keys, &project);

        if (!name)
                return -1;
        *folderp = project_find_release_folder(project, name, AS_OF_NOW);
        if (!*folderp)
                return nowhere(job, project, name);
        return may_release(job, token_of_folder(job->arena, project, (*folderp)->path), bits);
}

int hand_rename_release_folder(const HandJob *job) {
        Folder *folder;
        int result = read_release_folder(job, RENAMED, RELEASE_EDIT, &folder);
        const char *to = result == 0 ? written_need(job->change, "to") : NULL;

        if (result == 0 && !to)
                return -1;
        if (result == 0)
                folder_move(folder, to, job->hand->person);
        return result;
}

int hand_delete_release_folder(const HandJob *job) {
        Folder *folder;
        int result = read_release_folder(job, NAMED, RELEASE_DELETE, &folder);

        if (result == 0)
                folder_delete(folder);
        return result;
}

int hand_create_release_pipeline(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "folder", "project", NULL};
        DefinitionSpec spec = {.actor = job->hand->person};
        Project *project;
        int result;

        spec.name = read_name(job, KEYS, &project);
        spec.path = written_text(job->change, "folder");
        if (!spec.name)
                return -1;
        result = may_release(job, token_of_folder(job->arena, project, "\\"), RELEASE_EDIT);
        if (result == 0)
                release_create(project, &spec);
        return result;
}

int hand_delete_release_pipeline(const HandJob *job) {
        Project *project;
        const char *name = read_name(job, NAMED, &project);
        Definition *release = name ? project_find_release(project, name) : NULL;
        int result;

        if (!name)
                return -1;
        if (!release)
                return nowhere(job, project, name);
        result = may_release(job, token_of_definition(job->arena, release), RELEASE_DELETE);
        if (result == 0)
                definition_delete(release);
        return result;
}

/* Plans. */

static Board *read_plan(const HandJob *job, const char *const *keys) {
        Project *project;
        const char *name = read_name(job, keys, &project);
        Board *plan = name ? project_find_plan(project, name, AS_OF_NOW) : NULL;

        if (name && !plan)
                nowhere(job, project, name);
        return plan;
}

static int may_plan(const HandJob *job, const Board *plan, uint32_t bits) {
        return hand_may(job, NAMESPACE_PLAN, token_of_plan(job->arena, plan), bits);
}

int hand_create_plan(const HandJob *job) {
        BoardSpec spec = {.actor = job->hand->person};
        Project *project;
        int result;

        spec.name = read_name(job, NAMED, &project);
        if (!spec.name)
                return -1;
        if (project_find_plan(project, spec.name, AS_OF_NOW))
                return already(job, spec.name);
        result = hand_may(job, NAMESPACE_PLAN, arena_print(job->arena, "Plan/%s", project->id),
                          PLAN_EDIT);
        if (result == 0)
                plan_create(project, &spec);
        return result;
}

int hand_rename_plan(const HandJob *job) {
        Board *plan = read_plan(job, RENAMED);
        const char *to = plan ? written_need(job->change, "to") : NULL;
        int result = to ? may_plan(job, plan, PLAN_EDIT) : -1;

        if (result == 0)
                board_rename(plan, to);
        return result;
}

int hand_delete_plan(const HandJob *job) {
        Board *plan = read_plan(job, NAMED);
        int result = plan ? may_plan(job, plan, PLAN_DELETE) : -1;

        if (result == 0)
                board_delete(plan);
        return result;
}

/* Dashboards. */

static Board *read_dashboard(const HandJob *job, const char *const *keys) {
        Project *project;
        const char *name = read_name(job, keys, &project);
        Board *dashboard = name ? project_find_dashboard(project, name, AS_OF_NOW) : NULL;

        if (name && !dashboard)
                nowhere(job, project, name);
        return dashboard;
}

static int may_dashboard(const HandJob *job, const Board *dashboard, uint32_t bits) {
        return hand_may(job, NAMESPACE_DASHBOARDS_PRIVILEGES,
                        token_of_dashboard(job->arena, dashboard), bits);
}

int hand_create_dashboard(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "team", "project", NULL};
        BoardSpec spec = {.actor = job->hand->person};
        const char *team;
        Project *project;
        int result;

        spec.name = read_name(job, KEYS, &project);
        team = written_text(job->change, "team");
        if (!spec.name)
                return -1;
        if (team && !(spec.team = project_find_team(project, team, AS_OF_NOW))) {
                written_mistake_at(job->change, "team", "there is no team \"%s\"", team);
                return -1;
        }
        result = hand_may(job, NAMESPACE_DASHBOARDS_PRIVILEGES,
                          arena_print(job->arena, "$/%s", project->id), DASHBOARD_CREATE);
        if (result == 0)
                dashboard_create(project, &spec);
        return result;
}

int hand_rename_dashboard(const HandJob *job) {
        Board *dashboard = read_dashboard(job, RENAMED);
        const char *to = dashboard ? written_need(job->change, "to") : NULL;
        int result = to ? may_dashboard(job, dashboard, DASHBOARD_EDIT) : -1;

        if (result == 0)
                board_rename(dashboard, to);
        return result;
}

int hand_delete_dashboard(const HandJob *job) {
        Board *dashboard = read_dashboard(job, NAMED);
        int result = dashboard ? may_dashboard(job, dashboard, DASHBOARD_DELETE) : -1;

        if (result == 0)
                board_delete(dashboard);
        return result;
}

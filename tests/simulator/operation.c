/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: what goes on after its request was answered (facts §6.1). */
#include "tests/simulator/operation.h"

#include <string.h>
#include <strings.h>

#include "tests/simulator/artefact.h"

enum { OPERATION_LIMIT_MS = 3000 };

Operation *operation_start(Project *project, OperationKind kind, const ProjectChange *change) {
        Organization *organization = project->organization;
        World *world = organization->world;
        Operation *operation = arena_alloc(&world->arena, sizeof(*operation));

        operation->id = random_guid(&world->random, &world->arena);
        operation->kind = kind;
        operation->project = project;
        operation->polls_left = (int)world->options.operation_polls;
        operation->started = world->now;
        if (change) {
                operation->name = arena_copy(&world->arena, change->name);
                operation->description = arena_copy(&world->arena, change->description);
                operation->visibility = arena_copy(&world->arena, change->visibility);
        }
        array_add(&organization->operations, operation);
        return operation;
}

Operation *operation_find(const Organization *organization, const char *id) {
        for (size_t i = 0; i < organization->operations.n_items; i++) {
                Operation *operation = organization->operations.items[i];

                if (strcasecmp(operation->id, id) == 0)
                        return operation;
        }
        return NULL;
}

static void update_project(const Operation *operation) {
        Project *project = operation->project;

        if (operation->name && strcmp(operation->name, project->name) != 0)
                project_rename(project, operation->name);
        if (operation->description || operation->visibility)
                project_describe(project, operation->description, operation->visibility);
}

/* What fails leaves everything as it was. */
static void operation_fail(Operation *operation) {
        operation->failed = true;
        operation->settled = true;
        if (operation->kind == OPERATION_CREATE_PROJECT)
                project_delete(operation->project);
        else if (operation->kind == OPERATION_DELETE_PROJECT)
                project_set_state(operation->project, PROJECT_WELL_FORMED);
}

/* A project is well-formed some time after the operation that made it has succeeded (facts §6.1). */
static void operation_settle(Operation *operation) {
        const World *world = operation->project->organization->world;

        if (operation->settled || world->now < operation->ended + world->options.late_projects_ms)
                return;
        operation->settled = true;
        if (operation->kind == OPERATION_CREATE_PROJECT && row_alive(&operation->project->row, AS_OF_NOW))
                project_set_state(operation->project, PROJECT_WELL_FORMED);
}

static void operation_end(Operation *operation) {
        const World *world = operation->project->organization->world;

        operation->done = true;
        operation->ended = world->now;
        if (!row_alive(&operation->project->row, AS_OF_NOW))
                return;
        if (world->options.operations_fail) {
                operation_fail(operation);
                return;
        }
        switch (operation->kind) {
        case OPERATION_CREATE_PROJECT:
                operation_settle(operation);
                break;
        case OPERATION_UPDATE_PROJECT:
                update_project(operation);
                break;
        case OPERATION_DELETE_PROJECT:
                project_delete(operation->project);
                break;
        }
}

void operation_poll(Operation *operation) {
        if (!operation->done && operation->polls_left-- <= 0)
                operation_end(operation);
}

void operations_advance(Organization *organization) {
        for (size_t i = 0; i < organization->operations.n_items; i++) {
                Operation *operation = organization->operations.items[i];

                if (!operation->done && operation->started + OPERATION_LIMIT_MS < organization->world->now)
                        operation_end(operation);
                else if (operation->done)
                        operation_settle(operation);
        }
}

const char *operation_status(const Operation *operation) {
        if (!operation->done)
                return "inProgress";
        return operation->failed ? "failed" : "succeeded";
}

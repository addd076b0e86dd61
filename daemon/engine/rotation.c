/* SPDX-License-Identifier: Apache-2.0 */
/* Rotation: whose turn it is while a survey of all projects would exceed the budget. Pure. */
#include "common/base/text.h"
#include "common/model/governed.h"
#include "daemon/engine/rotation.h"

Rotation *rotation_new(Mem *parent) {
        return mem_new(parent, Rotation);
}

RotationRow *rotation_find(const Rotation *rotation, const char *project) {
        for (size_t i = 0; i < rotation->n_rows; i++)
                if (text_equal(rotation->rows[i].project, project))
                        return &rotation->rows[i];
        return NULL;
}

/* --- the charter ---------------------------------------------------------------------------------------------------- */

static bool owns_areas(const DesiredPrincipal *principal) {
        for (size_t i = 0; i < principal->n_owns; i++)
                if (principal->owns[i].kind == KIND_AREA)
                        return true;
        return false;
}

static void count_used(void *context, const OwnedArtefact *artefact) {
        size_t *np = context;

        (*np)++;
}

static RotationRow row_of(const Rotation *rotation, Mem *parent, const DesiredProject *project) {
        const RotationRow *before = rotation_find(rotation, project->name);
        RotationRow row = before ? *before : (RotationRow){0};

        row.project = mem_strdup(parent, project->name);
        row.is_due = row.is_hurried = false;
        row.n_teams = project->n_principals;
        row.n_spaces = (size_t)__builtin_popcount(desired_governed_spaces(project));
        row.n_area_teams = 0;
        row.n_used = 0;
        for (size_t i = 0; i < project->n_principals; i++)
                row.n_area_teams += project->principals[i].is_team && owns_areas(&project->principals[i]);
        desired_each_asked_pipelines(project, count_used, &row.n_used);
        return row;
}

void rotation_set_charter(Rotation *rotation, const Desired *desired) {
        size_t n = desired->n_projects;
        RotationRow *rows = mem_new_array(rotation, RotationRow, n ? n : 1);

        for (size_t i = 0; i < n; i++)
                rows[i] = row_of(rotation, rows, &desired->projects[i]);
        rotation->rows = (mem_free(rotation->rows), rows);
        rotation->n_rows = n;
}

/* --- what surveys cost ---------------------------------------------------------------------------------------------- */

static int64_t parts(size_t n, size_t size) {
        return (int64_t)((n + size - 1) / size);
}

static int64_t areas_cost(const RotationRow *row) {
        size_t n = row->n_area_teams + row->n_used;

        return row->has_areas ? parts(n, ROTATION_AREAS_PARTS) : (int64_t)n;
}

static int64_t own_cost(const RotationRow *row) {
        int64_t areas = areas_cost(row);

        if (row->n_requests > 0)
                return (int64_t)row->n_requests + areas;
        /* Lists of teams, members of groups. */
        return ROTATION_PROJECT_REQUESTS + (int64_t)row->n_spaces + 2 * parts(row->n_teams, ROTATION_TEAMS_PAGE) + areas;
}

int64_t rotation_cost(const Rotation *rotation, const RotationRow *row) {
        int64_t cost = rotation->n_shared > 0 ? (int64_t)rotation->n_shared : ROTATION_SHARED_REQUESTS;

        if (row)
                return cost + own_cost(row);
        for (size_t i = 0; i < rotation->n_rows; i++)
                cost += own_cost(&rotation->rows[i]);
        return cost;
}

int64_t rotation_areas_cost(const Rotation *rotation, const RotationRow *row) {
        int64_t cost = 0;

        if (row)
                return areas_cost(row);
        for (size_t i = 0; i < rotation->n_rows; i++)
                cost += areas_cost(&rotation->rows[i]);
        return cost;
}

bool rotation_exceeds(const Rotation *rotation, int64_t budget) {
        return budget > 0 && rotation->n_rows > 1 && rotation_cost(rotation, NULL) > budget;
}

/* --- turns ---------------------------------------------------------------------------------------------------------- */

void rotation_begin(Rotation *rotation) {
        for (size_t i = 0; i < rotation->n_rows; i++)
                rotation->rows[i].is_due = true;
}

void rotation_end(Rotation *rotation) {
        for (size_t i = 0; i < rotation->n_rows; i++)
                rotation->rows[i].is_due = false;
}

static bool is_before(const RotationRow *a, const RotationRow *b) {
        if (a->is_hurried != b->is_hurried)
                return a->is_hurried;
        return a->turned_at < b->turned_at;
}

const RotationRow *rotation_next(const Rotation *rotation) {
        const RotationRow *next = NULL;

        for (size_t i = 0; i < rotation->n_rows; i++)
                if (rotation->rows[i].is_due && (!next || is_before(&rotation->rows[i], next)))
                        next = &rotation->rows[i];
        return next;
}

size_t rotation_n_due(const Rotation *rotation) {
        size_t n = 0;

        for (size_t i = 0; i < rotation->n_rows; i++)
                n += rotation->rows[i].is_due;
        return n;
}

void rotation_note_turn(RotationRow *row, int64_t wall) {
        row->turned_at = wall;
        row->is_due = row->is_hurried = false;
}

void rotation_note_all(Rotation *rotation, int64_t wall) {
        for (size_t i = 0; i < rotation->n_rows; i++) {
                rotation_note_turn(&rotation->rows[i], wall);
                rotation->rows[i].n_not_done = 0;
        }
}

int64_t rotation_oldest_reading(const Rotation *rotation) {
        int64_t oldest = INT64_MAX;

        for (size_t i = 0; i < rotation->n_rows; i++)
                if (rotation->rows[i].read_at < oldest)
                        oldest = rotation->rows[i].read_at;
        return oldest;
}

size_t rotation_n_not_done(const Rotation *rotation) {
        size_t n = 0;

        for (size_t i = 0; i < rotation->n_rows; i++)
                n += rotation->rows[i].n_not_done;
        return n;
}

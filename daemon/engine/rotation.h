/* SPDX-License-Identifier: Apache-2.0 */
/* Rotation: whose turn it is while a survey of all projects would exceed the budget. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/desired.h"

enum {
        /* Requests of a survey at most, as long as none was counted (product.md, Cost). */
        ROTATION_SHARED_REQUESTS = 20,
        ROTATION_PROJECT_REQUESTS = 10, /* and one a governed namespace */
        ROTATION_TEAMS_PAGE = 100,
        ROTATION_AREAS_PARTS = 12, /* of a project's teams one in so many has its areas read again */
};

/* A project of the charter. */
typedef struct RotationRow {
        char *project;
        size_t n_teams;       /* and groups */
        size_t n_spaces;      /* governed namespaces */
        size_t n_area_teams;  /* that own areas */
        size_t n_used;        /* things whose pipelines are read */
        size_t n_requests;    /* of the last survey, its own, without areas of teams; 0: none was counted */
        bool has_areas;       /* its teams' areas and things' pipelines were read before */
        bool is_due;          /* in the cycle under way */
        bool is_hurried;      /* somebody waits for it: it comes first */
        int64_t turned_at;    /* wall ms of its last turn or survey; 0: none */
        int64_t read_at;      /* wall ms of its last complete reading by this process; 0: none */
        size_t n_not_done;    /* steps attempted in its last pass and not done */
} RotationRow;

typedef struct Rotation {
        RotationRow *rows; /* in the charter's order */
        size_t n_rows;
        size_t n_shared; /* requests of the last survey beside those of its projects; 0: none was counted */
} Rotation;

Rotation *rotation_new(Mem *parent);
/* The projects are those of the charter; what is known of one of the same name stays. No cycle is under way. */
void rotation_set_charter(Rotation *rotation, const Desired *desired);
/* NULL: the charter has no such project. */
RotationRow *rotation_find(const Rotation *rotation, const char *project);

/* Requests of a survey of that row's project alone; NULL: of all. */
int64_t rotation_cost(const Rotation *rotation, const RotationRow *row);
/* Those of them that are for areas of teams and pipelines of things. */
int64_t rotation_areas_cost(const Rotation *rotation, const RotationRow *row);
/* True when a survey of all would take more than the budget (0: there is none), and there is more than one to choose. */
bool rotation_exceeds(const Rotation *rotation, int64_t budget);

/* Every project is due. */
void rotation_begin(Rotation *rotation);
/* None is. */
void rotation_end(Rotation *rotation);
/* Whose turn it is: hurried ones, then whose last turn is longest ago. NULL: the cycle is over. */
const RotationRow *rotation_next(const Rotation *rotation);
size_t rotation_n_due(const Rotation *rotation);
/* Its turn is over. */
void rotation_note_turn(RotationRow *row, int64_t wall);
/* All were looked at together: none is behind another, and what was not done is not told by project. */
void rotation_note_all(Rotation *rotation, int64_t wall);
/* When the oldest of their last complete readings was: wall ms; 0: some were never read; INT64_MAX: there are none. */
int64_t rotation_oldest_reading(const Rotation *rotation);
/* Over all projects. */
size_t rotation_n_not_done(const Rotation *rotation);

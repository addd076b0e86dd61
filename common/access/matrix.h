/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix: who of the charter can do what on which of its things, live and as the charter wants it.
 */
#pragma once

#include "common/access/confine.h"
#include "common/base/text.h"

enum {
        ACCESS_CELLS_MAX = 200000, /* of one matrix; what is more is counted, not looked at */
};

typedef struct AccessMatrixSpec {
        const Desired *desired;
        AccessView *live;
        AccessNames live_names;
        AccessView
                *wanted; /* as a plan would leave it; NULL: nothing is said about what is wanted */
        AccessNames wanted_names;
        const char *project; /* NULL: all of the charter */
        const char *team;    /* a team or group; NULL: all of the charter */
        Kind at_kind; /* with at_name, which NULL leaves out; KIND_PROJECT: the project's name or ""
                       */
        const char *at_name;
        bool is_remarks_only; /* no cells are made */
} AccessMatrixSpec;

/* One permission of one principal at one thing. */
typedef struct AccessCell {
        const char *permission; /* word */
        char mark;              /* its letter in a table */
        AccessAnswer live;
        AccessAnswer desired; /* when the matrix has_desired */
        const char *const *path;
        size_t n_path;
        const char *reason; /* a sentence; NULL where nothing gives it */
} AccessCell;

typedef struct AccessThing {
        Kind kind;
        const char *name;  /* "" the project, or all of a kind: its root */
        const char *owner; /* a team, or NULL */
        size_t n_permissions;
        size_t first_cell; /* of the first principal; n_permissions of each follow one another */
} AccessThing;

/* Of what a pass stored: when that was so. */
typedef struct AccessSeen {
        const char *pass; /* NULL: it is live */
        int64_t wall;     /* when that pass saw it, ms since 1970 */
        int64_t confirmed; /* when the last one that saw it so ended; 0: not known */
        int64_t until;    /* when a pass saw it otherwise; 0: none has */
} AccessSeen;

typedef struct AccessTable {
        const char *project;
        AccessSeen seen;
        const char **principals;
        size_t n_principals;
        AccessThing *things; /* by kind, name */
        size_t n_things;
} AccessTable;

/* A verdict of a confinement or an assertion. */
typedef struct AccessRemark {
        const char *project;
        AccessVerdict verdict;
} AccessRemark;

typedef struct AccessRemarks {
        AccessRemark *items;
        size_t n;
} AccessRemarks;

typedef struct AccessMatrix {
        const char *error; /* the filters name nothing; a sentence; else NULL */
        bool has_desired;
        bool is_explanation; /* of one team at one thing: every permission of the kind */
        AccessTable *tables;
        size_t n_tables;
        AccessCell *cells;
        size_t n_cells;
        size_t n_left_out;     /* cells beyond ACCESS_CELLS_MAX */
        AccessRemarks broken;  /* live: open confinements, broken assertions; exit code 4 */
        AccessRemarks unknown; /* live: what could not be judged */
        AccessRemarks members; /* live: ways of members that are not their team's */
        AccessRemarks exempt;  /* entries on what teams own that are never changed, as a plan found them */
} AccessMatrix;

AccessMatrix *access_matrix_new(Mem *parent, const AccessMatrixSpec *spec);

typedef enum AccessColour {
        ACCESS_PLAIN,
        ACCESS_COLOUR,
} AccessColour;
/* `MLOps as pass 0193… saw it at 2026-03-03T10:00:00.000Z, the last one to see it so at …; none has seen it otherwise
 * since`: of a table that is not live. */
void access_table_tell_seen(const AccessTable *table, Text *text);
/* For people: a table a project, things down, principals across; then what is broken. */
void access_matrix_print_text(const AccessMatrix *matrix, AccessColour colour, Text *text);
/* RFC 4180: the line of names, then a line each cell, of any number of matrices. What a spreadsheet would take for a
 * formula begins with an apostrophe. */
void access_matrix_print_csv_head(Text *text);
void access_matrix_print_csv(const AccessMatrix *matrix, Text *text);
/* product.md, "Formats that programs may rely on". */
void access_matrix_print_json(const AccessMatrix *matrix, Text *text);

/* SPDX-License-Identifier: Apache-2.0 */
/* Sheet: who of a project can do what on which of its things, with what is alike counted as one.
 *
 *         AccessSheet *sheet = access_sheet_new(parent, &spec, project);
 *         while (access_sheet_step(sheet))
 *                 ;
 *
 * Each step is a bounded piece of work, so that a caller on the loop can stop between two of them. The views stay as
 * they are until the last one. Memory beside the result: some 100 bytes a principal and 60 a thing. */
#pragma once

#include "common/access/question.h"

enum {
        ACCESS_SHEET_TEAMS_MAX = 30,   /* beyond them those of one kit that have the same are one */
        ACCESS_SHEET_THINGS_MAX = 300, /* beyond them those on which everybody has the same are one */
        ACCESS_SHEET_PAIRS_MAX = 6000, /* principals by things; beyond them both */
};

typedef enum AccessSheetDetail {
        ACCESS_SHEET_COUNTED,
        ACCESS_SHEET_EXPLAINED, /* with the reason of each cell in which something is open or not known */
} AccessSheetDetail;

typedef struct AccessSheetSpec {
        const AccessMatrixSpec *asked;
        const DesiredProject *project;
        AccessSheetDetail detail;
        bool is_crowded; /* what is alike is one, however few there are */
} AccessSheetSpec;

/* A column: a team or group, or several of one kit. */
typedef struct AccessSheetGroup {
        const char *name; /* of the first */
        const char *kit;  /* NULL: none */
        size_t n;
        bool is_alike; /* they have the same; else they have in common their kit alone */
} AccessSheetGroup;

typedef enum AccessRelation {
        ACCESS_RELATION_ANY,
        ACCESS_RELATION_OWN,    /* each principal of the owning group at its own; those of others at all of them */
        ACCESS_RELATION_OTHERS, /* each principal of the owning group at those of the rest of it */
} AccessRelation;

/* A thing, or several. */
typedef struct AccessSheetRow {
        Kind kind;
        AccessRelation relation;
        const char *name;  /* of the first; "" the project */
        const char *owner; /* of the first; NULL: nobody */
        uint32_t owner_group; /* INDEX_NONE: nobody of the columns */
        size_t n;
        bool is_read; /* else nothing is known */
        const Asked *asked;
        size_t n_asked;
        size_t first_cell; /* of the first group; n_asked of each follow one another */
} AccessSheetRow;

/* One permission of the principals of a group at the things of a row: how many pairs have what. */
typedef struct AccessSheetCell {
        uint32_t n; /* pairs; 0: the relation is none of theirs */
        uint32_t n_open;
        uint32_t n_unknown;
        uint32_t n_wanted_open;
        uint32_t n_wanted_unknown;
        uint32_t n_differ; /* live from wanted */
        /* Of the example, where something is open, not known, or should be; NULL: nothing to tell. */
        const AccessExplanation *live;
        const AccessExplanation *wanted;
} AccessSheetCell;

/* The pair that stands for a row and a group. */
typedef struct AccessSheetExample {
        const char *principal; /* NULL: everything is closed */
        const char *thing;
} AccessSheetExample;

typedef struct AccessSheet {
        const char *project;
        const char *visibility; /* why what is closed may be open to everybody; NULL: it is not */
        bool has_desired;
        bool is_folded;
        size_t n_principals;
        size_t n_things;
        AccessSheetGroup *groups;
        size_t n_groups;
        AccessSheetRow *rows; /* by kind, owner, name */
        size_t n_rows;
        AccessSheetCell *cells;
        AccessSheetExample *examples; /* by row, group */
        struct SheetWork *work;       /* NULL: done */
} AccessSheet;

AccessSheet *access_sheet_new(Mem *parent, const AccessSheetSpec *spec);
/* False: it was the last one. */
bool access_sheet_step(AccessSheet *sheet);

/* What the eye is to see of the permissions of a group at a row. */
typedef enum AccessLook {
        ACCESS_LOOK_NONE, /* the relation is none of theirs */
        ACCESS_LOOK_CLOSED,
        ACCESS_LOOK_UNKNOWN,
        ACCESS_LOOK_OPEN,
        ACCESS_LOOK_DIFFERS, /* live is not as the charter wants it */
        _ACCESS_LOOK_N,
} AccessLook;

AccessLook access_sheet_look(const AccessSheet *sheet, const AccessSheetRow *row, size_t group);
static inline const AccessSheetCell *access_sheet_cells(const AccessSheet *sheet,
                                                        const AccessSheetRow *row, size_t group) {
        return &sheet->cells[row->first_cell + group * row->n_asked];
}
static inline const AccessSheetExample *
access_sheet_example(const AccessSheet *sheet, const AccessSheetRow *row, size_t group) {
        return &sheet->examples[(size_t)(row - sheet->rows) * sheet->n_groups + group];
}
/* `Data Science A`, `97 of kit data-science`, `Data Science A and 12 more`; for people. */
void access_sheet_name_group(const AccessSheetGroup *group, Text *text);
/* `operations`, `data-science-a and 96 more`; the project by its name. */
void access_sheet_name_row(const AccessSheet *sheet, const AccessSheetRow *row, Text *text);

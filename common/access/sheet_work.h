/* SPDX-License-Identifier: Apache-2.0 */
/* SheetWork: a sheet while it is made. Only sheet*.c include this. */
#pragma once

#include "common/access/sheet.h"
#include "common/access/sweep.h"

typedef enum SheetPhase {
        SHEET_MARKS, /* a number for what each principal has, and for what each thing grants */
        SHEET_COUNTS,
        SHEET_REASONS,
        SHEET_END,
} SheetPhase;

/* One of the two views. */
typedef struct SheetSide {
        AccessView *view; /* NULL: there is none */
        const AccessNames *names;
        Index *found;      /* those principals that exist */
        uint32_t *numbers; /* their places among all */
        size_t n_found;
        bool *exists; /* each of all principals */
        AccessPlace *places; /* of all things */
        AccessMasks *masks;  /* of all principals at the thing at hand */
        const char *visibility;
        AccessSweep *sweep;
        AccessSweepRow row;
        bool has_row;
        AccessSubject **subjects; /* of those explained */
} SheetSide;

typedef struct SheetThing {
        ThingName name;
        uint32_t owner;    /* a principal; INDEX_NONE: none of them */
        uint32_t ordinal;  /* among those of its kind that its owner owns */
        uint64_t mark;     /* of what it grants to whom */
        uint32_t row;      /* of the relation ANY or OWN */
        uint32_t other_row; /* of OTHERS, or INDEX_NONE */
} SheetThing;

typedef struct SheetWho {
        const char *name;
        const char *kit;
        uint64_t mark; /* of what it has at what */
        uint32_t group;
} SheetWho;

/* The pair that stands for a cell. */
typedef struct SheetPair {
        uint32_t who;
        uint32_t thing;
        AccessLook look;
} SheetPair;

typedef struct SheetWork {
        AccessSheetSpec spec;
        SheetPhase phase;
        SheetSide live;
        SheetSide wanted;
        SheetWho *who;
        size_t n_who;
        SheetThing *things;
        size_t n_things;
        AskedList asked[_KIND_N];
        bool folds_who;
        bool folds_things;
        size_t n_done; /* things, rows of the phase */
        SheetPair *pairs; /* by row, group */
} SheetWork;

/* sheet_fold.c: which principals, which things are one. */
void sheet_mark_thing(SheetWork *work, size_t thing);
void sheet_fold_who(AccessSheet *sheet, SheetWork *work);
void sheet_fold_things(AccessSheet *sheet, SheetWork *work);

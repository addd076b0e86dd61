/* SPDX-License-Identifier: Apache-2.0 */
/* Sweep: who has what on many things, row by row, without the whole matrix ever being held.
 *
 *         AccessSweep *sweep = access_sweep_new(parent, &spec);
 *         AccessSweepRow row;
 *
 *         for (;;) {
 *                 switch (access_sweep_step(sweep, &row)) {
 *                 case ACCESS_SWEEP_WORKING: continue;
 *                 case ACCESS_SWEEP_ROW: use(&row); continue;
 *                 case ACCESS_SWEEP_END: break;
 *                 }
 *                 break;
 *         }
 *
 * Each step is a bounded piece of work (one principal looked up, or one thing evaluated for all
 * principals: about ten nanoseconds each), so that a caller on the loop stops between two steps
 * when its time is over and goes on later. Every cell is what access_evaluate() answers; what a
 * project's visibility or a kind that was not read adds to it (access_tell_visibility(),
 * access_kind_is_read()) is for the caller, as it is with access_evaluate(). */
#pragma once

#include "common/access/confine.h"

typedef enum AccessSweepDetail {
        ACCESS_SWEEP_OPEN,    /* cells with something open or not known */
        ACCESS_SWEEP_DECIDED, /* also those in which a Deny closes something */
} AccessSweepDetail;

/* The arrays and tokens are not copied; they and the view stay as they are while the sweep lives.
 * Things whose tokens lie beside one another in the tree should stand beside one another (as
 * access_things_of() orders them): what they inherit is worked out once. Memory: 32 bytes a
 * principal, 12 a principal and level of the deepest token, 8 a membership; nothing a thing but
 * what the view keeps of its token. */
typedef struct AccessSweepSpec {
        AccessView *view;
        const Index *principals;
        size_t n_principals;
        const AccessPlace
                *things; /* NULL token: it does not exist, and nobody has anything there */
        size_t n_things;
        AccessSweepDetail detail;
} AccessSweepSpec;

typedef struct AccessSweepCell {
        uint32_t principal; /* its place in the spec */
        AccessMasks masks;
} AccessSweepCell;

/* Whoever is not among the cells has nothing. */
typedef struct AccessSweepRow {
        size_t thing;                 /* its place in the spec */
        const AccessSweepCell *cells; /* by principal; until the next step */
        size_t n_cells;
        bool is_repeated; /* the same cells as those of the row before */
} AccessSweepRow;

typedef enum AccessSweepState {
        ACCESS_SWEEP_WORKING, /* there is no row yet */
        ACCESS_SWEEP_ROW,     /* *rowp is the next thing's, in the order of the spec */
        ACCESS_SWEEP_END,
} AccessSweepState;

typedef struct AccessSweep AccessSweep;

AccessSweep *access_sweep_new(Mem *parent, const AccessSweepSpec *spec);
AccessSweepState access_sweep_step(AccessSweep *sweep, AccessSweepRow *rowp);

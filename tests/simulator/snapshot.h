/* SPDX-License-Identifier: Apache-2.0 */
/* An organisation in people's words: who is in what, what there is, who may do what. */
#pragma once

#include "tests/simulator/rows.h"
#include "tests/simulator/world.h"

typedef struct SnapshotSpec {
        Organization *organization;
        const Project *project; /* only this one and what is the organisation's; NULL: all */
        const char *without;    /* names of projects to leave out, separated by commas, or NULL */
        const char
                *sections; /* of "people,memberships,teams,things,permissions", or NULL for all */
} SnapshotSpec;

/* One JSON object with a list of rows for each section, in an order that does not depend on how
 * things came. */
void snapshot_print(const SnapshotSpec *spec, Rows *rows);

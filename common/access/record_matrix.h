/* SPDX-License-Identifier: Apache-2.0 */
/* RecordMatrix: a matrix of what was stored. */
#pragma once

#include "common/access/matrix.h"
#include "common/access/record.h"

typedef struct AccessStored {
        const AccessRecord *record;
        int64_t until;     /* when the next one of its project was made; 0: none was */
        int64_t confirmed; /* when the last pass that read the project ended before that; 0: not known */
} AccessStored;

typedef struct AccessStoredFilter {
        const char *team; /* NULL: all */
        Kind at_kind;     /* with at_name */
        const char *at_name;
} AccessStoredFilter;

/* One table a record: what was live then. What the charter wanted, by which path something was open, and what was
 * broken is not stored. The records outlive it. */
AccessMatrix *access_matrix_of_records(Mem *parent, const AccessStored *stored, size_t n,
                                       const AccessStoredFilter *filter);

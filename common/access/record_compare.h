/* SPDX-License-Identifier: Apache-2.0 */
/* RecordCompare: what is otherwise in one record than in another: who can do what where. */
#pragma once

#include "common/access/evaluate.h"
#include "common/access/record.h"

typedef enum AccessThen {
        ACCESS_THEN_CLOSED = ACCESS_CLOSED,
        ACCESS_THEN_OPEN = ACCESS_OPEN,
        ACCESS_THEN_UNKNOWN = ACCESS_UNKNOWN,
        ACCESS_THEN_NOT_ASKED, /* the charter did not name the principal, or the thing */
} AccessThen;

/* One permission of one principal at one thing. Texts are the records'. */
typedef struct AccessDifference {
        const char *principal;
        Kind kind;
        const char *name;
        const char *permission;
        AccessThen before;
        AccessThen after; /* another one; what is closed is not told of what came newly into the charter, or left it */
} AccessDifference;

/* Who is asked about; NULL: everybody, everything. */
typedef struct AccessRecordFilter {
        const char *principal;
        Kind kind; /* with name */
        const char *name;
} AccessRecordFilter;
/* True when the thing passes; KIND_PROJECT goes by the name "" and by the project's own. */
bool access_record_filter_thing(const AccessRecordFilter *filter, const AccessRecord *record,
                                const AccessRecordThing *thing);

/* Below parent; by kind, name, principal, and in the order of the words of the kind. */
AccessDifference *access_record_compare(Mem *parent, const AccessRecord *before, const AccessRecord *after,
                                        const AccessRecordFilter *filter, size_t *np);

/* SPDX-License-Identifier: Apache-2.0 */
/* Taking: the record of a project out of what is live, line by line. */
#pragma once

#include "common/access/confine.h"
#include "common/access/record.h"

typedef struct AccessTakingSpec {
        const DesiredProject *project;
        AccessView *live;
        AccessNames names;
        Index row; /* the live project */
} AccessTakingSpec;

typedef struct AccessTaking AccessTaking;

/* All of the spec outlives it; the view stays as it is meanwhile. */
AccessTaking *access_taking_new(Mem *parent, const AccessTakingSpec *spec);

typedef enum AccessTakingState {
        TAKING_WORKING, /* there is no line yet */
        TAKING_LINE,    /* the next one was appended: the project's name, kinds, principals, then things */
        TAKING_END,
} AccessTakingState;

/* A bounded piece of work: one thing for all principals at most. */
AccessTakingState access_taking_step(AccessTaking *taking, Text *line);

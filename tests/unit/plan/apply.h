/* SPDX-License-Identifier: Apache-2.0 */
/* Apply: the steps of a plan carried out on the model, as the service would, for tests. */
#pragma once

#include "daemon/plan/plan.h"

typedef enum ApplyWhich {
        APPLY_PENDING,
        APPLY_HELD_TOO, /* as if all of it was released */
} ApplyWhich;

/* Carries out what is not symbolic, waits for nothing and is (or is not) held; creations give
 * charterd what the service gives a creator. Entries must be what the plan saw. Known things are
 * added to for what was made. The organisation is sealed again. Answers how many steps were carried
 * out. */
size_t apply_plan(Organisation *live, const Plan *plan, PlanSpec *spec, Mem *mem, ApplyWhich which);

/* SPDX-License-Identifier: Apache-2.0 */
/* Related: whether taking from one principal might cost somebody what another is still to be given. */
#pragma once

#include "daemon/plan/plan.h"

typedef struct Related Related;

Related *related_new(Mem *parent, const Organisation *live, const Plan *plan);
/* True when the two are one, one is in the other, or somebody is in both: by live edges and by the edges the plan
 * adds. Groups whose members are not known count as holding everybody. */
bool related_touch(Related *related, const StepPrincipal *a, const StepPrincipal *b);

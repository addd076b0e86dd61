/* SPDX-License-Identifier: Apache-2.0 */
/* Charter: what a charter says of one project, put together by a test. */
#pragma once

#include "common/model/desired.h"

/* Nothing in it yet. */
DesiredProject *charter_project(Mem *parent, const char *name);
/* Call in the order of names; the project's principals move. */
DesiredPrincipal *charter_team(Mem *parent, DesiredProject *project, const char *name);
void charter_own(Mem *parent, DesiredPrincipal *team, Kind kind, const char *name);
/* `at` may be filled in further. */
DesiredAssert *charter_assert(Mem *parent, DesiredProject *project, AssertSubject subject,
                              const char *name, const char *can_or_cannot, const char *word);

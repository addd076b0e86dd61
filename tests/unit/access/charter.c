/* SPDX-License-Identifier: Apache-2.0 */
/* Charter: rows of a desired project. */
#include <assert.h>
#include <string.h>

#include "tests/unit/access/charter.h"

DesiredProject *charter_project(Mem *parent, const char *name) {
        DesiredProject *project = mem_new(parent, DesiredProject);

        project->name = name;
        return project;
}

DesiredPrincipal *charter_team(Mem *parent, DesiredProject *project, const char *name) {
        DesiredPrincipal *team = mem_push(parent, project->principals, project->n_principals);

        team->is_team = true;
        team->name = name;
        team->place = (Place){"charter.yaml", (uint32_t)project->n_principals, 1};
        return team;
}

void charter_own(Mem *parent, DesiredPrincipal *team, Kind kind, const char *name) {
        *mem_push(parent, team->owns, team->n_owns) = (OwnedArtefact){.kind = kind, .name = name};
}

DesiredAssert *charter_assert(Mem *parent, DesiredProject *project, AssertSubject subject,
                              const char *name, const char *can_or_cannot, const char *word) {
        DesiredAssert *assertion = mem_push(parent, project->asserts, project->n_asserts);

        assert(strcmp(can_or_cannot, "can") == 0 || strcmp(can_or_cannot, "cannot") == 0);
        assertion->subject = subject;
        assertion->name = name;
        assertion->can = strcmp(can_or_cannot, "can") == 0;
        assertion->permission = (Word){word, {"charter.yaml", 40, 9}};
        assertion->place = (Place){"charter.yaml", 40, 1};
        return assertion;
}

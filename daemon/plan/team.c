/* SPDX-License-Identifier: Apache-2.0 */
/* Team: whose a step is. */
#include <string.h>

#include "common/base/mem.h"
#include "daemon/plan/step.h"

static Kind owned_kind(Kind kind) {
        return kind == KIND_BRANCH ? KIND_REPOSITORY : kind == KIND_PIPELINE ? KIND_PIPELINE_FOLDER : kind;
}

/* Whose the thing is, or the nearest one above it. */
static const DesiredPrincipal *owner_of(const DesiredProject *project, const Step *step) {
        Kind kind = owned_kind(step->kind);
        bool is_nested = kind_has(kind, KIND_IS_NESTED);
        const DesiredPrincipal *owner = NULL;
        char *path, *slash;

        if (!step->name || !step->name[0] || !kind_has(kind, KIND_CAN_BE_OWNED))
                return NULL;
        path = mem_strdup(NULL, step->name);
        owner = desired_find_owner(project, kind, path, NULL);
        while (!owner && is_nested && (slash = strrchr(path, '/'))) {
                *slash = '\0';
                owner = desired_find_owner(project, kind, path, NULL);
        }
        mem_free(path);
        return owner;
}

static const char *team_name(const DesiredProject *project, const char *name) {
        const DesiredPrincipal *principal = name ? desired_find_principal(project, name) : NULL;

        return principal && principal->is_team ? principal->name : NULL;
}

const char *step_team(const DesiredProject *project, const Step *step) {
        const DesiredPrincipal *owner = owner_of(project, step);
        const char *const names[] = {step->container.name, step->principal.name,
                                     step->kind == KIND_TEAM ? step->name : NULL};

        if (owner)
                return owner->name;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                const char *name = team_name(project, names[i]);

                if (name)
                        return name;
        }
        return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Unnamed: whether the names of pipelines are wanted. */
#include <string.h>

#include "daemon/engine/unnamed.h"

/* A pipeline's token ends in its number (facts §3.4). */
static bool is_pipelines(const AccessControlList *list, Index project) {
        const char *slash = strrchr(list->token, '/');

        return list->namespace == NAMESPACE_BUILD && list->project == project && !list->forgotten && slash &&
               slash[1] && slash[1 + strspn(slash + 1, "0123456789")] == '\0';
}

static bool looks_below(const DesiredProject *desired) {
        for (size_t i = 0; i < desired->n_artefacts; i++)
                if (desired->artefacts[i].kind == KIND_PIPELINE_FOLDER &&
                    desired->artefacts[i].policies.below != POLICY_IGNORE)
                        return true;
        for (size_t i = 0; i < desired->n_principals; i++)
                for (size_t k = 0; k < desired->principals[i].n_owns; k++)
                        if (desired->principals[i].owns[k].kind == KIND_PIPELINE_FOLDER &&
                            desired->principals[i].owns[k].policies.below != POLICY_IGNORE)
                                return true;
        return false;
}

static bool is_governed(const Organisation *live, Index project, const DesiredProject *desired, Index row) {
        const Identity *identity = &live->identities[organisation_canonical_identity(live, row)];
        const DesiredPrincipal *principal =
                identity->project == project && identity->name ? desired_find_principal(desired, identity->name) : NULL;

        return principal && principal->grants_mentioned;
}

bool unnamed_pipelines_matter(const Organisation *live, Index project, const DesiredProject *desired) {
        bool below = looks_below(desired);

        for (size_t i = 0; i < live->n_acls; i++) {
                const AccessControlList *list = &live->acls[i];

                if (!is_pipelines(list, project))
                        continue;
                if (below && list->n_entries > 0)
                        return true;
                for (size_t k = 0; k < list->n_entries; k++)
                        if (is_governed(live, project, desired, list->entries[k].identity))
                                return true;
        }
        return false;
}

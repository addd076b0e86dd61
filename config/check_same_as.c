/* SPDX-License-Identifier: Apache-2.0 */
/* Check: no principal is the same as itself by way of others. */
#include "config/circle.h"
#include "config/loading.h"

/* A group of the charter whose own grants are governed: its wanted state counts (charter.md, same_as). */
static const DesiredPrincipal *governed_source(const DesiredProject *project, const Rule *rule) {
        const DesiredPrincipal *source;

        if (!rule->same_as || rule->same_as->of_organization)
                return NULL;
        source = desired_find_principal(project, rule->same_as->group);
        return source && source->grants_mentioned ? source : NULL;
}

void check_same_as(Binder *binder, const DesiredProject *project) {
        Mem *frame = mem_new(NULL, char);
        Edge *edges = NULL;
        size_t n = 0;

        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *principal = &project->principals[i];

                for (size_t k = 0; k < principal->n_rules; k++) {
                        const DesiredPrincipal *source = governed_source(project, &principal->rules[k]);

                        if (source)
                                *mem_push(frame, edges, n) = (Edge){
                                        .from = i,
                                        .to = (size_t)(source - project->principals),
                                        .label = principal->rules[k].same_as->group,
                                        .place = principal->rules[k].same_as->place,
                                };
                }
        }
        circles_tell(binder, "`same_as`", edges, n, project->n_principals);
        mem_free(frame);
}

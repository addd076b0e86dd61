/* SPDX-License-Identifier: Apache-2.0 */
/* Desired: finding what the charter says of a name. */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/model/desired.h"

const DesiredProject *desired_find_project(const Desired *desired, const char *name) {
        size_t low = 0;
        size_t high = desired->n_projects;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = text_compare(desired->projects[middle].name, name);

                if (order == 0)
                        return &desired->projects[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

const DesiredPrincipal *desired_find_principal(const DesiredProject *project, const char *name) {
        size_t low = 0;
        size_t high = project->n_principals;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = text_compare(project->principals[middle].name, name);

                if (order == 0)
                        return &project->principals[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static int compare_artefact(const OwnedArtefact *artefact, Kind kind, const char *name) {
        if (artefact->kind != kind)
                return artefact->kind < kind ? -1 : 1;
        return text_compare(artefact->name, name);
}

const DesiredArtefact *desired_find_artefact(const DesiredProject *project, Kind kind,
                                             const char *name) {
        size_t low = 0;
        size_t high = project->n_artefacts;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare_artefact(&project->artefacts[middle], kind, name);

                if (order == 0)
                        return &project->artefacts[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static int compare_owner(const void *a, const void *b) {
        const DesiredOwner *x = a;
        const DesiredOwner *y = b;

        return compare_artefact(x->artefact, y->artefact->kind, y->artefact->name);
}

void desired_index_owners(Mem *mem, DesiredProject *project) {
        size_t n = 0;

        for (size_t i = 0; i < project->n_principals; i++)
                n += project->principals[i].n_owns;
        project->owners = mem_new_array(mem, DesiredOwner, n);
        project->n_owners = 0;
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t j = 0; j < project->principals[i].n_owns; j++)
                        project->owners[project->n_owners++] = (DesiredOwner){
                                .principal = &project->principals[i],
                                .artefact = &project->principals[i].owns[j],
                        };
        qsort(project->owners, n, sizeof(*project->owners), compare_owner);
}

static const DesiredOwner *find_indexed(const DesiredProject *project, Kind kind,
                                        const char *name) {
        size_t low = 0;
        size_t high = project->n_owners;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare_artefact(project->owners[middle].artefact, kind, name);

                if (order == 0)
                        return &project->owners[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static const DesiredPrincipal *find_listed(const DesiredProject *project, Kind kind,
                                           const char *name, const OwnedArtefact **ownedp) {
        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *principal = &project->principals[i];

                for (size_t j = 0; j < principal->n_owns; j++) {
                        if (compare_artefact(&principal->owns[j], kind, name) != 0)
                                continue;
                        if (ownedp)
                                *ownedp = &principal->owns[j];
                        return principal;
                }
        }
        return NULL;
}

const DesiredPrincipal *desired_find_owner(const DesiredProject *project, Kind kind,
                                           const char *name, const OwnedArtefact **ownedp) {
        const DesiredOwner *owner = NULL;

        if (!project->owners)
                return find_listed(project, kind, name, ownedp);
        owner = find_indexed(project, kind, name);
        if (!owner)
                return NULL;
        if (ownedp)
                *ownedp = owner->artefact;
        return owner->principal;
}

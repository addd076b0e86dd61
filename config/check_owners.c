/* SPDX-License-Identifier: Apache-2.0 */
/* Check: each artefact has one owner. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "config/loading.h"

static int compare(const void *x, const void *y) {
        const DesiredOwner *a = x, *b = y;
        int r = a->artefact->kind != b->artefact->kind ? (a->artefact->kind < b->artefact->kind ? -1 : 1)
                                                       : text_compare(a->artefact->name, b->artefact->name);

        if (r == 0)
                r = strcmp(a->artefact->place.file, b->artefact->place.file);
        if (r == 0 && a->artefact->place.line != b->artefact->place.line)
                r = a->artefact->place.line < b->artefact->place.line ? -1 : 1;
        return r != 0 ? r : text_compare(a->principal->name, b->principal->name);
}

static bool is_same(const DesiredOwner *a, const DesiredOwner *b) {
        return a->artefact->kind == b->artefact->kind && text_equal(a->artefact->name, b->artefact->name);
}

static void tell(Binder *binder, const DesiredOwner *other, const DesiredOwner *first) {
        const OwnedArtefact *artefact = other->artefact;

        bind_error(binder, artefact->place, "%s and %s both own the %s `%s`; first at %s:%u:%u",
                   first->principal->name, other->principal->name, kind_row(artefact->kind)->noun, artefact->name,
                   first->artefact->place.file, first->artefact->place.line, first->artefact->place.column);
}

void check_owners(Binder *binder, const DesiredProject *project) {
        Mem *frame = mem_new(NULL, char);
        DesiredOwner *all = NULL;
        size_t n = 0;

        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *principal = &project->principals[i];

                for (size_t k = 0; k < principal->n_owns; k++)
                        if (strcmp(principal->owns[k].name, "/") != 0) /* the root stays everybody's */
                                *mem_push(frame, all, n) = (DesiredOwner){principal, &principal->owns[k]};
        }
        if (n > 1)
                qsort(all, n, sizeof *all, compare);
        for (size_t i = 1; i < n; i++)
                if (is_same(&all[i], &all[i - 1]))
                        tell(binder, &all[i], &all[i - 1]);
        mem_free(frame);
}

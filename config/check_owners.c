/* SPDX-License-Identifier: Apache-2.0 */
/* Check: each artefact has one owner. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "config/loading.h"

static int compare(const void *x, const void *y) {
        const OwnedArtefact *a = *(const OwnedArtefact *const *)x, *b = *(const OwnedArtefact *const *)y;
        int r = a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : text_compare(a->name, b->name);

        if (r != 0)
                return r;
        return a->place.line != b->place.line ? (a->place.line < b->place.line ? -1 : 1) : 0;
}

void check_owners(Binder *binder, const DesiredProject *project) {
        Mem *frame = mem_new(NULL, char);
        const OwnedArtefact **all = NULL;
        size_t n = 0;

        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t k = 0; k < project->principals[i].n_owns; k++)
                        if (strcmp(project->principals[i].owns[k].name, "/") != 0) /* the root stays everybody's */
                                *mem_push(frame, all, n) = &project->principals[i].owns[k];
        if (n > 1)
                qsort(all, n, sizeof *all, compare);
        for (size_t i = 1; i < n; i++)
                if (all[i]->kind == all[i - 1]->kind && text_equal(all[i]->name, all[i - 1]->name))
                        bind_error(binder, all[i]->place, "the %s `%s` has an owner already, at %s:%u:%u",
                                   kind_row(all[i]->kind)->noun, all[i]->name, all[i - 1]->place.file,
                                   all[i - 1]->place.line, all[i - 1]->place.column);
        mem_free(frame);
}

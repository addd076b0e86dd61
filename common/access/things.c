/* SPDX-License-Identifier: Apache-2.0 */
/* Things: what a project of the charter names: the project itself, what is owned, what nobody owns. */
#include "common/access/things.h"

#include <stdlib.h>

#include "common/base/text.h"

typedef struct ThingList {
        ThingName *items;
        size_t n;
} ThingList;

static void add(ThingList *list, Kind kind, const char *name, const char *owner) {
        list->items[list->n++] = (ThingName){kind, name, owner};
}

static size_t count_most(const DesiredProject *project) {
        size_t n = 1 + project->n_artefacts;

        for (size_t i = 0; i < project->n_principals; i++)
                n += project->principals[i].n_owns;
        return n;
}

static int compare(const void *a, const void *b) {
        const ThingName *x = a;
        const ThingName *y = b;

        if (x->kind != y->kind)
                return x->kind < y->kind ? -1 : 1;
        return text_compare(x->name, y->name);
}

static void drop_repeated(ThingList *list) {
        size_t n = 0;

        for (size_t i = 0; i < list->n; i++)
                if (n == 0 || compare(&list->items[n - 1], &list->items[i]) != 0)
                        list->items[n++] = list->items[i];
        list->n = n;
}

ThingName *access_things_of(Mem *parent, const DesiredProject *project, size_t *np) {
        ThingList list = {.items = mem_new_array(parent, ThingName, count_most(project))};

        add(&list, KIND_PROJECT, "", NULL);
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t j = 0; j < project->principals[i].n_owns; j++)
                        add(&list, project->principals[i].owns[j].kind, project->principals[i].owns[j].name,
                            project->principals[i].name);
        for (size_t i = 0; i < project->n_artefacts; i++)
                if (!desired_find_owner(project, project->artefacts[i].kind, project->artefacts[i].name, NULL))
                        add(&list, project->artefacts[i].kind, project->artefacts[i].name, NULL);
        qsort(list.items, list.n, sizeof *list.items, compare);
        drop_repeated(&list);
        *np = list.n;
        return list.items;
}

AccessPlace access_thing_place(Mem *parent, const AccessNames *names, const DesiredProject *project, Kind kind,
                               const char *name) {
        return access_place_of(parent, names, project, kind, text_equal(name, "/") ? "" : name);
}

bool access_kind_is_read(const Organisation *live, Index project, Kind kind) {
        int space = organisation_namespace_of_kind(kind);
        uint32_t spaces = kind == KIND_ORGANIZATION ? live->spaces
                          : project == INDEX_NONE   ? UINT32_MAX
                                                    : live->projects[project].spaces;

        return space >= 0 && (spaces & (1u << space));
}

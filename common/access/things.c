/* SPDX-License-Identifier: Apache-2.0 */
/* Things: what a project of the charter names: the project itself, what is owned, what nobody owns, what rules name. */
#include "common/access/things.h"

#include <stdlib.h>

#include "common/base/text.h"
#include "common/model/branch.h"

typedef struct ThingList {
        Mem *parent;
        ThingName *items;
        size_t n;
} ThingList;

static void add(ThingList *list, Kind kind, const char *name, const char *owner) {
        list->items[list->n++] = (ThingName){kind, name, owner};
}

/* A rule names no more than so many. */
static size_t count_named(const DesiredPrincipal *principal, const At *at) {
        if (at->form == AT_KIND_ROOT || at->form == AT_ORGANIZATION)
                return 1;
        if (at->form == AT_BRANCHES && !at->repository)
                return at->n_names * principal->n_owns;
        return at->form == AT_BRANCHES || at->form == AT_KIND_NAMES ? at->n_names : 0;
}

static size_t count_most(const DesiredProject *project) {
        size_t n = 1 + project->n_artefacts;

        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *principal = &project->principals[i];

                n += principal->n_owns;
                for (size_t j = 0; j < principal->n_rules; j++)
                        n += count_named(principal, &principal->rules[j].at);
        }
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

/* What has an owner, or stands under a key of the project, is among the things by that. */
static void add_mentioned(ThingList *list, const DesiredProject *project, Kind kind, const char *name) {
        if (!desired_find_owner(project, kind, name, NULL) && !desired_find_artefact(project, kind, name))
                add(list, kind, name, NULL);
}

static void add_branches(ThingList *list, const char *repository, const At *at) {
        for (size_t i = 0; i < at->n_names; i++)
                add(list, KIND_BRANCH, mem_printf(list->parent, BRANCH_NAME_FORMAT, repository, at->names[i].text), NULL);
}

static void add_branches_of(ThingList *list, const DesiredPrincipal *principal, const At *at) {
        if (at->repository)
                add_branches(list, at->repository, at);
        for (size_t i = 0; !at->repository && i < principal->n_owns; i++)
                if (principal->owns[i].kind == KIND_REPOSITORY)
                        add_branches(list, principal->owns[i].name, at);
}

/* What a rule alone names. */
static void add_at(ThingList *list, const DesiredProject *project, const DesiredPrincipal *principal, const At *at) {
        switch (at->form) {
        case AT_KIND_ROOT:
                add(list, at->kind, "", NULL);
                return;
        case AT_ORGANIZATION:
                add(list, KIND_ORGANIZATION, "", NULL);
                return;
        case AT_KIND_NAMES:
                for (size_t i = 0; i < at->n_names; i++)
                        add_mentioned(list, project, at->kind, at->names[i].text);
                return;
        case AT_BRANCHES:
                add_branches_of(list, principal, at);
                return;
        case AT_PROJECT:
        case AT_OWN:
        case AT_KIND_OWN:
        case AT_KIND_OWNED_BY:
                return;
        }
}

ThingName *access_things_of(Mem *parent, const DesiredProject *project, size_t *np) {
        ThingList list = {.parent = parent, .items = mem_new_array(parent, ThingName, count_most(project))};

        add(&list, KIND_PROJECT, "", NULL);
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t j = 0; j < project->principals[i].n_owns; j++)
                        add(&list, project->principals[i].owns[j].kind, project->principals[i].owns[j].name,
                            project->principals[i].name);
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t j = 0; j < project->principals[i].n_rules; j++)
                        add_at(&list, project, &project->principals[i], &project->principals[i].rules[j].at);
        for (size_t i = 0; i < project->n_artefacts; i++)
                if (!desired_find_owner(project, project->artefacts[i].kind, project->artefacts[i].name, NULL))
                        add(&list, project->artefacts[i].kind, project->artefacts[i].name, NULL);
        qsort(list.items, list.n, sizeof *list.items, compare);
        drop_repeated(&list);
        *np = list.n;
        return mem_resize_array(parent, list.items, sizeof *list.items, list.n);
}

const char *access_thing_title(const char *project, Kind kind, const char *name) {
        if (name[0])
                return name;
        return kind == KIND_PROJECT ? project : "(all)";
}

AccessPlace access_thing_place(Mem *parent, const AccessNames *names, const DesiredProject *project, Kind kind,
                               const char *name) {
        return access_place_of(parent, names, project, kind, text_equal(name, "/") ? "" : name);
}

bool access_kind_is_read(const Organisation *live, Index project, Kind kind) {
        int space = kind_namespace(kind);
        uint32_t spaces = kind == KIND_ORGANIZATION ? live->spaces
                          : project == INDEX_NONE   ? UINT32_MAX
                                                    : live->projects[project].spaces;

        return space >= 0 && (spaces & (1u << space));
}

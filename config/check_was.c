/* SPDX-License-Identifier: Apache-2.0 */
/* Check: what something was called before names nothing else of the charter. */
#include <stdlib.h>

#include "common/base/text.h"
#include "config/loading.h"

/* A former name; of teams and groups, which are one set of names to the service, the kind is KIND_TEAM. */
typedef struct Former {
        Kind kind;
        const char *name;
        const char *was;
        Place place;
} Former;

typedef struct Formers {
        Mem *frame;
        Former *items;
        size_t n;
} Formers;

static void add(Formers *formers, Kind kind, const char *name, const char *was, Place place) {
        if (was)
                *mem_push(formers->frame, formers->items, formers->n) = (Former){kind, name, was, place};
}

static bool is_taken(const DesiredProject *project, const Former *former) {
        if (former->kind == KIND_TEAM)
                return desired_find_principal(project, former->was) != NULL;
        return desired_find_owner(project, former->kind, former->was, NULL) ||
               desired_find_artefact(project, former->kind, former->was);
}

static int compare(const void *x, const void *y) {
        const Former *a = x, *b = y;
        int r = a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : text_compare(a->was, b->was);

        return r != 0 ? r : text_compare(a->name, b->name);
}

static void check_formers(Binder *binder, const DesiredProject *project, const Formers *formers) {
        for (size_t i = 0; i < formers->n; i++) {
                const Former *one = &formers->items[i], *before = i > 0 ? one - 1 : NULL;

                if (text_equal(one->was, one->name))
                        bind_error(binder, one->place, "`%s` was never called otherwise: `was` is the name it had", one->name);
                else if (is_taken(project, one))
                        bind_error(binder, one->place, "`was: %s`: the charter has a `%s` of its own", one->was, one->was);
                else if (before && before->kind == one->kind && text_equal(before->was, one->was))
                        bind_error(binder, one->place, "`%s` and `%s` were both called `%s`", before->name, one->name,
                                   one->was);
        }
}

void check_was(Binder *binder, const DesiredProject *project) {
        Formers formers = {.frame = mem_new(NULL, char)};

        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *principal = &project->principals[i];

                add(&formers, KIND_TEAM, principal->name, principal->was, principal->place);
                for (size_t k = 0; k < principal->n_owns; k++)
                        add(&formers, principal->owns[k].kind, principal->owns[k].name, principal->owns[k].was,
                            principal->owns[k].place);
        }
        if (formers.n > 1)
                qsort(formers.items, formers.n, sizeof *formers.items, compare);
        check_formers(binder, project, &formers);
        mem_free(formers.frame);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Subject: a principal with every group it is in, and those it may be in. */
#include <stdlib.h>
#include <string.h>

#include "common/access/evaluate.h"
#include "common/access/view_inside.h"

typedef struct Found {
        Index identity;
        uint32_t via; /* place in the order of finding */
} Found;

typedef enum Doubt {
        DOUBT_NONE,
        DOUBT_ENTRA,  /* may be in Entra groups whose members are not known */
        DOUBT_GROUPS, /* may be in any group whose members are not known */
} Doubt;

/* A walk up from a principal, each group once. */
typedef struct Closure {
        AccessView *view;
        Mem *mem;
        Found *found;
        size_t n;
        Table table;
        Doubt doubt;
        Index doubted; /* whose containers are not all known */
} Closure;

static bool has_found(const Closure *closure, Index identity) {
        TableCursor cursor = table_find(&closure->table, identity);
        uint32_t row = 0;

        while ((row = table_next(&closure->table, &cursor)) != TABLE_NONE)
                if (closure->found[row].identity == identity)
                        return true;
        return false;
}

static void add(Closure *closure, Index identity, size_t via) {
        if (closure->n >= ACCESS_GROUPS_MAX || has_found(closure, identity))
                return;
        table_add(&closure->table, identity, (uint32_t)closure->n);
        *mem_push(closure->mem, closure->found, closure->n) = (Found){identity, (uint32_t)via};
}

/* What may be in Entra groups; a group of DevOps cannot. */
static bool may_be_in_entra(const Identity *identity) {
        if (!identity)
                return false;
        switch (identity->kind) {
        case IDENTITY_USER:
        case IDENTITY_ENTRA_GROUP:
        case IDENTITY_SERVICE_PRINCIPAL:
        case IDENTITY_UNKNOWN:
                return true;
        case IDENTITY_GROUP:
        case IDENTITY_SERVICE:
                break;
        }
        return false;
}

static void doubt(Closure *closure, Doubt doubt, Index identity) {
        if (closure->doubt >= doubt)
                return;
        closure->doubt = doubt;
        closure->doubted = identity;
}

/* Follows every row from `at` on. */
static void follow(Closure *closure, size_t at) {
        for (; at < closure->n; at++) {
                Index identity = closure->found[at].identity;
                size_t n = 0;
                bool known = false;
                const Index *containers =
                        access_view_containers(closure->view, identity, &n, &known);

                for (size_t i = 0; i < n; i++)
                        add(closure, containers[i], at);
                if (!known)
                        doubt(closure, DOUBT_GROUPS, identity);
                else if (may_be_in_entra(access_view_identity(closure->view, identity)))
                        doubt(closure, DOUBT_ENTRA, identity);
        }
}

/* What is doubted of the rows found: more rows, which may bring more doubts. */
static void follow_doubts(Closure *closure) {
        const AccessDoubts *doubts = access_view_doubts(closure->view);
        Doubt done = DOUBT_NONE;

        while (closure->doubt > done) {
                size_t at = closure->n;
                bool all = closure->doubt == DOUBT_GROUPS;
                const Index *rows = all ? doubts->groups : doubts->entra_groups;
                size_t n = all ? doubts->n_groups : doubts->n_entra_groups;

                done = closure->doubt;
                for (size_t i = 0; i < n; i++)
                        add(closure, rows[i], 0);
                follow(closure, at);
        }
}

/* Unresolved rows that may be one of the first n found. */
static void add_unresolved(Closure *closure, size_t n) {
        const AccessDoubts *doubts = access_view_doubts(closure->view);

        for (size_t i = 0; i < doubts->n_unresolved; i++)
                for (size_t j = 0; j < n; j++) {
                        const Identity *identity =
                                access_view_identity(closure->view, closure->found[j].identity);

                        if (identity && access_may_be(&doubts->unresolved[i], identity))
                                add(closure, doubts->unresolved[i].row, j);
                }
}

static int compare_indexes(const void *a, const void *b) {
        Index x = *(const Index *)a;
        Index y = *(const Index *)b;

        return x < y ? -1 : x > y;
}

static int compare_found(const void *a, const void *b, void *context) {
        const Found *found = context;
        Index x = found[*(const Index *)a].identity;
        Index y = found[*(const Index *)b].identity;

        return x < y ? -1 : x > y;
}

/* The first n rows found, sorted, with the places they were reached through. */
static void fill_items(AccessSubject *subject, const Closure *closure, size_t n) {
        Index *order = mem_new_array(closure->mem, Index, n);
        Index *places = mem_new_array(closure->mem, Index, n);

        for (size_t i = 0; i < n; i++)
                order[i] = (Index)i;
        qsort_r(order, n, sizeof(*order), compare_found, closure->found);
        for (size_t i = 0; i < n; i++)
                places[order[i]] = (Index)i;
        subject->n = n;
        subject->items = mem_new_array(subject, Index, n);
        subject->via = mem_new_array(subject, Index, n);
        for (size_t i = 0; i < n; i++) {
                subject->items[i] = closure->found[order[i]].identity;
                subject->via[i] = places[closure->found[order[i]].via];
        }
}

static void fill_maybe(AccessSubject *subject, const Closure *closure, size_t first) {
        subject->n_maybe = closure->n - first;
        if (subject->n_maybe == 0)
                return;
        subject->maybe = mem_new_array(subject, Index, subject->n_maybe);
        for (size_t i = 0; i < subject->n_maybe; i++)
                subject->maybe[i] = closure->found[first + i].identity;
        qsort(subject->maybe, subject->n_maybe, sizeof(*subject->maybe), compare_indexes);
}

static const char *tell_doubt(AccessSubject *subject, const Closure *closure, size_t n_maybe) {
        const char *who = NULL;

        if (closure->doubt == DOUBT_NONE || n_maybe == 0)
                return NULL;
        who = access_view_display(closure->view, closure->doubted);
        if (closure->doubt == DOUBT_ENTRA)
                return mem_printf(subject,
                                  "%s may be in an Entra group whose members are not known", who);
        return mem_printf(subject, "not every group that %s is in is known", who);
}

/* Of the organisation, not of a project. */
static bool has_administrators(const Closure *closure, size_t n) {
        for (size_t i = 0; i < n; i++) {
                const Identity *identity =
                        access_view_identity(closure->view, closure->found[i].identity);

                if (identity && identity->role == IDENTITY_ROLE_ADMINISTRATORS &&
                    identity->project == INDEX_NONE)
                        return true;
        }
        return false;
}

AccessSubject *access_subject_new(Mem *parent, AccessView *view, Index principal) {
        AccessSubject *subject = mem_new(parent, AccessSubject);
        Mem *scratch = mem_alloc_zero(NULL, 1, "Closure");
        Closure closure = {.view = view, .mem = scratch};
        const Organisation *live = access_view_organisation(view);
        size_t n_items = 0;

        if (principal < live->n_identities)
                principal = organisation_canonical_identity(live, principal);
        table_init(&closure.table, scratch);
        add(&closure, principal, 0);
        follow(&closure, 0);
        n_items = closure.n;
        subject->is_administrator = has_administrators(&closure, n_items);
        follow_doubts(&closure);
        subject->principal = principal;
        subject->unknown = tell_doubt(subject, &closure, closure.n - n_items);
        add_unresolved(&closure, n_items);
        if (closure.n >= ACCESS_GROUPS_MAX) {
                subject->maybe_anything = true;
                subject->unknown =
                        mem_printf(subject, "%s is in %d groups or more",
                                   access_view_display(view, principal), ACCESS_GROUPS_MAX);
        }
        fill_items(subject, &closure, n_items);
        fill_maybe(subject, &closure, n_items);
        mem_free(scratch);
        return subject;
}

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

enum {
        DOUBT_ENTRA = 1 << 0,  /* may be in Entra groups whose members are not known */
        DOUBT_GROUPS = 1 << 1, /* may be in groups of DevOps whose members are not known */
};

/* A walk up from a principal, each group once. */
typedef struct Closure {
        AccessView *view;
        Mem *mem;
        Found *found;
        size_t n;
        Table table;
        unsigned doubts;
        Index doubted[DOUBT_GROUPS + 1]; /* by doubt: of whom */
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

static void doubt(Closure *closure, unsigned doubt, Index identity) {
        if (closure->doubts & doubt)
                return;
        closure->doubts |= doubt;
        closure->doubted[doubt] = identity;
}

/* The service works Valid Users out by itself: a project's is in the organisation's. Whoever else
 * takes it in has it among the members. */
static bool is_valid_users(const Identity *identity) {
        return identity && identity->role == IDENTITY_ROLE_VALID_USERS;
}

/* Follows every row from `at` on. */
static void follow(Closure *closure, size_t at) {
        for (; at < closure->n; at++) {
                Index row = closure->found[at].identity;
                const Identity *identity = access_view_identity(closure->view, row);
                size_t n = 0;
                bool known = false;
                const Index *containers = access_view_containers(closure->view, row, &n, &known);

                for (size_t i = 0; i < n; i++)
                        add(closure, containers[i], at);
                if (is_valid_users(identity)) {
                        Index above = access_view_doubts(closure->view)->valid_users;

                        if (above != INDEX_NONE)
                                add(closure, above, at);
                        continue;
                }
                if (!known)
                        doubt(closure, DOUBT_GROUPS, row);
                if (identity && access_may_be_in_entra(identity))
                        doubt(closure, DOUBT_ENTRA, row);
        }
}

static void add_rows(Closure *closure, const Index *rows, size_t n) {
        for (size_t i = 0; i < n; i++)
                add(closure, rows[i], 0);
}

/* What is doubted of the rows found: more rows, which may bring more doubts. */
static void follow_doubts(Closure *closure) {
        const AccessDoubts *doubts = access_view_doubts(closure->view);
        unsigned done = 0;

        while (closure->doubts & ~done) {
                unsigned news = closure->doubts & ~done;
                size_t at = closure->n;

                done |= news;
                if (news & DOUBT_GROUPS)
                        add_rows(closure, doubts->groups, doubts->n_groups);
                if (news & DOUBT_ENTRA)
                        add_rows(closure, doubts->entra_groups, doubts->n_entra_groups);
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

static const char *tell_doubt(AccessSubject *subject, const Closure *closure) {
        if (!closure->doubts)
                return NULL;
        if (closure->doubts & DOUBT_GROUPS)
                return mem_printf(
                        subject, "not every group that %s is in is known",
                        access_view_display(closure->view, closure->doubted[DOUBT_GROUPS]));
        return mem_printf(subject, "%s may be in an Entra group whose members are not known",
                          access_view_display(closure->view, closure->doubted[DOUBT_ENTRA]));
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
        subject->principal = principal;
        subject->unknown = tell_doubt(subject, &closure);
        follow_doubts(&closure);
        if (closure.n == n_items)
                subject->unknown = NULL; /* there is no such group */
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

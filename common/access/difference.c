/* SPDX-License-Identifier: Apache-2.0 */
/* Difference: what is laid over two views, compared. */
#include "common/access/difference.h"

#include <stdlib.h>

#include "common/model/token.h"

typedef struct Comparer {
        AccessView *before, *after;
        const Organisation *live;
        AccessDifference *difference;
        Mem *scratch;
        Table lists;    /* by token */
        bool *is_moved; /* one a principal of either view */
        size_t n_principals;
        Index *groups; /* moved, to be followed up */
        size_t n_groups;
        Index administrators; /* of the organisation, when they moved: in spite of a Deny they may do something */
} Comparer;

static char separator_of(const Comparer *comparer, uint8_t space) {
        return comparer->live->permissions.items[space].separator;
}

/* --- lists ------------------------------------------------------------------------------------ */

static uint32_t add_list(Comparer *comparer, uint8_t space, const char *token) {
        AccessDifference *difference = comparer->difference;
        char separator = separator_of(comparer, space);
        uint64_t hash = token_hash(token, separator) ^ space;
        TableCursor cursor = table_find(&comparer->lists, hash);
        uint32_t row = 0;

        while ((row = table_next(&comparer->lists, &cursor)) != TABLE_NONE)
                if (difference->lists[row].space == space &&
                    token_compare(difference->lists[row].token, token, separator) == 0)
                        return row;
        row = (uint32_t)difference->n_lists;
        table_add(&comparer->lists, hash, row);
        *mem_push(difference, difference->lists, difference->n_lists) =
                (DifferentList){.space = space, .token = token};
        return row;
}

static void note_entry(Comparer *comparer, uint8_t space, const char *token, Index identity) {
        AccessDifference *difference = comparer->difference;
        uint32_t list = add_list(comparer, space, token);

        *mem_push(difference, difference->entries, difference->n_entries) = (DifferentTouch){identity, list};
}

/* A merge join by identity. */
static void compare_entries(Comparer *comparer, uint8_t space, const char *token, const AccessLevel *before,
                            const AccessLevel *after) {
        static const AccessControlEntry none = {0};
        size_t i = 0, k = 0;

        while (i < before->n_entries || k < after->n_entries) {
                const AccessControlEntry *x = i < before->n_entries ? &before->entries[i] : &none;
                const AccessControlEntry *y = k < after->n_entries ? &after->entries[k] : &none;
                Index identity;

                if (y == &none || (x != &none && x->identity < y->identity))
                        y = &none;
                else if (x == &none || y->identity < x->identity)
                        x = &none;
                identity = x != &none ? x->identity : y->identity;
                i += x != &none;
                k += y != &none;
                if (x->allow != y->allow || x->deny != y->deny)
                        note_entry(comparer, space, token, identity);
        }
}

static void compare_list(Comparer *comparer, uint8_t space, const char *token) {
        AccessLevel before = access_view_level(comparer->before, space, token);
        AccessLevel after = access_view_level(comparer->after, space, token);
        AccessDifference *difference = comparer->difference;

        compare_entries(comparer, space, token, &before, &after);
        if (before.inherit != after.inherit) {
                uint32_t list = add_list(comparer, space, token);

                difference->lists[list].is_flipped = true;
                *mem_push(difference, difference->flipped, difference->n_flipped) = list;
        }
}

static void compare_lists(Comparer *comparer) {
        AccessView *const views[] = {comparer->after, comparer->before};

        for (size_t v = 0; v < sizeof views / sizeof *views; v++)
                for (size_t i = 0; i < access_view_count_lists(views[v]); i++) {
                        uint8_t space = 0;
                        const char *token = access_view_list(views[v], i, &space);

                        if (v == 0 || !access_view_has_list(comparer->after, space, token))
                                compare_list(comparer, space, token);
                }
}

/* --- memberships ------------------------------------------------------------------------------ */

static void move(Comparer *comparer, Index group) {
        if (group >= comparer->n_principals || comparer->is_moved[group])
                return;
        comparer->is_moved[group] = true;
        *mem_push(comparer->scratch, comparer->groups, comparer->n_groups) = group;
}

static void compare_members(Comparer *comparer, Index group) {
        AccessDifference *difference = comparer->difference;
        size_t n_before = 0, n_after = 0, i = 0, k = 0;
        bool known;
        const Index *before = access_view_members(comparer->before, group, &n_before, &known);
        const Index *after = access_view_members(comparer->after, group, &n_after, &known);

        while (i < n_before || k < n_after) {
                Index member;

                if (i < n_before && k < n_after && before[i] == after[k]) {
                        i++;
                        k++;
                        continue;
                }
                member = k == n_after || (i < n_before && before[i] < after[k]) ? before[i++] : after[k++];
                *mem_push(difference, difference->members, difference->n_members) =
                        (DifferentMember){group, member};
                move(comparer, group);
        }
}

/* Everything above a group whose members differ; the service works Valid Users out by itself. */
static void follow_up(Comparer *comparer) {
        AccessView *const views[] = {comparer->before, comparer->after};
        Index everybody = access_view_doubts(comparer->after)->valid_users;

        for (size_t at = 0; at < comparer->n_groups; at++)
                for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
                        const Identity *identity = access_view_identity(views[v], comparer->groups[at]);
                        size_t n = 0;
                        bool known;
                        const Index *containers =
                                access_view_containers(views[v], comparer->groups[at], &n, &known);

                        for (size_t i = 0; i < n; i++)
                                move(comparer, containers[i]);
                        if (identity && identity->role == IDENTITY_ROLE_VALID_USERS && everybody != INDEX_NONE)
                                move(comparer, everybody);
                }
}

static void compare_groups(Comparer *comparer) {
        AccessView *const views[] = {comparer->after, comparer->before};
        bool *is_done = mem_new_array(comparer->scratch, bool, comparer->n_principals);

        for (size_t v = 0; v < sizeof views / sizeof *views; v++)
                for (size_t i = 0; i < access_view_count_groups(views[v]); i++) {
                        Index group = access_view_group(views[v], i);

                        if (!is_done[group])
                                compare_members(comparer, group);
                        is_done[group] = true;
                }
        follow_up(comparer);
}

/* --- who is named ----------------------------------------------------------------------------- */

static void find_administrators(Comparer *comparer) {
        const Organisation *live = comparer->live;

        comparer->administrators = INDEX_NONE;
        for (Index i = 0; i < live->n_identities; i++)
                if (comparer->is_moved[i] && live->identities[i].role == IDENTITY_ROLE_ADMINISTRATORS &&
                    live->identities[i].project == INDEX_NONE)
                        comparer->administrators = i;
}

static void note_moved(Comparer *comparer, uint8_t space, const char *token, Index identity) {
        AccessDifference *difference = comparer->difference;

        *mem_push(difference, difference->moved, difference->n_moved) =
                (DifferentTouch){identity, add_list(comparer, space, token)};
}

static void note_names(Comparer *comparer, uint8_t space, const char *token, const AccessControlEntry *entries,
                       size_t n) {
        AccessDifference *difference = comparer->difference;

        for (size_t i = 0; i < n; i++) {
                Index identity = entries[i].identity;

                if (identity < comparer->live->n_identities)
                        difference->is_named[identity] = true;
                if (comparer->is_moved[identity])
                        note_moved(comparer, space, token, identity);
                if (comparer->administrators != INDEX_NONE && entries[i].deny)
                        note_moved(comparer, space, token, comparer->administrators);
        }
}

static void note_all_names(Comparer *comparer) {
        AccessView *const views[] = {comparer->after, comparer->before};
        const Organisation *live = comparer->live;

        find_administrators(comparer);
        for (size_t i = 0; i < live->n_acl_order; i++) {
                const AccessControlList *list = &live->acls[live->acl_order[i]];

                note_names(comparer, list->namespace, list->token, list->entries, list->n_entries);
        }
        for (size_t v = 0; v < sizeof views / sizeof *views; v++)
                for (size_t i = 0; i < access_view_count_lists(views[v]); i++) {
                        uint8_t space = 0;
                        const char *token = access_view_list(views[v], i, &space);
                        AccessLevel level = access_view_level(views[v], space, token);

                        note_names(comparer, space, token, level.entries, level.n_entries);
                }
}

/* --- all -------------------------------------------------------------------------------------- */

static int compare_touches(const void *a_, const void *b_) {
        const DifferentTouch *a = a_, *b = b_;

        if (a->identity != b->identity)
                return a->identity < b->identity ? -1 : 1;
        return a->list < b->list ? -1 : a->list > b->list;
}

static void sort(DifferentTouch *touches, size_t n) {
        if (n > 1)
                qsort(touches, n, sizeof *touches, compare_touches);
}

static int compare_different_members(const void *a_, const void *b_) {
        const DifferentMember *a = a_, *b = b_;

        if (a->member != b->member)
                return a->member < b->member ? -1 : 1;
        return a->container < b->container ? -1 : a->container > b->container;
}

AccessDifference *access_difference_new(Mem *parent, AccessView *before, AccessView *after) {
        AccessDifference *difference = mem_new(parent, AccessDifference);
        Comparer comparer = {
                .before = before,
                .after = after,
                .live = access_view_organisation(after),
                .difference = difference,
                .scratch = mem_alloc_zero(NULL, 1, "Comparer"),
        };

        comparer.n_principals = access_view_count_principals(after);
        if (access_view_count_principals(before) > comparer.n_principals)
                comparer.n_principals = access_view_count_principals(before);
        table_init(&comparer.lists, comparer.scratch);
        comparer.is_moved = mem_new_array(comparer.scratch, bool, comparer.n_principals + 1);
        difference->is_named = mem_new_array(difference, bool, comparer.live->n_identities + 1);
        compare_lists(&comparer);
        compare_groups(&comparer);
        if (difference->n_entries + difference->n_members + difference->n_flipped > 0)
                note_all_names(&comparer);
        sort(difference->entries, difference->n_entries);
        sort(difference->moved, difference->n_moved);
        if (difference->n_members > 1)
                qsort(difference->members, difference->n_members, sizeof *difference->members,
                      compare_different_members);
        mem_free(comparer.scratch);
        return difference;
}

const DifferentTouch *access_difference_find(const DifferentTouch *touches, size_t n_touches, Index identity,
                                             size_t *np) {
        size_t low = 0, high = n_touches, end;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (touches[middle].identity < identity)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (end = low; end < n_touches && touches[end].identity == identity;)
                end++;
        *np = end - low;
        return low < n_touches ? &touches[low] : NULL;
}

const DifferentMember *access_difference_find_members(const AccessDifference *difference, Index member, size_t *np) {
        size_t low = 0, high = difference->n_members, end;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (difference->members[middle].member < member)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (end = low; end < difference->n_members && difference->members[end].member == member;)
                end++;
        *np = end - low;
        return low < difference->n_members ? &difference->members[low] : NULL;
}

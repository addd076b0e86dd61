/* SPDX-License-Identifier: Apache-2.0 */
/* Difference: the lists and memberships that are not the same in two views of one organisation. */
#pragma once

#include "common/access/view_inside.h"

/* A list at which somebody may be able to do something else. */
typedef struct DifferentList {
        uint8_t space;
        bool is_flipped; /* inherits in one view and not in the other */
        const char *token;
} DifferentList;

/* An identity named by one of the lists. */
typedef struct DifferentTouch {
        Index identity;
        uint32_t list;
} DifferentTouch;

typedef struct DifferentMember {
        Index container;
        Index member;
} DifferentMember;

typedef struct AccessDifference {
        DifferentList *lists;
        size_t n_lists;
        DifferentTouch *entries; /* whose entry differs, by identity, list */
        size_t n_entries;
        /* Who is, or is above, a group whose members differ, where that counts: where it is named, and for the
         * organisation's administrators where anything is denied; by identity, list. */
        DifferentTouch *moved;
        size_t n_moved;
        DifferentMember *members; /* by member, container */
        size_t n_members;
        uint32_t *flipped; /* lists */
        size_t n_flipped;
        bool *is_named; /* one an identity of the organisation: some list names it */
} AccessDifference;

/* Its texts live as long as the views. */
AccessDifference *access_difference_new(Mem *parent, AccessView *before, AccessView *after);
/* The touches of an identity, n of them. */
const DifferentTouch *access_difference_find(const DifferentTouch *touches, size_t n_touches, Index identity,
                                             size_t *np);
/* The memberships of a member that differ, n of them. */
const DifferentMember *access_difference_find_members(const AccessDifference *difference, Index member, size_t *np);

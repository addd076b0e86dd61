/* SPDX-License-Identifier: Apache-2.0 */
/* People, inside: who is compared where, before it is told in rows. */
#pragma once

#include "common/access/difference.h"
#include "common/access/evaluate.h"
#include "common/access/people.h"

/* People who are in the same groups in both views and are named by no list themselves: one subject for all of them. */
typedef struct PeopleClass {
        Index principal; /* one of them */
        bool is_everyone; /* a group of which everyone, or whoever an unresolved identity is */
        uint32_t first, n; /* of members */
} PeopleClass;

/* What becomes of a class at a list. */
typedef struct PeopleFact {
        uint32_t class;
        uint32_t list;
        uint32_t bits;
        uint32_t owner;
        PeopleVerb verb;
} PeopleFact;

typedef struct PeopleComparison {
        AccessDifference *difference;
        PeopleThing *things; /* one a list of the difference; made when it is first compared */
        PeopleClass *classes;
        size_t n_classes;
        Index *members; /* by class */
        size_t n_members;
        PeopleFact *facts;
        size_t n_facts;
        bool *loses; /* by owner, class: they lose everything at something */
        size_t n_untold;
        size_t n_uncompared;
} PeopleComparison;

PeopleComparison *people_compare(Mem *parent, const PeopleSpec *spec);
/* Sorts the facts. */
void people_tell(People *people, const PeopleSpec *spec, PeopleComparison *comparison);

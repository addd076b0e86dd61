/* SPDX-License-Identifier: Apache-2.0 */
/* People: which persons can do more or less in one view of an organisation than in another. */
#pragma once

#include "common/access/view.h"
#include "common/model/kind.h"

/* People are users and service principals. Of groups whose members are not all known, everyone in them stands for one,
 * as does whoever an identity that nobody could resolve may be. Identities of the service itself are no people. */

enum {
        ACCESS_PEOPLE_COMPARISONS_MAX = 50000, /* of some people at one list; what is beyond is counted, not compared */
        ACCESS_PEOPLE_FACTS_MAX = 20000,        /* differences that are told; what is beyond is counted */
        ACCESS_PEOPLE_ROWS_MAX = 30,            /* of one owner; what is beyond is counted */
        ACCESS_PEOPLE_ALIKE_MAX = 3,            /* sets of people that the same happens to; more are told as one */
        ACCESS_PEOPLE_NAMES_MAX = 5,            /* of people, groups, things of a row that are named */
};

typedef enum PeopleVerb {
        PEOPLE_GAIN,
        PEOPLE_MAY_GAIN,
        PEOPLE_LOSE,
        PEOPLE_LOSE_ALL, /* nothing is left of what they had there */
        PEOPLE_MAY_LOSE,
        _PEOPLE_VERB_N,
} PeopleVerb;

/* What a list is at. */
typedef struct PeopleThing {
        uint32_t owner; /* whose change of a list is told here: a number of the caller's, below n_owners */
        Kind kind;
        bool is_root;     /* the kind's root in a project, or the organisation's */
        bool is_new;      /* in `after` alone: what comes down there from above is neither a gain nor a loss */
        const char *name;    /* for people: `data-science-a`, `the root of areas`; lives as long as the context */
        const char *project; /* its name, where it is told elsewhere; or NULL */
} PeopleThing;

typedef struct PeopleSpec {
        AccessView *before, *after; /* of one organisation */
        const Index *closed_groups; /* new in `after`: groups whose members are not known */
        size_t n_closed_groups;
        Index except; /* not one of the people, or INDEX_NONE */
        uint32_t n_owners;
        PeopleThing (*thing)(void *context, uint8_t space, const char *token);
        /* Whose change a membership is that differs: the owner, or UINT32_MAX when that is not known. */
        uint32_t (*owner_of_member)(void *context, Index container, Index member);
        void *context;
} PeopleSpec;

/* How many things of a row each of its people has. */
#define PEOPLE_EACH_ALL 0
#define PEOPLE_EACH_SOME UINT32_MAX

/* Equal people, equal permissions, one kind. */
typedef struct PeopleRow {
        uint32_t owner;
        PeopleVerb verb;
        Kind kind;
        bool is_root;
        uint8_t space;
        uint32_t bits;
        uint32_t n_known; /* people */
        const char **known; /* names of up to ACCESS_PEOPLE_NAMES_MAX, sorted */
        size_t n_known_named;
        uint32_t n_everyone; /* groups of which everyone */
        const char **everyone;
        size_t n_everyone_named;
        uint32_t n_things;
        const char **things;
        size_t n_things_named;
        uint32_t each; /* PEOPLE_EACH_ALL, PEOPLE_EACH_SOME, or so many */
} PeopleRow;

/* Who has something before and, as far as is known, nothing after: each once, however much that is. */
typedef struct PeopleLosing {
        uint32_t n_known;
        uint32_t n_everyone;
        const char **everyone; /* up to ACCESS_PEOPLE_NAMES_MAX */
        size_t n_everyone_named;
} PeopleLosing;

typedef struct People {
        PeopleRow *rows; /* by owner, verb, kind, people */
        size_t n_rows;
        uint32_t *n_left_out; /* by owner: rows beyond ACCESS_PEOPLE_ROWS_MAX */
        PeopleLosing *losing; /* by owner */
        size_t n_untold;      /* differences beyond ACCESS_PEOPLE_FACTS_MAX */
        size_t n_uncompared;  /* beyond ACCESS_PEOPLE_COMPARISONS_MAX */
} People;

/* Looks only at what differs between the views, and at whom it concerns. */
People *access_people_new(Mem *parent, const PeopleSpec *spec);
/* Brings rows that were put together into their order. */
void people_sort(People *people);

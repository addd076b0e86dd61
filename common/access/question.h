/* SPDX-License-Identifier: Apache-2.0 */
/* Question: what a matrix is asked about: which principals, things and permissions of a project. */
#pragma once

#include "common/access/matrix.h"
#include "common/access/things.h"

/* A permission that is asked about. */
typedef struct Asked {
        uint8_t space;
        uint32_t bit; /* 0: of a kind whose entries are not read */
        char mark;    /* its letter in a table */
        const char *word;
} Asked;

typedef struct AskedList {
        Asked *items;
        size_t n;
} AskedList;

/* One team at one thing: every permission of the kind is told, with its reason. */
static inline bool access_question_is_of_one(const AccessMatrixSpec *spec) {
        return spec->team && spec->at_name;
}
/* The charter's projects that the filters let pass, in its order; below parent. */
const DesiredProject **access_question_projects(Mem *parent, const AccessMatrixSpec *spec, size_t *np);
/* Names; below parent. */
const char **access_question_principals(Mem *parent, const AccessMatrixSpec *spec,
                                        const DesiredProject *project, size_t *np);
/* By kind, name; below parent, their names too. */
ThingName *access_question_things(Mem *parent, const AccessMatrixSpec *spec,
                                  const DesiredProject *project, size_t *np);
/* Where a thing lives for a permission of that namespace: the organisation is in several. */
AccessPlace access_question_place(Mem *parent, const AccessMatrixSpec *spec, const AccessNames *names,
                                  const DesiredProject *project, const ThingName *thing, uint8_t space);
/* True when the filters let a thing of the project pass. */
bool access_question_is_at(const AccessMatrixSpec *spec, const DesiredProject *project, Kind kind,
                           const char *name);
/* Below parent. */
AskedList access_question_asked(Mem *parent, const AccessMatrixSpec *spec, Kind kind);
/* Why nothing is asked about: the filters name nothing. NULL: nothing is wrong with them. */
const char *access_question_tell_nothing(Mem *parent, const AccessMatrixSpec *spec);

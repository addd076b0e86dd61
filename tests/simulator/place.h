/* SPDX-License-Identifier: Apache-2.0 */
/* A place where permissions stand: a namespace with a token, named by people as a kind with a name.
 */
#pragma once

#include "tests/simulator/world.h"
#include "tests/simulator/written.h"

typedef struct Place {
        const Namespace *ns;
        const char *token; /* in the arena it was found with */
} Place;

/* What an object says with "kind", "name", "branch", "project", or with "namespace" and "token".
 * project is the one meant when the object names none; may be NULL. 0, or -1 with a mistake. */
int place_read(Arena *arena, Organization *organization, Project *project, const Written *object,
               Place *placep);
/* Whether the object names a place at all. */
bool place_is_named(const Written *object);
/* The keys place_read() understands, for written_check_keys(). */
#define PLACE_KEYS "kind", "name", "branch", "project", "namespace", "token"

/* The project an object names with "project", else the given one. NULL with a mistake when it is
 * nobody's name, or when there is neither. */
Project *place_project(Organization *organization, Project *project, const Written *object);
/* Who an object names under a key (see directory_find_word()); a bare name is a group of project
 * too. NULL with a mistake. */
Identity *place_principal(Organization *organization, Project *project, const Written *object,
                          const char *key);
/* The same for an item of a list. */
Identity *place_principal_item(Organization *organization, Project *project, const Written *item);
/* A namespace by id or name; NULL when there is none. */
const Namespace *place_find_namespace(const char *word);
/* The bits of a list of permission words under a key: API names, display names, or the number of a
 * bit without one. Words the namespace does not have are mistakes. 0 when absent. */
uint32_t place_bits(const Namespace *ns, const Written *object, const char *key);
/* The words of a mask, in order of bits. */
cJSON *place_words(const Namespace *ns, uint32_t mask);

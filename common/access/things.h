/* SPDX-License-Identifier: Apache-2.0 */
/* Things: what a project of the charter names: the project itself, what is owned, what nobody owns, what rules name. */
#pragma once

#include "common/access/confine.h"

typedef struct ThingName {
        Kind kind;
        const char *name;  /* "" the project, or all of a kind: its root */
        const char *owner; /* a team or group, or NULL */
} ThingName;

/* Each once, by kind, name; below parent. */
ThingName *access_things_of(Mem *parent, const DesiredProject *project, size_t *np);
/* Its name for people. */
const char *access_thing_title(const char *project, Kind kind, const char *name);
/* Where it lives; the root of nested kinds stands in the charter as "/". */
AccessPlace access_thing_place(Mem *parent, const AccessNames *names, const DesiredProject *project, Kind kind,
                               const char *name);
/* Of kinds that the charter is not about nothing was read, and what is not known is not closed. A project that is still
 * to be made (INDEX_NONE) has nothing. */
bool access_kind_is_read(const Organisation *live, Index project, Kind kind);

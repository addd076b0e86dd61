/* SPDX-License-Identifier: Apache-2.0 */
/* Role: what the service calls a set of permissions on things of one kind (facts §4). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/model/kind.h"

/* The same name may be another set of permissions at a kind's root than at one thing. */
typedef enum RoleLevel {
        ROLE_OF_ARTEFACT,
        ROLE_OF_ROOT,
        _ROLE_LEVEL_N,
} RoleLevel;

typedef struct RoleDefinition {
        const char *name; /* `Administrator` */
        uint32_t allow;
        uint32_t deny;
} RoleDefinition;

typedef struct RoleTable {
        const RoleDefinition *items;
        size_t n;
} RoleTable;

/* The table in the program (facts §4.3), for use offline; empty for kinds without roles. */
RoleTable role_table_builtin(Kind kind, RoleLevel level);
/* By name, any case; NULL when there is none. */
const RoleDefinition *role_find(RoleTable table, const char *name);
/* The role that is exactly these masks, or NULL. */
const RoleDefinition *role_of_masks(RoleTable table, uint32_t allow, uint32_t deny);
/* The nearest name, or NULL. */
const char *role_nearest(RoleTable table, const char *name);

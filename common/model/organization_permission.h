/* SPDX-License-Identifier: Apache-2.0 */
/* OrganizationPermission: a permission of the organisation itself, which stands in one of several namespaces. */
#pragma once

#include "common/model/permission.h"

typedef struct OrganizationPermission {
        uint8_t space;
        uint32_t bit;
} OrganizationPermission;

/* The permission of a word at `at: organization` (facts §10): those that the portal shows there before others of the
 * same namespaces; `Process/Delete` names the namespace. How many there are: 0 unknown, 1, more: ambiguous, and all of
 * them are in `found`. */
size_t organization_permission_find(const PermissionTable *table, const char *word,
                                    OrganizationPermission found[static _NAMESPACE_N]);
/* Whether the word means a bit of that namespace; *bitp the bit, 0 when it does not. */
uint32_t organization_permission_bit(const PermissionTable *table, uint8_t space, const char *word);
/* The bits of a namespace that the portal shows among the organisation's permissions; 0: it has none of them. */
uint32_t organization_permission_shown(uint8_t space);
/* The nearest word of all of them, or NULL. */
const char *organization_permission_nearest(const PermissionTable *table, const char *word);

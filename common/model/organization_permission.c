/* SPDX-License-Identifier: Apache-2.0 */
/* OrganizationPermission: the words of `at: organization`. */
#include <string.h>

#include "common/base/text.h"
#include "common/model/organization_permission.h"

#define ALL UINT32_MAX

/* What the portal shows under Organization settings, Permissions (facts §10). */
static const struct {
        NamespaceIndex space;
        uint32_t shown;
} rows[] = {
        {NAMESPACE_COLLECTION, ALL},
        {NAMESPACE_PROJECT, 4},        /* Delete team project */
        {NAMESPACE_SERVER, 4},         /* Make requests on behalf of others */
        {NAMESPACE_PROCESS, 15},       /* Edit, Delete, Create process, Administer process permissions */
        {NAMESPACE_VERSION_CONTROL, 14}, /* Create a workspace, Administer workspaces, shelved changes */
        {NAMESPACE_BUILD_ADMINISTRATION, ALL},
        {NAMESPACE_AUDIT_LOG, 13}, /* View audit log, Manage, Delete audit streams */
};
enum {
        ROWS_N = sizeof rows / sizeof *rows
};

static size_t find_among(const PermissionTable *table, const char *word, bool shown_alone,
                         OrganizationPermission *found) {
        size_t n = 0;

        for (size_t i = 0; i < ROWS_N; i++) {
                uint32_t bit = permission_bit(&table->items[rows[i].space], word);

                if (bit & (shown_alone ? rows[i].shown : ALL))
                        found[n++] = (OrganizationPermission){(uint8_t)rows[i].space, bit};
        }
        return n;
}

/* `Process/Delete` */
static size_t find_qualified(const PermissionTable *table, const char *word,
                             OrganizationPermission *found) {
        const char *slash = strchr(word, '/');

        for (size_t i = 0; slash && i < ROWS_N; i++) {
                const PermissionNamespace *space = &table->items[rows[i].space];
                size_t n = (size_t)(slash - word);

                if (strlen(space->name) != n || !text_equal_n(space->name, word, n))
                        continue;
                *found = (OrganizationPermission){(uint8_t)rows[i].space,
                                                  permission_bit(space, slash + 1)};
                return found->bit ? 1 : 0;
        }
        return 0;
}

size_t organization_permission_find(const PermissionTable *table, const char *word,
                                    OrganizationPermission found[static _NAMESPACE_N]) {
        size_t n = find_qualified(table, word, found);

        if (n == 0)
                n = find_among(table, word, /* shown_alone= */ true, found);
        return n ? n : find_among(table, word, /* shown_alone= */ false, found);
}

uint32_t organization_permission_bit(const PermissionTable *table, uint8_t space,
                                     const char *word) {
        OrganizationPermission found[_NAMESPACE_N];

        if (organization_permission_find(table, word, found) != 1 || found[0].space != space)
                return 0;
        return found[0].bit;
}

uint32_t organization_permission_shown(uint8_t space) {
        for (size_t i = 0; i < ROWS_N; i++)
                if (rows[i].space == space)
                        return rows[i].shown;
        return 0;
}

const char *organization_permission_nearest(const PermissionTable *table, const char *word) {
        const char *nearest[ROWS_N];
        size_t n = 0;

        for (size_t i = 0; i < ROWS_N; i++) {
                nearest[n] = permission_nearest(&table->items[rows[i].space], word);
                n += nearest[n] != NULL;
        }
        return text_nearest(word, nearest, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Words: the permission words that a charter can say. */
#include "common/model/kind.h"
#include "common/model/organization_permission.h"
#include "daemon/words.h"

static void print_space(const PermissionNamespace *space, uint32_t bits, Text *text) {
        for (size_t i = 0; i < space->n_permissions; i++) {
                const Permission *permission = &space->permissions[i];

                if (permission->bit & bits & permission_settable(space))
                        text_appendf(text, "  %-56s %s\n", permission->display, permission->name);
        }
}

static void print_organization(const PermissionTable *table, Text *text) {
        for (uint8_t space = 0; space < _NAMESPACE_N; space++)
                print_space(&table->items[space], organization_permission_shown(space), text);
}

static void print_kind(const PermissionTable *table, const KindRow *row, Text *text) {
        text_appendf(text, "\n%s%s\n", row->key, kind_has(row->kind, KIND_IS_EXPERIMENTAL) ? " (experimental)" : "");
        if (row->kind == KIND_ORGANIZATION) {
                print_organization(table, text);
                return;
        }
        if (kind_has(row->kind, KIND_HAS_ROLES)) {
                text_append(text, "  roles, as the service defines them\n");
                return;
        }
        print_space(&table->items[row->space], UINT32_MAX, text);
}

void words_print(Text *text) {
        const PermissionTable *table = permission_table_builtin();

        text_append(text, "Permissions of each kind for `allow` and `deny`: the portal's word, or the API's beside it,\n"
                          "upper or lower case. A word that is not here is looked for in the service's own list.\n");
        for (int kind = 0; kind < _KIND_N; kind++)
                if (kind_has((Kind)kind, KIND_IS_BUILT) && kind_namespace((Kind)kind) >= 0)
                        print_kind(table, kind_row((Kind)kind), text);
}

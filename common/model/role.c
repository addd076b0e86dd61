/* SPDX-License-Identifier: Apache-2.0 */
/* Role: the table of sets of permissions that have a name. */
#include <assert.h>

#include "common/base/text.h"
#include "common/model/role.h"

typedef struct RoleRow {
        Kind kind;
        RoleLevel level;
        RoleTable table;
} RoleRow;

/* ServiceEndpoints: Use 1, Administer 2, Create 4, ViewEndpoint 16. */
static const RoleDefinition endpoint_roles[] = {
        {"Administrator", 3, 0},
        {"User", 1, 0},
        {"Reader", 16, 0},
};
static const RoleDefinition all_endpoints_roles[] = {
        {"Administrator", 3, 0},
        {"Creator", 21, 0},
        {"User", 1, 0},
        {"Reader", 16, 0},
};
/* Environment: View 1, Manage 2, Administer 8, Use 16, Create 32. */
static const RoleDefinition environment_roles[] = {
        {"Administrator", 27, 0},
        {"User", 17, 0},
        {"Reader", 1, 0},
};
static const RoleDefinition all_environments_roles[] = {
        {"Administrator", 27, 0},
        {"Creator", 49, 0},
        {"User", 17, 0},
        {"Reader", 1, 0},
};
/* Library: View 1, Administer 2, Create 4, Use 16. */
static const RoleDefinition item_roles[] = {
        {"Administrator", 19, 0},
        {"User", 17, 0},
        {"Reader", 1, 0},
};
static const RoleDefinition library_roles[] = {
        {"Administrator", 19, 0},
        {"Creator", 21, 0},
        {"User", 17, 0},
        {"Reader", 1, 0},
};
/* DistributedTask: View 1, Manage 2, AdministerPermissions 8, Use 16, Create 32. */
static const RoleDefinition queue_roles[] = {
        {"Administrator", 27, 0},
        {"Creator", 49, 0},
        {"User", 17, 0},
        {"Reader", 1, 0},
};

#define ROLES(rows_) \
        { (rows_), sizeof(rows_) / sizeof(*(rows_)) }

static const RoleRow rows[] = {
        {KIND_SERVICE_CONNECTION, ROLE_OF_ARTEFACT, ROLES(endpoint_roles)},
        {KIND_SERVICE_CONNECTION, ROLE_OF_ROOT, ROLES(all_endpoints_roles)},
        {KIND_ENVIRONMENT, ROLE_OF_ARTEFACT, ROLES(environment_roles)},
        {KIND_ENVIRONMENT, ROLE_OF_ROOT, ROLES(all_environments_roles)},
        {KIND_VARIABLE_GROUP, ROLE_OF_ARTEFACT, ROLES(item_roles)},
        {KIND_VARIABLE_GROUP, ROLE_OF_ROOT, ROLES(library_roles)},
        {KIND_SECURE_FILE, ROLE_OF_ARTEFACT, ROLES(item_roles)},
        {KIND_SECURE_FILE, ROLE_OF_ROOT, ROLES(library_roles)},
        {KIND_AGENT_QUEUE, ROLE_OF_ARTEFACT, ROLES(queue_roles)},
        {KIND_AGENT_QUEUE, ROLE_OF_ROOT, ROLES(queue_roles)},
};

enum {
        ROLE_CANDIDATES_MAX = 64, /* that a mistyped name is compared with */
};

RoleTable role_table_builtin(Kind kind, RoleLevel level) {
        assert(kind < _KIND_N && level < _ROLE_LEVEL_N);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (rows[i].kind == kind && rows[i].level == level)
                        return rows[i].table;
        return (RoleTable){0};
}

const RoleDefinition *role_find(RoleTable table, const char *name) {
        for (size_t i = 0; i < table.n; i++)
                if (text_equal(table.items[i].name, name))
                        return &table.items[i];
        return NULL;
}

const RoleDefinition *role_of_masks(RoleTable table, uint32_t allow, uint32_t deny) {
        for (size_t i = 0; i < table.n && (allow | deny) != 0; i++)
                if (table.items[i].allow == allow && table.items[i].deny == deny)
                        return &table.items[i];
        return NULL;
}

const char *role_nearest(RoleTable table, const char *name) {
        const char *candidates[ROLE_CANDIDATES_MAX];
        size_t n = 0;

        while (n < table.n && n < ROLE_CANDIDATES_MAX) {
                candidates[n] = table.items[n].name;
                n++;
        }
        return text_nearest(name, candidates, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Permission: a bit of a security namespace with its words. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/guid.h"
#include "common/base/mem.h"

typedef struct Permission {
        uint32_t bit;        /* the mask, one bit set */
        const char *name;    /* the API's: GenericContribute */
        const char *display; /* the portal's: Contribute */
} Permission;

enum {
        /* What the service gives on a branch to whoever makes it: Contribute, Force push, Manage
         * permissions, Remove others' locks (facts §3.9). */
        GIT_BRANCH_CREATOR_BITS = 4 | 8 | 4096 | 8192,
        /* Of an entry that makes a team's administrator (facts §3.4). */
        IDENTITY_ADMINISTRATOR_BITS = 31,
};

/* facts §3.1, §3.2 */
typedef struct PermissionNamespace {
        Guid id;
        const char *name;
        char separator; /* 0: flat */
        uint32_t read_permission;
        uint32_t write_permission;
        uint32_t system_mask; /* reserved bits: never sent */
        uint32_t all_bits;
        const Permission *permissions; /* by bit */
        size_t n_permissions;
        bool is_missing; /* the service has none of that id: this row is the program's own */
} PermissionNamespace;

/* Bits a charter can set: listed by the service and not reserved. */
static inline uint32_t permission_settable(const PermissionNamespace *space) {
        return space->all_bits & ~space->system_mask;
}

/* The namespaces this program's kinds need, by a small number; indexes of PermissionTable.items. A set of them is
 * a uint32_t, one bit each. */
typedef enum NamespaceIndex {
        /* of every project that is governed */
        NAMESPACE_PROJECT,
        NAMESPACE_GIT,
        NAMESPACE_BUILD,
        NAMESPACE_CSS,
        NAMESPACE_IDENTITY,
        NAMESPACE_SERVICE_ENDPOINTS,
        _NAMESPACE_NEEDED_N, /* a service without one of these is not understood */
        /* of projects whose charter governs a kind there */
        NAMESPACE_ITERATION = _NAMESPACE_NEEDED_N,
        NAMESPACE_QUERIES,
        NAMESPACE_TAGGING,
        NAMESPACE_ENVIRONMENT,
        NAMESPACE_LIBRARY,
        NAMESPACE_DISTRIBUTED_TASK, /* pools, queues */
        /* of the organisation (facts §10) */
        NAMESPACE_COLLECTION,
        NAMESPACE_SERVER,
        NAMESPACE_PROCESS,
        NAMESPACE_VERSION_CONTROL,
        NAMESPACE_BUILD_ADMINISTRATION,
        NAMESPACE_AUDIT_LOG,
        /* of experimental kinds */
        NAMESPACE_RELEASE, /* c788c23e-…; another one has the same name */
        NAMESPACE_ANALYTICS_VIEWS,
        NAMESPACE_PLAN,
        NAMESPACE_DASHBOARDS,
        _NAMESPACE_N,
} NamespaceIndex;

_Static_assert(_NAMESPACE_N <= 32, "a set of namespaces is one uint32_t");

/* All namespaces: the first _NAMESPACE_N in the order above, the rest as they came. */
typedef struct PermissionTable {
        const PermissionNamespace *items;
        size_t n;
} PermissionTable;

/* The table in the program (namespaces as recorded, facts §3.2), 61 rows; for use offline. */
const PermissionTable *permission_table_builtin(void);
const PermissionNamespace *permission_table_find(const PermissionTable *table, Guid id);

/* The bit of a word: API name, portal name, or the portal's other name for it (facts §10), any case; 0 when
 * there is none. */
uint32_t permission_bit(const PermissionNamespace *space, const char *word);
/* The portal's word of one bit; the API's when the portal shows none; `bit N` (below parent) when unknown. */
const char *permission_word(Mem *parent, const PermissionNamespace *space, uint32_t bit);
/* The nearest word of the namespace, or NULL. */
const char *permission_nearest(const PermissionNamespace *space, const char *word);

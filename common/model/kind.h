/* SPDX-License-Identifier: Apache-2.0 */
/* Kind: a sort of thing that an organisation holds, one row of a table each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/permission.h"

typedef enum Kind {
        KIND_PROJECT,
        KIND_REPOSITORY,
        KIND_PIPELINE_FOLDER,
        KIND_AREA,
        KIND_SERVICE_CONNECTION,
        /* principals: no key among a team's artefacts */
        KIND_TEAM,
        KIND_GROUP,
        KIND_BRANCH,
        KIND_PIPELINE,
        KIND_ITERATION,
        KIND_QUERY,
        KIND_TAGGING,
        KIND_ENVIRONMENT,
        KIND_VARIABLE_GROUP,
        KIND_SECURE_FILE,
        KIND_AGENT_QUEUE,
        KIND_RELEASE_FOLDER,
        KIND_ANALYTICS_VIEW,
        KIND_DELIVERY_PLAN,
        KIND_DASHBOARD,
        KIND_ORGANIZATION,
        _KIND_N,
} Kind;

typedef enum KindTrait {
        KIND_HAS_PERMISSIONS = 1 << 0, /* grants by permission words */
        KIND_HAS_ROLES = 1 << 1,       /* grants by role */
        KIND_CAN_BE_OWNED = 1 << 2,    /* may stand under `owns` and as a key of a project */
        KIND_IS_CREATED = 1 << 3,      /* made when a team owns it and it is missing */
        KIND_IS_NESTED = 1 << 4,       /* names are paths with / or \ */
        KIND_IS_BUILT = 1 << 5,        /* false: refused with that word until it is */
        KIND_IS_EXPERIMENTAL = 1 << 6, /* facts are thin: only when the settings name it */
        KIND_IS_NAMED_BY_ID = 1 << 7,  /* never read: what is named is the end of its token */
        KIND_IS_WHOLE = 1 << 8,        /* without artefacts: only its root is named */
        _KIND_TRAIT_LAST = KIND_IS_WHOLE,
} KindTrait;

enum {
        KIND_WITHOUT_NAMESPACE = -1,
};

typedef struct KindRow {
        Kind kind;
        const char *key;    /* in the charter: `pipeline_folders` */
        const char *noun;   /* for people: `pipeline folder` */
        const char *things; /* for people, what its project-level root stands for: `pipelines`; or NULL */
        int space;          /* NamespaceIndex of its security namespace, or KIND_WITHOUT_NAMESPACE */
        unsigned traits;
} KindRow;

const KindRow *kind_row(Kind kind);
static inline bool kind_has(Kind kind, KindTrait trait) {
        return kind_row(kind)->traits & trait;
}
/* The kind at whose project-level root this one hangs: itself, but of branches, which lie below repositories, of
 * pipelines, which lie in folders, and of secure files, which lie in the same library as variable groups. */
Kind kind_at_root(Kind kind);
/* NamespaceIndex of the security namespace that governs it, of a kind with roles the one in which its roles are entries;
 * KIND_WITHOUT_NAMESPACE for principals. */
static inline int kind_namespace(Kind kind) {
        return kind_row(kind)->space;
}
/* The kind of what a namespace's token above all others stands for: the one that hangs at its project-level root, teams
 * for identities; KIND_ORGANIZATION for what is the organisation's. */
Kind kind_of_namespace(uint8_t space);
/* Its permissions as the program knows them, for use offline; NULL for principals. */
const PermissionNamespace *kind_permissions(Kind kind);
/* By its key in the charter; _KIND_N when there is none. */
Kind kind_by_key(const char *key);
/* All keys with one of the traits, in the order of the table; the array is static, n counted, NULL behind them. */
const char *const *kind_keys(unsigned traits, size_t *np);

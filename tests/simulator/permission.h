/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions that appear in a namespace while the service runs. */
#pragma once

#include "tests/simulator/world.h"

/* The namespace with what appeared in it. For what shows or reads names; bits alone are as in
 * namespace_get(). */
const Namespace *permission_namespace(const World *world, NamespaceIndex index);

typedef struct PermissionSpec {
        NamespaceIndex ns;
        double bit;
        const char *name;
        const char *display_name; /* NULL: the name */
        bool reserved;            /* by the system (facts §3.1) */
} PermissionSpec;

/* 0, or -1 with *errorp: what is wrong with it, a constant sentence. */
int permission_add(World *world, const PermissionSpec *spec, const char **errorp);

/* SPDX-License-Identifier: Apache-2.0 */
/* Role: definitions and assignments of roles on the wire (facts §4). */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

enum {
        ROLE_DEFINITIONS_MAX = 64, /* of one scope */
};

/* Something on which roles are assigned: an artefact, or the root of its kind in a project. */
typedef struct RoleResource {
        Kind kind; /* with roles */
        Index project;
        Index entity; /* INDEX_NONE: the root */
} RoleResource;

static inline RoleLevel role_resource_level(const RoleResource *resource) {
        return resource->entity == INDEX_NONE ? ROLE_OF_ROOT : ROLE_OF_ARTEFACT;
}

/* GET roledefinitions: Organisation.roles of a kind, which the answer replaces. */
Request role_definitions_request(Mem *parent, Kind kind, RoleLevel level);
int role_definitions_take(Organisation *organisation, Kind kind, RoleLevel level,
                          const Reply *reply, const char **reasonp);

/* PUT roleassignments: gives one identity the role; who else has one keeps it. */
Request role_set_request(Mem *parent, const Organisation *organisation,
                         const RoleResource *resource, Index identity, const char *role);
/* 0: the answer names the role that was asked for; 1: nothing was done though the answer is a yes,
 * with *reasonp why (facts §0.4); negative: malformed. */
int role_set_take(Mem *parent, const char *role, const Reply *reply, const char **reasonp);
/* DELETE roleassignments: takes one identity's role. */
Request role_remove_request(Mem *parent, const Organisation *organisation,
                            const RoleResource *resource, Index identity);
/* PATCH ?inheritPermissions=: of one artefact. */
Request role_inherit_request(Mem *parent, const Organisation *organisation,
                             const RoleResource *resource, bool inherit);

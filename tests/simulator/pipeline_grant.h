/* SPDX-License-Identifier: Apache-2.0 */
/* Which pipelines may use what: service connections, repositories, and the kinds of resource.h
 * (facts §4.5). */
#pragma once

#include "tests/simulator/world.h"

#define TYPE_ENDPOINT "endpoint"
#define TYPE_REPOSITORY "repository"

enum {
        ALL_PIPELINES = 0
}; /* in place of a definition's id */

/* Something a pipeline may use. */
typedef struct Usable {
        const char *type; /* "endpoint", "environment", as the service has them */
        const char *id;   /* of a repository "{project}.{repository}" */
        NamespaceIndex ns;
        const char *token;
        uint32_t view;   /* the bits one needs to see the grants */
        uint32_t manage; /* and to change them */
} Usable;

/* By type and id, in any case; false when it is not there. */
bool usable_find(Arena *arena, Project *project, const char *type, const char *id, int64_t as_of,
                 Usable *usablep);

/* The one that stands now; NULL: none. */
PipelineGrant *pipeline_grant_find(const Project *project, const Usable *usable, int pipeline);
void pipeline_grant_set(Project *project, const Usable *usable, int pipeline, bool authorized,
                        Identity *by);

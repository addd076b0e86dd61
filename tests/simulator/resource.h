/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines use: agent queues, variable groups, secure files, environments (facts §6.8). */
#pragma once

#include "tests/simulator/world.h"

/* What is the same for all of a kind, and the bits that count for it (facts §3.2, §3.9). */
typedef struct ResourceTraits {
        const char *word;  /* "agent queue": in places, snapshots, and with "_" in names of hands */
        const char *words; /* "agent queues": what the token of a project's root stands for */
        NamespaceIndex ns;
        const char *prefix; /* of tokens, before the project's id */
        const char *infix;  /* between that and the id of one */
        uint32_t view;
        uint32_t manage; /* change, delete */
        uint32_t use;
        uint32_t create;  /* at the project's root */
        uint32_t creator; /* what its maker has on it */
} ResourceTraits;

const ResourceTraits *resource_traits(ResourceKind kind);
/* What pipeline permissions call it (facts §4.5). */
const char *resource_pipeline_type(ResourceKind kind);

typedef struct ResourceSpec {
        const char *name;
        const char *description; /* NULL: none */
        const char *type;        /* of a variable group; NULL: "Vsts" */
        const char *variables;   /* of a variable group: a JSON object's text; NULL: none */
        Pool *pool;              /* of a queue; NULL: the one of the same name, made when missing */
        Identity *actor;         /* has the maker's entry; NULL: nobody */
} ResourceSpec;

/* Names are taken as given: callers look for duplicates. */
Resource *resource_create(Project *project, ResourceKind kind, const ResourceSpec *spec);
/* What is NULL in the specification stays as it is. */
void resource_update(Resource *resource, const ResourceSpec *spec);
void resource_delete(Resource *resource);

/* By name (any case) or id, as of a time; NULL when not there. */
Resource *project_find_resource(Project *project, ResourceKind kind, const char *name_or_id,
                                int64_t as_of);
/* By id alone. */
Resource *project_find_resource_id(Project *project, ResourceKind kind, const char *id,
                                   int64_t as_of);

char *token_of_resource(Arena *arena, const Resource *resource);
/* Of all of a kind in a project. */
char *token_of_resources(Arena *arena, const Project *project, ResourceKind kind);

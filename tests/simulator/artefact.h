/* SPDX-License-Identifier: Apache-2.0 */
/* Things of a project: made, renamed, moved, deleted, with the entries that appear by themselves (facts §3.9). */
#pragma once

#include "tests/simulator/world.h"

/* Names are taken as given: names.h checks them, callers look for duplicates. actor may be NULL (nobody gets the
 * creator's entries). */

typedef struct ProjectSpec {
        const char *name;
        const char *id;          /* NULL: made from the world's random numbers */
        const char *description; /* NULL: none */
        const char *visibility;  /* NULL: "private" */
        const char *process_id;  /* NULL: Agile */
        Identity *actor;         /* becomes a Project Administrator; NULL: nobody */
} ProjectSpec;

/* A well-formed project with default groups, default team, root nodes, a repository of its name, entries. */
Project *project_create(Organization *organization, const ProjectSpec *spec);
void project_rename(Project *project, const char *name);
void project_describe(Project *project, const char *description, const char *visibility);
void project_set_state(Project *project, ProjectState state);
void project_delete(Project *project);
void project_free(Project *project); /* for organization_free() */

Team *team_create(Project *project, const char *name, const char *description, Identity *actor);
void team_delete(Team *team);
/* Replaces the team's areas. values are copied. */
void team_set_areas(Team *team, const char *default_area, const TeamFieldValue *values, size_t n_values);
/* Takes iterations, bugs, days and backlogs over from a copy. */
void team_set_settings(Team *team, const Team *settings);
/* Grants the Identity entry that makes an administrator (facts §3.4). */
void team_add_administrator(Team *team, const Identity *identity);
bool team_is_administrator(const Team *team, const Identity *identity, int64_t as_of);

Repository *repository_create(Project *project, const char *name, Identity *actor);
void repository_rename(Repository *repository, const char *name);
void repository_set_default_branch(Repository *repository, const char *ref);
void repository_set_disabled(Repository *repository, bool disabled);
void repository_recycle(Repository *repository, Identity *actor);
void repository_restore(Repository *repository);
void repository_destroy(Repository *repository);
/* ref is full; the first branch becomes the default one. */
Branch *branch_create(Repository *repository, const char *ref, Identity *actor);
void branch_delete(Branch *branch);

Node *node_create(Node *parent, const char *name);
void node_rename(Node *node, const char *name);
void node_set_dates(Node *node, const char *start, const char *finish);
void node_move(Node *node, Node *parent);
void node_delete(Node *node); /* children go too */
size_t node_depth(const Node *node);
bool node_below(const Node *node, const Node *ancestor, int64_t as_of);
/* "\\Project\\Area\\A\\B" */
const char *node_path(Arena *arena, const Node *node, int64_t as_of);
/* "Project\\A\\B", as teams' field values have it */
const char *node_field_path(Arena *arena, const Node *node, int64_t as_of);

/* Makes missing parents too; path in either spelling. */
Folder *folder_create(Project *project, const char *path, const char *description, Identity *actor);
/* The same among the folders of releases. */
Folder *release_folder_create(Project *project, const char *path, const char *description, Identity *actor);
/* Renames or moves with everything below it; ACLs stay where they are. */
void folder_move(Folder *folder, const char *path, Identity *actor);
void folder_describe(Folder *folder, const char *description, Identity *actor);
void folder_delete(Folder *folder);
/* "\\A\\B" of "A/B", "\\A\\B\\", "/A/B"; "\\" of "". */
char *folder_normalize(Arena *arena, const char *path);

typedef struct DefinitionSpec {
        const char *name;
        const char *path; /* of its folder; made when missing */
        Repository *repository;
        const char *yaml;
        Identity *actor;
} DefinitionSpec;

Definition *definition_create(Project *project, const DefinitionSpec *spec);
/* A classic release pipeline; repository and yaml are not asked for. */
Definition *release_create(Project *project, const DefinitionSpec *spec);
void definition_update(Definition *definition, const char *name, const char *path);
void definition_delete(Definition *definition);

typedef struct EndpointSpec {
        const char *name;
        const char *description;
        const char *type;   /* NULL: "generic" */
        const char *url;    /* NULL: "https://example.invalid/" */
        const char *scheme; /* NULL: "UsernamePassword" */
        Identity *actor;
} EndpointSpec;

Endpoint *endpoint_create(Project *project, const EndpointSpec *spec);
void endpoint_share(Endpoint *endpoint, Project *project);
void endpoint_unshare(Endpoint *endpoint, Project *project);
void endpoint_rename(Endpoint *endpoint, const char *name, const char *description);
void endpoint_delete(Endpoint *endpoint);

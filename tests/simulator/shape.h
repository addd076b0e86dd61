/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes that several areas answer with: references to people, projects. */
#pragma once

#include "tests/simulator/http.h"

typedef enum IdentityMembers {
        IDENTITY_MEMBERS_NONE,
        IDENTITY_MEMBERS_DIRECT,
        IDENTITY_MEMBERS_EXPANDED, /* both ways */
        IDENTITY_MEMBERS_EXPANDED_UP,
        IDENTITY_MEMBERS_EXPANDED_DOWN,
} IdentityMembers;

/* An Identity as IMS answers it (facts §5.5), as of the request's time. */
cJSON *shape_identity(Request *request, const Identity *identity, IdentityMembers members);
/* The short form of connectionData (facts §1.6). */
cJSON *shape_short_identity(Request *request, const Identity *identity);
/* An IdentityRef; null for NULL. */
cJSON *shape_identity_ref(Request *request, const Identity *identity);
/* {displayName, id, uniqueName}, as several areas refer to people. */
cJSON *shape_identity_name(Request *request, const Identity *identity);
cJSON *shape_project_ref(Request *request, const Project *project);
const char *shape_project_state(ProjectState state);
const char *shape_project_url(Request *request, const Project *project);
/* "https://…/_apis/Identities/{id}" */
const char *shape_identity_url(Request *request, const Identity *identity);

/* May the caller do what needs these bits? Administrators of the collection always. */
bool guard_permits(const Request *request, NamespaceIndex ns, const char *token, uint32_t bits);
/* The same; else answers 403 naming the permission. */
bool guard_require(const Request *request, Response *response, NamespaceIndex ns, const char *token, uint32_t bits);
/* Whether the caller is a Project (Collection) Administrator there. project may be NULL. */
bool guard_administers(const Request *request, Project *project);
/* Whether the caller may do with a group what needs these bits of Identity on its token, or "Edit project-level
 * information" there ("… collection-level …" for the organisation's); else answers 403. group NULL: the groups of
 * the project, or of the organisation when project is NULL too, as a whole. */
bool guard_require_group(const Request *request, Response *response, const Project *project, const Identity *group,
                         uint32_t bits);
/* Whether the members of a group can be edited at all, and by the caller; else answers why not. */
bool guard_require_members(Request *request, Response *response, const Identity *container);
void guard_deny(const Request *request, Response *response, const char *permission);
/* Whether the project shows itself to the caller. */
bool guard_sees_project(const Request *request, const Project *project);
/* The project that a reference {"projectReference": {"id", "name"}} names, when the caller sees it; else answers 404. */
Project *guard_referenced_project(Request *request, Response *response, const cJSON *reference);

/* $top, $skip of a list of n items: how many are left to answer from *firstp. */
size_t page_window(const Request *request, size_t n_items, int64_t page_size, size_t *firstp);

/* SPDX-License-Identifier: Apache-2.0 */
/* Live: a live organisation, sealed, from a readable JSON file, for tests. */
#pragma once

#include "common/model/organisation.h"

/* {
 *   "organization": "https://dev.azure.com/contoso",   this when left out
 *   "self": "charterd@contoso.com",                     charterd's own identity
 *   "users": [PRINCIPAL], "entra_groups": [PRINCIPAL], "service_principals": [PRINCIPAL],
 *   "services": [PRINCIPAL],                            build services and the like
 *   "groups": [PRINCIPAL],                              of the organisation
 *   "acls": { "git repoV2": ACL, "project $PROJECT": ACL },   a namespace, a raw token
 *   "projects": [ {
 *     "name": "MLOps", "visibility": "private",         private when left out
 *     "state": "sealed",                                sealed | failed | absent
 *     "error": "...", "cannot_read": ["repositories"], "cannot_write": ["areas"],
 *     "groups": [PRINCIPAL], "teams": [PRINCIPAL],
 *     "repositories": [NAME], "pipeline_folders": [NAME], "pipelines": [NAME], "areas": [NAME],
 * "iterations": [NAME], "queries": [NAME], "service_connections": [NAME], "acls": { "project": ACL, "repositories": ACL, "teams": ACL, "areas/Data Science A": ACL,
 *               "repositories/ops//refs/heads/6d00": ACL, "branches/ops:main": ACL } } ]
 * }
 * NAME: nested ones with /, a parent before its children; the roots "/" are there by themselves.
 * PRINCIPAL: a name, or { "name", "display", "object_id", "members": [NAMES], "members_known":
 * true, "containers_known": true, and of teams "admins": [NAMES], "areas": { "default": PATH,
 * "paths": [PATH, { "path", "include_children" }] } }. ACL: { "inherit": true, "entries": { NAME:
 * ENTRY } }. ENTRY: a word, a mask ("4"), or a list of them; a word with - in front is a Deny
 * (`-Read`, `-4`); `all` is every bit of the namespace. Names of principals: a group or team of the
 * project, then of the organisation, then a person; or `[MLOps]\Readers` of another project;
 * `[contoso]\…` of the organisation. A name `unresolved X` is an identity nobody could resolve. Ids
 * follow from names: equal files, equal organisations. */

/* A mistake in the file, or a file that is not there, is said on standard error and ends the test.
 */
Organisation *live_read(Mem *parent, const char *path);
Organisation *live_parse(Mem *parent, const char *bytes, size_t n, const char *path);

/* A principal by its name as the file writes it; ends the test when there is none. */
Index live_principal(const Organisation *organisation, Index project, const char *name);
/* A place as the keys of `acls` write it (`project INDEX_NONE`: a namespace, a raw token); ends the
 * test when it names nothing. The token lives below parent. */
const char *live_token(Mem *parent, const Organisation *organisation, Index project,
                       const char *place, uint8_t *spacep);
/* The bytes of a file, terminated; ends the test when it cannot be read. */
char *live_file(Mem *parent, const char *path, size_t *np);
/* The id that follows from a name. */
Guid live_guid(const char *name);

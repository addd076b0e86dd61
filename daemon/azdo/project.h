/* SPDX-License-Identifier: Apache-2.0 */
/* Project: the team projects of an organisation (facts §6.1). */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

/* The project's id follows: what stands above the folders of shared and of private queries (facts §3.4). */
#define PROJECT_QUERIES_TOKEN "$/"

Request project_list_request(Mem *parent);
int project_list_take(Organisation *organisation, const Reply *reply, const char **reasonp, size_t *rowsp);
/* A direct read of a name: 404 is absent or hidden. */
Request project_get_request(Mem *parent, const char *name);
int project_get_take(Organisation *organisation, const Reply *reply, const char **reasonp);
/* The id of a process that every organisation has (Agile, Scrum, CMMI, Basic), or a GUID itself; NULL: its own list tells. */
const char *project_process_id(const char *process);
/* 0: *idp is the id of the process; 1: there is none of that name, *idp names those there are. */
Request project_processes_request(Mem *parent);
int project_processes_take(Mem *parent, const char *process, const Reply *reply, const char **idp,
                           const char **reasonp);
/* Answers an operation to poll. */
Request project_create_request(Mem *parent, const char *name, const char *process_id, const char *visibility);
/* The operation's id, below parent; or NULL with *reasonp. */
const char *project_create_take(Mem *parent, const Reply *reply, const char **reasonp);
Request project_operation_request(Mem *parent, const char *operation);
/* 0 succeeded, 1 still running, negative failed or malformed with *reasonp (its message below parent). */
int project_operation_take(Mem *parent, const Reply *reply, const char **reasonp);
/* Sets the tokens above all projects. facts §3.4 */
void organization_set_tokens(Organisation *organisation);
/* Sets the root tokens that follow from the project's id (all but those of areas, iterations and queries, which their
 * lists set). */
void project_set_tokens(Organisation *organisation, Index project);
/* The token from which all lists of a namespace in the project are read, below parent: the root token, once that is
 * known, or what stands above it. */
const char *project_lists_token(Mem *parent, const Organisation *organisation, Index project, uint8_t space);
/* What stands for the project in a path: its id, or its name while the id is not known. Not encoded. */
char *project_url_name(Mem *parent, const Organisation *organisation, Index project);

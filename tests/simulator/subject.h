/* SPDX-License-Identifier: Apache-2.0 */
/* Graph subjects: how people and groups look to Graph, which ones the caller sees (facts §5.2). */
#pragma once

#include "tests/simulator/http.h"

/* A GraphGroup, GraphUser or GraphServicePrincipal, as of the request's time. */
cJSON *shape_subject(Request *request, const Identity *identity);
/* "https://…/_apis/Graph/Groups/{descriptor}" */
const char *subject_url(Request *request, const Identity *identity);
/* "https://…/_apis/Graph/{collection}/{last}" */
const char *graph_url(Request *request, const char *collection, const char *last);

/* Whether the caller sees it: a group of a hidden project is hidden too. */
bool subject_seen(const Request *request, const Identity *identity);
/* The time as of which lists of Graph show it: they lag behind by Options.late_lists_ms, except that a project's
 * first groups are there with the project (facts §5.6). */
int64_t subject_list_time(const Request *request, const Identity *identity);
/* Deleted so lately that Graph still answers it. */
bool subject_lingers(const World *world, const Identity *identity);
bool identity_is_container(const Identity *identity);

/* SPDX-License-Identifier: Apache-2.0 */
/* World: the organisation that answers are taken into, with what holds of each taking and each
 * request. */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

#define WORLD_URL "https://dev.azure.com/contoso"
#define WORLD_PROJECT "11111111-2222-4333-8444-555555555555"
#define WORLD_TEAM "22222222-2222-4333-8444-555555555555"

enum {
        WORLD_NAME_MAX = 256, /* longer inputs are answers, not names too */
};

/* One project, row 0, with its tokens and its scope. */
Organisation *world_new(Mem *mem);
/* A team of that project with an identity, its row. */
Index world_add_team(Organisation *organisation);

/* An answer that was taken has no mistake, one that was not has a sentence. The sentence's place,
 * not the sentence: it is written while the first argument is made. */
void world_check_taken(int r, const char **reasonp);
/* Whatever names it holds, a request is one line of printable ASCII, and its body is JSON. */
void world_check_request(Mem *mem, const Request *request);

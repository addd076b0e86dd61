/* SPDX-License-Identifier: Apache-2.0 */
/* Team: a team's settings (facts §6.4); the list of teams is a row of the codec table. */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

/* GET and PATCH {project}/{team}/_apis/work/teamsettings/teamfieldvalues. */
Request team_areas_request(Mem *parent, const Organisation *organisation, Index team);
int team_areas_take(Organisation *organisation, Index team, const Reply *reply, const char **reasonp);
/* paths with / from the root ("/" the root itself), the default first. */
Request team_set_areas_request(Mem *parent, const Organisation *organisation, Index team,
                               const TeamAreas *areas);
/* GET and PATCH {project}/{team}/_apis/work/teamsettings: gives a new team the root iteration as backlog iteration;
 * root_iteration is the GUID of the project's root iteration node. */
Request team_set_backlog_request(Mem *parent, const Organisation *organisation, Index team,
                                 const char *root_iteration);
Request team_iteration_root_request(Mem *parent, const Organisation *organisation, Index project);
int team_iteration_root_take(Mem *parent, const Reply *reply, const char **identifierp, const char **reasonp);
/* The token of a team in the Identity namespace, where administrators stand with TEAM_ADMIN_MASK (facts §3.4). */
enum { TEAM_ADMIN_MASK = 31 };
char *team_admin_token(Mem *parent, const Organisation *organisation, Index team);

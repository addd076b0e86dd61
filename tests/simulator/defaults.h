/* SPDX-License-Identifier: Apache-2.0 */
/* What a new organisation or project comes with: groups, entries (facts §3.10, §5.4). */
#pragma once

#include "tests/simulator/world.h"

/* Groups of the organisation with their entries at the roots. */
void defaults_fill_organization(Organization *organization);
/* Groups of a project whose root nodes are made. The default team is not among them. */
void defaults_add_groups(Project *project);
/* Entries on the project's tokens; the default team must exist. */
void defaults_add_entries(Project *project);
/* Entries on Shared Queries, which must exist. */
void defaults_add_query_entries(Project *project);
/* What a first pipeline brings: the project's build service on the project's repositories. */
void defaults_add_build_service(Project *project);

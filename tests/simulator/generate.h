/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations made from numbers. */
#pragma once

#include "tests/simulator/world.h"

/* Makes one from "name=contoso,teams=100,…"; the same text makes the same organisation, ids
 * included. 0, or -1 with *errorp (malloc'd, the caller frees). */
int generate_organization(World *world, const char *spec, char **errorp);

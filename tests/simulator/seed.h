/* SPDX-License-Identifier: Apache-2.0 */
/* Seed files: organisations written down by people. */
#pragma once

#include "tests/simulator/world.h"

/* Loads one file. 0, or -1 with *errorp (malloc'd, the caller frees). */
int seed_load(World *world, const char *path, char **errorp);

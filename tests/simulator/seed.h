/* SPDX-License-Identifier: Apache-2.0 */
/* Seed files: organisations written down by people. */
#pragma once

#include "tests/simulator/hand.h"

/* Loads one file. 0, or -1 with *errorp (malloc'd, the caller frees): a line for each mistake. */
int seed_load(World *world, const char *path, char **errorp);
/* The same from text; source is what mistakes begin with. */
int seed_read(World *world, const char *source, const char *text, char **errorp);

/* A seed is read in three goes, so that things may name what stands further down. */
typedef enum SeedGo {
        SEED_MAKE, /* people, groups, projects with what is in them */
        SEED_LINK, /* members, administrators, areas of teams */
        SEED_GIVE, /* permissions, then changes by hand */
} SeedGo;

/* A member that is a list; that it is none is a mistake of the first go alone. */
bool seed_list(const Written *object, const char *key, SeedGo go, Written *listp);
/* seed_project.c: one go through one project. */
void seed_project(const Hand *hand, const Written *project, SeedGo go);
/* Items of "members" go into a group. */
void seed_members(const Hand *hand, const Written *object, Identity *group);
/* Items of "permissions": {"principal":…,"kind":…,"name":…,"allow":[…],"deny":[…]} or
 * {"kind":…,"inherit":false}. */
void seed_permissions(const Hand *hand, const Written *object);

/* SPDX-License-Identifier: Apache-2.0 */
/* World: organisations made by chance, as plain tables. */
#pragma once

#include "common/access/view.h"

enum {
        PEOPLE = 3,
        GROUPS = 7,
        ENTRA_GROUPS = 2,
        STRANGERS = 2, /* unresolved rows */
        IDENTITIES = PEOPLE + GROUPS + ENTRA_GROUPS + STRANGERS,
        GROUP_STRANGER = IDENTITIES - 1,
        TOKENS = 9,
        BITS = 4,
};

/* A tree of tokens; what has no list stands there too. */
extern const char *const tokens[TOKENS];

/* An organisation as plain tables. */
typedef struct World {
        IdentityKind kind[IDENTITIES];
        bool members_known[IDENTITIES];
        bool containers_known[IDENTITIES];
        bool in[IDENTITIES][IDENTITIES]; /* [member][container] */
        bool has_list[TOKENS];
        bool inherit[TOKENS];
        uint32_t allow[TOKENS][IDENTITIES];
        uint32_t deny[TOKENS][IDENTITIES];
} World;

typedef enum Certainty {
        CERTAIN,  /* everything is known */
        DOUBTFUL, /* unknown members, unresolved rows */
} Certainty;

/* Numbers that look like chance, the same for the same seed (not 0). */
void chance_seed(uint64_t seed);
uint32_t chance(uint32_t below);
World make_world(Certainty certainty);
/* The same as an organisation. Row i is identity i. */
Organisation *make_organisation(Mem *mem, const World *world);

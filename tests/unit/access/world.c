/* SPDX-License-Identifier: Apache-2.0 */
/* World: organisations made by chance, as plain tables. */
#include "tests/unit/access/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

const char *const tokens[TOKENS] = {
        "repoV2",
        "repoV2/p",
        "repoV2/p/a",
        "repoV2/p/b",
        "repoV2/p/a/refs",
        "repoV2/p/a/refs/heads",
        "repoV2/p/a/refs/heads/m",
        "repoV2/p/a/refs/heads/m/n",
        "repoV2/P/b/refs",
};

static uint64_t chance_state;

void chance_seed(uint64_t seed) {
        chance_state = seed;
}

uint32_t chance(uint32_t below) {
        chance_state ^= chance_state << 13;
        chance_state ^= chance_state >> 7;
        chance_state ^= chance_state << 17;
        return (uint32_t)(chance_state >> 33) % below;
}

static bool is_group(IdentityKind kind) {
        return kind == IDENTITY_GROUP || kind == IDENTITY_ENTRA_GROUP;
}

static IdentityKind kind_at(int i) {
        if (i < PEOPLE)
                return IDENTITY_USER;
        if (i < PEOPLE + GROUPS)
                return IDENTITY_GROUP;
        return i < PEOPLE + GROUPS + ENTRA_GROUPS ? IDENTITY_ENTRA_GROUP : IDENTITY_UNKNOWN;
}

static void set_list(World *world, int token) {
        world->has_list[token] = true;
        world->inherit[token] = chance(5) != 0;
        for (int i = 0; i < IDENTITIES; i++) {
                world->allow[token][i] = chance(3) == 0 ? chance(1 << BITS) : 0;
                world->deny[token][i] = chance(5) == 0 ? chance(1 << BITS) : 0;
        }
}

World make_world(Certainty certainty) {
        World world = {0};

        for (int i = 0; i < IDENTITIES; i++) {
                world.kind[i] = kind_at(i);
                world.members_known[i] =
                        certainty == CERTAIN || (world.kind[i] == IDENTITY_GROUP && chance(4));
                world.containers_known[i] =
                        certainty == CERTAIN || (world.kind[i] != IDENTITY_UNKNOWN && chance(6));
                /* Also circles: the service refuses them, an evaluation must end all the same. */
                for (int j = 0; j < IDENTITIES; j++)
                        world.in[i][j] = i != j && is_group(kind_at(j)) && chance(5) == 0 &&
                                         !(kind_at(j) == IDENTITY_ENTRA_GROUP &&
                                           kind_at(i) == IDENTITY_GROUP);
        }
        for (int i = 0; i < TOKENS; i++)
                if (chance(3))
                        set_list(&world, i);
        return world;
}

Organisation *make_organisation(Mem *mem, const World *world) {
        Organisation *live = organisation_new(mem, "https://dev.azure.com/contoso");

        for (int i = 0; i < IDENTITIES; i++) {
                Identity identity = {
                        .kind = world->kind[i],
                        .project = INDEX_NONE,
                        .name = mem_printf(mem, "identity %d", i),
                        .members_known = world->members_known[i],
                        .containers_known = world->containers_known[i],
                };

                memset(&identity.storage_key, i + 1, sizeof(identity.storage_key));
                if (world->kind[i] == IDENTITY_UNKNOWN)
                        identity.storage_key = (Guid){0};
                /* Strangers: a service and a group, no other spelling of anybody here. */
                identity.descriptor =
                        world->kind[i] == IDENTITY_UNKNOWN && i != GROUP_STRANGER
                                ? mem_printf(mem, "Microsoft.TeamFoundation.ServiceIdentity;%d", i)
                                : mem_printf(
                                          mem,
                                          "Microsoft.TeamFoundation.Identity;S-1-9-1-1-%d-1-1-%d",
                                          i, i);
                assert_int_equal(organisation_add_identity(live, &identity), i);
        }
        for (int i = 0; i < IDENTITIES; i++)
                for (int j = 0; j < IDENTITIES; j++)
                        if (world->in[i][j])
                                organisation_add_membership(live, (Index)j, (Index)i);
        for (int i = 0; i < TOKENS; i++) {
                AccessControlEntry entries[IDENTITIES];
                AccessControlList acl = {
                        .namespace = NAMESPACE_GIT,
                        .inherit = world->inherit[i],
                        .project = INDEX_NONE,
                        .token = tokens[i],
                        .entries = entries,
                };

                if (!world->has_list[i])
                        continue;
                for (int j = 0; j < IDENTITIES; j++)
                        if (world->allow[i][j] | world->deny[i][j])
                                entries[acl.n_entries++] = (AccessControlEntry){
                                        (Index)j, world->allow[i][j], world->deny[i][j]};
                organisation_set_acl(live, &acl);
        }
        organisation_seal(live);
        return live;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprint: a number that stays the same as long as nothing changes that access rests on. */
#include "common/access/fingerprint.h"

#include <string.h>

#include "common/base/text.h"

/* Of splitmix64: every bit of what goes in moves half of what comes out. */
static uint64_t mix(uint64_t hash, uint64_t value) {
        hash += value + 0x9e3779b97f4a7c15u;
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
        return hash ^ (hash >> 31);
}

static uint64_t mix_text(uint64_t hash, const char *text) {
        return mix(hash, text ? text_hash(text) : 0);
}

static uint64_t mix_guid(uint64_t hash, const Guid *guid) {
        uint64_t halves[2];

        _Static_assert(sizeof *guid == sizeof halves, "a GUID is two halves");
        memcpy(halves, guid, sizeof halves);
        return mix(mix(hash, halves[0]), halves[1]);
}

/* Rows have other numbers each time. */
static uint64_t mix_identity(uint64_t hash, const Organisation *live, Index index) {
        const Identity *identity = &live->identities[organisation_canonical_identity(live, index)];

        if (guid_is_null(identity->storage_key))
                return mix_text(hash, identity->descriptor);
        return mix_guid(hash, &identity->storage_key);
}

static uint64_t mix_project(uint64_t hash, const Organisation *live, Index index) {
        return index == INDEX_NONE ? mix(hash, 0) : mix_guid(hash, &live->projects[index].id);
}

/* Sums do not depend on the order. */

static uint64_t sum_lists(const Organisation *live) {
        uint64_t sum = 0;

        for (size_t i = 0; i < live->n_acls; i++) {
                const AccessControlList *acl = &live->acls[i];
                uint64_t hash = mix_text(mix(acl->namespace, acl->inherit), acl->token);

                if (acl->forgotten)
                        continue;
                sum += hash;
                for (size_t k = 0; k < acl->n_entries; k++) {
                        const AccessControlEntry *entry = &acl->entries[k];

                        sum += mix(mix_identity(hash, live, entry->identity),
                                   (uint64_t)entry->allow << 32 | entry->deny);
                }
        }
        return sum;
}

static uint64_t sum_identities(const Organisation *live) {
        uint64_t sum = 0;

        for (size_t i = 0; i < live->n_identities; i++) {
                const Identity *identity = &live->identities[i];
                uint64_t hash = mix(mix(identity->kind, identity->role),
                                    (uint64_t)identity->members_known << 1 | identity->containers_known);

                if (identity->merged != INDEX_NONE)
                        continue;
                hash = mix_project(mix_text(hash, identity->name), live, identity->project);
                sum += mix_identity(hash, live, (Index)i);
        }
        for (size_t i = 0; i < live->n_memberships; i++)
                sum += mix_identity(mix_identity(1, live, live->memberships[i].container), live,
                                    live->memberships[i].member);
        return sum;
}

static uint64_t sum_things(const Organisation *live) {
        uint64_t sum = live->spaces;

        for (size_t i = 0; i < live->n_entities; i++) {
                const Entity *entity = &live->entities[i];
                uint64_t hash = mix_project(mix(2, entity->kind), live, entity->project);

                sum += mix_text(mix_text(mix_text(hash, entity->name), entity->id), entity->token);
        }
        for (size_t i = 0; i < live->n_projects; i++) {
                const Project *project = &live->projects[i];
                uint64_t hash = mix(mix(3, project->spaces), project->state);

                sum += mix_text(mix_text(mix_guid(hash, &project->id), project->name), project->visibility);
        }
        return sum;
}

static uint64_t sum_permissions(const Organisation *live) {
        uint64_t sum = 0;

        for (size_t i = 0; i < _NAMESPACE_N && i < live->permissions.n; i++) {
                const PermissionNamespace *space = &live->permissions.items[i];
                uint64_t hash = mix(mix(i, space->system_mask), space->all_bits);

                sum += hash;
                for (size_t k = 0; k < space->n_permissions; k++)
                        sum += mix_text(mix(hash, space->permissions[k].bit), space->permissions[k].display);
        }
        return sum;
}

uint64_t access_fingerprint(const Organisation *live) {
        return mix(mix(mix(sum_lists(live), sum_identities(live)), sum_things(live)), sum_permissions(live));
}

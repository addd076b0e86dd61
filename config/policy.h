/* SPDX-License-Identifier: Apache-2.0 */
/* Policy: the keys that are inherited, the nearest mention wins (charter.md, Keys). */
#pragma once

#include "common/model/desired.h"
#include "config/bind.h"

typedef enum PolicyKey {
        POLICY_KEY_MODE,
        POLICY_KEY_UNLISTED_GRANTS,
        POLICY_KEY_BELOW,
        POLICY_KEY_UNLISTED_MEMBERS,
        POLICY_KEY_UNLISTED_MEMBERSHIPS,
        POLICY_KEY_UNLISTED_AREAS,
        POLICY_KEY_CREATE,
        _POLICY_KEY_N,
} PolicyKey;

/* What one mapping says; value is that of the enum in Policies. */
typedef struct PolicyMention {
        bool mentioned;
        int value;
        Place place;
} PolicyMention;

typedef struct PolicyLayer {
        PolicyMention keys[_POLICY_KEY_N];
        const Suspension *suspend; /* NULL: not mentioned */
} PolicyLayer;

/* The rows of these keys, for tables that include them at the offset of a PolicyLayer. */
extern const BindTable policy_table;

/* The values where `layers` stand from the nearest to the farthest; NULL among them is fine. */
Policies policies_resolve(const PolicyLayer *const *layers, size_t n);
/* Lays one mention of an artefact over another of equal rank: different values are an error that
 * names both. */
void policies_unite(Binder *binder, PolicyLayer *layer, const PolicyLayer *other);

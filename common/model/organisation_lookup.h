/* SPDX-License-Identifier: Apache-2.0 */
/* OrganisationLookup: what finds the rows of an organisation; of organisation*.c alone. */
#pragma once

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/model/organisation.h"
#include "common/model/table.h"

typedef struct OrganisationLookup {
        Arena *arena; /* strings, entries, areas */
        Table project_names;
        Table project_ids;
        Table storage_keys;
        Table descriptors; /* of aliases */
        Table groups;      /* by scope, name */
        Table persons;     /* by name, by object id */
        Table entity_names;
        Table entity_ids;
        Table acls;
        Table areas;    /* by team */
        Table pipeline_users; /* by entity */
        uint32_t *room; /* of each list: how many entries its array can hold */
        size_t n_room;
        bool identities_merged; /* since the last sealing */
        bool edges_changed;
        bool entities_changed;
        bool acls_changed;
} OrganisationLookup;

static inline uint64_t lookup_hash_guid(Guid guid) {
        uint64_t halves[2];

        __builtin_memcpy(halves, guid.bytes, sizeof(halves));
        return halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15);
}
static inline uint64_t lookup_hash_scoped(Index project, unsigned kind, const char *name) {
        return text_hash(name) ^ ((uint64_t)project * 0x9E3779B97F4A7C15) ^ ((uint64_t)kind << 56);
}

/* Entries name canonical identities; two spellings of one are one entry. organisation.c */
void organisation_settle_entries(Organisation *organisation);

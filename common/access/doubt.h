/* SPDX-License-Identifier: Apache-2.0 */
/* Doubt: which rows of an organisation may be more than is known of them. */
#pragma once

#include "common/model/organisation.h"

/* What a descriptor alone tells (facts §5.3). */
typedef enum DescriptorClass {
        DESCRIPTOR_ANY,
        DESCRIPTOR_GROUP,
        DESCRIPTOR_PERSON, /* a service principal too */
        DESCRIPTOR_SERVICE,
} DescriptorClass;

DescriptorClass descriptor_class(const char *descriptor);
/* Of a group's SID what stands behind the domain, which may be written in several ways; NULL when
 * there is no SID. */
const char *descriptor_tail(const char *descriptor);

/* A row that nobody could resolve: perhaps another spelling of an identity that is known. */
typedef struct AccessUnresolved {
        Index row;
        DescriptorClass class;
        const char *tail; /* or NULL */
} AccessUnresolved;

/* Groups whose members are not all known: somebody may be in them whose groups are not known.
 * Unresolved rows that may be such groups are among them; sorted. */
typedef struct AccessDoubts {
        const Index *groups; /* of DevOps: groups of DevOps and persons may be in them */
        size_t n_groups;
        const Index *entra_groups; /* only persons, and groups of Entra */
        size_t n_entra_groups;
        const AccessUnresolved *unresolved;
        size_t n_unresolved;
        Index valid_users; /* of the organisation, INDEX_NONE when it was not seen */
} AccessDoubts;

/* True for what may be in groups of Entra: persons, groups of Entra, and who is not known to be
 * something else. */
bool access_may_be_in_entra(const Identity *identity);

const AccessDoubts *access_doubts_new(Mem *parent, const Organisation *organisation);
/* True when the unresolved row may be that identity. */
bool access_may_be(const AccessUnresolved *unresolved, const Identity *identity);

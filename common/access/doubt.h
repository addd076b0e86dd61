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

typedef struct AccessDoubts {
        const Index *groups; /* whose members are not all known, unresolved rows included; sorted */
        size_t n_groups;
        const Index *entra_groups; /* those of Entra among them */
        size_t n_entra_groups;
        const AccessUnresolved *unresolved;
        size_t n_unresolved;
} AccessDoubts;

const AccessDoubts *access_doubts_new(Mem *parent, const Organisation *organisation);
/* True when the unresolved row may be that identity. */
bool access_may_be(const AccessUnresolved *unresolved, const Identity *identity);

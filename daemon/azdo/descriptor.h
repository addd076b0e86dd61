/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptor: what the two names of an identity tell by their form (facts §5.3). */
#pragma once

#include "common/model/organisation.h"

/* IDENTITY_UNKNOWN when neither tells; both may be NULL. */
IdentityKind descriptor_kind(const char *descriptor, const char *subject);
/* The object id that the SID of an Entra group spells, below parent; NULL for others. */
char *descriptor_object_id(Mem *parent, const char *descriptor);
/* The subject descriptor of a group by its SID, below parent; NULL for others. */
char *descriptor_subject(Mem *parent, const char *descriptor);

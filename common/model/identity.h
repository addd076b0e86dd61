/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: what an identity's role says of how it may be treated. */
#pragma once

#include "common/model/organisation.h"

/* Whose members and grants are changed only where the settings say `may: { administrators: true }`. */
bool identity_is_administrators(const Identity *identity);
/* Its members are worked out by the service itself: they are never changed (charter.md, member_of). */
bool identity_is_computed(const Identity *identity);
/* Why unlisted handling never changes it, or NULL (charter.md, except). */
const char *identity_exemption(const Identity *identity);
/* A group of the organisation that the service makes (facts §5.4). */
bool group_is_builtin_of_organisation(const char *name);

/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprint: a number that stays the same as long as nothing changes that access rests on. */
#pragma once

#include "common/model/organisation.h"

/* Of a sealed organisation: lists, memberships, identities, things, permissions, visibility. In whatever order they
 * were read it is the same. */
uint64_t access_fingerprint(const Organisation *live);

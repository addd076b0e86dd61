/* SPDX-License-Identifier: Apache-2.0 */
/* Verdict, inside: what confinements, assertions and matrices share. */
#pragma once

#include "common/access/confine.h"

/* The bits that anybody may have in a project that is not private. */
uint32_t access_read_bits(uint8_t space);
/* Of a set of bits the one that tells most: a read bit, else the lowest. */
uint32_t access_telling_bit(uint8_t space, uint32_t bits);
/* Why a closed read is not known; NULL in a private project. */
const char *access_tell_visibility(Mem *parent, const AccessView *view,
                                   const DesiredProject *project);
/* The known persons that are members, groups of the organisation within followed; below parent. */
const Index *access_persons_of(Mem *parent, AccessView *view, Index group, size_t *np);

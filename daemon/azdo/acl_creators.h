/* SPDX-License-Identifier: Apache-2.0 */
/* AclCreators: lists of branches that say of their repository what another one has said. */
#pragma once

#include "common/model/organisation.h"

/* Whoever makes a branch gets an entry on it (facts §3.9), so there are lists by the ten thousand
 * that give the same people the same on one branch after another of a repository. Who can reach a
 * repository, who has what there: the first of them tells it all. A list that denies, cuts
 * inheritance off, names a group, or gives more than a creator gets is governed, and kept. */
typedef struct AclCreators AclCreators;

AclCreators *acl_creators_new(Mem *parent);
/* True: a list given before has said it, or it says nothing at all; it need not be kept. */
bool acl_creators_has_said(AclCreators *creators, const Organisation *organisation,
                           const AccessControlList *list);

/* SPDX-License-Identifier: Apache-2.0 */
/* IdentityRead: one identity out of an answer. */
#pragma once

#include "common/base/json.h"
#include "common/model/organisation.h"

/* As the identity service writes it (facts §5.5; connectionData a shorter form, §1.6). Strings live
 * as long as node or below scratch. 0, 1 it is inactive (facts: deleted or without any membership),
 * negative malformed. */
int identity_read(Mem *scratch, const Organisation *organisation, const JsonNode *node,
                  Identity *identityp, const char **reasonp);
/* A group as Graph writes it (facts §5.2). 0, 1 it is deleted or of a scope that is no project and
 * not the organisation's, negative malformed. */
int identity_read_group(Mem *scratch, const Organisation *organisation, const JsonNode *node,
                        Identity *identityp, const char **reasonp);

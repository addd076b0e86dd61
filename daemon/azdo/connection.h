/* SPDX-License-Identifier: Apache-2.0 */
/* Connection: who charterd is and what it may do, as the organisation tells. */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

/* Takes: 0, or negative with *reasonp a constant sentence naming what is malformed. */

/* GET _apis/connectionData (facts §1.6): sets self, self_identity, is_server. */
Request connection_data_request(Mem *parent);
int connection_data_take(Organisation *organisation, const Reply *reply, const char **reasonp);

/* GET _apis/resourceAreas (facts §1.2): addresses as the service names them, without a trailing slash, by Base: of graph
 * and identities, NULL for an empty list (a server of one's own, which has no Graph); of the audit log, or NULL. */
Request connection_areas_request(Mem *parent);
int connection_areas_take(Mem *parent, const Reply *reply, const char *bases[static _BASE_N], const char **reasonp);
/* Believed only for the program's table of hosts of that base, or loopback when the organisation is loopback (product.md,
 * Addresses). */
bool connection_base_is_trusted(const char *organization_url, Base base, const char *base_url);
/* Of Azure DevOps Services, by its host: it always has Graph. */
bool connection_is_hosted(const char *organization_url);

/* GET _apis/securitynamespaces (facts §3.1): the live table; separators and bits as the service lists them. */
Request connection_namespaces_request(Mem *parent);
int connection_namespaces_take(Organisation *organisation, const Reply *reply, const char **reasonp);

/* Rights come from entries alone, or also from being an administrator of the organisation. The latter where
 * administrators have no entries of their own (facts §3.7 (4)). */
typedef enum RightsOf {
        RIGHTS_OF_ENTRIES,
        RIGHTS_OF_ADMINISTRATORS,
        _RIGHTS_OF_N,
} RightsOf;

/* POST _apis/security/permissionevaluationbatch (facts §3.3): read and write permission of each namespace in
 * Project.spaces at each project's root token that is known, and of Organisation.spaces at the organisation's; fills
 * their rights. One request for each RightsOf that has something to ask. */
bool connection_rights_are_asked(const Organisation *organisation, const Index *projects,
                                 size_t n_projects, RightsOf of);
Request connection_rights_request(Mem *parent, const Organisation *organisation, const Index *projects,
                                  size_t n_projects, RightsOf of);
int connection_rights_take(Organisation *organisation, const Index *projects, size_t n_projects, RightsOf of,
                           const Reply *reply, const char **reasonp);

/* SPDX-License-Identifier: Apache-2.0 */
/* Directory: who lists groups and keeps memberships: Graph, or the identity service where there is no Graph. */
#pragma once

#include "common/base/json.h"
#include "common/model/organisation.h"
#include "daemon/flow/request.h"

/* Takes: 0, or negative with *reasonp a constant sentence naming what is malformed. */
typedef struct Directory {
        /* What the groups of a project are listed by: Project.scope. */
        Request (*scope)(Mem *parent, const Organisation *organisation, Index project);
        int (*take_scope)(Mem *scratch, Organisation *organisation, Index project, const JsonNode *root,
                          const char **reasonp);
        /* The groups of a project, teams among them; needs Project.scope. Of the organisation all there are, those of
         * projects too. read_group: 0, 1 it is deleted or of another
         * scope, negative malformed. */
        Request (*groups)(Mem *parent, const Organisation *organisation, Index project);
        int (*read_group)(Mem *scratch, const Organisation *organisation, const JsonNode *node,
                          Identity *identityp, const char **reasonp);
        /* The members of a group whose list an identity batch cuts. *wholep: the list is all of them. */
        Request (*members)(Mem *parent, const Organisation *organisation, Index group);
        int (*take_members)(Mem *scratch, Organisation *organisation, Index group, const JsonNode *list,
                            bool *wholep, const char **reasonp);
        /* PUT adds one member, DELETE removes it. */
        Request (*edit_member)(Mem *parent, const Organisation *organisation, Method method, Index container,
                               Index member);
        bool makes_groups; /* there is a call for it, and one for groups of Entra */
} Directory;

/* Graph (facts §5.2), and the identity service of an Azure DevOps Server (facts §1.4). */
extern const Directory directory_graph;
extern const Directory directory_server;

const Directory *directory_of(const Organisation *organisation);

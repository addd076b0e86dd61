/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: people and groups, by descriptor and membership (facts §5). */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

enum {
        IDENTITY_BATCH_MAX = 100,   /* keys a request */
        IDENTITY_MATERIALISE_TRIES_MAX = 3,
        IDENTITY_MEMBERS_MAX = 99,  /* that many members or more: the list is cut (facts §5.5) */
};

typedef enum IdentityMembership {
        IDENTITY_MEMBERSHIP_NONE,
        IDENTITY_MEMBERSHIP_DIRECT, /* one level down and up */
} IdentityMembership;

/* POST _apis/identitybatch by identity descriptors (of the rows named). A row without a storage key is resolved; null
 * and inactive answers leave it IDENTITY_UNKNOWN. With DIRECT: members are added (unknown ones as unknown rows);
 * containers too; members_known only below IDENTITY_MEMBERS_MAX and for DevOps groups. */
Request identity_batch_request(Mem *parent, const Organisation *organisation, const Index *identities,
                               size_t n_identities, IdentityMembership membership);
int identity_batch_take(Organisation *organisation, const Index *identities, size_t n_identities,
                        IdentityMembership membership, const Reply *reply, const char **reasonp);

/* The same by storage keys: who is found is added, who is not stays unknown. */
Request identity_keys_request(Mem *parent, const Guid *keys, size_t n_keys);
int identity_keys_take(Organisation *organisation, const Guid *keys, size_t n_keys, const Reply *reply,
                       const char **reasonp);

/* All members of a group of 99 and more (facts §5.2; an Azure DevOps Server §1.4). */
Request identity_members_request(Mem *parent, const Organisation *organisation, Index group);
int identity_members_take(Organisation *organisation, Index group, const Reply *reply, const char **reasonp);

/* GET identities?searchFilter=General: a user by principal name. 0 found and added, 1 nobody (or several). */
Request identity_search_request(Mem *parent, const char *name);
int identity_search_take(Organisation *organisation, const char *name, const Reply *reply, Index *identityp,
                         const char **reasonp);

/* All service principals, or all groups of Entra, that the organisation has met: those that are wanted are added, by
 * their subject descriptor alone. */
Request identity_list_request(Mem *parent, IdentityKind kind);
int identity_list_take(Organisation *organisation, IdentityKind kind,
                       bool (*is_wanted)(void *context, const Identity *identity), void *context,
                       const Reply *reply, const char **reasonp, size_t *rowsp);

/* What the groups of a project are listed by: Project.scope (facts §5.1; an Azure DevOps Server §1.4). */
Request identity_scope_request(Mem *parent, const Organisation *organisation, Index project);
int identity_scope_take(Organisation *organisation, Index project, const Reply *reply, const char **reasonp);

/* POST graph/groups {originId}: an Entra group materialised by object id. */
Request identity_materialise_request(Mem *parent, const char *object_id);
int identity_materialise_take(Organisation *organisation, const Reply *reply, Index *identityp,
                              const char **reasonp);

/* One membership, given and taken (facts §5.2; an Azure DevOps Server §1.4). */
Request identity_add_member_request(Mem *parent, const Organisation *organisation, Index container, Index member);
Request identity_remove_member_request(Mem *parent, const Organisation *organisation, Index container,
                                       Index member);

/* The identity descriptor of an Entra group that the organisation has met, by its object id (facts §5.3), below parent. */
char *identity_descriptor_of_entra_group(Mem *parent, Guid object_id);
/* The identity descriptor of a vssgp or aadgp subject descriptor (facts §5.3), below parent; NULL for other kinds. */
char *identity_descriptor_of_subject(Mem *parent, const char *subject);
/* The role a SID's tail or a built-in name tells. */
IdentityRole identity_role(const char *descriptor, const char *name, Index project);

/* SPDX-License-Identifier: Apache-2.0 */
/* Organisation: the live organisation as one survey read it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/guid.h"
#include "common/base/mem.h"
#include "common/model/kind.h"
#include "common/model/permission.h"
#include "common/model/role.h"

/* Rows refer to one another by index into the organisation's arrays. */
typedef uint32_t Index;
#define INDEX_NONE UINT32_MAX

typedef enum IdentityKind {
        IDENTITY_UNKNOWN, /* the service answered null, inactive, or was not asked: never removed */
        IDENTITY_USER,
        IDENTITY_GROUP, /* of DevOps; a team's group is one with is_team */
        IDENTITY_ENTRA_GROUP,
        IDENTITY_SERVICE_PRINCIPAL,
        IDENTITY_SERVICE, /* build services and other identities of the service itself */
} IdentityKind;

/* Told by the tail of the SID, or for some groups by name in the project's scope (product.md, Brakes). */
typedef enum IdentityRole {
        IDENTITY_ROLE_NONE,
        IDENTITY_ROLE_ADMINISTRATORS,      /* -0-0-0-0-1 */
        IDENTITY_ROLE_SERVICE_ACCOUNTS,    /* -0-0-0-0-2 */
        IDENTITY_ROLE_VALID_USERS,         /* -0-0-0-0-3 */
        IDENTITY_ROLE_SECURITY_SERVICE,    /* -0-0-0-0-5 */
        IDENTITY_ROLE_KIND_ADMINISTRATORS, /* Build, Release, Endpoint, Deployment Group Administrators */
        IDENTITY_ROLE_PROJECT_SCOPED_USERS,
        IDENTITY_ROLE_OTHER_BUILTIN, /* Contributors, Readers, and the organisation's service groups */
} IdentityRole;

typedef struct Identity {
        Guid storage_key; /* what principals are compared by; null when unresolved */
        IdentityKind kind;
        IdentityRole role;
        Index project;          /* scope of a group, INDEX_NONE: the organisation or a person */
        const char *name;       /* account name: `Contributors`; a user's principal name */
        const char *display;    /* `[MLOps]\Contributors`, `ana@contoso.com`, `CONTOSO\ana`: for people and snapshots */
        const char *descriptor; /* identity descriptor (the one ACL writes use), or NULL */
        const char *subject;    /* subject descriptor (the one Graph uses), or NULL */
        const char *origin_id;  /* Entra object id, or NULL */
        bool is_team;
        bool members_known;    /* every member stands in memberships */
        bool containers_known; /* every group it is directly in stands in memberships */
        Index merged;       /* this row turned out to be that one; INDEX_NONE: it stands for itself */
        bool assumed;       /* from a creation's answer, not yet seen in a listing */
} Identity;

/* Another spelling of an identity: ACLs name one identity by several descriptors (facts §5.3). */
typedef struct IdentityAlias {
        const char *descriptor;
        Index identity;
} IdentityAlias;

typedef struct Membership {
        Index container;
        Index member;
        bool assumed;
} Membership;

typedef struct Entity {
        Kind kind; /* an artefact or KIND_TEAM; KIND_PROJECT is in projects */
        Index project;
        const char *name;  /* nested: path with / from the root, the root itself "/" */
        const char *id;    /* as the service writes it: GUID or number; a folder has none: NULL */
        const char *token; /* its security token; NULL for kinds without */
        Index identity;    /* KIND_TEAM: its group */
        bool assumed;
} Entity;

typedef struct AccessControlEntry {
        Index identity;
        uint32_t allow;
        uint32_t deny;
} AccessControlEntry;

typedef struct AccessControlList {
        uint8_t namespace; /* NamespaceIndex */
        bool inherit;
        bool assumed;
        Index project;  /* INDEX_NONE: a root of the organisation */
        Index entity;   /* the artefact this token is, INDEX_NONE: a project's root or something below one */
        const char *token;
        AccessControlEntry *entries; /* sorted by identity */
        size_t n_entries;
        int64_t read_at; /* clock of the port, ms */
        bool forgotten;  /* by organisation_clear_acls(): as if the token had no list; nothing finds it */
} AccessControlList;

typedef struct TeamArea {
        const char *path; /* from the root, with /; "/" the root */
        bool include_children;
} TeamArea;

/* A team's list of areas, facts §6.4. */
typedef struct TeamAreas {
        Index team; /* entity */
        bool known;
        const char *default_path; /* NULL: none yet */
        TeamArea *areas;
        size_t n_areas;
        bool has_backlog_iteration;
} TeamAreas;

/* Which pipelines may use a thing with roles, facts §4.5. */
typedef struct PipelineUsers {
        Index entity;
        bool all;
        uint32_t *ids; /* of pipelines that may by themselves, ascending */
        size_t n_ids;
} PipelineUsers;

typedef enum ProjectState {
        PROJECT_ABSENT, /* not seen: absent, or only hidden */
        PROJECT_SURVEYED, /* reading is under way */
        PROJECT_SEALED,   /* complete: may be planned from */
        PROJECT_FAILED,   /* `error` says why; no plan, no write */
} ProjectState;

/* What charterd itself may do at the roots of a project, or of the organisation; one bit a NamespaceIndex. */
typedef struct OwnRights {
        uint32_t may_read;
        uint32_t may_write;
} OwnRights;

typedef struct Project {
        Guid id;
        const char *name;
        const char *visibility;
        const char *scope;          /* scope descriptor, scp.… */
        const char *root_token[_NAMESPACE_N]; /* facts §3.4; NULL until known, or none at a project */
        uint32_t spaces; /* the namespaces whose lists were read there */
        ProjectState state;
        const char *error; /* for people; what failed (with path), what to do */
        OwnRights rights;
        bool assumed;
} Project;

/* Everything of one survey; all rows live below it in the memory tree. */
typedef struct Organisation {
        Mem *mem;
        const char *url;
        const char *name;
        Guid self;          /* storage key of charterd's own identity */
        Index self_identity;
        PermissionTable permissions; /* live, or the built-in table's rows where not asked yet */
        RoleTable roles[_KIND_N][_ROLE_LEVEL_N]; /* likewise */
        const char *error;  /* an organisation-level read failed: nothing is planned */
        bool is_server;     /* a collection of an Azure DevOps Server, which has no Graph (facts §1.4) */

        Project *projects;
        size_t n_projects;
        Identity *identities;
        size_t n_identities;
        IdentityAlias *aliases;
        size_t n_aliases;
        Membership *memberships; /* sorted by container, member after organisation_seal() */
        size_t n_memberships;
        Membership *member_of; /* the same, sorted by member, container */
        size_t n_member_of;
        Entity *entities;
        size_t n_entities;
        AccessControlList *acls;
        size_t n_acls;
        TeamAreas *team_areas;
        size_t n_team_areas;
        PipelineUsers *pipeline_users;
        size_t n_pipeline_users;
        Index *entity_order; /* of entities by project, kind, name; made by organisation_seal() */
        /* Of acls by namespace, token, in the order of token_compare(): what is below a token follows it at
         * once. Forgotten ones stand behind n_acl_order. Made by organisation_seal(). */
        Index *acl_order;
        size_t n_acl_order;
        const char *root_token[_NAMESPACE_N]; /* above all projects: `repoV2`, `$PROJECT`, `NAMESPACE:`; or NULL */
        uint32_t spaces;  /* the namespaces whose lists at those are governed themselves */
        OwnRights rights; /* there */
        struct OrganisationLookup *lookup; /* hash tables of organisation.c */
} Organisation;

/* `name` is the last part of the URL. */
Organisation *organisation_new(Mem *parent, const char *url);

/* Adding while reading; strings are copied. Adding what is already there answers the existing row and completes
 * what was unknown about it. Newer wins: a name (found by its id or key), an identity's descriptor, an
 * artefact's token; what is no longer assumed. `merged` of what is added is not looked at. */
Index organisation_add_project(Organisation *organisation, const Project *project);
Index organisation_add_identity(Organisation *organisation, const Identity *identity);
void organisation_add_alias(Organisation *organisation, const char *descriptor, Index identity);
/* Lists name identities by descriptors before it is known whose they are: answers the row of a descriptor, adding an
 * IDENTITY_UNKNOWN row (without storage key) for one never seen. */
Index organisation_descriptor_row(Organisation *organisation, const char *descriptor);
/* Says whose a descriptor is. The row of its storage key, added when new; an unknown row of that descriptor is
 * completed, or merged into the row that already has the storage key (organisation_seal() then rewrites what
 * points at it). */
Index organisation_resolve_descriptor(Organisation *organisation, const char *descriptor,
                                      const Identity *identity);
Index organisation_add_entity(Organisation *organisation, const Entity *entity);
void organisation_add_membership(Organisation *organisation, Index container, Index member);
/* Forgets what is known of a group's members, before they are read again. */
void organisation_clear_members(Organisation *organisation, Index container);
/* Replaces the list of that namespace and token; entries are copied and sorted. Answers its index. */
Index organisation_set_acl(Organisation *organisation, const AccessControlList *acl);
/* Forgets the lists of a namespace under a token (and the token itself), before they are read again. */
void organisation_clear_acls(Organisation *organisation, uint8_t space, const char *root_token);
/* Forgets the list of that token alone. */
void organisation_clear_acl(Organisation *organisation, uint8_t space, const char *token);
void organisation_set_team_areas(Organisation *organisation, const TeamAreas *areas);
/* Replaces what is known of a thing; ids are copied and sorted. */
void organisation_set_pipeline_users(Organisation *organisation, const PipelineUsers *users);

/* Connects lists to artefacts by token, makes the orders and the sorted edges. Call after reading and after each
 * folding-in; rows never move. Finding works before and after; what says `after sealing` only after. */
void organisation_seal(Organisation *organisation);

Index organisation_find_project(const Organisation *organisation, const char *name);
Index organisation_find_project_id(const Organisation *organisation, Guid id);
Index organisation_find_identity(const Organisation *organisation, Guid storage_key);
/* The row that stands for a row: itself, or the one it was merged into. */
Index organisation_canonical_identity(const Organisation *organisation, Index identity);
/* By any descriptor ever added, identity or subject, compared without regard to case. */
Index organisation_find_descriptor(const Organisation *organisation, const char *descriptor);
/* The project without a name holds the groups of the organisation, whose identities are of no project: INDEX_NONE for
 * it, otherwise the project. */
Index organisation_scope_of(const Organisation *organisation, Index project);
/* A team or group of that scope (INDEX_NONE: of the organisation) by name. */
Index organisation_find_group(const Organisation *organisation, Index project, const char *name);
/* A user by principal name (of an Azure DevOps Server by address or DOMAIN\name), an Entra group or service principal by
 * object id or name. */
Index organisation_find_person(const Organisation *organisation, const char *name_or_object_id);
Index organisation_find_entity(const Organisation *organisation, Index project, Kind kind, const char *name);
Index organisation_find_entity_id(const Organisation *organisation, Kind kind, const char *id);
/* The list of exactly that token, compared without regard to case and to one trailing separator. */
Index organisation_find_acl(const Organisation *organisation, uint8_t space, const char *token);
const TeamAreas *organisation_find_team_areas(const Organisation *organisation, Index team);
/* NULL: not read. */
const PipelineUsers *organisation_find_pipeline_users(const Organisation *organisation, Index entity);
/* Direct edges; after sealing. */
bool organisation_is_member(const Organisation *organisation, Index container, Index member);
const Membership *organisation_members(const Organisation *organisation, Index container, size_t *np);
const Membership *organisation_containers(const Organisation *organisation, Index member, size_t *np);
const AccessControlEntry *acl_find_entry(const AccessControlList *acl, Index identity);
/* Descends: calls `visit` for the list of `token` and of every token below it, after sealing. */
void organisation_walk_acls(const Organisation *organisation, uint8_t space, const char *token,
                            void (*visit)(void *context, Index acl), void *context);

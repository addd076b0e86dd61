/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of an organisation: its people, groups, memberships. */
#pragma once

#include "tests/simulator/world.h"

typedef struct OrganizationSpec {
        const char *name;
        const char *id;        /* NULL: made from the world's random numbers */
        const char *tenant_id; /* NULL: alike */
} OrganizationSpec;

/* A new organisation with the groups and entries of facts §5.4 and §3.10, without people. Adds it to the world. */
Organization *organization_new(World *world, const OrganizationSpec *spec);
void organization_free(Organization *organization); /* for world_free() */

typedef struct IdentitySpec {
        IdentityKind kind;
        GroupRole role;          /* groups */
        const char *name;        /* display name */
        const char *description; /* NULL: "" */
        const char *unique_name; /* users; NULL elsewhere */
        const char *origin_id;   /* Entra object id; NULL: made */
        const char *application_id;
        const char *storage_key; /* NULL: made */
        const char *pat;         /* NULL: none */
        Project *project;        /* scope of a group; whose a build service is */
        bool in_project_domain;  /* groups: the SID's domain is the project's GUID, not its scope's (facts §5.3) */
} IdentitySpec;

/* Adds a person, group, or service. Groups join Valid Users by themselves, users and service principals Project
 * Collection Valid Users. */
Identity *directory_add(Organization *organization, const IdentitySpec *spec);
/* The row is gone from lists; entries in ACLs stay. */
void directory_remove(Organization *organization, Identity *identity);
void directory_rename(Organization *organization, Identity *identity, const char *name);
/* A person's user@domain, and with it the descriptor, where it has the name in it. Lists keep the spelling from before,
 * and by it the person is found too (facts §5.1, §5.3). */
void directory_rename_person(Organization *organization, Identity *person, const char *unique_name);
/* The organisation goes to another tenant of Entra: the same for everybody of the former one, subject descriptors
 * too, of which the former ones are nobody's then. */
void directory_move_tenant(Organization *organization, const char *tenant_id);
void directory_describe(Organization *organization, Identity *identity, const char *description);
void directory_set_pat(Organization *organization, Identity *identity, const char *pat);

/* Makes an edge; nothing happens when it is there. 0, or -1 when it would close a circle. */
int membership_add(Organization *organization, Identity *member, Identity *container);
/* True when there was one. */
bool membership_remove(Organization *organization, Identity *member, Identity *container);
/* Direct membership only. */
bool membership_has(const Identity *member, const Identity *container, int64_t as_of);
bool membership_alive(const Membership *membership, int64_t as_of);

/* Lookups; deleted ones are found too when as_of lies before, else NULL. Descriptors in both spellings, any case. */
Identity *directory_find_descriptor(const Organization *organization, const char *descriptor, int64_t as_of);
/* The deleted ones too: entries of theirs stay in access control lists. */
Identity *directory_known_descriptor(const Organization *organization, const char *descriptor);
Identity *directory_find_subject(const Organization *organization, const char *descriptor, int64_t as_of);
Identity *directory_find_key(const Organization *organization, const char *storage_key, int64_t as_of);
Identity *directory_find_pat(const Organization *organization, const char *pat);
/* The service principal of an application; NULL when it is not in the organisation. */
Identity *directory_find_application(const Organization *organization, const char *application_id);
/* By user@domain, "[Scope]\\Name", storage key, Entra object id, display name of a service principal or Entra
 * group. For what is written by people: seeds, hands. */
Identity *directory_find_word(Organization *organization, const char *word);
/* A group (team) of a project, or of the organisation when project is NULL, by name. */
Identity *directory_find_group(Organization *organization, const Project *project, const char *name, int64_t as_of);
Identity *directory_find_role(Organization *organization, const Project *project, GroupRole role);

/* "[MLOps]\\Readers", "[contoso]\\Project Collection Administrators", "[TEAM FOUNDATION]\\entra group", or the
 * user@domain of a person. */
const char *identity_principal_name(Arena *arena, const Organization *organization, const Identity *identity);
/* Whether it is of Active Directory, as people are on a server. */
bool identity_is_windows(const Organization *organization, const Identity *identity);

#define WINDOWS_DOMAIN "CONTOSO" /* of what has no domain in its name */

typedef struct WindowsName {
        const char *domain;  /* "CONTOSO" */
        const char *account; /* "ana" */
        const char *mail;    /* "" when there is none */
} WindowsName;

/* Of "CONTOSO\\ana", or of "ana@contoso.com", which is the mail then. */
WindowsName identity_windows_name(Arena *arena, const Identity *identity);
/* The descriptor as ACLs spell it. */
const char *identity_acl_descriptor(const World *world, const Identity *identity);

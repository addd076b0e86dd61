/* SPDX-License-Identifier: Apache-2.0 */
/* Desired: what the charter says, kits laid over, variables filled in, every value with its place. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"
#include "common/base/mem.h"
#include "common/model/kind.h"

/* Not mentioned, false and true are three things. One byte, as the policies are: they come by the thousand. */
typedef enum __attribute__((packed)) Tristate {
        TRISTATE_UNSET,
        TRISTATE_FALSE,
        TRISTATE_TRUE,
} Tristate;

typedef enum Mode {
        MODE_UNSET, /* the settings decide */
        MODE_OBSERVE,
        MODE_ENFORCE,
} Mode;

typedef enum __attribute__((packed)) Policy {
        POLICY_IGNORE,
        POLICY_REPORT,
        POLICY_REMOVE,
} Policy;

typedef enum GrantsPolicy {
        GRANTS_EXACT,
        GRANTS_REPORT,
        GRANTS_ADDITIVE,
} GrantsPolicy;

/* Nothing is written there for a while; what is found is told all the same. */
typedef struct Suspension {
        int64_t until_ms; /* wall clock: 00:00 UTC of the day */
        const char *day;  /* 2026-12-31 */
        const char *reason;
        Place place;
} Suspension;

/* The inheritable keys, resolved: the nearest wins, defaults filled in (charter.md, Keys). */
typedef struct Policies {
        Mode mode;
        Policy unlisted_grants;
        Policy below;
        Policy unlisted_members;
        Policy unlisted_memberships;
        Policy unlisted_areas;
        bool create;
        const Suspension *suspend; /* or NULL */
} Policies;

typedef enum PrincipalForm {
        PRINCIPAL_USER,               /* user@domain */
        PRINCIPAL_GROUP,              /* a team or group of the project */
        PRINCIPAL_ORGANIZATION_GROUP, /* a group of the organisation */
        PRINCIPAL_ENTRA_GROUP,        /* an object id (or a name the organisation already has) */
        PRINCIPAL_SERVICE_PRINCIPAL,  /* an object id */
} PrincipalForm;

typedef struct PrincipalName {
        PrincipalForm form;
        const char *name;
        Place place;
} PrincipalName;

/* Not mentioned: not governed. Mentioned, even empty: governed. */
typedef struct PrincipalList {
        bool mentioned;
        PrincipalName *items;
        size_t n;
        Place place;
} PrincipalList;

typedef struct Word {
        const char *text;
        Place place;
} Word;

/* Patterns of principals that unlisted handling never changes: `user@domain`, `[Scope]\Name` or a storage key, with
 * `*`. */
typedef struct Except {
        Word *items;
        size_t n;
} Except;

typedef enum AtForm {
        AT_PROJECT,
        AT_ORGANIZATION,
        AT_OWN,      /* every kind with permissions that the team owns */
        AT_KIND_OWN, /* the owned things of `kind` */
        AT_KIND_ROOT,
        AT_KIND_NAMES,    /* `names` of `kind`; areas and folders as paths with /, no leading one */
        AT_KIND_OWNED_BY, /* what `team` owns of `kind` */
        AT_BRANCHES,
} AtForm;

typedef struct At {
        AtForm form;
        Kind kind;
        Word *names;
        size_t n_names;
        const char *team;
        const char *repository; /* AT_BRANCHES; NULL: own */
        Place place;
} At;

typedef struct SameAs {
        const char *group;
        bool of_organization;
        bool from_artefact; /* else from the kind's project-level root */
        Word *plus;
        size_t n_plus;
        Word *minus;
        size_t n_minus;
        Place place;
} SameAs;

typedef struct Rule {
        At at;
        Word *allow;
        size_t n_allow;
        Word *deny;
        size_t n_deny;
        SameAs *same_as;   /* or NULL */
        const Word *role;  /* or NULL; on kinds with roles, alone */
        Place place;
} Rule;

/* Which pipelines may use a thing with roles. */
typedef enum PipelineUse {
        PIPELINE_USE_NONE,
        PIPELINE_USE_OWN, /* those in the folders its owner owns */
        PIPELINE_USE_ALL,
        PIPELINE_USE_NAMED,
} PipelineUse;

typedef struct DesiredPipelines {
        PipelineUse use;
        Word *names; /* Folder/Name */
        size_t n_names;
        Place place;
} DesiredPipelines;

typedef struct OwnedArtefact {
        Kind kind;
        Tristate inherit;
        const char *name; /* nested: path with /, "/" is the root of areas */
        const char *was;  /* the live thing of that name is this one; or NULL */
        const DesiredPipelines *pipelines; /* NULL: not mentioned */
        Policies policies;
        Place place;
} OwnedArtefact;

/* A team or a group of a project. */
typedef struct DesiredPrincipal {
        bool is_team;
        bool is_of_organization; /* a group of it: what it is given is given there */
        const char *name;
        const char *was; /* the live one of that name is this one; or NULL */
        const char *kit; /* the names of its kits, for people; NULL: none */
        Place place;
        Policies policies;
        Except except;
        PrincipalList members;
        PrincipalList admins;
        PrincipalList member_of;
        OwnedArtefact *owns; /* in the charter's order: the first area is the default area */
        size_t n_owns;
        Rule *rules;
        size_t n_rules;
        GrantsPolicy grants_policy;
        bool grants_mentioned;
        bool confined;
        bool include_sub_areas;
        bool retired; /* all that is governed goes: no rules, no groups, no members */
} DesiredPrincipal;

/* An artefact under a kind's key of the project: owned by nobody. */
typedef OwnedArtefact DesiredArtefact;

typedef enum AssertSubject {
        ASSERT_TEAM,  /* the group and each known member */
        ASSERT_GROUP, /* the group alone */
        ASSERT_USER,
} AssertSubject;

typedef struct DesiredAssert {
        AssertSubject subject;
        const char *name;
        bool can; /* else cannot */
        Word permission;
        At at;
        Place place;
} DesiredAssert;

/* Whose an owned artefact is. */
typedef struct DesiredOwner {
        const DesiredPrincipal *principal;
        const OwnedArtefact *artefact;
} DesiredOwner;

typedef struct DesiredProject {
        const char *name;
        Place place;
        Policies policies;
        Except except;
        uint32_t whole; /* of no charter: these kinds and every team's areas are looked at, named or not; 1 << Kind */
        bool create_project;
        const char *process;    /* Agile, Scrum, … */
        const char *visibility; /* private, public */
        DesiredPrincipal *principals; /* sorted by name as names are compared */
        size_t n_principals;
        DesiredArtefact *artefacts; /* sorted by kind, name */
        size_t n_artefacts;
        DesiredAssert *asserts;
        size_t n_asserts;
        DesiredOwner *owners; /* by kind, name; made by desired_index_owners(), or NULL */
        size_t n_owners;
} DesiredProject;

/* The groups of the organisation are those of a project without a name, which stands before all others. */
#define DESIRED_ORGANIZATION ""
static inline bool desired_is_organization(const DesiredProject *project) {
        return project->name[0] == '\0';
}

/* What people are told of a project by its name. */
static inline const char *desired_label(const char *project) {
        return project[0] ? project : "the organisation";
}

typedef struct Desired {
        const char *organization; /* the URL, normalised: lower-case host, no trailing slash */
        DesiredProject *projects; /* sorted by name as names are compared */
        size_t n_projects;
        DesiredPrincipal *groups; /* of the organisation: the principals of DESIRED_ORGANIZATION */
        size_t n_groups;
        bool is_whole;   /* of no charter: the organisation itself is looked at too */
        size_t n_teams;  /* over all projects, for the brake on a charter that shrank */
        char sha256[65]; /* of all bytes read, files in order of their names */
        const char *commit; /* the git commit it was read from, or NULL; the process fills it in */
        Place place;
} Desired;

const DesiredProject *desired_find_project(const Desired *desired, const char *name);
const DesiredPrincipal *desired_find_principal(const DesiredProject *project, const char *name);
/* Makes desired_find_owner() fast, when the principals and what they own stay where they are. */
void desired_index_owners(Mem *mem, DesiredProject *project);
/* The owner of an artefact, or NULL; *ownedp (may be NULL) the entry of its `owns`. */
const DesiredPrincipal *desired_find_owner(const DesiredProject *project, Kind kind, const char *name,
                                           const OwnedArtefact **ownedp);
const DesiredArtefact *desired_find_artefact(const DesiredProject *project, Kind kind,
                                             const char *name);
/* True when the charter gives it `grants`, `members` or `member_of`. */
static inline bool desired_principal_is_governed(const DesiredPrincipal *principal) {
        return principal->grants_mentioned || principal->members.mentioned ||
               principal->member_of.mentioned;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Access control lists of an organisation, by namespace (facts §3). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/simulator/namespaces.inc"
#include "tests/simulator/text.h"

typedef struct Identity Identity;
typedef struct Organization Organization;
typedef struct Project Project;
typedef struct World World;

#define NAMESPACE_CONSTANT(constant, ...) NAMESPACE_##constant,
/* NAMESPACE_PROJECT, NAMESPACE_GIT, NAMESPACE_BUILD, NAMESPACE_CSS … in the order the service lists them. */
typedef enum NamespaceIndex { NAMESPACE_ROWS(NAMESPACE_CONSTANT) N_NAMESPACES } NamespaceIndex;

typedef struct NamespaceAction {
        uint32_t bit;
        const char *name;
        const char *display_name;
        const char *namespace_id; /* "" is written as the zero GUID */
} NamespaceAction;

typedef struct Namespace {
        NamespaceIndex index;
        const char *id;
        const char *name;
        const char *display_name;
        const char *separator; /* on the wire; the character counts only when structure is 1 */
        int element_length;
        uint32_t write_permission;
        uint32_t read_permission;
        const char *dataspace;
        int structure;
        const char *extension;
        bool remotable;
        bool translator;
        uint32_t system_bits;
        const NamespaceAction *actions;
        size_t n_actions;
} Namespace;

const Namespace *namespace_get(NamespaceIndex index);
/* By id in any case; NULL when there is none. */
const Namespace *namespace_find(const char *id);
/* The separator of a hierarchical namespace, '\0' for a flat one. */
char namespace_separator(const Namespace *ns);
/* A permission by API name or display name, in any case; 0 when there is none. */
uint32_t namespace_find_bit(const Namespace *ns, const char *word);

/* The only token of the namespace Collection (facts §3.4). */
#define TOKEN_COLLECTION "NAMESPACE:"

/* Bits the simulator itself gives or asks for (facts §3.2). */
enum {
        PROJECT_READ = 1,
        PROJECT_WRITE = 2,
        PROJECT_DELETE = 4,
        PROJECT_RENAME = 65536,
        PROJECT_CHANGE_VISIBILITY = 4194304,
        COLLECTION_READ = 1,
        COLLECTION_WRITE = 2,
        COLLECTION_CREATE_PROJECTS = 4,
        GIT_READ = 2,
        GIT_CONTRIBUTE = 4,
        GIT_FORCE_PUSH = 8,
        GIT_CREATE_BRANCH = 16,
        GIT_CREATE_REPOSITORY = 256,
        GIT_DELETE_REPOSITORY = 512,
        GIT_RENAME_REPOSITORY = 1024,
        GIT_REMOVE_OTHERS_LOCKS = 4096,
        GIT_MANAGE_PERMISSIONS = 8192,
        GIT_ADVANCED_SECURITY = 65536, /* the first of its bits */
        GIT_CREATOR = 32382,
        GIT_BRANCH_CREATOR = GIT_CONTRIBUTE | GIT_FORCE_PUSH | GIT_REMOVE_OTHERS_LOCKS | GIT_MANAGE_PERMISSIONS,
        BUILD_VIEW_DEFINITION = 1024,
        BUILD_EDIT_DEFINITION = 2048,
        BUILD_DELETE_DEFINITION = 4096,
        BUILD_CREATE_DEFINITION = 32768,
        NODE_WRITE = 2,
        NODE_CREATE_CHILDREN = 4,
        NODE_DELETE = 8,
        QUERY_READ = 1,
        QUERY_CONTRIBUTE = 2,
        QUERY_DELETE = 4,
        QUERY_CREATOR = 31, /* all but the reserved one */
        ENDPOINT_USE = 1,
        ENDPOINT_ADMINISTER = 2,
        ENDPOINT_CREATE = 4,
        ENDPOINT_VIEW = 16,
        LIBRARY_VIEW = 1,
        LIBRARY_ADMINISTER = 2,
        LIBRARY_CREATE = 4,
        LIBRARY_USE = 16,
        LIBRARY_OWNER = 32,
        ENVIRONMENT_VIEW = 1,
        ENVIRONMENT_MANAGE = 2,
        ENVIRONMENT_ADMINISTER = 8,
        ENVIRONMENT_USE = 16,
        ENVIRONMENT_CREATE = 32,
        TASK_VIEW = 1, /* of queues and pools */
        TASK_MANAGE = 2,
        TASK_LISTEN = 4,
        TASK_ADMINISTER = 8,
        TASK_USE = 16,
        TASK_CREATE = 32,
        IDENTITY_WRITE = 2,
        IDENTITY_DELETE = 4,
        IDENTITY_MANAGE_MEMBERSHIP = 8,
        IDENTITY_ADMINISTRATOR = 31,
};

typedef struct Ace {
        Identity *identity;     /* NULL: the descriptor is nobody's */
        const char *descriptor; /* as resolved or, for nobody's, as written */
        uint32_t allow;
        uint32_t deny;
} Ace;

/* What one token's list was from a time on. */
typedef struct AclState {
        int64_t since;
        bool exists;
        bool inherit;
        size_t n_aces;
        Ace *aces;
        struct AclState *previous;
} AclState;

typedef struct Acl {
        const char *token; /* as first written */
        const char *key;   /* folded, without one trailing separator */
        AclState *state;
} Acl;

/* All lists of one namespace, sorted by key. */
typedef struct AclStore {
        Array lists; /* Acl * */
        Acl **slots;
        size_t n_slots;
} AclStore;

void acl_store_deinit(AclStore *store);

/* Where a call writes. */
typedef struct AclTarget {
        World *world;
        Organization *organization;
        const Namespace *ns;
        const char *token;
} AclTarget;

typedef struct AceSpec {
        const char *descriptor;
        uint32_t allow;
        uint32_t deny;
} AceSpec;

typedef enum AceMode {
        ACE_MERGE,   /* facts §3.5: a merged deny removes the allow of that bit and vice versa */
        ACE_REPLACE, /* each named identity's whole entry */
} AceMode;

typedef enum AclInherit {
        ACL_INHERIT_OFF,
        ACL_INHERIT_ON,
} AclInherit;

typedef enum AclScope {
        ACL_EXACT,
        ACL_WITH_DESCENDANTS,
} AclScope;

enum { ACL_RESERVED_BITS = 1 }; /* outcome: a named bit is reserved; nothing was applied (VS403284) */

/* 0 or ACL_RESERVED_BITS. Unknown tokens and descriptors are accepted (facts §3.6). */
int acl_set_entries(const AclTarget *target, const AceSpec *entries, size_t n_entries, AceMode mode);
/* Overwrites the token's whole list. 0 or ACL_RESERVED_BITS. */
int acl_replace(const AclTarget *target, AclInherit inherit, const AceSpec *entries, size_t n_entries);
/* How many entries went. */
size_t acl_remove_entries(const AclTarget *target, const char *const *descriptors, size_t n_descriptors);
/* How many lists went. */
size_t acl_remove(const AclTarget *target, AclScope scope);
/* Clears bits of both masks of one identity; *after is the entry then. */
void acl_clear_bits(const AclTarget *target, const char *descriptor, uint32_t bits, Ace *after);
/* Gives or denies an identity, merged with what it has: for what the service writes by itself. */
void acl_grant(const AclTarget *target, const Identity *identity, uint32_t allow, uint32_t deny);
void acl_set_inherit(const AclTarget *target, AclInherit inherit);

/* The list of exactly this token as of a time; NULL when it has none. */
const AclState *acl_find(const AclStore *store, const Namespace *ns, const char *token, int64_t as_of);
/* The same by a key of token_key(). */
const AclState *acl_find_key(const AclStore *store, const char *key, int64_t as_of);
const Ace *acl_state_find(const AclState *state, const Identity *identity);

typedef struct AclQuery {
        const AclStore *store;
        const Namespace *ns;
        const char *token; /* NULL: the whole namespace */
        AclScope scope;
        int64_t as_of;
} AclQuery;

typedef void AclVisit(void *context, const Acl *acl, const AclState *state);
/* Calls visit for each list that existed then, in order of tokens. */
void acl_visit(const AclQuery *query, AclVisit *visit, void *context);

/* The key of a token: folded, without one trailing separator. */
char *token_key(Arena *arena, const Namespace *ns, const char *token);

/* Tokens of things (facts §3.4), in the given arena. */
struct Repository;
struct Node;
struct Definition;
struct Endpoint;
struct Query;
struct Team;
char *token_of_project(Arena *arena, const Project *project);
char *token_of_repositories(Arena *arena, const Project *project);
char *token_of_repository(Arena *arena, const struct Repository *repository);
/* ref "refs/heads/a/b": each segment as the hexadecimal of its UTF-16LE. NULL: not a branch. */
char *token_of_branch(Arena *arena, const struct Repository *repository, const char *ref);
char *token_of_node(Arena *arena, const struct Node *node);
/* path "\\A\\B", "\\" for the root. */
char *token_of_folder(Arena *arena, const Project *project, const char *path);
char *token_of_definition(Arena *arena, const struct Definition *definition);
/* The chain of ids from the root, below the project. */
char *token_of_query(Arena *arena, const struct Query *query);
char *token_of_endpoint(Arena *arena, const struct Endpoint *endpoint, const Project *project);
char *token_of_group(Arena *arena, const Identity *group);

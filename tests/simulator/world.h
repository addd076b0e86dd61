/* SPDX-License-Identifier: Apache-2.0 */
/* The world: every organisation a simulator process serves.
 *
 * Everything here is guarded by World.lock. Rows are never freed before the world: each carries the time it
 * came and went, and changed rows keep their former versions, so that a read can be answered as of an
 * earlier time. Fields marked (fixed) never change. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/simulator/security.h"
#include "tests/simulator/text.h"

typedef struct Faults Faults;         /* fault.c */
typedef struct RequestLog RequestLog; /* control.c */

#define ROW_ALIVE INT64_MAX
#define AS_OF_NOW (INT64_MAX - 1)

/* First member of everything that can be asked for as of a time; times in ms since the epoch. */
typedef struct Row {
        int64_t created;
        int64_t deleted; /* ROW_ALIVE while it stands */
        int64_t since;   /* from when the fields of this version hold */
        void *previous;  /* the version before, or NULL */
} Row;

typedef enum IdentityKind {
        IDENTITY_USER,
        IDENTITY_SERVICE_PRINCIPAL,
        IDENTITY_GROUP,       /* a group of the service, teams included */
        IDENTITY_ENTRA_GROUP, /* its members are known to the evaluation alone */
        IDENTITY_BUILD_SERVICE,
} IdentityKind;

/* What a group is to the service. */
typedef enum GroupRole {
        GROUP_ORDINARY,
        GROUP_PROJECT_ADMINISTRATORS,
        GROUP_PROJECT_VALID_USERS,
        GROUP_CONTRIBUTORS,
        GROUP_READERS,
        GROUP_BUILD_ADMINISTRATORS,
        GROUP_COLLECTION_ADMINISTRATORS,
        GROUP_COLLECTION_VALID_USERS,
        GROUP_COLLECTION_SERVICE_ACCOUNTS,
        GROUP_COLLECTION_BUILD_ADMINISTRATORS,
        GROUP_COLLECTION_BUILD_SERVICE_ACCOUNTS,
        GROUP_COLLECTION_PROXY_SERVICE_ACCOUNTS,
        GROUP_COLLECTION_TEST_SERVICE_ACCOUNTS,
        GROUP_PROJECT_SCOPED_USERS,
        GROUP_SECURITY_SERVICE,
} GroupRole;

struct Identity {
        Row row;
        IdentityKind kind;              /* (fixed) */
        GroupRole role;                 /* (fixed) */
        size_t index;                   /* (fixed) place in Organization.identities */
        const char *storage_key;        /* (fixed) GUID; a team's id */
        const char *descriptor;         /* identity descriptor, "type;identifier"; (fixed) for groups */
        const char *generic_descriptor; /* the spelling of ACLs: of built-in organisation groups, of people who had
                                           another name or tenant; else NULL */
        const char *subject_descriptor; /* "vssgp.…", "aad.…"; (fixed) for groups */
        const char *origin_id;          /* (fixed) object id in Entra; a group's storage key */
        const char *application_id;     /* (fixed) of a service principal, or NULL */
        const char *name;               /* display name */
        const char *description;        /* "" when none */
        const char *unique_name;        /* user@domain; NULL for groups */
        const char *pat;                /* its personal access token, or NULL */
        struct Project *project;        /* (fixed) scope of a group, or NULL for the organisation */
        struct Team *team;              /* the team this group is, or NULL */
        Array parents;                  /* Membership * with this as member, gone ones too */
        Array members;                  /* Membership * with this as container, gone ones too */
        struct GroupSet *groups;        /* evaluation's cache */
};

typedef struct Membership {
        int64_t created;
        int64_t deleted; /* ROW_ALIVE while it stands */
        Identity *member;
        Identity *container;
} Membership;

typedef struct TeamFieldValue {
        const char *value; /* area path without the structural segment: "Project\\A" */
        bool include_children;
} TeamFieldValue;

typedef struct Team {
        Row row;
        Identity *group;            /* (fixed) name, id and description are the group's */
        struct Project *project;    /* (fixed) */
        const char *default_area;   /* NULL: none set yet */
        const TeamFieldValue *areas;
        size_t n_areas;
        const char *backlog_iteration; /* identifier of a node, or NULL */
        const char *default_iteration;
        const char *bugs_behavior;
        unsigned working_days; /* a set, 1 is Sunday */
        unsigned backlogs;     /* a set of those shown: 1 epics, 2 features, 4 requirements */
} Team;

typedef enum NodeStructure {
        NODE_AREA,
        NODE_ITERATION,
} NodeStructure;

typedef struct Node {
        Row row;
        int id;                  /* (fixed) */
        const char *identifier;  /* (fixed) GUID, used in tokens */
        NodeStructure structure; /* (fixed) */
        struct Project *project; /* (fixed) */
        struct Node *parent;     /* NULL: the root */
        const char *name;        /* a root is named like the project */
        const char *start_date;  /* iterations; or NULL */
        const char *finish_date;
} Node;

typedef struct Repository {
        Row row;
        const char *id;             /* (fixed) */
        struct Project *project;    /* (fixed) */
        const char *name;
        const char *default_branch; /* NULL: empty repository */
        bool disabled;
        bool recycled;    /* in the recycle bin: row.deleted is set */
        bool destroyed;   /* gone from the recycle bin too */
        Identity *deleted_by;
        Array branches; /* Branch * */
} Repository;

typedef struct Branch {
        Row row;
        Repository *repository; /* (fixed) */
        const char *name;       /* (fixed) full: "refs/heads/main" */
        const char *object_id;
        Identity *creator; /* (fixed) or NULL */
} Branch;

/* Pipelines and classic releases have folders and definitions of their own. */
typedef enum FolderTree {
        TREE_OF_PIPELINES,
        TREE_OF_RELEASES,
} FolderTree;

typedef struct Folder {
        Row row;
        FolderTree tree;         /* (fixed) */
        struct Project *project; /* (fixed) */
        const char *path;        /* "\\A\\B"; the root "\\" is not kept */
        const char *description; /* NULL when none */
        Identity *created_by;    /* (fixed) */
        Identity *changed_by;    /* NULL until changed */
} Folder;

typedef struct Definition {
        Row row;
        FolderTree tree;         /* (fixed) */
        int id;                  /* (fixed) */
        struct Project *project; /* (fixed) */
        const char *name;
        const char *path; /* of its folder, "\\" for the root */
        int revision;
        Repository *repository; /* or NULL */
        const char *yaml;       /* file name, or NULL */
        Identity *author;       /* (fixed) */
} Definition;

/* A delivery plan, or a dashboard. */
typedef struct Board {
        Row row;
        const char *id;          /* (fixed) GUID, used in tokens */
        struct Project *project; /* (fixed) */
        Team *team;              /* (fixed) whose dashboard it is; NULL: the project's */
        const char *name;
        int revision;
        Identity *creator; /* (fixed) or NULL */
} Board;

/* A query of work items, or a folder of them. */
typedef struct Query {
        Row row;
        const char *id;          /* (fixed) GUID, used in tokens */
        struct Project *project; /* (fixed) */
        struct Query *parent;    /* NULL: a root */
        const char *name;
        const char *wiql;     /* NULL: a folder */
        Identity *creator;    /* (fixed) whose it is, when it is private; or NULL */
        Identity *changed_by; /* or NULL */
} Query;

typedef struct Endpoint {
        Row row;
        const char *id; /* (fixed) */
        const char *name;
        const char *description;
        const char *type;
        const char *url;
        const char *scheme;
        Array *projects; /* Project * it is shared with; replaced as a whole on change */
        Identity *creator; /* (fixed) or NULL */
} Endpoint;

/* What pipelines use and roles guard, beside service connections; see resource.h. */
typedef enum ResourceKind {
        RESOURCE_QUEUE,
        RESOURCE_VARIABLE_GROUP,
        RESOURCE_SECURE_FILE,
        RESOURCE_ENVIRONMENT,
        N_RESOURCE_KINDS
} ResourceKind;

typedef struct Resource {
        Row row;
        ResourceKind kind;       /* (fixed) */
        int id;                  /* (fixed) 0 where ids are GUIDs */
        const char *key;         /* (fixed) the id as text, used in tokens */
        struct Project *project; /* (fixed) */
        const char *name;
        const char *description; /* NULL when none */
        const char *type;        /* of a variable group: "Vsts" */
        const char *variables;   /* of a variable group: a JSON object's text, or NULL */
        struct Pool *pool;       /* (fixed) of a queue */
        Identity *creator;       /* (fixed) or NULL */
        Identity *changed_by;    /* or NULL */
} Resource;

/* That a pipeline may use something. */
typedef struct PipelineGrant {
        Row row;
        const char *type;     /* (fixed) "endpoint", "environment" */
        const char *resource; /* (fixed) its id */
        int pipeline;         /* (fixed) id of a definition; 0: all of the project */
        Identity *by;         /* (fixed) or NULL */
} PipelineGrant;

/* Agents of the organisation; projects reach them by queues. */
typedef struct Pool {
        Row row;
        int id; /* (fixed) */
        const char *name;
        bool hosted;         /* (fixed) */
        bool auto_provision; /* new projects get a queue for it */
        Identity *creator;   /* (fixed) or NULL */
} Pool;

typedef enum ProjectState {
        PROJECT_NEW,
        PROJECT_CREATE_PENDING,
        PROJECT_WELL_FORMED,
        PROJECT_DELETING,
} ProjectState;

struct Project {
        Row row;
        const char *id;         /* (fixed) */
        const char *scope_id;   /* (fixed) identity scope, another GUID (facts §5.3) */
        const char *scope_descriptor; /* (fixed) "scp.…" */
        struct Organization *organization; /* (fixed) */
        const char *name;
        Array *former_names; /* char *, oldest first; NULL: never renamed */
        const char *description;
        const char *visibility;
        const char *process_id;
        ProjectState state;
        int revision;
        int64_t updated; /* ms */
        Team *default_team;
        Node *area_root;
        Node *iteration_root;
        Array teams;        /* Team * */
        Array nodes;        /* Node *, both structures */
        Array repositories; /* Repository *, recycled ones too */
        Array folders;      /* Folder * */
        Array definitions;  /* Definition * */
        Array release_folders;     /* Folder * */
        Array release_definitions; /* Definition * */
        Array plans;               /* Board * */
        Array dashboards;          /* Board * */
        Query *my_queries;         /* the two roots */
        Query *shared_queries;
        Array queries; /* Query *, the roots too */
        Array resources[N_RESOURCE_KINDS]; /* Resource * */
        Array pipeline_grants;             /* PipelineGrant * */
};

typedef enum OperationKind {
        OPERATION_CREATE_PROJECT,
        OPERATION_UPDATE_PROJECT,
        OPERATION_DELETE_PROJECT,
} OperationKind;

/* Something that goes on after its request was answered; see operation.h. */
typedef struct Operation {
        const char *id;
        OperationKind kind;
        Project *project;
        int polls_left;
        int64_t started;
        bool done;
        bool failed;
        int64_t ended;  /* when it was done */
        bool settled;   /* what it makes is ready, some time after it was done */
        const char *name; /* of an update: what the project becomes, NULL: as it is */
        const char *description;
        const char *visibility;
} Operation;

struct Organization {
        Row row;
        const char *name;     /* (fixed) as spelled first; compared folded */
        const char *id;       /* (fixed) of the collection: instanceId */
        const char *host_id;  /* (fixed) identity domain */
        const char *tenant_id;
        struct World *world;  /* (fixed) */
        Array identities;     /* Identity *, by index, deleted ones too */
        Array projects;       /* Project * */
        Array operations;     /* Operation * */
        Array endpoints;      /* Endpoint * */
        Array pools;          /* Pool * */
        struct Table *by_storage_key;
        struct Table *by_descriptor; /* both spellings */
        struct Table *by_subject;
        struct Table *by_pat;
        Identity *administrators; /* Project Collection Administrators */
        Identity *valid_users;    /* Project Collection Valid Users */
        AclStore stores[N_NAMESPACES];
        int64_t memberships_changed; /* ms of the last change of a membership or an identity */
        uint64_t memberships_version;
        int next_node;
        int next_definition;
        int next_release;
        int next_resource;
        int next_pool;
};

/* What can be chosen with --option; see README.md for the keys. */
typedef struct Options {
        bool team_creation_joins_contributors;
        bool team_creator_is_member;
        bool keep_zero_aces;
        bool acl_tokens_trailing_slash;
        bool generic_sids;
        bool hide_unreadable;
        bool localized_queries; /* roots of queries have names in another language */
        int64_t page_size_projects;
        int64_t page_size_teams;
        int64_t page_size_graph;
        int64_t page_size_definitions;
        int64_t page_size_members;
        int64_t late_lists_ms;
        int64_t late_identities_ms; /* how long IMS does not know a new group (facts §5.6) */
        int64_t stale_ms;
        int64_t operation_polls;
        bool operations_fail;
        int64_t late_projects_ms; /* how long after its operation a new project is well-formed */
        int64_t latency_ms;
        int64_t max_url;
        int64_t token_life_s; /* of the tokens that Entra gives */
        bool auditing;          /* what is done is noted in the audit log */
        int64_t audit_delay_ms; /* how long it does not show there */
        bool audit_wrapped;     /* the answer stands in a `value` */
        bool audit_summary_as_text; /* EventSummary is text with JSON in it */
} Options;

typedef struct World {
        pthread_mutex_t lock;
        pthread_cond_t released; /* n_releases has grown */
        int64_t n_releases;      /* so often what fault rules hold back was let go */
        Arena arena;
        Options options;
        Random random; /* for ids of what is made: the same things in the same order get the same ids */
        Random noise;  /* for headers, tiers, page sizes */
        int64_t now;          /* ms since the epoch, never runs back; see world_tick() */
        int64_t clock_offset; /* ms added to the real clock */
        int port;
        int graph_port;
        int audit_port;
        const char *virtual_directory; /* of an Azure DevOps Server: "tfs"; NULL: the service */
        const char *certificate; /* PEM; NULL: plain HTTP */
        const char *key;
        const char *address;       /* what answers call it: "https://127.0.0.1:1234"; NULL: where it listens */
        const char *graph_address; /* the same of the second port */
        const char *audit_address; /* and of the third */
        const Namespace *namespaces[N_NAMESPACES]; /* those where permissions appeared; NULL: as recorded */
        Array organizations; /* Organization * */
        Faults *faults;      /* owned by fault.c */
        RequestLog *log;     /* owned by control.c */
        struct Entra *entra; /* owned by entra.c; NULL: there are no clients */
        struct Watch *watch; /* owned by control.c; NULL: none is kept */
        struct Audit *audit; /* owned by audit.c; NULL: nobody did anything yet */
} World;

World *world_new(uint64_t seed_number);
World *world_free(World *world);
/* Lets go what fault rules hold back. Called with the world locked. */
void world_release(World *world);
/* Sets World.now from the clock. Called before each request; loaders set World.now themselves, to a time past,
 * so that what they make is older than every stale view. */
void world_tick(World *world);
/* Sets an option from text. 0, or -1 with *errorp naming the key or value (static or arena memory). */
int world_set_option(World *world, const char *key, const char *value, const char **errorp);
/* The value of an option as text in world memory, NULL when there is no such key. Keys by number: for listing. */
const char *world_option_text(World *world, const char *key);
const char *world_option_key(size_t index);

/* Whether it is an Azure DevOps Server (facts §1.4). */
bool world_is_server(const World *world);
/* "http" or "https". */
const char *world_scheme(const World *world);
/* Base addresses without a trailing slash: "http://127.0.0.1:1234/contoso". */
const char *world_core_url(Arena *arena, const Organization *organization);
const char *world_graph_url(Arena *arena, const Organization *organization);
const char *world_audit_url(Arena *arena, const Organization *organization);

/* The version of a row that held at a time, NULL when the thing was not there. Give a row's address as is:
 * const Repository *then = row_at(repository, as_of); */
const void *row_at(const void *row, int64_t as_of);
bool row_alive(const Row *row, int64_t as_of);
void row_init(World *world, void *row);
/* Keeps the present version as history; change fields only after this. */
void row_touch(World *world, void *row, size_t size);
void row_delete(World *world, void *row, size_t size);

Organization *world_find_organization(World *world, const char *name);

/* Lookups by name (any case) or id, as of a time; NULL when not there. */
Project *organization_find_project(Organization *organization, const char *name_or_id, int64_t as_of);
/* By a name it had before. */
Project *organization_find_former_project(Organization *organization, const char *name, int64_t as_of);
Team *project_find_team(Project *project, const char *name_or_id, int64_t as_of);
Repository *project_find_repository(Project *project, const char *name_or_id, int64_t as_of);
Folder *project_find_folder(Project *project, const char *path, int64_t as_of);
Folder *project_find_release_folder(Project *project, const char *path, int64_t as_of);
/* Folders and definitions of a project. */
Array *project_folders(Project *project, FolderTree tree);
Array *project_definitions(Project *project, FolderTree tree);
Definition *project_find_definition(Project *project, int id, int64_t as_of);
/* A pipeline by its name, or by "Folder/Name", separators "/" or "\\". */
Definition *project_find_pipeline(Project *project, const char *name);
Definition *project_find_release(Project *project, const char *name);
/* A node by its path below the root, separators "/" or "\\", leading one optional, "" for the root. */
Node *project_find_node(Project *project, NodeStructure structure, const char *path, int64_t as_of);
Node *project_find_node_id(Project *project, int id, int64_t as_of);
Branch *repository_find_branch(Repository *repository, const char *ref, int64_t as_of);
Endpoint *organization_find_endpoint(Organization *organization, const char *name_or_id, const Project *project,
                                     int64_t as_of);
bool endpoint_in_project(const Endpoint *endpoint, const Project *project, int64_t as_of);

/* A hash table from folded text to pointers. */
typedef struct Table Table;
Table *table_new(void);
Table *table_free(Table *table);
void *table_get(const Table *table, const char *key);
/* Replaces; the key is copied folded into the arena. */
void table_set(Table *table, Arena *arena, const char *key, void *value);

/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations made from numbers. */
#include "tests/simulator/generate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/query.h"
#include "tests/simulator/resource.h"

enum {
        PLENTY = 1000000,
        /* What a team gets on its own things, like Contributors on all (facts §3.10). */
        KIT_GIT = 16502,
        KIT_BUILD = 40067,
        KIT_CSS = 753,
        KIT_ITERATION = 7,
        KIT_QUERIES = 1,
};

/* What a specification says; see README.md for the keys. */
typedef struct Generation {
        const char *name;
        const char *project;
        const char *pat;
        int64_t projects;
        int64_t teams;        /* of each project */
        int64_t repositories; /* of each team */
        int64_t branches;     /* of each repository */
        int64_t definitions;  /* of each team */
        int64_t iterations;   /* of each team, in one of its name */
        int64_t queries;      /* of each team, in a folder of its name */
        int64_t resources[N_RESOURCE_KINDS]; /* of each team */
        int64_t connections;                 /* of each team */
        int64_t users;
        int64_t members; /* of each team */
        int64_t grants;  /* by hand, of each project */
        int64_t seed;
        int64_t empty;        /* only people, groups of the service, projects */
        int64_t kits;         /* teams have entries on their own things */
        int64_t contributors; /* teams are in Contributors */
} Generation;

/* One generation under way. */
typedef struct Maker {
        const Generation *generation;
        World *world;
        Organization *organization;
        Arena *arena;
        Random random;
        Array users; /* Identity * */
        Project *project;
} Maker;

/* Reading. */

typedef enum KeyType {
        KEY_TEXT,
        KEY_NUMBER,
        KEY_FLAG,
} KeyType;

static const struct {
        const char *key;
        KeyType type;
        size_t offset;
        int64_t minimum;
} KEYS[] = {
        {"name", KEY_TEXT, offsetof(Generation, name), 0},
        {"project", KEY_TEXT, offsetof(Generation, project), 0},
        {"pat", KEY_TEXT, offsetof(Generation, pat), 0},
        {"projects", KEY_NUMBER, offsetof(Generation, projects), 0},
        {"teams", KEY_NUMBER, offsetof(Generation, teams), 0},
        {"repositories", KEY_NUMBER, offsetof(Generation, repositories), 0},
        {"branches", KEY_NUMBER, offsetof(Generation, branches), 0},
        {"definitions", KEY_NUMBER, offsetof(Generation, definitions), 0},
        {"iterations", KEY_NUMBER, offsetof(Generation, iterations), 0},
        {"queries", KEY_NUMBER, offsetof(Generation, queries), 0},
        {"agent_queues", KEY_NUMBER, offsetof(Generation, resources[RESOURCE_QUEUE]), 0},
        {"variable_groups", KEY_NUMBER, offsetof(Generation, resources[RESOURCE_VARIABLE_GROUP]), 0},
        {"secure_files", KEY_NUMBER, offsetof(Generation, resources[RESOURCE_SECURE_FILE]), 0},
        {"environments", KEY_NUMBER, offsetof(Generation, resources[RESOURCE_ENVIRONMENT]), 0},
        {"service_connections", KEY_NUMBER, offsetof(Generation, connections), 0},
        {"users", KEY_NUMBER, offsetof(Generation, users), 0},
        {"members", KEY_NUMBER, offsetof(Generation, members), 0},
        {"grants", KEY_NUMBER, offsetof(Generation, grants), 0},
        {"seed", KEY_NUMBER, offsetof(Generation, seed), 0},
        {"empty", KEY_FLAG, offsetof(Generation, empty), 0},
        {"kits", KEY_FLAG, offsetof(Generation, kits), 0},
        {"contributors", KEY_FLAG, offsetof(Generation, contributors), 0},
};

static int parse_number(const char *value, int64_t *numberp) {
        char *end;

        errno = 0;
        *numberp = strtoll(value, &end, 10);
        return errno || end == value || *end || *numberp < 0 || *numberp > PLENTY ? -1 : 0;
}

static int parse_flag(const char *value, int64_t *numberp) {
        *numberp = text_true(value) || strcmp(value, "yes") == 0;
        return *numberp || strcmp(value, "false") == 0 || strcmp(value, "no") == 0 ? 0 : -1;
}

static const char *store(Arena *arena, Generation *generation, const char *key, const char *value) {
        for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
                void *field = (char *)generation + KEYS[i].offset;

                if (strcmp(KEYS[i].key, key) != 0)
                        continue;
                if (KEYS[i].type == KEY_TEXT) {
                        *(const char **)field = arena_copy(arena, value);
                        return *value ? NULL : "is empty";
                }
                if (KEYS[i].type == KEY_NUMBER)
                        return parse_number(value, field) < 0 ? "is to be a number up to 1000000"
                                                              : NULL;
                return parse_flag(value, field) < 0 ? "is to be true or false" : NULL;
        }
        return "is no key; see README.md for those there are";
}

static int fail(char **errorp, const char *spec, const char *key, const char *what) {
        if (asprintf(errorp, "%s: %s: %s", spec, key, what) < 0)
                abort();
        return -1;
}

static int read_spec(Arena *arena, const char *spec, Generation *generation, char **errorp) {
        for (const char *at = spec; *at;) {
                size_t length = strcspn(at, ","), n_key = strcspn(at, "=,");
                const char *key = arena_copy_length(arena, at, n_key);
                const char *value = n_key < length ? arena_copy_length(arena, at + n_key + 1,
                                                                       length - n_key - 1)
                                                   : "";
                const char *mistake = store(arena, generation, key, value);

                if (mistake)
                        return fail(errorp, spec, key, mistake);
                at += length;
                at += *at == ',';
        }
        return 0;
}

/* Making. */

static size_t pick(Maker *maker, size_t n) {
        return n ? (size_t)(random_next(&maker->random) % n) : 0;
}

static Identity *add_user(Maker *maker, const char *user, const char *name, const char *pat) {
        IdentitySpec spec = {.kind = IDENTITY_USER,
                             .name = name,
                             .unique_name = arena_print(maker->arena, "%s@%s.com", user,
                                                        maker->organization->name),
                             .pat = pat};

        return directory_add(maker->organization, &spec);
}

static void make_people(Maker *maker) {
        const Generation *generation = maker->generation;
        Identity *admin = add_user(maker, "admin", "Administrator", generation->pat);

        membership_add(maker->organization, admin, maker->organization->administrators);
        for (int64_t i = 1; i <= generation->users; i++) {
                const char *user = arena_print(maker->arena, "user%05lld", (long long)i);

                array_add(&maker->users,
                          add_user(maker, user,
                                   arena_print(maker->arena, "User %05lld", (long long)i), user));
        }
}

static void give(Maker *maker, NamespaceIndex ns, const char *token, const Identity *identity,
                 uint32_t allow) {
        AclTarget target = {maker->world, maker->organization, namespace_get(ns), token};

        acl_grant(&target, identity, allow, 0);
}

/* "Team 0007" has users 13 and 14 when teams have two members. NULL: so many users there are not. */
static Identity *member_of(Maker *maker, int64_t number, int64_t k) {
        size_t user = (size_t)(number * maker->generation->members - k - 1);

        return user < maker->users.n_items ? maker->users.items[user] : NULL;
}

static void add_members(Maker *maker, const Team *team, int64_t number) {
        for (int64_t k = 0; k < maker->generation->members; k++) {
                Identity *member = member_of(maker, number, k);

                if (member)
                        membership_add(maker->organization, member, team->group);
        }
}

/* The members take turns to make its branches. */
static void make_branches(Maker *maker, Repository *repository, int64_t number) {
        const Generation *generation = maker->generation;

        if (generation->branches > 0)
                branch_create(repository, "refs/heads/main", NULL);
        for (int64_t i = 1; i < generation->branches; i++)
                branch_create(repository,
                              arena_print(maker->arena, "refs/heads/feature/%lld", (long long)i),
                              generation->members
                                      ? member_of(maker, number, i % generation->members)
                                      : NULL);
}

static void make_repository(Maker *maker, const Team *team, const char *name, int64_t number) {
        Repository *repository = repository_create(maker->project, name, NULL);

        make_branches(maker, repository, number);
        if (maker->generation->kits)
                give(maker, NAMESPACE_GIT, token_of_repository(maker->arena, repository),
                     team->group, KIT_GIT);
}

static void make_iterations(Maker *maker, const Team *team, const char *name) {
        Node *own = node_create(maker->project->iteration_root, name);

        for (int64_t i = 1; i <= maker->generation->iterations; i++)
                node_create(own, arena_print(maker->arena, "Sprint %lld", (long long)i));
        if (maker->generation->kits)
                give(maker, NAMESPACE_ITERATION, token_of_node(maker->arena, own), team->group,
                     KIT_ITERATION);
}

static void make_queries(Maker *maker, const Team *team, const char *name) {
        QuerySpec spec = {.name = name};
        Query *own = query_create(maker->project->shared_queries, &spec);

        spec.wiql = QUERY_WIQL_FIRST;
        for (int64_t i = 1; i <= maker->generation->queries; i++) {
                spec.name = arena_print(maker->arena, "Query %lld", (long long)i);
                query_create(own, &spec);
        }
        if (maker->generation->kits)
                give(maker, NAMESPACE_WORK_ITEM_QUERY_FOLDERS, token_of_query(maker->arena, own),
                     team->group, KIT_QUERIES);
}

/* "team-0007", "team-0007-2": the team is a User of each. */
static const char *name_of(Maker *maker, int64_t number, int64_t i) {
        if (i == 1)
                return arena_print(maker->arena, "team-%04lld", (long long)number);
        return arena_print(maker->arena, "team-%04lld-%lld", (long long)number, (long long)i);
}

static void make_resources(Maker *maker, const Team *team, ResourceKind kind, int64_t number) {
        const ResourceTraits *traits = resource_traits(kind);

        for (int64_t i = 1; i <= maker->generation->resources[kind]; i++) {
                ResourceSpec spec = {.name = name_of(maker, number, i)};
                const Resource *resource = resource_create(maker->project, kind, &spec);

                if (maker->generation->kits)
                        give(maker, traits->ns, token_of_resource(maker->arena, resource),
                             team->group, traits->view | traits->use);
        }
}

static void make_connections(Maker *maker, const Team *team, int64_t number) {
        for (int64_t i = 1; i <= maker->generation->connections; i++) {
                EndpointSpec spec = {.name = name_of(maker, number, i)};
                const Endpoint *endpoint = endpoint_create(maker->project, &spec);

                if (maker->generation->kits)
                        give(maker, NAMESPACE_SERVICE_ENDPOINTS,
                             token_of_endpoint(maker->arena, endpoint, maker->project), team->group,
                             ENDPOINT_USE);
        }
}

static void make_owned(Maker *maker, Team *team, const char *name, int64_t number) {
        const Generation *generation = maker->generation;
        Node *area = node_create(maker->project->area_root, name);
        TeamFieldValue value = {node_field_path(maker->arena, area, AS_OF_NOW), true};
        Folder *folder = folder_create(maker->project, name, NULL, NULL);

        team_set_areas(team, value.value, &value, 1);
        for (int64_t i = 1; i <= generation->repositories; i++)
                make_repository(maker, team, name_of(maker, number, i), number);
        for (int64_t i = 1; i <= generation->definitions; i++) {
                DefinitionSpec spec = {.name = arena_print(maker->arena, "team-%04lld-%lld",
                                                           (long long)number, (long long)i),
                                       .path = folder->path,
                                       .yaml = "azure-pipelines.yml"};

                definition_create(maker->project, &spec);
        }
        if (generation->iterations > 0)
                make_iterations(maker, team, name);
        if (generation->queries > 0)
                make_queries(maker, team, name);
        for (size_t kind = 0; kind < N_RESOURCE_KINDS; kind++)
                make_resources(maker, team, (ResourceKind)kind, number);
        make_connections(maker, team, number);
        if (!generation->kits)
                return;
        give(maker, NAMESPACE_PROJECT, token_of_project(maker->arena, maker->project), team->group,
             PROJECT_READ);
        give(maker, NAMESPACE_BUILD, token_of_folder(maker->arena, maker->project, folder->path),
             team->group, KIT_BUILD);
        give(maker, NAMESPACE_CSS, token_of_node(maker->arena, area), team->group, KIT_CSS);
}

static void make_team(Maker *maker, int64_t number) {
        const char *name = arena_print(maker->arena, "Team %04lld", (long long)number);
        Team *team = team_create(maker->project, name, NULL, NULL);
        Identity *contributors =
                directory_find_role(maker->organization, maker->project, GROUP_CONTRIBUTORS);

        if (maker->generation->contributors)
                membership_add(maker->organization, team->group, contributors);
        else
                membership_remove(maker->organization, team->group, contributors);
        add_members(maker, team, number);
        make_owned(maker, team, name, number);
}

/* Somebody was given something somewhere, by hand. */
static void make_grant(Maker *maker) {
        static const uint32_t GIT[] = {GIT_READ, GIT_READ | GIT_CONTRIBUTE, KIT_GIT,
                                       GIT_MANAGE_PERMISSIONS};
        static const uint32_t BUILD[] = {BUILD_VIEW_DEFINITION, KIT_BUILD};
        static const uint32_t CSS[] = {17, KIT_CSS};
        const Project *project = maker->project;
        const Identity *user;

        if (maker->users.n_items == 0)
                return;
        user = maker->users.items[pick(maker, maker->users.n_items)];
        switch (pick(maker, 3)) {
        case 0: {
                const Repository *repository =
                        project->repositories.items[pick(maker, project->repositories.n_items)];

                give(maker, NAMESPACE_GIT, token_of_repository(maker->arena, repository), user,
                     GIT[pick(maker, sizeof(GIT) / sizeof(GIT[0]))]);
                return;
        }
        case 1: {
                const Folder *folder =
                        project->folders.n_items
                                ? project->folders.items[pick(maker, project->folders.n_items)]
                                : NULL;

                give(maker, NAMESPACE_BUILD,
                     token_of_folder(maker->arena, project, folder ? folder->path : "\\"), user,
                     BUILD[pick(maker, sizeof(BUILD) / sizeof(BUILD[0]))]);
                return;
        }
        default: {
                const Node *node = project->nodes.items[pick(maker, project->nodes.n_items)];

                give(maker, node->structure == NODE_AREA ? NAMESPACE_CSS : NAMESPACE_ITERATION,
                     token_of_node(maker->arena, node), user,
                     node->structure == NODE_AREA ? CSS[pick(maker, sizeof(CSS) / sizeof(CSS[0]))]
                                                  : 1);
        }
        }
}

static void make_project(Maker *maker, int64_t number) {
        const Generation *generation = maker->generation;
        ProjectSpec spec = {.name = generation->project};

        if (generation->projects > 1)
                spec.name = arena_print(maker->arena, "%s %lld", generation->project,
                                        (long long)number);
        maker->project = project_create(maker->organization, &spec);
        if (generation->empty)
                return;
        for (int64_t i = 1; i <= generation->teams; i++)
                make_team(maker, i);
        for (int64_t i = 0; i < generation->grants; i++)
                make_grant(maker);
}

static void make_organization(World *world, const Generation *generation) {
        OrganizationSpec spec = {.name = generation->name};
        Maker maker = {.generation = generation, .world = world, .arena = &world->arena};
        Random kept = world->random;

        /* The ids, too, follow from the specification alone. */
        world->random.state = (uint64_t)generation->seed ^ text_hash(generation->name);
        maker.random.state = (uint64_t)generation->seed;
        maker.organization = organization_new(world, &spec);
        make_people(&maker);
        for (int64_t i = 1; i <= generation->projects; i++)
                make_project(&maker, i);
        array_deinit(&maker.users);
        world->random = kept;
}

int generate_organization(World *world, const char *spec, char **errorp) {
        Generation generation = {.name = "contoso",
                                 .project = "Project",
                                 .pat = "admin",
                                 .projects = 1,
                                 .teams = 1,
                                 .repositories = 1,
                                 .definitions = 1,
                                 .users = -1,
                                 .members = 2,
                                 .seed = 1,
                                 .kits = 1};

        if (read_spec(&world->arena, spec, &generation, errorp) < 0)
                return -1;
        if (generation.users < 0)
                generation.users = generation.teams * generation.members;
        if (world_find_organization(world, generation.name))
                return fail(errorp, spec, "name", "this organisation is there already");
        make_organization(world, &generation);
        return 0;
}

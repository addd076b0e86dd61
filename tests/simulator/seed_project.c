/* SPDX-License-Identifier: Apache-2.0 */
/* One project of a seed file. */
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/board.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/pool.h"
#include "tests/simulator/query.h"
#include "tests/simulator/resource.h"
#include "tests/simulator/seed.h"

/* What the items of a list are made with: each is a name, or an object whose "name" (or "path") it
 * is. */
typedef struct SeedThing {
        const Hand *hand; /* with the project */
        const Written *item;
        const char *name;
        Identity *creator; /* or NULL */
} SeedThing;

typedef void SeedThingMake(const SeedThing *thing);

static bool is_flagged(const SeedThing *thing, const char *key) {
        return cJSON_IsObject(thing->item->value) && written_flag(thing->item, key, false);
}

static const char *text_of(const SeedThing *thing, const char *key) {
        return cJSON_IsObject(thing->item->value) ? written_text(thing->item, key) : NULL;
}

static void twice(const SeedThing *thing) {
        written_mistake(thing->item, "\"%s\" stands twice", thing->name);
}

/* Things. */

static void make_branches(const SeedThing *thing, Repository *repository) {
        Written list;

        if (!cJSON_IsObject(thing->item->value) || !written_array(thing->item, "branches", &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);
                const char *name = written_item_text(&item);

                if (name)
                        branch_create(
                                repository,
                                arena_print(&thing->hand->world->arena, "refs/heads/%s", name),
                                thing->creator);
        }
}

static void make_repository(const SeedThing *thing) {
        Project *project = thing->hand->project;
        Repository *repository = project_find_repository(project, thing->name, AS_OF_NOW);

        /* The one a project begins with may be written down too. */
        if (repository && !text_same(thing->name, project->name)) {
                twice(thing);
                return;
        }
        if (!repository)
                repository = repository_create(project, thing->name, thing->creator);
        make_branches(thing, repository);
        if (is_flagged(thing, "disabled"))
                repository_set_disabled(repository, true);
        if (is_flagged(thing, "deleted"))
                repository_recycle(repository, thing->creator);
}

static void make_folder(const SeedThing *thing) {
        folder_create(thing->hand->project, thing->name, text_of(thing, "description"),
                      thing->creator);
}

static void make_pipeline(const SeedThing *thing) {
        Project *project = thing->hand->project;
        const char *repository = text_of(thing, "repository");
        DefinitionSpec spec = {.name = thing->name,
                               .path = text_of(thing, "folder"),
                               .yaml = text_of(thing, "yaml"),
                               .actor = thing->creator};

        if (repository &&
            !(spec.repository = project_find_repository(project, repository, AS_OF_NOW)))
                written_mistake_at(thing->item, "repository", "there is no repository \"%s\"",
                                   repository);
        else
                definition_create(project, &spec);
}

/* Makes a node with those above it. */
static void make_node(const SeedThing *thing, NodeStructure structure) {
        Project *project = thing->hand->project;
        Node *node = structure == NODE_AREA ? project->area_root : project->iteration_root;
        Arena *arena = &thing->hand->world->arena;

        for (const char *at = thing->name; *at;) {
                size_t length = strcspn(at, "/\\");
                const char *path =
                        arena_copy_length(arena, thing->name, (size_t)(at - thing->name) + length);

                if (length) {
                        Node *next = project_find_node(project, structure, path, AS_OF_NOW);

                        node = next ? next
                                    : node_create(node, arena_copy_length(arena, at, length));
                }
                at += length;
                at += *at != '\0';
        }
}

static void make_area(const SeedThing *thing) {
        make_node(thing, NODE_AREA);
}

static void make_iteration(const SeedThing *thing) {
        make_node(thing, NODE_ITERATION);
}

/* Makes a query, with the folders above it; without "wiql" it is a folder itself. */
static void make_query(const SeedThing *thing) {
        Project *project = thing->hand->project;
        Query *query = project->shared_queries;
        Arena *arena = &thing->hand->world->arena;
        const char *at = thing->name + strspn(thing->name, "/\\");

        while (*at) {
                size_t length = strcspn(at, "/\\");
                const char *rest = at + length + strspn(at + length, "/\\");
                QuerySpec spec = {.name = arena_copy_length(arena, at, length),
                                  .wiql = *rest ? NULL : text_of(thing, "wiql"),
                                  .actor = thing->creator};
                Query *next = query_find_child(query, spec.name, NULL, AS_OF_NOW);

                if (next && spec.wiql)
                        twice(thing);
                query = next ? next : query_create(query, &spec);
                at = rest;
        }
}

static void make_release_folder(const SeedThing *thing) {
        release_folder_create(thing->hand->project, thing->name, text_of(thing, "description"),
                              thing->creator);
}

static void make_release_pipeline(const SeedThing *thing) {
        DefinitionSpec spec = {.name = thing->name,
                               .path = text_of(thing, "folder"),
                               .actor = thing->creator};

        release_create(thing->hand->project, &spec);
}

static void make_plan(const SeedThing *thing) {
        BoardSpec spec = {.name = thing->name, .actor = thing->creator};

        plan_create(thing->hand->project, &spec);
}

static void make_dashboard(const SeedThing *thing) {
        const char *team = text_of(thing, "team");
        BoardSpec spec = {.name = thing->name, .actor = thing->creator};

        if (team && !(spec.team = project_find_team(thing->hand->project, team, AS_OF_NOW)))
                written_mistake_at(thing->item, "team", "there is no team \"%s\"", team);
        else
                dashboard_create(thing->hand->project, &spec);
}

static void make_endpoint(const SeedThing *thing) {
        EndpointSpec spec = {.name = thing->name,
                             .type = text_of(thing, "type"),
                             .url = text_of(thing, "url"),
                             .description = text_of(thing, "description"),
                             .actor = thing->creator};

        if (organization_find_endpoint(thing->hand->organization, thing->name, thing->hand->project,
                                       AS_OF_NOW))
                twice(thing);
        else
                endpoint_create(thing->hand->project, &spec);
}

/* One that a project comes with may be written down too: queues. */
static void make_resource(const SeedThing *thing, ResourceKind kind, ResourceSpec *spec) {
        Project *project = thing->hand->project;
        const Resource *there = project_find_resource(project, kind, thing->name, AS_OF_NOW);

        spec->name = thing->name;
        spec->description = text_of(thing, "description");
        spec->actor = thing->creator;
        if (there && (kind != RESOURCE_QUEUE || !there->pool->auto_provision))
                twice(thing);
        else if (!there)
                resource_create(project, kind, spec);
}

static void make_queue(const SeedThing *thing) {
        const char *pool = text_of(thing, "pool");
        ResourceSpec spec = {.pool = pool ? pool_of_name(thing->hand->organization, pool) : NULL};

        make_resource(thing, RESOURCE_QUEUE, &spec);
}

/* {"name": "value"} or {"name": {"value": …, "isSecret": …}}: the latter is how they are kept. */
static const char *variables_of(const SeedThing *thing) {
        Written member;
        cJSON *variables, *variable;
        const char *kept;
        char *text;

        if (!cJSON_IsObject(thing->item->value) ||
            !written_member(thing->item, "variables", &member) || !written_is_object(&member))
                return NULL;
        variables = cJSON_CreateObject();
        cJSON_ArrayForEach(variable, member.value) {
                cJSON *as_object = cJSON_CreateObject(),
                      *copy = cJSON_Duplicate(variable, /* recurse= */ 1);

                if (cJSON_IsObject(variable)) {
                        cJSON_Delete(as_object);
                        as_object = copy;
                } else {
                        cJSON_AddItemToObject(as_object, "value", copy);
                }
                cJSON_AddItemToObject(variables, variable->string, as_object);
        }
        text = cJSON_PrintUnformatted(variables);
        kept = arena_copy(&thing->hand->world->arena, text);
        cJSON_free(text);
        cJSON_Delete(variables);
        return kept;
}

static void make_variable_group(const SeedThing *thing) {
        ResourceSpec spec = {.variables = variables_of(thing)};

        make_resource(thing, RESOURCE_VARIABLE_GROUP, &spec);
}

static void make_secure_file(const SeedThing *thing) {
        make_resource(thing, RESOURCE_SECURE_FILE, &(ResourceSpec){0});
}

static void make_environment(const SeedThing *thing) {
        make_resource(thing, RESOURCE_ENVIRONMENT, &(ResourceSpec){0});
}

static void make_group(const SeedThing *thing) {
        IdentitySpec spec = {.kind = IDENTITY_GROUP,
                             .name = thing->name,
                             .description = text_of(thing, "description"),
                             .project = thing->hand->project};

        /* Default groups may be written down for their members. */
        if (!directory_find_group(thing->hand->organization, thing->hand->project, thing->name,
                                  AS_OF_NOW))
                directory_add(thing->hand->organization, &spec);
}

static void make_team(const SeedThing *thing) {
        Project *project = thing->hand->project;
        Organization *organization = thing->hand->organization;
        Identity *contributors = directory_find_role(organization, project, GROUP_CONTRIBUTORS);
        Team *team = project_find_team(project, thing->name, AS_OF_NOW);

        if (team && team != project->default_team) {
                twice(thing);
                return;
        }
        if (!team)
                team = team_create(project, thing->name, text_of(thing, "description"), NULL);
        if (is_flagged(thing, "contributors"))
                membership_add(organization, team->group, contributors);
        else
                membership_remove(organization, team->group, contributors);
}

/* Links. */

void seed_members(const Hand *hand, const Written *object, Identity *group) {
        Written list;

        if (!written_array(object, "members", &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);
                Identity *member = place_principal_item(hand->organization, hand->project, &item);

                if (member && membership_add(hand->organization, member, group) < 0)
                        written_mistake(&item, "%s is in %s already: a circle", group->name,
                                        member->name);
        }
}

static void link_group(const SeedThing *thing) {
        const Hand *hand = thing->hand;
        Identity *group =
                directory_find_group(hand->organization, hand->project, thing->name, AS_OF_NOW);

        if (group && cJSON_IsObject(thing->item->value))
                seed_members(hand, thing->item, group);
}

static void link_admins(const SeedThing *thing, Team *team) {
        Written list;

        if (!written_array(thing->item, "admins", &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);
                Identity *person = place_principal_item(thing->hand->organization, NULL, &item);

                if (person)
                        team_add_administrator(team, person);
        }
}

/* The areas in the words of the change "set_team_areas". */
static void link_areas(const SeedThing *thing) {
        cJSON *change;
        Written areas, as_change = *thing->item;

        if (!written_member(thing->item, "areas", &areas))
                return;
        change = cJSON_CreateObject();
        cJSON_AddStringToObject(change, "op", "set_team_areas");
        cJSON_AddStringToObject(change, "team", thing->name);
        cJSON_AddItemToObject(change, "areas", cJSON_Duplicate(areas.value, /* recurse= */ 1));
        as_change.value = change;
        hand_change(thing->hand, &as_change);
        cJSON_Delete(change);
}

static void link_team(const SeedThing *thing) {
        Team *team = project_find_team(thing->hand->project, thing->name, AS_OF_NOW);

        if (!team || !cJSON_IsObject(thing->item->value))
                return;
        link_group(thing);
        link_admins(thing, team);
        link_areas(thing);
}

static void link_endpoint(const SeedThing *thing) {
        Endpoint *endpoint = organization_find_endpoint(thing->hand->organization, thing->name,
                                                        thing->hand->project, AS_OF_NOW);
        Written list;

        if (!endpoint || !cJSON_IsObject(thing->item->value) ||
            !written_array(thing->item, "shared_with", &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);
                const char *name = written_item_text(&item);
                Project *project = name ? organization_find_project(thing->hand->organization,
                                                                    name, AS_OF_NOW)
                                        : NULL;

                if (project)
                        endpoint_share(endpoint, project);
                else if (name)
                        written_mistake(&item, "there is no project \"%s\"", name);
        }
}

/* The lists of a project. */

static const char *const PLAIN_KEYS[] = {"name", "description", "creator", NULL};
static const char *const REPOSITORY_KEYS[] = {"name",     "branches", "creator",
                                              "disabled", "deleted",  NULL};
static const char *const PIPELINE_KEYS[] = {"name", "folder",  "repository",
                                            "yaml", "creator", NULL};
static const char *const RELEASE_KEYS[] = {"name", "folder", "creator", NULL};
static const char *const DASHBOARD_KEYS[] = {"name", "team", "creator", NULL};
static const char *const QUERY_KEYS[] = {"name", "wiql", "creator", NULL};
static const char *const ENDPOINT_KEYS[] = {"name",        "type",    "url",
                                            "description", "creator", "shared_with",
                                            NULL};
static const char *const QUEUE_KEYS[] = {"name", "pool", "creator", NULL};
static const char *const VARIABLE_GROUP_KEYS[] = {"name", "description", "variables", "creator",
                                                  NULL};
static const char *const SECURE_FILE_KEYS[] = {"name", "creator", NULL};
static const char *const GROUP_KEYS[] = {"name", "description", "members", NULL};
static const char *const TEAM_KEYS[] = {"name",  "description",  "members", "admins",
                                        "areas", "contributors", NULL};

static const struct {
        const char *key;
        SeedGo go;
        const char *const *keys; /* of an item */
        SeedThingMake *make;
} LISTS[] = {
        {"groups", SEED_MAKE, GROUP_KEYS, make_group},
        {"teams", SEED_MAKE, TEAM_KEYS, make_team},
        {"areas", SEED_MAKE, PLAIN_KEYS, make_area},
        {"iterations", SEED_MAKE, PLAIN_KEYS, make_iteration},
        {"queries", SEED_MAKE, QUERY_KEYS, make_query},
        {"release_folders", SEED_MAKE, PLAIN_KEYS, make_release_folder},
        {"release_pipelines", SEED_MAKE, RELEASE_KEYS, make_release_pipeline},
        {"plans", SEED_MAKE, PLAIN_KEYS, make_plan},
        {"dashboards", SEED_MAKE, DASHBOARD_KEYS, make_dashboard},
        {"repositories", SEED_MAKE, REPOSITORY_KEYS, make_repository},
        {"folders", SEED_MAKE, PLAIN_KEYS, make_folder},
        {"pipelines", SEED_MAKE, PIPELINE_KEYS, make_pipeline},
        {"service_connections", SEED_MAKE, ENDPOINT_KEYS, make_endpoint},
        {"agent_queues", SEED_MAKE, QUEUE_KEYS, make_queue},
        {"variable_groups", SEED_MAKE, VARIABLE_GROUP_KEYS, make_variable_group},
        {"secure_files", SEED_MAKE, SECURE_FILE_KEYS, make_secure_file},
        {"environments", SEED_MAKE, PLAIN_KEYS, make_environment},
        {"groups", SEED_LINK, GROUP_KEYS, link_group},
        {"teams", SEED_LINK, TEAM_KEYS, link_team},
        {"service_connections", SEED_LINK, ENDPOINT_KEYS, link_endpoint},
};

static const char *name_of(const Written *item, const char *const *keys, SeedGo go) {
        bool plain = cJSON_IsString(item->value);
        Mistakes ignored = {.source = ""};
        Written quiet = *item;
        const char *name;

        if (go == SEED_MAKE && !plain && written_is_object(item))
                written_check_keys(item, keys);
        /* A mistake was said in the first go. */
        if (go != SEED_MAKE)
                quiet.mistakes = &ignored;
        if (plain)
                name = written_item_text(&quiet);
        else
                name = cJSON_IsObject(item->value) ? written_need(&quiet, "name") : NULL;
        free(ignored.text);
        return name;
}

static void read_list(const Hand *hand, const Written *project, size_t row) {
        Written list, creator;

        if (!seed_list(project, LISTS[row].key, LISTS[row].go, &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);
                SeedThing thing = {.hand = hand, .item = &item};

                thing.name = name_of(&item, LISTS[row].keys, LISTS[row].go);
                if (cJSON_IsObject(item.value) && written_member(&item, "creator", &creator))
                        thing.creator = place_principal_item(hand->organization, NULL, &creator);
                if (thing.name)
                        LISTS[row].make(&thing);
        }
}

static Project *make_project(const Hand *hand, const Written *object) {
        static const char *const KEYS[] = {"name",
                                           "id",
                                           "description",
                                           "visibility",
                                           "process",
                                           "creator",
                                           "groups",
                                           "teams",
                                           "areas",
                                           "iterations",
                                           "queries",
                                           "release_folders",
                                           "release_pipelines",
                                           "plans",
                                           "dashboards",
                                           "repositories",
                                           "folders",
                                           "pipelines",
                                           "agent_queues",
                                           "environments",
                                           "variable_groups",
                                           "secure_files",
                                           "service_connections",
                                           "permissions",
                                           NULL};
        ProjectSpec spec = {.name = written_need(object, "name"),
                            .id = written_text(object, "id"),
                            .description = written_text(object, "description"),
                            .visibility = written_text(object, "visibility"),
                            .process_id = written_text(object, "process")};
        Written creator;

        written_check_keys(object, KEYS);
        if (spec.id && !guid_is(spec.id))
                written_mistake_at(object, "id", "\"%s\" is no GUID", spec.id);
        if (written_member(object, "creator", &creator))
                spec.actor = place_principal_item(hand->organization, NULL, &creator);
        if (spec.name && organization_find_project(hand->organization, spec.name, AS_OF_NOW))
                written_mistake_at(object, "name", "\"%s\" stands twice", spec.name);
        else if (spec.name)
                return project_create(hand->organization, &spec);
        return NULL;
}

void seed_permissions(const Hand *hand, const Written *object) {
        Written list, member;

        if (!written_array(object, "permissions", &list))
                return;
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);
                HandJob job = {.hand = hand, .change = &item, .arena = &hand->world->arena};

                if (!written_is_object(&item))
                        continue;
                if (written_member(&item, "inherit", &member))
                        hand_set_inherit(&job);
                else
                        hand_grant(&job);
        }
}

void seed_project(const Hand *hand, const Written *object, SeedGo go) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(object->value, "name"));
        Hand inside = *hand;

        if (go == SEED_MAKE)
                inside.project = make_project(hand, object);
        else
                inside.project =
                        name ? organization_find_project(hand->organization, name, AS_OF_NOW)
                             : NULL;
        if (!inside.project)
                return;
        for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
                if (LISTS[i].go == go)
                        read_list(&inside, object, i);
        }
        if (go == SEED_GIVE)
                seed_permissions(&inside, object);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* People, groups, teams changed by hand. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/entra.h"
#include "tests/simulator/hand.h"

static bool is_clean(const HandJob *job, size_t n_mistakes) {
        return job->change->mistakes->n_mistakes == n_mistakes;
}

/* The project of a change about groups; *foundp is NULL when the change is about the
 * organisation's. */
static int read_scope(const HandJob *job, Project **foundp) {
        Written member;

        *foundp = job->hand->project;
        if (!written_member(job->change, "project", &member))
                return 0;
        *foundp = place_project(job->hand->organization, NULL, job->change);
        return *foundp ? 0 : -1;
}

static int may_edit_project(const HandJob *job, const Project *project) {
        if (!project)
                return hand_may(job, NAMESPACE_COLLECTION, "NAMESPACE:", 2);
        return hand_may(job, NAMESPACE_PROJECT, token_of_project(job->arena, project),
                        PROJECT_WRITE);
}

/* People. */

int hand_add_person(const HandJob *job) {
        static const char *const KEYS[] = {"op", "user", "name", "pat", NULL};
        Organization *organization = job->hand->organization;
        IdentitySpec spec = {.kind = IDENTITY_USER};
        size_t n_mistakes = job->change->mistakes->n_mistakes;
        int result;

        written_check_keys(job->change, KEYS);
        spec.unique_name = written_need(job->change, "user");
        spec.name = written_text(job->change, "name");
        spec.pat = written_text(job->change, "pat");
        if (!is_clean(job, n_mistakes))
                return -1;
        if (!spec.name)
                spec.name = spec.unique_name;
        if (directory_find_word(organization, spec.unique_name)) {
                written_mistake_at(job->change, "user", "\"%s\" is there already",
                                   spec.unique_name);
                return -1;
        }
        result = may_edit_project(job, NULL);
        if (result == 0)
                directory_add(organization, &spec);
        return result;
}

int hand_remove_person(const HandJob *job) {
        static const char *const KEYS[] = {"op", "user", NULL};
        Identity *person;
        int result;

        written_check_keys(job->change, KEYS);
        person = place_principal(job->hand->organization, NULL, job->change, "user");
        if (!person)
                return -1;
        result = may_edit_project(job, NULL);
        if (result == 0)
                directory_remove(job->hand->organization, person);
        return result;
}

int hand_rename_person(const HandJob *job) {
        static const char *const KEYS[] = {"op", "user", "to", NULL};
        Organization *organization = job->hand->organization;
        Identity *person;
        const char *to;
        int result;

        written_check_keys(job->change, KEYS);
        person = place_principal(organization, NULL, job->change, "user");
        to = written_need(job->change, "to");
        if (!person || !to)
                return -1;
        if (person->kind != IDENTITY_USER) {
                written_mistake_at(job->change, "user", "%s is no user", person->name);
                return -1;
        }
        if (directory_find_word(organization, to)) {
                written_mistake_at(job->change, "to", "\"%s\" is there already", to);
                return -1;
        }
        result = may_edit_project(job, NULL);
        if (result == 0)
                directory_rename_person(organization, person, to);
        return result;
}

int hand_move_tenant(const HandJob *job) {
        static const char *const KEYS[] = {"op", "tenant", NULL};
        const char *tenant;
        int result;

        written_check_keys(job->change, KEYS);
        tenant = written_need(job->change, "tenant");
        if (!tenant || !guid_is(tenant)) {
                if (tenant)
                        written_mistake_at(job->change, "tenant", "\"%s\" is no GUID", tenant);
                return -1;
        }
        result = may_edit_project(job, NULL);
        if (result == 0)
                directory_move_tenant(job->hand->organization, tenant);
        return result;
}

/* Groups. */

/* In Entra, where nobody of the organisation is asked. */
int hand_set_client(const HandJob *job) {
        static const char *const KEYS[] = {"op", "application_id", "secret", NULL};
        const char *id, *secret;
        EntraClient *client;

        written_check_keys(job->change, KEYS);
        id = written_need(job->change, "application_id");
        secret = written_need(job->change, "secret");
        client = id ? entra_find(job->hand->world, id) : NULL;
        if (!client || !secret) {
                if (id && !client)
                        written_mistake_at(job->change, "application_id", "nobody has \"%s\"", id);
                return -1;
        }
        client->secret = arena_copy(job->arena, secret);
        return 0;
}

int hand_create_group(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "description", "project", NULL};
        Organization *organization = job->hand->organization;
        IdentitySpec spec = {.kind = IDENTITY_GROUP};
        size_t n_mistakes = job->change->mistakes->n_mistakes;
        int result;

        written_check_keys(job->change, KEYS);
        spec.name = written_need(job->change, "name");
        spec.description = written_text(job->change, "description");
        if (read_scope(job, &spec.project) < 0 || !is_clean(job, n_mistakes))
                return -1;
        if (directory_find_group(organization, spec.project, spec.name, AS_OF_NOW)) {
                written_mistake_at(job->change, "name", "\"%s\" is there already", spec.name);
                return -1;
        }
        result = may_edit_project(job, spec.project);
        if (result == 0)
                directory_add(organization, &spec);
        return result;
}

static Identity *read_group(const HandJob *job, const char *key) {
        Project *project;
        Identity *group;

        if (read_scope(job, &project) < 0)
                return NULL;
        group = place_principal(job->hand->organization, project, job->change, key);
        if (group && group->kind != IDENTITY_GROUP) {
                written_mistake_at(job->change, key, "%s is no group", group->name);
                return NULL;
        }
        return group;
}

int hand_rename_group(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "to", "project", NULL};
        Identity *group;
        const char *to;
        int result;

        written_check_keys(job->change, KEYS);
        group = read_group(job, "name");
        to = written_need(job->change, "to");
        if (!group || !to)
                return -1;
        result = may_edit_project(job, group->project);
        if (result == 0)
                directory_rename(job->hand->organization, group, to);
        return result;
}

int hand_delete_group(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "project", NULL};
        Identity *group;
        int result;

        written_check_keys(job->change, KEYS);
        group = read_group(job, "name");
        if (!group)
                return -1;
        if (group->team || group->role != GROUP_ORDINARY) {
                written_mistake_at(job->change, "name", "%s is a team or a default group",
                                   group->name);
                return -1;
        }
        result = may_edit_project(job, group->project);
        if (result == 0)
                directory_remove(job->hand->organization, group);
        return result;
}

/* Memberships. */

static int read_edge(const HandJob *job, Identity **memberp, Identity **groupp) {
        static const char *const KEYS[] = {"op", "member", "group", "project", NULL};
        Project *project;

        written_check_keys(job->change, KEYS);
        if (read_scope(job, &project) < 0)
                return -1;
        *memberp = place_principal(job->hand->organization, project, job->change, "member");
        *groupp = place_principal(job->hand->organization, project, job->change, "group");
        if (!*memberp || !*groupp)
                return -1;
        return hand_may(job, NAMESPACE_IDENTITY, token_of_group(job->arena, *groupp),
                        IDENTITY_MANAGE_MEMBERSHIP);
}

int hand_add_member(const HandJob *job) {
        Identity *member, *group;
        int result = read_edge(job, &member, &group);

        if (result != 0)
                return result;
        result = membership_add(job->hand->organization, member, group);
        if (result < 0)
                written_mistake_at(job->change, "member", "%s is in %s already: a circle",
                                   group->name, member->name);
        return result;
}

int hand_remove_member(const HandJob *job) {
        Identity *member, *group;
        int result = read_edge(job, &member, &group);

        if (result != 0)
                return result;
        if (!membership_remove(job->hand->organization, member, group)) {
                written_mistake_at(job->change, "member", "%s is not in %s", member->name,
                                   group->name);
                return -1;
        }
        return 0;
}

/* Teams. */

int hand_create_team(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "description", "project", NULL};
        Project *project;
        const char *name, *description;
        int result;

        written_check_keys(job->change, KEYS);
        project = hand_project(job);
        name = written_need(job->change, "name");
        description = written_text(job->change, "description");
        if (!project || !name)
                return -1;
        if (directory_find_group(job->hand->organization, project, name, AS_OF_NOW)) {
                written_mistake_at(job->change, "name", "\"%s\" is there already", name);
                return -1;
        }
        result = may_edit_project(job, project);
        if (result == 0)
                team_create(project, name, description, job->hand->person);
        return result;
}

static Team *read_team(const HandJob *job, const char *key) {
        Project *project = hand_project(job);
        const char *name = written_need(job->change, key);
        Team *team = project && name ? project_find_team(project, name, AS_OF_NOW) : NULL;

        if (project && name && !team)
                written_mistake_at(job->change, key, "%s has no team \"%s\"", project->name, name);
        return team;
}

int hand_delete_team(const HandJob *job) {
        static const char *const KEYS[] = {"op", "name", "project", NULL};
        Team *team;
        int result;

        written_check_keys(job->change, KEYS);
        team = read_team(job, "name");
        if (!team)
                return -1;
        if (team == team->project->default_team) {
                written_mistake_at(job->change, "name", "the default team stays");
                return -1;
        }
        result = may_edit_project(job, team->project);
        if (result == 0)
                team_delete(team);
        return result;
}

static int read_admin(const HandJob *job, Team **teamp, Identity **personp) {
        static const char *const KEYS[] = {"op", "team", "person", "project", NULL};

        written_check_keys(job->change, KEYS);
        *teamp = read_team(job, "team");
        *personp =
                place_principal(job->hand->organization, job->hand->project, job->change, "person");
        if (!*teamp || !*personp)
                return -1;
        return hand_may(job, NAMESPACE_IDENTITY, token_of_group(job->arena, (*teamp)->group),
                        IDENTITY_MANAGE_MEMBERSHIP);
}

int hand_add_admin(const HandJob *job) {
        Team *team;
        Identity *person;
        int result = read_admin(job, &team, &person);

        if (result == 0)
                team_add_administrator(team, person);
        return result;
}

int hand_remove_admin(const HandJob *job) {
        const Hand *hand = job->hand;
        Team *team;
        Identity *person;
        int result = read_admin(job, &team, &person);
        AclTarget target = {hand->world, hand->organization, namespace_get(NAMESPACE_IDENTITY),
                            NULL};

        if (result != 0)
                return result;
        target.token = token_of_group(job->arena, team->group);
        acl_remove_entries(&target, &person->descriptor, 1);
        return 0;
}

/* Areas of a team: "A" with its children, or {"path":"A","children":false}. The first is the
 * default. */
static int read_area(const HandJob *job, const Project *project, const Written *item,
                     TeamFieldValue *value) {
        bool plain = cJSON_IsString(item->value);
        const char *path;
        const Node *node;

        if (!plain && !written_is_object(item))
                return -1;
        path = plain ? written_item_text(item) : written_need(item, "path");
        if (!path)
                return -1;
        node = project_find_node((Project *)project, NODE_AREA, strcmp(path, "\\") == 0 ? "" : path,
                                 AS_OF_NOW);
        if (!node) {
                written_mistake(item, "%s has no area \"%s\"", project->name, path);
                return -1;
        }
        value->value = node_field_path(job->arena, node, AS_OF_NOW);
        value->include_children = plain || written_flag(item, "children", true);
        return 0;
}

int hand_set_team_areas(const HandJob *job) {
        static const char *const KEYS[] = {"op", "team", "areas", "project", NULL};
        Team *team;
        Written list;
        TeamFieldValue *values;
        int result = 0;

        written_check_keys(job->change, KEYS);
        team = read_team(job, "team");
        if (!team || !written_array(job->change, "areas", &list))
                return -1;
        values = arena_alloc(job->arena, (written_count(&list) + 1) * sizeof(*values));
        for (size_t i = 0; i < written_count(&list); i++) {
                Written item = written_item(&list, i);

                if (read_area(job, team->project, &item, &values[i]) < 0)
                        result = -1;
        }
        if (result == 0)
                result = may_edit_project(job, team->project);
        if (result == 0)
                team_set_areas(team, written_count(&list) ? values[0].value : NULL, values,
                               written_count(&list));
        return result;
}

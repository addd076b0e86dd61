/* SPDX-License-Identifier: Apache-2.0 */
/* Project: one project of the charter. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "config/loading.h"
#include "config/name.h"

/* clang-format off: one row a line */
static const BindRow project_rows[] = {
        {NULL, BIND_INCLUDE, offsetof(ProjectLayer, policies), .table = &policy_table},
        {NULL, BIND_INCLUDE, offsetof(ProjectLayer, artefacts), .table = &kind_keys_table},
        {"teams", BIND_NODE, offsetof(ProjectLayer, teams)},
        {"groups", BIND_NODE, offsetof(ProjectLayer, groups)},
        {"asserts", BIND_NODE, offsetof(ProjectLayer, asserts)},
        {"create_project", BIND_NODE, offsetof(ProjectLayer, create_project)},
        {"except", BIND_CALL, offsetof(ProjectLayer, except), .take = take_except},
};
static const BindTable project_table = BIND_TABLE(project_rows);

static const char *const visibility_words[] = {"private", "public", NULL};

typedef struct CreateKeys {
        const char *process;
        int visibility;
} CreateKeys;

static const BindRow create_rows[] = {
        {"process", BIND_TEXT, offsetof(CreateKeys, process), BIND_REQUIRED},
        {"visibility", BIND_CHOICE, offsetof(CreateKeys, visibility), .choices = visibility_words},
};
static const BindTable create_table = BIND_TABLE(create_rows);
/* clang-format on */

static void load_creation(Binder *binder, DesiredProject *project, const YamlNode *node) {
        CreateKeys keys = {0};

        if (!node || !bind_map(binder, node, &create_table, &keys) || !keys.process)
                return;
        project->create_project = true;
        project->process = keys.process;
        project->visibility = visibility_words[keys.visibility];
}

/* --- principals ----------------------------------------------------------------------------------------------------- */

static void check_key(Binder *binder, const YamlNode *key, Kind kind) {
        const char *problem = name_problem(binder->arena, kind, key->text);

        if (problem)
                bind_error(binder, key->place, "the %s `%s` %s", kind_row(kind)->noun, key->text, problem);
}

/* Among themselves the organisation's groups are named as those of a project are. */
static void localise_list(Binder *binder, PrincipalList *list) {
        for (size_t i = 0; i < list->n; i++) {
                PrincipalName *one = &list->items[i];

                if (one->form == PRINCIPAL_GROUP)
                        bind_error(binder, one->place,
                                   "`%s` is of no project: a group of the organization is written { group: NAME, of: "
                                   "organization }; a team enters one by its own `member_of`",
                                   one->name);
                else if (one->form == PRINCIPAL_ORGANIZATION_GROUP)
                        one->form = PRINCIPAL_GROUP;
        }
}

static void localise(Binder *binder, DesiredPrincipal *group) {
        group->is_of_organization = true;
        localise_list(binder, &group->members);
        localise_list(binder, &group->member_of);
        if (group->admins.mentioned)
                bind_error(binder, group->admins.place, "`admins` is said of a team alone");
        for (size_t i = 0; i < group->n_rules; i++) {
                Rule *rule = &group->rules[i];

                if (rule->at.form != AT_ORGANIZATION)
                        bind_error(binder, rule->at.place,
                                   "a group of the organization has its grants `at: organization`");
                if (rule->same_as && !rule->same_as->of_organization)
                        bind_error(binder, rule->same_as->place,
                                   "a group of the organization is the same as another of the organization: "
                                   "{ group: NAME, of: organization }");
                else if (rule->same_as)
                        rule->same_as->of_organization = false;
        }
}

static void check_principal_name(Binder *binder, const YamlNode *key, Kind kind) {
        check_key(binder, key, kind);
        if (kind == KIND_TEAM && name_is_builtin_group(/* project= */ "", key->text)) /* "Shop Team" is a team */
                bind_error(binder, key->place, "`%s` is a group that every project has: it stands under `groups`",
                           key->text);
}

static void load_principals(Binder *binder, DesiredProject *project, const ProjectLayer *layer,
                            const YamlNode *map, Kind kind) {
        if (!map || !bind_expect(binder, map, YAML_MAP))
                return;
        check_names_differ(binder, map);
        for (uint32_t i = 0; i < map->n; i++) {
                DesiredPrincipal *principal = &project->principals[project->n_principals++];

                check_principal_name(binder, map->keys[i], kind);
                principal->is_team = kind == KIND_TEAM;
                principal_load(binder, principal, map->keys[i], map->items[i], layer);
        }
}

static int compare_principals(const void *a, const void *b) {
        return text_compare(((const DesiredPrincipal *)a)->name, ((const DesiredPrincipal *)b)->name);
}

static void sort_principals(Binder *binder, DesiredProject *project) {
        if (project->n_principals > 1)
                qsort(project->principals, project->n_principals, sizeof *project->principals, compare_principals);
        for (size_t i = 1; i < project->n_principals; i++) {
                const DesiredPrincipal *one = &project->principals[i - 1], *other = &project->principals[i];

                /* Within teams, and within groups, check_names_differ() has told. */
                if (one->is_team != other->is_team && text_equal(one->name, other->name))
                        bind_error(binder, other->place, "`%s` is a team and a group; also at %s:%u:%u", other->name,
                                   one->place.file, one->place.line, one->place.column);
        }
}

/* --- artefacts that no team owns ------------------------------------------------------------------------------------ */

static int compare_artefacts(const void *x, const void *y) {
        const DesiredArtefact *a = x, *b = y;

        return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : text_compare(a->name, b->name);
}

static void load_artefacts(Binder *binder, DesiredProject *project, const ProjectLayer *layer) {
        Loading *loading = binder->context;

        project->artefacts = arena_alloc(binder->arena, layer->artefacts.n * sizeof *project->artefacts);
        for (size_t i = 0; i < layer->artefacts.n; i++) {
                const ArtefactLayer *one = &layer->artefacts.items[i];
                const PolicyLayer *layers[] = {&one->policies, &layer->policies, &loading->defaults};

                if (one->is_owned)
                        continue;
                if (one->pipelines && one->pipelines->use == PIPELINE_USE_OWN)
                        bind_error(binder, one->pipelines->place, "`own` is what a team owns, and no team owns the %s `%s`",
                                   kind_row(one->kind)->noun, one->name);
                project->artefacts[project->n_artefacts++] = (DesiredArtefact){
                        .kind = one->kind,
                        .name = one->name,
                        .inherit = one->inherit,
                        .pipelines = one->pipelines,
                        .policies = policies_resolve(layers, sizeof layers / sizeof *layers),
                        .place = one->place,
                };
        }
        if (project->n_artefacts > 1)
                qsort(project->artefacts, project->n_artefacts, sizeof *project->artefacts, compare_artefacts);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static uint32_t count(const YamlNode *node) {
        return node && node->type == YAML_MAP ? node->n : 0;
}

static void count_teams(Binder *binder, const DesiredProject *project) {
        Loading *loading = binder->context;

        for (size_t i = 0; i < project->n_principals; i++)
                loading->desired->n_teams += project->principals[i].is_team;
}

void project_load(Binder *binder, DesiredProject *project, const YamlNode *key, const YamlNode *value) {
        Loading *loading = binder->context;
        const PolicyLayer *policies[2] = {NULL, &loading->defaults};
        Arena *frame = arena_new(NULL);
        ProjectLayer layer = {.name = arena_strdup(binder->arena, key->text)};
        Variables variables = {.outer = binder->variables, .items = layer.variables, .n = 1};
        Binder inner = *binder;

        loading->frame = frame;
        project->name = layer.name;
        project->place = key->place;
        check_key(binder, key, KIND_PROJECT);
        layer.variables[0] = (Variable){"project", layer.name};
        inner.variables = &variables;
        if (value->type != YAML_NULL)
                bind_map(&inner, value, &project_table, &layer);
        policies[0] = &layer.policies;
        project->policies = policies_resolve(policies, 2);
        project->except = layer.except;
        load_creation(&inner, project, layer.create_project);
        project->principals = arena_alloc(
                binder->arena, ((size_t)count(layer.teams) + count(layer.groups)) * sizeof *project->principals);
        load_principals(&inner, project, &layer, layer.teams, KIND_TEAM);
        load_principals(&inner, project, &layer, layer.groups, KIND_GROUP);
        sort_principals(binder, project);
        load_artefacts(binder, project, &layer);
        if (layer.asserts)
                project_load_asserts(&inner, project, layer.asserts);
        count_teams(binder, project);
        mem_free(frame);
}

void organization_load(Binder *binder, DesiredProject *project, const YamlNode *groups) {
        Loading *loading = binder->context;
        const PolicyLayer *policies[] = {&loading->defaults};
        ProjectLayer layer = {.name = DESIRED_ORGANIZATION};

        project->name = DESIRED_ORGANIZATION;
        project->place = groups->place;
        project->policies = policies_resolve(policies, 1);
        project->principals = arena_alloc(binder->arena, groups->n * sizeof *project->principals);
        load_principals(binder, project, &layer, groups, KIND_GROUP);
        for (size_t i = 0; i < project->n_principals; i++)
                localise(binder, &project->principals[i]);
        sort_principals(binder, project);
}

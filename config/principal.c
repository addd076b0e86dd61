/* SPDX-License-Identifier: Apache-2.0 */
/* Principal: a team or group of a project, with the kits laid under it. */
#include <string.h>

#include "common/base/text.h"
#include "common/model/identity.h"
#include "config/loading.h"
#include "config/name.h"

typedef struct ChoiceMention {
        bool mentioned;
        int value;
        Place place;
} ChoiceMention;

/* What one mapping, a team's or a kit's, says. */
typedef struct PrincipalLayer {
        PolicyLayer policies;
        const YamlNode *kit;
        PrincipalList members;
        PrincipalList admins;
        PrincipalList member_of;
        ArtefactVector owns;
        RuleVector grants;
        ChoiceMention grants_policy;
        ChoiceMention confined;
        ChoiceMention include_sub_areas;
        ChoiceMention retired;
        Except except;
        const char *was;
} PrincipalLayer;

static const char *const grants_policy_words[] = {"exact", "report", "additive", NULL};

static void take_choice(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ChoiceMention *mention = target;
        int index = bind_choice(binder, value, row->choices);

        if (index >= 0)
                *mention = (ChoiceMention){true, index, value->place};
}

static void take_flag(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ChoiceMention *mention = target;
        bool flag = false;

        if (bind_bool(binder, value, &flag))
                *mention = (ChoiceMention){true, flag, value->place};
}

#define OF_TEAMS "is said of a team alone; a group owns nothing"

/* clang-format off: one row a line */
static const BindRow common_rows[] = {
        {NULL, BIND_INCLUDE, offsetof(PrincipalLayer, policies), .table = &policy_table},
        {"members", BIND_CALL, offsetof(PrincipalLayer, members), .take = take_principals},
        {"admins", BIND_CALL, offsetof(PrincipalLayer, admins), .take = take_principals},
        {"member_of", BIND_CALL, offsetof(PrincipalLayer, member_of), .take = take_groups},
        {"grants", BIND_CALL, offsetof(PrincipalLayer, grants), .take = take_grants},
        {"grants_policy", BIND_CALL, offsetof(PrincipalLayer, grants_policy), .take = take_choice,
         .choices = grants_policy_words},
        {"retired", BIND_CALL, offsetof(PrincipalLayer, retired), .take = take_flag},
        {"except", BIND_CALL, offsetof(PrincipalLayer, except), .take = take_except},
};
static const BindTable common_table = BIND_TABLE(common_rows);
static const BindRow owner_rows[] = {
        {NULL, BIND_INCLUDE, .table = &common_table},
        {"owns", BIND_MAP, offsetof(PrincipalLayer, owns), .table = &owns_table},
        {"confined", BIND_CALL, offsetof(PrincipalLayer, confined), .take = take_flag},
        {"include_sub_areas", BIND_CALL, offsetof(PrincipalLayer, include_sub_areas), .take = take_flag},
};
static const BindTable kit_table = BIND_TABLE(owner_rows);
static const BindRow team_rows[] = {
        {NULL, BIND_INCLUDE, .table = &kit_table},
        {"kit", BIND_NODE, offsetof(PrincipalLayer, kit)},
        {"was", BIND_TEXT, offsetof(PrincipalLayer, was)},
};
static const BindTable team_table = BIND_TABLE(team_rows);
static const BindRow group_rows[] = {
        {NULL, BIND_INCLUDE, .table = &common_table},
        {"kit", BIND_NODE, offsetof(PrincipalLayer, kit)},
        {"was", BIND_TEXT, offsetof(PrincipalLayer, was)},
        {"owns", BIND_REFUSED, .why = OF_TEAMS},
        {"confined", BIND_REFUSED, .why = OF_TEAMS},
        {"include_sub_areas", BIND_REFUSED, .why = OF_TEAMS},
};
static const BindTable group_table = BIND_TABLE(group_rows);
/* clang-format on */

/* --- kits ----------------------------------------------------------------------------------------------------------- */

typedef struct KitKeys {
        const YamlNode *name;
        const YamlNode *with;
} KitKeys;

static const BindRow kit_use_rows[] = {
        {"name", BIND_NODE, offsetof(KitKeys, name), BIND_REQUIRED},
        {"with", BIND_NODE, offsetof(KitKeys, with)},
};
static const BindTable kit_use_table = BIND_TABLE(kit_use_rows);

/* The layers of a principal from the farthest to the nearest: kits in the order named, then its own. */
typedef struct Layers {
        PrincipalLayer items[CHARTER_KITS_OF_ONE_MAX + 1];
        size_t n;
} Layers;

/* Teams of one kit have its name in one place. */
static void note_kit(Binder *binder, uint32_t kit, DesiredPrincipal *principal) {
        Loading *loading = binder->context;

        loading->kit_is_used[kit] = true;
        if (!loading->kit_names[kit])
                loading->kit_names[kit] = arena_strdup(binder->arena, loading->kits->keys[kit]->text);
        principal->kit = principal->kit
                                 ? arena_printf(binder->arena, "%s, %s", principal->kit, loading->kit_names[kit])
                                 : loading->kit_names[kit];
}

static const YamlNode *find_kit(Binder *binder, const YamlNode *name, DesiredPrincipal *principal) {
        Loading *loading = binder->context;
        const char *names[1024];
        size_t n = 0;

        if (!bind_expect(binder, name, YAML_TEXT))
                return NULL;
        for (uint32_t i = 0; loading->kits && i < loading->kits->n; i++) {
                if (strcmp(loading->kits->keys[i]->text, name->text) == 0) {
                        note_kit(binder, i, principal);
                        return loading->kits->items[i];
                }
                if (n < sizeof names / sizeof *names)
                        names[n++] = loading->kits->keys[i]->text;
        }
        bind_unknown(binder, name->place, "no such kit", name->text, names, n);
        return NULL;
}

static bool read_with(Binder *binder, const YamlNode *with, Variables *variables) {
        Variable *items;

        if (!bind_expect(binder, with, YAML_MAP))
                return false;
        items = arena_alloc(binder->arena, with->n * sizeof *items);
        for (uint32_t i = 0; i < with->n; i++) {
                const char *value = bind_text(binder, with->items[i]);

                if (!variables_name_is_free(with->keys[i]->text))
                        bind_error(binder, with->keys[i]->place, "`%s` " VARIABLES_NAME_RULE, with->keys[i]->text);
                else if (value)
                        items[variables->n++] = (Variable){with->keys[i]->text, value};
        }
        variables->items = items;
        return true;
}

static void lay_kit(Binder *binder, const YamlNode *use, DesiredPrincipal *principal, Layers *layers) {
        Loading *loading = binder->context;
        Variables variables = {.outer = binder->variables};
        Binder inner = *binder;
        KitKeys keys = {.name = use};
        const YamlNode *kit;

        if (use->type == YAML_MAP) {
                keys.name = NULL;
                if (!bind_map(binder, use, &kit_use_table, &keys) || !keys.name)
                        return;
        }
        if (keys.with && !read_with(binder, keys.with, &variables))
                return;
        kit = find_kit(binder, keys.name, principal);
        if (!kit)
                return;
        if (layers->n == CHARTER_KITS_OF_ONE_MAX) {
                bind_error(binder, use->place, "more than %d kits", CHARTER_KITS_OF_ONE_MAX);
                return;
        }
        loading->n_kit_nodes += kit->n_nodes;
        if (loading->n_kit_nodes > CHARTER_KIT_NODES_MAX) {
                bind_error(binder, use->place, "the kits used stand for more than 1000000 values");
                return;
        }
        inner.variables = &variables;
        bind_map(&inner, kit, &kit_table, &layers->items[layers->n]);
        if (!principal->is_team && (layers->items[layers->n].owns.n > 0 || layers->items[layers->n].confined.mentioned))
                bind_error(binder, use->place, "the kit has `owns` or `confined`, which a group cannot have");
        layers->n++;
}

static void lay_kits(Binder *binder, const YamlNode *node, DesiredPrincipal *principal, Layers *layers) {
        if (!node)
                return;
        if (node->type != YAML_LIST) {
                lay_kit(binder, node, principal, layers);
                return;
        }
        for (uint32_t i = 0; i < node->n; i++)
                lay_kit(binder, node->items[i], principal, layers);
}

void kits_check_unused(Binder *binder) {
        Loading *loading = binder->context;
        Variables open = {.outer = binder->variables, .open = true};

        for (uint32_t i = 0; loading->kits && i < loading->kits->n; i++) {
                Binder inner = *binder;
                PrincipalLayer layer = {0};

                if (loading->kit_is_used[i])
                        continue;
                inner.variables = &open;
                loading->frame = arena_new(NULL);
                bind_map(&inner, loading->kits->items[i], &kit_table, &layer);
                loading->frame = mem_free(loading->frame);
        }
}

/* --- layers united -------------------------------------------------------------------------------------------------- */

/* Members and administrators of all layers together. */
static void unite_lists(Binder *binder, const Layers *layers, size_t offset, PrincipalList *list) {
        size_t n = 0;

        for (size_t i = 0; i < layers->n; i++)
                n += ((const PrincipalList *)((const char *)&layers->items[i] + offset))->n;
        list->items = arena_alloc(binder->arena, n * sizeof *list->items);
        for (size_t i = 0; i < layers->n; i++) {
                const PrincipalList *one = (const PrincipalList *)((const char *)&layers->items[i] + offset);

                if (!one->mentioned)
                        continue;
                list->mentioned = true;
                list->place = one->place;
                for (size_t k = 0; k < one->n; k++)
                        list->items[list->n++] = one->items[k];
        }
        principals_drop_repeated(binder, list, REPEATED_IS_FINE);
}

/* The nearest mention replaces what is laid under it. */
static void take_nearest_list(Binder *binder, const Layers *layers, PrincipalList *list) {
        for (size_t i = layers->n; i-- > 0;) {
                const PrincipalList *one = &layers->items[i].member_of;

                if (!one->mentioned)
                        continue;
                *list = *one;
                list->items = arena_memdup(binder->arena, one->items, one->n * sizeof *one->items);
                return;
        }
}

static void unite_except(Binder *binder, const Layers *layers, Except *except) {
        size_t n = 0;

        for (size_t i = 0; i < layers->n; i++)
                n += layers->items[i].except.n;
        except->items = arena_alloc(binder->arena, n * sizeof *except->items);
        for (size_t i = 0; i < layers->n; i++)
                for (size_t k = 0; k < layers->items[i].except.n; k++)
                        except->items[except->n++] = layers->items[i].except.items[k];
}

static int nearest_choice(const Layers *layers, size_t offset, int otherwise) {
        for (size_t i = layers->n; i-- > 0;) {
                const ChoiceMention *mention =
                        (const ChoiceMention *)((const char *)&layers->items[i] + offset);

                if (mention->mentioned)
                        return mention->value;
        }
        return otherwise;
}

static void unite_rules(Binder *binder, const Layers *layers, DesiredPrincipal *principal) {
        size_t n = 0;

        for (size_t i = 0; i < layers->n; i++) {
                n += layers->items[i].grants.n;
                principal->grants_mentioned |= layers->items[i].grants.mentioned;
        }
        principal->rules = arena_alloc(binder->arena, n * sizeof *principal->rules);
        for (size_t i = 0; i < layers->n; i++)
                for (size_t k = 0; k < layers->items[i].grants.n; k++)
                        principal->rules[principal->n_rules++] = layers->items[i].grants.items[k];
}

/* --- what it owns --------------------------------------------------------------------------------------------------- */

static void lay_artefact(ArtefactLayer *under, const ArtefactLayer *over) {
        if (over->inherit != TRISTATE_UNSET) {
                under->inherit = over->inherit;
                under->inherit_place = over->inherit_place;
        }
        if (over->pipelines)
                under->pipelines = over->pipelines;
        for (size_t key = 0; key < _POLICY_KEY_N; key++)
                if (over->policies.keys[key].mentioned)
                        under->policies.keys[key] = over->policies.keys[key];
        if (over->policies.suspend)
                under->policies.suspend = over->policies.suspend;
        if (over->was)
                under->was = over->was;
        under->place = over->place;
}

static ArtefactVector unite_owns(Mem *frame, const Layers *layers) {
        ArtefactVector all = {0};

        for (size_t i = 0; i < layers->n; i++)
                for (size_t k = 0; k < layers->items[i].owns.n; k++) {
                        const ArtefactLayer *one = &layers->items[i].owns.items[k];
                        ArtefactLayer *found = artefacts_find(&all, one->kind, one->name);

                        if (found)
                                lay_artefact(found, one);
                        else
                                artefacts_add(frame, &all, one);
                }
        return all;
}

static void lay_pipelines(Binder *binder, ArtefactLayer *artefact, const ArtefactLayer *key) {
        if (artefact->pipelines && key->pipelines && !pipelines_are_equal(artefact->pipelines, key->pipelines))
                bind_error(binder, artefact->pipelines->place, "`pipelines` is said differently at %s:%u:%u",
                           key->pipelines->place.file, key->pipelines->place.line, key->pipelines->place.column);
        if (key->pipelines)
                artefact->pipelines = key->pipelines;
}

/* What a key of the project says of an artefact that the team owns too: of equal rank. */
static void lay_project_key(Binder *binder, ArtefactLayer *artefact, const ProjectLayer *project) {
        ArtefactLayer *key = artefacts_find(&project->artefacts, artefact->kind, artefact->name);

        if (!key)
                return;
        key->is_owned = true;
        policies_unite(binder, &artefact->policies, &key->policies);
        lay_pipelines(binder, artefact, key);
        if (key->inherit == TRISTATE_UNSET)
                return;
        if (artefact->inherit != TRISTATE_UNSET && artefact->inherit != key->inherit)
                bind_error(binder, artefact->inherit_place, "`inherit` is said differently at %s:%u:%u",
                           key->inherit_place.file, key->inherit_place.line, key->inherit_place.column);
        artefact->inherit = key->inherit;
}

typedef struct PolicyStack {
        const PolicyLayer *layers[CHARTER_KITS_OF_ONE_MAX + 4];
        size_t n;
} PolicyStack;

/* From the nearest to the farthest; the first place is left for an artefact. */
static PolicyStack stack_policies(const Layers *layers, const ProjectLayer *project, const Loading *loading) {
        PolicyStack stack = {.n = 1};

        for (size_t i = layers->n; i-- > 0;)
                stack.layers[stack.n++] = &layers->items[i].policies;
        stack.layers[stack.n++] = &project->policies;
        stack.layers[stack.n++] = &loading->defaults;
        return stack;
}

static void fill_owns(Binder *binder, DesiredPrincipal *principal, const Layers *layers,
                      const ProjectLayer *project, PolicyStack *stack) {
        Loading *loading = binder->context;
        ArtefactVector owns = unite_owns(loading->frame, layers);

        principal->owns = arena_alloc(binder->arena, owns.n * sizeof *principal->owns);
        for (size_t i = 0; i < owns.n; i++) {
                ArtefactLayer *one = &owns.items[i];

                lay_project_key(binder, one, project);
                if (strcmp(one->name, "/") == 0 && one->inherit != TRISTATE_UNSET)
                        bind_error(binder, one->inherit_place, "`inherit` is never switched at the root: it would "
                                                               "change what everybody has");
                stack->layers[0] = &one->policies;
                principal->owns[principal->n_owns++] = (OwnedArtefact){
                        .kind = one->kind,
                        .name = one->name,
                        .was = one->was,
                        .inherit = one->inherit,
                        .pipelines = one->pipelines,
                        .policies = policies_resolve(stack->layers, stack->n),
                        .place = one->place,
                };
        }
        stack->layers[0] = NULL;
}

/* --- retired: what is governed of it goes, nothing of it is made ------------------------------------------------------ */

static void empty_list(PrincipalList *list) {
        list->n = 0;
}

static void retire(DesiredPrincipal *principal) {
        principal->retired = true;
        principal->grants_mentioned = true;
        principal->grants_policy = GRANTS_EXACT;
        principal->n_rules = 0;
        if (!principal->member_of.mentioned)
                principal->member_of = (PrincipalList){.mentioned = true, .place = principal->place};
        empty_list(&principal->member_of);
        empty_list(&principal->members);
        empty_list(&principal->admins);
        principal->confined = false;
        principal->policies.unlisted_memberships = POLICY_REMOVE;
        principal->policies.unlisted_members = POLICY_REMOVE;
        principal->policies.create = false;
        for (size_t i = 0; i < principal->n_owns; i++)
                principal->owns[i].policies.create = false;
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static bool is_builtin_group(const char *project, const char *name) {
        return project[0] ? name_is_builtin_group(project, name) : group_is_builtin_of_organisation(name);
}

static void fill(Binder *binder, DesiredPrincipal *principal, const Layers *layers, const ProjectLayer *project) {
        Loading *loading = binder->context;
        PolicyStack stack = stack_policies(layers, project, loading);
        bool is_builtin = !principal->is_team && is_builtin_group(project->name, principal->name);

        unite_lists(binder, layers, offsetof(PrincipalLayer, members), &principal->members);
        unite_lists(binder, layers, offsetof(PrincipalLayer, admins), &principal->admins);
        take_nearest_list(binder, layers, &principal->member_of);
        unite_rules(binder, layers, principal);
        principal->grants_policy = (GrantsPolicy)nearest_choice(
                layers, offsetof(PrincipalLayer, grants_policy), is_builtin ? GRANTS_ADDITIVE : GRANTS_EXACT);
        principal->confined = nearest_choice(layers, offsetof(PrincipalLayer, confined), /* otherwise= */ false);
        principal->include_sub_areas =
                nearest_choice(layers, offsetof(PrincipalLayer, include_sub_areas), /* otherwise= */ true);
        stack.layers[0] = NULL;
        principal->policies = policies_resolve(stack.layers, stack.n);
        unite_except(binder, layers, &principal->except);
        fill_owns(binder, principal, layers, project, &stack);
        if (!nearest_choice(layers, offsetof(PrincipalLayer, retired), /* otherwise= */ false))
                return;
        if (is_builtin)
                bind_error(binder, principal->place, "`%s` is a group that the service makes: it cannot be `retired`",
                           principal->name);
        retire(principal);
}

void principal_load(Binder *binder, DesiredPrincipal *principal, const YamlNode *key, const YamlNode *value,
                    const ProjectLayer *project) {
        Loading *loading = binder->context;
        Arena *frame = arena_new(NULL);
        Layers *layers = mem_new(frame, Layers);
        PrincipalLayer own = {0};
        Variable names[] = {{"team", NULL}, {"team:slug", NULL}};
        Variables variables = {.outer = binder->variables, .items = names, .n = 2};
        Binder inner = *binder;

        loading->frame = frame;
        principal->name = arena_strdup(binder->arena, key->text);
        principal->place = key->place;
        names[0].value = principal->name;
        names[1].value = text_slug(frame, principal->name);
        inner.variables = &variables;
        if (value->type != YAML_NULL)
                bind_map(&inner, value, principal->is_team ? &team_table : &group_table, &own);
        principal->was = own.was;
        lay_kits(&inner, own.kit, principal, layers);
        layers->items[layers->n++] = own;
        fill(&inner, principal, layers, project);
        loading->frame = mem_free(frame);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Rule: one entry of `grants`. */
#include <string.h>

#include "common/base/text.h"
#include "config/loading.h"
#include "config/name.h"

typedef struct RuleKeys {
        const YamlNode *at;
        const YamlNode *allow;
        const YamlNode *deny;
        const YamlNode *same_as;
        const YamlNode *role;
} RuleKeys;

static const BindRow rule_rows[] = {
        {"at", BIND_NODE, offsetof(RuleKeys, at), BIND_REQUIRED},
        {"allow", BIND_NODE, offsetof(RuleKeys, allow)},
        {"deny", BIND_NODE, offsetof(RuleKeys, deny)},
        {"same_as", BIND_NODE, offsetof(RuleKeys, same_as)},
        {"role", BIND_NODE, offsetof(RuleKeys, role)},
};
static const BindTable rule_table = BIND_TABLE(rule_rows);

void bind_words(Binder *binder, const YamlNode *node, Word **wordsp, size_t *np) {
        *np = 0;
        if (!bind_expect(binder, node, YAML_LIST))
                return;
        if (node->n == 0)
                bind_error(binder, node->place, "an empty list of permissions");
        *wordsp = arena_alloc(binder->arena, node->n * sizeof(**wordsp));
        for (uint32_t i = 0; i < node->n; i++) {
                const char *text = bind_text(binder, node->items[i]);

                if (text)
                        (*wordsp)[(*np)++] = (Word){text, node->items[i]->place};
        }
}

/* Names of artefacts of the kind, in one spelling. */
static bool bind_names(Binder *binder, const YamlNode *list, At *at) {
        at->form = AT_KIND_NAMES;
        at->names = arena_alloc(binder->arena, list->n * sizeof(*at->names));
        if (list->n == 0)
                bind_error(binder, list->place, "an empty list of names");
        for (uint32_t i = 0; i < list->n; i++) {
                const char *name = bind_text(binder, list->items[i]);
                const char *problem = NULL;

                if (!name)
                        continue;
                if (kind_has(at->kind, KIND_IS_NESTED))
                        name = name_normalise_path(binder->arena, name);
                problem = name_problem(binder->arena, at->kind, name);
                if (strcmp(name, "/") == 0)
                        problem = arena_printf(binder->arena, "is the root, which is written { %s: root }",
                                               kind_row(at->kind)->key);
                if (problem)
                        bind_error(binder, list->items[i]->place, "the %s `%s` %s",
                                   kind_row(at->kind)->noun, name, problem);
                else
                        at->names[at->n_names++] = (Word){name, list->items[i]->place};
        }
        return at->n_names > 0;
}

static const BindRow owned_by_rows[] = {
        {"owned_by", BIND_TEXT, offsetof(At, team), BIND_REQUIRED},
};
static const BindTable owned_by_table = BIND_TABLE(owned_by_rows);

static const char *const part_words[] = {"own", "root", NULL};
static const AtForm part_forms[] = {AT_KIND_OWN, AT_KIND_ROOT};

typedef struct BranchKeys {
        const char *repository;
        const YamlNode *names;
} BranchKeys;

static const BindRow branch_rows[] = {
        {"repository", BIND_TEXT, offsetof(BranchKeys, repository), BIND_REQUIRED},
        {"names", BIND_NODE, offsetof(BranchKeys, names), BIND_REQUIRED},
};
static const BindTable branch_table = BIND_TABLE(branch_rows);

/* { repository: own|NAME, names: [main, release/] } */
static bool bind_branches(Binder *binder, const YamlNode *value, At *at) {
        BranchKeys keys = {0};
        const char *problem = NULL;

        if (value->type == YAML_TEXT && strcmp(value->text, "root") == 0) {
                at->form = AT_KIND_ROOT;
                return true;
        }
        if (value->type != YAML_MAP) {
                bind_error(binder, value->place,
                           "branches are named with their repository: { repository: own, names: [main, release/] }");
                return false;
        }
        if (!bind_map(binder, value, &branch_table, &keys) || !keys.repository || !keys.names ||
            !bind_expect(binder, keys.names, YAML_LIST) || !bind_names(binder, keys.names, at))
                return false;
        at->form = AT_BRANCHES;
        if (strcmp(keys.repository, "own") == 0)
                return true;
        at->repository = keys.repository;
        problem = name_problem(binder->arena, KIND_REPOSITORY, keys.repository);
        if (problem)
                bind_error(binder, value->place, "the repository `%s` %s", keys.repository, problem);
        return !problem;
}

/* What stands behind the kind. */
static bool bind_part(Binder *binder, const YamlNode *value, At *at) {
        int index = -1;

        if (at->kind == KIND_BRANCH)
                return bind_branches(binder, value, at);
        if (kind_has(at->kind, KIND_IS_WHOLE) &&
            (value->type != YAML_TEXT || strcmp(value->text, "root") != 0)) {
                bind_error(binder, value->place, "%s has no artefacts; it is written { %s: root }",
                           kind_row(at->kind)->noun, kind_row(at->kind)->key);
                return false;
        }
        if (value->type == YAML_LIST)
                return bind_names(binder, value, at);
        if (value->type == YAML_MAP && !(value->n == 1 && value->items[0]->type == YAML_NULL)) {
                at->form = AT_KIND_OWNED_BY;
                return bind_map(binder, value, &owned_by_table, at) && at->team;
        }
        if (value->type == YAML_TEXT && strcmp(value->text, "own") != 0 &&
            strcmp(value->text, "root") != 0) {
                bind_error(binder, value->place,
                           "`own`, `root`, { owned_by: TEAM } or a list of names expected; one name is written [%s]",
                           value->text);
                return false;
        }
        index = bind_choice(binder, value, part_words);
        if (index >= 0)
                at->form = part_forms[index];
        return index >= 0;
}

static bool bind_kind(Binder *binder, const YamlNode *key, Kind *kindp) {
        Kind kind = kind_by_key(key->text);
        size_t n = 0;

        if (kind == _KIND_N || strcmp(kind_row(kind)->key, key->text) != 0 ||
            !(kind_row(kind)->traits & (KIND_HAS_PERMISSIONS | KIND_HAS_ROLES))) {
                const char *const *keys = kind_keys(KIND_HAS_PERMISSIONS | KIND_HAS_ROLES, &n);

                bind_unknown(binder, key->place, "unknown kind", key->text, keys, n);
                return false;
        }
        if (kind == KIND_PROJECT || kind == KIND_ORGANIZATION) {
                bind_error(binder, key->place, "the %s is written `at: %s`", kind_row(kind)->noun,
                           key->text);
                return false;
        }
        if (!kind_has(kind, KIND_IS_BUILT)) {
                bind_error(binder, key->place, "`at: { %s: … }` is not supported yet", key->text);
                return false;
        }
        *kindp = kind;
        return true;
}

bool bind_at(Binder *binder, const YamlNode *node, At *at) {
        static const char *const words[] = {"project", "own", "organization", NULL};
        static const AtForm forms[] = {AT_PROJECT, AT_OWN, AT_ORGANIZATION};
        int index = -1;

        at->place = node->place;
        if (node->type == YAML_MAP) {
                if (node->n == 1) {
                        if (!bind_kind(binder, node->keys[0], &at->kind) ||
                            !bind_part(binder, node->items[0], at))
                                return false;
                        if (at->form == AT_KIND_ROOT)
                                at->kind = kind_at_root(at->kind);
                        return true;
                }
                bind_error(binder, node->place, "`at` names exactly one kind, found %u", node->n);
                return false;
        }
        index = bind_choice(binder, node, words);
        if (index < 0)
                return false;
        at->form = forms[index];
        at->kind = at->form == AT_ORGANIZATION ? KIND_ORGANIZATION : KIND_PROJECT;
        return true;
}

typedef struct SameAsKeys {
        const YamlNode *group;
        const YamlNode *of;
        const YamlNode *plus;
        const YamlNode *minus;
        const YamlNode *from;
} SameAsKeys;

static const BindRow same_as_rows[] = {
        {"group", BIND_NODE, offsetof(SameAsKeys, group), BIND_REQUIRED},
        {"of", BIND_NODE, offsetof(SameAsKeys, of)},
        {"plus", BIND_NODE, offsetof(SameAsKeys, plus)},
        {"minus", BIND_NODE, offsetof(SameAsKeys, minus)},
        {"from", BIND_NODE, offsetof(SameAsKeys, from)},
};
static const BindTable same_as_table = BIND_TABLE(same_as_rows);

static SameAs *bind_same_as(Binder *binder, const YamlNode *node) {
        static const char *const of_words[] = {"organization", NULL};
        static const char *const from_words[] = {"root", "artefact", NULL};
        SameAs *same_as = arena_new_object(binder->arena, SameAs);
        SameAsKeys keys = {0};

        same_as->place = node->place;
        if (node->type != YAML_MAP) {
                same_as->group = bind_text(binder, node);
                return same_as->group ? same_as : NULL;
        }
        if (!bind_map(binder, node, &same_as_table, &keys) || !keys.group)
                return NULL;
        same_as->group = bind_text(binder, keys.group);
        if (keys.of)
                same_as->of_organization = bind_choice(binder, keys.of, of_words) == 0;
        if (keys.from)
                same_as->from_artefact = bind_choice(binder, keys.from, from_words) == 1;
        if (keys.plus)
                bind_words(binder, keys.plus, &same_as->plus, &same_as->n_plus);
        if (keys.minus)
                bind_words(binder, keys.minus, &same_as->minus, &same_as->n_minus);
        return same_as->group ? same_as : NULL;
}

static const Word *bind_role(Binder *binder, const YamlNode *node) {
        const char *text = bind_text(binder, node);
        Word *role;

        if (!text)
                return NULL;
        role = arena_new_object(binder->arena, Word);
        *role = (Word){text, node->place};
        return role;
}

/* Things are granted by permissions or by roles, as their kind is. */
static bool check_form(Binder *binder, const RuleKeys *keys, const At *at) {
        const YamlNode *words = keys->allow ? keys->allow : keys->deny ? keys->deny : keys->same_as;
        bool has_roles = at->form != AT_OWN && kind_has(at->kind, KIND_HAS_ROLES);

        if (keys->role && words) {
                bind_error(binder, keys->role->place, "a rule has `role`, or `allow`, `deny` or `same_as`; write two rules");
                return false;
        }
        if (keys->role && at->form == AT_OWN) {
                bind_error(binder, keys->role->place,
                           "`at: own` means the kinds with permissions; a role is given at { KIND: own }");
                return false;
        }
        if (keys->role && !has_roles) {
                bind_error(binder, keys->role->place, "`role` is of kinds with roles; `%s` has permissions: `allow`",
                           kind_row(at->kind)->key);
                return false;
        }
        if (words && has_roles) {
                bind_error(binder, words->place, "`%s` has roles instead of permissions: `role: User`",
                           kind_row(at->kind)->key);
                return false;
        }
        return true;
}

static bool bind_rule(Binder *binder, const YamlNode *node, Rule *rule) {
        RuleKeys keys = {0};
        bool fine = true;

        rule->place = node->place;
        if (!bind_map(binder, node, &rule_table, &keys))
                return false;
        fine = keys.at && bind_at(binder, keys.at, &rule->at) && check_form(binder, &keys, &rule->at);
        if (keys.allow)
                bind_words(binder, keys.allow, &rule->allow, &rule->n_allow);
        if (keys.deny)
                bind_words(binder, keys.deny, &rule->deny, &rule->n_deny);
        if (keys.same_as)
                rule->same_as = bind_same_as(binder, keys.same_as);
        if (keys.role)
                rule->role = bind_role(binder, keys.role);
        if (keys.same_as && (keys.allow || keys.deny)) {
                bind_error(binder, keys.same_as->place,
                           "a rule has `same_as`, or `allow` and `deny`; write two rules, or `plus` and `minus`");
                return false;
        }
        if (!keys.same_as && !keys.allow && !keys.deny && !keys.role) {
                bind_error(binder, node->place, "a rule has `allow`, `deny`, `same_as` or `role`");
                return false;
        }
        return fine && (!keys.role || rule->role);
}

void take_grants(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        RuleVector *rules = target;
        Loading *loading = binder->context;

        if (!bind_expect(binder, value, YAML_LIST))
                return;
        rules->mentioned = true;
        rules->items = arena_alloc(loading->frame, value->n * sizeof(*rules->items));
        for (uint32_t i = 0; i < value->n; i++) {
                if (bind_rule(binder, value->items[i], &rules->items[rules->n]))
                        rules->n++;
                else
                        rules->items[rules->n] = (Rule){0};
        }
}

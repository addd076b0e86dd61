/* SPDX-License-Identifier: Apache-2.0 */
/* Assertion: one entry of `asserts`. */
#include "common/base/text.h"
#include "config/loading.h"
#include "config/name.h"

typedef struct AssertKeys {
        const YamlNode *project;
        const YamlNode *team;
        const YamlNode *group;
        const YamlNode *user;
        const YamlNode *can;
        const YamlNode *cannot;
        const YamlNode *at;
} AssertKeys;

/* clang-format off: one row a line */
static const BindRow assert_rows[] = {
        {"team", BIND_NODE, offsetof(AssertKeys, team)},
        {"group", BIND_NODE, offsetof(AssertKeys, group)},
        {"user", BIND_NODE, offsetof(AssertKeys, user)},
        {"can", BIND_NODE, offsetof(AssertKeys, can)},
        {"cannot", BIND_NODE, offsetof(AssertKeys, cannot)},
        {"at", BIND_NODE, offsetof(AssertKeys, at), BIND_REQUIRED},
};
static const BindTable assert_table = BIND_TABLE(assert_rows);
static const BindRow top_rows[] = {
        {NULL, BIND_INCLUDE, .table = &assert_table},
        {"project", BIND_NODE, offsetof(AssertKeys, project), BIND_REQUIRED},
};
static const BindTable top_table = BIND_TABLE(top_rows);
/* clang-format on */

static bool bind_subject(Binder *binder, const YamlNode *node, const AssertKeys *keys, DesiredAssert *assertion) {
        const YamlNode *subjects[] = {keys->team, keys->group, keys->user};
        const YamlNode *found = NULL;
        size_t n = 0;

        for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
                if (!subjects[i])
                        continue;
                n++;
                found = subjects[i];
                assertion->subject = (AssertSubject)(ASSERT_TEAM + i);
        }
        if (n != 1) {
                bind_error(binder, node->place, "an assertion is about exactly one `team`, `group` or `user`");
                return false;
        }
        assertion->name = bind_text(binder, found);
        if (assertion->name && assertion->subject == ASSERT_USER && !name_is_user(assertion->name)) {
                bind_error(binder, found->place, "`%s` is not user@domain", assertion->name);
                return false;
        }
        return assertion->name != NULL;
}

static bool bind_assert(Binder *binder, const YamlNode *node, const AssertKeys *keys, DesiredAssert *assertion) {
        const YamlNode *word = keys->can ? keys->can : keys->cannot;
        bool fine = bind_subject(binder, node, keys, assertion);

        assertion->place = node->place;
        if (!keys->can == !keys->cannot) {
                bind_error(binder, node->place, "an assertion says `can` or `cannot`, with one permission");
                return false;
        }
        assertion->can = keys->can != NULL;
        assertion->permission = (Word){bind_text(binder, word), word->place};
        return keys->at && bind_at(binder, keys->at, &assertion->at) && assertion->permission.text && fine;
}

static void add_assert(Binder *binder, DesiredProject *project, const DesiredAssert *assertion) {
        *mem_push(binder->arena, project->asserts, project->n_asserts) = *assertion;
}

void project_load_asserts(Binder *binder, DesiredProject *project, const YamlNode *list) {
        if (!bind_expect(binder, list, YAML_LIST))
                return;
        for (uint32_t i = 0; i < list->n; i++) {
                DesiredAssert assertion = {0};
                AssertKeys keys = {0};

                if (bind_map(binder, list->items[i], &assert_table, &keys) &&
                    bind_assert(binder, list->items[i], &keys, &assertion))
                        add_assert(binder, project, &assertion);
        }
}

static DesiredProject *find_project(Binder *binder, Desired *desired, const YamlNode *name) {
        const char *text = bind_text(binder, name);
        const char **names = arena_alloc(binder->arena, desired->n_projects * sizeof *names);

        for (size_t i = 0; text && i < desired->n_projects; i++) {
                if (text_equal(desired->projects[i].name, text))
                        return &desired->projects[i];
                names[i] = desired->projects[i].name;
        }
        if (text)
                bind_unknown(binder, name->place, "no such project in this charter", text, names,
                             desired->n_projects);
        return NULL;
}

void asserts_load(Binder *binder, Desired *desired, const YamlNode *list) {
        if (!bind_expect(binder, list, YAML_LIST))
                return;
        for (uint32_t i = 0; i < list->n; i++) {
                DesiredAssert assertion = {0};
                DesiredProject *project;
                AssertKeys keys = {0};

                if (!bind_map(binder, list->items[i], &top_table, &keys) || !keys.project)
                        continue;
                project = find_project(binder, desired, keys.project);
                if (bind_assert(binder, list->items[i], &keys, &assertion) && project)
                        add_assert(binder, project, &assertion);
        }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Artefact: a thing that a team owns or a project names, as the charter describes it. */
#include "config/loading.h"
#include "config/name.h"

static void take_name(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ArtefactLayer *artefact = target;
        const char *name = bind_text(binder, value);
        const char *problem = NULL;

        if (!name)
                return;
        if (kind_has(artefact->kind, KIND_IS_NESTED))
                name = name_normalise_path(binder->arena, name);
        problem = name_problem(binder->arena, artefact->kind, name);
        if (problem)
                bind_error(binder, value->place, "the %s `%s` %s", kind_row(artefact->kind)->noun, name,
                           problem);
        else
                artefact->name = name;
}

static void take_inherit(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ArtefactLayer *artefact = target;
        bool inherit = false;

        if (!kind_has(artefact->kind, KIND_HAS_PERMISSIONS)) {
                bind_error(binder, value->place, "`inherit` on `%s` is not supported yet",
                           kind_row(artefact->kind)->key);
                return;
        }
        if (!bind_bool(binder, value, &inherit))
                return;
        artefact->inherit = inherit ? TRISTATE_TRUE : TRISTATE_FALSE;
        artefact->inherit_place = value->place;
}

static const BindRow property_rows[] = {
        {NULL, BIND_INCLUDE, offsetof(ArtefactLayer, policies), .table = &policy_table},
        {"inherit", BIND_CALL, .take = take_inherit},
        {"was", BIND_REFUSED},
        {"except", BIND_REFUSED},
        {"pipelines", BIND_REFUSED},
};
static const BindTable property_table = BIND_TABLE(property_rows);

static const BindRow artefact_rows[] = {
        {"name", BIND_CALL, .flags = BIND_REQUIRED, .take = take_name},
        {NULL, BIND_INCLUDE, .table = &property_table},
};
static const BindTable artefact_table = BIND_TABLE(artefact_rows);

static ArtefactLayer *add(Binder *binder, ArtefactVector *vector, Kind kind, Place place) {
        Loading *loading = binder->context;
        ArtefactLayer *artefact = mem_push(loading->frame, vector->items, vector->n);

        artefact->kind = kind;
        artefact->place = place;
        return artefact;
}

/* A list of names and of mappings with a name. */
static void take_owned(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ArtefactVector *vector = target;

        if (!bind_expect(binder, value, YAML_LIST))
                return;
        for (uint32_t i = 0; i < value->n; i++) {
                const YamlNode *item = value->items[i];
                ArtefactLayer *artefact = add(binder, vector, (Kind)row->min, item->place);

                if (item->type == YAML_MAP && !(item->n == 1 && item->items[0]->type == YAML_NULL))
                        (void)bind_map(binder, item, &artefact_table, artefact);
                else
                        take_name(binder, artefact, item, row);
                if (!artefact->name)
                        vector->n--;
        }
}

/* A mapping from names to what is said of them. */
static void take_named(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ArtefactVector *vector = target;

        if (!bind_expect(binder, value, YAML_MAP))
                return;
        check_names_differ(binder, value);
        for (uint32_t i = 0; i < value->n; i++) {
                ArtefactLayer *artefact =
                        add(binder, vector, (Kind)row->min, value->keys[i]->place);

                take_name(binder, artefact, value->keys[i], row);
                (void)bind_map(binder, value->items[i], &property_table, artefact);
                if (artefact->name && artefact->name[0] == '/')
                        bind_error(binder, value->keys[i]->place, "the root is nobody's artefact");
                if (!artefact->name)
                        vector->n--;
        }
}

/* clang-format off: one row a line */
#define KIND_ROWS(take_)                                                                           \
        {"repositories",        BIND_CALL, .take = (take_), .min = KIND_REPOSITORY},               \
        {"pipeline_folders",    BIND_CALL, .take = (take_), .min = KIND_PIPELINE_FOLDER},          \
        {"areas",               BIND_CALL, .take = (take_), .min = KIND_AREA},                     \
        {"service_connections", BIND_CALL, .take = (take_), .min = KIND_SERVICE_CONNECTION},       \
        {"iterations",          BIND_REFUSED},                                                     \
        {"queries",             BIND_REFUSED},                                                     \
        {"environments",        BIND_REFUSED},                                                     \
        {"variable_groups",     BIND_REFUSED},                                                     \
        {"secure_files",        BIND_REFUSED},                                                     \
        {"agent_queues",        BIND_REFUSED}
/* clang-format on */

static const BindRow owns_rows[] = {KIND_ROWS(take_owned)};
static const BindRow kind_keys_rows[] = {KIND_ROWS(take_named)};
const BindTable owns_table = BIND_TABLE(owns_rows);
const BindTable kind_keys_table = BIND_TABLE(kind_keys_rows);

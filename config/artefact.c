/* SPDX-License-Identifier: Apache-2.0 */
/* Artefact: a thing that a team owns or a project names, as the charter describes it. */
#include <string.h>

#include "common/base/text.h"
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

/* The name it had, in the spelling of its kind. */
static void take_was(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ArtefactLayer *artefact = target, former = {.kind = artefact->kind};

        take_name(binder, &former, value, row);
        artefact->was = former.name;
        artefact->was_place = value->place;
        if (former.name && strcmp(former.name, "/") == 0)
                bind_error(binder, value->place, "the root was never anything else");
}

#define OF_OWNED "is said of what a team owns"
#define OF_PRINCIPALS "is said of a project, a kit, a team or a group"

static const BindRow property_rows[] = {
        {NULL, BIND_INCLUDE, offsetof(ArtefactLayer, policies), .table = &policy_table},
        {"inherit", BIND_CALL, .take = take_inherit},
        {"except", BIND_REFUSED, .why = OF_PRINCIPALS},
        {"pipelines", BIND_REFUSED},
};
static const BindTable property_table = BIND_TABLE(property_rows);

static const BindRow key_rows[] = {
        {NULL, BIND_INCLUDE, .table = &property_table},
        {"was", BIND_REFUSED, .why = OF_OWNED},
};
static const BindTable key_table = BIND_TABLE(key_rows);

static const BindRow artefact_rows[] = {
        {"name", BIND_CALL, .flags = BIND_REQUIRED, .take = take_name},
        {"was", BIND_CALL, .take = take_was},
        {NULL, BIND_INCLUDE, .table = &property_table},
};
static const BindTable artefact_table = BIND_TABLE(artefact_rows);

/* --- vectors -------------------------------------------------------------------------------------------------------- */

static uint64_t hash(Kind kind, const char *name) {
        return text_hash(name) + (uint64_t)kind;
}

ArtefactLayer *artefacts_find(const ArtefactVector *vector, Kind kind, const char *name) {
        TableCursor cursor = table_find(&vector->table, hash(kind, name));

        for (uint32_t i; (i = table_next(&vector->table, &cursor)) != TABLE_NONE;)
                if (vector->items[i].kind == kind && text_equal(vector->items[i].name, name))
                        return &vector->items[i];
        return NULL;
}

void artefacts_add(Mem *frame, ArtefactVector *vector, const ArtefactLayer *artefact) {
        if (vector->n == 0)
                table_init(&vector->table, frame);
        table_add(&vector->table, hash(artefact->kind, artefact->name), (uint32_t)vector->n);
        *mem_push(frame, vector->items, vector->n) = *artefact;
}

/* Adds what has a name and is not there yet. */
static void add(Binder *binder, ArtefactVector *vector, const ArtefactLayer *artefact) {
        Loading *loading = binder->context;
        const ArtefactLayer *first;

        if (!artefact->name)
                return;
        first = artefacts_find(vector, artefact->kind, artefact->name);
        if (first)
                bind_error(binder, artefact->place, "the %s `%s` stands twice; first at %s:%u:%u",
                           kind_row(artefact->kind)->noun, artefact->name, first->place.file, first->place.line,
                           first->place.column);
        else
                artefacts_add(loading->frame, vector, artefact);
}

/* --- tables --------------------------------------------------------------------------------------------------------- */

/* A list of names and of mappings with a name. */
static void take_owned(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        if (!bind_expect(binder, value, YAML_LIST))
                return;
        for (uint32_t i = 0; i < value->n; i++) {
                const YamlNode *item = value->items[i];
                ArtefactLayer artefact = {.kind = (Kind)row->min, .place = item->place};

                if (item->type == YAML_MAP)
                        (void)bind_map(binder, item, &artefact_table, &artefact);
                else
                        take_name(binder, &artefact, item, row);
                add(binder, target, &artefact);
        }
}

/* A mapping from names to what is said of them. */
static void take_named(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        if (!bind_expect(binder, value, YAML_MAP))
                return;
        for (uint32_t i = 0; i < value->n; i++) {
                const YamlNode *key = value->keys[i];
                ArtefactLayer artefact = {.kind = (Kind)row->min, .place = key->place};

                take_name(binder, &artefact, key, row);
                (void)bind_map(binder, value->items[i], &key_table, &artefact);
                if (artefact.name && strcmp(artefact.name, "/") == 0)
                        bind_error(binder, key->place, "the root is nobody's artefact");
                add(binder, target, &artefact);
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

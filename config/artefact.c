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
/* --- which pipelines may use it ------------------------------------------------------------------------------------- */

static const char *const pipeline_words[] = {"none", "own", "all", NULL};
static const PipelineUse pipeline_uses[] = {PIPELINE_USE_NONE, PIPELINE_USE_OWN, PIPELINE_USE_ALL};

static void bind_pipeline_names(Binder *binder, const YamlNode *list, DesiredPipelines *pipelines) {
        pipelines->use = PIPELINE_USE_NAMED;
        pipelines->names = arena_alloc(binder->arena, (list->n + 1) * sizeof *pipelines->names);
        if (list->n == 0)
                bind_error(binder, list->place, "an empty list of pipelines; `none` says that");
        for (uint32_t i = 0; i < list->n; i++) {
                const char *name = bind_text(binder, list->items[i]);
                const char *problem;

                if (!name)
                        continue;
                name = name_normalise_path(binder->arena, name);
                problem = name_problem(binder->arena, KIND_PIPELINE, name);
                if (problem)
                        bind_error(binder, list->items[i]->place, "the pipeline `%s` %s", name, problem);
                else
                        pipelines->names[pipelines->n_names++] = (Word){name, list->items[i]->place};
        }
}

static void take_pipelines(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        ArtefactLayer *artefact = target;
        DesiredPipelines *pipelines = arena_new_object(binder->arena, DesiredPipelines);
        int index;

        if (!kind_has(artefact->kind, KIND_HAS_ROLES)) {
                bind_error(binder, value->place,
                           "`pipelines` says which pipelines may use a service connection, an environment, a variable "
                           "group, a secure file or an agent queue; `%s` has none",
                           kind_row(artefact->kind)->key);
                return;
        }
        pipelines->place = value->place;
        if (value->type == YAML_LIST) {
                bind_pipeline_names(binder, value, pipelines);
                artefact->pipelines = pipelines;
                return;
        }
        index = bind_choice(binder, value, pipeline_words);
        if (index < 0)
                return;
        pipelines->use = pipeline_uses[index];
        artefact->pipelines = pipelines;
}

bool pipelines_are_equal(const DesiredPipelines *a, const DesiredPipelines *b) {
        if (a->use != b->use || a->n_names != b->n_names)
                return false;
        for (size_t i = 0; i < a->n_names; i++)
                if (!text_equal(a->names[i].text, b->names[i].text))
                        return false;
        return true;
}

/* --- properties ----------------------------------------------------------------------------------------------------- */

static const BindRow property_rows[] = {
        {NULL, BIND_INCLUDE, offsetof(ArtefactLayer, policies), .table = &policy_table},
        {"inherit", BIND_CALL, .take = take_inherit},
        {"except", BIND_REFUSED, .why = OF_PRINCIPALS},
        {"pipelines", BIND_CALL, .take = take_pipelines},
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
        {"iterations",          BIND_CALL, .take = (take_), .min = KIND_ITERATION},                \
        {"queries",             BIND_CALL, .take = (take_), .min = KIND_QUERY},                    \
        {"environments",        BIND_CALL, .take = (take_), .min = KIND_ENVIRONMENT},              \
        {"variable_groups",     BIND_CALL, .take = (take_), .min = KIND_VARIABLE_GROUP},           \
        {"secure_files",        BIND_CALL, .take = (take_), .min = KIND_SECURE_FILE},              \
        {"agent_queues",        BIND_CALL, .take = (take_), .min = KIND_AGENT_QUEUE}
/* clang-format on */

static const BindRow owns_rows[] = {KIND_ROWS(take_owned)};
static const BindRow kind_keys_rows[] = {KIND_ROWS(take_named)};
const BindTable owns_table = BIND_TABLE(owns_rows);
const BindTable kind_keys_table = BIND_TABLE(kind_keys_rows);

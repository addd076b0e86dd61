/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix: the cells of teams and things. */
#include "common/access/matrix.h"

#include <string.h>

#include "common/access/evaluate_inside.h"
#include "common/access/telling.h"
#include "common/access/things.h"
#include "common/access/verdict.h"
#include "common/model/governed.h"

enum {
        MARK_NONE = ' ',
};

/* A permission that is asked about. */
typedef struct Asked {
        uint8_t space;
        uint32_t bit; /* 0: of a kind whose entries are not read */
        char mark;
        const char *word;
} Asked;

typedef struct AskedList {
        Asked *items;
        size_t n;
} AskedList;

/* One of the two views, with what is asked of it at the moment. */
typedef struct Side {
        AccessView *view; /* NULL: there is none */
        const AccessNames *names;
        AccessSubject **subjects; /* one a principal; NULL: it does not exist */
} Side;

typedef struct Builder {
        const AccessMatrixSpec *spec;
        AccessMatrix *matrix;
        Mem *scratch;
        const DesiredProject *project;
        Side live;
        Side wanted;
} Builder;

static const Organisation *live_of(const Builder *builder) {
        return access_view_organisation(builder->spec->live);
}

/* What is asked of a kind */

static void add_all_of(const Builder *builder, AskedList *list, uint8_t space) {
        const PermissionNamespace *permissions = &live_of(builder)->permissions.items[space];

        for (size_t i = 0; i < permissions->n_permissions; i++) {
                uint32_t bit = permissions->permissions[i].bit;

                if (!(permissions->system_mask & bit))
                        *mem_push(builder->scratch, list->items, list->n) =
                                (Asked){space, bit, MARK_NONE,
                                        permission_word(builder->matrix, permissions, bit)};
        }
}

/* The organisation itself is several namespaces (facts §10). */
static AskedList all_of(const Builder *builder, Kind kind) {
        uint32_t spaces = kind == KIND_ORGANIZATION
                                  ? organization_spaces()
                                  : 1u << organisation_namespace_of_kind(kind);
        AskedList list = {0};

        for (uint8_t space = 0; space < _NAMESPACE_N; space++)
                if (spaces & (1u << space))
                        add_all_of(builder, &list, space);
        return list;
}

static AskedList asked_of(const Builder *builder, Kind kind) {
        int space = organisation_namespace_of_kind(kind);
        AskedList list = {0};
        size_t n = 0;
        const AccessTelling *tellings = access_tellings(kind, &n);

        if (builder->matrix->is_explanation && space >= 0)
                return all_of(builder, kind);
        for (size_t i = 0; i < n; i++) {
                uint32_t bit = 0;

                if (space >= 0)
                        bit = permission_bit(&live_of(builder)->permissions.items[space],
                                             tellings[i].word);
                *mem_push(builder->scratch, list.items, list.n) =
                        (Asked){space < 0 ? 0 : (uint8_t)space, bit, tellings[i].mark,
                                tellings[i].word};
        }
        return list;
}

/* Principals and things of a project */

static void add_principals(Builder *builder, AccessTable *table) {
        const DesiredProject *project = builder->project;
        const char *team = builder->spec->team;

        for (size_t i = 0; i < project->n_principals; i++)
                if (!team || text_equal(team, project->principals[i].name))
                        *mem_push(builder->matrix, table->principals, table->n_principals) =
                                project->principals[i].name;
        if (!team || table->n_principals > 0)
                return;
        /* One the charter does not name. */
        if (builder->spec->live_names.principal(builder->spec->live_names.context, project, team) !=
            INDEX_NONE)
                *mem_push(builder->matrix, table->principals, table->n_principals) = team;
}

/* True when the filters let a thing of the project pass. */
static bool is_asked_at(const Builder *builder, Kind kind, const char *name) {
        const AccessMatrixSpec *spec = builder->spec;

        if (!spec->at_name)
                return true;
        if (kind != spec->at_kind)
                return false;
        if (kind == KIND_PROJECT && text_equal(spec->at_name, builder->project->name))
                return true;
        return text_equal(name, spec->at_name);
}

static void add_thing(Builder *builder, AccessTable *table, Kind kind, const char *name,
                      const char *owner) {
        if (is_asked_at(builder, kind, name))
                *mem_push(builder->matrix, table->things, table->n_things) =
                        (AccessThing){kind, name, owner, 0, 0};
}

static void add_things(Builder *builder, AccessTable *table) {
        const DesiredProject *project = builder->project;
        const AccessMatrixSpec *spec = builder->spec;
        size_t n = 0;
        const ThingName *things = access_things_of(builder->scratch, project, &n);

        for (size_t i = 0; i < n; i++)
                add_thing(builder, table, things[i].kind, things[i].name, things[i].owner);
        /* One the charter does not name. */
        if (spec->at_name && table->n_things == 0 &&
            access_place_of(builder->scratch, &spec->live_names, project, spec->at_kind, spec->at_name)
                    .token)
                add_thing(builder, table, spec->at_kind, spec->at_name, NULL);
}

/* Cells */

static void make_subjects(Builder *builder, Side *side, const AccessTable *table) {
        if (!side->view)
                return;
        side->subjects = mem_new_array(builder->scratch, AccessSubject *, table->n_principals);
        for (size_t i = 0; i < table->n_principals; i++) {
                Index principal = side->names->principal(side->names->context, builder->project,
                                                         table->principals[i]);

                if (principal != INDEX_NONE)
                        side->subjects[i] =
                                access_subject_new(builder->scratch, side->view, principal);
        }
}

static AccessPlace place_on(const Builder *builder, const Side *side, const AccessThing *thing,
                            const Asked *asked) {
        if (thing->kind == KIND_ORGANIZATION)
                return (AccessPlace){asked->space, live_of(builder)->root_token[asked->space]};
        return access_thing_place(builder->scratch, side->names, builder->project, thing->kind,
                                  thing->name);
}

/* Closed to a principal, but perhaps not to somebody outside: not known. */
static AccessAnswer doubt_closed(const Builder *builder, const Side *side, AccessPlace place,
                                 uint32_t bit, const char **reasonp) {
        const char *visibility = NULL;

        if (access_read_bits(place.space) & bit)
                visibility = access_tell_visibility(builder->matrix, side->view, builder->project);
        if (visibility && reasonp)
                *reasonp = visibility;
        return visibility ? ACCESS_UNKNOWN : ACCESS_CLOSED;
}

static void explain_cell(const Builder *builder, AccessCell *cell, const AccessSubject *subject,
                         AccessPlace place, uint32_t bit) {
        const AccessExplanation *explanation = access_explain(
                builder->matrix, builder->spec->live, subject, place.space, place.token, bit);

        cell->reason = explanation->reason;
        cell->path = explanation->path;
        cell->n_path = explanation->n_path;
}

static void fill_live(const Builder *builder, AccessCell *cell, const AccessThing *thing,
                      size_t principal, const Asked *asked) {
        const AccessSubject *subject = builder->live.subjects[principal];
        AccessPlace place = place_on(builder, &builder->live, thing, asked);
        AccessMasks masks = {0};

        if (!subject || !place.token) {
                cell->live = ACCESS_CLOSED;
                cell->reason = subject ? "it does not exist" : "the principal does not exist";
                return;
        }
        masks = access_evaluate(builder->live.view, subject, place.space, place.token);
        cell->live = access_answer_of(masks, asked->bit);
        if (builder->matrix->is_explanation ||
            ((masks.allow | masks.deny | masks.unknown) & asked->bit))
                explain_cell(builder, cell, subject, place, asked->bit);
        if (cell->live == ACCESS_CLOSED)
                cell->live =
                        doubt_closed(builder, &builder->live, place, asked->bit, &cell->reason);
}

static void fill_wanted(const Builder *builder, AccessCell *cell, const AccessThing *thing,
                        size_t principal, const Asked *asked) {
        const AccessSubject *subject = builder->wanted.subjects[principal];
        AccessPlace place = place_on(builder, &builder->wanted, thing, asked);

        cell->desired = ACCESS_CLOSED;
        if (!subject || !place.token)
                return;
        cell->desired = access_answer_of(
                access_evaluate(builder->wanted.view, subject, place.space, place.token),
                asked->bit);
        if (cell->desired == ACCESS_CLOSED)
                cell->desired = doubt_closed(builder, &builder->wanted, place, asked->bit, NULL);
}

static bool is_read(const Builder *builder, Kind kind, const Asked *asked) {
        const Organisation *live = live_of(builder);

        if (kind == KIND_ORGANIZATION)
                return live->spaces & (1u << asked->space);
        return access_kind_is_read(live, organisation_find_project(live, builder->project->name), kind);
}

static void add_cell(Builder *builder, const AccessThing *thing, size_t principal,
                     const Asked *asked) {
        AccessMatrix *matrix = builder->matrix;
        AccessCell *cell = mem_push(matrix, matrix->cells, matrix->n_cells);

        cell->permission = asked->word;
        cell->mark = asked->mark;
        if (asked->bit == 0 || !is_read(builder, thing->kind, asked)) {
                cell->live = cell->desired = ACCESS_UNKNOWN;
                cell->reason = mem_printf(matrix, "entries of %s are not read",
                                          kind_row(thing->kind)->key);
                return;
        }
        fill_live(builder, cell, thing, principal, asked);
        if (builder->wanted.view)
                fill_wanted(builder, cell, thing, principal, asked);
}

static void add_cells(Builder *builder, AccessTable *table) {
        AccessMatrix *matrix = builder->matrix;
        size_t n_kept = 0;

        for (size_t i = 0; i < table->n_things; i++) {
                AccessThing thing = table->things[i];
                AskedList asked = asked_of(builder, thing.kind);

                if (matrix->n_cells + asked.n * table->n_principals > ACCESS_CELLS_MAX) {
                        matrix->n_left_out += asked.n * table->n_principals;
                        continue;
                }
                thing.n_permissions = asked.n;
                thing.first_cell = matrix->n_cells;
                for (size_t j = 0; j < table->n_principals; j++)
                        for (size_t k = 0; k < asked.n; k++)
                                add_cell(builder, &thing, j, &asked.items[k]);
                table->things[n_kept++] = thing;
                mem_free(asked.items);
        }
        table->n_things = n_kept;
}

/* Confinements and assertions */

static void remark(const Builder *builder, AccessRemarks *remarks, const AccessVerdict *verdict) {
        *mem_push(builder->matrix, remarks->items, remarks->n) =
                (AccessRemark){builder->project->name, *verdict};
}

/* A verdict on a kind as a whole, or on the whole project, concerns every thing of it. */
static bool is_asked_about(const Builder *builder, const AccessVerdict *verdict) {
        bool is_whole = !verdict->permission[0];

        if (is_whole && (verdict->kind == KIND_PROJECT || verdict->kind == builder->spec->at_kind))
                return true;
        return is_asked_at(builder, verdict->kind, verdict->name);
}

static void remark_confinement(const Builder *builder, const DesiredPrincipal *team) {
        AccessMatrix *matrix = builder->matrix;
        AccessVerdicts verdicts = access_confine(matrix, builder->spec->live, builder->project,
                                                 team, &builder->spec->live_names);

        for (size_t i = 0; i < verdicts.n; i++) {
                const AccessVerdict *verdict = &verdicts.items[i];

                if (!is_asked_about(builder, verdict))
                        continue;
                if (verdict->is_member)
                        remark(builder, &matrix->members, verdict);
                else
                        remark(builder,
                               verdict->answer == ACCESS_OPEN ? &matrix->broken : &matrix->unknown,
                               verdict);
        }
}

static void remark_assertion(const Builder *builder, const DesiredAssert *assertion) {
        AccessMatrix *matrix = builder->matrix;
        AccessVerdicts verdicts = access_assert(matrix, builder->spec->live, builder->project,
                                                assertion, &builder->spec->live_names);

        for (size_t i = 0; i < verdicts.n; i++)
                if (is_asked_about(builder, &verdicts.items[i]))
                        remark(builder,
                               access_verdict_breaks(assertion, &verdicts.items[i])
                                       ? &matrix->broken
                                       : &matrix->unknown,
                               &verdicts.items[i]);
}

static void add_remarks(const Builder *builder) {
        const DesiredProject *project = builder->project;
        const char *team = builder->spec->team;

        for (size_t i = 0; i < project->n_principals; i++)
                if (project->principals[i].confined &&
                    (!team || text_equal(team, project->principals[i].name)))
                        remark_confinement(builder, &project->principals[i]);
        for (size_t i = 0; i < project->n_asserts; i++)
                if (!team || text_equal(team, project->asserts[i].name))
                        remark_assertion(builder, &project->asserts[i]);
}

static void add_project(Builder *builder, const DesiredProject *project) {
        AccessMatrix *matrix = builder->matrix;
        AccessTable table = {.project = project->name};

        builder->project = project;
        builder->scratch = mem_alloc_zero(NULL, 1, "matrix");
        add_principals(builder, &table);
        add_things(builder, &table);
        make_subjects(builder, &builder->live, &table);
        make_subjects(builder, &builder->wanted, &table);
        if (table.n_principals > 0 && table.n_things > 0) {
                add_cells(builder, &table);
                *mem_push(matrix, matrix->tables, matrix->n_tables) = table;
                add_remarks(builder);
        }
        builder->scratch = mem_free(builder->scratch);
}

/* Why there is no table at all. */
static const char *tell_nothing(Mem *parent, const AccessMatrixSpec *spec) {
        if (spec->project && !desired_find_project(spec->desired, spec->project))
                return mem_printf(parent, "no project `%s` in the charter", spec->project);
        if (spec->team && spec->at_name)
                return mem_printf(
                        parent,
                        "no project of the charter has both a team or group `%s` and %s `%s`",
                        spec->team, kind_row(spec->at_kind)->noun, spec->at_name);
        if (spec->team)
                return mem_printf(parent, "no team or group `%s` in the charter's projects",
                                  spec->team);
        if (spec->at_name)
                return mem_printf(parent, "no %s `%s` in the charter's projects",
                                  kind_row(spec->at_kind)->noun, spec->at_name);
        return NULL;
}

AccessMatrix *access_matrix_new(Mem *parent, const AccessMatrixSpec *spec) {
        AccessMatrix *matrix = mem_new(parent, AccessMatrix);
        Builder builder = {
                .spec = spec,
                .matrix = matrix,
                .live = {spec->live, &spec->live_names, NULL},
                .wanted = {spec->wanted, &spec->wanted_names, NULL},
        };

        matrix->has_desired = spec->wanted != NULL;
        matrix->is_explanation = spec->team && spec->at_name;
        for (size_t i = 0; i < spec->desired->n_projects; i++)
                if (!desired_is_organization(&spec->desired->projects[i]) &&
                    (!spec->project || text_equal(spec->project, spec->desired->projects[i].name)))
                        add_project(&builder, &spec->desired->projects[i]);
        if (matrix->n_tables == 0)
                matrix->error = tell_nothing(matrix, spec);
        return matrix;
}

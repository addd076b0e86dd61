/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix: the cells of teams and things. */
#include "common/access/matrix.h"

#include <string.h>

#include "common/access/evaluate_inside.h"
#include "common/access/question.h"
#include "common/access/verdict.h"
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

/* Principals and things of a project */

static void add_things(Builder *builder, AccessTable *table) {
        size_t n = 0;
        const ThingName *things =
                access_question_things(builder->matrix, builder->spec, builder->project, &n);

        for (size_t i = 0; i < n; i++)
                *mem_push(builder->matrix, table->things, table->n_things) =
                        (AccessThing){things[i].kind, things[i].name, things[i].owner, 0, 0};
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
        return access_question_place(builder->scratch, builder->spec, side->names, builder->project,
                                     &(ThingName){thing->kind, thing->name, NULL}, asked->space);
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
                cell->reason = mem_printf(matrix, "entries of %s are not read: the charter gives nothing there",
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
                AskedList asked = access_question_asked(matrix, builder->spec, thing.kind);

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
        return access_question_is_at(builder->spec, builder->project, verdict->kind, verdict->name);
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
        table.principals = access_question_principals(matrix, builder->spec, project, &table.n_principals);
        add_things(builder, &table);
        make_subjects(builder, &builder->live, &table);
        make_subjects(builder, &builder->wanted, &table);
        if (table.n_principals > 0 && table.n_things > 0) {
                if (!builder->spec->is_remarks_only)
                        add_cells(builder, &table);
                *mem_push(matrix, matrix->tables, matrix->n_tables) = table;
                add_remarks(builder);
        }
        builder->scratch = mem_free(builder->scratch);
}

AccessMatrix *access_matrix_new(Mem *parent, const AccessMatrixSpec *spec) {
        AccessMatrix *matrix = mem_new(parent, AccessMatrix);
        Builder builder = {
                .spec = spec,
                .matrix = matrix,
                .live = {spec->live, &spec->live_names, NULL},
                .wanted = {spec->wanted, &spec->wanted_names, NULL},
        };
        const DesiredProject **projects = NULL;
        size_t n_projects = 0;

        matrix->has_desired = spec->wanted != NULL;
        matrix->is_explanation = access_question_is_of_one(spec);
        projects = access_question_projects(matrix, spec, &n_projects);
        for (size_t i = 0; i < n_projects; i++)
                add_project(&builder, projects[i]);
        if (matrix->n_tables == 0)
                matrix->error = access_question_tell_nothing(matrix, spec);
        return matrix;
}

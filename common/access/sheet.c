/* SPDX-License-Identifier: Apache-2.0 */
/* Sheet: who of a project can do what on which of its things, with what is alike counted as one. */
#include "common/access/sheet.h"

#include <string.h>

#include "common/access/evaluate_inside.h"
#include "common/access/sheet_work.h"
#include "common/access/verdict.h"

/* Beginning */

static void find_owner(SheetWork *work, SheetThing *thing) {
        size_t low = 0, high = work->n_who;

        thing->owner = INDEX_NONE;
        while (thing->name.owner && low < high) {
                size_t middle = low + (high - low) / 2;
                int order = text_compare(thing->name.owner, work->who[middle].name);

                if (order == 0) {
                        thing->owner = (uint32_t)middle;
                        return;
                }
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
}

/* Things come by kind, so that those of one owner and kind are counted one after another. */
static void number_things(SheetWork *work) {
        uint32_t *counts = mem_new_array(work, uint32_t, work->n_who);

        for (size_t i = 0; i < work->n_things; i++) {
                SheetThing *thing = &work->things[i];

                if (i > 0 && thing->name.kind != thing[-1].name.kind)
                        memset(counts, 0, work->n_who * sizeof(*counts));
                find_owner(work, thing);
                if (thing->owner != INDEX_NONE)
                        thing->ordinal = counts[thing->owner]++;
        }
        mem_free(counts);
}

static void take_names(AccessSheet *sheet, SheetWork *work) {
        const AccessMatrixSpec *asked = work->spec.asked;
        const DesiredProject *project = work->spec.project;
        const char **names = access_question_principals(work, asked, project, &work->n_who);
        ThingName *things = access_question_things(sheet, asked, project, &work->n_things);

        work->who = mem_new_array(work, SheetWho, work->n_who);
        for (size_t i = 0; i < work->n_who; i++) {
                const DesiredPrincipal *principal = desired_find_principal(project, names[i]);

                work->who[i] = (SheetWho){.name = names[i], .kit = principal ? principal->kit : NULL};
        }
        work->things = mem_new_array(work, SheetThing, work->n_things);
        for (size_t i = 0; i < work->n_things; i++)
                work->things[i].name = things[i];
        mem_free(names);
        mem_free(things);
        number_things(work);
}

static AccessPlace place_of(SheetWork *work, const SheetSide *side, const ThingName *thing) {
        int space = kind_namespace(thing->kind);

        return access_question_place(work, work->spec.asked, side->names, work->spec.project, thing,
                                     space < 0 ? 0 : (uint8_t)space);
}

static void begin_side(SheetWork *work, SheetSide *side) {
        const DesiredProject *project = work->spec.project;

        if (!side->view)
                return;
        side->found = mem_new_array(work, Index, work->n_who);
        side->numbers = mem_new_array(work, uint32_t, work->n_who);
        side->exists = mem_new_array(work, bool, work->n_who);
        side->masks = mem_new_array(work, AccessMasks, work->n_who);
        side->places = mem_new_array(work, AccessPlace, work->n_things);
        for (size_t i = 0; i < work->n_who; i++) {
                Index principal = side->names->principal(side->names->context, project, work->who[i].name);

                if (principal == INDEX_NONE)
                        continue;
                side->exists[i] = true;
                side->numbers[side->n_found] = (uint32_t)i;
                side->found[side->n_found++] = principal;
        }
        for (size_t i = 0; i < work->n_things; i++)
                side->places[i] = place_of(work, side, &work->things[i].name);
        side->visibility = access_tell_visibility(work, side->view, project);
}

static void begin_sweep(SheetWork *work, SheetSide *side) {
        const AccessSweepSpec spec = {side->view,   side->found,    side->n_found,
                                      side->places, work->n_things, ACCESS_SWEEP_OPEN};

        side->sweep = mem_free(side->sweep);
        side->has_row = false;
        if (side->view)
                side->sweep = access_sweep_new(work, &spec);
}

static void begin_phase(SheetWork *work, SheetPhase phase) {
        work->phase = phase;
        work->n_done = 0;
        if (phase == SHEET_REASONS || phase == SHEET_END)
                return;
        begin_sweep(work, &work->live);
        begin_sweep(work, &work->wanted);
}

AccessSheet *access_sheet_new(Mem *parent, const AccessSheetSpec *spec) {
        AccessSheet *sheet = mem_new(parent, AccessSheet);
        SheetWork *work = mem_new(sheet, SheetWork);

        work->spec = *spec;
        work->live = (SheetSide){.view = spec->asked->live, .names = &spec->asked->live_names};
        work->wanted = (SheetSide){.view = spec->asked->wanted, .names = &spec->asked->wanted_names};
        take_names(sheet, work);
        begin_side(work, &work->live);
        begin_side(work, &work->wanted);
        for (int kind = 0; kind < _KIND_N; kind++)
                work->asked[kind] = access_question_asked(sheet, spec->asked, (Kind)kind);
        work->folds_who = spec->is_crowded || work->n_who > ACCESS_SHEET_TEAMS_MAX ||
                          work->n_who * work->n_things > ACCESS_SHEET_PAIRS_MAX;
        work->folds_things = work->folds_who || work->n_things > ACCESS_SHEET_THINGS_MAX;
        sheet->project = spec->project->name;
        sheet->has_desired = spec->asked->wanted != NULL;
        sheet->is_folded = work->folds_things;
        sheet->visibility = work->live.visibility ? mem_strdup(sheet, work->live.visibility) : NULL;
        sheet->n_principals = work->n_who;
        sheet->n_things = work->n_things;
        sheet->work = work;
        begin_phase(work, SHEET_MARKS);
        return sheet;
}

/* Rows of both sweeps, side by side */

static void take_masks(SheetSide *side, size_t n_who) {
        memset(side->masks, 0, n_who * sizeof(*side->masks));
        for (size_t i = 0; i < side->row.n_cells; i++)
                side->masks[side->numbers[side->row.cells[i].principal]] = side->row.cells[i].masks;
}

/* One step of one of the sweeps; true when both have the row of the next thing. */
static bool step_sweeps(SheetWork *work) {
        SheetSide *sides[] = {&work->live, &work->wanted};

        for (size_t i = 0; i < 2; i++) {
                SheetSide *side = sides[i];

                if (!side->view || side->has_row)
                        continue;
                side->has_row = access_sweep_step(side->sweep, &side->row) == ACCESS_SWEEP_ROW;
                if (!side->has_row)
                        return false;
                take_masks(side, work->n_who);
        }
        work->live.has_row = work->wanted.has_row = false;
        return true;
}

/* Counting */

static bool is_read(const SheetWork *work, Kind kind) {
        const Organisation *live = access_view_organisation(work->live.view);

        return access_kind_is_read(live, organisation_find_project(live, work->spec.project->name), kind);
}

static void begin_counting(AccessSheet *sheet, SheetWork *work) {
        size_t n_cells = 0;

        sheet_fold_who(sheet, work);
        sheet_fold_things(sheet, work);
        for (size_t i = 0; i < sheet->n_rows; i++) {
                AccessSheetRow *row = &sheet->rows[i];

                row->asked = work->asked[row->kind].items;
                row->n_asked = work->asked[row->kind].n;
                row->is_read = is_read(work, row->kind);
                row->first_cell = n_cells;
                n_cells += row->n_asked * sheet->n_groups;
        }
        sheet->cells = mem_new_array(sheet, AccessSheetCell, n_cells);
        sheet->examples = mem_new_array(sheet, AccessSheetExample, sheet->n_rows * sheet->n_groups);
        work->pairs = mem_new_array(work, SheetPair, sheet->n_rows * sheet->n_groups);
}

static AccessAnswer answer_of(const SheetSide *side, size_t who, AccessPlace place, uint32_t bit, bool read) {
        AccessAnswer answer;

        if (bit == 0 || !read)
                return ACCESS_UNKNOWN;
        answer = access_answer_of(side->masks[who], bit);
        /* Closed to it, but perhaps not to somebody outside. A thing that is not there is closed to all. */
        if (answer == ACCESS_CLOSED && side->visibility && side->exists[who] && place.token &&
            (access_read_bits(place.space) & bit))
                return ACCESS_UNKNOWN;
        return answer;
}

static const AccessLook looks_of_answers[] = {
        [ACCESS_CLOSED] = ACCESS_LOOK_CLOSED,
        [ACCESS_OPEN] = ACCESS_LOOK_OPEN,
        [ACCESS_UNKNOWN] = ACCESS_LOOK_UNKNOWN,
};

/* What the pair adds to a cell, and how it looks. */
static AccessLook count_pair(AccessSheetCell *cell, AccessAnswer live, AccessAnswer wanted) {
        cell->n++;
        cell->n_open += live == ACCESS_OPEN;
        cell->n_unknown += live == ACCESS_UNKNOWN;
        cell->n_wanted_open += wanted == ACCESS_OPEN;
        cell->n_wanted_unknown += wanted == ACCESS_UNKNOWN;
        cell->n_differ += live != wanted;
        return live != wanted ? ACCESS_LOOK_DIFFERS : looks_of_answers[live];
}

static void count_thing(AccessSheet *sheet, SheetWork *work, size_t at) {
        const SheetThing *thing = &work->things[at];
        const SheetSide *wanted = work->wanted.view ? &work->wanted : &work->live;

        for (size_t i = 0; i < work->n_who; i++) {
                const SheetWho *who = &work->who[i];
                bool is_neighbour = thing->other_row != INDEX_NONE && thing->owner != i &&
                                    work->who[thing->owner].group == who->group;
                uint32_t row = is_neighbour ? thing->other_row : thing->row;
                const AccessSheetRow *it = &sheet->rows[row];
                SheetPair *pair = &work->pairs[row * sheet->n_groups + who->group];

                for (size_t k = 0; k < it->n_asked; k++) {
                        uint32_t bit = it->asked[k].bit;
                        AccessLook look = count_pair(
                                &sheet->cells[it->first_cell + who->group * it->n_asked + k],
                                answer_of(&work->live, i, work->live.places[at], bit, it->is_read),
                                answer_of(wanted, i, wanted->places[at], bit, it->is_read));

                        if (look > pair->look)
                                *pair = (SheetPair){(uint32_t)i, (uint32_t)at, look};
                }
        }
}

static bool tells(AccessLook look) {
        return look > ACCESS_LOOK_CLOSED;
}

static void end_counting(AccessSheet *sheet, SheetWork *work) {
        for (size_t i = 0; i < sheet->n_rows * sheet->n_groups; i++)
                if (tells(work->pairs[i].look))
                        sheet->examples[i] = (AccessSheetExample){work->who[work->pairs[i].who].name,
                                                                  work->things[work->pairs[i].thing].name.name};
}

/* Reasons */

static const AccessSubject *subject_of(SheetWork *work, SheetSide *side, uint32_t who) {
        if (!side->subjects)
                side->subjects = mem_new_array(work, AccessSubject *, work->n_who);
        for (size_t i = 0; !side->subjects[who] && i < side->n_found; i++)
                if (side->numbers[i] == who)
                        side->subjects[who] = access_subject_new(work, side->view, side->found[i]);
        return side->subjects[who];
}

static const AccessExplanation *explain(AccessSheet *sheet, SheetWork *work, SheetSide *side,
                                        const SheetPair *pair, uint32_t bit) {
        const AccessPlace *place = &side->places[pair->thing];
        const AccessSubject *subject = subject_of(work, side, pair->who);

        return subject && place->token
                       ? access_explain(sheet, side->view, subject, place->space, place->token, bit)
                       : NULL;
}

static void explain_pair(AccessSheet *sheet, SheetWork *work, const AccessSheetRow *row, size_t group) {
        const SheetPair *pair = &work->pairs[(size_t)(row - sheet->rows) * sheet->n_groups + group];

        if (!tells(pair->look) || !row->is_read)
                return;
        for (size_t k = 0; k < row->n_asked; k++) {
                AccessSheetCell *cell = &sheet->cells[row->first_cell + group * row->n_asked + k];

                if (!row->asked[k].bit)
                        continue;
                if (cell->n_open + cell->n_unknown > 0)
                        cell->live = explain(sheet, work, &work->live, pair, row->asked[k].bit);
                if (cell->n_differ > 0 && cell->n_wanted_open > 0)
                        cell->wanted = explain(sheet, work, &work->wanted, pair, row->asked[k].bit);
        }
}

/* Steps */

static void begin_next(AccessSheet *sheet, SheetWork *work) {
        switch (work->phase) {
        case SHEET_MARKS:
                begin_counting(sheet, work);
                begin_phase(work, SHEET_COUNTS);
                break;
        case SHEET_COUNTS:
                end_counting(sheet, work);
                begin_phase(work, work->spec.detail == ACCESS_SHEET_EXPLAINED ? SHEET_REASONS : SHEET_END);
                break;
        case SHEET_REASONS:
        case SHEET_END:
                begin_phase(work, SHEET_END);
                break;
        }
}

bool access_sheet_step(AccessSheet *sheet) {
        SheetWork *work = sheet->work;

        if (!work)
                return false;
        if (work->phase == SHEET_END) {
                sheet->work = mem_free(work);
                return false;
        }
        if (work->n_done == (work->phase == SHEET_REASONS ? sheet->n_rows : work->n_things) ||
            (work->phase == SHEET_MARKS && !work->folds_things)) {
                begin_next(sheet, work);
                return true;
        }
        if (work->phase == SHEET_REASONS) {
                const AccessSheetRow *row = &sheet->rows[work->n_done++];

                for (size_t i = 0; i < sheet->n_groups; i++)
                        explain_pair(sheet, work, row, i);
                return true;
        }
        if (!step_sweeps(work))
                return true;
        if (work->phase == SHEET_MARKS)
                sheet_mark_thing(work, work->n_done);
        else
                count_thing(sheet, work, work->n_done);
        work->n_done++;
        return true;
}

/* Telling */

AccessLook access_sheet_look(const AccessSheet *sheet, const AccessSheetRow *row, size_t group) {
        const AccessSheetCell *cells = access_sheet_cells(sheet, row, group);
        AccessLook look = ACCESS_LOOK_NONE;

        for (size_t i = 0; i < row->n_asked; i++) {
                AccessLook own = cells[i].n == 0           ? ACCESS_LOOK_NONE
                                 : cells[i].n_differ > 0  ? ACCESS_LOOK_DIFFERS
                                 : cells[i].n_open > 0    ? ACCESS_LOOK_OPEN
                                 : cells[i].n_unknown > 0 ? ACCESS_LOOK_UNKNOWN
                                                          : ACCESS_LOOK_CLOSED;

                look = own > look ? own : look;
        }
        return look;
}

void access_sheet_name_group(const AccessSheetGroup *group, Text *text) {
        if (group->n == 1)
                text_append(text, group->name);
        else if (group->kit)
                text_appendf(text, "%zu of kit %s", group->n, group->kit);
        else
                text_appendf(text, "%s and %zu more", group->name, group->n - 1);
}

void access_sheet_name_row(const AccessSheet *sheet, const AccessSheetRow *row, Text *text) {
        text_append(text, access_thing_title(sheet->project, row->kind, row->name));
        if (row->n > 1)
                text_appendf(text, " and %zu more", row->n - 1);
}

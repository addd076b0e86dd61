/* SPDX-License-Identifier: Apache-2.0 */
/* Sight: since when the steps that are not done yet are seen, and what brought them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/engine/sight.h"

typedef struct SightRow {
        uint64_t id; /* of the step */
        uint64_t project;
        Sight sight;
        bool is_done;
        bool is_kept; /* the plan at hand has it still */
        bool is_told;    /* the ledger holds it */
        bool is_telling; /* a record is under way that tells it */
} SightRow;

typedef struct SightProject {
        uint64_t project;
        uint64_t charter; /* by which it was last planned; 0: none */
        SightOrigin origin; /* of what is new in the plan at hand */
        int64_t begun;        /* wall ms, of the reading that plan follows from; 0: unknown */
        int64_t begun_before; /* of the one before */
} SightProject;

struct Sights {
        SightRow *rows; /* by id */
        size_t n_rows;
        SightProject *projects;
        size_t n_projects;
        uint64_t *went; /* steps that the ledger still holds */
        size_t n_went;
        size_t n_telling; /* of them in the record under way */
        int64_t wall;     /* of the plan at hand */
        int64_t begun;    /* of its reading */
        bool is_full;     /* that had more steps than are remembered */
        bool was_full;    /* the one before had */
};

/* What a plan is made into. */
typedef struct Taking {
        Sights *sights;
        const Plan *plan;
        int64_t wall;
        SightRow *rows;
        size_t n_rows;
} Taking;

Sights *sights_new(Mem *parent) {
        return mem_new(parent, Sights);
}

static const struct {
        SightOrigin origin;
        const char *word;
} origins[] = {
        {SIGHT_CHARTER, "charter"},
        {SIGHT_DRIFT, "drift"},
};

const char *sight_origin_word(SightOrigin origin) {
        for (size_t i = 0; i < sizeof origins / sizeof *origins; i++)
                if (origins[i].origin == origin)
                        return origins[i].word;
        return NULL;
}

static SightOrigin origin_of_word(const char *word) {
        for (size_t i = 0; word && i < sizeof origins / sizeof *origins; i++)
                if (strcmp(origins[i].word, word) == 0)
                        return origins[i].origin;
        return SIGHT_UNKNOWN;
}

/* 0 is none: an id is 48 bits. */
static uint64_t id_number(const char *id) {
        return (uint64_t)strtoull(id, NULL, 16) + 1;
}

static int compare_rows(const void *a_, const void *b_) {
        const SightRow *a = a_, *b = b_;

        return (a->id > b->id) - (a->id < b->id);
}

static SightRow *find_row(const Sights *sights, uint64_t id) {
        return sights->n_rows == 0 ? NULL
                                   : bsearch(&(SightRow){.id = id}, sights->rows, sights->n_rows, sizeof *sights->rows,
                                             compare_rows);
}

static SightProject *find_project(const Sights *sights, uint64_t project) {
        for (size_t i = 0; i < sights->n_projects; i++)
                if (sights->projects[i].project == project)
                        return &sights->projects[i];
        return NULL;
}

static SightProject *add_project(Sights *sights, const char *name) {
        uint64_t project = text_hash(name);
        SightProject *row = find_project(sights, project);

        if (!row) {
                row = mem_push(sights, sights->projects, sights->n_projects);
                row->project = project;
        }
        return row;
}

/* --- plans ---------------------------------------------------------------------------------------------------------- */

static bool is_planned(const PlanProject *project) {
        return project->state != PLAN_FAILED && project->state != PLAN_UNREAD;
}

static bool is_project_planned(const Plan *plan, uint64_t project) {
        for (size_t i = 0; i < plan->n_projects; i++)
                if (text_hash(plan->projects[i].name) == project)
                        return is_planned(&plan->projects[i]);
        return false;
}

static void forget_row(Sights *sights, const SightRow *row) {
        if (row->is_told)
                *mem_push(sights, sights->went, sights->n_went) = row->id;
}

/* What is new there came with the charter, unless that is the one it was planned by before. */
static void begin_projects(Taking *taking) {
        const Plan *plan = taking->plan;
        uint64_t charter = text_hash(plan->desired->sha256);

        for (size_t i = 0; i < plan->n_projects; i++) {
                SightProject *project;

                if (!is_planned(&plan->projects[i]))
                        continue;
                project = add_project(taking->sights, plan->projects[i].name);
                project->origin = project->charter == charter ? SIGHT_DRIFT : SIGHT_CHARTER;
                project->charter = charter;
                project->begun_before = project->begun;
                project->begun = taking->sights->begun;
        }
}

static SightOrigin origin_of(const Sights *sights, const Step *step) {
        const SightProject *project = find_project(sights, text_hash(step->project_name));

        if (step->is_own_trace)
                return SIGHT_CHARTER;
        return sights->was_full || !project ? SIGHT_UNKNOWN : project->origin;
}

static void take_step(Taking *taking, const Step *step) {
        Sights *sights = taking->sights;
        uint64_t id = id_number(step->id);
        SightRow *before = find_row(sights, id);
        SightRow *row;

        if (taking->n_rows == SIGHTS_MAX) {
                sights->is_full = true;
                return;
        }
        row = mem_push(sights, taking->rows, taking->n_rows);
        if (before && !before->is_done) {
                *row = *before;
                before->is_kept = true;
                return;
        }
        *row = (SightRow){.id = id,
                          .project = text_hash(step->project_name),
                          .sight = {.seen = taking->wall, .origin = origin_of(sights, step)}};
        if (row->sight.origin == SIGHT_UNKNOWN)
                row->sight.seen = 0;
}

/* Of projects that this plan says nothing of. */
static void take_others(Taking *taking) {
        Sights *sights = taking->sights;

        for (size_t i = 0; i < sights->n_rows; i++) {
                SightRow *row = &sights->rows[i];

                if (row->is_kept)
                        continue;
                if (!row->is_done && taking->n_rows < SIGHTS_MAX && !is_project_planned(taking->plan, row->project))
                        *mem_push(sights, taking->rows, taking->n_rows) = *row;
                else
                        forget_row(sights, row);
        }
}

void sights_take_plan(Sights *sights, const Plan *plan, int64_t wall) {
        Taking taking = {.sights = sights, .plan = plan, .wall = wall};

        sights->was_full = sights->is_full;
        sights->is_full = false;
        sights->wall = wall;
        begin_projects(&taking);
        for (size_t i = 0; i < plan->n_steps; i++)
                take_step(&taking, &plan->steps[i]);
        take_others(&taking);
        mem_free(sights->rows);
        sights->rows = taking.rows;
        sights->n_rows = taking.n_rows;
        if (sights->n_rows > 1)
                qsort(sights->rows, sights->n_rows, sizeof *sights->rows, compare_rows);
}

Sight sights_find(const Sights *sights, const Step *step) {
        const SightRow *row = find_row(sights, id_number(step->id));
        SightOrigin origin;

        if (row)
                return row->sight;
        origin = origin_of(sights, step);
        return (Sight){.seen = origin == SIGHT_UNKNOWN ? 0 : sights->wall, .origin = origin};
}

void sights_begin(Sights *sights, int64_t begun) {
        sights->begun = begun;
}

int64_t sights_since(const Sights *sights, const char *project) {
        const SightProject *row = find_project(sights, text_hash(project));

        return row ? row->begun_before : 0;
}

bool sights_has_drifted(const Sights *sights, const char *project) {
        const SightProject *row = find_project(sights, text_hash(project));

        return row && row->origin == SIGHT_DRIFT;
}

void sights_note_done(Sights *sights, const Step *step) {
        SightRow *row = find_row(sights, id_number(step->id));

        if (!row || row->is_done)
                return;
        row->is_done = true;
        forget_row(sights, row);
        row->is_told = false;
}

/* --- the ledger ----------------------------------------------------------------------------------------------------- */

static void begin_line(JsonWriter *writer, const SightsRecord *record, Text *text) {
        json_writer_init(writer, text, /* indent= */ 0);
        json_write_object(writer, NULL);
        json_write_text(writer, "record", "sight");
        json_write_text(writer, "pass", record->pass_id);
        json_write_text(writer, "organization", record->organization);
}

static void end_line(JsonWriter *writer, Text *text) {
        json_write_array_end(writer);
        json_write_object_end(writer);
        text_append(text, "\n");
}

static void write_came(JsonWriter *writer, const Plan *plan, const Step *step, const SightRow *row) {
        const DesiredProject *project = desired_find_project(plan->desired, step->project_name);
        char time[CLOCK_TEXT_SIZE];

        json_write_object(writer, NULL);
        json_write_text(writer, "step", step->id);
        json_write_text(writer, "project", step->project_name);
        json_write_text(writer, "team", project ? step_team(project, step) : NULL);
        json_write_text(writer, "seen", row->sight.seen > 0 ? clock_format(row->sight.seen, time) : NULL);
        json_write_text(writer, "origin", sight_origin_word(row->sight.origin));
        json_write_object_end(writer);
}

static void write_all_came(Sights *sights, const SightsRecord *record, Text *text) {
        const Plan *plan = record->plan;
        JsonWriter writer;
        size_t n = 0;

        for (size_t i = 0; plan && i < plan->n_steps; i++) {
                SightRow *row = find_row(sights, id_number(plan->steps[i].id));

                if (!row || row->is_done || row->is_told || row->is_telling)
                        continue;
                if (n++ % SIGHTS_LINE_MAX == 0) {
                        if (n > 1)
                                end_line(&writer, text);
                        begin_line(&writer, record, text);
                        json_write_array(&writer, "came");
                }
                write_came(&writer, plan, &plan->steps[i], row);
                row->is_telling = true;
        }
        if (n > 0)
                end_line(&writer, text);
}

static void write_all_went(Sights *sights, const SightsRecord *record, Text *text) {
        JsonWriter writer;

        for (size_t i = 0; i < sights->n_went; i++) {
                char id[13];

                if (i % SIGHTS_LINE_MAX == 0) {
                        if (i > 0)
                                end_line(&writer, text);
                        begin_line(&writer, record, text);
                        json_write_array(&writer, "went");
                }
                snprintf(id, sizeof id, "%012" PRIx64, (sights->went[i] - 1) & UINT64_C(0xffffffffffff));
                json_write_text(&writer, NULL, id);
        }
        if (sights->n_went > 0)
                end_line(&writer, text);
        sights->n_telling = sights->n_went;
}

void sights_write(Sights *sights, const SightsRecord *record, Text *text) {
        write_all_went(sights, record, text);
        write_all_came(sights, record, text);
}

void sights_end_record(Sights *sights, bool is_recorded) {
        for (size_t i = 0; i < sights->n_rows; i++) {
                sights->rows[i].is_told |= is_recorded && sights->rows[i].is_telling;
                sights->rows[i].is_telling = false;
        }
        if (is_recorded && sights->n_telling == sights->n_went) {
                sights->went = mem_free(sights->went);
                sights->n_went = 0;
        }
        sights->n_telling = 0;
}

/* --- what an earlier process saw ------------------------------------------------------------------------------------ */

static bool is_unread(const JsonNode *record, const char *project) {
        json_each(name, json_get(record, "unread")) {
                const char *text = json_value_text(name);

                if (text && text_equal(text, project))
                        return true;
        }
        return false;
}

static void restore_project(Sights *sights, const char *name, const JsonNode *record) {
        const char *begin = json_get_text(record, "begin");
        SightProject *project = add_project(sights, name);

        project->charter = text_hash(json_get_text(record, "charter_sha256"));
        if (!begin || clock_parse(&project->begun, begin) < 0)
                project->begun = 0;
}

static void restore_pass(Sights *sights, const JsonNode *record) {
        const char *sha256 = json_get_text(record, "charter_sha256"), *own = json_get_text(record, "project");

        if (!sha256 || json_get_text(record, "error"))
                return;
        if (own && !is_unread(record, own))
                restore_project(sights, own, record);
        json_each(project, json_get(record, "charter_projects")) {
                const char *name = own ? NULL : json_value_text(project);

                if (name && !is_unread(record, name))
                        restore_project(sights, name, record);
        }
}

static void restore_came(Sights *sights, const JsonNode *step) {
        const char *id = json_get_text(step, "step"), *project = json_get_text(step, "project");
        const char *seen = json_get_text(step, "seen");
        SightRow row = {.is_told = true, .sight.origin = origin_of_word(json_get_text(step, "origin"))};
        SightRow *found;
        size_t at = 0;

        if (!id || !project || (seen && clock_parse(&row.sight.seen, seen) < 0))
                return;
        row.id = id_number(id);
        row.project = text_hash(project);
        found = find_row(sights, row.id);
        if (found) {
                *found = row;
                return;
        }
        if (sights->n_rows == SIGHTS_MAX)
                return;
        (void)mem_push(sights, sights->rows, sights->n_rows);
        while (sights->rows[at].id < row.id && at + 1 < sights->n_rows)
                at++;
        memmove(sights->rows + at + 1, sights->rows + at, (sights->n_rows - 1 - at) * sizeof *sights->rows);
        sights->rows[at] = row;
}

static void restore_went(Sights *sights, const JsonNode *step) {
        const char *id = json_value_text(step);
        SightRow *row = id ? find_row(sights, id_number(id)) : NULL;

        if (!row)
                return;
        memmove(row, row + 1, (size_t)(sights->rows + --sights->n_rows - row) * sizeof *row);
}

void sights_restore(Sights *sights, const JsonNode *record) {
        const char *name = json_get_text(record, "record");

        if (name && strcmp(name, "pass") == 0)
                restore_pass(sights, record);
        if (!name || strcmp(name, "sight") != 0)
                return;
        json_each(step, json_get(record, "went"))
                restore_went(sights, step);
        json_each(step, json_get(record, "came"))
                restore_came(sights, step);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Fight: what charterd repairs again and again, because somebody undoes it again and again. */
#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/model/table.h"
#include "daemon/engine/fight.h"

/* Repairs of one place with one target, none long after the one before. */
typedef struct Streak {
        uint64_t target;
        uint32_t n; /* 0: none */
        int64_t since;
        int64_t latest[FIGHT_REPAIRS]; /* the newest first */
} Streak;

/* What is told of a place that was repaired more than once. */
typedef struct Story {
        char *project;
        char *what;
        char *values[FIGHT_VALUES_MAX]; /* different ones */
        size_t n_values;
} Story;

typedef struct Row {
        uint64_t place;
        uint64_t pass;
        Streak before; /* the last pass that repaired it */
        Streak now;
        Story *story;
} Row;

struct Fights {
        Row *rows;
        size_t n_rows;
        size_t n_look; /* of rows, when it is looked for those that are over */
        Mem *index_mem;
        Table index;   /* of rows by place */
};

Fights *fights_new(Mem *parent) {
        Fights *fights = mem_new(parent, Fights);

        fights->n_look = FIGHT_ROWS_FIRST;
        fights->index_mem = mem_new(fights, char);
        table_init(&fights->index, fights->index_mem);
        return fights;
}

/* --- counting ------------------------------------------------------------------------------------------------------- */

static Streak streak_extend(const Streak *before, const Repair *repair) {
        Streak streak = *before;

        if (before->n == 0 || before->target != repair->target ||
            repair->wall - before->latest[0] > FIGHT_WINDOW_MS)
                streak = (Streak){.target = repair->target, .since = repair->wall};
        memmove(streak.latest + 1, streak.latest, (FIGHT_REPAIRS - 1) * sizeof *streak.latest);
        streak.latest[0] = repair->wall;
        streak.n++;
        return streak;
}

static bool is_fight(const Streak *streak, int64_t wall) {
        return streak->n >= FIGHT_REPAIRS && wall - streak->latest[0] <= FIGHT_WINDOW_MS &&
               streak->latest[0] - streak->latest[FIGHT_REPAIRS - 1] <= FIGHT_WINDOW_MS;
}

static Row *find_row(const Fights *fights, uint64_t place) {
        TableCursor cursor = table_find(&fights->index, place);
        uint32_t row;

        while ((row = table_next(&fights->index, &cursor)) != TABLE_NONE)
                if (fights->rows[row].place == place)
                        return &fights->rows[row];
        return NULL;
}

/* What was repaired longer ago can no longer become a fight. */
static void drop_old(Fights *fights, int64_t wall) {
        size_t n = 0;

        for (size_t i = 0; i < fights->n_rows; i++)
                if (wall - fights->rows[i].now.latest[0] > FIGHT_WINDOW_MS)
                        mem_free(fights->rows[i].story);
                else
                        fights->rows[n++] = fights->rows[i];
        if (n == fights->n_rows)
                return;
        fights->n_rows = n;
        fights->rows = n > 0 ? mem_resize_array(fights, fights->rows, sizeof *fights->rows, n)
                             : mem_free(fights->rows);
        mem_free(fights->index_mem);
        fights->index_mem = mem_new(fights, char);
        table_init(&fights->index, fights->index_mem);
        for (size_t i = 0; i < n; i++)
                table_add(&fights->index, fights->rows[i].place, (uint32_t)i);
}

static Row *add_row(Fights *fights, const Repair *repair) {
        Row *row;

        if (fights->n_rows >= fights->n_look) {
                drop_old(fights, repair->wall);
                fights->n_look = fights->n_rows * 2 > FIGHT_ROWS_FIRST ? fights->n_rows * 2 : FIGHT_ROWS_FIRST;
        }
        table_add(&fights->index, repair->place, (uint32_t)fights->n_rows);
        row = mem_push(fights, fights->rows, fights->n_rows);
        *row = (Row){.place = repair->place, .pass = repair->pass};
        return row;
}

static void note_value(Row *row, Mem *parent, const Repair *repair) {
        Story *story = row->story;

        if (!story) {
                story = row->story = mem_new(parent, Story);
                story->project = mem_strdup(story, repair->project);
                story->what = mem_strdup(story, repair->what);
        }
        for (size_t i = 0; i < story->n_values; i++)
                if (strcmp(story->values[i], repair->description) == 0)
                        return;
        if (story->n_values < FIGHT_VALUES_MAX)
                story->values[story->n_values++] = mem_strdup(story, repair->description);
}

void fights_note(Fights *fights, const Repair *repair) {
        Row *row = find_row(fights, repair->place);

        if (!row)
                row = add_row(fights, repair);
        else if (row->pass != repair->pass)
                row->before = row->now;
        row->pass = repair->pass;
        row->now = streak_extend(&row->before, repair);
        if (row->now.n > 1)
                note_value(row, fights, repair);
}

/* --- telling -------------------------------------------------------------------------------------------------------- */

static const char *detail(Mem *parent, const Row *row) {
        char since[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE];
        Text text;

        text_init(&text, parent);
        text_appendf(&text, "repaired %" PRIu32 " times since %s, the last time at %s; what was found and what was done: ",
                     row->now.n, clock_format(row->now.since, since), clock_format(row->now.latest[0], last));
        for (size_t i = 0; i < row->story->n_values; i++)
                text_appendf(&text, "%s%s", i > 0 ? " | " : "", row->story->values[i]);
        text_append(&text, "; who does it is not known");
        return text.data;
}

const PlanFight *fights_list(Mem *parent, Fights *fights, int64_t wall, size_t *np) {
        PlanFight *list = NULL;

        *np = 0;
        drop_old(fights, wall);
        for (size_t i = 0; i < fights->n_rows; i++) {
                const Row *row = &fights->rows[i];

                if (!is_fight(&row->now, wall))
                        continue;
                *mem_push(parent, list, *np) = (PlanFight){mem_strdup(parent, row->story->project),
                                                           mem_strdup(parent, row->story->what), detail(parent, row)};
        }
        return list;
}

/* --- what a repair is ----------------------------------------------------------------------------------------------- */

static uint64_t hash_pair(const char *a, const char *b) {
        Text text;
        uint64_t hash;

        text_init(&text, NULL);
        text_appendf(&text, "%s\n%s", a, b);
        hash = text_hash(text.data);
        text_deinit(&text);
        return hash;
}

typedef struct Target {
        bool has_masks;
        uint32_t allow, deny;
        const char *after; /* of what has none, or NULL */
} Target;

static uint64_t hash_target(const Target *target) {
        Text text;
        uint64_t hash;

        text_init(&text, NULL);
        if (target->has_masks)
                text_appendf(&text, "%" PRIu32 " %" PRIu32, target->allow, target->deny);
        text_appendf(&text, "\n%s", target->after ? target->after : "");
        hash = text_hash(text.data);
        text_deinit(&text);
        return hash;
}

bool repair_of_step(const Step *step, const char *what, const char *description, Repair *repair) {
        Target target = {step->space >= 0, step->allow_after, step->deny_after, step_states(step).after};

        if (!step_is_repair(step))
                return false;
        *repair = (Repair){
                .place = hash_pair(step->project_name, what),
                .target = hash_target(&target),
                .project = step->project_name,
                .what = what,
                .description = description,
        };
        return true;
}

bool repair_of_intent(const JsonNode *record, Repair *repair) {
        const JsonNode *step = json_get(record, "step"), *masks = json_get(record, "masks_after");
        const char *what = json_get_text(record, "what"), *project = json_get_text(record, "project");
        const char *description = json_get_text(record, "description"), *pass = json_get_text(record, "pass");
        Target target = {.has_masks = masks != NULL, .after = json_get_text(step, "after")};
        int64_t allow = 0, deny = 0;

        if (!what || !project || !description || !pass)
                return false;
        if (masks && (json_get_int(masks, "allow", 0, UINT32_MAX, &allow) < 0 ||
                      json_get_int(masks, "deny", 0, UINT32_MAX, &deny) < 0))
                return false;
        target.allow = (uint32_t)allow;
        target.deny = (uint32_t)deny;
        *repair = (Repair){
                .place = hash_pair(project, what),
                .target = hash_target(&target),
                .pass = text_hash(pass),
                .project = project,
                .what = what,
                .description = description,
        };
        return true;
}

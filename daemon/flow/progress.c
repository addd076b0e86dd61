/* SPDX-License-Identifier: Apache-2.0 */
/* Progress: how far the pass of one organisation is. Pure: time comes in as an argument. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/flow/progress.h"

enum {
        HUNDRED = 100,
};

/* --- how much of the work is done ----------------------------------------------------------------------------------- */

static uint64_t sum_before(const Progress *progress, size_t stage) {
        uint64_t sum = 0;

        for (size_t i = 0; i < stage; i++)
                sum += progress->weights[i];
        return sum;
}

/* The stages before this one whole, this one by what is known of it: what it will still ask for is not. */
static int percent_now(const Progress *progress) {
        uint64_t all = sum_before(progress, progress->n_stages), done = sum_before(progress, progress->stage);
        uint64_t weight = progress->weights[progress->stage];
        uint64_t percent;

        if (all == 0)
                return -1;
        percent = HUNDRED * done / all;
        if (progress->n_known > 0)
                percent = (HUNDRED * done + HUNDRED * weight * progress->n_done / progress->n_known) / all;
        return percent > PROGRESS_PERCENT_MAX ? PROGRESS_PERCENT_MAX : (int)percent;
}

/* It does not fall within a work. */
static void look(Progress *progress) {
        int percent = progress->n_stages > 0 ? percent_now(progress) : -1;

        if (percent > progress->percent)
                progress->percent = percent;
}

int progress_percent(const Progress *progress) {
        return progress ? progress->percent : -1;
}

size_t progress_n_done(const Progress *progress) {
        return progress->parts > 0 ? progress->n_done / progress->parts : 0;
}

size_t progress_n_known(const Progress *progress) {
        return progress->parts > 0 ? progress->n_known / progress->parts : 0;
}

/* --- what a reading of the same took before ---------------------------------------------------------------------------- */

static uint64_t scope_of(const Progress *progress) {
        uint64_t scope = progress->project ? text_hash(progress->project) : progress->n_projects;

        return scope ? scope : 1; /* 0 says that nothing is remembered */
}

static void remember(Progress *progress) {
        memcpy(progress->remembered, progress->counted, sizeof progress->remembered);
        progress->remembered_scope = scope_of(progress);
}

/* --- one after the other ------------------------------------------------------------------------------------------------ */

static void end_stage(Progress *progress, int64_t now) {
        ProgressStage stage = {.work = progress->work,
                               .name = progress->stage_name,
                               .took_ms = now - progress->stage_at,
                               .pass_ms = now - progress->began_at};

        if (progress->n_stages == 0 || progress->n_known == 0)
                return;
        progress->counted[progress->stage] += (uint32_t)progress_n_done(progress);
        stage.n_done = progress_n_done(progress);
        stage.percent = progress_percent(progress);
        if (progress->on_stage)
                progress->on_stage(progress->context, &stage);
}

static void begin_stage(Progress *progress, size_t stage, const char *name, int64_t now) {
        progress->stage = stage;
        progress->stage_name = name;
        progress->stage_at = now;
        progress->n_known = progress->n_done = 0;
        look(progress);
}

void progress_begin_pass(Progress *progress, const ProgressPass *pass, int64_t now) {
        if (!progress)
                return;
        progress_begin(progress, PROGRESS_NONE, now);
        progress->project = pass->project;
        progress->n_projects = pass->n_projects;
        progress->began_at = now;
}

/* A reading is followed by a plan when it came to its end. */
void progress_begin(Progress *progress, ProgressWork work, int64_t now) {
        if (!progress)
                return;
        end_stage(progress, now);
        if (progress->work == PROGRESS_READING && work == PROGRESS_PLANNING)
                remember(progress);
        progress->work = work;
        progress->n_stages = work == PROGRESS_CHANGING ? 1 : 0;
        progress->parts = work == PROGRESS_CHANGING ? PROGRESS_CHANGE_PARTS : 1;
        progress->weights[0] = 1;
        progress->percent = -1;
        if (work == PROGRESS_NONE)
                progress->project = NULL;
        begin_stage(progress, /* stage= */ 0, /* name= */ NULL, now);
}

void progress_begin_reading(Progress *progress, const ProgressGuess *guess, int64_t now) {
        if (!progress)
                return;
        assert(guess->n_stages <= PROGRESS_STAGES_MAX && guess->n_steady <= guess->n_stages);
        progress_begin(progress, PROGRESS_READING, now);
        progress->n_stages = guess->n_stages;
        memcpy(progress->weights, guess->weights, sizeof progress->weights);
        for (size_t i = 0; i < guess->n_steady && progress->remembered_scope == scope_of(progress); i++)
                progress->weights[i] = PROGRESS_WEIGHT * progress->remembered[i];
        memset(progress->counted, 0, sizeof progress->counted);
        look(progress);
}

void progress_enter(Progress *progress, size_t stage, const char *name, int64_t now) {
        if (!progress || stage >= progress->n_stages)
                return;
        end_stage(progress, now);
        begin_stage(progress, stage, name, now);
}

void progress_add(Progress *progress, size_t n) {
        if (!progress)
                return;
        progress->n_known += n * progress->parts;
        look(progress);
}

void progress_done(Progress *progress, size_t n) {
        if (!progress)
                return;
        progress->n_done += n;
        look(progress);
}

void progress_set_done(Progress *progress, size_t n) {
        if (!progress)
                return;
        progress->n_done = n * progress->parts;
        look(progress);
}

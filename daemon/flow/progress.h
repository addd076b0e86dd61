/* SPDX-License-Identifier: Apache-2.0 */
/* Progress: how far the pass of one organisation is. Pure: time comes in as an argument. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
        PROGRESS_STAGES_MAX = 12,    /* of one work */
        PROGRESS_PERCENT_MAX = 99,   /* as long as it has not ended */
        PROGRESS_LONG_MS = 10 * 1000, /* a pass that takes longer is a long one */
        PROGRESS_CHANGE_PARTS = 2,   /* of a change: it is sent, it is seen */
        PROGRESS_WEIGHT = 100,       /* of one request in a guess */
};

typedef enum ProgressWork {
        PROGRESS_NONE,      /* no pass is under way */
        PROGRESS_ROOM,      /* the budget has no room for the next turn */
        PROGRESS_READING,
        PROGRESS_PLANNING,
        PROGRESS_STORING,   /* who has access is stored, before it is changed */
        PROGRESS_CHANGING,
        PROGRESS_RECORDING, /* that the pass has ended */
        PROGRESS_AUTHORS,   /* the audit log is asked who made the drift */
        _PROGRESS_WORK_N,
} ProgressWork;

/* A stage that has ended. */
typedef struct ProgressStage {
        ProgressWork work;
        const char *name; /* within the work, or NULL: it has one alone */
        size_t n_done;
        int64_t took_ms;
        int64_t pass_ms; /* since the pass began */
        int percent;     /* of the work; -1: not known */
} ProgressStage;

typedef struct Progress {
        ProgressWork work;
        const char *project; /* that the pass is for alone, or NULL; lives as long as the pass */
        size_t n_projects;   /* that it is for */
        int64_t began_at;    /* the pass */
        const char *stage_name; /* or NULL */
        int64_t stage_at;
        size_t stage, n_stages;
        uint32_t weights[PROGRESS_STAGES_MAX]; /* how much of the work each stage is thought to be */
        size_t parts;                          /* each thing counts so often */
        size_t n_known, n_done;                /* of the stage: asked for so far, ended; in parts */
        int percent;                           /* see progress_percent() */
        /* Of the last reading that came to its end. */
        uint64_t remembered_scope; /* 0: there was none */
        uint32_t remembered[PROGRESS_STAGES_MAX];
        uint32_t counted[PROGRESS_STAGES_MAX]; /* of the reading under way */
        void (*on_stage)(void *context, const ProgressStage *stage); /* or NULL: after each that had something to do */
        void *context;
} Progress;

/* Of what the next pass is. */
typedef struct ProgressPass {
        const char *project; /* alone, or NULL */
        size_t n_projects;
} ProgressPass;

/* How much of a reading each of its stages is thought to be. */
typedef struct ProgressGuess {
        uint32_t weights[PROGRESS_STAGES_MAX];
        size_t n_stages;
        size_t n_steady; /* so many of them take the same each time: what was counted is believed rather than the guess */
} ProgressGuess;

/* NULL for `progress` is fine in all of these: nobody looks. */
void progress_begin_pass(Progress *progress, const ProgressPass *pass, int64_t now);
/* Whatever was under way has ended. PROGRESS_NONE ends the pass. */
void progress_begin(Progress *progress, ProgressWork work, int64_t now);
/* A reading of the pass's projects, by stages. */
void progress_begin_reading(Progress *progress, const ProgressGuess *guess, int64_t now);
/* The next stage, which may be any later one, or the same once more. name: a constant. */
void progress_enter(Progress *progress, size_t stage, const char *name, int64_t now);
/* So many more requests are asked for, or changes are to be made. */
void progress_add(Progress *progress, size_t n);
/* So many of them have ended, well or not; of a change: so many parts. */
void progress_done(Progress *progress, size_t n);
/* So many of them have ended by now, all parts of them. */
void progress_set_done(Progress *progress, size_t n);

/* Of the work under way, 0 to PROGRESS_PERCENT_MAX, never less than before within it; -1: it cannot be told. */
int progress_percent(const Progress *progress);
/* Requests or changes of the stage that have ended, of those that are known so far. */
size_t progress_n_done(const Progress *progress);
size_t progress_n_known(const Progress *progress);

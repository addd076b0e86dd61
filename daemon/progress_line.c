/* SPDX-License-Identifier: Apache-2.0 */
/* ProgressLine: how far the pass of one organisation is, as people read it. */
#include <inttypes.h>

#include "common/base/visible.h"
#include "daemon/progress_line.h"

enum {
        MS_PER_S = 1000,
        S_PER_MINUTE = 60,
        EXACT_S = 10,     /* longer times are told in steps: a line that changes each second is read by nobody */
        STEP_S = 5,
        LONG_S = 2 * S_PER_MINUTE, /* longer ones in minutes */
};

static const struct {
        const char *words;
        enum { OF_NOTHING, OF_PROJECTS } of;
} works[_PROGRESS_WORK_N] = {
        [PROGRESS_ROOM] = {"waiting for room in requests_per_5_minutes to read", OF_PROJECTS},
        [PROGRESS_READING] = {"reading", OF_PROJECTS},
        [PROGRESS_PLANNING] = {"planning", OF_PROJECTS},
        [PROGRESS_STORING] = {"storing who has access", OF_NOTHING},
        [PROGRESS_CHANGING] = {"changing", OF_PROJECTS},
        [PROGRESS_RECORDING] = {"writing the ledger", OF_NOTHING},
        [PROGRESS_AUTHORS] = {"asking the audit log who did it", OF_NOTHING},
};

static void write_duration(int64_t ms, Text *text) {
        int64_t seconds = (ms + MS_PER_S - 1) / MS_PER_S;

        if (seconds > LONG_S)
                text_appendf(text, "%" PRId64 " min", (seconds + S_PER_MINUTE - 1) / S_PER_MINUTE);
        else if (seconds > EXACT_S)
                text_appendf(text, "%" PRId64 " s", (seconds + STEP_S - 1) / STEP_S * STEP_S);
        else
                text_appendf(text, "%" PRId64 " s", seconds);
}

static void write_wait(const ThrottleWait *wait, Text *text) {
        switch (wait->what) {
        case THROTTLE_WAIT_NOTHING:
                return;
        case THROTTLE_WAIT_NO_ANSWER:
                text_append(text, "; the service is asked again, without an answer for ");
                break;
        case THROTTLE_WAIT_DISORDER:
                text_appendf(text, "; the service is asked again, with answer %d for ", wait->status);
                break;
        case THROTTLE_WAIT_ASKED:
                text_append(text, "; the service asked to wait another ");
                break;
        case THROTTLE_WAIT_GAP:
                text_append(text, "; near the service's limit, a request every ");
                break;
        case THROTTLE_WAIT_BUDGET:
                text_append(text, "; requests_per_5_minutes is used up for another ");
                break;
        case THROTTLE_WAIT_SILENCE:
                text_append(text, "; no answer for ");
                break;
        }
        write_duration(wait->ms, text);
}

static void write_projects(const Progress *progress, Text *text) {
        if (progress->project && progress->project[0])
                visible_appendf(text, " %s", progress->project);
        else if (progress->project || progress->n_projects == 0)
                text_append(text, " the organization");
        else
                text_appendf(text, " %zu projects", progress->n_projects);
}

static void write_detail(const Progress *progress, Text *text) {
        size_t n = progress_n_known(progress);

        if (n == 0)
                return;
        text_append(text, " (");
        if (progress->stage_name)
                text_appendf(text, "%s, ", progress->stage_name);
        text_appendf(text, "%zu of %zu)", progress_n_done(progress), n);
}

static bool is_asking(const Progress *progress) {
        return progress->work == PROGRESS_READING || progress->work == PROGRESS_CHANGING || progress->work == PROGRESS_AUTHORS;
}

void progress_line_write(const ProgressLine *line, Text *text) {
        const Progress *progress = line->progress;
        int percent = progress_percent(progress);

        if (progress->work == PROGRESS_NONE)
                return;
        text_append(text, works[progress->work].words);
        if (works[progress->work].of == OF_PROJECTS)
                write_projects(progress, text);
        if (percent >= 0)
                text_appendf(text, ", %d %%", percent);
        if (progress->work == PROGRESS_ROOM && line->room_ms > 0) {
                text_append(text, ", another ");
                write_duration(line->room_ms, text);
        }
        if (line->detail == PROGRESS_FULL)
                write_detail(progress, text);
        if (is_asking(progress))
                write_wait(&line->wait, text);
}

ProgressLine progress_line_of(const Engine *engine, ProgressDetail detail) {
        return (ProgressLine){.progress = engine_progress(engine),
                              .wait = throttle_wait(engine_throttle(engine), port_now(engine_spec(engine)->port)),
                              .room_ms = engine_progress(engine)->work == PROGRESS_ROOM ? engine_budget(engine).wait_ms : 0,
                              .detail = detail};
}

void progress_line_append(const Engine *engine, Text *text) {
        ProgressLine line = progress_line_of(engine, PROGRESS_FULL);
        const char *name;
        int n = (int)text_last_segment(engine_spec(engine)->url, &name);

        if (line.progress->work == PROGRESS_NONE)
                return;
        if (text->n > 0)
                text_append(text, " | ");
        visible_appendf(text, "%.*s: ", n, name);
        progress_line_write(&line, text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ProgressLine: how far the pass of one organisation is, as people read it. */
#pragma once

#include "daemon/engine/engine.h"

typedef enum ProgressDetail {
        PROGRESS_BRIEF, /* a status line that is seen now and then */
        PROGRESS_FULL,  /* somebody waits before it */
} ProgressDetail;

typedef struct ProgressLine {
        const Progress *progress;
        ThrottleWait wait; /* what its requests wait for */
        int64_t room_ms;   /* PROGRESS_ROOM: how long that takes */
        ProgressDetail detail;
} ProgressLine;

/* Of the order under way. */
ProgressLine progress_line_of(const Engine *engine, ProgressDetail detail);
/* `reading MLOps, 45 %`, and what it waits for; nothing when there is none. */
void progress_line_write(const ProgressLine *line, Text *text);
/* Of one organisation beside others: `contoso: reading MLOps, 45 % (members of groups, 12 of 37)`, after what is there
 * already; nothing when it is idle. */
void progress_line_append(const Engine *engine, Text *text);

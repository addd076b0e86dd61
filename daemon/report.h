/* SPDX-License-Identifier: Apache-2.0 */
/* Report: what a person or program is told of an engine's last pass. */
#pragma once

#include "common/base/text.h"
#include "daemon/cli.h"
#include "daemon/engine/engine.h"

typedef enum ReportOf {
        REPORT_PLAN,        /* what would be done */
        REPORT_APPLICATION, /* what was done, and what is left */
        REPORT_UNDO_PLAN,   /* the same of an undo */
        REPORT_UNDO,
} ReportOf;

typedef struct ReportSpec {
        ReportOf of;
        Output output;
        PrintColour colour;
} ReportSpec;

/* Appends the plan of the last pass, or of the undo after it, or why there is none. */
void report_write(const Engine *engine, const ReportSpec *spec, Text *text);

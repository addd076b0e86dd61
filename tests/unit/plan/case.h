/* SPDX-License-Identifier: Apache-2.0 */
/* Case: a folder of fixtures that says what to plan from. */
#pragma once

#include "daemon/plan/plan.h"

/* clang-format off */
/* charter.yaml, live.json (see live.h), and where the defaults do not do, options.json:
 * {
 *   "limits": { "changes": 200, "removals_percent": 25, "removals_floor": 3, "people_losing": 25 },   these; -1: none
 *   "may_create": true, "may_administrators": true, "hold_first_pass": false,    these
 *   "charter_shrank": "SENTENCE", "only_project": NAME,
 *   "known": [{ "kind": KEY, "project": NAME, "name": NAME, "id": ID, "live_name": NAME,
 *               "made_by_us": false, "state": "present" | "vanished" | "renamed" }],
 *   "reserved": { KEY: MASK },        bits that the live namespace of a kind reserves
 *   "unlisted_bits": { KEY: MASK },   bits that it does not list
 *   "released": true,                 what a plan of the same holds is let go
 *   "released_things": [NAME],        of that only what is about things of these names
 *   "held_before": "changes" | "removals"   what a plan of the same would do was held by that
 * } */
/* clang-format on */
typedef struct PlanCase {
        Organisation *live;
        Desired *desired;
        PlanSpec spec;
} PlanCase;

/* A mistake in the files ends the test. */
PlanCase *case_read(Mem *parent, const char *folder);
/* The charter of a text; a mistake in it ends the test. */
Desired *case_charter(Mem *parent, const char *bytes, size_t n);
/* The same; NULL when there are mistakes in it. */
Desired *case_try_charter(Mem *parent, const char *bytes, size_t n);
/* What most cases are planned with. */
PlanSpec case_spec(const Desired *desired, const Organisation *live);

/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: lists of a live organisation read again, in place. */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/batch.h"

enum {
        READING_TOKENS_ALONE_MAX = 3, /* of one namespace of a project; more are read from the root */
};

typedef struct Reading Reading;

typedef struct ReadingSpec {
        Port *port;
        Throttle *throttle;
        Organisation *live;
        void (*on_done)(void *context, Reading *reading);
        void *context;
} ReadingSpec;

Reading *reading_new(Mem *parent, const ReadingSpec *spec);
void reading_add_token(Reading *reading, Index project, uint8_t space, const char *token);
/* The members of a group. */
void reading_add_group(Reading *reading, Index group);
void reading_add_team_areas(Reading *reading, Index team);
/* The pipelines that may use a thing. */
void reading_add_pipeline_users(Reading *reading, Index entity);
/* on_done comes from the loop, also when there is nothing to read. */
void reading_start(Reading *reading);
/* NULL: all of that project was read whole, and the organisation is sealed again. Otherwise why not; nothing read of it
 * may be believed. INDEX_NONE: of any project. */
const char *reading_error(const Reading *reading, Index project);

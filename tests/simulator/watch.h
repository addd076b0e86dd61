/* SPDX-License-Identifier: Apache-2.0 */
/* A watch over effective permissions: what they were after each write. */
#pragma once

#include "tests/simulator/question.h"
#include "tests/simulator/rows.h"

typedef struct Watch Watch;

/* Begins with the questions of a list, whose things need not be there yet; answers them a first
 * time. NULL with mistakes when a question is none. */
Watch *watch_new(World *world, Organization *organization, const Written *questions);
Watch *watch_free(Watch *watch);
/* Answers all questions again. what: the request's method and route, or "hand". */
void watch_note(Watch *watch, World *world, int64_t sequence, const char *what);
bool watch_is_of(const Watch *watch, const Organization *organization);
/* The questions, the masks at each note, and the losses: notes at which a question lacked what it
 * had at first and has at last. */
void watch_print(const Watch *watch, Rows *rows);

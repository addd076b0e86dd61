/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about access: what a principal may do at a place, by evaluation. */
#pragma once

#include "tests/simulator/place.h"

/* The keys of a question, for written_check_keys(). */
#define QUESTION_KEYS "principal", "permissions", PLACE_KEYS

typedef struct Answer {
        Place place;
        Identity *principal;
        uint32_t allow; /* effective; of the permissions asked for, or of all */
        uint32_t deny;
        uint32_t asked; /* the permissions asked for; 0: all */
} Answer;

/* Answers an object of the question's keys. 0, or -1 with mistakes (somebody or something is not
 * there). */
int question_answer(World *world, Organization *organization, const Written *question,
                    Answer *answerp);
/* The question with what came out, as a row. */
cJSON *question_shape(Organization *organization, const Written *question, const Answer *answer);

/* SPDX-License-Identifier: Apache-2.0 */
/* Chance: organisations made from a number. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"

typedef struct Chance {
        uint64_t state;
} Chance;

/* Another one for each seed. */
Chance chance_of(unsigned seed);
unsigned roll(Chance *chance, unsigned sides);
const char *pick(Chance *chance, const char *const *words, size_t n);
#define PICK(chance, words) pick((chance), (words), sizeof(words) / sizeof *(words))

extern const char *const repository_words[5];
extern const char *const folder_words[3];
extern const char *const area_words[3];
extern const char *const iteration_words[3];
extern const char *const query_words[3];
extern const char *const tagging_words[2];
extern const char *const organization_words[2];
extern const char *const project_words[2];
extern const char *const people[3];

/* A project `Shop` as live.h writes it: Team 0 to Team 2, their things, entries of all sorts of
 * principals. */
const char *chance_live(Mem *mem, Chance *chance);

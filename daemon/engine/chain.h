/* SPDX-License-Identifier: Apache-2.0 */
/* Chain: the lines of a ledger, each with its number and the hash of the one before. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "common/base/json.h"
#include "common/base/text.h"

enum {
        CHAIN_LINE_SIZE_MAX = 1024 * 1024,
        CHAIN_FRONT_SIZE_MAX = 256, /* of what is put in front of a line */
};

/* Where a chain ends. */
typedef struct ChainEnd {
        uint64_t seq;                /* of the last line; 0: there is none */
        char head[DIGEST_TEXT_SIZE]; /* its SHA-256; "" */
} ChainEnd;

/* Adds a JSON object as the next line, with `seq`, `time` and `previous` in front. 0, or -EMSGSIZE:
 * it is longer than a reader would take, nothing is added. */
int chain_add(ChainEnd *end, const char *object, size_t n, const char *time, Text *text);

/* The number of a line by its form alone, which is enough to find the end of a ledger; 0: it is no
 * line of ours, or not whole. */
uint64_t chain_line_seq(const char *line, size_t n);
/* When it was written, by its form alone, wall ms; 0: that is not to be seen. */
int64_t chain_line_time(const char *line, size_t n);

/* Why a record does not go on from `before`, a constant sentence, or NULL. */
const char *chain_check(const ChainEnd *before, const JsonNode *record);
/* The number of a record; 0: it is none. */
uint64_t chain_record_seq(const JsonNode *record);
/* The line, whose number is known, becomes the end. */
void chain_end_at(ChainEnd *end, uint64_t seq, const char *line, size_t n);

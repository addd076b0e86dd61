/* SPDX-License-Identifier: Apache-2.0 */
/* Chain: the lines of a ledger, each with its number and the hash of the one before. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "daemon/engine/chain.h"

#define SEQ_START "{\"seq\":"
#define TIME_START ",\"time\":\""

int chain_add(ChainEnd *end, const char *object, size_t n, const char *time, Text *text) {
        size_t start = text->n;

        assert(n >= 2 && object[0] == '{' && object[n - 1] == '}');
        if (n > CHAIN_LINE_SIZE_MAX - CHAIN_FRONT_SIZE_MAX)
                return -EMSGSIZE;
        end->seq++;
        text_appendf(text, SEQ_START "%" PRIu64 TIME_START "%s\",\"previous\":", end->seq, time);
        if (end->head[0])
                text_appendf(text, "\"%s\"", end->head);
        else
                text_append(text, "null");
        text_append(text, n > 2 ? "," : "");
        text_append_bytes(text, object + 1, n - 1);
        digest_sha256(text->data + start, text->n - start, end->head);
        text_append(text, "\n");
        return 0;
}

uint64_t chain_line_seq(const char *line, size_t n) {
        size_t n_start = sizeof SEQ_START - 1;
        char *end = NULL;
        uint64_t seq = 0;

        if (n <= n_start || memcmp(line, SEQ_START, n_start) != 0 || line[n - 1] != '}')
                return 0;
        errno = 0;
        seq = strtoull(line + n_start, &end, 10);
        return errno == 0 && *end == ',' ? seq : 0;
}

int64_t chain_line_time(const char *line, size_t n) {
        char text[CLOCK_TEXT_SIZE] = "";
        const char *start = memmem(line, n < CHAIN_FRONT_SIZE_MAX ? n : CHAIN_FRONT_SIZE_MAX,
                                   TIME_START, sizeof TIME_START - 1);
        size_t n_text = 0;
        int64_t wall = 0;

        if (!start)
                return 0;
        start += sizeof TIME_START - 1;
        n_text = strcspn(start, "\"");
        if (n_text >= sizeof text)
                return 0;
        memcpy(text, start, n_text);
        return clock_parse(&wall, text) == 0 ? wall : 0;
}

uint64_t chain_record_seq(const JsonNode *record) {
        int64_t seq = 0;

        if (!json_is_object(record) || json_get_int(record, "seq", 1, INT64_MAX, &seq) < 0)
                return 0;
        return (uint64_t)seq;
}

const char *chain_check(const ChainEnd *before, const JsonNode *record) {
        const char *previous = json_get_text(record, "previous");
        uint64_t seq = chain_record_seq(record);

        if (seq == 0)
                return "it has no number";
        if (before->seq == 0 && seq == 1)
                return previous ? "the first record names one before it" : NULL;
        if (before->seq == 0) /* of what came before nothing is here to be compared */
                return previous ? NULL : "it does not name the record before";
        if (seq != before->seq + 1)
                return "its number does not follow: records are missing, were added or swapped";
        if (!previous || strcmp(previous, before->head) != 0)
                return "the record was changed: the next one names another hash";
        return NULL;
}

void chain_end_at(ChainEnd *end, uint64_t seq, const char *line, size_t n) {
        end->seq = seq;
        digest_sha256(line, n, end->head);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Token: comparing security tokens, taking them apart. */
#include <string.h>

#include "common/base/text.h"
#include "common/model/token.h"

enum {
        RANK_END = 0,
        RANK_SEPARATOR = 1, /* below every character: children stand directly behind their parent */
        RANK_CHARACTER = 2,
        CODE_POINTS_END = 0x110000,
        REPLACEMENT_CHARACTER = 0xFFFD,
};

typedef struct TokenCursor {
        const char *bytes;
        size_t n;
        size_t at;
        char separator;
} TokenCursor;

static TokenCursor cursor(const char *token, char separator) {
        return (TokenCursor){token, token_length(token, separator), 0, separator};
}

static uint32_t next_rank(TokenCursor *cursor) {
        size_t length = 0;
        uint32_t code_point = 0;

        if (cursor->at >= cursor->n)
                return RANK_END;
        if (cursor->bytes[cursor->at] == cursor->separator) {
                cursor->at++;
                return RANK_SEPARATOR;
        }
        code_point = text_code_point(cursor->bytes + cursor->at, cursor->n - cursor->at, &length);
        if (length == 1 && code_point == REPLACEMENT_CHARACTER)
                code_point = CODE_POINTS_END + (unsigned char)cursor->bytes[cursor->at];
        else
                code_point = text_upper(code_point);
        cursor->at += length;
        return code_point + RANK_CHARACTER;
}

static bool is_continuation(const TokenCursor *cursor, size_t at) {
        return at < cursor->n && ((unsigned char)cursor->bytes[at] & 0xC0) == 0x80;
}

/* Moves both over the bytes they begin with alike, to the start of a character. */
static void skip_alike(TokenCursor *a, TokenCursor *b) {
        size_t n = a->n < b->n ? a->n : b->n;
        size_t at = 0;

        while (at < n && a->bytes[at] == b->bytes[at])
                at++;
        while (at > 0 && (is_continuation(a, at) || is_continuation(b, at)))
                at--;
        a->at = b->at = at;
}

size_t token_length(const char *token, char separator) {
        size_t n = strlen(token);

        return separator && n > 0 && token[n - 1] == separator ? n - 1 : n;
}

ssize_t token_parent_length(const char *token, size_t n, char separator) {
        if (!separator)
                return -1;
        if (n > 0 && token[n - 1] == separator)
                n--;
        while (n > 0)
                if (token[--n] == separator)
                        return (ssize_t)n;
        return -1;
}

int token_compare(const char *a, const char *b, char separator) {
        TokenCursor x = cursor(a, separator);
        TokenCursor y = cursor(b, separator);

        skip_alike(&x, &y);
        for (;;) {
                uint32_t rank_x = next_rank(&x);
                uint32_t rank_y = next_rank(&y);

                if (rank_x != rank_y)
                        return rank_x < rank_y ? -1 : 1;
                if (rank_x == RANK_END)
                        return 0;
        }
}

bool token_is_within(const char *token, const char *above, char separator) {
        TokenCursor x = cursor(token, separator);
        TokenCursor y = cursor(above, separator);

        skip_alike(&x, &y);
        for (;;) {
                uint32_t rank_x = next_rank(&x);
                uint32_t rank_y = next_rank(&y);

                if (rank_y == RANK_END)
                        return rank_x == RANK_END || rank_x == RANK_SEPARATOR;
                if (rank_x != rank_y)
                        return false;
        }
}

uint64_t token_hash(const char *token, char separator) {
        TokenCursor x = cursor(token, separator);
        uint64_t hash = 0xcbf29ce484222325; /* FNV-1a over the ranks */

        for (;;) {
                uint32_t rank = next_rank(&x);

                if (rank == RANK_END)
                        return hash ^ (hash >> 32);
                hash = (hash ^ rank) * 0x100000001b3;
        }
}

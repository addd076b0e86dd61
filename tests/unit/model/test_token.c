/* SPDX-License-Identifier: Apache-2.0 */
/* Token: tokens compared and taken apart (facts §3.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/token.h"

typedef struct PairCase {
        const char *a;
        const char *b;
        char separator;
        int order; /* sign */
        int a_is_within_b;
} PairCase;

static const PairCase pairs[] = {
        {"repoV2", "repoV2", '/', 0, 1},
        {"repoV2", "REPOv2", '/', 0, 1},
        {"repoV2/", "repoV2", '/', 0, 1},
        {"repoV2", "repoV2/", '/', 0, 1},
        {"repoV2/p", "repoV2", '/', 1, 1},
        {"repoV2/p", "repov2/", '/', 1, 1},
        {"repoV2", "repoV2/p", '/', -1, 0},
        /* not below: only begins alike */
        {"repoV2/pq", "repoV2/p", '/', 1, 0},
        /* what is below a token stands before everything that only begins alike */
        {"repoV2/p/z", "repoV2/p!", '/', -1, 0},
        {"repoV2/p/z", "repoV2/p-", '/', -1, 0},
        {"repoV2/p/z", "repoV2/pa", '/', -1, 0},
        /* one trailing separator, not two */
        {"a//", "a", '/', 1, 1},
        {"a//", "a/", '/', 1, 1},
        /* upper case per code point: beyond ASCII too */
        {"p/\xc3\xa4rger", "P/\xc3\x84RGER", '/', 0, 1},
        {"p/\xc3\xa4/x", "P/\xc3\x84", '/', 1, 1},
        /* the Kelvin sign is its own upper case */
        {"\xe2\x84\xaa", "k", '/', 1, 0},
        /* bytes that are no UTF-8 count for themselves */
        {"p/\xff", "p/\xff", '/', 0, 1},
        {"p/\xff", "p/\xfe", '/', 1, 0},
        {"p/\xc3\xa4", "p/\xc3", '/', -1, 0},
        /* a flat namespace: nothing is above anything */
        {"AllPermissions", "allpermissions", 0, 0, 1},
        {"a/b", "a", 0, 1, 0},
        {"a/", "a", 0, 1, 0},
        /* the naive split of vstfs */
        {"$PROJECT:vstfs:///Classification/TeamProject/1", "$PROJECT", ':', 1, 1},
        {"$PROJECT:vstfs:///Classification/TeamProject/1", "$PROJECT:vstfs", ':', 1, 1},
        {"vstfs:///Classification/Node/1:vstfs:///Classification/Node/2",
         "vstfs:///Classification/Node/1", ':', 1, 1},
        {"vstfs:///Classification/Node/12", "vstfs:///Classification/Node/1", ':', 1, 0},
        {"", "", '/', 0, 1},
        {"/p", "", '/', 1, 1},
        {"p", "", '/', 1, 0},
};

static int sign(int order) {
        return (order > 0) - (order < 0);
}

static void test_pairs(void **state) {
        for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
                const PairCase *pair = &pairs[i];

                if (sign(token_compare(pair->a, pair->b, pair->separator)) != pair->order)
                        fail_msg("order of `%s` and `%s`", pair->a, pair->b);
                assert_int_equal(sign(token_compare(pair->b, pair->a, pair->separator)),
                                 -pair->order);
                if (token_is_within(pair->a, pair->b, pair->separator) != pair->a_is_within_b)
                        fail_msg("`%s` within `%s`", pair->a, pair->b);
                if (pair->order == 0)
                        assert_int_equal(token_hash(pair->a, pair->separator),
                                         token_hash(pair->b, pair->separator));
                else
                        assert_int_not_equal(token_hash(pair->a, pair->separator),
                                             token_hash(pair->b, pair->separator));
        }
}

typedef struct ParentCase {
        const char *token;
        char separator;
        const char *parent; /* NULL: none */
} ParentCase;

static const ParentCase parents[] = {
        {"repoV2/p/r/refs/heads/6d00", '/', "repoV2/p/r/refs/heads"},
        {"repoV2/p/r/", '/', "repoV2/p"},
        {"repoV2", '/', NULL},
        {"repoV2/", '/', NULL},
        {"$PROJECT:vstfs:///Classification/TeamProject/1", ':', "$PROJECT:vstfs"},
        {"$PROJECT:vstfs", ':', "$PROJECT"},
        {"$PROJECT", ':', NULL},
        {"vstfs:///Classification/Node/1", ':', "vstfs"},
        {"NAMESPACE:", ':', NULL},
        {"/p", '/', ""},
        {"", '/', NULL},
        {"a/b", 0, NULL},
};

static void test_parents(void **state) {
        for (size_t i = 0; i < sizeof(parents) / sizeof(*parents); i++) {
                const char *token = parents[i].token;
                ssize_t n = token_parent_length(token, strlen(token), parents[i].separator);

                if (!parents[i].parent) {
                        assert_int_equal(n, -1);
                        continue;
                }
                assert_int_equal(n, strlen(parents[i].parent));
                assert_memory_equal(token, parents[i].parent, (size_t)n);
                assert_true(token_is_within(token, parents[i].parent, parents[i].separator));
        }
        assert_int_equal(token_length("a/", '/'), 1);
        assert_int_equal(token_length("a/", ':'), 2);
        assert_int_equal(token_length("a/", 0), 2);
        assert_int_equal(token_length("/", '/'), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pairs),
                cmocka_unit_test(test_parents),
        };

        return cmocka_run_group_tests_name("model-token", tests, NULL, NULL);
}

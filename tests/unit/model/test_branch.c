/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the tokens of branches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/model/branch.h"

/* facts §3.4, and what lies outside ASCII and outside the first plane */
static const struct {
        const char *name;
        const char *token;
} rows[] = {
        {"master", "/refs/heads/6d0061007300740065007200"},
        {"main", "/refs/heads/6d00610069006e00"},
        {"feature/x", "/refs/heads/6600650061007400750072006500/7800"},
        {"größe", "/refs/heads/67007200f600df006500"},
        {"日本", "/refs/heads/e5652c67"},
        {"a/\xF0\x9F\x9A\x80", "/refs/heads/6100/3dd880de"},
};

static void test_tokens(void **state) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                Text text;

                text_init(&text, NULL);
                branch_append_token(&text, rows[i].name);
                assert_string_equal(text.data, rows[i].token);
                text_deinit(&text);
                text_init(&text, NULL);
                assert_true(branch_append_name(&text, rows[i].token + 1));
                assert_string_equal(text.data, rows[i].name);
                text_deinit(&text);
        }
}

/* A folder is one without its last separator: what lies in it is below it. */
static void test_folders(void **state) {
        Text text;

        text_init(&text, NULL);
        branch_append_token(&text, "release/");
        assert_string_equal(text.data, "/refs/heads/720065006c006500610073006500");
        text_deinit(&text);
}

static void test_names_for_people(void **state) {
        static const struct {
                const char *below;
                const char *ref;
                bool is_branch;
        } cases[] = {
                {"refs/heads/6d00", "refs/heads/m", true},
                {"refs/heads/6D00/6E00", "refs/heads/m/n", true},
                {"refs/tags/76003100", "refs/tags/v1", false},
                {"refs/heads", "refs/heads", false},
                {"refs", "refs", false},
                /* no hex, an odd number of digits, a blank, half a pair */
                {"refs/heads/main", "refs/heads/main", false},
                {"refs/heads/6d0", "refs/heads/6d0", false},
                {"refs/heads/2000", "refs/heads/2000", false},
                {"refs/heads/2f00", "refs/heads/2f00", false},
                {"refs/heads/3dd8", "refs/heads/3dd8", false},
                {"refs/heads/80de", "refs/heads/80de", false},
                {"refs/heads/6d00/zz", "refs/heads/m/zz", false},
                {"refs/headsx/6d00", "refs/headsx/m", false},
                {"refs/heads/", "refs/heads/", false},
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                Text text;

                text_init(&text, NULL);
                branch_append_ref(&text, cases[i].below);
                assert_string_equal(text.data, cases[i].ref);
                text_deinit(&text);
                text_init(&text, NULL);
                if (branch_append_name(&text, cases[i].below) != cases[i].is_branch)
                        fail_msg("%s", cases[i].below);
                if (!cases[i].is_branch)
                        assert_string_equal(text.data, "");
                text_deinit(&text);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_tokens),
                cmocka_unit_test(test_folders),
                cmocka_unit_test(test_names_for_people),
        };

        return cmocka_run_group_tests_name("model-branch", tests, NULL, NULL);
}

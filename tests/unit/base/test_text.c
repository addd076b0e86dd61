/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of text compared as the service compares names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"

static void test_last_segment(void **state) {
        static const struct {
                const char *path, *segment;
        } rows[] = {
                {"https://dev.azure.com/contoso", "contoso"}, {"https://dev.azure.com/contoso//", "contoso"},
                {"http://host/tfs/DefaultCollection/", "DefaultCollection"}, {"contoso", "contoso"}, {"", ""}, {"//", ""},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *segment = NULL;
                size_t n = text_last_segment(rows[i].path, &segment);

                assert_int_equal(n, strlen(rows[i].segment));
                assert_memory_equal(segment, rows[i].segment, n);
        }
}

static void test_names_are_compared_without_regard_to_case(void **state) {
        assert_true(text_equal("Data Science A", "DATA science a"));
        assert_true(text_equal("Équipe Ångström", "éQUIPE åNGSTRÖM"));
        assert_true(text_equal("Команда", "кОМАНДА"));
        assert_false(text_equal("team", "team "));
        /* One code point never becomes two, and the dotless i is no i. */
        assert_false(text_equal("straße", "STRASSE"));
        assert_false(text_equal("\xC4\xB1", "i"));
        assert_true(text_compare("a", "B") < 0);
        assert_true(text_compare("Team 10", "team 1") > 0);
        assert_int_equal(text_hash("Équipe"), text_hash("ÉQUIPE"));
        assert_true(text_hash("a") != text_hash("b"));
        assert_true(text_equal_n("abc", "ABCdef", 3));
        assert_false(text_equal_n("abc", "ABCdef", 4));
        assert_true(text_has_prefix("Data Science A", "DATA "));
        assert_false(text_has_prefix("Data", "Data "));
}

static void test_bytes_that_are_not_utf8_stay_different(void **state) {
        assert_false(text_equal("\xFF", "\xFE"));
        assert_true(text_equal("\xFF", "\xFF"));
        assert_false(text_equal("\xFF", "\xEF\xBF\xBD"));
}

static void test_patterns(void **state) {
        static const struct {
                const char *pattern;
                const char *text;
                bool matches;
        } rows[] = {
                {"*", "", true},
                {"*", "anything", true},
                {"a*c", "ABBBC", true},
                {"a*c", "abcd", false},
                {"*b*b*", "abab", true},
                {"", "", true},
                {"", "a", false},
                {"[X]*", "[x]\\y", true},
                {"é*", "Éa", true},
                {"a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
                assert_int_equal(text_matches(rows[i].pattern, rows[i].text), rows[i].matches);
}

static void test_utf8(void **state) {
        assert_true(text_is_utf8("grün \xF0\x9F\x98\x80", strlen("grün \xF0\x9F\x98\x80")));
        assert_true(text_is_utf8("", 0));
        assert_false(text_is_utf8("\xC0\x80", 2));     /* overlong */
        assert_false(text_is_utf8("\xED\xA0\x80", 3)); /* a surrogate */
        assert_false(text_is_utf8("a\0b", 3));
        assert_false(text_is_utf8("\xF4\x90\x80\x80", 4));
        assert_false(text_is_utf8("\xC3", 1));
        assert_int_equal(text_utf16_length("a\xC3\xA9\xF0\x9F\x98\x80"), 4);
}

static void test_slug(void **state) {
        static const struct {
                const char *text;
                const char *slug;
        } rows[] = {
                {"Data Science A", "data-science-a"},
                {"  R & D (Köln) ", "r-d-köln"},
                {"ÉQUIPE--7", "équipe-7"},
                {"Команда 1", "команда-1"},
                {"a", "a"},
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                char *slug = text_slug(NULL, rows[i].text);

                assert_string_equal(slug, rows[i].slug);
                mem_free(slug);
        }
        assert_null(text_slug(NULL, " & ! "));
        assert_null(text_slug(NULL, ""));
}

static void test_nearest(void **state) {
        static const char *const keys[] = {"members", "member_of", "admins",
                                           "owns",    "grants",    "kit"};
        size_t n = sizeof(keys) / sizeof(*keys);

        assert_string_equal(text_nearest("member", keys, n), "members");
        assert_string_equal(text_nearest("membersof", keys, n), "member_of");
        assert_string_equal(text_nearest("member-of", keys, n), "member_of");
        assert_string_equal(text_nearest("GRANT", keys, n), "grants");
        assert_string_equal(text_nearest("onws", keys, n), "owns");
        assert_null(text_nearest("permissions", keys, n));
        assert_null(text_nearest("", keys, n));
        assert_null(text_nearest("x", keys, n));
        assert_null(text_nearest("kit", NULL, 0));
}

static void test_growing(void **state) {
        Text text;

        text_init(&text, NULL);
        assert_string_equal(text.data, "");
        for (int i = 0; i < 500; i++)
                text_appendf(&text, "%d,", i);
        text_append_bytes(&text, "xyz", 2);
        assert_int_equal(strlen(text.data), text.n);
        assert_string_equal(text.data + text.n - 6, "499,xy");
        text_deinit(&text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_last_segment),
                cmocka_unit_test(test_names_are_compared_without_regard_to_case),
                cmocka_unit_test(test_bytes_that_are_not_utf8_stay_different),
                cmocka_unit_test(test_patterns),
                cmocka_unit_test(test_utf8),
                cmocka_unit_test(test_slug),
                cmocka_unit_test(test_nearest),
                cmocka_unit_test(test_growing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

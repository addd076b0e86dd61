/* SPDX-License-Identifier: Apache-2.0 */
/* Url: every name gets through an address unharmed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/azdo/url.h"

static const struct {
        const char *value;
        const char *encoded;
} rows[] = {
        {"scoring", "scoring"},
        {"Az-09._~", "Az-09._~"},
        {"a b", "a%20b"},
        {"50% off", "50%25%20off"},
        {"C#", "C%23"},
        {"what?", "what%3F"},
        {"R&D", "R%26D"},
        {"a+b", "a%2Bb"},
        {"a/b", "a%2Fb"},
        {"A\\B", "A%5CB"},
        {"x;y=z,w", "x%3By%3Dz%2Cw"},
        {"'\"<>|*()[]{}!@$:", "%27%22%3C%3E%7C%2A%28%29%5B%5D%7B%7D%21%40%24%3A"},
        {"Größe", "Gr%C3%B6%C3%9Fe"},
        {"日本", "%E6%97%A5%E6%9C%AC"},
        {"\xF0\x9F\x9A\x80", "%F0%9F%9A%80"},
        {"%20", "%2520"},
        {"{}", "%7B%7D"},
        {"", ""},
        /* A path would take these for steps. */
        {".", "%2E"},
        {"..", "%2E%2E"},
        {"...", "..."},
        {"$PROJECT:vstfs:///Classification/TeamProject/1",
         "%24PROJECT%3Avstfs%3A%2F%2F%2FClassification%2FTeamProject%2F1"},
};

static void test_encoding(void **state) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "test");

                assert_string_equal(url_build(mem, "/x/{}?y=1", rows[i].value, NULL),
                                    mem_printf(mem, "/x/%s?y=1", rows[i].encoded));
                mem_free(mem);
        }
}

static void test_holes(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "test");

        assert_string_equal(url_build(mem, "/fixed?$top=1", NULL), "/fixed?$top=1");
        assert_string_equal(url_build(mem, "{}", "a b", NULL), "a%20b");
        assert_string_equal(url_build(mem, "/{}/{}?q={}&r={}", "1", "2", "3", "4", NULL),
                            "/1/2?q=3&r=4");
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_encoding),
                cmocka_unit_test(test_holes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

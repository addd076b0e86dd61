/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/secret.h"

static void test_line_ends_are_cut(void **state) {
        size_t n = 0;
        Secret *secret = secret_new(NULL, "pat-12\r\n\n", 9);

        assert_string_equal(secret_expose(secret, &n), "pat-12");
        assert_int_equal(n, 6);
        assert_null(secret_free(secret));
        assert_null(secret_free(NULL));
}

static void test_empty_and_too_long_are_none(void **state) {
        static char long_one[SECRET_SIZE_MAX + 1];
        Secret *secret = NULL;

        memset(long_one, 'x', sizeof(long_one));
        assert_null(secret_new(NULL, "", 0));
        assert_null(secret_new(NULL, "\n\n", 2));
        assert_null(secret_new(NULL, long_one, sizeof(long_one)));
        secret = secret_new(NULL, long_one, SECRET_SIZE_MAX);
        assert_non_null(secret);
        secret_free(secret);
}

static void test_comparing(void **state) {
        char *parent = mem_new(NULL, char);
        Secret *a = secret_new(parent, "one", 3);
        Secret *b = secret_new(parent, "one\n", 4);
        Secret *c = secret_new(parent, "two", 3);

        assert_true(secret_equal(a, b));
        assert_false(secret_equal(a, c));
        assert_false(secret_equal(a, NULL));
        assert_true(secret_equal(NULL, NULL));
        mem_free(parent);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_line_ends_are_cut),
                cmocka_unit_test(test_empty_and_too_long_are_none),
                cmocka_unit_test(test_comparing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

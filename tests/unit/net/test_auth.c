/* SPDX-License-Identifier: Apache-2.0 */
/* Auth: where a personal access token comes from, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/net/auth.h"
#include "tests/unit/ledger/folder.h"

#define VARIABLE "TEST_AUTH_PAT"

static Mem *mem;
static char *folder;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        folder = folder_new(mem);
        unsetenv(VARIABLE);
        unsetenv("CREDENTIALS_DIRECTORY");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static char *in(const char *name) {
        return mem_printf(mem, "%s/%s", folder, name);
}

static void put(const char *name, const char *bytes, size_t n, mode_t mode) {
        folder_write(folder, name, bytes, n);
        assert_int_equal(chmod(in(name), mode), 0);
}

static void expect_header(Auth *auth, const char *line) {
        const Secret *header = NULL;
        const char *reason = NULL;
        size_t n = 0;

        if (auth_header(auth, &header, &reason) < 0)
                fail_msg("%s", reason);
        assert_string_equal(secret_expose(header, &n), line);
        assert_int_equal(n, strlen(line));
}

static void expect_refusal(Auth *auth, const char *part) {
        const Secret *header = NULL;
        const char *reason = NULL;

        assert_true(auth_header(auth, &header, &reason) < 0);
        assert_null(header);
        if (!strstr(reason, part))
                fail_msg("%s", reason);
        assert_null(strstr(reason, "word"));
}

static Auth *of_file(const char *file, SecretReadability readability) {
        return auth_pat_new(mem, &(SecretReaderSpec){.file = file,
                                                .settings_directory = folder,
                                                .readability = readability});
}

static void test_from_the_environment(void **state) {
        Auth *auth = auth_pat_new(mem, &(SecretReaderSpec){.environment = VARIABLE});

        expect_refusal(auth, "the environment variable " VARIABLE " is not set");
        setenv(VARIABLE, "", 1);
        expect_refusal(auth, "is empty");
        setenv(VARIABLE, "pass word", 1);
        expect_refusal(auth, "holds a blank or a control character");
        setenv(VARIABLE, mem_printf(mem, "%0*d", SECRET_READER_SIZE_MAX + 1, 1), 1);
        expect_refusal(auth, "is longer than 16384 bytes");
        setenv(VARIABLE, "word", 1);
        expect_header(auth, "Authorization: Basic OndvcmQ=");
}

static void test_from_a_file(void **state) {
        Auth *auth = of_file(in("pat"), SECRET_READABLE_BY_OWNER);

        expect_refusal(auth, "No such file");
        put("pat", "word\r\n", 6, 0600);
        expect_header(auth, "Authorization: Basic OndvcmQ=");
        put("pat", "", 0, 0600);
        expect_refusal(auth, "is empty");
        put("pat", "wo\0rd", 5, 0600);
        expect_refusal(auth, "holds a blank or a control character");
        put("pat", "\xEF\xBB\xBFx y", 6, 0600);
        expect_refusal(auth, "holds a blank or a control character");
        put("pat", "\xEF\xBB\xBFword", 7, 0600); /* as editors put it in front */
        expect_refusal(auth, "or one beyond ASCII");
        mem_free(auth);
        auth = of_file("/dev/null", SECRET_READABLE_BY_OTHERS);
        expect_refusal(auth, "is not a file");
        auth = of_file(folder, SECRET_READABLE_BY_OTHERS);
        expect_refusal(auth, "is not a file");
        assert_int_equal(mkfifo(in("pipe"), 0600), 0);
        expect_refusal(of_file(in("pipe"), SECRET_READABLE_BY_OWNER), "is not a file");
}

static void test_the_longest(void **state) {
        char *longest = mem_printf(mem, "%0*d", SECRET_READER_SIZE_MAX + 1, 1);
        Auth *auth = of_file(in("pat"), SECRET_READABLE_BY_OWNER);
        const Secret *header = NULL;
        const char *reason = NULL;
        size_t n = 0;

        put("pat", longest, SECRET_READER_SIZE_MAX + 1, 0600);
        expect_refusal(auth, "is larger than 16384 bytes");
        put("pat", longest, SECRET_READER_SIZE_MAX, 0600);
        assert_int_equal(auth_header(auth, &header, &reason), 0);
        secret_expose(header, &n);
        assert_int_equal(n, 21 + (SECRET_READER_SIZE_MAX + 1 + 2) / 3 * 4);
}

static void test_it_is_read_again_when_it_changes(void **state) {
        Auth *auth = of_file(in("pat"), SECRET_READABLE_BY_OWNER);
        const Secret *first = NULL, *second = NULL;
        const char *reason = NULL;

        put("pat", "word", 4, 0600);
        expect_header(auth, "Authorization: Basic OndvcmQ=");
        assert_int_equal(auth_header(auth, &first, &reason), 0);
        assert_int_equal(auth_header(auth, &second, &reason), 0);
        assert_ptr_equal(first, second); /* not read again */
        put("new", "drow", 4, 0600);
        assert_int_equal(rename(in("new"), in("pat")), 0);
        expect_header(auth, "Authorization: Basic OmRyb3c=");
        unlink(in("pat"));
        expect_refusal(auth, "No such file");
        put("pat", "word", 4, 0600);
        expect_header(auth, "Authorization: Basic OndvcmQ=");
        assert_int_equal(chmod(in("pat"), 0644), 0);
        expect_refusal(auth, "can be read by others (mode 0644)");
}

static void test_what_others_can_read(void **state) {
        put("pat", "word", 4, 0604);
        expect_refusal(of_file(in("pat"), SECRET_READABLE_BY_OWNER), "readable_by_others: accepted");
        expect_header(of_file(in("pat"), SECRET_READABLE_BY_OTHERS), "Authorization: Basic OndvcmQ=");
        put("pat", "word", 4, 0640);
        expect_header(of_file(in("pat"), SECRET_READABLE_BY_OWNER), "Authorization: Basic OndvcmQ=");
}

static void test_relative_names(void **state) {
        assert_int_equal(mkdir(in("credentials"), 0700), 0);
        put("pat", "word", 4, 0600);
        expect_header(of_file("pat", SECRET_READABLE_BY_OWNER), "Authorization: Basic OndvcmQ=");
        setenv("CREDENTIALS_DIRECTORY", in("credentials"), 1);
        expect_header(of_file("pat", SECRET_READABLE_BY_OWNER), "Authorization: Basic OndvcmQ=");
        put("credentials/pat", "drow", 4, 0400);
        expect_header(of_file("pat", SECRET_READABLE_BY_OWNER), "Authorization: Basic OmRyb3c=");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_from_the_environment, setup, teardown),
                cmocka_unit_test_setup_teardown(test_from_a_file, setup, teardown),
                cmocka_unit_test_setup_teardown(test_the_longest, setup, teardown),
                cmocka_unit_test_setup_teardown(test_it_is_read_again_when_it_changes, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_what_others_can_read, setup, teardown),
                cmocka_unit_test_setup_teardown(test_relative_names, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the settings: each file of fixtures/config/settings with what it says, defaults filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/settings.h"
#include "tests/unit/config/dump.h"
#include "tests/unit/config/fixture.h"

static void load(Mem *frame, const char *path, Text *text) {
        Settings *settings = NULL;
        DiagList diags;
        int r;

        diag_list_init(&diags, NULL);
        r = settings_load(frame, path, &diags, &settings);
        fixture_print_diags(&diags, text);
        assert_int_equal(r == 0, settings != NULL);
        if (settings)
                dump_settings(settings, text);
        diag_list_deinit(&diags);
}

static void test_each_file(void **state) {
        Mem *frame = mem_new(NULL, char);
        size_t n;
        const char **names = fixture_list(frame, "settings", ".yaml", &n);

        for (size_t i = 0; i < n; i++) {
                Text text;

                text_init(&text, NULL);
                load(frame, mem_printf(frame, "settings/%s.yaml", names[i]), &text);
                fixture_compare(mem_printf(frame, "settings/%s.txt", names[i]), text.data);
                text_deinit(&text);
        }
        mem_free(frame);
}

static void check_sockets(const char *path, const char *const *wanted) {
        Mem *frame = mem_new(NULL, char);
        size_t n = 0;
        const char *const *found = settings_sockets(frame, path, &n);

        for (size_t i = 0; i < n; i++) {
                assert_non_null(wanted[i]);
                assert_string_equal(found[i], wanted[i]);
        }
        assert_null(wanted[n]);
        mem_free(frame);
}

/* Whatever is wrong with the file, or that there is none. */
static void test_where_a_daemon_may_listen(void **state) {
        const char *broken = FIXTURES "/broken/contoso.yaml", *other = FIXTURES "/broken/elsewhere.yaml";

        assert_int_equal(setenv("RUNTIME_DIRECTORY", "/run/one::/run/two:/run/charterd", /* overwrite= */ 1), 0);
        check_sockets(broken, (const char *const[]){FIXTURES "/broken/own.sock", "/run/one/charterd.sock",
                                                    "/run/two/charterd.sock", "/run/charterd/charterd.sock",
                                                    "/run/charterd-contoso/charterd.sock", NULL});
        assert_int_equal(unsetenv("RUNTIME_DIRECTORY"), 0);
        check_sockets(other, (const char *const[]){"/run/charterd-elsewhere/charterd.sock", SETTINGS_SOCKET_DEFAULT, NULL});
        check_sockets("/nonexistent/charterd.yaml", (const char *const[]){SETTINGS_SOCKET_DEFAULT, NULL});
}

/* The example shows each key with its default. */
static void test_the_example_says_what_holds_anyway(void **state) {
        Mem *frame = mem_new(NULL, char);
        Text shown, bare;

        text_init(&shown, NULL);
        text_init(&bare, NULL);
        load(frame, SOURCE_ROOT "/config/examples/charterd.yaml", &shown);
        load(frame, "settings/minimal.yaml", &bare);
        assert_non_null(strstr(shown.data, "\n  may "));
        assert_string_equal(strstr(shown.data, "\n  may "), strstr(bare.data, "\n  may "));
        assert_non_null(strstr(shown.data, "mode=observe first_pass=hold experimental=0"));
        text_deinit(&bare);
        text_deinit(&shown);
        mem_free(frame);
}

static void test_a_missing_file_is_a_mistake(void **state) {
        Settings *settings;
        DiagList diags;
        Text text;

        diag_list_init(&diags, NULL);
        text_init(&text, NULL);
        assert_true(settings_load(NULL, "settings/none.yaml", &diags, &settings) < 0);
        assert_null(settings);
        fixture_print_diags(&diags, &text);
        assert_string_equal(text.data, "settings/none.yaml: error: there are no settings here; -c FILE names them where they are, "
                                       "charterd.yaml(5) tells how to write some\n");
        text_deinit(&text);
        diag_list_deinit(&diags);
}

static void test_state_directory(void **state) {
        static const struct {
                const char *state_directory;
                const char *xdg;
                const char *expected;
        } rows[] = {
                {"/var/lib/private/charterd:/var/lib/other", "/home/ana/.local/state", "/var/lib/private/charterd"},
                {"", "/home/ana/.local/state", "/home/ana/.local/state/charterd"},
                {NULL, "", "/var/lib/charterd"},
                {NULL, NULL, "/var/lib/charterd"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                char *path;

                unsetenv("STATE_DIRECTORY");
                unsetenv("XDG_STATE_HOME");
                if (rows[i].state_directory)
                        setenv("STATE_DIRECTORY", rows[i].state_directory, 1);
                if (rows[i].xdg)
                        setenv("XDG_STATE_HOME", rows[i].xdg, 1);
                path = settings_default_state_directory(NULL);
                assert_string_equal(path, rows[i].expected);
                mem_free(path);
        }
}

static void test_secret_files(void **state) {
        Mem *frame = mem_new(NULL, char);
        const Settings settings = {.path = "settings/minimal.yaml"};

        unsetenv("CREDENTIALS_DIRECTORY");
        assert_string_equal(settings_find_secret_file(frame, &settings, "token"), "settings/token");
        assert_string_equal(settings_find_secret_file(frame, &settings, "/run/token"), "/run/token");
        /* Where the service manager puts them comes first, when the file is there. */
        setenv("CREDENTIALS_DIRECTORY", "charter/article", 1);
        assert_string_equal(settings_find_secret_file(frame, &settings, "charter.yaml"), "charter/article/charter.yaml");
        assert_string_equal(settings_find_secret_file(frame, &settings, "token"), "settings/token");
        unsetenv("CREDENTIALS_DIRECTORY");
        mem_free(frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_where_a_daemon_may_listen),
                cmocka_unit_test(test_each_file),
                cmocka_unit_test(test_the_example_says_what_holds_anyway),
                cmocka_unit_test(test_a_missing_file_is_a_mistake),
                cmocka_unit_test(test_state_directory),
                cmocka_unit_test(test_secret_files),
        };

        fixture_enter();
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what is told of mistakes: each file of fixtures/config/mistakes is refused, each mistake with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/charter.h"
#include "config/settings.h"
#include "tests/unit/config/fixture.h"

static void parse_charter(Mem *frame, const char *bytes, size_t n, const char *name, DiagList *diags) {
        Desired *desired;

        (void)charter_parse(frame, bytes, n, name, &(CharterSpec){0}, diags, &desired);
}

static void parse_settings(Mem *frame, const char *bytes, size_t n, const char *name, DiagList *diags) {
        Settings *settings;

        (void)settings_parse(frame, bytes, n, name, diags, &settings);
}

typedef void (*Parse)(Mem *frame, const char *bytes, size_t n, const char *name, DiagList *diags);

static void check_file(const char *folder, const char *name, Parse parse) {
        Mem *frame = mem_new(NULL, char);
        const char *path = mem_printf(frame, "%s/%s.yaml", folder, name);
        DiagList diags;
        Text text;
        char *bytes;
        size_t n;

        diag_list_init(&diags, NULL);
        text_init(&text, NULL);
        bytes = fixture_read(frame, path, &n);
        parse(frame, bytes, n, mem_printf(frame, "%s.yaml", name), &diags);
        if (diags.n == 0)
                fail_msg("%s has no mistake", path);
        fixture_print_diags(&diags, &text);
        for (size_t i = 0; i < diags.n; i++)
                assert_true(diags.items[i].place.line > 0);
        fixture_compare(mem_printf(frame, "%s/%s.txt", folder, name), text.data);
        text_deinit(&text);
        diag_list_deinit(&diags);
        mem_free(frame);
}

static void check_folder(const char *folder, Parse parse) {
        Mem *frame = mem_new(NULL, char);
        size_t n;
        const char **names = fixture_list(frame, folder, ".yaml", &n);

        for (size_t i = 0; i < n; i++)
                check_file(folder, names[i], parse);
        mem_free(frame);
}

static void test_charters_of_a_wrong_shape(void **state) {
        check_folder("mistakes/charter/shape", parse_charter);
}

static void test_charters_of_a_wrong_meaning(void **state) {
        check_folder("mistakes/charter/meaning", parse_charter);
}

static void test_settings_of_a_wrong_shape(void **state) {
        check_folder("mistakes/settings/shape", parse_settings);
}

static void test_settings_of_a_wrong_meaning(void **state) {
        check_folder("mistakes/settings/meaning", parse_settings);
}

static void test_twenty_mistakes_name_twenty_places(void **state) {
        Mem *frame = mem_new(NULL, char);
        size_t n, n_places = 0;
        DiagList diags;
        char *bytes = fixture_read(frame, "mistakes/charter/shape/twenty.yaml", &n);

        diag_list_init(&diags, frame);
        parse_charter(frame, bytes, n, "twenty.yaml", &diags);
        diag_list_sort(&diags);
        for (size_t i = 0; i < diags.n; i++) {
                const Diag *one = &diags.items[i];

                n_places += i == 0 || one->place.line != one[-1].place.line ||
                            one->place.column != one[-1].place.column;
        }
        assert_true(n_places >= 20);
        mem_free(frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_charters_of_a_wrong_shape),
                cmocka_unit_test(test_charters_of_a_wrong_meaning),
                cmocka_unit_test(test_settings_of_a_wrong_shape),
                cmocka_unit_test(test_settings_of_a_wrong_meaning),
                cmocka_unit_test(test_twenty_mistakes_name_twenty_places),
        };

        fixture_enter();
        return cmocka_run_group_tests(tests, NULL, NULL);
}

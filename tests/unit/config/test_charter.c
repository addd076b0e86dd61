/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the charter's loader: each folder of fixtures/config/charter is a charter with what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/charter.h"
#include "tests/unit/config/dump.h"
#include "tests/unit/config/fixture.h"

/* `charter.yaml` in the case's folder, or the folder `charter`. */
static const char *charter_path(Mem *parent, const char *name) {
        char *path = mem_printf(parent, "charter/%s/charter.yaml", name);

        return access(path, F_OK) == 0 ? path : mem_printf(parent, "charter/%s/charter", name);
}

static void load_case(const char *name) {
        Mem *frame = mem_new(NULL, char);
        const char *path = charter_path(frame, name);
        Desired *desired = NULL;
        DiagList diags;
        Text text;
        int r;

        diag_list_init(&diags, NULL);
        text_init(&text, NULL);
        r = charter_load(frame, path, &(CharterSpec){0}, &diags, &desired);
        assert_int_equal(r == 0, desired != NULL);
        assert_int_equal(r == 0, diags.n_errors == 0);
        fixture_print_diags(&diags, &text);
        if (desired)
                dump_desired(desired, &text);
        fixture_compare(mem_printf(frame, "charter/%s/expected.txt", name), text.data);
        text_deinit(&text);
        diag_list_deinit(&diags);
        mem_free(frame);
}

static void test_each_case(void **state) {
        Mem *frame = mem_new(NULL, char);
        size_t n;
        const char **names = fixture_list(frame, "charter", "", &n);

        for (size_t i = 0; i < n; i++)
                load_case(names[i]);
        mem_free(frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_case),
        };

        fixture_enter();
        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Charters: fixtures/access/CASE/{charter.yaml,live.json,access.txt}, the matrix of a charter over
 * an organisation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/access/matrix.h"
#include "config/charter.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"

static Desired *read_charter(Mem *mem, const char *path) {
        size_t n = 0;
        const char *bytes = live_file(mem, path, &n);
        DiagList diags;
        Desired *desired = NULL;
        Text mistakes;

        diag_list_init(&diags, mem);
        text_init(&mistakes, mem);
        if (charter_parse(mem, bytes, n, "charter.yaml", &(CharterSpec){0}, &diags, &desired) < 0 ||
            diags.n_errors > 0) {
                diag_list_print(&diags, &mistakes);
                fail_msg("%s: %s", path, mistakes.data);
        }
        return desired;
}

static void run_case(const char *folder) {
        Mem *mem = mem_alloc_zero(NULL, 1, "case");
        Organisation *live = live_read(mem, mem_printf(mem, "%s/live.json", folder));
        const AccessMatrixSpec spec = {
                .desired = read_charter(mem, mem_printf(mem, "%s/charter.yaml", folder)),
                .live = access_view_new(mem, live),
                .live_names = access_names_of(live),
        };
        Text text;

        text_init(&text, mem);
        access_matrix_print_text(access_matrix_new(mem, &spec), ACCESS_PLAIN, &text);
        golden_compare(mem_printf(mem, "%s/access.txt", folder), text.data);
        mem_free(mem);
}

static void test_cases(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "cases");
        size_t n = 0;
        const char **folders = golden_list(mem, "charter.yaml", &n);

        for (size_t i = 0; i < n; i++)
                run_case(folders[i]);
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
        };

        return cmocka_run_group_tests_name("access-charters", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Export: whatever is live, its charter is read without a word and plans to no change; fixtures/export/CASE/{live.json,
 * charter.yaml} show how it looks. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/charter.h"
#include "config/export.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/case.h"
#include "tests/unit/plan/chance.h"

enum {
        SEEDS = 400,
        LIVES_MIN = 60, /* fixtures of plans */
};

static const MaySettings nothing_more = {.all_projects = true, .create = true};
static const MaySettings everything = {
        .all_projects = true, .create = true, .organization = true, .administrators = true};
static const MaySettings *const mays[] = {&nothing_more, &everything};

static char *export_of(Mem *mem, const Organisation *live, const MaySettings *may) {
        Text text;

        text_init(&text, mem);
        export_charter(&(ExportSpec){.live = live, .may = may}, &text);
        return text.data;
}

/* Loaded as it would be with those settings, then planned. */
static void check_charter(Mem *mem, const Organisation *live, const MaySettings *may, const char *what) {
        const char *charter = export_of(mem, live, may);
        CharterSpec spec = {.organization = live->url, .may = may};
        Desired *desired = NULL;
        const Plan *plan;
        DiagList diags;
        PlanSpec planned;
        Text told;

        diag_list_init(&diags, mem);
        text_init(&told, mem);
        assert_string_equal(export_of(mem, live, may), charter);
        (void)charter_parse(mem, charter, strlen(charter), "charter.yaml", &spec, &diags, &desired);
        diag_list_print(&diags, &told);
        if (!desired || diags.n > 0)
                fail_msg("%s: %s\n%s", what, told.data, charter);
        planned = case_spec(desired, live);
        planned.may_administrators = may->administrators;
        planned.may_organization = may->organization;
        plan = plan_new(mem, &planned);
        if (plan->n_steps == 0)
                return;
        plan_print_text(plan, PRINT_PLAIN, &told);
        fail_msg("%s: %s\n%s", what, told.data, charter);
}

static void check_live(Mem *mem, const Organisation *live, const char *what) {
        for (size_t i = 0; i < sizeof mays / sizeof *mays; i++)
                check_charter(mem, live, mays[i], what);
}

static void test_seeds(void **state) {
        for (unsigned seed = 0; seed < SEEDS; seed++) {
                Mem *mem = mem_new(NULL, char);
                Chance chance = chance_of(seed);
                const char *live = chance_live(mem, &chance);

                check_live(mem, live_parse(mem, live, strlen(live), "live.json"), mem_printf(mem, "seed %u", seed));
                mem_free(mem);
        }
}

/* What the fixtures of plans change is as good as anything else that is live. */
static void test_lives_of_plans(void **state) {
        DIR *folder = opendir(FIXTURES);
        unsigned n = 0;

        assert_non_null(folder);
        for (const struct dirent *entry; (entry = readdir(folder));) {
                Mem *mem = mem_new(NULL, char);
                const char *path = mem_printf(mem, FIXTURES "/%s/live.json", entry->d_name);

                if (entry->d_name[0] != '.' && access(path, R_OK) == 0) {
                        check_live(mem, live_read(mem, path), path);
                        n++;
                }
                mem_free(mem);
        }
        closedir(folder);
        assert_true(n >= LIVES_MIN);
}

static void test_cases(void **state) {
        static const char *const names[] = {"charter.yaml", "charter-may-more.yaml"};
        Mem *mem = mem_new(NULL, char);
        DIR *folder = opendir(EXPORT_FIXTURES);
        unsigned n = 0;

        assert_non_null(folder);
        for (const struct dirent *entry; (entry = readdir(folder));) {
                const char *path = mem_printf(mem, EXPORT_FIXTURES "/%s", entry->d_name);
                const Organisation *live;

                if (entry->d_name[0] == '.')
                        continue;
                live = live_read(mem, mem_printf(mem, "%s/live.json", path));
                check_live(mem, live, path);
                for (size_t i = 0; i < sizeof mays / sizeof *mays; i++)
                        golden_compare(mem_printf(mem, "%s/%s", path, names[i]), export_of(mem, live, mays[i]));
                n++;
        }
        closedir(folder);
        assert_true(n > 0);
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_lives_of_plans),
                cmocka_unit_test(test_seeds),
        };

        return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}

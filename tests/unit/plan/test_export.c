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

/* What is exported, and how. */
typedef struct Trial {
        Mem *mem;
        const char *what;
        const Organisation *live;
        const MaySettings *may;
        const ExportOmission *omissions;
        size_t n_omissions;
} Trial;

static char *export_of(const Trial *trial) {
        Text text;

        text_init(&text, trial->mem);
        export_charter(&(ExportSpec){.live = trial->live,
                                     .may = trial->may,
                                     .omissions = trial->omissions,
                                     .n_omissions = trial->n_omissions},
                       &text);
        return text.data;
}

/* Loaded as it would be with those settings, then planned. */
static const char *check_charter(const Trial *trial) {
        const MaySettings *may = trial->may;
        const char *charter = export_of(trial);
        CharterSpec spec = {.organization = trial->live->url, .may = may};
        Mem *mem = trial->mem;
        Desired *desired = NULL;
        const Plan *plan;
        DiagList diags;
        PlanSpec planned;
        Text told;

        diag_list_init(&diags, mem);
        text_init(&told, mem);
        assert_string_equal(export_of(trial), charter);
        (void)charter_parse(mem, charter, strlen(charter), "charter.yaml", &spec, &diags, &desired);
        diag_list_print(&diags, &told);
        if (!desired || diags.n > 0)
                fail_msg("%s: %s\n%s", trial->what, told.data, charter);
        planned = case_spec(desired, trial->live);
        planned.may_administrators = may->administrators;
        planned.may_organization = may->organization;
        plan = plan_new(mem, &planned);
        plan_print_text(plan, PRINT_PLAIN, &told);
        if (plan->n_steps > 0)
                fail_msg("%s: %s\n%s", trial->what, told.data, charter);
        return charter;
}

static void check_live(Mem *mem, const Organisation *live, const char *what) {
        for (size_t i = 0; i < sizeof mays / sizeof *mays; i++)
                check_charter(&(Trial){.mem = mem, .what = what, .live = live, .may = mays[i]});
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

/* Whatever is left out, the rest changes nothing, and what was left out is told. */
static void test_omissions(void **state) {
        static const char *const names[] = {"Team 0", "Team 1", "Team 2", "Contributors", "Readers", "Guests"};
        static const struct {
                ExportPart part;
                const char *key, *words;
        } rows[] = {
                {EXPORT_GRANTS, "grants:", "its permissions are not governed"},
                {EXPORT_MEMBERS, "members:", "its members are not governed"},
                {EXPORT_MEMBERSHIPS, "member_of:", "the groups it is in are not governed"},
                {EXPORT_ADMINS, "admins:", "its administrators are not governed"},
                {EXPORT_OWNED, "owns:", "it owns nothing here"},
                {EXPORT_FOLDING, "kit:", NULL},
        };
        enum { N_NAMES = sizeof names / sizeof *names };

        for (unsigned seed = 0; seed < SEEDS; seed++) {
                Mem *mem = mem_new(NULL, char);
                Chance chance = chance_of(seed);
                const char *text = chance_live(mem, &chance), *charter;
                ExportOmission omissions[N_NAMES];
                size_t one = seed % (sizeof rows / sizeof *rows);
                Trial trial = {.mem = mem,
                               .what = mem_printf(mem, "seed %u", seed),
                               .live = live_parse(mem, text, strlen(text), "live.json"),
                               .may = mays[seed % 2],
                               .omissions = omissions,
                               .n_omissions = N_NAMES};

                for (size_t i = 0; i < N_NAMES; i++)
                        omissions[i] = (ExportOmission){"Shop", names[i], 1U << rows[one].part};
                charter = check_charter(&trial);
                if (trial.may == &nothing_more)
                        assert_null(strstr(charter, mem_printf(mem, " %s", rows[one].key)));
                if (rows[one].words)
                        assert_non_null(strstr(charter, rows[one].words));
                for (size_t i = 0; i < N_NAMES; i++)
                        omissions[i].parts = roll(&chance, 1U << _EXPORT_PART_N);
                check_charter(&trial);
                mem_free(mem);
        }
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
                        golden_compare(mem_printf(mem, "%s/%s", path, names[i]),
                                       export_of(&(Trial){.mem = mem, .live = live, .may = mays[i]}));
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
                cmocka_unit_test(test_omissions),
        };

        return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}

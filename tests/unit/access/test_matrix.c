/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix: who can do what on what, as text, JSON, CSV and a page, compared with fixtures/access/article/matrix* and
 * page*. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/access/page.h"
#include "common/base/json.h"
#include "tests/unit/access/article.h"
#include "tests/unit/access/charter.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"

static Mem *mem;
static Organisation *live;
static Index row;
static DesiredProject *project;
static Desired desired;
static AccessMatrixSpec spec;

/* The article's charter; live, Data Science A sits in Contributors. */
static int setup(void **state) {
        Article article;

        mem = mem_alloc_zero(NULL, 1, "test");
        article_init(&article, mem);
        live = article.live;
        row = article.row;
        project = article.project;
        desired = article.desired;
        spec = (AccessMatrixSpec){.desired = &desired,
                                  .live = article.view,
                                  .live_names = access_names_of(live),
                                  .wanted = access_view_new(mem, live),
                                  .wanted_names = access_names_of(live)};
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static const char *text_of(const AccessMatrix *matrix, AccessColour colour) {
        Text text;

        text_init(&text, mem);
        access_matrix_print_text(matrix, colour, &text);
        return text.data;
}

static const char *json_of(const AccessMatrix *matrix) {
        Text text;

        text_init(&text, mem);
        access_matrix_print_json(matrix, &text);
        return text.data;
}

static const char *csv_of(const AccessMatrix *matrix) {
        Text text;

        text_init(&text, mem);
        access_matrix_print_csv_head(&text);
        access_matrix_print_csv(matrix, &text);
        return text.data;
}

static const char *page_of(void) {
        AccessPage page;
        Text text;

        spec.is_remarks_only = !(spec.team && spec.at_name);
        text_init(&text, mem);
        access_page_begin(&page, mem);
        access_page_add(&page, &(AccessPageOrganisation){.asked = &spec,
                                                         .matrix = access_matrix_new(mem, &spec),
                                                         .read = "2026-04-01T09:16:51.930Z"});
        access_page_end(&page, &text);
        return text.data;
}

static const AccessCell *cell_of(const AccessMatrix *matrix, const char *principal, Kind kind,
                                 const char *name, const char *permission) {
        for (size_t i = 0; i < matrix->n_tables; i++)
                for (size_t j = 0; j < matrix->tables[i].n_things; j++) {
                        const AccessThing *thing = &matrix->tables[i].things[j];

                        if (thing->kind != kind || strcmp(thing->name, name) != 0)
                                continue;
                        for (size_t k = 0;
                             k < thing->n_permissions * matrix->tables[i].n_principals; k++)
                                if (strcmp(matrix->tables[i].principals[k / thing->n_permissions],
                                           principal) == 0 &&
                                    strcmp(matrix->cells[thing->first_cell + k].permission,
                                           permission) == 0)
                                        return &matrix->cells[thing->first_cell + k];
                }
        fail_msg("no cell of %s at %s", principal, name);
        return NULL;
}

static void test_golden(void **state) {
        const AccessMatrix *matrix = access_matrix_new(mem, &spec);

        assert_null(matrix->error);
        golden_compare(FIXTURES "/article/matrix.txt", text_of(matrix, ACCESS_PLAIN));
        golden_compare(FIXTURES "/article/matrix-colour.txt", text_of(matrix, ACCESS_COLOUR));
        golden_compare(FIXTURES "/article/matrix.json", json_of(matrix));
        golden_compare(FIXTURES "/article/matrix.csv", csv_of(matrix));
        golden_compare(FIXTURES "/article/page.html", page_of());
}

static void test_golden_explanation(void **state) {
        spec.team = "data science a";
        spec.at_kind = KIND_REPOSITORY;
        spec.at_name = "Data-Science-B";
        golden_compare(FIXTURES "/article/explanation.txt",
                       text_of(access_matrix_new(mem, &spec), ACCESS_PLAIN));
        golden_compare(FIXTURES "/article/explanation.csv", csv_of(access_matrix_new(mem, &spec)));
        golden_compare(FIXTURES "/article/page-explanation.html", page_of());
}

/* Whatever a charter calls its things, they are text; and no formula. */
static void test_names_stay_text(void **state) {
        static const char project_name[] = "</title><script>document.title = 'ran'</script>";
        DesiredPrincipal *team = &project->principals[2];
        static Word repository_b[] = {{"data-science-b", {0}}};
        DesiredAssert *assertion = charter_assert(mem, project, ASSERT_TEAM, "&lt;<i>", "cannot", "<u>Read</u>");
        const char *csv = NULL;

        assertion->at = (At){AT_KIND_NAMES, KIND_REPOSITORY, repository_b, 1};
        team->name = "<img src=x onerror=\"document.title = 'ran'\">";
        team->confined = true;
        charter_own(mem, team, KIND_REPOSITORY, "=cmd|'/c calc'!A1");
        charter_own(mem, team, KIND_AREA, "\"><b>bold</b>\x1b[2J\xe2\x80\xae\xff");
        charter_own(mem, team, KIND_PIPELINE_FOLDER, "a \"quoted\", one");
        desired.organization = "https://dev.azure.com/<i>contoso</i>";
        golden_compare(FIXTURES "/article/page-names.html", page_of());
        project->name = project_name;
        assert_null(strstr(page_of(), "<script"));
        spec.is_remarks_only = false;
        csv = csv_of(access_matrix_new(mem, &spec));
        assert_non_null(strstr(csv, ",\"'=cmd|'/c calc'!A1\","));
        assert_non_null(strstr(csv, ",\"\"\"><b>bold</b>\\x1b[2J\\u202e\\xff\","));
        assert_non_null(strstr(csv, ",\"a \"\"quoted\"\", one\","));
}

/* What stands in the document can be read back, and says what the matrix does. */
static void test_json(void **state) {
        const AccessMatrix *matrix = access_matrix_new(mem, &spec);
        const char *text = json_of(matrix);
        JsonNode *node = NULL;
        const char *reason = NULL;

        assert_int_equal(json_parse(mem, text, strlen(text), &node, &reason), 0);
        assert_int_equal(json_count(json_get(node, "cells")), matrix->n_cells);
        assert_int_equal(json_count(json_get(node, "broken")), matrix->broken.n);
        spec.wanted = NULL;
        matrix = access_matrix_new(mem, &spec);
        text = json_of(matrix);
        assert_int_equal(json_parse(mem, text, strlen(text), &node, &reason), 0);
        json_each(cell, json_get(node, "cells")) assert_null(json_get_text(cell, "desired"));
}

static void test_cells(void **state) {
        const AccessMatrix *matrix = access_matrix_new(mem, &spec);
        const AccessCell *cell =
                cell_of(matrix, "Data Science A", KIND_REPOSITORY, "data-science-b", "Contribute");

        assert_int_equal(cell->live, ACCESS_OPEN);
        assert_int_equal(cell->desired, ACCESS_CLOSED);
        assert_int_equal(cell->n_path, 3);
        cell = cell_of(matrix, "Data Science B", KIND_REPOSITORY, "data-science-a", "Read");
        assert_int_equal(cell->live, ACCESS_CLOSED);
        assert_null(cell->reason);
        cell = cell_of(matrix, "Operations", KIND_REPOSITORY, "not-yet-made", "Read");
        assert_int_equal(cell->live, ACCESS_CLOSED);
        assert_string_equal(cell->reason, "it does not exist");
        cell = cell_of(matrix, "Operations", KIND_SERVICE_CONNECTION, "azure-production", "Use");
        assert_int_equal(cell->live, ACCESS_OPEN);
        cell = cell_of(matrix, "Data Science A", KIND_SERVICE_CONNECTION, "azure-production", "Use");
        assert_int_equal(cell->live, ACCESS_CLOSED);
        live->projects[row].visibility = "public";
        matrix = access_matrix_new(mem, &spec);
        cell = cell_of(matrix, "Data Science B", KIND_REPOSITORY, "data-science-a", "Read");
        assert_int_equal(cell->live, ACCESS_UNKNOWN);
        assert_int_equal(cell->desired, ACCESS_UNKNOWN);
        assert_non_null(cell->reason);
        cell = cell_of(matrix, "Data Science B", KIND_REPOSITORY, "data-science-a", "Contribute");
        assert_int_equal(cell->live, ACCESS_CLOSED);
}

static void test_broken(void **state) {
        const AccessMatrix *matrix = access_matrix_new(mem, &spec);

        /* by Contributors: one repository, two folders, two areas; and the assertion, of the team
         * and two members */
        assert_int_equal(matrix->broken.n, 5 + 3);
        spec.live = access_view_new(mem, live);
        matrix = access_matrix_new(mem, &spec);
        assert_int_equal(matrix->broken.n, 0);
        /* whether ana and ben are in the Entra group */
        assert_int_equal(matrix->unknown.n, 2);
        assert_int_equal(matrix->members.n, 0);
        access_view_set_entry(
                spec.live, NAMESPACE_GIT, live->projects[row].root_token[NAMESPACE_GIT],
                (AccessControlEntry){live_principal(live, row, "cleo@contoso.com"), 2, 0});
        matrix = access_matrix_new(mem, &spec);
        assert_int_equal(matrix->broken.n, 0);
        assert_int_equal(matrix->members.n, 1);
}

typedef struct FilterCase {
        const char *project;
        const char *team;
        Kind at_kind;
        const char *at_name;
        size_t n_principals;
        size_t n_things;
        size_t n_cells;
        size_t n_broken;
        const char *error;
} FilterCase;

static const FilterCase filter_cases[] = {
        {NULL, NULL, 0, NULL, 3, 12, 3 * (1 + 4 * 2 + 3 * 3 + 3 * 2 + 3), 8, NULL},
        {"mlops", NULL, 0, NULL, 3, 12, 81, 8, NULL},
        {"Other", NULL, 0, NULL, 0, 0, 0, 0, "no project `Other` in the charter"},
        {NULL, "data science b", 0, NULL, 1, 12, 27, 0, NULL},
        {NULL, "Readers", 0, NULL, 1, 12, 27, 0, NULL},
        {NULL, "Nobody", 0, NULL, 0, 0, 0, 0,
         "no team or group `Nobody` in the charter's projects"},
        {NULL, "Data Sciense B", 0, NULL, 0, 0, 0, 0,
         "no team or group `Data Sciense B` in the charter's projects; did you mean `Data Science B`?"},
        {NULL, NULL, KIND_REPOSITORY, "data-science-b", 3, 1, 6, 4, NULL},
        {NULL, NULL, KIND_PROJECT, "MLOps", 3, 1, 3, 0, NULL},
        {NULL, NULL, KIND_AREA, "Data Science A/Research", 3, 1, 6, 0, NULL},
        {NULL, NULL, KIND_REPOSITORY, "none", 0, 0, 0, 0,
         "no repository `none` in the charter's projects"},
        {NULL, "Data Science A", KIND_REPOSITORY, "data-science-b", 1, 1, 19, 4, NULL},
        {NULL, "Nobody", KIND_REPOSITORY, "data-science-b", 0, 0, 0, 0,
         "no project of the charter has both a team or group `Nobody` and repository `data-science-b`"},
};

static void test_filters(void **state) {
        for (size_t i = 0; i < sizeof(filter_cases) / sizeof(*filter_cases); i++) {
                const FilterCase *wanted = &filter_cases[i];
                const AccessMatrix *matrix = NULL;

                spec.project = wanted->project;
                spec.team = wanted->team;
                spec.at_kind = wanted->at_kind;
                spec.at_name = wanted->at_name;
                matrix = access_matrix_new(mem, &spec);
                if (wanted->error)
                        assert_string_equal(matrix->error, wanted->error);
                else
                        assert_null(matrix->error);
                assert_int_equal(matrix->n_tables, wanted->error ? 0 : 1);
                assert_int_equal(matrix->n_cells, wanted->n_cells);
                assert_int_equal(matrix->broken.n, wanted->n_broken);
                if (matrix->n_tables == 0)
                        continue;
                assert_int_equal(matrix->tables[0].n_principals, wanted->n_principals);
                assert_int_equal(matrix->tables[0].n_things, wanted->n_things);
        }
}

/* Principals that do not fit beside one another stand in tables of their own. */
static void test_wide(void **state) {
        const AccessMatrix *matrix = NULL;
        const char *text = NULL;
        const char *end = NULL;

        for (size_t i = 0; i < 40; i++)
                charter_team(mem, project, mem_printf(mem, "Team with a name %02zu", i));
        matrix = access_matrix_new(mem, &spec);
        text = text_of(matrix, ACCESS_PLAIN);
        end = strstr(text, "\nnot known");
        for (const char *line = text; line < end; line = strchr(line, '\n') + 1)
                assert_true(strchr(line, '\n') - line <= 118);
        for (size_t i = 0; i < 40; i++)
                assert_non_null(strstr(text, mem_printf(mem, "Team with a name %02zu", i)));
}

static void test_cells_beyond(void **state) {
        const AccessMatrix *matrix = NULL;
        enum {
                MANY = 400
        };

        for (size_t i = 0; i < MANY; i++)
                charter_own(mem, charter_team(mem, project, mem_printf(mem, "Team %03zu", i)),
                            KIND_REPOSITORY, mem_printf(mem, "team-%03zu", i));
        matrix = access_matrix_new(mem, &spec);
        assert_true(matrix->n_cells <= ACCESS_CELLS_MAX);
        assert_int_equal(matrix->n_cells + matrix->n_left_out, (MANY + 3) * (27 + 2 * MANY));
        assert_non_null(strstr(text_of(matrix, ACCESS_PLAIN), "more cells are left out"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_golden), TEST(test_golden_explanation), TEST(test_names_stay_text),
                TEST(test_json),   TEST(test_cells),
                TEST(test_broken), TEST(test_filters),
                TEST(test_wide),   TEST(test_cells_beyond),
        };

        return cmocka_run_group_tests_name("access-matrix", tests, NULL, NULL);
}

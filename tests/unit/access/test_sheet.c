/* SPDX-License-Identifier: Apache-2.0 */
/* Sheet: what is alike counts as one, and nothing gets lost by that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/access/drawing.h"
#include "common/access/page.h"
#include "common/access/sheet.h"
#include "tests/unit/access/charter.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"

enum {
        TEAMS = 100,
        READ = 2,
        CONTRIBUTE = 4,
        CURIOUS = 7, /* a team that has something of another */
        SEEN = 42,
        SHARED = 6, /* things of which each team has others */
};

static Mem *mem;
static Organisation *live;
static Index row;
static DesiredProject *project;
static Desired desired;
static AccessMatrixSpec spec;
static const char *names[TEAMS];
static Index groups[TEAMS + 1]; /* the last: Operations */

static Index find_principal(void *context, const DesiredProject *of, const char *name) {
        for (size_t i = 0; i < TEAMS; i++)
                if (strcmp(names[i], name) == 0)
                        return groups[i];
        return strcmp(name, "Operations") == 0 ? groups[TEAMS] : INDEX_NONE;
}

static AccessPlace find_place(void *context, const DesiredProject *of, Kind kind, const char *name) {
        if (kind == KIND_PROJECT)
                return access_names_of(live).artefact(access_names_of(live).context, of, kind, name);
        return (AccessPlace){NAMESPACE_GIT,
                             mem_printf(mem, "%s/%s", live->projects[row].root_token[NAMESPACE_GIT], name)};
}

static void give(AccessView *view, size_t team, const char *name, uint32_t allow) {
        access_view_set_entry(view, NAMESPACE_GIT, find_place(NULL, project, KIND_REPOSITORY, name).token,
                              (AccessControlEntry){groups[team], allow, 0});
}

static AccessView *make_view(void) {
        AccessView *view = access_view_new(mem, live);

        for (size_t i = 0; i < TEAMS; i++) {
                groups[i] = access_view_add_principal(view, row, names[i], names[i]);
                give(view, i, names[i], READ | CONTRIBUTE);
        }
        groups[TEAMS] = access_view_add_principal(view, row, "Operations", "Operations");
        access_view_add_member(view, live_principal(live, row, "Contributors"), groups[TEAMS]);
        return view;
}

/* Each team owns the repository of its name; live, one of them has another's. */
static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        live = live_read(mem, FIXTURES "/article/live.json");
        row = organisation_find_project(live, "MLOps");
        project = charter_project(mem, "MLOps");
        charter_own(mem, charter_team(mem, project, "Operations"), KIND_REPOSITORY, "operations");
        for (size_t i = 0; i < TEAMS; i++) {
                DesiredPrincipal *team = charter_team(mem, project, names[i] = mem_printf(mem, "team-%03zu", i));

                team->kit = "data-science";
                charter_own(mem, team, KIND_REPOSITORY, names[i]);
        }
        desired = (Desired){.organization = "https://dev.azure.com/contoso", .projects = project, .n_projects = 1};
        spec = (AccessMatrixSpec){.desired = &desired,
                                  .live = make_view(),
                                  .live_names = {find_principal, find_place, NULL},
                                  .wanted = make_view(),
                                  .wanted_names = {find_principal, find_place, NULL}};
        give(spec.live, CURIOUS, names[SEEN], READ);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static AccessSheet *sheet_of(AccessSheetDetail detail) {
        const AccessSheetSpec of = {&spec, project, detail, false};
        AccessSheet *sheet = access_sheet_new(mem, &of);

        while (access_sheet_step(sheet))
                ;
        return sheet;
}

static size_t find_row(const AccessSheet *sheet, const char *name, AccessRelation relation) {
        for (size_t i = 0; i < sheet->n_rows; i++)
                if (strcmp(sheet->rows[i].name, name) == 0 && sheet->rows[i].relation == relation)
                        return i;
        fail_msg("no row %s", name);
        return 0;
}

static size_t find_group(const AccessSheet *sheet, const char *name) {
        for (size_t i = 0; i < sheet->n_groups; i++)
                if (strcmp(sheet->groups[i].name, name) == 0)
                        return i;
        fail_msg("no group %s", name);
        return 0;
}

/* Pairs in which a permission is open, and in which live differs. */
static void count(const AccessSheet *sheet, size_t *pairs, size_t *open, size_t *differ) {
        *pairs = *open = *differ = 0;
        for (size_t i = 0; i < sheet->n_rows; i++)
                for (size_t k = 0; k < sheet->rows[i].n_asked * sheet->n_groups; k++) {
                        const AccessSheetCell *cell = &sheet->cells[sheet->rows[i].first_cell + k];

                        *pairs += cell->n;
                        *open += cell->n_open;
                        *differ += cell->n_differ;
                }
}

/* The same sums as those of every cell by itself. */
static void assert_nothing_lost(const AccessSheet *sheet) {
        const AccessMatrix *matrix = access_matrix_new(mem, &spec);
        size_t pairs = 0, open = 0, differ = 0, n_open = 0, n_differ = 0;

        for (size_t i = 0; i < matrix->n_cells; i++) {
                n_open += matrix->cells[i].live == ACCESS_OPEN;
                n_differ += matrix->cells[i].live != matrix->cells[i].desired;
        }
        count(sheet, &pairs, &open, &differ);
        assert_int_equal(matrix->n_left_out, 0);
        assert_int_equal(pairs, matrix->n_cells);
        assert_int_equal(open, n_open);
        assert_int_equal(differ, n_differ);
}

static void test_teams_of_one_kit_are_one(void **state) {
        const AccessSheet *sheet = sheet_of(ACCESS_SHEET_EXPLAINED);
        size_t many = find_group(sheet, names[0]);
        const AccessSheetRow *own = &sheet->rows[find_row(sheet, names[0], ACCESS_RELATION_OWN)];
        const AccessSheetRow *others = &sheet->rows[find_row(sheet, names[0], ACCESS_RELATION_OTHERS)];
        const AccessSheetCell *cell = access_sheet_cells(sheet, own, many);

        /* Operations, the curious one, the rest */
        assert_int_equal(sheet->n_groups, 3);
        assert_int_equal(sheet->groups[many].n, TEAMS - 1);
        assert_true(sheet->groups[many].is_alike);
        assert_int_equal(sheet->n_rows, 5);
        assert_int_equal(cell->n, TEAMS - 1);
        assert_int_equal(cell->n_open, TEAMS - 1);
        assert_int_equal(access_sheet_look(sheet, own, many), ACCESS_LOOK_OPEN);
        assert_int_equal(access_sheet_look(sheet, others, many), ACCESS_LOOK_CLOSED);
        assert_int_equal(access_sheet_cells(sheet, others, many)->n, (TEAMS - 1) * (TEAMS - 2));
        assert_int_equal(access_sheet_look(sheet, others, find_group(sheet, "Operations")), ACCESS_LOOK_NONE);
        cell = access_sheet_cells(sheet, own, find_group(sheet, names[CURIOUS]));
        assert_int_equal(cell->n_open, 1);
        assert_int_equal(cell->n_differ, 1);
        assert_int_equal(cell->live->n_path, 2);
        assert_string_equal(access_sheet_example(sheet, own, find_group(sheet, names[CURIOUS]))->thing, names[SEEN]);
        assert_nothing_lost(sheet);
}

/* Where hardly any two are alike, the kit alone says what is one. */
static void test_kits_alone(void **state) {
        AccessSheet *sheet = NULL;

        for (size_t k = 0; k < SHARED; k++) {
                const char *name = mem_printf(mem, "shared-%zu", k);

                *mem_push(mem, project->artefacts, project->n_artefacts) =
                        (DesiredArtefact){.kind = KIND_REPOSITORY, .name = name};
                for (size_t i = 0; i < TEAMS; i++)
                        if (i & (1u << k))
                                give(spec.live, i, name, READ);
        }
        sheet = sheet_of(ACCESS_SHEET_COUNTED);
        assert_int_equal(sheet->n_groups, 2);
        assert_false(sheet->groups[1].is_alike);
        assert_nothing_lost(sheet);
        for (size_t i = 0; i < project->n_principals; i++)
                project->principals[i].kit = mem_printf(mem, "kit %zu", i);
        sheet = sheet_of(ACCESS_SHEET_COUNTED);
        assert_int_equal(sheet->n_groups, 1);
        assert_null(sheet->groups[0].kit);
        assert_nothing_lost(sheet);
}

static void test_few_stand_for_themselves(void **state) {
        AccessSheet *sheet = NULL;

        project->n_principals = ACCESS_SHEET_TEAMS_MAX;
        sheet = sheet_of(ACCESS_SHEET_COUNTED);
        assert_int_equal(sheet->n_groups, ACCESS_SHEET_TEAMS_MAX);
        assert_int_equal(sheet->n_rows, 1 + ACCESS_SHEET_TEAMS_MAX);
        assert_nothing_lost(sheet);
}

/* Things that nobody owns and on which everybody has the same are one. */
static void test_things_alike_are_one(void **state) {
        AccessSheet *sheet = NULL;

        project->n_principals = 3;
        for (size_t i = 0; i < ACCESS_SHEET_THINGS_MAX; i++)
                *mem_push(mem, project->artefacts, project->n_artefacts) =
                        (DesiredArtefact){.kind = KIND_REPOSITORY, .name = mem_printf(mem, "x-%03zu", i)};
        give(spec.live, 1, "x-017", READ);
        sheet = sheet_of(ACCESS_SHEET_COUNTED);
        assert_int_equal(sheet->n_groups, 3);
        /* the project, three owned ones, the one with an entry of its own, the rest */
        assert_int_equal(sheet->n_rows, 6);
        assert_nothing_lost(sheet);
}

/* What everybody may read is never shown as closed. */
static void test_not_known(void **state) {
        const AccessSheet *sheet = NULL;
        HtmlWriter writer;
        Text text;

        live->projects[row].visibility = "public";
        sheet = sheet_of(ACCESS_SHEET_COUNTED);
        assert_non_null(sheet->visibility);
        assert_int_equal(access_sheet_look(sheet, &sheet->rows[find_row(sheet, names[0], ACCESS_RELATION_OTHERS)],
                                           find_group(sheet, names[0])),
                         ACCESS_LOOK_UNKNOWN);
        assert_nothing_lost(sheet);
        text_init(&text, mem);
        html_writer_init(&writer, &text);
        access_drawing_print(sheet, "d1", &writer);
        assert_non_null(strstr(text.data, "<g class=\"unknown\"><title>99 of kit data-science, 99 of kit data-science: "
                                          "those of the others: not known\n"));
}

/* A project of many teams on a page. */
static void test_page(void **state) {
        AccessPage page;
        Text text;

        spec.is_remarks_only = true;
        text_init(&text, mem);
        access_page_begin(&page, mem);
        access_page_add(&page, &(AccessPageOrganisation){&spec, access_matrix_new(mem, &spec), "2026-04-01T09:16:51.930Z"});
        access_page_end(&page, &text);
        golden_compare(FIXTURES "/article/page-many.html", text.data);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_teams_of_one_kit_are_one, setup, teardown),
                cmocka_unit_test_setup_teardown(test_kits_alone, setup, teardown),
                cmocka_unit_test_setup_teardown(test_few_stand_for_themselves, setup, teardown),
                cmocka_unit_test_setup_teardown(test_things_alike_are_one, setup, teardown),
                cmocka_unit_test_setup_teardown(test_not_known, setup, teardown),
                cmocka_unit_test_setup_teardown(test_page, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of loading charters: what the settings say of one, files and folders, kinds of files, examples, size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/digest.h"
#include "config/charter.h"
#include "tests/unit/config/fixture.h"

#define HEAD "charter: 1\norganization: https://dev.azure.com/contoso\n"

/* What is told of a charter; "" when it loads. */
static char *told(Mem *frame, const char *bytes, const CharterSpec *spec) {
        Desired *desired;
        DiagList diags;
        Text text;
        int r;

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        r = charter_parse(frame, bytes, strlen(bytes), "c.yaml", spec, &diags, &desired);
        assert_int_equal(r == 0, desired != NULL);
        assert_int_equal(r == 0, diags.n_errors == 0);
        fixture_print_diags(&diags, &text);
        return text.data;
}

static void test_the_organization_is_that_of_the_settings(void **state) {
        static const struct {
                const char *settings;
                const char *charter;
                const char *told;
        } rows[] = {
                {"https://dev.azure.com/contoso", "https://DEV.azure.com/Contoso/", ""},
                {"https://dev.azure.com/contoso", "https://contoso.visualstudio.com", ""},
                {"https://dev.azure.com/contoso", "https://contoso.visualstudio.com/DefaultCollection/", ""},
                {"https://ado.example.com/tfs/A", "https://ado.example.com:443/tfs/a", ""},
                {"https://dev.azure.com/contoso", "https://dev.azure.com/contoso-test",
                 "c.yaml:2:15: error: this charter is for https://dev.azure.com/contoso-test, the settings are for "
                 "https://dev.azure.com/contoso\n"},
                {"https://ado.example.com/tfs/A", "https://ado.example.com:8443/tfs/A",
                 "c.yaml:2:15: error: this charter is for https://ado.example.com:8443/tfs/A, the settings are for "
                 "https://ado.example.com/tfs/A\n"},
        };
        Mem *frame = mem_new(NULL, char);

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const CharterSpec spec = {.organization = rows[i].settings};
                const char *bytes = mem_printf(frame, "charter: 1\norganization: %s\n", rows[i].charter);

                assert_string_equal(told(frame, bytes, &spec), rows[i].told);
        }
        mem_free(frame);
}

static void test_may(void **state) {
        static Word shop[] = {{.text = "SHOP"}};
        static const MaySettings little = {.projects = shop, .n_projects = 1},
                                 much = {.all_projects = true, .organization = true, .administrators = true,
                                         .create = true};
        static const char charter[] =
                HEAD "projects:\n"
                     "  Shop:\n"
                     "    teams:\n"
                     "      Till: { member_of: [Project Administrators, { group: Auditors, of: organization }] }\n"
                     "    groups:\n"
                     "      Build Administrators: { grants: [] }\n"
                     "      Release Administrators: { member_of: [] }\n"
                     "  Depot: { create_project: { process: Agile } }\n";
        Mem *frame = mem_new(NULL, char);
        CharterSpec spec = {.may = &little};

        assert_string_equal(
                told(frame, charter, &spec),
                "c.yaml:6:27: error: `Project Administrators` is an administrators' group, which `may: { "
                "administrators: false }` in the settings puts out of reach\n"
                "c.yaml:6:51: error: `Auditors` is a group of the organization, which `may: { organization: false }` "
                "in the settings puts out of reach\n"
                "c.yaml:8:7: error: members and grants of `Build Administrators`, an administrators' group, are put "
                "out of reach by `may: { administrators: false }` in the settings\n"
                "c.yaml:10:3: error: `create_project` is put out of reach by `may: { create: false }` in the "
                "settings\n"
                "c.yaml:10:3: error: project `Depot` is not among `may: { projects }` of the settings\n");
        spec.may = &much;
        assert_string_equal(told(frame, charter, &spec), "");
        mem_free(frame);
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

static void assert_load_tells(Mem *frame, const char *path, const char *expected) {
        Desired *desired = (Desired *)1;
        DiagList diags;
        Text text;

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        assert_true(charter_load(frame, path, &(CharterSpec){0}, &diags, &desired) < 0);
        assert_null(desired);
        fixture_print_diags(&diags, &text);
        assert_string_equal(text.data, expected);
}

static void write_file(const char *path, const char *bytes) {
        FILE *file = fopen(path, "wb");

        assert_non_null(file);
        assert_true(fputs(bytes, file) >= 0);
        assert_int_equal(fclose(file), 0);
}

/* What cannot be read is a mistake, never an empty charter. */
static void test_no_charter(void **state) {
        char folder[] = "/tmp/charterd-test-XXXXXX";
        Mem *frame = mem_new(NULL, char);
        const char *file, *fifo;

        assert_non_null(mkdtemp(folder));
        file = mem_printf(frame, "%s/c.yaml", folder);
        fifo = mem_printf(frame, "%s/fifo", folder);
        assert_load_tells(frame, file,
                          mem_printf(frame, "%s: error: cannot be read: No such file or directory\n", file));
        assert_load_tells(frame, folder, mem_printf(frame, "%s: error: the folder has no *.yaml file\n", folder));
        assert_int_equal(mkfifo(fifo, 0600), 0);
        assert_load_tells(frame, fifo, mem_printf(frame, "%s: error: cannot be read: it is no regular file\n", fifo));
        write_file(file, "");
        assert_load_tells(frame, file, mem_printf(frame, "%s:1:1: error: the file is empty\n", file));
        assert_load_tells(frame, folder, mem_printf(frame, "%s:1:1: error: the file is empty\n", file));
        assert_int_equal(unlink(fifo), 0);
        assert_int_equal(unlink(file), 0);
        assert_int_equal(symlink("gone.yaml", file), 0);
        assert_load_tells(frame, folder,
                          mem_printf(frame, "%s: error: cannot be read: No such file or directory\n", file));
        assert_int_equal(unlink(file), 0);
        assert_int_equal(mkdir(file, 0700), 0);
        assert_load_tells(frame, folder, mem_printf(frame, "%s: error: cannot be read: Is a directory\n", file));
        assert_int_equal(rmdir(file), 0);
        assert_int_equal(rmdir(folder), 0);
        mem_free(frame);
}

static void test_sha256_of_all_files(void **state) {
        Mem *frame = mem_new(NULL, char);
        char expected[DIGEST_TEXT_SIZE];
        Desired *desired;
        DiagList diags;
        Text all;

        diag_list_init(&diags, frame);
        text_init(&all, frame);
        for (size_t i = 0; i < 3; i++) {
                static const char *const names[] = {"10-organization", "20-till", "30-stock"};
                size_t n;
                const char *bytes = fixture_read(frame, mem_printf(frame, "charter/folder/charter/%s.yaml", names[i]), &n);

                text_append_bytes(&all, bytes, n);
        }
        digest_sha256(all.data, all.n, expected);
        assert_int_equal(charter_load(frame, "charter/folder/charter", &(CharterSpec){0}, &diags, &desired), 0);
        assert_string_equal(desired->sha256, expected);
        mem_free(frame);
}

static void test_kinds_of_files(void **state) {
        static const struct {
                const char *path;
                ConfigKind kind;
                const char *told;
        } rows[] = {
                {"charter/article/charter.yaml", CONFIG_CHARTER, ""},
                {"charter/folder/charter", CONFIG_CHARTER, ""},
                {"settings/minimal.yaml", CONFIG_SETTINGS, ""},
                {"mistakes/settings/shape/organizations_missing.yaml", CONFIG_SETTINGS, ""},
                {"mistakes/charter/shape/version_missing.yaml", CONFIG_CHARTER, ""},
                {"mistakes/charter/shape/root_list.yaml", CONFIG_UNKNOWN,
                 "mistakes/charter/shape/root_list.yaml: error: neither settings nor a charter: the first key of a "
                 "charter is `charter`, of settings `organizations`\n"},
                {"charter/folder_with_a_broken_file/charter/b.yaml", CONFIG_UNKNOWN,
                 "charter/folder_with_a_broken_file/charter/b.yaml:3:1: error: did not find expected node content "
                 "while parsing a flow node; the rest of this file is not read\n"},
                {"charter/none.yaml", CONFIG_UNKNOWN,
                 "charter/none.yaml: error: cannot be read: No such file or directory\n"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                ConfigKind kind;
                DiagList diags;
                Text text;
                int r;

                diag_list_init(&diags, NULL);
                text_init(&text, NULL);
                r = config_tell_kind(rows[i].path, &diags, &kind);
                fixture_print_diags(&diags, &text);
                assert_int_equal(r == 0, kind != CONFIG_UNKNOWN);
                assert_int_equal(kind, rows[i].kind);
                assert_string_equal(text.data, rows[i].told);
                text_deinit(&text);
                diag_list_deinit(&diags);
        }
}

/* --- examples ------------------------------------------------------------------------------------------------------- */

static void check_example(Mem *frame, const char *path, DiagList *diags) {
        Settings *settings;
        Desired *desired;
        ConfigKind kind;

        assert_int_equal(config_tell_kind(path, diags, &kind), 0);
        if (kind == CONFIG_SETTINGS)
                (void)settings_load(frame, path, diags, &settings);
        else
                (void)charter_load(frame, path, &(CharterSpec){0}, diags, &desired);
}

/* The settings that name a charter of the examples, with it. */
static void check_together(Mem *frame, DiagList *diags) {
        Settings *settings;
        Desired *desired;

        assert_int_equal(settings_load(frame, SOURCE_ROOT "/config/examples/charterd.yaml", diags, &settings), 0);
        for (size_t i = 0; i < settings->n_organizations; i++) {
                const OrganizationSettings *one = &settings->organizations[i];

                (void)charter_load(frame, one->charter, &(CharterSpec){one->url, &one->may}, diags, &desired);
        }
}

static void test_examples(void **state) {
        Mem *frame = mem_new(NULL, char);
        DiagList diags;
        Text text;
        size_t n;
        const char **names = fixture_list(frame, SOURCE_ROOT "/config/examples", "", &n);

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        for (size_t i = 0; i < n; i++)
                check_example(frame, mem_printf(frame, SOURCE_ROOT "/config/examples/%s", names[i]), &diags);
        check_together(frame, &diags);
        fixture_print_diags(&diags, &text);
        assert_string_equal(text.data, "");
        mem_free(frame);
}

/* --- size ----------------------------------------------------------------------------------------------------------- */

enum {
        MANY_TEAMS = 1000,
        MANY_MEMBERS = 20000,
        LONG_MILLISECONDS = 5000, /* of sanitized builds on a busy machine; else some tens */
};

static int64_t milliseconds(void) {
        struct timespec now;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_a_thousand_teams(void **state) {
        Mem *frame = mem_new(NULL, char);
        Desired *desired;
        DiagList diags;
        int64_t begun;
        Text text;

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        text_append(&text, HEAD "kits:\n  team: { owns: { repositories: [\"{team:slug}\"], areas: [\"{team}\"], "
                                "pipeline_folders: [\"{team}\"] }, grants: [{ at: own, same_as: Contributors }, { at: "
                                "project, allow: [View project-level information] }] }\nprojects:\n  Shop:\n    teams:\n");
        for (int i = 0; i < MANY_TEAMS; i++)
                text_appendf(&text, "      Team %d: { kit: team, members: [user%d@contoso.com, { group: Team %d }] }\n", i,
                             i, i + 1); /* the last one names a group beside the charter */
        begun = milliseconds();
        assert_int_equal(charter_parse(frame, text.data, text.n, "c.yaml", &(CharterSpec){0}, &diags, &desired), 0);
        assert_true(milliseconds() - begun < LONG_MILLISECONDS);
        assert_int_equal(desired->n_teams, MANY_TEAMS);
        assert_int_equal(desired->projects[0].n_owners, 3 * MANY_TEAMS);
        mem_free(frame);
}

static void test_many_members(void **state) {
        Mem *frame = mem_new(NULL, char);
        Desired *desired;
        DiagList diags;
        int64_t begun;
        Text text;

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        text_append(&text, HEAD "projects: { Shop: { teams: { Till: { members: [\n");
        for (int i = 0; i < MANY_MEMBERS; i++)
                text_appendf(&text, "  user%d@contoso.com,\n", i);
        text_append(&text, "] } } } }\n");
        begun = milliseconds();
        assert_int_equal(charter_parse(frame, text.data, text.n, "c.yaml", &(CharterSpec){0}, &diags, &desired), 0);
        assert_true(milliseconds() - begun < LONG_MILLISECONDS);
        assert_int_equal(desired->projects[0].principals[0].members.n, MANY_MEMBERS);
        mem_free(frame);
}

/* A few lines that stand for more than is read. */
static void test_kits_are_bounded(void **state) {
        Mem *frame = mem_new(NULL, char);
        Text text;

        text_init(&text, frame);
        text_append(&text, HEAD "kits: { big: { members: [");
        for (int i = 0; i < 5000; i++)
                text_appendf(&text, "u%d@x.y,", i);
        text_append(&text, "] } }\nprojects:\n  Shop:\n    groups:\n");
        for (int i = 0; i < 250; i++)
                text_appendf(&text, "      Group %d: { kit: big }\n", i);
        assert_non_null(strstr(told(frame, text.data, &(CharterSpec){0}), "the kits used stand for more than 1000000 values"));
        mem_free(frame);
}

static void test_text_is_bounded(void **state) {
        Mem *frame = mem_new(NULL, char);
        Text text;

        text_init(&text, frame);
        text_append(&text, HEAD "vars: { x: ");
        for (int i = 0; i < 250; i++)
                text_append(&text, "0123456789abcdef");
        text_append(&text, " }\nprojects: { Shop: { groups: { Cashiers: { member_of: [\n");
        for (int i = 0; i < 17000; i++)
                text_appendf(&text, "\"%d{x}\",\n", i);
        text_append(&text, "] } } } }\n");
        assert_non_null(strstr(told(frame, text.data, &(CharterSpec){0}),
                               "error: all text with variables filled in is longer than 64 MiB"));
        mem_free(frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_organization_is_that_of_the_settings),
                cmocka_unit_test(test_may),
                cmocka_unit_test(test_no_charter),
                cmocka_unit_test(test_sha256_of_all_files),
                cmocka_unit_test(test_kinds_of_files),
                cmocka_unit_test(test_examples),
                cmocka_unit_test(test_a_thousand_teams),
                cmocka_unit_test(test_many_members),
                cmocka_unit_test(test_kits_are_bounded),
                cmocka_unit_test(test_text_is_bounded),
        };

        fixture_enter();
        return cmocka_run_group_tests(tests, NULL, NULL);
}

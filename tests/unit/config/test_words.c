/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of small things of one text: variables, addresses, names; the words and kinds that the schemas offer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "common/base/guid.h"
#include "common/model/governed.h"
#include "common/model/kind.h"
#include "config/name.h"
#include "config/url.h"
#include "config/variables.h"
#include "tests/unit/config/fixture.h"

static void test_variables(void **state) {
        static const Variable outer_items[] = {{"region", "west"}, {"team", "shadowed"}};
        static const Variable items[] = {{"team", "Data Science A"}, {"team:slug", "data-science-a"}, {"gone", NULL}};
        const Variables outer = {.items = outer_items, .n = 2};
        const Variables variables = {.outer = &outer, .items = items, .n = 3};
        static const struct {
                const char *text;
                const char *expected; /* a text, or what is told */
        } rows[] = {
                {"plain } text", "plain } text"},
                {"{team}", "Data Science A"},
                {"{team:slug}-{region}/{team}", "data-science-a-west/Data Science A"},
                {"{{team}", "{team}"},
                {"{{{team}", "{Data Science A"},
                {"{{{{", "{{"},
                {"", ""},
                {"{tem}", "t.yaml:3:7: error: unknown variable {tem}; did you mean {team}?\n"},
                {"{}", "t.yaml:3:7: error: unknown variable {}; a brace that begins no variable is written {{\n"},
                {"{Team}", "t.yaml:3:7: error: unknown variable {Team}; did you mean {team}?\n"},
                {"x{team", "t.yaml:3:7: error: a brace without its `}`; a literal one is written {{\n"},
                {"{gone}", "t.yaml:3:7: error: {gone} is empty here: no letter and no digit is left of the name\n"},
        };
        Mem *frame = mem_new(NULL, char);
        Arena *arena = arena_new(frame);

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *result;
                DiagList diags;
                Text told;

                diag_list_init(&diags, frame);
                text_init(&told, frame);
                result = variables_expand(arena, &variables, rows[i].text, (Place){"t.yaml", 3, 7}, &diags);
                fixture_print_diags(&diags, &told);
                assert_int_equal(result == NULL, diags.n == 1);
                assert_string_equal(result ? result : told.data, rows[i].expected);
        }
        mem_free(frame);
}

/* A kit that nobody uses: what its users would give stands for itself. */
static void test_open_variables(void **state) {
        const Variables open = {.open = true};
        Mem *frame = mem_new(NULL, char);
        DiagList diags;

        diag_list_init(&diags, frame);
        assert_string_equal(variables_expand(arena_new(frame), &open, "{x}-{y:z}", (Place){0}, &diags), "x-y:z");
        assert_int_equal(diags.n, 0);
        mem_free(frame);
}

static void test_text_after_expansion_is_bounded(void **state) {
        Mem *frame = mem_new(NULL, char);
        char *value = mem_new_array(frame, char, VARIABLES_TEXT_MAX + 1);
        Variable item = {"x", value};
        const Variables variables = {.items = &item, .n = 1};
        DiagList diags;

        memset(value, 'a', VARIABLES_TEXT_MAX);
        diag_list_init(&diags, frame);
        assert_non_null(variables_expand(arena_new(frame), &variables, "{x}", (Place){0}, &diags));
        assert_int_equal(diags.n, 0);
        assert_null(variables_expand(arena_new(frame), &variables, "{x}b", (Place){0}, &diags));
        assert_int_equal(diags.n, 1);
        mem_free(frame);
}

static void test_names_of_variables(void **state) {
        static const struct {
                const char *name;
                bool is_free;
        } rows[] = {
                {"region", true},        {"cost-centre_2", true}, {"a", true},     {"", false},
                {"2nd", false},          {"Region", false},       {"a b", false},  {"team:slug", false},
                {"team", false},         {"project", false},      {"größe", false}, {"teams", true},
                {"organization", false}, {"-a", false},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                assert_int_equal(variables_name_is_free(rows[i].name), rows[i].is_free);
}

static void test_addresses_in_one_spelling(void **state) {
        static const struct {
                const char *text;
                const char *expected; /* NULL: refused */
        } rows[] = {
                {"https://dev.azure.com/contoso", "https://dev.azure.com/contoso"},
                {"HTTPS://Dev.Azure.COM:443/Contoso//", "https://dev.azure.com/Contoso"},
                {"https://contoso.visualstudio.com", "https://dev.azure.com/contoso"},
                {"https://Contoso.visualstudio.com/defaultcollection/", "https://dev.azure.com/contoso"},
                {"https://contoso.visualstudio.com/Other", NULL},
                {"https://ado.example.com/tfs/Default%20Collection/", "https://ado.example.com/tfs/Default%20Collection"},
                {"https://ado.example.com:8443/tfs", "https://ado.example.com:8443/tfs"},
                {"http://localhost:8080/a", "http://localhost:8080/a"},
                {"http://[::1]:8080/a", "http://[::1]:8080/a"},
                {"http://127.9.9.9/a", "http://127.9.9.9/a"},
                {"http://10.0.0.1/a", NULL},
                {"http://localhost.example.com/a", NULL},
                {"https://dev.azure.com", NULL},
                {"https://dev.azure.com/a/b", NULL},
                {"https://vssps.dev.azure.com/a", NULL},
                {"https://a.b.visualstudio.com/", NULL},
                {"https://me@dev.azure.com/a", NULL},
                {"https://dev.azure.com/a?b", NULL},
                {"https://dev.azure.com/a#b", NULL},
                {"https://dev.azure.com/a b", NULL},
                {"https://ado.example.com/a/../b", NULL},
                {"https://ado.example.com/./b", NULL},
                {"https:///a", NULL},
                {"https://ado.example.com:/a", NULL},
                {"https://ado.example.com:70000/a", NULL},
                {"https://[::1/a", NULL},
                {"https://[::1]x/a", NULL},
                {"ftp://dev.azure.com/a", NULL},
                {"", NULL},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *reason = NULL;
                char *url = url_normalise_organization(NULL, rows[i].text, &reason);

                assert_int_equal(url == NULL, reason != NULL);
                if ((url == NULL) != (rows[i].expected == NULL))
                        fail_msg("%s: %s", rows[i].text, url ? url : reason);
                if (url)
                        assert_string_equal(url, rows[i].expected);
                mem_free(url);
        }
}

static void test_paths_in_one_spelling(void **state) {
        static const struct {
                const char *text;
                const char *expected;
        } rows[] = {
                {"A", "A"}, {"A\\B", "A/B"}, {"\\A\\B", "A/B"}, {"/A/B", "A/B"}, {"/", "/"}, {"\\", "/"}, {"//", "//"},
        };
        Arena *arena = arena_new(NULL);

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                assert_string_equal(name_normalise_path(arena, rows[i].text), rows[i].expected);
        mem_free(arena);
}

static void test_groups_every_project_has(void **state) {
        assert_true(name_is_builtin_group("Shop", "contributors"));
        assert_true(name_is_builtin_group("Shop", "Shop Team"));
        assert_true(name_is_builtin_group("Shop", "SHOP team"));
        assert_false(name_is_builtin_group("Shop", "Shop Teams"));
        assert_false(name_is_builtin_group("Shop", "Depot Team"));
        assert_false(name_is_builtin_group("Shop", "Cashiers"));
        assert_true(name_is_administrators_group("project ADMINISTRATORS"));
        assert_true(name_is_administrators_group("Project Collection Administrators"));
        assert_false(name_is_administrators_group("Contributors"));
}

/* --- the schema's words --------------------------------------------------------------------------------------------- */

/* Those of the kinds with permissions. */
static uint32_t offered_spaces(void) {
        uint32_t spaces = organization_spaces();

        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (kind_has(kind, KIND_HAS_PERMISSIONS))
                        spaces |= 1u << kind_namespace(kind);
        return spaces;
}

static bool is_known(const char *word) {
        for (uint8_t space = 0; space < _NAMESPACE_N; space++) {
                const PermissionNamespace *row = &permission_table_builtin()->items[space];

                if (offered_spaces() & (1u << space) && permission_bit(row, word) & ~row->system_mask)
                        return true;
        }
        return false;
}

static bool is_offered(const cJSON *words, const char *word) {
        const cJSON *one;

        cJSON_ArrayForEach(one, words) {
                if (strcmp(one->valuestring, word) == 0)
                        return true;
        }
        return false;
}

static void check_all_offered(const cJSON *words, const PermissionNamespace *space) {
        for (size_t i = 0; i < space->n_permissions; i++)
                if (!(space->permissions[i].bit & space->system_mask) &&
                    !is_offered(words, space->permissions[i].display))
                        fail_msg("the schema does not offer `%s`", space->permissions[i].display);
}

static void test_words_of_the_schema(void **state) {
        Mem *frame = mem_new(NULL, char);
        size_t n;
        const char *bytes = fixture_read(frame, SOURCE_ROOT "/config/charter.schema.json", &n);
        cJSON *schema = cJSON_ParseWithLength(bytes, n);
        const cJSON *definitions = cJSON_GetObjectItemCaseSensitive(schema, "$defs");
        const cJSON *permission = cJSON_GetObjectItemCaseSensitive(definitions, "permission");
        const cJSON *choices = cJSON_GetObjectItemCaseSensitive(permission, "anyOf");
        const cJSON *words = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(choices, 0), "enum");
        const cJSON *one;

        assert_true(cJSON_GetArraySize(words) > 0);
        cJSON_ArrayForEach(one, words) {
                if (!is_known(one->valuestring))
                        fail_msg("the schema offers `%s`, which no kind has", one->valuestring);
        }
        for (uint8_t space = 0; space < _NAMESPACE_N; space++)
                if (offered_spaces() & (1u << space))
                        check_all_offered(words, &permission_table_builtin()->items[space]);
        cJSON_Delete(schema);
        mem_free(frame);
}

/* What stands below the keys, of a list its place: `items`, `1`. */
static const cJSON *schema_at(const cJSON *node, const char *const *keys, size_t n) {
        for (size_t i = 0; i < n; i++) {
                node = cJSON_IsArray(node) ? cJSON_GetArrayItem(node, atoi(keys[i]))
                                           : cJSON_GetObjectItemCaseSensitive(node, keys[i]);
                if (!node)
                        fail_msg("the schema has no `%s` where it is looked for", keys[i]);
        }
        return node;
}
#define SCHEMA_AT(schema, ...) \
        schema_at(schema, (const char *const[]){__VA_ARGS__}, \
                  sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void test_kinds_of_the_schemas(void **state) {
        Mem *frame = mem_new(NULL, char);
        size_t n;
        cJSON *charter = cJSON_Parse(fixture_read(frame, SOURCE_ROOT "/config/charter.schema.json", &n));
        cJSON *settings = cJSON_Parse(fixture_read(frame, SOURCE_ROOT "/config/settings.schema.json", &n));
        const cJSON *at = SCHEMA_AT(charter, "$defs", "at", "anyOf", "1", "properties");
        const cJSON *words = SCHEMA_AT(settings, "$defs", "organization", "properties", "experimental", "items", "enum");
        size_t n_experimental = 0;

        for (Kind kind = 0; kind < _KIND_N; kind++) {
                const char *key = kind_row(kind)->key;
                bool is_experimental = kind_has(kind, KIND_IS_EXPERIMENTAL);
                bool is_below = kind_namespace(kind) >= 0 && kind != KIND_PROJECT && kind != KIND_ORGANIZATION;

                n_experimental += is_experimental;
                if (is_below != cJSON_HasObjectItem(at, key))
                        fail_msg("charter.schema.json: `at` %s `%s`", is_below ? "does not offer" : "offers", key);
                if (is_experimental != is_offered(words, key))
                        fail_msg("settings.schema.json: `experimental` %s `%s`", is_experimental ? "does not offer" : "offers", key);
        }
        assert_int_equal(cJSON_GetArraySize(words), n_experimental);
        cJSON_Delete(charter);
        cJSON_Delete(settings);
        mem_free(frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_variables),
                cmocka_unit_test(test_open_variables),
                cmocka_unit_test(test_text_after_expansion_is_bounded),
                cmocka_unit_test(test_names_of_variables),
                cmocka_unit_test(test_addresses_in_one_spelling),
                cmocka_unit_test(test_paths_in_one_spelling),
                cmocka_unit_test(test_groups_every_project_has),
                cmocka_unit_test(test_words_of_the_schema),
                cmocka_unit_test(test_kinds_of_the_schemas),
        };

        fixture_enter();
        return cmocka_run_group_tests(tests, NULL, NULL);
}

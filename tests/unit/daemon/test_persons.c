/* SPDX-License-Identifier: Apache-2.0 */
/* Persons: wherever people are named in a change they are not any more, and everything else is as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/persons.h"

#define ANA_KEY "0f8fad5b-d9cb-469f-a165-70867728950e"
#define ZOE_KEY "7c9e6679-7425-40de-944b-e07fc1f90ae7"

static Mem *mem;
static Persons *persons;

static int setup(void **state) {
        mem = mem_new(NULL, char);
        persons = persons_new(mem);
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static const JsonNode *parse(const char *line) {
        const char *reason = NULL;
        JsonNode *node = NULL;

        if (line && json_parse(mem, line, strlen(line), &node, &reason) < 0)
                fail_msg("%s: %s", line, reason);
        return node;
}

static AccountChange hide(const char *intent, const char *outcome, const char *attribution) {
        AccountChange change = {.intent = parse(intent),
                                .outcome = parse(outcome),
                                .attribution = parse(attribution),
                                .line = intent,
                                .outcome_line = outcome,
                                .attribution_line = attribution};

        return persons_hide(persons, mem, &change);
}

static void assert_line(const char *intent, const char *wanted) {
        assert_string_equal(hide(intent, NULL, NULL).line, wanted);
}

static void test_principal(void **state) {
        assert_line("{\"record\": \"intent\",\"principal\": \"ana@contoso.com\",\"person\": true,\"storage_key\": \"" ANA_KEY "\","
                    "\"description\": \"remove_member Ana@Contoso.com from [MLOps]\\\\Red\",\"step\": {\"before\": null,\"rank\": 7}}",
                    "{\"record\": \"intent\",\"principal\": \"person 1\",\"person\": true,\"storage_key\": \"person 1\","
                    "\"description\": \"remove_member person 1 from [MLOps]\\\\Red\",\"step\": {\"before\": null,\"rank\": 7}}");
        /* The same one elsewhere, by the key alone; and somebody else. */
        assert_line("{\"principal\": \"CONTOSO\\\\ana\",\"storage_key\": \"" ANA_KEY "\"}",
                    "{\"principal\": \"person 1\",\"storage_key\": \"person 1\"}");
        assert_line("{\"principal\": \"ben@contoso.com\",\"token\": \"x/CONTOSO\\\\ana/y\"}",
                    "{\"principal\": \"person 2\",\"token\": \"x/person 1/y\"}");
}

static void test_groups_stay(void **state) {
        static const char *const lines[] = {
                "{\"principal\": \"[MLOps]\\\\Data Science A\",\"storage_key\": \"" ANA_KEY "\",\"team\": \"Data Science A\"}",
                "{\"principal\": \"MLOps Build Service (contoso)\",\"person\": false,\"storage_key\": \"" ANA_KEY "\"}",
                ("{\"principal\": null,\"list\": {\"inherit\": true,\"entries\": [{\"descriptor\": "
                 "\"Microsoft.TeamFoundation.Identity;S-1-9-1\",\"allow\": 1}]}}"),
                "{\"a\": \"\\u00fc \\\"x\\\" \\\\ \\n\",\"b\": [1, true, \"@\", \"a @ b\", \"@x\", \"x@\"]}",
        };

        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
                const char *hidden = hide(lines[i], NULL, NULL).line;

                /* Escapes may be written otherwise. */
                assert_int_equal(json_count(parse(hidden)), json_count(parse(lines[i])));
                if (!strstr(lines[i], "\\u"))
                        assert_string_equal(hidden, lines[i]);
        }
}

static void test_who_brought_it_about(void **state) {
        AccountChange hidden =
                hide("{\"principal\": \"[MLOps]\\\\Red\",\"step\": {\"attribution\": {\"state\": \"asked\",\"reason\": \"not yet\"}}}",
                     "{\"result\": \"failed\",\"message\": \"TF1: Zoe Zimmer (zoe@contoso.com, " ZOE_KEY ") may not; ask Zoe Zimmermann.\"}",
                     "{\"record\": \"attribution\",\"attribution\": {\"state\": \"known\",\"actor\": \"Zoe Zimmer\",\"account\": "
                     "\"zoe@contoso.com\",\"actor_id\": \"" ZOE_KEY "\",\"address\": \"203.0.113.7\",\"client\": \"Mozilla/5.0\","
                     "\"mechanism\": \"PAT\",\"time\": \"2026-04-01T09:00:00Z\"}}");

        assert_string_equal(hidden.outcome_line,
                            "{\"result\": \"failed\",\"message\": \"TF1: person 1 (person 1, person 1) may not; ask Zoe Zimmermann.\"}");
        assert_string_equal(hidden.attribution_line,
                            "{\"record\": \"attribution\",\"attribution\": {\"state\": \"known\",\"actor\": \"person 1\",\"account\": "
                            "\"person 1\",\"actor_id\": \"person 1\",\"address\": \"(not shown)\",\"client\": \"(not shown)\","
                            "\"mechanism\": \"PAT\",\"time\": \"2026-04-01T09:00:00Z\"}}");
        assert_string_equal(json_get_text(json_get(hidden.attribution, "attribution"), "actor"), "person 1");
        assert_null(hide("{}", NULL, NULL).outcome);
}

static void test_whole_lists(void **state) {
        assert_line("{\"principal\": null,\"entries\": [{\"descriptor\": "
                    "\"Microsoft.IdentityModel.Claims.ClaimsIdentity;t\\\\eve@contoso.com\"},{\"descriptor\": \"aad.QWxpY2U\"}],"
                    "\"m\": \"eve@contoso.com.\"}",
                    "{\"principal\": null,\"entries\": [{\"descriptor\": \"person 1\"},{\"descriptor\": \"person 2\"}],"
                    "\"m\": \"person 3.\"}");
}

/* What is a word of the form is no name. */
static void test_a_person_called_like_a_word(void **state) {
        assert_line("{\"record\": \"intent\",\"principal\": \"done\",\"result\": \"done\",\"verb\": \"done\",\"message\": \"done\"}",
                    "{\"record\": \"intent\",\"principal\": \"person 1\",\"result\": \"done\",\"verb\": \"done\",\"message\": "
                    "\"person 1\"}");
}

static void test_too_many(void **state) {
        Mem *all = mem;

        for (int i = 0; i < PERSONS_NAMES_MAX; i++) {
                mem = mem_new(NULL, char);
                (void)hide(mem_printf(mem, "{\"principal\": \"p%d@contoso.com\"}", i), NULL, NULL);
                mem_free(mem);
        }
        mem = all;
        assert_line("{\"principal\": \"one@more\"}", "{\"principal\": \"a person\"}");
        assert_line("{\"principal\": \"p7@contoso.com\"}", "{\"principal\": \"person 8\"}");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_principal, setup, teardown),
                cmocka_unit_test_setup_teardown(test_groups_stay, setup, teardown),
                cmocka_unit_test_setup_teardown(test_who_brought_it_about, setup, teardown),
                cmocka_unit_test_setup_teardown(test_whole_lists, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_person_called_like_a_word, setup, teardown),
                cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

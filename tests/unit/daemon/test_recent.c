/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the last changes in the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/recent.h"

#define INTENT_OF(origin, id, name)                                                                                     \
        "{\"record\": \"intent\", \"time\": \"T" id "\", \"change_id\": \"" id "\", \"organization\": \"o\", "           \
        "\"project\": \"P\", " origin ", \"principal\": \"[P]\\\\Red\", \"step\": {\"verb\": \"set_entry\", "              \
        "\"kind\": \"repositories\", \"name\": \"" name "\", \"why\": \"c.yaml:3\", "                                   \
        "\"permissions\": [{\"word\": \"Read\", \"before\": \"not set\", \"after\": \"allow\"}]}}\n"
#define INTENT(id, name) INTENT_OF("\"origin\": \"drift\"", id, name)
#define OUTCOME(id, result) "{\"record\": \"outcome\", \"change_id\": \"" id "\", \"result\": \"" result "\"}\n"
#define ATTRIBUTION(id)                                                                                                 \
        "{\"record\": \"attribution\", \"change_id\": \"" id "\", \"attribution\": {\"state\": \"known\", "                \
        "\"actor\": \"Zoe\", \"time\": \"2026-04-01T09:10:00.000Z\"}}\n"
#define PASS "{\"record\": \"pass\", \"pass\": \"p\"}\n"

static Mem *mem;
static const JsonNode *changes;

static int setup(void **state) {
        mem = mem_new(NULL, char);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static void read_lines(const char *lines) {
        const char *reason = NULL;
        JsonWriter writer;
        JsonNode *root;
        Text text;

        text_init(&text, mem);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        recent_write_lines(&writer, lines, strlen(lines));
        json_write_object_end(&writer);
        assert_int_equal(json_parse(mem, text.data, text.n, &root, &reason), 0);
        changes = json_get(root, "changes");
        assert_true(json_is_array(changes));
}

static const JsonNode *change(size_t i) {
        const JsonNode *node = json_first(changes);

        while (node && i-- > 0)
                node = json_next(node);
        assert_non_null(node);
        return node;
}

static void test_changes_and_their_outcomes(void **state) {
        read_lines(INTENT("1", "a") INTENT("2", "\\u001bb") OUTCOME("1", "done") PASS INTENT("3", "c") OUTCOME("3", "unknown")
                           OUTCOME("3", "failed"));
        assert_int_equal(json_count(changes), 3);
        assert_string_equal(json_get_text(change(0), "change_id"), "3");
        assert_string_equal(json_get_text(change(0), "result"), "failed");
        assert_string_equal(json_get_text(change(1), "what"),
                            "P: [P]\\Red at repository \\x1bb: Read: not set -> allow (c.yaml:3)");
        assert_null(json_get_text(change(1), "result"));
        assert_string_equal(json_get_text(change(2), "time"), "T1");
        assert_string_equal(json_get_text(change(2), "result"), "done");
}

/* In the words of the plan that the change stood in. */
static void test_words_of_each_verb(void **state) {
        static const struct {
                const char *step; /* of the intent, with the verb */
                const char *words;
        } cases[] = {
                {"\"verb\": \"create\", \"kind\": \"repositories\", \"name\": \"train\"", "create repository train"},
                {"\"verb\": \"add_member\", \"kind\": \"teams\", \"name\": \"Red\"", "add ana to [P]\\Red"},
                {"\"verb\": \"remove_member\", \"kind\": \"teams\", \"name\": \"Red\"", "take ana out of [P]\\Red"},
                {"\"verb\": \"set_inherit\", \"kind\": \"areas\", \"name\": \"A\\\\B\", \"before\": \"on\", \"after\": \"off\"",
                 "inheritance of area A\\B: on -> off"},
                {"\"verb\": \"set_role\", \"kind\": \"environments\", \"name\": \"e\", \"before\": \"none\", \"after\": \"User\"",
                 "ana at environment e: role: none -> User"},
                {"\"verb\": \"set_areas\", \"kind\": \"teams\", \"name\": \"Red\", \"before\": \"none\", \"after\": \"A, B\"",
                 "areas of ana: none -> A, B"},
                {"\"verb\": \"remove_admin\", \"kind\": \"teams\", \"name\": \"Red\"", "ana no longer administers team Red"},
                {"\"verb\": \"set_entry\", \"kind\": \"project\", \"name\": \"\"", "ana at project P: how much is not known"},
                {"\"verb\": \"set_entry\", \"kind\": \"repositories\", \"name\": \"\", \"permissions\": ["
                 "{\"word\": \"Read\", \"before\": \"not set\", \"after\": \"allow\"}, "
                 "{\"word\": \"Contribute\", \"before\": \"not set\", \"after\": \"allow\"}, "
                 "{\"word\": \"Force push\", \"before\": \"allow\", \"after\": \"deny\"}]",
                 "ana at the root of repositories: Read, Contribute: not set -> allow; Force push: allow -> deny"},
                {"\"verb\": \"paint\", \"kind\": \"walls\", \"name\": \"w\"", "paint walls w, ana"},
        };

        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                bool is_made = strstr(cases[i].step, "create") != NULL;

                read_lines(mem_printf(mem,
                                      "{\"record\": \"intent\", \"change_id\": \"1\", \"project\": \"P\", \"principal\": %s, "
                                      "\"container\": \"[P]\\\\Red\", \"step\": {%s, \"why\": \"c.yaml:3\"}}\n",
                                      is_made ? "null" : "\"ana\"", cases[i].step));
                assert_string_equal(json_get_text(change(0), "what"), mem_printf(mem, "P: %s (c.yaml:3)", cases[i].words));
        }
}

static void test_what_caused_them(void **state) {
        read_lines(INTENT("1", "a") INTENT_OF("\"origin\": \"charter\"", "2", "a") INTENT_OF("\"undo\": \"x-1\"", "3", "a"));
        assert_string_equal(json_get_text(change(0), "cause"), "a person, by `charterd undo`");
        assert_string_equal(json_get_text(change(1), "cause"), "the charter");
        assert_null(json_get_text(change(2), "cause"));
        assert_true(json_is_null(json_get(change(2), "attribution")));
        read_lines(INTENT("1", "a") OUTCOME("1", "done") ATTRIBUTION("1"));
        assert_string_equal(json_get_text(change(0), "cause"), "by Zoe at 2026-04-01T09:10:00.000Z");
        assert_string_equal(json_get_text(json_get(change(0), "attribution"), "actor"), "Zoe");
}

static void test_no_changes(void **state) {
        read_lines("");
        assert_int_equal(json_count(changes), 0);
        read_lines(PASS "\n\nnonsense with \"change_id\"\n" PASS OUTCOME("9", "done"));
        assert_int_equal(json_count(changes), 0);
}

static void test_no_more_than_so_many(void **state) {
        Text text;

        text_init(&text, mem);
        for (int i = 0; i < RECENT_CHANGES_MAX; i++)
                text_append(&text, INTENT("old", "a"));
        text_append(&text, INTENT("new", "a"));
        read_lines(text.data);
        assert_int_equal(json_count(changes), RECENT_CHANGES_MAX);
        assert_string_equal(json_get_text(change(0), "change_id"), "new");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_changes_and_their_outcomes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_words_of_each_verb, setup, teardown),
                cmocka_unit_test_setup_teardown(test_what_caused_them, setup, teardown),
                cmocka_unit_test_setup_teardown(test_no_changes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_no_more_than_so_many, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

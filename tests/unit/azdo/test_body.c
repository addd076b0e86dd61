/* SPDX-License-Identifier: Apache-2.0 */
/* Body: a list's elements, whole or one at a time, say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"

static int put_name(void *context, Mem *scratch, const JsonNode *element, const char **reasonp) {
        const char *name = body_text(element, "name");

        if (!name)
                return body_fail(reasonp, "an element has no `name`");
        text_appendf(context, "%s;", mem_strdup(scratch, name));
        return 0;
}

static const struct {
        const char *body;
        const char *visited;
        const char *reason; /* NULL: in order */
} LISTS[] = {
        {"{\"count\":0,\"value\":[]}", "", NULL},
        {"{\"value\":[{\"name\":\"a\"},{\"name\":\"b]}\"}],\"count\":2}", "a;b]};", NULL},
        {"\xEF\xBB\xBF{\"value\": [ {\"name\": \"a\"} ]}", "a;", NULL},
        {"{\"count\":3,\"value\":[{\"name\":\"a\"}]}", "a;",
         "the answer's `count` is not the number of its elements"},
        {"{\"value\":[{\"name\":\"a\"},{\"id\":1},{\"name\":\"b\"}]}", "a;", "an element has no `name`"},
        {"{\"value\":[{\"name\":\"a\"},{\"name\":\"a\",\"name\":\"b\"}]}", "a;",
         "a key stands twice in an object"},
        {"{\"value\":[{\"name\":\"a\"},]}", "a;", "an element of the list is missing"},
        {"{\"value\":[{\"name\":\"a\"}", "", "the answer is cut"},
        {"{\"val\\u0075e\":[{\"name\":\"a\"}]}", "",
         "the answer writes the name of its list in an unusual way"},
        {"{\"value\":{\"name\":\"a\"}}", "", "the answer has no list in `value`"},
        {"[{\"name\":\"a\"}]", "", "the answer has no list in `value`"},
        {"{\"value\":[{\"acesDictionary\":{\"a\":{}},\"name\":\"a\"}]}", "",
         "the list is one of access control lists, which was not asked for"},
        {"", "", "the answer is cut"},
};

static void test_each(void **state) {
        for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
                Reply reply = {.body = LISTS[i].body, .n_body = strlen(LISTS[i].body)};
                const char *reason = NULL;
                size_t n = 0;
                Text text;
                int r;

                text_init(&text, NULL);
                r = body_each(&reply, put_name, &text, &n, &reason);
                if ((r < 0) != (LISTS[i].reason != NULL) || strcmp(text.data, LISTS[i].visited) != 0 ||
                    (r < 0 && strcmp(reason, LISTS[i].reason) != 0))
                        fail_msg("row %zu: %d, visited %s, %s", i, r, text.data, reason ? reason : "-");
                text_deinit(&text);
        }
}

/* What is refused whole is refused in pieces, and the other way round. */
static void test_as_a_whole(void **state) {
        for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
                Reply reply = {.body = LISTS[i].body, .n_body = strlen(LISTS[i].body)};
                Mem *mem = mem_new(NULL, char);
                const JsonNode *value = NULL;
                const char *reason = NULL;
                size_t n = 0;
                Text text;
                bool is_read = body_list(mem, &reply, &value, &reason) == 0;

                text_init(&text, mem);
                if (body_each(&reply, put_name, &text, &n, &reason) == 0) {
                        assert_true(is_read);
                        assert_int_equal(n, json_count(value));
                }
                mem_free(mem);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each),
                cmocka_unit_test(test_as_a_whole),
        };

        return cmocka_run_group_tests_name("body", tests, NULL, NULL);
}

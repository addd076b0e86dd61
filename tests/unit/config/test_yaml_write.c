/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of YAML that is written: whatever tree it is, it reads back as that tree, and looks as people write it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/yaml_write.h"

enum {
        TREES = 3000,
        DEPTH_MAX = 5,
        CHILDREN_MAX = 4,
};

/* --- what is read is what was written ----------------------------------------------------------------------------- */

static void check_same(const YamlOut *written, const YamlNode *read, const char *bytes) {
        if (written->type != read->type || written->n != read->n)
                fail_msg("another type or number of items in\n%s", bytes);
        if (written->type == YAML_TEXT && strcmp(written->text, read->text) != 0)
                fail_msg("`%s` was read as `%s` in\n%s", written->text, read->text, bytes);
        for (size_t i = 0; i < written->n; i++) {
                if (written->type == YAML_MAP && strcmp(written->keys[i], read->keys[i]->text) != 0)
                        fail_msg("the key `%s` was read as `%s` in\n%s", written->keys[i], read->keys[i]->text, bytes);
                check_same(written->items[i], read->items[i], bytes);
        }
}

static void check_back(Mem *frame, const YamlOut *root) {
        YamlNode *read = NULL;
        DiagList diags;
        Text text, told;

        diag_list_init(&diags, frame);
        text_init(&text, frame);
        text_init(&told, frame);
        yaml_write(root, &text);
        (void)yaml_parse(frame, text.data, text.n, "written", &diags, &read);
        diag_list_print(&diags, &told);
        if (!read || diags.n > 0)
                fail_msg("%s in\n%s", told.data, text.data);
        check_same(root, read, text.data);
}

/* --- odd text ----------------------------------------------------------------------------------------------------- */

static const char *const odd[] = {
        "yes", "no", "Null", "~", "null", "true", "0x1", "1e3", "12", "-", "- a", "--- a", "... b", "? a", ": a", "a: b",
        "a #b", "#a", "'", "\"", "\\", "\\n", "{team}", "{{", "}", "[a]", "a]", "a, b", "&a", "*a", "!a", "|", ">", "%a",
        "@a", "`a", " a", "a ", "  ", "a  b", "a\tb", "\t", "a\nb", "\n", "\r\n", "a\x7f", "a\x01z", "\xc2\x85", "\xc2\xa0",
        "\xe2\x80\xa8", "\xe2\x80\xae" "abc", "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf0\x9f\xbf\xbf",
        "\xc3\x9c" "bung", "\xe6\x97\xa5\xe6\x9c\xac", "e\xcc\x81", "=", "<<", ".inf", "2026-11-25", "a:", "a://b", "://",
        "https://dev.azure.com/contoso", "7d0d5bb4-0f3f-4a52-8ac5-5dbb4a2f3a10", "Data Science A", "o'brien@contoso.com",
        "C:\\temp", "a/b", "/", "y", "Off", "NaN", "0", "+1", "1_000", "12:30", "", "[]", "{}", "\xed\x9f\xbf", "\xee\x80\x80",
        "a \xe2\x80\x8b" "b", "\xc2\xad", "key: value # not", "'quoted'", "\"quoted\"", "%TAG", "a|b", "x{y}z", "(a)", "a+b",
};
enum { N_ODD = sizeof odd / sizeof *odd };

static void test_odd_texts(void **state) {
        Mem *frame = mem_new(NULL, char);
        YamlOut *root = yaml_out_map(frame), *flow = yaml_out_map(frame), *list = yaml_out_list(frame);

        for (size_t i = 0; i < N_ODD; i++) {
                YamlOut *item = yaml_out_set(root, odd[i], yaml_out_text(frame, odd[i]));

                yaml_out_comment(item, "%s", odd[i]);
                item->remark = odd[i];
                yaml_out_set(flow, odd[i], yaml_out_text(frame, odd[i]));
                yaml_out_add(list, yaml_out_text(frame, odd[i]));
        }
        check_back(frame, root);
        check_back(frame, flow);
        check_back(frame, list);
        for (size_t i = 0; i < N_ODD; i++) {
                YamlOut *one = yaml_out_map(frame), *inner = yaml_out_list(frame);

                yaml_out_set(one, odd[i], yaml_out_add(inner, yaml_out_text(frame, odd[i])));
                check_back(frame, one);
                check_back(frame, yaml_out_text(frame, odd[i]));
        }
        mem_free(frame);
}

static char *long_text(Mem *frame, const char *piece, size_t n) {
        Text text;

        text_init(&text, frame);
        for (size_t i = 0; i < n; i++)
                text_append(&text, piece);
        return text.data;
}

/* libyaml looks no further than 1024 characters for the end of a key. */
static void test_long_keys(void **state) {
        static const char *const pieces[] = {"a", "a b", "\x01", "\xe2\x80\xae", "\xf0\x9f\x98\x80", "'"};
        static const size_t counts[] = {99, 101, 333, 500, 998, 1000, 1001, 1022, 1023, 1024, 1025, 4000};
        Mem *frame = mem_new(NULL, char);

        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
                for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
                        YamlOut *root = yaml_out_map(frame), *inner = yaml_out_map(frame), *list = yaml_out_list(frame);
                        const char *key = long_text(frame, pieces[i], counts[k]);

                        yaml_out_set(inner, "first", yaml_out_text(frame, key));
                        yaml_out_set(inner, key, yaml_out_word(frame, "true"));
                        yaml_out_add(list, inner);
                        yaml_out_set(root, key, inner);
                        yaml_out_set(root, "list", list);
                        check_back(frame, root);
                }
        mem_free(frame);
}

/* --- any tree ----------------------------------------------------------------------------------------------------- */

static char *random_text(Mem *frame) {
        static const char *const pieces[] = {"a", "B", " ", ":", "-", "#", "'", "\"", "\\", "{", "}", "[", "]", ",", "\n", "\t",
                                             "\xc3\xa9", "\xe2\x80\xa9", "\x1b", "1", ".", "/", "&", "*", "!", "|", ">", "?", "%", "\r"};
        Text text;

        if (rand() % 3 == 0)
                return mem_strdup(frame, odd[rand() % N_ODD]);
        text_init(&text, frame);
        for (int i = rand() % 12; i >= 0; i--)
                text_append(&text, pieces[(size_t)rand() % (sizeof pieces / sizeof *pieces)]);
        return text.data;
}

static YamlOut *random_tree(Mem *frame, int depth) {
        int sort = depth == DEPTH_MAX ? 0 : rand() % 3;
        YamlOut *node;

        if (sort == 0)
                return yaml_out_text(frame, random_text(frame));
        node = sort == 1 ? yaml_out_list(frame) : yaml_out_map(frame);
        node->style = (YamlWriteStyle)(rand() % (YAML_WRITE_BLOCK + 1));
        for (int i = rand() % CHILDREN_MAX; i > 0; i--) {
                YamlOut *item = random_tree(frame, depth + 1);

                if (rand() % 8 == 0)
                        yaml_out_comment(item, "%s", random_text(frame));
                if (rand() % 8 == 0)
                        item->remark = random_text(frame);
                item->is_apart = rand() % 8 == 0;
                if (sort == 1)
                        yaml_out_add(node, item);
                else
                        yaml_out_set(node, mem_printf(frame, "%d%s", i, random_text(frame)), item);
        }
        return node;
}

static void test_any_tree(void **state) {
        srand(20261125);
        for (int i = 0; i < TREES; i++) {
                Mem *frame = mem_new(NULL, char);

                check_back(frame, random_tree(frame, 0));
                mem_free(frame);
        }
}

/* --- as people write it ------------------------------------------------------------------------------------------- */

static YamlOut *words(Mem *frame, const char *const *texts, size_t n) {
        YamlOut *list = yaml_out_list(frame);

        for (size_t i = 0; i < n; i++)
                yaml_out_add(list, yaml_out_text(frame, texts[i]));
        return list;
}

static void test_looks(void **state) {
        static const char *const people[] = {"ana@contoso.com", "ben@contoso.com"};
        static const char wanted[] = "# one\n"
                                     "#\n"
                                     "charter: \"1\"\n"
                                     "organization: https://dev.azure.com/contoso\n"
                                     "teams:\n"
                                     "  # of the seaside\n"
                                     "  \"0x1\": { kit: data-science, members: [ana@contoso.com, ben@contoso.com] }\n"
                                     "  \"yes\":\n"
                                     "    members:\n"
                                     "      - { group: \"a: b\" }  # a person\n"
                                     "    grants:\n"
                                     "      - at: project\n"
                                     "        allow: []\n"
                                     "    confined: true\n";
        Mem *frame = mem_new(NULL, char);
        YamlOut *root = yaml_out_map(frame), *teams = yaml_out_map(frame), *one = yaml_out_map(frame);
        YamlOut *two = yaml_out_map(frame), *member = yaml_out_map(frame), *members = yaml_out_list(frame);
        YamlOut *rule = yaml_out_map(frame), *grants = yaml_out_list(frame);
        Text text;

        root->style = teams->style = YAML_WRITE_BLOCK;
        yaml_out_comment(root, "one");
        yaml_out_comment(root, "%s", "");
        yaml_out_set(root, "charter", yaml_out_text(frame, "1"));
        yaml_out_set(root, "organization", yaml_out_text(frame, "https://dev.azure.com/contoso"));
        yaml_out_set(root, "teams", teams);
        yaml_out_comment(yaml_out_set(teams, "0x1", one), "of the seaside");
        yaml_out_set(one, "kit", yaml_out_text(frame, "data-science"));
        yaml_out_set(one, "members", words(frame, people, 2));
        yaml_out_set(teams, "yes", two);
        yaml_out_set(two, "members", members);
        yaml_out_add(members, member)->remark = "a person";
        yaml_out_set(member, "group", yaml_out_text(frame, "a: b"));
        yaml_out_set(two, "grants", grants);
        yaml_out_add(grants, rule)->style = YAML_WRITE_BLOCK;
        yaml_out_set(rule, "at", yaml_out_text(frame, "project"));
        yaml_out_set(rule, "allow", yaml_out_list(frame));
        yaml_out_set(two, "confined", yaml_out_word(frame, "true"));
        text_init(&text, frame);
        yaml_write(root, &text);
        assert_string_equal(text.data, wanted);
        assert_int_equal(yaml_write_lines(root), 14);
        mem_free(frame);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_odd_texts),
                cmocka_unit_test(test_long_keys),
                cmocka_unit_test(test_any_tree),
                cmocka_unit_test(test_looks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

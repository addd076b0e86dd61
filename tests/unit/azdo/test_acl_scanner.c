/* SPDX-License-Identifier: Apache-2.0 */
/* AclScanner: the same pieces wherever the bytes are cut; nothing malformed gets by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/acl_scanner.h"
#include "tests/unit/azdo/fixture.h"

/* What came, one piece a line; each is read as strictly as the reader does. */
typedef struct Record {
        Text text;
} Record;

static int note(Record *record, const char *what, const char *bytes, size_t n,
                const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        JsonNode *node = NULL;
        int r = json_parse(scratch, bytes, n, &node, reasonp);

        mem_free(scratch);
        text_appendf(&record->text, "%s %.*s\n", what, (int)n, bytes);
        return r;
}

static int on_entry(void *context, const char *bytes, size_t n, const char **reasonp) {
        return note(context, "entry", bytes, n, reasonp);
}

static int on_list(void *context, const char *bytes, size_t n, const char **reasonp) {
        return note(context, "list", bytes, n, reasonp);
}

static int on_document(void *context, const char *bytes, size_t n, const char **reasonp) {
        return note(context, "document", bytes, n, reasonp);
}

static const AclScannerEvents events = {on_entry, on_list, on_document};

/* The record of a document fed in two parts, or the sentence that refuses it after `! `. */
static char *scan(Mem *mem, const char *bytes, size_t n, size_t cut) {
        Record record;
        AclScanner *scanner = acl_scanner_new(mem, &events, &record);

        text_init(&record.text, mem);
        acl_scanner_begin(scanner);
        if (acl_scanner_feed(scanner, bytes, cut) == 0 &&
            acl_scanner_feed(scanner, bytes + cut, n - cut) == 0 && acl_scanner_end(scanner) == 0) {
                assert_null(acl_scanner_error(scanner));
                return record.text.data;
        }
        return mem_printf(mem, "! %s", acl_scanner_error(scanner));
}

static char *scan_bytewise(Mem *mem, const char *bytes, size_t n) {
        Record record;
        AclScanner *scanner = acl_scanner_new(mem, &events, &record);

        text_init(&record.text, mem);
        acl_scanner_begin(scanner);
        for (size_t i = 0; i < n; i++)
                if (acl_scanner_feed(scanner, bytes + i, 1) < 0)
                        break;
        if (acl_scanner_end(scanner) < 0)
                return mem_printf(mem, "! %s", acl_scanner_error(scanner));
        return record.text.data;
}

/* Every cut, and every byte alone, gives the same. */
static const char *scan_all(Mem *mem, const char *bytes, size_t n) {
        char *whole = scan(mem, bytes, n, n);

        for (size_t cut = 0; cut < n; cut++) {
                Mem *scratch = mem_alloc_zero(mem, 1, "scratch");

                assert_string_equal(scan(scratch, bytes, n, cut), whole);
                mem_free(scratch);
        }
        assert_string_equal(scan_bytewise(mem, bytes, n), whole);
        return whole;
}

typedef struct Row {
        const char *document;
        const char *result;
} Row;

static const Row rows[] = {
        {"{\"count\":0,\"value\":[]}", "document {\"count\":0,\"value\":[]}\n"},
        {"{\"value\":[{\"token\":\"a\",\"acesDictionary\":{}}]}",
         "list {\"token\":\"a\",\"acesDictionary\":{}}\ndocument {\"value\":[]}\n"},
        {"{\"value\":[{\"acesDictionary\":{\"x\":{\"allow\":1},\"y\":{\"deny\":2}},\"token\":\"a\"},{\"token\":\"b\"}],"
         "\"count\":2}",
         "entry {\"x\":{\"allow\":1}}\nentry {\"y\":{\"deny\":2}}\nlist {\"acesDictionary\":{},\"token\":\"a\"}\n"
         "list {\"token\":\"b\"}\ndocument {\"value\":[],\"count\":2}\n"},
        {" { \"value\" : [ { \"acesDictionary\" : { \"x\" : { } } } ] } \r\n",
         "entry { \"x\" : { } }\nlist  { \"acesDictionary\" : {} } \ndocument  { \"value\" : [] } \r\n\n"},
        /* Brackets, quotes and keys within texts are texts. */
        {"{\"value\":[{\"token\":\"]}\\\"[{,\\\\\",\"acesDictionary\":{\"a\\\"}]:\":{\"b\":\"\\\\\"}}}]}",
         "entry {\"a\\\"}]:\":{\"b\":\"\\\\\"}}\nlist {\"token\":\"]}\\\"[{,\\\\\",\"acesDictionary\":{}}\n"
         "document {\"value\":[]}\n"},
        {"{\"value\":[{\"token\":\"acesDictionary\",\"acesDictionary\":{}}]}",
         "list {\"token\":\"acesDictionary\",\"acesDictionary\":{}}\ndocument {\"value\":[]}\n"},
        /* The same words elsewhere are not those keys. */
        {"{\"x\":{\"value\":[1]},\"value\":[]}", "document {\"x\":{\"value\":[1]},\"value\":[]}\n"},
        {"{\"value\":[{\"x\":{\"acesDictionary\":{\"a\":1}}}]}",
         "list {\"x\":{\"acesDictionary\":{\"a\":1}}}\ndocument {\"value\":[]}\n"},
        {"{\"values\":[1],\"valu\":[2],\"value\":{\"a\":1}}",
         "document {\"values\":[1],\"valu\":[2],\"value\":{\"a\":1}}\n"},
        {"{\"value\":null}", "document {\"value\":null}\n"},
        /* A key written with escapes is not cut out; its reader then finds the container full. */
        {"{\"val\\u0075e\":[1]}", "document {\"val\\u0075e\":[1]}\n"},
        {"\xEF\xBB\xBF{\"value\":[]}", "document \xEF\xBB\xBF{\"value\":[]}\n"},
        {"[]", "document []\n"},
        {"5", "document 5\n"},
        /* Cut. */
        {"", "! the answer is cut"},
        {"{", "! the answer is cut"},
        {"{\"value\":[{\"a\":1}", "! the answer is cut"},
        {"{\"value\":[{\"a\":1}]", "! the answer is cut"},
        {"{\"value\":[{\"acesDictionary\":{\"a\":{}", "! the answer is cut"},
        {"{\"value\":\"", "! the answer is cut"},
        {"{\"value\":\"\\", "! the answer is cut"},
        /* Malformed where the scanner itself looks. */
        {"{\"value\":[,]}", "! an element of the list is missing"},
        {"{\"value\":[{},]}", "! an element of the list is missing"},
        {"{\"value\":[{},,{}]}", "! an element of the list is missing"},
        {"{\"value\":[{\"acesDictionary\":{\"a\":1,}}]}", "! an element of the list is missing"},
        {"{\"value\":[{}}", "! a bracket is closed by another one"},
        {"{\"value\":[{\"acesDictionary\":{]", "! a bracket is closed by another one"},
        {"}", "! a bracket closes nothing"},
        {"{}]", "! a bracket closes nothing"},
        /* Malformed where the pieces are read. */
        {"{\"value\":[{\"a\":1]]}", "! a comma expected"},
        {"{\"value\":[{} {}]}", "! bytes after the document"},
        {"{\"value\":[{\"acesDictionary\":{\"a\":1 \"b\":2}}]}", "! a comma expected"},
        {"{\"value\":[{\"acesDictionary\":{1:2}}]}", "! text expected"},
        {"{\"value\":[]}{}", "! bytes after the document"},
        {"{\"value\":[],\"value\":[]}", "! a key stands twice in an object"},
        {"{\"value\":[{\"acesDictionary\":{},\"acesDictionary\":{}}]}",
         "! a key stands twice in an object"},
        {"{\"value\":[{\"token\":\"a\\u0000b\"}]}", "! \\u0000 in text"},
        {"{\"value\":[{\"acesDictionary\":{\"a\\u0000\":{}}}]}", "! \\u0000 in text"},
        {"{\"value\":[{\"token\":\"\xC3\"}]}", "! not valid UTF-8"},
        {"{\"value\":[{\"acesDictionary\":{\"\xFF\":{}}}]}", "! not valid UTF-8"},
        {"{\"value\":[]\x80}", "! not valid UTF-8"},
        {"{\"value\":[{\"token\":\"a\nb\"}]}", "! a control character in text"},
};

static void test_rows(void **state) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "test");

                assert_string_equal(scan_all(mem, rows[i].document, strlen(rows[i].document)),
                                    rows[i].result);
                mem_free(mem);
        }
}

static void test_nul_byte(void **state) {
        static const char inside[] = "{\"value\":[{\"token\":\"a\0b\"}]}";
        static const char between[] = "{\"value\":[\0]}";
        Mem *mem = mem_alloc_zero(NULL, 1, "test");

        assert_int_equal(scan_all(mem, inside, sizeof inside - 1)[0], '!');
        assert_int_equal(scan_all(mem, between, sizeof between - 1)[0], '!');
        mem_free(mem);
}

static void test_fixtures(void **state) {
        static const char *const names[] = {"acl_recurse", "acl_extended", "acl_synthetic",
                                            "acl_one_synthetic", "acl_after_removal"};

        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "test");
                Reply *reply = fixture_reply(mem, names[i]);

                assert_int_not_equal(scan_all(mem, reply->body, reply->n_body)[0], '!');
                mem_free(mem);
        }
}

/* Nesting is refused where JSON's reader would refuse it, before anything is collected for it. */
static void test_depth(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "test");
        Text text;

        for (int depth = 60; depth < 70; depth++) {
                text_init(&text, mem);
                text_append(&text, "{\"value\":[");
                for (int i = 2; i < depth; i++)
                        text_append(&text, "[");
                for (int i = 2; i < depth; i++)
                        text_append(&text, "]");
                text_append(&text, "]}");
                if (depth <= JSON_DEPTH_MAX)
                        assert_int_not_equal(scan(mem, text.data, text.n, 0)[0], '!');
                else
                        assert_string_equal(scan(mem, text.data, text.n, 0),
                                            "! the answer is nested too deep");
        }
        text_init(&text, mem);
        for (int i = 0; i < 100000; i++)
                text_append(&text, "[");
        assert_string_equal(scan(mem, text.data, text.n, 0), "! the answer is nested too deep");
        mem_free(mem);
}

static char *document_with(Mem *mem, const char *head, size_t n, const char *tail) {
        char *filling = mem_new_array(mem, char, n + 1);

        memset(filling, 'x', n);
        return mem_printf(mem, "%s%s%s", head, filling, tail);
}

static void test_element_limit(void **state) {
        static const struct {
                const char *head, *tail;
                size_t around; /* bytes of the piece besides the filling */
        } places[] = {
                {"{\"value\":[{\"token\":\"", "\"}]}", 12},
                {"{\"value\":[{\"acesDictionary\":{\"a\":\"", "\"}}]}", 7},
                {"{\"x\":\"", "\",\"value\":[]}", 19},
        };

        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
                Mem *mem = mem_alloc_zero(NULL, 1, "test");
                size_t room = ACL_ELEMENT_MAX - places[i].around;
                char *fits = document_with(mem, places[i].head, room, places[i].tail);
                char *larger = document_with(mem, places[i].head, room + 1, places[i].tail);

                assert_int_not_equal(scan(mem, fits, strlen(fits), 7)[0], '!');
                assert_string_equal(scan(mem, larger, strlen(larger), 7),
                                    "! an element of the list is larger than charterd reads");
                mem_free(mem);
        }
}

/* Many elements are no large element. */
static void test_long_document(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "test");
        Text text;

        text_init(&text, mem);
        text_append(&text, "{\"value\":[{}");
        while (text.n < 3 * ACL_ELEMENT_MAX)
                text_append(
                        &text,
                        ",{\"token\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}");
        text_append(&text, "]}");
        assert_int_not_equal(scan(mem, text.data, text.n, text.n / 2)[0], '!');
        mem_free(mem);
}

/* After a refusal nothing more is taken; a new beginning forgets it. */
static void test_begins_again(void **state) {
        static const char document[] = "{\"value\":[{\"token\":\"b\"}]}";
        Mem *mem = mem_alloc_zero(NULL, 1, "test");
        Record record;
        AclScanner *scanner = acl_scanner_new(mem, &events, &record);

        text_init(&record.text, mem);
        for (size_t n = 0; n < sizeof document; n++) {
                record.text.n = 0;
                acl_scanner_begin(scanner);
                assert_int_equal(acl_scanner_feed(scanner, document, n), 0);
                acl_scanner_begin(scanner);
                assert_int_equal(acl_scanner_feed(scanner, "]", 1), -1);
                assert_int_equal(acl_scanner_feed(scanner, document, sizeof document - 1), -1);
                assert_int_equal(acl_scanner_end(scanner), -1);
                record.text.n = 0;
                acl_scanner_begin(scanner);
                assert_null(acl_scanner_error(scanner));
                assert_int_equal(acl_scanner_feed(scanner, document, sizeof document - 1), 0);
                assert_int_equal(acl_scanner_end(scanner), 0);
                assert_string_equal(record.text.data,
                                    "list {\"token\":\"b\"}\ndocument {\"value\":[]}\n");
        }
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_rows),          cmocka_unit_test(test_nul_byte),
                cmocka_unit_test(test_fixtures),      cmocka_unit_test(test_depth),
                cmocka_unit_test(test_element_limit), cmocka_unit_test(test_long_document),
                cmocka_unit_test(test_begins_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

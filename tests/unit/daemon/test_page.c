/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the page for people: cases are pairs of NAME.json and NAME.html in tests/fixtures/page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/html.h"
#include "daemon/page.h"
#include "tests/unit/config/fixture.h"

/* A line an element, so that a difference can be read. */
static void append_in_lines(Text *text, const char *page) {
        for (const char *at = page; *at; at++) {
                if (*at == '<' && at > page && at[-1] == '>')
                        text_append(text, "\n");
                text_append_bytes(text, at, 1);
        }
}

static const PagePicture pictures[] = {
        {.organization = "https://dev.azure.com/contoso/", .project = "MLOps & <b>", .html = "<svg></svg>"},
        {.organization = "https://dev.azure.com/contoso/", .project = "Shop", .missing = "it is too large"},
        {.organization = "https://tfs.contoso.com/tfs/Default\"Collection", .missing = "a pass is running"},
};

static const PageParts parts = {
        .pictures = pictures,
        .n_pictures = sizeof pictures / sizeof *pictures,
        .figures = "<svg></svg>",
        .style = "svg{width:100%}",
};

static void made(Mem *mem, const char *name, Text *page, Text *styles) {
        char *path = mem_printf(mem, "%s.json", name);
        const char *reason = NULL;
        JsonNode *status;
        size_t n;
        char *bytes = fixture_read(mem, path, &n);

        if (json_parse(mem, bytes, n, &status, &reason) < 0)
                fail_msg("%s: %s", path, reason);
        text_init(page, mem);
        text_init(styles, mem);
        page_write(status, &parts, page, styles);
}

static void test_cases(void **state) {
        Mem *mem = mem_new(NULL, char);
        size_t n;
        const char **names = fixture_list(mem, ".", ".json", &n);

        for (size_t i = 0; i < n; i++) {
                Text page, styles, lines;

                made(mem, names[i], &page, &styles);
                text_init(&lines, mem);
                append_in_lines(&lines, page.data);
                fixture_compare(mem_printf(mem, "%s.html", names[i]), lines.data);
        }
        mem_free(mem);
}

/* What is within the style element is what the policy allows. */
static void test_style(void **state) {
        Mem *mem = mem_new(NULL, char);
        Text page, styles, wanted;
        char *begin, *end;

        made(mem, "several", &page, &styles);
        begin = strstr(page.data, "<style>");
        assert_non_null(begin);
        begin += strlen("<style>");
        end = strstr(begin, "</style>");
        assert_non_null(end);
        assert_null(strstr(end + 1, "<style"));
        text_init(&wanted, mem);
        html_append_style_source(&wanted, mem_strndup(mem, begin, (size_t)(end - begin)));
        assert_string_equal(styles.data, wanted.data);
        mem_free(mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_style),
        };

        fixture_enter();
        return cmocka_run_group_tests(tests, NULL, NULL);
}

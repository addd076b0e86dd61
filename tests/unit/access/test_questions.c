/* SPDX-License-Identifier: Apache-2.0 */
/* Questions: fixtures/access/CASE/{live.json,questions.txt}, asked and compared with their answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/access/evaluate.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"

/* A line of questions.txt, fields between bars:
 *   # a comment
 *   ? PROJECT | PRINCIPAL | PLACE | WORD           asks; its answer follows, indented
 *   ! join | PROJECT | CONTAINER | MEMBER          lays over the organisation
 *   ! leave | PROJECT | CONTAINER | MEMBER
 *   ! new | PROJECT | NAME
 *   ! entry | PROJECT | PLACE | PRINCIPAL | ALLOW | DENY     masks
 *   ! inherit | PROJECT | PLACE | on or off
 *   ! name | PROJECT | PLACE | NAME                of a token, for people */
enum {
        FIELDS_MAX = 6,
};

typedef struct Asker {
        Mem *mem;
        Organisation *live;
        AccessView *view;
        const char *new_name;
        Index new_principal;
        Text answers;
} Asker;

static char *trim(char *text) {
        size_t n = 0;

        text += strspn(text, " ");
        n = strlen(text);
        while (n > 0 && text[n - 1] == ' ')
                text[--n] = '\0';
        return text;
}

static void split(char *line, const char *fields[FIELDS_MAX]) {
        for (size_t i = 0; i < FIELDS_MAX; i++) {
                char *piece = line ? strsep(&line, "|") : NULL;

                fields[i] = piece ? trim(piece) : "";
        }
}

static Index principal_of(const Asker *asker, Index project, const char *name) {
        if (asker->new_name && strcmp(asker->new_name, name) == 0)
                return asker->new_principal;
        return live_principal(asker->live, project, name);
}

static void change(Asker *asker, const char *fields[FIELDS_MAX]) {
        Index project = organisation_find_project(asker->live, fields[1]);
        uint8_t space = 0;

        if (strcmp(fields[0], "new") == 0) {
                asker->new_name = fields[2];
                asker->new_principal = access_view_add_principal(
                        asker->view, project, fields[2],
                        mem_printf(asker->mem, "[%s]\\%s", fields[1], fields[2]));
        } else if (strcmp(fields[0], "join") == 0) {
                access_view_add_member(asker->view, principal_of(asker, project, fields[2]),
                                       principal_of(asker, project, fields[3]));
        } else if (strcmp(fields[0], "leave") == 0) {
                access_view_remove_member(asker->view, principal_of(asker, project, fields[2]),
                                          principal_of(asker, project, fields[3]));
        } else if (strcmp(fields[0], "entry") == 0) {
                const char *token = live_token(asker->mem, asker->live, project, fields[2], &space);

                access_view_set_entry(asker->view, space, token,
                                      (AccessControlEntry){
                                              principal_of(asker, project, fields[3]),
                                              (uint32_t)strtoul(fields[4], NULL, 10),
                                              (uint32_t)strtoul(fields[5], NULL, 10),
                                      });
        } else if (strcmp(fields[0], "inherit") == 0) {
                const char *token = live_token(asker->mem, asker->live, project, fields[2], &space);

                access_view_set_inherit(asker->view, space, token, strcmp(fields[3], "on") == 0);
        } else if (strcmp(fields[0], "name") == 0) {
                const char *token = live_token(asker->mem, asker->live, project, fields[2], &space);

                access_view_name_token(asker->view, space, token, fields[3]);
        } else {
                fail_msg("no change is called `%s`", fields[0]);
        }
}

static void ask(Asker *asker, const char *fields[FIELDS_MAX]) {
        static const char *const words[] = {"closed", "open", "unknown"};
        Index project = organisation_find_project(asker->live, fields[0]);
        uint8_t space = 0;
        const char *token = live_token(asker->mem, asker->live, project, fields[2], &space);
        AccessSubject *subject = access_subject_new(asker->mem, asker->view,
                                                    principal_of(asker, project, fields[1]));
        uint32_t bit = permission_bit(&asker->live->permissions.items[space], fields[3]);
        AccessExplanation *explanation = NULL;

        assert_int_not_equal(bit, 0);
        explanation = access_explain(asker->mem, asker->view, subject, space, token, bit);
        text_appendf(&asker->answers, "    %s: %s\n", words[explanation->answer],
                     explanation->reason);
        for (size_t i = 0; i < explanation->n_path; i++)
                text_appendf(&asker->answers, "    > %s\n", explanation->path[i]);
}

static void take_line(Asker *asker, char *line) {
        const char *fields[FIELDS_MAX];
        char *copy = NULL;

        if (line[0] == ' ')
                return; /* an answer: written anew */
        text_appendf(&asker->answers, "%s\n", line);
        if (line[0] != '?' && line[0] != '!')
                return;
        copy = mem_strdup(asker->mem, line + 1);
        split(copy, fields);
        if (line[0] == '?')
                ask(asker, fields);
        else
                change(asker, fields);
}

/* *state: the folder of the case. */
static void test_case(void **state) {
        const char *folder = *state;
        Asker asker = {.mem = mem_alloc_zero(NULL, 1, "case")};
        const char *path = mem_printf(asker.mem, "%s/questions.txt", folder);
        char *lines = live_file(asker.mem, path, NULL);

        text_init(&asker.answers, asker.mem);
        asker.live = live_read(asker.mem, mem_printf(asker.mem, "%s/live.json", folder));
        asker.view = access_view_new(asker.mem, asker.live);
        while (lines && *lines)
                take_line(&asker, strsep(&lines, "\n"));
        golden_compare(path, asker.answers.data);
        mem_free(asker.mem);
}

/* Each case is a test of its name. */
int main(void) {
        Mem *mem = mem_alloc_zero(NULL, 1, "cases");
        size_t n = 0;
        const char **folders = golden_list(mem, "questions.txt", &n);
        struct CMUnitTest *tests = mem_new_array(mem, struct CMUnitTest, n);
        int n_failed = 0;

        for (size_t i = 0; i < n; i++)
                tests[i] = (struct CMUnitTest){
                        .name = strrchr(folders[i], '/') + 1,
                        .test_func = test_case,
                        .initial_state = (void *)folders[i],
                };
        n_failed = _cmocka_run_group_tests("access-questions", tests, n, NULL, NULL);
        mem_free(mem);
        return n_failed;
}

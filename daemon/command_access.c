/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd access`: who can do what on the charter's things, live and as the charter wants it. */
#include <stdio.h>
#include <string.h>

#include "common/access/page.h"
#include "common/base/clock.h"
#include "daemon/command_access.h"
#include "daemon/errand.h"

static int unknown_kind(const char *word) {
        size_t n;
        const char *const *keys = kind_keys(KIND_IS_BUILT, &n);
        const char *nearest = text_nearest(word, keys, n);

        complain("unknown kind `%s` in --at; %s `%s`", word,
                nearest ? "did you mean" : "it is KIND:NAME, for example", nearest ? nearest : "repositories:NAME");
        return EXIT_USAGE;
}

/* `repositories:data-science-a`, `repository:data-science-a`, `project`. */
static int read_at(Mem *mem, const char *text, AccessAt *at) {
        const char *colon;
        char *word;

        *at = (AccessAt){.kind = KIND_PROJECT};
        if (!text)
                return 0;
        colon = strchr(text, ':');
        word = mem_strndup(mem, text, colon ? (size_t)(colon - text) : strlen(text));
        at->kind = kind_by_key(word);
        for (int kind = 0; kind < _KIND_N && at->kind == _KIND_N; kind++)
                if (text_equal(kind_row((Kind)kind)->noun, word))
                        at->kind = (Kind)kind;
        if (at->kind == _KIND_N || !kind_has(at->kind, KIND_IS_BUILT))
                return unknown_kind(word);
        at->name = colon ? colon + 1 : "";
        return 0;
}

/* What was stored has no reasons, of which a page is made. */
static int check_output(const Cli *cli) {
        if (cli->output == OUTPUT_HTML && (cli->when || cli->since)) {
                complain("`access -o html` shows what is live; --when and --since print text, json or csv");
                return EXIT_USAGE;
        }
        return 0;
}

/* Of the things that are asked about; who asks about one team asks about nobody else. */
static void add_exempt(AccessMatrix *matrix, const Plan *plan, const Cli *cli, const AccessAt *at) {
        AccessRemarks all = cli->team ? (AccessRemarks){0} : plan_tell_exempt(matrix, plan);

        for (size_t i = 0; i < all.n; i++) {
                const AccessRemark *remark = &all.items[i];

                if (cli->project && !text_equal(cli->project, remark->project))
                        continue;
                if (at->name && (at->kind != remark->verdict.kind || !text_equal(at->name, remark->verdict.name)))
                        continue;
                *mem_push(matrix, matrix->exempt.items, matrix->exempt.n) = *remark;
        }
}

/* What one run prints, of all its organisations. */
typedef struct Showing {
        const Errand *errand;
        const AccessAt *at;
        AccessPage page; /* OUTPUT_HTML */
        size_t n_shown;
        Text text;
} Showing;

static void print(Showing *showing, const AccessMatrixSpec *asked, const AccessMatrix *matrix) {
        char now[CLOCK_TEXT_SIZE];

        switch (showing->errand->cli->output) {
        case OUTPUT_TEXT:
                access_matrix_print_text(matrix, stdout_has_colour() ? ACCESS_COLOUR : ACCESS_PLAIN, &showing->text);
                break;
        case OUTPUT_JSON:
                access_matrix_print_json(matrix, &showing->text);
                break;
        case OUTPUT_CSV:
                if (showing->n_shown == 0)
                        access_matrix_print_csv_head(&showing->text);
                access_matrix_print_csv(matrix, &showing->text);
                if (matrix->n_left_out > 0)
                        complain("%zu more cells are left out; --project, --team and --at narrow the question",
                                 matrix->n_left_out);
                break;
        case OUTPUT_HTML:
                if (showing->n_shown == 0)
                        access_page_begin(&showing->page, showing->errand->mem);
                access_page_add(&showing->page, &(AccessPageOrganisation){.asked = asked,
                                                                          .matrix = matrix,
                                                                          .read = clock_format(clock_wall_ms(), now)});
                break;
        }
        showing->n_shown++;
}

static int show(Showing *showing, const Engine *engine) {
        const Errand *errand = showing->errand;
        const AccessAt *at = showing->at;
        const Plan *plan = engine_plan(engine);
        AccessMatrixSpec asked = {.project = errand->cli->project,
                                  .team = errand->cli->team,
                                  .at_kind = at->kind,
                                  .at_name = at->name};
        AccessMatrix *matrix;
        int exit_code = EXIT_IN_SYNC;

        if (!plan) {
                complain("%s: %s", engine_spec(engine)->url, engine_error(engine));
                return EXIT_ERROR;
        }
        asked.desired = plan->desired;
        asked.live = plan->current;
        asked.live_names = plan->current_names;
        asked.wanted = plan->wanted;
        asked.wanted_names = plan->wanted_names;
        asked.is_remarks_only = errand->cli->output == OUTPUT_HTML && !(asked.team && asked.at_name);
        matrix = access_matrix_new(errand->mem, &asked);
        if (matrix->error) {
                complain("%s", matrix->error);
                return EXIT_USAGE;
        }
        add_exempt(matrix, plan, errand->cli, at);
        for (size_t i = 0; i < plan->n_projects; i++)
                if (plan->projects[i].state == PLAN_FAILED) {
                        complain("%s: %s", plan->projects[i].name, plan->projects[i].error);
                        exit_code = EXIT_ERROR;
                }
        print(showing, &asked, matrix);
        return exit_code_unite(exit_code, matrix->broken.n > 0 ? EXIT_BROKEN : EXIT_IN_SYNC);
}

static void show_all(Errand *errand, const AccessAt *at) {
        Showing showing = {.errand = errand, .at = at};

        text_init(&showing.text, errand->mem);
        for (size_t i = 0; i < errand->n_keepers; i++)
                errand->exit_code =
                        exit_code_unite(errand->exit_code, show(&showing, keeper_engine(errand->keepers[i])));
        if (errand->cli->output == OUTPUT_HTML && showing.n_shown > 0)
                access_page_end(&showing.page, &showing.text);
        fwrite(showing.text.data, 1, showing.text.n, stdout);
}

static int show_live(const Cli *cli, const AccessAt *at) {
        Errand errand;

        if (errand_begin(&errand, cli, WORKPLACE_READS) == 0) {
                errand_order(&errand,
                             &(EngineOrder){.purpose = PASS_PLAN, .turns = ENGINE_AT_ONCE, .reason = "command"});
                show_all(&errand, at);
        }
        return errand_end(&errand);
}

int command_access(const Cli *cli) {
        Mem *mem = mem_new(NULL, char);
        AccessAt at;
        int r = check_output(cli);

        if (r == 0)
                r = read_at(mem, cli->at, &at);
        if (r == 0)
                r = cli->when || cli->since ? command_access_stored(cli, &at) : show_live(cli, &at);
        mem_free(mem);
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd apply` and `charterd release`: by the running daemon, or by this process when there is none. */
#include <stdio.h>

#include "daemon/errand.h"
#include "daemon/net/client.h"
#include "daemon/report.h"
#include "daemon/wish.h"

static PrintColour colour(void) {
        return stdout_has_colour() ? PRINT_COLOUR : PRINT_PLAIN;
}

/* --- by the daemon -------------------------------------------------------------------------------------------------- */

static void on_line(void *context, const JsonNode *value, const char *line) {
        const char *out = json_get_text(value, "out");

        if (out)
                fputs(out, stdout);
}

static void ask_daemon(Errand *errand) {
        const char *socket = errand->settings->socket, *reason = NULL;
        ClientCall call = {.path = socket,
                           .request = wish_request(errand->mem, errand->cli, colour()),
                           .on_line = on_line};
        int r = client_call(errand->mem, &call, &errand->exit_code, &reason);

        if (r > 0)
                complain("another charterd works on the state directory, and no daemon answers at %s", socket);
        else if (reason)
                complain("%s", reason);
        if (r != 0)
                errand->exit_code = EXIT_ERROR;
}

/* --- by this process ------------------------------------------------------------------------------------------------ */

typedef struct Releasing {
        Errand *errand;
        size_t n_left;
        size_t n_released;
        bool is_unwritten;
} Releasing;

static void on_released(void *context, Keeper *keeper, int result) {
        Releasing *releasing = context;

        releasing->n_released += result == 0;
        releasing->is_unwritten |= result < 0;
        if (--releasing->n_left == 0)
                loop_stop(releasing->errand->workplace->loop);
}

static void say_what_is_held(const Errand *errand, const char *plan_id) {
        Text text;

        text_init(&text, NULL);
        text_appendf(&text, "nothing is held under %s", plan_id);
        for (size_t i = 0; i < errand->n_keepers; i++) {
                const Engine *engine = keeper_engine(errand->keepers[i]);
                const Plan *plan = engine_plan(engine);

                if (plan && plan->plan_id[0])
                        text_appendf(&text, "; %s holds %s", engine_spec(engine)->url, plan->plan_id);
                else if (engine_error(engine))
                        text_appendf(&text, "; %s: %s", engine_spec(engine)->url, engine_error(engine));
        }
        complain("%s; see `charterd plan`", text.data);
        text_deinit(&text);
}

/* What is held now is planned first: only the plan of that id is let go. */
static int release(Errand *errand, const char *plan_id) {
        Releasing releasing = {.errand = errand, .n_left = errand->n_keepers};

        if (errand->n_keepers == 0)
                return -1;
        errand_order(errand, &(EngineOrder){.purpose = PASS_PLAN, .reason = "command"});
        for (size_t i = 0; i < errand->n_keepers; i++)
                keeper_release(errand->keepers[i], plan_id, errand->cli->reason, on_released, &releasing);
        loop_run(errand->workplace->loop);
        if (releasing.is_unwritten)
                complain("the release could not be recorded in %s", errand->workplace->state_directory);
        else if (releasing.n_released == 0)
                say_what_is_held(errand, plan_id);
        if (!releasing.is_unwritten && releasing.n_released > 0)
                return 0;
        errand->exit_code = EXIT_ERROR;
        return -1;
}

static void apply(Errand *errand) {
        ReportSpec report = {.of = REPORT_APPLICATION, .output = errand->cli->output, .colour = colour()};
        Text text;

        errand_order(errand,
                     &(EngineOrder){.purpose = PASS_APPLY, .until_in_sync = true, .reason = "command"});
        text_init(&text, errand->mem);
        for (size_t i = 0; i < errand->n_keepers; i++) {
                const Engine *engine = keeper_engine(errand->keepers[i]);

                report_write(engine, &report, &text);
                errand->exit_code = exit_code_unite(errand->exit_code, engine_exit_code(engine, PLAN_LENIENT));
        }
        fputs(text.data, stdout);
}

static int need_reason(const Cli *cli) {
        if (cli->reason && cli->reason[0])
                return 0;
        complain("a release needs --reason TEXT, which is written into the ledger");
        return EXIT_USAGE;
}

int command_apply(const Cli *cli) {
        Errand errand;
        int r;

        if (cli->release && need_reason(cli) != 0)
                return EXIT_USAGE;
        r = errand_begin(&errand, cli, WORKPLACE_WRITES);
        if (r == WORKPLACE_TAKEN)
                ask_daemon(&errand);
        else if (r == 0 && (!cli->release || release(&errand, cli->release) == 0))
                apply(&errand);
        return errand_end(&errand);
}

int command_release(const Cli *cli) {
        Errand errand;
        int r;

        if (need_reason(cli) != 0)
                return EXIT_USAGE;
        r = errand_begin(&errand, cli, WORKPLACE_WRITES);
        if (r == WORKPLACE_TAKEN)
                ask_daemon(&errand);
        else if (r == 0 && release(&errand, cli->arguments[0]) == 0)
                printf("released: %s; `charterd apply` or the next pass does it\n", cli->arguments[0]);
        return errand_end(&errand);
}

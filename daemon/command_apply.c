/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd apply` and `charterd release`: by the running daemon, or by this process when there is none. */
#include <stdio.h>

#include "daemon/errand.h"
#include "daemon/report.h"

/* What is held now is planned first: only the plan of that id is let go. */
static int release(Errand *errand, const char *plan_id) {
        if (errand->n_keepers == 0)
                return -1;
        errand_order(errand, &(EngineOrder){.purpose = PASS_PLAN, .reason = "command"});
        return errand_release(errand, plan_id);
}

static void apply(Errand *errand) {
        ReportSpec report = {.of = REPORT_APPLICATION, .output = errand->cli->output, .colour = stdout_colour()};
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

int command_apply(const Cli *cli) {
        Errand errand;
        int r;

        if (check_release(cli) != 0)
                return EXIT_USAGE;
        r = errand_begin(&errand, cli, WORKPLACE_WRITES);
        if (r == WORKPLACE_TAKEN)
                errand_ask_daemon(&errand);
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
                errand_ask_daemon(&errand);
        else if (r == 0 && release(&errand, cli->arguments[0]) == 0)
                printf("released: %s; `charterd apply` or the next pass does it\n", cli->arguments[0]);
        return errand_end(&errand);
}

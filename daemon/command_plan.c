/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd plan`: one survey and what would be done; never writes. */
#include <stdio.h>

#include "daemon/errand.h"
#include "daemon/report.h"

int command_plan(const Cli *cli) {
        ReportSpec report = {.of = REPORT_PLAN,
                             .output = cli->output,
                             .colour = stdout_colour()};
        PlanStrictness strictness = cli->strict ? PLAN_STRICT : PLAN_LENIENT;
        Errand errand;
        Text text;

        if (errand_begin(&errand, cli, WORKPLACE_READS) == 0) {
                errand_order(&errand, &(EngineOrder){.purpose = PASS_PLAN, .reason = "command"});
                text_init(&text, errand.mem);
                for (size_t i = 0; i < errand.n_keepers; i++) {
                        const Engine *engine = keeper_engine(errand.keepers[i]);

                        report_write(engine, &report, &text);
                        errand.exit_code =
                                exit_code_unite(errand.exit_code, engine_exit_code(engine, strictness));
                }
                fputs(text.data, stdout);
        }
        return errand_end(&errand);
}

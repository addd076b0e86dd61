/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd undo`: the reverse of a change in the ledger, shown or done. */
#include <stdio.h>

#include "common/base/text.h"
#include "daemon/engine/undo_record.h"
#include "daemon/errand.h"
#include "daemon/report.h"

static int fail(Errand *errand, const char *reason) {
        complain("%s", reason);
        errand->exit_code = EXIT_ERROR;
        return -1;
}

/* The organisation that the change was made in alone. */
static Engine *choose_engine(Errand *errand, const UndoRecord *record) {
        Keeper *chosen = NULL;

        for (size_t i = 0; i < errand->n_keepers; i++) {
                Keeper *keeper = errand->keepers[i];

                if (text_equal(engine_spec(keeper_engine(keeper))->url, record->organization))
                        chosen = keeper;
                else
                        keeper_free(keeper);
        }
        errand->n_keepers = 0;
        if (!chosen)
                return NULL;
        errand->keepers[errand->n_keepers++] = chosen;
        return keeper_engine(chosen);
}

static const char *obstacle(Errand *errand, const Engine *engine, const UndoRecord *record) {
        if (!engine)
                return mem_printf(errand->mem, "%s was made in %s, which cannot be kept by these settings",
                                  record->change_id, record->organization);
        return undo_record_obstacle(errand->mem, record, engine_desired(engine));
}

static void order(Errand *errand, const UndoRecord *record, PassPurpose purpose) {
        errand_order(errand, &(EngineOrder){.purpose = purpose,
                                            .undo = record,
                                            .only_project = record->project,
                                            .reason = "undo"});
}

static void undo(Errand *errand) {
        const Cli *cli = errand->cli;
        ReportSpec report = {.of = cli->yes ? REPORT_UNDO : REPORT_UNDO_PLAN,
                             .output = cli->output,
                             .colour = stdout_colour()};
        const char *reason = NULL;
        UndoRecord *record = NULL;
        Engine *engine;
        Text text;

        if (undo_record_find(errand->mem, errand->workplace->state_directory, cli->arguments[0], &record, &reason) < 0) {
                fail(errand, reason);
                return;
        }
        engine = choose_engine(errand, record);
        reason = obstacle(errand, engine, record);
        if (reason) {
                fail(errand, reason);
                return;
        }
        order(errand, record, cli->yes && !cli->release ? PASS_APPLY : PASS_PLAN);
        if (cli->release) {
                if (errand_release(errand, cli->release) < 0)
                        return;
                order(errand, record, PASS_APPLY);
        }
        text_init(&text, errand->mem);
        report_write(engine, &report, &text);
        fputs(text.data, stdout);
        errand->exit_code = exit_code_unite(errand->exit_code, engine_undone_exit_code(engine));
}

int command_undo(const Cli *cli) {
        Errand errand;
        int r;

        if (cli->release && !cli->yes) {
                complain("--release needs --yes: what is let go is done");
                return EXIT_USAGE;
        }
        if (check_release(cli) != 0)
                return EXIT_USAGE;
        r = errand_begin(&errand, cli, cli->yes ? WORKPLACE_WRITES : WORKPLACE_READS);
        if (r == WORKPLACE_TAKEN)
                errand_ask_daemon(&errand);
        else if (r == 0)
                undo(&errand);
        return errand_end(&errand);
}

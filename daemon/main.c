/* SPDX-License-Identifier: Apache-2.0 */
/* charterd: holds an Azure DevOps organisation to its charter. */
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "daemon/command.h"
#include "daemon/metrics.h"
#include "daemon/words.h"

static int show_help(const Cli *cli);

static int show_version(const Cli *cli) {
        printf("charterd %s\n", CHARTERD_VERSION);
        return EXIT_IN_SYNC;
}

static const CliCommand commands[] = {
        {"run", command_run, "[-c FILE]", "the daemon: reconciles every interval, on SIGUSR1 and when the charter changes",
         "", 0, 0},
        {"check", command_check, "[--settings | FILE...]",
         "validates settings and charters offline, every mistake at once", "--settings", 0, 1000},
        {"plan", command_plan, "[--charter PATH] [--project P] [-o text|json] [--strict]",
         "shows what would be done, held, waiting and found; never writes", "-o --charter --project --strict", 0, 0},
        {"apply", command_apply, "[--project P] [--release PLAN-ID --reason TEXT] [-o text|json]",
         "passes until in sync or nothing moves any more", "-o --project --release --reason", 0, 0},
        {"release", command_release, "PLAN-ID --reason TEXT", "lets the held steps of that plan go", "--reason", 1, 1},
        {"export", command_export, "--url URL [--project P]",
         "a charter of the live organisation, which plans to no change; without settings by the environment's credential",
         "--url --project", 0, 0},
        {"access", command_access, "[--project P] [--team T] [--at KIND:NAME] [--when T] [--since T] [-o text|json|csv|html]",
         "who can do what, by which path: a matrix, or the explanation of one cell; --when and --since: as passes stored it",
         "-o --project --team --at --when --since", 0, 0},
        {"history", command_history, "[--since T] [--project P] [--verify [--head HASH]] [--no-persons] [-o text|json]",
         "the changes in the ledger", "-o --since --project --verify --head --no-persons", 0, 0},
        {"report", command_report, "[--since T] [--project P] [--no-persons] [-o text|json|html]",
         "how much was changed, how it ended, how long drifts stayed", "-o --since --project --no-persons", 0, 0},
        {"undo", command_undo, "CHANGE-ID [--yes [--release PLAN-ID --reason TEXT]] [-o text|json]",
         "the reverse of a change in the ledger: shown, with --yes done; others' changes since stay",
         "-o --yes --release --reason", 1, 1},
        {"status", command_status, "[-o text|json] [--health]", "asks the running daemon", "-o --health", 0, 0},
        {"version", show_version, "", "the program's version", "", 0, 0},
        {"help", show_help, "[COMMAND|permissions|metrics]", "this, one command's options, the words of permissions, or what /metrics serves",
         "", 0, 1},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static const struct {
        const char *topic;
        void (*print)(Text *text);
} topics[] = {
        {"permissions", words_print},
        {"metrics", metrics_print},
};

static int show_help(const Cli *cli) {
        const char *topic = cli->n_arguments > 0 ? cli->arguments[0] : NULL;

        for (size_t i = 0; topic && i < sizeof topics / sizeof *topics; i++) {
                Text text;

                if (strcmp(topics[i].topic, topic) != 0)
                        continue;
                text_init(&text, NULL);
                topics[i].print(&text);
                fputs(text.data, stdout);
                text_deinit(&text);
                return EXIT_IN_SYNC;
        }
        return cli_help(commands, N_COMMANDS, topic);
}

int main(int argc, char **argv) {
        /* No core dump, and no other process of the same user looks into the memory: secrets lie there. */
        (void)prctl(PR_SET_DUMPABLE, 0);
        mem_prefer_mappings();
        return cli_run(commands, N_COMMANDS, argc, argv);
}

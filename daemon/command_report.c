/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd report`: figures of the changes in the ledger. */
#include <stdio.h>

#include "common/base/clock.h"
#include "config/settings.h"
#include "daemon/command.h"
#include "daemon/figures.h"
#include "daemon/since.h"

static int print_report(Mem *mem, const Cli *cli, const char *directory) {
        FiguresSpec spec = {.directory = directory, .project = cli->project, .now = clock_wall_ms()};
        Figures *figures = NULL;
        const char *reason = NULL;
        Text text;

        if (cli->since && since_parse(cli->since, spec.now, &spec.since) < 0) {
                complain("--since: `%s` is no time; write " SINCE_FORMS, cli->since);
                return EXIT_USAGE;
        }
        if (figures_read(mem, &spec, &figures, &reason) < 0) {
                complain("%s", reason);
                return EXIT_ERROR;
        }
        text_init(&text, mem);
        if (cli->output == OUTPUT_JSON)
                figures_print_json(figures, &text);
        else if (cli->output == OUTPUT_HTML)
                figures_print_html(figures, &text);
        else
                figures_print_text(figures, &text);
        fputs(text.data, stdout);
        return EXIT_IN_SYNC;
}

int command_report(const Cli *cli) {
        Mem *mem = mem_new(NULL, char);
        int exit_code = EXIT_ERROR;
        Settings *settings;
        DiagList diags;

        diag_list_init(&diags, mem);
        if (settings_load(mem, cli->settings, &diags, &settings) < 0)
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
        else
                exit_code = print_report(mem, cli, settings->state_directory ? settings->state_directory
                                                                             : settings_default_state_directory(mem));
        mem_free(mem);
        return exit_code;
}

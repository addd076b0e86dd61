/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd run`: the daemon. */
#include "common/base/log.h"
#include "daemon/command.h"
#include "daemon/daemon.h"

int command_run(const Cli *cli) {
        Mem *mem = mem_new(NULL, char);
        Settings *settings;
        DiagList diags;
        int exit_code = EXIT_ERROR;

        diag_list_init(&diags, mem);
        if (settings_load(mem, cli->settings, &diags, &settings) == 0) {
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
                log_setup(settings->log_format, settings->log_level);
                exit_code = daemon_run(cli->settings, mem_move(NULL, settings));
        } else {
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
        }
        mem_free(mem);
        return exit_code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd status`: asks the running daemon. */
#include <stdio.h>

#include "config/settings.h"
#include "daemon/command.h"
#include "daemon/net/client.h"
#include "daemon/status.h"

typedef struct Asking {
        const Cli *cli;
        bool is_ready;
} Asking;

static void on_line(void *context, const JsonNode *value, const char *line) {
        Asking *asking = context;
        Text text;

        if (!json_get(value, "organizations"))
                return;
        asking->is_ready = status_is_ready(value);
        if (asking->cli->health)
                return;
        if (asking->cli->output == OUTPUT_JSON) {
                puts(line);
                return;
        }
        text_init(&text, NULL);
        status_print(value, &text);
        fputs(text.data, stdout);
        text_deinit(&text);
}

static int ask(Mem *mem, const Cli *cli, const char *socket) {
        Asking asking = {.cli = cli};
        const char *reason = NULL;
        int exit_code = EXIT_ERROR;
        int r = client_call(mem,
                            &(ClientCall){.path = socket,
                                          .request = "{\"command\":\"status\"}",
                                          .on_line = on_line,
                                          .context = &asking},
                            &exit_code, &reason);

        if (r > 0)
                complain("no daemon answers at %s; is `charterd run` running?", socket);
        else if (reason)
                complain("%s", reason);
        if (r != 0)
                return EXIT_ERROR;
        if (cli->health)
                return asking.is_ready ? 0 : EXIT_ERROR;
        return exit_code;
}

int command_status(const Cli *cli) {
        Mem *mem = mem_new(NULL, char);
        Settings *settings;
        DiagList diags;
        int exit_code = EXIT_ERROR;

        diag_list_init(&diags, mem);
        if (settings_load(mem, cli->settings, &diags, &settings) == 0)
                exit_code = ask(mem, cli, settings->socket);
        else
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
        mem_free(mem);
        return exit_code;
}

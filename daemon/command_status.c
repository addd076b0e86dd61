/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd status`: asks the running daemon. */
#include <stdio.h>
#include <string.h>

#include "config/file.h"
#include "config/settings.h"
#include "daemon/command.h"
#include "daemon/net/client.h"
#include "daemon/status.h"

typedef enum Found {
        FOUND_NOBODY,
        FOUND_ANSWER,
        FOUND_OTHER, /* a daemon, but not the one of this settings file */
        FOUND_ERROR, /* somebody, who could not be asked; it is said */
} Found;

typedef struct Asking {
        const Cli *cli;
        bool is_guess; /* the socket is none of valid settings: whoever answers there has to have read the same file */
        bool is_answered, is_ready;
        char *other; /* the settings of the daemon that answered instead, or NULL */
} Asking;

typedef struct Search {
        Mem *mem;
        const Cli *cli;
        const char *wanted; /* the socket of the settings; NULL: they have mistakes, which are said */
        Text asked;         /* sockets at which nobody listens, for people */
        int exit_code;      /* FOUND_ANSWER: what it comes to */
} Search;

static void print(const Cli *cli, const JsonNode *value, const char *line) {
        Text text;

        if (cli->output == OUTPUT_JSON) {
                puts(line);
                return;
        }
        text_init(&text, NULL);
        status_print(value, &text);
        fputs(text.data, stdout);
        text_deinit(&text);
}

static void on_line(void *context, const JsonNode *value, const char *line) {
        Asking *asking = context;
        const char *settings = json_get_text(value, "settings");

        if (!json_get(value, "organizations"))
                return;
        if (asking->is_guess && !(settings && file_is_same(settings, asking->cli->settings))) {
                asking->other = mem_strdup(NULL, settings ? settings : "another file");
                return;
        }
        asking->is_answered = true;
        asking->is_ready = status_is_ready(value);
        if (!asking->cli->health)
                print(asking->cli, value, line);
}

static void note_nobody(Search *search, const char *socket) {
        text_appendf(&search->asked, "%s%s", search->asked.n > 0 ? ", " : "", socket);
}

static Found ask(Search *search, const char *socket) {
        Asking asking = {.cli = search->cli, .is_guess = !search->wanted || strcmp(socket, search->wanted) != 0};
        const char *reason = NULL;
        int exit_code = EXIT_ERROR;
        int r = client_call(search->mem,
                            &(ClientCall){.path = socket,
                                          .request = "{\"command\":\"status\"}",
                                          .on_line = on_line,
                                          .context = &asking},
                            &exit_code, &reason);

        if (r > 0) {
                note_nobody(search, socket);
                return FOUND_NOBODY;
        }
        if (asking.other) {
                complain("the daemon at %s has other settings than %s: they are %s; name them by -c", socket,
                         search->cli->settings, asking.other);
                mem_free(asking.other);
                return FOUND_OTHER;
        }
        if (reason)
                complain("%s", reason);
        if (r < 0 || !asking.is_answered)
                return FOUND_ERROR;
        search->exit_code = exit_code;
        if (search->cli->health)
                search->exit_code = asking.is_ready ? EXIT_IN_SYNC : EXIT_ERROR;
        return FOUND_ANSWER;
}

/* A daemon goes on with what it has read, at the socket it was started with. */
static void explain(Search *search, const char *socket) {
        if (search->wanted) {
                complain("the daemon still listens at %s; it takes `socket: %s` at its next start", socket, search->wanted);
                return;
        }
        complain("%s has mistakes; the daemon at %s goes on with the settings it read before. Mend it, then "
                 "`systemctl reload charterd`, or SIGHUP: a restart would fail",
                 search->cli->settings, socket);
        if (!search->cli->health)
                search->exit_code = EXIT_ERROR;
}

static int look_around(Search *search) {
        size_t n = 0;
        const char *const *sockets = settings_sockets(search->mem, search->cli->settings, &n);
        bool is_said = false;

        for (size_t i = 0; i < n; i++) {
                if (search->wanted && strcmp(sockets[i], search->wanted) == 0)
                        continue;
                switch (ask(search, sockets[i])) {
                case FOUND_ANSWER:
                        explain(search, sockets[i]);
                        return search->exit_code;
                case FOUND_OTHER:
                case FOUND_ERROR:
                        is_said = true;
                        break;
                case FOUND_NOBODY:
                        break;
                }
        }
        if (search->asked.n > 0 || !is_said)
                complain("no daemon answers at %s; is `charterd run` running? `systemctl status charterd` tells%s",
                         search->asked.data, search->wanted ? "" : "; with these settings it cannot start");
        return EXIT_ERROR;
}

int command_status(const Cli *cli) {
        Search search = {.mem = mem_new(NULL, char), .cli = cli, .exit_code = EXIT_ERROR};
        Settings *settings = NULL;
        Found found = FOUND_NOBODY;
        DiagList diags;

        text_init(&search.asked, search.mem);
        diag_list_init(&diags, search.mem);
        if (settings_load(search.mem, cli->settings, &diags, &settings) == 0) {
                search.wanted = settings->socket;
                found = ask(&search, settings->socket);
        } else {
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
        }
        if (found == FOUND_NOBODY)
                search.exit_code = look_around(&search);
        mem_free(search.mem);
        return search.exit_code;
}

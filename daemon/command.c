/* SPDX-License-Identifier: Apache-2.0 */
/* Command: what the commands have in common. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/visible.h"
#include "daemon/command.h"

int exit_code_unite(int a, int b) {
        static const int order[] = {EXIT_USAGE, EXIT_ERROR, EXIT_HELD, EXIT_BROKEN, EXIT_PENDING};

        for (size_t i = 0; i < sizeof order / sizeof *order; i++)
                if (a == order[i] || b == order[i])
                        return order[i];
        return EXIT_IN_SYNC;
}

size_t print_diags(DiagList *diags, WordsCount words) {
        DiagList shown;
        size_t n = 0;
        Text text;

        diag_list_init(&shown, diags->parent);
        for (size_t i = 0; i < diags->n; i++) {
                DiagLevel level = diags->items[i].level;

                if (level == DIAG_UNKNOWN_WORD && words == WORDS_ARE_SETTLED_LATER)
                        continue;
                n += level != DIAG_WARNING;
                diag_add(&shown, diags->items[i].place, level, "%s", diags->items[i].message);
        }
        diag_list_sort(&shown);
        text_init(&text, NULL);
        diag_list_print(&shown, &text);
        fputs(text.data, stderr);
        text_deinit(&text);
        diag_list_deinit(&shown);
        return n;
}

void complain(const char *format, ...) {
        va_list arguments;
        char *message;
        Text line;

        va_start(arguments, format);
        message = mem_vprintf(NULL, format, arguments);
        va_end(arguments);
        text_init(&line, NULL);
        visible_append_line(&line, "charterd: %s", message);
        fputs(line.data, stderr);
        text_deinit(&line);
        mem_free(message);
}

int check_release(const Cli *cli) {
        if (cli->release)
                return need_reason(cli);
        if (!cli->reason)
                return 0;
        complain("--reason belongs to --release");
        return EXIT_USAGE;
}

int need_reason(const Cli *cli) {
        if (cli->reason && cli->reason[0])
                return 0;
        complain("a release needs --reason TEXT, which is written into the ledger");
        return EXIT_USAGE;
}

bool stdout_has_colour(void) {
        const char *wish = getenv("NO_COLOR");

        return isatty(STDOUT_FILENO) && !(wish && wish[0]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Command: what each word of the command line runs; a row of main's table each. */
#pragma once

#include "common/base/diag.h"
#include "daemon/cli.h"

int command_run(const Cli *cli);
int command_check(const Cli *cli);
int command_plan(const Cli *cli);
int command_apply(const Cli *cli);
int command_release(const Cli *cli);
int command_export(const Cli *cli);
int command_access(const Cli *cli);
int command_history(const Cli *cli);
int command_undo(const Cli *cli);
int command_report(const Cli *cli);
int command_status(const Cli *cli);

/* The first of 64, 1, 3, 4, 2 that is among the two (product.md, Exit codes). */
int exit_code_unite(int a, int b);
/* All mistakes on stderr, sorted; permission words that the built-in table does not know only where they count. */
typedef enum WordsCount {
        WORDS_ARE_ERRORS,
        WORDS_ARE_SETTLED_LATER, /* by the service's own list */
} WordsCount;
/* The number of mistakes printed. */
size_t print_diags(DiagList *diags, WordsCount words);
/* `charterd: ...` as a line on stderr; what is not visible of it is escaped. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* --release and --reason stand together or not at all: 0; otherwise 64, and it is said. */
int check_release(const Cli *cli);
/* A release has a reason: 0; otherwise 64, and it is said. */
int need_reason(const Cli *cli);
/* True when stdout is a terminal and colour is wanted. */
bool stdout_has_colour(void);

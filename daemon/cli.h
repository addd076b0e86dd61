/* SPDX-License-Identifier: Apache-2.0 */
/* Cli: the command line, by a table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/mem.h"

enum {
        EXIT_IN_SYNC = 0,
        EXIT_ERROR = 1,
        EXIT_PENDING = 2,
        EXIT_HELD = 3,
        EXIT_BROKEN = 4,
        EXIT_USAGE = 64,
};

typedef enum Output {
        OUTPUT_TEXT,
        OUTPUT_JSON,
        OUTPUT_CSV,
        OUTPUT_HTML,
} Output;

typedef struct Cli {
        const char *command;
        const char *settings; /* -c FILE, or where it is by default */
        bool settings_are_given;
        const char *url;
        const char *project;
        const char *team;
        const char *at;
        const char *charter;
        const char *release;
        const char *reason;
        const char *since;
        const char *when;
        const char *head;
        const char *format; /* -o, as it was written */
        Output output;
        bool strict;
        bool only_settings;
        bool verify;
        bool no_persons;
        bool health;
        bool yes;
        const char *const *arguments;
        size_t n_arguments;
} Cli;

typedef int (*CliRunFn)(const Cli *cli);

typedef struct CliCommand {
        const char *name;
        CliRunFn run;
        const char *usage; /* what follows the name */
        const char *does;
        const char *options; /* its options' names, between spaces */
        size_t min_arguments, max_arguments;
} CliCommand;

/* Reads argv, finds the command in the table and runs it; 64 with one line on stderr naming the nearest word. */
int cli_run(const CliCommand *commands, size_t n_commands, int argc, char **argv);
/* The text of `charterd help [COMMAND]`. */
int cli_help(const CliCommand *commands, size_t n_commands, const char *command);

/* SPDX-License-Identifier: Apache-2.0 */
/* Cli: the command line, by a table. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/visible.h"
#include "daemon/cli.h"

#define CLI_SETTINGS_DEFAULT "/etc/charterd/charterd.yaml"

typedef enum OptionForm {
        OPTION_TEXT,
        OPTION_FLAG,
} OptionForm;

typedef struct OptionRow {
        const char *name;
        OptionForm form;
        size_t offset; /* in Cli */
        const char *value;
        const char *does;
} OptionRow;

static const OptionRow option_rows[] = {
        {"-c", OPTION_TEXT, offsetof(Cli, settings), "FILE", "the settings (default " CLI_SETTINGS_DEFAULT ")"},
        {"-o", OPTION_TEXT, offsetof(Cli, format), "FORMAT", NULL}, /* those of the command's usage */
        {"--url", OPTION_TEXT, offsetof(Cli, url), "URL", "the organisation, as in the settings"},
        {"--project", OPTION_TEXT, offsetof(Cli, project), "P", "only this project"},
        {"--team", OPTION_TEXT, offsetof(Cli, team), "T", "only this team"},
        {"--at", OPTION_TEXT, offsetof(Cli, at), "KIND:NAME", "only this thing"},
        {"--charter", OPTION_TEXT, offsetof(Cli, charter), "PATH", "this charter instead of the settings'"},
        {"--strict", OPTION_FLAG, offsetof(Cli, strict), NULL, "exit 4 when an assertion is broken"},
        {"--release", OPTION_TEXT, offsetof(Cli, release), "PLAN-ID", "let the held steps of that plan go"},
        {"--reason", OPTION_TEXT, offsetof(Cli, reason), "TEXT", "why, for the ledger"},
        {"--settings", OPTION_FLAG, offsetof(Cli, only_settings), NULL, "the settings alone"},
        {"--since", OPTION_TEXT, offsetof(Cli, since), "T", "a time, or how long ago: 24h"},
        {"--when", OPTION_TEXT, offsetof(Cli, when), "T", "as it was then; with --since: up to then"},
        {"--verify", OPTION_FLAG, offsetof(Cli, verify), NULL, "check the chain of the ledger"},
        {"--head", OPTION_TEXT, offsetof(Cli, head), "HASH", "what its last line must hash to"},
        {"--no-persons", OPTION_FLAG, offsetof(Cli, no_persons), NULL, "people are numbers; groups and teams stay"},
        {"--yes", OPTION_FLAG, offsetof(Cli, yes), NULL, "do it, instead of only showing it"},
        {"--health", OPTION_FLAG, offsetof(Cli, health), NULL, "0 when ready, 1 otherwise"},
};
enum { N_OPTIONS = sizeof option_rows / sizeof *option_rows };

static const struct {
        const char *name;
        Output output;
} output_rows[] = {
        {"text", OUTPUT_TEXT},
        {"json", OUTPUT_JSON},
        {"csv", OUTPUT_CSV},
        {"html", OUTPUT_HTML},
};
enum { N_OUTPUTS = sizeof output_rows / sizeof *output_rows };

static int usage_error(const char *what, const char *word, const char *nearest) {
        Text line;

        text_init(&line, NULL);
        if (nearest)
                visible_append_line(&line, "charterd: %s `%s`; did you mean `%s`?", what, word, nearest);
        else
                visible_append_line(&line, "charterd: %s `%s`; see `charterd help`", what, word);
        fputs(line.data, stderr);
        text_deinit(&line);
        return EXIT_USAGE;
}

static int show_usage(const CliCommand *command) {
        fprintf(stderr, "charterd: usage: charterd %s%s%s\n", command->name, *command->usage ? " " : "", command->usage);
        return EXIT_USAGE;
}

static const OptionRow *find_option(const char *name, size_t n) {
        for (size_t i = 0; i < N_OPTIONS; i++)
                if (strlen(option_rows[i].name) == n && memcmp(option_rows[i].name, name, n) == 0)
                        return &option_rows[i];
        return NULL;
}

static const CliCommand *find_command(const CliCommand *commands, size_t n, const char *name) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(commands[i].name, name) == 0)
                        return &commands[i];
        return NULL;
}

static bool takes_option(const CliCommand *command, const char *name) {
        const char *found = command->options;
        size_t n = strlen(name);

        while ((found = strstr(found, name))) {
                if ((found == command->options || found[-1] == ' ') && (found[n] == ' ' || found[n] == 0))
                        return true;
                found += n;
        }
        return false;
}

/* Of what stands in the usage as `-o text|json`. */
static bool takes_format(const CliCommand *command, const char *name) {
        const char *at = strstr(command->usage, "-o ");
        size_t n = strlen(name);

        for (at = at ? at + strlen("-o") : ""; *at == ' ' || *at == '|'; at += 1 + strcspn(at + 1, "|]"))
                if (strncmp(at + 1, name, n) == 0 && strchr("|]", at[1 + n]))
                        return true;
        return false;
}

static size_t list_formats(const CliCommand *command, const char *names[static N_OUTPUTS]) {
        size_t n = 0;

        for (size_t i = 0; i < N_OUTPUTS; i++)
                if (takes_format(command, output_rows[i].name))
                        names[n++] = output_rows[i].name;
        return n;
}

static int set_output(const CliCommand *command, Cli *cli) {
        const char *names[N_OUTPUTS];
        size_t n = list_formats(command, names);
        const char *nearest;

        if (!cli->format)
                return 0;
        for (size_t i = 0; i < N_OUTPUTS; i++) {
                if (strcmp(output_rows[i].name, cli->format) == 0 && takes_format(command, cli->format)) {
                        cli->output = output_rows[i].output;
                        return 0;
                }
        }
        nearest = text_nearest(cli->format, names, n);
        return nearest ? usage_error("unknown format", cli->format, nearest) : show_usage(command);
}

static int set_option(Cli *cli, const OptionRow *row, const char *value) {
        char *field = (char *)cli + row->offset;

        switch (row->form) {
        case OPTION_FLAG:
                *(bool *)field = true;
                return 0;
        case OPTION_TEXT:
                *(const char **)field = value;
                return 0;
        }
        assert(!"an option without a form");
        return EXIT_USAGE;
}

static bool is_seen(const char *const *seen, size_t n_seen, const char *name) {
        for (size_t i = 0; i < n_seen; i++)
                if (strcmp(seen[i], name) == 0)
                        return true;
        return false;
}

/* One option at argv[*ip]; what it takes may stand behind `=`, or in the next word unless that is an option too. */
static int read_option(Cli *cli, const char **seen, size_t *n_seen, int argc, char **argv, int *ip) {
        const char *word = argv[*ip], *value = NULL;
        const char *equals = word[1] == '-' ? strchr(word, '=') : NULL;
        const OptionRow *row = find_option(word, equals ? (size_t)(equals - word) : strlen(word));
        const char *names[N_OPTIONS];

        for (size_t i = 0; i < N_OPTIONS; i++)
                names[i] = option_rows[i].name;
        if (!row)
                return usage_error("unknown option", word, text_nearest(word, names, N_OPTIONS));
        if (row->form == OPTION_FLAG) {
                if (equals)
                        return usage_error("no value is taken by", row->name, NULL);
        } else if (equals) {
                value = equals + 1;
        } else if (*ip + 1 < argc && !find_option(argv[*ip + 1], strlen(argv[*ip + 1]))) {
                value = argv[++*ip];
        } else {
                return usage_error("a value is missing after", word, NULL);
        }
        if (is_seen(seen, *n_seen, row->name))
                return usage_error("this option stands twice:", row->name, NULL);
        seen[(*n_seen)++] = row->name;
        return set_option(cli, row, value);
}

static int check_options(const CliCommand *command, const char *const *seen, size_t n_seen) {
        for (size_t i = 0; i < n_seen; i++)
                if (strcmp(seen[i], "-c") != 0 && !takes_option(command, seen[i])) {
                        fprintf(stderr, "charterd: `%s` takes no `%s`; usage: charterd %s %s\n", command->name,
                                seen[i], command->name, command->usage);
                        return EXIT_USAGE;
                }
        return 0;
}

static int run_command(const CliCommand *commands, size_t n_commands, Cli *cli, const char *const *seen,
                       size_t n_seen) {
        const CliCommand *command = find_command(commands, n_commands, cli->command);
        int r;

        if (!command) {
                const char *names[64];

                assert(n_commands <= 64);
                for (size_t i = 0; i < n_commands; i++)
                        names[i] = commands[i].name;
                return usage_error("unknown command", cli->command,
                                   text_nearest(cli->command, names, n_commands));
        }
        r = check_options(command, seen, n_seen);
        if (r)
                return r;
        if (cli->n_arguments < command->min_arguments || cli->n_arguments > command->max_arguments)
                return show_usage(command);
        r = set_output(command, cli);
        if (r)
                return r;
        return command->run(cli);
}

int cli_run(const CliCommand *commands, size_t n_commands, int argc, char **argv) {
        Cli cli = {0};
        const char **words = mem_new_array(NULL, const char *, (size_t)argc + 1);
        const char **seen = mem_new_array(words, const char *, (size_t)argc + 1);
        size_t n_words = 0, n_seen = 0;
        bool options_end = false, help = false;
        int r = 0;

        for (int i = 1; i < argc && r == 0; i++) {
                const char *word = argv[i];

                if (!options_end && strcmp(word, "--") == 0)
                        options_end = true;
                else if (!options_end && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0))
                        help = true;
                else if (!options_end && strcmp(word, "--version") == 0)
                        cli.command = "version";
                else if (!options_end && word[0] == '-' && word[1])
                        r = read_option(&cli, seen, &n_seen, argc, argv, &i);
                else if (!cli.command)
                        cli.command = word;
                else
                        words[n_words++] = word;
        }
        if (help) {
                words[0] = cli.command;
                n_words = cli.command != NULL;
                n_seen = 0;
                cli.command = "help";
        }
        cli.settings_are_given = cli.settings != NULL;
        if (!cli.settings)
                cli.settings = CLI_SETTINGS_DEFAULT;
        cli.arguments = words;
        cli.n_arguments = n_words;
        if (r == 0 && !cli.command) {
                fprintf(stderr, "charterd: a command is missing; see `charterd help`\n");
                r = EXIT_USAGE;
        }
        if (r == 0)
                r = run_command(commands, n_commands, &cli, seen, n_seen);
        mem_free(words);
        return r;
}

static void show_command(const CliCommand *command) {
        const char *names[N_OUTPUTS];
        size_t n_names = list_formats(command, names);

        printf("charterd %s %s\n\n%s\n", command->name, command->usage, command->does);
        for (size_t i = 0; i < N_OPTIONS; i++) {
                const OptionRow *row = &option_rows[i];

                if (i > 0 && !takes_option(command, row->name))
                        continue;
                printf("  %-12s %-10s %s", row->name, row->value ? row->value : "", row->does ? row->does : "");
                for (size_t k = 0; !row->does && k < n_names; k++)
                        printf("%s%s", k ? ", " : "", names[k]);
                printf("\n");
        }
}

int cli_help(const CliCommand *commands, size_t n_commands, const char *name) {
        const CliCommand *command = name ? find_command(commands, n_commands, name) : NULL;

        if (name && !command) {
                const char *names[64];

                for (size_t i = 0; i < n_commands && i < 64; i++)
                        names[i] = commands[i].name;
                return usage_error("unknown command", name, text_nearest(name, names, n_commands));
        }
        if (!command) {
                printf("charterd holds an Azure DevOps organisation to a YAML charter.\n\n");
                for (size_t i = 0; i < n_commands; i++)
                        printf("  charterd %-8s %s\n", commands[i].name, commands[i].does);
                printf("\nExit codes: 0 in sync, 1 error, 2 steps pending, 3 steps held by a brake,\n"
                       "4 an assertion is broken, 64 wrong usage. `charterd help COMMAND` tells more.\n");
                return 0;
        }
        show_command(command);
        return 0;
}

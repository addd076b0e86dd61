/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd history`: the changes in the ledger, each with its outcome. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/visible.h"
#include "config/settings.h"
#include "daemon/change_line.h"
#include "daemon/command.h"
#include "daemon/engine/account.h"
#include "daemon/engine/attribution.h"
#include "daemon/persons.h"
#include "daemon/plan/author.h"
#include "daemon/since.h"

typedef struct History {
        const Cli *cli;
        Persons *persons; /* NULL: they are shown */
        uint64_t n;       /* printed */
} History;

/* --- one change ------------------------------------------------------------------------------------------------------ */

/* Who brought it about, by its own record or as far as it was known when it was begun. */
static bool find_author(const AccountChange *change, Author *author) {
        const JsonNode *node = change->attribution ? json_get(change->attribution, "attribution")
                                                   : json_get(json_get(change->intent, "step"), "attribution");

        const char *time = json_get_text(change->intent, "time");
        int64_t wall;

        if (!node || author_read_json(node, author) < 0)
                return false;
        if (author->state == AUTHOR_ASKED && time && clock_parse(&wall, time) == 0 &&
            clock_wall_ms() - wall > ATTRIBUTION_KEEP_MS)
                *author = (Author){.state = AUTHOR_UNKNOWN, .reason = "it was not found within an hour"};
        return true;
}

static void write_text(const AccountChange *change, Text *text) {
        const char *id = json_get_text(change->intent, "change_id"), *result = json_get_text(change->outcome, "result");
        const char *message = json_get_text(change->outcome, "message"), *time = json_get_text(change->intent, "time");
        Author author;
        Text words;

        visible_appendf(text, "%s  ", time ? time : "-");
        change_line_write(change->intent, text);
        visible_append_line(text, "  %s: %s%s%s", id ? id : "-", result ? result : "open", message ? ": " : "",
                            message ? message : "");
        if (find_author(change, &author)) {
                text_init(&words, NULL);
                author_describe(&author, &words);
                visible_append_line(text, "  %s", words.data);
                text_deinit(&words);
        }
}

/* The keys of the intent, then those of its outcome. */
static void write_json(const AccountChange *change, Text *text) {
        size_t n = strlen(change->line);
        JsonWriter writer;
        Author author;
        Text outcome;

        while (n > 0 && change->line[n - 1] != '}')
                n--;
        text_init(&outcome, NULL);
        json_writer_init(&writer, &outcome, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "result", json_get_text(change->outcome, "result"));
        json_write_text(&writer, "outcome_time", json_get_text(change->outcome, "time"));
        json_write_text(&writer, "message", json_get_text(change->outcome, "message"));
        json_write_text(&writer, "activity_id", json_get_text(change->outcome, "activity_id"));
        author_write_json(find_author(change, &author) ? &author : NULL, &writer, "attribution");
        json_write_object_end(&writer);
        text_append_bytes(text, change->line, n > 0 ? n - 1 : 0);
        text_append(text, ", ");
        text_append(text, outcome.data + 1);
        text_deinit(&outcome);
}

/* --- the command ---------------------------------------------------------------------------------------------------- */

/* What is not here and need not be. */
static void say_what_is_missing(const LedgerVerdict *verdict) {
        if (verdict->removed_last > 0)
                printf("the records up to number %" PRIu64 " were removed for their age (ledger_keep): the chain begins with "
                       "number %" PRIu64 "\n",
                       verdict->removed_last, verdict->removed_last + 1);
        if (verdict->moved_last > 0)
                printf("records up to number %" PRIu64 " are not in the state directory: another program moved "
                       "them away%s%s%s\n",
                       verdict->moved_last, verdict->moved_file ? " (as " : "",
                       verdict->moved_file ? verdict->moved_file : "", verdict->moved_file ? ")" : "");
}

static int verify(Mem *mem, const Cli *cli, const char *directory) {
        const char *reason = NULL;
        LedgerVerdict verdict;
        int r = ledger_verify(mem, directory, cli->head, &verdict, &reason);

        if (r < 0) {
                complain("%s", reason);
                return EXIT_ERROR;
        }
        if (verdict.bad_file) {
                printf("%s/%s:%" PRIu64 ": the ledger is broken here: %s\n", directory, verdict.bad_file,
                       verdict.bad_line, verdict.reason);
                return EXIT_ERROR;
        }
        printf("the ledger is whole: %" PRIu64 " lines, head %s\n", verdict.n_lines, verdict.head[0] ? verdict.head : "-");
        say_what_is_missing(&verdict);
        if (r == 0 && cli->head)
                printf("%s is the hash of %s:%" PRIu64 "\n", cli->head, verdict.expected_file, verdict.expected_line);
        else if (r > 0)
                printf("%s/%s:%" PRIu64 ": the ledger ends here, and %s is the hash of none of its lines: what came "
                       "after was cut off or replaced\n",
                       directory, verdict.end_file ? verdict.end_file : LEDGER_FILE, verdict.end_line, cli->head);
        return r == 0 ? EXIT_IN_SYNC : EXIT_ERROR;
}

static int on_change(void *context, const AccountChange *change) {
        History *history = context;
        Mem *mem = mem_new(NULL, char);
        AccountChange shown = history->persons ? persons_hide(history->persons, mem, change) : *change;
        Text text;

        text_init(&text, mem);
        if (history->cli->output == OUTPUT_JSON) {
                text_append(&text, history->n > 0 ? ",\n " : "\n ");
                write_json(&shown, &text);
        } else {
                write_text(&shown, &text);
        }
        history->n++;
        fputs(text.data, stdout);
        mem_free(mem);
        return 0;
}

static int print_history(Mem *mem, const Cli *cli, const char *directory) {
        LedgerFilter filter = {.project = cli->project};
        History history = {.cli = cli, .persons = cli->no_persons ? persons_new(mem) : NULL};
        const char *reason = NULL;
        uint64_t n_early = 0;
        int r = 0;

        if (cli->since && since_parse(cli->since, clock_wall_ms(), &filter.since) < 0) {
                complain("--since: `%s` is no time; write " SINCE_FORMS, cli->since);
                return EXIT_USAGE;
        }
        if (cli->output == OUTPUT_JSON)
                fputs("[", stdout);
        r = account_read(mem, &(AccountSpec){directory, &filter, on_change, NULL, &history}, &n_early, &reason);
        if (r < 0) {
                complain("%s", reason);
                return EXIT_ERROR;
        }
        if (cli->output == OUTPUT_JSON)
                fputs("\n]\n", stdout);
        else if (history.n == 0)
                puts(cli->project || cli->since ? "the ledger holds no such change" : "the ledger holds no change yet");
        if (n_early > 0)
                complain("%" PRIu64 " changes are shown as they were before %d others that had no outcome yet", n_early,
                         ACCOUNT_WAITING_MAX);
        return EXIT_IN_SYNC;
}

int command_history(const Cli *cli) {
        Mem *mem = mem_new(NULL, char);
        int exit_code = EXIT_ERROR;
        const char *directory;
        Settings *settings;
        DiagList diags;

        diag_list_init(&diags, mem);
        if (cli->head && !cli->verify) {
                complain("--head belongs to --verify");
                exit_code = EXIT_USAGE;
        } else if (settings_load(mem, cli->settings, &diags, &settings) < 0) {
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
        } else {
                directory = settings->state_directory ? settings->state_directory : settings_default_state_directory(mem);
                exit_code = cli->verify ? verify(mem, cli, directory) : print_history(mem, cli, directory);
        }
        mem_free(mem);
        return exit_code;
}

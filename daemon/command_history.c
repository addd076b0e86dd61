/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd history`: the changes in the ledger, each with its outcome. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/visible.h"
#include "config/settings.h"
#include "daemon/command.h"
#include "daemon/engine/ledger.h"
#include "daemon/since.h"

typedef struct HistoryRow {
        char *id;
        char *line; /* of the intent */
        char *text; /* for people, without the result */
        char *outcome_time;
        char *result; /* NULL: the intent is open */
        char *message;
        char *activity_id;
} HistoryRow;

typedef struct HistoryList {
        Mem *mem;
        HistoryRow *rows; /* in the order of their intents */
        size_t n_rows;
} HistoryList;

/* --- reading -------------------------------------------------------------------------------------------------------- */

static void describe_permissions(const JsonNode *step, Text *text) {
        json_each(permission, json_get(step, "permissions")) {
                const char *word = json_get_text(permission, "word");
                const char *before = json_get_text(permission, "before");
                const char *after = json_get_text(permission, "after");

                if (word && before && after && strcmp(before, after) != 0)
                        visible_appendf(text, "; %s: %s -> %s", word, before, after);
        }
}

static char *describe(Mem *mem, const JsonNode *intent) {
        const JsonNode *step = json_get(intent, "step");
        const char *name = json_get_text(step, "name"), *principal = json_get_text(intent, "principal");
        const char *container = json_get_text(intent, "container"), *why = json_get_text(step, "why");
        const char *project = json_get_text(intent, "project"), *verb = json_get_text(step, "verb");
        const char *kind = json_get_text(step, "kind");
        Text text;

        text_init(&text, mem);
        visible_appendf(&text, "%s: %s %s%s%s", project ? desired_label(project) : "-", verb ? verb : "-", kind ? kind : "",
                     name && name[0] ? " " : "", name ? name : "");
        if (principal)
                visible_appendf(&text, ", %s", principal);
        if (container)
                visible_appendf(&text, " in %s", container);
        describe_permissions(step, &text);
        if (why)
                visible_appendf(&text, " (%s)", why);
        return text.data;
}

static void take_intent(HistoryList *list, const JsonNode *record, const char *line) {
        const char *id = json_get_text(record, "change_id"), *time = json_get_text(record, "time");
        HistoryRow *row;
        Text text;

        if (!id)
                return;
        row = mem_push(list->mem, list->rows, list->n_rows);
        row->id = mem_strdup(list->mem, id);
        row->line = mem_strdup(list->mem, line);
        text_init(&text, list->mem);
        visible_appendf(&text, "%s  ", time ? time : "-");
        text_append(&text, describe(list->mem, record));
        row->text = text.data;
}

/* An outcome follows its intent soon: looked for from the end. */
static void take_outcome(HistoryList *list, const JsonNode *record) {
        const char *id = json_get_text(record, "change_id");

        for (size_t i = list->n_rows; id && i-- > 0;) {
                HistoryRow *row = &list->rows[i];

                if (strcmp(row->id, id) != 0)
                        continue;
                row->result = mem_strdup(list->mem, json_get_text(record, "result"));
                row->outcome_time = mem_strdup(list->mem, json_get_text(record, "time"));
                row->message = mem_strdup(list->mem, json_get_text(record, "message"));
                row->activity_id = mem_strdup(list->mem, json_get_text(record, "activity_id"));
                return;
        }
}

static int on_record(void *context, const JsonNode *record, const char *line) {
        const char *name = json_get_text(record, "record");

        if (name && strcmp(name, "intent") == 0)
                take_intent(context, record, line);
        else if (name && strcmp(name, "outcome") == 0)
                take_outcome(context, record);
        return 0;
}

/* --- writing -------------------------------------------------------------------------------------------------------- */

static void write_text(const HistoryList *list, Text *text) {
        for (size_t i = 0; i < list->n_rows; i++) {
                const HistoryRow *row = &list->rows[i];

                text_append(text, row->text);
                visible_append_line(text, "  %s: %s%s%s", row->id, row->result ? row->result : "open",
                                row->message ? ": " : "", row->message ? row->message : "");
        }
}

/* The keys of the intent, then those of its outcome. */
static void write_json_row(const HistoryRow *row, Text *text) {
        size_t n = strlen(row->line);
        JsonWriter writer;
        Text outcome;

        while (n > 0 && row->line[n - 1] != '}')
                n--;
        text_init(&outcome, NULL);
        json_writer_init(&writer, &outcome, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "result", row->result);
        json_write_text(&writer, "outcome_time", row->outcome_time);
        json_write_text(&writer, "message", row->message);
        json_write_text(&writer, "activity_id", row->activity_id);
        json_write_null(&writer, "attribution");
        json_write_object_end(&writer);
        text_append_bytes(text, row->line, n > 0 ? n - 1 : 0);
        text_append(text, ", ");
        text_append(text, outcome.data + 1);
        text_deinit(&outcome);
}

static void write_json(const HistoryList *list, Text *text) {
        text_append(text, "[");
        for (size_t i = 0; i < list->n_rows; i++) {
                text_append(text, i > 0 ? ",\n " : "\n ");
                write_json_row(&list->rows[i], text);
        }
        text_append(text, "\n]\n");
}

static bool is_of_address(char c) {
        return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("._%+-", c));
}

/* Every `user@domain` becomes `a person`. */
static char *without_persons(Mem *mem, const char *text) {
        size_t n = 0;
        Text out;

        text_init(&out, mem);
        for (const char *at = text; *at; at += n) {
                n = 0;
                while (is_of_address(at[n]))
                        n++;
                if (n > 0 && at[n] == '@' && is_of_address(at[n + 1])) {
                        n++;
                        while (is_of_address(at[n]))
                                n++;
                        text_append(&out, "a person");
                        continue;
                }
                n += n == 0;
                text_append_bytes(&out, at, n);
        }
        return out.data;
}

/* --- the command ---------------------------------------------------------------------------------------------------- */

/* What is not here and need not be. */
static void say_what_is_missing(const LedgerVerdict *verdict) {
        if (verdict->removed_last > 0)
                printf("the records up to number %" PRIu64 " were removed for their age (ledger_keep)\n",
                       verdict->removed_last);
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

static int print_history(Mem *mem, const Cli *cli, const char *directory) {
        LedgerFilter filter = {.project = cli->project};
        HistoryList list = {.mem = mem};
        const char *reason = NULL;
        Text text;
        int r = 0;

        if (cli->since && since_parse(cli->since, clock_wall_ms(), &filter.since) < 0) {
                complain("--since: `%s` is no time; write " SINCE_FORMS, cli->since);
                return EXIT_USAGE;
        }
        r = ledger_each(mem, directory, &filter, on_record, &list, &reason);
        if (r < 0) {
                complain("%s", reason);
                return EXIT_ERROR;
        }
        text_init(&text, mem);
        if (cli->output == OUTPUT_JSON)
                write_json(&list, &text);
        else
                write_text(&list, &text);
        fputs(cli->no_persons ? without_persons(mem, text.data) : text.data, stdout);
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

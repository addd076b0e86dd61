/* SPDX-License-Identifier: Apache-2.0 */
/* Wish: what somebody asks of the running daemon over its socket. */
#include <string.h>

#include "daemon/command.h"
#include "daemon/wish.h"

static const char *copy(Wish *wish, const JsonNode *request, const char *key) {
        return mem_strdup(wish, json_get_text(request, key));
}

Wish *wish_new(Mem *parent, ServeAnswer *answer, const JsonNode *request, const char **reasonp) {
        const char *command = json_get_text(request, "command");
        const char *output = json_get_text(request, "output");
        Wish *wish = mem_new(parent, Wish);
        bool has_colour = false, is_undo = command && strcmp(command, "undo") == 0;

        wish->answer = mem_move(wish, answer);
        wish->is_applied = command && strcmp(command, "apply") == 0;
        wish->project = copy(wish, request, "project");
        wish->plan_id = copy(wish, request, "plan_id");
        wish->reason = copy(wish, request, "reason");
        wish->change_id = copy(wish, request, "change_id");
        wish->stage = is_undo ? WISH_UNDO : wish->plan_id ? WISH_RELEASE : WISH_APPLY;
        json_get_bool(request, "colour", &has_colour);
        wish->report = (ReportSpec){.of = is_undo ? REPORT_UNDO : REPORT_APPLICATION,
                                    .output = output && strcmp(output, "json") == 0 ? OUTPUT_JSON : OUTPUT_TEXT,
                                    .colour = has_colour ? PRINT_COLOUR : PRINT_PLAIN};
        text_init(&wish->text, wish);
        if (is_undo && (!wish->change_id || !wish->change_id[0]))
                *reasonp = "an undo needs a change_id";
        else if (!is_undo && !wish->is_applied && !wish->plan_id)
                *reasonp = "a release needs a plan_id";
        else if (wish->plan_id && !wish->reason)
                *reasonp = "a release needs a reason";
        else
                return wish;
        mem_move(NULL, answer);
        return mem_free(wish);
}

void wish_fail(Wish *wish, const char *reason) {
        wish->error = wish->error ? mem_printf(wish, "%s; %s", wish->error, reason) : mem_strdup(wish, reason);
        wish->exit_code = exit_code_unite(wish->exit_code, EXIT_ERROR);
}

static void send_text(Wish *wish, const char *key, const char *text) {
        JsonWriter writer;
        Text line;

        text_init(&line, wish);
        json_writer_init(&writer, &line, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, key, text);
        json_write_object_end(&writer);
        serve_answer_line(wish->answer, line.data);
}

void wish_end(Wish *wish) {
        send_text(wish, "out", wish->text.data);
        if (wish->error)
                send_text(wish, "error", wish->error);
        serve_answer_end(wish->answer, wish->exit_code);
        mem_free(wish);
}

char *wish_request(Mem *parent, const Cli *cli, PrintColour colour) {
        const char *argument = cli->n_arguments > 0 ? cli->arguments[0] : NULL;
        bool is_undo = strcmp(cli->command, "undo") == 0;
        JsonWriter writer;
        Text text;

        text_init(&text, parent);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "command", cli->command);
        json_write_text(&writer, "project", cli->project);
        if (is_undo)
                json_write_text(&writer, "change_id", argument);
        json_write_text(&writer, "plan_id", cli->release || is_undo ? cli->release : argument);
        json_write_text(&writer, "reason", cli->reason);
        json_write_text(&writer, "output", cli->output == OUTPUT_JSON ? "json" : "text");
        json_write_bool(&writer, "colour", colour == PRINT_COLOUR);
        json_write_object_end(&writer);
        return text.data;
}

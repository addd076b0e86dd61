/* SPDX-License-Identifier: Apache-2.0 */
/* Replay: exchanges with the service as files of fixtures/replay, carried out by a batch in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/azdo/judge.h"
#include "tests/replay/script_port.h"

enum {
        CASES_MAX = 200,
        LINE_MAX_SIZE = 4096,
        FINISH_MS = 60 * 60 * 1000, /* no case takes longer in virtual time */
};

/* A case is lines of:
 *   in-flight N | budget N | deadline TIME     before the first call
 *   call METHOD PATH [never] [survey] [continuation|skip]
 *   > METHOD PATH        the oldest unanswered request is this
 *   < STATUS [retry-after=S] [delay=S] [remaining=N] [limit=N] [reset=S] [continuation=T] [rows=N] [html]
 *   < broken | timeout | no-connection
 *   .                    nothing is on the wire
 *   @ +TIME              so much later: 30s, 500ms
 *   stop                 no new request
 *   = METHOD PATH WORD   how that call ended: ok, or its fault */
typedef struct Case {
        Mem *mem;
        const char *path;
        unsigned line;
        ScriptPort *script;
        Throttle throttle;
        int64_t deadline;
        Batch *batch;
        size_t n_done;
} Case;

static const char *const fault_words[] = {
        [FAULT_NONE] = "ok",
        [FAULT_NETWORK] = "network",
        [FAULT_UNKNOWN_RESULT] = "unknown-result",
        [FAULT_UNAVAILABLE] = "unavailable",
        [FAULT_THROTTLED] = "throttled",
        [FAULT_AUTHENTICATION] = "authentication",
        [FAULT_FORBIDDEN] = "forbidden",
        [FAULT_NOT_FOUND] = "not-found",
        [FAULT_EXISTS] = "exists",
        [FAULT_REFUSED] = "refused",
        [FAULT_MALFORMED] = "malformed",
};

#define fail_here(case_, ...)                                               \
        do {                                                                \
                print_error("%s:%u: ", (case_)->path, (case_)->line);       \
                print_error(__VA_ARGS__);                                   \
                print_error("\n");                                          \
                fail();                                                     \
        } while (0)

static int64_t read_time(Case *replay, const char *text) {
        char *end;
        long long amount = strtoll(*text == '+' ? text + 1 : text, &end, 10);

        if (strcmp(end, "s") == 0)
                return amount * 1000;
        if (strcmp(end, "ms") != 0)
                fail_here(replay, "`%s` is no time", text);
        return amount;
}

static int take_rows(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        JsonNode *root;
        Mem *scratch = mem_new(NULL, char);
        int r = json_parse(scratch, reply->body, reply->n_body, &root, reasonp);

        if (r == 0)
                *rowsp = json_count(json_get(root, "value"));
        mem_free(scratch);
        return r;
}

static void on_done(void *context, Batch *batch) {
        Case *replay = context;

        replay->n_done++;
}

static Batch *batch_of(Case *replay) {
        if (!replay->batch)
                replay->batch = batch_new(replay->mem, &(BatchSpec){.port = script_port(replay->script),
                                                                    .throttle = &replay->throttle,
                                                                    .judge = judge_reply,
                                                                    .on_done = on_done,
                                                                    .context = replay,
                                                                    .deadline = replay->deadline});
        return replay->batch;
}

static void do_call(Case *replay, char **words, size_t n) {
        Request request = {.path = words[2]};
        bool is_known = false;

        for (Method method = METHOD_GET; method <= METHOD_HEAD; method++)
                if (strcmp(method_name(method), words[1]) == 0) {
                        request.method = method;
                        is_known = true;
                }
        for (size_t i = 3; i < n; i++) {
                request.repeat = strcmp(words[i], "never") == 0 ? REPEAT_NEVER : request.repeat;
                request.is_survey |= strcmp(words[i], "survey") == 0;
                request.paging = strcmp(words[i], "skip") == 0           ? PAGING_SKIP
                                 : strcmp(words[i], "continuation") == 0 ? PAGING_CONTINUATION
                                                                         : request.paging;
        }
        if (!is_known)
                fail_here(replay, "`%s` is no method", words[1]);
        batch_add(batch_of(replay), &request, take_rows, replay);
        if (replay->n_done == 0 && !script_unanswered(replay->script))
                batch_start(replay->batch);
}

static void expect_request(Case *replay, const char *wanted) {
        const Request *request;
        char *line;

        script_pass(replay->script, 0);
        request = script_unanswered(replay->script);
        line = request ? mem_printf(replay->mem, "%s %s", method_name(request->method), request->path) : NULL;
        if (!line || strcmp(line, wanted) != 0)
                fail_here(replay, "expected `%s` on the wire; it is %s", wanted, line ? line : "nothing");
}

static char *rows_body(Case *replay, long n) {
        Text text;

        text_init(&text, replay->mem);
        text_append(&text, "{\"value\":[");
        for (long i = 0; i < n; i++)
                text_append(&text, i ? ",0" : "0");
        text_append(&text, "]}");
        return text.data;
}

static bool has_key(const char *word, const char *key, const char **valuep) {
        size_t n = strlen(key);

        if (strncmp(word, key, n) != 0 || word[n] != '=')
                return false;
        *valuep = word + n + 1;
        return true;
}

static void answer(Case *replay, char **words, size_t n) {
        Reply reply = script_json("{\"value\":[]}");
        const char *value;

        reply.status = atoi(words[1]);
        reply.failure = strcmp(words[1], "broken") == 0          ? REPLY_BROKEN
                        : strcmp(words[1], "timeout") == 0       ? REPLY_TIMEOUT
                        : strcmp(words[1], "no-connection") == 0 ? REPLY_NO_CONNECTION
                                                                 : REPLY_ANSWERED;
        for (size_t i = 2; i < n; i++) {
                if (has_key(words[i], "retry-after", &value))
                        reply.retry_after_ms = atoll(value) * 1000;
                else if (has_key(words[i], "delay", &value))
                        reply.rate_limit_delay_ms = atoll(value) * 1000;
                else if (has_key(words[i], "remaining", &value))
                        reply.rate_limit_remaining = atoll(value);
                else if (has_key(words[i], "limit", &value))
                        reply.rate_limit_limit = atoll(value);
                else if (has_key(words[i], "reset", &value))
                        reply.rate_limit_reset_ms = atoll(value) * 1000;
                else if (has_key(words[i], "continuation", &value))
                        reply.continuation = value;
                else if (has_key(words[i], "rows", &value))
                        reply.body = rows_body(replay, atol(value));
                else if (strcmp(words[i], "html") == 0) {
                        reply.content_type = "text/html";
                        reply.body = "<!DOCTYPE html><html></html>";
                } else
                        fail_here(replay, "`%s` means nothing in an answer", words[i]);
        }
        reply.n_body = strlen(reply.body);
        script_answer(replay->script, &reply);
}

static void expect_end(Case *replay, char **words) {
        Call *const *calls;
        size_t n;

        script_pass(replay->script, 0);
        calls = batch_calls(replay->batch, &n);
        for (size_t i = 0; i < n; i++) {
                const char *got = calls[i]->ended ? fault_words[calls[i]->fault.kind] : "not ended";

                /* The path may have become a later page's. */
                if (strcmp(method_name(calls[i]->request->method), words[1]) != 0 ||
                    strncmp(calls[i]->request->path, words[2], strlen(words[2])) != 0)
                        continue;
                if (strcmp(got, words[3]) != 0)
                        fail_here(replay, "%s %s is %s, not %s", words[1], words[2], got, words[3]);
                return;
        }
        fail_here(replay, "there is no call %s %s", words[1], words[2]);
}

static void do_line(Case *replay, char *line) {
        char *words[8], *save = NULL;
        size_t n = 0;

        line[strcspn(line, "#\n")] = 0;
        for (char *word = strtok_r(line, " ", &save); word && n < 8; word = strtok_r(NULL, " ", &save))
                words[n++] = word;
        if (n == 0)
                return;
        if (strcmp(words[0], "in-flight") == 0 && n == 2)
                replay->throttle.in_flight_max = (unsigned)atoi(words[1]);
        else if (strcmp(words[0], "budget") == 0 && n == 2)
                replay->throttle.survey_budget = atoi(words[1]);
        else if (strcmp(words[0], "deadline") == 0 && n == 2)
                replay->deadline = script_now(replay->script) + read_time(replay, words[1]);
        else if (strcmp(words[0], "call") == 0 && n >= 3)
                do_call(replay, words, n);
        else if (strcmp(words[0], ">") == 0 && n == 3)
                expect_request(replay, mem_printf(replay->mem, "%s %s", words[1], words[2]));
        else if (strcmp(words[0], "<") == 0 && n >= 2)
                answer(replay, words, n);
        else if (strcmp(words[0], "@") == 0 && n == 2)
                script_pass(replay->script, read_time(replay, words[1]));
        else if (strcmp(words[0], "stop") == 0)
                batch_stop(batch_of(replay));
        else if (strcmp(words[0], "=") == 0 && n == 4)
                expect_end(replay, words);
        else if (strcmp(words[0], ".") == 0) {
                script_pass(replay->script, 0);
                if (script_unanswered(replay->script))
                        fail_here(replay, "%s is on the wire", script_unanswered(replay->script)->path);
        } else
                fail_here(replay, "`%s` is no line of a case", words[0]);
}

static void test_case(void **state) {
        Case replay = {.mem = mem_new(NULL, char), .path = *state};
        char line[LINE_MAX_SIZE];
        FILE *file = fopen(replay.path, "r");

        assert_non_null(file);
        replay.script = script_port_new(replay.mem);
        throttle_init(&replay.throttle, /* in_flight_max= */ 8, /* survey_budget= */ 0);
        while (fgets(line, sizeof line, file)) {
                replay.line++;
                do_line(&replay, line);
        }
        fclose(file);
        if (!script_run(replay.script, FINISH_MS, NULL, NULL) || script_unanswered(replay.script))
                fail_here(&replay, "it has not ended");
        assert_int_equal(replay.n_done, 1);
        assert_int_equal(replay.throttle.in_flight, 0);
        mem_free(replay.mem);
}

static int is_case(const struct dirent *entry) {
        const char *dot = strrchr(entry->d_name, '.');

        return dot && strcmp(dot, ".replay") == 0;
}

int main(void) {
        static struct CMUnitTest tests[CASES_MAX];
        Mem *mem = mem_new(NULL, char);
        struct dirent **entries;
        int n = scandir(FIXTURES, &entries, is_case, alphasort), r;

        if (n <= 0 || n > CASES_MAX) {
                fprintf(stderr, "no cases in %s\n", FIXTURES);
                return 1;
        }
        for (int i = 0; i < n; i++) {
                tests[i] = (struct CMUnitTest){.name = mem_strdup(mem, entries[i]->d_name),
                                               .test_func = test_case,
                                               .initial_state = mem_printf(mem, "%s/%s", FIXTURES, entries[i]->d_name)};
                free(entries[i]);
        }
        free(entries);
        r = _cmocka_run_group_tests("replay", tests, (size_t)n, NULL, NULL);
        mem_free(mem);
        return r;
}

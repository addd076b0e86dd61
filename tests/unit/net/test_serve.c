/* SPDX-License-Identifier: Apache-2.0 */
/* Serve: the control socket with its client. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/net/client.h"
#include "daemon/net/serve.h"

enum {
        HANG_MS = 30 * 1000,
        LONG_LINES = 500,
        LONG_LINE_SIZE = 10000,
        NOBODY = 65534,
};

static Mem *mem;
static Loop *loop;
static Serve *serve;
static LoopTicket *guard;
static char *folder, *path;
static ServeAnswer *kept;

static void on_hang(void *context) {
        fail_msg("%s", "the test hangs");
}

static void on_command(void *context, ServeAnswer *answer, const JsonNode *request);

static void write_doing(void *context, Text *text) {
        text_append(text, "reading \"MLOps\"");
}

static int setup(void **state) {
        const char *reason = NULL;

        mem = mem_alloc_zero(NULL, 1, "test");
        loop = loop_new(mem);
        guard = loop_alarm(loop, mem, HANG_MS, on_hang, NULL);
        folder = mem_strdup(mem, "/tmp/charterd-test-XXXXXX");
        assert_non_null(mkdtemp(folder));
        path = mem_printf(mem, "%s/run/sock", folder);
        if (serve_open(mem, &(ServeSpec){.loop = loop, .path = path, .fn = on_command, .write_doing = write_doing}, &serve,
                       &reason) < 0)
                fail_msg("%s", reason);
        return 0;
}

static int teardown(void **state) {
        serve_close(serve);
        assert_true(access(path, F_OK) < 0);
        mem_free(guard);
        loop_free(loop);
        rmdir(mem_printf(mem, "%s/run", folder));
        rmdir(folder);
        mem = mem_free(mem);
        return 0;
}

/* --- the daemon's side --- */

static void on_command(void *context, ServeAnswer *answer, const JsonNode *request) {
        const char *command = json_get_text(request, "command");
        char line[LONG_LINE_SIZE + 1];

        if (strcmp(command, "status") == 0) {
                serve_answer_line(answer, "{\"state\":\"fine\"}");
                serve_answer_line(answer, "[1,2]");
                serve_answer_end(answer, 3);
        } else if (strcmp(command, "long") == 0) {
                snprintf(line, sizeof line, "[%0*d]", LONG_LINE_SIZE - 2, 0);
                memset(line + 1, '1', LONG_LINE_SIZE - 2);
                for (int i = 1; i < LONG_LINE_SIZE - 2; i += 2)
                        line[i + 1] = ',';
                line[LONG_LINE_SIZE - 2] = '1';
                for (int i = 0; i < LONG_LINES; i++)
                        serve_answer_line(answer, line);
                serve_answer_end(answer, 0);
        } else {
                kept = answer;
        }
}

/* --- the client's side, in a thread --- */

typedef struct Asking {
        const char *request;
        unsigned n_lines;
        char first[100];
        char doing[100];
        int result, exit_code;
        char reason[200];
        pthread_t thread;
} Asking;

static void on_line(void *context, const JsonNode *value, const char *line) {
        Asking *asking = context;

        if (asking->n_lines++ == 0)
                snprintf(asking->first, sizeof asking->first, "%s", line);
}

static void on_alive(void *context, const JsonNode *value, const char *line) {
        Asking *asking = context;
        const char *doing = json_get_text(value, "doing");

        assert_non_null(doing);
        snprintf(asking->doing, sizeof asking->doing, "%s", doing);
}

static void ask(Asking *asking) {
        Mem *own = mem_alloc_zero(NULL, 1, "client");
        const char *reason = NULL;

        asking->exit_code = -1;
        asking->result = client_call(own,
                                     &(ClientCall){.path = path,
                                                   .request = asking->request,
                                                   .on_line = on_line,
                                                   .on_alive = on_alive,
                                                   .context = asking},
                                     &asking->exit_code, &reason);
        snprintf(asking->reason, sizeof asking->reason, "%s", reason ? reason : "");
        mem_free(own);
}

/* A shutdown of this end tells the loop that the client has finished. */
static int done_pipe[2];

static void *ask_main(void *context) {
        ssize_t n = 0;

        ask(context);
        n = write(done_pipe[1], "x", 1);
        return n == 1 ? NULL : context;
}

static void look_if_done(void *context) {
        fd_set set;
        char byte = 0;

        FD_ZERO(&set);
        FD_SET(done_pipe[0], &set);
        if (select(done_pipe[0] + 1, &set, NULL, NULL, &(struct timeval){0}) == 1 &&
            read(done_pipe[0], &byte, 1) == 1)
                loop_stop(loop);
        else
                loop_alarm(loop, mem, 1, look_if_done, NULL);
}

static void run_asking(Asking *asking) {
        assert_int_equal(pipe(done_pipe), 0);
        assert_int_equal(pthread_create(&asking->thread, NULL, ask_main, asking), 0);
        look_if_done(NULL);
        loop_run(loop);
        pthread_join(asking->thread, NULL);
        close(done_pipe[0]);
        close(done_pipe[1]);
}

/* --- tests --- */

static void test_a_command_is_answered(void **state) {
        Asking asking = {.request = "{\"command\":\"status\"}"};
        struct stat info;

        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0660);
        run_asking(&asking);
        assert_int_equal(asking.result, 0);
        assert_int_equal(asking.exit_code, 3);
        assert_int_equal(asking.n_lines, 2);
        assert_string_equal(asking.first, "{\"state\":\"fine\"}");
}

static void test_a_long_answer_comes_whole(void **state) {
        Asking asking = {.request = "{\"command\":\"long\"}"};

        run_asking(&asking);
        assert_int_equal(asking.result, 0);
        assert_int_equal(asking.exit_code, 0);
        assert_int_equal(asking.n_lines, LONG_LINES);
}

static void test_bad_requests(void **state) {
        static const struct {
                const char *request;
                const char *first;
        } rows[] = {
                {"nonsense", "{\"error\": \"a value expected\"}"},
                {"{}", "{\"error\": \"the request has no `command`\"}"},
                {"[]", "{\"error\": \"the request has no `command`\"}"},
                {"", "{\"error\": \"the document is cut\"}"},
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Asking asking = {.request = rows[i].request};

                run_asking(&asking);
                assert_int_equal(asking.result, 0);
                assert_int_equal(asking.exit_code, 1);
                assert_string_equal(asking.first, rows[i].first);
        }
}

static void test_a_request_is_bounded(void **state) {
        Asking asking = {.request = mem_printf(mem, "{\"command\":\"%0*d\"}",
                                               4 * SERVE_REQUEST_SIZE_MAX, 1)};

        run_asking(&asking);
        assert_int_equal(asking.exit_code, 1);
        assert_string_equal(asking.first, "{\"error\": \"the request is too long\"}");
}

static void end_kept(void *context) {
        assert_true(serve_answer_is_wanted(kept));
        serve_answer_line(kept, "{\"later\":1}");
        serve_answer_end(kept, 0);
}

/* Longer than the daemon may be silent: it says that it is alive and what it does, which is no line of the answer. */
static void test_a_long_command_is_kept_alive(void **state) {
        Asking asking = {.request = "{\"command\":\"wait\"}"};

        loop_alarm(loop, mem, SERVE_ALIVE_MS + 500, end_kept, NULL);
        run_asking(&asking);
        assert_int_equal(asking.result, 0);
        assert_int_equal(asking.exit_code, 0);
        assert_int_equal(asking.n_lines, 1);
        assert_string_equal(asking.first, "{\"later\":1}");
        assert_string_equal(asking.doing, "reading \"MLOps\"");
}

static int connect_raw(void) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        assert_int_equal(connect(file, (struct sockaddr *)&address, sizeof address), 0);
        return file;
}

static void look_if_kept(void *context) {
        int *file = context;

        if (!kept) {
                loop_alarm(loop, mem, 1, look_if_kept, context);
                return;
        }
        if (*file >= 0)
                close(*file);
        *file = -1;
        if (serve_answer_is_wanted(kept))
                loop_alarm(loop, mem, 1, look_if_kept, context);
        else
                loop_stop(loop);
}

static void test_the_other_side_goes(void **state) {
        static const char request[] = "{\"command\":\"wait\"}\n";
        int file = connect_raw();

        kept = NULL;
        assert_int_equal(write(file, request, sizeof request - 1), sizeof request - 1);
        look_if_kept(&file);
        loop_run(loop);
        serve_answer_line(kept, "{}"); /* dropped */
        serve_answer_end(kept, 0);
}

static void test_closing_with_an_answer_outstanding(void **state) {
        static const char request[] = "{\"command\":\"wait\"}\n";
        const char *reason = NULL;
        int file = connect_raw();

        kept = NULL;
        assert_int_equal(write(file, request, sizeof request - 1), sizeof request - 1);
        while (!kept) {
                loop_alarm(loop, mem, 1, (LoopFn)loop_stop, loop);
                loop_run(loop);
        }
        serve = serve_close(serve);
        assert_false(serve_answer_is_wanted(kept));
        serve_answer_end(kept, 0);
        close(file);
        assert_int_equal(serve_open(mem, &(ServeSpec){.loop = loop, .path = path, .fn = on_command},
                                    &serve, &reason),
                         0);
}

static void test_too_many_at_once(void **state) {
        int files[SERVE_CONNECTIONS_MAX];
        Asking asking = {.request = "{\"command\":\"status\"}"};

        for (int i = 0; i < SERVE_CONNECTIONS_MAX; i++) {
                files[i] = connect_raw();
                loop_alarm(loop, mem, 1, (LoopFn)loop_stop, loop);
                loop_run(loop);
        }
        run_asking(&asking);
        assert_int_equal(asking.exit_code, 1);
        assert_string_equal(asking.first,
                            "{\"error\": \"too many are asking at once; try again\"}");
        for (int i = 0; i < SERVE_CONNECTIONS_MAX; i++)
                close(files[i]);
}

static void test_who_may_ask(void **state) {
        int status = 0;
        pid_t child = 0;

        if (geteuid() != 0)
                skip();
        assert_int_equal(chmod(path, 0666), 0);
        assert_int_equal(chmod(folder, 0755), 0);
        fflush(NULL);
        child = fork();
        if (child == 0) {
                Asking asking = {.request = "{\"command\":\"status\"}"};

                if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
                        _exit(2);
                ask(&asking);
                _exit(strcmp(asking.first,
                             "{\"error\": \"only root and the daemon's own user may ask\"}") == 0 &&
                                      asking.exit_code == 1
                              ? 0
                              : 1);
        }
        while (waitpid(child, &status, WNOHANG) == 0) {
                loop_alarm(loop, mem, 1, (LoopFn)loop_stop, loop);
                loop_run(loop);
        }
        assert_int_equal(status, 0);
}

static void test_where_it_listens(void **state) {
        Serve *other = NULL;
        const char *reason = NULL;
        ServeSpec spec = {.loop = loop, .path = path, .fn = on_command};
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        char *stale = mem_printf(mem, "%s/stale", folder);
        char *plain = mem_printf(mem, "%s/plain", folder);
        Asking asking = {.request = "{\"command\":\"status\"}"};
        char *normal = path;
        int file = -1;

        assert_int_equal(serve_open(mem, &spec, &other, &reason), -EADDRINUSE);
        assert_string_equal(reason, mem_printf(mem, "another process listens on %s", path));
        file = socket(AF_UNIX, SOCK_STREAM, 0);
        snprintf(address.sun_path, sizeof address.sun_path, "%s", stale);
        assert_int_equal(bind(file, (struct sockaddr *)&address, sizeof address), 0);
        close(file);
        path = stale;
        ask(&asking);
        assert_int_equal(asking.result, 1); /* nobody listens */
        path = normal;
        spec.path = stale;
        assert_int_equal(serve_open(mem, &spec, &other, &reason), 0);
        serve_close(other);
        path = stale;
        ask(&asking);
        assert_int_equal(asking.result, 1); /* nothing is there */
        path = normal;
        fclose(fopen(plain, "w"));
        spec.path = plain;
        assert_int_equal(serve_open(mem, &spec, &other, &reason), -EEXIST);
        unlink(plain);
        spec.path = mem_printf(mem, "/%0*d", SERVE_PATH_SIZE_MAX, 1);
        assert_int_equal(serve_open(mem, &spec, &other, &reason), -ENAMETOOLONG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_a_command_is_answered, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_long_answer_comes_whole, setup, teardown),
                cmocka_unit_test_setup_teardown(test_bad_requests, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_request_is_bounded, setup, teardown),
                cmocka_unit_test_setup_teardown(test_a_long_command_is_kept_alive, setup, teardown),
                cmocka_unit_test_setup_teardown(test_the_other_side_goes, setup, teardown),
                cmocka_unit_test_setup_teardown(test_closing_with_an_answer_outstanding, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_too_many_at_once, setup, teardown),
                cmocka_unit_test_setup_teardown(test_who_may_ask, setup, teardown),
                cmocka_unit_test_setup_teardown(test_where_it_listens, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

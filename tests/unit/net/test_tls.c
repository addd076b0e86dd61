/* SPDX-License-Identifier: Apache-2.0 */
/* Web over TLS: who is believed, and HTTP/2 where it is offered. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/net/web.h"
#include "tests/unit/ledger/folder.h"
#include "tests/unit/net/certificate.h"

enum {
        HANG_MS = 20 * 1000,
        MANY = 100,
        BODY_SIZE = 50 * 1000,
        SKIPPED = 77, /* said to meson: $TEST_NGINX names no server */
};

static Mem *mem, *owner;
static char *folder;
static Loop *loop;
static LoopTicket *guard;
static pid_t server;
static char url[64];
static unsigned n_replies, n_expected;
static ReplyFailure failure;
static int status;
static char *text;
static size_t n_body;

static void on_hang(void *context) {
        fail_msg("%s", "the test hangs");
}

static char *in(const char *name) {
        return mem_printf(mem, "%s/%s", folder, name);
}

/* nginx takes a listening socket from its environment, so the port is free for sure. */
static void start_server(const char *name) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t n = sizeof address;
        Certificate certificate = certificate_new(mem, name);
        int file = socket(AF_INET, SOCK_STREAM, 0);
        char *body = mem_alloc_zero(mem, BODY_SIZE, "body");
        char *configuration = NULL;

        assert_int_equal(bind(file, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(file, MANY), 0);
        getsockname(file, (struct sockaddr *)&address, &n);
        snprintf(url, sizeof url, "https://127.0.0.1:%d", ntohs(address.sin_port));
        memset(body, '1', BODY_SIZE);
        folder_write(folder, "body.json", body, BODY_SIZE);
        folder_write(folder, "key.pem", certificate.key, strlen(certificate.key));
        folder_write(folder, "certificate.pem", certificate.certificate,
                     strlen(certificate.certificate));
        configuration = mem_printf(
                mem,
                "daemon off; worker_processes 1; %s pid %s/pid; error_log %s/error.log;\n"
                "events { worker_connections 1024; }\n"
                "http { access_log off; types { application/json json; }\n"
                "client_body_temp_path %s/1; proxy_temp_path %s/2; fastcgi_temp_path %s/3;\n"
                "uwsgi_temp_path %s/4; scgi_temp_path %s/5;\n"
                "server { listen 127.0.0.1:%d ssl http2; ssl_certificate %s/certificate.pem;\n"
                "ssl_certificate_key %s/key.pem; root %s; } }\n",
                geteuid() == 0 ? "user root;" : "", folder, folder, folder, folder, folder, folder,
                folder, ntohs(address.sin_port), folder, folder, folder);
        folder_write(folder, "nginx.conf", configuration, strlen(configuration));
        fflush(NULL);
        server = fork();
        if (server == 0) {
                setenv("NGINX", mem_printf(mem, "%d;", file), 1);
                execl(getenv("TEST_NGINX"), "nginx", "-e", in("error.log"), "-c", in("nginx.conf"),
                      (char *)NULL);
                _exit(127);
        }
        close(file);
}

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        folder = folder_new(mem);
        loop = loop_new(mem);
        owner = mem_alloc_zero(mem, 1, "owner");
        guard = loop_alarm(loop, mem, HANG_MS, on_hang, NULL);
        return 0;
}

static int teardown(void **state) {
        owner = mem_free(owner);
        mem_free(guard);
        if (server > 0) {
                kill(server, SIGTERM);
                waitpid(server, NULL, 0);
        }
        server = 0;
        loop_free(loop);
        mem = mem_free(mem);
        return 0;
}

static WebEndpoint *open_endpoint(const char *ca_file, Web **webp) {
        const char *reason = NULL;

        *webp = web_new(owner, &(WebSpec){.loop = loop,
                                          .version = "1",
                                          .ca_file = ca_file,
                                          .silence_ms = 5000,
                                          .total_ms = 10000,
                                          .response_size = BODY_SIZE,
                                          .stream_size = BODY_SIZE});
        return web_endpoint_new(owner, *webp, url, NULL, &reason);
}

static void on_reply(void *context, const Reply *reply) {
        failure = reply->failure;
        status = reply->status;
        n_body = reply->n_body;
        text = mem_strdup(mem, reply->failure_text);
        if (failure != REPLY_ANSWERED || status != 200 || n_body != BODY_SIZE)
                loop_stop(loop);
        if (++n_replies == n_expected)
                loop_stop(loop);
}

static void ask(WebEndpoint *endpoint, unsigned n) {
        n_replies = 0;
        n_expected = n;
        for (unsigned i = 0; i < n; i++)
                web_send(endpoint, owner, &(Request){.path = "/body.json"}, on_reply, NULL);
        loop_run(loop);
}

static void test_only_a_known_signer_is_believed(void **state) {
        Web *web = NULL;
        WebEndpoint *endpoint = NULL;

        start_server("IP:127.0.0.1");
        endpoint = open_endpoint(NULL, &web);
        ask(endpoint, 1);
        assert_int_equal(failure, REPLY_NOT_BELIEVED);
        if (!strstr(text, "self"))
                fail_msg("%s %s", text, folder_read(mem, folder, "error.log", &n_body));
        web_free(web);
        endpoint = open_endpoint(in("certificate.pem"), &web);
        ask(endpoint, 1);
        assert_int_equal(failure, REPLY_ANSWERED);
        assert_int_equal(n_body, BODY_SIZE);
        web_free(web);
        endpoint = open_endpoint(in("nothing.pem"), &web);
        ask(endpoint, 1);
        assert_int_equal(failure, REPLY_NOT_BELIEVED);
        assert_non_null(strstr(text, "nothing.pem"));
}

static void test_only_under_its_own_name(void **state) {
        Web *web = NULL;
        WebEndpoint *endpoint = NULL;

        start_server("DNS:dev.azure.com");
        endpoint = open_endpoint(in("certificate.pem"), &web);
        ask(endpoint, 1);
        assert_int_equal(failure, REPLY_NOT_BELIEVED);
        assert_non_null(strstr(text, "127.0.0.1"));
}

static void test_many_share_a_connection(void **state) {
        Web *web = NULL;
        WebEndpoint *endpoint = NULL;

        start_server("IP:127.0.0.1");
        endpoint = open_endpoint(in("certificate.pem"), &web);
        for (int i = 0; i < 5; i++) {
                ask(endpoint, MANY);
                assert_int_equal(n_replies, MANY);
                assert_int_equal(failure, REPLY_ANSWERED);
        }
        assert_int_equal(web_endpoint_statistics(endpoint)->n_connections, 1);
}

static Mem *dropped;

static void on_first(void *context, const Reply *reply) {
        dropped = mem_free(dropped);
}

/* Streams that are dropped in the middle leave the others of their connection alone. */
static void test_cancelling_streams(void **state) {
        Web *web = NULL;
        WebEndpoint *endpoint = NULL;

        start_server("IP:127.0.0.1");
        endpoint = open_endpoint(in("certificate.pem"), &web);
        ask(endpoint, 1);
        for (int i = 0; i < 8; i++) {
                dropped = mem_alloc_zero(owner, 1, "dropped");
                for (int k = 0; k < MANY / 2; k++)
                        web_send(endpoint, dropped, &(Request){.path = "/body.json"}, on_first,
                                 NULL);
                ask(endpoint, MANY / 2);
                assert_int_equal(n_replies, MANY / 2);
                assert_int_equal(failure, REPLY_ANSWERED);
                assert_null(dropped);
        }
        assert_int_equal(web_endpoint_statistics(endpoint)->n_connections, 1);
}

/* The server goes while answers are under way; all are told. */
static void test_the_server_goes(void **state) {
        Web *web = NULL;
        WebEndpoint *endpoint = NULL;

        start_server("IP:127.0.0.1");
        endpoint = open_endpoint(in("certificate.pem"), &web);
        ask(endpoint, MANY);
        kill(server, SIGTERM);
        waitpid(server, NULL, 0);
        server = 0;
        ask(endpoint, 1);
        assert_int_equal(failure, REPLY_NO_CONNECTION);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_only_a_known_signer_is_believed, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_only_under_its_own_name, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_share_a_connection, setup, teardown),
                cmocka_unit_test_setup_teardown(test_cancelling_streams, setup, teardown),
                cmocka_unit_test_setup_teardown(test_the_server_goes, setup, teardown),
        };

        if (!getenv("TEST_NGINX"))
                return SKIPPED;
        return cmocka_run_group_tests(tests, NULL, NULL);
}

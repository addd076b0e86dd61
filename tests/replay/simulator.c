/* SPDX-License-Identifier: Apache-2.0 */
/* Simulator: the simulator process behind a scripted port: real answers, in virtual time. */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

#include "common/base/text.h"
#include "daemon/net/header.h"
#include "tests/replay/simulator.h"

enum {
        START_S = 300, /* a sanitized one on a busy machine */
        LOOK_AGAIN_US = 10 * 1000,
        PATH_SIZE = 512,
        LINE_SIZE = 1024,
};

struct Simulator {
        char folder[PATH_SIZE];
        pid_t pid;
        char url[PATH_SIZE];
        char *bases[_BASE_N]; /* once the engine was told */
        CURL *curl;
        ScriptPort *script;
        int64_t answer_ms;
        bool is_away;
        SimulatorAsked *asked;
        size_t n_asked;
};

/* --- the process ---------------------------------------------------------------------------------------------------- */

static int on_free(void *object) {
        Simulator *simulator = object;
        char path[PATH_SIZE + 16];

        curl_easy_cleanup(simulator->curl);
        kill(simulator->pid, SIGTERM);
        waitpid(simulator->pid, NULL, 0);
        snprintf(path, sizeof path, "%s/ready", simulator->folder);
        unlink(path);
        rmdir(simulator->folder);
        return 0;
}

/* `http HOST graph HOST`, as the ready file says. */
static bool read_ready(Simulator *simulator, const char *path) {
        FILE *file = fopen(path, "r");
        char line[LINE_SIZE], url[LINE_SIZE];
        bool is_ready;

        if (!file)
                return false;
        is_ready = fgets(line, sizeof line, file) && sscanf(line, "%*s %1000s", url) == 1;
        fclose(file);
        if (is_ready)
                snprintf(simulator->url, sizeof simulator->url, "%.400s/contoso", url);
        return is_ready;
}

static void start_process(Simulator *simulator, const char *generate, const char *ready) {
        const char *program = getenv("CHARTERD_SIMULATOR");

        assert(program);
        simulator->pid = fork();
        assert(simulator->pid >= 0);
        if (simulator->pid == 0) {
                execl(program, program, "--quiet", "--ready-file", ready, "--generate", generate, (char *)NULL);
                _exit(127);
        }
}

Simulator *simulator_start(Mem *parent, const char *generate) {
        Simulator *simulator = mem_new(parent, Simulator);
        char ready[PATH_SIZE + 16];
        const char *temporary = getenv("TMPDIR");

        snprintf(simulator->folder, sizeof simulator->folder, "%s/charterd-replay-XXXXXX", temporary ? temporary : "/tmp");
        assert(mkdtemp(simulator->folder));
        snprintf(ready, sizeof ready, "%s/ready", simulator->folder);
        start_process(simulator, generate, ready);
        mem_on_free(simulator, on_free);
        for (int64_t i = 0; !read_ready(simulator, ready); i++) {
                assert(i < INT64_C(1000) * 1000 * START_S / LOOK_AGAIN_US);
                assert(waitpid(simulator->pid, NULL, WNOHANG) == 0);
                usleep(LOOK_AGAIN_US);
        }
        simulator->curl = curl_easy_init();
        assert(simulator->curl);
        return simulator;
}

const char *simulator_url(const Simulator *simulator) {
        return simulator->url;
}

void simulator_set_base(Simulator *simulator, Base base, const char *url) {
        mem_free(simulator->bases[base]);
        simulator->bases[base] = mem_strdup(simulator, url);
}

/* --- one request ---------------------------------------------------------------------------------------------------- */

typedef struct Exchange {
        Mem *mem;
        Reply *reply;
        Text body;
        int64_t wall_ms;
} Exchange;

static size_t on_body(char *bytes, size_t size, size_t n, void *context) {
        Exchange *exchange = context;

        text_append_bytes(&exchange->body, bytes, size * n);
        return size * n;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *context) {
        Exchange *exchange = context;

        header_take(exchange->mem, exchange->reply, bytes, size * n, exchange->wall_ms);
        return size * n;
}

static int ask(Simulator *simulator, Exchange *exchange, const char *url, const Request *request) {
        CURL *curl = simulator->curl;
        struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
        long status = 0;
        char type[LINE_SIZE];

        snprintf(type, sizeof type, "Content-Type: %s", request->media_type ? request->media_type : "application/json");
        headers = curl_slist_append(headers, type);
        header_reset(exchange->reply);
        text_init(&exchange->body, exchange->mem);
        curl_easy_reset(curl);
        curl_easy_setopt(curl, CURLOPT_URL, url);
        curl_easy_setopt(curl, CURLOPT_USERPWD, ":admin");
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method_name(request->method));
        curl_easy_setopt(curl, CURLOPT_NOBODY, (long)(request->method == METHOD_HEAD));
        if (request->body)
                curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
        assert(curl_easy_perform(curl) == CURLE_OK);
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_slist_free_all(headers);
        exchange->reply->status = (int)status;
        exchange->reply->body = exchange->body.data ? exchange->body.data : "";
        exchange->reply->n_body = exchange->body.n;
        return (int)status;
}

static bool is_write(const Request *request) {
        return request->method != METHOD_GET && request->method != METHOD_HEAD && !strstr(request->path, "batch?");
}

static bool on_request(void *context, Mem *mem, const Request *request, Reply *reply, int64_t *delay_ms) {
        Simulator *simulator = context;
        Exchange exchange = {.mem = mem, .reply = reply, .wall_ms = port_wall(script_port(simulator->script))};
        const char *base = request->base == BASE_CORE ? simulator->url : simulator->bases[request->base];

        *mem_push(simulator, simulator->asked, simulator->n_asked) =
                (SimulatorAsked){.at = script_now(simulator->script),
                                 .is_survey = request->is_survey,
                                 .is_write = is_write(request),
                                 .path = mem_strdup(simulator, request->path)};
        *delay_ms = simulator->answer_ms;
        if (simulator->is_away) {
                header_reset(reply);
                reply->failure = REPLY_NO_CONNECTION;
                return true;
        }
        assert(base);
        ask(simulator, &exchange, mem_printf(mem, "%s%s", base, request->path), request);
        return true;
}

/* --- outside -------------------------------------------------------------------------------------------------------- */

void simulator_serve(Simulator *simulator, ScriptPort *script, int64_t answer_ms) {
        simulator->script = script;
        simulator->answer_ms = answer_ms;
        script_on_request(script, on_request, simulator);
}

void simulator_set_away(Simulator *simulator, bool is_away) {
        simulator->is_away = is_away;
}

int simulator_control(Simulator *simulator, const char *method, const char *what, const char *body) {
        Mem *mem = mem_new(NULL, char);
        Request request = {.method = strcmp(method, "DELETE") == 0 ? METHOD_DELETE : METHOD_POST, .body = body};
        Reply reply;
        Exchange exchange = {.mem = mem, .reply = &reply};
        size_t n_host = strlen(simulator->url) - strlen("/contoso");
        char *url = mem_printf(mem, "%.*s/_simulator/%s", (int)n_host, simulator->url, what);
        int status = ask(simulator, &exchange, url, &request);

        if (status >= 300)
                fprintf(stderr, "%s %s: %d: %s\n", method, what, status, reply.body);
        mem_free(mem);
        return status;
}

const SimulatorAsked *simulator_asked(const Simulator *simulator, size_t *np) {
        *np = simulator->n_asked;
        return simulator->asked;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzToken: whatever those who give out tokens answer, there is a header of one line, or a
 * sentence without a secret. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/net/auth_managed.h"
#include "daemon/net/auth_service_principal.h"
#include "tests/fuzz/target.h"
#include "tests/unit/ledger/folder.h"

#define SECRET "hunter2-hunter2"
#define KEY_FILE "1.key"

/* The first bytes say who is asked and how the answer comes; then the line that names a key, then
 * the body. */
enum {
        AT_KIND,
        AT_STATUS,
        AT_FAILURE,
        AT_RETRY_AFTER,
        N_HEAD,
        ANSWERS_MAX = 2, /* of one token: the one that names a key and the one after */
        REASON_MAX = 1024,
};

static const int statuses[] = {200, 201, 302, 400, 401, 403, 404, 410, 429, 500, 503};

static char *folder;

/* --- the world in the place of curl and libuv
 * ----------------------------------------------------------------------- */

static struct {
        PortReplyFn fn;
        void *context;
        LoopFn deferred;
        void *deferred_context;
        unsigned n_questions;
} asked;

WebTicket *web_ask(Web *web, Mem *owner, const WebQuestion *question, PortReplyFn fn,
                   void *context) {
        assert(question->url && !strpbrk(question->url, "\r\n"));
        asked.fn = fn;
        asked.context = context;
        asked.n_questions++;
        return NULL;
}

LoopTicket *loop_defer(Loop *loop, Mem *owner, LoopFn fn, void *context) {
        asked.deferred = fn;
        asked.deferred_context = context;
        return NULL;
}

static void on_ready(void *context) {
        (*(unsigned *)context)++;
}

/* --- what is asked and answered
 * ------------------------------------------------------------------------------------- */

static Auth *new_managed(Mem *mem, const char *agent) {
        const ManagedSpec spec = {.arc_folder = folder, .arc_agent = agent};
        const char *reason = NULL;
        Auth *auth = auth_managed_new(mem, &(TokenSpec){0}, &spec, &reason);

        assert(auth);
        return auth;
}

static Auth *new_service_principal(Mem *mem) {
        return auth_service_principal_new(
                mem, &(TokenSpec){0},
                &(ServicePrincipalSpec){.client = {.authority = "https://login.example",
                                                   .tenant = "t",
                                                   .client = "c"},
                                        .proof = SERVICE_PRINCIPAL_SECRET,
                                        .where = {.environment = "FUZZ_SECRET"}});
}

static Auth *new_auth(Mem *mem, uint8_t kind) {
        switch (kind % 3) {
        case 0:
                return new_managed(mem, "/nowhere");
        case 1:
                return new_managed(mem, "/");
        default:
                return new_service_principal(mem);
        }
}

static Reply read_reply(Mem *mem, const uint8_t *bytes, size_t n) {
        const char *rest = (const char *)bytes + N_HEAD;
        const char *end = memchr(rest, '\n', n - N_HEAD);
        size_t n_line = end ? (size_t)(end - rest) : 0;
        char *line = mem_strndup(mem, rest, n_line), *body = NULL;
        Reply reply = {
                .failure = bytes[AT_FAILURE] < 0xf0 ? REPLY_ANSWERED
                                                    : bytes[AT_FAILURE] % (REPLY_CANCELLED + 1),
                .failure_text = "it broke",
                .status = statuses[bytes[AT_STATUS] % (sizeof statuses / sizeof *statuses)],
                .content_type = "application/json",
                .retry_after_ms = bytes[AT_RETRY_AFTER] ? (bytes[AT_RETRY_AFTER] - 1) * 10000 : -1,
        };

        /* As header_take() lets it through; @ stands for the folder where keys may lie. */
        if (n_line > 0 && text_is_utf8(line, strlen(line)))
                reply.challenge =
                        *line == '@' ? mem_printf(mem, "Basic realm=%s%s", folder, line + 1) : line;
        reply.n_body = n - N_HEAD - (end ? n_line + 1 : 0);
        body = mem_alloc_zero(mem, reply.n_body + 1, "body");
        memcpy(body, end ? end + 1 : rest, reply.n_body);
        reply.body = body;
        return reply;
}

/* An input that names the secret itself proves nothing. */
static bool knows_secret(const uint8_t *bytes, size_t n) {
        return memmem(bytes, n, SECRET, strlen(SECRET));
}

static void check_outcome(Auth *auth) {
        const Secret *header = NULL;
        const char *reason = NULL, *line = NULL;
        size_t n = 0;
        int r = auth_header(auth, &header, &reason);

        if (r == 0) {
                line = secret_expose(header, &n);
                assert(n > 0 && !memchr(line, '\r', n) && !memchr(line, '\n', n) &&
                       !memchr(line, '\0', n));
                return;
        }
        if (r == AUTH_MUST_WAIT)
                return; /* a token that ended at once may be asked for anew */
        assert(r == -EACCES || r == -EHOSTUNREACH);
        assert(reason && *reason && strlen(reason) < REASON_MAX &&
               text_is_utf8(reason, strlen(reason)));
        assert(!strstr(reason, SECRET));
        for (const char *at = reason; *at; at++)
                assert((unsigned char)*at >= ' ' && *at != 0x7f);
}

static void remove_folder(void) {
        folder = mem_free(folder);
}

static void prepare(void) {
        if (folder)
                return;
        folder = folder_new(NULL);
        folder_write(folder, KEY_FILE, SECRET, strlen(SECRET));
        setenv("FUZZ_SECRET", SECRET, /* overwrite= */ 1);
        atexit(remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = NULL;
        unsigned n_ready = 0;
        Auth *auth = NULL;
        Reply reply;

        if (n < N_HEAD || knows_secret(bytes, n))
                return 0;
        prepare();
        mem = mem_alloc_zero(NULL, 1, "fuzz");
        memset(&asked, 0, sizeof asked);
        auth = new_auth(mem, bytes[AT_KIND]);
        reply = read_reply(mem, bytes, n);
        (void)auth_wait(auth, mem, on_ready, &n_ready);
        assert(asked.fn && !asked.deferred);
        for (unsigned i = 1; i <= ANSWERS_MAX && n_ready == 0; i++) {
                assert(asked.n_questions == i);
                asked.fn(asked.context, &reply);
        }
        assert(n_ready == 1);
        check_outcome(auth);
        mem_free(mem);
        return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzRequest: whatever comes through the control socket, each line of the answer is JSON and the
 * connection ends. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/wish.h"
#include "tests/fuzz/target.h"
#include "tests/unit/ledger/folder.h"

#define SOCKET_NAME "s"

enum {
        ANSWER_SIZE_MAX = 1024 * 1024,
};

static char *folder;
static Loop *loop;
static Serve *serve;
static Mem *mem; /* of one input */

/* --- the daemon's side
 * ---------------------------------------------------------------------------------------------- */

/* Says what it understood. */
static void on_request(void *context, ServeAnswer *answer, const JsonNode *request) {
        const char *reason = NULL;
        Wish *wish = wish_new(mem, answer, request, &reason);

        if (!wish) {
                assert(reason);
                serve_answer_end(answer, 1);
                return;
        }
        assert(wish->stage == WISH_APPLY || (wish->plan_id && wish->reason));
        if (wish->project)
                text_append(&wish->text, wish->project);
        if (wish->reason)
                wish_fail(wish, wish->reason);
        wish_end(wish);
}

static void close_all(void) {
        serve_close(serve);
        loop = loop_free(loop);
        folder = mem_free(folder);
}

static void prepare(void) {
        const char *reason = NULL;

        if (folder)
                return;
        folder = folder_new(NULL);
        loop = loop_new(NULL);
        assert(serve_open(folder,
                          &(ServeSpec){.loop = loop,
                                       .path = mem_printf(folder, "%s/" SOCKET_NAME, folder),
                                       .fn = on_request},
                          &serve, &reason) == 0);
        atexit(close_all);
}

/* --- the other side
 * -------------------------------------------------------------------------------------------------
 */

typedef struct Peer {
        int file;
        Text answer;
} Peer;

static void peer_open(Peer *peer, const uint8_t *bytes, size_t n) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/" SOCKET_NAME, folder);

        assert(length > 0 && length < (int)sizeof address.sun_path);
        text_init(&peer->answer, mem);
        peer->file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert(peer->file >= 0);
        assert(connect(peer->file, (struct sockaddr *)&address, sizeof address) == 0);
        assert(n == 0 || send(peer->file, bytes, n, MSG_NOSIGNAL) == (ssize_t)n);
        assert(shutdown(peer->file, SHUT_WR) == 0);
}

/* At each turn of the loop, until the daemon's side has closed. */
static void on_turn(void *context) {
        Peer *peer = context;
        char bytes[4096];
        ssize_t n = recv(peer->file, bytes, sizeof bytes, MSG_DONTWAIT);

        if (n == 0) {
                loop_stop(loop);
                return;
        }
        if (n > 0)
                text_append_bytes(&peer->answer, bytes, (size_t)n);
        assert(peer->answer.n <= ANSWER_SIZE_MAX);
        loop_defer(loop, mem, on_turn, peer);
}

/* Nothing, when the request did not come whole; else lines of JSON. */
static void check_answer(const Text *answer) {
        const char *reason = NULL;
        JsonNode *line = NULL;
        size_t at = 0;

        while (at < answer->n) {
                const char *end = memchr(answer->data + at, '\n', answer->n - at);

                assert(end);
                assert(json_parse(mem, answer->data + at, (size_t)(end - answer->data) - at, &line,
                                  &reason) == 0);
                at = (size_t)(end - answer->data) + 1;
        }
        assert(answer->n == 0 || json_get(line, "exit"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Peer peer;

        prepare();
        mem = mem_alloc_zero(NULL, 1, "fuzz");
        peer_open(&peer, bytes, n);
        loop_defer(loop, mem, on_turn, &peer);
        loop_run(loop);
        check_answer(&peer.answer);
        close(peer.file);
        mem = mem_free(mem);
        return 0;
}

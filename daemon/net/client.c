/* SPDX-License-Identifier: Apache-2.0 */
/* Client: the other side of the control socket, for the command line; waits. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/net/client.h"

enum {
        READ_SIZE_FIRST = 16 * 1024,
};

typedef struct Stream {
        int file;
        Mem *mem;
        char *bytes;
        size_t n, capacity;
        char *refusal; /* or NULL */
} Stream;

static int fail(Mem *parent, const char **reasonp, const char *path, const char *what) {
        *reasonp = mem_printf(parent, "the daemon at %s %s", path, what);
        return -EIO;
}

/* 0, or a negative errno. */
static int open_stream(const char *path, int *filep) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int file = -1;

        if (strlen(path) >= sizeof address.sun_path)
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path));
        file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (file < 0)
                return -errno;
        if (connect(file, (struct sockaddr *)&address, sizeof address) < 0) {
                int r = -errno;

                close(file);
                return r;
        }
        *filep = file;
        return 0;
}

static int send_all(int file, const char *bytes, size_t n) {
        while (n > 0) {
                ssize_t sent = send(file, bytes, n, MSG_NOSIGNAL);

                if (sent < 0 && errno == EINTR)
                        continue;
                if (sent < 0)
                        return -errno;
                bytes += sent;
                n -= (size_t)sent;
        }
        return 0;
}

/* The number of bytes, 0 at the end, or a negative errno. */
static ssize_t receive(Stream *stream) {
        struct pollfd wait = {.fd = stream->file, .events = POLLIN};
        ssize_t n = 0;

        if (stream->n == stream->capacity) {
                if (stream->capacity > CLIENT_LINE_SIZE_MAX)
                        return -EFBIG;
                stream->capacity = stream->capacity ? 2 * stream->capacity : READ_SIZE_FIRST;
                stream->bytes = mem_resize_array(stream->mem, stream->bytes, 1, stream->capacity);
        }
        do {
                n = poll(&wait, 1, CLIENT_SILENCE_MS);
        } while (n < 0 && errno == EINTR);
        if (n == 0)
                return -ETIMEDOUT;
        do {
                n = read(stream->file, stream->bytes + stream->n, stream->capacity - stream->n);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        stream->n += (size_t)n;
        return n;
}

/* 1: the exit code came; 0: go on; negative: not JSON. */
static int take_line(const ClientCall *call, Stream *stream, char *line, size_t n, int *exitp) {
        Mem *mem = mem_alloc_zero(NULL, 1, "line");
        JsonNode *value = NULL;
        const char *reason = NULL;
        int64_t exit_code = 0;
        bool is_alive = false;
        int r = json_parse(mem, line, n, &value, &reason);

        line[n] = '\0';
        if (r == 0 && json_get_int(value, "exit", 0, 255, &exit_code) == 0) {
                *exitp = (int)exit_code;
                r = 1;
        } else if (r == 0 && json_get_bool(value, "alive", &is_alive) < 0) {
                if (json_get_text(value, "error"))
                        stream->refusal = mem_strdup(stream->mem, json_get_text(value, "error"));
                call->on_line(call->context, value, line);
        } else if (r == 0 && call->on_alive) {
                call->on_alive(call->context, value, line);
        }
        mem_free(mem);
        return r;
}

static int take_lines(const ClientCall *call, Stream *stream, size_t searched, int *exitp) {
        char *start = stream->bytes;
        char *end = memchr(start + searched, '\n', stream->n - searched);
        int r = 0;

        for (; end && r == 0;
             end = memchr(start, '\n', stream->n - (size_t)(start - stream->bytes))) {
                r = take_line(call, stream, start, (size_t)(end - start), exitp);
                start = end + 1;
        }
        stream->n -= (size_t)(start - stream->bytes);
        memmove(stream->bytes, start, stream->n);
        return r;
}

static int converse(Mem *parent, const ClientCall *call, Stream *stream, int *exitp,
                    const char **reasonp) {
        int r = 0;

        /* A refusal may come before all is sent: what is to be read tells more than this error. */
        if (send_all(stream->file, call->request, strlen(call->request)) == 0)
                (void)send_all(stream->file, "\n", 1);
        while (r == 0) {
                size_t searched = stream->n;
                ssize_t n = receive(stream);

                if (n == 0)
                        return fail(parent, reasonp, call->path, "ended before its answer did");
                if (n == -ETIMEDOUT)
                        return fail(parent, reasonp, call->path, "is silent");
                if (n < 0)
                        return fail(parent, reasonp, call->path, strerror((int)-n));
                r = take_lines(call, stream, searched, exitp);
        }
        if (r < 0)
                return fail(parent, reasonp, call->path, "answers what is not JSON");
        *reasonp = stream->refusal ? mem_printf(parent, "the daemon at %s: %s", call->path, stream->refusal)
                                   : NULL;
        return 0;
}

int client_call(Mem *parent, const ClientCall *call, int *exitp, const char **reasonp) {
        Stream stream = {.file = -1, .mem = mem_alloc_zero(NULL, 1, "stream")};
        int r = open_stream(call->path, &stream.file);

        *reasonp = NULL;
        if (r == 0) {
                r = converse(parent, call, &stream, exitp, reasonp);
                close(stream.file);
        } else if (r == -ENOENT || r == -ECONNREFUSED) {
                r = 1;
        } else {
                *reasonp = mem_printf(parent, "cannot ask the daemon at %s: %s%s", call->path, strerror(-r),
                                      r == -EACCES ? "; only root and the daemon's own user may" : "");
        }
        mem_free(stream.mem);
        return r;
}

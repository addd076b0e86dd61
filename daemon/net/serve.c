/* SPDX-License-Identifier: Apache-2.0 */
/* Serve: the control socket, one line of JSON in, lines of JSON out. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <uv.h>

#include "daemon/net/serve.h"

#define HTTP_REFUSAL \
        "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" \
        "only root and the daemon's own user may ask\n"

enum {
        READ_SIZE = 4096,
        FOLDER_MODE = 0755,
};

typedef struct Connection Connection;
typedef struct ServeSocket ServeSocket;

struct Serve {
        ServeSpec spec;
        ServeSocket *socket;
        Connection *first;
        unsigned n_connections;
};

/* Blocks that libuv holds free themselves in their close call backs. */
struct ServeSocket {
        uv_pipe_t pipe;
        Serve *serve;
};

typedef enum ConnectionState {
        CONNECTION_NEW,       /* its first byte, which tells the language, is waited for */
        CONNECTION_HTTP,      /* it is about to be handed over */
        CONNECTION_READING,   /* its request */
        CONNECTION_ANSWERING, /* the handler has it */
        CONNECTION_ENDING,    /* the last line is on its way */
        CONNECTION_CLOSING,
} ConnectionState;

struct Connection {
        uv_pipe_t pipe;
        Serve *serve; /* NULL: closed */
        Connection *previous, *next;
        ConnectionState state;
        Mem *mem; /* of what goes with it */
        Text request;
        LoopTicket *alarm;
        ServeAnswer *answer;
        char bytes[READ_SIZE];
};

struct ServeAnswer {
        Connection *connection; /* NULL: gone */
};

typedef struct WriteBlock {
        uv_write_t write;
        Connection *connection;
        char bytes[];
} WriteBlock;

/* --- the end of a connection --- */

static void on_connection_closed(uv_handle_t *handle) {
        free(handle->data);
}

static void connection_close(Connection *connection) {
        Serve *serve = connection->serve;

        if (connection->state == CONNECTION_CLOSING)
                return;
        connection->state = CONNECTION_CLOSING;
        *(connection->previous ? &connection->previous->next : &serve->first) = connection->next;
        if (connection->next)
                connection->next->previous = connection->previous;
        serve->n_connections--;
        if (connection->answer)
                connection->answer->connection = NULL;
        connection->answer = NULL;
        connection->serve = NULL;
        connection->mem = mem_free(connection->mem);
        uv_close((uv_handle_t *)&connection->pipe, on_connection_closed);
}

static void on_idle(void *context) {
        Connection *connection = context;

        connection->alarm = NULL;
        connection_close(connection);
}

static void connection_alarm(Connection *connection, int64_t delay_ms, LoopFn fn) {
        mem_free(connection->alarm);
        connection->alarm =
                loop_alarm(connection->serve->spec.loop, connection->mem, delay_ms, fn, connection);
}

/* --- lines out --- */

static void on_written(uv_write_t *write, int status) {
        WriteBlock *block = write->data;
        Connection *connection = block->connection;

        free(block);
        if (connection->state == CONNECTION_CLOSING)
                return;
        if (status < 0 || (connection->state == CONNECTION_ENDING &&
                           connection->pipe.write_queue_size == 0))
                connection_close(connection);
        else if (connection->state == CONNECTION_ENDING)
                connection_alarm(connection, SERVE_IDLE_MS, on_idle);
}

static void write_line(Connection *connection, const char *json) {
        size_t n = strlen(json);
        WriteBlock *block = NULL;
        uv_buf_t buffer;

        if (connection->state == CONNECTION_CLOSING)
                return;
        if (connection->pipe.write_queue_size + n > SERVE_UNSENT_SIZE_MAX) {
                connection_close(connection);
                return;
        }
        block = malloc(sizeof *block + n + 1);
        if (!block)
                mem_exhausted();
        memcpy(block->bytes, json, n);
        block->bytes[n] = '\n';
        block->connection = connection;
        block->write.data = block;
        buffer = uv_buf_init(block->bytes, (unsigned)n + 1);
        if (uv_write(&block->write, (uv_stream_t *)&connection->pipe, &buffer, 1, on_written) < 0) {
                free(block);
                connection_close(connection);
        }
}

static void connection_end(Connection *connection, int exit_code) {
        Text text;

        text_init(&text, NULL);
        text_appendf(&text, "{\"exit\":%d}", exit_code);
        connection->state = CONNECTION_ENDING;
        connection_alarm(connection, SERVE_IDLE_MS, on_idle);
        write_line(connection, text.data);
        text_deinit(&text);
}

static void connection_refuse(Connection *connection, const char *reason) {
        JsonWriter writer;
        Text text;

        text_init(&text, NULL);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "error", reason);
        json_write_object_end(&writer);
        write_line(connection, text.data);
        text_deinit(&text);
        if (connection->state != CONNECTION_CLOSING)
                connection_end(connection, /* exit_code= */ 1);
}

static void write_alive(const Serve *serve, Text *text) {
        JsonWriter writer;
        Text doing;

        text_init(&doing, NULL);
        if (serve->spec.write_doing)
                serve->spec.write_doing(serve->spec.context, &doing);
        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_bool(&writer, "alive", true);
        if (doing.n > 0)
                json_write_text(&writer, "doing", doing.data);
        json_write_object_end(&writer);
        text_deinit(&doing);
}

static void on_silence(void *context) {
        Connection *connection = context;
        Text text;

        connection->alarm = NULL;
        connection_alarm(connection, SERVE_ALIVE_MS, on_silence);
        text_init(&text, NULL);
        write_alive(connection->serve, &text);
        write_line(connection, text.data);
        text_deinit(&text);
}

void serve_answer_line(ServeAnswer *answer, const char *json) {
        assert(!strchr(json, '\n'));
        if (!answer->connection)
                return;
        connection_alarm(answer->connection, SERVE_ALIVE_MS, on_silence);
        write_line(answer->connection, json);
}

void serve_answer_end(ServeAnswer *answer, int exit_code) {
        Connection *connection = answer->connection;

        mem_free(answer);
        if (!connection)
                return;
        connection->answer = NULL;
        connection_end(connection, exit_code);
}

bool serve_answer_is_wanted(const ServeAnswer *answer) {
        return answer->connection != NULL;
}

/* --- HTTP: given to who speaks it --- */

static bool peer_may_ask(const Connection *connection) {
        struct ucred peer;
        socklen_t n = sizeof peer;
        uv_os_fd_t file = -1;

        if (uv_fileno((const uv_handle_t *)&connection->pipe, &file) < 0 ||
            getsockopt(file, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0)
                return false;
        return peer.uid == 0 || peer.uid == geteuid();
}

static void write_all(int file, const char *text) {
        ssize_t n = send(file, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);

        (void)n; /* of an error that nobody takes */
}

/* Its bytes are still unread. */
static void hand_over(Connection *connection) {
        const ServeSpec *spec = &connection->serve->spec;
        uv_os_fd_t file = -1;
        int copy = -1;

        if (uv_fileno((const uv_handle_t *)&connection->pipe, &file) == 0)
                copy = fcntl(file, F_DUPFD_CLOEXEC, 0);
        if (copy >= 0 && !peer_may_ask(connection)) {
                write_all(copy, HTTP_REFUSAL);
                close(copy);
                copy = -1;
        }
        connection_close(connection);
        if (copy >= 0)
                spec->take_http(spec->context, copy);
}

/* --- a line in --- */

static void take_request(Connection *connection, size_t n) {
        Serve *serve = connection->serve;
        Mem *mem = mem_alloc_zero(NULL, 1, "request"); /* the connection may go during the call */
        JsonNode *request = NULL;
        const char *reason = NULL;

        if (json_parse(mem, connection->request.data, n, &request, &reason) < 0) {
                connection_refuse(connection, reason);
        } else if (!json_get_text(request, "command")) {
                connection_refuse(connection, "the request has no `command`");
        } else {
                connection->state = CONNECTION_ANSWERING;
                connection->answer = mem_new(NULL, ServeAnswer);
                connection->answer->connection = connection;
                connection_alarm(connection, SERVE_ALIVE_MS, on_silence);
                serve->spec.fn(serve->spec.context, connection->answer, request);
        }
        mem_free(mem);
}

static void take_bytes(Connection *connection, size_t n) {
        Text *request = &connection->request;
        const char *end = NULL;

        if (connection->state != CONNECTION_READING)
                return; /* one request a connection */
        if (!peer_may_ask(connection)) {
                connection_refuse(connection, "only root and the daemon's own user may ask");
                return;
        }
        text_append_bytes(request, connection->bytes, n);
        end = memchr(request->data, '\n', request->n);
        if (end)
                take_request(connection, (size_t)(end - request->data));
        else if (request->n > SERVE_REQUEST_SIZE_MAX)
                connection_refuse(connection, "the request is too long");
}

/* A request of JSON is an object, one of HTTP begins with a word. */
static bool is_http(const Connection *connection) {
        uv_os_fd_t file = -1;
        char first;

        return connection->serve->spec.take_http && uv_fileno((const uv_handle_t *)&connection->pipe, &file) == 0 &&
               recv(file, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && isalpha((unsigned char)first);
}

/* Without room nothing is read: what is handed over is whole. */
static void on_room_wanted(uv_handle_t *handle, size_t size, uv_buf_t *buffer) {
        Connection *connection = handle->data;

        if (connection->state == CONNECTION_NEW)
                connection->state = is_http(connection) ? CONNECTION_HTTP : CONNECTION_READING;
        *buffer = uv_buf_init(connection->bytes, connection->state == CONNECTION_HTTP ? 0 : READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer) {
        Connection *connection = stream->data;

        if (connection->state == CONNECTION_HTTP)
                hand_over(connection);
        else if (n < 0)
                connection_close(connection);
        else if (n > 0)
                take_bytes(connection, (size_t)n);
}

/* --- connections in --- */

static void on_connection(uv_stream_t *stream, int status) {
        ServeSocket *socket = stream->data;
        Serve *serve = socket->serve;
        Connection *connection = NULL;

        if (status < 0 || !serve)
                return;
        connection = calloc(1, sizeof *connection);
        if (!connection)
                mem_exhausted();
        uv_pipe_init(loop_uv(serve->spec.loop), &connection->pipe, /* ipc= */ 0);
        connection->pipe.data = connection;
        connection->serve = serve;
        connection->mem = mem_alloc_zero(NULL, 1, "connection");
        text_init(&connection->request, connection->mem);
        connection->next = serve->first;
        if (serve->first)
                serve->first->previous = connection;
        serve->first = connection;
        serve->n_connections++;
        if (uv_accept(stream, (uv_stream_t *)&connection->pipe) < 0) {
                connection_close(connection);
                return;
        }
        connection_alarm(connection, SERVE_IDLE_MS, on_idle);
        if (serve->n_connections > SERVE_CONNECTIONS_MAX)
                connection_refuse(connection, "too many are asking at once; try again");
        else
                uv_read_start((uv_stream_t *)&connection->pipe, on_room_wanted, on_read);
}

/* --- the socket --- */

static int fail(Mem *parent, const char **reasonp, const char *path, int error) {
        *reasonp = mem_printf(parent, "%s: %s; `socket` of the settings says where it is made", path, strerror(error));
        return -error;
}

/* Something of that name: nobody's socket is removed, anything else is in the way. */
static int clear_path(Mem *parent, const struct sockaddr_un *address, const char **reasonp) {
        const char *path = address->sun_path;
        struct stat info;
        int probe = -1;
        int error = 0;

        if (lstat(path, &info) < 0)
                return errno == ENOENT ? 0 : fail(parent, reasonp, path, errno);
        if (!S_ISSOCK(info.st_mode)) {
                *reasonp = mem_printf(parent, "%s is in the way: it is not a socket", path);
                return -EEXIST;
        }
        probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (probe < 0)
                return fail(parent, reasonp, path, errno);
        error = connect(probe, (const struct sockaddr *)address, sizeof *address) < 0 ? errno : 0;
        close(probe);
        if (error == 0 || error == EAGAIN) {
                *reasonp = mem_printf(parent, "another process listens on %s", path);
                return -EADDRINUSE;
        }
        return unlink(path) < 0 && errno != ENOENT ? fail(parent, reasonp, path, errno) : 0;
}

static void make_folder(const char *path) {
        char folder[SERVE_PATH_SIZE_MAX + 1];
        const char *slash = strrchr(path, '/');

        if (!slash || slash == path)
                return;
        memcpy(folder, path, (size_t)(slash - path));
        folder[slash - path] = '\0';
        (void)mkdir(folder, FOLDER_MODE); /* what goes wrong shows at the next step */
}

/* Never more open than it shall be: the socket's mode is set before it has a name. */
static int bind_path(Mem *parent, const char *path, int *filep, const char **reasonp) {
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int file = -1;
        int r = 0;

        if (strlen(path) > SERVE_PATH_SIZE_MAX) {
                *reasonp =
                        mem_printf(parent, "%s: longer than %d bytes", path, SERVE_PATH_SIZE_MAX);
                return -ENAMETOOLONG;
        }
        memcpy(address.sun_path, path, strlen(path));
        make_folder(path);
        r = clear_path(parent, &address, reasonp);
        if (r < 0)
                return r;
        file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (file < 0)
                return fail(parent, reasonp, path, errno);
        if (fchmod(file, SERVE_MODE) < 0 ||
            bind(file, (struct sockaddr *)&address, sizeof address) < 0 ||
            chmod(path, SERVE_MODE) < 0) {
                r = fail(parent, reasonp, path, errno);
                close(file);
                return r;
        }
        *filep = file;
        return 0;
}

static int serve_destroy(void *object) {
        Serve *serve = object;

        while (serve->first)
                connection_close(serve->first);
        if (serve->socket) {
                unlink(serve->spec.path);
                serve->socket->serve = NULL;
                uv_close((uv_handle_t *)&serve->socket->pipe, on_connection_closed);
        }
        return 0;
}

int serve_open(Mem *parent, const ServeSpec *spec, Serve **servep, const char **reasonp) {
        Serve *serve = mem_new(parent, Serve);
        ServeSocket *socket = NULL;
        int file = -1;
        int r = bind_path(parent, spec->path, &file, reasonp);

        if (r < 0) {
                mem_free(serve);
                return r;
        }
        socket = calloc(1, sizeof *socket);
        if (!socket)
                mem_exhausted();
        serve->spec = *spec;
        serve->spec.path = mem_strdup(serve, spec->path);
        serve->socket = socket;
        mem_on_free(serve, serve_destroy);
        uv_pipe_init(loop_uv(spec->loop), &socket->pipe, /* ipc= */ 0);
        socket->pipe.data = socket;
        socket->serve = serve;
        r = uv_pipe_open(&socket->pipe, file);
        if (r == 0)
                r = uv_listen((uv_stream_t *)&socket->pipe, SERVE_CONNECTIONS_MAX, on_connection);
        if (r < 0) {
                r = fail(parent, reasonp, spec->path, -r);
                mem_free(serve);
                return r;
        }
        *servep = serve;
        return 0;
}

Serve *serve_close(Serve *serve) {
        return mem_free(serve);
}

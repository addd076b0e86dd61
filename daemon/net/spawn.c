/* SPDX-License-Identifier: Apache-2.0 */
/* Spawn: a program that gets text on its standard input and ends within a time. */
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

#include "daemon/net/spawn.h"

static const char *const variables[] = {"PATH", "HOME", "LANG", "TZ"};

enum {
        N_VARIABLES = sizeof variables / sizeof *variables,
        N_HANDLES = 2, /* of a block */
        N_STREAMS = 3,
};

/* Frees itself when libuv has let go of both handles. */
typedef struct SpawnBlock {
        uv_process_t process;
        uv_pipe_t input;
        uv_write_t write;
        char *bytes;
        unsigned n_closed;
        Spawn *spawn; /* NULL: nobody waits any more */
} SpawnBlock;

struct Spawn {
        SpawnSpec spec;
        SpawnBlock *block;
        LoopTicket *limit;
        bool is_too_long;
};

static void on_closed(uv_handle_t *handle) {
        SpawnBlock *block = handle->data;

        if (++block->n_closed < N_HANDLES)
                return;
        free(block->bytes);
        free(block);
}

static void close_once(uv_handle_t *handle) {
        if (!uv_is_closing(handle))
                uv_close(handle, on_closed);
}

static void block_close(SpawnBlock *block) {
        close_once((uv_handle_t *)&block->process);
        close_once((uv_handle_t *)&block->input);
}

/* --- its end -------------------------------------------------------------------------------------------------------- */

/* With all that it has started: it leads a group of its own. */
static void kill_all(SpawnBlock *block) {
        uv_kill(-block->process.pid, SIGKILL);
}

static int spawn_destroy(void *object) {
        Spawn *spawn = object;

        if (!spawn->block)
                return 0;
        kill_all(spawn->block);
        spawn->block->spawn = NULL;
        block_close(spawn->block);
        return 0;
}

static void on_limit(void *context) {
        Spawn *spawn = context;

        spawn->limit = NULL;
        spawn->is_too_long = true;
        kill_all(spawn->block);
}

static void on_exit_of(uv_process_t *process, int64_t exit_code, int number) {
        SpawnBlock *block = process->data;
        Spawn *spawn = block->spawn;
        SpawnEnd end = {.exit_code = (int)exit_code, .signal = number};
        SpawnSpec spec;

        block_close(block);
        if (!spawn)
                return;
        end.is_too_long = spawn->is_too_long;
        spec = spawn->spec;
        spawn->block = NULL;
        mem_free(spawn);
        spec.fn(spec.context, &end);
}

/* --- its input ------------------------------------------------------------------------------------------------------ */

static void on_written(uv_write_t *write, int status) {
        SpawnBlock *block = write->data;

        close_once((uv_handle_t *)&block->input);
}

static void feed(SpawnBlock *block, const char *input) {
        uv_buf_t buffer;

        block->bytes = strdup(input);
        if (!block->bytes)
                mem_exhausted();
        buffer = uv_buf_init(block->bytes, (unsigned)strlen(block->bytes));
        block->write.data = block;
        if (uv_write(&block->write, (uv_stream_t *)&block->input, &buffer, 1, on_written) < 0)
                close_once((uv_handle_t *)&block->input);
}

/* --- its start ------------------------------------------------------------------------------------------------------ */

/* NULL at the end; below parent. */
static char **make_environment(Mem *parent) {
        char **environment = mem_new_array(parent, char *, N_VARIABLES + 1);
        size_t n = 0;

        for (size_t i = 0; i < N_VARIABLES; i++) {
                const char *value = getenv(variables[i]);

                if (value)
                        environment[n++] = mem_printf(parent, "%s=%s", variables[i], value);
        }
        return environment;
}

static int start(Spawn *spawn, SpawnBlock *block) {
        uv_loop_t *loop = loop_uv(spawn->spec.loop);
        char *arguments[] = {(char *)spawn->spec.command, NULL};
        uv_stdio_container_t streams[N_STREAMS] = {
                {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&block->input},
                {.flags = UV_IGNORE},
                {.flags = UV_IGNORE},
        };
        uv_process_options_t options = {
                .exit_cb = on_exit_of,
                .file = spawn->spec.command,
                .args = arguments,
                .env = make_environment(spawn),
                .flags = UV_PROCESS_DETACHED,
                .stdio_count = N_STREAMS,
                .stdio = streams,
        };

        /* Libraries have files that a program would get too (libcurl's own socket pair). */
        (void)close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
        uv_pipe_init(loop, &block->input, /* ipc= */ 0);
        block->input.data = block;
        block->process.data = block;
        return uv_spawn(loop, &block->process, &options);
}

Spawn *spawn_start(Mem *parent, const SpawnSpec *spec, const char **reasonp) {
        Spawn *spawn = mem_new(parent, Spawn);
        SpawnBlock *block = calloc(1, sizeof *block);
        int r;

        if (!block)
                mem_exhausted();
        spawn->spec = *spec;
        spawn->spec.command = mem_strdup(spawn, spec->command);
        r = start(spawn, block);
        if (r < 0) {
                *reasonp = mem_printf(parent, "%s: %s", spec->command, strerror(-r));
                block_close(block);
                return mem_free(spawn);
        }
        block->spawn = spawn;
        spawn->block = block;
        mem_on_free(spawn, spawn_destroy);
        feed(block, spec->input);
        spawn->limit = loop_alarm(spec->loop, spawn, spec->limit_ms, on_limit, spawn);
        return spawn;
}

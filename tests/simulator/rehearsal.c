/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsal: a request is answered as if it were done, and nothing is. */
#include "tests/simulator/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The response through a pipe: numbers and texts with their lengths, in one order. */

static void write_text(FILE *file, const char *text, size_t length) {
        fwrite(&length, sizeof(length), 1, file);
        if (length)
                fwrite(text, 1, length, file);
}

static void write_response(FILE *file, const Response *response) {
        const char *type = response->content_type ? response->content_type : "";

        fwrite(&response->status, sizeof(response->status), 1, file);
        write_text(file, type, strlen(type));
        write_text(file, response->body, response->body_size);
        fwrite(&response->n_headers, sizeof(response->n_headers), 1, file);
        for (size_t i = 0; i < response->n_headers; i++) {
                write_text(file, response->headers[i].name, strlen(response->headers[i].name));
                write_text(file, response->headers[i].value, strlen(response->headers[i].value));
        }
}

/* Malloc'd; NULL when the pipe ends too early. */
static char *read_text(FILE *file, size_t *lengthp) {
        char *text;

        if (fread(lengthp, sizeof(*lengthp), 1, file) != 1)
                return NULL;
        text = memory_alloc(*lengthp + 1);
        if (fread(text, 1, *lengthp, file) == *lengthp)
                return text;
        free(text);
        return NULL;
}

static void read_headers(FILE *file, Response *response) {
        size_t n_headers = 0, length;

        if (fread(&n_headers, sizeof(n_headers), 1, file) != 1)
                return;
        for (size_t i = 0; i < n_headers; i++) {
                char *name = read_text(file, &length), *value = read_text(file, &length);

                if (name && value)
                        response_header(response, name, value);
                free(name);
                free(value);
        }
}

static void read_response(FILE *file, Response *response) {
        size_t n_type, n_body;
        char *type = NULL, *body = NULL;

        if (fread(&response->status, sizeof(response->status), 1, file) == 1)
                type = read_text(file, &n_type);
        if (type)
                body = read_text(file, &n_body);
        if (body) {
                response_body(response, *type ? type : NULL, n_body ? body : NULL, n_body);
                if (n_body == 0)
                        free(body);
                read_headers(file, response);
        }
        free(type);
}

void rehearsal_run(World *world, Request *request, Response *response, RouteHandler *handler) {
        int ends[2];
        FILE *file;
        pid_t child;

        if (pipe(ends) < 0)
                return;
        child = fork();
        if (child == 0) {
                file = fdopen(ends[1], "w");
                handler(world, request, response);
                write_response(file, response);
                fflush(file);
                _exit(EXIT_SUCCESS);
        }
        close(ends[1]);
        file = fdopen(ends[0], "r");
        if (child > 0)
                read_response(file, response);
        fclose(file);
        if (child > 0)
                waitpid(child, NULL, 0);
        /* What is made next is not given the id that was shown. */
        random_next(&world->random);
}

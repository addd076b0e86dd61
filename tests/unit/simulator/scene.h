/* SPDX-License-Identifier: Apache-2.0 */
/* A small world asked in-process, without sockets: an organisation "contoso" with an administrator. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/simulator/route.h"

typedef struct Scene {
        World *world;
        Organization *organization;
        Identity *administrator; /* token "admin" */
        Arena arena;
        Array answers; /* cJSON *, kept to the end */
        Response response; /* the last one */
} Scene;

void scene_open(Scene *scene);
/* The same as a collection of an Azure DevOps Server. */
void scene_open_server(Scene *scene);
void scene_close(Scene *scene);
/* A user whose token is the name before the "@" of unique_name. */
Identity *scene_add_user(Scene *scene, const char *unique_name);
/* A well-formed project made by the administrator. */
Project *scene_add_project(Scene *scene, const char *name);
void scene_set_option(Scene *scene, const char *key, const char *value);
/* Lets time pass without waiting. */
void scene_pass_ms(Scene *scene, int64_t milliseconds);

typedef struct Ask {
        const char *pat;    /* NULL: "admin" */
        const char *method; /* NULL: GET, or POST with a body */
        const char *body;   /* NULL: none */
        const char *version; /* NULL: "7.1-preview"; "": none */
} Ask;

/* Sends a request for the path and query given (below the organisation unless it begins with "/"; printf form), and
 * status is the one expected. The answer's JSON, NULL when it has none; it stays until the scene closes. */
cJSON *scene_ask(Scene *scene, int status, Ask ask, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same whatever the status, which is the result; the answer is scene->response. */
int scene_send(Scene *scene, Ask ask, const char *path);
/* Of the last answer; NULL when it has none of the name. */
const char *scene_header(const Scene *scene, const char *name);

/* "a.b.2.c" in a tree; NULL when it is not there. */
const cJSON *at(const cJSON *tree, const char *path);
/* The string there; fails the test when there is none. */
const char *text_at(const cJSON *tree, const char *path);
/* Percent-encodes for a URL. */
const char *encoded(Scene *scene, const char *text);
/* The element of an array whose member has the value, NULL when none has. */
const cJSON *element_with(const cJSON *array, const char *member, const char *value);
/* "a,b,c": the members of an object in order. */
const char *member_names(Scene *scene, const cJSON *object);

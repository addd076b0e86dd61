/* SPDX-License-Identifier: Apache-2.0 */
/* A small world asked in-process, without sockets: an organisation "contoso" with an administrator. */
#include "tests/unit/simulator/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"

enum {
        N_HEADERS = 2,
        LOADED_BEFORE_MS = 24 * 60 * 60 * 1000,
};

static void open_in(Scene *scene, const char *virtual_directory) {
        OrganizationSpec spec = {.name = "contoso"};
        IdentitySpec person = {
                .kind = IDENTITY_USER, .name = "Admin", .unique_name = "admin@contoso.com", .pat = "admin"};

        *scene = (Scene){.world = world_new(1)};
        scene->world->now -= LOADED_BEFORE_MS;
        scene->world->virtual_directory = virtual_directory;
        scene->world->port = 8001;
        scene->world->graph_port = 8002;
        scene->world->audit_port = 8003;
        scene->organization = organization_new(scene->world, &spec);
        scene->administrator = directory_add(scene->organization, &person);
        membership_add(scene->organization, scene->administrator, scene->organization->administrators);
        response_init(&scene->response);
}

void scene_open(Scene *scene) {
        open_in(scene, NULL);
}

void scene_open_server(Scene *scene) {
        open_in(scene, "tfs");
}

void scene_close(Scene *scene) {
        for (size_t i = 0; i < scene->answers.n_items; i++)
                cJSON_Delete(scene->answers.items[i]);
        array_deinit(&scene->answers);
        response_deinit(&scene->response);
        arena_deinit(&scene->arena);
        world_free(scene->world);
}

Identity *scene_add_user(Scene *scene, const char *unique_name) {
        const char *pat = arena_copy_length(&scene->arena, unique_name, strcspn(unique_name, "@"));
        IdentitySpec spec = {.kind = IDENTITY_USER, .name = pat, .unique_name = unique_name, .pat = pat};

        return directory_add(scene->organization, &spec);
}

Project *scene_add_project(Scene *scene, const char *name) {
        ProjectSpec spec = {.name = name, .actor = scene->administrator};

        return project_create(scene->organization, &spec);
}

void scene_set_option(Scene *scene, const char *key, const char *value) {
        const char *error = NULL;

        if (world_set_option(scene->world, key, value, &error) < 0)
                fail_msg("%s", error);
}

void scene_pass_ms(Scene *scene, int64_t milliseconds) {
        scene->world->clock_offset += milliseconds;
        world_tick(scene->world);
}

static Method method_named(const char *name) {
        static const struct {
                const char *name;
                Method method;
        } METHODS[] = {
                {"GET", METHOD_GET},     {"HEAD", METHOD_HEAD},     {"POST", METHOD_POST},      {"PUT", METHOD_PUT},
                {"PATCH", METHOD_PATCH}, {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS},
        };

        for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++) {
                if (strcmp(METHODS[i].name, name) == 0)
                        return METHODS[i].method;
        }
        return METHOD_OTHER;
}

static void fill_request(const World *world, Request *request, const Ask *ask, const char *path) {
        const char *pat = ask->pat ? ask->pat : "admin";
        const char *version = ask->version ? ask->version : "7.1-preview";
        Arena *arena = &request->arena;
        struct timespec clock;

        request->method_name = ask->method ? ask->method : ask->body ? "POST" : "GET";
        request->method = method_named(request->method_name);
        request->service = SERVICE_CORE;
        if (!world_is_server(world) && (strcasestr(path, "_apis/graph/") || strcasestr(path, "_apis/identit")))
                request->service = SERVICE_GRAPH;
        if (!world_is_server(world) && strcasestr(path, "_apis/audit/"))
                request->service = SERVICE_AUDIT;
        clock_gettime(CLOCK_MONOTONIC, &clock);
        request->started = (int64_t)clock.tv_sec * 1000 + clock.tv_nsec / 1000000;
        request->headers = arena_alloc(arena, N_HEADERS * sizeof(Header));
        request->headers[request->n_headers++] = (Header){"Authorization", arena_print(arena, "Bearer %s", pat)};
        if (*version)
                request->headers[request->n_headers++] =
                        (Header){"Accept", arena_print(arena, "application/json;api-version=%s", version)};
        if (ask->body) {
                request->body = strdup(ask->body);
                request->body_size = strlen(ask->body);
        }
        if (*path != '/')
                path = arena_print(arena, "%s/contoso/%s", world_is_server(world) ? "/tfs" : "", path);
        assert_int_equal(request_parse_url(request, path), 0);
}

int scene_send(Scene *scene, Ask ask, const char *path) {
        Request request = {0};

        response_deinit(&scene->response);
        response_init(&scene->response);
        fill_request(scene->world, &request, &ask, path);
        route_answer(scene->world, &request, &scene->response);
        request_deinit(&request);
        return scene->response.status;
}

cJSON *scene_ask(Scene *scene, int status, Ask ask, const char *format, ...) {
        cJSON *tree = NULL;
        va_list arguments;
        char path[8192];

        va_start(arguments, format);
        assert_true(vsnprintf(path, sizeof(path), format, arguments) < (int)sizeof(path));
        va_end(arguments);
        if (scene_send(scene, ask, path) != status)
                fail_msg("%s %s: %d instead of %d: %.*s", ask.method ? ask.method : ask.body ? "POST" : "GET", path,
                         scene->response.status, status, (int)scene->response.body_size,
                         scene->response.body ? scene->response.body : "");
        if (scene->response.body_size)
                tree = cJSON_ParseWithLength(scene->response.body, scene->response.body_size);
        if (tree)
                array_add(&scene->answers, tree);
        return tree;
}

const char *scene_header(const Scene *scene, const char *name) {
        for (size_t i = 0; i < scene->response.n_headers; i++) {
                if (strcasecmp(scene->response.headers[i].name, name) == 0)
                        return scene->response.headers[i].value;
        }
        return NULL;
}

const cJSON *at(const cJSON *tree, const char *path) {
        char part[256];

        while (tree && *path) {
                size_t length = strcspn(path, ".");

                snprintf(part, sizeof(part), "%.*s", (int)length, path);
                tree = cJSON_IsArray(tree) ? cJSON_GetArrayItem(tree, atoi(part))
                                           : cJSON_GetObjectItemCaseSensitive(tree, part);
                path += length;
                path += *path == '.';
        }
        return tree;
}

const char *text_at(const cJSON *tree, const char *path) {
        const char *text = cJSON_GetStringValue(at(tree, path));

        if (!text)
                fail_msg("no text at %s", path);
        return text;
}

const char *encoded(Scene *scene, const char *text) {
        char *into = arena_alloc(&scene->arena, strlen(text) * 3 + 1);
        size_t n = 0;

        for (; *text; text++)
                n += (size_t)sprintf(into + n, "%%%02X", (unsigned char)*text);
        return into;
}

const cJSON *element_with(const cJSON *array, const char *member, const char *value) {
        const cJSON *element;

        cJSON_ArrayForEach(element, array) {
                const char *text = cJSON_GetStringValue(at(element, member));

                if (text && strcmp(text, value) == 0)
                        return element;
        }
        return NULL;
}

const char *member_names(Scene *scene, const cJSON *object) {
        const char *names = "";
        const cJSON *member;

        cJSON_ArrayForEach(member, object)
                names = arena_print(&scene->arena, "%s%s%s", names, *names ? "," : "", member->string);
        return names;
}

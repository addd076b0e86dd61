/* SPDX-License-Identifier: Apache-2.0 */
/* Security tokens of things (facts §3.4). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "tests/simulator/security.h"
#include "tests/simulator/world.h"

enum { HEX_PER_UNIT = 4 };

char *token_of_project(Arena *arena, const Project *project) {
        return arena_print(arena, "$PROJECT:vstfs:///Classification/TeamProject/%s", project->id);
}

char *token_of_repositories(Arena *arena, const Project *project) {
        return arena_print(arena, "repoV2/%s", project->id);
}

char *token_of_repository(Arena *arena, const Repository *repository) {
        return arena_print(arena, "repoV2/%s/%s", repository->project->id, repository->id);
}

/* One segment of a ref as the hexadecimal of its UTF-16LE. */
static char *hex_segment(Arena *arena, const char *segment, size_t length) {
        size_t n_units = 0;
        uint16_t *units = u8_to_u16((const uint8_t *)segment, length, NULL, &n_units);
        char *hex = arena_alloc(arena, n_units * HEX_PER_UNIT + 1);

        for (size_t i = 0; units && i < n_units; i++)
                sprintf(hex + i * HEX_PER_UNIT, "%02x%02x", units[i] & 0xffu, (unsigned)units[i] >> 8);
        free(units);
        return hex;
}

char *token_of_branch(Arena *arena, const Repository *repository, const char *ref) {
        char *token = arena_print(arena, "%s/refs/heads", token_of_repository(arena, repository));
        const char *name;

        if (!text_starts(ref, "refs/heads/"))
                return NULL;
        for (name = ref + strlen("refs/heads/"); *name; name += *name == '/') {
                size_t length = strcspn(name, "/");

                if (length)
                        token = arena_print(arena, "%s/%s", token, hex_segment(arena, name, length));
                name += length;
        }
        return token;
}

char *token_of_node(Arena *arena, const Node *node) {
        char *own = arena_print(arena, "vstfs:///Classification/Node/%s", node->identifier);

        return node->parent ? arena_print(arena, "%s:%s", token_of_node(arena, node->parent), own) : own;
}

char *token_of_folder(Arena *arena, const Project *project, const char *path) {
        char *token = arena_print(arena, "%s%s", project->id, strcmp(path, "\\") == 0 ? "" : path);

        for (char *at = token; *at; at++) {
                if (*at == '\\')
                        *at = '/';
        }
        return token;
}

char *token_of_definition(Arena *arena, const Definition *definition) {
        return arena_print(arena, "%s/%d", token_of_folder(arena, definition->project, definition->path),
                           definition->id);
}

char *token_of_query(Arena *arena, const Query *query) {
        char *above = query->parent ? token_of_query(arena, query->parent)
                                    : arena_print(arena, "$/%s", query->project->id);

        return arena_print(arena, "%s/%s", above, query->id);
}

char *token_of_endpoint(Arena *arena, const Endpoint *endpoint, const Project *project) {
        return arena_print(arena, "endpoints/%s/%s", project->id, endpoint->id);
}

char *token_of_group(Arena *arena, const Identity *group) {
        if (!group->project)
                return arena_copy(arena, group->storage_key);
        return arena_print(arena, "%s\\%s", group->project->id, group->storage_key);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* ConnectionNamespaces: the table of security namespaces as the organisation has it. */
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/connection.h"

enum {
        NAMESPACES_MAX = 1000,
        ACTIONS_MAX = 32, /* one a bit */
        STRUCTURE_FLAT = 0,
        STRUCTURE_HIERARCHICAL = 1,
};

Request connection_namespaces_request(Mem *parent) {
        return (Request){.method = METHOD_GET,
                         .path = "/_apis/securitynamespaces?localOnly=false&api-version=7.1"};
}

/* A flat namespace's separator is written "\u0000" (facts §3.1), which no reader of texts lets
 * pass. The other sign for the same thing, "\uffff", is put in its place: as long, and as much no
 * separator. */
static char *without_nul(Mem *scratch, const char *body, size_t n) {
        static const char nul[] = "\"\\u0000\"";
        char *copy = mem_strndup(scratch, body, n);
        size_t length = strlen(copy); /* a true NUL byte ends it: cut, and refused as that */
        bool in_text = false;

        for (size_t i = 0; i < length; i++) {
                if (!in_text && strncmp(copy + i, nul, sizeof nul - 1) == 0)
                        memcpy(copy + i + 3, "ffff", 4);
                if (copy[i] == '"')
                        in_text = !in_text;
                else if (in_text && copy[i] == '\\')
                        i++;
        }
        return copy;
}

static int read_mask(const JsonNode *node, const char *key, uint32_t *maskp) {
        int64_t value = 0;

        if (json_get_int(node, key, INT32_MIN, UINT32_MAX, &value) < 0)
                return -1;
        *maskp = (uint32_t)value;
        return 0;
}

static int compare_permissions(const void *a, const void *b) {
        const Permission *x = a;
        const Permission *y = b;

        return x->bit < y->bit ? -1 : x->bit > y->bit;
}

static int read_actions(Arena *arena, const JsonNode *actions, PermissionNamespace *space,
                        const char **reasonp) {
        size_t n = json_count(actions);
        Permission *permissions = NULL;

        if (!json_is_array(actions))
                return body_fail(reasonp, "a security namespace has no list in `actions`");
        if (n > ACTIONS_MAX)
                return body_fail(reasonp, "a security namespace has more permissions than bits");
        permissions = arena_alloc(arena, (n ? n : 1) * sizeof *permissions);
        json_each(action, actions) {
                Permission *permission = &permissions[space->n_permissions];
                const char *name = body_text(action, "name");
                const char *display = body_text(action, "displayName");

                if (!name || read_mask(action, "bit", &permission->bit) < 0)
                        return body_fail(reasonp, "a permission has no `name` or no `bit`");
                if (permission->bit == 0 || (permission->bit & (permission->bit - 1)) != 0 ||
                    (space->all_bits & permission->bit))
                        return body_fail(reasonp, "a permission's `bit` is not one bit of its own");
                permission->name = arena_strdup(arena, name);
                permission->display = arena_strdup(arena, display ? display : name);
                space->all_bits |= permission->bit;
                space->n_permissions++;
        }
        qsort(permissions, space->n_permissions, sizeof *permissions, compare_permissions);
        space->permissions = permissions;
        return 0;
}

static int read_separator(const JsonNode *node, PermissionNamespace *space, const char **reasonp) {
        const char *separator = json_get_text(node, "separatorValue");
        int64_t structure = 0;

        if (json_get_int(node, "structureValue", STRUCTURE_FLAT, STRUCTURE_HIERARCHICAL,
                         &structure) < 0)
                return body_fail(reasonp, "a security namespace has no known `structureValue`");
        if (structure == STRUCTURE_FLAT)
                return 0;
        if (!separator || strlen(separator) != 1)
                return body_fail(reasonp,
                                 "a hierarchical security namespace has no `separatorValue`");
        space->separator = separator[0];
        return 0;
}

static int read_namespace(Arena *arena, const JsonNode *node, PermissionNamespace *space,
                          const char **reasonp) {
        const char *name = body_text(node, "name");

        if (body_guid(node, "namespaceId", &space->id) < 0 || !name)
                return body_fail(reasonp, "a security namespace has no `namespaceId` or no `name`");
        if (read_mask(node, "readPermission", &space->read_permission) < 0 ||
            read_mask(node, "writePermission", &space->write_permission) < 0 ||
            read_mask(node, "systemBitMask", &space->system_mask) < 0)
                return body_fail(reasonp,
                                 "a security namespace does not say who may read and write it");
        space->name = arena_strdup(arena, name);
        if (read_separator(node, space, reasonp) < 0)
                return -1;
        return read_actions(arena, json_get(node, "actions"), space, reasonp);
}

/* The place of a namespace in the table: the program's own first. */
static size_t place_of(Guid id, size_t next) {
        const PermissionTable *builtin = permission_table_builtin();

        for (size_t i = 0; i < _NAMESPACE_N; i++)
                if (guid_compare(builtin->items[i].id, id) == 0)
                        return i;
        return next;
}

static int read_table(Mem *scratch, Arena *arena, const JsonNode *list, PermissionTable *tablep,
                      const char **reasonp) {
        size_t n = json_count(list);
        PermissionNamespace *items = NULL;
        size_t next = _NAMESPACE_N;
        bool has[_NAMESPACE_N] = {false};

        if (n > NAMESPACES_MAX)
                return body_fail(reasonp, "the list has more security namespaces than can be");
        items = arena_alloc(arena, (n + _NAMESPACE_N) * sizeof *items);
        json_each(node, list) {
                PermissionNamespace space = {0};
                size_t place = 0;

                if (read_namespace(arena, node, &space, reasonp) < 0)
                        return -1;
                place = place_of(space.id, next);
                if (place < _NAMESPACE_N && has[place])
                        return body_fail(reasonp, "a security namespace stands twice in the list");
                if (place < _NAMESPACE_N)
                        has[place] = true;
                else
                        next++;
                items[place] = space;
        }
        for (size_t i = 0; i < _NAMESPACE_N; i++) {
                if (has[i])
                        continue;
                if (i < _NAMESPACE_NEEDED_N)
                        return body_fail(reasonp,
                                         "the list lacks a security namespace that charterd needs");
                items[i] = permission_table_builtin()->items[i];
                items[i].is_missing = true;
        }
        *tablep = (PermissionTable){.items = items, .n = next};
        return 0;
}

int connection_namespaces_take(Organisation *organisation, const Reply *reply,
                               const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        Arena *arena = arena_new(organisation->mem);
        Reply clean = *reply;
        const JsonNode *list = NULL;
        PermissionTable table = {0};
        int r = 0;

        clean.body = without_nul(scratch, reply->body, reply->n_body);
        r = body_list(scratch, &clean, &list, reasonp);
        if (r == 0)
                r = read_table(scratch, arena, list, &table, reasonp);
        if (r == 0)
                organisation->permissions = table;
        else
                mem_free(arena);
        mem_free(scratch);
        return r;
}

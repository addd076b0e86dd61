/* SPDX-License-Identifier: Apache-2.0 */
/* Role: definitions and assignments of roles on the wire (facts §4). */
#include <assert.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/role.h"
#include "daemon/azdo/url.h"

typedef struct ScopeRow {
        Kind kind;
        const char *artefact; /* scope of one thing */
        const char *root;     /* scope of the kind in a project */
        const char *between;  /* the project's id and the thing's in the id of a resource */
        const char *all;      /* what follows the project's id in that of the root */
} ScopeRow;

/* facts §4.2 */
static const ScopeRow scopes[] = {
        {KIND_SERVICE_CONNECTION, "distributedtask.serviceendpointrole",
         "distributedtask.project.serviceendpointrole", "_", ""},
        {KIND_ENVIRONMENT, "distributedtask.environmentreferencerole",
         "distributedtask.globalenvironmentreferencerole", "_", ""},
        {KIND_VARIABLE_GROUP, "distributedtask.variablegroup", "distributedtask.library", "$",
         "$0"},
        {KIND_SECURE_FILE, "distributedtask.securefile", "distributedtask.library", "$", "$0"},
        {KIND_AGENT_QUEUE, "distributedtask.agentqueuerole", "distributedtask.globalagentqueuerole",
         "_", ""},
};

static const ScopeRow *scope_of(Kind kind) {
        for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
                if (scopes[i].kind == kind)
                        return &scopes[i];
        assert(!"a kind without roles");
        return NULL;
}

static const char *scope_name(Kind kind, RoleLevel level) {
        const ScopeRow *row = scope_of(kind);

        return level == ROLE_OF_ROOT ? row->root : row->artefact;
}

static const char *resource_id(Mem *parent, const Organisation *organisation,
                               const RoleResource *resource) {
        const ScopeRow *row = scope_of(resource->kind);
        char project[GUID_TEXT_SIZE];

        guid_format(organisation->projects[resource->project].id, project);
        if (resource->entity == INDEX_NONE)
                return mem_printf(parent, "%s%s", project, row->all);
        return mem_printf(parent, "%s%s%s", project, row->between,
                          organisation->entities[resource->entity].id);
}

/* --- definitions ------------------------------------------------------------------------------ */

Request role_definitions_request(Mem *parent, Kind kind, RoleLevel level) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent,
                                           "/_apis/securityroles/scopes/{}/roledefinitions"
                                           "?api-version=7.1-preview.1",
                                           scope_name(kind, level), NULL)};
}

static int read_mask(const JsonNode *node, const char *key, uint32_t *maskp) {
        int64_t value = 0;

        if (json_get_int(node, key, INT32_MIN, UINT32_MAX, &value) < 0)
                return -1;
        *maskp = (uint32_t)value;
        return 0;
}

static int read_definition(Arena *arena, const JsonNode *node, RoleDefinition *definition,
                           const char **reasonp) {
        const char *name = body_text(node, "name");

        if (!name || read_mask(node, "allowPermissions", &definition->allow) < 0 ||
            read_mask(node, "denyPermissions", &definition->deny) < 0)
                return body_fail(reasonp, "a role has no `name` or does not say what it allows");
        definition->name = arena_strdup(arena, name);
        return 0;
}

int role_definitions_take(Organisation *organisation, Kind kind, RoleLevel level,
                          const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        Arena *arena = arena_new(organisation->mem);
        const JsonNode *list = NULL;
        RoleDefinition *items = NULL;
        size_t n = 0;
        int r = body_list(scratch, reply, &list, reasonp);

        if (r == 0 && json_count(list) > ROLE_DEFINITIONS_MAX)
                r = body_fail(reasonp, "the list has more roles than can be");
        if (r == 0)
                items = arena_alloc(arena, (json_count(list) + 1) * sizeof *items);
        json_each(node, list) {
                if (r == 0)
                        r = read_definition(arena, node, &items[n++], reasonp);
        }
        if (r == 0)
                organisation->roles[kind][level] = (RoleTable){items, n};
        else
                mem_free(arena);
        mem_free(scratch);
        return r;
}

/* --- assignments ------------------------------------------------------------------------------ */

static const char *storage_key(Mem *parent, const Organisation *organisation, Index row) {
        const Identity *identity =
                &organisation->identities[organisation_canonical_identity(organisation, row)];
        char key[GUID_TEXT_SIZE];

        assert(!guid_is_null(identity->storage_key));
        return mem_strdup(parent, guid_format(identity->storage_key, key));
}

static const char *scope_of_resource(const RoleResource *resource) {
        return scope_name(resource->kind, role_resource_level(resource));
}

Request role_set_request(Mem *parent, const Organisation *organisation,
                         const RoleResource *resource, Index identity, const char *role) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_array(&writer, NULL);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "roleName", role);
        json_write_text(&writer, "userId", storage_key(parent, organisation, identity));
        json_write_object_end(&writer);
        json_write_array_end(&writer);
        return (Request){.method = METHOD_PUT,
                         .path = url_build(parent,
                                           "/_apis/securityroles/scopes/{}/roleassignments"
                                           "/resources/{}?api-version=7.1-preview.1",
                                           scope_of_resource(resource),
                                           resource_id(parent, organisation, resource), NULL),
                         .body = text.data};
}

int role_set_take(Mem *parent, const char *role, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *list = NULL;
        const char *name = NULL;
        int r = body_list(scratch, reply, &list, reasonp);

        if (r == 0 && !json_first(list)) {
                *reasonp = "the service said yes and did nothing: it assigns no role to that "
                           "identity, or knows no such thing there";
                r = 1;
        } else if (r == 0) {
                name = body_text(json_get(json_first(list), "role"), "name");
                if (!name)
                        r = body_fail(reasonp, "a role assignment has no `role` with a `name`");
        }
        if (name && !text_equal(name, role)) {
                *reasonp = mem_printf(parent, "the service assigned the role %s instead of %s",
                                      name, role);
                r = 1;
        }
        mem_free(scratch);
        return r;
}

Request role_remove_request(Mem *parent, const Organisation *organisation,
                            const RoleResource *resource, Index identity) {
        return (Request){.method = METHOD_DELETE,
                         .path = url_build(parent,
                                           "/_apis/securityroles/scopes/{}/roleassignments"
                                           "/resources/{}/{}?api-version=7.1-preview.1",
                                           scope_of_resource(resource),
                                           resource_id(parent, organisation, resource),
                                           storage_key(parent, organisation, identity), NULL),
                         .empty_is_fine = true};
}

Request role_inherit_request(Mem *parent, const Organisation *organisation,
                             const RoleResource *resource, bool inherit) {
        return (Request){.method = METHOD_PATCH,
                         .path = url_build(parent,
                                           "/_apis/securityroles/scopes/{}/roleassignments"
                                           "/resources/{}?inheritPermissions={}"
                                           "&api-version=7.1-preview.1",
                                           scope_of_resource(resource),
                                           resource_id(parent, organisation, resource),
                                           inherit ? "true" : "false", NULL),
                         .empty_is_fine = true};
}

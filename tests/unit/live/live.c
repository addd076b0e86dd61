/* SPDX-License-Identifier: Apache-2.0 */
/* Live: what a test's file says, added to an organisation. */
#include <stdlib.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "tests/unit/live/live.h"
#include "tests/unit/live/live_mistake.h"

typedef struct LiveReader {
        Organisation *organisation;
        Mem *mem;
        const char *path;
} LiveReader;

static void check_keys(const LiveReader *reader, const JsonNode *object, const char *const *keys,
                       size_t n) {
        json_each(member, object) {
                bool known = false;

                for (size_t i = 0; i < n; i++)
                        known |= strcmp(json_key(member), keys[i]) == 0;
                if (!known)
                        live_mistake("%s: `%s` is not a key here", reader->path, json_key(member));
        }
}
#define CHECK_KEYS(reader, object, ...)                                    \
        check_keys((reader), (object), (const char *const[]){__VA_ARGS__}, \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static bool truth_of(const LiveReader *reader, const JsonNode *object, const char *key,
                     bool otherwise) {
        bool value = otherwise;

        if (json_get(object, key) && json_get_bool(object, key, &value) < 0)
                live_mistake("%s: `%s` is true or false", reader->path, key);
        return value;
}

static const char *text_of(const LiveReader *reader, const JsonNode *node) {
        const char *text = json_value_text(node);

        if (!text)
                live_mistake("%s: a text is missing", reader->path);
        return text;
}

/* A name, or the `name` of an object. */
static const char *name_of(const LiveReader *reader, const JsonNode *node) {
        return text_of(reader, json_is_object(node) ? json_get(node, "name") : node);
}

/* Principals */

typedef struct RoleRow {
        const char *name;
        IdentityRole role;
        const char *tail; /* of the SID; NULL: an ordinary group's */
} RoleRow;

/* facts §5.3, §5.4 */
static const RoleRow roles[] = {
        {"Project Administrators", IDENTITY_ROLE_ADMINISTRATORS, "0-0-0-0-1"},
        {"Project Collection Administrators", IDENTITY_ROLE_ADMINISTRATORS, "0-0-0-0-1"},
        {"Project Collection Service Accounts", IDENTITY_ROLE_SERVICE_ACCOUNTS, "0-0-0-0-2"},
        {"Project Valid Users", IDENTITY_ROLE_VALID_USERS, "0-0-0-0-3"},
        {"Project Collection Valid Users", IDENTITY_ROLE_VALID_USERS, "0-0-0-0-3"},
        {"Security Service Group", IDENTITY_ROLE_SECURITY_SERVICE, "0-0-0-0-5"},
        {"Build Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS, "0-0-0-1-2"},
        {"Release Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS, NULL},
        {"Endpoint Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS, NULL},
        {"Deployment Group Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS, NULL},
        {"Project-Scoped Users", IDENTITY_ROLE_PROJECT_SCOPED_USERS, NULL},
        {"Contributors", IDENTITY_ROLE_OTHER_BUILTIN, NULL},
        {"Readers", IDENTITY_ROLE_OTHER_BUILTIN, NULL},
        {"Project Collection Build Administrators", IDENTITY_ROLE_OTHER_BUILTIN, NULL},
        {"Project Collection Build Service Accounts", IDENTITY_ROLE_OTHER_BUILTIN, "0-0-0-1-1"},
};

static const RoleRow *role_of(const char *name) {
        for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
                if (text_equal(roles[i].name, name))
                        return &roles[i];
        return NULL;
}

static void name_group(const LiveReader *reader, Identity *identity) {
        const Organisation *organisation = reader->organisation;
        const RoleRow *role = role_of(identity->name);
        const char *scope = identity->project == INDEX_NONE
                                    ? organisation->name
                                    : organisation->projects[identity->project].name;
        uint64_t domain = text_hash(scope);
        uint64_t own = text_hash(identity->name);

        if (role)
                identity->role = role->role;
        if (!identity->display)
                identity->display = mem_printf(reader->mem, "[%s]\\%s", scope, identity->name);
        identity->descriptor =
                role && role->tail
                        ? mem_printf(reader->mem,
                                     LIVE_GROUP_DESCRIPTOR "S-1-9-1551374245-%u-%u-7-7-%s",
                                     (unsigned)(domain >> 32), (unsigned)domain, role->tail)
                        : mem_printf(reader->mem,
                                     LIVE_GROUP_DESCRIPTOR "S-1-9-1551374245-%u-%u-7-7-1-%u-%u-7-7",
                                     (unsigned)(domain >> 32), (unsigned)domain,
                                     (unsigned)(own >> 32), (unsigned)own);
}

static void name_person(const LiveReader *reader, Identity *identity) {
        static const char *const forms[] = {
                [IDENTITY_USER] = "Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\%s",
                [IDENTITY_ENTRA_GROUP] = LIVE_GROUP_DESCRIPTOR "S-1-9-3-%s",
                [IDENTITY_SERVICE_PRINCIPAL] =
                        "Microsoft.VisualStudio.Services.Claims.AadServicePrincipal;tenant\\%s",
                [IDENTITY_SERVICE] = "Microsoft.TeamFoundation.ServiceIdentity;host:Build:%s",
        };
        const char *form = forms[identity->kind];
        const char *end = strstr(form, "%s");

        if (!identity->display)
                identity->display = identity->name;
        identity->descriptor =
                mem_printf(reader->mem, "%.*s%s", (int)(end - form), form, identity->name);
}

static Index add_principal(const LiveReader *reader, Index project, IdentityKind kind,
                           const JsonNode *node) {
        Organisation *organisation = reader->organisation;
        Identity identity = {
                .kind = kind,
                .project = project,
                .name = name_of(reader, node),
                .display = json_get_text(node, "display"),
                .origin_id = json_get_text(node, "object_id"),
                .merged = INDEX_NONE,
                .members_known =
                        truth_of(reader, node, "members_known", kind != IDENTITY_ENTRA_GROUP),
                .containers_known = truth_of(reader, node, "containers_known", true),
        };

        if (kind == IDENTITY_GROUP)
                name_group(reader, &identity);
        else
                name_person(reader, &identity);
        identity.storage_key = live_guid(identity.descriptor);
        identity.subject =
                mem_printf(reader->mem, "%s.%s", kind == IDENTITY_GROUP ? "vssgp" : "aad",
                           identity.descriptor);
        return organisation_add_identity(organisation, &identity);
}

static void add_principals(const LiveReader *reader, Index project, IdentityKind kind,
                           const JsonNode *list) {
        json_each(node, list) {
                if (json_is_object(node))
                        CHECK_KEYS(reader, node, "name", "display", "object_id", "members",
                                   "members_known", "containers_known");
                add_principal(reader, project, kind, node);
        }
}

static void add_teams(const LiveReader *reader, Index project, const JsonNode *list) {
        Organisation *organisation = reader->organisation;

        json_each(node, list) {
                Entity entity = {
                        .kind = KIND_TEAM, .project = project, .name = name_of(reader, node)};
                Guid id;
                char text[GUID_TEXT_SIZE];

                if (json_is_object(node))
                        CHECK_KEYS(reader, node, "name", "display", "members", "members_known",
                                   "containers_known", "admins", "areas");
                entity.identity = add_principal(reader, project, IDENTITY_GROUP, node);
                organisation->identities[entity.identity].is_team = true;
                id = organisation->identities[entity.identity].storage_key;
                entity.id = guid_format(id, text);
                organisation_add_entity(organisation, &entity);
        }
}

/* The row of a name; unresolved ones are made. */
static Index principal_row(const LiveReader *reader, Index project, const char *name) {
        if (!text_has_prefix(name, LIVE_UNRESOLVED))
                return live_principal(reader->organisation, project, name);
        return organisation_descriptor_row(reader->organisation,
                                           mem_printf(reader->mem, LIVE_GROUP_DESCRIPTOR "%s",
                                                      name + strlen(LIVE_UNRESOLVED)));
}

static void add_members(const LiveReader *reader, Index project, const JsonNode *list) {
        json_each(node, list) {
                Index container = INDEX_NONE;

                if (!json_get(node, "members"))
                        continue;
                container = live_principal(reader->organisation, project, name_of(reader, node));
                json_each(member, json_get(node, "members")) organisation_add_membership(
                        reader->organisation, container,
                        principal_row(reader, project, text_of(reader, member)));
        }
}

static void set_admins(const LiveReader *reader, Index project, const JsonNode *node,
                       const Entity *team) {
        enum {
                TEAM_ADMIN_MASK = 31 /* facts §3.4 */
        };
        const Organisation *organisation = reader->organisation;
        AccessControlList acl = {
                .namespace = NAMESPACE_IDENTITY, .inherit = true, .project = project};

        if (!json_get(node, "admins"))
                return;
        acl.token = mem_printf(reader->mem, "%s\\%s",
                               organisation->projects[project].root_token[NAMESPACE_IDENTITY],
                               team->id);
        json_each(admin, json_get(node, "admins")) *
                mem_push(reader->mem, acl.entries, acl.n_entries) = (AccessControlEntry){
                .identity = live_principal(organisation, project, text_of(reader, admin)),
                .allow = TEAM_ADMIN_MASK,
        };
        organisation_set_acl(reader->organisation, &acl);
}

static void set_areas(const LiveReader *reader, const JsonNode *node, Index team) {
        const JsonNode *value = json_get(node, "areas");
        TeamAreas areas = {.team = team, .known = true, .has_backlog_iteration = true};

        if (!value)
                return;
        CHECK_KEYS(reader, value, "default", "paths");
        areas.default_path = json_get_text(value, "default");
        json_each(path, json_get(value, "paths")) {
                TeamArea *area = mem_push(reader->mem, areas.areas, areas.n_areas);

                area->path = text_of(reader, json_is_object(path) ? json_get(path, "path") : path);
                area->include_children = truth_of(reader, path, "include_children", true);
        }
        organisation_set_team_areas(reader->organisation, &areas);
}

static void complete_teams(const LiveReader *reader, Index project, const JsonNode *list) {
        json_each(node, list) {
                Index team = organisation_find_entity(reader->organisation, project, KIND_TEAM,
                                                      name_of(reader, node));

                set_admins(reader, project, node, &reader->organisation->entities[team]);
                set_areas(reader, node, team);
        }
}

/* Artefacts */

static const char *id_text(const LiveReader *reader, Index project, Kind kind, const char *name) {
        char text[GUID_TEXT_SIZE];
        const char *whole =
                mem_printf(reader->mem, "%s|%s|%s", reader->organisation->projects[project].name,
                           kind_row(kind)->key, name);

        return mem_strdup(reader->mem, guid_format(live_guid(whole), text));
}

/* The token of the thing above one of a tree; ends the test when the file does not name it. */
static const char *token_above(const LiveReader *reader, Index project, Kind kind,
                               const char *name) {
        const Organisation *organisation = reader->organisation;
        const char *slash = strrchr(name, '/');
        const char *above = slash ? mem_strndup(reader->mem, name, (size_t)(slash - name)) : "/";
        Index entity = organisation_find_entity(organisation, project, kind, above);

        if (entity == INDEX_NONE)
                live_mistake("%s: %s `%s` stands before `%s`", reader->path, kind_row(kind)->noun,
                             above, name);
        return organisation->entities[entity].token;
}

/* Things whose token is their root's and their id (facts §3.4). */
static const struct {
        Kind kind;
        NamespaceIndex space;
        const char *between;
} tokens_by_id[] = {
        {KIND_REPOSITORY, NAMESPACE_GIT, "/"},
        {KIND_SERVICE_CONNECTION, NAMESPACE_SERVICE_ENDPOINTS, "/"},
        {KIND_ENVIRONMENT, NAMESPACE_ENVIRONMENT, "/"},
        {KIND_VARIABLE_GROUP, NAMESPACE_LIBRARY, "/VariableGroup/"},
        {KIND_SECURE_FILE, NAMESPACE_LIBRARY, "/SecureFile/"},
        {KIND_AGENT_QUEUE, NAMESPACE_DISTRIBUTED_TASK, "/"},
};

/* A pipeline's id is a number; its token is the folder's with it. */
static void name_pipeline(const LiveReader *reader, Entity *pipeline) {
        enum {
                IDS_N = 100000
        };
        const char *slash = strrchr(pipeline->name, '/');
        const char *root = reader->organisation->projects[pipeline->project].root_token[NAMESPACE_BUILD];

        pipeline->id = mem_printf(reader->mem, "%u", (unsigned)(text_hash(pipeline->name) % IDS_N) + 1);
        pipeline->token = slash ? mem_printf(reader->mem, "%s/%.*s/%s", root,
                                             (int)(slash - pipeline->name), pipeline->name, pipeline->id)
                                : mem_printf(reader->mem, "%s/%s", root, pipeline->id);
}

static void add_artefact(const LiveReader *reader, Index project, Kind kind, const char *name) {
        const Project *row = &reader->organisation->projects[project];
        Entity entity = {
                .kind = kind,
                .project = project,
                .name = name,
                .id = id_text(reader, project, kind, name),
                .identity = INDEX_NONE,
        };

        for (size_t i = 0; i < sizeof(tokens_by_id) / sizeof(*tokens_by_id); i++)
                if (tokens_by_id[i].kind == kind)
                        entity.token = mem_printf(reader->mem, "%s%s%s",
                                                  row->root_token[tokens_by_id[i].space],
                                                  tokens_by_id[i].between, entity.id);
        if (kind == KIND_PIPELINE_FOLDER) {
                entity.id = NULL;
                entity.token =
                        mem_printf(reader->mem, "%s/%s", row->root_token[NAMESPACE_BUILD], name);
        }
        if (kind == KIND_PIPELINE)
                name_pipeline(reader, &entity);
        if (kind == KIND_AREA || kind == KIND_ITERATION)
                entity.token = mem_printf(reader->mem, "%s:vstfs:///Classification/Node/%s",
                                          token_above(reader, project, kind, name), entity.id);
        if (kind == KIND_QUERY)
                entity.token = mem_printf(reader->mem, "%s/%s",
                                          token_above(reader, project, kind, name), entity.id);
        organisation_add_entity(reader->organisation, &entity);
}

/* `{"environments/red": "all"}`, or a list of pipelines. */
static void set_pipeline_users(const LiveReader *reader, Index project, const JsonNode *node) {
        Organisation *organisation = reader->organisation;
        const char *place = json_key(node), *slash = strchr(place, '/');
        Kind kind = slash ? kind_by_key(mem_strndup(reader->mem, place, (size_t)(slash - place))) : _KIND_N;
        PipelineUsers users = {.entity = INDEX_NONE};

        if (kind != _KIND_N)
                users.entity = organisation_find_entity(organisation, project, kind, slash + 1);
        if (users.entity == INDEX_NONE)
                live_mistake("%s: `%s` names nothing that pipelines use", reader->path, place);
        users.all = json_value_text(node) && strcmp(json_value_text(node), "all") == 0;
        json_each(name, json_is_array(node) ? node : NULL) {
                Index pipeline = organisation_find_entity(organisation, project, KIND_PIPELINE, text_of(reader, name));

                if (pipeline == INDEX_NONE)
                        live_mistake("%s: no pipeline `%s`", reader->path, text_of(reader, name));
                *mem_push(reader->mem, users.ids, users.n_ids) =
                        (uint32_t)strtoul(organisation->entities[pipeline].id, NULL, 10);
        }
        organisation_set_pipeline_users(organisation, &users);
}

static void add_root(const LiveReader *reader, Index project, Kind kind, const char *id) {
        Project *row = &reader->organisation->projects[project];
        Entity entity = {.kind = kind, .project = project, .name = "/", .id = id, .identity = INDEX_NONE};

        entity.token = row->root_token[kind_namespace(kind)];
        organisation_add_entity(reader->organisation, &entity);
}

/* facts §3.4: the project's id stands behind these. */
static const struct {
        NamespaceIndex space;
        const char *prefix;
} root_prefixes[] = {
        {NAMESPACE_PROJECT, "$PROJECT:vstfs:///Classification/TeamProject/"},
        {NAMESPACE_GIT, "repoV2/"},
        {NAMESPACE_BUILD, ""},
        {NAMESPACE_IDENTITY, ""},
        {NAMESPACE_SERVICE_ENDPOINTS, "endpoints/"},
        {NAMESPACE_TAGGING, "/"},
        {NAMESPACE_ENVIRONMENT, "Environments/"},
        {NAMESPACE_LIBRARY, "Library/"},
        {NAMESPACE_DISTRIBUTED_TASK, "AgentQueues/"},
        {NAMESPACE_RELEASE, ""},
        {NAMESPACE_ANALYTICS_VIEWS, "$/Shared/"},
        {NAMESPACE_PLAN, "Plan/"},
        {NAMESPACE_DASHBOARDS, "$/"},
};

static void add_roots(const LiveReader *reader, Index project) {
        Organisation *organisation = reader->organisation;
        Project *row = &organisation->projects[project];
        const char *area = id_text(reader, project, KIND_AREA, "/");
        const char *iteration = id_text(reader, project, KIND_ITERATION, "/");
        const char *queries = id_text(reader, project, KIND_QUERY, "/");
        char id[GUID_TEXT_SIZE];

        guid_format(row->id, id);
        for (size_t i = 0; i < sizeof(root_prefixes) / sizeof(*root_prefixes); i++)
                row->root_token[root_prefixes[i].space] =
                        mem_printf(organisation, "%s%s", root_prefixes[i].prefix, id);
        row->root_token[NAMESPACE_CSS] =
                mem_printf(organisation, "vstfs:///Classification/Node/%s", area);
        row->root_token[NAMESPACE_ITERATION] =
                mem_printf(organisation, "vstfs:///Classification/Node/%s", iteration);
        row->root_token[NAMESPACE_QUERIES] = mem_printf(organisation, "$/%s/%s", id, queries);
        add_root(reader, project, KIND_AREA, area);
        add_root(reader, project, KIND_PIPELINE_FOLDER, NULL);
        add_root(reader, project, KIND_ITERATION, iteration);
        add_root(reader, project, KIND_QUERY, queries);
}

/* Lists */

static void add_word(const LiveReader *reader, const PermissionNamespace *space,
                     const JsonNode *node, AccessControlEntry *entry) {
        const char *word = json_value_text(node);
        bool deny = word && word[0] == '-';
        uint32_t bits = 0;

        if (!word)
                live_mistake("%s: a permission is a word or a mask in quotes", reader->path);
        word += deny;
        bits = strcmp(word, "all") == 0 ? space->all_bits : permission_bit(space, word);
        if (bits == 0)
                bits = (uint32_t)strtoul(word, NULL, 10);
        if (bits == 0 && strcmp(word, "0") != 0)
                live_mistake("%s: `%s` is no permission of %s", reader->path, word, space->name);
        if (deny)
                entry->deny |= bits;
        else
                entry->allow |= bits;
}

static void add_acl(const LiveReader *reader, Index project, const JsonNode *node) {
        Organisation *organisation = reader->organisation;
        AccessControlList acl = {.project = project, .entity = INDEX_NONE};

        CHECK_KEYS(reader, node, "inherit", "entries");
        acl.token = live_token(reader->mem, organisation, project, json_key(node), &acl.namespace);
        acl.inherit = truth_of(reader, node, "inherit", true);
        json_each(principal, json_get(node, "entries")) {
                const PermissionNamespace *space = &organisation->permissions.items[acl.namespace];
                AccessControlEntry *entry = mem_push(reader->mem, acl.entries, acl.n_entries);

                entry->identity = principal_row(reader, project, json_key(principal));
                if (!json_is_array(principal))
                        add_word(reader, space, principal, entry);
                json_each(word, json_is_array(principal) ? principal : NULL)
                        add_word(reader, space, word, entry);
        }
        organisation_set_acl(organisation, &acl);
}

/* Projects */

static uint32_t spaces_without(const LiveReader *reader, const JsonNode *list) {
        uint32_t spaces = (UINT32_C(1) << _NAMESPACE_N) - 1;

        json_each(node, list) {
                Kind kind = kind_by_key(text_of(reader, node));
                int space = kind == _KIND_N ? -1 : kind_namespace(kind);

                if (space < 0)
                        live_mistake("%s: `%s` is not a kind with permissions", reader->path,
                                     text_of(reader, node));
                spaces &= ~(UINT32_C(1) << space);
        }
        return spaces;
}

static ProjectState state_of(const LiveReader *reader, const char *word) {
        if (!word || strcmp(word, "sealed") == 0)
                return PROJECT_SEALED;
        if (strcmp(word, "failed") == 0)
                return PROJECT_FAILED;
        if (strcmp(word, "absent") == 0)
                return PROJECT_ABSENT;
        live_mistake("%s: no state of a project: `%s`", reader->path, word);
}

static Index add_project(const LiveReader *reader, const JsonNode *node) {
        static const Kind kinds[] = {KIND_REPOSITORY,         KIND_PIPELINE_FOLDER, KIND_PIPELINE,
                                     KIND_AREA,               KIND_ITERATION,       KIND_QUERY,
                                     KIND_SERVICE_CONNECTION, KIND_ENVIRONMENT,     KIND_VARIABLE_GROUP,
                                     KIND_SECURE_FILE,        KIND_AGENT_QUEUE};
        const char *visibility = json_get_text(node, "visibility");
        Project project = {
                .name = name_of(reader, node),
                .visibility = visibility ? visibility : "private",
                .state = state_of(reader, json_get_text(node, "state")),
                .error = json_get_text(node, "error"),
                .spaces = UINT32_MAX,
                .rights = {spaces_without(reader, json_get(node, "cannot_read")),
                           spaces_without(reader, json_get(node, "cannot_write"))},
        };
        Index row = INDEX_NONE;

        CHECK_KEYS(reader, node, "name", "visibility", "state", "error", "cannot_read",
                   "cannot_write", "groups", "teams", "repositories", "pipeline_folders", "pipelines",
                   "areas", "iterations", "queries", "service_connections", "environments",
                   "variable_groups", "secure_files", "agent_queues", "pipeline_users", "acls");
        project.id = live_guid(project.name);
        row = organisation_add_project(reader->organisation, &project);
        add_roots(reader, row);
        add_principals(reader, row, IDENTITY_GROUP, json_get(node, "groups"));
        add_teams(reader, row, json_get(node, "teams"));
        for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
                json_each(name, json_get(node, kind_row(kinds[i])->key))
                        add_artefact(reader, row, kinds[i], text_of(reader, name));
        return row;
}

static void complete_project(const LiveReader *reader, const JsonNode *node) {
        Index row = organisation_find_project(reader->organisation, name_of(reader, node));

        add_members(reader, row, json_get(node, "groups"));
        add_members(reader, row, json_get(node, "teams"));
        complete_teams(reader, row, json_get(node, "teams"));
        json_each(acl, json_get(node, "acls")) add_acl(reader, row, acl);
        json_each(users, json_get(node, "pipeline_users")) set_pipeline_users(reader, row, users);
}

static void read_organisation(const LiveReader *reader, const JsonNode *node) {
        Organisation *organisation = reader->organisation;
        const char *self = json_get_text(node, "self");

        CHECK_KEYS(reader, node, "organization", "self", "users", "entra_groups",
                   "service_principals", "services", "groups", "acls", "projects");
        organisation->root_token[NAMESPACE_PROJECT] = "$PROJECT";
        organisation->root_token[NAMESPACE_GIT] = "repoV2";
        organisation->root_token[NAMESPACE_COLLECTION] = "NAMESPACE:";
        organisation->root_token[NAMESPACE_SERVER] = "FrameworkGlobalSecurity";
        organisation->root_token[NAMESPACE_PROCESS] = "$PROCESS:";
        organisation->root_token[NAMESPACE_VERSION_CONTROL] = "Global";
        organisation->root_token[NAMESPACE_BUILD_ADMINISTRATION] = "BuildPrivileges";
        organisation->root_token[NAMESPACE_AUDIT_LOG] = "AllPermissions";
        organisation->spaces = UINT32_MAX;
        organisation->rights.may_read = organisation->rights.may_write = (UINT32_C(1) << _NAMESPACE_N) - 1;
        add_principals(reader, INDEX_NONE, IDENTITY_USER, json_get(node, "users"));
        add_principals(reader, INDEX_NONE, IDENTITY_ENTRA_GROUP, json_get(node, "entra_groups"));
        add_principals(reader, INDEX_NONE, IDENTITY_SERVICE_PRINCIPAL,
                       json_get(node, "service_principals"));
        add_principals(reader, INDEX_NONE, IDENTITY_SERVICE, json_get(node, "services"));
        add_principals(reader, INDEX_NONE, IDENTITY_GROUP, json_get(node, "groups"));
        json_each(project, json_get(node, "projects")) add_project(reader, project);
        json_each(project, json_get(node, "projects")) complete_project(reader, project);
        add_members(reader, INDEX_NONE, json_get(node, "groups"));
        add_members(reader, INDEX_NONE, json_get(node, "entra_groups"));
        json_each(acl, json_get(node, "acls")) add_acl(reader, INDEX_NONE, acl);
        if (!self)
                return;
        organisation->self_identity = live_principal(organisation, INDEX_NONE, self);
        organisation->self = organisation->identities[organisation->self_identity].storage_key;
}

Organisation *live_parse(Mem *parent, const char *bytes, size_t n, const char *path) {
        LiveReader reader = {.path = path, .mem = mem_alloc_zero(NULL, 1, "LiveReader")};
        JsonNode *node = NULL;
        const char *reason = NULL;
        const char *url = NULL;

        if (json_parse(reader.mem, bytes, n, &node, &reason) < 0)
                live_mistake("%s: %s", path, reason);
        url = json_get_text(node, "organization");
        reader.organisation = organisation_new(parent, url ? url : "https://dev.azure.com/contoso");
        read_organisation(&reader, node);
        organisation_seal(reader.organisation);
        mem_free(reader.mem);
        return reader.organisation;
}

Organisation *live_read(Mem *parent, const char *path) {
        Mem *mem = mem_alloc_zero(NULL, 1, "file");
        size_t n = 0;
        const char *bytes = live_file(mem, path, &n);
        Organisation *organisation = live_parse(parent, bytes, n, path);

        mem_free(mem);
        return organisation;
}

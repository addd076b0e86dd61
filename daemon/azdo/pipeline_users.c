/* SPDX-License-Identifier: Apache-2.0 */
/* PipelineUsers: which pipelines may use a thing with roles, on the wire (facts §4.5). */
#include <assert.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/pipeline_users.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

static const struct {
        Kind kind;
        const char *word;
} types[] = {
        {KIND_SERVICE_CONNECTION, "endpoint"},
        {KIND_ENVIRONMENT, "environment"},
        {KIND_VARIABLE_GROUP, "variablegroup"},
        {KIND_SECURE_FILE, "securefile"},
        {KIND_AGENT_QUEUE, "queue"},
};

static const char *type_of(Kind kind) {
        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
                if (types[i].kind == kind)
                        return types[i].word;
        assert(!"a kind of which pipelines are not asked");
        return NULL;
}

static char *path_of(Mem *parent, const Organisation *organisation, Index entity) {
        const Entity *row = &organisation->entities[entity];

        return url_build(parent,
                         "/{}/_apis/pipelines/pipelinepermissions/{}/{}?api-version=7.1-preview.1",
                         project_url_name(parent, organisation, row->project), type_of(row->kind),
                         row->id, NULL);
}

Request pipeline_users_request(Mem *parent, const Organisation *organisation, Index entity) {
        return (Request){.method = METHOD_GET, .path = path_of(parent, organisation, entity)};
}

/* Absent: not authorised. */
static int read_authorized(const JsonNode *node, bool *authorizedp) {
        *authorizedp = false;
        return json_get(node, "authorized") ? json_get_bool(node, "authorized", authorizedp) : 0;
}

static int read_users(Mem *scratch, const JsonNode *root, PipelineUsers *users,
                      const char **reasonp) {
        const JsonNode *pipelines = json_get(root, "pipelines");
        const JsonNode *all = json_get(root, "allPipelines");

        if (all && !json_is_null(all) && read_authorized(all, &users->all) < 0)
                return body_fail(reasonp, "`allPipelines` is not what it is known to be");
        if (pipelines && !json_is_null(pipelines) && !json_is_array(pipelines))
                return body_fail(reasonp, "`pipelines` is no list");
        json_each(node, pipelines) {
                bool authorized = false;
                int64_t id = 0;

                if (json_get_int(node, "id", 1, INT32_MAX, &id) < 0 ||
                    read_authorized(node, &authorized) < 0)
                        return body_fail(reasonp, "a pipeline's permission has no `id`");
                if (authorized)
                        *mem_push(scratch, users->ids, users->n_ids) = (uint32_t)id;
        }
        return 0;
}

/* An answer about something else would open or close the wrong thing. */
static int check_resource(const Organisation *organisation, Index entity, const JsonNode *root,
                          const char **reasonp) {
        const JsonNode *resource = json_get(root, "resource");
        const char *id = body_text(resource, "id"), *type = body_text(resource, "type");

        if (!id || !type || !text_equal(id, organisation->entities[entity].id) ||
            !text_equal(type, type_of(organisation->entities[entity].kind)))
                return body_fail(reasonp,
                                 "the answer's `resource` is not the one that was asked for");
        return 0;
}

int pipeline_users_take(Organisation *organisation, Index entity, const Reply *reply,
                        const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        PipelineUsers users = {.entity = entity};
        const JsonNode *root = NULL;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = check_resource(organisation, entity, root, reasonp);
        if (r == 0)
                r = read_users(scratch, root, &users, reasonp);
        if (r == 0)
                organisation_set_pipeline_users(organisation, &users);
        mem_free(scratch);
        return r;
}

Request pipeline_users_change_request(Mem *parent, const Organisation *organisation,
                                      const PipelineUsersChange *change) {
        bool authorized = change->grant == PIPELINE_GRANT_GIVEN;
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        if (change->all) {
                json_write_object(&writer, "allPipelines");
                json_write_bool(&writer, "authorized", authorized);
                json_write_object_end(&writer);
        }
        json_write_array(&writer, "pipelines");
        for (size_t i = 0; i < change->n_ids; i++) {
                json_write_object(&writer, NULL);
                json_write_int(&writer, "id", change->ids[i]);
                json_write_bool(&writer, "authorized", authorized);
                json_write_object_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        return (Request){.method = METHOD_PATCH,
                         .path = path_of(parent, organisation, change->entity),
                         .body = text.data};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Group: the security groups of a project, teams among them (facts §5.2). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/directory.h"
#include "daemon/azdo/identity_read.h"
#include "daemon/azdo/url.h"

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return directory_of(organisation)->groups(parent, organisation, project);
}

static Index add_group(Mem *scratch, Organisation *organisation, Index project,
                       const Identity *identity) {
        char text[GUID_TEXT_SIZE];
        Entity entity = {
                .kind = KIND_GROUP,
                .project = project,
                .name = identity->name,
                .id = mem_strdup(scratch, guid_format(identity->storage_key, text)),
                .assumed = identity->assumed,
        };

        entity.identity = organisation_add_identity(organisation, identity);
        return organisation_add_entity(organisation, &entity);
}

static bool is_group_of(const Organisation *organisation, const Identity *identity, Index project) {
        return identity->kind == IDENTITY_GROUP &&
               identity->project == organisation_scope_of(organisation, project);
}

typedef struct ListReading {
        Organisation *organisation;
        Index project;
} ListReading;

static int take_element(void *context, Mem *scratch, const JsonNode *element,
                        const char **reasonp) {
        const ListReading *reading = context;
        Identity identity = {0};
        int r = directory_of(reading->organisation)
                        ->read_group(scratch, reading->organisation, element, &identity, reasonp);

        if (r == 0 && is_group_of(reading->organisation, &identity, reading->project))
                add_group(scratch, reading->organisation, reading->project, &identity);
        return r < 0 ? r : 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        ListReading reading = {organisation, project};

        return body_each(reply, take_element, &reading, rowsp, reasonp);
}

/* Graph has no filter by name; the identity service has one, over all projects (facts §5.2, §5.5).
 */
static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .base = BASE_GRAPH,
                .path = url_build(parent,
                                  "/_apis/identities?searchFilter=LocalGroupName&filterValue={}"
                                  "&queryMembership=none&api-version=7.1",
                                  name, NULL)};
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *value = NULL;
        bool found = false;
        int r = body_list(scratch, reply, &value, reasonp);

        json_each(node, value) {
                Identity identity = {0};

                if (r < 0 || json_is_null(node))
                        continue;
                r = identity_read(scratch, organisation, node, &identity, reasonp);
                if (r != 0 || !is_group_of(organisation, &identity, project) || !text_equal(identity.name, name))
                        continue;
                add_group(scratch, organisation, project, &identity);
                found = true;
        }
        mem_free(scratch);
        return r < 0 ? r : found ? 0 : 1;
}

static Request create(Mem *parent, const Organisation *organisation, Index project,
                      const char *name) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "displayName", name);
        json_write_object_end(&writer);
        return (Request){.method = METHOD_POST,
                         .base = BASE_GRAPH,
                         .path = organisation_scope_of(organisation, project) == INDEX_NONE
                                         ? mem_strdup(parent, "/_apis/graph/groups?api-version=7.1-preview.1")
                                         : url_build(parent,
                                                     "/_apis/graph/groups?scopeDescriptor={}"
                                                     "&api-version=7.1-preview.1",
                                                     organisation->projects[project].scope, NULL),
                         .body = text.data,
                         .repeat = REPEAT_NEVER};
}

static int take_create(Organisation *organisation, Index project, const char *name,
                       const Reply *reply, Index *entityp, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Identity identity = {0};
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = identity_read_group(scratch, organisation, root, &identity, reasonp);
        if (r > 0 ||
            (r == 0 && (!is_group_of(organisation, &identity, project) || !text_equal(identity.name, name))))
                r = body_fail(reasonp, "the group made is another than was asked for");
        if (r == 0) {
                identity.assumed = true;
                *entityp = add_group(scratch, organisation, project, &identity);
        }
        mem_free(scratch);
        return r;
}

const Codec codec_group = {
        .kind = KIND_GROUP,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
        .create = create,
        .take_create = take_create,
};

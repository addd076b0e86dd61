/* SPDX-License-Identifier: Apache-2.0 */
/* SecureFile: the secure files of a project's library (facts §3.4). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(parent,
                                  "/{}/_apis/distributedtask/securefiles?api-version=7.1-preview.1",
                                  project_url_name(parent, organisation, project), NULL)};
}

static int read_file(Mem *scratch, const Organisation *organisation, Index project,
                     const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *name = body_text(node, "name");
        char text[GUID_TEXT_SIZE];
        const char *id;
        Guid guid;

        if (body_guid(node, "id", &guid) < 0 || !name)
                return body_fail(reasonp, "a secure file has no `id` or no `name`");
        id = mem_strdup(scratch, guid_format(guid, text));
        *entityp = (Entity){
                .kind = KIND_SECURE_FILE,
                .project = project,
                .name = name,
                .id = id,
                .token = mem_printf(scratch, "%s/SecureFile/%s",
                                    organisation->projects[project].root_token[NAMESPACE_LIBRARY],
                                    id),
                .identity = INDEX_NONE,
        };
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_file, reply, reasonp, rowsp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(
                        parent,
                        "/{}/_apis/distributedtask/securefiles?namePattern={}&api-version=7.1-preview.1",
                        project_url_name(parent, organisation, project), name, NULL)};
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return entity_list_take_named(organisation, project, read_file, name, reply, reasonp);
}

/* Never made: that needs what is in it. */
const Codec codec_secure_file = {
        .kind = KIND_SECURE_FILE,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
};

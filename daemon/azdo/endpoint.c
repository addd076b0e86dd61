/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint: the service connections of a project (facts §6.7). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(
                        parent,
                        "/{}/_apis/serviceendpoint/endpoints?includeFailed=true&api-version=7.1",
                        project_url_name(parent, organisation, project), NULL)};
}

static int read_endpoint(Mem *scratch, const Organisation *organisation, Index project,
                         const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *name = entity_list_name(node, "serviceEndpointProjectReferences",
                                            organisation->projects[project].id);
        char text[GUID_TEXT_SIZE];
        Guid id;

        if (body_guid(node, "id", &id) < 0 || !name)
                return body_fail(reasonp, "a service connection has no `id` or no `name`");
        *entityp = (Entity){
                .kind = KIND_SERVICE_CONNECTION,
                .project = project,
                .name = name,
                .id = mem_strdup(scratch, guid_format(id, text)),
                .identity = INDEX_NONE,
        };
        entityp->token =
                mem_printf(scratch, "%s/%s",
                           organisation->projects[project].root_token[NAMESPACE_SERVICE_ENDPOINTS],
                           entityp->id);
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_endpoint, reply, reasonp, rowsp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(
                        parent,
                        "/{}/_apis/serviceendpoint/endpoints?endpointNames={}&includeFailed=true"
                        "&api-version=7.1",
                        project_url_name(parent, organisation, project), name, NULL)};
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return entity_list_take_named(organisation, project, read_endpoint, name, reply, reasonp);
}

/* Never made: that needs a secret. */
const Codec codec_endpoint = {
        .kind = KIND_SERVICE_CONNECTION,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
};

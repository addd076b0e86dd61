/* SPDX-License-Identifier: Apache-2.0 */
/* Environment: the environments of a project (facts §6.8). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(
                        parent,
                        "/{}/_apis/pipelines/environments?$top=500&api-version=7.1-preview.1",
                        project_url_name(parent, organisation, project), NULL),
                .paging = PAGING_CONTINUATION};
}

static int read_environment(Mem *scratch, const Organisation *organisation, Index project,
                            const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *name = body_text(node, "name");
        const char *id = entity_list_number(scratch, node);
        Guid home;

        if (!id || !name)
                return body_fail(reasonp, "an environment has no `id` or no `name`");
        if (json_get(node, "project") &&
            (body_guid(json_get(node, "project"), "id", &home) < 0 ||
             guid_compare(home, organisation->projects[project].id) != 0))
                return body_fail(reasonp,
                                 "an environment is of another project than was asked for");
        *entityp = (Entity){
                .kind = KIND_ENVIRONMENT,
                .project = project,
                .name = name,
                .id = id,
                .token = mem_printf(
                        scratch, "%s/%s",
                        organisation->projects[project].root_token[NAMESPACE_ENVIRONMENT], id),
                .identity = INDEX_NONE,
        };
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_environment, reply, reasonp, rowsp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(
                        parent,
                        "/{}/_apis/pipelines/environments?name={}&api-version=7.1-preview.1",
                        project_url_name(parent, organisation, project), name, NULL)};
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return entity_list_take_named(organisation, project, read_environment, name, reply,
                                      reasonp);
}

/* Never made: what it stands for is somebody's own. */
const Codec codec_environment = {
        .kind = KIND_ENVIRONMENT,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
};

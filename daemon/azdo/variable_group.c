/* SPDX-License-Identifier: Apache-2.0 */
/* VariableGroup: the variable groups of a project's library (facts §6.8). */
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
                        "/{}/_apis/distributedtask/variablegroups?$top=500&queryOrder=idAscending"
                        "&api-version=7.1",
                        project_url_name(parent, organisation, project), NULL),
                .paging = PAGING_CONTINUATION};
}

static int read_group(Mem *scratch, const Organisation *organisation, Index project,
                      const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *name = entity_list_name(node, "variableGroupProjectReferences",
                                            organisation->projects[project].id);
        const char *id = entity_list_number(scratch, node);

        if (!id || !name)
                return body_fail(reasonp, "a variable group has no `id` or no `name`");
        *entityp = (Entity){
                .kind = KIND_VARIABLE_GROUP,
                .project = project,
                .name = name,
                .id = id,
                .token = mem_printf(scratch, "%s/VariableGroup/%s",
                                    organisation->projects[project].root_token[NAMESPACE_LIBRARY],
                                    id),
                .identity = INDEX_NONE,
        };
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_group, reply, reasonp, rowsp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(
                        parent,
                        "/{}/_apis/distributedtask/variablegroups?groupName={}&api-version=7.1",
                        project_url_name(parent, organisation, project), name, NULL)};
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return entity_list_take_named(organisation, project, read_group, name, reply, reasonp);
}

/* Never made: that needs its variables. */
const Codec codec_variable_group = {
        .kind = KIND_VARIABLE_GROUP,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
};

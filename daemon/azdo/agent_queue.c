/* SPDX-License-Identifier: Apache-2.0 */
/* AgentQueue: the agent queues of a project (facts §6.8). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent,
                                           "/{}/_apis/distributedtask/queues?api-version=7.1",
                                           project_url_name(parent, organisation, project), NULL)};
}

static int read_queue(Mem *scratch, const Organisation *organisation, Index project,
                      const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *name = body_text(node, "name");
        const char *id = entity_list_number(scratch, node);
        Guid home;

        if (!id || !name)
                return body_fail(reasonp, "an agent queue has no `id` or no `name`");
        if (json_get(node, "projectId") &&
            (body_guid(node, "projectId", &home) < 0 ||
             guid_compare(home, organisation->projects[project].id) != 0))
                return body_fail(reasonp,
                                 "an agent queue is of another project than was asked for");
        *entityp = (Entity){
                .kind = KIND_AGENT_QUEUE,
                .project = project,
                .name = name,
                .id = id,
                .token = mem_printf(
                        scratch, "%s/%s",
                        organisation->projects[project].root_token[NAMESPACE_DISTRIBUTED_TASK], id),
                .identity = INDEX_NONE,
        };
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_queue, reply, reasonp, rowsp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(parent,
                                  "/{}/_apis/distributedtask/queues?queueName={}&api-version=7.1",
                                  project_url_name(parent, organisation, project), name, NULL)};
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return entity_list_take_named(organisation, project, read_queue, name, reply, reasonp);
}

/* Never made: that needs a pool of agents. */
const Codec codec_agent_queue = {
        .kind = KIND_AGENT_QUEUE,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
};

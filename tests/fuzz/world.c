/* SPDX-License-Identifier: Apache-2.0 */
/* World: the organisation that answers are taken into, with what holds of each taking and each
 * request. */
#include <assert.h>
#include <string.h>

#include "common/base/json.h"
#include "daemon/azdo/project.h"
#include "tests/fuzz/world.h"

Organisation *world_new(Mem *mem) {
        Organisation *organisation = organisation_new(mem, WORLD_URL);
        Project project = {.name = "MLOps", .scope = "scp.MQ", .spaces = UINT32_MAX};
        int r = guid_parse(&project.id, WORLD_PROJECT);

        assert(r == 0);
        (void)organisation_add_project(organisation, &project);
        organization_set_tokens(organisation);
        organisation->spaces = UINT32_MAX;
        project_set_tokens(organisation, 0);
        return organisation;
}

Index world_add_team(Organisation *organisation) {
        Identity identity = {
                .kind = IDENTITY_GROUP, .name = "A", .project = 0, .merged = INDEX_NONE};
        Entity entity = {.kind = KIND_TEAM, .name = "A", .id = WORLD_TEAM};
        int r = guid_parse(&identity.storage_key, WORLD_TEAM);

        assert(r == 0);
        entity.identity = organisation_add_identity(organisation, &identity);
        return organisation_add_entity(organisation, &entity);
}

void world_check_taken(int r, const char **reasonp) {
        assert(r >= 0 || *reasonp);
        assert(r < 0 || r <= 1);
        *reasonp = NULL;
}

void world_check_request(Mem *mem, const Request *request) {
        const char *reason = NULL;
        JsonNode *body = NULL;

        assert(request->path[0] == '/');
        for (const char *at = request->path; *at; at++)
                assert(*at > ' ' && *at < 0x7f);
        if (request->body &&
            json_parse(mem, request->body, strlen(request->body), &body, &reason) < 0)
                assert(!"a body that is no JSON");
}

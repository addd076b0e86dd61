/* SPDX-License-Identifier: Apache-2.0 */
/* Team: the teams of a project, each a group by the same id (facts §6.2). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/identity_read.h"
#include "daemon/azdo/naming.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/team.h"
#include "daemon/azdo/url.h"

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(parent,
                                  "/_apis/projects/{}/teams?$expandIdentity=true&api-version=7.1",
                                  project_url_name(parent, organisation, project), NULL),
                .paging = PAGING_SKIP};
}

/* The identity stands there when it is asked for; without it the id alone says whose group the team
 * is. */
static int read_identity(Mem *scratch, const Organisation *organisation, Index project,
                         const JsonNode *node, Identity *identityp, const char **reasonp) {
        const JsonNode *identity = json_get(node, "identity");
        Guid id;
        int r = 0;

        if (body_guid(node, "id", &id) < 0 || !body_text(node, "name"))
                return body_fail(reasonp, "a team has no `id` or no `name`");
        *identityp = (Identity){.project = project, .merged = INDEX_NONE};
        if (identity && !json_is_null(identity)) {
                r = identity_read(scratch, organisation, identity, identityp, reasonp);
                if (r < 0)
                        return r;
                if (r == 0 && guid_compare(identityp->storage_key, id) != 0)
                        return body_fail(reasonp, "a team's `identity` is another one's");
        }
        identityp->storage_key = id;
        identityp->kind = IDENTITY_GROUP;
        identityp->project = project;
        identityp->name = body_text(node, "name");
        identityp->is_team = true;
        return 0;
}

typedef enum Sighting {
        SIGHTING_SEEN,
        SIGHTING_ASSUMED, /* from the answer to its creation */
} Sighting;

static int take_team(Mem *scratch, Organisation *organisation, Index project, const JsonNode *node,
                     Index *entityp, Sighting sighting, const char **reasonp) {
        Identity identity = {0};
        char text[GUID_TEXT_SIZE];
        Entity entity = {
                .kind = KIND_TEAM, .project = project, .assumed = sighting == SIGHTING_ASSUMED};
        Guid home;
        int r = read_identity(scratch, organisation, project, node, &identity, reasonp);

        if (r < 0)
                return r;
        if (json_get(node, "projectId") &&
            (body_guid(node, "projectId", &home) < 0 ||
             guid_compare(home, organisation->projects[project].id) != 0))
                return body_fail(reasonp, "a team is of another project than was asked for");
        identity.assumed = entity.assumed;
        entity.name = identity.name;
        entity.id = mem_strdup(scratch, guid_format(identity.storage_key, text));
        entity.identity = organisation_add_identity(organisation, &identity);
        *entityp = organisation_add_entity(organisation, &entity);
        return 0;
}

typedef struct ListReading {
        Organisation *organisation;
        Index project;
} ListReading;

static int take_element(void *context, Mem *scratch, const JsonNode *element,
                        const char **reasonp) {
        const ListReading *reading = context;
        Index entity = INDEX_NONE;

        return take_team(scratch, reading->organisation, reading->project, element, &entity,
                         SIGHTING_SEEN, reasonp);
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        ListReading reading = {organisation, project};

        return body_each(reply, take_element, &reading, rowsp, reasonp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(
                                 parent,
                                 "/_apis/projects/{}/teams/{}?$expandIdentity=true&api-version=7.1",
                                 project_url_name(parent, organisation, project), name, NULL)};
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        const char *found = NULL;
        Index entity = INDEX_NONE;
        int r = body_object(scratch, reply, &root, reasonp);

        found = body_text(root, "name");
        if (r == 0 && found && !text_equal(found, name))
                r = 1;
        if (r == 0)
                r = take_team(scratch, organisation, project, root, &entity, SIGHTING_SEEN,
                              reasonp);
        mem_free(scratch);
        return r;
}

static int take_id(Organisation *organisation, Index project, const char *id, const Reply *reply,
                   const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Index entity = INDEX_NONE;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = take_team(scratch, organisation, project, root, &entity, SIGHTING_SEEN,
                              reasonp);
        mem_free(scratch);
        return r;
}

static Request create(Mem *parent, const Organisation *organisation, Index project,
                      const char *name) {
        return (Request){.method = METHOD_POST,
                         .path = url_build(parent, "/_apis/projects/{}/teams?api-version=7.1",
                                           project_url_name(parent, organisation, project), NULL),
                         .body = naming_body(parent, name),
                         .repeat = REPEAT_NEVER};
}

static int take_create(Organisation *organisation, Index project, const char *name,
                       const Reply *reply, Index *entityp, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        const char *made = NULL;
        int r = body_object(scratch, reply, &root, reasonp);

        made = body_text(root, "name");
        if (r == 0 && made && !text_equal(made, name))
                r = body_fail(reasonp, "the team made has another name than was asked for");
        if (r == 0)
                r = take_team(scratch, organisation, project, root, entityp, SIGHTING_ASSUMED,
                              reasonp);
        mem_free(scratch);
        return r;
}

const Codec codec_team = {
        .kind = KIND_TEAM,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
        .create = create,
        .take_create = take_create,
        .get_id = get,
        .take_id = take_id,
};

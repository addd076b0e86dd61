/* SPDX-License-Identifier: Apache-2.0 */
/* Repository: the Git repositories of a project (facts §6.5). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/naming.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent, "/{}/_apis/git/repositories?api-version=7.1",
                                           project_url_name(parent, organisation, project), NULL)};
}

static int read_repository(Mem *scratch, const Organisation *organisation, Index project,
                           const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *name = body_text(node, "name");
        char text[GUID_TEXT_SIZE];
        Guid id;
        Guid home;

        if (body_guid(node, "id", &id) < 0 || !name)
                return body_fail(reasonp, "a repository has no `id` or no `name`");
        if (body_guid(json_get(node, "project"), "id", &home) < 0 ||
            guid_compare(home, organisation->projects[project].id) != 0)
                return body_fail(reasonp, "a repository is of another project than was asked for");
        *entityp = (Entity){
                .kind = KIND_REPOSITORY,
                .project = project,
                .name = name,
                .id = mem_strdup(scratch, guid_format(id, text)),
                .identity = INDEX_NONE,
        };
        entityp->token =
                mem_printf(scratch, "%s/%s",
                           organisation->projects[project].root_token[NAMESPACE_GIT], entityp->id);
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_repository, reply, reasonp, rowsp);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent, "/{}/_apis/git/repositories/{}?api-version=7.1",
                                           project_url_name(parent, organisation, project), name,
                                           NULL)};
}

/* A name that looks like an id finds by id. */
static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Entity entity = {.name = ""};
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = read_repository(scratch, organisation, project, root, &entity, reasonp);
        if (r == 0 && !text_equal(entity.name, name))
                r = 1;
        if (r == 0)
                organisation_add_entity(organisation, &entity);
        mem_free(scratch);
        return r;
}

static int take_id(Organisation *organisation, Index project, const char *id, const Reply *reply,
                   const char **reasonp) {
        return entity_list_take_one(organisation, project, read_repository, reply, reasonp);
}

static Request create(Mem *parent, const Organisation *organisation, Index project,
                      const char *name) {
        return (Request){.method = METHOD_POST,
                         .path = url_build(parent, "/{}/_apis/git/repositories?api-version=7.1",
                                           project_url_name(parent, organisation, project), NULL),
                         .body = naming_body(parent, name),
                         .repeat = REPEAT_NEVER};
}

static int take_create(Organisation *organisation, Index project, const char *name,
                       const Reply *reply, Index *entityp, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Entity entity = {.name = ""};
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = read_repository(scratch, organisation, project, root, &entity, reasonp);
        if (r == 0 && !text_equal(entity.name, name))
                r = body_fail(reasonp, "the repository made has another name than was asked for");
        if (r == 0) {
                entity.assumed = true;
                *entityp = organisation_add_entity(organisation, &entity);
        }
        mem_free(scratch);
        return r;
}

static Request before(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent,
                                           "/{}/_apis/git/recycleBin/repositories?api-version=7.1",
                                           project_url_name(parent, organisation, project), NULL)};
}

static int take_before(Mem *parent, const char *name, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *value = NULL;
        int r = body_list(scratch, reply, &value, reasonp);

        json_each(node, value) {
                const char *deleted = body_text(node, "name");

                if (r == 0 && !deleted)
                        r = body_fail(reasonp, "a deleted repository has no `name`");
                if (r == 0 && text_equal(deleted, name)) {
                        *reasonp = mem_printf(
                                parent,
                                "a repository %s lies in the project's recycle bin; restore it, or "
                                "delete it for good, then charterd goes on",
                                deleted);
                        r = 1;
                }
        }
        mem_free(scratch);
        return r;
}

const Codec codec_repository = {
        .kind = KIND_REPOSITORY,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
        .create = create,
        .take_create = take_create,
        .before = before,
        .take_before = take_before,
        .get_id = get,
        .take_id = take_id,
};

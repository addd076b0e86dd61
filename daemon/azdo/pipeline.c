/* SPDX-License-Identifier: Apache-2.0 */
/* Pipeline: the build definitions of a project, named with their folders (facts §6.6). */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/naming.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

#define PATTERN_LIST "/{}/_apis/build/definitions?$top=%d&api-version=7.1"
#define PATTERN_NAMED "/{}/_apis/build/definitions?name={}&path={}&api-version=7.1"
#define PATTERN_ID "/{}/_apis/build/definitions/{}?api-version=7.1"

/* `\` or `\A\B` */
static char *folder_of(Mem *parent, const char *path) {
        char *copy = NULL;

        while (*path == '\\')
                path++;
        copy = mem_strdup(parent, path);
        for (char *c = copy; *c; c++)
                if (*c == '\\')
                        *c = '/';
        return copy;
}

/* The token is the folder's with the id (facts §3.4). */
static int read_definition(Mem *scratch, const Organisation *organisation, Index project,
                           const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *root = organisation->projects[project].root_token[NAMESPACE_BUILD];
        const char *name = body_text(node, "name");
        const char *path = body_text(node, "path");
        const char *folder = NULL;
        int64_t id = 0;
        Guid owner;

        if (json_get_int(node, "id", 1, INT32_MAX, &id) < 0 || !name)
                return body_fail(reasonp, "a pipeline has no `id` or no `name`");
        if (body_guid(json_get(node, "project"), "id", &owner) < 0 ||
            guid_compare(owner, organisation->projects[project].id) != 0)
                return body_fail(reasonp, "a pipeline is of another project");
        if (!path || path[0] != '\\' || strchr(path, '/') || strstr(path, "\\\\"))
                return body_fail(reasonp, "a pipeline's `path` cannot be taken apart");
        folder = folder_of(scratch, path);
        *entityp = (Entity){
                .kind = KIND_PIPELINE,
                .project = project,
                .name = folder[0] ? mem_printf(scratch, "%s/%s", folder, name) : name,
                .id = mem_printf(scratch, "%d", (int)id),
                .token = folder[0] ? mem_printf(scratch, "%s/%s/%d", root, folder, (int)id)
                                   : mem_printf(scratch, "%s/%d", root, (int)id),
                .identity = INDEX_NONE,
        };
        return 0;
}

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent,
                                           mem_printf(parent, PATTERN_LIST, REQUEST_PAGE_SIZE),
                                           project_url_name(parent, organisation, project), NULL),
                         .paging = PAGING_CONTINUATION};
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_definition, reply, reasonp, rowsp);
}

static char *path_of_service(Mem *parent, const char *folder) {
        char *path = mem_printf(parent, "\\%s", folder ? folder : "");

        for (char *c = path; *c; c++)
                if (*c == '/')
                        *c = '\\';
        return path;
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(parent, PATTERN_NAMED,
                                  project_url_name(parent, organisation, project),
                                  naming_leaf(name),
                                  path_of_service(parent, naming_above(parent, name)), NULL)};
}

/* A `*` in a name is a pattern to the service: only what carries the name counts. */
static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return entity_list_take_named(organisation, project, read_definition, name, reply, reasonp);
}

static Request get_id(Mem *parent, const Organisation *organisation, Index project, const char *id) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent, PATTERN_ID,
                                           project_url_name(parent, organisation, project), id,
                                           NULL)};
}

static int take_id(Organisation *organisation, Index project, const char *id, const Reply *reply,
                   const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Entity entity = {.name = ""};
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = read_definition(scratch, organisation, project, root, &entity, reasonp);
        if (r == 0)
                organisation_add_entity(organisation, &entity);
        mem_free(scratch);
        return r;
}

const Codec codec_pipeline = {
        .kind = KIND_PIPELINE,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
        .get_id = get_id,
        .take_id = take_id,
};

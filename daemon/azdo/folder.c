/* SPDX-License-Identifier: Apache-2.0 */
/* Folder: the pipeline folders of a project (facts §6.6). */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/entity_list.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

/* The service's `\A\B` and the model's `A/B`; the root is `\` and `/`. */
static char *path_of_service(Mem *parent, const char *path) {
        char *copy = NULL;

        while (*path == '\\')
                path++;
        copy = mem_strdup(parent, *path ? path : "/");
        for (char *c = copy; *c; c++)
                if (*c == '\\')
                        *c = '/';
        return copy;
}

static char *path_of_model(Mem *parent, const char *path) {
        char *copy = mem_printf(parent, "\\%s", strcmp(path, "/") == 0 ? "" : path);

        for (char *c = copy; *c; c++)
                if (*c == '/')
                        *c = '\\';
        return copy;
}

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent,
                                           "/{}/_apis/build/folders?api-version=7.1-preview.2",
                                           project_url_name(parent, organisation, project), NULL)};
}

/* The token of the root is the project's own; folders are keyed by name (facts §3.4). */
static int read_folder(Mem *scratch, const Organisation *organisation, Index project,
                       const JsonNode *node, Entity *entityp, const char **reasonp) {
        const char *root = organisation->projects[project].root_token[NAMESPACE_BUILD];
        const char *path = body_text(node, "path");
        char *name = NULL;

        if (!path || path[0] != '\\')
                return body_fail(reasonp, "a pipeline folder has no `path`");
        if (strchr(path, '/') || strstr(path, "\\\\"))
                return body_fail(reasonp, "a pipeline folder's `path` cannot be taken apart");
        name = path_of_service(scratch, path);
        *entityp = (Entity){
                .kind = KIND_PIPELINE_FOLDER,
                .project = project,
                .name = name,
                .token = strcmp(name, "/") == 0 ? root : mem_printf(scratch, "%s/%s", root, name),
                .identity = INDEX_NONE,
        };
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        return entity_list_take(organisation, project, read_folder, reply, reasonp, rowsp);
}

/* Live traffic has the path as one segment, with %5C (facts §6.6). */
static char *folder_path(Mem *parent, const Organisation *organisation, Index project,
                         const char *name) {
        return url_build(parent, "/{}/_apis/build/folders/{}?api-version=7.1-preview.2",
                         project_url_name(parent, organisation, project),
                         path_of_model(parent, name) + 1, NULL);
}

static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        return (Request){.method = METHOD_GET,
                         .path = folder_path(parent, organisation, project, name)};
}

/* The answer is a list of the folder, with those below it or without. */
static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        return entity_list_take_named(organisation, project, read_folder, name, reply, reasonp);
}

static Request create(Mem *parent, const Organisation *organisation, Index project,
                      const char *name) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "path", path_of_model(parent, name));
        json_write_object_end(&writer);
        return (Request){.method = METHOD_PUT,
                         .path = folder_path(parent, organisation, project, name),
                         .body = text.data,
                         .repeat = REPEAT_NEVER};
}

static int take_create(Organisation *organisation, Index project, const char *name,
                       const Reply *reply, Index *entityp, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Entity entity = {.name = ""};
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = read_folder(scratch, organisation, project, root, &entity, reasonp);
        if (r == 0 && !text_equal(entity.name, name))
                r = body_fail(reasonp,
                              "the pipeline folder made has another path than was asked for");
        if (r == 0) {
                entity.assumed = true;
                *entityp = organisation_add_entity(organisation, &entity);
        }
        mem_free(scratch);
        return r;
}

const Codec codec_folder = {
        .kind = KIND_PIPELINE_FOLDER,
        .list = list,
        .take_list = take_list,
        .get = get,
        .take_get = take_get,
        .create = create,
        .take_create = take_create,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Query: the shared queries of a project with their folders (facts §6.8). */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/codec_rows.h"
#include "daemon/azdo/naming.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

/* Deeper than two levels nothing is answered (facts §6.8): folders further down are asked for by themselves. */
#define PATTERN_TREE "/{}/_apis/wit/queries?$depth=2&$expand=minimal&api-version=7.1"
#define PATTERN_BELOW "/{}/_apis/wit/queries/{}?$depth=2&$expand=minimal&api-version=7.1"
#define PATTERN_CREATE "/{}/_apis/wit/queries/{}?api-version=7.1"
#define ROOT "/"

typedef struct QueryReading {
        Mem *scratch;
        Index project;
        Entity *entities;
        size_t n_entities;
} QueryReading;

static Request list(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent, PATTERN_TREE,
                                           project_url_name(parent, organisation, project), NULL)};
}

/* `above` is the folder it lies in, NULL of a root, which is called as the organisation's language has it. */
static int read_item(QueryReading *reading, const JsonNode *node, const Entity *above,
                     const char *root_token, Entity *entityp, const char **reasonp) {
        const char *name = body_text(node, "name");
        char text[GUID_TEXT_SIZE];
        Guid id;

        if (body_guid(node, "id", &id) < 0 || !name)
                return body_fail(reasonp, "a query has no `id` or no `name`");
        if (above && strpbrk(name, "/\\"))
                return body_fail(reasonp, "a query's `name` holds a separator");
        *entityp = (Entity){
                .kind = KIND_QUERY,
                .project = reading->project,
                .id = mem_strdup(reading->scratch, guid_format(id, text)),
                .identity = INDEX_NONE,
        };
        if (!above)
                entityp->name = ROOT;
        else if (strcmp(above->name, ROOT) == 0)
                entityp->name = mem_strdup(reading->scratch, name);
        else
                entityp->name = mem_printf(reading->scratch, "%s/%s", above->name, name);
        entityp->token = mem_printf(reading->scratch, "%s/%s", above ? above->token : root_token,
                                    entityp->id);
        return 0;
}

/* A folder whose children are left out is read by itself. */
static int check_folder(const JsonNode *node, const char **reasonp) {
        const JsonNode *children = json_get(node, "children");
        bool is_folder = false;

        (void)json_get_bool(node, "isFolder", &is_folder);
        if (children && !json_is_array(children) && !json_is_null(children))
                return body_fail(reasonp, "a query folder's `children` are no list");
        if (!is_folder && json_count(children) > 0)
                return body_fail(reasonp, "a query that is no folder has `children`");
        return 0;
}

static int read_children(QueryReading *reading, const JsonNode *node, const Entity *folder,
                         const char **reasonp);

static int read_tree(QueryReading *reading, const JsonNode *node, const Entity *above,
                     const char *root_token, const char **reasonp) {
        Entity entity = {.name = ""};

        if (read_item(reading, node, above, root_token, &entity, reasonp) < 0)
                return -1;
        *mem_push(reading->scratch, reading->entities, reading->n_entities) = entity;
        return read_children(reading, node, &entity, reasonp);
}

/* The depth of the nesting is bounded by the reader of JSON. */
static int read_children(QueryReading *reading, const JsonNode *node, const Entity *folder,
                         const char **reasonp) {
        if (check_folder(node, reasonp) < 0)
                return -1;
        json_each(child, json_get(node, "children")) {
                if (read_tree(reading, child, folder, NULL, reasonp) < 0)
                        return -1;
        }
        return 0;
}

static void add_read(Organisation *organisation, const QueryReading *reading) {
        for (size_t i = 0; i < reading->n_entities; i++)
                organisation_add_entity(organisation, &reading->entities[i]);
}

/* My Queries are nobody else's. */
static int is_shared(const JsonNode *node, bool *sharedp, const char **reasonp) {
        if (json_get_bool(node, "isPublic", sharedp) < 0)
                return body_fail(reasonp, "a query does not say whether it `isPublic`");
        return 0;
}

static int read_roots(QueryReading *reading, const char *above, const JsonNode *roots,
                      const char **reasonp) {
        json_each(root, roots) {
                bool shared = false;

                if (is_shared(root, &shared, reasonp) < 0)
                        return -1;
                if (!shared)
                        continue;
                if (reading->n_entities > 0)
                        return body_fail(reasonp, "a project has more than one folder of shared queries");
                if (read_tree(reading, root, NULL, above, reasonp) < 0)
                        return -1;
        }
        if (reading->n_entities == 0)
                return body_fail(reasonp, "the answer has no folder of shared queries; charterd's identity needs Read there");
        return 0;
}

static int take_list(Organisation *organisation, Index project, const Reply *reply,
                     const char **reasonp, size_t *rowsp) {
        QueryReading reading = {.scratch = mem_alloc_zero(NULL, 1, "scratch"), .project = project};
        Project *row = &organisation->projects[project];
        char id[GUID_TEXT_SIZE];
        const JsonNode *roots = NULL;
        int r = body_list(reading.scratch, reply, &roots, reasonp);

        if (r == 0)
                r = read_roots(&reading,
                               mem_printf(reading.scratch, PROJECT_QUERIES_TOKEN "%s",
                                          guid_format(row->id, id)),
                               roots, reasonp);
        if (r == 0) {
                assert(reading.entities); /* without one the reading has failed */
                row->root_token[NAMESPACE_QUERIES] =
                        mem_strdup(organisation->mem, reading.entities[0].token);
                add_read(organisation, &reading);
        }
        *rowsp = reading.n_entities;
        mem_free(reading.scratch);
        return r;
}

/* --- what an answer leaves out ------------------------------------------------------------------------------------ */

static void note_left_out(Mem *parent, const JsonNode *node, const char ***idsp, size_t *np) {
        const JsonNode *children = json_get(node, "children");
        bool has_children = false, is_shared = true;
        char text[GUID_TEXT_SIZE];
        Guid id;

        (void)json_get_bool(node, "hasChildren", &has_children);
        (void)json_get_bool(node, "isPublic", &is_shared);
        if (has_children && is_shared && json_count(children) == 0 &&
            body_guid(node, "id", &id) == 0)
                *mem_push(parent, *idsp, *np) = mem_strdup(parent, guid_format(id, text));
        json_each(child, json_is_array(children) ? children : NULL)
                note_left_out(parent, child, idsp, np);
}

static size_t rest(Mem *parent, const Reply *reply, const char ***idsp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        const char *reason = NULL;
        size_t n = 0;

        *idsp = NULL;
        if (body_object(scratch, reply, &root, &reason) == 0) {
                if (json_is_array(json_get(root, "value")))
                        json_each(node, json_get(root, "value"))
                                note_left_out(parent, node, idsp, &n);
                else
                        json_each(node, json_get(root, "children"))
                                note_left_out(parent, node, idsp, &n);
        }
        mem_free(scratch);
        return n;
}

static Request list_rest(Mem *parent, const Organisation *organisation, Index project,
                         const char *id) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent, PATTERN_BELOW,
                                           project_url_name(parent, organisation, project), id,
                                           NULL)};
}

/* The children of a folder that is known. */
static int read_rest(QueryReading *reading, const Organisation *organisation, const char *id,
                     const Reply *reply, const char **reasonp) {
        Index folder = organisation_find_entity_id(organisation, KIND_QUERY, id);
        const JsonNode *root = NULL;
        Guid found, wanted;
        int r = body_object(reading->scratch, reply, &root, reasonp);

        if (r < 0)
                return r;
        if (folder == INDEX_NONE || organisation->entities[folder].project != reading->project)
                return body_fail(reasonp, "the query folder is not known, so what is in it is not");
        if (body_guid(root, "id", &found) < 0 || guid_parse(&wanted, id) < 0 ||
            guid_compare(found, wanted) != 0)
                return body_fail(reasonp, "the query folder is another than was asked for");
        return read_children(reading, root, &organisation->entities[folder], reasonp);
}

static int take_rest(Organisation *organisation, Index project, const char *id, const Reply *reply,
                     const char **reasonp) {
        QueryReading reading = {.scratch = mem_alloc_zero(NULL, 1, "scratch"), .project = project};
        int r = read_rest(&reading, organisation, id, reply, reasonp);

        if (r == 0)
                add_read(organisation, &reading);
        mem_free(reading.scratch);
        return r;
}

/* --- one of them ------------------------------------------------------------------------------------------------- */

/* The nearest folder above a name that is known; the root is. */
static Index nearest_above(const Organisation *organisation, Index project, const char *name) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const char *above = name;
        Index found = INDEX_NONE;

        while (found == INDEX_NONE && (above = naming_above(scratch, above)))
                found = organisation_find_entity(organisation, project, KIND_QUERY, above);
        mem_free(scratch);
        return found == INDEX_NONE
                       ? organisation_find_entity(organisation, project, KIND_QUERY, ROOT)
                       : found;
}

/* A token is made of everything above, so the folder above is read. */
static Request get(Mem *parent, const Organisation *organisation, Index project, const char *name) {
        Index above = nearest_above(organisation, project, name);

        return list_rest(parent, organisation, project,
                         above == INDEX_NONE ? "" : organisation->entities[above].id);
}

/* A folder on the way to a name that the answer leaves out. */
static bool is_cut_above(const Organisation *organisation, const char *name, const Reply *reply) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const char **ids = NULL;
        size_t n = rest(scratch, reply, &ids);
        bool is_cut = false;

        for (size_t i = 0; i < n && !is_cut; i++) {
                Index folder = organisation_find_entity_id(organisation, KIND_QUERY, ids[i]);
                const char *path = folder == INDEX_NONE ? NULL : organisation->entities[folder].name;

                is_cut = path && text_has_prefix(name, path) && name[strlen(path)] == '/';
        }
        mem_free(scratch);
        return is_cut;
}

static int take_get(Organisation *organisation, Index project, const char *name, const Reply *reply,
                    const char **reasonp) {
        Index above = nearest_above(organisation, project, name);
        int r;

        if (above == INDEX_NONE)
                return body_fail(reasonp,
                                 "the folder of shared queries is not known, so no query's token is");
        r = take_rest(organisation, project, organisation->entities[above].id, reply, reasonp);
        if (r < 0)
                return r;
        if (organisation_find_entity(organisation, project, KIND_QUERY, name) != INDEX_NONE)
                return 0;
        /* It may lie in a folder that came after the list was read. */
        return is_cut_above(organisation, name, reply)
                       ? body_fail(reasonp, "query folders came while they were read")
                       : 1;
}

static Request create(Mem *parent, const Organisation *organisation, Index project,
                      const char *name) {
        Index above = nearest_above(organisation, project, name);
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "name", naming_leaf(name));
        json_write_bool(&writer, "isFolder", true);
        json_write_object_end(&writer);
        return (Request){
                .method = METHOD_POST,
                .path = url_build(parent, PATTERN_CREATE,
                                  project_url_name(parent, organisation, project),
                                  above == INDEX_NONE ? "" : organisation->entities[above].id, NULL),
                .body = text.data,
                .repeat = REPEAT_NEVER};
}

static int take_create(Organisation *organisation, Index project, const char *name,
                       const Reply *reply, Index *entityp, const char **reasonp) {
        QueryReading reading = {.scratch = mem_alloc_zero(NULL, 1, "scratch"), .project = project};
        const char *path = naming_above(reading.scratch, name);
        Index above = organisation_find_entity(organisation, project, KIND_QUERY,
                                               path ? path : ROOT);
        const JsonNode *root = NULL;
        Entity entity = {.name = ""};
        int r = body_object(reading.scratch, reply, &root, reasonp);

        if (r == 0 && above == INDEX_NONE)
                r = body_fail(reasonp,
                              "the query folder above is not known, so the new one's token is not");
        if (r == 0)
                r = read_item(&reading, root, &organisation->entities[above], NULL, &entity,
                              reasonp);
        if (r == 0 && !text_equal(entity.name, name))
                r = body_fail(reasonp, "the query folder made has another name than was asked for");
        if (r == 0) {
                entity.assumed = true;
                *entityp = organisation_add_entity(organisation, &entity);
        }
        mem_free(reading.scratch);
        return r;
}

const Codec codec_query = {
        .kind = KIND_QUERY,
        .list = list,
        .take_list = take_list,
        .rest = rest,
        .list_rest = list_rest,
        .take_rest = take_rest,
        .get = get,
        .take_get = take_get,
        .create = create,
        .take_create = take_create,
};

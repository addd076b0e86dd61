/* SPDX-License-Identifier: Apache-2.0 */
/* Node: the trees of classification nodes of a project (facts §6.3). */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/naming.h"
#include "daemon/azdo/node.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/url.h"

/* A tree has fewer than 14 levels (facts §9), so this is all of it. */
#define PATTERN_TREE "/{}/_apis/wit/classificationnodes/{}?$depth=14&api-version=7.1"
#define PATTERN_BRANCH "/{}/_apis/wit/classificationnodes/{}/{}?$depth=14&api-version=7.1"
#define PATTERN_BELOW "/{}/_apis/wit/classificationnodes/{}/{}?api-version=7.1"
#define PATTERN_TOP "/{}/_apis/wit/classificationnodes/{}?api-version=7.1"
#define TOKEN_NODE "vstfs:///Classification/Node/"

/* What one answer is read into; rows are added when all of it has been found right. */
typedef struct NodeReading {
        const NodeTree *tree;
        Mem *scratch;
        Index project;
        Entity *entities;
        size_t n_entities;
} NodeReading;

Request node_list(const NodeTree *tree, Mem *parent, const Organisation *organisation,
                  Index project) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent, PATTERN_TREE,
                                           project_url_name(parent, organisation, project),
                                           tree->group, NULL)};
}

/* `path` is the path of the node above ("/": the root), its token in front of the node's (facts
 * §3.4). */
static int read_node(NodeReading *reading, const JsonNode *node, const char *path,
                     const char *token, Entity *entityp, const char **reasonp) {
        const char *name = body_text(node, "name");
        const char *structure = body_text(node, "structureType");
        char text[GUID_TEXT_SIZE];
        Guid id;

        if (body_guid(node, "identifier", &id) < 0 || !name)
                return body_fail(reasonp, "a node has no `identifier` or no `name`");
        if (!structure || !text_equal(structure, reading->tree->structure))
                return body_fail(reasonp,
                                 "a node is of another tree by its `structureType`");
        if (path && strpbrk(name, "/\\"))
                return body_fail(reasonp, "a node's `name` holds a separator");
        *entityp = (Entity){
                .kind = reading->tree->kind,
                .project = reading->project,
                .id = mem_strdup(reading->scratch, guid_format(id, text)),
                .identity = INDEX_NONE,
        };
        if (!path)
                entityp->name = "/";
        else if (strcmp(path, "/") == 0)
                entityp->name = mem_strdup(reading->scratch, name);
        else
                entityp->name = mem_printf(reading->scratch, "%s/%s", path, name);
        entityp->token = mem_printf(reading->scratch, "%s%s" TOKEN_NODE "%s", token ? token : "",
                                    token ? ":" : "", entityp->id);
        return 0;
}

/* The depth of the nesting is bounded by the reader of JSON. */
static int read_tree(NodeReading *reading, const JsonNode *node, const char *path,
                     const char *token, const char **reasonp) {
        const JsonNode *children = json_get(node, "children");
        bool has_children = false;
        Entity entity = {.name = ""};

        if (read_node(reading, node, path, token, &entity, reasonp) < 0)
                return -1;
        *mem_push(reading->scratch, reading->entities, reading->n_entities) = entity;
        if (json_get_bool(node, "hasChildren", &has_children) < 0)
                return body_fail(reasonp, "a node has no `hasChildren`");
        if (has_children && json_count(children) == 0)
                return body_fail(reasonp, "the answer leaves out what is below a node");
        if (children && !json_is_array(children) && !json_is_null(children))
                return body_fail(reasonp, "a node's `children` are no list");
        json_each(child, children) {
                if (read_tree(reading, child, entity.name, entity.token, reasonp) < 0)
                        return -1;
        }
        return 0;
}

static void add_read(Organisation *organisation, const NodeReading *reading) {
        for (size_t i = 0; i < reading->n_entities; i++)
                organisation_add_entity(organisation, &reading->entities[i]);
}

static NodeReading reading_begin(const NodeTree *tree, Index project) {
        return (NodeReading){
                .tree = tree, .scratch = mem_alloc_zero(NULL, 1, "scratch"), .project = project};
}

int node_take_list(const NodeTree *tree, Organisation *organisation, Index project,
                   const Reply *reply, const char **reasonp, size_t *rowsp) {
        NodeReading reading = reading_begin(tree, project);
        const JsonNode *root = NULL;
        int r = body_object(reading.scratch, reply, &root, reasonp);

        if (r == 0)
                r = read_tree(&reading, root, NULL, NULL, reasonp);
        if (r == 0) {
                organisation->projects[project].root_token[tree->space] =
                        mem_strdup(organisation->mem, reading.entities[0].token);
                add_read(organisation, &reading);
        }
        *rowsp = reading.n_entities;
        mem_free(reading.scratch);
        return r;
}

/* A token is made of everything above, so the whole branch is read from its top on. */
Request node_get(const NodeTree *tree, Mem *parent, const Organisation *organisation, Index project,
                 const char *name) {
        const char *top = mem_strndup(parent, name, strcspn(name, "/"));

        return (Request){.method = METHOD_GET,
                         .path = url_build(parent, PATTERN_BRANCH,
                                           project_url_name(parent, organisation, project),
                                           tree->group, top, NULL)};
}

static int read_branch(NodeReading *reading, const Organisation *organisation, const char *name,
                       const Reply *reply, const char **reasonp) {
        const char *root_token =
                organisation->projects[reading->project].root_token[reading->tree->space];
        const JsonNode *root = NULL;
        int r = body_object(reading->scratch, reply, &root, reasonp);

        if (r < 0)
                return r;
        if (!root_token)
                return body_fail(reasonp,
                                 "the root of the nodes is not known, so no node's token is");
        r = read_tree(reading, root, "/", root_token, reasonp);
        if (r < 0)
                return r;
        if (!text_equal_n(reading->entities[0].name, name, strcspn(name, "/")))
                return body_fail(reasonp, "the node is another than was asked for");
        return 0;
}

int node_take_get(const NodeTree *tree, Organisation *organisation, Index project, const char *name,
                  const Reply *reply, const char **reasonp) {
        NodeReading reading = reading_begin(tree, project);
        bool found = false;
        int r = read_branch(&reading, organisation, name, reply, reasonp);

        for (size_t i = 0; i < reading.n_entities; i++)
                found |= text_equal(reading.entities[i].name, name);
        if (r == 0)
                add_read(organisation, &reading);
        mem_free(reading.scratch);
        return r < 0 ? r : found ? 0 : 1;
}

/* The separator of a path stays one in the address: A/B. */
static char *path_below(const NodeTree *tree, Mem *parent, const Organisation *organisation,
                        Index project, const char *above) {
        const char *home = project_url_name(parent, organisation, project);
        Text path;

        if (!above)
                return url_build(parent, PATTERN_TOP, home, tree->group, NULL);
        text_init(&path, parent);
        for (const char *at = above; *at; at++)
                text_append_bytes(&path, *at == '/' ? "\\" : at, 1);
        return url_build(parent, PATTERN_BELOW, home, tree->group, path.data, NULL);
}

Request node_create(const NodeTree *tree, Mem *parent, const Organisation *organisation,
                    Index project, const char *name) {
        return (Request){
                .method = METHOD_POST,
                .path = path_below(tree, parent, organisation, project, naming_above(parent, name)),
                .body = naming_body(parent, naming_leaf(name)),
                .repeat = REPEAT_NEVER};
}

int node_take_create(const NodeTree *tree, Organisation *organisation, Index project,
                     const char *name, const Reply *reply, Index *entityp, const char **reasonp) {
        NodeReading reading = reading_begin(tree, project);
        const char *above = naming_above(reading.scratch, name);
        Index parent =
                organisation_find_entity(organisation, project, tree->kind, above ? above : "/");
        const JsonNode *root = NULL;
        Entity entity = {.name = ""};
        int r = body_object(reading.scratch, reply, &root, reasonp);

        if (r == 0 && (parent == INDEX_NONE || !organisation->entities[parent].token))
                r = body_fail(reasonp,
                              "the node above is not known, so the new one's token is not");
        if (r == 0)
                r = read_node(&reading, root, above ? above : "/",
                              organisation->entities[parent].token, &entity, reasonp);
        if (r == 0 && !text_equal(entity.name, name))
                r = body_fail(reasonp, "the node made has another name than was asked for");
        if (r == 0) {
                entity.assumed = true;
                *entityp = organisation_add_entity(organisation, &entity);
        }
        mem_free(reading.scratch);
        return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Area Work item tracking: classification nodes, which are areas or iterations (facts §6.3, §9).
 *
 * Assumption: every node of a project shows itself to everybody who sees the project; permissions
 * of a node guard its work items, no source says that they hide it from the tree. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistr.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/artefact.h"
#include "tests/simulator/names.h"
#include "tests/simulator/shape.h"

enum {
        NODE_LEVELS = 14, /* of a tree, its root included: "fewer than 14 levels" below it */
        NODE_PATH_LENGTH = 4000,
        CHILDREN_DEPTH_MAX = 14, /* of $depth */
};

/* Finding. */

static NamespaceIndex namespace_of(const Node *node) {
        return node->structure == NODE_AREA ? NAMESPACE_CSS : NAMESPACE_ITERATION;
}

static bool require(Request *request, Response *response, const Node *node, uint32_t bits) {
        return guard_require(request, response, namespace_of(node),
                             token_of_node(&request->arena, node), bits);
}

static bool read_structure(Request *request, Response *response, NodeStructure *structurep) {
        const char *word = request_parameter(request, "structure");

        if (strcasecmp(word, "areas") == 0)
                *structurep = NODE_AREA;
        else if (strcasecmp(word, "iterations") == 0)
                *structurep = NODE_ITERATION;
        else {
                answer_error(response, ERROR_ARGUMENT,
                             "The structure group \"%s\" is neither Areas nor Iterations.", word);
                return false;
        }
        return true;
}

/* The node the path names; else answers what is wrong. */
static Node *requested_node(Request *request, Response *response) {
        const char *path = request_parameter(request, "path");
        NodeStructure structure;
        Node *node;

        if (!read_structure(request, response, &structure))
                return NULL;
        node = project_find_node(request->project, structure, path, request->as_of);
        if (!node)
                answer_error(response, ERROR_NODE_NOT_FOUND,
                             "VS402485: The %s name is not recognized: %s.",
                             structure == NODE_AREA ? "area path" : "iteration path", path);
        return node;
}

static bool is_child(const Node *node, const Node *parent, int64_t as_of) {
        const Node *then = row_at(node, as_of);

        return then && then->parent == parent;
}

static bool has_children(const Node *node, int64_t as_of) {
        const Array *nodes = &node->project->nodes;

        for (size_t i = 0; i < nodes->n_items; i++) {
                if (is_child(nodes->items[i], node, as_of))
                        return true;
        }
        return false;
}

static const Node *child_of_name(const Node *parent, const char *name) {
        const Array *nodes = &parent->project->nodes;

        for (size_t i = 0; i < nodes->n_items; i++) {
                const Node *node = nodes->items[i];

                if (is_child(node, parent, AS_OF_NOW) && text_same(node->name, name))
                        return node;
        }
        return NULL;
}

/* How many levels hang below a node. */
static size_t node_height(const Node *node) {
        const Array *nodes = &node->project->nodes;
        size_t height = 0;

        for (size_t i = 0; i < nodes->n_items; i++) {
                const Node *other = nodes->items[i];
                size_t depth;

                if (!row_alive(&other->row, AS_OF_NOW) || !node_below(other, node, AS_OF_NOW))
                        continue;
                depth = node_depth(other) - node_depth(node);
                if (depth > height)
                        height = depth;
        }
        return height;
}

/* Shapes. */

static const char *node_url(Request *request, const Node *node) {
        const Node *then = row_at(node, request->as_of);

        if (then && then->parent)
                return arena_print(&request->arena, "%s/%s", node_url(request, then->parent),
                                   percent_encode(&request->arena, then->name));
        return arena_print(&request->arena, "%s/%s/_apis/wit/classificationNodes/%s",
                           world_core_url(&request->arena, request->organization),
                           node->project->id,
                           node->structure == NODE_AREA ? "Areas" : "Iterations");
}

static void add_attributes(cJSON *tree, const Node *node) {
        cJSON *attributes;

        if (!node->start_date && !node->finish_date)
                return;
        attributes = cJSON_AddObjectToObject(tree, "attributes");
        json_add_text(attributes, "startDate", node->start_date);
        json_add_text(attributes, "finishDate", node->finish_date);
}

/* A node with so many levels of children, without links. Order of fields as recorded. */
static cJSON *shape_node(Request *request, const Node *node, size_t depth) {
        const Array *nodes = &node->project->nodes;
        const Node *then = row_at(node, request->as_of);
        bool parent = has_children(node, request->as_of);
        cJSON *tree = cJSON_CreateObject(), *children;

        json_add_number(tree, "id", then->id);
        json_add_text(tree, "identifier", then->identifier);
        json_add_text(tree, "name", then->name);
        json_add_text(tree, "structureType", then->structure == NODE_AREA ? "area" : "iteration");
        json_add_bool(tree, "hasChildren", parent);
        if (depth > 0 && parent) {
                children = cJSON_AddArrayToObject(tree, "children");
                for (size_t i = 0; i < nodes->n_items; i++) {
                        if (is_child(nodes->items[i], node, request->as_of))
                                cJSON_AddItemToArray(
                                        children, shape_node(request, nodes->items[i], depth - 1));
                }
        }
        json_add_text(tree, "path", node_path(&request->arena, node, request->as_of));
        add_attributes(tree, then);
        json_add_text(tree, "url", node_url(request, node));
        return tree;
}

/* With links, which stand before the address. */
static cJSON *shape_linked_node(Request *request, const Node *node, size_t depth) {
        const Node *then = row_at(node, request->as_of);
        cJSON *tree = shape_node(request, node, depth);
        cJSON *url = cJSON_DetachItemFromObject(tree, "url");
        cJSON *links = cJSON_AddObjectToObject(tree, "_links");

        json_add_link(links, "self", node_url(request, node));
        if (then->parent)
                json_add_link(links, "parent", node_url(request, then->parent));
        cJSON_AddItemToObject(tree, "url", url);
        return tree;
}

static void answer_node(Request *request, Response *response, int status, const Node *node) {
        if (request->method == METHOD_POST)
                response_header(response, "Location", node_url(request, node));
        answer_json(request, response, status, shape_linked_node(request, node, 0));
}

/* Reading. */

/* Without $depth the node alone, as the published examples have it. */
static size_t children_depth(const Request *request) {
        const char *text = request_query(request, "$depth");
        size_t depth = text ? strtoul(text, NULL, 10) : 0;

        return depth < CHILDREN_DEPTH_MAX ? depth : CHILDREN_DEPTH_MAX;
}

static void list_by_ids(Request *request, Response *response, const char *ids) {
        const char *policy = request_query(request, "errorPolicy");
        bool omit = policy && strcasecmp(policy, "omit") == 0;
        cJSON *list = cJSON_CreateArray();

        while (*ids) {
                char *end;
                int id = (int)strtol(ids, &end, 10);
                const Node *node =
                        end == ids ? NULL
                                   : project_find_node_id(request->project, id, request->as_of);

                if (!node && !omit) {
                        cJSON_Delete(list);
                        answer_error(
                                response, ERROR_NODE_NOT_FOUND,
                                "VS402486: The classification node with id %.*s does not exist.",
                                (int)strcspn(ids, ","), ids);
                        return;
                }
                cJSON_AddItemToArray(
                        list, node ? shape_linked_node(request, node, children_depth(request))
                                   : cJSON_CreateNull());
                ids += strcspn(ids, ",");
                ids += *ids == ',';
        }
        answer_list(request, response, 200, list);
}

void nodes_list(World *world, Request *request, Response *response) {
        const char *ids = request_query(request, "ids");
        const Project *project = request->project;
        cJSON *list;

        if (ids && *ids) {
                list_by_ids(request, response, ids);
                return;
        }
        list = cJSON_CreateArray();
        cJSON_AddItemToArray(list,
                             shape_node(request, project->area_root, children_depth(request)));
        cJSON_AddItemToArray(list,
                             shape_node(request, project->iteration_root, children_depth(request)));
        answer_list(request, response, 200, list);
}

void node_get(World *world, Request *request, Response *response) {
        const Node *node = requested_node(request, response);

        if (node)
                answer_json(request, response, 200,
                            shape_linked_node(request, node, children_depth(request)));
}

/* Writing. */

static void refuse_name(Response *response, const char *name, const char *why) {
        answer_error(response, ERROR_NODE_NAME,
                     "VS402488: The classification node name \"%s\" is not valid: it %s.",
                     name ? name : "", why);
}

/* Whether a node of this name, with so many levels below it, may stand under parent. */
static bool check_place(Request *request, Response *response, const Node *parent, const char *name,
                        size_t height) {
        const char *refusal = name_refusal(NAME_NODE, name);
        const char *path;

        if (refusal) {
                refuse_name(response, name, refusal);
                return false;
        }
        path = arena_print(&request->arena, "%s\\%s", node_path(&request->arena, parent, AS_OF_NOW),
                           name);
        if (u8_mbsnlen((const uint8_t *)path, strlen(path)) > NODE_PATH_LENGTH) {
                refuse_name(response, name, "makes its path longer than 4000 characters");
                return false;
        }
        if (node_depth(parent) + 1 + height >= NODE_LEVELS) {
                refuse_name(response, name, "lies deeper than 14 levels");
                return false;
        }
        return true;
}

static bool check_name_free(Response *response, const Node *parent, const char *name,
                            const Node *self) {
        const Node *taken = child_of_name(parent, name);

        if (!taken || taken == self)
                return true;
        answer_error(
                response, ERROR_NODE_EXISTS,
                "VS402371: Classification node name %s is already in use by a different child of parent "
                "classification node %s. Choose a different name and try again.",
                name, parent->name);
        return false;
}

static const char *attribute_of(const cJSON *body, const char *name, const char *present) {
        const cJSON *attributes = cJSON_GetObjectItem(body, "attributes");
        const char *value = json_text(attributes, name);

        return value ? value : present;
}

static void set_attributes(Node *node, const cJSON *body) {
        const char *start = attribute_of(body, "startDate", node->start_date);
        const char *finish = attribute_of(body, "finishDate", node->finish_date);

        if (node->structure == NODE_ITERATION &&
            (start != node->start_date || finish != node->finish_date))
                node_set_dates(node, start, finish);
}

/* Assumption: to move a node needs the right to edit it and the right to create children where it
 * goes. */
static void move_node(Request *request, Response *response, Node *parent, int id) {
        Node *node = project_find_node_id(request->project, id, AS_OF_NOW);

        if (!node || node->structure != parent->structure) {
                answer_error(response, ERROR_NODE_NOT_FOUND,
                             "VS402486: The classification node with id %d does not exist.", id);
                return;
        }
        if (!require(request, response, node, NODE_WRITE))
                return;
        if (!node->parent || node == parent || node_below(parent, node, AS_OF_NOW)) {
                answer_error(response, ERROR_ARGUMENT,
                             "The classification node %s cannot be moved below itself.",
                             node->name);
                return;
        }
        if (!check_place(request, response, parent, node->name, node_height(node)) ||
            !check_name_free(response, parent, node->name, node))
                return;
        if (node->parent != parent)
                node_move(node, parent);
        answer_node(request, response, 200, node);
}

void node_post(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request), *id = cJSON_GetObjectItem(body, "id");
        const char *name = json_text(body, "name");
        Node *parent = requested_node(request, response);
        Node *node;

        if (!parent)
                return;
        if (!cJSON_IsObject(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: postedNode");
                return;
        }
        if (!require(request, response, parent, NODE_CREATE_CHILDREN))
                return;
        if (cJSON_IsNumber(id) && id->valueint > 0) {
                move_node(request, response, parent, id->valueint);
                return;
        }
        if (!check_place(request, response, parent, name, 0) ||
            !check_name_free(response, parent, name, NULL))
                return;
        node = node_create(parent, name);
        set_attributes(node, body);
        answer_node(request, response, 201, node);
}

/* Renames; a root keeps the project's name. */
static bool rename_node(Request *request, Response *response, Node *node, const char *name) {
        if (strcmp(name, node->name) == 0)
                return true;
        if (!node->parent) {
                answer_error(response, ERROR_ARGUMENT, "The root node %s cannot be renamed.",
                             node->name);
                return false;
        }
        if (!check_place(request, response, node->parent, name, node_height(node)) ||
            !check_name_free(response, node->parent, name, node))
                return false;
        node_rename(node, name);
        return true;
}

void node_patch(World *world, Request *request, Response *response) {
        const cJSON *body = request_json(request);
        const char *name = json_text(body, "name");
        Node *node = requested_node(request, response);

        if (!node || !require(request, response, node, NODE_WRITE))
                return;
        if (!cJSON_IsObject(body)) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: postedNode");
                return;
        }
        if (name && !rename_node(request, response, node, name))
                return;
        set_attributes(node, body);
        answer_node(request, response, 200, node);
}

void node_remove(World *world, Request *request, Response *response) {
        const char *heir = request_query(request, "$reclassifyId");
        Node *node = requested_node(request, response);

        if (!node || !require(request, response, node, NODE_DELETE))
                return;
        if (!node->parent) {
                answer_error(response, ERROR_ARGUMENT, "The root node %s cannot be deleted.",
                             node->name);
                return;
        }
        if (heir && *heir && !project_find_node_id(request->project, atoi(heir), AS_OF_NOW)) {
                answer_error(response, ERROR_NODE_NOT_FOUND,
                             "VS402486: The classification node with id %s does not exist.", heir);
                return;
        }
        node_delete(node);
        answer_empty(response, 204);
}

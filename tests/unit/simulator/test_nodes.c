/* SPDX-License-Identifier: Apache-2.0 */
/* Classification nodes: trees, paths, changes, names, rights. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

#define AREAS "MLOps/_apis/wit/classificationNodes/areas"

static const char NODE_MEMBERS[] = "id,identifier,name,structureType,hasChildren,path,_links,url";

/* An area "A" with a child "B", which has a child "C". */
static Project *plant(Scene *scene) {
        Project *project = scene_add_project(scene, "MLOps");

        node_create(node_create(node_create(project->area_root, "A"), "B"), "C");
        return project;
}

static void test_create(void **state) {
        Scene scene;
        const cJSON *node, *child;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        node = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"Data Science\"}"}, AREAS);
        assert_string_equal(member_names(&scene, node), NODE_MEMBERS);
        assert_string_equal(text_at(node, "path"), "\\MLOps\\Area\\Data Science");
        assert_true(cJSON_IsFalse(at(node, "hasChildren")));
        assert_non_null(strstr(text_at(node, "url"),
                               "/_apis/wit/classificationNodes/Areas/Data%20Science"));
        assert_string_equal(scene_header(&scene, "Location"), text_at(node, "url"));
        child = scene_ask(&scene, 201,
                          (Ask){.body = "{\"name\":\"A\",\"children\":[{\"name\":\"deep\"}]}"},
                          AREAS "/Data%%20Science");
        assert_string_equal(text_at(child, "_links.parent.href"), text_at(node, "url"));
        child = scene_ask(&scene, 200, (Ask){0}, AREAS "/Data%%20Science/A?$depth=2");
        assert_true(cJSON_IsFalse(at(child, "hasChildren")));
        scene_close(&scene);
}

static void test_paths(void **state) {
        static const char *const SPELLINGS[] = {
                "/A/B", "/a/b", "/%5CA%5CB", "/A%2FB", "/A%5CB", "/%2FA/B", "/A/B/", "/A%2FB%5C",
        };
        Scene scene;

        scene_open(&scene);
        plant(&scene);
        for (size_t i = 0; i < sizeof(SPELLINGS) / sizeof(SPELLINGS[0]); i++)
                assert_string_equal(
                        text_at(scene_ask(&scene, 200, (Ask){0}, AREAS "%s", SPELLINGS[i]), "path"),
                        "\\MLOps\\Area\\A\\B");
        assert_string_equal(text_at(scene_ask(&scene, 404, (Ask){0}, AREAS "/A/X"), "typeKey"),
                            "WorkItemTrackingTreeNodeNotFoundException");
        assert_string_equal(text_at(scene_ask(&scene, 400, (Ask){0},
                                              "MLOps/_apis/wit/classificationNodes/queries"),
                                    "typeKey"),
                            "ArgumentException");
        scene_close(&scene);
}

static void test_depth(void **state) {
        static const struct {
                const char *query;
                const char *last; /* the deepest node shown, from the root */
                const char *not_shown;
        } ROWS[] = {
                {"", "name", "children"},
                {"?$depth=0", "name", "children"},
                {"?$depth=1", "children.0.name", "children.0.children"},
                {"?$depth=2", "children.0.children.0.name", "children.0.children.0.children"},
                {"?$depth=14", "children.0.children.0.children.0.name",
                 "children.0.children.0.children.0.children"},
        };
        Scene scene;

        scene_open(&scene);
        plant(&scene);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const cJSON *root = scene_ask(&scene, 200, (Ask){0}, AREAS "%s", ROWS[i].query);

                assert_non_null(at(root, ROWS[i].last));
                assert_null(at(root, ROWS[i].not_shown));
                assert_true(cJSON_IsTrue(at(root, "hasChildren")));
                assert_null(at(root, "children.0._links"));
        }
        scene_close(&scene);
}

static void test_roots(void **state) {
        Scene scene;
        const cJSON *roots;

        scene_open(&scene);
        plant(&scene);
        roots = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/wit/classificationNodes?$depth=1");
        assert_int_equal(at(roots, "count")->valueint, 2);
        assert_string_equal(text_at(roots, "value.0.structureType"), "area");
        assert_string_equal(text_at(roots, "value.0.children.0.name"), "A");
        assert_string_equal(text_at(roots, "value.1.path"), "\\MLOps\\Iteration");
        assert_string_equal(member_names(&scene, at(roots, "value.1")),
                            "id,identifier,name,structureType,hasChildren,path,url");
        scene_close(&scene);
}

static void test_by_ids(void **state) {
        Scene scene;
        Project *project;
        int id;
        const cJSON *list;

        scene_open(&scene);
        project = plant(&scene);
        id = project_find_node(project, NODE_AREA, "A/B", AS_OF_NOW)->id;
        list = scene_ask(&scene, 200, (Ask){0}, "MLOps/_apis/wit/classificationNodes?ids=%d,%d", id,
                         project->iteration_root->id);
        assert_int_equal(at(list, "count")->valueint, 2);
        assert_string_equal(text_at(list, "value.0.name"), "B");
        assert_string_equal(text_at(list, "value.1.structureType"), "iteration");
        scene_ask(&scene, 404, (Ask){0}, "MLOps/_apis/wit/classificationNodes?ids=%d,999999", id);
        list = scene_ask(&scene, 200, (Ask){0},
                         "MLOps/_apis/wit/classificationNodes?ids=%d,999999&errorPolicy=omit", id);
        assert_int_equal(at(list, "count")->valueint, 2);
        assert_true(cJSON_IsNull(at(list, "value.1")));
        scene_close(&scene);
}

static void test_move(void **state) {
        Scene scene;
        Project *project;
        Node *node, *parent;
        const cJSON *moved;

        scene_open(&scene);
        project = plant(&scene);
        node = project_find_node(project, NODE_AREA, "A/B", AS_OF_NOW);
        parent = node_create(project->area_root, "Other");
        moved = scene_ask(&scene, 200,
                          (Ask){.body = arena_print(&scene.arena, "{\"id\":%d}", node->id)},
                          AREAS "/Other");
        assert_string_equal(text_at(moved, "path"), "\\MLOps\\Area\\Other\\B");
        assert_string_equal(text_at(moved, "identifier"), node->identifier);
        assert_string_equal(scene_header(&scene, "Location"), text_at(moved, "url"));
        assert_non_null(project_find_node(project, NODE_AREA, "Other/B/C", AS_OF_NOW));
        /* Below itself, where its name is taken, below a node of the other structure. */
        scene_ask(&scene, 400, (Ask){.body = arena_print(&scene.arena, "{\"id\":%d}", parent->id)},
                  AREAS "/Other/B");
        node_create(project_find_node(project, NODE_AREA, "A", AS_OF_NOW), "b");
        scene_ask(&scene, 409, (Ask){.body = arena_print(&scene.arena, "{\"id\":%d}", node->id)},
                  AREAS "/A");
        scene_ask(&scene, 404, (Ask){.body = arena_print(&scene.arena, "{\"id\":%d}", node->id)},
                  "MLOps/_apis/wit/classificationNodes/Iterations");
        scene_close(&scene);
}

static void test_change(void **state) {
        static const char DATES[] = "{\"attributes\":{\"startDate\":\"2026-11-02T00:00:00Z\","
                                    "\"finishDate\":\"2026-11-13T00:00:00Z\"}}";
        Scene scene;
        Project *project;
        const char *identifier;
        const cJSON *node;

        scene_open(&scene);
        project = plant(&scene);
        identifier = project_find_node(project, NODE_AREA, "A", AS_OF_NOW)->identifier;
        node = scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = "{\"name\":\"a\"}"},
                         AREAS "/A");
        assert_string_equal(text_at(node, "name"), "a");
        assert_string_equal(text_at(node, "identifier"), identifier);
        scene_ask(&scene, 400, (Ask){.method = "PATCH", .body = "{\"name\":\"x\"}"}, AREAS);
        node_create(project->iteration_root, "Sprint 1");
        node = scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = DATES},
                         "MLOps/_apis/wit/classificationNodes/iterations/Sprint%%201");
        assert_string_equal(text_at(node, "attributes.finishDate"), "2026-11-13T00:00:00Z");
        assert_string_equal(
                member_names(&scene, node),
                "id,identifier,name,structureType,hasChildren,path,attributes,_links,url");
        scene_close(&scene);
}

static void test_delete(void **state) {
        Scene scene;

        scene_open(&scene);
        plant(&scene);
        scene_ask(&scene, 400, (Ask){.method = "DELETE"}, AREAS);
        scene_ask(&scene, 404, (Ask){.method = "DELETE"}, AREAS "/A?$reclassifyId=999999");
        assert_null(scene_ask(&scene, 204, (Ask){.method = "DELETE"}, AREAS "/A"));
        scene_ask(&scene, 404, (Ask){0}, AREAS "/A");
        assert_true(cJSON_IsFalse(
                at(scene_ask(&scene, 200, (Ask){0}, AREAS "?$depth=1"), "hasChildren")));
        scene_close(&scene);
}

static void test_refused_names(void **state) {
        static const struct {
                const char *body;
                int status;
                const char *type;
        } ROWS[] = {
                {"{\"name\":\"a\"}", 409, "ClassificationNodeDuplicateNameException"},
                {"{\"name\":\"x/y\"}", 400, "ClassificationNodeInvalidNameException"},
                {"{\"name\":\"CON\"}", 400, "ClassificationNodeInvalidNameException"},
                {"{}", 400, "ClassificationNodeInvalidNameException"},
                {"[]", 400, "ArgumentNullException"},
                {"{\"id\":999999}", 404, "WorkItemTrackingTreeNodeNotFoundException"},
        };
        Scene scene;

        scene_open(&scene);
        plant(&scene);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(text_at(scene_ask(&scene, ROWS[i].status,
                                                      (Ask){.body = ROWS[i].body}, AREAS),
                                            "typeKey"),
                                    ROWS[i].type);
        scene_close(&scene);
}

/* A tree has fourteen levels, its root included: thirteen nodes below each other, not one more, by
 * move neither. */
static void test_levels(void **state) {
        Scene scene;
        Project *project;
        Node *node, *pair;
        char path[64] = "";

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        for (int level = 1; level <= 13; level++) {
                scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"x\"}"}, AREAS "%s", path);
                strcat(path, "/x");
        }
        scene_ask(&scene, 400, (Ask){.body = "{\"name\":\"x\"}"}, AREAS "%s", path);
        node = project_find_node(project, NODE_AREA, "x/x/x/x/x/x/x/x/x/x/x/x", AS_OF_NOW);
        pair = node_create(project->area_root, "y");
        node_create(pair, "z");
        assert_non_null(node);
        path[strlen(path) - strlen("/x")] = '\0';
        scene_ask(&scene, 400, (Ask){.body = arena_print(&scene.arena, "{\"id\":%d}", pair->id)},
                  AREAS "%s", path);
        path[strlen(path) - strlen("/x")] = '\0';
        scene_ask(&scene, 200, (Ask){.body = arena_print(&scene.arena, "{\"id\":%d}", pair->id)},
                  AREAS "%s", path);
        scene_close(&scene);
}

static void test_rights(void **state) {
        static const struct {
                GroupRole role;
                const char *method;
                const char *path;
                const char *body;
                int status;
        } ROWS[] = {
                {GROUP_READERS, "GET", "/A?$depth=1", NULL, 200},
                {GROUP_READERS, "POST", "", "{\"name\":\"N\"}", 403},
                {GROUP_CONTRIBUTORS, "POST", "", "{\"name\":\"N\"}", 403},
                {GROUP_CONTRIBUTORS, "PATCH", "/A", "{\"name\":\"N\"}", 403},
                {GROUP_CONTRIBUTORS, "DELETE", "/A", NULL, 403},
                {GROUP_PROJECT_ADMINISTRATORS, "POST", "", "{\"name\":\"N\"}", 201},
                {GROUP_PROJECT_ADMINISTRATORS, "PATCH", "/A", "{\"name\":\"A2\"}", 200},
                {GROUP_PROJECT_ADMINISTRATORS, "DELETE", "/A2", NULL, 204},
        };
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = plant(&scene);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *pat = arena_print(&scene.arena, "user%zu", i);
                Identity *user =
                        scene_add_user(&scene, arena_print(&scene.arena, "%s@contoso.com", pat));

                membership_add(scene.organization, user,
                               directory_find_role(scene.organization, project, ROWS[i].role));
                scene_ask(&scene, ROWS[i].status,
                          (Ask){.pat = pat, .method = ROWS[i].method, .body = ROWS[i].body},
                          AREAS "%s", ROWS[i].path);
        }
        scene_add_user(&scene, "stranger@contoso.com");
        scene_ask(&scene, 404, (Ask){.pat = "stranger"}, AREAS);
        scene_close(&scene);
}

/* Moving needs the right to edit the node besides the right to create below the target. */
static void test_move_needs_both_rights(void **state) {
        Scene scene;
        Project *project;
        Node *node, *target;
        Identity *user;
        const char *body;

        scene_open(&scene);
        project = plant(&scene);
        node = project_find_node(project, NODE_AREA, "A/B", AS_OF_NOW);
        target = node_create(project->area_root, "Other");
        body = arena_print(&scene.arena, "{\"id\":%d}", node->id);
        user = scene_add_user(&scene, "ann@contoso.com");
        membership_add(scene.organization, user,
                       directory_find_role(scene.organization, project, GROUP_READERS));
        acl_grant(&(AclTarget){scene.world, scene.organization, namespace_get(NAMESPACE_CSS),
                               token_of_node(&scene.arena, target)},
                  user, NODE_CREATE_CHILDREN, 0);
        scene_ask(&scene, 403, (Ask){.pat = "ann", .body = body}, AREAS "/Other");
        acl_grant(&(AclTarget){scene.world, scene.organization, namespace_get(NAMESPACE_CSS),
                               token_of_node(&scene.arena, node)},
                  user, NODE_WRITE, 0);
        scene_ask(&scene, 200, (Ask){.pat = "ann", .body = body}, AREAS "/Other");
        scene_close(&scene);
}

static void test_stale_view(void **state) {
        Scene scene;

        scene_open(&scene);
        plant(&scene);
        scene_set_option(&scene, "stale_ms", "5000");
        scene_pass_ms(&scene, 60000);
        scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = "{\"name\":\"New\"}"}, AREAS "/A");
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, AREAS "/A/B"), "path"),
                            "\\MLOps\\Area\\A\\B");
        scene_ask(&scene, 404, (Ask){0}, AREAS "/New");
        scene_pass_ms(&scene, 6000);
        assert_string_equal(text_at(scene_ask(&scene, 200, (Ask){0}, AREAS "/New/B"), "path"),
                            "\\MLOps\\Area\\New\\B");
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, AREAS "/New");
        scene_ask(&scene, 200, (Ask){0}, AREAS "/New/B?$depth=3");
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_create),        cmocka_unit_test(test_paths),
                cmocka_unit_test(test_depth),         cmocka_unit_test(test_roots),
                cmocka_unit_test(test_by_ids),        cmocka_unit_test(test_move),
                cmocka_unit_test(test_change),        cmocka_unit_test(test_delete),
                cmocka_unit_test(test_refused_names), cmocka_unit_test(test_levels),
                cmocka_unit_test(test_rights),        cmocka_unit_test(test_move_needs_both_rights),
                cmocka_unit_test(test_stale_view),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

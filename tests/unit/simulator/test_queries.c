/* SPDX-License-Identifier: Apache-2.0 */
/* Queries: folders, paths and ids, changes, rights, what is private. */
#include <string.h>

#include "tests/simulator/directory.h"
#include "tests/simulator/query.h"
#include "tests/unit/simulator/scene.h"

#define QUERIES "MLOps/_apis/wit/queries"
#define QUERY_NAMESPACE "71356614-aad7-4757-8f2c-0fb3bff6f680"

static const char FOLDER_MEMBERS[] = "id,name,path,createdBy,createdDate,lastModifiedBy,"
                                     "lastModifiedDate,isFolder,hasChildren,isPublic,_links,url";

static Query *add(Query *parent, const char *name, const char *wiql) {
        QuerySpec spec = {.name = name, .wiql = wiql};

        return query_create(parent, &spec);
}

/* "Shared Queries/A/B" with a query "Bugs". */
static Project *plant(Scene *scene) {
        Project *project = scene_add_project(scene, "MLOps");

        add(add(add(project->shared_queries, "A", NULL), "B", NULL), "Bugs", QUERY_WIQL_FIRST);
        return project;
}

static void test_roots(void **state) {
        Scene scene;
        const cJSON *list;

        scene_open(&scene);
        plant(&scene);
        list = scene_ask(&scene, 200, (Ask){0}, QUERIES);
        assert_int_equal(at(list, "count")->valueint, 2);
        assert_string_equal(text_at(list, "value.0.name"), "My Queries");
        assert_true(cJSON_IsFalse(at(list, "value.0.isPublic")));
        assert_string_equal(text_at(list, "value.1.path"), "Shared Queries");
        assert_true(cJSON_IsTrue(at(list, "value.1.isPublic")));
        assert_true(cJSON_IsTrue(at(list, "value.1.hasChildren")));
        assert_null(at(list, "value.1.children"));
        /* Their names follow the language of the organisation. */
        scene_set_option(&scene, "localized_queries", "yes");
        list = scene_ask(&scene, 200, (Ask){0}, QUERIES "?$depth=1");
        assert_string_equal(text_at(list, "value.1.name"), "Freigegebene Abfragen");
        assert_string_equal(text_at(list, "value.1.children.0.path"), "Freigegebene Abfragen/A");
        scene_ask(&scene, 404, (Ask){0}, QUERIES "/Shared%%20Queries");
        scene_close(&scene);
}

static void test_depth(void **state) {
        Scene scene;
        const cJSON *list;

        scene_open(&scene);
        plant(&scene);
        list = scene_ask(&scene, 200, (Ask){0}, QUERIES "?$depth=2");
        assert_string_equal(text_at(list, "value.1.children.0.children.0.path"),
                            "Shared Queries/A/B");
        assert_true(cJSON_IsTrue(at(list, "value.1.children.0.children.0.hasChildren")));
        assert_null(at(list, "value.1.children.0.children.0.children"));
        assert_string_equal(
                text_at(scene_ask(&scene, 400, (Ask){0}, QUERIES "?$depth=3"), "typeKey"),
                "ArgumentException");
        list = scene_ask(&scene, 200, (Ask){0}, QUERIES "?$depth=1&$expand=minimal");
        assert_string_equal(member_names(&scene, at(list, "value.1.children.0")),
                            "id,name,path,isFolder,hasChildren,isPublic");
        scene_close(&scene);
}

static void test_paths_and_ids(void **state) {
        static const char *const SPELLINGS[] = {"Shared%20Queries/A/B", "shared%20queries/a/b",
                                                "Shared%20Queries%5CA%5CB",
                                                "Shared%20Queries%2FA%2FB"};
        Scene scene;
        Project *project;
        const Query *folder;

        scene_open(&scene);
        project = plant(&scene);
        folder = query_find_shared(project, "A/B", AS_OF_NOW);
        for (size_t i = 0; i < sizeof(SPELLINGS) / sizeof(SPELLINGS[0]); i++)
                assert_string_equal(
                        text_at(scene_ask(&scene, 200, (Ask){0}, QUERIES "/%s", SPELLINGS[i]),
                                "id"),
                        folder->id);
        assert_string_equal(
                text_at(scene_ask(&scene, 200, (Ask){0}, QUERIES "/%s", folder->id), "path"),
                "Shared Queries/A/B");
        assert_string_equal(text_at(scene_ask(&scene, 404, (Ask){0}, QUERIES "/A"), "typeKey"),
                            "QueryItemNotFoundException");
        scene_close(&scene);
}

static void test_create(void **state) {
        Scene scene;
        const cJSON *folder, *query, *list;
        const char *token;

        scene_open(&scene);
        plant(&scene);
        folder = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"C\",\"isFolder\":true}"},
                           QUERIES "/Shared%%20Queries");
        assert_string_equal(member_names(&scene, folder), FOLDER_MEMBERS);
        query = scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"All\",\"wiql\":\"SELECT\"}"},
                          QUERIES "/%s", text_at(folder, "id"));
        assert_string_equal(text_at(query, "path"), "Shared Queries/C/All");
        assert_string_equal(text_at(query, "wiql"), "SELECT");
        assert_null(at(query, "isFolder"));
        scene_ask(&scene, 409, (Ask){.body = "{\"name\":\"c\",\"isFolder\":true}"},
                  QUERIES "/Shared%%20Queries");
        scene_ask(&scene, 400, (Ask){.body = "{\"name\":\"C/D\",\"isFolder\":true}"},
                  QUERIES "/Shared%%20Queries");
        scene_ask(&scene, 400, (Ask){.body = "{\"name\":\"none\"}"}, QUERIES "/Shared%%20Queries");
        /* Who made it has the creator's entry, by the chain of ids. */
        token = arena_print(&scene.arena, "$/%s/%s/%s",
                            organization_find_project(scene.organization, "MLOps", AS_OF_NOW)->id,
                            organization_find_project(scene.organization, "MLOps", AS_OF_NOW)
                                    ->shared_queries->id,
                            text_at(folder, "id"));
        list = scene_ask(&scene, 200, (Ask){0},
                         "_apis/accesscontrollists/" QUERY_NAMESPACE "?token=%s",
                         encoded(&scene, token));
        assert_int_equal(at(list, "count")->valueint, 1);
        assert_int_equal(at(list, "value.0.acesDictionary")->child->string != NULL, 1);
        assert_int_equal(
                cJSON_GetObjectItem(at(list, "value.0.acesDictionary")->child, "allow")->valueint,
                QUERY_CREATOR);
        scene_close(&scene);
}

static void test_change(void **state) {
        Scene scene;
        Project *project;
        const Query *a, *bugs;
        AclTarget target;

        scene_open(&scene);
        project = plant(&scene);
        a = query_find_shared(project, "A", AS_OF_NOW);
        bugs = query_find_shared(project, "A/B/Bugs", AS_OF_NOW);
        scene_ask(&scene, 200, (Ask){.method = "PATCH", .body = "{\"name\":\"Z\"}"}, QUERIES "/%s",
                  a->id);
        assert_string_equal(
                text_at(scene_ask(&scene, 200, (Ask){0}, QUERIES "/%s", bugs->id), "path"),
                "Shared Queries/Z/B/Bugs");
        /* A move: the id stays, the chain changes. */
        scene_ask(&scene, 200,
                  (Ask){.body = arena_print(&scene.arena, "{\"id\":\"%s\"}", bugs->id)},
                  QUERIES "/%s", a->id);
        assert_ptr_equal(query_find_shared(project, "Z/Bugs", AS_OF_NOW), bugs);
        scene_ask(&scene, 400, (Ask){.body = arena_print(&scene.arena, "{\"id\":\"%s\"}", a->id)},
                  QUERIES "/Shared%%20Queries/Z/B");
        /* With the folder go what is in it and the entries. */
        target = (AclTarget){scene.world, scene.organization,
                             namespace_get(NAMESPACE_WORK_ITEM_QUERY_FOLDERS),
                             token_of_query(&scene.arena, bugs)};
        acl_grant(&target, scene.administrator, QUERY_READ, 0);
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, QUERIES "/%s", a->id);
        assert_null(query_find_shared(project, "Z/Bugs", AS_OF_NOW));
        assert_null(acl_find(&scene.organization->stores[NAMESPACE_WORK_ITEM_QUERY_FOLDERS],
                             target.ns, target.token, AS_OF_NOW));
        scene_ask(&scene, 400, (Ask){.method = "DELETE"}, QUERIES "/Shared%%20Queries");
        scene_close(&scene);
}

static void test_rights(void **state) {
        Scene scene;
        Project *project;
        Identity *ana;
        AclTarget target;

        scene_open(&scene);
        project = plant(&scene);
        ana = scene_add_user(&scene, "ana@contoso.com");
        membership_add(scene.organization, ana,
                       directory_find_role(scene.organization, project, GROUP_CONTRIBUTORS));
        scene_ask(&scene, 200, (Ask){.pat = "ana"}, QUERIES "/Shared%%20Queries/A");
        scene_ask(&scene, 403, (Ask){.pat = "ana", .body = "{\"name\":\"N\",\"isFolder\":true}"},
                  QUERIES "/Shared%%20Queries/A");
        scene_ask(&scene, 403, (Ask){.pat = "ana", .method = "DELETE"},
                  QUERIES "/Shared%%20Queries/A");
        target = (AclTarget){
                scene.world, scene.organization, namespace_get(NAMESPACE_WORK_ITEM_QUERY_FOLDERS),
                token_of_query(&scene.arena, query_find_shared(project, "A", AS_OF_NOW))};
        acl_grant(&target, ana, 0, QUERY_READ);
        scene_ask(&scene, 404, (Ask){.pat = "ana"}, QUERIES "/Shared%%20Queries/A");
        assert_null(at(scene_ask(&scene, 200, (Ask){.pat = "ana"}, QUERIES "?$depth=1"),
                       "value.1.children"));
        scene_close(&scene);
}

static void test_private(void **state) {
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = plant(&scene);
        membership_add(scene.organization, scene_add_user(&scene, "ana@contoso.com"),
                       directory_find_role(scene.organization, project, GROUP_READERS));
        scene_ask(&scene, 201, (Ask){.pat = "ana", .body = "{\"name\":\"Mine\",\"isFolder\":true}"},
                  QUERIES "/My%%20Queries");
        assert_string_equal(
                text_at(scene_ask(&scene, 200, (Ask){.pat = "ana"}, QUERIES "?$depth=1"),
                        "value.0.children.0.path"),
                "My Queries/Mine");
        assert_null(at(scene_ask(&scene, 200, (Ask){0}, QUERIES "?$depth=1"), "value.0.children"));
        scene_ask(&scene, 404, (Ask){0}, QUERIES "/My%%20Queries/Mine");
        scene_close(&scene);
}

/* What is answered as if it were done leaves nothing behind. */
static void test_rehearsal(void **state) {
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = plant(&scene);
        scene_ask(&scene, 200, (Ask){.body = "{\"kind\":\"silent\",\"route\":\"wit/queries\"}"},
                  "/_simulator/faults");
        scene_ask(&scene, 201, (Ask){.body = "{\"name\":\"C\",\"isFolder\":true}"},
                  QUERIES "/Shared%%20Queries");
        scene_ask(&scene, 204, (Ask){.method = "DELETE"}, QUERIES "/Shared%%20Queries/A");
        assert_null(query_find_shared(project, "C", AS_OF_NOW));
        assert_non_null(query_find_shared(project, "A/B/Bugs", AS_OF_NOW));
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_roots),         cmocka_unit_test(test_depth),
                cmocka_unit_test(test_paths_and_ids), cmocka_unit_test(test_create),
                cmocka_unit_test(test_change),        cmocka_unit_test(test_rights),
                cmocka_unit_test(test_private),       cmocka_unit_test(test_rehearsal),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

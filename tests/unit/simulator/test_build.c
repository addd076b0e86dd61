/* SPDX-License-Identifier: Apache-2.0 */
/* Area Build: folders, definitions, who sees and may what. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

#define FOLDERS "MLOps/_apis/build/folders"
#define DEFINITIONS "MLOps/_apis/build/Definitions"

static Identity *add_member(Scene *scene, Project *project, const char *unique_name,
                            GroupRole role) {
        Identity *user = scene_add_user(scene, unique_name);

        membership_add(scene->organization, user,
                       directory_find_role(scene->organization, project, role));
        return user;
}

static void deny(Scene *scene, const char *token, const Identity *identity, uint32_t bits) {
        acl_grant(&(AclTarget){scene->world, scene->organization, namespace_get(NAMESPACE_BUILD),
                               token},
                  identity, 0, bits);
}

/* The paths of a list of folders, parted by spaces. */
static const char *paths_of(Scene *scene, const cJSON *list) {
        const char *paths = "";
        const cJSON *folder;

        cJSON_ArrayForEach(folder, at(list, "value")) paths = arena_print(
                &scene->arena, "%s%s%s", paths, *paths ? " " : "", text_at(folder, "path"));
        return paths;
}

static void test_folder_spellings(void **state) {
        static const struct {
                const char *path; /* after "folders" */
                const char *body;
                const char *stored;
        } ROWS[] = {
                {"/One", "{\"path\":\"One\",\"description\":\"d\"}", "\\One"},
                {"/%5CTwo", "{}", "\\Two"},
                {"?path=%5CThree%5CIn", "{\"path\":\"\\\\Three\\\\In\"}", "\\Three\\In"},
                {"/Four/In", "{}", "\\Four\\In"},
                {"/Five%2FIn", "{}", "\\Five\\In"},
                {"", "{\"path\":\"/Six/In\"}", "\\Six\\In"},
        };
        Scene scene;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(
                        text_at(scene_ask(&scene, 200, (Ask){.method = "PUT", .body = ROWS[i].body},
                                          FOLDERS "%s", ROWS[i].path),
                                "path"),
                        ROWS[i].stored);
        assert_string_equal(
                paths_of(&scene,
                         scene_ask(&scene, 200, (Ask){0}, FOLDERS "?queryOrder=folderAscending")),
                "\\ \\Five \\Five\\In \\Four \\Four\\In \\One \\Six \\Six\\In \\Three \\Three\\In \\Two");
        assert_string_equal(
                paths_of(&scene, scene_ask(&scene, 200, (Ask){0}, FOLDERS "?path=%%5Cthree")),
                "\\Three \\Three\\In");
        assert_string_equal(paths_of(&scene, scene_ask(&scene, 200, (Ask){0}, FOLDERS "/%%5CTwo")),
                            "\\Two");
        assert_string_equal(
                paths_of(&scene, scene_ask(&scene, 200, (Ask){0},
                                           FOLDERS "/Four?queryOrder=folderDescending")),
                "\\Four\\In \\Four");
        assert_string_equal(paths_of(&scene, scene_ask(&scene, 200, (Ask){0}, FOLDERS "/None")),
                            "");
        scene_close(&scene);
}

static void test_folder_shape(void **state) {
        Scene scene;
        const cJSON *folder;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        folder = scene_ask(&scene, 200, (Ask){.method = "PUT", .body = "{\"description\":\"d\"}"},
                           FOLDERS "/A");
        assert_string_equal(member_names(&scene, folder),
                            "path,description,createdOn,createdBy,project");
        folder = scene_ask(&scene, 200, (Ask){.body = "{\"description\":\"e\",\"path\":\"\\\\A\"}"},
                           FOLDERS "/A");
        assert_string_equal(
                member_names(&scene, folder),
                "path,description,createdOn,createdBy,lastChangedDate,lastChangedBy,project");
        assert_string_equal(text_at(folder, "description"), "e");
        scene_close(&scene);
}

static void test_folder_move(void **state) {
        Scene scene;
        Project *project;
        const cJSON *list;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        folder_create(project, "A/B", NULL, NULL);
        definition_create(project, &(DefinitionSpec){.name = "train", .path = "A/B"});
        scene_ask(&scene, 200, (Ask){.body = "{\"path\":\"New/Place\"}"}, FOLDERS "/A");
        list = scene_ask(&scene, 200, (Ask){0}, FOLDERS "?queryOrder=folderAscending");
        assert_string_equal(paths_of(&scene, list), "\\ \\New \\New\\Place \\New\\Place\\B");
        list = scene_ask(&scene, 200, (Ask){0}, DEFINITIONS "?path=%%5CNew%%5CPlace%%5CB");
        assert_int_equal(at(list, "count")->valueint, 1);
        scene_ask(&scene, 400, (Ask){.body = "{\"path\":\"New/Place/B/C\"}"}, FOLDERS "/New");
        folder_create(project, "Taken", NULL, NULL);
        scene_ask(&scene, 409, (Ask){.body = "{\"path\":\"TAKEN\"}"}, FOLDERS "/New");
        scene_ask(&scene, 404, (Ask){.body = "{\"path\":\"X\"}"}, FOLDERS "/None");
        scene_ask(&scene, 400, (Ask){.body = "{\"path\":\"X\"}"}, FOLDERS);
        scene_close(&scene);
}

static void test_folder_refusals_and_removal(void **state) {
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        folder_create(project, "A/B", NULL, NULL);
        definition_create(project, &(DefinitionSpec){.name = "train", .path = "A/B"});
        assert_string_equal(
                text_at(scene_ask(&scene, 409, (Ask){.method = "PUT", .body = "{}"}, FOLDERS "/a"),
                        "typeKey"),
                "FolderExistsException");
        scene_ask(&scene, 409, (Ask){.method = "PUT", .body = "{}"}, FOLDERS);
        scene_ask(&scene, 400, (Ask){.method = "PUT"}, FOLDERS "/N");
        scene_ask(&scene, 400, (Ask){.method = "DELETE"}, FOLDERS);
        assert_string_equal(
                text_at(scene_ask(&scene, 404, (Ask){.method = "DELETE"}, FOLDERS "/X"), "typeKey"),
                "FolderNotFoundException");
        assert_null(scene_ask(&scene, 204, (Ask){.method = "DELETE"}, FOLDERS "?path=%%5CA"));
        assert_string_equal(paths_of(&scene, scene_ask(&scene, 200, (Ask){0}, FOLDERS)), "\\");
        assert_int_equal(at(scene_ask(&scene, 200, (Ask){0}, DEFINITIONS), "count")->valueint, 0);
        scene_close(&scene);
}

static void test_folder_rights(void **state) {
        static const struct {
                GroupRole role;
                const char *method;
                const char *path;
                const char *body;
                int status;
        } ROWS[] = {
                {GROUP_READERS, "PUT", "/N", "{}", 403},
                {GROUP_CONTRIBUTORS, "PUT", "/N", "{}", 200},
                {GROUP_READERS, "POST", "/N", "{\"path\":\"M\"}", 403},
                {GROUP_CONTRIBUTORS, "POST", "/N", "{\"path\":\"M\"}", 200},
                {GROUP_READERS, "DELETE", "/M", NULL, 403},
                {GROUP_CONTRIBUTORS, "DELETE", "/M", NULL, 204},
        };
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                const char *pat = arena_print(&scene.arena, "user%zu", i);

                add_member(&scene, project, arena_print(&scene.arena, "%s@contoso.com", pat),
                           ROWS[i].role);
                scene_ask(&scene, ROWS[i].status,
                          (Ask){.pat = pat, .method = ROWS[i].method, .body = ROWS[i].body},
                          FOLDERS "%s", ROWS[i].path);
        }
        scene_close(&scene);
}

/* Denied View on a folder: it, what is below it and its pipelines are not shown, and its name is
 * taken. */
static void test_hidden(void **state) {
        Scene scene;
        Project *project;
        Identity *user;
        Definition *definition;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        folder_create(project, "Secret/Below", NULL, NULL);
        folder_create(project, "Open", NULL, NULL);
        definition =
                definition_create(project, &(DefinitionSpec){.name = "train", .path = "Secret"});
        definition_create(project, &(DefinitionSpec){.name = "open", .path = "Open"});
        user = add_member(&scene, project, "ann@contoso.com", GROUP_CONTRIBUTORS);
        deny(&scene, token_of_folder(&scene.arena, project, "\\Secret"), user,
             BUILD_VIEW_DEFINITION);
        assert_string_equal(paths_of(&scene, scene_ask(&scene, 200, (Ask){.pat = "ann"}, FOLDERS)),
                            "\\ \\Open");
        scene_ask(&scene, 404, (Ask){.pat = "ann", .method = "DELETE"}, FOLDERS "/Secret");
        scene_ask(&scene, 409, (Ask){.pat = "ann", .method = "PUT", .body = "{}"},
                  FOLDERS "/Secret");
        assert_int_equal(
                at(scene_ask(&scene, 200, (Ask){.pat = "ann"}, DEFINITIONS), "count")->valueint, 1);
        assert_string_equal(text_at(scene_ask(&scene, 404, (Ask){.pat = "ann"}, DEFINITIONS "/%d",
                                              definition->id),
                                    "typeKey"),
                            "DefinitionNotFoundException");
        scene_close(&scene);
}

static const char REFERENCE[] =
        "_links,quality,authoredBy,drafts,queue,id,name,url,uri,path,type,queueStatus,"
        "revision,createdDate,project";
static const char WHOLE[] =
        "triggers,properties,tags,_links,jobAuthorizationScope,process,repository,quality,"
        "authoredBy,drafts,queue,id,name,url,uri,path,type,queueStatus,revision,createdDate,project";

static void test_definitions(void **state) {
        static const char BODY[] =
                "{\"name\":\"train\",\"path\":\"\\\\ML\\\\Train\",\"repository\":{\"id\":\"MLOps\","
                "\"type\":\"TfsGit\"},\"process\":{\"yamlFilename\":\"ci.yml\",\"type\":2}}";
        Scene scene;
        const cJSON *made;
        int id;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        made = scene_ask(&scene, 200, (Ask){.body = BODY}, DEFINITIONS);
        assert_string_equal(member_names(&scene, made), WHOLE);
        assert_string_equal(text_at(made, "path"), "\\ML\\Train");
        assert_string_equal(text_at(made, "process.yamlFilename"), "ci.yml");
        id = at(made, "id")->valueint;
        assert_string_equal(paths_of(&scene, scene_ask(&scene, 200, (Ask){0}, FOLDERS)),
                            "\\ \\ML \\ML\\Train");
        assert_string_equal(
                member_names(&scene, at(scene_ask(&scene, 200, (Ask){0}, DEFINITIONS "?name=tr*"),
                                        "value.0")),
                REFERENCE);
        assert_string_equal(
                text_at(scene_ask(&scene, 409, (Ask){.body = BODY}, DEFINITIONS), "typeKey"),
                "DefinitionExistsException");
        scene_ask(&scene, 400, (Ask){.body = "{\"name\":\"x\"}"}, DEFINITIONS);
        scene_ask(&scene, 400, (Ask){.body = "{}"}, DEFINITIONS);
        made = scene_ask(
                &scene, 200,
                (Ask){.method = "PUT", .body = "{\"name\":\"Train\",\"path\":\"\\\\Moved\"}"},
                DEFINITIONS "/%d", id);
        assert_int_equal(at(made, "revision")->valueint, 2);
        assert_string_equal(text_at(made, "path"), "\\Moved");
        assert_null(scene_ask(&scene, 204, (Ask){.method = "DELETE"}, DEFINITIONS "/%d", id));
        scene_ask(&scene, 404, (Ask){0}, DEFINITIONS "/%d", id);
        scene_close(&scene);
}

static void test_definition_lists(void **state) {
        static const struct {
                const char *query;
                const char *names;
        } ROWS[] = {
                {"", "c a b a"},
                {"?queryOrder=definitionNameAscending", "a a b c"},
                {"?queryOrder=definitionNameDescending", "c b a a"},
                {"?path=%5C", "c a"},
                {"?path=%5CX", "b"},
                {"?path=%5CX%5CY", "a"},
                {"?path=x", "b"},
                {"?name=A", "a a"},
                {"?name=*", "c a b a"},
                {"?name=d*", ""},
        };
        static const struct {
                const char *name;
                const char *path;
        } MADE[] = {{"c", "\\"}, {"a", "\\"}, {"b", "\\X"}, {"a", "\\X\\Y"}};
        Scene scene;
        Project *project;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(MADE) / sizeof(MADE[0]); i++)
                definition_create(project,
                                  &(DefinitionSpec){.name = MADE[i].name, .path = MADE[i].path});
        for (int64_t page = 1; page <= 5; page++) {
                scene_set_option(&scene, "page_size_definitions",
                                 arena_print(&scene.arena, "%d", (int)page));
                for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                        const char *names = "", *token = "";

                        while (token) {
                                const cJSON *list = scene_ask(
                                        &scene, 200, (Ask){0}, DEFINITIONS "%s%s%s%s",
                                        ROWS[i].query, *token ? *ROWS[i].query ? "&" : "?" : "",
                                        *token ? "continuationToken=" : "", token);
                                const cJSON *item;

                                assert_true(at(list, "count")->valueint <= page);
                                cJSON_ArrayForEach(item, at(list, "value")) names =
                                        arena_print(&scene.arena, "%s%s%s", names,
                                                    *names ? " " : "", text_at(item, "name"));
                                token = arena_copy(&scene.arena,
                                                   scene_header(&scene, "x-ms-continuationtoken"));
                        }
                        assert_string_equal(names, ROWS[i].names);
                }
        }
        scene_close(&scene);
}

static void test_definition_rights(void **state) {
        static const char BODY[] = "{\"name\":\"n\",\"repository\":{\"id\":\"MLOps\"}}";
        Scene scene;
        Project *project;
        Definition *definition;
        Identity *user;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        definition = definition_create(project, &(DefinitionSpec){.name = "train"});
        add_member(&scene, project, "rita@contoso.com", GROUP_READERS);
        user = add_member(&scene, project, "carl@contoso.com", GROUP_CONTRIBUTORS);
        scene_ask(&scene, 200, (Ask){.pat = "rita"}, DEFINITIONS "/%d", definition->id);
        scene_ask(&scene, 403, (Ask){.pat = "rita", .body = BODY}, DEFINITIONS);
        scene_ask(&scene, 403, (Ask){.pat = "rita", .method = "PUT", .body = BODY},
                  DEFINITIONS "/%d", definition->id);
        scene_ask(&scene, 403, (Ask){.pat = "rita", .method = "DELETE"}, DEFINITIONS "/%d",
                  definition->id);
        scene_ask(&scene, 200, (Ask){.pat = "carl", .body = BODY}, DEFINITIONS);
        deny(&scene, token_of_definition(&scene.arena, definition), user, BUILD_DELETE_DEFINITION);
        scene_ask(&scene, 403, (Ask){.pat = "carl", .method = "DELETE"}, DEFINITIONS "/%d",
                  definition->id);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_folder_spellings),
                cmocka_unit_test(test_folder_shape),
                cmocka_unit_test(test_folder_move),
                cmocka_unit_test(test_folder_refusals_and_removal),
                cmocka_unit_test(test_folder_rights),
                cmocka_unit_test(test_hidden),
                cmocka_unit_test(test_definitions),
                cmocka_unit_test(test_definition_lists),
                cmocka_unit_test(test_definition_rights),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}

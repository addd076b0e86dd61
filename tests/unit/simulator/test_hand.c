/* SPDX-License-Identifier: Apache-2.0 */
/* Changes by hand: each operation, what it needs, what its mistakes say. */
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/unit/simulator/scene.h"

/* One story: each row finds what the rows before made. */
static const struct {
        const char *change; /* members after "op" and "project" */
        const char *project;
        int status;
        const char *shown;   /* in the snapshot afterwards, NULL: not looked for */
        const char *missing; /* not in the snapshot afterwards */
} STORY[] = {
        {"\"op\":\"create_project\",\"name\":\"Other\"", NULL, 200, "{\"project\":\"Other\"}",
         NULL},
        {"\"op\":\"create_project\",\"name\":\"other\"", NULL, 400, NULL, NULL},
        {"\"op\":\"rename_project\",\"name\":\"Other\",\"to\":\"Third\"", NULL, 200,
         "{\"project\":\"Third\"}", "{\"project\":\"Other\"}"},
        {"\"op\":\"delete_project\",\"name\":\"Third\"", NULL, 200, NULL, "Third"},

        {"\"op\":\"create_repository\",\"name\":\"r\"", "MLOps", 200, "\"repository\":\"r\"}",
         NULL},
        {"\"op\":\"create_repository\",\"name\":\"R\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_branch\",\"name\":\"r\",\"branch\":\"main\"", "MLOps", 200,
         "\"branch\":\"refs/heads/main\"", NULL},
        {"\"op\":\"create_branch\",\"name\":\"r\",\"branch\":\"main\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"delete_branch\",\"name\":\"r\",\"branch\":\"main\"", "MLOps", 200, NULL,
         "\"branch\":\"refs"},
        {"\"op\":\"rename_repository\",\"name\":\"r\",\"to\":\"s\"", "MLOps", 200,
         "\"repository\":\"s\"", "\"repository\":\"r\""},
        {"\"op\":\"delete_repository\",\"name\":\"s\"", "MLOps", 200,
         "\"recycled repository\":\"s\"", NULL},
        {"\"op\":\"delete_repository\",\"name\":\"s\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"restore_repository\",\"name\":\"s\"", "MLOps", 200, "\"repository\":\"s\"",
         "recycled"},

        {"\"op\":\"create_folder\",\"name\":\"F/G\"", "MLOps", 200,
         "\"pipeline folder\":\"\\\\F\\\\G\"", NULL},
        {"\"op\":\"create_pipeline\",\"name\":\"p\",\"folder\":\"F/G\",\"repository\":\"s\"",
         "MLOps", 200, "\"pipeline\":\"p\",\"folder\":\"\\\\F\\\\G\"", NULL},
        {"\"op\":\"create_pipeline\",\"name\":\"q\",\"repository\":\"none\"", "MLOps", 400, NULL,
         NULL},
        {"\"op\":\"rename_folder\",\"name\":\"F\",\"to\":\"H\"", "MLOps", 200,
         "\"pipeline\":\"p\",\"folder\":\"\\\\H\\\\G\"", "\\\\F"},
        {"\"op\":\"create_pipeline\",\"name\":\"p\"", "MLOps", 200, "\"pipeline\":\"p\",\"folder\":\"\\\\\"",
         NULL},
        {"\"op\":\"rename_pipeline\",\"name\":\"H/G/p\",\"to\":\"o\"", "MLOps", 200,
         "\"pipeline\":\"o\",\"folder\":\"\\\\H\\\\G\"", "\"pipeline\":\"p\",\"folder\":\"\\\\H"},
        {"\"op\":\"move_pipeline\",\"name\":\"o\",\"to\":\"M/N\"", "MLOps", 200,
         "\"pipeline\":\"o\",\"folder\":\"\\\\M\\\\N\"", "\"folder\":\"\\\\H\\\\G\""},
        {"\"op\":\"delete_folder\",\"name\":\"M\"", "MLOps", 200, NULL, "\"pipeline\":\"o\""},
        {"\"op\":\"delete_pipeline\",\"name\":\"p\"", "MLOps", 200, NULL, "\"pipeline\":\"p\""},
        {"\"op\":\"delete_folder\",\"name\":\"H\"", "MLOps", 200, NULL, "\"pipeline folder\""},

        {"\"op\":\"create_area\",\"name\":\"A\"", "MLOps", 200, "\"area\":\"MLOps\\\\A\"", NULL},
        {"\"op\":\"create_area\",\"name\":\"A/B\"", "MLOps", 200, "\"area\":\"MLOps\\\\A\\\\B\"",
         NULL},
        {"\"op\":\"create_area\",\"name\":\"X/Y\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_area\",\"name\":\"C\"", "MLOps", 200, "\"area\":\"MLOps\\\\C\"", NULL},
        {"\"op\":\"move_area\",\"name\":\"A/B\",\"to\":\"C\"", "MLOps", 200,
         "\"area\":\"MLOps\\\\C\\\\B\"", "A\\\\B"},
        {"\"op\":\"move_area\",\"name\":\"C\",\"to\":\"C/B\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"rename_area\",\"name\":\"C\",\"to\":\"D\"", "MLOps", 200,
         "\"area\":\"MLOps\\\\D\\\\B\"", "MLOps\\\\C"},
        {"\"op\":\"delete_area\",\"name\":\"D\"", "MLOps", 200, NULL, "MLOps\\\\D"},
        {"\"op\":\"delete_area\",\"name\":\"/\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_iteration\",\"name\":\"I\"", "MLOps", 200, "\"iteration\":\"MLOps\\\\I\"",
         NULL},
        {"\"op\":\"create_iteration\",\"name\":\"I/J\"", "MLOps", 200,
         "\"iteration\":\"MLOps\\\\I\\\\J\"", NULL},
        {"\"op\":\"move_iteration\",\"name\":\"I/J\",\"to\":\"/\"", "MLOps", 200,
         "\"iteration\":\"MLOps\\\\J\"", "I\\\\J"},
        {"\"op\":\"rename_iteration\",\"name\":\"J\",\"to\":\"K\"", "MLOps", 200,
         "\"iteration\":\"MLOps\\\\K\"", "MLOps\\\\J"},
        {"\"op\":\"delete_iteration\",\"name\":\"K\"", "MLOps", 200, NULL, "MLOps\\\\K"},
        {"\"op\":\"delete_iteration\",\"name\":\"I\"", "MLOps", 200, NULL, "\"iteration\":\"MLOps"},

        {"\"op\":\"create_query_folder\",\"name\":\"Q\"", "MLOps", 200,
         "\"query folder\":\"Shared Queries/Q\"", NULL},
        {"\"op\":\"create_query_folder\",\"name\":\"q\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_query_folder\",\"name\":\"none/Q\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_query_folder\",\"name\":\"Q/S\"", "MLOps", 200,
         "\"query folder\":\"Shared Queries/Q/S\"", NULL},
        {"\"op\":\"create_query\",\"name\":\"Q/S/all\"", "MLOps", 200,
         "\"query\":\"Shared Queries/Q/S/all\"", NULL},
        {"\"op\":\"create_query_folder\",\"name\":\"Q/S/all/in\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"move_query\",\"name\":\"Q\",\"to\":\"Q/S\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"move_query\",\"name\":\"Q/S/all\",\"to\":\"Q\"", "MLOps", 200,
         "\"query\":\"Shared Queries/Q/all\"", "Q/S/all"},
        {"\"op\":\"rename_query\",\"name\":\"Q\",\"to\":\"R\"", "MLOps", 200,
         "\"query\":\"Shared Queries/R/all\"", "Queries/Q"},
        {"\"op\":\"grant\",\"kind\":\"query\",\"name\":\"R\",\"principal\":\"Readers\",\"allow\":[\"Delete\"]",
         "MLOps", 200, "\"at\":\"query folder Shared Queries/R\",\"namespace\":\"WorkItemQueryFolders\","
         "\"principal\":\"[MLOps]\\\\Readers\"", NULL},
        {"\"op\":\"delete_query\",\"name\":\"R\"", "MLOps", 200, NULL, "Shared Queries/R"},
        {"\"op\":\"delete_query\",\"name\":\"/\"", "MLOps", 400, NULL, NULL},

        {"\"op\":\"create_release_folder\",\"name\":\"F/G\"", "MLOps", 200,
         "\"release folder\":\"\\\\F\\\\G\"", "\"pipeline folder\""},
        {"\"op\":\"create_release_folder\",\"name\":\"f/g\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_release_pipeline\",\"name\":\"r\",\"folder\":\"F/G\"", "MLOps", 200,
         "\"release pipeline\":\"r\",\"folder\":\"\\\\F\\\\G\"", NULL},
        {"\"op\":\"rename_release_folder\",\"name\":\"F\",\"to\":\"H\"", "MLOps", 200,
         "\"release pipeline\":\"r\",\"folder\":\"\\\\H\\\\G\"", "\"\\\\F"},
        {"\"op\":\"grant\",\"kind\":\"release pipeline\",\"name\":\"H/G/r\",\"principal\":\"Readers\",\"allow\":["
         "\"View releases\"]", "MLOps", 200, "\"at\":\"release pipeline r\",\"namespace\":\"ReleaseManagement\"", NULL},
        {"\"op\":\"delete_release_pipeline\",\"name\":\"r\"", "MLOps", 200, NULL, "\"release pipeline\":\"r\""},
        {"\"op\":\"delete_release_folder\",\"name\":\"H\"", "MLOps", 200, NULL, "\"release folder\":"},

        {"\"op\":\"create_plan\",\"name\":\"P\"", "MLOps", 200, "\"plan\":\"P\"", NULL},
        {"\"op\":\"create_plan\",\"name\":\"p\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"rename_plan\",\"name\":\"P\",\"to\":\"Q\"", "MLOps", 200, "\"at\":\"plan Q\"", "\"plan\":\"P\""},
        {"\"op\":\"delete_plan\",\"name\":\"Q\"", "MLOps", 200, NULL, "\"plan\":\"Q\""},
        {"\"op\":\"create_dashboard\",\"name\":\"D\",\"team\":\"MLOps Team\"", "MLOps", 200,
         "\"dashboard\":\"D\",\"team\":\"MLOps Team\"", NULL},
        {"\"op\":\"create_dashboard\",\"name\":\"D\",\"team\":\"none\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"rename_dashboard\",\"name\":\"MLOps Team/D\",\"to\":\"E\"", "MLOps", 200,
         "\"at\":\"dashboard E\"", "\"dashboard\":\"D\""},
        {"\"op\":\"delete_dashboard\",\"name\":\"E\"", "MLOps", 200, NULL, "\"dashboard\":\"E\""},

        {"\"op\":\"grant\",\"kind\":\"tagging\",\"principal\":\"Readers\",\"allow\":[\"Update\"]", "MLOps", 200,
         "\"at\":\"tagging\",\"namespace\":\"Tagging\",\"principal\":\"[MLOps]\\\\Readers\",\"allow\":["
         "\"Enumerate\",\"Update\"]", NULL},
        {"\"op\":\"grant\",\"kind\":\"workspaces\",\"principal\":\"admin@contoso.com\",\"allow\":[\"Administer "
         "workspaces\"]", NULL, 200, "\"at\":\"workspaces\",\"namespace\":\"VersionControlPrivileges\","
         "\"principal\":\"admin@contoso.com\",\"allow\":[\"AdminWorkspaces\"]", NULL},

        {"\"op\":\"create_service_connection\",\"name\":\"azure\"", "MLOps", 200,
         "\"service connection\":\"azure\"", NULL},
        {"\"op\":\"rename_service_connection\",\"name\":\"azure\",\"to\":\"cloud\"", "MLOps", 200,
         "\"service connection\":\"cloud\"", "\"service connection\":\"azure\""},
        {"\"op\":\"share_service_connection\",\"name\":\"cloud\",\"to\":\"none\"", "MLOps", 400, NULL,
         NULL},
        {"\"op\":\"create_project\",\"name\":\"Second\"", NULL, 200, "{\"project\":\"Second\"}", NULL},
        {"\"op\":\"share_service_connection\",\"name\":\"cloud\",\"to\":\"Second\"", "MLOps", 200,
         "{\"project\":\"Second\",\"service connection\":\"cloud\"}", NULL},
        {"\"op\":\"delete_project\",\"name\":\"Second\"", NULL, 200, NULL, "\"project\":\"Second\""},
        {"\"op\":\"open_to_pipelines\",\"kind\":\"service connection\",\"name\":\"cloud\"", "MLOps", 200,
         "\"opened to pipelines\":\"cloud\",\"type\":\"endpoint\",\"pipeline\":\"all\"", NULL},
        {"\"op\":\"close_to_pipelines\",\"kind\":\"service connection\",\"name\":\"cloud\"", "MLOps",
         200, NULL, "opened to pipelines"},
        {"\"op\":\"delete_service_connection\",\"name\":\"cloud\"", "MLOps", 200, NULL,
         "\"service connection\""},

        {"\"op\":\"create_agent_queue\",\"name\":\"x\"", "MLOps", 200, "\"agent queue\":\"x\"", NULL},
        {"\"op\":\"create_agent_queue\",\"name\":\"X\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"grant\",\"kind\":\"agent queue\",\"name\":\"x\",\"principal\":\"Readers\","
         "\"allow\":[\"Use\"]", "MLOps", 200, "\"at\":\"agent queue x\"", NULL},
        {"\"op\":\"grant\",\"kind\":\"agent queue\",\"principal\":\"Readers\",\"allow\":[\"Create\"]", "MLOps", 200,
         NULL, NULL},
        {"\"op\":\"rename_agent_queue\",\"name\":\"x\",\"to\":\"y\"", "MLOps", 200, "\"agent queue\":\"y\"",
         "\"agent queue\":\"x\""},
        {"\"op\":\"open_to_pipelines\",\"kind\":\"agent queue\",\"name\":\"y\",\"pipeline\":\"none\"", "MLOps", 400,
         NULL, NULL},
        {"\"op\":\"delete_agent_queue\",\"name\":\"y\"", "MLOps", 200, NULL, "\"agent queue\":\"y\""},
        {"\"op\":\"create_variable_group\",\"name\":\"x\"", "MLOps", 200, "\"variable group\":\"x\"", NULL},
        {"\"op\":\"create_variable_group\",\"name\":\"X\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"grant\",\"kind\":\"variable group\",\"name\":\"x\",\"principal\":\"Readers\","
         "\"allow\":[\"Use\"]", "MLOps", 200, "\"at\":\"variable group x\"", NULL},
        {"\"op\":\"grant\",\"kind\":\"variable group\",\"principal\":\"Readers\",\"allow\":[\"Create\"]", "MLOps", 200,
         NULL, NULL},
        {"\"op\":\"rename_variable_group\",\"name\":\"x\",\"to\":\"y\"", "MLOps", 200, "\"variable group\":\"y\"",
         "\"variable group\":\"x\""},
        {"\"op\":\"open_to_pipelines\",\"kind\":\"variable group\",\"name\":\"y\",\"pipeline\":\"none\"", "MLOps", 400,
         NULL, NULL},
        {"\"op\":\"delete_variable_group\",\"name\":\"y\"", "MLOps", 200, NULL, "\"variable group\":\"y\""},
        {"\"op\":\"create_secure_file\",\"name\":\"x\"", "MLOps", 200, "\"secure file\":\"x\"", NULL},
        {"\"op\":\"create_secure_file\",\"name\":\"X\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"grant\",\"kind\":\"secure file\",\"name\":\"x\",\"principal\":\"Readers\","
         "\"allow\":[\"Use\"]", "MLOps", 200, "\"at\":\"secure file x\"", NULL},
        {"\"op\":\"grant\",\"kind\":\"secure file\",\"principal\":\"Readers\",\"allow\":[\"Create\"]", "MLOps", 200,
         NULL, NULL},
        {"\"op\":\"rename_secure_file\",\"name\":\"x\",\"to\":\"y\"", "MLOps", 200, "\"secure file\":\"y\"",
         "\"secure file\":\"x\""},
        {"\"op\":\"open_to_pipelines\",\"kind\":\"secure file\",\"name\":\"y\",\"pipeline\":\"none\"", "MLOps", 400,
         NULL, NULL},
        {"\"op\":\"delete_secure_file\",\"name\":\"y\"", "MLOps", 200, NULL, "\"secure file\":\"y\""},
        {"\"op\":\"create_environment\",\"name\":\"x\"", "MLOps", 200, "\"environment\":\"x\"", NULL},
        {"\"op\":\"create_environment\",\"name\":\"X\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"grant\",\"kind\":\"environment\",\"name\":\"x\",\"principal\":\"Readers\","
         "\"allow\":[\"Use\"]", "MLOps", 200, "\"at\":\"environment x\"", NULL},
        {"\"op\":\"grant\",\"kind\":\"environment\",\"principal\":\"Readers\",\"allow\":[\"Create\"]", "MLOps", 200,
         NULL, NULL},
        {"\"op\":\"rename_environment\",\"name\":\"x\",\"to\":\"y\"", "MLOps", 200, "\"environment\":\"y\"",
         "\"environment\":\"x\""},
        {"\"op\":\"open_to_pipelines\",\"kind\":\"environment\",\"name\":\"y\",\"pipeline\":\"none\"", "MLOps", 400,
         NULL, NULL},
        {"\"op\":\"delete_environment\",\"name\":\"y\"", "MLOps", 200, NULL, "\"environment\":\"y\""},
        {"\"op\":\"delete_environment\",\"name\":\"y\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_agent_pool\",\"name\":\"Steel\",\"auto_provision\":true", NULL, 200,
         "{\"project\":\"MLOps\",\"agent queue\":\"Steel\"}", NULL},
        {"\"op\":\"grant\",\"kind\":\"agent pool\",\"name\":\"Steel\",\"principal\":\"admin@contoso.com\","
         "\"allow\":[\"Listen\"]", NULL, 200, "\"at\":\"agent pool Steel\"", NULL},
        {"\"op\":\"rename_agent_pool\",\"name\":\"Steel\",\"to\":\"Iron\"", NULL, 200,
         "{\"project\":\"MLOps\",\"agent queue\":\"Steel\",\"agent pool\":\"Iron\"}", NULL},
        {"\"op\":\"delete_agent_pool\",\"name\":\"Iron\"", NULL, 200, NULL, "\"agent queue\":\"Steel\""},
        {"\"op\":\"open_to_pipelines\",\"kind\":\"area\",\"name\":\"A\"", "MLOps", 400, NULL, NULL},

        {"\"op\":\"add_person\",\"user\":\"eva@contoso.com\",\"pat\":\"eva\"", NULL, 200,
         "\"user\":\"eva@contoso.com\"", NULL},
        {"\"op\":\"add_person\",\"user\":\"Eva@contoso.com\"", NULL, 400, NULL, NULL},
        {"\"op\":\"create_team\",\"name\":\"T\"", "MLOps", 200, "\"team\":\"[MLOps]\\\\T\"", NULL},
        {"\"op\":\"create_team\",\"name\":\"Readers\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"add_member\",\"member\":\"eva@contoso.com\",\"group\":\"T\"", "MLOps", 200,
         "{\"group\":\"[MLOps]\\\\T\",\"member\":\"eva@contoso.com\"}", NULL},
        {"\"op\":\"add_member\",\"member\":\"T\",\"group\":\"T\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"add_admin\",\"team\":\"T\",\"person\":\"eva@contoso.com\"", "MLOps", 200,
         "{\"team\":\"[MLOps]\\\\T\",\"administrator\":\"eva@contoso.com\"}", NULL},
        {"\"op\":\"remove_admin\",\"team\":\"T\",\"person\":\"eva@contoso.com\"", "MLOps", 200,
         NULL, "\"administrator\":\"eva@contoso.com\""},
        {"\"op\":\"remove_member\",\"member\":\"eva@contoso.com\",\"group\":\"T\"", "MLOps", 200,
         NULL, "\"member\":\"eva@contoso.com\""},
        {"\"op\":\"remove_member\",\"member\":\"eva@contoso.com\",\"group\":\"T\"", "MLOps", 400,
         NULL, NULL},
        {"\"op\":\"set_team_areas\",\"team\":\"T\",\"areas\":[{\"path\":\"A\",\"children\":false}]",
         "MLOps", 200,
         "{\"team\":\"[MLOps]\\\\T\",\"area\":\"MLOps\\\\A\",\"children\":false,\"default\":true}",
         NULL},
        {"\"op\":\"rename_team\",\"name\":\"T\",\"to\":\"U\"", "MLOps", 200,
         "\"team\":\"[MLOps]\\\\U\"", "[MLOps]\\\\T\""},
        {"\"op\":\"delete_team\",\"name\":\"U\"", "MLOps", 200, NULL, "\"team\":\"[MLOps]\\\\U\""},
        {"\"op\":\"delete_team\",\"name\":\"MLOps Team\"", "MLOps", 400, NULL, NULL},
        {"\"op\":\"create_group\",\"name\":\"G\"", "MLOps", 200, "\"group\":\"[MLOps]\\\\G\"",
         NULL},
        {"\"op\":\"rename_group\",\"name\":\"G\",\"to\":\"H\"", "MLOps", 200,
         "\"group\":\"[MLOps]\\\\H\"", NULL},
        {"\"op\":\"delete_group\",\"name\":\"H\"", "MLOps", 200, NULL, "[MLOps]\\\\H"},
        {"\"op\":\"delete_group\",\"name\":\"Readers\"", "MLOps", 400, NULL, NULL},

        {"\"op\":\"grant\",\"kind\":\"area\",\"name\":\"A\",\"principal\":\"eva@contoso.com\",\"allow\":[\"GENERIC_READ"
         "\"],\"deny\":[\"DELETE\"]",
         "MLOps", 200,
         "\"principal\":\"eva@contoso.com\",\"allow\":[\"GENERIC_READ\"],\"deny\":[\"DELETE\"]",
         NULL},
        {"\"op\":\"replace\",\"kind\":\"area\",\"name\":\"A\",\"principal\":\"eva@contoso.com\",\"deny\":[\"GENERIC_READ"
         "\"]",
         "MLOps", 200, "\"principal\":\"eva@contoso.com\",\"deny\":[\"GENERIC_READ\"]}",
         "\"deny\":[\"DELETE\"]"},
        {"\"op\":\"set_inherit\",\"kind\":\"area\",\"name\":\"A\",\"inherit\":false", "MLOps", 200,
         "\"at\":\"area \\\\A\",\"namespace\":\"CSS\",\"inherit\":false", NULL},
        {"\"op\":\"set_inherit\",\"kind\":\"area\",\"name\":\"A\",\"inherit\":true", "MLOps", 200,
         NULL, "\"inherit\":false"},
        {"\"op\":\"revoke\",\"kind\":\"area\",\"name\":\"A\",\"principal\":\"eva@contoso.com\"",
         "MLOps", 200, NULL, "\"principal\":\"eva@contoso.com\""},
        {"\"op\":\"grant\",\"kind\":\"area\",\"name\":\"A\",\"principal\":\"eva@contoso.com\",\"allow\":[\"DELETE\"]",
         "MLOps", 200, NULL, NULL},
        {"\"op\":\"remove_list\",\"kind\":\"area\",\"name\":\"A\"", "MLOps", 200, NULL,
         "\"at\":\"area \\\\A\""},
        {"\"op\":\"rename_person\",\"user\":\"eva@contoso.com\",\"to\":\"admin@contoso.com\"", NULL, 400, NULL, NULL},
        {"\"op\":\"rename_person\",\"user\":\"eva@contoso.com\",\"to\":\"eve@contoso.com\"", NULL, 200,
         "\"user\":\"eve@contoso.com\"", "eva@contoso.com"},
        {"\"op\":\"move_tenant\",\"tenant\":\"none\"", NULL, 400, NULL, NULL},
        {"\"op\":\"remove_person\",\"user\":\"eve@contoso.com\"", NULL, 200, NULL,
         "eve@contoso.com"},
};

static int change(Scene *scene, const char *as, const char *project, const char *members,
                  const char *more) {
        const char *where =
                project ? arena_print(&scene->arena, ",\"project\":\"%s\"", project) : "";
        const char *body =
                arena_print(&scene->arena, "{\"as\":\"%s\",%s%s%s}", as, members, where, more);

        return scene_send(scene, (Ask){.body = body}, "/_simulator/hand");
}

static const char *body_of(Scene *scene) {
        return arena_copy_length(&scene->arena, scene->response.body, scene->response.body_size);
}

static void test_story(void **state) {
        Scene scene;

        scene_open(&scene);
        scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(STORY) / sizeof(STORY[0]); i++) {
                int status =
                        change(&scene, "admin@contoso.com", STORY[i].project, STORY[i].change, "");

                if (status != STORY[i].status)
                        fail_msg("%s: %d %s", STORY[i].change, status, body_of(&scene));
                scene_send(&scene, (Ask){0}, "/_simulator/snapshot");
                if (STORY[i].shown && !strstr(body_of(&scene), STORY[i].shown))
                        fail_msg("%s: not there: %s", STORY[i].change, STORY[i].shown);
                if (STORY[i].missing && strstr(body_of(&scene), STORY[i].missing))
                        fail_msg("%s: there: %s", STORY[i].change, STORY[i].missing);
        }
        scene_close(&scene);
}

/* Nobody in particular may do none of it; by force it is done. */
static void test_enforcement(void **state) {
        static const char *const CHANGES[] = {
                "\"op\":\"create_repository\",\"name\":\"r\"",
                "\"op\":\"create_area\",\"name\":\"A\"",
                "\"op\":\"create_folder\",\"name\":\"F\"",
                "\"op\":\"create_iteration\",\"name\":\"I\"",
                "\"op\":\"create_query_folder\",\"name\":\"Q\"",
                "\"op\":\"create_release_folder\",\"name\":\"R\"",
                "\"op\":\"create_plan\",\"name\":\"P\"",
                "\"op\":\"create_dashboard\",\"name\":\"D\"",
                "\"op\":\"create_agent_queue\",\"name\":\"Q\"",
                "\"op\":\"create_variable_group\",\"name\":\"V\"",
                "\"op\":\"create_secure_file\",\"name\":\"F\"",
                "\"op\":\"create_environment\",\"name\":\"E\"",
                "\"op\":\"open_to_pipelines\",\"kind\":\"agent queue\",\"name\":\"Default\"",
                "\"op\":\"create_team\",\"name\":\"T\"",
                "\"op\":\"create_group\",\"name\":\"G\"",
                "\"op\":\"create_service_connection\",\"name\":\"S\"",
                "\"op\":\"add_member\",\"member\":\"ana@contoso.com\",\"group\":\"Readers\"",
                "\"op\":\"grant\",\"kind\":\"project\",\"principal\":\"ana@contoso.com\",\"allow\":[\"DELETE\"]",
                "\"op\":\"set_inherit\",\"kind\":\"repository\",\"name\":\"MLOps\",\"inherit\":false",
                "\"op\":\"delete_repository\",\"name\":\"MLOps\"",
        };
        Scene scene;

        scene_open(&scene);
        scene_add_user(&scene, "ana@contoso.com");
        scene_add_project(&scene, "MLOps");
        for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
                if (change(&scene, "ana@contoso.com", "MLOps", CHANGES[i], "") != 403)
                        fail_msg("%s: %d %s", CHANGES[i], scene.response.status, body_of(&scene));
                if (change(&scene, "ana@contoso.com", "MLOps", CHANGES[i], ",\"force\":true") !=
                    200)
                        fail_msg("%s: %d %s", CHANGES[i], scene.response.status, body_of(&scene));
        }
        scene_close(&scene);
}

/* Who makes a repository by hand has the creator's entry. */
static void test_creator(void **state) {
        Scene scene;

        scene_open(&scene);
        scene_add_user(&scene, "ana@contoso.com");
        scene_add_project(&scene, "MLOps");
        assert_int_equal(change(&scene, "ana@contoso.com", "MLOps",
                                "\"op\":\"create_repository\",\"name\":\"r\"", ",\"force\":true"),
                         200);
        scene_send(&scene, (Ask){0}, "/_simulator/snapshot?sections=permissions");
        assert_non_null(strstr(body_of(&scene),
                               "\"at\":\"repository r\",\"namespace\":\"Git "
                               "Repositories\",\"principal\":\"ana@contoso.com\""));
        scene_close(&scene);
}

static const char *descriptor_in_list(Scene *scene, const Project *project) {
        const char *token = token_of_project(&scene->arena, project);
        const cJSON *list = scene_ask(scene, 200, (Ask){0},
                                      "_apis/accesscontrollists/52d39943-cb85-4d7f-8fa8-c6baac873819?token=%s",
                                      encoded(scene, token));
        const cJSON *entry;

        cJSON_ArrayForEach(entry, at(list, "value.0.acesDictionary")) {
                if (strstr(entry->string, "ClaimsIdentity"))
                        return entry->string;
        }
        return "";
}

/* A list keeps the descriptor that was written, the identity service knows both and tells the new one. */
static void test_people_get_other_descriptors(void **state) {
        static const char TENANT[] = "0b9ff614-8b2c-4a0e-9d6f-5a6b7c8d9e0f";
        Scene scene;
        const Project *project;
        Identity *ana;
        const char *first, *second, *subject;

        scene_open(&scene);
        ana = scene_add_user(&scene, "ana@contoso.com");
        project = scene_add_project(&scene, "MLOps");
        first = ana->descriptor;
        subject = ana->subject_descriptor;
        change(&scene, "admin@contoso.com", "MLOps",
               "\"op\":\"grant\",\"kind\":\"project\",\"principal\":\"ana@contoso.com\",\"allow\":[\"DELETE\"]", "");
        change(&scene, "admin@contoso.com", NULL,
               "\"op\":\"rename_person\",\"user\":\"ana@contoso.com\",\"to\":\"anna@contoso.com\"", "");
        second = ana->descriptor;
        assert_non_null(strstr(second, "\\anna@contoso.com"));
        assert_string_equal(descriptor_in_list(&scene, project), first);
        assert_string_equal(ana->subject_descriptor, subject);
        change(&scene, "admin@contoso.com", NULL,
               arena_print(&scene.arena, "\"op\":\"move_tenant\",\"tenant\":\"%s\"", TENANT), "");
        assert_non_null(strstr(ana->descriptor, TENANT));
        assert_string_not_equal(ana->subject_descriptor, subject);
        assert_null(directory_find_subject(scene.organization, subject, AS_OF_NOW));
        assert_string_equal(descriptor_in_list(&scene, project), first);
        for (size_t i = 0; i < 3; i++) {
                const char *asked = i == 0 ? first : i == 1 ? second : ana->descriptor;
                const cJSON *found = scene_ask(&scene, 200, (Ask){0}, "_apis/identities?descriptors=%s",
                                               encoded(&scene, asked));

                assert_string_equal(text_at(found, "value.0.id"), ana->storage_key);
                assert_string_equal(text_at(found, "value.0.descriptor"), ana->descriptor);
        }
        scene_set_option(&scene, "generic_sids", "no");
        assert_string_equal(descriptor_in_list(&scene, project), ana->descriptor);
        scene_close(&scene);
}

static void test_mistakes(void **state) {
        static const struct {
                const char *body;
                const char *error;
        } ROWS[] = {
                {"{\"op\":\"dance\"}",
                 "body: $.op: \"dance\" is no change; see README.md for those there are"},
                {"{}", "body: $: lacks \"op\""},
                {"nothing", "the body is no JSON"},
                {"{\"organization\":\"none\",\"op\":\"x\"}",
                 "body: $.organization: there is no \"none\""},
                {"{\"as\":\"none\",\"op\":\"x\"}", "body: $.as: nobody is called \"none\""},
                {"{\"op\":\"create_repository\",\"name\":\"r\"}", "body: $: lacks \"project\""},
                {"{\"op\":\"create_repository\",\"name\":\"r\",\"project\":\"none\"}",
                 "body: $.project: there is no project \"none\""},
                {"{\"changes\":[{\"op\":\"create_project\",\"name\":\"P\"},{\"op\":\"create_project\",\"nam\":\"P\"}]}",
                 "body: $.changes[1].nam: is no key of this\nbody: $.changes[1]: lacks \"name\""},
        };
        Scene scene;

        scene_open(&scene);
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_string_equal(text_at(scene_ask(&scene, 400, (Ask){.body = ROWS[i].body},
                                                      "/_simulator/hand"),
                                            "error"),
                                    ROWS[i].error);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_story),
                cmocka_unit_test(test_enforcement),
                cmocka_unit_test(test_creator),
                cmocka_unit_test(test_people_get_other_descriptors),
                cmocka_unit_test(test_mistakes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
